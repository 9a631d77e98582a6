//! An expression's text in tokens.

use super::tree::Dialect;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name, with its prefix if it has one; either may be `*`.
    Name(&'t str),
    Number(&'t str),
    /// A literal's text; quotes that were doubled in it are still so.
    Literal {
        text: &'t str,
        quote: char,
    },
    Sign(&'static str),
    /// A character that no expression has.
    Other(char),
}

const SIGNS: &[&str] = &[
    "||", "|", "//", "/", "::", ":=", ":", "!=", "!", "<=", "<<", "<", ">=", ">>", ">", "=", "(", ")", "[", "]", "@",
    ",", "+", "-", "*", "$", "..", ".", "{", "}", "#", "?",
];

/// Cuts a text up. `Err` is the message of the one mistake that is found here.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Result<Vec<Token<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if dialect == Dialect::Two && rest.starts_with("(:") {
            rest = after_comment(rest)?;
            continue;
        }
        let Some(first) = rest.chars().next() else { return Ok(found) };
        let length = if matches!(first, '"' | '\'') {
            let length = literal(rest, first, dialect)?;
            found.push(Token::Literal { text: &rest[1..length - 1], quote: first });
            length
        } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            let length = number(rest, dialect);
            found.push(Token::Number(&rest[..length]));
            length
        } else if starts_name(first) {
            let length = name(rest);
            found.push(Token::Name(&rest[..length]));
            length
        } else if dialect == Dialect::Two && rest.starts_with("*:") && rest[2..].starts_with(starts_name) {
            let length = 2 + part(&rest[2..]);
            found.push(Token::Name(&rest[..length]));
            length
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            // XPath 1.0 has fewer signs.
            let sign = match (dialect, *sign) {
                (Dialect::One, "||") => "|",
                (Dialect::One, "<<") => "<",
                (Dialect::One, ">>") => ">",
                (Dialect::One, ":=") => ":",
                (_, sign) => sign,
            };
            found.push(Token::Sign(sign));
            sign.len()
        } else {
            found.push(Token::Other(first));
            first.len_utf8()
        };
        rest = &rest[length..];
    }
}

impl Token<'_> {
    /// The token as Xalan names it, whose own tokens are shorter.
    pub fn in_xalans_words(&self) -> Vec<String> {
        match self {
            Token::Name(text) | Token::Number(text) => vec![(*text).to_owned()],
            Token::Literal { text, quote } => vec![format!("{quote}{text}{quote}")],
            Token::Sign(sign @ (".." | "::")) => vec![(*sign).to_owned()],
            Token::Sign(sign) => sign.chars().map(String::from).collect(),
            Token::Other(c) => vec![c.to_string()],
        }
    }

    /// The token as Saxon shows it behind "Unexpected token".
    pub fn in_saxons_words(&self) -> String {
        match self {
            Token::Name(text) => format!("name \"{text}\""),
            Token::Number(text) => format!("number \"{text}\""),
            Token::Literal { text, .. } => format!("string literal \"{text}\""),
            Token::Sign(sign) => format!("\"{sign}\""),
            Token::Other(c) => format!("\"{c}\""),
        }
    }
}

fn after_comment(text: &str) -> Result<&str, String> {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix("(:") {
            depth += 1;
            rest = after;
        } else if let Some(after) = rest.strip_prefix(":)") {
            depth -= 1;
            rest = after;
            if depth == 0 {
                return Ok(rest);
            }
        } else {
            let mut chars = rest.chars();
            if chars.next().is_none() {
                return Err("Unclosed XPath comment".to_owned());
            }
            rest = chars.as_str();
        }
    }
}

fn literal(text: &str, quote: char, dialect: Dialect) -> Result<usize, String> {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if dialect == Dialect::One || !text[at..].starts_with(quote) {
            return Ok(at);
        }
        at += 1;
    }
    Err(match (dialect, quote) {
        (Dialect::Two, _) => "Unmatched quote in expression".to_owned(),
        (Dialect::One, '"') => "misquoted literal... expected double quote!".to_owned(),
        (Dialect::One, _) => "misquoted literal... expected single quote!".to_owned(),
    })
}

fn number(text: &str, dialect: Dialect) -> usize {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if dialect == Dialect::One {
        // What is written on to a number is part of it, and then no number.
        return end + text[end..].find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len() - end);
    }
    let exponent = text[end..].strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    match exponent {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => digits(text.len() - rest.len()),
        _ => end,
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn part(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}'))).unwrap_or(text.len())
}

fn name(text: &str) -> usize {
    let first = part(text);
    match text[first..].strip_prefix(':') {
        Some(rest) if rest.starts_with(starts_name) => first + 1 + part(rest),
        Some(rest) if rest.starts_with('*') => first + 2,
        _ => first,
    }
}
