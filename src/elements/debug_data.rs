//! What the Debug elements show: the variables and properties of the moment.

use super::Compile;
use crate::expr::BoolExpr;
use crate::java::compare_texts;
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;
use std::cmp::Ordering;
use std::fmt::Write;

const VARIABLES: &str = "displayJMeterVariables";
const PROPERTIES: &str = "displayJMeterProperties";
const SYSTEM: &str = "displaySystemProperties";

/// Which parts are shown.
pub(super) struct Parts {
    variables: BoolExpr,
    properties: BoolExpr,
    system: BoolExpr,
}

/// What is shown, and the titles of it.
#[derive(Default)]
pub(super) struct Shown {
    titles: String,
    data: String,
}

impl Parts {
    /// The element's flags; of those that are absent, only that of the variables is set.
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        Parts {
            variables: compile.flag(VARIABLES, true),
            properties: compile.flag(PROPERTIES, false),
            system: compile.flag(SYSTEM, false),
        }
    }

    /// Appends the parts that are to be shown.
    pub fn show(&self, user: &mut VirtualUser, shown: &mut Shown) -> Result<(), Thrown> {
        if self.variables.eval(user)? {
            let lines = user.variables.sorted().into_iter().map(|(name, value)| (name, value.text()));
            shown.section("JMeterVariables", lines.collect());
        }
        if self.properties.eval(user)? {
            let lines = user.run.properties.entries().into_iter();
            let lines = lines.map(|(name, value)| (name, value.as_text().cloned().unwrap_or_default()));
            shown.section("JMeterProperties", lines.collect());
        }
        if self.system.eval(user)? {
            shown.section("SystemProperties", user.run.properties.system().entries());
        }
        Ok(())
    }
}

impl Shown {
    /// A title, `name=value` lines in the order of `AlphaNumericKeyComparator`, and an empty line.
    pub fn section(&mut self, title: &str, mut lines: Vec<(Text, Text)>) {
        lines.sort_by(|a, b| alpha_numeric(&a.0, &b.0));
        let _ = writeln!(self.titles, "{title}");
        let _ = writeln!(self.data, "{title}:");
        for (name, value) in lines {
            let _ = writeln!(self.data, "{name}={value}");
        }
        self.data.push('\n');
    }

    /// Makes it the sample's response.
    pub fn into_response(self, result: &mut SampleResult) {
        result.body_size = self.data.len() as u64;
        result.bytes = result.body_size;
        result.response_data = Bytes::from(self.data);
        result.data_encoding = Some(Text::from("UTF-8"));
        result.data_type = DataType::Text;
        result.sampler_data = Some(Text::from(self.titles));
        result.response_code = Text::from("200");
        result.response_message = Text::from("OK");
    }
}

/// Compares texts part by part, digits as numbers: `a2` comes before `a10`.
fn alpha_numeric(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    while !a.is_empty() && !b.is_empty() {
        let (letters_a, digits_a, rest_a) = part(a);
        let (letters_b, digits_b, rest_b) = part(b);
        let by_letters = compare_texts(letters_a, letters_b);
        if by_letters != Ordering::Equal || digits_a.is_empty() || digits_b.is_empty() {
            return by_letters.then(digits_a.is_empty().cmp(&digits_b.is_empty()).reverse());
        }
        let (number_a, number_b) = (digits_a.trim_start_matches('0'), digits_b.trim_start_matches('0'));
        let by_number = number_a.len().cmp(&number_b.len()).then(number_a.cmp(number_b));
        if by_number != Ordering::Equal {
            return by_number;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.len().cmp(&b.len())
}

/// Letters, the digits behind them, and the rest.
fn part(text: &str) -> (&str, &str, &str) {
    let (letters, rest) = text.split_at(text.bytes().position(|byte| byte.is_ascii_digit()).unwrap_or(text.len()));
    let (digits, rest) = rest.split_at(rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len()));
    (letters, digits, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_order_of_their_numbers() {
        let mut names = ["b", "a10", "a2_g10", "a", "a2_g", "a2_g2", "a2", "a02", "", "B", "a2_matchNr"];
        names.sort_by(|a, b| alpha_numeric(a, b));
        assert_eq!(names, ["", "B", "a", "a2", "a02", "a2_g", "a2_g2", "a2_g10", "a2_matchNr", "a10", "b"]);
    }
}
