//! Samples as rows of CSV, byte for byte as JMeter's `CSVSaveService` writes them.

use super::save_config::{SaveConfig, TimestampFormat, TimestampOf};
use super::{SampleEvent, SampleResult};
use crate::clock::Timestamp;
use crate::text::Text;
use memchr::{memchr, memchr_iter, memchr3};
use std::sync::Arc;

/// Appends a moment in the pattern of [`TimestampFormat::Pattern`].
pub type TimestampFormatter = Arc<dyn Fn(Timestamp, &mut Vec<u8>) + Send + Sync>;

/// Sub-samples of sub-samples are written down to this depth (`CSVSaveService.saveSubResults`).
const DEEPEST_SUB_SAMPLE: usize = 11;

/// One setting's column, or two where JMeter writes two for one setting.
#[derive(Debug, Clone, Copy)]
enum Column {
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
    Threads,
    Url,
    Filename,
    Latency,
    Encoding,
    Counts,
    Hostname,
    IdleTime,
    Connect,
    IntendedStart,
}

/// Every column in its order, with the setting that asks for it and its names in the header.
type ColumnRule = (Column, fn(&SaveConfig) -> bool, &'static [&'static str]);
static COLUMNS: &[ColumnRule] = &[
    (Column::TimeStamp, |c| c.timestamp, &["timeStamp"]),
    (Column::Elapsed, |c| c.time, &["elapsed"]),
    (Column::Label, |c| c.label, &["label"]),
    (Column::ResponseCode, |c| c.code, &["responseCode"]),
    (Column::ResponseMessage, |c| c.message, &["responseMessage"]),
    (Column::ThreadName, |c| c.thread_name, &["threadName"]),
    (Column::DataType, |c| c.data_type, &["dataType"]),
    (Column::Success, |c| c.success, &["success"]),
    (Column::FailureMessage, |c| c.assertion_results_failure_message, &["failureMessage"]),
    (Column::Bytes, |c| c.bytes, &["bytes"]),
    (Column::SentBytes, |c| c.sent_bytes, &["sentBytes"]),
    (Column::Threads, |c| c.thread_counts, &["grpThreads", "allThreads"]),
    (Column::Url, |c| c.url, &["URL"]),
    (Column::Filename, |c| c.file_name, &["Filename"]),
    (Column::Latency, |c| c.latency, &["Latency"]),
    (Column::Encoding, |c| c.encoding, &["Encoding"]),
    (Column::Counts, |c| c.sample_count, &["SampleCount", "ErrorCount"]),
    (Column::Hostname, |c| c.hostname, &["Hostname"]),
    (Column::IdleTime, |c| c.idle_time, &["IdleTime"]),
    (Column::Connect, |c| c.connect_time, &["Connect"]),
    // JMeter has no such column.
    (Column::IntendedStart, |c| c.intended_start, &["intendedStart"]),
];

/// The names of the columns of a file with these settings, without those of its sample variables.
pub(super) fn column_names(config: &SaveConfig) -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().filter(|(_, wanted, _)| wanted(config)).flat_map(|(_, _, names)| names.iter().copied())
}

/// Writes samples as CSV.
pub struct CsvFormat {
    columns: Vec<Column>,
    config: SaveConfig,
    formatter: Option<TimestampFormatter>,
}

impl CsvFormat {
    /// A format for `config`. `formatter` writes time stamps if `config` has a pattern for them; without one there are
    /// no cells below `timeStamp`, as in JMeter when the pattern cannot be read.
    pub fn new(config: &SaveConfig, formatter: Option<TimestampFormatter>) -> CsvFormat {
        let columns = COLUMNS.iter().filter(|(_, wanted, _)| wanted(config)).map(|(column, ..)| *column).collect();
        CsvFormat { columns, config: config.clone(), formatter }
    }

    /// Appends the header line, unless the configuration wants none. Only names of variables are in quotes, and those
    /// always.
    pub fn write_header(&self, out: &mut Vec<u8>) {
        if !self.config.field_names {
            return;
        }
        let mut row = Row { out, delimiter: self.config.delimiter, fields: 0, quotes: false };
        column_names(&self.config).for_each(|name| row.plain(name.as_bytes()));
        for name in self.config.sample_variables.iter() {
            row.begin_field();
            row.out.push(b'"');
            row.out.extend_from_slice(name.as_bytes());
            row.out.push(b'"');
        }
        out.push(b'\n');
    }

    /// Appends the row of a sample, and those of its sub-samples if they are wanted, each after its parent. Returns
    /// the number of rows.
    pub fn write_event(&self, event: &SampleEvent, out: &mut Vec<u8>) -> u64 {
        self.write_row(&event.result, &event.variables, out);
        let mut rows = 1;
        if self.config.subresults {
            self.write_sub_results(&event.result, &event.variables, 1, out, &mut rows);
        }
        rows
    }

    fn write_sub_results(
        &self,
        parent: &SampleResult,
        variables: &[Option<Text>],
        depth: usize,
        out: &mut Vec<u8>,
        rows: &mut u64,
    ) {
        if depth > DEEPEST_SUB_SAMPLE {
            return;
        }
        for sub in &parent.sub_results {
            self.write_row(sub, variables, out);
            *rows += 1;
            self.write_sub_results(sub, variables, depth + 1, out, rows);
        }
    }

    /// Appends the row of a sample alone.
    ///
    /// Nearly no field has to be quoted, so the row is written as if none had to; one look at all of it tells whether
    /// that was right.
    pub(super) fn write_row(&self, sample: &SampleResult, variables: &[Option<Text>], out: &mut Vec<u8>) {
        let begin = out.len();
        let mut row = Row { out, delimiter: self.config.delimiter, fields: 0, quotes: false };
        self.write_fields(sample, variables, &mut row);
        if !row.is_plain(begin) {
            row.out.truncate(begin);
            let mut row = Row { fields: 0, quotes: true, ..row };
            self.write_fields(sample, variables, &mut row);
        }
        out.push(b'\n');
    }

    fn write_fields(&self, sample: &SampleResult, variables: &[Option<Text>], row: &mut Row) {
        for column in &self.columns {
            match column {
                Column::TimeStamp => self.write_timestamp(sample, row),
                Column::Elapsed => row.number(sample.elapsed_millis()),
                Column::Label => row.text(&sample.label),
                Column::ResponseCode => row.text(&sample.response_code),
                Column::ResponseMessage => row.text(&sample.response_message),
                Column::ThreadName => row.text(&sample.thread_name),
                Column::DataType => row.text(sample.data_type.as_str()),
                Column::Success => row.plain(if sample.successful { b"true" } else { b"false" }),
                Column::FailureMessage => row.text(sample.first_assertion_message().map_or("", |message| message)),
                Column::Bytes => row.number(sample.bytes_as_long()),
                Column::SentBytes => row.number(sample.sent_bytes),
                Column::Threads => {
                    row.number(sample.group_threads);
                    row.number(sample.all_threads);
                }
                Column::Url => row.text(sample.url.as_deref().unwrap_or("null")),
                Column::Filename => row.text(&sample.result_file_name),
                Column::Latency => row.number(sample.latency_millis()),
                Column::Encoding => match sample.known_encoding() {
                    Some(encoding) if !encoding.is_empty() => row.text(&encoding),
                    _ => row.text(&self.config.default_encoding),
                },
                Column::Counts => {
                    row.number(sample.sample_count);
                    row.number(sample.error_count());
                }
                Column::Hostname => row.text(&self.config.local_host_name),
                Column::IdleTime => row.number(sample.idle_millis()),
                Column::Connect => row.number(sample.connect_millis()),
                Column::IntendedStart => match &sample.intended {
                    Some(intended) => row.number(intended.start.millis()),
                    None => row.plain(b""),
                },
            }
        }
        for index in 0..self.config.sample_variables.len() {
            let value: Option<&Text> = variables.get(index).and_then(Option::as_ref);
            row.text(value.map_or("null", |value| value));
        }
    }

    fn write_timestamp(&self, sample: &SampleResult, row: &mut Row) {
        let moment = timestamp_of(sample, &self.config);
        match (&self.config.timestamp_format, &self.formatter) {
            (TimestampFormat::Millis, _) => row.number(moment.millis()),
            (TimestampFormat::Pattern(_), Some(formatter)) => row.formatted(|out| formatter(moment, out)),
            (TimestampFormat::Pattern(_), None) | (TimestampFormat::Absent, _) => {}
        }
    }
}

/// The moment that a sample's time stamp tells.
pub(super) fn timestamp_of(sample: &SampleResult, config: &SaveConfig) -> Timestamp {
    match config.timestamp_of {
        TimestampOf::Start => sample.start,
        TimestampOf::End => sample.end,
    }
}

/// A row in the making.
struct Row<'a> {
    out: &'a mut Vec<u8>,
    delimiter: u8,
    /// How many there are so far.
    fields: usize,
    /// Whether a field that contains the delimiter, a quote or a line end is put in quotes
    /// (`CSVSaveService.quoteDelimiters`).
    quotes: bool,
}

impl Row<'_> {
    fn begin_field(&mut self) {
        if self.fields > 0 {
            self.out.push(self.delimiter);
        }
        self.fields += 1;
    }

    fn number(&mut self, value: impl itoa::Integer) {
        self.plain(itoa::Buffer::new().format(value).as_bytes());
    }

    fn plain(&mut self, value: &[u8]) {
        self.begin_field();
        self.out.extend_from_slice(value);
    }

    fn text(&mut self, value: &str) {
        self.begin_field();
        if self.quotes && self.is_special(value.as_bytes()) {
            self.quoted(value.as_bytes());
        } else {
            self.out.extend_from_slice(value.as_bytes());
        }
    }

    /// A field that `write` appends.
    fn formatted(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.begin_field();
        let from = self.out.len();
        write(self.out);
        if self.quotes && self.is_special(&self.out[from..]) {
            let value = self.out.split_off(from);
            self.quoted(&value);
        }
    }

    fn quoted(&mut self, value: &[u8]) {
        self.out.push(b'"');
        for &byte in value {
            if byte == b'"' {
                self.out.push(b'"');
            }
            self.out.push(byte);
        }
        self.out.push(b'"');
    }

    /// Whether the row, which begins at `begin`, has no delimiters but those between its fields, no quotes and no line
    /// ends.
    fn is_plain(&self, begin: usize) -> bool {
        let row = &self.out[begin..];
        memchr3(b'"', b'\r', b'\n', row).is_none()
            && memchr_iter(self.delimiter, row).count() == self.fields.saturating_sub(1)
    }

    fn is_special(&self, value: &[u8]) -> bool {
        memchr3(b'"', b'\r', b'\n', value).is_some() || memchr(self.delimiter, value).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Intended;
    use crate::results::samples_for_tests::{all_flags, awkward_event, default_flags, no_flags, plain_sample};
    use std::time::Duration;

    fn written(config: &SaveConfig, event: &SampleEvent) -> String {
        let mut out = Vec::new();
        let format = CsvFormat::new(config, None);
        format.write_header(&mut out);
        format.write_event(event, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn event(result: SampleResult) -> SampleEvent {
        SampleEvent {
            result: Box::new(result),
            heard: Timestamp::default(),
            collectors: Arc::default(),
            variables: Box::default(),
        }
    }

    /// Expectations are what JMeter 5.6.2 wrote for the same samples.
    #[test]
    fn everything_of_a_sample() {
        const LABEL: &str = "\"L\0\u{1}\t\n\r\u{7f}\u{85}\u{378}\u{ffff}😀\u{fffe}\u{2028}'\"\"<>&";
        const VARIABLES: &str = "1,\"2\"\"'<>&\t\n\r\u{1}\u{85}\",3,4,5,null,null";
        let expected = format!(
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,\
             sentBytes,grpThreads,allThreads,URL,Filename,Latency,Encoding,SampleCount,ErrorCount,Hostname,IdleTime,\
             Connect,\"a_b\",\"x$y\",\"1st\",\"sp ace\",\"é\",\"\",\"end\"\n\
             0,0,{LABEL}\",200,m,T 1-1,text,true,\"bad\n<x>\",19,0,0,0,\"http://h/p?a=b&c='d\"\"<>\",,0,UTF-8,1,0,vm,\
             0,0,{VARIABLES}\n\
             0,0,{LABEL}-0\",,,,text,false,,1,0,0,0,null,,0,nope,1,1,vm,0,0,{VARIABLES}\n\
             0,0,{LABEL}-0-0\",,,,bin,false,,1,0,0,0,null,,0,UTF-8,1,1,vm,0,0,{VARIABLES}\n"
        );
        assert_eq!(written(&all_flags(), &awkward_event()), expected);
    }

    #[test]
    fn a_row_as_most_are() {
        let expected = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
                        failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n\
                        1795493309994,88,a,200,OK,Users 1-1,text,true,,247,122,1,2,http://127.0.0.1:80/echo,80,0,24\n";
        assert_eq!(written(&default_flags(), &event(plain_sample())), expected);
    }

    #[test]
    fn the_intended_start_is_a_column_of_our_own() {
        let config = SaveConfig { label: true, field_names: true, intended_start: true, ..no_flags() };
        let mut sample = plain_sample();
        assert_eq!(written(&config, &event(sample.clone())), "label,intendedStart\na,\n");
        sample.intended = Some(Intended::at(Timestamp::from_micros(1_999)));
        assert_eq!(written(&config, &event(sample)), "label,intendedStart\na,1\n");
    }

    #[test]
    fn nothing_is_an_empty_line() {
        let mut awkward = awkward_event();
        assert_eq!(written(&no_flags(), &awkward), "\n");
        let config = SaveConfig { field_names: true, ..no_flags() };
        assert_eq!(written(&config, &awkward), "\n\n");
        let config = SaveConfig { sample_variables: Arc::from([Text::from("v")]), field_names: true, ..no_flags() };
        awkward.variables = Box::default();
        assert_eq!(written(&config, &awkward), "\"v\"\nnull\n");
    }

    #[test]
    fn another_delimiter_quotes_other_fields() {
        let config = SaveConfig { label: true, message: true, delimiter: b';', ..no_flags() };
        let mut sample = plain_sample();
        sample.label = "a,b".into();
        sample.response_message = "c;d".into();
        assert_eq!(written(&config, &event(sample)), "a,b;\"c;d\"\n");
    }

    #[test]
    fn time_stamps() {
        let mut sample = plain_sample();
        sample.label = "x".into();
        let config = SaveConfig { label: true, timestamp: true, timestamp_of: TimestampOf::End, ..no_flags() };
        assert_eq!(written(&config, &event(sample.clone())), "1795493310082,x\n");

        let pattern = SaveConfig { timestamp_format: TimestampFormat::Pattern("p".into()), ..config };
        assert_eq!(written(&pattern, &event(sample.clone())), "x\n");
        let mut out = Vec::new();
        let formatter: TimestampFormatter = Arc::new(|_, out| out.extend_from_slice(b"1, \"2\""));
        CsvFormat::new(&pattern, Some(formatter)).write_event(&event(sample), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "\"1, \"\"2\"\"\",x\n");
    }

    #[test]
    fn sub_samples_down_to_the_eleventh() {
        let mut sample = plain_sample();
        for _ in 0..14 {
            let mut parent = plain_sample();
            parent.sub_results.push(sample);
            sample = parent;
        }
        let config = SaveConfig { label: true, subresults: true, ..no_flags() };
        let mut out = Vec::new();
        assert_eq!(CsvFormat::new(&config, None).write_event(&event(sample), &mut out), 12);
        assert_eq!(String::from_utf8(out).unwrap().lines().count(), 12);
    }

    #[test]
    fn times_are_differences_of_whole_milliseconds() {
        let mut sample = plain_sample();
        sample.start = Timestamp::from_micros(1_000_900);
        for (micros, expected) in [(0, 0), (99, 0), (100, 1), (1_099, 1), (1_100, 2)] {
            sample.elapsed = Duration::from_micros(micros);
            assert_eq!(sample.elapsed_millis(), expected, "{micros}");
        }
        sample.idle = Duration::from_micros(100);
        sample.elapsed = Duration::from_micros(999);
        assert_eq!((sample.idle_millis(), sample.elapsed_millis()), (1, 0));
    }
}
