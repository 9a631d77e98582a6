//! The grammar, with the errors that antlr gives for it.

use super::ast::{Argument, Ast, Comparator};
use super::functions;
use super::json::Json;
use super::lexer::{self, Token, Word};
use crate::text::Text;
use std::sync::Arc;

/// Expressions within expressions.
const MAX_DEPTH: usize = 100;
/// Words of an expression: those that follow each other nest, too, when they are evaluated.
const MAX_WORDS: usize = 2000;

const EXPRESSION: &str = "{'!', '(', '*', '[', '{', '[?', '@', '`', RAW_STRING, JSON_CONSTANT, NAME, STRING}";
const ARGUMENT: &str = "{'!', '(', '*', '[', '{', '[?', '@', '&', '`', RAW_STRING, JSON_CONSTANT, NAME, STRING}";
const MEMBER: &str = "{'*', '[', '{', JSON_CONSTANT, NAME, STRING}";
const KEY: &str = "{JSON_CONSTANT, NAME, STRING}";
const JSON: &str = "{'[', '{', JSON_CONSTANT, STRING, REAL_OR_EXPONENT_NUMBER, SIGNED_INT}";

/// How tightly words bind what is left of them to what is right.
mod binding {
    pub const PIPE: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const COMPARATOR: u8 = 5;
    pub const FLATTEN: u8 = 9;
    pub const STAR: u8 = 20;
    pub const FILTER: u8 = 21;
    pub const DOT: u8 = 40;
    pub const BRACKET: u8 = 55;
    /// Below this, a projection ends.
    pub const PROJECTION_STOPS: u8 = 10;
}

/// Parses an expression; the error is without its beginning, `Unable to compile expression`.
pub(super) fn parse(text: &str) -> Result<Ast, String> {
    let (words, unknown) = lexer::words(text);
    let mut parser = Parser { text, words, at: 0, depth: 0, misuse: None };
    let parsed = if parser.words.len() > MAX_WORDS { parser.fault("expression is too long") } else { parser.all() };
    let error = match parsed {
        Ok(ast) if unknown.is_empty() => match parser.misuse {
            None => return Ok(ast),
            Some(misuse) => return Err(misuse),
        },
        Ok(_) => None,
        Err(error) => Some(error),
    };
    let mut all: Vec<String> = Vec::new();
    let before = error.as_ref().map_or(usize::MAX, |error| error.at);
    for unknown in unknown.iter().filter(|unknown| unknown.at <= before) {
        all.push(format!("syntax error {} at position {}", unknown.message, parser.column(unknown.at)));
    }
    if let Some(error) = error {
        all.push(format!("syntax error {} at position {}", error.message, parser.column(error.at)));
    }
    Err(all.join(", "))
}

struct Fault {
    at: usize,
    message: String,
}

struct Parser<'t> {
    text: &'t str,
    words: Vec<Word>,
    at: usize,
    depth: usize,
    /// The first wrong function or step: told only if the syntax is right.
    misuse: Option<String>,
}

impl Parser<'_> {
    fn column(&self, at: usize) -> usize {
        self.text[..at].encode_utf16().count()
    }

    fn word(&self) -> &Word {
        &self.words[self.at.min(self.words.len() - 1)]
    }

    fn after(&self) -> &Token {
        &self.words[(self.at + 1).min(self.words.len() - 1)].token
    }

    fn shown(&self, word: &Word) -> &str {
        if word.token == Token::End { "<EOF>" } else { &self.text[word.start..word.end] }
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.word().token, Token::Sign(this) if this == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { at: self.word().start, message: message.into() })
    }

    /// A word that may not stand here; if the next one may, antlr takes it for too much.
    fn unexpected<T>(&self, expected: &str, may: fn(&Token) -> bool) -> Result<T, Fault> {
        let word = self.word();
        let kind = if word.token != Token::End && may(self.after()) { "extraneous" } else { "mismatched" };
        self.fault(format!("{kind} input '{}' expecting {expected}", self.shown(word)))
    }

    /// No rule begins like this: what was read since word `from`, and the word here.
    fn no_alternative<T>(&self, from: usize) -> Result<T, Fault> {
        let here = self.at.min(self.words.len() - 1);
        let read: String = self.words[from..=here].iter().map(|word| &self.text[word.start..word.end]).collect();
        self.fault(format!("no viable alternative at input '{read}'"))
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Fault> {
        if self.take(sign) {
            return Ok(());
        }
        let word = self.word();
        let may_follow = match word.token {
            Token::End | Token::Comparator => true,
            Token::Sign(sign) => matches!(sign, "." | "[" | "[?" | "|" | "||" | "&&" | ")" | "]" | "}" | ","),
            _ => false,
        };
        if matches!(self.after(), Token::Sign(after) if *after == sign) && word.token != Token::End {
            return self.fault(format!("extraneous input '{}' expecting '{sign}'", self.shown(word)));
        }
        if may_follow && sign != ":" {
            return self.fault(format!("missing '{sign}' at '{}'", self.shown(word)));
        }
        self.fault(format!("mismatched input '{}' expecting '{sign}'", self.shown(word)))
    }

    fn all(&mut self) -> Result<Ast, Fault> {
        let ast = self.expression(0)?;
        if self.word().token == Token::End {
            return Ok(ast);
        }
        self.unexpected("<EOF>", |token| *token == Token::End)
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth == MAX_DEPTH {
            return self.fault("expression is nested too deeply");
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// How tightly the word here binds.
    fn binding(&self) -> u8 {
        match &self.word().token {
            Token::Comparator => binding::COMPARATOR,
            Token::Sign(sign) => match *sign {
                "|" => binding::PIPE,
                "||" => binding::OR,
                "&&" => binding::AND,
                "." => binding::DOT,
                "[?" => binding::FILTER,
                "[" if matches!(self.after(), Token::Sign("]")) => binding::FLATTEN,
                "[" => binding::BRACKET,
                _ => 0,
            },
            _ => 0,
        }
    }

    fn expression(&mut self, tightness: u8) -> Result<Ast, Fault> {
        self.deeper(|parser| {
            let first = parser.primary()?;
            parser.continued(first, tightness)
        })
    }

    /// `left` with all behind it that binds more tightly than `tightness`.
    fn continued(&mut self, mut left: Ast, tightness: u8) -> Result<Ast, Fault> {
        while self.binding() > tightness {
            left = match self.word().token {
                Token::Sign(".") => {
                    self.at += 1;
                    if self.take("*") {
                        Ast::ProjectValues(Box::new(left), Box::new(self.projected(binding::STAR)?))
                    } else {
                        chain(left, self.member()?)
                    }
                }
                Token::Sign("[" | "[?") => self.bracket(left)?,
                Token::Comparator => {
                    let word = self.word();
                    let comparator = match &self.text[word.start..word.end] {
                        "==" => Comparator::Equal,
                        "!=" => Comparator::NotEqual,
                        "<" => Comparator::Less,
                        "<=" => Comparator::LessOrEqual,
                        ">" => Comparator::Greater,
                        _ => Comparator::GreaterOrEqual,
                    };
                    self.at += 1;
                    let right = self.expression(binding::COMPARATOR)?;
                    Ast::Compare(comparator, Box::new(left), Box::new(right))
                }
                Token::Sign(sign) => {
                    self.at += 1;
                    let right = Box::new(self.expression(binding_of(sign))?);
                    match sign {
                        "||" => Ast::Or(Box::new(left), right),
                        "&&" => Ast::And(Box::new(left), right),
                        _ => Ast::Chain(Box::new(left), right),
                    }
                }
                _ => return Ok(left),
            };
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Ast, Fault> {
        let from = self.at;
        match self.word().token.clone() {
            Token::Name if matches!(self.after(), Token::Sign("(")) => self.call(),
            Token::Name | Token::Quoted(_) => self.field(),
            Token::Raw(text) => {
                self.at += 1;
                Ok(Ast::Literal(Json::Text(text)))
            }
            Token::Sign(sign @ ("*" | "[?" | "[" | "{" | "!" | "(" | "@" | "`")) => match sign {
                "[?" => self.bracket(Ast::Current),
                "[" if self.is_bracket_specifier() => self.bracket(Ast::Current),
                _ => {
                    self.at += 1;
                    match sign {
                        "*" => {
                            let each = self.projected(binding::STAR)?;
                            Ok(Ast::ProjectValues(Box::new(Ast::Current), Box::new(each)))
                        }
                        "[" if !begins_expression(&self.word().token) => self.no_alternative(from),
                        "[" => self.list(),
                        "{" => self.hash(),
                        "!" => Ok(Ast::Not(Box::new(self.expression(binding::COMPARATOR)?))),
                        "(" => {
                            let inner = self.expression(0)?;
                            self.expect(")")?;
                            Ok(inner)
                        }
                        "@" => Ok(Ast::Current),
                        _ => {
                            let json = self.json()?;
                            self.expect("`")?;
                            Ok(Ast::Literal(json))
                        }
                    }
                }
            },
            _ => self.unexpected(EXPRESSION, begins_expression),
        }
    }

    /// Whether the bracket here selects from an array, rather than making a list.
    fn is_bracket_specifier(&self) -> bool {
        let second = self.words.get(self.at + 2).map(|word| &word.token);
        match self.after() {
            Token::Int | Token::Sign("]" | ":") => true,
            Token::Sign("*") => matches!(second, Some(Token::Sign("]") | Token::End)),
            _ => false,
        }
    }

    /// `[0]`, `[1:2]`, `[*]`, `[]`, `[?…]` behind `left`, with what is projected from it.
    fn bracket(&mut self, left: Ast) -> Result<Ast, Fault> {
        let from = self.at;
        if self.take("[?") {
            let condition = self.expression(0)?;
            self.expect("]")?;
            let filter = Ast::Filter(Box::new(left), Box::new(condition));
            return Ok(project(filter, self.projected(binding::FILTER)?));
        }
        self.at += 1;
        if self.take("]") {
            let flat = Ast::Flatten(Box::new(left));
            return Ok(project(flat, self.projected(binding::FLATTEN)?));
        }
        if self.take("*") {
            self.expect("]")?;
            return Ok(Ast::Project(Box::new(left), Box::new(self.projected(binding::STAR)?)));
        }
        let start = self.int();
        if self.is(":") {
            let slice = self.slice(start)?;
            return Ok(project(chain(left, slice), self.projected(binding::STAR)?));
        }
        match start {
            Some(index) => {
                self.expect("]")?;
                Ok(chain(left, Ast::Index(index)))
            }
            None => self.no_alternative(from),
        }
    }

    fn slice(&mut self, start: Option<i64>) -> Result<Ast, Fault> {
        self.expect(":")?;
        let stop = self.int();
        let mut step = None;
        if self.take(":") {
            let at = self.word().start;
            step = self.int();
            if step == Some(0) {
                let column = self.column(at);
                self.misuse.get_or_insert_with(|| format!("invalid value 0 for step size at position {column}"));
            }
        }
        self.expect("]")?;
        Ok(Ast::Slice { start, stop, step: step.unwrap_or(1) })
    }

    fn int(&mut self) -> Option<i64> {
        let word = self.word();
        if word.token != Token::Int {
            return None;
        }
        let text = &self.text[word.start..word.end];
        let number = text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
        self.at += 1;
        Some(number)
    }

    /// What is done with each item of a projection.
    fn projected(&mut self, tightness: u8) -> Result<Ast, Fault> {
        if self.binding() < binding::PROJECTION_STOPS {
            return Ok(Ast::Current);
        }
        self.deeper(|parser| parser.continued(Ast::Current, tightness))
    }

    /// What may stand behind a dot.
    fn member(&mut self) -> Result<Ast, Fault> {
        match &self.word().token {
            Token::Name if matches!(self.after(), Token::Sign("(")) => self.call(),
            Token::Name | Token::Quoted(_) => self.field(),
            Token::Sign("[") => {
                self.at += 1;
                self.list()
            }
            Token::Sign("{") => {
                self.at += 1;
                self.hash()
            }
            _ => self.unexpected(MEMBER, |token| {
                matches!(token, Token::Name | Token::Quoted(_) | Token::Sign("*" | "[" | "{"))
            }),
        }
    }

    fn field(&mut self) -> Result<Ast, Fault> {
        let word = self.word();
        let name = match &word.token {
            Token::Quoted(text) => Text::clone(text),
            Token::Name => Text::from(&self.text[word.start..word.end]),
            _ => return self.unexpected(KEY, |token| matches!(token, Token::Name | Token::Quoted(_))),
        };
        self.at += 1;
        Ok(Ast::Field(name))
    }

    /// `a, b]`
    fn list(&mut self) -> Result<Ast, Fault> {
        let mut items = Vec::new();
        loop {
            items.push(self.expression(0)?);
            if self.take("]") {
                return Ok(Ast::List(items));
            }
            if !self.take(",") {
                return self.unexpected("{',', ']'}", |token| matches!(token, Token::Sign("," | "]")));
            }
        }
    }

    /// `x: a, y: b}`
    fn hash(&mut self) -> Result<Ast, Fault> {
        let mut members = Vec::new();
        loop {
            let Ast::Field(name) = self.field()? else { return self.fault("no name") };
            self.expect(":")?;
            members.push((name, self.expression(0)?));
            if self.take("}") {
                return Ok(Ast::Hash(members));
            }
            if !self.take(",") {
                return self.unexpected("{',', '}'}", |token| matches!(token, Token::Sign("," | "}")));
            }
        }
    }

    /// `name(a, &b)`
    fn call(&mut self) -> Result<Ast, Fault> {
        let from = self.at;
        let word = self.word();
        let (name, at) = (&self.text[word.start..word.end], word.start);
        self.at += 2;
        let mut arguments = Vec::new();
        if !self.take(")") {
            if !self.is("&") && !begins_expression(&self.word().token) {
                return self.no_alternative(from);
            }
            loop {
                arguments.push(if self.take("&") {
                    Argument::Expression(self.expression(0)?)
                } else if begins_expression(&self.word().token) {
                    Argument::Value(self.expression(0)?)
                } else {
                    return self.unexpected(ARGUMENT, |token| *token == Token::Sign("&") || begins_expression(token));
                });
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return self.unexpected("{')', ','}", |token| matches!(token, Token::Sign("," | ")")));
                }
            }
        }
        match functions::find(name, arguments.len()) {
            Ok(function) => Ok(Ast::Call(function, arguments)),
            Err(misuse) => {
                let column = self.column(at);
                self.misuse.get_or_insert_with(|| format!("{misuse} at position {column}"));
                Ok(Ast::Current)
            }
        }
    }

    /// JSON between backticks.
    fn json(&mut self) -> Result<Json, Fault> {
        let word = self.word();
        let text = &self.text[word.start..word.end];
        let value = match &word.token {
            Token::Quoted(text) => Json::Text(Text::clone(text)),
            Token::Int | Token::Real => Json::read(text).unwrap_or(Json::Null),
            Token::Name if text == "true" => Json::Bool(true),
            Token::Name if text == "false" => Json::Bool(false),
            Token::Name if text == "null" => Json::Null,
            Token::Sign("[") => return self.deeper(Self::json_array),
            Token::Sign("{") => return self.deeper(Self::json_object),
            _ => return self.unexpected(JSON, |token| matches!(token, Token::Quoted(_) | Token::Int | Token::Real)),
        };
        self.at += 1;
        Ok(value)
    }

    fn json_array(&mut self) -> Result<Json, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Json::Array(Arc::default()));
        }
        loop {
            items.push(self.json()?);
            if self.take("]") {
                return Ok(Json::Array(items.into()));
            }
            if !self.take(",") {
                return self.unexpected("{',', ']'}", |token| matches!(token, Token::Sign("," | "]")));
            }
        }
    }

    fn json_object(&mut self) -> Result<Json, Fault> {
        self.at += 1;
        let mut members: Vec<(Text, Json)> = Vec::new();
        if self.take("}") {
            return Ok(Json::Object(Arc::default()));
        }
        loop {
            let Token::Quoted(name) = self.word().token.clone() else {
                return self.unexpected("STRING", |token| matches!(token, Token::Quoted(_)));
            };
            self.at += 1;
            self.expect(":")?;
            let value = self.json()?;
            members.retain(|(known, _)| *known != name);
            members.push((name, value));
            if self.take("}") {
                return Ok(Json::Object(members.into()));
            }
            if !self.take(",") {
                return self.unexpected("{',', '}'}", |token| matches!(token, Token::Sign("," | "}")));
            }
        }
    }
}

fn binding_of(sign: &str) -> u8 {
    match sign {
        "||" => binding::OR,
        "&&" => binding::AND,
        _ => binding::PIPE,
    }
}

fn begins_expression(token: &Token) -> bool {
    match token {
        Token::Name | Token::Quoted(_) | Token::Raw(_) => true,
        Token::Sign(sign) => matches!(*sign, "!" | "(" | "*" | "[" | "{" | "[?" | "@" | "`"),
        Token::Int | Token::Real | Token::Comparator | Token::End => false,
    }
}

/// `right` on what `left` makes.
fn chain(left: Ast, right: Ast) -> Ast {
    match left {
        Ast::Current => right,
        left => Ast::Chain(Box::new(left), Box::new(right)),
    }
}

/// `right` on each item of what `left` makes. Without anything to do, nulls stay, as they do not behind `[*]`.
fn project(left: Ast, right: Ast) -> Ast {
    match right {
        Ast::Current => left,
        right => Ast::Project(Box::new(left), Box::new(right)),
    }
}
