//! What was sent and what came back where samples failed: the first exchanges of each kind, cut to bounds, without secrets.

use super::mask::{self, Mask};
use super::{DataType, JtlRow, SampleResult, charset};
use crate::clock::Timestamp;
use crate::text::Text;

/// Bytes of a head that are kept.
const LONGEST_HEAD: usize = 8 * 1024;

/// Bytes of a name, a message or an address that are kept.
const LONGEST_LINE: usize = 1000;

/// Bytes that all exchanges together may take: a page has to be sent and drawn.
const MOST_BYTES: usize = 1 << 20;

/// How much is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureBounds {
    /// Kinds that are told apart; further ones are only counted.
    pub kinds: usize,
    /// Exchanges of each kind.
    pub per_kind: usize,
    /// Bytes of a body.
    pub body: usize,
    /// Headers whose values are hidden, beside those that always are.
    pub masked: Vec<Text>,
}

impl Default for FailureBounds {
    fn default() -> Self {
        FailureBounds { kinds: 100, per_kind: 3, body: 4096, masked: Vec::new() }
    }
}

impl FailureBounds {
    /// How many bytes of a body are to be left to [`Failures`]: one more, so that it knows what was cut off.
    pub fn body_needed(&self) -> usize {
        if self.body == 0 { 0 } else { self.body + 1 }
    }
}

/// Failures by label, code and message.
#[derive(Debug, Clone)]
pub struct Failures {
    bounds: FailureBounds,
    mask: Mask,
    kinds: Vec<FailureKind>,
    uncounted: u64,
    room: usize,
}

/// Failures that have label, code and message in common.
#[derive(Debug, Clone)]
pub struct FailureKind {
    /// The samples' label.
    pub label: String,
    /// Their code.
    pub code: String,
    /// Their message.
    pub message: String,
    /// How many there were.
    pub count: u64,
    /// When the one that was met last began.
    pub last: Timestamp,
    /// The first of them, as far as anything is known of them.
    pub exchanges: Vec<FailedExchange>,
}

/// One failed sample.
#[derive(Debug, Clone)]
pub struct FailedExchange {
    /// When it began.
    pub start: Timestamp,
    /// How long it took, in ms.
    pub elapsed: u64,
    /// Its user.
    pub thread_name: String,
    /// What the first assertion said that said anything.
    pub failure_message: String,
    /// Method, address and headers, as sent.
    pub request: String,
    /// What was sent behind them, or what a sampler that is not HTTP sent.
    pub request_body: Part,
    /// Status line and headers, as received.
    pub response: String,
    /// What came behind them; what JMeter shows in its place where nothing came.
    pub response_body: Part,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// There was none.
    Empty,
    /// Text.
    Text {
        /// The beginning of it, or all.
        text: String,
        /// Whether there was more.
        cut: bool,
    },
    /// So many bytes that are no text.
    Binary(u64),
    /// So many bytes that were let go as they came.
    Unread(u64),
}

impl Failures {
    /// None yet.
    pub fn new(bounds: FailureBounds) -> Self {
        let mask = Mask::new(&bounds.masked);
        Failures { bounds, mask, kinds: Vec::new(), uncounted: 0, room: MOST_BYTES }
    }

    /// The kinds, in the order in which they came.
    pub fn kinds(&self) -> &[FailureKind] {
        &self.kinds
    }

    /// Failures of kinds that there was no place for.
    pub fn uncounted(&self) -> u64 {
        self.uncounted
    }

    /// Whether anything is known of what was sent and received.
    pub fn has_exchanges(&self) -> bool {
        self.kinds.iter().any(|kind| !kind.exchanges.is_empty())
    }

    /// Looks at a sample of a run, without its sub-samples. A transaction is no exchange.
    pub fn sample(&mut self, sample: &SampleResult) {
        if sample.successful || sample.is_transaction {
            return;
        }
        let at = self.find(&sample.label, &sample.response_code, &sample.response_message, sample.start);
        if let Some(at) = at {
            let exchange = self.exchange_of_sample(sample);
            self.keep(at, exchange);
        }
    }

    /// Looks at a row of a result file. Only XML files can hold exchanges.
    pub fn row(&mut self, row: &JtlRow, stamped_at_end: bool) {
        if row.success || row.is_transaction() {
            return;
        }
        let start = row.span(stamped_at_end).0;
        let at = self.find(&row.label, &row.response_code, &row.response_message, start);
        let known = row.data.is_some() || !row.request_headers.is_empty() || !row.response_headers.is_empty();
        if let Some(at) = at.filter(|_| known) {
            let exchange = self.exchange_of_row(row, start);
            self.keep(at, exchange);
        }
    }

    /// Counts a failure; its kind, if an exchange of it is wanted.
    fn find(&mut self, label: &str, code: &str, message: &str, start: Timestamp) -> Option<usize> {
        let [label, code, message] = [label, code, message].map(|text| cut(text, LONGEST_LINE).0);
        let known =
            self.kinds.iter().position(|kind| kind.label == label && kind.code == code && kind.message == message);
        let at = match known {
            Some(at) => at,
            None if self.kinds.len() >= self.bounds.kinds => {
                self.uncounted += 1;
                return None;
            }
            None => {
                let [label, code, message] = [label, code, message].map(str::to_owned);
                self.kinds.push(FailureKind { label, code, message, count: 0, last: start, exchanges: Vec::new() });
                self.kinds.len() - 1
            }
        };
        let kind = &mut self.kinds[at];
        kind.count += 1;
        kind.last = start;
        (kind.exchanges.len() < self.bounds.per_kind && self.room > 0).then_some(at)
    }

    fn keep(&mut self, at: usize, exchange: FailedExchange) {
        let text = |part: &Part| if let Part::Text { text, .. } = part { text.len() } else { 0 };
        let FailedExchange { request, response, request_body, response_body, failure_message, .. } = &exchange;
        let size = request.len() + response.len() + text(request_body) + text(response_body) + failure_message.len();
        match self.room.checked_sub(size) {
            Some(room) => {
                self.room = room;
                self.kinds[at].exchanges.push(exchange);
            }
            None => self.room = 0,
        }
    }

    fn exchange_of_sample(&self, sample: &SampleResult) -> FailedExchange {
        let http = sample.http.as_deref();
        let sent = http.map_or(sample.sampler_data.as_deref(), |http| Some(&*http.query_string)).unwrap_or_default();
        let url = sample.url.as_deref().unwrap_or_default();
        FailedExchange {
            start: sample.start,
            elapsed: sample.elapsed_millis(),
            thread_name: line(&sample.thread_name),
            failure_message: line(sample.first_assertion_message().map_or("", |message| message)),
            request: self.request(
                http.map_or("", |http| &http.method),
                url,
                &sample.request_headers,
                http.map_or("", |http| &http.cookies),
            ),
            request_body: self.part(sent),
            response: self.head(&sample.response_headers),
            response_body: self.response_body(sample),
        }
    }

    fn exchange_of_row(&self, row: &JtlRow, start: Timestamp) -> FailedExchange {
        let data = row.data.as_deref();
        let sent =
            data.map_or("", |data| if data.query_string.is_empty() { &data.sampler_data } else { &data.query_string });
        let (method, cookies) = data.map_or(("", ""), |data| (&data.method, &data.cookies));
        FailedExchange {
            start,
            elapsed: row.elapsed.as_millis() as u64,
            thread_name: line(&row.thread_name),
            failure_message: line(&row.failure_message),
            request: self.request(method, &row.url, &row.request_headers, cookies),
            request_body: self.part(sent),
            response: self.head(&row.response_headers),
            response_body: self.part(data.map_or("", |data| &data.response_data)),
        }
    }

    fn request(&self, method: &str, url: &str, headers: &str, cookies: &str) -> String {
        let blank = if method.is_empty() || url.is_empty() { "" } else { " " };
        let mut head = self.head(&format!("{method}{blank}{url}\n{headers}"));
        if !cookies.is_empty() {
            head.push_str(&self.head(&format!("Cookie: {cookies}")));
        }
        head.trim_start().to_owned()
    }

    fn head(&self, head: &str) -> String {
        self.mask.head(cut(head, LONGEST_HEAD).0)
    }

    fn part(&self, text: &str) -> Part {
        if text.is_empty() {
            return Part::Empty;
        }
        if self.bounds.body == 0 {
            return Part::Unread(text.len() as u64);
        }
        let (text, cut) = cut(text, self.bounds.body);
        Part::Text { text: mask::text(text).into_owned(), cut }
    }

    fn response_body(&self, sample: &SampleResult) -> Part {
        let bytes = &*sample.response_data;
        let size = sample.body_size_as_long();
        if bytes.is_empty() || self.bounds.body == 0 {
            return if size == 0 { Part::Empty } else { Part::Unread(size) };
        }
        let cut = bytes.len() > self.bounds.body;
        let bytes = &bytes[..bytes.len().min(self.bounds.body)];
        let text = charset::decode(&sample.known_encoding().unwrap_or_default(), bytes)
            .unwrap_or_else(|| String::from_utf8_lossy(bytes));
        if sample.data_type == DataType::Binary || text.contains('\0') {
            return Part::Binary(size);
        }
        // A character may have been cut in two.
        let whole = if cut { text.trim_end_matches(char::REPLACEMENT_CHARACTER) } else { &text };
        Part::Text { text: mask::text(whole).into_owned(), cut }
    }
}

fn line(text: &str) -> String {
    mask::text(cut(text, LONGEST_LINE).0).into_owned()
}

/// The beginning of a text, and whether there is more.
fn cut(text: &str, most: usize) -> (&str, bool) {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    (&text[..end], end < text.len())
}

#[cfg(test)]
mod tests {
    use super::super::samples_for_tests::plain_sample;
    use super::*;
    use crate::results::HttpDetails;
    use bytes::Bytes;

    fn failed(label: &str) -> SampleResult {
        let mut sample = plain_sample();
        sample.label = label.into();
        sample.successful = false;
        sample.response_code = "500".into();
        sample.request_headers = "Host: h\nAuthorization: Basic c2VjcmV0\n".into();
        sample.response_headers = "HTTP/1.1 500 Oops\nSet-Cookie: a=1; Path=/\n".into();
        sample.response_data = Bytes::from_static(b"{\"error\": \"no\"}");
        sample.http = Some(Box::new(HttpDetails {
            method: "POST".into(),
            query_string: "user=me&password=1".into(),
            cookies: "sid=7".into(),
            ..HttpDetails::default()
        }));
        sample
    }

    #[test]
    fn an_exchange_as_it_was_but_for_secrets() {
        let mut failures = Failures::new(FailureBounds::default());
        failures.sample(&failed("login"));
        failures.sample(&plain_sample());
        let [kind] = failures.kinds() else { panic!("{failures:?}") };
        assert_eq!((&*kind.label, &*kind.code, kind.count), ("login", "500", 1));
        let exchange = &kind.exchanges[0];
        assert_eq!(
            exchange.request,
            "POST http://127.0.0.1:80/echo\nHost: h\nAuthorization: Basic ***\nCookie: sid=***\n"
        );
        let text = |text: &str| Part::Text { text: text.to_owned(), cut: false };
        assert_eq!(exchange.request_body, text("user=me&password=***"));
        assert_eq!(exchange.response, "HTTP/1.1 500 Oops\nSet-Cookie: a=***; Path=/\n");
        assert_eq!(exchange.response_body, text("{\"error\": \"no\"}"));
    }

    #[test]
    fn bodies() {
        let failures = Failures::new(FailureBounds { body: 4, ..FailureBounds::default() });
        let body = |data: &[u8], size: u64| {
            let mut sample = failed("a");
            sample.response_data = Bytes::copy_from_slice(data);
            sample.body_size = size;
            failures.response_body(&sample)
        };
        let text = |text: &str, cut| Part::Text { text: text.to_owned(), cut };
        assert_eq!(body(b"abcd", 4), text("abcd", false));
        assert_eq!(body(b"abcde", 99), text("abcd", true));
        assert_eq!(body("abc€".as_bytes(), 6), text("abc", true));
        assert_eq!(body(b"", 7), Part::Unread(7));
        assert_eq!(body(b"", 0), Part::Empty);
        assert_eq!(body(b"a\0b", 3), Part::Binary(3));
    }

    #[test]
    fn kinds_exchanges_and_bytes_have_bounds() {
        let bounds = FailureBounds { kinds: 5, per_kind: 2, ..FailureBounds::default() };
        let mut failures = Failures::new(bounds);
        for number in 0..100 {
            failures.sample(&failed(&format!("label {}", number % 10)));
        }
        assert_eq!((failures.kinds().len(), failures.uncounted()), (5, 50));
        assert!(failures.kinds().iter().all(|kind| kind.count == 10 && kind.exchanges.len() == 2));

        let bounds = FailureBounds { kinds: 10_000, body: 100_000, ..FailureBounds::default() };
        let mut failures = Failures::new(bounds);
        for number in 0..100 {
            let mut sample = failed(&number.to_string());
            sample.response_data = vec![b'x'; 50_000].into();
            failures.sample(&sample);
        }
        let kept: usize = failures.kinds().iter().map(|kind| kind.exchanges.len()).sum();
        assert_eq!((failures.kinds().len(), kept), (100, MOST_BYTES / 50_300));
    }

    #[test]
    fn rows_without_exchanges_are_counted() {
        let mut row = JtlRow::default();
        row.success = false;
        let mut failures = Failures::new(FailureBounds::default());
        failures.row(&row, false);
        assert!(!failures.has_exchanges());
        row.request_headers = "Host: h\n".to_owned();
        failures.row(&row, false);
        assert_eq!((failures.kinds()[0].count, failures.kinds()[0].exchanges.len()), (2, 1));
        row.response_message = "Number of samples in transaction : 1".to_owned();
        failures.row(&row, false);
        assert_eq!(failures.kinds().len(), 1);
    }
}
