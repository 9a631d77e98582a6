//! Samples and settings that the tests of several files use.

use super::{AssertionResult, DataType, SampleEvent, SampleResult, SaveConfig, TimestampOf};
use crate::clock::Timestamp;
use crate::text::Text;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn default_flags() -> SaveConfig {
    let config = SaveConfig::from_properties(&|_| None).unwrap();
    SaveConfig { timestamp_of: TimestampOf::Start, ..config }
}

pub(super) fn no_flags() -> SaveConfig {
    SaveConfig::with_flags(&default_flags(), []).unwrap()
}

/// Every flag on, and `sample_variables=a_b,x$y,1st,sp ace,é,,end,,` on a machine called vm.
pub(super) fn all_flags() -> SaveConfig {
    let mut config = SaveConfig::from_properties(&|name| match name {
        "sample_variables" => Some(Text::from("a_b,x$y,1st,sp ace,é,,end,,")),
        name if name.ends_with("delimiter") || name.ends_with("_format") || name.ends_with("encoding") => None,
        name if name.ends_with("xml_pi") => None,
        _ => Some(Text::from("true")),
    })
    .unwrap();
    config.encoding = true;
    // JMeter has no such column.
    config.intended_start = false;
    config.local_host_name = Text::from("vm");
    config
}

/// An ordinary HTTP sample's fields.
pub(super) fn plain_sample() -> SampleResult {
    let mut sample = SampleResult::started("a".into(), Timestamp::from_millis(1_795_493_309_994));
    sample.finish(Timestamp::from_millis(1_795_493_310_082));
    sample.response_code = "200".into();
    sample.response_message = "OK".into();
    sample.thread_name = "Users 1-1".into();
    sample.data_type = DataType::Text;
    sample.latency = Duration::from_millis(80);
    sample.connect = Duration::from_millis(24);
    sample.headers_size = 109;
    sample.body_size = 138;
    sample.sent_bytes = 122;
    sample.group_threads = 1;
    sample.all_threads = 2;
    sample.url = Some("http://127.0.0.1:80/echo".into());
    sample
}

/// A sample whose texts need every rule of quoting and escaping, with two levels of sub-samples.
pub(super) fn awkward_event() -> SampleEvent {
    let sample = |label: &str| {
        let label = format!("L\0\u{1}\t\n\r\u{7f}\u{85}\u{378}\u{ffff}😀\u{fffe}\u{2028}'\"<>&{label}");
        let mut sample = SampleResult::started(label.into(), Timestamp::from_millis(0));
        sample.response_data = Bytes::from_static(b"x");
        sample.successful = false;
        sample
    };
    let mut inner = sample("-0-0");
    inner.data_type = DataType::Binary;

    let mut sub = sample("-0");
    sub.data_type = DataType::Text;
    sub.data_encoding = Some("nope".into());
    sub.sub_results.push(inner);

    let mut result = sample("");
    result.successful = true;
    result.response_code = "200".into();
    result.response_message = "m".into();
    result.thread_name = "T 1-1".into();
    result.data_type = DataType::Text;
    result.data_encoding = Some("UTF-8".into());
    result.response_data = Bytes::from("a\tb\nc\rd\u{1}\u{7f}\u{85}é]]>\u{FFFF}");
    result.response_headers = "H: 1\n".into();
    result.url = Some("http://h/p?a=b&c='d\"<>".into());
    result.sub_results.push(sub);
    let assertion = |name: &str, message: Option<&str>| AssertionResult {
        name: name.into(),
        message: message.map(Text::from),
        ..AssertionResult::default()
    };
    result.assertion_results = vec![
        assertion("n<", None),
        AssertionResult { failure: true, ..assertion("n2", Some("bad\n<x>")) },
        AssertionResult { error: true, ..assertion("n3", Some("")) },
    ];
    let values = [Some("1"), Some("2\"'<>&\t\n\r\u{1}\u{85}"), Some("3"), Some("4"), Some("5"), None, None];
    let variables = values.into_iter().map(|value| value.map(Text::from)).collect();
    SampleEvent { result: Box::new(result), heard: Timestamp::default(), collectors: Arc::default(), variables }
}
