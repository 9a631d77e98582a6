//! From words to a tree: the grammars of JEXL 2.1 and 3.2, as far as they are expressions and plain statements.

use super::Dialect;
use super::lexer::{LiteralToken, Token, words};
use super::tree::{Binary, Node, Unary};
use crate::script::compile_error::{CompileError, Position};
use crate::script::value::Value;
use crate::text::Text;

/// Expressions within expressions that a script may have.
const DEPTH_LIMIT: u32 = 100;

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Operator {
    Or,
    And,
    Binary(Binary),
}

/// How tightly operators bind, and which; those of the levels of [`SINGLE`] do not chain: `a == b == c` is an error.
const OPERATORS: &[(&str, u8, Operator)] = &[
    ("||", 1, Operator::Or),
    ("or", 1, Operator::Or),
    ("&&", 2, Operator::And),
    ("and", 2, Operator::And),
    ("|", 3, Operator::Binary(Binary::Or)),
    ("^", 4, Operator::Binary(Binary::Xor)),
    ("&", 5, Operator::Binary(Binary::And)),
    ("==", 6, Operator::Binary(Binary::Equal)),
    ("eq", 6, Operator::Binary(Binary::Equal)),
    ("!=", 6, Operator::Binary(Binary::NotEqual)),
    ("ne", 6, Operator::Binary(Binary::NotEqual)),
    ("..", 6, Operator::Binary(Binary::Range)),
    ("<", 7, Operator::Binary(Binary::Less)),
    ("lt", 7, Operator::Binary(Binary::Less)),
    (">", 7, Operator::Binary(Binary::Greater)),
    ("gt", 7, Operator::Binary(Binary::Greater)),
    ("<=", 7, Operator::Binary(Binary::LessEqual)),
    ("le", 7, Operator::Binary(Binary::LessEqual)),
    (">=", 7, Operator::Binary(Binary::GreaterEqual)),
    ("ge", 7, Operator::Binary(Binary::GreaterEqual)),
    ("=~", 7, Operator::Binary(Binary::Matches)),
    ("!~", 7, Operator::Binary(Binary::NotMatches)),
    ("=^", 7, Operator::Binary(Binary::StartsWith)),
    ("!^", 7, Operator::Binary(Binary::NotStartsWith)),
    ("=$", 7, Operator::Binary(Binary::EndsWith)),
    ("!$", 7, Operator::Binary(Binary::NotEndsWith)),
    ("+", 8, Operator::Binary(Binary::Add)),
    ("-", 8, Operator::Binary(Binary::Subtract)),
    ("*", 9, Operator::Binary(Binary::Multiply)),
    ("/", 9, Operator::Binary(Binary::Divide)),
    ("div", 9, Operator::Binary(Binary::Divide)),
    ("%", 9, Operator::Binary(Binary::Modulo)),
    ("mod", 9, Operator::Binary(Binary::Modulo)),
];

/// Equality and relations.
const SINGLE: std::ops::RangeInclusive<u8> = 6..=7;

const ASSIGNMENTS: &[(&str, Option<Binary>)] = &[
    ("=", None),
    ("+=", Some(Binary::Add)),
    ("-=", Some(Binary::Subtract)),
    ("*=", Some(Binary::Multiply)),
    ("/=", Some(Binary::Divide)),
    ("%=", Some(Binary::Modulo)),
    ("&=", Some(Binary::And)),
    ("|=", Some(Binary::Or)),
    ("^=", Some(Binary::Xor)),
];

/// Words that are no names, in both dialects.
const KEYWORDS: &[&str] = &[
    "if", "else", "for", "while", "new", "var", "empty", "size", "null", "true", "false", "return", "and", "or", "eq",
    "ne", "gt", "ge", "lt", "le", "div", "mod", "not",
];

/// Parses a whole script.
pub(super) fn parse(source: &str, dialect: Dialect) -> Result<Node, CompileError> {
    let mut parser = Parser { words: words(source, dialect)?, next: 0, dialect, depth: 0 };
    let mut statements = Vec::new();
    while *parser.peek() != Token::End {
        parser.statement_into(&mut statements)?;
    }
    Ok(Node::Block(statements))
}

struct Parser {
    words: Vec<(Token, Position)>,
    next: usize,
    dialect: Dialect,
    depth: u32,
}

type Parsed = Result<Node, CompileError>;

impl Parser {
    fn peek(&self) -> &Token {
        self.words.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.words.get(self.next + ahead).map_or(&Token::End, |(token, _)| token)
    }

    fn position(&self) -> Position {
        self.words.get(self.next).or(self.words.last()).map(|(_, position)| *position).unwrap_or_default()
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn is(&self, text: &str) -> bool {
        match self.peek() {
            Token::Word(word) => word == text,
            Token::Sign(sign) => *sign == text,
            _ => false,
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.next += 1;
        }
        found
    }

    fn expect(&mut self, text: &str) -> Result<(), CompileError> {
        if self.eat(text) { Ok(()) } else { Err(self.unexpected(&format!("'{text}' is missing"))) }
    }

    fn unexpected(&self, message: &str) -> CompileError {
        CompileError::syntax(self.position(), message)
    }

    fn unsupported(&self, construct: &str) -> CompileError {
        CompileError::unsupported(self.position(), construct)
    }

    fn name(&mut self) -> Result<Text, CompileError> {
        match self.peek() {
            Token::Word(word) if !KEYWORDS.contains(&word.as_str()) => {
                let name = Text::from(word.as_str());
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name is missing")),
        }
    }

    fn deeper<R>(&mut self, parse: impl FnOnce(&mut Self) -> Result<R, CompileError>) -> Result<R, CompileError> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.unexpected("nested too deeply"));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn statement_into(&mut self, statements: &mut Vec<Node>) -> Result<(), CompileError> {
        if !self.eat(";") {
            statements.push(self.statement()?);
        }
        Ok(())
    }

    fn statement(&mut self) -> Parsed {
        self.deeper(Self::statement_here)
    }

    fn statement_here(&mut self) -> Parsed {
        let Token::Word(word) = self.peek().clone() else {
            if self.is("{") && !self.is_collection() {
                return self.block();
            }
            return self.expression_statement();
        };
        let jexl3 = self.dialect == Dialect::Jexl3;
        match word.as_str() {
            "if" => self.if_statement(),
            "while" => {
                self.next += 1;
                let condition = self.parenthesized()?;
                Ok(Node::While(Box::new(condition), Box::new(self.body()?)))
            }
            "do" if jexl3 => {
                self.next += 1;
                let body = self.body()?;
                self.expect("while")?;
                Ok(Node::DoWhile(Box::new(body), Box::new(self.parenthesized()?)))
            }
            "for" => self.for_statement(":"),
            "foreach" if !jexl3 => self.for_statement("in"),
            "return" => {
                self.next += 1;
                Ok(Node::Return(Box::new(self.expression_statement()?)))
            }
            "break" if jexl3 => {
                self.next += 1;
                Ok(Node::Break)
            }
            "continue" if jexl3 => {
                self.next += 1;
                Ok(Node::Continue)
            }
            "var" => {
                self.next += 1;
                let name = self.name()?;
                let variable = Node::Var(name.clone());
                if !self.eat("=") {
                    return Ok(variable);
                }
                let value = self.expression()?;
                Ok(Node::Assign(Box::new(variable), None, Box::new(value)))
            }
            "function" if jexl3 => Err(self.unsupported("a JEXL function")),
            _ => self.expression_statement(),
        }
    }

    fn block(&mut self) -> Parsed {
        self.expect("{")?;
        let mut statements = Vec::new();
        while !self.eat("}") {
            if *self.peek() == Token::End {
                return Err(self.unexpected("'}' is missing"));
            }
            self.statement_into(&mut statements)?;
        }
        Ok(Node::Block(statements))
    }

    /// A block or a single statement.
    fn body(&mut self) -> Parsed {
        if self.is("{") {
            self.deeper(Self::block)
        } else if self.eat(";") {
            Ok(Node::Block(Vec::new()))
        } else {
            self.statement()
        }
    }

    fn parenthesized(&mut self) -> Parsed {
        self.expect("(")?;
        let expression = self.expression()?;
        self.expect(")")?;
        Ok(expression)
    }

    fn if_statement(&mut self) -> Parsed {
        self.expect("if")?;
        let condition = self.parenthesized()?;
        let yes = self.body()?;
        let no = if self.eat("else") { Some(Box::new(self.body()?)) } else { None };
        Ok(Node::If(Box::new(condition), Box::new(yes), no))
    }

    fn for_statement(&mut self, separator: &str) -> Parsed {
        self.next += 1;
        self.expect("(")?;
        self.eat("var");
        let name = self.name()?;
        self.expect(separator)?;
        let items = self.expression()?;
        self.expect(")")?;
        Ok(Node::ForEach(name, Box::new(items), Box::new(self.body()?)))
    }

    fn expression_statement(&mut self) -> Parsed {
        let expression = self.expression()?;
        if self.starts_expression() {
            return Err(self.unexpected("ambiguous statement, missing ';' between expressions"));
        }
        self.eat(";");
        Ok(expression)
    }

    fn starts_expression(&self) -> bool {
        match self.peek() {
            Token::Literal(_) => true,
            Token::Word(word) => {
                matches!(word.as_str(), "null" | "true" | "false" | "new" | "empty" | "size" | "not")
                    || !(KEYWORDS.contains(&word.as_str()) || matches!(word.as_str(), "break" | "continue" | "do"))
            }
            Token::Sign(sign) => matches!(*sign, "(" | "[" | "!" | "~"),
            Token::End => false,
        }
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Parsed {
        let target = self.conditional()?;
        let Some((_, operator)) = ASSIGNMENTS.iter().find(|(sign, _)| self.is(sign)) else { return Ok(target) };
        if !matches!(target, Node::Name(_) | Node::Member(..) | Node::Index(..)) {
            return Err(self.unexpected("only a variable or a property can be assigned to"));
        }
        self.next += 1;
        let value = self.expression()?;
        Ok(Node::Assign(Box::new(target), *operator, Box::new(value)))
    }

    fn conditional(&mut self) -> Parsed {
        let condition = self.binary(1)?;
        if self.eat("?") {
            let yes = self.expression()?;
            self.expect(":")?;
            let no = self.expression()?;
            return Ok(Node::Ternary(Box::new(condition), Box::new(yes), Box::new(no)));
        }
        if self.eat("?:") {
            return Ok(Node::Elvis(Box::new(condition), Box::new(self.expression()?)));
        }
        if self.eat("??") {
            return Ok(Node::NullCoalesce(Box::new(condition), Box::new(self.expression()?)));
        }
        Ok(condition)
    }

    /// Operands joined by operators that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Parsed {
        let mut left = self.unary()?;
        let mut tightest = u8::MAX;
        while let Some((_, level, operator)) = OPERATORS.iter().find(|(sign, ..)| self.is(sign)) {
            if *level < least || *level > tightest {
                break;
            }
            self.next += 1;
            let (left_node, right) = (Box::new(left), Box::new(self.binary(level + 1)?));
            left = match operator {
                Operator::Or => Node::Or(left_node, right),
                Operator::And => Node::And(left_node, right),
                Operator::Binary(binary) => Node::Binary(*binary, left_node, right),
            };
            tightest = if SINGLE.contains(level) { level - 1 } else { *level };
        }
        Ok(left)
    }

    fn unary(&mut self) -> Parsed {
        let jexl3 = self.dialect == Dialect::Jexl3;
        let operator = match self.peek() {
            Token::Sign("-") => Unary::Minus,
            Token::Sign("+") if jexl3 => Unary::Plus,
            Token::Sign("!") => Unary::Not,
            Token::Sign("~") => Unary::Complement,
            Token::Word(word) if word == "not" => Unary::Not,
            Token::Word(word) if word == "empty" => Unary::Empty,
            Token::Word(word) if word == "size" => Unary::Size,
            _ => return self.value(),
        };
        self.next += 1;
        let operand = self.deeper(Self::unary)?;
        Ok(Node::Unary(operator, Box::new(operand)))
    }

    /// A primary with what is accessed on it.
    fn value(&mut self) -> Parsed {
        let mut node = self.primary()?;
        // JEXL 2 takes an index only after a name or parentheses, so `[1,2][0]` is two expressions.
        let mut may_index = self.dialect == Dialect::Jexl3 || !matches!(node, Node::Array(_) | Node::Literal(_));
        loop {
            if self.eat(".") || self.eat("?.") {
                may_index = true;
                let name = match self.advance() {
                    Token::Word(word) => Text::from(word),
                    Token::Literal(LiteralToken(value)) => Text::from(crate::script::value::java_text(&value)),
                    _ => return Err(self.unexpected("a property is missing after '.'")),
                };
                node = if self.is("(") {
                    Node::Method(Box::new(node), name, self.arguments()?)
                } else {
                    Node::Member(Box::new(node), name)
                };
            } else if may_index && self.eat("[") {
                let index = self.expression()?;
                self.expect("]")?;
                node = Node::Index(Box::new(node), Box::new(index));
            } else {
                return Ok(node);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Node>, CompileError> {
        self.expect("(")?;
        self.list_until(")")
    }

    fn list_until(&mut self, end: &str) -> Result<Vec<Node>, CompileError> {
        let mut items = Vec::new();
        if self.eat(end) {
            return Ok(items);
        }
        loop {
            items.push(self.expression()?);
            if self.eat(end) {
                return Ok(items);
            }
            self.expect(",")?;
        }
    }

    /// Whether the brace at hand opens a map or set rather than a block.
    fn is_collection(&self) -> bool {
        let is_jexl3 = self.dialect == Dialect::Jexl3;
        // JEXL 3 reads `{}`, `{1}` and `{{1}}` as sets, where JEXL 2 reads blocks.
        let mut inner = 1;
        while is_jexl3 && matches!(self.peek_at(inner), Token::Sign("{")) {
            inner += 1;
        }
        match (self.peek_at(inner), self.peek_at(inner + 1)) {
            (Token::Sign(":"), _) => true,
            (Token::Sign("}"), _) => is_jexl3,
            (Token::Literal(_), Token::Sign("}")) => is_jexl3,
            (Token::Literal(_) | Token::Word(_), Token::Sign(sign)) => *sign == ":" || *sign == ",",
            _ => false,
        }
    }

    fn primary(&mut self) -> Parsed {
        let position = self.position();
        match self.advance() {
            Token::Literal(LiteralToken(value)) => Ok(Node::Literal(value)),
            Token::Word(word) => match word.as_str() {
                "null" => Ok(Node::Literal(Value::Null)),
                "true" => Ok(Node::Literal(true.into())),
                "false" => Ok(Node::Literal(false.into())),
                "NaN" if self.dialect == Dialect::Jexl3 => Ok(Node::Literal(f64::NAN.into())),
                "new" => Ok(Node::New(self.arguments()?)),
                keyword if KEYWORDS.contains(&keyword) => {
                    Err(CompileError::syntax(position, format!("'{keyword}' is not expected here")))
                }
                _ if self.is("->") => Err(CompileError::unsupported(position, "a JEXL lambda")),
                _ if self.is("(") => {
                    self.arguments()?;
                    Ok(Node::Function(Text::from(word)))
                }
                _ => Ok(Node::Name(Text::from(word))),
            },
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")")?;
                if self.is("->") {
                    return Err(CompileError::unsupported(position, "a JEXL lambda"));
                }
                Ok(inner)
            }
            Token::Sign("[") => Ok(Node::Array(self.list_until("]")?)),
            Token::Sign("{") => self.collection(),
            _ => Err(CompileError::syntax(position, "an expression is missing")),
        }
    }

    fn collection(&mut self) -> Parsed {
        if self.eat(":") {
            self.expect("}")?;
            return Ok(Node::Map(Vec::new()));
        }
        if self.eat("}") {
            return Ok(Node::Set(Vec::new()));
        }
        let first = self.expression()?;
        if !self.eat(":") {
            let mut items = vec![first];
            while self.eat(",") {
                items.push(self.expression()?);
            }
            self.expect("}")?;
            return Ok(Node::Set(items));
        }
        let mut entries = vec![(first, self.expression()?)];
        while self.eat(",") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
        }
        self.expect("}")?;
        Ok(Node::Map(entries))
    }
}
