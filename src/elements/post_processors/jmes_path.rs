//! JSON JMESPath Extractor: what a JMESPath finds in JSON becomes variables, the items of an array one each.

use crate::elements::jmes_path::{Json, Query, QueryExpr};
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Scope, VariableName, is_blank};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::java::number;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

const LOG: &str = "org.apache.jmeter.extractor.json.jmespath.JMESPathExtractor";

const REFNAME: &str = "JMESExtractor.referenceName";
const PATH: &str = "JMESExtractor.jmesPathExpr";
const MATCH_NUMBER: &str = "JMESExtractor.matchNumber";
const DEFAULT: &str = "JMESExtractor.defaultValue";

pub(super) const JMES_PATH: Definition = Definition {
    tag: "JMESPathExtractor",
    menu: "JSON JMESPath Extractor",
    compile: |compile| {
        let path = compile.expr(PATH);
        Some(Role::post_processor(JmesPath {
            name: compile.name(),
            refname: VariableName::compile(compile, REFNAME),
            query: QueryExpr::trimmed(path),
            match_number: compile.expr(MATCH_NUMBER),
            default: compile.expr(DEFAULT),
            scope: Scope::compile(compile),
        }))
    },
};

struct JmesPath {
    name: Expr,
    refname: VariableName,
    query: QueryExpr,
    match_number: Expr,
    default: Expr,
    scope: Scope,
}

impl PostProcessor for JmesPath {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let target = self.refname.target(user)?;
        let default = self.default.eval(user)?;
        let number = match_number(&self.match_number.eval(user)?)?;
        let query = self.query.get(user)?;
        let (count, found) = match &self.scope {
            Scope::Variable(variable) => {
                let text = variable.get(user)?;
                let text = text.as_deref().ok_or_else(|| "argument \"content\" is null".to_owned());
                (1, text.and_then(|text| search(std::iter::once(text), &query)))
            }
            Scope::Samples { .. } => {
                let samples = user.previous.as_ref().map(|previous| self.scope.samples(previous)).unwrap_or_default();
                let texts: Vec<_> = samples.iter().map(|sample| sample.response_text()).collect();
                let texts: Vec<&str> = texts.iter().map(|text| &**text).filter(|text| !is_blank(text)).collect();
                (texts.len(), search(texts.into_iter(), &query))
            }
        };
        target.clear_matches(user);
        if count == 0 {
            target.set(user, default);
            return Ok(());
        }
        let found = match found {
            Ok(found) => found,
            Err(message) => {
                let name = self.name.eval(user)?;
                log::error!(target: LOG, "Error processing JSON content in {name}, message: {message}");
                target.set(user, default);
                return Ok(());
            }
        };
        match (usize::try_from(number), found.as_slice()) {
            (_, []) => target.set(user, default),
            (Err(_), found) => {
                for (index, value) in found.iter().enumerate() {
                    target.numbered(index + 1).set(user, Text::clone(value));
                }
            }
            (Ok(_), [only]) => target.set(user, Text::clone(only)),
            (Ok(0), found) => {
                let index = user.random.usize(..found.len());
                target.set(user, Text::clone(&found[index]));
            }
            (Ok(number), found) => target.set(user, found.get(number - 1).cloned().unwrap_or(default)),
        }
        target.set_match_count(user, found.len());
        Ok(())
    }
}

/// `Integer.parseInt`; blank is 0.
fn match_number(text: &str) -> Result<i32, Thrown> {
    if is_blank(text) {
        return Ok(0);
    }
    number::parse_int(text).map_err(|error| Thrown::new("java.lang.NumberFormatException", error.to_string()))
}

/// All that is found in all texts; items of arrays one by one.
fn search<'t>(texts: impl Iterator<Item = &'t str>, query: &Result<Query, String>) -> Result<Vec<Text>, String> {
    let query = query.as_ref().map_err(String::clone)?;
    let mut all = Vec::new();
    for text in texts {
        match query.search(&Json::read(text)?)? {
            Json::Null => {}
            Json::Array(items) => all.extend(items.iter().map(Json::text)),
            value => all.push(value.text()),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};

    const DATA: &str = r#"{"total": 4, "ids": [1, 2, "x"], "none": null, "o": {"b": "red", "a": 19.95}, "e": []}"#;

    fn check(path: &str, number: &str, data: &str, expected: &str) {
        let extractor = element("JMESPathExtractor")
            .with(REFNAME, "j")
            .with(PATH, path)
            .with(MATCH_NUMBER, number)
            .with(DEFAULT, "none");
        assert_eq!(extract(&[extractor], &[("j_1", "old"), ("j_2", "old")], body(data)), expected);
    }

    #[test]
    fn match_numbers() {
        check("total", "1", DATA, "j=4 j_matchNr=1");
        check("total", "9", DATA, "j=4 j_matchNr=1");
        check(" total ", "", DATA, "j=4 j_matchNr=1");
        check("total", "-1", DATA, "j_1=4 j_matchNr=1");
        check("ids", "2", DATA, "j=2 j_matchNr=3");
        check("ids", "9", DATA, "j=none j_matchNr=3");
        check("ids", "-1", DATA, "j_1=1 j_2=2 j_3=x j_matchNr=3");
        check("o", "1", DATA, r#"j={"b":"red","a":19.95} j_matchNr=1"#);
        check("total", "x", DATA, "java.lang.NumberFormatException: For input string: \"x\"");
    }

    #[test]
    fn nothing_found() {
        check("gone", "-1", DATA, "j=none j_matchNr=0");
        check("none", "1", DATA, "j=none j_matchNr=0");
        check("e", "1", DATA, "j=none j_matchNr=0");
        check("bad[", "1", DATA, "j=none");
        check("length(total)", "1", DATA, "j=none");
        check("a", "1", "hello", "j=none");
        check("a", "1", " \n", "j=none");
    }

    #[test]
    fn variables_and_sub_samples() {
        let in_scope = |scope: &str| {
            let extractor = element("JMESPathExtractor")
                .with(REFNAME, "j")
                .with(PATH, "a")
                .with(MATCH_NUMBER, "-1")
                .with("Sample.scope", scope)
                .with("Scope.variable", "v");
            let mut moved = body(r#"{"a": 1}"#);
            moved.sub_results = vec![body(""), body(r#"{"a": [2, 3]}"#)];
            extract(&[extractor], &[("v", r#"{"a": 7}"#)], moved)
        };
        assert_eq!(in_scope("variable"), r#"j_1=7 j_matchNr=1 v={"a": 7}"#);
        assert_eq!(in_scope("all"), r#"j_1=1 j_2=2 j_3=3 j_matchNr=3 v={"a": 7}"#);
    }
}
