//! What a failed `assert` of Groovy says: the condition as written, and below it the values that its parts had.

use super::node::Node;
use super::tree::{Access, Argument, Expression, ExpressionKind as E, MemberName, TypeName, UnaryOperator};
use crate::script::Position;
use crate::script::library::class_of;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value, groovy_text};
use crate::text::Text;

/// An `assert` that is run.
#[derive(Debug)]
pub(crate) struct Assertion {
    pub(crate) condition: Node,
    pub(crate) otherwise: Otherwise,
}

/// What a failed `assert` says.
#[derive(Debug)]
pub(crate) enum Otherwise {
    /// The statement in one line; the values are drawn below it.
    Drawing(Text),
    /// The message of the statement, with the condition and the variables in it.
    Message { message: Node, condition: Text, variables: Vec<(Text, Node)> },
}

/// The text of an `assert` in one line.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The text.
    pub text: Text,
    first_line: u32,
    /// For each line: the characters before its text, and those of the lines before it in [`Source::text`].
    lines: Vec<(u32, u32)>,
}

impl Source {
    /// The statement as written, from its word `assert` at `position` on.
    pub fn new(written: &str, position: Position) -> Self {
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let (mut text, mut lines) = (String::new(), Vec::new());
        let last = written.lines().count().saturating_sub(1);
        for (index, line) in written.lines().enumerate() {
            let before =
                if index == 0 { position.column.saturating_sub(1) } else { count(line) - count(line.trim_start()) };
            lines.push((before, count(&text)));
            let line = line.trim();
            text.push_str(line);
            if index != last && !line.is_empty() {
                text.push(' ');
            }
        }
        Self { text: text.into(), first_line: position.line, lines }
    }

    /// The column in [`Source::text`], from 1, of a place in the script.
    pub(super) fn column(&self, position: Position) -> Option<u32> {
        let line = position.line.checked_sub(self.first_line)?;
        let (before, offset) = self.lines.get(line as usize)?;
        Some(offset + position.column.checked_sub(*before)?)
    }
}

/// The values of an assertion's parts below its text, each in its column: as far up as there is room, else on a line of
/// its own with a bar above. Of values in one column the one that came last counts.
pub(super) fn draw(text: &str, mut values: Vec<(u32, String)>) -> String {
    values.sort_by_key(|value| std::cmp::Reverse(value.0));
    // Each line with the first column that is taken; the first line stays empty but for bars.
    let mut lines: Vec<(Vec<char>, usize)> = vec![(Vec::new(), 0)];
    for (index, (column, value)) in values.iter().enumerate() {
        if values.get(index + 1).is_some_and(|next| next.0 == *column) {
            continue;
        }
        let start = *column as usize;
        let parts: Vec<&str> = value.lines().collect();
        let end = if parts.len() == 1 { start + value.chars().count() } else { usize::MAX };
        let mut placed = false;
        for (index, (line, taken)) in lines.iter_mut().enumerate() {
            if end < *taken {
                place(line, value, start);
                *taken = start;
                placed = true;
                break;
            }
            place(line, "|", start);
            if index > 0 {
                *taken = start + 1;
            }
        }
        if !placed {
            for part in parts {
                let mut line = Vec::new();
                place(&mut line, part, start);
                lines.push((line, start));
            }
        }
    }
    let mut drawing = text.to_owned();
    for (line, _) in lines {
        drawing.push('\n');
        drawing.extend(line);
    }
    drawing
}

/// Writes `text` over a line from a column on.
fn place(line: &mut Vec<char>, text: &str, column: usize) {
    let column = column.saturating_sub(1);
    for (index, c) in text.chars().enumerate() {
        while line.len() <= column + index {
            line.push(' ');
        }
        line[column + index] = c;
    }
}

/// A value as it is drawn.
pub(super) fn value_text(machine: &mut Machine<'_>, value: &Value) -> Result<String, Thrown> {
    let text = match value {
        Value::GString(_) => machine.text(value),
        value => machine.call_method(value, "inspect", &[]).and_then(|text| machine.text(&text)),
    };
    let object = format!("{}@1", class_of(value).name());
    match text {
        Ok(text) if text.is_empty() => Ok(format!("{object} (toString() == \"\")")),
        Err(thrown) if !thrown.is_error() => Ok(format!("{object} (toString() threw {})", thrown.class())),
        outcome => outcome,
    }
}

/// A condition as Groovy's syntax tree puts it into words.
pub(super) fn condition_text(condition: &Expression) -> String {
    Words(String::new(), 0).of(condition)
}

/// The variables of a condition that its message names: those between operators, not those within calls.
pub(super) fn variables(condition: &Expression) -> Vec<Text> {
    match &*condition.kind {
        E::Name(name) => vec![name.clone()],
        E::Binary(_, a, b) | E::And(a, b) | E::Or(a, b) => {
            let mut names = variables(a);
            names.extend(variables(b));
            names
        }
        _ => Vec::new(),
    }
}

/// Puts expressions into words, down to a bound.
struct Words(String, u32);

impl Words {
    /// Nesting beyond which an expression is three dots.
    const DEEPEST: u32 = 100;

    fn of(mut self, expression: &Expression) -> String {
        self.add(expression);
        self.0
    }

    fn say(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn add(&mut self, expression: &Expression) {
        self.1 += 1;
        if self.1 > Self::DEEPEST {
            self.say("...");
        } else {
            self.add_kind(&expression.kind);
        }
        self.1 -= 1;
    }

    fn infix(&mut self, a: &Expression, operator: &str, b: &Expression) {
        self.say("(");
        self.add(a);
        self.say(" ");
        self.say(operator);
        self.say(" ");
        self.add(b);
        self.say(")");
    }

    fn add_kind(&mut self, kind: &E) {
        match kind {
            E::Literal(value) => self.say(&groovy_text(value)),
            E::Name(name) => self.say(name),
            E::This => self.say("this"),
            E::Super => self.say("super"),
            E::Class(class) => self.class(class),
            E::Binary(operator, a, b) => self.infix(a, operator.symbol(), b),
            E::And(a, b) => self.infix(a, "&&", b),
            E::Or(a, b) => self.infix(a, "||", b),
            E::InstanceOf { value, class, .. } => {
                self.say("(");
                self.add(value);
                self.say(" instanceof ");
                self.class(class);
                self.say(")");
            }
            E::Unary(operator, value) => {
                self.say(match operator {
                    UnaryOperator::Minus => "-",
                    UnaryOperator::Plus => "+",
                    UnaryOperator::Not => "!",
                    UnaryOperator::Complement => "~",
                });
                self.add(value);
            }
            E::Index { target, index, .. } => {
                self.add(target);
                self.say("[");
                self.list(index);
                self.say("]");
            }
            E::Member { target, name, access, .. } => {
                self.add(target);
                self.member(name, *access);
            }
            E::Call { target, name, access, arguments } => {
                match target {
                    Some(target) => self.add(target),
                    None => self.say("this"),
                }
                self.member(name, *access);
                self.say("(");
                self.list(arguments);
                self.say(")");
            }
            E::New { class, arguments, .. } => {
                self.say("new ");
                self.class(class);
                self.say("(");
                self.list(arguments);
                self.say(")");
            }
            E::List(items) | E::Map(items) => {
                self.say("[");
                self.list(items);
                self.say("]");
            }
            E::Conditional(condition, yes, no) => {
                self.say("(");
                self.add(condition);
                self.say(") ? ");
                self.add(yes);
                self.say(" : ");
                self.add(no);
            }
            E::Elvis(value, no) => {
                self.add(value);
                self.say(" ?: ");
                self.add(no);
            }
            E::Interpolated(texts, values) => {
                for (index, text) in texts.iter().enumerate() {
                    self.say(text);
                    if let Some(value) = values.get(index) {
                        self.say("$");
                        self.add(value);
                    }
                }
            }
            E::Closure(_) => self.say("{ -> ... }"),
            _ => self.say("..."),
        }
    }

    fn class(&mut self, class: &TypeName) {
        self.say(&class.name);
        for _ in 0..class.dimensions {
            self.say("[]");
        }
    }

    fn member(&mut self, name: &MemberName, access: Access) {
        self.say(match access {
            Access::Plain => ".",
            Access::Safe => "?.",
            Access::Spread => "*.",
        });
        match name {
            MemberName::Fixed(name) => self.say(name),
            MemberName::Computed(name) => self.add(name),
        }
    }

    fn list(&mut self, items: &[Argument]) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.say(", ");
            }
            match item {
                Argument::Plain(value) => self.add(value),
                Argument::Named(key, value) => {
                    self.add(key);
                    self.say(":");
                    self.add(value);
                }
                Argument::Spread(value) => {
                    self.say("*");
                    self.add(value);
                }
                Argument::SpreadMap(value) => {
                    self.say("*:");
                    self.add(value);
                }
            }
        }
    }
}

/// Whether the value of an expression is drawn below a failed assertion: that of literals and classes tells nothing new.
pub(super) fn is_drawn(kind: &E, node: &Node) -> bool {
    let drawn = matches!(
        kind,
        E::Name(_)
            | E::Member { .. }
            | E::Call { .. }
            | E::New { .. }
            | E::Index { .. }
            | E::Unary(..)
            | E::Step { .. }
            | E::Binary(..)
            | E::And(..)
            | E::Or(..)
            | E::Assign { .. }
            | E::InstanceOf { .. }
    );
    // A negative number is a literal, too.
    let literal = matches!((kind, node), (E::Unary(..), Node::Literal(_)) | (_, Node::Literal(Value::Class(_))));
    drawn && !literal && !matches!(node, Node::OwnClass(_) | Node::UnknownClass(_))
}
