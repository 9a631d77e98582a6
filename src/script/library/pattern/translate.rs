//! From Java's pattern syntax to that of the `fancy-regex` crate.

use super::{CASE_INSENSITIVE, COMMENTS, DOTALL, LITERAL, MULTILINE};
use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// Java's classes that Rust spells otherwise, as the inside of a bracket; ASCII only, unless asked otherwise.
const CLASSES: &[(&str, &str)] = &[
    ("ASCII", r"\x00-\x7f"),
    ("Alnum", "a-zA-Z0-9"),
    ("Alpha", "a-zA-Z"),
    ("Blank", r" \t"),
    ("Cntrl", r"\x00-\x1f\x7f"),
    ("Digit", "0-9"),
    ("Graph", "!-~"),
    ("IsAlphabetic", r"\p{Alphabetic}"),
    ("IsDigit", r"\p{Nd}"),
    ("IsLetter", r"\p{L}"),
    ("IsPunctuation", r"\p{P}"),
    ("Lower", "a-z"),
    ("Print", " -~"),
    ("Punct", r"!-/:-@\[-`{-~"),
    ("Space", r" \t\n\x0b\f\r"),
    ("Upper", "A-Z"),
    ("XDigit", "0-9a-fA-F"),
    ("javaLowerCase", r"\p{Lowercase}"),
    ("javaUpperCase", r"\p{Uppercase}"),
];

/// What `\d`, `\w`, `\s`, `\h` and `\v` stand for within brackets.
fn shorthand(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'w' => "a-zA-Z0-9_",
        's' => r" \t\n\x0b\f\r",
        'h' => r" \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}",
        'v' => r"\n\x0b\f\r\x{85}\x{2028}\x{2029}",
        _ => return None,
    })
}

struct Translator<'s> {
    chars: Peekable<Chars<'s>>,
    out: String,
    multiline: bool,
    dot_all: bool,
}

/// The pattern in the other syntax, or what is wrong with it.
pub(super) fn translate(source: &str, flags: i32) -> Result<String, String> {
    let mut out = String::with_capacity(source.len() + 8);
    if flags & CASE_INSENSITIVE != 0 {
        out.push_str("(?i)");
    }
    if flags & LITERAL != 0 {
        out.push_str(&fancy_regex::escape(source));
        return Ok(out);
    }
    if flags & COMMENTS != 0 {
        out.push_str("(?x)");
    }
    let multiline = flags & MULTILINE != 0;
    if multiline {
        out.push_str("(?m)");
    }
    let mut translator = Translator { chars: source.chars().peekable(), out, multiline, dot_all: flags & DOTALL != 0 };
    translator.run()?;
    Ok(translator.out)
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape(false)?,
                '[' => self.bracket()?,
                '(' => self.group(),
                '$' if !self.multiline => self.out.push_str(r"(?=\r?\n?\z)"),
                '.' if !self.dot_all => self.out.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]"),
                '.' => self.out.push_str("(?s:.)"),
                c => self.out.push(c),
            }
        }
        Ok(())
    }

    /// An opening parenthesis: inline flags tell what `$` and `.` mean from here on.
    fn group(&mut self) {
        self.out.push('(');
        let ahead: String = self.chars.clone().take(12).collect();
        let Some(rest) = ahead.strip_prefix('?') else { return };
        let Some(end) = rest.find([')', ':']) else { return };
        let flags = &rest[..end];
        if flags.is_empty() || !flags.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == 'U') {
            return;
        }
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        self.multiline = (self.multiline || on.contains('m')) && !off.contains('m');
        self.dot_all = (self.dot_all || on.contains('s')) && !off.contains('s');
        for _ in 0..=end {
            self.chars.next();
        }
        // `d` and `u` (line ends, case by Unicode) have no counterpart to switch.
        let known = |part: &str| part.chars().filter(|c| matches!(c, 'i' | 'm' | 's' | 'x')).collect::<String>();
        let (on, off) = (known(on), known(off));
        self.out.push('?');
        self.out.push_str(&on);
        if !off.is_empty() {
            let _ = write!(self.out, "-{off}");
        }
    }

    fn escape(&mut self, in_bracket: bool) -> Result<(), String> {
        let Some(c) = self.chars.next() else { return Err("Unexpected internal error".to_owned()) };
        if let Some(inside) = shorthand(c) {
            if in_bracket {
                self.out.push_str(inside);
            } else {
                _ = write!(self.out, "[{inside}]");
            }
            return Ok(());
        }
        if let Some(inside) = shorthand(c.to_ascii_lowercase()).filter(|_| c.is_ascii_uppercase()) {
            let _ = write!(self.out, "[^{inside}]");
            return Ok(());
        }
        match c {
            'Q' => self.quotation(),
            'p' | 'P' => return self.property(c == 'P', in_bracket),
            'u' => {
                let code: String = (0..4).filter_map(|_| self.chars.next()).collect();
                let _ = write!(self.out, r"\x{{{code}}}");
            }
            'x' if self.chars.peek() != Some(&'{') => {
                let code: String = (0..2).filter_map(|_| self.chars.next()).collect();
                let _ = write!(self.out, r"\x{{{code}}}");
            }
            '0' => {
                let mut code = 0;
                while let Some(digit) = self.chars.peek().and_then(|c| c.to_digit(8)).filter(|_| code < 32) {
                    code = code * 8 + digit;
                    self.chars.next();
                }
                let _ = write!(self.out, r"\x{{{code:x}}}");
            }
            'c' => {
                let code = self.chars.next().map_or(0, u32::from) ^ 64;
                let _ = write!(self.out, r"\x{{{code:x}}}");
            }
            'e' => self.out.push_str(r"\x1b"),
            'R' => self.out.push_str(r"(?:\r\n|[\n\x0b\f\r\x{85}\x{2028}\x{2029}])"),
            'Z' => self.out.push_str(r"(?=\r?\n?\z)"),
            'k' => {
                self.out.push_str(r"\k");
            }
            'b' | 'B' | 'A' | 'z' | 'G' | 'n' | 't' | 'r' | 'f' | 'a' | '1'..='9' | 'x' => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if c.is_ascii_alphabetic() => return Err(format!("Illegal/unsupported escape sequence: \\{c}")),
            c if c.is_ascii_punctuation() => {
                // Rust knows some of these as operators only when escaped (`\<`), so they go by their code.
                if matches!(c, '<' | '>') {
                    _ = write!(self.out, r"\x{:x}", u32::from(c));
                } else {
                    _ = write!(self.out, "\\{c}");
                }
            }
            c => self.out.push(c),
        }
        Ok(())
    }

    /// `\Q…\E`.
    fn quotation(&mut self) {
        let mut quoted = String::new();
        while let Some(c) = self.chars.next() {
            if c == '\\' && self.chars.peek() == Some(&'E') {
                self.chars.next();
                break;
            }
            quoted.push(c);
        }
        self.out.push_str(&fancy_regex::escape(&quoted));
    }

    fn property(&mut self, negated: bool, in_bracket: bool) -> Result<(), String> {
        let name: String = match self.chars.next() {
            Some('{') => self.chars.by_ref().take_while(|c| *c != '}').collect(),
            Some(letter) => letter.to_string(),
            None => return Err("Unknown character property name".to_owned()),
        };
        let caret = if negated { "^" } else { "" };
        if let Some((_, inside)) = CLASSES.iter().find(|row| row.0 == name) {
            if in_bracket && !negated {
                self.out.push_str(inside);
            } else {
                let _ = write!(self.out, "[{caret}{inside}]");
            }
            return Ok(());
        }
        let letter = if negated { 'P' } else { 'p' };
        let name = name.strip_prefix("Is").unwrap_or(&name).trim_start_matches("In");
        let _ = write!(self.out, "\\{letter}{{{name}}}");
        Ok(())
    }

    /// A bracket, nested ones and intersections included; both syntaxes agree but for escapes and stray signs.
    fn bracket(&mut self) -> Result<(), String> {
        self.out.push('[');
        let mut depth = 1;
        let mut first = true;
        if self.chars.peek() == Some(&'^') {
            self.chars.next();
            self.out.push('^');
        }
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape(true)?,
                '[' => {
                    depth += 1;
                    self.out.push('[');
                    if self.chars.peek() == Some(&'^') {
                        self.chars.next();
                        self.out.push('^');
                    }
                    first = true;
                    continue;
                }
                ']' if first && depth == 1 => self.out.push_str(r"\]"),
                ']' => {
                    depth -= 1;
                    self.out.push(']');
                    if depth == 0 {
                        return Ok(());
                    }
                }
                '&' if self.chars.peek() == Some(&'&') => {
                    self.chars.next();
                    self.out.push_str("&&");
                }
                // Rust has `--` and `~~` as operators, Java has not.
                '~' | '&' => _ = write!(self.out, "\\{c}"),
                '-' if self.chars.peek() == Some(&'-') => self.out.push_str(r"\-"),
                c => self.out.push(c),
            }
            first = false;
        }
        Err("Unclosed character class".to_owned())
    }
}
