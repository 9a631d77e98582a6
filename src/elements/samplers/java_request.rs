//! Java Request with the two classes that JMeter brings along: `JavaTest` and `SleepTest`. Other classes are code of the
//! plan's own, which cannot run here.

use crate::clock;
use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::Expr;
use crate::java::number::decode_long;
use crate::jmx::PropertyValue;
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::{StopLevel, Thrown, VirtualUser};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

const CLASS_NAME: &str = "classname";
const ARGUMENTS: &str = "arguments";
const JAVA_TEST: &str = "org.apache.jmeter.protocol.java.test.JavaTest";
const SLEEP_TEST: &str = "org.apache.jmeter.protocol.java.test.SleepTest";

pub(super) const JAVA_REQUEST: Definition = Definition {
    tag: "JavaSampler",
    menu: "Java Request (JavaTest, SleepTest)",
    compile: |compile| {
        let class = compile.element.text(CLASS_NAME);
        let class = class.trim();
        let test = match class {
            JAVA_TEST => Test::Java,
            SLEEP_TEST => Test::Sleep,
            other => {
                compile.problem(
                    Severity::Unsupported,
                    format!("class {other} is Java code that JMeter does not bring along: it cannot run here"),
                );
                return None;
            }
        };
        let parameters = parameters(compile);
        Some(Role::sampler(JavaRequest { name: compile.name(), test, parameters, sleep: compile.slot() }))
    },
};

enum Test {
    Java,
    Sleep,
}

fn parameters(compile: &mut Compile<'_>) -> Vec<(Text, Expr)> {
    let Some(PropertyValue::Element(arguments)) = compile.element.get(ARGUMENTS) else { return Vec::new() };
    let mut parameters: Vec<(Text, Expr)> = Vec::new();
    for entry in arguments.collection("Arguments.arguments") {
        let PropertyValue::Element(argument) = &entry.value else { continue };
        let name = argument.text("Argument.name");
        let value = compile.expr_in(argument, "Argument.value");
        // Of equal names the first counts.
        if !parameters.iter().any(|(known, _)| *known == name) {
            parameters.push((name, value));
        }
    }
    parameters
}

struct JavaRequest {
    name: Expr,
    test: Test,
    parameters: Vec<(Text, Expr)>,
    /// What `SleepTest` read at the user's first sample.
    sleep: crate::virtual_user::Slot<Option<(i64, i64, Text)>>,
}

impl JavaRequest {
    /// A parameter, `default` where the plan has none.
    fn text(&self, user: &mut VirtualUser, name: &str, default: &str) -> Result<Text, Thrown> {
        match self.parameters.iter().find(|(known, _)| **known == *name) {
            Some((_, value)) => value.eval(user),
            None => Ok(Text::from(default)),
        }
    }

    /// `JavaSamplerContext.getLongParameter`: what is no number is the default, too.
    fn long(&self, user: &mut VirtualUser, name: &str, default: i64) -> Result<i64, Thrown> {
        let text = self.text(user, name, "")?;
        Ok(decode_long(&text).unwrap_or(default))
    }

    async fn java(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let time = self.long(user, "Sleep_Time", 100)?;
        let mask = self.long(user, "Sleep_Mask", 0xff)?;
        let message = self.text(user, "ResponseMessage", "")?;
        let code = self.text(user, "ResponseCode", "")?;
        let passes = self.text(user, "Status", "OK")?.eq_ignore_ascii_case("OK");
        let mut label = self.text(user, "Label", "")?;
        if label.is_empty() {
            label = self.name.eval(user)?;
        }
        let request = self.text(user, "SamplerData", "")?;
        let response = self.text(user, "ResultData", "")?;
        let mut result = SampleResult::started(label, clock::now());
        let ended = sleep(user, masked(time, mask)).await;
        result.finish(clock::now());
        result.successful = passes && ended;
        result.response_code = code;
        result.response_message = message;
        result.data_type = DataType::Text;
        result.sent_bytes = request.encode_utf16().count() as u64;
        result.sampler_data = Some(request).filter(|request| !request.is_empty());
        if !response.is_empty() {
            result.data_encoding = Some(Text::from("UTF-8"));
            result.response_data = Bytes::copy_from_slice(response.as_bytes());
        }
        Ok(result)
    }

    async fn sleeping(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let (time, mask, label) = match user.slot(self.sleep).clone() {
            Some(read) => read,
            None => {
                let time = self.long(user, "SleepTime", 1000)?;
                let mask = self.long(user, "SleepMask", 0x3ff)?;
                let read = (time, mask, self.name.eval(user)?);
                *user.slot(self.sleep) = Some(read.clone());
                read
            }
        };
        let time = masked(time, mask);
        let mut result = SampleResult::started(label, clock::now());
        result.sampler_data = Some(Text::from(format!("Sleep Test: time = {time}")));
        if !sleep(user, time).await {
            result.successful = false;
            result.response_message = Text::from("java.lang.InterruptedException: sleep interrupted");
        }
        result.finish(clock::now());
        Ok(result)
    }
}

/// A time, and some more of it by chance: what the clock shows, up to the mask.
fn masked(time: i64, mask: i64) -> i64 {
    if time > 0 && mask > 0 { time.saturating_add(clock::now().millis() % mask) } else { time }
}

/// Sleeps; false when the run is stopped at once before.
async fn sleep(user: &mut VirtualUser, millis: i64) -> bool {
    let Some(millis) = u64::try_from(millis).ok().filter(|millis| *millis > 0) else { return true };
    let deadline = tokio::time::Instant::from_std(clock::instant_of(clock::now() + Duration::from_millis(millis)));
    let stop = Arc::clone(&user.stop);
    user.http.rest();
    tokio::select! {
        () = stop.reached(StopLevel::Now) => false,
        () = tokio::time::sleep_until(deadline) => true,
    }
}

impl Sampler for JavaRequest {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            match self.test {
                Test::Java => self.java(user).await.map(taken),
                Test::Sleep => self.sleeping(user).await.map(taken),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::{element, shared};
    use crate::elements::{Compile, Severity, find};

    #[test]
    fn other_classes_are_told_of() {
        let mut shared = shared();
        let element = element("JavaSampler .classname=com.example.Query");
        let mut compile = Compile { element: &element, configs: &[], shared: &mut shared, path: "" };
        assert!((find("JavaSampler").unwrap().compile)(&mut compile).is_none());
        let [diagnostic] = &shared.diagnostics[..] else { panic!("{:?}", shared.diagnostics) };
        assert_eq!(diagnostic.severity, Severity::Unsupported);
        assert!(diagnostic.message.starts_with("class com.example.Query is Java code"));
    }
}
