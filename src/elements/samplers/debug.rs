//! Debug Sampler: a sample whose data are the variables and properties of the moment.

use crate::clock;
use crate::elements::roles::{Sampler, Sampling};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use bytes::Bytes;
use std::fmt::Write;

pub(super) const DEBUG: Definition = Definition {
    tag: "DebugSampler",
    menu: "Debug Sampler",
    compile: |compile| {
        Some(Role::sampler(Debug {
            name: compile.name(),
            variables: compile.flag("displayJMeterVariables", true),
            properties: compile.flag("displayJMeterProperties", false),
            system: compile.flag("displaySystemProperties", false),
        }))
    },
};

struct Debug {
    name: Expr,
    variables: BoolExpr,
    properties: BoolExpr,
    system: BoolExpr,
}

impl Sampler for Debug {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            let label = self.name.eval(user)?;
            user.sampler_name = Text::clone(&label);
            let mut result = SampleResult::started(label, clock::now());
            let (mut shown, mut data) = (String::new(), String::new());
            if self.variables.eval(user)? {
                shown.push_str("JMeterVariables:\n");
                let lines = user.variables.sorted().into_iter().map(|(name, value)| (name, value.text()));
                section(&mut data, "JMeterVariables", lines);
            }
            if self.properties.eval(user)? {
                shown.push_str("JMeterProperties:\n");
                let lines = user
                    .run
                    .properties
                    .entries()
                    .into_iter()
                    .map(|(name, value)| (name, value.as_text().cloned().unwrap_or_default()));
                section(&mut data, "JMeterProperties", lines);
            }
            if self.system.eval(user)? {
                shown.push_str("SystemProperties:\n");
                section(&mut data, "SystemProperties", user.run.properties.system().entries());
            }
            result.body_size = data.len() as u64;
            result.bytes = result.body_size;
            result.response_data = Bytes::from(data);
            result.data_type = DataType::Text;
            result.sampler_data = Some(Text::from(shown));
            result.response_code = Text::from("200");
            result.response_message = Text::from("OK");
            result.finish(clock::now());
            Ok(Some(result))
        })
    }
}

/// A heading, sorted `name=value` lines and an empty one, as JMeter's Debug elements write them.
pub(in crate::elements) fn section(out: &mut String, title: &str, lines: impl IntoIterator<Item = (Text, Text)>) {
    let _ = writeln!(out, "{title}:");
    for (name, value) in lines {
        let _ = writeln!(out, "{name}={value}");
    }
    out.push('\n');
}
