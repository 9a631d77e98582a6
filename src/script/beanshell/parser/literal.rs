//! What literals stand for.

use super::super::error;
use super::super::lexer::Token;
use super::Parsed;
use crate::script::value::Value;

pub(super) fn integer(token: &Token) -> Parsed<Value> {
    let digits = token.text.trim_end_matches(['l', 'L']);
    let long = digits.len() < token.text.len();
    let parsed = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(&digits[1..], 8)
    } else {
        digits.parse()
    };
    let value = match parsed {
        Ok(number) if long => Some(Value::Long(number)),
        Ok(number) => i32::try_from(number).ok().map(Value::Int),
        Err(_) => None,
    };
    let message = format!("Error or number too big for integer type: {}", token.text);
    value.ok_or_else(|| error::refused(token.position, &message))
}

pub(super) fn floating(token: &Token) -> Parsed<Value> {
    let digits = token.text.trim_end_matches(['f', 'F', 'd', 'D']);
    let failed = || error::refused(token.position, &format!("Error or number too big: {}", token.text));
    if token.text.ends_with(['f', 'F']) {
        return digits.parse().map(Value::Float).map_err(|_| failed());
    }
    digits.parse().map(Value::Double).map_err(|_| failed())
}

pub(super) fn character(token: &Token) -> Value {
    let text = unescaped(&token.text);
    Value::Char(text.encode_utf16().next().unwrap_or_default())
}

pub(super) fn string(token: &Token) -> Value {
    Value::from(unescaped(&token.text))
}

/// What stands between the quotes.
fn unescaped(quoted: &str) -> String {
    let mut inner = quoted.chars();
    inner.next();
    inner.next_back();
    let mut text = String::new();
    while let Some(c) = inner.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match inner.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('b') => text.push('\u{8}'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\u{c}'),
            Some(first @ '0'..='7') => {
                let mut code = first.to_digit(8).unwrap_or_default();
                let more = if first <= '3' { 2 } else { 1 };
                for _ in 0..more {
                    let Some(digit) = inner.clone().next().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    inner.next();
                }
                text.extend(char::from_u32(code));
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}
