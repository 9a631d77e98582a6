//! Character classes (`[…]`), which ORO parses and tests item by item.

use super::PatternError;
use super::chars::{control, is_upper, to_lower};
use super::parse::{Parser, error};
use super::syntax::{Class, ClassItem, Node, Set};

impl Parser<'_> {
    /// After an opening bracket.
    pub(super) fn class(&mut self) -> Result<Node, PatternError> {
        let negative = self.value() == '^';
        if negative {
            self.advance(1);
        }
        let mut items = Vec::new();
        let mut inverted = false;
        let mut range_from: Option<char> = None;
        let mut value = self.value();
        let mut first = value == ']' || value == '-';
        loop {
            if !self.at_end() {
                value = self.value();
            }
            if (self.at_end() || value == ']') && !first {
                break;
            }
            first = false;
            self.advance(1);
            let mut set = None;
            if value == '\\' {
                value = self.take();
                set = Set::of_escape(value);
                if set.is_some() && range_from.is_some() {
                    return error("Invalid [] range in expression.");
                }
                if set.is_none() {
                    value = self.class_escape(value);
                }
            } else if value == '[' {
                set = self.posix(&mut inverted);
            }
            if let Some(set) = set {
                value = set.code();
            }
            let from = match range_from.take() {
                Some(from) if from > value => return error("Invalid [] range in expression."),
                Some(from) => from,
                None => {
                    if set.is_none()
                        && self.value() == '-'
                        && self.offset + 1 < self.input.len()
                        && self.char_at(self.offset + 1) != ']'
                    {
                        self.advance(1);
                        range_from = Some(value);
                        continue;
                    }
                    value
                }
            };
            items.push(match set {
                Some(set) if from == value && inverted => ClassItem::NotSet(set),
                Some(set) if from == value => ClassItem::Set(set),
                _ if self.flags.case_insensitive && is_upper(from) && is_upper(value) => {
                    ClassItem::Range(to_lower(from), to_lower(value))
                }
                _ => ClassItem::Range(from, value),
            });
        }
        if self.value() != ']' {
            return error("Unmatched [] in expression.");
        }
        self.next();
        Ok(Node::Class(Class { negative, items }))
    }

    /// The character of an escape in a class, of which `letter` has been taken.
    fn class_escape(&mut self, letter: char) -> char {
        match letter {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            'b' => '\u{8}',
            'e' => '\u{1b}',
            'a' => '\u{7}',
            'c' => control(self.take()),
            'x' => {
                let mut at = self.offset;
                let value = self.number(&mut at, 16, 2);
                self.offset = at.min(self.input.len());
                value
            }
            '0'..='9' => {
                let mut at = self.offset.saturating_sub(1);
                let value = self.number(&mut at, 8, 3);
                self.offset = at;
                value
            }
            _ => letter,
        }
    }

    /// `:name:]` or `:^name:]` after a bracket within a class. The negation stays in force for what follows.
    fn posix(&mut self, inverted: &mut bool) -> Option<Set> {
        if self.value() != ':' {
            return None;
        }
        let mut at = self.offset + 1;
        *inverted = self.char_at(at) == '^';
        at += usize::from(*inverted);
        let mut name = String::new();
        loop {
            let value = self.char_at(at);
            at += 1;
            if value == ':' || at >= self.input.len() {
                break;
            }
            name.push(value);
        }
        if self.char_at(at) != ']' {
            return None;
        }
        let set = Set::of_name(&name)?;
        self.offset = at + 1;
        Some(set)
    }
}
