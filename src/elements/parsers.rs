//! Doors to the parsers that only elements use, for `tests/fuzz.rs`: they take any text and answer with how much was found.

use super::{configs, css, jmes_path};

/// Finds what a CSS selector finds in a document, as jsoup and as Jodd.
pub fn css_selector(selector: &str, document: &str) -> usize {
    let dom = css::Dom::parse(document);
    let found = |dialect| css::select(dialect, &dom, selector, None).map_or(0, |found| found.len());
    found(css::Dialect::Jsoup) + found(css::Dialect::Jodd)
}

/// Reads a document and asks it a JMESPath query; the length of the answer.
pub fn jmes_path(query: &str, document: &str) -> usize {
    let json = jmes_path::Json::read(document).unwrap_or(jmes_path::Json::Null);
    let answer = jmes_path::Query::compile(query).and_then(|query| query.search(&json));
    answer.map_or(0, |json| json.text().len())
}

/// Reads the records of a data file with quoted fields; the number of those that can be read.
pub fn csv_records(bytes: &[u8], charset: &str, delimiter: char) -> usize {
    configs::csv_records(bytes, charset, delimiter)
}
