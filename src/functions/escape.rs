//! `__escapeHtml`, `__unescapeHtml`, `__escapeXml` and `__unescape`: one text in, one text out.

use super::{Definition, Function, take};
use crate::expr::Expr;
use crate::java::escape::{escape_html4, escape_xml10, invalid_code_point, unescape_html4, unescape_java};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const ESCAPE_HTML: Definition = Definition {
    name: "__escapeHtml",
    arguments: (1, Some(1)),
    compile: |arguments, _| Ok(Box::new(Convert::new(arguments, |text| Ok(escape_html4(text))))),
    summary: "A text with the entities of HTML 4",
};

pub(super) const UNESCAPE_HTML: Definition = Definition {
    name: "__unescapeHtml",
    arguments: (1, Some(1)),
    compile: |arguments, _| {
        Ok(Box::new(Convert::new(arguments, |text| match invalid_code_point(text) {
            None => Ok(unescape_html4(text)),
            Some(message) => Err(Thrown::new("java.lang.IllegalArgumentException", message)),
        })))
    },
    summary: "A text with the entities of HTML 4 replaced",
};

pub(super) const ESCAPE_XML: Definition = Definition {
    name: "__escapeXml",
    arguments: (1, Some(1)),
    compile: |arguments, _| Ok(Box::new(Convert::new(arguments, |text| Ok(escape_xml10(text))))),
    summary: "A text with the entities of XML 1.0",
};

pub(super) const UNESCAPE: Definition = Definition {
    name: "__unescape",
    arguments: (1, Some(1)),
    compile: |arguments, _| {
        Ok(Box::new(Convert::new(arguments, |text| {
            unescape_java(text).map_err(|error| Thrown::new("java.lang.IllegalArgumentException", error.to_string()))
        })))
    },
    summary: "A text with Java's escapes (\\n, \\u00e9 …) replaced",
};

/// A function of one text that depends on nothing else.
pub(super) struct Convert {
    argument: Expr,
    /// The result, when the argument is always the same.
    fixed: Option<Text>,
    by: fn(&str) -> Result<String, Thrown>,
}

impl Convert {
    /// Of the only argument.
    pub(super) fn new(arguments: Vec<Expr>, by: fn(&str) -> Result<String, Thrown>) -> Self {
        let [argument] = take(arguments);
        let argument = argument.unwrap_or_default();
        let fixed = argument.as_literal().and_then(|literal| by(literal).ok()).map(Text::from);
        Convert { argument, fixed, by }
    }
}

impl Function for Convert {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        match &self.fixed {
            Some(text) => Ok(Text::clone(text)),
            None => Ok(Text::from((self.by)(&self.argument.eval(user)?)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn escapes() {
        Bench::default().variable("x", "<é\">").check(&[
            ("${__escapeHtml(${x})}", "&lt;&eacute;&quot;&gt;"),
            ("${__escapeHtml(é€'\"&)}", "&eacute;&euro;'&quot;&amp;"),
            ("${__unescapeHtml(&eacute;&#233;&#xe9;&nope;&lt)}", "ééé&nope;&lt"),
            ("${__escapeXml(<a\"'é>)}", "&lt;a&quot;&apos;é&gt;"),
            ("${__unescape(a\\\\tb\\\\u00e9\\\\x)}", "a\tbéx"),
            ("${__unescape(a\\tb)}", "a\tb"),
            (
                "${__unescape(\\\\u12)}",
                "!java.lang.IllegalArgumentException: Less than 4 hex digits in unicode value: '\\u12' due to end of CharSequence",
            ),
        ]);
    }
}
