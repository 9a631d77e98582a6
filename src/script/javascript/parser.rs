//! From words to a tree: ECMAScript 5 as Rhino 1.7.14 reads it by default, with its arrow functions, templates and
//! `for each`.

use super::lexer::{Token, Word, words};
use super::tree::{Binary, Expression, Function, Program, Statement, Unary};
use crate::script::compile_error::{CompileError, Position};
use crate::text::Text;
use std::sync::Arc;

/// Expressions and statements within one another that a program may have.
const DEPTH_LIMIT: u32 = 80;

/// Words that are no names.
const RESERVED: &[&str] = &[
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
];

/// Constructs that Rhino knows, or newer JavaScript, and that are not run here.
const UNSUPPORTED: &[&str] = &["class", "with", "debugger", "import", "export", "super", "enum"];

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    Binary(Binary),
}

/// How tightly the operators bind, and which they are.
const OPERATORS: &[(&str, u8, Operator)] = &[
    ("||", 1, Operator::Or),
    ("&&", 2, Operator::And),
    ("|", 3, Operator::Binary(Binary::Or)),
    ("^", 4, Operator::Binary(Binary::Xor)),
    ("&", 5, Operator::Binary(Binary::And)),
    ("==", 6, Operator::Binary(Binary::Equal)),
    ("!=", 6, Operator::Binary(Binary::NotEqual)),
    ("===", 6, Operator::Binary(Binary::StrictEqual)),
    ("!==", 6, Operator::Binary(Binary::StrictNotEqual)),
    ("<", 7, Operator::Binary(Binary::Less)),
    ("<=", 7, Operator::Binary(Binary::LessEqual)),
    (">", 7, Operator::Binary(Binary::Greater)),
    (">=", 7, Operator::Binary(Binary::GreaterEqual)),
    ("in", 7, Operator::Binary(Binary::In)),
    ("instanceof", 7, Operator::Binary(Binary::InstanceOf)),
    ("<<", 8, Operator::Binary(Binary::ShiftLeft)),
    (">>", 8, Operator::Binary(Binary::ShiftRight)),
    (">>>", 8, Operator::Binary(Binary::ShiftRightUnsigned)),
    ("+", 9, Operator::Binary(Binary::Add)),
    ("-", 9, Operator::Binary(Binary::Subtract)),
    ("*", 10, Operator::Binary(Binary::Multiply)),
    ("/", 10, Operator::Binary(Binary::Divide)),
    ("%", 10, Operator::Binary(Binary::Remainder)),
];

const ASSIGNMENTS: &[(&str, Option<Binary>)] = &[
    ("=", None),
    ("+=", Some(Binary::Add)),
    ("-=", Some(Binary::Subtract)),
    ("*=", Some(Binary::Multiply)),
    ("/=", Some(Binary::Divide)),
    ("%=", Some(Binary::Remainder)),
    ("&=", Some(Binary::And)),
    ("|=", Some(Binary::Or)),
    ("^=", Some(Binary::Xor)),
    ("<<=", Some(Binary::ShiftLeft)),
    (">>=", Some(Binary::ShiftRight)),
    (">>>=", Some(Binary::ShiftRightUnsigned)),
];

const UNARY: &[(&str, Unary)] = &[
    ("-", Unary::Minus),
    ("+", Unary::Plus),
    ("!", Unary::Not),
    ("~", Unary::Complement),
    ("typeof", Unary::Typeof),
    ("void", Unary::Void),
    ("delete", Unary::Delete),
];

/// Parses a whole program.
pub(super) fn parse(source: &str) -> Result<Program, CompileError> {
    let mut parser = Parser::new(source, Position { line: 1, column: 1 })?;
    let mut body = Vec::new();
    while *parser.peek() != Token::End {
        body.push(parser.statement()?);
    }
    Ok(Program { body, variables: parser.variables })
}

struct Parser {
    words: Vec<Word>,
    next: usize,
    depth: u32,
    /// Variables declared so far in the function at hand.
    variables: Vec<Text>,
    /// Whether `in` is an operator: in the head of a `for` it is not.
    no_in: bool,
}

type Parsed<T> = Result<T, CompileError>;

impl Parser {
    fn new(source: &str, start: Position) -> Parsed<Self> {
        Ok(Self { words: words(source, start)?, next: 0, depth: 0, variables: Vec::new(), no_in: false })
    }

    fn peek(&self) -> &Token {
        self.words.get(self.next).map_or(&Token::End, |word| &word.token)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.words.get(self.next + ahead).map_or(&Token::End, |word| &word.token)
    }

    fn position(&self) -> Position {
        self.words.get(self.next).or(self.words.last()).map(|word| word.position).unwrap_or_default()
    }

    fn after_line(&self) -> bool {
        self.words.get(self.next).is_none_or(|word| word.after_line)
    }

    fn error(&self, message: &str) -> CompileError {
        CompileError::syntax(self.position(), message)
    }

    fn is(&self, text: &str) -> bool {
        is_token(self.peek(), text)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.next += 1;
        }
        found
    }

    fn expect(&mut self, text: &str) -> Parsed<()> {
        if self.eat(text) { Ok(()) } else { Err(self.error(&format!("missing {text}"))) }
    }

    fn name(&mut self) -> Parsed<Text> {
        match self.peek() {
            Token::Word(word) if !RESERVED.contains(&word.as_str()) => {
                let name = Text::from(word.as_str());
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.error("missing name")),
        }
    }

    fn deeper<R>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<R>) -> Parsed<R> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// The end of a statement: a semicolon, or what stands for one.
    fn end_statement(&mut self) -> Parsed<()> {
        if self.eat(";") || self.is("}") || *self.peek() == Token::End || self.after_line() {
            Ok(())
        } else {
            Err(self.error("missing ; before statement"))
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.deeper(Self::statement_here)
    }

    fn statement_here(&mut self) -> Parsed<Statement> {
        if self.is("{") {
            return Ok(Statement::Block(self.block()?));
        }
        if self.eat(";") {
            return Ok(Statement::Block(Vec::new()));
        }
        let Token::Word(word) = self.peek().clone() else { return self.expression_statement() };
        if UNSUPPORTED.contains(&word.as_str()) {
            return Err(CompileError::unsupported(self.position(), format!("JavaScript's '{word}'")));
        }
        if matches!(self.peek_at(1), Token::Sign(":")) && !RESERVED.contains(&word.as_str()) {
            self.next += 2;
            return Ok(Statement::Labelled(Text::from(word), Box::new(self.statement()?)));
        }
        let keyword = word.as_str();
        if matches!(
            keyword,
            "var"
                | "const"
                | "function"
                | "if"
                | "while"
                | "do"
                | "for"
                | "switch"
                | "return"
                | "throw"
                | "try"
                | "break"
                | "continue"
        ) {
            self.next += 1;
        }
        match keyword {
            "var" | "const" => {
                let variables = self.variable_list()?;
                self.end_statement()?;
                Ok(variables)
            }
            "function" => {
                let name = self.name()?;
                self.declare(&name);
                let function = self.function(Some(name.clone()))?;
                Ok(Statement::Function(name, function))
            }
            "if" => {
                let condition = self.parenthesized()?;
                let yes = Box::new(self.statement()?);
                let no = if self.eat("else") { Some(Box::new(self.statement()?)) } else { None };
                Ok(Statement::If(condition, yes, no))
            }
            "while" => {
                let condition = self.parenthesized()?;
                Ok(Statement::While(condition, Box::new(self.statement()?)))
            }
            "do" => {
                let body = Box::new(self.statement()?);
                self.expect("while")?;
                let condition = self.parenthesized()?;
                self.eat(";");
                Ok(Statement::DoWhile(body, condition))
            }
            "for" => self.for_statement(),
            "switch" => self.switch_statement(),
            "return" => {
                let value = self.value_on_this_line()?;
                Ok(Statement::Return(value))
            }
            "throw" => match self.value_on_this_line()? {
                Some(value) => Ok(Statement::Throw(value)),
                None => Err(self.error("missing expression after throw")),
            },
            "try" => self.try_statement(),
            "break" => Ok(Statement::Break(self.label()?)),
            "continue" => Ok(Statement::Continue(self.label()?)),
            _ => self.expression_statement(),
        }
    }

    fn expression_statement(&mut self) -> Parsed<Statement> {
        let expression = self.expression()?;
        self.end_statement()?;
        Ok(Statement::Expression(expression))
    }

    fn value_on_this_line(&mut self) -> Parsed<Option<Expression>> {
        let none = self.is(";") || self.is("}") || *self.peek() == Token::End || self.after_line();
        let value = if none { None } else { Some(self.expression()?) };
        self.end_statement()?;
        Ok(value)
    }

    fn label(&mut self) -> Parsed<Option<Text>> {
        let named = matches!(self.peek(), Token::Word(_)) && !self.after_line();
        let label = if named { Some(self.name()?) } else { None };
        self.end_statement()?;
        Ok(label)
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        while !self.eat("}") {
            if *self.peek() == Token::End {
                return Err(self.error("missing } in compound statement"));
            }
            statements.push(self.statement()?);
        }
        Ok(statements)
    }

    fn declare(&mut self, name: &Text) {
        if !self.variables.contains(name) {
            self.variables.push(name.clone());
        }
    }

    fn variable_list(&mut self) -> Parsed<Statement> {
        let mut variables = Vec::new();
        loop {
            if self.is("[") || self.is("{") {
                return Err(CompileError::unsupported(self.position(), "JavaScript's destructuring"));
            }
            let name = self.name()?;
            self.declare(&name);
            let value = if self.eat("=") { Some(self.assignment()?) } else { None };
            variables.push((name, value));
            if !self.eat(",") {
                return Ok(Statement::Variables(variables));
            }
        }
    }

    fn parenthesized(&mut self) -> Parsed<Expression> {
        self.expect("(")?;
        let expression = self.expression()?;
        self.expect(")")?;
        Ok(expression)
    }

    fn for_statement(&mut self) -> Parsed<Statement> {
        let mut values = self.eat("each");
        self.expect("(")?;
        let init = if self.is(";") {
            None
        } else {
            self.no_in = true;
            let init =
                if self.eat("var") { self.variable_list() } else { self.expression().map(Statement::Expression) };
            self.no_in = false;
            Some(init?)
        };
        values |= self.is("of");
        if self.eat("in") || self.eat("of") {
            let target = match init {
                Some(Statement::Variables(mut variables)) if variables.len() == 1 => {
                    Expression::Name(variables.remove(0).0)
                }
                Some(Statement::Expression(target)) => target,
                _ => return Err(self.error("invalid left-hand side in for loop")),
            };
            let object = self.expression()?;
            self.expect(")")?;
            return Ok(Statement::ForIn { target, object, values, body: Box::new(self.statement()?) });
        }
        self.expect(";")?;
        let test = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        let update = if self.is(")") { None } else { Some(self.expression()?) };
        self.expect(")")?;
        Ok(Statement::For { init: init.map(Box::new), test, update, body: Box::new(self.statement()?) })
    }

    fn switch_statement(&mut self) -> Parsed<Statement> {
        let subject = self.parenthesized()?;
        self.expect("{")?;
        let mut cases = Vec::new();
        while !self.eat("}") {
            let test = if self.eat("default") {
                None
            } else {
                self.expect("case")?;
                Some(self.expression()?)
            };
            self.expect(":")?;
            let mut body = Vec::new();
            while !(self.is("case") || self.is("default") || self.is("}")) {
                if *self.peek() == Token::End {
                    return Err(self.error("missing } in compound statement"));
                }
                body.push(self.statement()?);
            }
            cases.push((test, body));
        }
        Ok(Statement::Switch(subject, cases))
    }

    fn try_statement(&mut self) -> Parsed<Statement> {
        let body = self.block()?;
        let catch = if self.eat("catch") {
            self.expect("(")?;
            let name = self.name()?;
            self.expect(")")?;
            Some((name, self.block()?))
        } else {
            None
        };
        let finally = if self.eat("finally") { Some(self.block()?) } else { None };
        if catch.is_none() && finally.is_none() {
            return Err(self.error("missing catch or finally after try"));
        }
        Ok(Statement::Try { body, catch, finally })
    }

    /// Parameters and body of a function.
    fn function(&mut self, name: Option<Text>) -> Parsed<Arc<Function>> {
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.eat(")") {
            parameters.push(self.name()?);
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        let outer = std::mem::take(&mut self.variables);
        let body = self.deeper(Self::block);
        let variables = std::mem::replace(&mut self.variables, outer);
        Ok(Arc::new(Function { name, parameters, body: body?, variables, arrow: false }))
    }

    fn expression(&mut self) -> Parsed<Expression> {
        let mut left = self.assignment()?;
        while self.eat(",") {
            left = Expression::Comma(Box::new(left), Box::new(self.assignment()?));
        }
        Ok(left)
    }

    fn assignment(&mut self) -> Parsed<Expression> {
        self.deeper(|parser| {
            if let Some(parameters) = parser.arrow_parameters() {
                return parser.arrow(parameters);
            }
            let target = parser.conditional()?;
            let Some((_, operator)) = ASSIGNMENTS.iter().find(|(sign, _)| parser.is(sign)) else { return Ok(target) };
            parser.check_target(&target)?;
            parser.next += 1;
            Ok(Expression::Assign(Box::new(target), *operator, Box::new(parser.assignment()?)))
        })
    }

    fn check_target(&self, target: &Expression) -> Parsed<()> {
        match target {
            Expression::Name(_) | Expression::Member(..) | Expression::Index(..) => Ok(()),
            _ => Err(self.error("invalid assignment left-hand side")),
        }
    }

    /// The parameters of an arrow function, if one begins here; they are read then.
    fn arrow_parameters(&mut self) -> Option<Vec<Text>> {
        let mut ahead = 0;
        let mut parameters = Vec::new();
        if is_token(self.peek(), "(") {
            ahead = 1;
            while let Token::Word(word) = self.peek_at(ahead) {
                parameters.push(Text::from(word.as_str()));
                ahead += 1;
                if is_token(self.peek_at(ahead), ",") {
                    ahead += 1;
                }
            }
            if !is_token(self.peek_at(ahead), ")") {
                return None;
            }
        } else if let Token::Word(word) = self.peek() {
            parameters.push(Text::from(word.as_str()));
        }
        if !is_token(self.peek_at(ahead + 1), "=>") {
            return None;
        }
        self.next += ahead + 2;
        Some(parameters)
    }

    fn arrow(&mut self, parameters: Vec<Text>) -> Parsed<Expression> {
        let outer = std::mem::take(&mut self.variables);
        let body = if self.is("{") {
            self.deeper(Self::block)
        } else {
            self.assignment().map(|value| vec![Statement::Return(Some(value))])
        };
        let variables = std::mem::replace(&mut self.variables, outer);
        let function = Function { name: None, parameters, body: body?, variables, arrow: true };
        Ok(Expression::Function(Arc::new(function)))
    }

    fn conditional(&mut self) -> Parsed<Expression> {
        let condition = self.binary(1)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let no_in = std::mem::take(&mut self.no_in);
        let yes = self.assignment()?;
        self.no_in = no_in;
        self.expect(":")?;
        let no = self.assignment()?;
        Ok(Expression::Conditional(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn binary(&mut self, least: u8) -> Parsed<Expression> {
        let mut left = self.unary()?;
        while let Some((sign, level, operator)) = OPERATORS.iter().find(|(sign, ..)| self.is(sign)) {
            if *level < least || (*sign == "in" && self.no_in) {
                break;
            }
            self.next += 1;
            let (left_node, right) = (Box::new(left), Box::new(self.binary(level + 1)?));
            left = match operator {
                Operator::Or => Expression::Or(left_node, right),
                Operator::And => Expression::And(left_node, right),
                Operator::Binary(binary) => Expression::Binary(*binary, left_node, right),
            };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed<Expression> {
        if let Some((_, operator)) = UNARY.iter().find(|(sign, _)| self.is(sign)) {
            self.next += 1;
            let operand = self.deeper(Self::unary)?;
            return Ok(match (operator, operand) {
                (Unary::Minus, Expression::Number(number)) => Expression::Number(-number),
                (operator, operand) => Expression::Unary(*operator, Box::new(operand)),
            });
        }
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(sign) {
                let target = self.deeper(Self::unary)?;
                self.check_target(&target)?;
                return Ok(Expression::Step { target: Box::new(target), by, postfix: false });
            }
        }
        let operand = self.accessed()?;
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if self.is(sign) && !self.after_line() {
                self.check_target(&operand)?;
                self.next += 1;
                return Ok(Expression::Step { target: Box::new(operand), by, postfix: true });
            }
        }
        Ok(operand)
    }

    /// A primary expression with accesses and calls on it.
    fn accessed(&mut self) -> Parsed<Expression> {
        let mut node = if self.eat("new") { self.deeper(Self::construct)? } else { self.primary()? };
        loop {
            node = if self.is("(") {
                Expression::Call(Box::new(node), self.arguments()?)
            } else {
                match self.access(node)? {
                    (node, true) => node,
                    (node, false) => return Ok(node),
                }
            };
        }
    }

    /// One access by `.` or `[ ]`, and whether there was one.
    fn access(&mut self, node: Expression) -> Parsed<(Expression, bool)> {
        if self.eat(".") {
            let Token::Word(name) = self.peek().clone() else {
                return Err(self.error("missing name after . operator"));
            };
            self.next += 1;
            return Ok((Expression::Member(Box::new(node), Text::from(name)), true));
        }
        if self.eat("[") {
            let no_in = std::mem::take(&mut self.no_in);
            let index = self.expression()?;
            self.no_in = no_in;
            self.expect("]")?;
            let access = match index {
                Expression::String(name) => Expression::Member(Box::new(node), name),
                index => Expression::Index(Box::new(node), Box::new(index)),
            };
            return Ok((access, true));
        }
        Ok((node, false))
    }

    fn construct(&mut self) -> Parsed<Expression> {
        let mut class = if self.eat("new") { self.deeper(Self::construct)? } else { self.primary()? };
        loop {
            let (node, more) = self.access(class)?;
            class = node;
            if !more {
                break;
            }
        }
        let arguments = if self.is("(") { self.arguments()? } else { Vec::new() };
        Ok(Expression::New(Box::new(class), arguments))
    }

    fn arguments(&mut self) -> Parsed<Vec<Expression>> {
        self.expect("(")?;
        let no_in = std::mem::take(&mut self.no_in);
        let mut arguments = Vec::new();
        while !self.eat(")") {
            arguments.push(self.assignment()?);
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        self.no_in = no_in;
        Ok(arguments)
    }

    fn primary(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let token = self.peek().clone();
        self.next += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::String(text) => Ok(Expression::String(Text::from(text))),
            Token::RegExp(body, flags) => Ok(Expression::RegExp(Text::from(body), Text::from(flags))),
            Token::Template(parts, sources) => self.template(parts, sources),
            Token::Word(word) => match word.as_str() {
                "true" => Ok(Expression::Boolean(true)),
                "false" => Ok(Expression::Boolean(false)),
                "null" => Ok(Expression::Null),
                "this" => Ok(Expression::This),
                "function" => {
                    let name = if self.is("(") { None } else { Some(self.name()?) };
                    Ok(Expression::Function(self.function(name)?))
                }
                "class" | "import" | "super" => {
                    Err(CompileError::unsupported(position, format!("JavaScript's '{word}'")))
                }
                reserved if RESERVED.contains(&reserved) => Err(CompileError::syntax(position, "syntax error")),
                _ => Ok(Expression::Name(Text::from(word))),
            },
            Token::Sign("(") => {
                let no_in = std::mem::take(&mut self.no_in);
                let inner = self.expression()?;
                self.no_in = no_in;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => self.array(),
            Token::Sign("{") => self.object(),
            _ => Err(CompileError::syntax(position, "syntax error")),
        }
    }

    fn template(&mut self, parts: Vec<String>, sources: Vec<(String, Position)>) -> Parsed<Expression> {
        let parse = |(source, position): (String, Position)| -> Parsed<Expression> {
            let mut inner = Parser::new(&source, position)?;
            inner.depth = self.depth + 1;
            let expression = inner.expression()?;
            if *inner.peek() == Token::End { Ok(expression) } else { Err(inner.error("syntax error")) }
        };
        let values = sources.into_iter().map(parse).collect::<Parsed<_>>()?;
        Ok(Expression::Template(parts.into_iter().map(Text::from).collect(), values))
    }

    fn array(&mut self) -> Parsed<Expression> {
        let mut items = Vec::new();
        while !self.eat("]") {
            if self.eat(",") {
                items.push(None);
                continue;
            }
            items.push(Some(self.assignment()?));
            if !self.is("]") {
                self.expect(",")?;
            }
        }
        Ok(Expression::Array(items))
    }

    fn object(&mut self) -> Parsed<Expression> {
        let mut properties = Vec::new();
        while !self.eat("}") {
            let position = self.position();
            let token = self.peek().clone();
            self.next += 1;
            let key = match token {
                Token::Word(word) => word,
                Token::String(text) => text,
                Token::Number(number) => super::convert::number_text(number),
                _ => return Err(CompileError::syntax(position, "invalid property id")),
            };
            if (key == "get" || key == "set") && !self.is(":") {
                return Err(CompileError::unsupported(position, "a JavaScript getter or setter"));
            }
            self.expect(":")?;
            properties.push((Text::from(key), self.assignment()?));
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        Ok(Expression::Object(properties))
    }
}

fn is_token(token: &Token, text: &str) -> bool {
    match token {
        Token::Word(word) => word == text,
        Token::Sign(sign) => *sign == text,
        _ => false,
    }
}
