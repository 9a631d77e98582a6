//! HTML Assertion: counts what JTidy calls errors, and fails when there are more than are allowed.
//!
//! Of JTidy this knows what it calls an error in HTML: elements that it does not know (all that HTML 5 brought, too), tags
//! without their `>`, end tags within scripts, repeated frame sets. It does not know JTidy's rules of nesting: end tags
//! that do not belong into tables are errors there as well. Warnings are not counted, so "Errors only" must be on.

use super::{RESPONSE_WAS_NULL, failed, grouped, passed};
use crate::elements::roles::Assertion;
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::{Expr, LongExpr};
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};

const ERRORS_ONLY: &str = "html_assertion_errorsonly";
const ERROR_THRESHOLD: &str = "html_assertion_error_threshold";
const WARNING_THRESHOLD: &str = "html_assertion_warning_threshold";
const FORMAT: &str = "html_assertion_format";
const FILE_NAME: &str = "html_assertion_filename";

pub(super) const HTML: Definition = Definition {
    tag: "HTMLAssertion",
    menu: "HTML Assertion",
    compile: |compile| {
        refuse_what_is_not_there(compile);
        let name = compile.name();
        let (errors, warnings) = (compile.long(ERROR_THRESHOLD, 0), compile.long(WARNING_THRESHOLD, 0));
        Some(Role::assertion(Html { name, errors, warnings }))
    },
};

fn refuse_what_is_not_there(compile: &mut Compile<'_>) {
    let element = compile.element;
    let mut refuse = |what: &str| compile.problem(Severity::Unsupported, what);
    if &*element.text(ERRORS_ONLY) != "true" {
        refuse("JTidy's warnings are not counted; \"Errors only\" is supported");
    }
    if !matches!(&*element.text(FORMAT), "" | "0") {
        refuse("the formats XHTML and XML are not supported; the XML Assertion checks whether XML is well-formed");
    }
    if !element.text(FILE_NAME).trim().is_empty() {
        refuse("the file with JTidy's messages is not written");
    }
}

struct Html {
    name: Expr,
    errors: LongExpr,
    warnings: LongExpr,
}

impl Assertion for Html {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if result.response_data.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let errors = i64::try_from(errors(&result.response_data)).unwrap_or(i64::MAX);
        let (allowed, warnings) = (self.errors.eval(user)?, self.warnings.eval(user)?);
        if errors <= allowed {
            return Ok(passed(name));
        }
        let message = format!(
            "Tidy Parser errors: {} (allowed {}) Tidy Parser warnings: not counted (allowed {})",
            grouped(errors),
            grouped(allowed),
            grouped(warnings)
        );
        Ok(failed(name, message))
    }
}

/// The elements that JTidy r938 knows.
const KNOWN: &str = " a abbr acronym address align applet area b base basefont bdo bgsound big blink blockquote body br \
    button caption center cite code col colgroup comment dd del dfn dir div dl dt em embed fieldset font form frame \
    frameset h1 h2 h3 h4 h5 h6 head hr html i iframe ilayer img input ins isindex kbd keygen label layer legend li link \
    listing map marquee menu meta multicol nobr noembed noframes nolayer nosave noscript object ol optgroup option p param \
    plaintext pre q rb rbc rp rt rtc ruby s samp script select server servlet small spacer span strike strong style sub \
    sup table tbody td textarea tfoot th thead title tr tt u ul var wbr xmp ";

/// How many errors JTidy finds in a page.
fn errors(page: &[u8]) -> usize {
    let mut scan = Scan { page, at: 0, errors: 0 };
    // Frame sets that are open, and whether one was closed.
    let (mut frame_sets, mut had_frame_set) = (0_usize, false);
    while let Some(at) = memchr::memchr(b'<', &page[scan.at..]) {
        scan.at += at + 1;
        match scan.peek() {
            Some(byte) if byte.is_ascii_alphabetic() => {
                let name = scan.name();
                if name == "frameset" {
                    scan.errors += usize::from(frame_sets == 0 && had_frame_set);
                    frame_sets += 1;
                }
                let empty = scan.attributes();
                scan.errors += usize::from(!KNOWN.contains(&format!(" {name} ")));
                if matches!(name.as_str(), "script" | "style") && !empty {
                    scan.raw_text(&name);
                }
            }
            Some(b'/') if page.get(scan.at + 1).is_some_and(u8::is_ascii_alphabetic) => {
                scan.at += 1;
                if scan.name() == "frameset" && frame_sets > 0 {
                    frame_sets -= 1;
                    had_frame_set = true;
                }
                scan.end_of_end_tag();
            }
            Some(b'!') if page[scan.at..].starts_with(b"!--") => scan.behind(b"-->"),
            Some(b'!') if page[scan.at..].starts_with(b"![") => scan.behind(b"]>"),
            Some(b'?') if page[scan.at..].starts_with(b"?php") => scan.behind(b"?>"),
            Some(b'!' | b'?') => scan.behind(b">"),
            Some(b'%') => scan.behind(b"%>"),
            Some(b'#') => scan.behind(b"#>"),
            Some(_) | None => {}
        }
    }
    scan.errors
}

/// A place in a page.
struct Scan<'a> {
    page: &'a [u8],
    at: usize,
    errors: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.page.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        &self.page[self.at..]
    }

    /// Goes on behind `end`, or to the end of the page.
    fn behind(&mut self, end: &[u8]) {
        let found = memchr::memmem::find(self.rest(), end);
        self.at = found.map_or(self.page.len(), |found| self.at + found + end.len());
    }

    fn skip_while(&mut self, holds: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest.iter().position(|&byte| !holds(byte)).unwrap_or(rest.len());
    }

    fn name(&mut self) -> String {
        let from = self.at;
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_'));
        String::from_utf8_lossy(&self.page[from..self.at]).to_ascii_lowercase()
    }

    /// Reads attributes up to the end of their tag; true for `/>`.
    fn attributes(&mut self) -> bool {
        // What touches the tag's name belongs to it.
        self.skip_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/'));
        loop {
            self.skip_while(|byte| byte.is_ascii_whitespace());
            match self.peek() {
                None => return false,
                Some(b'>') => {
                    self.at += 1;
                    return false;
                }
                Some(b'/') if self.page.get(self.at + 1) == Some(&b'>') => {
                    self.at += 2;
                    return true;
                }
                Some(b'<') => {
                    self.errors += 1;
                    return false;
                }
                Some(b'/') => self.at += 1,
                Some(b'=') => self.value(),
                Some(_) => self.skip_while(name_goes_on),
            }
        }
    }

    /// Reads what follows `=`.
    fn value(&mut self) {
        self.at += 1;
        self.skip_while(|byte| byte.is_ascii_whitespace());
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => {
                self.at += 1;
                self.behind(&[quote]);
            }
            Some(b'>') | None => {}
            Some(_) => {
                self.at += 1;
                self.skip_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'<'));
            }
        }
    }

    fn end_of_end_tag(&mut self) {
        self.skip_while(|byte| !matches!(byte, b'>' | b'<'));
        if self.peek() == Some(b'>') {
            self.at += 1;
        } else {
            self.errors += 1;
        }
    }

    /// Reads a script or a style sheet up to its end tag. The beginning of any other end tag is an error.
    fn raw_text(&mut self, name: &str) {
        while let Some(at) = memchr::memmem::find(self.rest(), b"</") {
            self.at += at + 2;
            let rest = self.rest();
            if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes())) {
                return self.end_of_end_tag();
            }
            let is_tag = rest.first().is_some_and(u8::is_ascii_alphabetic);
            self.errors += usize::from(is_tag);
        }
        self.at = self.page.len();
    }
}

fn name_goes_on(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>' | b'<' | b'/')
}

#[cfg(test)]
mod tests {
    use super::{ERROR_THRESHOLD, ERRORS_ONLY, errors};
    use crate::elements::element_for_tests::{body, check, element};

    /// Pages and the numbers of errors that the JTidy of JMeter 5.6.2 finds in them.
    #[test]
    fn errors_are_jtidys() {
        for (page, expected) in [
            ("<html><head><title>t</title></head><body><p>x</p></body></html>", 0),
            ("<html><body><section><section>a</section></section><nav/></body></html>", 3),
            ("<html><body></section></foo></body></html>", 0),
            ("<html><body><p a=\"b c>x</p></body></html>", 0),
            ("<html><body><svg width=\"1\"><path d=\"M0\"/></svg><MAIN></main></body></html>", 3),
            ("<html><body><pre><foo></pre><o:p>x</o:p><my-el>y</my-el></body></html>", 3),
            ("<html><frameset><frame></frameset><frameset></frameset><frameset></frameset></html>", 2),
            ("<html><frameset><frameset></frameset></frameset></html>", 0),
            ("plain text {\"a\": \"<b>\"}", 0),
            ("<p>1 <foo 2</p>", 2),
            ("<html><body><img src=\"a\"<p>x</p></body></html>", 1),
            ("<html><body><a title=\"a>b <foo>\">x</a><a title='x\ny' href=\"q\">y</a></body></html>", 0),
            ("<html><body><script>var a = \"<foo>x</foo>\";</script></body></html>", 1),
            ("<html><head><style>\"</a></b>\" a<bar></style></head><body>x</body></html>", 2),
            ("<html><body><script>\"</1></ b><!-- </q> -->\"</script></body></html>", 1),
            ("<html><body><!-- <foo> --><textarea><foo></textarea></body></html>", 1),
            ("<html><body><a href=<foo>>x</a><a <b>x</a></body></html>", 1),
            ("<html><body>< foo> <1a> <foo/> <foo-bar> <foo.bar> <foo:bar> <foo_bar> <_a></body></html>", 5),
            ("<html><body><!foo> <?php <foo> ?> <% <foo> %> <![CDATA[<foo>]]> <# <foo> #></body></html>", 0),
            ("<html><body><!-- <foo></body></html>", 0),
            ("<html><body><p>x</p><foo", 1),
            ("<html><body><p>x</p <foo>y</body></html>", 2),
            ("<html><body><script src=\"a\"<p>x</p></script></body></html>", 2),
            ("<html><body><a title='<foo'>x</a><a title=x<y>z</a><a b\"c>d</a></body></html>", 2),
            ("<html><body><a href = \"x\"y=\"z\"<foo>x</a><br/<p>y</body></html>", 3),
            ("<html><body><a / b / >x</a><br /><p<foo>>a<b<c>d</body></html>", 0),
            ("<html><body><a \"x<foo>\">x</a></body></html>", 2),
            ("<html><body><script/>x<foo></body></html>", 1),
            ("<html><body><foo><foo></body></html><foo>", 3),
        ] {
            assert_eq!(errors(page.as_bytes()), expected, "{page}");
        }
    }

    #[test]
    fn more_errors_than_are_allowed() {
        let judge = |allowed: &str, page| {
            check(
                element("HTMLAssertion").with(ERRORS_ONLY, "true").with(ERROR_THRESHOLD, allowed),
                &[],
                &mut body(page),
            )
        };
        assert!(!judge("1", "<main></main>").failure);
        let message = "Tidy Parser errors: 1 (allowed 0) Tidy Parser warnings: not counted (allowed 0)";
        assert_eq!(judge("0", "<main></main>").message.as_deref(), Some(message));
        assert_eq!(judge("0", "").message.as_deref(), Some("Response was null"));
    }
}
