//! A sample that was made up: what the Dummy Sampler and the Dummy Subsampler of the plugin jpgc-dummy have in common
//! (`kg.apc.jmeter.dummy.DummyElement`).
//!
//! A response time below zero is 0 here; the plugin writes it into the row.

use super::Compile;
use crate::clock;
use crate::expr::{BoolExpr, Expr, java_int};
use crate::http::Url;
use crate::results::{DataType, HttpDetails, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;
use std::time::Duration;

/// The misspelling is the plugin's.
const SUCCESSFUL: &str = "SUCCESFULL";
const WAITING: &str = "WAITING";
const RESULT_CLASS: &str = "RESULT_CLASS";

const SAMPLE_RESULT: &str = "org.apache.jmeter.samplers.SampleResult";
const HTTP_SAMPLE_RESULT: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSampleResult";

/// Protocols of `java.net.URL` that have no sampler here.
const OTHER_PROTOCOLS: &[&str] = &["file", "ftp", "jar", "jmod", "jrt", "mailto"];

/// The fields. All but the result class count as empty where they are absent.
pub(super) struct DummySample {
    name: Expr,
    result_class: Expr,
    waits: BoolExpr,
    response_time: Expr,
    request_data: Expr,
    response_code: Expr,
    response_message: Expr,
    successful: BoolExpr,
    response_data: Expr,
    url: Expr,
    latency: Expr,
    connect: Expr,
}

/// A sample that has begun.
pub(super) struct Begun {
    result: SampleResult,
    /// How long it is to take from now on; `None` when its end is known already.
    pub wait: Option<Duration>,
}

impl DummySample {
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        DummySample {
            name: compile.name(),
            result_class: compile.expr_or(RESULT_CLASS, SAMPLE_RESULT),
            waits: compile.flag(WAITING, false),
            response_time: compile.expr("RESPONSE_TIME"),
            request_data: compile.expr("REQUEST_DATA"),
            response_code: compile.expr("RESPONSE_CODE"),
            response_message: compile.expr("RESPONSE_MESSAGE"),
            successful: compile.flag(SUCCESSFUL, false),
            response_data: compile.expr("RESPONSE_DATA"),
            url: compile.expr("URL"),
            latency: compile.expr("LATENCY"),
            connect: compile.expr("CONNECT"),
        }
    }

    pub fn name(&self) -> &Expr {
        &self.name
    }

    /// Whether a sample may take its time.
    pub fn may_wait(&self) -> bool {
        !matches!(self.waits, BoolExpr::Fixed(false))
    }

    /// Begins a sample. A class that is not there leaves it without times.
    pub fn begin(&self, user: &mut VirtualUser) -> Result<Begun, Thrown> {
        let class = self.result_class.eval(user)?;
        let http = match &*class {
            SAMPLE_RESULT => None,
            HTTP_SAMPLE_RESULT => Some(Box::new(HttpDetails::default())),
            unknown => {
                log::warn!(
                    target: "kg.apc.jmeter.dummy.DummyElement",
                    "Failed to create sample of desired type java.lang.ClassNotFoundException: {unknown}"
                );
                return Ok(Begun { result: SampleResult::default(), wait: None });
            }
        };
        let waits = self.waits.eval(user)?;
        let millis = java_int(&self.response_time.eval(user)?);
        if waits && millis < 0 {
            return Err(Thrown::new("java.lang.IllegalArgumentException", "timeout value is negative"));
        }
        let time = millis_of(millis);
        let mut result = SampleResult { http, ..SampleResult::started(Text::default(), clock::now()) };
        if !waits {
            result.finish(result.start + time);
        }
        Ok(Begun { result, wait: waits.then_some(time) })
    }

    /// The sample with all that it is to hold. One that waited ends now.
    pub fn end(&self, user: &mut VirtualUser, begun: Begun) -> Result<SampleResult, Thrown> {
        let mut result = begun.result;
        if begun.wait.is_some() {
            result.finish(clock::now());
        }
        result.sample_count = 1;
        result.label = self.name.eval(user)?;
        result.sampler_data = Some(self.request_data.eval(user)?);
        result.response_code = self.response_code.eval(user)?;
        result.response_message = self.response_message.eval(user)?;
        result.successful = self.successful.eval(user)?;
        result.data_type = DataType::Text;
        result.data_encoding = Some(Text::from("UTF-8"));
        result.response_data = Bytes::copy_from_slice(self.response_data.eval(user)?.as_bytes());
        result.url = url(&self.url.eval(user)?);
        result.latency = millis_of(java_int(&self.latency.eval(user)?));
        result.connect = millis_of(java_int(&self.connect.eval(user)?));
        Ok(result)
    }
}

fn millis_of(millis: i32) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// `new URL(text).toString()`; `None` where that throws.
fn url(text: &str) -> Option<Text> {
    if let Ok(url) = Url::parse(text) {
        return Some(Text::clone(url.text()));
    }
    let (protocol, rest) = text.trim().split_once(':')?;
    let protocol = protocol.to_ascii_lowercase();
    OTHER_PROTOCOLS.contains(&protocol.as_str()).then(|| Text::from(format!("{protocol}:{rest}")))
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn urls_are_javas() {
        let shown = |text| url(text).map(|url| url.to_string()).unwrap_or_default();
        assert_eq!(shown("http://h/a b"), "http://h/a b");
        assert_eq!(shown(" FTP://h/é x "), "ftp://h/é x");
        assert_eq!(shown("HTTP://H/x"), "http://H/x");
        for none in ["", "no url", "gopher://h/", "://", "h:80"] {
            assert_eq!(shown(none), "", "{none}");
        }
    }
}
