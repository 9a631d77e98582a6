//! JSON Extractor: what JSONPaths find becomes variables, several names at once.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Scope, Target, is_blank};
use crate::elements::{Compile, Definition, Role, parsed_json};
use crate::expr::{BoolExpr, Expr};
use crate::java::number;
use crate::json_path::{InvalidPath, JsonPath, PathError};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::rc::Rc;
use std::sync::Arc;

const LOG: &str = "org.apache.jmeter.extractor.json.jsonpath.JSONPostProcessor";

const NAMES: &str = "JSONPostProcessor.referenceNames";
const PATHS: &str = "JSONPostProcessor.jsonPathExprs";
const NUMBERS: &str = "JSONPostProcessor.match_numbers";
const DEFAULTS: &str = "JSONPostProcessor.defaultValues";
const CONCATENATES: &str = "JSONPostProcessor.compute_concat";

pub(super) const JSON_PATH: Definition = Definition {
    tag: "JSONPostProcessor",
    menu: "JSON Extractor",
    compile: |compile| {
        let lists = [NAMES, PATHS, NUMBERS, DEFAULTS].map(|key| compile.expr(key));
        let extractions = match lists.each_ref().map(Expr::as_literal) {
            [Some(names), Some(paths), Some(numbers), Some(defaults)] => {
                let fixed = extractions(names, paths, numbers, defaults, |path| Arc::new(JsonPath::compile(path)));
                Extractions::Fixed(fixed.map(|all| with_numbers(compile, all)))
            }
            _ => Extractions::Texts(lists),
        };
        Some(Role::post_processor(JsonPathExtractor {
            name: compile.name(),
            extractions,
            concatenates: compile.flag(CONCATENATES, false),
            scope: Scope::compile(compile),
        }))
    },
};

struct JsonPathExtractor {
    name: Expr,
    extractions: Extractions,
    concatenates: BoolExpr,
    scope: Scope,
}

/// One name with all that belongs to it.
#[derive(Clone)]
struct Extraction {
    target: Target,
    path: Arc<Result<JsonPath, InvalidPath>>,
    number: i32,
    default: Text,
}

/// The four lists, taken apart once or each time. Lists that do not fit together throw at run time.
enum Extractions {
    Fixed(Result<Arc<[Extraction]>, Thrown>),
    Texts([Expr; 4]),
}

impl Extractions {
    fn get(&self, user: &mut VirtualUser) -> Result<Arc<[Extraction]>, Thrown> {
        match self {
            Extractions::Fixed(fixed) => fixed.clone(),
            Extractions::Texts([names, paths, numbers, defaults]) => {
                let (names, paths) = (names.eval(user)?, paths.eval(user)?);
                let (numbers, defaults) = (numbers.eval(user)?, defaults.eval(user)?);
                let all =
                    extractions(&names, &paths, &numbers, &defaults, |path| parsed_json::path(&Text::from(path)))?;
                Ok(all.into())
            }
        }
    }
}

fn extractions(
    names: &str,
    paths: &str,
    numbers: &str,
    defaults: &str,
    compile: impl Fn(&str) -> Arc<Result<JsonPath, InvalidPath>>,
) -> Result<Vec<Extraction>, Thrown> {
    let (names, paths, defaults) = (split(names), split(paths), split(defaults));
    let mut match_numbers = vec![0; defaults.len()];
    if !is_blank(numbers) {
        for (index, number) in split(numbers).into_iter().enumerate() {
            let number = number::trim(number);
            let parsed = number::parse_int(number)
                .map_err(|error| Thrown::new("java.lang.NumberFormatException", error.to_string()))?;
            let length = match_numbers.len();
            *match_numbers.get_mut(index).ok_or_else(|| {
                let message = format!("Index {index} out of bounds for length {length}");
                Thrown::new("java.lang.ArrayIndexOutOfBoundsException", message)
            })? = parsed;
        }
    }
    if names.len() != paths.len() || names.len() != defaults.len() {
        log::error!(
            target: LOG,
            "Number of JSON Path variables must match number of default values and json-path expressions, check you \
             use separator ';' if you have many values"
        );
        let message = "Mismatch between number of variables, json expressions and default values";
        return Err(Thrown::new("java.lang.IllegalArgumentException", message));
    }
    let lists = names.into_iter().zip(paths).zip(match_numbers).zip(defaults);
    Ok(lists
        .map(|(((name, path), number), default)| Extraction {
            target: Target::named(number::trim(name)),
            path: compile(number::trim(path)),
            number,
            default: Text::from(default),
        })
        .collect())
}

/// Gives the names the numbers of their variables.
fn with_numbers(compile: &mut Compile<'_>, mut all: Vec<Extraction>) -> Arc<[Extraction]> {
    for extraction in &mut all {
        let id = compile.variable(&extraction.target.name);
        extraction.target = extraction.target.with_id(id);
    }
    all.into()
}

/// Java's `split(";")`: empty parts at the end are dropped, but an empty text is one part.
fn split(text: &str) -> Vec<&str> {
    if text.is_empty() {
        return vec![text];
    }
    text.trim_end_matches(';').split(';').take(if text.chars().all(|c| c == ';') { 0 } else { usize::MAX }).collect()
}

impl PostProcessor for JsonPathExtractor {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let documents = self.documents(user)?;
        let concatenates = self.concatenates.eval(user)?;
        for extraction in &*self.extractions.get(user)? {
            extraction.target.clear_matches(user);
            if documents.is_empty() {
                extraction.target.set(user, Text::clone(&extraction.default));
                continue;
            }
            match extraction.find(&documents) {
                Ok(found) => extraction.save(user, found, concatenates),
                Err(message) => {
                    let name = self.name.eval(user)?;
                    log::error!(target: LOG, "Error processing JSON content in {name}, message: {message}");
                    extraction.target.set(user, Text::clone(&extraction.default));
                }
            }
        }
        Ok(())
    }
}

impl JsonPathExtractor {
    /// The documents in scope, without blank ones.
    fn documents(&self, user: &mut VirtualUser) -> Result<Vec<parsed_json::Document>, Thrown> {
        if let Scope::Variable(variable) = &self.scope {
            let text = variable.get(user)?.unwrap_or_default();
            let document = if text.is_empty() {
                Err("json string can not be null or empty".to_owned())
            } else {
                parsed_json::parse(&text)
            };
            return Ok(vec![Rc::new(document)]);
        }
        let Some(previous) = &user.previous else { return Ok(Vec::new()) };
        let samples = self.scope.samples(previous);
        Ok(samples.into_iter().filter(|sample| !is_blank(&sample.response_text())).map(parsed_json::of).collect())
    }
}

impl Extraction {
    /// All that the path finds in all documents; `None` for null.
    fn find(&self, documents: &[parsed_json::Document]) -> Result<Vec<Option<String>>, String> {
        let path = self.path.as_ref().as_ref().map_err(ToString::to_string)?;
        let mut all = Vec::new();
        for document in documents {
            let document = (**document).as_ref().map_err(String::clone)?;
            match path.read_list(document) {
                Ok(found) => all.extend(found.iter().map(|value| value.to_variable())),
                Err(PathError::NotFound(_)) => {}
                Err(PathError::Failed(message)) => return Err(message),
            }
        }
        Ok(all)
    }

    fn save(&self, user: &mut VirtualUser, found: Vec<Option<String>>, concatenates: bool) {
        let target = &self.target;
        let concatenates = concatenates && self.number < 0;
        let count = found.len();
        let mut values: Vec<Text> =
            found.into_iter().map(|value| value.map_or_else(|| Text::clone(&self.default), Text::from)).collect();
        if concatenates {
            target.beside("_ALL").set(user, values.join(","));
        }
        match (usize::try_from(self.number), count) {
            (_, 0) => target.set(user, Text::clone(&self.default)),
            (Err(_), _) => {
                for (index, value) in values.into_iter().enumerate() {
                    target.numbered(index + 1).set(user, value);
                }
            }
            (Ok(_), 1) => target.set(user, values.swap_remove(0)),
            (Ok(0), _) => {
                let index = user.random.usize(..count);
                target.set(user, values.swap_remove(index));
            }
            (Ok(number), _) => {
                let value = if number > count { Text::clone(&self.default) } else { values.swap_remove(number - 1) };
                target.set(user, value);
            }
        }
        if self.number != 0 || count == 0 {
            target.set_match_count(user, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};
    use crate::jmx::TestElement;

    const DATA: &str = r#"{"a": 4, "ids": [1, 2, 3], "none": null, "o": {"k": [1, 2], "z": {"y": null}}, "s": "x/y"}"#;

    fn extractor(names: &str, paths: &str, numbers: &str, defaults: &str) -> TestElement {
        element("JSONPostProcessor")
            .with(NAMES, names)
            .with(PATHS, paths)
            .with(NUMBERS, numbers)
            .with(DEFAULTS, defaults)
    }

    fn check(path: &str, number: &str, expected: &str) {
        let extractor = extractor("j", path, number, "none");
        assert_eq!(extract(&[extractor], &[("j_1", "old"), ("j_2", "old")], body(DATA)), expected, "{path} {number}");
    }

    #[test]
    fn match_numbers() {
        check("$.a", "1", "j=4 j_matchNr=1");
        check("$.a", "9", "j=4 j_matchNr=1");
        check("$.a", "0", "j=4");
        check("$.a", "", "j=4");
        check("$.a", "-1", "j_1=4 j_matchNr=1");
        check("$.ids[*]", "2", "j=2 j_matchNr=3");
        check("$.ids[*]", "9", "j=none j_matchNr=3");
        check("$.ids[*]", "-1", "j_1=1 j_2=2 j_3=3 j_matchNr=3");
        check("$.ids", "1", "j=[1,2,3] j_matchNr=1");
        check("$.s", "1", "j=x/y j_matchNr=1");
        check("$.o", "1", r#"j={"z":{"y":null},"k":[1,2]} j_matchNr=1"#);
    }

    #[test]
    fn nothing_found() {
        check("$.gone", "1", "j=none j_matchNr=0");
        check("$.gone", "-1", "j=none j_matchNr=0");
        check("$.none", "-1", "j_1=none j_matchNr=1");
        check("$.ids.length()", "1", "j=none");
        check("$[", "1", "j=none");
        let blank = extractor("j", "$.a", "1", "none");
        assert_eq!(extract(&[blank], &[], body(" ")), "j=none");
    }

    #[test]
    fn several_names_and_concatenation() {
        let all = extractor("k; l ;m", "$.a; $.s ;$.gone", "1;1;-1", "x;y;z").with(CONCATENATES, true);
        assert_eq!(extract(&[all], &[], body(DATA)), "k=4 k_matchNr=1 l=x/y l_matchNr=1 m=z m_ALL= m_matchNr=0");
        let ids = extractor("f", "$.ids[*]", "-1", "d").with(CONCATENATES, true);
        assert_eq!(extract(&[ids], &[], body(DATA)), "f_1=1 f_2=2 f_3=3 f_ALL=1,2,3 f_matchNr=3");
    }

    #[test]
    fn lists_that_do_not_fit() {
        let thrown =
            |names, paths, numbers, defaults| extract(&[extractor(names, paths, numbers, defaults)], &[], body(DATA));
        let mismatch = "java.lang.IllegalArgumentException: \
                        Mismatch between number of variables, json expressions and default values";
        assert_eq!(thrown("a;b", "$.a", "1;1", "x;y"), mismatch);
        assert_eq!(thrown("a;b", "$.a;$.s", "1", ""), mismatch);
        assert_eq!(thrown("a;b", "$.a;$.s", "", "x;"), mismatch);
        assert_eq!(thrown("a;b", "$.a;$.s", "1", "x;y"), "a=4 a_matchNr=1 b=x/y");
        let bounds = "java.lang.ArrayIndexOutOfBoundsException: Index 1 out of bounds for length 1";
        assert_eq!(thrown("a", "$.a", "1;1", "x"), bounds);
        assert_eq!(thrown("a", "$.a", "x", "x"), "java.lang.NumberFormatException: For input string: \"x\"");
    }

    #[test]
    fn variables_and_references() {
        let of_variable = |name: &str| {
            extractor("j${n}", "$.${p}", "1", "no").with("Sample.scope", "variable").with("Scope.variable", name)
        };
        let variables = [("v", r#"{"id": 5}"#), ("n", "1"), ("p", "id")];
        let rest = r#"n=1 p=id v={"id": 5}"#;
        assert_eq!(extract(&[of_variable("v")], &variables, body("")), format!("j1=5 j1_matchNr=1 {rest}"));
        assert_eq!(extract(&[of_variable("gone")], &variables, body("")), format!("j1=no {rest}"));
    }

    #[test]
    fn java_splits() {
        assert_eq!(split(""), [""]);
        assert_eq!(split(";"), [] as [&str; 0]);
        assert_eq!(split(";a;;b;;"), ["", "a", "", "b"]);
    }
}
