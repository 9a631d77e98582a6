//! One sample: what a sampler measured, as processors, assertions and result files see it.

use super::{Intended, charset};
use crate::clock::Timestamp;
use crate::text::Text;
use bytes::Bytes;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// JMeter's `SampleResult` (`org.apache.jmeter.samplers.SampleResult`), with HTTP's extras in [`HttpDetails`].
///
/// Times are exact to the microsecond here and become whole milliseconds only where a file is written.
#[derive(Debug, Clone, Default)]
pub struct SampleResult {
    /// Name in reports; sub-samples are usually `PARENT-0`, `PARENT-1`, …
    pub label: Text,
    /// Status code, or the text that stands for a failure; may be empty.
    pub response_code: Text,
    /// Reason phrase or failure text.
    pub response_message: Text,
    /// Whether the sample counts as passed; assertions may change it.
    pub successful: bool,
    /// Name of the virtual user, `GROUP g-t`.
    pub thread_name: Text,
    /// `text`, `bin`, or empty when the sampler did not say.
    pub data_type: DataType,
    /// When the sample began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// JMeter's "elapsed": end - start - idle, unless a sampler set it otherwise.
    pub elapsed: Duration,
    /// What the schedule of a timer said of its start; `None` without such a timer.
    pub intended: Option<Intended>,
    /// Until the first byte of the response body.
    pub latency: Duration,
    /// Until the connection stood; zero on a kept connection.
    pub connect: Duration,
    /// Time within the sample that does not count (pauses of a transaction).
    pub idle: Duration,
    /// Bytes received: heads and bodies as they came over the wire.
    pub bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// The part of `bytes` that is response heads.
    pub headers_size: u64,
    /// The part of `bytes` that is response bodies.
    pub body_size: u64,
    /// Active users of the group at the sample's end.
    pub group_threads: u32,
    /// Active users of the run at the sample's end.
    pub all_threads: u32,
    /// Address that was asked, `None` for samplers without one (`null` in the JTL).
    pub url: Option<Text>,
    /// Charset of the response as its `Content-Type` names it.
    pub data_encoding: Option<Text>,
    /// The `Content-Type` of the response, as received; empty when there was none.
    pub content_type: Text,
    /// Response body, decoded from its content encoding.
    pub response_data: Bytes,
    /// Status line and response headers, one a line, as received.
    pub response_headers: Text,
    /// Request headers, one a line, as sent.
    pub request_headers: Text,
    /// What was sent, for samplers that are not HTTP; `None` is left out of XML files.
    pub sampler_data: Option<Text>,
    /// Set for HTTP samples: makes the XML tag `httpSample`.
    pub http: Option<Box<HttpDetails>>,
    /// Redirect hops, embedded resources, or the samples of a transaction.
    pub sub_results: Vec<SampleResult>,
    /// In the order in which the assertions ran.
    pub assertion_results: Vec<AssertionResult>,
    /// File that Save Responses wrote.
    pub result_file_name: Text,
    /// Samples this row stands for (1, unless aggregated).
    pub sample_count: u32,
    /// Rows that a Transaction Controller made are not counted by the summariser.
    pub is_transaction: bool,
    /// Set by scripts and samplers: no listener hears of this sample.
    pub ignore: bool,
    /// What the user's flow does after this sample.
    pub action: AfterSample,
}

/// What kind of data a response holds (`SampleResult.TEXT`, `BINARY`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DataType {
    /// Nothing was said: an empty cell.
    #[default]
    Unset,
    /// `text`
    Text,
    /// `bin`
    Binary,
    /// Whatever a script set.
    Other(Text),
}

impl DataType {
    /// As the JTL writes it.
    pub fn as_str(&self) -> &str {
        match self {
            DataType::Unset => "",
            DataType::Text => "text",
            DataType::Binary => "bin",
            DataType::Other(text) => text,
        }
    }
}

/// What only HTTP samples have (`HTTPSampleResult`).
#[derive(Debug, Clone, Default)]
pub struct HttpDetails {
    /// Request method.
    pub method: Text,
    /// Body that was sent, as text.
    pub query_string: Text,
    /// Value of the Cookie header that was sent.
    pub cookies: Text,
    /// Value of the Location header that was followed.
    pub redirect_location: Option<Text>,
}

/// What one assertion said of one sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssertionResult {
    /// The assertion's name.
    pub name: Text,
    /// The sample did not meet it.
    pub failure: bool,
    /// The assertion itself could not be evaluated.
    pub error: bool,
    /// Why; some assertions leave an (empty) message although they pass, which hides later ones in a CSV row.
    pub message: Option<Text>,
}

/// Stop requests and jumps that a sample carries (`setStopThread`, `TestLogicalAction`, …).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AfterSample {
    /// End this user.
    pub stop_thread: bool,
    /// No new samples anywhere.
    pub stop_test: bool,
    /// Interrupt every running sample.
    pub stop_test_now: bool,
    /// Jump within the user's own loops.
    pub logical_action: LogicalAction,
}

/// JMeter's `JMeterContext.TestLogicalAction`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogicalAction {
    /// Go on.
    #[default]
    Continue,
    /// Next iteration of the thread group.
    StartNextIterationOfThread,
    /// Next iteration of the nearest loop.
    StartNextIterationOfCurrentLoop,
    /// Leave the nearest loop.
    BreakCurrentLoop,
}

impl SampleResult {
    /// A sample that begins at `start`, passed until something says otherwise.
    pub fn started(label: Text, start: Timestamp) -> Self {
        SampleResult { label, start, end: start, successful: true, sample_count: 1, ..SampleResult::default() }
    }

    /// Ends the sample: elapsed = end - start - idle.
    pub fn finish(&mut self, end: Timestamp) {
        self.end = end;
        self.elapsed = end.since(self.start).saturating_sub(self.idle);
    }

    /// Elapsed time in whole milliseconds, as result files and statistics show it.
    ///
    /// JMeter subtracts clock readings that are whole milliseconds, so what it calls 1 ms may have been anything from
    /// 0.001 to 1.999 ms, right on average. Cutting microseconds off a duration would be half a millisecond short on
    /// average instead, which shows in the means of fast servers; hence the difference of two whole readings here too.
    pub fn elapsed_millis(&self) -> u64 {
        self.millis_after_start(self.idle.saturating_add(self.elapsed)) - self.idle_millis()
    }

    /// Time to the first byte of the body in whole milliseconds; see [`SampleResult::elapsed_millis`].
    pub fn latency_millis(&self) -> u64 {
        self.millis_after_start(self.latency)
    }

    /// Time to the connection in whole milliseconds; see [`SampleResult::elapsed_millis`].
    pub fn connect_millis(&self) -> u64 {
        self.millis_after_start(self.connect)
    }

    /// Time that does not count in whole milliseconds; see [`SampleResult::elapsed_millis`].
    pub fn idle_millis(&self) -> u64 {
        self.millis_after_start(self.idle)
    }

    fn millis_after_start(&self, duration: Duration) -> u64 {
        let whole = duration.as_secs().saturating_mul(1000);
        let begun = self.start.micros().rem_euclid(1000) as u64;
        whole.saturating_add((begun + u64::from(duration.subsec_micros())) / 1000)
    }

    /// Size of the body (`getBodySizeAsLong`): what was counted, else the length of what is kept.
    pub fn body_size_as_long(&self) -> u64 {
        if self.body_size == 0 { self.response_data.len() as u64 } else { self.body_size }
    }

    /// What the column `bytes` shows (`getBytesAsLong`): heads and body, and only when both are empty the sum that was
    /// set for the sample as a whole.
    pub fn bytes_as_long(&self) -> u64 {
        match self.headers_size + self.body_size_as_long() {
            0 => self.bytes,
            parts => parts,
        }
    }

    /// 1 for a failed sample (`getErrorCount`), however many samples it stands for.
    pub fn error_count(&self) -> u32 {
        u32::from(!self.successful)
    }

    /// The response's charset, if it is known (`getDataEncodingNoDefault`): from the `Content-Type`, or for HTML from
    /// the `<meta http-equiv="content-type" …>` within the first 2,000 bytes. May be an empty text.
    pub fn known_encoding(&self) -> Option<Cow<'_, str>> {
        match &self.data_encoding {
            Some(encoding) => Some(Cow::Borrowed(encoding)),
            None if self.http.is_some() && self.content_type.starts_with("text/html") => {
                charset::of_html(&self.response_data).map(Cow::Owned)
            }
            None => None,
        }
    }

    /// The response as text, in its charset (`getResponseDataAsString`); UTF-8 when none is known, or one that is
    /// none.
    pub fn response_text(&self) -> Cow<'_, str> {
        let label = self.known_encoding().unwrap_or_default();
        charset::decode(&label, &self.response_data).unwrap_or_else(|| String::from_utf8_lossy(&self.response_data))
    }

    /// The message of the first assertion that left one (`getFirstAssertionFailureMessage`), which is what a CSV row shows.
    pub fn first_assertion_message(&self) -> Option<&Text> {
        self.assertion_results.iter().find_map(|assertion| assertion.message.as_ref())
    }

    /// Appends a sub-sample as `addRawSubResult`/`addSubResult` do: sizes are summed into this sample and the end is
    /// moved to the sub-sample's end. The caller names the sub-sample.
    pub fn add_sub_result(&mut self, sub: SampleResult) {
        self.bytes = self.bytes_as_long() + sub.bytes_as_long();
        self.headers_size += sub.headers_size;
        self.body_size = self.body_size_as_long() + sub.body_size_as_long();
        self.sent_bytes += sub.sent_bytes;
        self.finish(sub.end.max(self.end));
        self.sub_results.push(sub);
    }
}

/// A finished sample on its way to the result files.
#[derive(Debug, Clone)]
pub struct SampleEvent {
    /// The sample, boxed because it is handed on several times.
    pub result: Box<SampleResult>,
    /// When its listeners heard of it: the order of rows. Its own end may lie before, or anywhere that a script set it to.
    pub heard: Timestamp,
    /// The collectors that hear it, by index; resolved from scopes when the plan was compiled.
    pub collectors: Arc<[CollectorId]>,
    /// Values of `sample_variables` at the sample's end, in their order.
    pub variables: Box<[Option<Text>]>,
}

/// Index of a result collector among [`crate::results::CollectorConfig`]s of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CollectorId(pub u32);
