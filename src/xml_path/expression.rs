//! An expression, compiled once.

use super::document::{Document, ROOT};
use super::evaluate::{Evaluator, Focus};
use super::parse::{Mistake, parse};
use super::token::{Token, tokens};
use super::tree::{Dialect, Expr};
use super::value::Item;

/// An expression of XPath. What is wrong with it is told when it is evaluated, as JMeter tells it.
#[derive(Debug)]
pub struct Expression {
    dialect: Dialect,
    /// Prefixes in names, in the order in which they are met.
    prefixes: Vec<Box<str>>,
    namespaces: Vec<(String, String)>,
    parsed: Result<Expr, Mistake>,
}

/// Why there is no value; the texts are those of Java's exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The expression can never have a value.
    Static(String),
    /// It has none on this document.
    Dynamic(String),
}

impl Trouble {
    /// The message.
    pub fn message(&self) -> &str {
        match self {
            Trouble::Static(message) | Trouble::Dynamic(message) => message,
        }
    }
}

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    dialect: Dialect,
    /// Nodes and values in order.
    pub items: Vec<Item>,
}

impl Value {
    /// Whether it is a node set of XPath 1.0.
    pub fn is_node_set(&self) -> bool {
        self.items.iter().all(|item| matches!(item, Item::Node(_)))
    }

    /// The text of an item of `document`.
    pub fn text(&self, item: &Item, document: &Document) -> String {
        item.text(document, self.dialect)
    }
}

/// Prefixes that Saxon knows without being told.
const KNOWN: &[(&str, &str)] = &[
    ("xml", "http://www.w3.org/XML/1998/namespace"),
    ("xs", "http://www.w3.org/2001/XMLSchema"),
    ("fn", "http://www.w3.org/2005/xpath-functions"),
];

impl Expression {
    /// Compiles an expression whose prefixes have these namespaces, beside those of the document's element for XPath 1.0.
    pub fn compile(text: &str, dialect: Dialect, namespaces: Vec<(String, String)>) -> Self {
        let mut prefixes: Vec<Box<str>> = Vec::new();
        let tokens = tokens(text, dialect).map_err(Mistake::Wrong);
        if let (Ok(tokens), Dialect::One) = (&tokens, dialect) {
            for token in tokens {
                let prefix = match token {
                    Token::Name(name) => name.split_once(':').map(|(prefix, _)| prefix),
                    Token::Sign(":" | "*:") => Some(""),
                    _ => None,
                };
                if let Some(prefix) = prefix.filter(|prefix| !prefixes.iter().any(|other| **other == **prefix)) {
                    prefixes.push(Box::from(prefix));
                }
            }
        }
        let mut parsed = tokens.and_then(|tokens| parse(&tokens, dialect, &mut prefixes));
        if dialect == Dialect::Two {
            let known = |prefix: &str| {
                KNOWN.iter().any(|(other, _)| *other == prefix) || namespaces.iter().any(|(other, _)| other == prefix)
            };
            if let (Ok(_), Some(prefix)) = (&parsed, prefixes.iter().find(|prefix| !known(prefix))) {
                parsed = Err(Mistake::Wrong(format!("Namespace prefix '{prefix}' has not been declared")));
            }
        }
        Expression { dialect, prefixes, namespaces, parsed }
    }

    /// What of the expression the original has and Rotameter has not.
    pub fn missing(&self) -> Option<&str> {
        match &self.parsed {
            Err(Mistake::Missing(what)) => Some(what),
            _ => None,
        }
    }

    /// Why the expression has no value on any document.
    pub fn check(&self) -> Result<(), Trouble> {
        match &self.parsed {
            Ok(_) => Ok(()),
            Err(Mistake::Missing(what)) => Err(Trouble::Static(format!("Rotameter's XPath does not have {what}"))),
            Err(Mistake::Wrong(message)) => Err(Trouble::Static(match self.dialect {
                Dialect::One => message.clone(),
                Dialect::Two => format!("net.sf.saxon.s9api.SaxonApiException: {message}"),
            })),
        }
    }

    /// Evaluates the expression at the root of a document.
    pub fn evaluate(&self, document: &Document) -> Result<Value, Trouble> {
        if self.dialect == Dialect::Two {
            self.check()?;
        }
        let element = document.root_element();
        let mut namespaces = Vec::with_capacity(self.prefixes.len());
        for prefix in &self.prefixes {
            let given = self.namespaces.iter().rev().find(|(other, _)| **other == **prefix).map(|(_, uri)| &**uri);
            let uri = given.or_else(|| match (self.dialect, element) {
                (Dialect::Two, _) => KNOWN.iter().find(|(other, _)| *other == &**prefix).map(|(_, uri)| *uri),
                (Dialect::One, Some(element)) => document.namespace_of(prefix, element),
                (Dialect::One, None) => None,
            });
            match uri {
                Some(uri) => namespaces.push(Box::from(uri)),
                None => return Err(Trouble::Static(format!("Prefix must resolve to a namespace: {prefix}"))),
            }
        }
        self.check()?;
        let Ok(expr) = &self.parsed else { return Err(Trouble::Static(String::new())) };
        let root = Item::Node(ROOT);
        let mut evaluator = Evaluator::new(document, self.dialect, &namespaces);
        match evaluator.eval(expr, Focus { item: &root, position: 1, size: 1 }) {
            Ok(items) => Ok(Value { dialect: self.dialect, items }),
            // Saxon sees the types of constants before there is a document.
            Err(wrong) if self.dialect == Dialect::Two && is_of_types(&wrong.0) => {
                Err(Trouble::Static(format!("net.sf.saxon.s9api.SaxonApiException: {}", wrong.0)))
            }
            Err(wrong) => Err(Trouble::Dynamic(wrong.0)),
        }
    }
}

fn is_of_types(message: &str) -> bool {
    message.starts_with("Arithmetic operator") || message.contains("operand of '|'")
}

#[cfg(test)]
mod tests {
    use super::super::read::{Reading, read};
    use super::*;

    const DATA: &str = "<r a='1' xmlns:x='urn:x'><i n='1'>one</i><i n='2'>t<![CDATA[c&d]]>z</i><e/><x:n>ns</x:n><!--c--><?pi data?>\
         <m> <k/>tail</m></r>";

    /// Written without namespaces for Xalan, as the extractors list values.
    fn answer(text: &str, dialect: Dialect, data: &str) -> String {
        let reading = if dialect == Dialect::One { Reading::Plain } else { Reading::Saxon };
        let document = read(data, reading).unwrap();
        match Expression::compile(text, dialect, Vec::new()).evaluate(&document) {
            Ok(value) => {
                let shown = |item: &Item| match (item, dialect) {
                    (Item::Node(node), Dialect::One) => document.extracted_value(*node).unwrap_or("null").to_owned(),
                    (item, _) => value.text(item, &document),
                };
                let all: Vec<String> = value.items.iter().map(shown).collect();
                format!("[{}]", all.join(", "))
            }
            Err(trouble) => format!("! {}", trouble.message()),
        }
    }

    /// An expression, then what Xalan and Saxon say of it over [`DATA`], an exception's class before its message.
    #[test]
    fn as_xalan_and_saxon() {
        /// Namespaces are those that documents declare, without `xml`; the others are not supported, which is said at the start.
        const KNOWN_OTHERWISE: &[&str] =
            &["//r/namespace::*", "current-date() gt xs:date('2000-01-01')", "array{1,2}", "map{'a':1}"];
        let mut wrong = Vec::new();
        let mut lines = include_str!("../../fixtures/xml_path/expressions.txt").lines();
        while let (Some(text), Some(one), Some(two)) = (lines.next(), lines.next(), lines.next()) {
            for (dialect, expected, mark) in [(Dialect::One, one, "   1: "), (Dialect::Two, two, "   2: ")] {
                let expected = expected.strip_prefix(mark).unwrap();
                let expected = match expected.strip_prefix("! ").and_then(|rest| rest.split_once(": ")) {
                    Some((_, message)) => format!("! {message}"),
                    None => expected.to_owned(),
                };
                let actual = answer(text, dialect, DATA);
                if actual != expected && !KNOWN_OTHERWISE.contains(&text) {
                    wrong.push(format!("{text}\n  expected {expected}\n  actual   {actual}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |text| Expression::compile(text, Dialect::Two, Vec::new()).missing().map(str::to_owned);
        assert_eq!(missing("current-date()").as_deref(), Some("the function current-date()"));
        assert_eq!(missing("array{1}").as_deref(), Some("the constructor array{}"));
        assert_eq!(missing("1 instance of xs:integer").as_deref(), Some("the operator \"instance\""));
        assert_eq!(missing("//i[2]"), None);
        let deep = "(".repeat(10_000);
        assert!(missing(&deep).is_some());
        assert!(missing(&vec!["1"; 10_000].join("+")).is_some());
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(//|/|i|@n|\\[|\\]|\\(|\\)|1|[.]5|'a'|[*]|-|[+]|,| eq | to | or |=|<|[$]x|for |in |return |count|replace|tokenize|substring|[é\\\\|!:.]){0,14}") {
            for dialect in [Dialect::One, Dialect::Two] {
                let _ = answer(&text, dialect, DATA);
            }
        }
    }
}
