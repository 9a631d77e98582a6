//! What stands ahead: types, modifiers, parameters, casts and lambdas, found without reading them.

use super::super::lexer::{Kind, Token};
use super::{Commands, Parser};

/// Type arguments nested deeper are none.
const MOST_TYPE_DEPTH: u32 = 50;

pub(super) const PRIMITIVES: &[&str] = &["boolean", "byte", "char", "double", "float", "int", "long", "short"];

const MODIFIERS: &[&str] = &[
    "abstract",
    "def",
    "default",
    "final",
    "native",
    "private",
    "protected",
    "public",
    "static",
    "strictfp",
    "synchronized",
    "transient",
    "var",
    "volatile",
];

pub(super) fn is_primitive(token: Token<'_>) -> bool {
    token.kind == Kind::Keyword && PRIMITIVES.contains(&token.text)
}

fn capitalized(token: Token<'_>) -> bool {
    token.kind == Kind::Identifier && token.text.starts_with(char::is_uppercase)
}

impl Parser<'_> {
    /// Whether the word at `index` is a modifier there and not a name or another statement.
    pub(super) fn is_modifier(&self, index: usize) -> bool {
        let token = self.token(index);
        if token.kind != Kind::Keyword || !MODIFIERS.contains(&token.text) {
            return false;
        }
        let next = self.token(self.past_newline(index + 1));
        match token.text {
            "static" => !next.is("."),
            "synchronized" => !next.is("("),
            "default" => !next.is(":"),
            "var" => Self::is_name(next) && !next.is("in") && !next.is("as") || next.is("("),
            _ => true,
        }
    }

    /// The index behind annotations and modifiers, and newlines after them.
    pub(super) fn past_modifiers(&self, mut index: usize) -> usize {
        loop {
            if self.is_modifier(index) {
                index = self.past_newline(index + 1);
            } else if let Some(end) = self.past_annotation(index) {
                index = self.past_newline(end);
            } else {
                return index;
            }
        }
    }

    fn past_annotation(&self, index: usize) -> Option<usize> {
        if !self.token(index).is("@") || self.token(index + 1).is("interface") {
            return None;
        }
        let end = self.past_qualified_name(index + 1)?;
        match self.token(self.past_newline(end)) {
            open if open.is("(") && open.partner > 0 => Some(open.partner + 1),
            _ => Some(end),
        }
    }

    fn past_annotations(&self, mut index: usize) -> usize {
        while let Some(end) = self.past_annotation(index) {
            index = self.past_newline(end);
        }
        index
    }

    /// Whether it may stand within a dotted name.
    pub(super) fn is_name_element(token: Token<'_>) -> bool {
        Self::is_name(token) || token.is("def")
    }

    fn past_qualified_name(&self, mut index: usize) -> Option<usize> {
        loop {
            if !Self::is_name_element(self.token(index)) {
                return None;
            }
            if !(self.token(index + 1).is(".") && Self::is_name_element(self.token(index + 2))) {
                return Some(index + 1);
            }
            index += 2;
        }
    }

    /// The index behind a type at `index`.
    pub(super) fn type_end(&mut self, index: usize) -> Option<usize> {
        self.nested_type_end(index, 0)
    }

    fn nested_type_end(&mut self, index: usize, depth: u32) -> Option<usize> {
        if let Some(known) = self.type_ends.get(&index) {
            return *known;
        }
        let end = self.find_type_end(index, depth);
        self.type_ends.insert(index, end);
        end
    }

    fn find_type_end(&mut self, index: usize, depth: u32) -> Option<usize> {
        let start = self.past_annotations(index);
        let first = self.token(start);
        let end = if is_primitive(first) || first.is("void") {
            start + 1
        } else {
            let end = self.past_qualified_name(start)?;
            if self.token(end).is("<") { self.type_arguments_end(end, depth + 1)? } else { end }
        };
        Some(self.past_dimensions(end))
    }

    pub(super) fn past_dimensions(&self, mut index: usize) -> usize {
        while self.token(index).is("[") && self.token(index + 1).is("]") {
            index += 2;
        }
        index
    }

    /// The index behind `<…>` at `index`.
    pub(super) fn type_arguments_end(&mut self, index: usize, depth: u32) -> Option<usize> {
        if depth > MOST_TYPE_DEPTH {
            return None;
        }
        let mut index = self.past_newline(index + 1);
        loop {
            index = self.past_annotations(index);
            if self.token(index).is("?") {
                index += 1;
                if self.token(index).is("extends") || self.token(index).is("super") {
                    index = self.nested_type_end(self.past_newline(index + 1), depth)?;
                }
            } else {
                index = self.nested_type_end(index, depth)?;
                // `T extends A & B`
                if self.token(index).is("extends") {
                    index = self.nested_type_end(self.past_newline(index + 1), depth)?;
                    while self.token(index).is("&") {
                        index = self.nested_type_end(self.past_newline(index + 1), depth)?;
                    }
                }
            }
            let end = self.past_newline(index);
            if self.token(end).is(">") {
                return Some(end + 1);
            }
            if !self.token(index).is(",") {
                return None;
            }
            index = self.past_newline(index + 1);
        }
    }

    /// Whether a class is declared at `index`, where modifiers have been passed.
    pub(super) fn is_class(&self, index: usize) -> bool {
        let (first, second) = (self.token(index), self.token(index + 1));
        match first.text {
            "class" | "interface" | "enum" => first.kind == Kind::Keyword && Self::is_name(second),
            "@" => second.is("interface"),
            "trait" => {
                let third = self.token(self.past_newline(index + 2));
                Self::is_name(second) && ["{", "<", "extends", "implements"].iter().any(|word| third.is(word))
            }
            _ => false,
        }
    }

    /// Whether a method is declared at `index`, where modifiers have been passed; `bare` allows for a name and
    /// parentheses without a type (as after `def`, and in classes).
    pub(super) fn is_method(&mut self, index: usize, bare: bool) -> bool {
        let mut index = index;
        if self.token(index).is("<") {
            match self.type_arguments_end(index, 0) {
                Some(end) => index = self.past_newline(end),
                None => return false,
            }
        }
        let is_called = |parser: &Self, index: usize| {
            let name = parser.token(index);
            (Self::is_name(name) || matches!(name.kind, Kind::Text(_))) && parser.token(index + 1).is("(")
        };
        if bare && is_called(self, index) {
            return true;
        }
        match self.standard_type_end(index) {
            Some(end) => is_called(self, self.past_newline(end)),
            None => false,
        }
    }

    /// The index behind a type whose class name is capitalized, as methods without modifiers want it.
    fn standard_type_end(&mut self, index: usize) -> Option<usize> {
        let start = self.past_annotations(index);
        let first = self.token(start);
        if !(is_primitive(first) || first.is("void")) {
            let name = self.past_qualified_name(start)? - 1;
            if !capitalized(self.token(name)) {
                return None;
            }
        }
        self.type_end(index)
    }

    /// Whether a local variable without modifiers is declared at `index` (`isInvalidLocalVariableDeclaration`).
    pub(super) fn is_declaration(&mut self, index: usize) -> bool {
        let first = self.token(index);
        if !Self::is_name(first) && !is_primitive(first) && !first.is("void") {
            return false;
        }
        let Some(end) = self.type_end(index) else { return false };
        let name = self.token(end);
        if !Self::is_name(name) {
            return false;
        }
        let after = self.token(end + 1);
        let follows = matches!(after.kind, Kind::NewLine | Kind::End)
            || ["=", ",", ";", "}", ")"].iter().any(|symbol| after.is(symbol));
        if !follows {
            return false;
        }
        let Some(last) = self.past_qualified_name(index) else { return true };
        capitalized(self.token(last - 1))
            || after.is("=")
            || self.token(last).is("<")
            || self.token(last).is("[")
            || is_primitive(first)
    }

    /// The index behind the parameters of a closure at `index`; `None` when something else stands there.
    fn parameters_end(&mut self, mut index: usize) -> Option<usize> {
        loop {
            index = self.past_modifiers(index);
            if let Some(end) = self.type_end(index) {
                let next = self.token(end);
                if (Self::is_name(next) && !next.is("in") && !next.is("as")) || next.is("...") {
                    index = end;
                }
            }
            index += usize::from(self.token(index).is("..."));
            if !Self::is_name(self.token(index)) {
                return None;
            }
            index += 1;
            let equals = self.past_newline(index);
            if self.token(equals).is("=") {
                index = self.past_default_value(equals + 1)?;
            }
            if !self.token(index).is(",") {
                return Some(index);
            }
            index = self.past_newline(index + 1);
        }
    }

    fn past_default_value(&self, start: usize) -> Option<usize> {
        let mut index = self.past_newline(start);
        loop {
            let token = self.token(index);
            match token.kind {
                Kind::NewLine | Kind::End => return Some(index),
                Kind::Symbol if matches!(token.text, "(" | "[" | "{") => {
                    index = if token.partner > 0 { token.partner } else { return None };
                }
                Kind::Begin(_) => index = if token.partner > 0 { token.partner } else { return None },
                Kind::Symbol if matches!(token.text, "," | "->" | ";" | ")" | "]" | "}") => return Some(index),
                _ => {}
            }
            index += 1;
        }
    }

    /// The index of the arrow behind the parameters of the closure whose `{` is at `index`.
    pub(super) fn closure_arrow(&mut self, index: usize) -> Option<usize> {
        let start = self.past_newline(index + 1);
        let end = if self.token(start).is("->") { start } else { self.parameters_end(start)? };
        let arrow = self.past_newline(end);
        self.token(arrow).is("->").then_some(arrow)
    }

    /// Whether the `{` at `index` begins a class body and not a closure: `new A() { int x }`, `new A() { println x }`.
    pub(super) fn is_class_body(&mut self, index: usize) -> bool {
        let start = self.past_newline(index + 1);
        let first = self.token(start);
        if first.is("}") || first.is("{") || (first.is("static") && self.token(self.past_newline(start + 1)).is("{")) {
            return true;
        }
        let after = self.past_modifiers(start);
        after > start
            || self.is_class(after)
            || self.is_method(after, false)
            || self.type_end(after).is_some_and(|end| {
                let follows = self.token(end + 1);
                Self::is_name(self.token(end))
                    && (matches!(follows.kind, Kind::NewLine | Kind::End)
                        || ["=", ",", ";", "}"].iter().any(|symbol| follows.is(symbol)))
            })
    }

    /// Whether a lambda with parentheses begins at `index`.
    pub(super) fn is_lambda(&self, index: usize) -> bool {
        let open = self.token(index);
        open.is("(") && open.partner > 0 && self.is_lambda_arrow(self.past_newline(open.partner + 1))
    }

    /// Whether a lambda of one parameter without parentheses begins at `index`.
    pub(super) fn is_bare_lambda(&self, index: usize) -> bool {
        Self::is_name(self.token(index)) && self.is_lambda_arrow(self.past_newline(index + 1))
    }

    fn is_lambda_arrow(&self, index: usize) -> bool {
        index != self.arrow && self.token(index).is("->")
    }

    /// Whether a type may begin at `index`, behind `new`.
    pub(super) fn starts_type(&self, index: usize) -> bool {
        let token = self.token(index);
        Self::is_name(token) || is_primitive(token) || token.is("@")
    }

    /// Whether `(a, b) =` begins at `index`.
    pub(super) fn is_multiple_assignment(&self, index: usize) -> bool {
        let open = self.token(index);
        let close = open.partner;
        if !open.is("(") || close < index + 4 || !self.token(self.past_newline(close + 1)).is("=") {
            return false;
        }
        (index + 1..close).all(|at| {
            let token = self.token(at);
            if (at - index) % 2 == 1 { Self::is_name(token) } else { token.is(",") }
        })
    }

    /// Whether a cast begins at `index`: a type in parentheses with an operand behind it. `(a) - 1` is one, as in
    /// Groovy.
    pub(super) fn is_cast(&mut self, index: usize) -> bool {
        let open = self.token(index);
        if !open.is("(") || open.partner == 0 || self.type_end(index + 1) != Some(open.partner) {
            return false;
        }
        let at = open.partner + 1;
        let operand = self.token(at);
        match operand.kind {
            Kind::Identifier | Kind::Integer | Kind::Decimal | Kind::Text(_) | Kind::Begin(_) => true,
            Kind::Keyword => match operand.text {
                // `(a) as B` is a cast of the variable `as` where a command may stand.
                "as" | "in" => {
                    let next = self.token(at + 1);
                    match next.kind {
                        Kind::NewLine | Kind::End => true,
                        Kind::Symbol => !next.is("{") && !next.is("!") && !next.is("~"),
                        _ => self.command != Commands::None,
                    }
                }
                "trait" | "var" | "new" | "this" | "super" | "true" | "false" | "null" | "void" => true,
                "static" => self.token(at + 1).is("."),
                word => PRIMITIVES.contains(&word),
            },
            Kind::Symbol => match operand.text {
                "(" => !self.token(at + 1).is(")") || self.is_lambda(at),
                "{" | "[" | "~" | "!" | "+" | "-" => true,
                "++" | "--" => self.starts_operand(at + 1),
                _ => false,
            },
            _ => false,
        }
    }

    fn starts_operand(&self, index: usize) -> bool {
        let token = self.token(index);
        match token.kind {
            Kind::Identifier | Kind::Integer | Kind::Decimal | Kind::Text(_) | Kind::Begin(_) => true,
            Kind::Keyword => {
                matches!(token.text, "new" | "this" | "super" | "true" | "false" | "null")
                    || PRIMITIVES.contains(&token.text)
            }
            Kind::Symbol => matches!(token.text, "(" | "[" | "{"),
            _ => false,
        }
    }

    /// Whether an argument of a command may begin here: behind the command's name, in the same line.
    pub(super) fn starts_command_argument(&self) -> bool {
        let token = self.peek();
        let label = self.token(self.at + 1).is(":");
        match token.kind {
            Kind::Identifier | Kind::Integer | Kind::Decimal | Kind::Text(_) | Kind::Begin(_) => true,
            Kind::Keyword => {
                label
                    || matches!(
                        token.text,
                        "new" | "this" | "super" | "true" | "false" | "null" | "void" | "var" | "trait"
                    )
                    || PRIMITIVES.contains(&token.text)
            }
            Kind::Symbol => matches!(token.text, "!" | "~" | "{" | "(" | "[") || (token.text == "*" && label),
            _ => false,
        }
    }

    /// The index of the colon behind a label at `index`: `a:`, `"b":`, `(c):`, `[d]:`.
    pub(super) fn label_colon(&self, index: usize, bracketed: bool) -> Option<usize> {
        let token = self.token(index);
        let end = match token.kind {
            Kind::Identifier | Kind::Keyword | Kind::Integer | Kind::Decimal | Kind::Text(_) => index + 1,
            Kind::Begin(_) if token.partner > 0 => token.partner + 1,
            Kind::Symbol if bracketed && token.partner > 0 => token.partner + 1,
            _ => return None,
        };
        self.token(end).is(":").then_some(end)
    }
}
