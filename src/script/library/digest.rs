//! `java.security.MessageDigest`, `javax.crypto.Mac`, and commons-codec's `DigestUtils` and `HmacUtils`.

use super::codec::{byte_array, bytes_of, hex};
use super::crypto::key_bytes;
use super::{Answer, Class, Fault, Method, arguments, java, object, takes};
use crate::script::budget;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use hmac::digest::KeyInit;
use hmac::{Mac as _, SimpleHmac};
use sha2::Digest;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An algorithm as Java names it, in whatever case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Md2,
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512of256,
    Sha3of224,
    Sha3of256,
    Sha3of384,
    Sha3of512,
}

fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name.to_ascii_uppercase().as_str() {
        "MD2" => Algorithm::Md2,
        "MD5" => Algorithm::Md5,
        "SHA" | "SHA1" | "SHA-1" => Algorithm::Sha1,
        "SHA-224" | "SHA224" => Algorithm::Sha224,
        "SHA-256" | "SHA256" => Algorithm::Sha256,
        "SHA-384" | "SHA384" => Algorithm::Sha384,
        "SHA-512" | "SHA512" => Algorithm::Sha512,
        "SHA-512/256" => Algorithm::Sha512of256,
        "SHA3-224" => Algorithm::Sha3of224,
        "SHA3-256" => Algorithm::Sha3of256,
        "SHA3-384" => Algorithm::Sha3of384,
        "SHA3-512" => Algorithm::Sha3of512,
        _ => return None,
    })
}

impl Algorithm {
    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Md2 => md2::Md2::digest(bytes).to_vec(),
            Self::Md5 => md5::Md5::digest(bytes).to_vec(),
            Self::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
            Self::Sha224 => sha2::Sha224::digest(bytes).to_vec(),
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
            Self::Sha512of256 => sha2::Sha512_256::digest(bytes).to_vec(),
            Self::Sha3of224 => sha3::Sha3_224::digest(bytes).to_vec(),
            Self::Sha3of256 => sha3::Sha3_256::digest(bytes).to_vec(),
            Self::Sha3of384 => sha3::Sha3_384::digest(bytes).to_vec(),
            Self::Sha3of512 => sha3::Sha3_512::digest(bytes).to_vec(),
        }
    }

    /// The keyed digest; none for algorithms that Java has no `Mac` of.
    fn mac(self, key: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        macro_rules! mac {
            ($digest:ty) => {{
                let mut mac = <SimpleHmac<$digest> as KeyInit>::new_from_slice(key).ok()?;
                mac.update(bytes);
                mac.finalize().into_bytes().to_vec()
            }};
        }
        Some(match self {
            Self::Md5 => mac!(md5::Md5),
            Self::Sha1 => mac!(sha1::Sha1),
            Self::Sha224 => mac!(sha2::Sha224),
            Self::Sha256 => mac!(sha2::Sha256),
            Self::Sha384 => mac!(sha2::Sha384),
            Self::Sha512 => mac!(sha2::Sha512),
            _ => return None,
        })
    }
}

/// The digest of bytes by an algorithm's name.
pub(crate) fn digest(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let unknown =
        || Thrown::new("java.security.NoSuchAlgorithmException", format!("{name} MessageDigest not available"));
    Ok(algorithm(name).ok_or_else(unknown)?.digest(bytes))
}

/// `java.security.MessageDigest`.
pub static MESSAGE_DIGEST: Class = Class {
    statics: &[
        java("getInstance", 1, 2, |_, _, args| {
            let name = arguments::text(args, 0)?;
            digest(&name, &[])?;
            Ok(Value::object(MessageDigest { name: name.into_owned(), bytes: Mutex::default() }))
        }),
        java("isEqual", 2, 2, |_, _, args| Ok((arguments::bytes(args, 0)? == arguments::bytes(args, 1)?).into())),
    ],
    methods: DIGEST_METHODS,
    ..Class::named("java.security.MessageDigest", &[&object::OBJECT])
};

/// What is digested is gathered first.
#[derive(Debug)]
struct MessageDigest {
    name: String,
    bytes: Mutex<Vec<u8>>,
}

impl Object for MessageDigest {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MESSAGE_DIGEST)
    }

    fn to_text(&self) -> String {
        format!("{} Message Digest from SUN, <initialized>\n", self.name)
    }
}

/// Bytes that may be gathered before they are digested.
const MOST: usize = 1 << 28;

fn gather(bytes: &Mutex<Vec<u8>>, args: &[Value]) -> Answer {
    let mut gathered = lock(bytes);
    match args {
        [one] if one.is_integral() => gathered.push(one.to_i64().unwrap_or(0) as u8),
        [_] => gathered.extend(arguments::bytes(args, 0)?),
        [_, Value::Int(from), Value::Int(count)] => {
            let (from, count) = ((*from).max(0) as usize, (*count).max(0) as usize);
            gathered.extend(arguments::bytes(args, 0)?.into_iter().skip(from).take(count));
        }
        _ => return Err(Fault::Mismatch),
    }
    if gathered.len() > MOST {
        return Err(budget::out_of_memory().into());
    }
    Ok(Value::Null)
}

fn lock(bytes: &Mutex<Vec<u8>>) -> MutexGuard<'_, Vec<u8>> {
    bytes.lock().unwrap_or_else(PoisonError::into_inner)
}

static DIGEST_METHODS: &[Method] = &[
    java("digest", 0, 1, |_, this, args| {
        let own: &MessageDigest = arguments::object(this)?;
        if !args.is_empty() {
            gather(&own.bytes, args)?;
        }
        let bytes = std::mem::take(&mut *lock(&own.bytes));
        Ok(byte_array(&digest(&own.name, &bytes)?))
    }),
    java("getAlgorithm", 0, 0, |_, this, _| Ok(arguments::object::<MessageDigest>(this)?.name.as_str().into())),
    java("getDigestLength", 0, 0, |_, this, _| {
        Ok((digest(&arguments::object::<MessageDigest>(this)?.name, &[])?.len() as i32).into())
    }),
    java("reset", 0, 0, |_, this, _| {
        lock(&arguments::object::<MessageDigest>(this)?.bytes).clear();
        Ok(Value::Null)
    }),
    java("update", 1, 3, |_, this, args| gather(&arguments::object::<MessageDigest>(this)?.bytes, args)),
];

/// `javax.crypto.Mac`.
pub static MAC: Class = Class {
    statics: &[java("getInstance", 1, 2, |_, _, args| {
        let name = arguments::text(args, 0)?;
        let unknown =
            || Thrown::new("java.security.NoSuchAlgorithmException", format!("Algorithm {name} not available"));
        let algorithm = mac_algorithm(&name).ok_or_else(unknown)?;
        let state = MacState { key: None, bytes: Vec::new() };
        Ok(Value::object(Mac { name: name.to_string(), algorithm, state: Mutex::new(state) }))
    })],
    methods: MAC_METHODS,
    ..Class::named("javax.crypto.Mac", &[&object::OBJECT])
};

fn mac_algorithm(name: &str) -> Option<Algorithm> {
    let upper = name.to_ascii_uppercase();
    let digest = upper.strip_prefix("HMAC").or_else(|| upper.strip_prefix("HMAC-"))?;
    algorithm(digest).filter(|algorithm| algorithm.mac(&[], &[]).is_some())
}

#[derive(Debug)]
struct Mac {
    name: String,
    algorithm: Algorithm,
    state: Mutex<MacState>,
}

struct MacState {
    key: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for MacState {
    /// Keys do not belong in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MacState").finish_non_exhaustive()
    }
}

impl Object for Mac {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MAC)
    }
}

impl Mac {
    fn state(&self) -> MutexGuard<'_, MacState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, args: &[Value]) -> Answer {
        let gathered = Mutex::default();
        gather(&gathered, args)?;
        self.state().bytes.extend(lock(&gathered).iter());
        Ok(Value::Null)
    }
}

static MAC_METHODS: &[Method] = &[
    java("doFinal", 0, 1, |_, this, args| {
        let mac: &Mac = arguments::object(this)?;
        if !args.is_empty() {
            mac.add(args)?;
        }
        let mut state = mac.state();
        let bytes = std::mem::take(&mut state.bytes);
        let uninitialized = || Thrown::new(exceptions::ILLEGAL_STATE, "MAC not initialized");
        let key = state.key.as_ref().ok_or_else(uninitialized)?;
        Ok(byte_array(&mac.algorithm.mac(key, &bytes).ok_or(Fault::Mismatch)?))
    }),
    java("getAlgorithm", 0, 0, |_, this, _| Ok(arguments::object::<Mac>(this)?.name.as_str().into())),
    java("getMacLength", 0, 0, |_, this, _| {
        Ok((arguments::object::<Mac>(this)?.algorithm.digest(&[]).len() as i32).into())
    }),
    java("init", 1, 2, |_, this, args| {
        let mac: &Mac = arguments::object(this)?;
        *mac.state() = MacState { key: Some(key_bytes(&args[0])?), bytes: Vec::new() };
        Ok(Value::Null)
    }),
    java("reset", 0, 0, |_, this, _| {
        arguments::object::<Mac>(this)?.state().bytes.clear();
        Ok(Value::Null)
    }),
    java("update", 1, 3, |_, this, args| arguments::object::<Mac>(this)?.add(args)),
];

/// `org.apache.commons.codec.digest.DigestUtils`.
pub static DIGEST_UTILS: Class = Class {
    statics: &[
        java("md5", 1, 1, |_, _, args| plain(args, "MD5")),
        java("md5Hex", 1, 1, |_, _, args| in_hex(args, "MD5")),
        java("sha", 1, 1, |_, _, args| plain(args, "SHA-1")),
        java("sha1", 1, 1, |_, _, args| plain(args, "SHA-1")),
        java("sha1Hex", 1, 1, |_, _, args| in_hex(args, "SHA-1")),
        java("sha256", 1, 1, |_, _, args| plain(args, "SHA-256")),
        java("sha256Hex", 1, 1, |_, _, args| in_hex(args, "SHA-256")),
        java("sha384", 1, 1, |_, _, args| plain(args, "SHA-384")),
        java("sha384Hex", 1, 1, |_, _, args| in_hex(args, "SHA-384")),
        java("sha512", 1, 1, |_, _, args| plain(args, "SHA-512")),
        java("sha512Hex", 1, 1, |_, _, args| in_hex(args, "SHA-512")),
        java("shaHex", 1, 1, |_, _, args| in_hex(args, "SHA-1")),
    ],
    ..Class::named("org.apache.commons.codec.digest.DigestUtils", &[&object::OBJECT])
};

fn plain(args: &[Value], name: &str) -> Answer {
    Ok(byte_array(&digest(name, &bytes_of(&args[0])?)?))
}

fn in_hex(args: &[Value], name: &str) -> Answer {
    Ok(hex(&digest(name, &bytes_of(&args[0])?)?).into())
}

/// `org.apache.commons.codec.digest.HmacUtils`.
pub static HMAC_UTILS: Class = Class {
    constructor: takes(2, 2, |_, _, args| {
        let algorithm = mac_algorithm(&super::string::chars_or_text(arguments::first(args)?)).ok_or(Fault::Mismatch)?;
        Ok(Value::object(HmacUtils { algorithm, key: bytes_of(args.get(1).ok_or(Fault::Mismatch)?)? }))
    }),
    statics: &[
        java("hmacMd5Hex", 2, 2, |_, _, args| keyed_hex(args, Algorithm::Md5)),
        java("hmacSha1Hex", 2, 2, |_, _, args| keyed_hex(args, Algorithm::Sha1)),
        java("hmacSha256Hex", 2, 2, |_, _, args| keyed_hex(args, Algorithm::Sha256)),
        java("hmacSha384Hex", 2, 2, |_, _, args| keyed_hex(args, Algorithm::Sha384)),
        java("hmacSha512Hex", 2, 2, |_, _, args| keyed_hex(args, Algorithm::Sha512)),
        java("hmacSha1", 2, 2, |_, _, args| Ok(byte_array(&keyed(args, Algorithm::Sha1)?))),
        java("hmacSha256", 2, 2, |_, _, args| Ok(byte_array(&keyed(args, Algorithm::Sha256)?))),
        java("hmacSha512", 2, 2, |_, _, args| Ok(byte_array(&keyed(args, Algorithm::Sha512)?))),
    ],
    methods: &[
        java("hmac", 1, 1, |_, this, args| {
            let own: &HmacUtils = arguments::object(this)?;
            Ok(byte_array(&own.algorithm.mac(&own.key, &bytes_of(&args[0])?).ok_or(Fault::Mismatch)?))
        }),
        java("hmacHex", 1, 1, |_, this, args| {
            let own: &HmacUtils = arguments::object(this)?;
            Ok(hex(&own.algorithm.mac(&own.key, &bytes_of(&args[0])?).ok_or(Fault::Mismatch)?).into())
        }),
    ],
    ..Class::named("org.apache.commons.codec.digest.HmacUtils", &[&object::OBJECT])
};

struct HmacUtils {
    algorithm: Algorithm,
    key: Vec<u8>,
}

impl std::fmt::Debug for HmacUtils {
    /// Keys do not belong in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HmacUtils").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Object for HmacUtils {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&HMAC_UTILS)
    }
}

fn keyed(args: &[Value], algorithm: Algorithm) -> Result<Vec<u8>, Fault> {
    algorithm.mac(&bytes_of(&args[0])?, &bytes_of(&args[1])?).ok_or(Fault::Mismatch)
}

fn keyed_hex(args: &[Value], algorithm: Algorithm) -> Answer {
    Ok(hex(&keyed(args, algorithm)?).into())
}
