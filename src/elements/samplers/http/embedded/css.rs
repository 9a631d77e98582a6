//! The style sheets that a style sheet imports, as `CssParser` finds them with ph-css: `@import` rules at the top
//! level, wherever they stand. What ph-css cannot read it skips, up to the end of the next block.

/// A comment without an end, which ph-css refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unterminated {
    pub line: usize,
    pub column: usize,
}

/// The locations of all imports, in order, as they are written.
pub(super) fn imports(css: &str) -> Result<Vec<String>, Unterminated> {
    let mut reader = Reader { text: css, at: 0, unterminated: false };
    let mut found = Vec::new();
    loop {
        reader.blanks();
        for mark in ["<!--", "-->", "}"] {
            while reader.take(mark) {
                reader.blanks();
            }
        }
        if reader.rest().is_empty() {
            break;
        }
        let start = reader.at;
        match reader.statement() {
            Some(Statement::Import(location)) if !location.is_empty() => found.push(location),
            Some(Statement::Import(_) | Statement::Other) => {}
            None => {
                reader.at = start;
                reader.skip_block();
            }
        }
    }
    if !reader.unterminated {
        return Ok(found);
    }
    let last = css.rsplit('\n').next().unwrap_or_default();
    Err(Unterminated { line: css.split('\n').count(), column: last.chars().count() + 1 })
}

/// A rule that ends in a semicolon.
enum Statement {
    /// With its location.
    Import(String),
    Other,
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    unterminated: bool,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, mark: &str) -> bool {
        let starts = self.rest().starts_with(mark);
        if starts {
            self.at += mark.len();
        }
        starts
    }

    /// White space and comments.
    fn blanks(&mut self) {
        loop {
            let trimmed = self.rest().trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
            self.at = self.text.len() - trimmed.len();
            if !trimmed.starts_with("/*") {
                return;
            }
            match trimmed[2..].find("*/") {
                Some(end) => self.at += end + 4,
                None => {
                    self.unterminated = true;
                    self.at = self.text.len();
                }
            }
        }
    }

    /// A rule that ends in a semicolon. `None` if it is no such rule, or one that is not well formed.
    fn statement(&mut self) -> Option<Statement> {
        if !self.take("@") {
            return None;
        }
        let name = self.ident().to_ascii_lowercase();
        self.blanks();
        let mut statement = Statement::Other;
        match &*name {
            "import" => {
                statement = Statement::Import(self.string().or_else(|| self.url())?);
                self.blanks();
                self.media()?;
            }
            "charset" => {
                self.string()?;
            }
            "namespace" => {
                if !self.rest().get(..4).is_some_and(|start| start.eq_ignore_ascii_case("url(")) {
                    self.ident();
                }
                self.blanks();
                self.string().or_else(|| self.url())?;
            }
            _ => return None,
        }
        self.blanks();
        self.take(";").then_some(statement)
    }

    fn ident(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A string; its escapes stay as they are.
    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '\n' | '\r' | '\x0c' => return None,
                _ if c == quote => {
                    self.at += at + 1;
                    return Some(rest[1..at].to_owned());
                }
                _ => {}
            }
        }
        None
    }

    fn url(&mut self) -> Option<String> {
        let start = self.at;
        let found = self.try_url();
        if found.is_none() {
            self.at = start;
        }
        found
    }

    fn try_url(&mut self) -> Option<String> {
        if !self.rest().get(..4)?.eq_ignore_ascii_case("url(") {
            return None;
        }
        self.at += 4;
        let blanks = [' ', '\t', '\n', '\r', '\x0c'];
        self.at = self.text.len() - self.rest().trim_start_matches(blanks).len();
        let quoted = self.rest().starts_with(['"', '\'']);
        let location = if quoted {
            self.string()?
        } else {
            let rest = self.rest();
            let mut escaped = false;
            let end = rest.find(|c: char| {
                let ends = !escaped && (blanks.contains(&c) || matches!(c, '"' | '\'' | '(' | ')'));
                escaped = !escaped && c == '\\';
                ends
            })?;
            self.at += end;
            rest[..end].to_owned()
        };
        if quoted && location.contains(' ') {
            return None;
        }
        self.at = self.text.len() - self.rest().trim_start_matches(blanks).len();
        self.take(")").then_some(location)
    }

    /// Media queries, up to the semicolon. Functions are none: ph-css knows CSS 3 only.
    fn media(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = rest.find(';')?;
        let media = &rest[..end];
        let plain = |c: char| c.is_ascii_alphanumeric() || " \t\r\n\x0c,():-_./".contains(c) || !c.is_ascii();
        let calls = media.as_bytes().windows(2).any(|pair| pair[1] == b'(' && pair[0].is_ascii_alphanumeric());
        if !media.chars().all(plain) || calls {
            return None;
        }
        self.at += end;
        Some(())
    }

    /// Skips up to the end of the next block, or a brace that closes none.
    fn skip_block(&mut self) {
        let mut depth = 0_u32;
        while let Some(c) = self.rest().chars().next() {
            if self.rest().starts_with("/*") {
                self.blanks();
                continue;
            }
            if self.string().is_some() || self.url().is_some() {
                continue;
            }
            self.at += c.len_utf8();
            match c {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return;
                    }
                }
                '\\' => self.at += self.rest().chars().next().map_or(0, char::len_utf8),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line is what JMeter's `CssParser` found.
    #[test]
    fn what_ph_css_imports() {
        for (css, found) in [
            (
                "@import \"a.css\"; @import url(b.css); @import url('c.css') screen; body{background:url(x.png)} @import \"late.css\";",
                "a.css b.css c.css late.css",
            ),
            ("/* c */ @charset \"UTF-8\"; @import 'd.css';", "d.css"),
            ("<!-- @import \"e.css\"; -->", "e.css"),
            ("@import \"g.css\" @import \"h.css\";", ""),
            (
                "@import url( \"i.css\" ) ; @import \"j\\\"k.css\"; @namespace x \"y\"; @import \"l.css\";",
                "i.css j\\\"k.css l.css",
            ),
            ("@import \"\"; @import url(); @import \"http://o/z.css\" print and (color);", "http://o/z.css"),
            ("@media x { @import \"n.css\"; } @import \"o.css\";", "o.css"),
            ("garbage @import \"p.css\"; @import \"q.css\"; body{} @import \"r.css\";", "r.css"),
            ("garbage; @import \"q.css\";", ""),
            ("@IMPORT \"r.css\";@import/**/\"s.css\";", "r.css s.css"),
            ("@import \"t.css\"; } @import \"u.css\";", "t.css u.css"),
            ("@import \"v.css\"; @import \"v.css\"; {", "v.css v.css"),
            ("@import \"a.css\"", ""),
            ("@import \"a.css\" screen @import \"b.css\"; body{} @import \"c.css\";", "c.css"),
            ("@import \"a.css\" { x } @import \"b.css\";", "b.css"),
            ("@foo bar; @import \"b.css\"; @foo { @import \"c.css\"; } @import \"d.css\";", "d.css"),
            (
                "body{a:\"}\"} @import \"d.css\"; p{a:'\\'}'} @import \"e.css\"; p{a:url(})} @import \"f.css\";",
                "d.css e.css f.css",
            ),
            ("body{ {} } @import \"d.css\"; a{b:c(} @import \"e.css\"; ) } @import \"f.css\";", "d.css e.css f.css"),
            ("}}} @import \"b.css\"; )(] @import \"c.css\"; x{} @import \"d.css\";", "b.css d.css"),
            ("@import url(a b.css); @import url(\"c d.css\");", ""),
            ("@import \"a.css\" supports(display:grid) screen; @import \"b.css\" layer(x);", ""),
            ("@importx \"a.css\"; @import\"b.css\";", ""),
            ("@charset \"x\" @import \"a.css\";", ""),
            (
                "a:hover,b>c[d=\"}\"]{e:f!important} @import \"a.css\"; a{*zoom:1;_h:1} @import \"b.css\";",
                "a.css b.css",
            ),
            ("@import \"a\nb.css\"; @import \"c.css\";", ""),
        ] {
            assert_eq!(imports(css).unwrap().join(" "), found, "{css}");
        }
        let flaw = imports("@import \"a.css\" ; /* unterminated @import \"b.css\";");
        assert_eq!(flaw, Err(Unterminated { line: 1, column: 51 }));
    }
}
