//! The parts of a header's value: HttpCore's `TokenParser` and `BasicHeaderValueParser`, which cookies and
//! authentication are read with.

/// A list element: a name, perhaps with a value, and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    pub name: String,
    pub value: Option<String>,
    pub parameters: Vec<(String, Option<String>)>,
}

/// Reads a list of elements: parted by commas, their parameters by semicolons.
pub(super) fn elements(text: &str) -> Vec<Element> {
    let mut scanner = Scanner::new(text);
    let mut out = Vec::new();
    while !scanner.at_end() {
        let (name, value, mut last) = scanner.pair("=;,", ";,");
        let mut parameters = Vec::new();
        while last == Some(';') && !scanner.at_end() {
            let (name, value, next) = scanner.pair("=;,", ";,");
            parameters.push((name, value));
            last = next;
        }
        if !(name.is_empty() && value.is_none()) {
            out.push(Element { name, value, parameters });
        }
    }
    out
}

/// Reads a header as Netscape's cookies want it: one element, in which only semicolons part.
pub(super) fn netscape_element(text: &str) -> Element {
    let mut scanner = Scanner::new(text);
    let mut pair = || {
        let name = scanner.token("=;");
        let value = (scanner.next() == Some('=')).then(|| {
            let value = scanner.token(";");
            scanner.next();
            value
        });
        (!scanner.at_end(), name, value)
    };
    let (mut more, name, value) = pair();
    let mut parameters = Vec::new();
    while more {
        let (next, name, value) = pair();
        parameters.push((name, value));
        more = next;
    }
    Element { name, value, parameters }
}

/// A place in a text.
pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    /// Text up to any of `stops`: outer white space goes, inner white space becomes one blank.
    pub fn token(&mut self, stops: &str) -> String {
        let end = self.rest.find(|c| stops.contains(c)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text.split(is_white).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// As [`Scanner::token`], but runs in double quotes are taken as they are, without the quotes.
    pub fn value(&mut self, stops: &str) -> String {
        let mut out = String::new();
        let mut white = false;
        while let Some(c) = self.rest.chars().next().filter(|&c| !stops.contains(c)) {
            if is_white(c) {
                self.rest = self.rest.trim_start_matches(is_white);
                white = true;
                continue;
            }
            if white && !out.is_empty() {
                out.push(' ');
            }
            white = false;
            if c == '"' {
                self.next();
                self.quoted(&mut out);
            } else {
                let end = self.rest.find(|c| stops.contains(c) || is_white(c) || c == '"').unwrap_or(self.rest.len());
                out.push_str(&self.rest[..end]);
                self.rest = &self.rest[end..];
            }
        }
        out
    }

    fn quoted(&mut self, out: &mut String) {
        while let Some(c) = self.next() {
            match c {
                '"' => return,
                '\\' => match self.next() {
                    Some(escaped @ ('"' | '\\')) => out.push(escaped),
                    Some(other) => out.extend(['\\', other]),
                    None => {}
                },
                '\r' | '\n' => {}
                _ => out.push(c),
            }
        }
    }

    /// A name, a value after an equals sign, and what stood behind them.
    fn pair(&mut self, name_stops: &str, value_stops: &str) -> (String, Option<String>, Option<char>) {
        let name = self.token(name_stops);
        match self.next() {
            Some('=') => {
                let value = self.value(value_stops);
                (name, Some(value), self.next())
            }
            last => (name, None, last),
        }
    }
}

fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let show = |text: &str| {
            elements(text)
                .into_iter()
                .map(|e| format!("{}={:?} {:?}", e.name, e.value, e.parameters))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            show("a = \"x, \\\"y\\\"\" ; p=1; q , b,, c=  d  e"),
            ["a=Some(\"x, \\\"y\\\"\") [(\"p\", Some(\"1\")), (\"q\", None)]", "b=None []", "c=Some(\"d e\") []"]
        );
        let cookie = netscape_element(" n = a,b \"c\" ; Path=/ ; secure");
        assert_eq!((&*cookie.name, cookie.value.as_deref()), ("n", Some("a,b \"c\"")));
        assert_eq!(cookie.parameters, [("Path".into(), Some("/".into())), ("secure".into(), None)]);
    }
}
