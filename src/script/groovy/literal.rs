//! What strings and numbers stand for.

use super::lexer::Kind;
use crate::script::value::{BigDecimal, Value, low_bits};
use num_bigint::BigInt;

/// How a string is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// `'a'`
    Single,
    /// `"a"`
    Double,
    /// `'''a'''`
    TripleSingle,
    /// `"""a"""`
    TripleDouble,
    /// `/a/`
    Slashy,
    /// `$/a/$`
    DollarSlashy,
}

impl Quote {
    /// What begins it.
    pub(super) fn open(self) -> &'static str {
        match self {
            Self::Single => "'",
            Self::Double => "\"",
            Self::TripleSingle => "'''",
            Self::TripleDouble => "\"\"\"",
            Self::Slashy => "/",
            Self::DollarSlashy => "$/",
        }
    }

    /// What ends it.
    pub(super) fn close(self) -> &'static str {
        match self {
            Self::DollarSlashy => "/$",
            other => other.open(),
        }
    }

    /// Whether it may hold `$x` and `${x}`.
    pub(super) fn interpolates(self) -> bool {
        !matches!(self, Self::Single | Self::TripleSingle)
    }

    /// The text that a piece without quotes stands for.
    pub(super) fn decode(self, raw: &str) -> String {
        let raw = match self {
            Self::Single | Self::Double => std::borrow::Cow::Borrowed(raw),
            _ if raw.contains("\r\n") => raw.replace("\r\n", "\n").into(),
            _ => raw.into(),
        };
        let mut text = String::with_capacity(raw.len());
        let mut rest = &*raw;
        while let Some(c) = rest.chars().next() {
            let (decoded, length) = match (self, c) {
                (Self::DollarSlashy, '$') if rest[1..].starts_with('/') => (Some('/'), 2),
                (Self::DollarSlashy, '$') if rest[1..].starts_with('$') => (Some('$'), 2),
                (Self::Slashy | Self::DollarSlashy, '\\') => slashy_escape(rest, self == Self::Slashy, &mut text),
                (_, '\\') => escape(rest),
                _ => (Some(c), c.len_utf8()),
            };
            text.extend(decoded);
            rest = &rest[length..];
        }
        text
    }
}

fn slashy_escape(rest: &str, slash: bool, text: &mut String) -> (Option<char>, usize) {
    match rest.as_bytes().get(1) {
        Some(b'/') if slash => (Some('/'), 2),
        Some(b'\n') => (None, 2),
        Some(b'u') => hex_escape(rest).unwrap_or((Some('\\'), 1)),
        // The second one does not escape what follows.
        Some(b'\\') => {
            text.push('\\');
            let slash_follows = slash && rest.as_bytes().get(2) == Some(&b'/');
            if slash_follows { (None, 1) } else { (Some('\\'), 2) }
        }
        _ => (Some('\\'), 1),
    }
}

fn hex_escape(rest: &str) -> Option<(Option<char>, usize)> {
    let unit = unicode_escape(rest)?;
    if (0xd800..0xdc00).contains(&unit)
        && let Some(low) = rest.get(6..).and_then(unicode_escape)
        && (0xdc00..0xe000).contains(&low)
    {
        return Some((char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)), 12));
    }
    Some((Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)), 6))
}

fn unicode_escape(rest: &str) -> Option<u32> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

/// The character of the escape at the start of `rest`, and its length in bytes.
fn escape(rest: &str) -> (Option<char>, usize) {
    let bytes = rest.as_bytes();
    match bytes.get(1) {
        Some(b'b') => (Some('\u{8}'), 2),
        Some(b't') => (Some('\t'), 2),
        Some(b'n') => (Some('\n'), 2),
        Some(b'f') => (Some('\u{c}'), 2),
        Some(b'r') => (Some('\r'), 2),
        Some(b's') => (Some(' '), 2),
        Some(b'"') => (Some('"'), 2),
        Some(b'\'') => (Some('\''), 2),
        Some(b'\\') => (Some('\\'), 2),
        Some(b'$') => (Some('$'), 2),
        Some(b'\n') => (None, 2),
        Some(b'\r') => (None, 2 + usize::from(bytes.get(2) == Some(&b'\n'))),
        Some(first @ b'0'..=b'7') => {
            let most = if *first <= b'3' { 3 } else { 2 };
            let digits = bytes[1..].iter().take(most).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let code = bytes[1..=digits].iter().fold(0, |code, digit| code * 8 + u32::from(digit - b'0'));
            (char::from_u32(code), 1 + digits)
        }
        Some(b'u') => hex_escape(rest).unwrap_or((Some('\\'), 1)),
        _ => (Some('\\'), 1),
    }
}

/// Length of a run of digits of a radix, in which underscores may stand between digits.
fn digits_length(text: &str, radix: u32) -> usize {
    let run = text.find(|c: char| !c.is_digit(radix) && c != '_').unwrap_or(text.len());
    if text.starts_with('_') { 0 } else { text[..run].trim_end_matches('_').len() }
}

fn exponent_length(text: &str, marks: [char; 2]) -> usize {
    let Some(rest) = text.strip_prefix(marks) else { return 0 };
    let sign = usize::from(rest.starts_with(['+', '-']));
    match digits_length(&rest[sign..], 10) {
        0 => 0,
        digits => 1 + sign + digits,
    }
}

/// What number `text` starts with, and how many bytes it takes. `text` starts with a digit or with a point and a digit.
pub(super) fn number_length(text: &str) -> (Kind, usize) {
    let integer = |length: usize| {
        let suffix = usize::from(text[length..].starts_with(['l', 'L', 'i', 'I', 'g', 'G']));
        (Kind::Integer, length + suffix)
    };
    let lower = text.get(..2).unwrap_or_default().to_ascii_lowercase();
    if lower == "0x" && digits_length(&text[2..], 16) > 0 {
        let length = 2 + digits_length(&text[2..], 16);
        let fraction = match text[length..].strip_prefix('.') {
            Some(rest) => 1 + digits_length(rest, 16),
            None => 0,
        };
        let exponent = exponent_length(&text[length + fraction..], ['p', 'P']);
        if exponent > 0 {
            let end = length + fraction + exponent;
            return (Kind::Decimal, end + usize::from(text[end..].starts_with(['f', 'F', 'd', 'D', 'g', 'G'])));
        }
        return integer(length);
    }
    if lower == "0b" && digits_length(&text[2..], 2) > 0 {
        return integer(2 + digits_length(&text[2..], 2));
    }
    let whole = digits_length(text, 10);
    let fraction = match text[whole..].strip_prefix('.') {
        Some(rest) if digits_length(rest, 10) > 0 => 1 + digits_length(rest, 10),
        _ => 0,
    };
    let end = whole + fraction;
    let exponent = exponent_length(&text[end..], ['e', 'E']);
    let end = end + exponent;
    let suffix = text[end..].chars().next();
    match suffix {
        Some('f' | 'F' | 'd' | 'D') => (Kind::Decimal, end + 1),
        Some('g' | 'G') if fraction + exponent > 0 => (Kind::Decimal, end + 1),
        _ if fraction + exponent > 0 => (Kind::Decimal, end),
        _ => integer(whole),
    }
}

/// The value of an integer literal (`Numbers.parseInteger`): what has no suffix is the smallest type that holds it.
pub(super) fn integer(text: &str, negative: bool) -> Result<Value, String> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let bare = plain.trim_end_matches(['l', 'L', 'i', 'I', 'g', 'G']);
    let lower = bare.to_ascii_lowercase();
    let (digits, radix) = match lower.as_bytes() {
        [b'0', b'x', ..] => (&lower[2..], 16),
        [b'0', b'b', ..] => (&lower[2..], 2),
        [b'0', _, ..] => (&lower[1..], 8),
        _ => (&lower[..], 10),
    };
    let mut number =
        BigInt::parse_bytes(digits.as_bytes(), radix).ok_or_else(|| format!("For input string: \"{text}\""))?;
    if negative {
        number = -number;
    }
    let sign = if negative { "-" } else { "" };
    let too_big = |range: &str| {
        format!("Number of value {sign}{bare} does not fit in the range of {range}, but {range} was enforced.")
    };
    match plain[bare.len()..].to_ascii_lowercase().as_str() {
        "i" if radix != 10 => Ok(Value::Int(low_bits(&number) as i32)),
        "l" if radix != 10 => Ok(Value::Long(low_bits(&number))),
        "i" => i32::try_from(&number).map(Value::Int).map_err(|_| too_big("int")),
        "l" => i64::try_from(&number).map(Value::Long).map_err(|_| too_big("long")),
        "g" => Ok(Value::integer(number)),
        _ => Ok(match (i32::try_from(&number), i64::try_from(&number)) {
            (Ok(small), _) => Value::Int(small),
            (_, Ok(long)) => Value::Long(long),
            _ => Value::integer(number),
        }),
    }
}

/// The value of a literal with a point, an exponent or a suffix of a decimal type (`Numbers.parseDecimal`).
pub(super) fn decimal(text: &str, negative: bool) -> Result<Value, String> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    // Groovy's grammar has such numbers, but what reads them has not.
    if plain.len() > 1 && plain[..2].eq_ignore_ascii_case("0x") {
        let mark = &plain[1..2];
        return Err(format!(
            "Character {mark} is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."
        ));
    }
    let suffix = plain.chars().last().map(|c| c.to_ascii_lowercase());
    let bare = match suffix {
        Some('f' | 'd' | 'g') => &plain[..plain.len() - 1],
        _ => &plain,
    };
    let invalid = || format!("For input string: \"{text}\"");
    let signed = if negative { format!("-{bare}") } else { bare.to_owned() };
    match suffix {
        // Groovy's constants know one zero only.
        Some('f') => signed.parse().map(|n: f32| Value::Float(n + 0.0)).map_err(|_| invalid()),
        Some('d') => signed.parse().map(|n: f64| Value::Double(n + 0.0)).map_err(|_| invalid()),
        _ => BigDecimal::parse(&signed).map(Value::decimal).ok_or_else(invalid),
    }
}
