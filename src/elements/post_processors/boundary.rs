//! Boundary Extractor: the text between two others becomes a variable.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Field, Scope, Target, VariableName, is_blank};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use memchr::memmem;

const LOG: &str = "org.apache.jmeter.extractor.BoundaryExtractor";

const REFNAME: &str = "BoundaryExtractor.refname";
const LEFT: &str = "BoundaryExtractor.lboundary";
const RIGHT: &str = "BoundaryExtractor.rboundary";
const MATCH_NUMBER: &str = "BoundaryExtractor.match_number";
const DEFAULT: &str = "BoundaryExtractor.default";
const DEFAULT_EMPTY: &str = "BoundaryExtractor.default_empty_value";
const FIELD: &str = "BoundaryExtractor.useHeaders";

pub(super) const BOUNDARY: Definition = Definition {
    tag: "BoundaryExtractor",
    menu: "Boundary Extractor",
    compile: |compile| {
        Some(Role::post_processor(Boundary {
            name: compile.name(),
            refname: VariableName::compile(compile, REFNAME),
            left: compile.expr(LEFT),
            right: compile.expr(RIGHT),
            match_number: compile.long(MATCH_NUMBER, 0),
            default: compile.expr(DEFAULT),
            default_empty: compile.flag(DEFAULT_EMPTY, false),
            field: compile.expr(FIELD),
            scope: Scope::compile(compile),
        }))
    },
};

struct Boundary {
    name: Expr,
    refname: VariableName,
    left: Expr,
    right: Expr,
    match_number: LongExpr,
    default: Expr,
    default_empty: BoolExpr,
    field: Expr,
    scope: Scope,
}

impl PostProcessor for Boundary {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        if user.previous.is_none() {
            return Ok(());
        }
        let target = self.refname.target(user)?;
        if target.name.is_empty() {
            let name = self.name.eval(user)?;
            let message = format!("One of the mandatory properties is missing in Boundary Extractor:{name}");
            return Err(Thrown::new("java.lang.IllegalArgumentException", message));
        }
        let default = self.default.eval(user)?;
        if !is_blank(&default) || self.default_empty.eval(user)? {
            target.set(user, default);
        }
        let number = i32::try_from(self.match_number.eval(user)?).unwrap_or(0);
        let before = target.take_match_count(user, LOG);
        let kept = self.save(user, &target, number)?;
        for stale in kept + 1..=before {
            target.numbered(stale).remove(user);
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        self.scope.reads_response_data(&self.field)
    }
}

impl Boundary {
    /// Sets what was found; returns how many `NAME_n` were set.
    fn save(&self, user: &mut VirtualUser, target: &Target, number: i32) -> Result<usize, Thrown> {
        let matches = self.find(user, number)?;
        if number < 0 {
            target.set_match_count(user, matches.len());
            for (index, found) in matches.iter().enumerate() {
                target.numbered(index + 1).set(user, Text::clone(found));
            }
            return Ok(matches.len());
        }
        let chosen = match matches.len() {
            0 => None,
            1 => Some(0),
            several => Some(user.random.usize(..several)),
        };
        if let Some(found) = chosen.and_then(|index| matches.get(index)) {
            target.set(user, Text::clone(found));
        }
        Ok(0)
    }

    /// What is between the boundaries: all of it, or only the match that is asked for.
    fn find(&self, user: &mut VirtualUser, number: i32) -> Result<Vec<Text>, Thrown> {
        let (left, right) = (self.left.eval(user)?, self.right.eval(user)?);
        let wanted = usize::try_from(number).ok().filter(|number| *number > 0);
        if let Scope::Variable(variable) = &self.scope {
            let Some(text) = variable.get(user)? else {
                let (variable, name) = (variable.text(user)?, self.name.eval(user)?);
                log::warn!(
                    target: LOG,
                    "No variable '{variable}' found to process by Boundary Extractor '{name}', skipping processing"
                );
                return Ok(Vec::new());
            };
            // Without a boundary, a variable has one match, whatever number is asked for.
            let skip = if left.is_empty() || right.is_empty() { 0 } else { wanted.unwrap_or(1) - 1 };
            let count = if wanted.is_some() { 1 } else { usize::MAX };
            return Ok(between(&text, &left, &right).skip(skip).take(count).map(Text::from).collect());
        }
        let field = Field::of(&self.field.eval(user)?);
        let Some(previous) = &user.previous else { return Ok(Vec::new()) };
        let mut skip = wanted.unwrap_or(1) - 1;
        let mut all = Vec::new();
        for sample in self.scope.samples(previous) {
            let text = field.text(sample);
            for found in between(&text, &left, &right) {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                all.push(Text::from(found));
                if wanted.is_some() {
                    return Ok(all);
                }
            }
        }
        Ok(all)
    }
}

/// The texts between two boundaries. The search goes on behind each left boundary, so that matches may overlap. An empty
/// boundary is the start or the end of the text.
fn between<'t>(text: &'t str, left: &str, right: &str) -> Box<dyn Iterator<Item = &'t str> + 't> {
    if is_blank(text) {
        return Box::new(std::iter::empty());
    }
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Box::new(std::iter::once(text)),
        (true, false) => Box::new(text.find(right).map(|end| &text[..end]).into_iter()),
        (false, true) => Box::new(text.find(left).map(|start| &text[start + left.len()..]).into_iter()),
        (false, false) => {
            let (left, right) = (memmem::Finder::new(left).into_owned(), memmem::Finder::new(right).into_owned());
            let mut at = 0;
            Box::new(std::iter::from_fn(move || {
                let start = at + left.find(&text.as_bytes()[at..])? + left.needle().len();
                at = start;
                let length = right.find(&text.as_bytes()[start..])?;
                text.get(start..start + length)
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};
    use crate::jmx::TestElement;

    fn extractor(left: &str, right: &str, number: &str) -> TestElement {
        element("BoundaryExtractor").with(REFNAME, "b").with(LEFT, left).with(RIGHT, right).with(MATCH_NUMBER, number)
    }

    fn check(extractor: TestElement, data: &str, expected: &str) {
        assert_eq!(extract(&[extractor], &[], body(data)), expected);
    }

    #[test]
    fn between_two_boundaries() {
        check(extractor("[", "]", "1"), "[a][b][c", "b=a");
        check(extractor("[", "]", "2"), "[a][b][c", "b=b");
        check(extractor("[", "]", "-1"), "[a][b][c", "b_1=a b_2=b b_matchNr=2");
        check(extractor("[", "]", "9").with(DEFAULT, "none"), "[a]", "b=none");
        check(extractor("[", "]", "0"), "[a]", "b=a");
        check(extractor("[", "]", "-1"), "[c[d]", "b_1=c[d b_2=d b_matchNr=2");
        check(extractor("(.*)", "x", "1"), "ax", "");
        check(extractor("é", "é", "1"), "éüé", "b=ü");
    }

    #[test]
    fn empty_boundaries_are_the_ends_of_the_text() {
        check(extractor("[", "", "1"), "x[a]", "b=a]");
        check(extractor("", "]", "1"), "[a]b", "b=[a");
        check(extractor("", "", "1"), "all", "b=all");
        check(extractor("", "", "2"), "all", "");
        check(extractor("", "]", "1"), "all", "");
        check(extractor("", "", "1"), " \n", "");
        let variable = extractor("", "", "2").with("Sample.scope", "variable").with("Scope.variable", "v");
        assert_eq!(extract(&[variable], &[("v", "all")], body("")), "b=all v=all");
    }

    #[test]
    fn defaults() {
        check(extractor("z", "y", "1").with(DEFAULT, " "), "", "");
        check(extractor("z", "y", "1").with(DEFAULT_EMPTY, true), "", "b=");
        let nameless = extractor("z", "y", "1").with(REFNAME, "");
        let thrown = "java.lang.IllegalArgumentException: \
                      One of the mandatory properties is missing in Boundary Extractor:E";
        check(nameless, "", thrown);
    }

    #[test]
    fn what_an_earlier_match_left_goes() {
        let later = extractor("[a", "]", "-1");
        assert_eq!(extract(&[extractor("[", "]", "-1"), later], &[], body("[a][b]")), "b_1= b_matchNr=1");
    }

    #[test]
    fn samples_in_scope_are_one_list() {
        let mut moved = body("[0]");
        moved.sub_results = vec![body("[1]"), body("[2]")];
        let all = extractor("[", "]", "3").with("Sample.scope", "all");
        assert_eq!(extract(&[all], &[], moved), "b=2");
    }
}
