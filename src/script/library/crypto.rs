//! `javax.crypto.Cipher`, keys, and `java.security.Signature`.

use super::codec::byte_array;
use super::random::secure_bytes;
use super::{Answer, Class, Fault, Method, arguments, java, object, takes};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use ring::signature::{self, KeyPair};
use std::sync::{Mutex, MutexGuard, PoisonError};

fn security(class: &str, message: impl AsRef<str>) -> Fault {
    Thrown::new(&format!("java.security.{class}"), message).into()
}

/// A key, or what belongs to one: its bytes must never be logged.
pub struct Secret {
    class: &'static Class,
    algorithm: String,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Object for Secret {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Secret>(other).is_ok_and(|other| other.bytes == self.bytes)
    }
}

fn secret(class: &'static Class, algorithm: &str, bytes: Vec<u8>) -> Value {
    Value::object(Secret { class, algorithm: algorithm.to_owned(), bytes })
}

/// The bytes of a key.
pub(crate) fn key_bytes(value: &Value) -> Result<Vec<u8>, Fault> {
    Ok(arguments::object::<Secret>(value)?.bytes.clone())
}

static KEY_METHODS: &[Method] = &[
    java("getAlgorithm", 0, 0, |_, this, _| Ok(arguments::object::<Secret>(this)?.algorithm.as_str().into())),
    java("getEncoded", 0, 0, |_, this, _| Ok(byte_array(&key_bytes(this)?))),
    java("getFormat", 0, 0, |_, this, _| {
        let class = arguments::object::<Secret>(this)?.class.name;
        Ok(match class {
            "sun.security.x509.X509Key" => "X.509",
            "javax.crypto.spec.SecretKeySpec" => "RAW",
            _ => "PKCS#8",
        }
        .into())
    }),
    java("getIV", 0, 0, |_, this, _| Ok(byte_array(&key_bytes(this)?))),
];

/// `javax.crypto.spec.SecretKeySpec`.
pub static SECRET_KEY_SPEC: Class = Class {
    constructor: takes(2, 4, |_, _, args| {
        let (mut bytes, name) = (arguments::bytes(args, 0)?, arguments::text(args, args.len() - 1)?);
        if args.len() == 4 {
            let (from, count) = (arguments::int(args, 1)?.max(0) as usize, arguments::int(args, 2)?.max(0) as usize);
            bytes = bytes.into_iter().skip(from).take(count).collect();
        }
        if bytes.is_empty() {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Empty key").into());
        }
        Ok(secret(&SECRET_KEY_SPEC, &name, bytes))
    }),
    methods: KEY_METHODS,
    ..Class::named("javax.crypto.spec.SecretKeySpec", &[&object::OBJECT])
};

/// `javax.crypto.spec.IvParameterSpec`.
pub static IV_PARAMETER_SPEC: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(secret(&IV_PARAMETER_SPEC, "", arguments::bytes(args, 0)?))),
    methods: KEY_METHODS,
    ..Class::named("javax.crypto.spec.IvParameterSpec", &[&object::OBJECT])
};

/// `javax.crypto.spec.GCMParameterSpec`; the length of its tag is always 128 bits.
pub static GCM_PARAMETER_SPEC: Class = Class {
    constructor: takes(2, 2, |_, _, args| {
        if arguments::int(args, 0)? != 128 {
            return Err(Thrown::new(exceptions::UNSUPPORTED, "GCM tags of 128 bits only").into());
        }
        Ok(secret(&GCM_PARAMETER_SPEC, "", arguments::bytes(args, 1)?))
    }),
    methods: KEY_METHODS,
    ..Class::named("javax.crypto.spec.GCMParameterSpec", &[&object::OBJECT])
};

/// `java.security.spec.PKCS8EncodedKeySpec`.
pub static PKCS8_SPEC: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(secret(&PKCS8_SPEC, "", arguments::bytes(args, 0)?))),
    methods: KEY_METHODS,
    ..Class::named("java.security.spec.PKCS8EncodedKeySpec", &[&object::OBJECT])
};

/// `java.security.spec.X509EncodedKeySpec`.
pub static X509_SPEC: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(secret(&X509_SPEC, "", arguments::bytes(args, 0)?))),
    methods: KEY_METHODS,
    ..Class::named("java.security.spec.X509EncodedKeySpec", &[&object::OBJECT])
};

/// `java.security.PrivateKey`.
pub static PRIVATE_KEY: Class =
    Class { methods: KEY_METHODS, ..Class::named("sun.security.pkcs.PKCS8Key", &[&object::OBJECT]) };

/// `java.security.PublicKey`.
pub static PUBLIC_KEY: Class =
    Class { methods: KEY_METHODS, ..Class::named("sun.security.x509.X509Key", &[&object::OBJECT]) };

/// `java.security.KeyFactory` of RSA and EC.
pub static KEY_FACTORY: Class = Class {
    statics: &[java("getInstance", 1, 2, |_, _, args| {
        let name = arguments::text(args, 0)?;
        if !matches!(&*name, "RSA" | "EC") {
            return Err(security("NoSuchAlgorithmException", format!("{name} KeyFactory not available")));
        }
        Ok(secret(&KEY_FACTORY, &name, Vec::new()))
    })],
    methods: &[
        java("generatePrivate", 1, 1, |_, this, args| {
            let bytes = key_bytes(&args[0])?;
            let factory: &Secret = arguments::object(this)?;
            if !is_private(&factory.algorithm, &bytes) {
                return Err(security(
                    "spec.InvalidKeySpecException",
                    "java.security.InvalidKeyException: invalid key format",
                ));
            }
            Ok(secret(&PRIVATE_KEY, &factory.algorithm, bytes))
        }),
        java("generatePublic", 1, 1, |_, this, args| {
            Ok(secret(&PUBLIC_KEY, &arguments::object::<Secret>(this)?.algorithm, key_bytes(&args[0])?))
        }),
    ],
    ..Class::named("java.security.KeyFactory", &[&object::OBJECT])
};

fn is_private(algorithm: &str, bytes: &[u8]) -> bool {
    // A document of PKCS#8: a sequence that holds version 0 and the algorithm.
    let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    let ec = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    let wanted: &[u8] = if algorithm == "RSA" { &rsa } else { &ec };
    bytes.first() == Some(&0x30) && bytes.windows(wanted.len()).take(64).any(|window| window == wanted)
}

/// `javax.crypto.KeyGenerator`.
pub static KEY_GENERATOR: Class = Class {
    statics: &[java("getInstance", 1, 2, |_, _, args| {
        Ok(Value::object(KeyGenerator { name: arguments::text(args, 0)?.into_owned(), bits: Mutex::new(256) }))
    })],
    methods: &[
        java("generateKey", 0, 0, |_, this, _| {
            let generator: &KeyGenerator = arguments::object(this)?;
            let bits = *generator.bits.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(secret(&SECRET_KEY_SPEC, &generator.name, secure_bytes(bits / 8)?))
        }),
        java("init", 1, 2, |_, this, args| {
            if let Ok(bits) = arguments::int(args, 0) {
                let generator: &KeyGenerator = arguments::object(this)?;
                *generator.bits.lock().unwrap_or_else(PoisonError::into_inner) = bits.clamp(8, 1 << 16) as usize;
            }
            Ok(Value::Null)
        }),
    ],
    ..Class::named("javax.crypto.KeyGenerator", &[&object::OBJECT])
};

#[derive(Debug)]
struct KeyGenerator {
    name: String,
    bits: Mutex<usize>,
}

impl Object for KeyGenerator {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&KEY_GENERATOR)
    }
}

/// `javax.crypto.Cipher` of AES.
pub static CIPHER: Class = Class {
    statics: &[java("getInstance", 1, 2, |_, _, args| {
        let name = arguments::text(args, 0)?;
        let upper = name.to_ascii_uppercase();
        let mut parts = upper.split('/');
        let (algorithm, mode, padding) =
            (parts.next(), parts.next().unwrap_or("ECB"), parts.next().unwrap_or("PKCS5PADDING"));
        let mode = match mode {
            "ECB" => Mode::Ecb,
            "CBC" => Mode::Cbc,
            "GCM" => Mode::Gcm,
            _ => return Err(no_cipher(&name)),
        };
        if algorithm != Some("AES") || !matches!(padding, "PKCS5PADDING" | "NOPADDING") {
            return Err(no_cipher(&name));
        }
        let padded = padding == "PKCS5PADDING";
        Ok(Value::object(Cipher { name: name.to_string(), mode, padded, state: Mutex::default() }))
    })],
    constants: &[
        ("DECRYPT_MODE", || 2.into()),
        ("ENCRYPT_MODE", || 1.into()),
        ("UNWRAP_MODE", || 4.into()),
        ("WRAP_MODE", || 3.into()),
    ],
    methods: &[
        java("doFinal", 0, 1, |_, this, args| {
            let cipher: &Cipher = arguments::object(this)?;
            let mut state = cipher.state();
            if !args.is_empty() {
                let more = arguments::bytes(args, 0)?;
                state.gathered.extend(more);
            }
            let bytes = std::mem::take(&mut state.gathered);
            Ok(byte_array(&cipher.run(&state, bytes)?))
        }),
        java("getAlgorithm", 0, 0, |_, this, _| Ok(arguments::object::<Cipher>(this)?.name.as_str().into())),
        java("getBlockSize", 0, 0, |_, _, _| Ok(16.into())),
        java("getIV", 0, 0, |_, this, _| Ok(byte_array(&arguments::object::<Cipher>(this)?.state().iv))),
        java("init", 2, 4, init),
        java("update", 1, 1, |_, this, args| {
            arguments::object::<Cipher>(this)?.state().gathered.extend(arguments::bytes(args, 0)?);
            Ok(byte_array(&[]))
        }),
        java("updateAAD", 1, 1, |_, this, args| {
            arguments::object::<Cipher>(this)?.state().extra.extend(arguments::bytes(args, 0)?);
            Ok(Value::Null)
        }),
    ],
    ..Class::named("javax.crypto.Cipher", &[&object::OBJECT])
};

fn no_cipher(name: &str) -> Fault {
    security("NoSuchAlgorithmException", format!("Cannot find any provider supporting {name}"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Ecb,
    Cbc,
    Gcm,
}

#[derive(Debug)]
struct Cipher {
    name: String,
    mode: Mode,
    padded: bool,
    state: Mutex<CipherState>,
}

#[derive(Default)]
struct CipherState {
    encrypt: bool,
    key: Vec<u8>,
    iv: Vec<u8>,
    gathered: Vec<u8>,
    extra: Vec<u8>,
}

impl std::fmt::Debug for CipherState {
    /// Keys do not belong in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CipherState").finish_non_exhaustive()
    }
}

impl Object for Cipher {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&CIPHER)
    }
}

fn init(_: &mut crate::script::machine::Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let cipher: &Cipher = arguments::object(this)?;
    let key = key_bytes(&args[1])?;
    if !matches!(key.len(), 16 | 24 | 32) {
        return Err(security("InvalidKeyException", format!("Invalid AES key length: {} bytes", key.len())));
    }
    let encrypt = matches!(arguments::int(args, 0)?, 1 | 3);
    let iv = match args.get(2).and_then(|spec| key_bytes(spec).ok()) {
        Some(iv) => {
            if cipher.mode == Mode::Cbc && iv.len() != 16 {
                return Err(security("InvalidAlgorithmParameterException", "Wrong IV length: must be 16 bytes long"));
            }
            if cipher.mode == Mode::Ecb {
                return Err(security("InvalidAlgorithmParameterException", "ECB mode cannot use IV"));
            }
            iv
        }
        None if cipher.mode == Mode::Ecb => Vec::new(),
        None if encrypt => secure_bytes(if cipher.mode == Mode::Gcm { 12 } else { 16 })?,
        None => return Err(security("InvalidKeyException", "Parameters missing")),
    };
    *cipher.state() = CipherState { encrypt, key, iv, gathered: Vec::new(), extra: Vec::new() };
    Ok(Value::Null)
}

/// Runs a block cipher over bytes by the length of the key.
macro_rules! by_key {
    ($state:expr, $bytes:expr, $mode:ident, $direction:ident, $run:ident, $padding:ty, $($iv:expr)?) => {
        match $state.key.len() {
            16 => by_key!(@ $mode::$direction::<aes::Aes128>, $state, $bytes, $run, $padding, $($iv)?),
            24 => by_key!(@ $mode::$direction::<aes::Aes192>, $state, $bytes, $run, $padding, $($iv)?),
            _ => by_key!(@ $mode::$direction::<aes::Aes256>, $state, $bytes, $run, $padding, $($iv)?),
        }
    };
    (@ $cipher:ty, $state:expr, $bytes:expr, $run:ident, $padding:ty, $iv:expr) => {
        <$cipher>::new_from_slices(&$state.key, $iv).ok().map(|cipher| cipher.$run::<$padding>($bytes))
    };
    (@ $cipher:ty, $state:expr, $bytes:expr, $run:ident, $padding:ty,) => {
        <$cipher>::new_from_slice(&$state.key).ok().map(|cipher| cipher.$run::<$padding>($bytes))
    };
}

impl Cipher {
    fn state(&self) -> MutexGuard<'_, CipherState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, state: &CipherState, bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
        if state.key.is_empty() {
            return Err(Thrown::new(exceptions::ILLEGAL_STATE, "Cipher not initialized").into());
        }
        if self.mode == Mode::Gcm {
            return gcm(state, bytes);
        }
        let size = || {
            Fault::from(Thrown::new(
                "javax.crypto.IllegalBlockSizeException",
                if state.encrypt {
                    "Input length not multiple of 16 bytes"
                } else {
                    "Input length must be multiple of 16 when decrypting with padded cipher"
                },
            ))
        };
        if !bytes.len().is_multiple_of(16) && (!self.padded || !state.encrypt) {
            return Err(size());
        }
        let bytes = &bytes[..];
        let iv = &state.iv[..];
        if state.encrypt {
            let done = match (self.mode, self.padded) {
                (Mode::Ecb, true) => by_key!(state, bytes, ecb, Encryptor, encrypt_padded_vec, Pkcs7,),
                (Mode::Ecb, false) => by_key!(state, bytes, ecb, Encryptor, encrypt_padded_vec, NoPadding,),
                (_, true) => by_key!(state, bytes, cbc, Encryptor, encrypt_padded_vec, Pkcs7, iv),
                (_, false) => by_key!(state, bytes, cbc, Encryptor, encrypt_padded_vec, NoPadding, iv),
            };
            return done.ok_or(Fault::Mismatch);
        }
        let done = match (self.mode, self.padded) {
            (Mode::Ecb, true) => by_key!(state, bytes, ecb, Decryptor, decrypt_padded_vec, Pkcs7,),
            (Mode::Ecb, false) => by_key!(state, bytes, ecb, Decryptor, decrypt_padded_vec, NoPadding,),
            (_, true) => by_key!(state, bytes, cbc, Decryptor, decrypt_padded_vec, Pkcs7, iv),
            (_, false) => by_key!(state, bytes, cbc, Decryptor, decrypt_padded_vec, NoPadding, iv),
        };
        let message =
            "Given final block not properly padded. Such issues can arise if a bad key is used during decryption.";
        let padding = |_| Thrown::new("javax.crypto.BadPaddingException", message);
        Ok(done.ok_or(Fault::Mismatch)?.map_err(padding)?)
    }
}

fn gcm(state: &CipherState, mut bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    use ring::aead;
    let algorithm = match state.key.len() {
        16 => &aead::AES_128_GCM,
        32 => &aead::AES_256_GCM,
        _ => return Err(Thrown::new(exceptions::UNSUPPORTED, "AES/GCM with keys of 128 and 256 bits only").into()),
    };
    let nonce = aead::Nonce::try_assume_unique_for_key(&state.iv)
        .map_err(|_| Thrown::new(exceptions::UNSUPPORTED, "AES/GCM with an IV of 12 bytes only"))?;
    let key = aead::UnboundKey::new(algorithm, &state.key).map_err(|_| Fault::Mismatch)?;
    let key = aead::LessSafeKey::new(key);
    let extra = aead::Aad::from(&state.extra);
    if state.encrypt {
        key.seal_in_place_append_tag(nonce, extra, &mut bytes).map_err(|_| Fault::Mismatch)?;
        return Ok(bytes);
    }
    let opened = key.open_in_place(nonce, extra, &mut bytes);
    Ok(opened.map_err(|_| Thrown::new("javax.crypto.AEADBadTagException", "Tag mismatch"))?.to_vec())
}

/// `java.security.Signature` of RSA and of ECDSA.
pub static SIGNATURE: Class = Class {
    statics: &[java("getInstance", 1, 2, |_, _, args| {
        let name = arguments::text(args, 0)?;
        let known = ["SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA256withECDSA", "SHA384withECDSA"];
        let Some(name) = known.iter().find(|known| known.eq_ignore_ascii_case(&name)) else {
            return Err(security("NoSuchAlgorithmException", format!("{name} Signature not available")));
        };
        Ok(Value::object(Signature { name, state: Mutex::default() }))
    })],
    methods: &[
        java("getAlgorithm", 0, 0, |_, this, _| Ok(arguments::object::<Signature>(this)?.name.into())),
        java("initSign", 1, 2, |_, this, args| {
            *arguments::object::<Signature>(this)?.state() = (key_bytes(&args[0])?, Vec::new());
            Ok(Value::Null)
        }),
        java("initVerify", 1, 1, |_, this, args| {
            *arguments::object::<Signature>(this)?.state() = (key_bytes(&args[0])?, Vec::new());
            Ok(Value::Null)
        }),
        java("sign", 0, 0, |_, this, _| {
            let own: &Signature = arguments::object(this)?;
            let (key, message) = std::mem::take(&mut *own.state());
            let signed = own.sign(&key, &message);
            own.state().0 = key;
            Ok(byte_array(&signed?))
        }),
        java("update", 1, 1, |_, this, args| {
            arguments::object::<Signature>(this)?.state().1.extend(arguments::bytes(args, 0)?);
            Ok(Value::Null)
        }),
        java("verify", 1, 1, |_, this, args| {
            let own: &Signature = arguments::object(this)?;
            let (key, message) = std::mem::take(&mut *own.state());
            let verified = own.verify(&key, &message, &arguments::bytes(args, 0)?);
            own.state().0 = key;
            Ok(verified?.into())
        }),
    ],
    ..Class::named("java.security.Signature", &[&object::OBJECT])
};

struct Signature {
    name: &'static str,
    /// The key and what is signed.
    state: Mutex<(Vec<u8>, Vec<u8>)>,
}

impl std::fmt::Debug for Signature {
    /// Keys do not belong in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signature").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Object for Signature {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&SIGNATURE)
    }
}

fn unusable(error: impl std::fmt::Display) -> Fault {
    security("InvalidKeyException", format!("the key cannot be used: {error}"))
}

impl Signature {
    fn state(&self) -> MutexGuard<'_, (Vec<u8>, Vec<u8>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sign(&self, key: &[u8], message: &[u8]) -> Result<Vec<u8>, Fault> {
        let random = ring::rand::SystemRandom::new();
        if self.name.ends_with("ECDSA") {
            let algorithm = if self.name.starts_with("SHA384") {
                &signature::ECDSA_P384_SHA384_ASN1_SIGNING
            } else {
                &signature::ECDSA_P256_SHA256_ASN1_SIGNING
            };
            let pair = signature::EcdsaKeyPair::from_pkcs8(algorithm, key, &random).map_err(unusable)?;
            return Ok(pair.sign(&random, message).map_err(unusable)?.as_ref().to_vec());
        }
        let pair = signature::RsaKeyPair::from_pkcs8(key).map_err(unusable)?;
        let padding: &dyn signature::RsaEncoding = match self.name {
            "SHA384withRSA" => &signature::RSA_PKCS1_SHA384,
            "SHA512withRSA" => &signature::RSA_PKCS1_SHA512,
            _ => &signature::RSA_PKCS1_SHA256,
        };
        let mut signed = vec![0; pair.public_key().as_ref().len().max(pair.public().modulus_len())];
        signed.truncate(pair.public().modulus_len());
        pair.sign(padding, &random, message, &mut signed).map_err(unusable)?;
        Ok(signed)
    }

    fn verify(&self, key: &[u8], message: &[u8], signed: &[u8]) -> Result<bool, Fault> {
        let algorithm: &dyn signature::VerificationAlgorithm = match self.name {
            "SHA384withRSA" => &signature::RSA_PKCS1_2048_8192_SHA384,
            "SHA512withRSA" => &signature::RSA_PKCS1_2048_8192_SHA512,
            "SHA256withECDSA" => &signature::ECDSA_P256_SHA256_ASN1,
            "SHA384withECDSA" => &signature::ECDSA_P384_SHA384_ASN1,
            _ => &signature::RSA_PKCS1_2048_8192_SHA256,
        };
        let public = public_bits(key).ok_or_else(|| unusable("it is no X.509 document"))?;
        Ok(signature::UnparsedPublicKey::new(algorithm, public).verify(message, signed).is_ok())
    }
}

/// The bits of the key within a `SubjectPublicKeyInfo`: what follows the algorithm, a bit string without unused bits.
fn public_bits(document: &[u8]) -> Option<&[u8]> {
    let (body, _) = element(document, 0x30)?;
    let (_, after_algorithm) = element(body, 0x30)?;
    let (bits, _) = element(after_algorithm, 0x03)?;
    bits.strip_prefix(&[0])
}

/// The content of a DER element of this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match usize::from(*length) {
        short @ 0..=0x7f => (short, rest),
        long => {
            let count = long & 0x7f;
            let digits = rest.get(..count).filter(|_| count <= 4)?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), &rest[count..])
        }
    };
    Some((rest.get(..length)?, &rest[length..]))
}
