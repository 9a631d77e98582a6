//! The bytes of a plan as UTF-8 with `\n` line ends, and where in the file one is.

use std::io::{self, BufRead, Read};

use super::error::Position;

/// Decoded bytes at a time.
const CHUNK: usize = 64 * 1024;

/// A plan's characters, as JMeter's `SaveService` hands them to its XML parser: always UTF-8, whatever the XML
/// declaration says, with U+FFFD for what is not (and UTF-16 where a byte order mark says so, which JMeter cannot
/// read). Line ends are normalised to `\n` (XML 1.0, 2.11).
#[derive(Debug)]
pub(super) struct Source<R> {
    input: R,
    decoder: Decoder,
    /// Decoded bytes; those of `unread` are still to be read.
    decoded: Vec<u8>,
    unread: std::ops::Range<usize>,
    /// The last character was a `\r`, so that a `\n` now belongs to it.
    after_carriage_return: bool,
    at_end: bool,
    position: Position,
}

/// Wrapped since `encoding_rs::Decoder` has no `Debug`.
struct Decoder(encoding_rs::Decoder);

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.encoding().name())
    }
}

impl<R: BufRead> Source<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            decoder: Decoder(encoding_rs::UTF_8.new_decoder()),
            decoded: vec![0; CHUNK],
            unread: 0..0,
            after_carriage_return: false,
            at_end: false,
            position: Position { line: 1, column: 1 },
        }
    }

    /// Where the next unread character stands.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    fn decode_more(&mut self) -> io::Result<()> {
        while self.unread.is_empty() && !self.at_end {
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            let (result, read, written, _) = self.decoder.0.decode_to_utf8(bytes, &mut self.decoded, last);
            self.input.consume(read);
            self.at_end = last && result == encoding_rs::CoderResult::InputEmpty;
            self.unread = 0..self.normalise_line_ends(written);
        }
        Ok(())
    }

    /// Turns `\r\n` and lone `\r` among the first `length` decoded bytes into `\n`. Returns how many bytes remain.
    fn normalise_line_ends(&mut self, length: usize) -> usize {
        let text = &mut self.decoded[..length];
        if !self.after_carriage_return && memchr::memchr(b'\r', text).is_none() {
            return length;
        }
        let mut kept = 0;
        for index in 0..length {
            let byte = text[index];
            if !(byte == b'\n' && self.after_carriage_return) {
                text[kept] = if byte == b'\r' { b'\n' } else { byte };
                kept += 1;
            }
            self.after_carriage_return = byte == b'\r';
        }
        kept
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.decode_more()?;
        Ok(&self.decoded[self.unread.clone()])
    }

    fn consume(&mut self, amount: usize) {
        let end = self.unread.start.saturating_add(amount).min(self.unread.end);
        let mut passed = &self.decoded[self.unread.start..end];
        if let Some(last) = memchr::memrchr(b'\n', passed) {
            let lines = memchr::memchr_iter(b'\n', passed).count();
            self.position.line = self.position.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.position.column = 1;
            passed = &passed[last + 1..];
        }
        // Every byte but the continuation bytes of UTF-8 begins a character.
        let characters = passed.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        self.position.column = self.position.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.unread.start = end;
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let amount = available.len().min(out.len());
        out[..amount].copy_from_slice(&available[..amount]);
        self.consume(amount);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], step: usize) -> String {
        let mut source = Source::new(io::BufReader::with_capacity(step, bytes));
        let mut text = String::new();
        source.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn bytes_become_utf8_with_unix_line_ends() {
        let utf16: Vec<u8> = "\u{feff}é\r\n😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases: &[(&[u8], &str)] = &[
            (b"", ""),
            (b"a\r\nb\rc\nd\r\r\n", "a\nb\nc\nd\n\n"),
            ("\u{feff}é".as_bytes(), "é"),
            (b"a\xffb\xe2\x82c\xf0\x9f\x98e", "a\u{fffd}b\u{fffd}c\u{fffd}e"),
            (&utf16, "é\n😀"),
        ];
        for (bytes, expected) in cases {
            for step in [1, 2, 3, 4096] {
                assert_eq!(decoded(bytes, step), *expected, "{bytes:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let mut source = Source::new("aé\r\n😀b".as_bytes());
        let mut seen = vec![source.position()];
        for bytes in [1, 2, 1, 4, 1] {
            source.fill_buf().unwrap();
            source.consume(bytes);
            seen.push(source.position());
        }
        let expected = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)];
        assert_eq!(seen, expected.map(|(line, column)| Position { line, column }));
    }
}
