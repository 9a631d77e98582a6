//! JMESPath as jmespath-java 0.5.1 takes it, on JSON as Jackson 2.15 reads it: what JMeter's JMESPath Extractor and Assertion
//! work with. Kept apart from [`crate::json_path`], which has another dialect and another reader.
//!
//! Told otherwise than there: after a syntax error, jmespath-java goes on and lists all it finds; here the first is told.

mod ast;
mod functions;
mod json;
mod lexer;
mod parser;
mod reader;
mod search;

pub(super) use json::Json;

use crate::expr::Expr;
use crate::java::number;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use ahash::AHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Query(ast::Ast);

impl Query {
    /// Compiles an expression. The error is the message of jmespath-java's `ParseException`.
    pub fn compile(text: &str) -> Result<Self, String> {
        parser::parse(text).map(Query).map_err(|error| format!("Unable to compile expression \"{text}\": {error}"))
    }

    /// What it finds. The error is the message of jmespath-java's `ArgumentTypeException`.
    pub fn search(&self, json: &Json) -> Result<Json, String> {
        search::search(&self.0, json)
    }
}

/// A query, or why it is none.
pub(super) type Compiled = Arc<Result<Query, String>>;

/// Queries that a worker keeps (`jmespath.parser.cache.size`).
const KEPT: usize = 400;

thread_local! {
    static CACHE: RefCell<AHashMap<Text, Compiled>> = RefCell::default();
}

/// A query that may hold references.
pub(super) enum QueryExpr {
    /// The same always.
    Fixed(Compiled),
    /// Filled in each time.
    Text(Expr),
}

impl QueryExpr {
    /// Compiles `text` if it holds no reference.
    pub fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => QueryExpr::Fixed(Arc::new(Query::compile(literal))),
            None => QueryExpr::Text(text),
        }
    }

    /// As [`QueryExpr::new`], without white space at the ends.
    pub fn trimmed(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => QueryExpr::new(Expr::literal(number::trim(literal))),
            None => QueryExpr::Text(text),
        }
    }

    /// The query for this user now.
    pub fn get(&self, user: &mut VirtualUser) -> Result<Compiled, Thrown> {
        match self {
            QueryExpr::Fixed(compiled) => Ok(Arc::clone(compiled)),
            QueryExpr::Text(text) => Ok(kept(text.eval(user)?)),
        }
    }
}

fn kept(text: Text) -> Compiled {
    CACHE.with_borrow_mut(|cache| {
        if let Some(compiled) = cache.get(&text) {
            return Arc::clone(compiled);
        }
        if cache.len() >= KEPT {
            cache.clear();
        }
        let compiled = Arc::new(Query::compile(&text));
        cache.insert(text, Arc::clone(&compiled));
        compiled
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that jmespath-java 0.5.1 printed: `[document]`, then `[expression, answer]` about it. An answer begins with
    /// `=` for a result, `!` for an error of the search, `?` for one of the compilation.
    #[test]
    fn answers_are_those_of_jmespath_java() {
        let mut document = Json::Null;
        let mut failures = String::new();
        for line in include_str!("../../../fixtures/jmespath/burt.jsonl").lines() {
            let row: Vec<String> = serde_json::from_str(line).unwrap();
            let [expression, expected] = row.as_slice() else {
                document = Json::read(&row[0]).unwrap();
                continue;
            };
            let actual = match Query::compile(expression) {
                Err(error) => format!("?{error}"),
                Ok(query) => {
                    query.search(&document).map_or_else(|error| format!("!{error}"), |json| format!("={json}"))
                }
            };
            if &actual != expected {
                failures.push_str(&format!("{expression}\n  expected {expected}\n  but got  {actual}\n"));
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    proptest::proptest! {
        #[test]
        fn no_expression_panics(text in "[-ab.\\[\\]?*|&!=<>(){}:,@'\"`0-9 sum\\\\]{0,20}") {
            if let Ok(query) = Query::compile(&text) {
                let document = Json::read(r#"{"a":[1,{"b":"x"},[2]],"b":{"a":1}}"#).unwrap();
                let _ = query.search(&document);
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(Query::compile(&"(".repeat(100_000)).is_err());
        assert!(Query::compile(&"!".repeat(100_000)).is_err());
        assert!(Query::compile(&format!("`{}`", "[".repeat(100_000))).is_err());
        let long = "a".to_owned() + &".a".repeat(100_000);
        assert!(Query::compile(&long).is_err());
    }
}
