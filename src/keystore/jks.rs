//! JKS (`sun.security.provider.JavaKeyStore`): a list of entries, a SHA-1 sum over it and the password; each key is
//! sealed with a stream of SHA-1 sums.

use super::der::{Der, OCTETS, SEQUENCE};
use super::{KeyEntry, KeyStore, KeyStoreError, Sealed};
use crate::java::number::string_hash_code;
use crate::text::Text;
use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY as SHA1, SHA1_OUTPUT_LEN};
use std::collections::BTreeMap;

const PRIVATE_KEY: u32 = 1;
const TRUSTED: u32 = 2;
/// What Sun put between password and entries.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// Reads a store; without a password its integrity is not checked.
pub(super) fn read(bytes: &[u8], password: Option<&str>) -> Result<KeyStore, KeyStoreError> {
    let at = bytes.len().checked_sub(SHA1_OUTPUT_LEN).ok_or(KeyStoreError::Format)?;
    let (content, sum) = bytes.split_at(at);
    if let Some(password) = password
        && sha1(password, &[WHITENER, content]).as_ref() != sum
    {
        return Err(KeyStoreError::Password);
    }
    let mut input = Input(content);
    input.take(4)?;
    let version = input.number()?;
    if !matches!(version, 1 | 2) {
        return Err(KeyStoreError::Format);
    }
    let count = input.number()?;
    let mut entries = Hashtable::default();
    for _ in 0..count {
        let kind = input.number()?;
        let alias = input.text()?.to_lowercase();
        input.take(8)?;
        let entry = match kind {
            PRIVATE_KEY => {
                let key = input.block()?.to_vec();
                let length = input.number()?;
                let mut chain = Vec::new();
                for _ in 0..length {
                    chain.push(input.certificate(version)?.to_vec());
                }
                Entry::Key(KeyEntry { alias: Text::from(&*alias), chain, sealed: Sealed::Jks(key) })
            }
            TRUSTED => Entry::Trusted(input.certificate(version)?.to_vec()),
            _ => return Err(KeyStoreError::Format),
        };
        entries.put(&alias, entry);
    }
    let (mut keys, mut trusted) = (Vec::new(), Vec::new());
    for entry in entries.into_values() {
        match entry {
            Entry::Key(key) => keys.push(key),
            Entry::Trusted(certificate) => trusted.push(certificate),
        }
    }
    Ok(KeyStore { keys, trusted })
}

/// Opens a key (`sun.security.provider.KeyProtector`): salt, the key XORed with a stream, a sum over password and key.
pub(super) fn unseal(key: &[u8], password: &str) -> Result<Vec<u8>, KeyStoreError> {
    let mut info = Der::new(key).enter(SEQUENCE)?;
    info.take(SEQUENCE)?;
    let sealed = info.take(OCTETS)?.body;
    let (salt, rest) = sealed.split_at_checked(SHA1_OUTPUT_LEN).ok_or(KeyStoreError::Format)?;
    let at = rest.len().checked_sub(SHA1_OUTPUT_LEN).ok_or(KeyStoreError::Format)?;
    let (covered, check) = rest.split_at(at);
    let mut stream = sha1(password, &[salt]);
    let mut plain = covered.to_vec();
    for block in plain.chunks_mut(SHA1_OUTPUT_LEN) {
        block.iter_mut().zip(stream.as_ref()).for_each(|(byte, mask)| *byte ^= mask);
        stream = sha1(password, &[stream.as_ref()]);
    }
    if sha1(password, &[&plain]).as_ref() == check { Ok(plain) } else { Err(KeyStoreError::Password) }
}

/// The sum over the password, as two bytes for each of its characters, and what follows.
fn sha1(password: &str, parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA1);
    for unit in password.encode_utf16() {
        context.update(&unit.to_be_bytes());
    }
    for part in parts {
        context.update(part);
    }
    context.finish()
}

enum Entry {
    Key(KeyEntry),
    Trusted(Vec<u8>),
}

/// The order in which `java.util.Hashtable` enumerates what was put into it: from the last bucket to the first, and in
/// each from the entry that was put there last.
#[derive(Default)]
struct Hashtable {
    entries: BTreeMap<String, Entry>,
    buckets: Vec<Vec<String>>,
}

impl Hashtable {
    fn put(&mut self, name: &str, entry: Entry) {
        if self.entries.insert(name.to_owned(), entry).is_some() {
            return;
        }
        if self.buckets.is_empty() {
            self.buckets.resize_with(11, Vec::new);
        } else if self.entries.len() > self.buckets.len() * 3 / 4 {
            let mut wider = Vec::new();
            wider.resize_with(self.buckets.len() * 2 + 1, Vec::new);
            for name in std::mem::replace(&mut self.buckets, wider).into_iter().rev().flatten() {
                self.put_first(name);
            }
        }
        self.put_first(name.to_owned());
    }

    fn put_first(&mut self, name: String) {
        let hash = string_hash_code(&name) & i32::MAX;
        let bucket = hash as usize % self.buckets.len();
        self.buckets[bucket].insert(0, name);
    }

    fn into_values(mut self) -> Vec<Entry> {
        let names = self.buckets.into_iter().rev().flatten();
        names.filter_map(|name| self.entries.remove(&name)).collect()
    }
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyStoreError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(KeyStoreError::Format)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, KeyStoreError> {
        Ok(self.take(4)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    fn block(&mut self) -> Result<&'a [u8], KeyStoreError> {
        let length = self.number()?;
        self.take(length as usize)
    }

    /// A text with its length before it; Java's own UTF-8, which differs in NUL and in pairs of surrogates only.
    fn text(&mut self) -> Result<String, KeyStoreError> {
        let length = self.take(2)?;
        let length = usize::from(length[0]) << 8 | usize::from(length[1]);
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// A certificate, since version 2 after the name of its type.
    fn certificate(&mut self, version: u32) -> Result<&'a [u8], KeyStoreError> {
        if version == 2 {
            self.text()?;
        }
        self.block()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(names: &[&str]) -> String {
        let mut table = Hashtable::default();
        for name in names {
            table.put(name, Entry::Trusted(name.as_bytes().to_vec()));
        }
        let names = table.into_values().into_iter().map(|entry| match entry {
            Entry::Trusted(name) => String::from_utf8(name).unwrap(),
            Entry::Key(key) => key.alias.to_string(),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    /// As Java 17 printed `new Hashtable` with these keys put in this order.
    #[test]
    fn a_hashtable_has_javas_order() {
        assert_eq!(order(&["alice", "bob", "carol"]), "alice carol bob");
        let ten: Vec<String> = (0..10).map(|i| format!("user{i}")).collect();
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        assert_eq!(order(&ten), ORDER_OF_TEN);
        let thirty: Vec<String> = (0..30).map(|i| format!("c{}", i * 37)).collect();
        let thirty: Vec<&str> = thirty.iter().map(String::as_str).collect();
        assert_eq!(order(&thirty), ORDER_OF_THIRTY);
    }

    const ORDER_OF_TEN: &str = "user0 user9 user8 user7 user6 user5 user4 user3 user2 user1";
    const ORDER_OF_THIRTY: &str = "c444 c1036 c925 c333 c259 c814 c222 c148 c74 c592 c703 c629 c999 c111 c481 c518 c1073 \
        c962 c888 c296 c370 c0 c407 c851 c777 c185 c740 c666 c37 c555";
}
