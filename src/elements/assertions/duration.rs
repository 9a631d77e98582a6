//! Duration Assertion: fails samples that took longer than allowed.

use super::{failed, grouped, passed};
use crate::elements::roles::{Assertion, SampleScope};
use crate::elements::scope_text::AssertionScope;
use crate::elements::{Definition, Role};
use crate::expr::{Expr, LongExpr};
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};

const ALLOWED: &str = "DurationAssertion.duration";

pub(super) const DURATION: Definition = Definition {
    tag: "DurationAssertion",
    menu: "Duration Assertion",
    compile: |compile| {
        let Some(scope) = AssertionScope::compile(compile) else { return Some(Role::inert()) };
        Some(Role::assertion(Duration { name: compile.name(), scope, allowed: compile.long(ALLOWED, 0) }))
    },
};

struct Duration {
    name: Expr,
    scope: AssertionScope,
    allowed: LongExpr,
}

impl Assertion for Duration {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn scope(&self) -> &SampleScope {
        &self.scope.samples
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let allowed = self.allowed.eval(user)?;
        let took = i64::try_from(result.elapsed_millis()).unwrap_or(i64::MAX);
        if allowed <= 0 || took <= allowed {
            return Ok(passed(name));
        }
        let message = format!(
            "The operation lasted too long: It took {} milliseconds, but should not have lasted longer than {} milliseconds.",
            grouped(took),
            grouped(allowed)
        );
        Ok(failed(name, message))
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::element_for_tests::{check, element};
    use crate::results::SampleResult;
    use std::time::Duration;

    #[test]
    fn too_long_is_told_with_both_times() {
        let judge = |allowed: &str, millis| {
            let mut sample = SampleResult { elapsed: Duration::from_millis(millis), ..SampleResult::default() };
            let assertion = element("DurationAssertion").with(super::ALLOWED, allowed);
            check(assertion, &[("ms", "20")], &mut sample).message.map(|text| text.to_string())
        };
        let expected = "The operation lasted too long: It took 1,200 milliseconds, but should not have lasted longer \
                        than 100 milliseconds.";
        assert_eq!(judge("100", 1200).as_deref(), Some(expected));
        assert_eq!(judge("100", 100), None);
        assert_eq!(judge("0", 100), None);
        assert!(judge("${ms}", 21).is_some());
    }
}
