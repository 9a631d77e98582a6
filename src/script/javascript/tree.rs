//! The tree of a JavaScript program.

use crate::text::Text;
use std::sync::Arc;

#[derive(Debug)]
pub(super) enum Expression {
    Number(f64),
    String(Text),
    Boolean(bool),
    Null,
    This,
    Name(Text),
    /// The fixed parts of a template and the expressions between them.
    Template(Vec<Text>, Vec<Expression>),
    /// A regular expression and its flags.
    RegExp(Text, Text),
    /// `None` is a hole.
    Array(Vec<Option<Expression>>),
    Object(Vec<(Text, Expression)>),
    Function(Arc<Function>),
    /// `object.name`, also `object["name"]`.
    Member(Box<Expression>, Text),
    Index(Box<Expression>, Box<Expression>),
    Call(Box<Expression>, Vec<Expression>),
    New(Box<Expression>, Vec<Expression>),
    Unary(Unary, Box<Expression>),
    Binary(Binary, Box<Expression>, Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Conditional(Box<Expression>, Box<Expression>, Box<Expression>),
    Assign(Box<Expression>, Option<Binary>, Box<Expression>),
    /// `++x`, `x++` and so on: the change, and whether the old value is the result.
    Step {
        target: Box<Expression>,
        by: f64,
        postfix: bool,
    },
    Comma(Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unary {
    Minus,
    Plus,
    Not,
    Complement,
    Typeof,
    Void,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    Equal,
    NotEqual,
    StrictEqual,
    StrictNotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    InstanceOf,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: Option<Text>,
    pub(super) parameters: Vec<Text>,
    pub(super) body: Vec<Statement>,
    /// Names that `var` and `function` declare anywhere in the body.
    pub(super) variables: Vec<Text>,
    /// The body of an arrow function is one expression, whose value it returns.
    pub(super) arrow: bool,
}

#[derive(Debug)]
pub(super) enum Statement {
    Expression(Expression),
    Variables(Vec<(Text, Option<Expression>)>),
    Function(Text, Arc<Function>),
    Block(Vec<Statement>),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    DoWhile(Box<Statement>, Expression),
    For {
        init: Option<Box<Statement>>,
        test: Option<Expression>,
        update: Option<Expression>,
        body: Box<Statement>,
    },
    /// `for (name in object)`, or `for each`, which takes the values.
    ForIn {
        target: Expression,
        object: Expression,
        values: bool,
        body: Box<Statement>,
    },
    Switch(Expression, Vec<(Option<Expression>, Vec<Statement>)>),
    Return(Option<Expression>),
    Throw(Expression),
    Try {
        body: Vec<Statement>,
        catch: Option<(Text, Vec<Statement>)>,
        finally: Option<Vec<Statement>>,
    },
    Break(Option<Text>),
    Continue(Option<Text>),
    Labelled(Text, Box<Statement>),
}

/// A whole program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) body: Vec<Statement>,
    pub(super) variables: Vec<Text>,
}
