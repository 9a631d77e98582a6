//! The syntax tree that the Groovy and the BeanShell parser share: Java's shape, with what Groovy adds.
//!
//! Names are as written; `resolve` decides what they stand for.

use super::power_assert::Source;
use crate::script::Position;
use crate::script::value::Value;
use crate::text::Text;

/// A script as parsed.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// `package a.b`, empty without one.
    pub package: Text,
    /// Imports, in order; BeanShell's may stand anywhere and are [`StatementKind::Import`] instead.
    pub imports: Vec<Import>,
    /// Classes, interfaces, enums and traits of the script.
    pub classes: Vec<ClassDeclaration>,
    /// Methods of the script itself.
    pub methods: Vec<MethodDeclaration>,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// `import [static] a.b.C[.member|.*] [as alias]`.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where it stands.
    pub position: Position,
    /// The dotted name without `.*`.
    pub name: Text,
    /// Whether it ends in `.*`.
    pub star: bool,
    /// Whether members of a class are meant.
    pub is_static: bool,
    /// The name after `as`.
    pub alias: Option<Text>,
}

/// A type as written; type arguments are dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Where it stands.
    pub position: Position,
    /// `int`, `String`, `java.util.Date`.
    pub name: Text,
    /// Pairs of brackets after it.
    pub dimensions: u32,
}

/// Words before a declaration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// `static`.
    pub is_static: bool,
    /// `final`.
    pub is_final: bool,
    /// `abstract`.
    pub is_abstract: bool,
    /// `private` or `protected`: a member of a Groovy class without such a word is a property.
    pub hidden: bool,
    /// `public`, written out: such a member of a Groovy class is a plain field.
    pub public: bool,
    /// `synchronized`.
    pub is_synchronized: bool,
}

/// `@Field`, `@ToString(includeNames = true)`.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// Its name as written.
    pub name: Text,
    /// Its members; a lone value is `value`.
    pub members: Vec<(Text, Expression)>,
}

/// What a class declaration declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassKind {
    /// `class`.
    Class,
    /// `interface`.
    Interface,
    /// `enum`.
    Enum,
    /// `trait`.
    Trait,
}

/// A class of the script.
#[derive(Debug, Clone)]
pub struct ClassDeclaration {
    /// Where it stands.
    pub position: Position,
    /// What it is.
    pub kind: ClassKind,
    /// Its name; empty for an anonymous one.
    pub name: Text,
    /// Words before it.
    pub modifiers: Modifiers,
    /// Annotations before it.
    pub annotations: Vec<Annotation>,
    /// The class after `extends`.
    pub parent: Option<TypeName>,
    /// What stands after `implements`, or after `extends` of an interface.
    pub interfaces: Vec<TypeName>,
    /// Constants of an enum: name, arguments, own body.
    pub constants: Vec<(Text, Vec<Argument>, Option<Box<ClassDeclaration>>)>,
    /// Fields and properties, in order.
    pub fields: Vec<FieldDeclaration>,
    /// Methods.
    pub methods: Vec<MethodDeclaration>,
    /// Constructors; their names are empty.
    pub constructors: Vec<MethodDeclaration>,
    /// `{ … }` and `static { … }` blocks.
    pub initializers: Vec<(bool, Vec<Statement>)>,
    /// Classes within it.
    pub classes: Vec<ClassDeclaration>,
}

/// A field or property.
#[derive(Debug, Clone)]
pub struct FieldDeclaration {
    /// Where it stands.
    pub position: Position,
    /// Words before it.
    pub modifiers: Modifiers,
    /// Its type, `None` for `def`.
    pub type_name: Option<TypeName>,
    /// Its name.
    pub name: Text,
    /// Its first value.
    pub value: Option<Expression>,
}

/// A method or constructor.
#[derive(Debug, Clone)]
pub struct MethodDeclaration {
    /// Where it stands.
    pub position: Position,
    /// Words before it.
    pub modifiers: Modifiers,
    /// Annotations before it.
    pub annotations: Vec<Annotation>,
    /// What it returns, `None` for `def` and constructors.
    pub result: Option<TypeName>,
    /// Its name.
    pub name: Text,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its statements; `None` for an abstract one.
    pub body: Option<Vec<Statement>>,
}

/// A parameter of a method, closure or `catch`.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Where it stands.
    pub position: Position,
    /// Its type, `None` when left out or `def`.
    pub type_name: Option<TypeName>,
    /// Its name.
    pub name: Text,
    /// The value that it has when the argument is left out.
    pub default: Option<Expression>,
    /// Whether it takes all further arguments (`Type… name`).
    pub variable: bool,
}

/// A statement with its place.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where it starts.
    pub position: Position,
    /// What it is.
    pub kind: StatementKind,
}

/// A kind of statement.
#[derive(Debug, Clone)]
pub enum StatementKind {
    /// An expression.
    Expression(Expression),
    /// `def x = 1, y`, `final int z = 2`.
    Declare {
        /// Words before it.
        modifiers: Modifiers,
        /// Annotations before it (`@Field`).
        annotations: Vec<Annotation>,
        /// The type, `None` for `def` and `var`.
        type_name: Option<TypeName>,
        /// The variables; the type of each, if it differs by further brackets (`int a[], b`).
        variables: Vec<Variable>,
    },
    /// `def (a, int b) = value`.
    DeclareAll {
        /// The variables and their types.
        variables: Vec<(Option<TypeName>, Text)>,
        /// The value that is taken apart.
        value: Expression,
    },
    /// `{ … }`
    Block(Vec<Statement>),
    /// `if`.
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    /// `while`.
    While(Expression, Box<Statement>),
    /// `do … while`.
    DoWhile(Box<Statement>, Expression),
    /// `for (a; b; c)`.
    For {
        /// Before the first pass.
        start: Vec<Statement>,
        /// Whether another pass is run; true when left out.
        condition: Option<Expression>,
        /// After each pass.
        step: Vec<Expression>,
        /// The pass.
        body: Box<Statement>,
    },
    /// `for (x in xs)`, `for (T x : xs)`.
    ForEach {
        /// The variable's type.
        type_name: Option<TypeName>,
        /// The variable.
        name: Text,
        /// What is gone through.
        items: Expression,
        /// The pass.
        body: Box<Statement>,
    },
    /// `switch`.
    Switch(Expression, Vec<Case>),
    /// `try`.
    Try {
        /// `try (x = …)`: declarations or expressions.
        resources: Vec<Statement>,
        /// What may fail.
        body: Vec<Statement>,
        /// `catch` clauses.
        catches: Vec<Catch>,
        /// `finally`.
        finally: Option<Vec<Statement>>,
    },
    /// `throw`.
    Throw(Expression),
    /// `return`.
    Return(Option<Expression>),
    /// `break [label]`.
    Break(Option<Text>),
    /// `continue [label]`.
    Continue(Option<Text>),
    /// `label: statement`.
    Labeled(Text, Box<Statement>),
    /// `synchronized (x) { … }`.
    Synchronized(Expression, Vec<Statement>),
    /// `assert condition : message`; the text of the condition is what the error shows.
    Assert {
        /// What must hold.
        condition: Expression,
        /// The statement as written, up to the end of the condition.
        source: Source,
        /// What is said when it does not.
        message: Option<Expression>,
    },
    /// A method declared where statements stand (BeanShell).
    Method(Box<MethodDeclaration>),
    /// A class declared where statements stand (BeanShell; within methods).
    Class(Box<ClassDeclaration>),
    /// An import where statements stand (BeanShell).
    Import(Import),
    /// `;`
    Empty,
}

/// One variable of a declaration.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Where it stands.
    pub position: Position,
    /// Its name.
    pub name: Text,
    /// Pairs of brackets after the name.
    pub dimensions: u32,
    /// Its first value.
    pub value: Option<Expression>,
}

/// A branch of a `switch`.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is for; `None` is `default`.
    pub value: Option<Expression>,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// A `catch`.
#[derive(Debug, Clone)]
pub struct Catch {
    /// Where it stands.
    pub position: Position,
    /// The exceptions that it takes; none is `Exception` (Groovy) or any (BeanShell).
    pub types: Vec<TypeName>,
    /// The variable.
    pub name: Text,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// An expression with its place.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Where it starts; of a call, where its name stands.
    pub position: Position,
    /// Where a failed `assert` draws its value: its operator, bracket or name.
    pub mark: Position,
    /// What it is.
    pub kind: Box<ExpressionKind>,
}

/// How a member is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `a.b`
    Plain,
    /// `a?.b`
    Safe,
    /// `a*.b`
    Spread,
}

/// The name of a member.
#[derive(Debug, Clone)]
pub enum MemberName {
    /// An identifier or plain string.
    Fixed(Text),
    /// `a."$b"`, `a.(b)`.
    Computed(Expression),
}

/// An argument of a call.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A value.
    Plain(Expression),
    /// `name: value`; all of a call's together are one map, its first argument.
    Named(Expression, Expression),
    /// `*list`.
    Spread(Expression),
    /// `*: map`.
    SpreadMap(Expression),
}

/// A kind of expression.
#[derive(Debug, Clone)]
pub enum ExpressionKind {
    /// A constant.
    Literal(Value),
    /// An interpolated string: one text more than values. A value that is a closure (`${-> x}`) is called each time.
    Interpolated(Vec<Text>, Vec<Expression>),
    /// A name: a variable, property or class.
    Name(Text),
    /// `this`.
    This,
    /// `super`.
    Super,
    /// `[a, *b]`; only [`Argument::Plain`] and [`Argument::Spread`].
    List(Vec<Argument>),
    /// `[a: 1, (b): 2, *: c]`; only [`Argument::Named`] (keys that are identifiers are string literals) and
    /// [`Argument::SpreadMap`].
    Map(Vec<Argument>),
    /// `a..b`, `a..<b`.
    Range {
        /// The first value.
        from: Expression,
        /// The last value.
        to: Expression,
        /// Whether the last value is left out.
        exclusive: bool,
    },
    /// `new T(…) { … }`.
    New {
        /// The class.
        class: TypeName,
        /// The arguments.
        arguments: Vec<Argument>,
        /// The body of an anonymous class.
        body: Option<Box<ClassDeclaration>>,
    },
    /// `new T[2][]`, `new T[] {…}`.
    NewArray {
        /// The element type, with the brackets that have no length.
        element: TypeName,
        /// The lengths.
        lengths: Vec<Expression>,
        /// The items; each may be an [`ExpressionKind::ArrayItems`].
        items: Option<Vec<Expression>>,
    },
    /// `{1, 2}` where an array is expected.
    ArrayItems(Vec<Expression>),
    /// `a.b`, `a?.b`, `a*.b`; `field` for `a.@b`.
    Member {
        /// What has the member.
        target: Expression,
        /// Its name.
        name: MemberName,
        /// How it is reached.
        access: Access,
        /// Whether the field itself is meant.
        field: bool,
    },
    /// `a.&b`, `A::b`.
    MethodPointer {
        /// What has the method.
        target: Expression,
        /// Its name.
        name: MemberName,
    },
    /// `b(…)`, `a.b(…)`. A call of what an expression gives, `a.b(1)(2)`, is the method `call` on it.
    Call {
        /// What has the method; `None` for the script itself or a variable that holds a closure.
        target: Option<Expression>,
        /// Its name; `this(…)` and `super(…)` in constructors are named so.
        name: MemberName,
        /// How it is reached.
        access: Access,
        /// The arguments, trailing closures among them.
        arguments: Vec<Argument>,
    },
    /// `a[b]`, `a[b, c]`, `a?[b]`.
    Index {
        /// What is indexed.
        target: Expression,
        /// The index; several are one list.
        index: Vec<Argument>,
        /// Whether null gives null.
        safe: bool,
    },
    /// `-a`, `!a`, …
    Unary(UnaryOperator, Expression),
    /// `++a`, `a--`.
    Step {
        /// What is changed.
        target: Expression,
        /// Whether by one up.
        up: bool,
        /// Whether the expression's value is the one before.
        postfix: bool,
    },
    /// `a + b`, …
    Binary(BinaryOperator, Expression, Expression),
    /// `a && b`
    And(Expression, Expression),
    /// `a || b`
    Or(Expression, Expression),
    /// `a ? b : c`
    Conditional(Expression, Expression, Expression),
    /// `a ?: b`
    Elvis(Expression, Expression),
    /// `a = b`, `a += b`.
    Assign {
        /// What is set: a name, member or index.
        target: Expression,
        /// The operator before `=`.
        operator: Option<BinaryOperator>,
        /// The value.
        value: Expression,
    },
    /// `a ?= b`
    AssignIfFalse(Expression, Expression),
    /// `(a, b) = value`
    AssignAll(Vec<Expression>, Expression),
    /// `(T) a`
    Cast(TypeName, Expression),
    /// `a as T`
    Coerce(Expression, TypeName),
    /// `a instanceof T`; negated for `!instanceof`.
    InstanceOf {
        /// What is looked at.
        value: Expression,
        /// The class.
        class: TypeName,
        /// Whether it must not be one.
        negated: bool,
    },
    /// `{ a, b -> … }`, `(a, b) -> …`.
    Closure(Closure),
    /// `String.class`, `int[]`: a type where a value stands.
    Class(TypeName),
}

/// A closure or lambda.
#[derive(Debug, Clone)]
pub struct Closure {
    /// Its parameters; `None` when it has no arrow, and so the implicit `it`.
    pub parameters: Option<Vec<Parameter>>,
    /// Its statements.
    pub body: Vec<Statement>,
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `!`
    Not,
    /// `~`: the bits turned over, or a pattern made of a string.
    Complement,
}

/// An operator between its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `**`
    Power,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `>>>`
    ShiftRightUnsigned,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `^`
    BitXor,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `===`
    Same,
    /// `!==`
    NotSame,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<=>`
    Compare,
    /// `=~`
    Find,
    /// `==~`
    Match,
    /// `in`
    In,
    /// `!in`
    NotIn,
}

impl BinaryOperator {
    /// The operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Power => "**",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::ShiftRightUnsigned => ">>>",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Same => "===",
            Self::NotSame => "!==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Compare => "<=>",
            Self::Find => "=~",
            Self::Match => "==~",
            Self::In => "in",
            Self::NotIn => "!in",
        }
    }
}
