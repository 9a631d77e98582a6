//! Words of an expression, the JSON between backticks included.

use super::json::Json;
use crate::text::Text;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// `name`, and `true`, `false`, `null`, which are names outside of backticks.
    Name,
    /// `"text"`
    Quoted(Text),
    /// `'text'`
    Raw(Text),
    /// A whole number.
    Int,
    /// A number with a fraction or an exponent.
    Real,
    /// `==` …
    Comparator,
    /// Everything else: `.`, `[?`, `||` …
    Sign(&'static str),
    /// The end.
    End,
}

/// A word and where it stands, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub token: Token,
    pub start: usize,
    pub end: usize,
}

/// A character that begins no word: its place, and what antlr says of it.
pub(super) struct Unknown {
    pub at: usize,
    pub message: String,
}

/// Longer signs first.
const SIGNS: [&str; 17] = ["[?", "||", "&&", ".", "[", "]", "{", "}", "(", ")", ":", ",", "*", "@", "!", "|", "&"];
const COMPARATORS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

/// All words of an expression, and what is none.
pub(super) fn words(text: &str) -> (Vec<Word>, Vec<Unknown>) {
    let (mut words, mut unknown) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match c {
            ' ' | '\t' | '\r' | '\n' => {
                at += 1;
                continue;
            }
            '`' => (Some(Token::Sign("`")), 1),
            '"' => quoted(rest),
            '\'' => raw(rest),
            'a'..='z' | 'A'..='Z' | '_' => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
                (Some(Token::Name), end)
            }
            '-' | '0'..='9' => number(rest),
            _ => match COMPARATORS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Some(Token::Comparator), sign.len()),
                None => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => (Some(Token::Sign(sign)), sign.len()),
                    // A lone `=` was taken for the start of a comparator, so what follows is lost with it.
                    None if c == '=' => (None, 1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
                    None => (None, c.len_utf8()),
                },
            },
        };
        match token {
            Some(token) => words.push(Word { token, start: at, end: at + length }),
            None => {
                let message = format!("token recognition error at: '{}'", &rest[..length]);
                unknown.push(Unknown { at, message });
            }
        }
        at += length;
    }
    words.push(Word { token: Token::End, start: text.len(), end: text.len() });
    (words, unknown)
}

fn number(rest: &str) -> (Option<Token>, usize) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(rest.starts_with('-'));
    let whole = match digits(&rest[sign..]) {
        0 => return (None, 1 + rest[1..].chars().next().map_or(0, char::len_utf8)),
        _ if rest[sign..].starts_with('0') => 1,
        count => count,
    };
    let mut end = sign + whole;
    let mut token = Token::Int;
    if rest[end..].starts_with('.') {
        let fraction = digits(&rest[end + 1..]);
        if fraction > 0 {
            (token, end) = (Token::Real, end + 1 + fraction);
        }
    }
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(&rest[end + 1 + sign..]);
        if exponent > 0 {
            (token, end) = (Token::Real, end + 1 + sign + exponent);
        }
    }
    (Some(token), end)
}

/// A JSON string, in which `` \` `` stands for a backtick.
fn quoted(rest: &str) -> (Option<Token>, usize) {
    let Some(end) = closing(rest, b'"') else { return (None, rest.len()) };
    let json = rest[..end].replace("\\`", "`");
    match Json::read(&json) {
        Ok(Json::Text(text)) => (Some(Token::Quoted(text)), end),
        _ => (None, rest.len()),
    }
}

/// Text between apostrophes, in which only these and backslashes are escaped.
fn raw(rest: &str) -> (Option<Token>, usize) {
    let Some(end) = closing(rest, b'\'') else { return (None, rest.len()) };
    let mut text = String::new();
    let mut chars = rest[1..end - 1].chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.next_if(|next| c == '\\' && matches!(next, '\'' | '\\'));
        text.push(escaped.unwrap_or(c));
    }
    (Some(Token::Raw(Text::from(text))), end)
}

/// Behind the closing quote.
fn closing(rest: &str, quote: u8) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b if b == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}
