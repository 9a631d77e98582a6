//! From the tree of a pattern to the syntax of the regex crates.

use super::chars::{is_upper, to_lower};
use super::parse::Parsed;
use super::syntax::{Class, ClassItem, Node, Set};
use std::fmt::Write;

/// A pattern in the crates' syntax.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    /// It holds look-around or back-references, which want a backtracking matcher.
    pub(super) backtracking: bool,
    /// Group 1 is the whole match, which ends where a final `$` found it; ORO's own groups come after it.
    pub(super) wrapped: bool,
}

/// The pattern as the backtracking matcher takes it.
pub(super) fn write_backtracking(parsed: &Parsed) -> String {
    let mut writer = Writer { out: String::new(), case_insensitive: parsed.case_insensitive, backtracking: true };
    writer.node(&parsed.node);
    writer.out
}

/// The set that holds nothing.
const NEVER: &str = r"[^\x{0}-\x{10FFFF}]";

pub(super) fn write(parsed: &Parsed) -> Written {
    let mut writer = Writer { out: String::new(), case_insensitive: parsed.case_insensitive, backtracking: false };
    // A "$" at the very end needs no look-ahead: the rest of the text can be taken after a group around all else.
    let parts = match &parsed.node {
        Node::Concat(parts) => parts.as_slice(),
        single => std::slice::from_ref(single),
    };
    if let Some((Node::End, before)) = parts.split_last() {
        writer.out.push('(');
        writer.concat(before);
        writer.out.push_str(r")\n?\z");
        if !writer.backtracking {
            return Written { text: writer.out, backtracking: false, wrapped: true };
        }
        writer.out.clear();
    }
    writer.node(&parsed.node);
    Written { text: writer.out, backtracking: writer.backtracking, wrapped: false }
}

/// The characters, when the pattern is nothing but a case-sensitive literal.
pub(super) fn literal(parsed: &Parsed) -> Option<String> {
    if parsed.case_insensitive {
        return None;
    }
    match &parsed.node {
        Node::Literal(chars) => Some(chars.iter().collect()),
        Node::Concat(parts) => parts
            .iter()
            .map(|part| match part {
                Node::Literal(chars) => Some(chars.iter().collect::<String>()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

struct Writer {
    out: String,
    case_insensitive: bool,
    backtracking: bool,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Empty => self.out.push_str("(?:)"),
            Node::Never => self.out.push_str(NEVER),
            Node::Literal(chars) => chars.iter().for_each(|&c| self.character(c)),
            Node::Any { line_feed: true } => self.out.push_str("(?s:.)"),
            Node::Any { line_feed: false } => self.out.push_str(r"[^\n]"),
            Node::Class(class) => self.class(class),
            Node::TextStart => self.out.push_str(r"\A"),
            Node::LineStart => self.line_start(false),
            Node::End => {
                self.backtracking = true;
                self.out.push_str(r"(?=\n?\z)");
            }
            Node::LineEnd => self.out.push_str("(?m:$)"),
            Node::VeryEnd => self.out.push_str(r"\z"),
            Node::Boundary => self.out.push_str(r"\b"),
            Node::NotBoundary => self.out.push_str(r"\B"),
            Node::BackReference(number) => {
                self.backtracking = true;
                let (open, close) = if self.case_insensitive { ("(?i:", ")") } else { ("(?:", ")") };
                let _ = write!(self.out, r"{open}\{number}{close}");
            }
            Node::Group(number, node) => {
                self.out.push_str(if number.is_some() { "(" } else { "(?:" });
                self.node(node);
                self.out.push(')');
            }
            Node::LookAhead { negative, node } => {
                self.backtracking = true;
                self.out.push_str(if *negative { "(?!" } else { "(?=" });
                self.node(node);
                self.out.push(')');
            }
            Node::Concat(parts) => self.concat(parts),
            Node::Alternate(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    if at > 0 {
                        self.out.push('|');
                    }
                    self.node(branch);
                }
            }
            // Once is as good as often, and the crates do not repeat what takes nothing.
            Node::Repeat { node, min, max, lazy } if node.takes_nothing() && *max != Some(0) => {
                self.out.push_str(if *min == 0 && *lazy { "(?:|" } else { "(?:" });
                self.node(node);
                self.out.push_str(if *min == 0 && !*lazy { "|)" } else { ")" });
            }
            Node::Repeat { node, min, max, lazy } => {
                self.out.push_str("(?:");
                self.node(node);
                self.out.push(')');
                let _ = match (min, max) {
                    (0, None) => self.out.write_str("*"),
                    (1, None) => self.out.write_str("+"),
                    (0, Some(1)) => self.out.write_str("?"),
                    (min, None) => write!(self.out, "{{{min},}}"),
                    (min, Some(max)) => write!(self.out, "{{{min},{max}}}"),
                };
                if *lazy {
                    self.out.push('?');
                }
            }
        }
    }

    fn concat(&mut self, parts: &[Node]) {
        for (at, part) in parts.iter().enumerate() {
            match part {
                // Alternatives stand in a group always; only the whole pattern may be bare ones.
                Node::LineStart => {
                    let rest = parts[at + 1..].iter().fold(0_usize, |sum, part| sum.saturating_add(part.min_len()));
                    self.line_start(rest > 0);
                }
                part => self.node(part),
            }
        }
    }

    /// A line does not start after a final line feed, which only matters to what may match the empty text there.
    fn line_start(&mut self, more_follows: bool) {
        if more_follows {
            self.out.push_str("(?m:^)");
        } else {
            self.backtracking = true;
            self.out.push_str(r"(?:\A|(?<=\n)(?!\z))");
        }
    }

    fn character(&mut self, c: char) {
        if self.case_insensitive {
            if is_upper(c) {
                // Texts are lower-cased, so that this cannot be in them.
                self.out.push_str(NEVER);
                return;
            }
            let upper = upper_forms(c);
            if upper.iter().any(Option::is_some) {
                self.out.push('[');
                push_class_char(&mut self.out, c);
                for form in upper.into_iter().flatten() {
                    push_class_char(&mut self.out, form);
                }
                self.out.push(']');
                return;
            }
        }
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
            self.out.push('\\');
            self.out.push(c);
        } else if c.is_control() {
            push_class_char(&mut self.out, c);
        } else {
            self.out.push(c);
        }
    }

    fn class(&mut self, class: &Class) {
        let inverting = class.items.iter().any(|item| matches!(item, ClassItem::NotSet(_)));
        if !inverting {
            let mut items = String::new();
            class.items.iter().for_each(|item| self.item(&mut items, *item));
            if items.is_empty() {
                self.out.push_str(if class.negative { "(?s:.)" } else { NEVER });
            } else {
                self.out.push_str(if class.negative { "[^" } else { "[" });
                self.out.push_str(&items);
                self.out.push(']');
            }
            return;
        }
        // Item by item: what it takes and none before it took is in the class or out of it, as the sense stands then.
        let mut taken = String::new();
        let mut union = String::new();
        let mut sense = !class.negative;
        for item in &class.items {
            let mut text = String::new();
            self.item(&mut text, *item);
            if matches!(item, ClassItem::NotSet(_)) {
                sense = !sense;
            }
            if sense {
                if taken.is_empty() {
                    let _ = write!(union, "[{text}]");
                } else {
                    let _ = write!(union, "[[{text}]--[{taken}]]");
                }
            }
            taken.push_str(&text);
        }
        if !sense {
            let _ = write!(union, "[^{taken}]");
        }
        if union.is_empty() {
            self.out.push_str(NEVER);
        } else {
            let _ = write!(self.out, "[{union}]");
        }
    }

    fn item(&self, out: &mut String, item: ClassItem) {
        match item {
            ClassItem::Range(from, to) if self.case_insensitive => caseless_range(out, from, to),
            ClassItem::Range(from, to) => push_range(out, from, to),
            ClassItem::Set(set) | ClassItem::NotSet(set) => out.push_str(set_text(set, self.case_insensitive)),
        }
    }
}

/// Java's categories (`java.lang.Character`) in the crates' terms.
fn set_text(set: Set, case_insensitive: bool) -> &'static str {
    match set {
        Set::Word => r"\p{L}\p{Nd}_",
        Set::NotWord => r"[^\p{L}\p{Nd}_]",
        Set::Space => r"\t-\r\x{1c}-\x{20}\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}",
        Set::NotSpace => {
            r"[^\t-\r\x{1c}-\x{20}\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200a}\x{2028}\x{2029}\x{205f}\x{3000}]"
        }
        Set::Digit => r"\p{Nd}",
        Set::NotDigit => r"\P{Nd}",
        Set::Alpha => r"\p{L}",
        Set::Blank => r"\p{Z}",
        Set::Control => r"\x{0}-\x{1f}\x{7f}-\x{9f}",
        Set::Graph => r"\p{L}\p{Nd}\p{Pd}\p{Ps}\p{Pe}\p{Pc}\p{Po}\p{Sm}\p{Sc}\p{Sk}",
        Set::Print => r"\p{Z}\p{L}\p{Nd}\p{Pd}\p{Ps}\p{Pe}\p{Pc}\p{Po}\p{Sm}\p{Sc}\p{Sk}",
        Set::Punctuation => r"\p{Pd}\p{Ps}\p{Pe}\p{Pc}\p{Po}\p{Sm}\p{Sc}\p{Sk}",
        Set::Lower | Set::Upper if case_insensitive => r"\p{Lowercase}\p{Uppercase}",
        Set::Lower => r"\p{Lowercase}",
        Set::Upper => r"\p{Uppercase}",
        Set::HexDigit => "0-9a-fA-F",
        Set::Alphanumeric => r"\p{L}\p{Nd}",
        Set::Ascii => r"\x{0}-\x{7f}",
    }
}

fn push_class_char(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c as u32 > 0x9f {
        out.push(c);
    } else {
        let _ = write!(out, r"\x{{{:x}}}", c as u32);
    }
}

fn push_range(out: &mut String, from: char, to: char) {
    push_class_char(out, from);
    if to > from {
        out.push('-');
        push_class_char(out, to);
    }
}

/// The characters that become one of the range when they are lower-cased.
fn caseless_range(out: &mut String, from: char, to: char) {
    let mut start: Option<char> = None;
    let mut last = from;
    for c in from..=to {
        if is_upper(c) {
            if let Some(start) = start.take() {
                push_range(out, start, last);
            }
        } else {
            start.get_or_insert(c);
            for form in upper_forms(c).into_iter().flatten() {
                push_class_char(out, form);
            }
        }
        last = c;
    }
    if let Some(start) = start {
        push_range(out, start, last);
    }
    if out.is_empty() {
        out.push_str(NEVER);
    }
}

/// The upper case characters of which `c` is the lower case: one mostly, a second one for a few.
fn upper_forms(c: char) -> [Option<char>; 2] {
    let mut forms = c.to_uppercase();
    let first = match (forms.next(), forms.next()) {
        (Some(form), None) if form != c && to_lower(form) == c => Some(form),
        _ => None,
    };
    let second = match c {
        'i' => Some('\u{130}'),
        'k' => Some('\u{212a}'),
        'å' => Some('\u{212b}'),
        'ω' => Some('\u{2126}'),
        'θ' => Some('\u{3f4}'),
        'ß' => Some('\u{1e9e}'),
        _ => None,
    };
    [first, second]
}
