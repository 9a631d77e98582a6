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
    /// How long the server keeps an idle connection.
    keep_alive_for: Option<Duration>,
    /// Whether a `Content-Encoding` is given.
    encoded: bool,
    /// Where the value of the last `Content-Type` stands in `text`.
    content_type: Option<Range<usize>>,
    size: u64,
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
        let line = &bytes[at..line_end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
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
        let bytes = latin1(bytes);
        let mut lines = bytes.split('\n').map(trim_line_end).skip_while(|line| !is_status_line(line.as_bytes()));
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
        text.push_str(line.reason);
        let reason = reason_at..text.len();
        text.push('\n');
        let headers_at = text.len();
        let mut header_count = 0;
        for line in lines {
            if line.is_empty() {
                break;
            }
            if header_count > 0 && line.starts_with(is_fold) {
                text.pop();
                text.push(' ');
                text.push_str(line.trim_start_matches(is_fold));
            } else {
                if trim(&line[..line.find(':')?]).is_empty() {
                    return None;
                }
                text.push_str(line);
                header_count += 1;
            }
            text.push('\n');
        }
        let meaning = Meaning::of(line.status, line.version, header_lines(&text[headers_at..]));
        Some(Head {
            size: size(&text, header_count),
            content_type: content_type(&text, headers_at),
            text: text.into(),
            status: line.status,
            version: line.version,
            reason,
            headers_at,
            header_count,
            framing: meaning.framing,
            closes: meaning.closes,
            delimited: meaning.delimited,
            keep_alive_for: meaning.keep_alive_for,
            encoded: meaning.encoded,
        })
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
        header_lines(&self.text[self.headers_at..])
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

    /// The value of the last `Content-Type`.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.clone().map(|place| &self.text[place])
    }

    /// The size that JMeter gives to the head: its text, a carriage return for each line and the blank line.
    pub fn size(&self) -> u64 {
        self.size
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
        self.keep_alive_for
    }

    /// Whether a `Content-Encoding` is given.
    pub(super) fn is_encoded(&self) -> bool {
        self.encoded
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
        Head {
            size: size(&text, header_count),
            content_type: content_type(&text, self.headers_at),
            text: text.into(),
            header_count,
            reason: self.reason.clone(),
            ..*self
        }
    }
}

fn size(text: &str, header_count: u64) -> u64 {
    let units = if text.is_ascii() { text.len() } else { text.chars().count() };
    units as u64 + header_count + 3
}

fn content_type(text: &str, headers_at: usize) -> Option<Range<usize>> {
    let (_, value) =
        header_lines(&text[headers_at..]).filter(|(name, _)| name.eq_ignore_ascii_case("Content-Type")).last()?;
    // An empty value need not lie in the text.
    let begin = if value.is_empty() { 0 } else { value.as_ptr() as usize - text.as_ptr() as usize };
    Some(begin..begin + value.len())
}

/// What the headers say about the body and the connection, gathered in one pass.
struct Meaning {
    framing: Framing,
    closes: bool,
    delimited: bool,
    keep_alive_for: Option<Duration>,
    encoded: bool,
}

impl Meaning {
    fn of<'a>(status: u16, version: (u32, u32), headers: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut transfer_encoding = None;
        let mut first_length = None;
        let mut lengths = 0;
        let mut length = None;
        let mut connection = Connection::default();
        let mut proxy_connection = Connection::default();
        let mut keep_alive_for: Option<i64> = None;
        let mut encoded = false;
        for (name, value) in headers {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            // Most headers are told apart from these by their length alone.
            match name.len() {
                10 if is("Connection") => connection.add(value),
                10 if is("Keep-Alive") => keep_alive_for = keep_alive_for.or_else(|| keep_alive(value)),
                14 if is("Content-Length") => {
                    lengths += 1;
                    first_length.get_or_insert(value);
                    length = value.parse::<i64>().ok().or(length);
                }
                16 if is("Content-Encoding") => encoded = true,
                16 if is("Proxy-Connection") => proxy_connection.add(value),
                17 if is("Transfer-Encoding") => {
                    transfer_encoding.get_or_insert(value);
                }
                _ => {}
            }
        }
        let chunked = transfer_encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked"));
        let framing = match (transfer_encoding, length.map(u64::try_from)) {
            (Some(encoding), _) => {
                let last = encoding.rsplit(',').next().unwrap_or_default();
                let name = last.split([';', '=']).next().unwrap_or_default().trim();
                if name.eq_ignore_ascii_case("chunked") { Framing::Chunked } else { Framing::UntilClose }
            }
            (None, Some(Ok(length))) => Framing::Length(length),
            (None, _) => Framing::UntilClose,
        };
        let delimited = match transfer_encoding {
            Some(_) => chunked,
            None => lengths == 1 && length.is_some_and(|length| length >= 0),
        };
        // A 204 that announces a body may send one, and a coding other than chunks ends with the connection.
        let announces = first_length.is_some_and(|value| value.parse::<i32>().is_ok_and(|length| length > 0));
        let untrusted =
            (status == 204 && (announces || transfer_encoding.is_some())) || (transfer_encoding.is_some() && !chunked);
        let asks = if connection.any { connection } else { proxy_connection };
        let closes = untrusted
            || match asks.tokens {
                Some(Tokens { close: true, .. }) | None => true,
                Some(Tokens { keep_alive: true, .. }) => false,
                Some(_) => version <= (1, 0),
            };
        let keep_alive_for =
            keep_alive_for.and_then(|seconds| u64::try_from(seconds).ok()).filter(|&seconds| seconds > 0);
        Self { framing, closes, delimited, keep_alive_for: keep_alive_for.map(Duration::from_secs), encoded }
    }
}

/// The first `timeout` of a `Keep-Alive` header that is a number, in seconds.
fn keep_alive(value: &str) -> Option<i64> {
    value.split(',').find_map(|element| {
        let (name, value) = element.split(';').next()?.split_once('=')?;
        let seconds = name.trim().eq_ignore_ascii_case("timeout").then(|| value.trim().trim_matches('"'))?;
        seconds.parse().ok()
    })
}

/// The `Connection` headers of a message.
#[derive(Debug, Clone, Copy)]
struct Connection {
    any: bool,
    /// `None` once one of them is no list of tokens.
    tokens: Option<Tokens>,
}

impl Default for Connection {
    fn default() -> Self {
        Self { any: false, tokens: Some(Tokens::default()) }
    }
}

impl Connection {
    fn add(&mut self, value: &str) {
        self.any = true;
        self.tokens = self.tokens.and_then(|tokens| tokens.and(value));
    }
}

/// What the `Connection` headers of a message ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub close: bool,
    pub keep_alive: bool,
}

impl Tokens {
    /// Reads a header on top of others; `None` when it is no list of tokens, which forbids to use the connection again.
    pub fn and(mut self, value: &str) -> Option<Tokens> {
        if value.eq_ignore_ascii_case("keep-alive") {
            return Some(Tokens { keep_alive: true, ..self });
        }
        for token in value.split(',').map(|token| token.trim_matches(is_blank)) {
            if token.eq_ignore_ascii_case("keep-alive") {
                self.keep_alive = true;
            } else if token.eq_ignore_ascii_case("close") {
                self.close = true;
            } else if token.bytes().any(|byte| byte.is_ascii_control() || b" \t()<>@,;:\\\"/[]?={}".contains(&byte)) {
                return None;
            }
        }
        Some(self)
    }
}

struct StatusLine<'a> {
    version: (u32, u32),
    status: u16,
    reason: &'a str,
}

impl<'a> StatusLine<'a> {
    /// `BasicLineParser.parseStatusLine`.
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.trim_start_matches(is_blank).strip_prefix("HTTP/")?;
        let period = rest.find('.')?;
        let blank = rest[period..].find(' ').map_or(rest.len(), |at| period + at);
        let version = (number(trim(&rest[..period]))?, number(trim(&rest[period + 1..blank]))?);
        let rest = rest[blank..].trim_start_matches(is_blank);
        let blank = rest.find(' ').unwrap_or(rest.len());
        let status = u16::try_from(number(trim(&rest[..blank]))?).ok().filter(|&status| status >= 100)?;
        Some(Self { version, status, reason: trim(&rest[blank..]) })
    }
}

fn header_lines(mut text: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let line;
        (line, text) = split_at_byte(text, b'\n');
        let (name, value) = split_at_byte(line, b':');
        Some((trim(name), trim(value)))
    })
}

/// What stands before and after the first `byte`, which is ASCII.
fn split_at_byte(text: &str, byte: u8) -> (&str, &str) {
    memchr::memchr(byte, text.as_bytes()).map_or((text, ""), |at| (&text[..at], &text[at + 1..]))
}

fn is_status_line(line: &[u8]) -> bool {
    let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
    line.len() - blanks >= b"HTTP/1.1".len() && line[blanks..].starts_with(b"HTTP/")
}

fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

fn push_number(text: &mut String, number: u32) {
    text.push_str(itoa::Buffer::new().format(number));
}

fn trim_line_end(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

fn trim(text: &str) -> &str {
    let is_blank = |byte: &u8| is_blank(char::from(*byte));
    let Some(first) = text.bytes().position(|byte| !is_blank(&byte)) else { return "" };
    let end = text.bytes().rposition(|byte| !is_blank(&byte)).map_or(first, |last| last + 1);
    &text[first..end]
}

/// HttpCore's idea of white space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// What a line that continues a header begins with.
fn is_fold(c: char) -> bool {
    matches!(c, ' ' | '\t')
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
    fn the_last_type_counts_be_it_empty() {
        let content_type =
            |headers: &str| parse(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).content_type().map(str::to_owned);
        assert_eq!(content_type("A: b\r\n"), None);
        assert_eq!(content_type("Content-Type: \r\n").as_deref(), Some(""));
        assert_eq!(content_type("content-type:a/b\r\nContent-Type:  c/d ;x \r\n").as_deref(), Some("c/d ;x"));
        let head = parse("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: a/b\r\n\r\n");
        assert_eq!(head.after_decoding().content_type(), Some("a/b"));
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
