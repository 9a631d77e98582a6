//! The head of a response, read as HttpClient reads it (`DefaultHttpResponseParser`, `AbstractMessageParser`): far more
//! leniently than RFC 9112 asks, so that what JMeter takes for an answer is one here.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use crate::text::Text;

/// The head of a final response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status line and header lines, each followed by `\n`; a folded header is one line.
    text: Text,
    status: u16,
    version: (u32, u32),
    reason: Range<usize>,
    /// Where the header lines begin in `text`.
    headers_at: usize,
    header_count: u64,
    framing: Framing,
    /// Whether the connection ends with this response, whatever delimits the body.
    closes: bool,
    /// Whether exactly one valid `Content-Length`, or chunks, say where the body ends.
    delimited: bool,
}

/// Where the body ends, if one follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// What the bytes at hand are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The head has not ended yet.
    Incomplete,
    /// The head is `bytes[start..end]`, blank line included. What stands before `start` is no status line and skipped.
    Complete { start: usize, end: usize },
}

/// Looks for a complete head.
pub(super) fn scan(bytes: &[u8]) -> Scan {
    let mut at = 0;
    let mut start = None;
    while let Some(line_end) = memchr::memchr(b'\n', &bytes[at..]).map(|offset| at + offset) {
        let line = trim_line_end(&bytes[at..line_end]);
        match start {
            None if is_status_line(line) => start = Some(at),
            Some(start) if line.is_empty() => return Scan::Complete { start, end: line_end + 1 },
            _ => {}
        }
        at = line_end + 1;
    }
    Scan::Incomplete
}

impl Head {
    /// Reads a head that [`scan`] found, or what there is of one when the connection ended in it; `None` when it cannot
    /// be read, which HttpClient calls a protocol error.
    pub(super) fn parse(bytes: &[u8]) -> Option<Head> {
        let mut lines = bytes.split(|&byte| byte == b'\n').map(trim_line_end).skip_while(|line| !is_status_line(line));
        let line = StatusLine::parse(lines.next()?)?;
        let mut text = String::with_capacity(bytes.len());
        text.push_str("HTTP/");
        push_number(&mut text, line.version.0);
        text.push('.');
        push_number(&mut text, line.version.1);
        text.push(' ');
        push_number(&mut text, u32::from(line.status));
        text.push(' ');
        let reason_at = text.len();
        text.push_str(&latin1(line.reason));
        let reason = reason_at..text.len();
        text.push('\n');
        let headers_at = text.len();
        let mut header_count = 0;
        for line in lines {
            if line.is_empty() {
                break;
            }
            if header_count > 0 && matches!(line[0], b' ' | b'\t') {
                text.pop();
                text.push(' ');
                let folded = line.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(line.len());
                text.push_str(&latin1(&line[folded..]));
            } else {
                if trim(line.get(..memchr::memchr(b':', line)?)?).is_empty() {
                    return None;
                }
                text.push_str(&latin1(line));
                header_count += 1;
            }
            text.push('\n');
        }
        let mut head = Head {
            text: text.into(),
            status: line.status,
            version: line.version,
            reason,
            headers_at,
            header_count,
            framing: Framing::UntilClose,
            closes: false,
            delimited: false,
        };
        head.framing = head.find_framing();
        head.delimited = head.find_delimited();
        head.closes = head.find_closes();
        Some(head)
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The protocol version: major and minor.
    pub fn version(&self) -> (u32, u32) {
        self.version
    }

    /// The reason phrase; may be empty.
    pub fn reason(&self) -> &str {
        &self.text[self.reason.clone()]
    }

    /// The status line and the headers as JMeter shows them, each followed by `\n`.
    pub fn text(&self) -> Text {
        self.text.clone()
    }

    /// Names and values in the order in which they came, white space around them removed.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text[self.headers_at..].split_terminator('\n').map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.trim_matches(is_blank), value.trim_matches(is_blank))
        })
    }

    /// The values of the headers called `name`, in any case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers().filter(move |(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of the first header called `name`.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.headers().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of the last header called `name`.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.headers().filter(|(header, _)| header.eq_ignore_ascii_case(name)).last().map(|(_, value)| value)
    }

    /// The size that JMeter gives to the head: its text, a carriage return for each line and the blank line.
    pub fn size(&self) -> u64 {
        let units = if self.text.is_ascii() { self.text.len() } else { self.text.chars().count() };
        units as u64 + self.header_count + 3
    }

    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether a body can follow (`HttpRequestExecutor.canResponseHaveBody`).
    pub(super) fn has_body(&self, head_request: bool) -> bool {
        !head_request && self.status >= 200 && !matches!(self.status, 204 | 205 | 304)
    }

    /// Whether the server lets the connection be used again (`DefaultConnectionReuseStrategy`).
    pub(super) fn keeps_alive(&self, head_request: bool) -> bool {
        !self.closes && (self.delimited || !self.has_body(head_request))
    }

    /// How long the server keeps an idle connection (`DefaultConnectionKeepAliveStrategy`).
    pub(super) fn keep_alive_for(&self) -> Option<Duration> {
        let mut timeouts = self.all("Keep-Alive").flat_map(|value| value.split(',')).filter_map(|element| {
            let (name, value) = element.split(';').next()?.split_once('=')?;
            let seconds = name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().trim_matches('"'))?;
            seconds.parse::<i64>().ok()
        });
        timeouts.next().and_then(|seconds| u64::try_from(seconds).ok()).filter(|&s| s > 0).map(Duration::from_secs)
    }

    /// The head as JMeter shows it once the body was decoded: HttpClient took three headers out and JMeter put the
    /// first of each back at the end (`HTTPHC4Impl.RESPONSE_CONTENT_ENCODING`).
    pub(super) fn after_decoding(&self) -> Head {
        const MOVED: [&str; 3] = ["Content-Length", "Content-Encoding", "Content-MD5"];
        let line_is = |line: &str, wanted: &str| {
            line.split_once(':').is_some_and(|(name, _)| name.trim_matches(is_blank).eq_ignore_ascii_case(wanted))
        };
        let lines: Vec<&str> = self.text[self.headers_at..].split_terminator('\n').collect();
        let kept = lines.iter().filter(|line| !MOVED.iter().any(|name| line_is(line, name)));
        let moved = MOVED.iter().filter_map(|name| lines.iter().find(|line| line_is(line, name)));
        let mut text = self.text[..self.headers_at].to_owned();
        let mut header_count = 0;
        for line in kept.chain(moved) {
            text.push_str(line);
            text.push('\n');
            header_count += 1;
        }
        Head { text: text.into(), header_count, reason: self.reason.clone(), ..*self }
    }

    fn find_framing(&self) -> Framing {
        if let Some(encoding) = self.first("Transfer-Encoding") {
            let last = encoding.rsplit(',').next().unwrap_or_default();
            let name = last.split([';', '=']).next().unwrap_or_default().trim();
            return if name.eq_ignore_ascii_case("chunked") { Framing::Chunked } else { Framing::UntilClose };
        }
        let lengths = self.all("Content-Length").filter_map(|value| value.parse::<i64>().ok());
        match lengths.last().map(u64::try_from) {
            Some(Ok(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        }
    }

    fn find_delimited(&self) -> bool {
        if let Some(encoding) = self.first("Transfer-Encoding") {
            return encoding.eq_ignore_ascii_case("chunked");
        }
        let mut lengths = self.all("Content-Length");
        lengths.next().is_some_and(|value| value.parse::<i64>().is_ok_and(|length| length >= 0))
            && lengths.next().is_none()
    }

    fn find_closes(&self) -> bool {
        let transfer_encoding = self.first("Transfer-Encoding");
        let says_more =
            || self.first("Content-Length").is_some_and(|v| v.parse::<i32>().is_ok_and(|length| length > 0));
        if self.status == 204 && (says_more() || transfer_encoding.is_some())
            || transfer_encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("chunked"))
        {
            return true;
        }
        let name = if self.first("Connection").is_some() { "Connection" } else { "Proxy-Connection" };
        match connection_tokens(self.all(name)) {
            Some(Tokens { close: true, .. }) | None => true,
            Some(Tokens { keep_alive: true, .. }) => false,
            Some(_) => self.version <= (1, 0),
        }
    }
}

/// What the `Connection` headers of a message ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub close: bool,
    pub keep_alive: bool,
}

/// Reads `Connection` headers; `None` when they are not lists of tokens, which forbids to use the connection again.
pub(super) fn connection_tokens<'a>(values: impl Iterator<Item = &'a str>) -> Option<Tokens> {
    let mut tokens = Tokens::default();
    for token in values.flat_map(|value| value.split(',')).map(|token| token.trim_matches(is_blank)) {
        if token.chars().any(|c| c.is_control() || " \t()<>@,;:\\\"/[]?={}".contains(c)) {
            // A close that stands before the flaw has been seen by then: both forbid it.
            return None;
        }
        tokens.close |= token.eq_ignore_ascii_case("close");
        tokens.keep_alive |= token.eq_ignore_ascii_case("keep-alive");
    }
    Some(tokens)
}

struct StatusLine<'a> {
    version: (u32, u32),
    status: u16,
    reason: &'a [u8],
}

impl<'a> StatusLine<'a> {
    /// `BasicLineParser.parseStatusLine`.
    fn parse(line: &'a [u8]) -> Option<Self> {
        let rest = trim_start(line).strip_prefix(b"HTTP/")?;
        let period = memchr::memchr(b'.', rest)?;
        let blank = memchr::memchr(b' ', &rest[period..]).map_or(rest.len(), |at| period + at);
        let version = (number(trim(&rest[..period]))?, number(trim(&rest[period + 1..blank]))?);
        let rest = trim_start(&rest[blank..]);
        let blank = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        let status = u16::try_from(number(trim(&rest[..blank]))?).ok().filter(|&status| status >= 100)?;
        Some(Self { version, status, reason: trim(&rest[blank..]) })
    }
}

fn is_status_line(line: &[u8]) -> bool {
    let line = trim_start(line);
    line.len() >= b"HTTP/1.1".len() && line.starts_with(b"HTTP/")
}

fn number(digits: &[u8]) -> Option<u32> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}

fn push_number(text: &mut String, number: u32) {
    text.push_str(itoa::Buffer::new().format(number));
}

fn trim_line_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim(bytes: &[u8]) -> &[u8] {
    let mut bytes = trim_start(bytes);
    while let [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] = bytes {
        bytes = rest;
    }
    bytes
}

/// HttpCore's idea of white space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// HttpCore reads each byte as the Latin-1 character that it is.
fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Head {
        Head::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn odd_headers_are_kept_as_they_came() {
        // The `headers` answer of the conformance target, as JMeter shows and counts it.
        let head = parse(
            "HTTP/1.1 200 OK\r\nx-lower: 1\r\nX-UPPER:no space\r\nX-Twice: a\r\nX-Twice: b\r\nX-Empty:\r\n\
             X-Folded: one\r\n two\r\nX-Trail: t  \r\ncontent-length: 3\r\n\r\n",
        );
        assert_eq!(
            &*head.text(),
            "HTTP/1.1 200 OK\nx-lower: 1\nX-UPPER:no space\nX-Twice: a\nX-Twice: b\nX-Empty:\nX-Folded: one two\n\
             X-Trail: t  \ncontent-length: 3\n"
        );
        assert_eq!(head.first("x-twice"), Some("a"));
        assert_eq!(head.last("x-twice"), Some("b"));
        assert_eq!(head.first("X-Trail"), Some("t"));
        assert_eq!(head.first("X-Empty"), Some(""));
        assert_eq!(head.framing(), Framing::Length(3));
        assert!(head.keeps_alive(false));
    }

    #[test]
    fn status_lines() {
        let shown = |text: &str| Head::parse(text.as_bytes()).map(|head| head.text().to_string());
        assert_eq!(shown("HTTP/1.1 200\r\n\r\n").as_deref(), Some("HTTP/1.1 200 \n"));
        assert_eq!(shown("junk\r\n\r\n  HTTP/1.0  404  Not  Found \n\n").as_deref(), Some("HTTP/1.0 404 Not  Found\n"));
        assert_eq!(shown("HTTP/1.1 200 caf\u{e9}\r\n").as_deref(), Some("HTTP/1.1 200 caf\u{c3}\u{a9}\n"));
        assert_eq!(shown("HTTP/1.1 2x0 OK\r\n\r\n"), None);
        assert_eq!(shown("HTTP/1 200 OK\r\n\r\n"), None);
        assert_eq!(shown("HTTP/1.1 099 OK\r\n\r\n"), None);
        assert_eq!(shown("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), None);
        assert_eq!(shown("HTTP/1.1 200 OK\r\n: no name\r\n\r\n"), None);
    }

    #[test]
    fn a_head_ends_with_its_first_blank_line_after_the_status_line() {
        assert_eq!(scan(b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody"), Scan::Complete { start: 4, end: 23 });
        assert_eq!(scan(b"HTTP/1.1 200 OK\n\nx"), Scan::Complete { start: 0, end: 17 });
        assert_eq!(scan(b"HTTP/1.1 200 OK\r\nA: b\r\n"), Scan::Incomplete);
        assert_eq!(scan(b"this is not HTTP at all\r\n\r\n"), Scan::Incomplete);
        assert_eq!(scan(b""), Scan::Incomplete);
    }

    #[test]
    fn who_may_be_used_again() {
        let keeps = |text: &str| parse(&format!("{text}\r\n\r\n")).keeps_alive(false);
        assert!(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0"));
        assert!(keeps("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"));
        assert!(keeps("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive"));
        assert!(keeps("HTTP/1.1 304 Not Modified"));
        assert!(!keeps("HTTP/1.0 200 OK\r\nContent-Length: 1"));
        assert!(!keeps("HTTP/1.1 200 OK"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: -1"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive, close"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nProxy-Connection: close"));
        assert!(!keeps("HTTP/1.1 204 No Content\r\nContent-Length: 1"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: a b"));
        assert!(parse("HTTP/1.1 200 OK\r\n\r\n").keeps_alive(true));
    }

    #[test]
    fn where_bodies_end() {
        let framing = |text: &str| parse(&format!("HTTP/1.1 200 OK\r\n{text}\r\n\r\n")).framing();
        assert_eq!(framing("Content-Length: x\r\nContent-Length: 7"), Framing::Length(7));
        assert_eq!(framing("Content-Length: -7"), Framing::UntilClose);
        assert_eq!(framing("Transfer-Encoding: gzip, Chunked\r\nContent-Length: 7"), Framing::Chunked);
        assert_eq!(framing("Transfer-Encoding: identity\r\nContent-Length: 7"), Framing::UntilClose);
    }

    #[test]
    fn keep_alive_durations() {
        let seconds = |value: &str| {
            parse(&format!("HTTP/1.1 200 OK\r\nKeep-Alive: {value}\r\n\r\n")).keep_alive_for().map(|d| d.as_secs())
        };
        assert_eq!(seconds("timeout=5, max=100"), Some(5));
        assert_eq!(seconds("max=100, TIMEOUT = \"7\""), Some(7));
        assert_eq!(seconds("timeout=x"), None);
        assert_eq!(seconds("timeout=0"), None);
    }

    #[test]
    fn decoding_moves_three_headers_to_the_end() {
        let head = parse(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ncontent-length: 9\r\nX: 1\r\nContent-Encoding: br\r\n\r\n",
        );
        assert_eq!(
            &*head.after_decoding().text(),
            "HTTP/1.1 200 OK\nX: 1\ncontent-length: 9\nContent-Encoding: gzip\n"
        );
        assert_eq!(head.size(), head.text().len() as u64 + 4 + 3);
        assert_eq!(head.after_decoding().size(), head.after_decoding().text().len() as u64 + 3 + 3);
    }
}
