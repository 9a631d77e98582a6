//! As much of ASN.1's DER as key stores and certificates need.

use super::KeyStoreError;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// `[0] EXPLICIT`
pub(super) const EXPLICIT_0: u8 = 0xa0;
/// `[0] IMPLICIT` of a primitive.
pub(super) const IMPLICIT_0: u8 = 0x80;

/// Values that follow each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Der<'a>(&'a [u8]);

/// A value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    pub tag: u8,
    /// What it holds.
    pub body: &'a [u8],
    /// The value with its tag and length.
    pub whole: &'a [u8],
}

impl<'a> Der<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Der(bytes)
    }

    /// The next value.
    pub fn next(&mut self) -> Result<Value<'a>, KeyStoreError> {
        let bytes = self.0;
        let (&tag, rest) = bytes.split_first().ok_or(KeyStoreError::Format)?;
        let (&first, rest) = rest.split_first().ok_or(KeyStoreError::Format)?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(KeyStoreError::Format)?;
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            // Lengths that are told only at the end are BER; neither Java nor OpenSSL writes them.
            _ => return Err(KeyStoreError::Format),
        };
        let (body, after) = rest.split_at_checked(length).ok_or(KeyStoreError::Format)?;
        self.0 = after;
        Ok(Value { tag, body, whole: &bytes[..bytes.len() - after.len()] })
    }

    /// The next value, which must have that tag.
    pub fn take(&mut self, tag: u8) -> Result<Value<'a>, KeyStoreError> {
        self.next().and_then(|value| if value.tag == tag { Ok(value) } else { Err(KeyStoreError::Format) })
    }

    /// The next value if it has that tag.
    pub fn take_if(&mut self, tag: u8) -> Result<Option<Value<'a>>, KeyStoreError> {
        if self.0.first() == Some(&tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// What the next value holds, which must have that tag.
    pub fn enter(&mut self, tag: u8) -> Result<Self, KeyStoreError> {
        self.take(tag).map(|value| Der(value.body))
    }

    /// A whole number that is not negative and not large.
    pub fn number(&mut self) -> Result<u32, KeyStoreError> {
        let body = self.take(INTEGER)?.body;
        let body = body.strip_prefix(&[0]).unwrap_or(body);
        if body.len() > 4 {
            return Err(KeyStoreError::Format);
        }
        Ok(body.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
