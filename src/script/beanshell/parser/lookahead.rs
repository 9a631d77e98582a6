//! What comes next: where a construct would end that starts at a token, without reading it.

use super::super::lexer::Kind;
use super::Parser;

pub(super) const MODIFIERS: &[&str] = &[
    "private",
    "protected",
    "public",
    "synchronized",
    "final",
    "native",
    "transient",
    "volatile",
    "abstract",
    "static",
    "strictfp",
];

const PRIMITIVES: &[&str] = &["boolean", "char", "byte", "short", "int", "long", "float", "double"];

impl Parser<'_> {
    pub(super) fn is_modifier(&self, index: usize) -> bool {
        let token = self.token(index);
        token.kind == Kind::Keyword && MODIFIERS.contains(&&*token.text)
    }

    pub(super) fn is_primitive(&self, index: usize) -> bool {
        let token = self.token(index);
        token.kind == Kind::Keyword && PRIMITIVES.contains(&&*token.text)
    }

    /// The token behind all modifiers.
    pub(super) fn after_modifiers(&self, mut index: usize) -> usize {
        while self.is_modifier(index) {
            index += 1;
        }
        index
    }

    /// The token behind `a.b.c`.
    pub(super) fn after_name(&self, mut index: usize) -> Option<usize> {
        if self.kind(index) != Kind::Name {
            return None;
        }
        index += 1;
        while self.is_at(index, ".") && self.kind(index + 1) == Kind::Name {
            index += 2;
        }
        Some(index)
    }

    /// The token behind `int[]`, `a.b[][]`.
    pub(super) fn after_type(&self, index: usize) -> Option<usize> {
        let mut index = if self.is_primitive(index) { index + 1 } else { self.after_name(index)? };
        while self.is_at(index, "[") && self.is_at(index + 1, "]") {
            index += 2;
        }
        Some(index)
    }

    /// Whether `T name` stands at `index`, and the token behind it.
    pub(super) fn after_typed_name(&self, index: usize) -> Option<usize> {
        let name = self.after_type(index)?;
        (self.kind(name) == Kind::Name).then_some(name + 1)
    }

    /// Whether a method is declared.
    pub(super) fn is_method(&self) -> bool {
        let start = self.after_modifiers(self.at);
        let named = if self.is_at(start, "void") {
            (self.kind(start + 1) == Kind::Name).then_some(start + 2)
        } else {
            self.after_typed_name(start)
        };
        if named.is_some_and(|index| self.is_at(index, "(")) {
            return true;
        }
        if self.kind(start) != Kind::Name {
            return false;
        }
        self.after_parameters(start + 1).is_some_and(|end| {
            let end = if self.is_at(end, "throws") { self.after_names(end + 1) } else { Some(end) };
            end.is_some_and(|end| self.is_at(end, "{"))
        })
    }

    fn after_names(&self, index: usize) -> Option<usize> {
        let mut end = self.after_name(index)?;
        while self.is_at(end, ",") {
            end = self.after_name(end + 1)?;
        }
        Some(end)
    }

    fn after_parameters(&self, index: usize) -> Option<usize> {
        if !self.is_at(index, "(") {
            return None;
        }
        if self.is_at(index + 1, ")") {
            return Some(index + 2);
        }
        let mut index = index;
        loop {
            let start = index + 1;
            index = match self.after_typed_name(start) {
                Some(end) => end,
                None if self.kind(start) == Kind::Name => start + 1,
                None => return None,
            };
            if self.is_at(index, ")") {
                return Some(index + 1);
            }
            if !self.is_at(index, ",") {
                return None;
            }
        }
    }

    /// Whether a cast stands here: `(int`, `(T[]`, or `(T)` before what can only be an operand.
    pub(super) fn is_cast(&self) -> bool {
        if !self.is("(") {
            return false;
        }
        if self.is_primitive(self.at + 1) {
            return true;
        }
        let Some(end) = self.after_name(self.at + 1) else {
            return false;
        };
        if self.is_at(end, "[") {
            return self.is_at(end + 1, "]");
        }
        if !self.is_at(end, ")") {
            return false;
        }
        match self.kind(end + 1) {
            Kind::Name | Kind::Integer | Kind::Floating | Kind::Character | Kind::String => true,
            _ => ["~", "!", "(", "new", "true", "false", "null", "void"].iter().any(|text| self.is_at(end + 1, text)),
        }
    }

    /// Whether `for (` is followed by a semicolon before any colon.
    pub(super) fn is_regular_for(&self) -> bool {
        let mut index = self.at + 2;
        loop {
            if self.is_at(index, ":") || matches!(self.kind(index), Kind::End | Kind::Bad) {
                return false;
            }
            if self.is_at(index, ";") {
                return true;
            }
            index += 1;
        }
    }
}
