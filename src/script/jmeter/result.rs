//! `prev` and `SampleResult` (`org.apache.jmeter.samplers.SampleResult`), `AssertionResult`.

use super::{JMeterObject, done, flag_argument, number_argument, text_argument, text_of};
use crate::clock::Timestamp;
use crate::results::{AssertionResult, DataType, SampleResult};
use crate::script::host::Outcome;
use crate::script::value::{Array, ClassRef, Object, Value};
use crate::text::Text;
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const ASSERTION: &str = "org.apache.jmeter.assertions.AssertionResult";

/// The class of results that are not of HTTP.
pub(super) const RESULT: &str = "org.apache.jmeter.samplers.SampleResult";
/// The class of HTTP's results.
pub(super) const HTTP_RESULT: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSampleResult";

/// What an assertion said of a sample that is taken, or what a script makes itself.
#[derive(Debug)]
pub(super) struct Judgement(pub Mutex<AssertionResult>);

impl Object for Judgement {
    fn class(&self) -> ClassRef {
        ClassRef::Host(Text::from(ASSERTION))
    }
}

/// A result within another.
#[derive(Debug)]
pub(super) struct SubResult {
    /// The outermost.
    pub of: JMeterObject,
    /// The way from there.
    pub path: Vec<usize>,
    class: &'static str,
}

impl Object for SubResult {
    fn class(&self) -> ClassRef {
        ClassRef::Host(Text::from(self.class))
    }
}

/// A result that a script has made.
#[derive(Debug)]
pub(super) struct Detached(pub Mutex<SampleResult>);

impl Object for Detached {
    fn class(&self) -> ClassRef {
        ClassRef::Host(Text::from(class_of(&lock(&self.0))))
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The class of a result.
pub(super) fn class_of(result: &SampleResult) -> &'static str {
    if result.http.is_some() { HTTP_RESULT } else { RESULT }
}

/// `new SampleResult()`, `new HTTPSampleResult()`
pub(super) fn new(class: &str) -> Value {
    let mut result = SampleResult { sample_count: 1, ..SampleResult::default() };
    if class == HTTP_RESULT {
        result.http = Some(Box::default());
    }
    Value::object(Detached(Mutex::new(result)))
}

/// A handle on a result by the way to it.
pub(super) fn handle(of: JMeterObject, path: Vec<usize>, class: &'static str) -> Value {
    if path.is_empty() { Value::object(of) } else { Value::object(SubResult { of, path, class }) }
}

/// The results within one, as a script's array.
pub(super) fn sub_results(result: &SampleResult, place: Option<(JMeterObject, &[usize])>) -> Value {
    let handle = |(index, sub): (usize, &SampleResult)| match place {
        Some((of, path)) => {
            let path = path.iter().copied().chain([index]).collect();
            handle(of, path, class_of(sub))
        }
        None => Value::object(Detached(Mutex::new(sub.clone()))),
    };
    Value::Array(Arc::new(Array::new(RESULT, result.sub_results.iter().enumerate().map(handle).collect())))
}

/// `addSubResult`, `storeSubResult`, `addRawSubResult`: false for any other method.
pub(super) fn add_sub_result(result: &mut SampleResult, name: &str, mut sub: SampleResult, renames: bool) -> bool {
    match name {
        "addRawSubResult" => {}
        "addSubResult" | "storeSubResult" if renames => {
            sub.label = Text::from(format!("{}-{}", result.label, result.sub_results.len()));
        }
        "addSubResult" | "storeSubResult" => {}
        _ => return false,
    }
    if sub.thread_name.is_empty() {
        sub.thread_name = Text::clone(&result.thread_name);
    }
    if name == "storeSubResult" {
        result.sub_results.push(sub);
    } else {
        result.add_sub_result(sub);
    }
    true
}

fn text(text: &Text) -> Option<Outcome> {
    Some(Ok(Value::String(Text::clone(text))))
}

fn long(number: u64) -> Option<Outcome> {
    Some(Ok(Value::Long(number as i64)))
}

pub(super) fn call(result: &mut SampleResult, name: &str, arguments: &[Value]) -> Option<Outcome> {
    if arguments.is_empty() {
        return get(result, name);
    }
    match name {
        "setSuccessful" => result.successful = flag_argument(arguments, 0)?,
        "setResponseCode" => result.response_code = text_argument(arguments, 0).unwrap_or_default(),
        "setResponseMessage" => result.response_message = text_argument(arguments, 0).unwrap_or_default(),
        "setSampleLabel" => result.label = text_argument(arguments, 0).unwrap_or_default(),
        "setThreadName" => result.thread_name = text_argument(arguments, 0).unwrap_or_default(),
        "setResponseData" => set_data(result, arguments),
        "setResponseHeaders" => result.response_headers = text_argument(arguments, 0).unwrap_or_default(),
        "setRequestHeaders" => result.request_headers = text_argument(arguments, 0).unwrap_or_default(),
        "setSamplerData" => result.sampler_data = text_argument(arguments, 0),
        "setContentType" => result.content_type = text_argument(arguments, 0).unwrap_or_default(),
        "setDataEncoding" => result.data_encoding = text_argument(arguments, 0),
        "setDataType" => {
            result.data_type = match text_argument(arguments, 0).as_deref() {
                None | Some("") => DataType::Unset,
                Some("text") => DataType::Text,
                Some("bin") => DataType::Binary,
                Some(other) => DataType::Other(Text::from(other)),
            }
        }
        "setStopThread" => result.action.stop_thread = flag_argument(arguments, 0)?,
        "setStartNextThreadLoop" => {
            if flag_argument(arguments, 0)? {
                result.action.logical_action = crate::results::LogicalAction::StartNextIterationOfThread;
            }
        }
        "setStopTest" => result.action.stop_test = flag_argument(arguments, 0)?,
        "setStopTestNow" => result.action.stop_test_now = flag_argument(arguments, 0)?,
        "setTestLogicalAction" => {
            result.action.logical_action = super::context::logical_action(&text_of(arguments.first()?))?;
        }
        "setLatency" => result.latency = Duration::from_millis(number_argument(arguments, 0)?.max(0) as u64),
        "setConnectTime" => result.connect = Duration::from_millis(number_argument(arguments, 0)?.max(0) as u64),
        "setIdleTime" => result.idle = Duration::from_millis(number_argument(arguments, 0)?.max(0) as u64),
        "setBodySize" => result.body_size = number_argument(arguments, 0)?.max(0) as u64,
        "setBytes" => result.bytes = number_argument(arguments, 0)?.max(0) as u64,
        "setSentBytes" => result.sent_bytes = number_argument(arguments, 0)?.max(0) as u64,
        "setURL" => result.url = Some(Text::from(text_of(arguments.first()?))),
        "setHTTPMethod" => result.http.as_mut()?.method = text_argument(arguments, 0).unwrap_or_default(),
        "setQueryString" => result.http.as_mut()?.query_string = text_argument(arguments, 0).unwrap_or_default(),
        "setCookies" => result.http.as_mut()?.cookies = text_argument(arguments, 0).unwrap_or_default(),
        "setRedirectLocation" => result.http.as_mut()?.redirect_location = text_argument(arguments, 0),
        "setHeadersSize" => result.headers_size = number_argument(arguments, 0)?.max(0) as u64,
        "setGroupThreads" => result.group_threads = number_argument(arguments, 0)?.max(0) as u32,
        "setAllThreads" => result.all_threads = number_argument(arguments, 0)?.max(0) as u32,
        "setResultFileName" => result.result_file_name = text_argument(arguments, 0).unwrap_or_default(),
        "setEncodingAndType" => {
            let kind = text_argument(arguments, 0).unwrap_or_default();
            if !kind.is_empty() {
                result.data_encoding = charset_of(&kind).map(Text::from);
                let is_binary = ["image/", "audio/", "video/", "application/octet-stream", "application/pdf"];
                let is_binary = is_binary.iter().any(|start| kind.starts_with(start));
                result.data_type = if is_binary { DataType::Binary } else { DataType::Text };
            }
        }
        "setStartTime" => result.start = Timestamp::from_millis(number_argument(arguments, 0)?),
        "setEndTime" => result.finish(Timestamp::from_millis(number_argument(arguments, 0)?)),
        "setStampAndTime" => {
            let (stamp, elapsed) = (number_argument(arguments, 0)?, number_argument(arguments, 1)?);
            result.start = Timestamp::from_millis(stamp.saturating_sub(elapsed));
            result.finish(Timestamp::from_millis(stamp));
        }
        "setErrorCount" => {}
        "setSampleCount" => result.sample_count = number_argument(arguments, 0)?.max(0) as u32,
        _ => return None,
    }
    done()
}

/// The charset that a content type names.
fn charset_of(content_type: &str) -> Option<&str> {
    let (_, rest) = content_type.split_once("charset=")?;
    Some(rest.split(';').next().unwrap_or_default().trim().trim_matches('"'))
}

fn set_data(result: &mut SampleResult, arguments: &[Value]) {
    match arguments {
        [Value::Array(bytes), ..] => result.response_data = Bytes::from(bytes.to_bytes().unwrap_or_default()),
        [data, encoding, ..] => {
            let encoding = text_of(encoding);
            let text = text_of(data);
            result.response_data = match crate::java::charset::Charset::for_name(&encoding) {
                Some(charset) => Bytes::from(charset.encode(&text).into_owned()),
                None => Bytes::from(text),
            };
            result.data_encoding = Some(Text::from(encoding));
        }
        [data] => {
            // Unlike the form with an encoding, this one does not set it.
            let encoding = result.data_encoding.as_deref().unwrap_or("UTF-8");
            let text = text_of(data);
            result.response_data = match crate::java::charset::Charset::for_name(encoding) {
                Some(charset) => Bytes::from(charset.encode(&text).into_owned()),
                None => Bytes::from(text),
            };
        }
        [] => {}
    }
}

/// `getSamplerData()`: what was asked, as the listeners show it.
pub(crate) fn sampler_data(result: &SampleResult) -> Value {
    match (&result.sampler_data, &result.http) {
        (Some(data), _) => Value::String(Text::clone(data)),
        (None, Some(http)) => {
            let url = result.url.as_deref().unwrap_or_default();
            Value::string(format!("{} {url}\n\n{} data:\n{}\n", http.method, http.method, http.query_string))
        }
        (None, None) => Value::Null,
    }
}

fn get(result: &mut SampleResult, name: &str) -> Option<Outcome> {
    match name {
        "isSuccessful" => Some(Ok(Value::Boolean(result.successful))),
        "getResponseCode" => text(&result.response_code),
        "getResponseMessage" => text(&result.response_message),
        "getSampleLabel" => text(&result.label),
        "getThreadName" => text(&result.thread_name),
        "getResponseDataAsString" => Some(Ok(Value::string(result.response_text()))),
        "getResponseData" => Some(Ok(Value::Array(Arc::new(Array::bytes(&result.response_data))))),
        "getResponseHeaders" => text(&result.response_headers),
        "getRequestHeaders" => text(&result.request_headers),
        "getContentType" => text(&result.content_type),
        "getDataType" => Some(Ok(Value::string(result.data_type.as_str()))),
        "getDataEncodingWithDefault" => Some(Ok(Value::string(result.data_encoding.as_deref().unwrap_or("UTF-8")))),
        "getSamplerData" => Some(Ok(sampler_data(result))),
        "getUrlAsString" => Some(Ok(Value::string(result.url.as_deref().unwrap_or("")))),
        "getURL" => Some(Ok(result.url.as_ref().map_or(Value::Null, |url| crate::script::library::url::url(url)))),
        "getClass" => Some(Ok(Value::Class(ClassRef::Host(Text::from(class_of(result)))))),
        "getTime" => long(result.elapsed_millis()),
        "getLatency" => long(result.latency_millis()),
        "getConnectTime" => long(result.connect_millis()),
        "getIdleTime" => long(result.idle_millis()),
        "getStartTime" => Some(Ok(Value::Long(result.start.millis()))),
        "getEndTime" | "currentTimeInMillis" => Some(Ok(Value::Long(result.end.millis()))),
        "getTimeStamp" => Some(Ok(Value::Long(result.start.millis()))),
        "getBytes" | "getBytesAsLong" => long(result.bytes_as_long()),
        "getBodySize" | "getBodySizeAsLong" => long(result.body_size_as_long()),
        "getHeadersSize" => Some(Ok(Value::Int(result.headers_size as i32))),
        "getSentBytes" => long(result.sent_bytes),
        "getGroupThreads" => Some(Ok(Value::Int(result.group_threads as i32))),
        "getAllThreads" => Some(Ok(Value::Int(result.all_threads as i32))),
        "getSampleCount" => Some(Ok(Value::Int(result.sample_count as i32))),
        "getErrorCount" => Some(Ok(Value::Int(i32::from(!result.successful)))),
        "isIgnore" => Some(Ok(Value::Boolean(result.ignore))),
        "isStopThread" => Some(Ok(Value::Boolean(result.action.stop_thread))),
        "isStopTest" => Some(Ok(Value::Boolean(result.action.stop_test))),
        "isStopTestNow" => Some(Ok(Value::Boolean(result.action.stop_test_now))),
        "isResponseCodeOK" => Some(Ok(Value::Boolean(&*result.response_code == "200"))),
        "getFirstAssertionFailureMessage" => Some(Ok(result
            .first_assertion_message()
            .map_or(Value::Null, |message| Value::String(Text::clone(message))))),
        "getHTTPMethod" => text(&result.http.as_ref()?.method.clone()),
        "getQueryString" => text(&result.http.as_ref()?.query_string.clone()),
        "getCookies" => text(&result.http.as_ref()?.cookies.clone()),
        "getRedirectLocation" => Some(Ok(match &result.http.as_ref()?.redirect_location {
            Some(location) => Value::String(Text::clone(location)),
            None => Value::Null,
        })),
        "getAssertionResults" => {
            let said = result.assertion_results.iter().map(|said| Value::object(Judgement(Mutex::new(said.clone()))));
            Some(Ok(Value::Array(Arc::new(Array::new(ASSERTION, said.collect())))))
        }
        "getDataEncodingNoDefault" => {
            Some(Ok(result.data_encoding.as_ref().map_or(Value::Null, |encoding| Value::String(Text::clone(encoding)))))
        }
        "getMediaType" => {
            let media = result.content_type.split(';').next().unwrap_or_default();
            Some(Ok(Value::string(media.trim())))
        }
        "getResultFileName" => text(&result.result_file_name),
        "isBinaryType" => Some(Ok(Value::Boolean(result.data_type == DataType::Binary))),
        "isStartNextThreadLoop" => {
            let next = crate::results::LogicalAction::StartNextIterationOfThread;
            Some(Ok(Value::Boolean(result.action.logical_action == next)))
        }
        "isRedirect" => {
            Some(Ok(Value::Boolean(matches!(&*result.response_code, "301" | "302" | "303" | "307" | "308"))))
        }
        "removeAssertionResults" => {
            result.assertion_results.clear();
            done()
        }
        "removeSubResults" => {
            result.sub_results.clear();
            done()
        }
        "setIgnore" => {
            result.ignore = true;
            done()
        }
        "setResponseOK" => {
            result.response_code = Text::from("200");
            result.response_message = Text::from("OK");
            result.successful = true;
            done()
        }
        "setResponseCodeOK" => {
            result.response_code = Text::from("200");
            done()
        }
        "setResponseMessageOK" => {
            result.response_message = Text::from("OK");
            done()
        }
        "sampleStart" => {
            result.start = crate::clock::now();
            done()
        }
        "sampleEnd" => {
            result.finish(crate::clock::now());
            done()
        }
        "samplePause" | "sampleResume" | "cleanAfterSample" => done(),
        "latencyEnd" => {
            result.latency = crate::clock::now().since(result.start);
            done()
        }
        "connectEnd" => {
            result.connect = crate::clock::now().since(result.start);
            done()
        }
        "toString" => text(&result.label),
        _ => None,
    }
}

pub(super) fn call_assertion(assertion: &mut AssertionResult, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match (name, arguments) {
        ("setFailure", [Value::Boolean(flag)]) => assertion.failure = *flag,
        ("setError", [Value::Boolean(flag)]) => assertion.error = *flag,
        ("setName", [_]) => assertion.name = text_argument(arguments, 0).unwrap_or_default(),
        ("setFailureMessage", [_]) => assertion.message = text_argument(arguments, 0),
        ("setResultForFailure", [_]) => {
            assertion.failure = true;
            assertion.error = false;
            assertion.message = text_argument(arguments, 0);
        }
        ("isFailure", []) => return Some(Ok(Value::Boolean(assertion.failure))),
        ("isError", []) => return Some(Ok(Value::Boolean(assertion.error))),
        ("getName", []) => return text(&assertion.name),
        ("getFailureMessage", []) => {
            return Some(Ok(assertion.message.clone().map_or(Value::Null, Value::String)));
        }
        _ => return None,
    }
    done()
}
