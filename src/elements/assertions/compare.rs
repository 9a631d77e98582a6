//! Compare Assertion: the samples in its scope must have the same content, or take about the same time, within one pass of
//! the controller around it.
//!
//! Where a property of "strings to skip" holds references, earlier samples keep the content that their own time gave;
//! JMeter filters them anew.

use super::{failed, passed};
use crate::elements::pattern::PatternExpr;
use crate::elements::roles::{Assertion, IterationListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::jmx::PropertyValue;
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

const CONTENT: &str = "compareContent";
const TIME: &str = "compareTime";
const SKIP: &str = "stringsToSkip";
const REGEX: &str = "regex";
const SUBSTITUTE: &str = "substitute";

pub(super) const COMPARE: Definition = Definition {
    tag: "CompareAssertion",
    menu: "Compare Assertion",
    compile: |compile| {
        let compare = Arc::new(Compare {
            name: compile.name(),
            content: compile.flag(CONTENT, true),
            time: compile.long(TIME, -1),
            skip: skip(compile),
            seen: compile.slot(),
        });
        Some(Role {
            assertion: Some(Arc::clone(&compare) as Arc<dyn Assertion>),
            iteration: Some(compare),
            ..Role::default()
        })
    },
};

fn skip(compile: &mut Compile<'_>) -> Vec<(PatternExpr, Expr)> {
    let element = compile.element;
    let mut all = Vec::new();
    for entry in element.collection(SKIP) {
        if let PropertyValue::Element(entry) = &entry.value {
            all.push((PatternExpr::new(compile.expr_in(entry, REGEX)), compile.expr_in(entry, SUBSTITUTE)));
        }
    }
    all
}

struct Compare {
    name: Expr,
    content: BoolExpr,
    time: LongExpr,
    skip: Vec<(PatternExpr, Expr)>,
    seen: Slot<Option<Seen>>,
}

/// What the samples of this pass were like. Once two differ, every later one of the pass fails, too.
struct Seen {
    content: Option<String>,
    millis: i64,
    contents_differ: bool,
    times_differ: bool,
}

impl Assertion for Compare {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let content = if self.content.eval(user)? { Some(self.filtered(user, result)?) } else { None };
        let allowed = self.time.eval(user)?;
        let millis = i64::try_from(result.elapsed_millis()).unwrap_or(i64::MAX);
        let mut seen = Seen { content, millis, contents_differ: false, times_differ: false };
        let Some(before) = user.slot(self.seen).take() else {
            *user.slot(self.seen) = Some(seen);
            return Ok(passed(name));
        };
        seen.contents_differ = before.contents_differ
            || seen.content.is_some() && before.content.is_some() && before.content != seen.content;
        seen.times_differ = before.times_differ || allowed >= 0 && (before.millis - millis).abs() > allowed;
        let verdict = if seen.times_differ {
            failed(name, format!("Responses differ in response time by more than{allowed} ms"))
        } else if seen.contents_differ {
            failed(name, "Responses differ in content")
        } else {
            passed(name)
        };
        *user.slot(self.seen) = Some(seen);
        Ok(verdict)
    }
}

impl Compare {
    fn filtered(&self, user: &mut VirtualUser, result: &SampleResult) -> Result<String, Thrown> {
        let mut content = result.response_text().into_owned();
        for (regex, substitute) in &self.skip {
            let compiled = regex.get(user)?;
            let pattern = compiled.pattern()?;
            let substitute = substitute.eval(user)?;
            let mut out = String::with_capacity(content.len());
            let mut copied = 0;
            for found in pattern.find_iter(&content) {
                out.push_str(&content[copied..found.start()]);
                out.push_str(&substitute);
                copied = found.end();
            }
            out.push_str(&content[copied..]);
            content = out;
        }
        Ok(content)
    }
}

impl IterationListener for Compare {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        *user.slot(self.seen) = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, compiled, element};
    use crate::jmx::{Property, TestElement};
    use std::time::Duration;

    fn run(assertion: &TestElement, samples: &[(&str, u64)]) -> Vec<String> {
        let (role, mut user) = compiled(assertion);
        let check = |(data, millis): &(&str, u64)| {
            if data.is_empty() {
                role.iteration.as_ref().unwrap().iteration_start(&mut user).unwrap();
                return "again".to_owned();
            }
            let mut sample = SampleResult { elapsed: Duration::from_millis(*millis), ..body(data) };
            let verdict = role.assertion.as_ref().unwrap().check(&mut user, &mut sample).unwrap();
            verdict.message.map_or_else(|| "same".to_owned(), |text| text.to_string())
        };
        samples.iter().map(check).collect()
    }

    #[test]
    fn contents_once_different_stay_so_until_the_next_pass() {
        let differ = "Responses differ in content";
        let samples = [("A", 0), ("A", 0), ("B", 0), ("A", 0), ("", 0), ("A", 0), ("A", 0)];
        let expected = ["same", "same", differ, differ, "again", "same", "same"];
        assert_eq!(run(&element("CompareAssertion"), &samples), expected);
    }

    #[test]
    fn times_are_compared_with_the_sample_before() {
        let element = element("CompareAssertion").with(CONTENT, false).with(TIME, "100");
        let samples = [("A", 0), ("B", 100), ("C", 200), ("D", 301)];
        let differ = "Responses differ in response time by more than100 ms";
        assert_eq!(run(&element, &samples), ["same", "same", "same", differ]);
    }

    #[test]
    fn what_is_to_be_skipped() {
        let entry = TestElement::new("SubstitutionElement", "", "").with(REGEX, "id=\\d+").with(SUBSTITUTE, "$1");
        let element = element("CompareAssertion").with(SKIP, vec![Property::new("0", entry)]);
        assert_eq!(run(&element, &[("id=1;id=2;", 0), ("id=34;id=5;", 0)]), ["same", "same"]);
        assert_eq!(run(&element, &[("id=1", 0), ("id=x", 0)]), ["same", "Responses differ in content"]);
    }
}
