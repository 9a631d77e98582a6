//! The grammar of `org.apache.oro.text.regex.Perl5Compiler` 2.0.8, its odd corners included.
//!
//! ORO compiles in two passes over the text and its mode flags outlive groups and even the first pass: `a(?i)b` ignores
//! case from the beginning. Hence a pattern is parsed twice here too.

use super::PatternError;
use super::chars::{control, is_whitespace, to_lower};
use super::syntax::{Class, ClassItem, Node, Set};
use crate::java::number::parse_int;

/// What stands for the end of the pattern; ORO's own choice.
const END: char = '\u{ffff}';
/// "No upper limit" among repetition counts.
const UNLIMITED: i32 = 65535;
/// Groups within groups; ORO would exhaust Java's stack somewhat later.
const MAX_DEPTH: usize = 200;
const LITERAL_LIMIT: usize = 127;

/// The mode flags of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    pub(super) case_insensitive: bool,
    pub(super) multi_line: bool,
    pub(super) single_line: bool,
    pub(super) extended: bool,
}

/// A parsed pattern.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) node: Node,
    /// Number of capturing groups.
    pub(super) groups: usize,
    /// Whether texts are lower-cased before matching.
    pub(super) case_insensitive: bool,
}

pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed, PatternError> {
    let input: Vec<char> = pattern.chars().collect();
    let mut first = Parser { input: &input, offset: 0, flags, groups: 1, depth: 0 };
    first.whole()?;
    let mut second = Parser { input: &input, offset: 0, flags: first.flags, groups: 1, depth: 0 };
    let node = second.whole()?;
    Ok(Parsed { node, groups: second.groups - 1, case_insensitive: second.flags.case_insensitive })
}

/// What a part tells of itself while it is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One character wide, or an assertion that ORO counts as such: repeated by a loop over single steps.
    Simple,
    Complex,
}

/// A part, or none where a flag group or a comment stood.
type Part<T> = Result<Option<T>, PatternError>;

pub(super) struct Parser<'p> {
    pub(super) input: &'p [char],
    pub(super) offset: usize,
    pub(super) flags: Flags,
    /// One more than the groups opened so far.
    groups: usize,
    depth: usize,
}

/// How a parenthesis begins.
enum Opening {
    Capture(usize),
    Plain,
    Look {
        negative: bool,
    },
    /// A comment or flags, which have been read to their end.
    Nothing,
}

pub(super) fn error<T>(text: impl Into<String>) -> Result<T, PatternError> {
    Err(PatternError::new(text))
}

impl Parser<'_> {
    fn whole(&mut self) -> Result<Node, PatternError> {
        let Some(node) = self.alternatives()? else {
            return error("Unknown compilation error.");
        };
        if !self.at_end() {
            return if self.value() == ')' {
                error("Unmatched parentheses.")
            } else {
                error("Unreached characters at end of expression.  Please report this bug!")
            };
        }
        Ok(node)
    }

    pub(super) fn char_at(&self, at: usize) -> char {
        self.input.get(at).copied().unwrap_or(END)
    }

    pub(super) fn value(&self) -> char {
        self.char_at(self.offset)
    }

    pub(super) fn at_end(&self) -> bool {
        self.offset >= self.input.len()
    }

    pub(super) fn advance(&mut self, count: usize) -> char {
        self.offset = (self.offset + count).min(self.input.len());
        self.value()
    }

    /// Takes the next character and what it was.
    pub(super) fn take(&mut self) -> char {
        let value = self.value();
        self.advance(1);
        value
    }

    /// Takes the next character and skips comments and, in extended mode, blanks after it.
    pub(super) fn next(&mut self) -> char {
        let taken = self.take();
        self.skip_ignored();
        taken
    }

    fn skip_ignored(&mut self) {
        loop {
            let mut value = self.value();
            if value == '(' && self.char_at(self.offset + 1) == '?' && self.char_at(self.offset + 2) == '#' {
                while value != END && value != ')' {
                    value = self.advance(1);
                }
                self.advance(1);
            } else if self.flags.extended && is_whitespace(value) {
                self.advance(1);
            } else if self.flags.extended && value == '#' {
                while value != END && value != '\n' {
                    value = self.advance(1);
                }
                self.advance(1);
            } else {
                return;
            }
        }
    }

    fn alternatives(&mut self) -> Part<Node> {
        let mut branches = Vec::new();
        loop {
            let Some(branch) = self.branch()? else { return Ok(None) };
            branches.push(branch);
            if self.value() != '|' {
                break;
            }
            self.next();
        }
        Ok(Some(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Alternate(branches) }))
    }

    fn branch(&mut self) -> Part<Node> {
        self.skip_ignored();
        let mut parts = Vec::new();
        while !matches!(self.value(), END | '|' | ')') {
            let Some(part) = self.repeated()? else { return Ok(None) };
            parts.push(part);
        }
        Ok(Some(match parts.len() {
            0 => Node::Empty,
            1 => parts.swap_remove(0),
            _ => Node::Concat(parts),
        }))
    }

    /// An atom and what repeats it.
    fn repeated(&mut self) -> Part<Node> {
        let Some((atom, kind)) = self.atom()? else { return Ok(None) };
        let mut operator = self.value();
        if operator == '(' && self.char_at(self.offset + 1) == '?' && self.char_at(self.offset + 2) == '#' {
            while operator != END && operator != ')' {
                operator = self.advance(1);
            }
            if operator != END {
                self.next();
                operator = self.value();
            }
        }
        let (min, max) = match operator {
            '{' if is_interval(self.input, self.offset) => self.interval()?,
            '*' | '+' | '?' => {
                self.next();
                (i32::from(operator == '+'), if operator == '?' { 1 } else { UNLIMITED })
            }
            _ => return Ok(Some(atom)),
        };
        let lazy = self.value() == '?';
        if lazy {
            self.next();
        }
        if is_repetition(self.input, self.offset) {
            return error("Nested repetitions *?+ in expression");
        }
        Ok(Some(repeat(atom, kind, min, max, lazy)))
    }

    /// `{n}`, `{n,}` or `{n,m}`.
    fn interval(&mut self) -> Result<(i32, i32), PatternError> {
        self.advance(1);
        let min = self.count()?;
        let max = if self.value() == ',' {
            self.advance(1);
            if self.value() == '}' { UNLIMITED } else { self.count()? }
        } else {
            min
        };
        self.next();
        if max != 0 && max < min {
            return error(format!("Invalid interval {{{min},{max}}}"));
        }
        Ok((min, max))
    }

    fn count(&mut self) -> Result<i32, PatternError> {
        let start = self.offset;
        while self.value().is_ascii_digit() {
            self.advance(1);
        }
        let digits: String = self.input[start..self.offset].iter().collect();
        parse_count(&digits)
    }

    fn atom(&mut self) -> Part<(Node, Kind)> {
        let mut saw_flags = false;
        loop {
            let value = self.value();
            let simple = match value {
                '^' => {
                    self.next();
                    let node = if self.flags.multi_line { Node::LineStart } else { Node::TextStart };
                    return Ok(Some((node, Kind::Complex)));
                }
                '$' => {
                    self.next();
                    let node = if self.flags.multi_line { Node::LineEnd } else { Node::End };
                    return Ok(Some((node, Kind::Complex)));
                }
                '.' => {
                    self.next();
                    Node::Any { line_feed: self.flags.single_line }
                }
                '[' => {
                    self.advance(1);
                    self.class()?
                }
                '(' => {
                    self.next();
                    match self.group()? {
                        Some(Some(node)) => return Ok(Some((node, Kind::Complex))),
                        Some(None) => {
                            saw_flags = true;
                            continue;
                        }
                        None => return Ok(None),
                    }
                }
                '|' | ')' if saw_flags => return Ok(None),
                '|' | ')' => {
                    let rest: String = self.input[self.offset..].iter().collect();
                    return error(format!("Error in expression at {rest}"));
                }
                '?' | '+' | '*' => return error("?+* follows nothing in expression"),
                '\\' => match self.escape()? {
                    Some(found) => return Ok(Some(found)),
                    None => return self.literal().map(Some),
                },
                '#' if self.flags.extended => {
                    while !self.at_end() && self.value() != '\n' {
                        self.advance(1);
                    }
                    if !self.at_end() {
                        continue;
                    }
                    self.advance(1);
                    return self.literal().map(Some);
                }
                _ => {
                    self.advance(1);
                    return self.literal().map(Some);
                }
            };
            return Ok(Some((simple, Kind::Simple)));
        }
    }

    /// After a parenthesis. `Some(None)` stands for flags or a comment.
    fn group(&mut self) -> Part<Option<Node>> {
        let opening = self.opening()?;
        if matches!(opening, Opening::Nothing) {
            return Ok(Some(None));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return error("Expression is too large.");
        }
        let Some(node) = self.alternatives()? else { return Ok(None) };
        self.depth -= 1;
        if self.at_end() || self.next() != ')' {
            return error("Unmatched parentheses.");
        }
        let node = Box::new(node);
        Ok(Some(Some(match opening {
            Opening::Capture(number) => Node::Group(Some(number), node),
            Opening::Look { negative } => Node::LookAhead { negative, node },
            Opening::Plain | Opening::Nothing => Node::Group(None, node),
        })))
    }

    fn opening(&mut self) -> Result<Opening, PatternError> {
        if self.value() != '?' {
            let number = self.groups;
            self.groups += 1;
            return Ok(Opening::Capture(number));
        }
        let mut value = self.advance(1);
        match value {
            ':' => {
                self.advance(1);
                return Ok(Opening::Plain);
            }
            '=' | '!' => {
                self.advance(1);
                return Ok(Opening::Look { negative: value == '!' });
            }
            '#' => {
                while value != END && value != ')' {
                    value = self.advance(1);
                }
                if value != ')' {
                    return error("Sequence (?#... not terminated");
                }
            }
            _ => {
                // ORO steps back and forth here, and stays on the last character when there is none after the "?".
                if self.at_end() {
                    value = self.input.last().copied().unwrap_or(END);
                    self.offset = self.input.len().saturating_sub(1);
                }
                value = self.flag_letters(value);
                if value != ')' {
                    return error(format!("Sequence (?{value}...) not recognized"));
                }
            }
        }
        self.next();
        Ok(Opening::Nothing)
    }

    /// Reads `iogmsx-` and returns what ended them.
    fn flag_letters(&mut self, first: char) -> char {
        let mut value = first;
        let mut set = Flags::default();
        let mut clear = Flags::default();
        let mut clearing = false;
        while "iogmsx-".contains(value) {
            let target = if clearing { &mut clear } else { &mut set };
            match value {
                '-' => clearing = true,
                'i' => target.case_insensitive = true,
                'm' => target.multi_line = true,
                's' => target.single_line = true,
                'x' => target.extended = true,
                _ => {}
            }
            value = self.advance(1);
        }
        let flags = &mut self.flags;
        flags.case_insensitive = (flags.case_insensitive | set.case_insensitive) && !clear.case_insensitive;
        flags.multi_line = (flags.multi_line | set.multi_line) && !clear.multi_line;
        flags.single_line = (flags.single_line | set.single_line) && !clear.single_line;
        flags.extended = (flags.extended | set.extended) && !clear.extended;
        value
    }

    /// At a backslash. `None` leaves the character after it to [`Self::literal`].
    fn escape(&mut self) -> Part<(Node, Kind)> {
        let value = self.advance(1);
        let node = match value {
            // `\G` holds at the beginning only, since ORO searches on from there.
            'A' | 'G' => Node::TextStart,
            'Z' => Node::End,
            'b' => Node::Boundary,
            'B' => Node::NotBoundary,
            '1'..='9' => return self.back_reference(),
            END | '\0' if self.at_end() => return error("Trailing \\ in expression."),
            _ => match Set::of_escape(value) {
                Some(set) => Node::Class(Class { negative: false, items: vec![ClassItem::Set(set)] }),
                None => return Ok(None),
            },
        };
        self.next();
        Ok(Some((node, Kind::Simple)))
    }

    fn back_reference(&mut self) -> Part<(Node, Kind)> {
        let digits: String = self.input[self.offset..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let number = parse_count(&digits)?;
        let known = usize::try_from(number).is_ok_and(|number| number < self.groups);
        if number > 9 && !known {
            return Ok(None);
        }
        if !known {
            return error(format!("Invalid backreference: \\{number}"));
        }
        self.advance(digits.len());
        self.skip_ignored();
        Ok(Some((Node::BackReference(number as usize), Kind::Complex)))
    }

    /// Plain characters from the one before the offset on, up to what is special or repeated.
    fn literal(&mut self) -> Result<(Node, Kind), PatternError> {
        let mut chars = Vec::new();
        let mut at = self.offset.saturating_sub(1);
        while chars.len() < LITERAL_LIMIT && at < self.input.len() {
            let before = at;
            let value = self.char_at(at);
            let mut plain = match value {
                '^' | '$' | '.' | '[' | '(' | ')' | '|' => break,
                '\\' => {
                    at += 1;
                    match self.escaped_char(&mut at)? {
                        Some(plain) => plain,
                        None => {
                            at = before;
                            break;
                        }
                    }
                }
                '#' | ' ' | '\t' | '\n' | '\r' | '\u{c}' | '\u{b}' if self.flags.extended => {
                    if value == '#' {
                        while at < self.input.len() && self.char_at(at) != '\n' {
                            at += 1;
                        }
                    }
                    at += 1;
                    continue;
                }
                _ => {
                    at += 1;
                    value
                }
            };
            if self.flags.case_insensitive {
                plain = to_lower(plain);
            }
            if is_repetition(self.input, at) {
                if chars.is_empty() {
                    chars.push(plain);
                } else {
                    at = before;
                }
                break;
            }
            chars.push(plain);
        }
        // ORO steps one back and takes that character again.
        self.offset = at.saturating_sub(1);
        self.next();
        Ok(match chars.len() {
            0 => (Node::VeryEnd, Kind::Complex),
            1 => (Node::Literal(chars), Kind::Simple),
            _ => (Node::Literal(chars), Kind::Complex),
        })
    }

    /// The character that an escape at `at` (after the backslash) stands for; none when it is more than a character.
    fn escaped_char(&self, at: &mut usize) -> Part<char> {
        let value = self.char_at(*at);
        *at += 1;
        Ok(Some(match value {
            'A' | 'G' | 'Z' | 'w' | 'W' | 'b' | 'B' | 's' | 'S' | 'd' | 'D' => return Ok(None),
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            'e' => '\u{1b}',
            'a' => '\u{7}',
            'x' => self.number(at, 16, 2),
            'c' => {
                let letter = self.char_at(*at);
                *at += 1;
                control(letter)
            }
            '0'..='9' => {
                let start = *at - 1;
                let mut octal = value == '0';
                if self.char_at(*at).is_ascii_digit() {
                    let digits: String = self.input[start..].iter().take_while(|c| c.is_ascii_digit()).collect();
                    let number = parse_count(&digits)?;
                    octal = octal || usize::try_from(number).is_ok_and(|number| number >= self.groups);
                }
                if !octal {
                    return Ok(None);
                }
                *at = start;
                self.number(at, 8, 3)
            }
            END | '\0' if *at > self.input.len() => return error("Trailing \\ in expression."),
            _ => value,
        }))
    }

    /// Up to `max` digits at `at`. ORO counts an `x` among the hexadecimal digits, as a zero.
    pub(super) fn number(&self, at: &mut usize, radix: u32, max: usize) -> char {
        let mut number = 0;
        for _ in 0..max {
            let value = self.char_at(*at);
            let digit = match value.to_digit(radix) {
                Some(digit) => digit,
                None if radix == 16 && value == 'x' => 0,
                None => break,
            };
            number = number * radix + digit;
            *at += 1;
        }
        char::from_u32(number).unwrap_or('\0')
    }
}

/// What repeating `atom` comes to. ORO keeps counts in 16 bits and repeats simple things in a loop of steps, in which
/// an assertion never gets anywhere.
fn repeat(atom: Node, kind: Kind, min: i32, max: i32, lazy: bool) -> Node {
    let min = min as u32 & 0xffff;
    let mut max = max as u32 & 0xffff;
    let assertion = matches!(atom, Node::TextStart | Node::End | Node::Boundary | Node::NotBoundary);
    if kind == Kind::Simple && (max < min || assertion && min > 0) {
        return Node::Never;
    }
    if kind == Kind::Simple && assertion {
        return Node::Empty;
    }
    max = max.max(min);
    Node::Repeat { node: Box::new(atom), min, max: (max != UNLIMITED as u32).then_some(max), lazy }
}

fn parse_count(digits: &str) -> Result<i32, PatternError> {
    parse_int(digits).or_else(|cause| {
        error(format!(
            "Unexpected number format exception.  Please report this bug.NumberFormatException message: {cause}"
        ))
    })
}

/// Whether `{n}`, `{n,}` or `{n,m}` stands at `at`.
fn is_interval(input: &[char], at: usize) -> bool {
    let digits = |from: usize| from + input[from.min(input.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
    let first = digits(at + 1);
    if first == at + 1 {
        return false;
    }
    let after = if input.get(first) == Some(&',') { digits(first + 1) } else { first };
    input.get(after) == Some(&'}')
}

fn is_repetition(input: &[char], at: usize) -> bool {
    match input.get(at) {
        Some('*' | '+' | '?') => true,
        Some('{') => is_interval(input, at),
        _ => false,
    }
}
