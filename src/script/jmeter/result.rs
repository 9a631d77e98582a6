//! `prev` and `SampleResult` (`org.apache.jmeter.samplers.SampleResult`), `AssertionResult`.

use super::{done, flag_argument, number_argument, text_argument, text_of};
use crate::results::{AssertionResult, DataType, SampleResult};
use crate::script::host::Outcome;
use crate::script::value::{Array, ClassRef, List, ListKind, Object, Value};
use crate::text::Text;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

const ASSERTION: &str = "org.apache.jmeter.assertions.AssertionResult";

/// What an assertion said of a sample that is taken.
#[derive(Debug)]
pub(super) struct Judgement(pub AssertionResult);

impl Object for Judgement {
    fn class(&self) -> ClassRef {
        ClassRef::Host(Text::from(ASSERTION))
    }
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
        "setSampleCount" => result.sample_count = number_argument(arguments, 0)?.max(0) as u32,
        _ => return None,
    }
    done()
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
        "getURL" => Some(Ok(result.url.as_ref().map_or(Value::Null, |url| Value::String(Text::clone(url))))),
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
            let said = result.assertion_results.iter().map(|said| Value::object(Judgement(said.clone())));
            Some(Ok(Value::Array(Arc::new(Array::new(ASSERTION, said.collect())))))
        }
        "getDataEncodingNoDefault" => {
            Some(Ok(result.data_encoding.as_ref().map_or(Value::Null, |encoding| Value::String(Text::clone(encoding)))))
        }
        "getMediaType" => {
            let media = result.content_type.split(';').next().unwrap_or_default();
            Some(Ok(Value::string(media.trim())))
        }
        "getSubResults" => Some(Ok(Value::List(Arc::new(List::new(ListKind::ArrayList, Vec::new()))))),
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
        "toString" => text(&result.label),
        _ => None,
    }
}

pub(super) fn call_assertion(assertion: &mut AssertionResult, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match (name, arguments) {
        ("setFailure", [Value::Boolean(flag)]) => assertion.failure = *flag,
        ("setError", [Value::Boolean(flag)]) => assertion.error = *flag,
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
