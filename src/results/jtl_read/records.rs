//! Records of CSV as JMeter's `CSVSaveService.csvReadFile` splits them.

use super::source::Source;
use std::borrow::Cow;
use std::io;

/// A quoted field longer than this has lost its closing quote.
const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// Splits a file into records of fields.
///
/// A record ends at CR, LF or CRLF. A field in quotes may hold all of them, and a doubled quote for one quote; a quote
/// elsewhere breaks the record.
pub(super) struct Records {
    pub(super) source: Source,
    delimiter: u8,
    /// What ends a plain field, by byte.
    special: [bool; 256],
    fields: Vec<Field>,
    /// Length of the record in the buffer that was returned last, with its line end.
    length: usize,
}

#[derive(Clone, Copy)]
struct Field {
    from: usize,
    to: usize,
    /// There are doubled quotes in it.
    doubled: bool,
}

/// What was found.
pub(super) enum Found {
    /// A record; see [`Records::field`].
    Record {
        /// Its last byte is the last of the file: it may have been cut off.
        without_line_end: bool,
    },
    /// A record that breaks the rules.
    Broken(&'static str),
    /// Quotes that were not closed before the end of the file.
    Unclosed,
    End,
}

impl Records {
    pub(super) fn new(source: Source, delimiter: u8) -> Records {
        let mut special = [false; 256];
        for byte in [delimiter, b'"', b'\r', b'\n'] {
            special[usize::from(byte)] = true;
        }
        Records { source, delimiter, special, fields: Vec::new(), length: 0 }
    }

    /// The line on which the record begins that was returned last.
    pub(super) fn line(&self) -> u64 {
        self.source.line()
    }

    pub(super) fn fields(&self) -> usize {
        self.fields.len()
    }

    /// A field of the record.
    pub(super) fn field(&self, index: usize) -> Cow<'_, str> {
        let Some(field) = self.fields.get(index) else { return Cow::Borrowed("") };
        let text = String::from_utf8_lossy(&self.source.buffered()[field.from..field.to]);
        if field.doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
    }

    /// The next record. Empty lines are none.
    pub(super) fn next(&mut self) -> io::Result<Found> {
        self.source.skip(self.length);
        self.length = 0;
        loop {
            match self.split() {
                Split::Record { length } => {
                    // Only now is it known whether the last byte is that of the file.
                    let line_end = length > 0 && matches!(self.source.buffered()[length - 1], b'\r' | b'\n');
                    self.length = length;
                    if self.fields.len() == 1 && self.fields[0].from == self.fields[0].to && line_end {
                        self.source.skip(self.length);
                        self.length = 0;
                        continue;
                    }
                    return Ok(Found::Record { without_line_end: !line_end });
                }
                Split::Broken { at, what } => {
                    self.length = self.end_of_line(at)?;
                    return Ok(Found::Broken(what));
                }
                Split::NeedsMore if self.source.buffered().len() > LONGEST_RECORD => {
                    self.length = self.end_of_line(0)?;
                    return Ok(Found::Broken("a quote is not closed"));
                }
                Split::NeedsMore => {
                    if !self.source.more()? {
                        return Ok(self.last());
                    }
                }
            }
        }
    }

    /// What is left at the end of the file, which does not end with a line end.
    fn last(&mut self) -> Found {
        let rest = self.source.buffered().len();
        if rest == 0 {
            return Found::End;
        }
        self.length = rest;
        match self.split_as_if_ended() {
            Split::Record { .. } => Found::Record { without_line_end: true },
            Split::Broken { what, .. } => Found::Broken(what),
            Split::NeedsMore => Found::Unclosed,
        }
    }

    /// The length up to the end of the line that `at` is in.
    fn end_of_line(&mut self, at: usize) -> io::Result<usize> {
        let mut from = at;
        loop {
            let rest = self.source.buffered().get(from..).unwrap_or_default();
            if let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
                return Ok(from + end + 1);
            }
            from = self.source.buffered().len();
            if !self.source.more()? {
                return Ok(from);
            }
        }
    }

    fn split(&mut self) -> Split {
        self.split_record(false)
    }

    fn split_as_if_ended(&mut self) -> Split {
        self.split_record(true)
    }

    fn split_record(&mut self, ended: bool) -> Split {
        let Records { source, delimiter, special, fields, .. } = self;
        let bytes = source.buffered();
        fields.clear();
        let mut at = 0;
        loop {
            let (field, end) = if bytes.get(at) == Some(&b'"') {
                match quoted(bytes, at + 1) {
                    Some((field, end)) => (field, end),
                    None => return Split::NeedsMore,
                }
            } else {
                let rest = &bytes[at..];
                let end = at + rest.iter().position(|&byte| special[usize::from(byte)]).unwrap_or(rest.len());
                (Field { from: at, to: end, doubled: false }, end)
            };
            let was_quoted = field.to != end;
            fields.push(field);
            match bytes.get(end) {
                Some(byte) if byte == delimiter => at = end + 1,
                Some(b'\n') => return Split::Record { length: end + 1 },
                Some(b'\r') => match bytes.get(end + 1) {
                    Some(b'\n') => return Split::Record { length: end + 2 },
                    None if !ended => return Split::NeedsMore,
                    _ => return Split::Record { length: end + 1 },
                },
                Some(b'"') => return Split::Broken { at: end, what: "a quote within a field that is not in quotes" },
                Some(_) if was_quoted => return Split::Broken { at: end, what: "something follows a closing quote" },
                Some(_) | None if ended => return Split::Record { length: end },
                Some(_) | None => return Split::NeedsMore,
            }
        }
    }
}

enum Split {
    Record {
        length: usize,
    },
    Broken {
        at: usize,
        what: &'static str,
    },
    /// The buffer ends before the record does.
    NeedsMore,
}

/// A field in quotes that begins at `from`, behind its quote, and where it ends, behind the other.
fn quoted(bytes: &[u8], from: usize) -> Option<(Field, usize)> {
    let mut doubled = false;
    let mut at = from;
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some((Field { from, to: quote, doubled }, quote + 1));
        }
        doubled = true;
        at = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All records, a field between bars, with what is wrong in angle brackets; read whole and byte by byte.
    fn check(text: &str, expected: &[&str]) {
        struct Drops(Vec<u8>, usize);
        impl io::Read for Drops {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let Some(byte) = self.0.get(self.1) else { return Ok(0) };
                out[0] = *byte;
                self.1 += 1;
                Ok(1)
            }
        }
        for source in [
            Source::new(io::Cursor::new(text.to_owned())).unwrap(),
            Source::new(Drops(text.as_bytes().to_vec(), 0)).unwrap(),
        ] {
            let mut records = Records::new(source, b',');
            let mut found = Vec::new();
            loop {
                match records.next().unwrap() {
                    Found::Record { without_line_end } => {
                        let fields: Vec<_> = (0..records.fields()).map(|index| records.field(index)).collect();
                        let end = if without_line_end { " <cut>" } else { "" };
                        found.push(format!("{} {}{end}", records.line(), fields.join("|")));
                    }
                    Found::Broken(what) => found.push(format!("{} <{what}>", records.line())),
                    Found::Unclosed => found.push(format!("{} <unclosed>", records.line())),
                    Found::End => break,
                }
            }
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn records_as_jmeter_splits_them() {
        check("a,b\nc,d\n", &["1 a|b", "2 c|d"]);
        check("a,b\r\nc,\r,e", &["1 a|b", "2 c|", "2 |e <cut>"]);
        check("\"a,\"\"b\"\"\n\",c\nd\n", &["1 a,\"b\"\n|c", "3 d"]);
        check("\n\n,\n\"\"\n", &["3 |"]);
        check("", &[]);
    }

    #[test]
    fn broken_records_do_not_take_the_next_with_them() {
        let within = "a quote within a field that is not in quotes";
        check("a\"b,c\nd\n", &[&format!("1 <{within}>"), "2 d"]);
        check("\"a\"b,c\nd\n", &["1 <something follows a closing quote>", "2 d"]);
        check("a\nb,\"c\nd\n", &["1 a", "2 <unclosed>"]);
        check("a\nb\"", &["1 a", &format!("2 <{within}>")]);
        check("a,\"b\"", &["1 a|b <cut>"]);
    }
}
