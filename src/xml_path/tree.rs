//! An expression after it was parsed.

use super::decimal::Decimal;
use super::functions::Function;

/// Which XPath a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// XPath 1.0 as Xalan 2.7.3 has it.
    One,
    /// The part of XPath 3.1 that plans use, as Saxon HE 11.5 has it.
    Two,
}

#[derive(Debug, Clone)]
pub(super) enum Expr {
    Text(Box<str>),
    Whole(i128),
    Decimal(Decimal),
    Double(f64),
    /// A variable, by its place on the stack of those that are in scope.
    Variable(usize),
    /// A variable that nothing declares.
    Undeclared(Box<str>),
    Sequence(Vec<Expr>),
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `eq`, `lt` … of single values.
    CompareValues(Comparison, Box<Expr>, Box<Expr>),
    /// `is`, `<<`, `>>`.
    CompareNodes(std::cmp::Ordering, Box<Expr>, Box<Expr>),
    Range(Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Union(Box<Expr>, Box<Expr>),
    Intersect(Box<Expr>, Box<Expr>),
    Except(Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    /// `a ! b`
    Map(Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    For(Box<Expr>, Box<Expr>),
    Let(Box<Expr>, Box<Expr>),
    /// `some` or `every`.
    Quantified(Quantifier, Box<Expr>, Box<Expr>),
    Cast(Type, Box<Expr>),
    Castable(Type, Box<Expr>),
    Context,
    /// Where a path that begins with `/` starts.
    Root,
    /// What is on the left, step by step.
    Path(Box<Expr>, Vec<Step>),
    Filter(Box<Expr>, Vec<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Axis {
        axis: Axis,
        test: Test,
        predicates: Vec<Expr>,
    },
    /// Any other expression, evaluated at each node.
    Each(Expr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Namespace,
    Parent,
    Preceding,
    PrecedingSibling,
    Itself,
}

impl Axis {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ancestor" => Axis::Ancestor,
            "ancestor-or-self" => Axis::AncestorOrSelf,
            "attribute" => Axis::Attribute,
            "child" => Axis::Child,
            "descendant" => Axis::Descendant,
            "descendant-or-self" => Axis::DescendantOrSelf,
            "following" => Axis::Following,
            "following-sibling" => Axis::FollowingSibling,
            "namespace" => Axis::Namespace,
            "parent" => Axis::Parent,
            "preceding" => Axis::Preceding,
            "preceding-sibling" => Axis::PrecedingSibling,
            "self" => Axis::Itself,
            _ => return None,
        })
    }

    /// Whether nodes are counted from the end of the document.
    pub fn is_reverse(self) -> bool {
        matches!(self, Axis::Ancestor | Axis::AncestorOrSelf | Axis::Parent | Axis::Preceding | Axis::PrecedingSibling)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    /// `*`
    AnyName,
    /// A name; the number of its prefix in the expression's list.
    Name {
        prefix: Option<usize>,
        local: Box<str>,
    },
    /// `p:*`
    AnyOf {
        prefix: usize,
    },
    /// `*:name`
    AnyPrefix {
        local: Box<str>,
    },
    Node,
    Text,
    Comment,
    Instruction(Option<Box<str>>),
    Element,
    Attribute,
    Document,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Comparison::Equal => order == Some(Equal),
            Comparison::NotEqual => order != Some(Equal),
            Comparison::Less => order == Some(Less),
            Comparison::LessOrEqual => matches!(order, Some(Less | Equal)),
            Comparison::Greater => order == Some(Greater),
            Comparison::GreaterOrEqual => matches!(order, Some(Greater | Equal)),
        }
    }

    /// The same with its sides exchanged.
    pub fn turned(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    DivideWhole,
    Modulo,
}

impl Arithmetic {
    pub fn sign(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Subtract => "-",
            Arithmetic::Multiply => "*",
            Arithmetic::Divide => "div",
            Arithmetic::DivideWhole => "idiv",
            Arithmetic::Modulo => "mod",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    Some,
    Every,
}

/// The types that values can be cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Untyped,
    Boolean,
    Whole,
    Decimal,
    Double,
}

impl Type {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "string" => Type::Text,
            "untypedAtomic" => Type::Untyped,
            "boolean" => Type::Boolean,
            "integer" | "int" | "long" => Type::Whole,
            "decimal" => Type::Decimal,
            "double" | "float" => Type::Double,
            _ => return None,
        })
    }
}
