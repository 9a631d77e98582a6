//! CSS Selector Extractor: text or attributes of the elements that a selector finds become variables.
//!
//! Where two extractors of one sample work on variables, JMeter's second one sees the first one's document; here each
//! sees its own. See [`css`] for what JODD takes otherwise.

use crate::elements::css::{self, Dialect, Dom};
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Scope, VariableName, is_blank};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

const LOG: &str = "org.apache.jmeter.extractor.HtmlExtractor";

const REFNAME: &str = "HtmlExtractor.refname";
const EXPRESSION: &str = "HtmlExtractor.expr";
const ATTRIBUTE: &str = "HtmlExtractor.attribute";
const MATCH_NUMBER: &str = "HtmlExtractor.match_number";
const DEFAULT: &str = "HtmlExtractor.default";
const DEFAULT_EMPTY: &str = "HtmlExtractor.default_empty_value";
const IMPLEMENTATION: &str = "HtmlExtractor.extractor_impl";

pub(super) const CSS: Definition = Definition {
    tag: "HtmlExtractor",
    menu: "CSS Selector Extractor",
    compile: |compile| {
        Some(Role::post_processor(Css {
            name: compile.name(),
            refname: VariableName::compile(compile, REFNAME),
            expression: compile.expr(EXPRESSION),
            attribute: compile.expr(ATTRIBUTE),
            match_number: compile.long(MATCH_NUMBER, 0),
            default: compile.expr(DEFAULT),
            default_empty: compile.flag(DEFAULT_EMPTY, false),
            implementation: compile.expr(IMPLEMENTATION),
            scope: Scope::compile(compile),
        }))
    },
};

struct Css {
    name: Expr,
    refname: VariableName,
    expression: Expr,
    attribute: Expr,
    match_number: LongExpr,
    default: Expr,
    default_empty: BoolExpr,
    implementation: Expr,
    scope: Scope,
}

impl PostProcessor for Css {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        if user.previous.is_none() {
            return Ok(());
        }
        let target = self.refname.target(user)?;
        let number = i32::try_from(self.match_number.eval(user)?).unwrap_or(0);
        let default = self.default.eval(user)?;
        if !default.is_empty() || self.default_empty.eval(user)? {
            target.set(user, default);
        }
        let found = match self.find(user, number)? {
            Ok(found) => found,
            Err(message) => {
                let name = self.name.eval(user)?;
                log::warn!(target: LOG, "{name}: Error while generating result. {message}");
                return Ok(());
            }
        };
        let before = target.take_match_count(user, LOG);
        let kept = match usize::try_from(number) {
            Ok(number) => {
                let index = match number {
                    0 if found.is_empty() => 0,
                    0 => user.random.usize(..found.len()),
                    number => number - 1,
                };
                if let Some(value) = found.get(index).and_then(Option::as_ref) {
                    target.set(user, Text::clone(value));
                }
                0
            }
            Err(_) => {
                target.set_match_count(user, found.len());
                for (index, value) in found.iter().enumerate() {
                    if let Some(value) = value {
                        target.numbered(index + 1).set(user, Text::clone(value));
                    }
                }
                found.len()
            }
        };
        for stale in kept + 1..=before {
            target.numbered(stale).remove(user);
        }
        Ok(())
    }
}

impl Css {
    /// The values of all elements that are found, or of those up to the one that is asked for; or why there are none.
    fn find(&self, user: &mut VirtualUser, number: i32) -> Result<Result<Vec<Option<Text>>, String>, Thrown> {
        let expression = self.expression.eval(user)?;
        let attribute = self.attribute.eval(user)?;
        let attribute = Some(&*attribute).filter(|name| !is_blank(name));
        let implementation = self.implementation.eval(user)?;
        let dialect = match &*implementation {
            "" | "JSOUP" => Dialect::Jsoup,
            "JODD" => Dialect::Jodd,
            other => {
                return Ok(Err(format!(
                    "java.lang.IllegalArgumentException: Extractor implementation:{other} is unknown"
                )));
            }
        };
        let wanted = usize::try_from(number).ok().filter(|number| *number > 0).unwrap_or(usize::MAX);
        let mut all: Vec<Option<Text>> = Vec::new();
        let mut search = |dom: &Dom| {
            let found = css::select(dialect, dom, &expression, attribute)?;
            let room = wanted - all.len();
            all.extend(found.into_iter().take(room).map(|value| value.map(Text::from)));
            Ok(all.len() < wanted)
        };
        if let Scope::Variable(variable) = &self.scope {
            match variable.get(user)? {
                Some(text) if text.is_empty() => {}
                Some(text) => {
                    if let Err(message) = search(&Dom::parse(&text)) {
                        return Ok(Err(message));
                    }
                }
                None => {
                    let (variable, name) = (variable.text(user)?, self.name.eval(user)?);
                    log::warn!(
                        target: LOG,
                        "No variable '{variable}' found to process by CSS Selector Extractor '{name}', skipping processing"
                    );
                }
            }
        } else if let Some(previous) = &user.previous {
            for sample in self.scope.samples(previous) {
                match search(&css::dom_of(sample)) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(message) => return Ok(Err(message)),
                }
            }
        }
        Ok(Ok(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};
    use crate::jmx::TestElement;

    const PAGE: &str = "<p class=a>one</p><p title=t>two  <b>x</b><p>three";

    fn extractor(expression: &str, attribute: &str, number: &str) -> TestElement {
        element("HtmlExtractor")
            .with(REFNAME, "h")
            .with(EXPRESSION, expression)
            .with(ATTRIBUTE, attribute)
            .with(MATCH_NUMBER, number)
    }

    fn check(extractor: TestElement, expected: &str) {
        assert_eq!(extract(&[extractor], &[], body(PAGE)), expected);
    }

    #[test]
    fn match_numbers_and_defaults() {
        check(extractor("p", "", "2"), "h=two x");
        check(extractor("p", "", "-1"), "h_1=one h_2=two x h_3=three h_matchNr=3");
        check(extractor("p", "", "9").with(DEFAULT, "far"), "h=far");
        check(extractor("zz", "", "1"), "");
        check(extractor("zz", "", "1").with(DEFAULT_EMPTY, true), "h=");
        check(extractor("zz", "", "-1").with(DEFAULT, "d"), "h=d h_matchNr=0");
        check(extractor("p[", "", "-1").with(DEFAULT, "d"), "h=d");
        check(extractor("p", "", "1").with(IMPLEMENTATION, "other").with(DEFAULT, "d"), "h=d");
        check(extractor("b", "", ""), "h=x");
    }

    #[test]
    fn attributes_that_are_not_there() {
        check(extractor("p", "title", "-1"), "h_1= h_2=t h_3= h_matchNr=3");
        check(extractor("p", "title", "-1").with(IMPLEMENTATION, "JODD"), "h_2=t h_matchNr=3");
    }

    #[test]
    fn scopes() {
        let in_scope = |scope: &str| {
            let mut main = body("<i>0</i>");
            main.sub_results = vec![body("<i>1</i><i>2</i>")];
            let extractor = extractor("i", "", "-1").with("Sample.scope", scope).with("Scope.variable", "v");
            extract(&[extractor], &[("v", "<i>v</i>")], main)
        };
        assert_eq!(in_scope("all"), "h_1=0 h_2=1 h_3=2 h_matchNr=3 v=<i>v</i>");
        assert_eq!(in_scope("variable"), "h_1=v h_matchNr=1 v=<i>v</i>");
    }

    #[test]
    fn what_an_earlier_match_left_goes() {
        let both = [extractor("p", "", "-1"), extractor("b", "", "-1")];
        assert_eq!(extract(&both, &[], body(PAGE)), "h_1=x h_matchNr=1");
    }
}
