//! What this layer asks of character sets. Java's, and what it calls them, are known elsewhere.

/// Encoders by name.
pub trait Charsets {
    /// `text.getBytes(charset)`: a question mark, or what the charset has for one, stands for what cannot be encoded.
    /// `None` when there is no such charset.
    fn encode(&self, charset: &str, text: &str) -> Option<Vec<u8>>;

    /// Whether a charset has a character; false when there is no such charset.
    fn can_encode(&self, charset: &str, character: char) -> bool;
}

/// A charset that is not there: `java.nio.charset.UnsupportedCharsetException`.
pub(super) const UNSUPPORTED: &str = "java.nio.charset.UnsupportedCharsetException";

#[cfg(test)]
pub(super) mod tests {
    use super::Charsets;

    /// UTF-8, Latin-1 and ASCII, which are enough to test with.
    pub struct Few;

    impl Charsets for Few {
        fn encode(&self, charset: &str, text: &str) -> Option<Vec<u8>> {
            if charset == "UTF-8" {
                return Some(text.as_bytes().to_vec());
            }
            let known = matches!(charset, "ISO-8859-1" | "US-ASCII");
            let byte = |c| if self.can_encode(charset, c) { c as u8 } else { b'?' };
            known.then(|| text.chars().map(byte).collect())
        }

        fn can_encode(&self, charset: &str, character: char) -> bool {
            match charset {
                "UTF-8" => true,
                "ISO-8859-1" => character <= '\u{ff}',
                _ => character.is_ascii(),
            }
        }
    }
}
