//! Text from a file in any charset, piece by piece: a file of any size needs one buffer.

use crate::java::charset::{Charset, Decoder};
use std::io::{self, Read};

/// Bytes that are read at a time; small, since a plan may ask for a reader per user.
const PIECE: usize = 4 << 10;
const UTF_8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Lines and characters of `R`, as Java's `BufferedReader` over an `InputStreamReader` gives them: a line ends with LF, CR
/// or both, what cannot be decoded becomes U+FFFD.
pub(super) struct TextReader<R> {
    input: R,
    decoder: Decoder,
    bytes: Box<[u8]>,
    text: String,
    at: usize,
    ended: bool,
    /// A line ended with CR; an LF that follows belongs to it.
    skip_line_feed: bool,
}

impl<R: Read> TextReader<R> {
    /// A reader at the start of `input`. A UTF-8 mark is no part of the text, whatever the charset. An unknown charset is
    /// an error of kind `Unsupported` with Java's text.
    pub fn new(input: R, charset: &str) -> io::Result<Self> {
        let mut reader = Self::with_mark(input, charset)?;
        let mut filled = 0;
        while filled < UTF_8_MARK.len() {
            match read(&mut reader.input, &mut reader.bytes[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        let start = &reader.bytes[..filled];
        let start = start.strip_prefix(&UTF_8_MARK).unwrap_or(start);
        reader.decoder.decode(start, false, &mut reader.text);
        Ok(reader)
    }

    /// The same, but a UTF-8 mark is the first character of the text.
    pub fn with_mark(input: R, charset: &str) -> io::Result<Self> {
        let known = match charset.trim() {
            "" => Some(Charset::UTF_8),
            name => Charset::for_name(name),
        };
        let Some(known) = known else {
            let message = format!("java.io.UnsupportedEncodingException: {charset}");
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        };
        let bytes = vec![0; PIECE].into_boxed_slice();
        let decoder = Decoder::new(known);
        Ok(TextReader { input, decoder, bytes, text: String::new(), at: 0, ended: false, skip_line_feed: false })
    }

    /// Makes sure that there is text at `at`; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        while self.at == self.text.len() && !self.ended {
            self.text.clear();
            self.at = 0;
            let count = read(&mut self.input, &mut self.bytes)?;
            self.ended = count == 0;
            self.decoder.decode(&self.bytes[..count], self.ended, &mut self.text);
        }
        if self.at == self.text.len() {
            return Ok(false);
        }
        if std::mem::take(&mut self.skip_line_feed) && self.text.as_bytes()[self.at] == b'\n' {
            self.at += 1;
            return self.fill();
        }
        Ok(true)
    }

    /// The next line without its end; `None` at the end of the text.
    pub fn line(&mut self) -> io::Result<Option<String>> {
        if !self.fill()? {
            return Ok(None);
        }
        let mut line = String::new();
        while self.fill()? {
            let rest = &self.text[self.at..];
            if let Some(end) = memchr::memchr2(b'\n', b'\r', rest.as_bytes()) {
                line.push_str(&rest[..end]);
                self.skip_line_feed = rest.as_bytes()[end] == b'\r';
                self.at += end + 1;
                break;
            }
            line.push_str(rest);
            self.at = self.text.len();
        }
        Ok(Some(line))
    }

    /// The next character.
    pub fn char(&mut self) -> io::Result<Option<char>> {
        let next = self.peek()?;
        self.at += next.map_or(0, char::len_utf8);
        Ok(next)
    }

    /// The next character, which stays.
    pub fn peek(&mut self) -> io::Result<Option<char>> {
        if !self.fill()? {
            return Ok(None);
        }
        Ok(self.text[self.at..].chars().next())
    }
}

fn read(input: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            bytes[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn lines(bytes: &[u8], charset: &str) -> String {
        let (mut slow, mut fast) = (String::new(), String::new());
        let mut reader = TextReader::new(Slow(bytes), charset).unwrap();
        while let Some(line) = reader.line().unwrap() {
            slow.push_str(&line);
            slow.push('|');
        }
        let mut reader = TextReader::new(bytes, charset).unwrap();
        while let Some(line) = reader.line().unwrap() {
            fast.push_str(&line);
            fast.push('|');
        }
        assert_eq!(slow, fast);
        slow
    }

    #[test]
    fn lines_end_as_java_has_it() {
        assert_eq!(lines(b"a\nb\r\nc\rd\n\ne", ""), "a|b|c|d||e|");
        assert_eq!(lines(b"a\n", ""), "a|");
        assert_eq!(lines(b"a\r", ""), "a|");
        assert_eq!(lines(b"\n", ""), "|");
        assert_eq!(lines(b"", ""), "");
    }

    #[test]
    fn charsets_are_javas() {
        assert_eq!(lines("é😀\n".as_bytes(), "UTF-8"), "é😀|");
        assert_eq!(lines(b"\xEF\xBB\xBFa\n", ""), "a|");
        assert_eq!(lines(b"\xEF\xBB\xBF\xE9", "ISO-8859-1"), "é|");
        assert_eq!(lines(b"\x80\xE9", "iso-8859-1"), "\u{80}é|");
        assert_eq!(lines(b"a\xE9", "US-ASCII"), "a\u{FFFD}|");
        assert_eq!(lines(b"\x80", "windows-1252"), "€|");
        assert_eq!(lines(b"\xFF\xFEa\0\n\0\xAC\x20", "UTF-16"), "a|€|");
        assert_eq!(lines(b"\xFE\xFF\0a\0\n\x20\xAC", "UTF-16"), "a|€|");
        assert_eq!(lines(b"\0a\0\r\0\n\0b", "UTF-16"), "a|b|");
        assert_eq!(lines(b"\xFF\xFEa\0", "UTF-16LE"), "\u{FEFF}a|");
        assert_eq!(lines(b"\x93\xFA\n", "Shift_JIS"), "日|");
        let error = TextReader::new(&b""[..], "no-such").err().unwrap();
        assert_eq!(error.to_string(), "java.io.UnsupportedEncodingException: no-such");
    }
}
