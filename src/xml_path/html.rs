//! HTML as a document: the tree of [`crate::tidy`] as Xalan sees it.

use super::document::{Builder, Document, Kind};
use crate::tidy::{Page, Visitor};

/// A page in which something is that is neither an element nor text nor a comment, at which Xalan fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignNode;

/// Makes a document of a page.
///
/// # Errors
///
/// Pages with server code in them, conditional sections, or an XML declaration.
pub fn from_page(page: &Page) -> Result<Document, ForeignNode> {
    let mut making = Making { builder: Builder::new(), is_foreign: false };
    page.visit(&mut making);
    if making.is_foreign { Err(ForeignNode) } else { Ok(making.builder.finish_with_named_texts()) }
}

struct Making {
    builder: Builder,
    is_foreign: bool,
}

impl Visitor for Making {
    fn start(&mut self, name: &str) {
        self.builder.start(name);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.builder.attribute(name, value);
    }

    fn end_of_start(&mut self) {}

    fn end(&mut self) {
        self.builder.end();
    }

    fn text(&mut self, text: &str) {
        self.builder.separate_text(Kind::Text, text);
    }

    fn cdata(&mut self, text: &str) {
        self.builder.separate_text(Kind::CData, text);
    }

    fn comment(&mut self, text: &str) {
        self.builder.comment(text);
    }

    fn instruction(&mut self, text: &str) {
        self.builder.instruction("", text);
    }

    fn other(&mut self) {
        self.is_foreign = true;
    }
}

#[cfg(test)]
mod tests {
    use super::{ForeignNode, from_page};
    use crate::tidy::{self, DocType, Format, Options};
    use crate::xml_path::{Dialect, Document, Expression, Item};

    fn document(text: &str) -> Result<Document, ForeignNode> {
        let options = Options {
            format: Format::Html,
            doctype: DocType::Auto,
            clean: true,
            quiet: true,
            show_warnings: false,
            messages: false,
        };
        from_page(&tidy::read(text, &options).unwrap().page.unwrap())
    }

    #[test]
    fn html_is_closed_and_completed_but_not_by_tbody() {
        let document = document("<p b=2 a=1 c>one<p>two<table><tr><td>x</table>").unwrap();
        let body = document.children(document.root_element().unwrap()).last().unwrap();
        assert_eq!(
            document.markup(body),
            "<body><p c=\"c\" a=\"1\" b=\"2\">one</p><p>two</p><table><tr><td>x</td></tr></table></body>"
        );
    }

    /// What Xalan finds in JTidy's trees, as the XPath Extractor shows it.
    #[test]
    fn texts_have_names_and_elements_are_empty() {
        let page = "<p>a<!-- c -->b<?pi d>e<b> x</b><![CDATA[ q ]]>s<script></script>";
        for (path, expected) in [
            ("//p", "a"),
            ("//body", ""),
            ("//text()", "nothing"),
            (".//text()[contains(., 'a')]", "nothing"),
            ("//comment()", "nothing"),
            ("//text()[1]", "a|x|"),
            ("//p//text()", "a|b|e |x| q |"),
            ("//p/comment()", " c "),
            ("//p/node()", "a| c |b|e |x| q |"),
            ("//processing-instruction()", "nothing"),
            ("count(/descendant-or-self::node())", "17"),
            ("//script/text()", ""),
            ("string(//b)", "x"),
        ] {
            let document = document(page).unwrap();
            let value = Expression::compile(path, Dialect::One, Vec::new()).evaluate(&document).unwrap();
            let shown = |item: &Item| match item {
                Item::Node(node) => document.extracted_value(*node).unwrap_or("null").to_owned(),
                item => value.text(item, &document),
            };
            let shown: Vec<String> = value.items.iter().map(shown).collect();
            let shown = if shown.is_empty() { "nothing".to_owned() } else { shown.join("|") };
            assert_eq!(shown, expected, "{path}");
        }
    }

    #[test]
    fn server_code_is_foreign() {
        assert_eq!(document("<p><% x %>").unwrap_err(), ForeignNode);
        assert_eq!(document("<p><![if x]>").unwrap_err(), ForeignNode);
    }
}
