//! Records of a data file: split at a delimiter, or with quotes (`JOrphanUtils.split`, `CSVSaveService.csvReadFile`).

use super::text_reader::TextReader;
use std::io::{self, Read};

/// The fields of a line without quoting. An empty line has none, a trailing delimiter ends with an empty one.
pub(super) fn split<'a>(line: &'a str, delimiter: &str) -> Vec<&'a str> {
    if line.is_empty() { Vec::new() } else { line.split(delimiter).collect() }
}

/// The names in a list with commas: empty ones between, before and after them do not count; blanks around a name neither.
pub(super) fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|name| !name.is_empty()).map(str::trim)
}

/// Text that is read a character at a time.
pub(super) trait Characters {
    /// The next character.
    fn char(&mut self) -> io::Result<Option<char>>;

    /// The next character, which stays.
    fn peek(&mut self) -> io::Result<Option<char>>;
}

impl<R: Read> Characters for TextReader<R> {
    fn char(&mut self) -> io::Result<Option<char>> {
        TextReader::char(self)
    }

    fn peek(&mut self) -> io::Result<Option<char>> {
        TextReader::peek(self)
    }
}

enum State {
    Initial,
    Plain,
    Quoted,
    /// A quote within quotes: the end of the field, or the first of two that stand for one.
    EmbeddedQuote,
}

/// The next record with quoted fields, which may hold delimiters and line ends; none at the end of the file.
///
/// A quote where none may be is an error with JMeter's text; what was read of the record is lost, and reading goes on
/// behind the quote.
pub(super) fn quoted(reader: &mut impl Characters, delimiter: char) -> io::Result<Vec<String>> {
    let invalid =
        |message: String| io::Error::new(io::ErrorKind::InvalidData, format!("java.io.IOException: {message}"));
    let ends = |c: char| c == delimiter || c == '\n' || c == '\r';
    let (mut state, mut fields, mut field) = (State::Initial, Vec::new(), String::new());
    let mut pushed = false;
    while let Some(c) = reader.char()? {
        pushed = false;
        state = match state {
            State::Initial if c == '"' => State::Quoted,
            State::Initial | State::Plain if ends(c) => {
                pushed = true;
                State::Initial
            }
            State::Plain if c == '"' => {
                field.push(c);
                return Err(invalid(format!("Cannot have quote-char in plain field:[{field}]")));
            }
            State::Initial | State::Plain => {
                field.push(c);
                State::Plain
            }
            State::Quoted if c == '"' => State::EmbeddedQuote,
            State::Quoted => {
                field.push(c);
                State::Quoted
            }
            State::EmbeddedQuote if c == '"' => {
                field.push('"');
                State::Quoted
            }
            State::EmbeddedQuote if ends(c) => {
                pushed = true;
                State::Initial
            }
            State::EmbeddedQuote => {
                field.push('"');
                return Err(invalid(format!("Cannot have single quote-char in quoted field:[{field}]")));
            }
        };
        if pushed {
            if c == '\r' && reader.peek()? == Some('\n') {
                reader.char()?;
            }
            fields.push(std::mem::take(&mut field));
            if c == '\n' || c == '\r' {
                return Ok(fields);
            }
        }
    }
    if let State::Quoted = state {
        return Err(invalid(format!("Missing trailing quote-char in quoted field:[\"{field}]")));
    }
    if !field.is_empty() || pushed || matches!(state, State::EmbeddedQuote) {
        fields.push(field);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_at_every_delimiter() {
        assert_eq!(split("a,,b,", ","), ["a", "", "b", ""]);
        assert_eq!(split(",", ","), ["", ""]);
        assert_eq!(split("a||b", "||"), ["a", "b"]);
        assert!(split("", ",").is_empty());
        assert_eq!(names(",m,, n,").collect::<Vec<_>>(), ["m", "n"]);
    }

    #[test]
    fn records_may_be_quoted() {
        let text = "x,y\n\n\"q\"\"1\",z\r\n\"\",\n\"a,b\nc\",d\na\"b\n\"c\"d\nlast,";
        let mut reader = TextReader::new(text.as_bytes(), "").unwrap();
        let mut shown = String::new();
        loop {
            match quoted(&mut reader, ',') {
                Ok(fields) if fields.is_empty() => break,
                Ok(fields) => shown.push_str(&format!("{fields:?}\n")),
                Err(error) => shown.push_str(&format!("{error}\n")),
            }
        }
        let expected = "[\"x\", \"y\"]
[\"\"]
[\"q\\\"1\", \"z\"]
[\"\", \"\"]
[\"a,b\\nc\", \"d\"]
java.io.IOException: Cannot have quote-char in plain field:[a\"]
[\"b\"]
java.io.IOException: Cannot have single quote-char in quoted field:[c\"]
[\"\"]
[\"last\", \"\"]
";
        assert_eq!(shown, expected);
        let mut reader = TextReader::new(&b"\"open"[..], "").unwrap();
        let error = quoted(&mut reader, ',').unwrap_err().to_string();
        assert_eq!(error, "java.io.IOException: Missing trailing quote-char in quoted field:[\"open]");
    }

    /// Whatever a data file holds, it is read to its end.
    #[test]
    fn any_bytes_have_an_end() {
        let seeds = ["a,b\r\n\"c\"\"d\",e\n", "\"open", "\u{feff}x\r\r\n", "é€😀,\0"];
        let mut random = fastrand::Rng::new();
        for _ in 0..2000 {
            let mut bytes: Vec<u8> =
                (0..random.usize(1..5)).flat_map(|_| random.choice(seeds).unwrap().bytes()).collect();
            (0..random.usize(..6)).for_each(|_| {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            });
            let Ok(mut reader) = TextReader::new(&*bytes, random.choice(["", "UTF-8", "UTF-16LE"]).unwrap()) else {
                continue;
            };
            let mut records = 0;
            while !matches!(quoted(&mut reader, ','), Ok(fields) if fields.is_empty()) {
                records += 1;
                assert!(records <= bytes.len(), "no end of {bytes:?}");
            }
        }
    }
}
