//! A row of a result file, and the table of what JMeter calls its parts.

use crate::clock::Timestamp;
use crate::results::{SampleResult, TRANSACTION};
use crate::text::Text;
use std::time::Duration;

/// One sample as a result file tells of it.
///
/// What the file does not say is zero, empty or `None`, but for [`JtlRow::success`] and [`JtlRow::sample_count`], which are
/// `true` and 1; [`JtlRow::has`] tells the difference. Numbers below zero, which a clock that was set back leaves
/// behind, are zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JtlRow {
    /// The line that it begins on, from 1.
    pub line: u64,
    /// How many samples it is nested in. Always 0 in CSV, where a sub-sample is a row as any other.
    pub depth: u32,
    /// `timeStamp`, `ts`: when it began, or ended, as the run's `sampleresult.timestamp.start` had it.
    pub time_stamp: Timestamp,
    /// `elapsed`, `t`
    pub elapsed: Duration,
    /// `label`, `lb`
    pub label: String,
    /// `responseCode`, `rc`
    pub response_code: String,
    /// `responseMessage`, `rm`
    pub response_message: String,
    /// `threadName`, `tn`
    pub thread_name: String,
    /// `dataType`, `dt`
    pub data_type: String,
    /// `success`, `s`
    pub success: bool,
    /// `failureMessage`, or the first message of an `<assertionResult>`
    pub failure_message: String,
    /// `bytes`, `by`
    pub bytes: u64,
    /// `sentBytes`, `sby`
    pub sent_bytes: u64,
    /// `grpThreads`, `ng`
    pub grp_threads: u32,
    /// `allThreads`, `na`
    pub all_threads: u32,
    /// `URL`, `<java.net.URL>`; empty for `null`, which samplers without an address have.
    pub url: String,
    /// `Filename`, `<responseFile>`
    pub file_name: String,
    /// `Latency`, `lt`
    pub latency: Duration,
    /// `Encoding`, `de`
    pub encoding: String,
    /// `SampleCount`, `sc`
    pub sample_count: u32,
    /// `ErrorCount`, `ec`
    pub error_count: u32,
    /// `Hostname`, `hn`
    pub hostname: String,
    /// `IdleTime`, `it`
    pub idle_time: Duration,
    /// `Connect`, `ct`
    pub connect: Duration,
    /// `<responseHeader>`; result files of CSV have none.
    pub response_headers: String,
    /// `<requestHeader>`; likewise.
    pub request_headers: String,
    /// What an XML file holds of a failed sample beside its heads.
    pub data: Option<Box<RowData>>,
    pub(super) present: u32,
    pub(super) extra: Vec<(Text, String)>,
}

/// What was sent and what came back, where an XML file says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowData {
    /// `<method>`
    pub method: String,
    /// `<queryString>`: the body that was sent.
    pub query_string: String,
    /// `<cookies>`
    pub cookies: String,
    /// `<samplerData>`: what a sampler that is not HTTP sent.
    pub sampler_data: String,
    /// `<responseData>`
    pub response_data: String,
}

/// A part of a row that JMeter knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of JtlRow say it")]
pub enum JtlField {
    TimeStamp,
    Elapsed,
    Label,
    ResponseCode,
    ResponseMessage,
    ThreadName,
    DataType,
    Success,
    FailureMessage,
    Bytes,
    SentBytes,
    GrpThreads,
    AllThreads,
    Url,
    FileName,
    Latency,
    Encoding,
    SampleCount,
    ErrorCount,
    Hostname,
    IdleTime,
    Connect,
}

/// A field, its column in CSV, and its attribute in XML where it has one.
static FIELDS: &[(JtlField, &str, &str)] = &[
    (JtlField::TimeStamp, "timeStamp", "ts"),
    (JtlField::Elapsed, "elapsed", "t"),
    (JtlField::Label, "label", "lb"),
    (JtlField::ResponseCode, "responseCode", "rc"),
    (JtlField::ResponseMessage, "responseMessage", "rm"),
    (JtlField::ThreadName, "threadName", "tn"),
    (JtlField::DataType, "dataType", "dt"),
    (JtlField::Success, "success", "s"),
    (JtlField::FailureMessage, "failureMessage", ""),
    (JtlField::Bytes, "bytes", "by"),
    (JtlField::SentBytes, "sentBytes", "sby"),
    (JtlField::GrpThreads, "grpThreads", "ng"),
    (JtlField::AllThreads, "allThreads", "na"),
    (JtlField::Url, "URL", ""),
    (JtlField::FileName, "Filename", ""),
    (JtlField::Latency, "Latency", "lt"),
    (JtlField::Encoding, "Encoding", "de"),
    (JtlField::SampleCount, "SampleCount", "sc"),
    (JtlField::ErrorCount, "ErrorCount", "ec"),
    (JtlField::Hostname, "Hostname", "hn"),
    (JtlField::IdleTime, "IdleTime", "it"),
    (JtlField::Connect, "Connect", "ct"),
];

impl JtlField {
    /// The field of a CSV column.
    pub fn of_column(name: &str) -> Option<JtlField> {
        FIELDS.iter().find(|(_, column, _)| *column == name).map(|(field, ..)| *field)
    }

    /// The field of an XML attribute. `rs` is how very old files spell `rc`.
    pub(super) fn of_attribute(name: &str) -> Option<JtlField> {
        let name = if name == "rs" { "rc" } else { name };
        FIELDS.iter().find(|(_, _, attribute)| *attribute == name && !name.is_empty()).map(|(field, ..)| *field)
    }

    /// Its column in CSV.
    pub fn column(self) -> &'static str {
        FIELDS[self as usize].1
    }
}

impl Default for JtlRow {
    fn default() -> Self {
        JtlRow {
            line: 0,
            depth: 0,
            time_stamp: Timestamp::default(),
            elapsed: Duration::ZERO,
            label: String::new(),
            response_code: String::new(),
            response_message: String::new(),
            thread_name: String::new(),
            data_type: String::new(),
            success: true,
            failure_message: String::new(),
            bytes: 0,
            sent_bytes: 0,
            grp_threads: 0,
            all_threads: 0,
            url: String::new(),
            file_name: String::new(),
            latency: Duration::ZERO,
            encoding: String::new(),
            sample_count: 1,
            error_count: 0,
            hostname: String::new(),
            idle_time: Duration::ZERO,
            connect: Duration::ZERO,
            response_headers: String::new(),
            request_headers: String::new(),
            data: None,
            present: 0,
            extra: Vec::new(),
        }
    }
}

impl JtlRow {
    /// Whether the file says anything about this.
    pub fn has(&self, field: JtlField) -> bool {
        self.present & (1 << field as u32) != 0
    }

    /// When the sample began and ended. `stamped_at_end`: its time stamp is that of its end
    /// (`sampleresult.timestamp.start=false`).
    pub fn span(&self, stamped_at_end: bool) -> (Timestamp, Timestamp) {
        if stamped_at_end {
            let start = self.time_stamp.micros().saturating_sub(self.elapsed.as_micros() as i64);
            (Timestamp::from_micros(start), self.time_stamp)
        } else {
            (self.time_stamp, self.time_stamp + self.elapsed)
        }
    }

    /// Whether the row is that of a Transaction Controller (`Sample.isController`).
    pub fn is_transaction(&self) -> bool {
        self.response_message.starts_with(TRANSACTION)
    }

    /// Whether it is that of a transaction without samples, which counts nowhere (`Sample.isEmptyController`).
    pub fn is_empty_transaction(&self) -> bool {
        self.response_message.strip_prefix(TRANSACTION).is_some_and(|rest| rest.starts_with(" : 0"))
    }

    /// The value of a column that JMeter does not know by itself: a sample variable, or what another tool added.
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extra.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.as_str())
    }

    /// All such columns with their values, in the file's order.
    pub fn extras(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.extra.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    /// The row that a file would have of this sample (without its sub-samples), for what is made of rows while a run goes
    /// on. Nothing is kept of what the row was before but its memory.
    pub fn set_from(&mut self, sample: &SampleResult, stamped_at_end: bool) {
        self.clear();
        self.time_stamp = if stamped_at_end { sample.end } else { sample.start };
        self.elapsed = Duration::from_millis(sample.elapsed_millis());
        self.label.push_str(&sample.label);
        self.response_code.push_str(&sample.response_code);
        self.response_message.push_str(&sample.response_message);
        self.thread_name.push_str(&sample.thread_name);
        self.success = sample.successful;
        self.failure_message.push_str(sample.first_assertion_message().map_or("", |message| message));
        self.bytes = sample.bytes_as_long();
        self.sent_bytes = sample.sent_bytes;
        self.grp_threads = sample.group_threads;
        self.all_threads = sample.all_threads;
        self.latency = Duration::from_millis(sample.latency_millis());
        self.idle_time = Duration::from_millis(sample.idle_millis());
        self.connect = Duration::from_millis(sample.connect_millis());
    }

    /// Makes it as new, but keeps its memory and the names of its extra columns.
    pub(super) fn clear(&mut self) {
        for text in [
            &mut self.label,
            &mut self.response_code,
            &mut self.response_message,
            &mut self.thread_name,
            &mut self.data_type,
            &mut self.failure_message,
            &mut self.url,
            &mut self.file_name,
            &mut self.encoding,
            &mut self.hostname,
        ] {
            text.clear();
        }
        *self = JtlRow {
            label: std::mem::take(&mut self.label),
            response_code: std::mem::take(&mut self.response_code),
            response_message: std::mem::take(&mut self.response_message),
            thread_name: std::mem::take(&mut self.thread_name),
            data_type: std::mem::take(&mut self.data_type),
            failure_message: std::mem::take(&mut self.failure_message),
            url: std::mem::take(&mut self.url),
            file_name: std::mem::take(&mut self.file_name),
            encoding: std::mem::take(&mut self.encoding),
            hostname: std::mem::take(&mut self.hostname),
            extra: std::mem::take(&mut self.extra),
            ..JtlRow::default()
        };
    }

    /// Sets a field from its text. The time stamp was read by the caller, since its form is a matter of the file.
    pub(super) fn set(&mut self, field: JtlField, value: &str) -> Result<(), NotANumber> {
        self.present |= 1 << field as u32;
        match field {
            JtlField::TimeStamp => self.time_stamp = Timestamp::from_millis(integer(value)?),
            JtlField::Elapsed => self.elapsed = milliseconds(value)?,
            JtlField::Label => value.clone_into(&mut self.label),
            JtlField::ResponseCode => value.clone_into(&mut self.response_code),
            JtlField::ResponseMessage => value.clone_into(&mut self.response_message),
            JtlField::ThreadName => value.clone_into(&mut self.thread_name),
            JtlField::DataType => value.clone_into(&mut self.data_type),
            JtlField::Success => self.success = value.eq_ignore_ascii_case("true"),
            JtlField::FailureMessage => value.clone_into(&mut self.failure_message),
            JtlField::Bytes => self.bytes = count(value)?,
            JtlField::SentBytes => self.sent_bytes = count(value)?,
            JtlField::GrpThreads => self.grp_threads = small_count(value)?,
            JtlField::AllThreads => self.all_threads = small_count(value)?,
            JtlField::Url => (if value == "null" { "" } else { value }).clone_into(&mut self.url),
            JtlField::FileName => value.clone_into(&mut self.file_name),
            JtlField::Latency => self.latency = milliseconds(value)?,
            JtlField::Encoding => value.clone_into(&mut self.encoding),
            JtlField::SampleCount => self.sample_count = small_count(value)?,
            JtlField::ErrorCount => self.error_count = small_count(value)?,
            JtlField::Hostname => value.clone_into(&mut self.hostname),
            JtlField::IdleTime => self.idle_time = milliseconds(value)?,
            JtlField::Connect => self.connect = milliseconds(value)?,
        }
        Ok(())
    }

    pub(super) fn set_time_stamp(&mut self, moment: Timestamp) {
        self.present |= 1 << JtlField::TimeStamp as u32;
        self.time_stamp = moment;
    }
}

/// A field should hold a whole number and does not.
#[derive(Debug)]
pub(super) struct NotANumber;

/// `Long.parseLong`, with blanks around the number as JMeter's reports allow.
pub(super) fn integer(value: &str) -> Result<i64, NotANumber> {
    value.trim_matches(|c: char| c <= ' ').parse().map_err(|_| NotANumber)
}

fn count(value: &str) -> Result<u64, NotANumber> {
    integer(value).map(|number| u64::try_from(number).unwrap_or(0))
}

fn small_count(value: &str) -> Result<u32, NotANumber> {
    count(value).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

fn milliseconds(value: &str) -> Result<Duration, NotANumber> {
    count(value).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_in_the_order_of_the_table() {
        for (index, (field, column, attribute)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, index);
            assert_eq!((JtlField::of_column(column), field.column()), (Some(*field), *column));
            assert_eq!(JtlField::of_attribute(attribute), (!attribute.is_empty()).then_some(*field));
        }
    }

    #[test]
    fn a_cleared_row_is_a_new_one() {
        let mut row = JtlRow::default();
        for (field, ..) in FIELDS {
            row.set(*field, "7").unwrap();
        }
        row.depth = 2;
        assert!(!row.success && row.has(JtlField::Connect));
        row.clear();
        assert_eq!(row, JtlRow::default());
    }

    #[test]
    fn numbers() {
        for (value, expected) in [("12", Some(12)), (" +3 ", Some(3)), ("-5", Some(0)), ("", None), ("1.5", None)] {
            assert_eq!(count(value).ok(), expected, "{value:?}");
        }
    }
}
