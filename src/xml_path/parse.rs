//! From tokens to a tree, with the words that Xalan and Saxon have for what is wrong.

use super::decimal::Decimal;
use super::functions;
use super::token::Token;
use super::tree::{Arithmetic, Axis, Comparison, Dialect, Expr, Quantifier, Step, Test, Type};
use std::cmp::Ordering;

/// Why there is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mistake {
    /// What the original says too.
    Wrong(String),
    /// What the original has, and we have not.
    Missing(String),
}

impl From<String> for Mistake {
    fn from(message: String) -> Self {
        Mistake::Wrong(message)
    }
}

type Parsed<T> = Result<T, Mistake>;

/// Expressions inside each other.
const DEEPEST: usize = 60;
/// Operators and steps of one expression.
const MOST_OPERATIONS: usize = 400;

const FUNCTIONS: &str = "http://www.w3.org/2005/xpath-functions";

/// Parses the tokens of a whole expression; `prefixes` are those that names in it may have, and are resolved later.
pub(super) fn parse(tokens: &[Token<'_>], dialect: Dialect, prefixes: &mut Vec<Box<str>>) -> Parsed<Expr> {
    if tokens.is_empty() && dialect == Dialect::One {
        return Err(Mistake::Wrong("Empty expression!".to_owned()));
    }
    let mut parser =
        Parser { tokens, at: 0, dialect, depth: 0, operations: 0, variables: Vec::new(), prefixes, late: None };
    let expr = if dialect == Dialect::Two { parser.sequence()? } else { parser.expr()? };
    if let Some(token) = parser.peek() {
        return Err(Mistake::Wrong(match dialect {
            Dialect::One => {
                let rest = parser.tokens.get(parser.at..).unwrap_or_default();
                let words: Vec<String> =
                    rest.iter().flat_map(Token::in_xalans_words).map(|word| format!("'{word}'")).collect();
                format!("Extra illegal tokens: {}", words.join(", "))
            }
            Dialect::Two => {
                parser.missing_here()?;
                format!("Unexpected token {} beyond end of expression", token.in_saxons_words())
            }
        }));
    }
    parser.late.take().map_or(Ok(expr), Err)
}

struct Parser<'p, 't> {
    tokens: &'p [Token<'t>],
    at: usize,
    dialect: Dialect,
    depth: usize,
    operations: usize,
    variables: Vec<&'t str>,
    prefixes: &'p mut Vec<Box<str>>,
    /// What Xalan finds only after it has parsed everything.
    late: Option<Mistake>,
}

impl<'t> Parser<'_, 't> {
    fn two(&self) -> bool {
        self.dialect == Dialect::Two
    }

    fn peek(&self) -> Option<&Token<'t>> {
        self.tokens.get(self.at)
    }

    fn at_sign(&self, sign: &str) -> bool {
        self.sign_follows(0, sign)
    }

    fn sign_follows(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Sign(other)) if *other == sign)
    }

    fn word_follows(&self, ahead: usize, word: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Name(other)) if *other == word)
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = self.at_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.word_follows(0, word);
        self.at += usize::from(found);
        found
    }

    fn words(&mut self, first: &str, second: &str) -> bool {
        let found = self.word_follows(0, first) && self.word_follows(1, second);
        self.at += if found { 2 } else { 0 };
        found
    }

    fn shown(&self) -> String {
        match (self.peek(), self.dialect) {
            (Some(token), Dialect::One) => token.in_xalans_words().into_iter().next().unwrap_or_default(),
            (None, Dialect::One) => String::new(),
            (Some(token), Dialect::Two) => token.in_saxons_words(),
            (None, Dialect::Two) => "\"<eof>\"".to_owned(),
        }
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) {
            return Ok(());
        }
        let found = self.shown();
        Err(Mistake::Wrong(match self.dialect {
            Dialect::One => format!("Expected {sign}, but found: {found}"),
            Dialect::Two => format!("expected \"{sign}\", found {found}"),
        }))
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.word(word) {
            return Ok(());
        }
        Err(Mistake::Wrong(format!("expected \"{word}\", found {}", self.shown())))
    }

    fn counted(&mut self) -> Parsed<()> {
        self.operations += 1;
        if self.operations > MOST_OPERATIONS {
            return Err(Mistake::Missing(format!("expressions of more than {MOST_OPERATIONS} operators and steps")));
        }
        Ok(())
    }

    /// Operators and syntax of XPath 3 that we do not have.
    fn missing_here(&self) -> Parsed<()> {
        let missing = match self.peek() {
            Some(Token::Name(word @ ("instance" | "treat"))) => *word,
            Some(Token::Sign(sign @ ("{" | "#" | "?"))) => sign,
            Some(Token::Sign("=")) if self.sign_follows(1, ">") => "=>",
            _ => return Ok(()),
        };
        Err(Mistake::Missing(format!("the operator \"{missing}\"")))
    }

    /// `a, b, c`
    fn sequence(&mut self) -> Parsed<Expr> {
        let first = self.expr()?;
        if !self.at_sign(",") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.sign(",") {
            all.push(self.expr()?);
        }
        Ok(Expr::Sequence(all))
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Mistake::Missing(format!("expressions nested deeper than {DEEPEST}")));
        }
        let expr = self.expr_single();
        self.depth -= 1;
        expr
    }

    fn expr_single(&mut self) -> Parsed<Expr> {
        if self.two() {
            if self.peek().is_none() {
                return Err(Mistake::Wrong("Expected an expression, but reached the end of the input".to_owned()));
            }
            if self.sign_follows(1, "$") {
                if self.word("for") {
                    return self.binding("in", "return", Expr::For);
                }
                if self.word("let") {
                    return self.binding(":=", "return", Expr::Let);
                }
                if self.word("some") {
                    return self.binding("in", "satisfies", |of, body| Expr::Quantified(Quantifier::Some, of, body));
                }
                if self.word("every") {
                    return self.binding("in", "satisfies", |of, body| Expr::Quantified(Quantifier::Every, of, body));
                }
            }
            if self.word_follows(0, "if") && self.sign_follows(1, "(") {
                self.at += 2;
                let condition = self.sequence()?;
                self.expect(")")?;
                self.expect_word("then")?;
                let then = self.expr()?;
                self.expect_word("else")?;
                return Ok(Expr::If(Box::new(condition), Box::new(then), Box::new(self.expr()?)));
            }
        }
        let mut left = self.and()?;
        while self.word("or") {
            self.counted()?;
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    /// `$x in a, $y in b return …`, behind its first word.
    fn binding(&mut self, joint: &str, end: &str, make: fn(Box<Expr>, Box<Expr>) -> Expr) -> Parsed<Expr> {
        self.expect("$")?;
        let Some(Token::Name(name)) = self.peek() else {
            return Err(Mistake::Wrong(format!("expected \"<name>\", found {}", self.shown())));
        };
        let name = *name;
        self.at += 1;
        if joint == ":=" {
            self.expect(joint)?;
        } else {
            self.expect_word(joint)?;
        }
        let of = self.expr()?;
        self.variables.push(name);
        self.depth += 1;
        let body = if self.depth > DEEPEST {
            Err(Mistake::Missing(format!("expressions nested deeper than {DEEPEST}")))
        } else if self.sign(",") {
            self.binding(joint, end, make)
        } else {
            self.expect_word(end).and_then(|()| self.expr())
        };
        self.depth -= 1;
        self.variables.pop();
        Ok(make(Box::new(of), Box::new(body?)))
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.comparison()?;
        while self.word("and") {
            self.counted()?;
            left = Expr::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        if !self.two() {
            return self.equality();
        }
        let left = self.joined()?;
        self.missing_here()?;
        let general = self.order_sign().or_else(|| self.equality_sign());
        if let Some(comparison) = general {
            return Ok(Expr::Compare(comparison, Box::new(left), Box::new(self.joined()?)));
        }
        let by_word = match self.peek() {
            Some(Token::Name("eq")) => Some(Comparison::Equal),
            Some(Token::Name("ne")) => Some(Comparison::NotEqual),
            Some(Token::Name("lt")) => Some(Comparison::Less),
            Some(Token::Name("le")) => Some(Comparison::LessOrEqual),
            Some(Token::Name("gt")) => Some(Comparison::Greater),
            Some(Token::Name("ge")) => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(comparison) = by_word {
            self.at += 1;
            return Ok(Expr::CompareValues(comparison, Box::new(left), Box::new(self.joined()?)));
        }
        let of_nodes = match self.peek() {
            Some(Token::Name("is")) => Some(Ordering::Equal),
            Some(Token::Sign("<<")) => Some(Ordering::Less),
            Some(Token::Sign(">>")) => Some(Ordering::Greater),
            _ => None,
        };
        if let Some(order) = of_nodes {
            self.at += 1;
            return Ok(Expr::CompareNodes(order, Box::new(left), Box::new(self.joined()?)));
        }
        Ok(left)
    }

    fn equality_sign(&mut self) -> Option<Comparison> {
        if self.sign("=") { Some(Comparison::Equal) } else { self.sign("!=").then_some(Comparison::NotEqual) }
    }

    fn order_sign(&mut self) -> Option<Comparison> {
        let signs = [
            ("<=", Comparison::LessOrEqual),
            ("<", Comparison::Less),
            (">=", Comparison::GreaterOrEqual),
            (">", Comparison::Greater),
        ];
        signs.into_iter().find(|(sign, _)| self.sign(sign)).map(|(_, comparison)| comparison)
    }

    fn equality(&mut self) -> Parsed<Expr> {
        let mut left = self.relation()?;
        while let Some(comparison) = self.equality_sign() {
            self.counted()?;
            left = Expr::Compare(comparison, Box::new(left), Box::new(self.relation()?));
        }
        Ok(left)
    }

    fn relation(&mut self) -> Parsed<Expr> {
        let mut left = self.additive()?;
        while let Some(comparison) = self.order_sign() {
            self.counted()?;
            left = Expr::Compare(comparison, Box::new(left), Box::new(self.additive()?));
        }
        Ok(left)
    }

    fn joined(&mut self) -> Parsed<Expr> {
        let mut left = self.range()?;
        while self.sign("||") {
            self.counted()?;
            left = Expr::Concat(Box::new(left), Box::new(self.range()?));
        }
        Ok(left)
    }

    fn range(&mut self) -> Parsed<Expr> {
        let left = self.additive()?;
        if self.word("to") {
            return Ok(Expr::Range(Box::new(left), Box::new(self.additive()?)));
        }
        Ok(left)
    }

    fn additive(&mut self) -> Parsed<Expr> {
        let mut left = self.multiplicative()?;
        loop {
            let operation = if self.sign("+") {
                Arithmetic::Add
            } else if self.sign("-") {
                Arithmetic::Subtract
            } else {
                return Ok(left);
            };
            self.counted()?;
            left = Expr::Arithmetic(operation, Box::new(left), Box::new(self.multiplicative()?));
        }
    }

    fn multiplicative(&mut self) -> Parsed<Expr> {
        let mut left = self.operand()?;
        loop {
            let operation = match self.peek() {
                Some(Token::Sign("*")) => Arithmetic::Multiply,
                Some(Token::Name("div")) => Arithmetic::Divide,
                Some(Token::Name("mod")) => Arithmetic::Modulo,
                Some(Token::Name("idiv")) if self.two() => Arithmetic::DivideWhole,
                _ => return Ok(left),
            };
            self.at += 1;
            self.counted()?;
            left = Expr::Arithmetic(operation, Box::new(left), Box::new(self.operand()?));
        }
    }

    fn operand(&mut self) -> Parsed<Expr> {
        if !self.two() {
            let negative = self.sign("-");
            let operand = self.union()?;
            return Ok(if negative { Expr::Negative(Box::new(operand)) } else { operand });
        }
        let mut left = self.intersection()?;
        while self.sign("|") || self.word("union") {
            self.counted()?;
            left = Expr::Union(Box::new(left), Box::new(self.intersection()?));
        }
        Ok(left)
    }

    fn intersection(&mut self) -> Parsed<Expr> {
        let mut left = self.cast()?;
        loop {
            let make = if self.word("intersect") {
                Expr::Intersect
            } else if self.word("except") {
                Expr::Except
            } else {
                return Ok(left);
            };
            self.counted()?;
            left = make(Box::new(left), Box::new(self.cast()?));
        }
    }

    fn cast(&mut self) -> Parsed<Expr> {
        let value = self.signed()?;
        self.missing_here()?;
        let make = if self.words("castable", "as") {
            Expr::Castable
        } else if self.words("cast", "as") {
            Expr::Cast
        } else {
            return Ok(value);
        };
        let Some(Token::Name(name)) = self.peek() else {
            return Err(Mistake::Wrong(format!("expected \"<name>\", found {}", self.shown())));
        };
        let kind = name
            .strip_prefix("xs:")
            .and_then(Type::named)
            .ok_or_else(|| Mistake::Missing(format!("the type {name}")))?;
        self.at += 1;
        self.sign("?");
        Ok(make(kind, Box::new(value)))
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let mut negative = None;
        while self.at_sign("-") || self.at_sign("+") {
            negative = Some(negative.unwrap_or(false) != self.at_sign("-"));
            self.at += 1;
        }
        let mut left = self.path()?;
        while self.sign("!") {
            self.counted()?;
            left = Expr::Map(Box::new(left), Box::new(self.path()?));
        }
        Ok(if negative == Some(true) { Expr::Negative(Box::new(left)) } else { left })
    }

    fn union(&mut self) -> Parsed<Expr> {
        let mut left = self.path()?;
        while self.sign("|") {
            self.counted()?;
            left = Expr::Union(Box::new(left), Box::new(self.path()?));
        }
        Ok(left)
    }

    fn path(&mut self) -> Parsed<Expr> {
        if self.at_sign("/") || self.at_sign("//") {
            let mut steps = Vec::new();
            if self.sign("//") {
                steps.push(anything_below());
                self.steps(&mut steps)?;
            } else {
                self.at += 1;
                if self.starts_step() {
                    self.steps(&mut steps)?;
                }
            }
            return Ok(Expr::Path(Box::new(Expr::Root), shortened(steps)));
        }
        let first = match self.primary()? {
            Some(primary) => {
                let predicates = self.predicates()?;
                if predicates.is_empty() { primary } else { Expr::Filter(Box::new(primary), predicates) }
            }
            None => {
                let Some(step) = self.axis_step()? else { return Err(self.no_expression()) };
                Expr::Path(Box::new(Expr::Context), vec![step])
            }
        };
        if !self.at_sign("/") && !self.at_sign("//") {
            return Ok(first);
        }
        let (base, mut steps) = match first {
            Expr::Path(base, steps) => (base, steps),
            other => (Box::new(other), Vec::new()),
        };
        if self.sign("//") {
            steps.push(anything_below());
        } else {
            self.at += 1;
        }
        self.steps(&mut steps)?;
        Ok(Expr::Path(base, shortened(steps)))
    }

    fn no_expression(&self) -> Mistake {
        Mistake::Wrong(match (self.dialect, self.peek()) {
            (Dialect::One, None) => {
                "A location path was expected, but the end of the XPath expression was found instead.".to_owned()
            }
            (Dialect::One, Some(_)) => {
                format!("A location path was expected, but the following token was encountered:  {}", self.shown())
            }
            (Dialect::Two, _) => format!("Unexpected token {} at start of expression", self.shown()),
        })
    }

    fn starts_step(&self) -> bool {
        match self.peek() {
            Some(Token::Name(_) | Token::Sign("*" | "@" | "." | "..")) => true,
            Some(Token::Sign("$" | "(") | Token::Literal { .. }) => self.two(),
            _ => false,
        }
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Parsed<()> {
        loop {
            self.counted()?;
            let other = if self.two() { self.primary()? } else { None };
            if let Some(primary) = other {
                let predicates = self.predicates()?;
                let each = if predicates.is_empty() { primary } else { Expr::Filter(Box::new(primary), predicates) };
                steps.push(Step::Each(each));
            } else {
                let Some(step) = self.axis_step()? else {
                    return Err(if self.two() {
                        self.no_expression()
                    } else {
                        Mistake::Wrong("A location step was expected following the '/' or '//' token.".to_owned())
                    });
                };
                steps.push(step);
            }
            if self.sign("//") {
                steps.push(anything_below());
            } else if !self.sign("/") {
                return Ok(());
            }
        }
    }

    fn predicates(&mut self) -> Parsed<Vec<Expr>> {
        let mut all = Vec::new();
        while self.sign("[") {
            all.push(if self.two() { self.sequence()? } else { self.expr()? });
            self.expect("]")?;
        }
        Ok(all)
    }

    /// A step along an axis, if there is one here.
    fn axis_step(&mut self) -> Parsed<Option<Step>> {
        let abbreviated = if self.sign(".") { Some(Axis::Itself) } else { self.sign("..").then_some(Axis::Parent) };
        if let Some(axis) = abbreviated {
            if !self.two() && self.at_sign("[") {
                let message =
                    "'..[predicate]' or '.[predicate]' is illegal syntax.  Use 'self::node()[predicate]' instead.";
                return Err(Mistake::Wrong(message.to_owned()));
            }
            let predicates = self.predicates()?;
            return Ok(Some(Step::Axis { axis, test: Test::Node, predicates }));
        }
        let axis = if self.sign("@") {
            Axis::Attribute
        } else if let (Some(Token::Name(name)), true) = (self.peek(), self.sign_follows(1, "::")) {
            let axis = Axis::named(name).ok_or_else(|| {
                Mistake::Wrong(match self.dialect {
                    Dialect::One => format!("illegal axis name: {name}"),
                    Dialect::Two => format!("Unknown axis name: {name}"),
                })
            })?;
            self.at += 2;
            axis
        } else if matches!(self.peek(), Some(Token::Name(_) | Token::Sign("*"))) {
            Axis::Child
        } else {
            return Ok(None);
        };
        let test = self.test(axis)?;
        let axis = if axis == Axis::Child && test == Test::Attribute { Axis::Attribute } else { axis };
        Ok(Some(Step::Axis { axis, test, predicates: self.predicates()? }))
    }

    fn test(&mut self, axis: Axis) -> Parsed<Test> {
        if self.sign("*") {
            return Ok(Test::AnyName);
        }
        let Some(Token::Name(name)) = self.peek() else {
            return Err(Mistake::Wrong(match (self.dialect, axis) {
                (Dialect::One, _) => "A node test that matches either NCName:* or QName was expected.".to_owned(),
                (Dialect::Two, Axis::Attribute) => "@ must be followed by a NodeTest".to_owned(),
                (Dialect::Two, _) => format!("Unexpected token {} after axis name", self.shown()),
            }));
        };
        let name = *name;
        self.at += 1;
        if self.sign("(") {
            return self.kind_test(name);
        }
        Ok(match name.split_once(':') {
            None => Test::Name { prefix: None, local: Box::from(name) },
            Some(("*", local)) => Test::AnyPrefix { local: Box::from(local) },
            Some((prefix, "*")) => Test::AnyOf { prefix: self.prefix(prefix) },
            Some((prefix, local)) => Test::Name { prefix: Some(self.prefix(prefix)), local: Box::from(local) },
        })
    }

    fn prefix(&mut self, prefix: &str) -> usize {
        if let Some(known) = self.prefixes.iter().position(|other| &**other == prefix) {
            return known;
        }
        self.prefixes.push(Box::from(prefix));
        self.prefixes.len() - 1
    }

    /// `text()` and so on, behind its parenthesis.
    fn kind_test(&mut self, name: &str) -> Parsed<Test> {
        let mut target = None;
        if name == "processing-instruction"
            && let Some(Token::Literal { text, .. } | Token::Name(text)) = self.peek()
        {
            target = Some(Box::from(*text));
            self.at += 1;
        }
        let test = match (name, self.dialect) {
            ("node", _) => Test::Node,
            ("text", _) => Test::Text,
            ("comment", _) => Test::Comment,
            ("processing-instruction", _) => Test::Instruction(target),
            ("element", Dialect::Two) => Test::Element,
            ("attribute", Dialect::Two) => Test::Attribute,
            ("document-node", Dialect::Two) => Test::Document,
            (_, Dialect::One) => return Err(Mistake::Wrong(format!("Unknown nodetype: {name}"))),
            (_, Dialect::Two) => return Err(Mistake::Missing(format!("the node test {name}()"))),
        };
        if self.two() && !self.at_sign(")") && matches!(test, Test::Element | Test::Attribute | Test::Document) {
            return Err(Mistake::Missing(format!("arguments of the node test {name}()")));
        }
        self.expect(")")?;
        Ok(test)
    }

    /// An expression that is no path, if there is one here.
    fn primary(&mut self) -> Parsed<Option<Expr>> {
        let Some(token) = self.peek() else { return Ok(None) };
        Ok(Some(match token {
            Token::Literal { text, quote } => {
                let text = if self.two() {
                    text.replace(&quote.to_string().repeat(2), &quote.to_string())
                } else {
                    (*text).to_owned()
                };
                self.at += 1;
                Expr::Text(text.into_boxed_str())
            }
            Token::Number(text) => {
                let number = self.number(text)?;
                self.at += 1;
                number
            }
            Token::Sign("$") => {
                self.at += 1;
                let Some(Token::Name(name)) = self.peek() else { return Err(self.no_expression()) };
                let name = *name;
                self.at += 1;
                match self.variables.iter().rposition(|other| *other == name) {
                    Some(place) => Expr::Variable(place),
                    None if self.two() => {
                        return Err(Mistake::Wrong(format!("Undeclared variable in XPath expression: ${name}")));
                    }
                    None => Expr::Undeclared(Box::from(name)),
                }
            }
            Token::Sign("(") => {
                self.at += 1;
                if self.two() && self.sign(")") {
                    return Ok(Some(Expr::Sequence(Vec::new())));
                }
                let inner = if self.two() { self.sequence()? } else { self.expr()? };
                self.expect(")")?;
                // A path in parentheses is evaluated as a whole before what follows it.
                match inner {
                    path @ Expr::Path(..) => Expr::Sequence(vec![path]),
                    other => other,
                }
            }
            Token::Sign(".") if self.two() && !self.sign_follows(1, "[") => {
                self.at += 1;
                Expr::Context
            }
            Token::Name(name) if self.sign_follows(1, "(") => {
                let is_test = matches!(*name, "node" | "text" | "comment" | "processing-instruction");
                let is_two = ["element", "attribute", "document-node", "schema-element", "item", "namespace-node"];
                if is_test || (is_two.contains(name) && !(self.dialect == Dialect::One && *name != "element")) {
                    return Ok(None);
                }
                let name = *name;
                self.at += 2;
                self.call(name)?
            }
            Token::Name(name @ ("map" | "array" | "function")) if self.two() && self.sign_follows(1, "{") => {
                return Err(Mistake::Missing(format!("the constructor {name}{{}}")));
            }
            _ => return Ok(None),
        }))
    }

    fn number(&self, text: &str) -> Parsed<Expr> {
        let decimal = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !self.two() {
            return match text.parse() {
                Ok(number) if decimal => Ok(Expr::Double(number)),
                _ => Err(Mistake::Wrong(format!("{text} could not be formatted to a number!"))),
            };
        }
        let number = if !decimal {
            text.parse().ok().map(Expr::Double)
        } else if text.contains('.') {
            Decimal::parse(text).map(Expr::Decimal)
        } else {
            text.parse().ok().map(Expr::Whole)
        };
        number.ok_or_else(|| Mistake::Missing(format!("numbers as long as {text}")))
    }

    /// A call, behind its parenthesis.
    fn call(&mut self, written: &str) -> Parsed<Expr> {
        let name = written.strip_prefix("fn:").filter(|_| self.two()).unwrap_or(written);
        let constructor = name.strip_prefix("xs:").filter(|_| self.two());
        let entry = functions::named(name, self.dialect);
        if entry.is_none() && !self.two() {
            return Err(Mistake::Wrong(format!("Could not find function: {name}")));
        }
        let arguments = self.arguments()?;
        let count = arguments.len();
        if let Some(name) = constructor {
            let kind = Type::named(name).ok_or_else(|| Mistake::Missing(format!("the type xs:{name}")))?;
            let mut arguments = arguments.into_iter();
            return match (arguments.next(), arguments.next()) {
                (Some(value), None) => Ok(Expr::Cast(kind, Box::new(value))),
                _ => Err(Mistake::Wrong(format!("The xs:{name}() constructor function takes one argument"))),
            };
        }
        let Some(entry) = entry else {
            if functions::is_missing(name) || name.contains(':') {
                return Err(Mistake::Missing(format!("the function {name}()")));
            }
            return Err(Mistake::Wrong(format!(
                "Cannot find a {count}-argument function named Q{{{FUNCTIONS}}}{name}()"
            )));
        };
        let entry = functions::with_count(entry, count, self.dialect);
        if let Some(message) = entry.wrong_count(count, self.dialect) {
            if self.two() {
                return Err(Mistake::Wrong(message));
            }
            self.late.get_or_insert(Mistake::Wrong(message));
        }
        Ok(Expr::Call(entry.function, arguments))
    }

    fn arguments(&mut self) -> Parsed<Vec<Expr>> {
        let mut all = Vec::new();
        while !self.at_sign(")") && (self.two() || self.peek().is_some()) {
            if !self.two() && self.at_sign(",") {
                return Err(Mistake::Wrong("Found ',' but no preceding argument!".to_owned()));
            }
            all.push(self.expr()?);
            if self.at_sign(")") {
                break;
            }
            if self.two() && !self.at_sign(",") {
                break;
            }
            self.expect(",")?;
            if !self.two() && self.at_sign(")") {
                return Err(Mistake::Wrong("Found ',' but no following argument!".to_owned()));
            }
        }
        self.expect(")")?;
        Ok(all)
    }
}

fn anything_below() -> Step {
    Step::Axis { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: Vec::new() }
}

/// `//name` is one walk down where no predicate counts places.
fn shortened(steps: Vec<Step>) -> Vec<Step> {
    let mut short: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        let below = matches!(
            short.last(),
            Some(Step::Axis { axis: Axis::DescendantOrSelf, test: Test::Node, predicates }) if predicates.is_empty()
        );
        match step {
            Step::Axis { axis: Axis::Child, test, predicates } if below && predicates.is_empty() => {
                short.pop();
                short.push(Step::Axis { axis: Axis::Descendant, test, predicates });
            }
            step => short.push(step),
        }
    }
    short
}
