//! Java's notions of single characters.

/// `\cX`.
pub(super) fn control(letter: char) -> char {
    let upper = if letter.is_lowercase() { letter.to_uppercase().next().unwrap_or(letter) } else { letter };
    char::from_u32(upper as u32 ^ 64).unwrap_or(upper)
}

/// `Character.isWhitespace`.
pub(super) fn is_whitespace(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}')
        || c.is_whitespace() && !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// `Character.isUpperCase`.
pub(super) fn is_upper(c: char) -> bool {
    c.is_uppercase()
}

/// `Character.toLowerCase`, from one character to one, for upper case characters; others stay as they are.
pub(super) fn to_lower(c: char) -> char {
    if c == '\u{130}' {
        return 'i';
    }
    if !is_upper(c) {
        return c;
    }
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}
