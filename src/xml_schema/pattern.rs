//! Patterns of XML Schema, written in the syntax of the `regex` crate.

use regex::Regex;
use std::fmt::Write;

/// What a compiled pattern may take.
const MOST_BYTES: usize = 4 << 20;
/// Brackets within brackets.
const DEEPEST: usize = 200;

/// Compiles a pattern, which matches whole texts only; none if it is none, or too large.
pub fn compile(pattern: &str) -> Option<Regex> {
    let mut out = String::from(r"\A(?:");
    let mut write = Writer { chars: pattern.chars().collect(), at: 0, out: &mut out };
    write.all()?;
    out.push_str(r")\z");
    regex::RegexBuilder::new(&out).size_limit(MOST_BYTES).build().ok()
}

struct Writer<'o> {
    chars: Vec<char>,
    at: usize,
    out: &'o mut String,
}

impl Writer<'_> {
    fn take(&mut self) -> Option<char> {
        let next = self.chars.get(self.at).copied();
        self.at += usize::from(next.is_some());
        next
    }

    fn all(&mut self) -> Option<()> {
        let mut open = 0_usize;
        while let Some(c) = self.take() {
            match c {
                '[' => self.class(0)?,
                '\\' => self.escape()?,
                '.' => self.out.push_str(r"[^\n\r]"),
                '^' | '$' => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                '(' => {
                    open += 1;
                    self.out.push_str("(?:");
                    // `(?` is no group of a kind here: there is nothing that could come any number of times.
                    if self.chars.get(self.at) == Some(&'?') || open > DEEPEST {
                        return None;
                    }
                }
                ')' => {
                    open = open.checked_sub(1)?;
                    self.out.push(')');
                }
                ']' => self.out.push_str(r"\]"),
                '{' => {
                    // The crate has no `{,n}`; Schema has none either.
                    self.out.push('{');
                    while let Some(c) = self.take() {
                        self.out.push(c);
                        if c == '}' {
                            break;
                        }
                    }
                    // Not greedy and possessive signs are signs of their own.
                }
                c => self.out.push(c),
            }
            if matches!(c, '?' | '*' | '+' | '}') && matches!(self.chars.get(self.at), Some('?' | '+')) {
                return None;
            }
        }
        (open == 0).then_some(())
    }

    fn escape(&mut self) -> Option<()> {
        match self.take()? {
            'd' => self.out.push_str(r"\p{Nd}"),
            'D' => self.out.push_str(r"\P{Nd}"),
            's' => self.out.push_str(r"[ \t\n\r]"),
            'S' => self.out.push_str(r"[^ \t\n\r]"),
            'w' => self.out.push_str(r"[^\p{P}\p{Z}\p{C}]"),
            'W' => self.out.push_str(r"[\p{P}\p{Z}\p{C}]"),
            'i' => self.out.push_str(r"[\p{L}\p{Nl}_:]"),
            'I' => self.out.push_str(r"[^\p{L}\p{Nl}_:]"),
            'c' => self.out.push_str(r"[\p{L}\p{N}\p{M}._:\-\x{b7}]"),
            'C' => self.out.push_str(r"[^\p{L}\p{N}\p{M}._:\-\x{b7}]"),
            letter @ ('p' | 'P') => self.category(letter == 'P')?,
            'n' => self.out.push_str(r"\n"),
            'r' => self.out.push_str(r"\r"),
            't' => self.out.push_str(r"\t"),
            c if c.is_ascii_alphanumeric() => return None,
            c => {
                let _ = write!(self.out, "\\x{{{:x}}}", u32::from(c));
            }
        }
        Some(())
    }

    /// `\p{…}`: a category, or a block by its name.
    fn category(&mut self, negated: bool) -> Option<()> {
        if self.take()? != '{' {
            return None;
        }
        let mut name = String::new();
        loop {
            match self.take()? {
                '}' => break,
                c => name.push(c),
            }
        }
        if let Some(block) = name.strip_prefix("Is") {
            let (_, from, to) = BLOCKS.iter().find(|(known, _, _)| *known == block)?;
            let not = if negated { "^" } else { "" };
            let _ = write!(self.out, "[{not}\\x{{{from:x}}}-\\x{{{to:x}}}]");
        } else {
            let letter = if negated { 'P' } else { 'p' };
            let _ = write!(self.out, "\\{letter}{{{name}}}");
        }
        Some(())
    }

    /// A class behind its `[`.
    fn class(&mut self, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        self.out.push('[');
        if self.chars.get(self.at) == Some(&'^') {
            self.at += 1;
            self.out.push('^');
        }
        let begin = self.at;
        loop {
            match self.take()? {
                ']' if self.at > begin + 1 => {
                    self.out.push(']');
                    return Some(());
                }
                '-' if self.chars.get(self.at) == Some(&'[') => {
                    self.at += 1;
                    self.out.push_str("--");
                    self.class(depth + 1)?;
                    if self.take()? != ']' {
                        return None;
                    }
                    self.out.push(']');
                    return Some(());
                }
                '-' => {
                    // A range, unless it stands at an end.
                    let at_end = self.at == begin + 1 || self.chars.get(self.at) == Some(&']');
                    self.out.push_str(if at_end { r"\-" } else { "-" });
                }
                '\\' => self.escape()?,
                c if c.is_alphanumeric() => self.out.push(c),
                c => {
                    let _ = write!(self.out, "\\x{{{:x}}}", u32::from(c));
                }
            }
        }
    }
}

/// Blocks of Unicode that patterns name most.
const BLOCKS: &[(&str, u32, u32)] = &[
    ("BasicLatin", 0, 0x7f),
    ("Latin-1Supplement", 0x80, 0xff),
    ("LatinExtended-A", 0x100, 0x17f),
    ("LatinExtended-B", 0x180, 0x24f),
    ("Greek", 0x370, 0x3ff),
    ("Cyrillic", 0x400, 0x4ff),
    ("Hebrew", 0x590, 0x5ff),
    ("Arabic", 0x600, 0x6ff),
    ("Thai", 0xe00, 0xe7f),
    ("LatinExtendedAdditional", 0x1e00, 0x1eff),
    ("GeneralPunctuation", 0x2000, 0x206f),
    ("CurrencySymbols", 0x20a0, 0x20cf),
    ("Hiragana", 0x3040, 0x309f),
    ("Katakana", 0x30a0, 0x30ff),
    ("CJKUnifiedIdeographs", 0x4e00, 0x9fff),
    ("HangulSyllables", 0xac00, 0xd7a3),
];

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn patterns_are_those_of_schema() {
        for (pattern, text, expected) in [
            ("a|b", "b", true),
            ("a|b", "ab", false),
            ("$^a", "$^a", true),
            (r"\d{3}-\p{Lu}+", "123-ÀB", true),
            ("[a-z-[aeiou]]+", "bad", false),
            (r"[\-+.]?\w+", "+x", true),
            (r"[^\s,]+", "a b", false),
            (r"\i\c*", "a:b-1", true),
            (r"[\i-[:]][\c-[:]]*", "a:b", false),
            (r"\p{IsBasicLatin}*", "é", false),
            (".", "\n", false),
            ("[&~#]", "~", true),
            (r"\.[.]\\", "..\\", true),
            ("[-a]+", "-a", true),
        ] {
            let compiled = compile(pattern).unwrap();
            assert_eq!(compiled.is_match(text), expected, "{pattern} on {text}");
        }
        for pattern in ["(", "[", "a)", "(?i)a", "a**?", r"\q", r"\p{IsNowhere}", "a{1000}{1000}{1000}"] {
            assert!(compile(pattern).is_none(), "{pattern}");
        }
    }
}
