//! Java's key stores, read: PKCS #12 and JKS, whichever of the two a file is (Java does not heed the declared type
//! either). Keys stay sealed until they are asked for; entries are in the order in which Java enumerates them, since
//! JMeter counts them.

mod der;
mod jks;
mod pkcs12;

use crate::text::Text;
use thiserror::Error;

/// No store is larger: what a plan points at by mistake is not read into memory.
pub const LARGEST: u64 = 64 << 20;

/// A store that was read and whose integrity was checked.
#[derive(Debug)]
pub struct KeyStore {
    /// Private keys with their certificates, in Java's order.
    pub keys: Vec<KeyEntry>,
    /// Certificates that are trusted, as DER.
    pub trusted: Vec<Vec<u8>>,
}

/// A private key and its certificates.
#[derive(Debug)]
pub struct KeyEntry {
    /// Its name, in lower case as Java has it.
    pub alias: Text,
    /// The certificates as DER, the key's own first.
    pub chain: Vec<Vec<u8>>,
    sealed: Sealed,
}

/// A key as the store has it.
#[derive(Debug)]
enum Sealed {
    Open(Vec<u8>),
    Jks(Vec<u8>),
    Pkcs8(Vec<u8>),
}

/// Why a store, or a key in it, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyStoreError {
    /// Neither of the two formats, or broken.
    #[error("it is no PKCS #12 or JKS key store, or it is damaged")]
    Format,
    /// `JCEKS`, which seals keys in serialised Java objects.
    #[error("it is a JCEKS key store, which is not supported; keytool -importkeystore makes it PKCS12")]
    Jceks,
    /// The check sum does not fit.
    #[error("the password is wrong, or the key store was tampered with")]
    Password,
    /// An algorithm that is not there.
    #[error("it is encrypted in a way that is not supported; keytool -importkeystore makes it PKCS12")]
    Algorithm,
}

impl KeyStore {
    /// Reads a store.
    pub fn read(bytes: &[u8], password: &str) -> Result<Self, KeyStoreError> {
        match bytes {
            [0xfe, 0xed, 0xfe, 0xed, ..] => jks::read(bytes, Some(password)),
            [0xce, 0xce, 0xce, 0xce, ..] => Err(KeyStoreError::Jceks),
            _ => pkcs12::read(bytes, password),
        }
    }

    /// Reads a store for its certificates only; those of a JKS need no password.
    pub fn read_trusted(bytes: &[u8], password: Option<&str>) -> Result<Self, KeyStoreError> {
        match (bytes, password) {
            ([0xfe, 0xed, 0xfe, 0xed, ..], None) => jks::read(bytes, None),
            (_, password) => Self::read(bytes, password.unwrap_or_default()),
        }
    }
}

impl KeyEntry {
    /// The key as PKCS #8.
    pub fn open(&self, password: &str) -> Result<Vec<u8>, KeyStoreError> {
        match &self.sealed {
            Sealed::Open(key) => Ok(key.clone()),
            Sealed::Jks(key) => jks::unseal(key, password),
            Sealed::Pkcs8(key) => pkcs12::unseal(key, password),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JKS: &[u8] = include_bytes!("../../fixtures/keystore/clients.jks");
    const PKCS12: &[u8] = include_bytes!("../../fixtures/keystore/clients.p12");
    const LEGACY: &[u8] = include_bytes!("../../fixtures/keystore/legacy.p12");
    const RC2_128: &[u8] = include_bytes!("../../fixtures/keystore/rc2-128.p12");
    const UNNAMED: &[u8] = include_bytes!("../../fixtures/keystore/unnamed.p12");

    /// Aliases, lengths of chains, and whether all keys open with the password.
    fn check(store: &[u8], expected: &str) {
        let store = KeyStore::read(store, "changeit").unwrap();
        let told: Vec<String> =
            store.keys.iter().map(|entry| format!("{}:{}", entry.alias, entry.chain.len())).collect();
        assert_eq!(told.join(" "), expected);
        for entry in &store.keys {
            let key = entry.open("changeit").unwrap();
            rustls::crypto::ring::sign::any_supported_type(&key.try_into().unwrap()).unwrap();
            assert!(matches!(entry.open("wrong"), Err(KeyStoreError::Password)), "{}", entry.alias);
        }
    }

    /// The orders are those in which keytool and JMeter enumerate these files.
    #[test]
    fn keys_come_in_javas_order() {
        check(JKS, "alice:2 carol:2 bob:2");
        check(PKCS12, "alice:2 bob:2 carol:2");
    }

    #[test]
    fn old_encryptions_are_read() {
        check(LEGACY, "alice:2");
        check(RC2_128, "bob:2");
        check(UNNAMED, "1:1");
    }

    #[test]
    fn flaws_are_told_apart() {
        let flaw = |bytes: &[u8], password: &str| KeyStore::read(bytes, password).unwrap_err();
        assert_eq!(flaw(JKS, "wrong"), KeyStoreError::Password);
        assert_eq!(flaw(PKCS12, "wrong"), KeyStoreError::Password);
        assert_eq!(flaw(b"-----BEGIN CERTIFICATE-----", ""), KeyStoreError::Format);
        assert_eq!(flaw(b"", ""), KeyStoreError::Format);
        assert_eq!(flaw(&[0xce; 40], ""), KeyStoreError::Jceks);
        assert_eq!(KeyStore::read_trusted(JKS, None).unwrap().keys.len(), 3);
    }

    #[test]
    fn no_damage_panics() {
        for store in [JKS, PKCS12, LEGACY] {
            for at in (0..store.len()).step_by(7) {
                assert!(KeyStore::read(&store[..at], "changeit").is_err());
                let mut damaged = store.to_vec();
                damaged[at] ^= 0x55;
                if let Ok(read) = KeyStore::read(&damaged, "changeit") {
                    read.keys.iter().for_each(|entry| drop(entry.open("changeit")));
                }
            }
        }
    }
}
