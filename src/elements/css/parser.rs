//! Selectors, taken apart (`org.jsoup.select.QueryParser`, `jodd.csselly.CSSelly`).

use super::Dialect;
use super::nth::Nth;
use crate::java::regex::{Options, Pattern};

/// Selectors within selectors.
const MAX_DEPTH: usize = 20;

/// `a, b`
#[derive(Debug)]
pub(super) struct Selector {
    pub alternatives: Vec<Complex>,
}

/// `a > b c`: compounds, each with how it hangs on the one before.
#[derive(Debug)]
pub(super) struct Complex {
    pub compounds: Vec<(Combinator, Compound)>,
}

/// `a.b[c]`: all of them must be met.
pub(super) type Compound = Vec<Simple>;

/// How a compound hangs on the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    /// The first of all, anywhere.
    First,
    /// ` `
    Descendant,
    /// `>`; as the first of all, a child of the element that is searched.
    Child,
    /// `+`
    Next,
    /// `~`
    Later,
}

/// One condition.
#[derive(Debug)]
pub(super) enum Simple {
    /// `*`
    Any,
    /// `a`
    Tag(String),
    /// `*|a`: with any prefix.
    AnyPrefix(String),
    /// `#a`
    Id(String),
    /// `.a`
    Class(String),
    /// `[a]`
    Has(String),
    /// `[^a]`
    HasPrefix(String),
    /// `[a=b]`
    Attribute { name: String, operator: Operator, value: String },
    /// `[a~=b]` of jsoup.
    AttributeMatches { name: String, pattern: Pattern },
    /// `:not(a)`
    Not(Selector),
    /// `:has(a)`
    Holds(Selector),
    /// `:contains(a)`; own text only or all, in lower case for jsoup.
    Contains { own: bool, raw: bool, text: String },
    /// `:matches(a)`
    Matches { own: bool, raw: bool, pattern: Pattern },
    /// `:nth-child(a)` and kin.
    Nth(Nth),
    /// `:only-child`, `:only-of-type`
    Only { of_type: bool },
    /// `:empty`
    Empty,
    /// `:root`
    Root,
    /// `:eq(1)`: among siblings in jsoup, among what was found in Jodd.
    Position { order: std::cmp::Ordering, index: i64 },
    /// Jodd's `:first`, `:last`, `:even`, `:odd`.
    Found(Found),
    /// Jodd's `:parent`: has something in it.
    IsParent,
    /// Jodd's `:header`, and its classes of form elements.
    Form(String),
}

/// Conditions on the place among what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    First,
    Last,
    Even,
    Odd,
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equals,
    Differs,
    Starts,
    Ends,
    Contains,
    /// Jodd's `~=`
    Word,
    /// Jodd's `|=`
    Dashed,
}

/// Takes a selector apart.
pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Selector, String> {
    parse_at(text, dialect, 0)
}

fn parse_at(text: &str, dialect: Dialect, depth: usize) -> Result<Selector, String> {
    if depth > MAX_DEPTH {
        return Err("Selectors are nested too deeply".to_owned());
    }
    Parser { text, at: 0, dialect, depth }.selector()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    dialect: Dialect,
    depth: usize,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn spaces(&mut self) -> bool {
        let trimmed = self.rest().trim_start_matches([' ', '\t', '\n', '\u{c}', '\r']);
        let skipped = self.rest().len() - trimmed.len();
        self.at += skipped;
        skipped > 0
    }

    fn unexpected<T>(&self) -> Result<T, String> {
        Err(format!("Could not parse query '{}': unexpected token at '{}'", self.text, self.rest()))
    }

    fn combinator(&mut self) -> Option<Combinator> {
        let combinator = match self.rest().chars().next()? {
            '>' => Combinator::Child,
            '+' => Combinator::Next,
            '~' => Combinator::Later,
            _ => return None,
        };
        self.at += 1;
        Some(combinator)
    }

    fn selector(&mut self) -> Result<Selector, String> {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.complex()?);
            // jsoup takes several commas for one.
            let mut more = false;
            while self.take(",") {
                more = true;
                self.spaces();
            }
            if !more {
                break;
            }
        }
        if self.at < self.text.len() { self.unexpected() } else { Ok(Selector { alternatives }) }
    }

    fn complex(&mut self) -> Result<Complex, String> {
        let mut compounds = Vec::new();
        self.spaces();
        let mut combinator = self.combinator().unwrap_or(Combinator::First);
        loop {
            self.spaces();
            compounds.push((combinator, self.compound()?));
            let spaced = self.spaces();
            combinator = match self.combinator() {
                Some(combinator) => combinator,
                None if self.rest().is_empty() || self.rest().starts_with(',') => return Ok(Complex { compounds }),
                None if spaced => Combinator::Descendant,
                None => return self.unexpected(),
            };
        }
    }

    fn compound(&mut self) -> Result<Compound, String> {
        let mut all = Vec::new();
        while let Some(c) = self.rest().chars().next() {
            let simple = match c {
                '#' => {
                    self.at += 1;
                    Simple::Id(self.identifier()?)
                }
                '.' => {
                    self.at += 1;
                    Simple::Class(self.identifier()?)
                }
                '[' => self.attribute()?,
                '*' if !self.rest().starts_with("*|") => {
                    self.at += 1;
                    Simple::Any
                }
                ':' => {
                    self.at += 1;
                    self.pseudo()?
                }
                c if is_word(c) || matches!(c, '_' | '-' | '*' | '|' | '\\') => self.tag()?,
                _ => break,
            };
            all.push(simple);
        }
        if all.is_empty() {
            return if self.rest().is_empty() { Err("String must not be empty".to_owned()) } else { self.unexpected() };
        }
        Ok(all)
    }

    fn tag(&mut self) -> Result<Simple, String> {
        let any_prefix = self.take("*|");
        let mut name = self.identifier()?;
        while self.take("|") {
            name = format!("{name}:{}", self.identifier()?);
        }
        if self.dialect == Dialect::Jsoup {
            name = name.to_lowercase();
        }
        Ok(if any_prefix { Simple::AnyPrefix(name) } else { Simple::Tag(name) })
    }

    /// Letters, digits, `-`, `_` and whatever stands behind a backslash.
    fn identifier(&mut self) -> Result<String, String> {
        let mut name = String::new();
        while let Some(c) = self.rest().chars().next() {
            if c == '\\' {
                self.at += 1;
                let Some(escaped) = self.rest().chars().next() else { break };
                name.push(escaped);
                self.at += escaped.len_utf8();
            } else if is_word(c) || matches!(c, '-' | '_') {
                name.push(c);
                self.at += c.len_utf8();
            } else {
                break;
            }
        }
        if name.is_empty() { Err("String must not be empty".to_owned()) } else { Ok(name) }
    }

    /// What is between a bracket and the one that closes it, quotes respected.
    fn balanced(&mut self, open: char, close: char) -> Result<&'t str, String> {
        let rest = self.rest();
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        for (at, c) in rest.char_indices() {
            if escaped {
                escaped = false;
                continue;
            }
            match c {
                '\\' => escaped = true,
                c if quote == Some(c) => quote = None,
                _ if quote.is_some() => {}
                '"' | '\'' => quote = Some(c),
                c if c == open => depth += 1,
                c if c == close => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += at + 1;
                        return Ok(&rest[1..at]);
                    }
                }
                _ => {}
            }
        }
        Err(format!("Did not find balanced marker at '{}'", rest.get(1..).unwrap_or_default()))
    }

    fn attribute(&mut self) -> Result<Simple, String> {
        let inside = self.balanced('[', ']')?;
        let jodd = self.dialect == Dialect::Jodd;
        let found = inside.find('=').map(|equals| match inside[..equals].chars().next_back() {
            Some(c @ ('!' | '^' | '$' | '*' | '~')) => (equals - 1, equals + 1, Some(c)),
            Some('|') if jodd => (equals - 1, equals + 1, Some('|')),
            _ => (equals, equals + 1, None),
        });
        let Some((end, start, sign)) = found else {
            let name = inside.trim();
            if let Some(prefix) = name.strip_prefix('^').filter(|prefix| !prefix.is_empty()) {
                return Ok(Simple::HasPrefix(prefix.to_lowercase()));
            }
            return if name.is_empty() {
                Err("String must not be empty".to_owned())
            } else {
                Ok(Simple::Has(name.to_owned()))
            };
        };
        let name = inside[..end].trim().to_lowercase();
        if name.is_empty() {
            return Err("String must not be empty".to_owned());
        }
        let value = &inside[start..];
        let operator = match sign {
            None => Operator::Equals,
            Some('!') => Operator::Differs,
            Some('^') => Operator::Starts,
            Some('$') => Operator::Ends,
            Some('*') => Operator::Contains,
            Some('|') => Operator::Dashed,
            Some(_) if jodd => Operator::Word,
            Some(_) => {
                let pattern = compile(value)?;
                return Ok(Simple::AttributeMatches { name, pattern });
            }
        };
        let trimmed = value.trim();
        let literal = ['"', '\''].iter().find_map(|quote| trimmed.strip_prefix(*quote)?.strip_suffix(*quote));
        let value =
            if jodd { literal.unwrap_or(trimmed).to_owned() } else { literal.unwrap_or(trimmed).to_lowercase() };
        if value.is_empty() && !jodd {
            return Err("String must not be empty".to_owned());
        }
        Ok(Simple::Attribute { name, operator, value })
    }

    /// What stands between parentheses; `None` without them.
    fn argument(&mut self) -> Result<Option<&'t str>, String> {
        if self.rest().starts_with('(') { self.balanced('(', ')').map(Some) } else { Ok(None) }
    }

    fn within(&self, text: &str) -> Result<Selector, String> {
        if text.trim().is_empty() {
            return Err(":has(selector) sub-select must not be empty".to_owned());
        }
        parse_at(text, self.dialect, self.depth + 1)
    }

    fn pseudo(&mut self) -> Result<Simple, String> {
        let begin = self.at;
        let name = self.identifier().unwrap_or_default();
        let name = if self.dialect == Dialect::Jsoup { name.to_lowercase() } else { name };
        let argument = self.argument()?;
        let simple = match argument {
            Some(argument) => self.function(&name, argument)?,
            None => self.class(&name),
        };
        match simple {
            Some(simple) => Ok(simple),
            None => {
                self.at = begin - 1;
                self.unexpected()
            }
        }
    }

    fn function(&mut self, name: &str, argument: &str) -> Result<Option<Simple>, String> {
        let jsoup = self.dialect == Dialect::Jsoup;
        if let Some(nth) = Nth::of(name) {
            return nth.parse(argument).map(Simple::Nth).map(Some);
        }
        let order = match name {
            "lt" => Some(std::cmp::Ordering::Less),
            "gt" => Some(std::cmp::Ordering::Greater),
            "eq" => Some(std::cmp::Ordering::Equal),
            _ => None,
        };
        if let Some(order) = order {
            let index = argument.trim().parse().map_err(|_| "Index must be numeric".to_owned())?;
            if jsoup && index < 0 {
                return Err("Index must be numeric".to_owned());
            }
            return Ok(Some(Simple::Position { order, index }));
        }
        Ok(Some(match name {
            "has" => Simple::Holds(self.within(argument)?),
            "not" => Simple::Not(self.within(argument)?),
            "contains" if !jsoup => {
                let literal = ['"', '\''].iter().find_map(|quote| argument.strip_prefix(*quote)?.strip_suffix(*quote));
                Simple::Contains { own: false, raw: true, text: literal.unwrap_or(argument).to_owned() }
            }
            "contains" | "containsown" | "containswholetext" | "containswholeowntext" if jsoup => {
                let text = unescaped(argument);
                if text.is_empty() {
                    return Err(format!(":{name}(text) query must not be empty"));
                }
                let raw = name.contains("whole");
                let text =
                    if raw { text } else { text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase() };
                Simple::Contains { own: name.ends_with("own") || name.ends_with("owntext"), raw, text }
            }
            "matches" | "matchesown" | "matcheswholetext" | "matcheswholeowntext" if jsoup => {
                if argument.is_empty() {
                    return Err(format!(":{name}(regex) query must not be empty"));
                }
                let own = name.ends_with("own") || name.ends_with("owntext");
                Simple::Matches { own, raw: name.contains("whole"), pattern: compile(argument)? }
            }
            _ => return Ok(None),
        }))
    }

    fn class(&self, name: &str) -> Option<Simple> {
        if let Some(nth) = Nth::of_class(name) {
            return Some(Simple::Nth(nth));
        }
        Some(match name {
            "only-child" => Simple::Only { of_type: false },
            "only-of-type" => Simple::Only { of_type: true },
            "empty" => Simple::Empty,
            "root" => Simple::Root,
            _ if self.dialect == Dialect::Jsoup => return None,
            "first" => Simple::Found(Found::First),
            "last" => Simple::Found(Found::Last),
            "even" => Simple::Found(Found::Even),
            "odd" => Simple::Found(Found::Odd),
            "parent" => Simple::IsParent,
            "button" | "checkbox" | "checked" | "file" | "header" | "image" | "input" | "password" | "radio"
            | "reset" | "selected" | "submit" | "text" => Simple::Form(name.to_owned()),
            _ => return None,
        })
    }
}

fn compile(pattern: &str) -> Result<Pattern, String> {
    Pattern::compile(pattern, Options::default()).map_err(|error| error.to_string())
}

/// Backslashes taken out, two of them for one (`TokenQueue.unescape`).
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(c);
            escaped = false;
        }
    }
    out
}
