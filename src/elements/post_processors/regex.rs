//! Regular Expression Extractor: groups of Perl 5 patterns in a sample's texts become variables.
//!
//! `jmeter.regex.engine=java` is not heeded.

use super::template::Template;
use crate::elements::pattern::{Compiled, PatternExpr};
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Field, Scope, Target, VariableName};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::java::regex::{Groups, Pattern};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

const LOG: &str = "org.apache.jmeter.extractor.RegexExtractor";

const REFNAME: &str = "RegexExtractor.refname";
const PATTERN: &str = "RegexExtractor.regex";
const TEMPLATE: &str = "RegexExtractor.template";
const MATCH_NUMBER: &str = "RegexExtractor.match_number";
const DEFAULT: &str = "RegexExtractor.default";
const DEFAULT_EMPTY: &str = "RegexExtractor.default_empty_value";
const FIELD: &str = "RegexExtractor.useHeaders";

pub(super) const REGEX: Definition = Definition {
    tag: "RegexExtractor",
    menu: "Regular Expression Extractor",
    compile: |compile| {
        let pattern = compile.expr(PATTERN);
        let template = compile.expr(TEMPLATE);
        let fixed = template.as_literal().and_then(|text| Template::parse(text).ok()).map(Arc::new);
        Some(Role::post_processor(RegexExtractor {
            name: compile.name(),
            refname: VariableName::compile(compile, REFNAME),
            pattern: PatternExpr::new(pattern),
            template: fixed.map_or_else(|| TemplateSource::Text(template, compile.slot()), TemplateSource::Fixed),
            match_number: compile.long(MATCH_NUMBER, 0),
            default: compile.expr(DEFAULT),
            default_empty: compile.flag(DEFAULT_EMPTY, false),
            field: compile.expr(FIELD),
            scope: Scope::compile(compile),
        }))
    },
};

struct RegexExtractor {
    name: Expr,
    refname: VariableName,
    pattern: PatternExpr,
    template: TemplateSource,
    match_number: LongExpr,
    default: Expr,
    default_empty: BoolExpr,
    field: Expr,
    scope: Scope,
}

/// A template without references, or one that each user fills in at its first use and then keeps, as JMeter does.
enum TemplateSource {
    Fixed(Arc<Template>),
    Text(Expr, Slot<Option<Arc<Template>>>),
}

impl TemplateSource {
    fn get(&self, user: &mut VirtualUser) -> Result<Arc<Template>, Thrown> {
        match self {
            TemplateSource::Fixed(template) => Ok(Arc::clone(template)),
            TemplateSource::Text(text, slot) => {
                if let Some(template) = user.slot(*slot) {
                    return Ok(Arc::clone(template));
                }
                let template = Arc::new(Template::parse(&text.eval(user)?)?);
                *user.slot(*slot) = Some(Arc::clone(&template));
                Ok(template)
            }
        }
    }
}

/// One match, taken out of the text: what the template makes of it, and its groups.
struct Found {
    value: Text,
    groups: Vec<Option<Text>>,
}

impl Found {
    fn new(template: &Template, groups: &Groups<'_>) -> Self {
        let value = Text::from(template.fill(|group| groups.get(group)));
        Found { value, groups: (0..groups.count()).map(|group| groups.get(group).map(Text::from)).collect() }
    }
}

impl PostProcessor for RegexExtractor {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let template = self.template.get(user)?;
        if user.previous.is_none() {
            return Ok(());
        }
        let target = self.refname.target(user)?;
        let number = i32::try_from(self.match_number.eval(user)?).unwrap_or(0);
        let default = self.default.eval(user)?;
        if !default.is_empty() || self.default_empty.eval(user)? {
            target.set(user, default);
        }
        let compiled = self.pattern.get(user)?;
        let Ok(pattern) = compiled.made() else {
            log::error!(target: LOG, "Error in pattern: '{}'", compiled.text);
            return Ok(());
        };
        let found = self.find(user, &compiled, pattern, number, &template)?;
        let before = target.take_match_count(user, LOG);
        let kept = match usize::try_from(number) {
            Ok(number) => {
                let chosen = match number {
                    0 if found.is_empty() => None,
                    0 => Some(user.random.usize(..found.len())),
                    number => Some(number - 1),
                };
                match chosen.and_then(|index| found.get(index)) {
                    Some(found) => save(user, &target, found),
                    None => remove_groups(user, &target),
                }
                0
            }
            Err(_) => {
                remove_groups(user, &target);
                target.set_match_count(user, found.len());
                for (index, found) in found.iter().enumerate() {
                    save(user, &target.numbered(index + 1), found);
                }
                found.len()
            }
        };
        for stale in kept + 1..=before {
            let stale = target.numbered(stale);
            stale.remove(user);
            remove_groups(user, &stale);
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        self.scope.reads_response_data(&self.field)
    }
}

impl RegexExtractor {
    /// All matches in scope, or those up to the one that is asked for.
    fn find(
        &self,
        user: &mut VirtualUser,
        compiled: &Compiled,
        pattern: &Pattern,
        number: i32,
        template: &Template,
    ) -> Result<Vec<Found>, Thrown> {
        let wanted = usize::try_from(number).ok().filter(|number| *number > 0).unwrap_or(usize::MAX);
        let mut all = Vec::new();
        let mut search = |text: &str| {
            let room = wanted - all.len();
            all.extend(pattern.find_iter(text).take(room).map(|groups| Found::new(template, &groups)));
            all.len() < wanted
        };
        if let Scope::Variable(variable) = &self.scope {
            match variable.get(user)? {
                Some(text) => {
                    search(&text);
                }
                None => {
                    let (variable, name) = (variable.text(user)?, self.name.eval(user)?);
                    log::warn!(
                        target: LOG,
                        "No variable '{variable}' found to process by RegexExtractor '{name}', skipping processing"
                    );
                }
            }
        } else {
            let field = Field::of(&self.field.eval(user)?);
            log::debug!(target: LOG, "Regex = '{}'", compiled.text);
            if let Some(previous) = &user.previous {
                let in_scope: Vec<&SampleResult> = self.scope.samples(previous);
                let _ = in_scope.into_iter().all(|sample| search(&field.text(sample)));
            }
        }
        Ok(all)
    }
}

/// Sets `NAME`, `NAME_g0`, `NAME_g1` … and `NAME_g`, the number of groups; takes away groups that an earlier match had more.
fn save(user: &mut VirtualUser, target: &Target, found: &Found) {
    target.set(user, Text::clone(&found.value));
    let count = target.beside("_g");
    let before = number_in(user, &count);
    for (group, value) in found.groups.iter().enumerate() {
        let place = count.beside(group);
        match value {
            Some(text) => place.set(user, Text::clone(text)),
            None => user.variables.put_null(&place.name),
        }
    }
    count.set(user, itoa::Buffer::new().format(found.groups.len() - 1));
    for group in found.groups.len()..=before {
        count.beside(group).remove(user);
    }
}

fn remove_groups(user: &mut VirtualUser, target: &Target) {
    let count = target.beside("_g");
    let groups = number_in(user, &count);
    count.remove(user);
    for group in 0..=groups {
        count.beside(group).remove(user);
    }
}

fn number_in(user: &VirtualUser, variable: &Target) -> usize {
    variable.get(user).and_then(|text| text.parse::<i32>().ok()).and_then(|count| count.try_into().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};
    use crate::jmx::TestElement;

    fn extractor(pattern: &str, template: &str, number: &str) -> TestElement {
        element("RegexExtractor")
            .with(REFNAME, "r")
            .with(PATTERN, pattern)
            .with(TEMPLATE, template)
            .with(MATCH_NUMBER, number)
    }

    fn check(extractor: &TestElement, data: &str, expected: &str) {
        assert_eq!(extract(std::slice::from_ref(extractor), &[], body(data)), expected);
    }

    #[test]
    fn one_match_with_its_groups() {
        check(&extractor("l(.)(.)", "$1$", "1"), "l1x l2y", "r=1 r_g=2 r_g0=l1x r_g1=1 r_g2=x");
        check(&extractor("l(.)(.)", "$2$:$1$", "2"), "l1x l2y", "r=y:2 r_g=2 r_g0=l2y r_g1=2 r_g2=y");
        check(&extractor("z(.)", "$1$", "0"), "zX", "r=X r_g=1 r_g0=zX r_g1=X");
        check(&extractor("z(.)", "$1$", ""), "zX", "r=X r_g=1 r_g0=zX r_g1=X");
        check(&extractor("(x)?(\\w)=", "[$1$|$2$]", "1"), "a=1", "r=[null|a] r_g=2 r_g0=a= r_g1=null r_g2=a");
    }

    #[test]
    fn all_matches() {
        let expected = "r_1=1 r_1_g=1 r_1_g0=l1 r_1_g1=1 r_2=2 r_2_g=1 r_2_g0=l2 r_2_g1=2 r_matchNr=2";
        check(&extractor("l(.)", "$1$", "-1"), "l1x l2y", expected);
        check(&extractor("l(.)", "$1$", "-7").with(DEFAULT, "D"), "x", "r=D r_matchNr=0");
    }

    #[test]
    fn no_match() {
        check(&extractor("l(.)", "$1$", "9").with(DEFAULT, "D9"), "l1", "r=D9");
        check(&extractor("l(.)", "$1$", "9"), "l1", "");
        check(&extractor("q", "$1$", "1").with(DEFAULT_EMPTY, true), "l1", "r=");
        check(&extractor("(q", "$1$", "1").with(DEFAULT, "bad"), "l1", "r=bad");
    }

    #[test]
    fn what_an_earlier_match_left_goes() {
        let wide = extractor("(l)(.)", "$2$", "-1");
        let narrow = extractor("l1", "$0$", "-1");
        let expected = "r_1=l1 r_1_g=0 r_1_g0=l1 r_matchNr=1";
        assert_eq!(extract(&[wide.clone(), narrow], &[], body("l1 l2 l3")), expected);
        let one = extractor("l(3)", "$1$", "1");
        assert_eq!(extract(&[wide.clone(), one], &[], body("l1 l2 l3")), "r=3 r_g=1 r_g0=l3 r_g1=3");
        let none = extractor("q", "$1$", "1");
        assert_eq!(extract(&[extractor("l1", "", "1"), none], &[], body("l1")), "r=");
    }

    #[test]
    fn scopes_and_fields() {
        let mut moved = body("id=0;");
        moved.response_code = Text::from("302");
        moved.sub_results = vec![body("id=1;"), body("id=2; id=3;")];
        let ids = |scope: &str, number: &str| {
            let extractor =
                extractor("id=(\\d)", "$1$", number).with("Sample.scope", scope).with("Scope.variable", "v");
            extract(&[extractor], &[("v", "id=7;")], moved.clone())
        };
        assert_eq!(ids("children", "2"), "r=2 r_g=1 r_g0=id=2 r_g1=2 v=id=7;");
        assert_eq!(ids("all", "4"), "r=3 r_g=1 r_g0=id=3 r_g1=3 v=id=7;");
        assert_eq!(ids("variable", "1"), "r=7 r_g=1 r_g0=id=7 r_g1=7 v=id=7;");
        assert_eq!(ids("elsewhere", "1"), "v=id=7;");
        let code = extractor("(\\d)\\d+", "$1$", "1").with(FIELD, "CODE");
        assert_eq!(extract(&[code], &[], moved), "r=3 r_g=1 r_g0=302 r_g1=3");
    }

    #[test]
    fn references() {
        let all = extractor("${p}", "${t}", "1").with(REFNAME, "r${n}");
        let variables = [("p", "l(.)"), ("t", "<$1$>"), ("n", "5")];
        let expected = "n=5 p=l(.) r5=<1> r5_g=1 r5_g0=l1 r5_g1=1 t=<$1$>";
        assert_eq!(extract(&[all], &variables, body("l1")), expected);
    }
}
