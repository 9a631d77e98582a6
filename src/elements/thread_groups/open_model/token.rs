//! The words of a schedule (`scheduleTokenizer.kt`).

use std::fmt;

/// A word of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Identifier(&'t str),
    Number(&'t str),
    Open,
    Close,
    Divide,
}

impl Token<'_> {
    /// Whether this is the word `name`, in any case.
    pub fn is(self, name: &str) -> bool {
        matches!(self, Token::Identifier(image) if image.eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Identifier(image) => write!(f, "Identifier({image})"),
            Token::Number(image) => write!(f, "Number({image})"),
            Token::Open => f.write_str("("),
            Token::Close => f.write_str(")"),
            Token::Divide => f.write_str("/"),
        }
    }
}

/// JMeter's text for a problem at `position` of `input`.
pub(super) fn problem(class: &str, input: &str, position: usize, message: &str) -> String {
    let near: String = input[position..].chars().take(20).collect();
    format!("org.apache.jmeter.threads.openmodel.{class}: {message} at position {position}: '{near}' in '{input}'")
}

/// The words of `input` with their positions. White space, `/* … */` and `// …` stand between words.
pub(super) fn tokenize(input: &str) -> Result<Vec<(usize, Token<'_>)>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = input[at..].chars().next() {
        let rest = &input[at..];
        if let Some(space) = space(rest) {
            at += space;
            continue;
        }
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '/' => (Token::Divide, 1),
            '0'..='9' | '.' if number(rest) > 0 => (Token::Number(&rest[..number(rest)]), number(rest)),
            'a'..='z' | 'A'..='Z' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                (Token::Identifier(&rest[..length]), length)
            }
            _ => return Err(problem("TokenizerException", input, at, "Unexpected input")),
        };
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

/// The length of the white space or comment at the start of `rest`.
fn space(rest: &str) -> Option<usize> {
    if let Some(comment) = rest.strip_prefix("/*") {
        return comment.find("*/").map(|end| end + 4);
    }
    if rest.starts_with("//") {
        return Some(rest.find(['\n', '\r']).unwrap_or(rest.len()));
    }
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\x0B' | '\x0C' | '\r');
    let length = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
    (length > 0).then_some(length)
}

/// The length of the number at the start of `rest`: `1`, `1.5` or `.5`.
fn number(rest: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    match rest[whole..].strip_prefix('.').map(digits) {
        Some(fraction) if fraction > 0 => whole + 1 + fraction,
        _ => whole,
    }
}
