//! A script as it is evaluated: names have become slots, classes and look-ups; nothing is left to decide by text that
//! could be decided before.

use super::class::ClassInfo;
use super::power_assert::Assertion;
use super::tree::{BinaryOperator, UnaryOperator};
use crate::script::value::{ClassRef, Value};
use crate::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The language whose rules a script follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Groovy 3.0.
    Groovy,
    /// BeanShell 2.0b6.
    BeanShell,
}

/// A compiled script with its methods and classes.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Name of the class that Groovy makes of it.
    pub(crate) name: Text,
    /// Its language.
    pub(crate) language: Language,
    /// Its classes; the first is the script itself, whose methods are the script's.
    pub(crate) classes: Vec<ClassInfo>,
    /// Its statements.
    pub(crate) body: Arc<Function>,
    /// Static imports: the name here, the class, the name there (`None` for all members).
    pub(crate) statics: Vec<(Option<Text>, ClassRef, Text)>,
    /// Whether the script may hold up its thread.
    pub(crate) blocks: bool,
    /// Values of static fields, by class and name; `None` until the class is first used.
    pub(crate) static_fields: Mutex<HashMap<(usize, Text), Value>>,
    /// Which classes have been initialized.
    pub(crate) initialized: Mutex<Vec<bool>>,
}

/// A primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Boolean,
    Char,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
}

impl Primitive {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::Boolean,
            "char" => Self::Char,
            "byte" => Self::Byte,
            "short" => Self::Short,
            "int" => Self::Int,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Char => "char",
            Self::Byte => "byte",
            Self::Short => "short",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
        }
    }

    /// What a field or array item of the type holds at first.
    pub(crate) fn zero(self) -> Value {
        match self {
            Self::Boolean => Value::Boolean(false),
            Self::Char => Value::Char(0),
            Self::Byte => Value::Byte(0),
            Self::Short => Value::Short(0),
            Self::Int => Value::Int(0),
            Self::Long => Value::Long(0),
            Self::Float => Value::Float(0.0),
            Self::Double => Value::Double(0.0),
        }
    }
}

/// The type of a variable, parameter or cast.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// No type, or `Object`.
    Any,
    /// `void`.
    Void,
    /// A primitive.
    Primitive(Primitive),
    /// A class.
    Class(ClassRef),
    /// A class of the script, by its place in [`Unit::classes`].
    Own(usize),
    /// A class that nobody knows (BeanShell finds that out when it gets there).
    Unknown(Text),
}

/// A method, closure or script body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: Text,
    pub(crate) parameters: Vec<Parameter>,
    /// Slots of its frame, parameters first.
    pub(crate) slots: usize,
    /// Which slots of the frame around it are shared with which of its own.
    pub(crate) captures: Vec<(usize, usize)>,
    /// Whether it has the implicit parameter `it`.
    pub(crate) implicit: bool,
    pub(crate) result: Kind,
    pub(crate) is_static: bool,
    /// `None` for an abstract method.
    pub(crate) body: Option<Vec<Statement>>,
}

impl Function {
    /// Arguments that it needs at least.
    pub(crate) fn least(&self) -> usize {
        if self.implicit {
            return 0;
        }
        self.parameters.iter().filter(|parameter| parameter.default.is_none() && !parameter.variable).count()
    }
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Text,
    pub(crate) kind: Kind,
    pub(crate) default: Option<Node>,
    /// Takes the rest of the arguments; the text is the element type of the array.
    pub(crate) variable: bool,
}

#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) line: u32,
    pub(crate) kind: StatementKind,
}

#[derive(Debug)]
pub(crate) enum StatementKind {
    Expression(Node),
    /// A local variable comes into being.
    Declare(usize, Kind, Option<Node>),
    /// A variable of BeanShell comes into being.
    DeclareNamed(Text, Kind, Option<Node>),
    /// `def (a, b) = value`.
    DeclareAll(Vec<(usize, Kind)>, Node),
    Block(Vec<Statement>),
    /// A block with names of its own (BeanShell).
    NamedBlock(Vec<Statement>),
    /// `synchronized (x) { … }`; the second is a block.
    Synchronized(Node, Box<Statement>),
    If(Node, Box<Statement>, Option<Box<Statement>>),
    While(Node, Box<Statement>),
    DoWhile(Box<Statement>, Node),
    For(Vec<Statement>, Option<Node>, Vec<Node>, Box<Statement>),
    ForEach(Target, Node, Box<Statement>),
    Switch(Node, Vec<(Option<Node>, Vec<Statement>)>),
    Try(Box<Try>),
    Throw(Node),
    Return(Option<Node>),
    Break(Option<Text>),
    Continue(Option<Text>),
    Labeled(Text, Box<Statement>),
    Assert(Box<Assertion>),
    /// A method of BeanShell comes into being.
    Method(Arc<Function>),
    Empty,
}

#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) resources: Vec<(Target, Node)>,
    pub(crate) body: Vec<Statement>,
    pub(crate) catches: Vec<Catch>,
    pub(crate) finally: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub(crate) struct Catch {
    /// Empty for one that takes whatever the language takes by default.
    pub(crate) kinds: Vec<Kind>,
    pub(crate) target: Target,
    pub(crate) body: Vec<Statement>,
}

/// A variable that is set.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Local(usize, Kind),
    /// A name of BeanShell, newly made.
    Named(Text, Kind),
}

#[derive(Debug)]
pub(crate) enum Argument {
    Plain(Node),
    Named(Node, Node),
    Spread(Node),
    SpreadMap(Node),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Plain,
    Safe,
    Spread,
}

#[derive(Debug)]
pub(crate) enum Name {
    Fixed(Text),
    Computed(Node),
}

/// An expression.
#[derive(Debug)]
pub(crate) enum Node {
    Literal(Value),
    Interpolated(Box<(Vec<Text>, Vec<Node>)>),
    Local(usize),
    /// A name of the binding, by way of the closures around it.
    Dynamic(Text),
    /// A name of BeanShell.
    Named(Text),
    This,
    Super,
    OwnClass(usize),
    List(Vec<Argument>),
    Map(Vec<Argument>),
    Range(Box<(Node, Node)>, bool),
    New(Box<(Kind, Vec<Argument>)>),
    /// An anonymous class: its place, the arguments, and what its methods share with the frame.
    NewAnonymous(usize, Vec<Argument>),
    /// A constant of an enum: name and place, then the arguments.
    NewConstant(usize, Vec<Argument>),
    NewArray(Box<(Text, Vec<Node>)>),
    ArrayItems(Text, Vec<Node>),
    Property(Box<(Node, Name)>, Access),
    Field(Box<(Node, Name)>),
    MethodPointer(Box<(Node, Name)>),
    /// A call on something.
    Call(Box<Call>),
    /// A call of a name.
    CallName(Box<(Name, Vec<Argument>)>),
    /// A call of what a variable holds.
    CallValue(Box<(Node, Vec<Argument>)>),
    /// `this(…)`, `super(…)`.
    CallConstructor(bool, Vec<Argument>),
    Index(Box<(Node, Vec<Argument>)>, bool),
    Unary(UnaryOperator, Box<Node>),
    Step {
        target: Box<Place>,
        up: bool,
        postfix: bool,
    },
    Binary(BinaryOperator, Box<(Node, Node)>),
    /// `a + b - c`: more than one operator of a chain that leans to the left.
    Chain(Box<(Node, Vec<(BinaryOperator, Node)>)>),
    And(Box<(Node, Node)>),
    Or(Box<(Node, Node)>),
    Conditional(Box<(Node, Node, Node)>),
    Elvis(Box<(Node, Node)>),
    Assign(Box<(Place, Node)>),
    AssignWith(BinaryOperator, Box<(Place, Node)>),
    AssignIfFalse(Box<(Place, Node)>),
    AssignAll(Vec<Place>, Box<Node>),
    Cast(Box<(Kind, Node)>),
    Coerce(Box<(Node, Kind)>),
    InstanceOf(Box<(Node, Kind)>, bool),
    Closure(Arc<Function>),
    /// A part of an assertion, and the column below which its value is drawn when that fails.
    Drawn(Box<(Node, u32)>),
    /// A class that BeanShell does not find when it gets there.
    UnknownClass(Text),
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) target: Node,
    pub(crate) name: Name,
    pub(crate) access: Access,
    pub(crate) arguments: Vec<Argument>,
    /// `Integer.parseInt`, as BeanShell's errors name the call.
    pub(crate) shown: Option<Text>,
}

/// What can be assigned to.
#[derive(Debug)]
pub(crate) enum Place {
    Local(usize, Kind),
    Dynamic(Text),
    Named(Text),
    Property(Node, Name, Access),
    Field(Node, Name),
    Index(Node, Vec<Argument>),
}
