//! PKCS #12 (RFC 7292): safes of bags, each safe open or encrypted, keys encrypted once more; an HMAC over all of it.

use super::der::{Der, EXPLICIT_0, IMPLICIT_0, OCTETS, OID, SEQUENCE, SET, Value};
use super::{KeyEntry, KeyStore, KeyStoreError, Sealed};
use crate::text::Text;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

/// Object identifiers, without tag and length.
mod oid {
    pub const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
    pub const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
    pub const KEY_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01";
    pub const SHROUDED_KEY_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02";
    pub const CERTIFICATE_BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03";
    pub const X509: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";
    pub const FRIENDLY_NAME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14";
    pub const LOCAL_KEY_ID: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x15";
    /// Java's mark of a certificate that is an entry of its own.
    pub const TRUSTED_KEY_USAGE: &[u8] = b"\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01";
    pub const SHA1_3DES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03";
    pub const SHA1_2DES: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04";
    pub const SHA1_RC2_128: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05";
    pub const SHA1_RC2_40: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06";
    pub const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    pub const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
    pub const HMAC_SHA1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x07";
    pub const HMAC_SHA256: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x09";
    pub const HMAC_SHA384: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0a";
    pub const HMAC_SHA512: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02\x0b";
    pub const AES_128: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x02";
    pub const AES_192: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x16";
    pub const AES_256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a";
    pub const DES_EDE3: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
    pub const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
    pub const SHA256: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x01";
    pub const SHA384: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x02";
    pub const SHA512: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02\x03";
}

/// Java's own bound on iterations (`PKCS12KeyStore.MAX_ITERATION_COUNT`).
const MOST_ITERATIONS: u32 = 5_000_000;

pub(super) fn read(bytes: &[u8], password: &str) -> Result<KeyStore, KeyStoreError> {
    let mut pfx = Der::new(bytes).enter(SEQUENCE)?;
    pfx.number()?;
    let mut safe = pfx.enter(SEQUENCE)?;
    if safe.take(OID)?.body != oid::DATA {
        return Err(KeyStoreError::Algorithm);
    }
    let content = safe.enter(EXPLICIT_0)?.take(OCTETS)?.body;
    if !pfx.is_empty() {
        check(pfx.enter(SEQUENCE)?, content, password)?;
    }
    let mut bags = Bags::default();
    let mut safes = Der::new(content).enter(SEQUENCE)?;
    while !safes.is_empty() {
        let mut info = safes.enter(SEQUENCE)?;
        let kind = info.take(OID)?.body;
        let mut content = info.enter(EXPLICIT_0)?;
        if kind == oid::DATA {
            bags.add_all(content.take(OCTETS)?.body)?;
        } else if kind == oid::ENCRYPTED_DATA {
            let mut data = content.enter(SEQUENCE)?;
            data.number()?;
            let mut data = data.enter(SEQUENCE)?;
            data.take(OID)?;
            let algorithm = data.enter(SEQUENCE)?;
            let sealed = data.take(IMPLICIT_0)?.body;
            bags.add_all(&decrypt(algorithm, sealed, password)?)?;
        } else {
            return Err(KeyStoreError::Algorithm);
        }
    }
    bags.into_store()
}

/// Opens a key that is encrypted by itself (`EncryptedPrivateKeyInfo`).
pub(super) fn unseal(key: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut info = Der::new(key).enter(SEQUENCE)?;
    let algorithm = info.enter(SEQUENCE)?;
    let plain = decrypt(algorithm, info.take(OCTETS)?.body, password)?;
    // A wrong key may leave padding that looks right.
    Der::new(&plain).take(SEQUENCE).map_err(|_| KeyStoreError::Password)?;
    Ok(plain)
}

/// Checks the sum over the safes (`MacData`).
fn check(mut mac: Der<'_>, content: &[u8], password: &str) -> Result<(), KeyStoreError> {
    let mut info = mac.enter(SEQUENCE)?;
    let algorithm = info.enter(SEQUENCE)?.take(OID)?.body;
    let expected = info.take(OCTETS)?.body;
    let salt = mac.take(OCTETS)?.body;
    let iterations = if mac.is_empty() { 1 } else { mac.number()? };
    let (hash, sum) = match algorithm {
        oid::SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        oid::SHA256 => (&digest::SHA256, hmac::HMAC_SHA256),
        oid::SHA384 => (&digest::SHA384, hmac::HMAC_SHA384),
        oid::SHA512 => (&digest::SHA512, hmac::HMAC_SHA512),
        _ => return Err(KeyStoreError::Algorithm),
    };
    let key = derive(hash, Purpose::Mac, password, salt, iterations, hash.output_len())?;
    hmac::verify(&hmac::Key::new(sum, &key), content, expected).map_err(|_| KeyStoreError::Password)
}

/// What a bag was found to be.
#[derive(Default)]
struct Bags {
    keys: Vec<(Attributes, Sealed)>,
    certificates: Vec<(Attributes, Vec<u8>)>,
}

#[derive(Default)]
struct Attributes {
    name: Option<String>,
    key_id: Option<Vec<u8>>,
    is_trusted: bool,
}

impl Bags {
    fn add_all(&mut self, contents: &[u8]) -> Result<(), KeyStoreError> {
        let mut bags = Der::new(contents).enter(SEQUENCE)?;
        while !bags.is_empty() {
            let mut bag = bags.enter(SEQUENCE)?;
            let kind = bag.take(OID)?.body;
            let mut value = bag.enter(EXPLICIT_0)?;
            let attributes = match bag.take_if(SET)? {
                Some(set) => attributes(Der::new(set.body))?,
                None => Attributes::default(),
            };
            if kind == oid::KEY_BAG {
                self.keys.push((attributes, Sealed::Open(value.take(SEQUENCE)?.whole.to_vec())));
            } else if kind == oid::SHROUDED_KEY_BAG {
                self.keys.push((attributes, Sealed::Pkcs8(value.take(SEQUENCE)?.whole.to_vec())));
            } else if kind == oid::CERTIFICATE_BAG {
                let mut certificate = value.enter(SEQUENCE)?;
                if certificate.take(OID)?.body == oid::X509 {
                    let certificate = certificate.enter(EXPLICIT_0)?.take(OCTETS)?.body;
                    self.certificates.push((attributes, certificate.to_vec()));
                }
            }
        }
        Ok(())
    }

    /// Finds the certificates of each key (`PKCS12KeyStore.engineLoad`): its own by its number, the others by their
    /// issuers' names.
    fn into_store(self) -> Result<KeyStore, KeyStoreError> {
        let Bags { keys, certificates } = self;
        let mut unnamed = 0;
        let mut entries: Vec<KeyEntry> = Vec::with_capacity(keys.len());
        let is_only_key = keys.len() == 1;
        for (attributes, sealed) in keys {
            let alias = attributes.name.map_or_else(
                || {
                    unnamed += 1;
                    unnamed.to_string()
                },
                |name| name.to_lowercase(),
            );
            let own = certificates.iter().find(|(of, _)| match &attributes.key_id {
                Some(key_id) => of.key_id.as_ref() == Some(key_id),
                None => is_only_key,
            });
            let mut chain: Vec<Vec<u8>> = own.map(|(_, certificate)| certificate.clone()).into_iter().collect();
            while let Some(last) = chain.last() {
                let (issuer, subject) = names(last)?;
                let next = certificates
                    .iter()
                    .map(|(_, certificate)| certificate)
                    .find(|certificate| names(certificate).is_ok_and(|(_, of)| of == issuer));
                match next {
                    Some(next) if issuer != subject && !chain.contains(next) => chain.push(next.clone()),
                    _ => break,
                }
            }
            let entry = KeyEntry { alias: Text::from(alias), chain, sealed };
            match entries.iter_mut().find(|known| known.alias == entry.alias) {
                Some(known) => *known = entry,
                None => entries.push(entry),
            }
        }
        let trusted =
            certificates.into_iter().filter(|(of, _)| of.is_trusted || (of.key_id.is_none() && entries.is_empty()));
        Ok(KeyStore { trusted: trusted.map(|(_, certificate)| certificate).collect(), keys: entries })
    }
}

fn attributes(mut set: Der<'_>) -> Result<Attributes, KeyStoreError> {
    let mut found = Attributes::default();
    while !set.is_empty() {
        let mut attribute = set.enter(SEQUENCE)?;
        let kind = attribute.take(OID)?.body;
        let mut values = attribute.enter(SET)?;
        if kind == oid::FRIENDLY_NAME {
            let units = values.next()?.body.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]]));
            found.name = Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect());
        } else if kind == oid::LOCAL_KEY_ID {
            found.key_id = Some(values.take(OCTETS)?.body.to_vec());
        } else if kind == oid::TRUSTED_KEY_USAGE {
            found.is_trusted = true;
        }
    }
    Ok(found)
}

/// Issuer and subject of a certificate, as they are encoded.
fn names(certificate: &[u8]) -> Result<(&[u8], &[u8]), KeyStoreError> {
    let mut content = Der::new(certificate).enter(SEQUENCE)?.enter(SEQUENCE)?;
    content.take_if(EXPLICIT_0)?;
    content.number_of_any_size()?;
    content.take(SEQUENCE)?;
    let issuer = content.take(SEQUENCE)?.whole;
    content.take(SEQUENCE)?;
    Ok((issuer, content.take(SEQUENCE)?.whole))
}

impl Der<'_> {
    /// Passes over a whole number.
    fn number_of_any_size(&mut self) -> Result<(), KeyStoreError> {
        self.take(super::der::INTEGER).map(|_: Value<'_>| ())
    }
}

/// Decrypts with the algorithm that an `AlgorithmIdentifier` names.
fn decrypt(mut algorithm: Der<'_>, sealed: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let kind = algorithm.take(OID)?.body;
    let mut parameters = algorithm.enter(SEQUENCE)?;
    if kind == oid::PBES2 {
        return decrypt_pbes2(parameters, sealed, password);
    }
    let salt = parameters.take(OCTETS)?.body;
    let iterations = parameters.number()?;
    let key = |length| derive(&digest::SHA1_FOR_LEGACY_USE_ONLY, Purpose::Key, password, salt, iterations, length);
    let iv = derive(&digest::SHA1_FOR_LEGACY_USE_ONLY, Purpose::Iv, password, salt, iterations, 8)?;
    match kind {
        oid::SHA1_3DES => plain(des::TdesEde3::new_from_slice(&key(24)?), &iv, sealed),
        oid::SHA1_2DES => plain(des::TdesEde2::new_from_slice(&key(16)?), &iv, sealed),
        oid::SHA1_RC2_128 => plain(Ok(rc2::Rc2::new_with_eff_key_len(&key(16)?, 128)), &iv, sealed),
        oid::SHA1_RC2_40 => plain(Ok(rc2::Rc2::new_with_eff_key_len(&key(5)?, 40)), &iv, sealed),
        _ => Err(KeyStoreError::Algorithm),
    }
}

/// The second scheme of PKCS #5: PBKDF2 and a cipher.
fn decrypt_pbes2(mut parameters: Der<'_>, sealed: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut function = parameters.enter(SEQUENCE)?;
    let mut scheme = parameters.enter(SEQUENCE)?;
    if function.take(OID)?.body != oid::PBKDF2 {
        return Err(KeyStoreError::Algorithm);
    }
    let mut function = function.enter(SEQUENCE)?;
    let salt = function.take(OCTETS)?.body;
    let iterations = bounded(function.number()?)?;
    function.take_if(super::der::INTEGER)?;
    let sum = match function.take_if(SEQUENCE)? {
        Some(sum) => Der::new(sum.body).take(OID)?.body,
        None => oid::HMAC_SHA1,
    };
    let sum = match sum {
        oid::HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
        oid::HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
        oid::HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
        oid::HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return Err(KeyStoreError::Algorithm),
    };
    let cipher = scheme.take(OID)?.body;
    let iv = scheme.take(OCTETS)?.body;
    let mut key = [0; 32];
    let key = match cipher {
        oid::AES_128 => &mut key[..16],
        oid::AES_192 | oid::DES_EDE3 => &mut key[..24],
        oid::AES_256 => &mut key[..],
        _ => return Err(KeyStoreError::Algorithm),
    };
    pbkdf2::derive(sum, iterations, salt, password.as_bytes(), key);
    match cipher {
        oid::AES_128 => plain(aes::Aes128::new_from_slice(key), iv, sealed),
        oid::AES_192 => plain(aes::Aes192::new_from_slice(key), iv, sealed),
        oid::AES_256 => plain(aes::Aes256::new_from_slice(key), iv, sealed),
        _ => plain(des::TdesEde3::new_from_slice(key), iv, sealed),
    }
}

/// What a block cipher hid, in CBC mode and with PKCS #7's padding; padding that is wrong speaks of a wrong password.
fn plain<C: BlockCipherDecrypt>(
    cipher: Result<C, cbc::cipher::InvalidLength>,
    iv: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, KeyStoreError> {
    let cipher = cipher.map_err(|_| KeyStoreError::Algorithm)?;
    let mode = cbc::Decryptor::inner_iv_slice_init(cipher, iv).map_err(|_| KeyStoreError::Format)?;
    mode.decrypt_padded_vec::<Pkcs7>(sealed).map_err(|_| KeyStoreError::Password)
}

/// What bytes are derived for (RFC 7292, B.3).
#[derive(Clone, Copy)]
enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// Bytes from a password, as PKCS #12 derives them (RFC 7292, B.2).
fn derive(
    hash: &'static digest::Algorithm,
    purpose: Purpose,
    password: &str,
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Result<Vec<u8>, KeyStoreError> {
    let iterations = bounded(iterations)?;
    let block = hash.block_len();
    let repeated = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .cycle()
            .take(if bytes.is_empty() { 0 } else { bytes.len().div_ceil(block) * block })
            .collect()
    };
    let password: Vec<u8> = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
    let mut input = repeated(salt);
    input.extend(repeated(&password));
    let mut derived = Vec::with_capacity(length + hash.output_len());
    loop {
        let mut context = digest::Context::new(hash);
        context.update(&vec![purpose as u8; block]);
        context.update(&input);
        let mut sum = context.finish();
        for _ in 1..iterations.get() {
            sum = digest::digest(hash, sum.as_ref());
        }
        derived.extend_from_slice(sum.as_ref());
        if derived.len() >= length {
            derived.truncate(length);
            return Ok(derived);
        }
        // Each block of the input is added to the sum, repeated to a block's length, and to one.
        let addend: Vec<u8> = sum.as_ref().iter().copied().cycle().take(block).collect();
        for part in input.chunks_mut(block) {
            let mut carry = 1;
            for (byte, add) in part.iter_mut().zip(&addend).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry as u8;
                carry >>= 8;
            }
        }
    }
}

fn bounded(iterations: u32) -> Result<NonZeroU32, KeyStoreError> {
    NonZeroU32::new(iterations).filter(|iterations| iterations.get() <= MOST_ITERATIONS).ok_or(KeyStoreError::Format)
}
