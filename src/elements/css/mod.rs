//! CSS selectors as the CSS Selector Extractor knows them: those of jsoup 1.16.1, and those of Jodd's CSSelly 5.0.13.
//!
//! Both work on the tree that HTML5 prescribes, as jsoup does. Jodd builds another one from incomplete documents (no
//! `tbody`, no `html` where none is written) and refuses some selectors that are taken here (`[href^=/]`).

mod dom;
mod jodd;
mod jsoup;
mod nth;
mod parser;
mod self_closing;
mod simple;

pub(super) use dom::Dom;

use ahash::AHashMap;
use bytes::Bytes;
use parser::Selector;
use std::cell::RefCell;
use std::rc::Rc;

/// Whose selectors they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// jsoup: matches regardless of case, in document order.
    Jsoup,
    /// Jodd: exact, selector by selector, with jQuery's `:first`, `:eq(1)` … on what was found so far.
    Jodd,
}

/// Finds elements; of each, the value of an attribute, or its text. Jodd has no value for an attribute that is not there.
pub(super) fn select(
    dialect: Dialect,
    dom: &Dom,
    expression: &str,
    attribute: Option<&str>,
) -> Result<Vec<Option<String>>, String> {
    let selector = kept(dialect, expression)?;
    let found = match dialect {
        Dialect::Jsoup => jsoup::select(dom, &selector),
        Dialect::Jodd => jodd::select(dom, &selector)?,
    };
    let value = |element: usize| match (dialect, attribute) {
        (Dialect::Jsoup, None) => Some(dom.text(element)),
        (Dialect::Jsoup, Some(name)) => Some(jsoup::attribute(dom, element, name)),
        (Dialect::Jodd, None) => Some(crate::java::number::trim(&dom.raw_text(element)).to_owned()),
        (Dialect::Jodd, Some(name)) => dom.attribute(element, name).map(str::to_owned),
    };
    Ok(found.into_iter().map(value).collect())
}

/// Selectors that a worker keeps (`cssselector.parser.cache.size`).
const KEPT: usize = 400;

type Selectors = AHashMap<(bool, String), Rc<Selector>>;

thread_local! {
    static SELECTORS: RefCell<Selectors> = RefCell::default();
    /// The response that was parsed last: extractors of a sample run one after another.
    static LAST: RefCell<Option<(Bytes, Rc<Dom>)>> = const { RefCell::new(None) };
}

fn kept(dialect: Dialect, expression: &str) -> Result<Rc<Selector>, String> {
    let key = (dialect == Dialect::Jodd, expression.to_owned());
    if let Some(selector) = SELECTORS.with_borrow(|selectors| selectors.get(&key).cloned()) {
        return Ok(selector);
    }
    let selector = Rc::new(parser::parse(expression, dialect)?);
    SELECTORS.with_borrow_mut(|selectors| {
        if selectors.len() >= KEPT {
            selectors.clear();
        }
        selectors.insert(key, Rc::clone(&selector));
    });
    Ok(selector)
}

/// The tree of a sample's response.
pub(super) fn dom_of(sample: &crate::results::SampleResult) -> Rc<Dom> {
    let data = &sample.response_data;
    LAST.with_borrow_mut(|last| {
        // While the data are kept here, nothing else can come to lie in their place.
        if let Some((_, dom)) =
            last.as_ref().filter(|(known, _)| known.as_ptr() == data.as_ptr() && known.len() == data.len())
        {
            return Rc::clone(dom);
        }
        let dom = Rc::new(Dom::parse(&sample.response_text()));
        *last = Some((data.clone(), Rc::clone(&dom)));
        dom
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that jsoup and Jodd printed: `[document]`, then `[selector, attribute, jsoup's answer, Jodd's]` about it; an
    /// answer is a list, or an error that begins with `!`. Jodd's answers count for the last document, which is complete.
    #[test]
    fn answers_are_those_of_the_java_libraries() {
        let lines = include_str!("../../../fixtures/css/jsoup_jodd.jsonl").lines();
        let rows: Vec<Vec<serde_json::Value>> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        let documents = rows.iter().filter(|row| row.len() == 1).count();
        let mut failures = String::new();
        let (mut dom, mut number) = (Dom::parse(""), 0);
        for row in rows {
            let text = |index: usize| row[index].as_str().unwrap();
            if row.len() == 1 {
                dom = Dom::parse(text(0));
                number += 1;
                continue;
            }
            for (dialect, expected) in [(Dialect::Jsoup, &row[2]), (Dialect::Jodd, &row[3])] {
                if dialect == Dialect::Jodd && (number < documents || expected.is_string()) {
                    continue;
                }
                let attribute = Some(text(1)).filter(|name| !name.is_empty());
                let actual = match select(dialect, &dom, text(0), attribute) {
                    Ok(found) => serde_json::json!(found),
                    Err(_) if expected.is_string() => expected.clone(),
                    Err(error) => serde_json::json!(error),
                };
                if actual != *expected {
                    let selector = text(0);
                    failures.push_str(&format!("{dialect:?} {selector}\n  expected {expected}\n  but got  {actual}\n"));
                }
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    proptest::proptest! {
        #[test]
        fn no_selector_panics(text in "[-ab*.#\\[\\]=^$~!|:()'\",>+ n1\\\\hasnotfirst]{0,20}") {
            let dom = Dom::parse("<div id=a class='b n'><p>a<b>b</b><p title=x>n<ul><li>1<li>2</ul></div>");
            for dialect in [Dialect::Jsoup, Dialect::Jodd] {
                let _ = select(dialect, &dom, &text, None);
            }
        }

        #[test]
        fn no_document_panics(text in "(<[/!]?(div|p|table|td|template|noscript|svg|b|a|title|textarea)[ >=']?|x|>|&amp;){0,12}") {
            let dom = Dom::parse(&text);
            let _ = select(Dialect::Jsoup, &dom, "* :has(> *)", None);
        }
    }

    /// As jsoup 1.16.1 answers.
    #[test]
    fn a_tag_that_closes_itself_is_a_whole_element() {
        let text = |document: &str, selector: &str| {
            let found = select(Dialect::Jsoup, &Dom::parse(document), selector, None).unwrap();
            found.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>().join("|")
        };
        assert_eq!(text("<r><i>a</i><i/><i>b</i>c</r>", "i"), "a||b");
        assert_eq!(text("<div/><p>x</p>", "div, div p"), "");
        assert_eq!(text("<svg><g><path/></g><g/>t</svg>u", "svg"), "t");
        assert_eq!(text("<script/><p>x</p><br/>y", "p"), "x");
    }

    #[test]
    fn deep_nesting_is_no_trouble() {
        let dom = Dom::parse(&"<div>".repeat(20_000));
        assert_eq!(select(Dialect::Jsoup, &dom, "html > body > div", None).unwrap().len(), 1);
        assert!(select(Dialect::Jsoup, &dom, &":not(".repeat(10_000), None).is_err());
        assert!(select(Dialect::Jsoup, &dom, &format!("{}a{}", ":not(".repeat(5000), ")".repeat(5000)), None).is_err());
    }
}
