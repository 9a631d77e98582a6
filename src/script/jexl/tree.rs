//! The tree of a JEXL script.

use crate::script::value::Value;
use crate::text::Text;

/// An expression or statement: in JEXL every statement has a value.
#[derive(Debug)]
pub(super) enum Node {
    Literal(Value),
    Name(Text),
    /// `object.name`.
    Member(Box<Node>, Text),
    /// `object[index]`.
    Index(Box<Node>, Box<Node>),
    /// `object.name(arguments)`.
    Method(Box<Node>, Text, Vec<Node>),
    /// `name(arguments)`: JMeter's context has no functions, so this is an error when it is reached.
    Function(Text),
    /// `new(class, arguments)`.
    New(Vec<Node>),
    Array(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Set(Vec<Node>),
    Unary(Unary, Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    /// `condition ? yes : no`.
    Ternary(Box<Node>, Box<Node>, Box<Node>),
    /// `value ?: otherwise`.
    Elvis(Box<Node>, Box<Node>),
    /// `value ?? otherwise`.
    NullCoalesce(Box<Node>, Box<Node>),
    /// `target = value`, `target += value`.
    Assign(Box<Node>, Option<Binary>, Box<Node>),
    /// `var name`: null until it is set.
    Var(Text),
    Block(Vec<Node>),
    If(Box<Node>, Box<Node>, Option<Box<Node>>),
    While(Box<Node>, Box<Node>),
    DoWhile(Box<Node>, Box<Node>),
    ForEach(Text, Box<Node>, Box<Node>),
    Return(Box<Node>),
    Break,
    Continue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Plus,
    Not,
    Complement,
    Empty,
    Size,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    And,
    Or,
    Xor,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Matches,
    NotMatches,
    StartsWith,
    NotStartsWith,
    EndsWith,
    NotEndsWith,
    Range,
}

impl Binary {
    /// Whether a null variable as operand is an error in JEXL 3 (`JexlNode.isStrictOperator`).
    pub(super) fn is_strict(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual | Self::Range)
    }
}
