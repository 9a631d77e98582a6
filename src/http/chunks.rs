//! Chunked bodies, taken apart as HttpCore's `ChunkedInputStream` does it, with its failures.

use super::failure::{CONNECTION_CLOSED, Fault, MALFORMED_CHUNK, TRUNCATED_CHUNK};

/// A longer line than this in a body's framing is a failure; HttpCore has no limit, our memory has.
const LONGEST_LINE: usize = 1 << 20;

/// Takes a chunked body apart, piece by piece as it arrives.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: State,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    size: u64,
    position: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Data,
    DataEnd,
    Trailers,
    Done,
}

impl Chunks {
    /// Whether the last chunk and the trailers have been seen.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// How much of the present chunk's content is still to come; nothing between chunks.
    pub fn left_of_chunk(&self) -> u64 {
        if self.state == State::Data { self.size - self.position } else { 0 }
    }

    /// Takes bytes apart up to the body's end, hands content to `content`, and returns how many were taken.
    pub fn advance(&mut self, input: &[u8], mut content: impl FnMut(&[u8])) -> Result<usize, Fault> {
        let mut at = 0;
        while at < input.len() && self.state != State::Done {
            let rest = &input[at..];
            if self.state == State::Data {
                let left = self.size - self.position;
                let taken = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                content(&rest[..taken]);
                at += taken;
                self.position += taken as u64;
                if self.position == self.size {
                    self.state = State::DataEnd;
                }
                continue;
            }
            let Some(end) = memchr::memchr(b'\n', rest) else {
                self.line.extend_from_slice(rest);
                if self.line.len() > LONGEST_LINE {
                    return Err(Fault::protocol());
                }
                return Ok(input.len());
            };
            at += end + 1;
            if self.line.is_empty() {
                self.take_line(&rest[..end])?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&rest[..end]);
                self.take_line(&line)?;
            }
        }
        Ok(at)
    }

    /// The connection has ended: fine after the last chunk, a failure anywhere else.
    pub fn end(&mut self) -> Result<(), Fault> {
        loop {
            let line = std::mem::take(&mut self.line);
            match self.state {
                State::Done => return Ok(()),
                State::Trailers if line.is_empty() => self.state = State::Done,
                State::Data => {
                    return Err(Fault::new(
                        TRUNCATED_CHUNK,
                        format!(
                            "Truncated chunk (expected size: {}; actual size: {})",
                            grouped(self.size),
                            grouped(self.position)
                        ),
                    ));
                }
                State::DataEnd if line.is_empty() => {
                    return Err(Fault::new(MALFORMED_CHUNK, "CRLF expected at end of chunk"));
                }
                State::Size if line.is_empty() => {
                    return Err(Fault::new(
                        CONNECTION_CLOSED,
                        "Premature end of chunk coded message body: closing chunk expected",
                    ));
                }
                State::Size | State::DataEnd | State::Trailers => self.take_line(&line)?,
            }
        }
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.state {
            State::DataEnd if line.is_empty() => self.state = State::Size,
            State::DataEnd => return Err(Fault::new(MALFORMED_CHUNK, "Unexpected content at the end of chunk")),
            State::Size => {
                let text: String =
                    line.iter().take_while(|&&byte| byte != b';').map(|&byte| char::from(byte)).collect();
                let text = text.trim_matches([' ', '\t', '\r', '\n']);
                let bad = || Fault::new(MALFORMED_CHUNK, format!("Bad chunk header: {text}"));
                let size = i64::from_str_radix(text, 16).map_err(|_| bad())?;
                self.size = u64::try_from(size).map_err(|_| Fault::new(MALFORMED_CHUNK, "Negative chunk size"))?;
                self.position = 0;
                self.state = if self.size == 0 { State::Trailers } else { State::Data };
            }
            State::Trailers if line.is_empty() => self.state = State::Done,
            State::Trailers if !line.contains(&b':') && !matches!(line[0], b' ' | b'\t') => {
                let text: String = line.iter().map(|&byte| char::from(byte)).collect();
                return Err(Fault::new(MALFORMED_CHUNK, format!("Invalid footer: Invalid header: {text}")));
            }
            State::Trailers | State::Data | State::Done => {}
        }
        Ok(())
    }
}

/// A number as Java's `%,d` prints it.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content, the bytes taken, and the failure if any, with the input cut at every place.
    fn read(input: &str) -> (String, usize, Option<String>) {
        let mut results = Vec::new();
        for cut in 0..=input.len() {
            let mut chunks = Chunks::default();
            let mut content = Vec::new();
            let mut taken = 0;
            let mut fault = None;
            for part in [&input[..cut], &input[cut..]] {
                match chunks.advance(part.as_bytes(), |bytes| content.extend_from_slice(bytes)) {
                    Ok(n) => taken += n,
                    Err(error) => {
                        fault = Some(error);
                        break;
                    }
                }
            }
            if fault.is_none() && !chunks.is_done() {
                fault = chunks.end().err();
            }
            let fault = fault.map(|fault| {
                format!("{}: {}", fault.class.rsplit('.').next().unwrap(), fault.message.unwrap_or_default())
            });
            let taken = if fault.is_some() { 0 } else { taken };
            results.push((String::from_utf8(content).unwrap(), taken, fault));
        }
        assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{results:?}");
        results.remove(0)
    }

    #[test]
    fn chunks_are_joined() {
        assert_eq!(read("5;ext=1\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n"), ("hello".into(), 31, None));
        assert_eq!(read(" 1 \na\n02\r\nbc\r\n0\r\n\r\nHTTP"), ("abc".into(), 19, None));
        assert_eq!(read("0\r\n"), (String::new(), 3, None));
    }

    #[test]
    fn failures_have_http_core_s_words() {
        let fault = |input: &str| read(input).2.unwrap();
        assert_eq!(fault("5\r\nhel"), "TruncatedChunkException: Truncated chunk (expected size: 5; actual size: 3)");
        assert_eq!(
            fault("1000\r\nx"),
            "TruncatedChunkException: Truncated chunk (expected size: 4,096; actual size: 1)"
        );
        assert_eq!(fault("1\r\na"), "MalformedChunkCodingException: CRLF expected at end of chunk");
        assert_eq!(fault("1\r\nabc\r\n"), "MalformedChunkCodingException: Unexpected content at the end of chunk");
        assert_eq!(
            fault("1\r\na\r\n"),
            "ConnectionClosedException: Premature end of chunk coded message body: closing chunk expected"
        );
        assert_eq!(fault("zz\r\n"), "MalformedChunkCodingException: Bad chunk header: zz");
        assert_eq!(fault("-1\r\n"), "MalformedChunkCodingException: Negative chunk size");
        assert_eq!(fault("0\r\nfoot\r\n\r\n"), "MalformedChunkCodingException: Invalid footer: Invalid header: foot");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
