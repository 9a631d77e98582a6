//! Jayway's `FilterCompiler`: the expressions between `[?(` and `)]`.

use super::compile::{MAX_DEPTH, compile as compile_path, unescape};
use super::cursor::{Cursor, Fail, invalid};
use super::decimal::Decimal;
use super::json::Json;
use super::path::Path;

/// A condition.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Relation(Box<Relation>),
}

/// Two sides and what should hold between them.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) left: Operand,
    pub(super) operator: Operator,
    pub(super) right: Operand,
}

/// A side of a relation.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// `@.a` or `$.a`. With `exists`, only whether it is there counts; it should not be when it stood after a `!`.
    Path {
        path: Path,
        exists: bool,
        should_exist: bool,
    },
    /// `[…]` or `{…}`: the text, and the value or the reason why there is none.
    Json(String, Result<Json, String>),
    String(String),
    Number(Decimal),
    Boolean(bool),
    Null,
    /// `/…/flags`
    Pattern(Box<fancy_regex::Regex>),
}

/// A relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    GreaterOrEqual,
    LessOrEqual,
    Equal,
    SameTypeEqual,
    NotEqual,
    SameTypeNotEqual,
    Less,
    Greater,
    Matches,
    NotIn,
    In,
    Contains,
    Size,
    Exists,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
    /// `all`, `type` and `matches`, whose right sides no path can write: they are never met.
    Unusable,
}

impl Operator {
    fn parse(text: &str) -> Result<Self, Fail> {
        Ok(match text.to_uppercase().as_str() {
            ">=" => Self::GreaterOrEqual,
            "<=" => Self::LessOrEqual,
            "==" => Self::Equal,
            "===" => Self::SameTypeEqual,
            "!=" => Self::NotEqual,
            "!==" => Self::SameTypeNotEqual,
            "<" => Self::Less,
            ">" => Self::Greater,
            "=~" => Self::Matches,
            "NIN" => Self::NotIn,
            "IN" => Self::In,
            "CONTAINS" => Self::Contains,
            "SIZE" => Self::Size,
            "EXISTS" => Self::Exists,
            "EMPTY" => Self::Empty,
            "SUBSETOF" => Self::SubsetOf,
            "ANYOF" => Self::AnyOf,
            "NONEOF" => Self::NoneOf,
            "ALL" | "TYPE" | "MATCHES" => Self::Unusable,
            _ => return invalid(format!("Filter operator {text} is not supported!")),
        })
    }
}

/// Compiles `[?(…)]`.
pub(super) fn compile(text: &str, depth: usize) -> Result<Expression, Fail> {
    if depth > MAX_DEPTH {
        return invalid("Path is nested too deeply");
    }
    let mut cursor = Cursor::new(text);
    cursor.trim();
    if !cursor.current_is('[')? || !cursor.last_is(']')? {
        return invalid(format!("Filter must start with '[' and end with ']'. {text}"));
    }
    cursor.position += 1;
    cursor.shorten();
    cursor.trim();
    if !cursor.current_is('?')? {
        return invalid(format!("Filter must start with '[?' and end with ']'. {text}"));
    }
    cursor.position += 1;
    cursor.trim();
    if !cursor.current_is('(')? || !cursor.last_is(')')? {
        return invalid(format!("Filter must start with '[?(' and end with ')]'. {text}"));
    }
    let mut compiler = Compiler { cursor, depth };
    match compiler.compile() {
        Err(Fail::Other(_)) => {
            let position = compiler.cursor.position;
            let current = compiler.cursor.current()?;
            invalid(format!("Failed to parse filter: {text}, error on position: {position}, char: {current}"))
        }
        done => done,
    }
}

struct Compiler {
    cursor: Cursor,
    depth: usize,
}

fn is_relation_char(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '~' | '!')
}

impl Compiler {
    fn compile(&mut self) -> Result<Expression, Fail> {
        let expression = self.or()?;
        self.cursor.skip_blanks();
        if self.cursor.has_current() {
            let rest = self.cursor.slice(self.cursor.position, self.cursor.len());
            return invalid(format!("Expected end of filter expression instead of: {rest}"));
        }
        Ok(expression)
    }

    fn skipped(&mut self) -> Result<char, Fail> {
        self.cursor.skip_blanks();
        self.cursor.current()
    }

    fn or(&mut self) -> Result<Expression, Fail> {
        self.chain("||", Self::and, Expression::Or)
    }

    fn and(&mut self) -> Result<Expression, Fail> {
        self.chain("&&", Self::operand_of_and, Expression::And)
    }

    fn chain(
        &mut self,
        operator: &str,
        operand: fn(&mut Self) -> Result<Expression, Fail>,
        make: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, Fail> {
        let first = operand(self)?;
        let mut all = vec![first];
        loop {
            let saved = self.cursor.position;
            if !self.cursor.takes(operator) {
                self.cursor.position = saved;
                break;
            }
            all.push(operand(self)?);
        }
        Ok(if all.len() == 1 { all.swap_remove(0) } else { make(all) })
    }

    fn operand_of_and(&mut self) -> Result<Expression, Fail> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return invalid("Path is nested too deeply");
        }
        let expression = self.operand_of_and_inner();
        self.depth -= 1;
        expression
    }

    fn operand_of_and_inner(&mut self) -> Result<Expression, Fail> {
        self.cursor.skip_blanks();
        let saved = self.cursor.position;
        if self.skipped()? == '!' {
            self.cursor.expect('!')?;
            if matches!(self.skipped()?, '$' | '@') {
                self.cursor.position = saved;
            } else {
                return Ok(Expression::Not(Box::new(self.operand_of_and()?)));
            }
        }
        if self.skipped()? == '(' {
            self.cursor.expect('(')?;
            let inner = self.or()?;
            self.cursor.expect(')')?;
            return Ok(inner);
        }
        self.relation()
    }

    fn relation(&mut self) -> Result<Expression, Fail> {
        let left = self.value()?;
        let saved = self.cursor.position;
        match self.operator_and_right() {
            Ok((operator, right)) => return Ok(Expression::Relation(Box::new(Relation { left, operator, right }))),
            Err(Fail::Invalid(_)) => self.cursor.position = saved,
            Err(other) => return Err(other),
        }
        let Operand::Path { path, should_exist, .. } = left else { return invalid("Expected path node") };
        Ok(Expression::Relation(Box::new(Relation {
            left: Operand::Path { path, exists: true, should_exist },
            operator: Operator::Exists,
            right: Operand::Boolean(should_exist),
        })))
    }

    fn operator_and_right(&mut self) -> Result<(Operator, Operand), Fail> {
        let operator = self.operator()?;
        Ok((operator, self.value()?))
    }

    fn operator(&mut self) -> Result<Operator, Fail> {
        self.cursor.skip_blanks();
        let begin = self.cursor.position;
        if is_relation_char(self.cursor.current()?) {
            while self.cursor.has_current() && is_relation_char(self.cursor.current()?) {
                self.cursor.position += 1;
            }
        } else {
            while self.cursor.has_current() && self.cursor.current()? != ' ' {
                self.cursor.position += 1;
            }
        }
        Operator::parse(&self.cursor.slice(begin, self.cursor.position))
    }

    fn value(&mut self) -> Result<Operand, Fail> {
        match self.skipped()? {
            '$' | '@' => self.path(),
            '!' => {
                self.cursor.position += 1;
                match self.skipped()? {
                    '$' | '@' => self.path(),
                    _ => invalid("Unexpected character: !"),
                }
            }
            _ => self.literal(),
        }
    }

    fn literal(&mut self) -> Result<Operand, Fail> {
        match self.skipped()? {
            quote @ ('\'' | '"') => self.string(quote),
            't' | 'f' => self.boolean(),
            'n' => self.null(),
            open @ ('{' | '[') => self.json(open),
            '/' => self.pattern(),
            _ => self.number(),
        }
    }

    fn null(&mut self) -> Result<Operand, Fail> {
        let at = self.cursor.position;
        if self.cursor.has(at + 3) && self.cursor.slice(at, at + 4) == "null" {
            self.cursor.position += 4;
            return Ok(Operand::Null);
        }
        invalid("Expected <null> value")
    }

    fn boolean(&mut self) -> Result<Operand, Fail> {
        let at = self.cursor.position;
        let len = if self.cursor.current()? == 't' { 4 } else { 5 };
        let text = self.cursor.slice(at, at + len);
        if !self.cursor.has(at + len - 1) || text != "true" && text != "false" {
            return invalid("Expected boolean literal");
        }
        self.cursor.position += len;
        Ok(Operand::Boolean(text == "true"))
    }

    fn json(&mut self, open: char) -> Result<Operand, Fail> {
        let begin = self.cursor.position;
        let close = if open == '[' { ']' } else { '}' };
        let Some(end) = self.cursor.index_of_closing(begin, open, close, false)? else {
            return invalid(format!("String not closed. Expected ' in {}", self.cursor.text()));
        };
        self.cursor.position = end + 1;
        let text = self.cursor.slice(begin, end + 1);
        let value = Json::parse(&text).map_err(|error| error.wrapped_text());
        Ok(Operand::Json(text, value))
    }

    fn string(&mut self, quote: char) -> Result<Operand, Fail> {
        let begin = self.cursor.position;
        let Some(end) = self.cursor.index_of_unescaped(begin, quote) else {
            return invalid(format!(
                "String literal does not have matching quotes. Expected {quote} in {}",
                self.cursor.text()
            ));
        };
        self.cursor.position = end + 1;
        Ok(Operand::String(unescape(&self.cursor.slice(begin + 1, end))?))
    }

    fn number(&mut self) -> Result<Operand, Fail> {
        let begin = self.cursor.position;
        while self.cursor.has_current() && matches!(self.cursor.current()?, '0'..='9' | '-' | '.' | 'E' | 'e') {
            self.cursor.position += 1;
        }
        Decimal::parse(&self.cursor.slice(begin, self.cursor.position))
            .map(Operand::Number)
            .ok_or_else(|| Fail::Other("java.lang.NumberFormatException".to_owned()))
    }

    fn pattern(&mut self) -> Result<Operand, Fail> {
        let begin = self.cursor.position;
        let Some(end) = self.cursor.index_of_unescaped(begin, '/') else {
            return invalid(format!("Pattern not closed. Expected / in {}", self.cursor.text()));
        };
        let mut after = end + 1;
        while self.cursor.has(after) && matches!(self.cursor.char_at(after)?, 'd' | 'i' | 'x' | 'm' | 's' | 'u' | 'U') {
            after += 1;
        }
        self.cursor.position = after;
        let source = self.cursor.slice(begin + 1, end);
        let flags = self.cursor.slice(end + 1, after);
        let has = |flag| flags.contains(flag);
        // A pattern has to match the whole text.
        let extended_end = if has('x') { "\n" } else { "" };
        fancy_regex::RegexBuilder::new(&format!(r"\A(?:{source}{extended_end})\z"))
            .case_insensitive(has('i'))
            .verbose_mode(has('x'))
            .multi_line(has('m'))
            .dot_matches_new_line(has('s'))
            .build()
            .map(|regex| Operand::Pattern(Box::new(regex)))
            .map_err(|error| Fail::Other(format!("java.util.regex.PatternSyntaxException: {error}")))
    }

    fn path(&mut self) -> Result<Operand, Fail> {
        let begin = self.cursor.position;
        let negated = match self.cursor.previous_significant(begin) {
            Some(at) => self.cursor.char_at(at)? == '!',
            None => false,
        };
        self.cursor.position += 1;
        while self.cursor.has_current() {
            if self.cursor.current()? == '[' {
                let Some(close) = self.cursor.index_of_closing(self.cursor.position, '[', ']', false)? else {
                    return invalid(format!("Square brackets does not match in filter {}", self.cursor.text()));
                };
                self.cursor.position = close + 1;
            }
            let current = self.cursor.current()?;
            let closes_expression = current == ')' && !self.closes_function(begin)?;
            if !self.cursor.has_current() || is_relation_char(current) || current == ' ' || closes_expression {
                break;
            }
            self.cursor.position += 1;
        }
        let text = self.cursor.slice(begin, self.cursor.position);
        let path = compile_path(&text, self.depth + 1).map_err(Fail::Invalid)?;
        Ok(Operand::Path { path, exists: false, should_exist: !negated })
    }

    /// Whether the parenthesis here ends `name()` rather than the expression.
    fn closes_function(&self, begin: usize) -> Result<bool, Fail> {
        let Some(open) = self.cursor.previous_significant(self.cursor.position) else { return Ok(false) };
        if self.cursor.char_at(open)? != '(' {
            return Ok(false);
        }
        for at in (begin + 1..open).rev() {
            if self.cursor.char_at(at)? == '.' {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
