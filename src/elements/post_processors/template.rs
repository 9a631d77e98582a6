//! Templates of matches: text with `$1$`, `$2$` … in it (`RegexExtractor.initTemplate`).

use crate::virtual_user::Thrown;

/// A template, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Template {
    /// Takes a template apart. A group number beyond Java's `int` throws.
    pub fn parse(text: &str) -> Result<Self, Thrown> {
        let mut pieces = Vec::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(dollar) = text[at..].find('$') {
            let start = at + dollar + 1;
            let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
            let end = start + digits;
            at = start;
            if digits == 0 || !text[end..].starts_with('$') {
                continue;
            }
            let number = &text[start..end];
            let Some(group) = number.parse::<i32>().ok().and_then(|group| usize::try_from(group).ok()) else {
                let message = format!("For input string: \"{number}\"");
                return Err(Thrown::new("java.lang.NumberFormatException", message));
            };
            if copied < start - 1 {
                pieces.push(Piece::Text(text[copied..start - 1].to_owned()));
            }
            pieces.push(Piece::Group(group));
            at = end + 1;
            copied = at;
        }
        if copied < text.len() {
            pieces.push(Piece::Text(text[copied..].to_owned()));
        }
        Ok(Template(pieces))
    }

    /// The template with groups filled in; a group that is not there, or took no part, is `null`.
    pub fn fill<'t>(&self, group: impl Fn(usize) -> Option<&'t str>) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            out.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(number) => group(*number).unwrap_or("null"),
            });
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let cases = [
            ("$1$", "a"),
            ("$2$:$1$", "b:a"),
            ("$1$$2$", "ab"),
            ("<$0$>", "<all>"),
            ("", ""),
            ("no groups", "no groups"),
            ("$1$ costs \\$5", "a costs \\$5"),
            ("$3$", "null"),
            ("$1", "$1"),
            ("$$1$", "$a"),
            ("$1$2$", "a2$"),
            ("é$1$é", "éaé"),
        ];
        for (text, expected) in cases {
            let filled = Template::parse(text).unwrap().fill(|group| ["all", "a", "b"].get(group).copied());
            assert_eq!(filled, expected);
        }
        assert!(Template::parse("$2147483648$").is_err());
    }
}
