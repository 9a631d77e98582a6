//! Jayway's `PathCompiler`: from the text of a path to its tokens.

use super::cursor::{Cursor, Fail, invalid};
use super::filter;
use super::path::{Parameter, Path, Token};
use crate::java::number::parse_int;

/// Filters within filters; Java's stack would end somewhat later.
pub(super) const MAX_DEPTH: usize = 60;

/// Steps of a path, so that a walk fits any stack.
const MAX_TOKENS: usize = 500;

/// Compiles a path; what does not begin with `$` or `@` is taken to begin with `$.`.
pub(super) fn compile(text: &str, depth: usize) -> Result<Path, String> {
    let into_text = |fail| match fail {
        Fail::Invalid(text) | Fail::Other(text) => text,
    };
    compile_inner(text, depth).map_err(into_text)
}

fn compile_inner(text: &str, depth: usize) -> Result<Path, Fail> {
    if depth > MAX_DEPTH {
        return invalid("Path is nested too deeply");
    }
    let mut cursor = Cursor::new(text);
    cursor.trim();
    if !matches!(cursor.char_at(0)?, '$' | '@') {
        cursor = Cursor::new(&format!("$.{text}"));
        cursor.trim();
    }
    if cursor.last_is('.')? {
        return invalid("Path must not end with a '.' or '..'");
    }
    Compiler { cursor, depth, tokens: Vec::new() }.compile()
}

struct Compiler {
    cursor: Cursor,
    depth: usize,
    tokens: Vec<Token>,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

impl Compiler {
    fn compile(mut self) -> Result<Path, Fail> {
        while self.cursor.has_current() && is_blank(self.cursor.current()?) {
            self.cursor.position += 1;
        }
        let root = self.cursor.current()?;
        if root != '$' && root != '@' {
            return invalid("Path must start with '$' or '@'");
        }
        if !self.cursor.at_tail() {
            self.cursor.position += 1;
            if !matches!(self.cursor.current()?, '.' | '[') {
                return invalid(format!("Illegal character at position {} expected '.' or '['", self.cursor.position));
            }
            self.next_token()?;
            while !self.cursor.at_tail() {
                if self.tokens.len() > MAX_TOKENS {
                    return invalid("Path is too long");
                }
                self.next_token()?;
            }
        }
        Ok(Path::new(root, self.tokens))
    }

    fn next_token(&mut self) -> Result<(), Fail> {
        match self.cursor.current()? {
            '[' => {
                let taken = self.bracket_properties()?
                    || self.array()?
                    || self.wildcard()?
                    || self.filter()?
                    || self.placeholder()?;
                if !taken {
                    return invalid(format!(
                        "Could not parse token starting at position {}. Expected ?, ', 0-9, * ",
                        self.cursor.position
                    ));
                }
                Ok(())
            }
            '.' => self.dot(),
            '*' => {
                self.wildcard()?;
                Ok(())
            }
            _ => self.property_or_function(),
        }
    }

    fn dot(&mut self) -> Result<(), Fail> {
        if self.cursor.next_is('.') {
            self.tokens.push(Token::Scan);
            self.cursor.position += 2;
        } else if self.cursor.has(self.cursor.position + 1) {
            self.cursor.position += 1;
        } else {
            return invalid("Path must not end with a '.");
        }
        if self.cursor.current_is('.')? {
            return invalid(format!("Character '.' on position {} is not valid.", self.cursor.position));
        }
        self.next_token()
    }

    fn property_or_function(&mut self) -> Result<(), Fail> {
        let start = self.cursor.position;
        if matches!(self.cursor.current()?, '[' | '*' | '.' | ' ') {
            return invalid(format!("Could not parse token starting at position {start}"));
        }
        let mut at = start;
        let mut end = 0;
        let mut is_function = false;
        while self.cursor.has(at) {
            match self.cursor.char_at(at)? {
                ' ' => {
                    return invalid(format!(
                        "Use bracket notion ['my prop'] if your property contains blank characters. position: {start}"
                    ));
                }
                '.' | '[' => {
                    end = at;
                    break;
                }
                '(' => {
                    is_function = true;
                    end = at;
                    break;
                }
                _ => at += 1,
            }
        }
        if end == 0 {
            end = self.cursor.len();
        }
        let name = self.cursor.slice(start, end);
        if !is_function {
            self.cursor.position = end;
            self.tokens.push(Token::Property { names: vec![name], quote: '\'' });
            return Ok(());
        }
        let not_closed = || format!("Arguments to function: '{name}' are not closed properly.");
        let mut open = 1_i32;
        for at in at + 1..self.cursor.len() {
            match self.cursor.char_at(at)? {
                ')' => open -= 1,
                '(' => open += 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        if open != 0 {
            return invalid(not_closed());
        }
        let mut parameters = Vec::new();
        if !self.cursor.has(at + 1) {
            self.cursor.position = at;
        } else if self.cursor.char_at(at + 1)? == ')' {
            self.cursor.position = at + 1;
        } else {
            self.cursor.position = end + 1;
            parameters = self.parameters()?.ok_or_else(|| Fail::Invalid(not_closed()))?;
        }
        self.tokens.push(Token::Function { name, parameters });
        Ok(())
    }

    /// The arguments of a function; none when their brackets do not close.
    fn parameters(&mut self) -> Result<Option<Vec<Parameter>>, Fail> {
        enum Kind {
            Json,
            Path,
        }
        let mut kind: Option<Kind> = None;
        let (mut parens, mut brackets, mut braces, mut quotes) = (1_i32, 0_i32, 0_i32, 0_i32);
        let mut prior = '\0';
        let mut text = String::new();
        let mut parameters = Vec::new();
        let mut ended = false;
        while self.cursor.has_current() && !ended {
            let c = self.cursor.current()?;
            self.cursor.position += 1;
            if kind.is_none() {
                if is_blank(c) {
                    continue;
                }
                if c == '{' || c.is_ascii_digit() || c == '"' || c == '-' {
                    kind = Some(Kind::Json);
                } else if c == '$' || c == '@' {
                    kind = Some(Kind::Path);
                }
            }
            match c {
                '"' if prior != '\\' && quotes > 0 => quotes -= 1,
                '"' => quotes += 1,
                '(' => parens += 1,
                '{' => braces += 1,
                '[' => brackets += 1,
                '}' if braces == 0 => {
                    return invalid(format!(
                        "Unexpected close brace '}}' at character position: {}",
                        self.cursor.position
                    ));
                }
                '}' => braces -= 1,
                ']' if brackets == 0 => {
                    return invalid(format!(
                        "Unexpected close bracket ']' at character position: {}",
                        self.cursor.position
                    ));
                }
                ']' => brackets -= 1,
                ')' | ',' => {
                    if c == ')' {
                        parens -= 1;
                        if parens < 0 || prior == '(' {
                            text.push(c);
                        }
                    }
                    let at_end = parens == 0 && c == ')' || parens == 1;
                    if quotes == 0 && braces == 0 && brackets == 0 && at_end {
                        ended = parens == 0;
                        match kind.take() {
                            Some(Kind::Json) => parameters.push(Parameter::Json(std::mem::take(&mut text))),
                            Some(Kind::Path) => {
                                let cursor = Cursor::new(&std::mem::take(&mut text));
                                if self.depth >= MAX_DEPTH {
                                    return invalid("Path is nested too deeply");
                                }
                                let inner = Self { cursor, depth: self.depth + 1, tokens: Vec::new() };
                                parameters.push(Parameter::Path(inner.compile()?));
                            }
                            None => {}
                        }
                    }
                }
                _ => {}
            }
            if kind.is_some() && !(c == ',' && braces == 0 && brackets == 0 && parens == 1) {
                text.push(c);
            }
            prior = c;
        }
        Ok((braces == 0 && parens == 0 && brackets == 0).then_some(parameters))
    }

    /// `[?]`, for which no filters can be given here.
    fn placeholder(&mut self) -> Result<bool, Fail> {
        let Some(mark) = self.cursor.significant_at(self.cursor.position, '?')? else { return Ok(false) };
        if !matches!(self.cursor.significant(mark), ']' | ',') {
            return Ok(false);
        }
        let begin = self.cursor.position + 1;
        let Some(end) = self.cursor.index_of(begin, ']') else { return Ok(false) };
        let expression = self.cursor.slice(begin, end);
        invalid(format!(
            "Not enough predicates supplied for filter [{expression}] at position {}",
            self.cursor.position
        ))
    }

    /// `[?(…)]`
    fn filter(&mut self) -> Result<bool, Fail> {
        let start = self.cursor.position;
        let Some(mark) = self.cursor.significant_at(start, '?')? else { return Ok(false) };
        let Some(open) = self.cursor.significant_at(mark, '(')? else { return Ok(false) };
        let Some(close) = self.cursor.index_of_closing(open, '(', ')', true)? else { return Ok(false) };
        if !self.cursor.significant_is(close, ']') {
            return Ok(false);
        }
        let Some(end) = self.cursor.significant_at(close, ']')? else { return Ok(false) };
        let expression = filter::compile(&self.cursor.slice(start, end + 1), self.depth + 1)?;
        self.tokens.push(Token::Filter(Box::new(expression)));
        self.cursor.position = end + 1;
        Ok(true)
    }

    /// `*` or `[*]`
    fn wildcard(&mut self) -> Result<bool, Fail> {
        let start = self.cursor.position;
        if self.cursor.current_is('[')? {
            if !self.cursor.significant_is(start, '*') {
                return Ok(false);
            }
            let star = self.cursor.significant_at(start, '*')?.unwrap_or(start);
            if !self.cursor.significant_is(star, ']') {
                return invalid(format!("Expected wildcard token to end with ']' on position {}", star + 1));
            }
            let close = self.cursor.significant_at(star, ']')?.unwrap_or(star);
            self.cursor.position = close + 1;
        } else {
            self.cursor.position += 1;
        }
        self.tokens.push(Token::Wildcard);
        Ok(true)
    }

    /// `[1]`, `[1,2]`, `[1:]`, `[1:2]`, `[:2]`
    fn array(&mut self) -> Result<bool, Fail> {
        let first = self.cursor.significant(self.cursor.position);
        if !first.is_ascii_digit() && first != '-' && first != ':' {
            return Ok(false);
        }
        let begin = self.cursor.position + 1;
        let Some(end) = self.cursor.index_of(begin, ']') else { return Ok(false) };
        let expression = self.cursor.slice(begin, end);
        let expression = expression.trim_matches(|c| c <= ' ');
        if !expression.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ':' | ' ')) {
            return Ok(false);
        }
        let token = if expression.contains(':') { slice(expression)? } else { indexes(expression)? };
        self.tokens.push(token);
        self.cursor.position = end + 1;
        Ok(true)
    }

    /// `['foo']`, `['a','b']`
    fn bracket_properties(&mut self) -> Result<bool, Fail> {
        let quote = self.cursor.significant(self.cursor.position);
        if quote != '\'' && quote != '"' {
            return Ok(false);
        }
        let mut names = Vec::new();
        let mut start = self.cursor.position + 1;
        let mut end = 0;
        let mut at = start;
        let (mut inside, mut escaped, mut after_comma) = (false, false, false);
        while self.cursor.has(at) {
            let c = self.cursor.char_at(at)?;
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == ']' && !inside {
                if after_comma {
                    return invalid(format!("Found empty property at index {at}"));
                }
                break;
            } else if c == quote && inside {
                if !matches!(self.cursor.significant(at), ']' | ',') {
                    return invalid(format!(
                        "Property must be separated by comma or Property must be terminated close square bracket at index {at}"
                    ));
                }
                end = at;
                names.push(unescape(&self.cursor.slice(start, end))?);
                inside = false;
            } else if c == quote {
                start = at + 1;
                inside = true;
                after_comma = false;
            } else if c == ',' && !inside {
                if after_comma {
                    return invalid(format!("Found empty property at index {at}"));
                }
                after_comma = true;
            }
            at += 1;
        }
        if inside {
            return invalid(format!("Property has not been closed - missing closing {quote}"));
        }
        let close = self.cursor.significant_at(end, ']')?;
        if names.is_empty() {
            return invalid("Empty properties");
        }
        self.tokens.push(Token::Property { names, quote });
        // Where no bracket follows the last name, Jayway starts over at the beginning.
        self.cursor.position = close.map_or(0, |close| close + 1);
        if close.is_none() {
            return invalid("Could not parse token starting at position 0");
        }
        Ok(true)
    }
}

fn slice(expression: &str) -> Result<Token, Fail> {
    let failed = || Fail::Invalid(format!("Failed to parse SliceOperation: {expression}"));
    if expression.contains([',', ' ']) {
        return Err(failed());
    }
    let mut parts = expression.split(':');
    let mut bound = || match parts.next() {
        None | Some("") => Ok(None),
        Some(text) => {
            parse_int(text).map(Some).map_err(|cause| Fail::Other(format!("java.lang.NumberFormatException: {cause}")))
        }
    };
    match (bound()?, bound()?) {
        (None, None) => Err(failed()),
        (from, to) => Ok(Token::Slice(from, to)),
    }
}

fn indexes(expression: &str) -> Result<Token, Fail> {
    let parts = expression.split(',').enumerate().map(|(at, part)| {
        // Only blanks around commas are dropped.
        let part = if at > 0 { part.trim_start_matches(is_blank) } else { part };
        let last = at == expression.matches(',').count();
        let part = if last { part } else { part.trim_end_matches(is_blank) };
        parse_int(part).or_else(|_| invalid(format!("Failed to parse token in ArrayIndexOperation: {part}")))
    });
    parts.collect::<Result<Vec<i32>, Fail>>().map(Token::Index)
}

/// Jayway's `Utils.unescape`.
pub(super) fn unescape(text: &str) -> Result<String, Fail> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut buffer));
            continue;
        }
        let escaped = match chars.next() {
            None => '\\',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('b') => '\u{8}',
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                if digits.chars().count() == 4 {
                    match crate::java::number::parse_int_radix(&digits, 16) {
                        Ok(value) => units.push(value as u16),
                        Err(_) => {
                            return Err(Fail::Other(format!(
                                "com.jayway.jsonpath.JsonPathException: Unable to parse unicode value: {digits}"
                            )));
                        }
                    }
                }
                continue;
            }
            Some(other) => other,
        };
        units.extend_from_slice(escaped.encode_utf16(&mut buffer));
    }
    Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or('?')).collect())
}
