//! What result files hold: JMeter's `SampleSaveConfiguration`.

use crate::text::{self, Text};
use std::sync::Arc;

/// What a result file holds, and how it is written (`org.apache.jmeter.samplers.SampleSaveConfiguration`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveConfig {
    /// XML instead of CSV.
    pub xml: bool,
    /// A header line in a new CSV file.
    pub field_names: bool,
    /// `timeStamp`, `ts`
    pub timestamp: bool,
    /// `elapsed`, `t`
    pub time: bool,
    /// `label`, `lb`
    pub label: bool,
    /// `responseCode`, `rc`
    pub code: bool,
    /// `responseMessage`, `rm`
    pub message: bool,
    /// `threadName`, `tn`
    pub thread_name: bool,
    /// `dataType`, `dt`
    pub data_type: bool,
    /// `success`, `s`
    pub success: bool,
    /// `failureMessage`; CSV only.
    pub assertion_results_failure_message: bool,
    /// `bytes`, `by`
    pub bytes: bool,
    /// `sentBytes`, `sby`
    pub sent_bytes: bool,
    /// `grpThreads` and `allThreads`, `ng` and `na`
    pub thread_counts: bool,
    /// `URL`, `<java.net.URL>`
    pub url: bool,
    /// `Filename`, `<responseFile>`
    pub file_name: bool,
    /// `Latency`, `lt`
    pub latency: bool,
    /// `Connect`, `ct`
    pub connect_time: bool,
    /// `Encoding`, `de`
    pub encoding: bool,
    /// `SampleCount` and `ErrorCount`, `sc` and `ec`
    pub sample_count: bool,
    /// `Hostname`, `hn`
    pub hostname: bool,
    /// `IdleTime`, `it`
    pub idle_time: bool,
    /// `<requestHeader>`; XML only.
    pub request_headers: bool,
    /// `<samplerData>` or what HTTP has instead; XML only.
    pub sampler_data: bool,
    /// `<responseHeader>`; XML only.
    pub response_headers: bool,
    /// `<responseData>`; XML only.
    pub response_data: bool,
    /// `<responseData>` and `<samplerData>` of failed samples; XML only.
    pub response_data_on_error: bool,
    /// `intendedStart`, a column of our own; CSV only.
    pub intended_start: bool,
    /// Sub-samples: rows of their own in CSV, nested elements in XML.
    pub subresults: bool,
    /// `<assertionResult>`; XML only.
    pub assertions: bool,

    /// The plan's functional mode saves response and sampler data whatever the flags say.
    pub functional_mode: bool,
    /// How CSV shows the time stamp.
    pub timestamp_format: TimestampFormat,
    /// Which end of a sample its time stamp tells.
    pub timestamp_of: TimestampOf,
    /// Between the fields of a CSV row; ASCII.
    pub delimiter: u8,
    /// A line below the XML declaration; empty for none.
    pub xml_pi: Text,
    /// Charset of responses that name none.
    pub default_encoding: Text,
    /// Names of the variables whose values are saved after everything else (`sample_variables`).
    pub sample_variables: Arc<[Text]>,
    /// This machine's name, for `Hostname`.
    pub local_host_name: Text,
}

/// How CSV shows a time stamp (`jmeter.save.saveservice.timestamp_format`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimestampFormat {
    /// Milliseconds since 1970.
    Millis,
    /// A pattern of commons-lang's `FastDateFormat`, in the local time zone.
    Pattern(Text),
    /// No cell at all, even when the header has one (`none`, or a pattern that cannot be read).
    Absent,
}

/// Which end of a sample its time stamp tells (`sampleresult.timestamp.start`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampOf {
    /// Its beginning; what the shipped `jmeter.properties` asks for.
    Start,
    /// Its end; what JMeter does when nothing is said.
    End,
}

/// Why a configuration cannot be used. The texts about delimiters are JMeter's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SaveConfigError {
    /// `default_delimiter` must be one character.
    #[error("Delimiter '{0}' must be of length 1.")]
    DelimiterLength(Text),
    /// `default_delimiter` is a letter, a digit or the quote.
    #[error("Delimiter '{0}' must not be alphanumeric or \".")]
    DelimiterAlphanumeric(char),
    /// `default_delimiter` is not printable ASCII.
    #[error("Delimiter (code {0}) must be printable.")]
    DelimiterUnprintable(u32),
    /// A plan's `saveConfig` names a flag that there is not; JMeter does not load such a plan.
    #[error("Field not found in class. field : org.apache.jmeter.samplers.SampleSaveConfiguration.{0}")]
    UnknownFlag(Text),
}

const PREFIX: &str = "jmeter.save.saveservice.";

/// One yes-or-no setting: its property after [`PREFIX`], its name in a plan, its default, its place.
struct Flag {
    property: &'static str,
    field: &'static str,
    default: bool,
    slot: fn(&mut SaveConfig) -> &mut bool,
}

/// The flags that are a property with the value `true` or anything else.
static FLAGS: &[Flag] = &[
    flag("assertion_results_failure_message", "saveAssertionResultsFailureMessage", true, |c| {
        &mut c.assertion_results_failure_message
    }),
    flag("assertions", "assertions", true, |c| &mut c.assertions),
    flag("bytes", "bytes", true, |c| &mut c.bytes),
    flag("connect_time", "connectTime", true, |c| &mut c.connect_time),
    flag("data_type", "dataType", true, |c| &mut c.data_type),
    flag("encoding", "encoding", false, |c| &mut c.encoding),
    flag("filename", "fileName", false, |c| &mut c.file_name),
    flag("hostname", "hostname", false, |c| &mut c.hostname),
    flag("idle_time", "idleTime", true, |c| &mut c.idle_time),
    flag("label", "label", true, |c| &mut c.label),
    flag("latency", "latency", true, |c| &mut c.latency),
    flag("print_field_names", "fieldNames", true, |c| &mut c.field_names),
    flag("requestHeaders", "requestHeaders", false, |c| &mut c.request_headers),
    flag("responseHeaders", "responseHeaders", false, |c| &mut c.response_headers),
    flag("response_code", "code", true, |c| &mut c.code),
    flag("response_data", "responseData", false, |c| &mut c.response_data),
    flag("response_data.on_error", "responseDataOnError", false, |c| &mut c.response_data_on_error),
    flag("response_message", "message", true, |c| &mut c.message),
    flag("sample_count", "sampleCount", false, |c| &mut c.sample_count),
    flag("samplerData", "samplerData", false, |c| &mut c.sampler_data),
    flag("sent_bytes", "sentBytes", true, |c| &mut c.sent_bytes),
    flag("subresults", "subresults", true, |c| &mut c.subresults),
    flag("successful", "success", true, |c| &mut c.success),
    flag("thread_counts", "threadCounts", true, |c| &mut c.thread_counts),
    flag("thread_name", "threadName", true, |c| &mut c.thread_name),
    flag("time", "time", true, |c| &mut c.time),
    flag("url", "url", true, |c| &mut c.url),
];

const fn flag(
    property: &'static str,
    field: &'static str,
    default: bool,
    slot: fn(&mut SaveConfig) -> &mut bool,
) -> Flag {
    Flag { property, field, default, slot }
}

/// Fields of JMeter's class that a plan may set without any effect on what we write.
const WITHOUT_EFFECT: &[&str] =
    &["assertionsResultsToSave", "dateFormat", "formatter", "timestampFormatter", "varCount"];

impl SaveConfig {
    /// What the properties ask for. `lookup` finds a property by its full name.
    ///
    /// JMeter's own defaults hold where a property is absent, so the lookup should know the shipped
    /// `jmeter.properties`, or time stamps tell the end of a sample.
    pub fn from_properties(lookup: &dyn Fn(&str) -> Option<Text>) -> Result<SaveConfig, SaveConfigError> {
        let of_service = |name: &str| lookup(&format!("{PREFIX}{name}"));

        let mut config = SaveConfig::nothing();
        for flag in FLAGS {
            *(flag.slot)(&mut config) = of_service(flag.property).map_or(flag.default, |value| is_true(&value));
        }
        if let Some(delimiter) = of_service("default_delimiter") {
            config.delimiter = parse_delimiter(&delimiter)?;
        }
        match of_service("timestamp_format").as_deref() {
            None => config.timestamp = true,
            Some(format) if format.eq_ignore_ascii_case("ms") => config.timestamp = true,
            Some(format) if format.eq_ignore_ascii_case("none") => config.timestamp_format = TimestampFormat::Absent,
            Some(pattern) => {
                config.timestamp = true;
                config.timestamp_format = TimestampFormat::Pattern(Text::from(pattern));
            }
        }
        match of_service("output_format").as_deref() {
            Some("xml") => config.xml = true,
            None | Some("csv") => {}
            Some(other) => log::warn!(
                target: "org.apache.jmeter.samplers.SampleSaveConfiguration",
                "{PREFIX}output_format has unexpected value: '{other}' - assuming 'csv' format"
            ),
        }
        // Read by JMeter with another rule than the flags above (`JMeterUtils.getPropDefault`).
        let starts = lookup("sampleresult.timestamp.start").is_some_and(|value| {
            let value = value.trim();
            is_true(value) || value.eq_ignore_ascii_case("t") || value.parse() == Ok(1)
        });
        if starts {
            config.timestamp_of = TimestampOf::Start;
        }
        if let Some(encoding) = lookup("sampleresult.default.encoding") {
            config.default_encoding = encoding;
        }
        // JMeter has no such flag, and plans cannot name it.
        config.intended_start = of_service("intended_start").is_some_and(|value| is_true(&value));
        config.xml_pi = of_service("xml_pi").unwrap_or_else(text::empty);
        config.sample_variables = lookup("sample_variables").map_or_else(Arc::default, |names| split_names(&names));
        config.local_host_name = local_host_name();
        Ok(config)
    }

    /// What a plan's `<value class="SampleSaveConfiguration">` asks for: the elements in it, by name and text. Flags
    /// that it does not list are off; format of time stamps, delimiter and variables are those of `base`, which came
    /// from the properties.
    pub fn with_flags<'a>(
        base: &SaveConfig,
        flags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<SaveConfig, SaveConfigError> {
        let mut config = SaveConfig {
            functional_mode: base.functional_mode,
            intended_start: base.intended_start,
            timestamp_format: base.timestamp_format.clone(),
            timestamp_of: base.timestamp_of,
            delimiter: base.delimiter,
            xml_pi: base.xml_pi.clone(),
            default_encoding: base.default_encoding.clone(),
            sample_variables: base.sample_variables.clone(),
            local_host_name: base.local_host_name.clone(),
            ..SaveConfig::nothing()
        };
        for (name, value) in flags {
            match name {
                "xml" => config.xml = is_true(value),
                "timestamp" => config.timestamp = is_true(value),
                "delimiter" => config.delimiter = parse_delimiter(value)?,
                // JMeter never writes this field, but reads it: milliseconds can be forced over a pattern.
                "printMilliseconds" if is_true(value) => config.timestamp_format = TimestampFormat::Millis,
                "printMilliseconds" => {
                    if config.timestamp_format == TimestampFormat::Millis {
                        config.timestamp_format = TimestampFormat::Absent;
                    }
                }
                _ if WITHOUT_EFFECT.contains(&name) => {}
                _ => match FLAGS.iter().find(|flag| flag.field == name) {
                    Some(flag) => *(flag.slot)(&mut config) = is_true(value),
                    None => return Err(SaveConfigError::UnknownFlag(Text::from(name))),
                },
            }
        }
        Ok(config)
    }

    /// All flags off, and everything else as JMeter has it without properties.
    fn nothing() -> SaveConfig {
        SaveConfig {
            xml: false,
            field_names: false,
            timestamp: false,
            time: false,
            label: false,
            code: false,
            message: false,
            thread_name: false,
            data_type: false,
            success: false,
            assertion_results_failure_message: false,
            bytes: false,
            sent_bytes: false,
            thread_counts: false,
            url: false,
            file_name: false,
            latency: false,
            connect_time: false,
            encoding: false,
            sample_count: false,
            hostname: false,
            idle_time: false,
            intended_start: false,
            request_headers: false,
            sampler_data: false,
            response_headers: false,
            response_data: false,
            response_data_on_error: false,
            subresults: false,
            assertions: false,
            functional_mode: false,
            timestamp_format: TimestampFormat::Millis,
            timestamp_of: TimestampOf::End,
            delimiter: b',',
            xml_pi: text::empty(),
            default_encoding: Text::from("UTF-8"),
            sample_variables: Arc::default(),
            local_host_name: text::empty(),
        }
    }
}

/// `"true".equalsIgnoreCase(value)`
fn is_true(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

/// `JMeterUtils.getDelimiter` and the checks of `SampleSaveConfiguration`: `\t` is a tab.
fn parse_delimiter(value: &str) -> Result<u8, SaveConfigError> {
    let value = if value == "\\t" { "\t" } else { value };
    let mut chars = value.chars();
    let (Some(delimiter), None) = (chars.next(), chars.next()) else {
        return Err(SaveConfigError::DelimiterLength(Text::from(value)));
    };
    if delimiter.is_ascii_alphanumeric() || delimiter == '"' {
        return Err(SaveConfigError::DelimiterAlphanumeric(delimiter));
    }
    match u8::try_from(delimiter) {
        Ok(byte @ (b'\t' | b' '..=b'~')) => Ok(byte),
        _ => Err(SaveConfigError::DelimiterUnprintable(u32::from(delimiter))),
    }
}

/// `String.split(",")`: empty names at the end go, but an empty text is one empty name. Names are not trimmed.
/// The names in the property `sample_variables`, as Java splits it: blanks belong to a name.
pub fn split_names(names: &str) -> Arc<[Text]> {
    match names.trim_end_matches(',') {
        "" if names.is_empty() => Arc::from([text::empty()]),
        "" => Arc::default(),
        names => names.split(',').map(Text::from).collect(),
    }
}

/// This machine's name (`JMeterUtils.getLocalHostName`), without asking the network.
pub fn local_host_name() -> Text {
    let from_file = |path: &str| std::fs::read_to_string(path).ok();
    let name = from_file("/proc/sys/kernel/hostname")
        .or_else(|| from_file("/etc/hostname"))
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok());
    match name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => Text::from(name),
        _ => Text::from("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(properties: &[(&str, &str)]) -> Result<SaveConfig, SaveConfigError> {
        SaveConfig::from_properties(&|name| {
            properties.iter().find(|(key, _)| *key == name).map(|(_, value)| Text::from(*value))
        })
    }

    #[test]
    fn flags_are_in_order_and_named_once() {
        assert!(FLAGS.is_sorted_by(|a, b| a.property < b.property));
        let mut fields: Vec<_> = FLAGS.iter().map(|flag| flag.field).collect();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields.len(), FLAGS.len());
        // Each flag has a place of its own.
        for flag in FLAGS {
            let mut config = SaveConfig::nothing();
            *(flag.slot)(&mut config) = true;
            let on = FLAGS.iter().filter(|other| *(other.slot)(&mut config)).count();
            assert_eq!(on, 1, "{}", flag.field);
        }
    }

    #[test]
    fn defaults_are_jmeters() {
        let config = from(&[]).unwrap();
        assert!(config.timestamp && config.time && config.subresults && config.assertions && config.field_names);
        assert!(!config.xml && !config.encoding && !config.sample_count && !config.hostname && !config.file_name);
        assert!(!config.response_data && !config.sampler_data && !config.response_data_on_error);
        assert_eq!(config.timestamp_of, TimestampOf::End);
        assert!(config.sample_variables.is_empty());
    }

    #[test]
    fn only_true_in_any_case_is_true() {
        for (value, expected) in [("TRUE", true), ("true", true), ("true ", false), ("yes", false), ("", false)] {
            assert_eq!(from(&[("jmeter.save.saveservice.label", value)]).unwrap().label, expected, "{value:?}");
        }
    }

    #[test]
    fn delimiters() {
        for (value, expected) in [
            (";", Ok(b';')),
            ("\\t", Ok(b'\t')),
            (" ", Ok(b' ')),
            ("", Err("Delimiter '' must be of length 1.")),
            ("ab", Err("Delimiter 'ab' must be of length 1.")),
            ("a", Err("Delimiter 'a' must not be alphanumeric or \".")),
            ("\"", Err("Delimiter '\"' must not be alphanumeric or \".")),
            ("é", Err("Delimiter (code 233) must be printable.")),
        ] {
            let result = from(&[("jmeter.save.saveservice.default_delimiter", value)]);
            let result = result.map(|config| config.delimiter).map_err(|error| error.to_string());
            assert_eq!(result, expected.map_err(str::to_owned), "{value:?}");
        }
    }

    #[test]
    fn timestamp_formats() {
        let format = |value| from(&[("jmeter.save.saveservice.timestamp_format", value)]).unwrap();
        assert_eq!(format("MS").timestamp_format, TimestampFormat::Millis);
        assert!(!format("None").timestamp);
        assert_eq!(format("HH:mm").timestamp_format, TimestampFormat::Pattern(Text::from("HH:mm")));
        // A plan may ask for the column that the properties have no format for: header yes, cells no.
        let asked = SaveConfig::with_flags(&format("none"), [("timestamp", "true")]).unwrap();
        assert!(asked.timestamp);
        assert_eq!(asked.timestamp_format, TimestampFormat::Absent);
    }

    #[test]
    fn names_of_variables() {
        for (value, expected) in [
            ("", vec![""]),
            ("a", vec!["a"]),
            ("a_b,,end,,", vec!["a_b", "", "end"]),
            (",", vec![]),
            ("a, b", vec!["a", " b"]),
        ] {
            let config = from(&[("sample_variables", value)]).unwrap();
            assert_eq!(config.sample_variables.iter().map(|name| &**name).collect::<Vec<_>>(), expected, "{value:?}");
        }
    }

    #[test]
    fn a_plan_lists_what_is_on() {
        let base = from(&[("jmeter.save.saveservice.default_delimiter", ";"), ("sample_variables", "v")]).unwrap();
        let config =
            SaveConfig::with_flags(&base, [("time", "true"), ("xml", "TRUE"), ("label", "no"), ("url", "true")])
                .unwrap();
        assert!(config.time && config.xml && config.url);
        assert!(!config.label && !config.sent_bytes && !config.field_names);
        assert_eq!((config.delimiter, config.sample_variables.len()), (b';', 1));
        let unknown = SaveConfig::with_flags(&base, [("assertionsResultsToSave", "0"), ("foo", "true")]);
        assert_eq!(unknown, Err(SaveConfigError::UnknownFlag(Text::from("foo"))));
    }
}
