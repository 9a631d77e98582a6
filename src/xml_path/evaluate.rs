//! Evaluates a tree over a document.

use super::decimal::Decimal;
use super::document::{Document, Kind, NodeId, ROOT};
use super::functions::Function;
use super::tree::{Arithmetic, Axis, Comparison, Dialect, Expr, Quantifier, Step, Test, Type};
use super::value::{Item, Wrong, double, wrong};
use std::cmp::Ordering;

pub(super) type Evaluated = Result<Vec<Item>, Wrong>;

/// Items that one evaluation may look at.
const MOST_WORK: u64 = 20_000_000;
/// Items of `a to b`.
const LONGEST_RANGE: i128 = 1_000_000;

pub(super) struct Evaluator<'e> {
    pub document: &'e Document,
    pub dialect: Dialect,
    /// The namespace of each prefix of the expression.
    pub namespaces: &'e [Box<str>],
    variables: Vec<Vec<Item>>,
    work: u64,
}

/// What `.`, `position()` and `last()` are.
#[derive(Clone, Copy)]
pub(super) struct Focus<'f> {
    pub item: &'f Item,
    pub position: usize,
    pub size: usize,
}

impl<'e> Evaluator<'e> {
    pub fn new(document: &'e Document, dialect: Dialect, namespaces: &'e [Box<str>]) -> Self {
        Evaluator { document, dialect, namespaces, variables: Vec::new(), work: 0 }
    }

    pub fn one(&self) -> bool {
        self.dialect == Dialect::One
    }

    pub fn text_of(&self, items: &[Item]) -> String {
        items.first().map(|item| item.text(self.document, self.dialect)).unwrap_or_default()
    }

    fn worked(&mut self, items: usize) -> Result<(), Wrong> {
        self.work += items as u64;
        if self.work > MOST_WORK {
            return wrong("The expression takes too long on this document");
        }
        Ok(())
    }

    pub fn eval(&mut self, expr: &Expr, focus: Focus<'_>) -> Evaluated {
        self.worked(1)?;
        Ok(match expr {
            Expr::Text(text) => vec![Item::Text(text.to_string())],
            Expr::Whole(number) => vec![Item::Whole(*number)],
            Expr::Decimal(number) => vec![Item::Decimal(*number)],
            Expr::Double(number) => vec![Item::Double(*number)],
            Expr::Variable(place) => {
                let value = self.variables.get(*place).cloned().unwrap_or_default();
                self.worked(value.len())?;
                value
            }
            Expr::Undeclared(name) => return wrong(format!("Variable not resolvable: {name}")),
            Expr::Sequence(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.append(&mut self.eval(part, focus)?);
                }
                all
            }
            Expr::Or(left, right) => {
                vec![Item::Boolean(self.truth(left, focus)? || self.truth(right, focus)?)]
            }
            Expr::And(left, right) => {
                vec![Item::Boolean(self.truth(left, focus)? && self.truth(right, focus)?)]
            }
            Expr::Compare(comparison, left, right) => {
                let (left, right) = (self.eval(left, focus)?, self.eval(right, focus)?);
                vec![Item::Boolean(self.compare(*comparison, left, right)?)]
            }
            Expr::CompareValues(comparison, left, right) => {
                let (Some(left), Some(right)) = (self.single(left, focus)?, self.single(right, focus)?) else {
                    return Ok(Vec::new());
                };
                vec![Item::Boolean(compare_atoms(*comparison, &untyped_as_text(left), &untyped_as_text(right))?)]
            }
            Expr::CompareNodes(order, left, right) => {
                let (left, right) = (self.nodes(left, focus)?, self.nodes(right, focus)?);
                match (left.first(), right.first()) {
                    (Some(left), Some(right)) => vec![Item::Boolean(left.cmp(right) == *order)],
                    _ => Vec::new(),
                }
            }
            Expr::Range(first, last) => self.range(first, last, focus)?,
            Expr::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right, focus)?,
            Expr::Negative(value) => self.negative(value, focus)?,
            Expr::Union(left, right) => {
                let mut nodes = self.nodes_of_union(left, "first", focus)?;
                nodes.append(&mut self.nodes_of_union(right, "second", focus)?);
                in_order(nodes)
            }
            Expr::Intersect(left, right) => {
                let (mut left, right) = (self.nodes(left, focus)?, sorted(self.nodes(right, focus)?));
                left.retain(|node| right.binary_search(node).is_ok());
                in_order(left)
            }
            Expr::Except(left, right) => {
                let (mut left, right) = (self.nodes(left, focus)?, sorted(self.nodes(right, focus)?));
                left.retain(|node| right.binary_search(node).is_err());
                in_order(left)
            }
            Expr::Concat(left, right) => {
                let (left, right) = (self.single(left, focus)?, self.single(right, focus)?);
                let text = |item: Option<Item>| self.text_of(item.as_slice());
                vec![Item::Text(text(left) + &text(right))]
            }
            Expr::Map(left, right) => {
                let left = self.eval(left, focus)?;
                self.each(&left, right)?
            }
            Expr::If(condition, then, other) => {
                let branch = if self.truth(condition, focus)? { then } else { other };
                self.eval(branch, focus)?
            }
            Expr::For(of, body) => {
                let mut all = Vec::new();
                for item in self.eval(of, focus)? {
                    all.append(&mut self.bound(vec![item], body, focus)?);
                }
                all
            }
            Expr::Let(of, body) => {
                let value = self.eval(of, focus)?;
                self.bound(value, body, focus)?
            }
            Expr::Quantified(quantifier, of, body) => {
                let wanted = *quantifier == Quantifier::Some;
                let mut found = false;
                for item in self.eval(of, focus)? {
                    let value = self.bound(vec![item], body, focus)?;
                    if self.is_true(&value)? == wanted {
                        found = true;
                        break;
                    }
                }
                vec![Item::Boolean(found == wanted)]
            }
            Expr::Cast(to, value) => match self.single(value, focus)? {
                Some(item) => vec![item.cast(*to)?],
                None => Vec::new(),
            },
            Expr::Castable(to, value) => {
                let item = self.single(value, focus)?;
                vec![Item::Boolean(item.is_none_or(|item| item.cast(*to).is_ok()))]
            }
            Expr::Context => vec![focus.item.clone()],
            Expr::Root => vec![Item::Node(ROOT)],
            Expr::Path(base, steps) if self.document.has_named_texts() && looks_for_nameless(base, steps) => Vec::new(),
            Expr::Path(base, steps) => {
                let mut at = self.eval(base, focus)?;
                for step in steps {
                    at = self.step(&at, step)?;
                }
                at
            }
            Expr::Filter(base, predicates) => {
                let mut items = self.eval(base, focus)?;
                for predicate in predicates {
                    items = self.filtered(items, predicate)?;
                }
                items
            }
            Expr::Call(function, arguments) => self.call(*function, arguments, focus)?,
        })
    }

    fn bound(&mut self, value: Vec<Item>, body: &Expr, focus: Focus<'_>) -> Evaluated {
        self.variables.push(value);
        let result = self.eval(body, focus);
        self.variables.pop();
        result
    }

    fn each(&mut self, items: &[Item], expr: &Expr) -> Evaluated {
        let mut all = Vec::new();
        for (index, item) in items.iter().enumerate() {
            all.append(&mut self.eval(expr, Focus { item, position: index + 1, size: items.len() })?);
        }
        Ok(all)
    }

    pub fn nodes(&mut self, expr: &Expr, focus: Focus<'_>) -> Result<Vec<NodeId>, Wrong> {
        self.eval(expr, focus)?
            .into_iter()
            .map(|item| match item {
                Item::Node(node) => Ok(node),
                other if self.one() => wrong(format!("Can not convert {} to a NodeList!", xalans_type(&other))),
                _ => wrong("The required item type is node(). The supplied value is an atomic value"),
            })
            .collect()
    }

    /// Xalan passes over what is no node in a union.
    fn nodes_of_union(&mut self, expr: &Expr, place: &str, focus: Focus<'_>) -> Result<Vec<NodeId>, Wrong> {
        let items = self.eval(expr, focus)?;
        if !self.one() && items.iter().any(|item| !matches!(item, Item::Node(_))) {
            return wrong(format!(
                "The required item type of the {place} operand of '|' is node(). The supplied value is an atomic value"
            ));
        }
        Ok(items.into_iter().filter_map(|item| if let Item::Node(node) = item { Some(node) } else { None }).collect())
    }

    /// A value of at most one item, without a node around it.
    pub fn single(&mut self, expr: &Expr, focus: Focus<'_>) -> Result<Option<Item>, Wrong> {
        let mut items = self.eval(expr, focus)?;
        if items.len() > 1 {
            return wrong(format!("A sequence of more than one item is not allowed here {}", self.shown(&items)));
        }
        Ok(items.pop().map(|item| item.atomized(self.document)))
    }

    fn truth(&mut self, expr: &Expr, focus: Focus<'_>) -> Result<bool, Wrong> {
        let value = self.eval(expr, focus)?;
        self.is_true(&value)
    }

    /// The effective boolean value.
    pub fn is_true(&self, items: &[Item]) -> Result<bool, Wrong> {
        match items {
            [] => Ok(false),
            [Item::Node(_), ..] => Ok(true),
            [Item::Boolean(yes)] => Ok(*yes),
            [Item::Text(text) | Item::Untyped(text)] => Ok(!text.is_empty()),
            [number] => {
                let number = number.number(self.document, self.dialect);
                Ok(number != 0.0 && !number.is_nan())
            }
            _ => wrong(
                "Effective boolean value is not defined for a sequence of two or more items starting with an atomic value",
            ),
        }
    }

    fn filtered(&mut self, items: Vec<Item>, predicate: &Expr) -> Evaluated {
        let size = items.len();
        if let Expr::Whole(place) = predicate {
            let place = usize::try_from(*place).ok().and_then(|place| place.checked_sub(1));
            return Ok(place.and_then(|place| items.into_iter().nth(place)).into_iter().collect());
        }
        let mut kept = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let value = self.eval(predicate, Focus { item: &item, position: index + 1, size })?;
            let keep = match &*value {
                [number] if number.is_number() => number.number(self.document, self.dialect) == (index + 1) as f64,
                value => self.is_true(value)?,
            };
            if keep {
                kept.push(item);
            }
        }
        Ok(kept)
    }

    fn step(&mut self, from: &[Item], step: &Step) -> Evaluated {
        let (axis, test, predicates) = match step {
            Step::Axis { axis, test, predicates } => (*axis, test, predicates),
            Step::Each(expr) => {
                let items = self.each(from, expr)?;
                let nodes = items.iter().filter(|item| matches!(item, Item::Node(_))).count();
                return match nodes {
                    0 => Ok(items),
                    all if all == items.len() => Ok(in_order(nodes_in(&items))),
                    _ => wrong("Cannot mix nodes and atomic values in the result of a path expression"),
                };
            }
        };
        let mut all = Vec::new();
        for item in from {
            let Item::Node(node) = item else {
                return wrong(if self.one() {
                    format!("Can not convert {} to a NodeList!", xalans_type(item))
                } else {
                    format!(
                        "The required item type of the first operand of '/' is node(); the supplied value has item type {}",
                        item.type_name()
                    )
                });
            };
            let mut found = Vec::new();
            self.walk(*node, axis, test, &mut found)?;
            for predicate in predicates {
                found = self.filtered(found, predicate)?;
            }
            all.append(&mut found);
        }
        if from.len() > 1 || axis.is_reverse() {
            return Ok(in_order(nodes_in(&all)));
        }
        Ok(all)
    }

    fn walk(&mut self, node: NodeId, axis: Axis, test: &Test, found: &mut Vec<Item>) -> Result<(), Wrong> {
        let document = self.document;
        let mut looked_at = 1;
        let mut take = |node: NodeId| {
            looked_at += 1;
            if self.passes(node, axis, test) {
                found.push(Item::Node(node));
            }
        };
        let is_in_tree = |node: &NodeId| !matches!(document.kind(*node), Kind::Attribute | Kind::Namespace);
        let own = document.node(node);
        let ancestors = || std::iter::successors(document.parent(node), |above| document.parent(*above));
        match axis {
            Axis::Itself => take(node),
            Axis::Child => document.children(node).for_each(take),
            Axis::Attribute => document.attributes(node).for_each(take),
            Axis::Namespace if own.kind == Kind::Element => document.namespaces(node).into_iter().for_each(take),
            Axis::Namespace => {}
            Axis::Parent => document.parent(node).into_iter().for_each(take),
            Axis::Ancestor => ancestors().for_each(take),
            Axis::AncestorOrSelf => {
                take(node);
                ancestors().for_each(take);
            }
            Axis::Descendant => (own.attributes_end..own.end).filter(is_in_tree).for_each(take),
            Axis::DescendantOrSelf => {
                take(node);
                (own.attributes_end..own.end).filter(is_in_tree).for_each(take);
            }
            Axis::Following => {
                let from = if is_in_tree(&node) { own.end } else { document.node(own.parent).attributes_end };
                (from..document.len()).filter(is_in_tree).for_each(take);
            }
            Axis::FollowingSibling => {
                std::iter::successors(own.next, |next| document.node(*next).next).for_each(take);
            }
            Axis::PrecedingSibling => {
                std::iter::successors(own.previous, |next| document.node(*next).previous).for_each(take);
            }
            Axis::Preceding => {
                let above: Vec<NodeId> = ancestors().collect();
                let before = (1..node).rev().filter(is_in_tree).filter(|other| !above.contains(other));
                before.for_each(take);
            }
        }
        self.worked(looked_at)
    }

    fn passes(&self, node: NodeId, axis: Axis, test: &Test) -> bool {
        let kind = self.document.kind(node);
        let principal = match axis {
            Axis::Attribute => Kind::Attribute,
            Axis::Namespace => Kind::Namespace,
            _ => Kind::Element,
        };
        // Where texts have names, instructions have none, and only who takes anything takes them.
        if kind == Kind::Instruction && self.document.has_named_texts() {
            return *test == Test::Node && matches!(axis, Axis::Itself | Axis::DescendantOrSelf);
        }
        // Text beside text is one node.
        let named = || kind == principal;
        match test {
            Test::Node => !self.document.continues_text(node),
            Test::Text => matches!(kind, Kind::Text | Kind::CData) && !self.document.continues_text(node),
            Test::Comment => kind == Kind::Comment,
            Test::Instruction(target) => {
                kind == Kind::Instruction && target.as_ref().is_none_or(|target| **target == *self.document.name(node))
            }
            Test::Element => kind == Kind::Element,
            Test::Attribute => kind == Kind::Attribute,
            Test::Document => kind == Kind::Document,
            Test::AnyName => named(),
            Test::AnyPrefix { local } => named() && self.document.local_name(node) == &**local,
            Test::AnyOf { prefix } => {
                named() && self.document.node(node).uri.as_deref() == self.namespace(Some(*prefix))
            }
            Test::Name { prefix, local } => {
                named()
                    && self.document.tested_name(node) == &**local
                    && self.document.node(node).uri.as_deref() == self.namespace(*prefix)
            }
        }
    }

    fn namespace(&self, prefix: Option<usize>) -> Option<&str> {
        prefix.and_then(|prefix| self.namespaces.get(prefix)).map(|uri| &**uri)
    }

    fn range(&mut self, first: &Expr, last: &Expr, focus: Focus<'_>) -> Evaluated {
        let mut bound = |expr| match self.single(expr, focus)? {
            Some(item) => match item.cast(Type::Whole)? {
                Item::Whole(number) => Ok(Some(number)),
                _ => Ok(None),
            },
            None => Ok(None),
        };
        let (Some(first), Some(last)) = (bound(first)?, bound(last)?) else { return Ok(Vec::new()) };
        if last.saturating_sub(first) >= LONGEST_RANGE {
            return wrong(format!("A range of more than {LONGEST_RANGE} numbers is not supported"));
        }
        let all: Vec<Item> = (first..=last).map(Item::Whole).collect();
        self.worked(all.len())?;
        Ok(all)
    }

    fn negative(&mut self, value: &Expr, focus: Focus<'_>) -> Evaluated {
        if self.one() {
            let value = self.eval(value, focus)?;
            return Ok(vec![Item::Double(-self.number_of(&value))]);
        }
        Ok(match self.single(value, focus)? {
            None => Vec::new(),
            Some(Item::Whole(number)) => vec![Item::Whole(number.saturating_neg())],
            Some(Item::Decimal(number)) => {
                vec![Item::Decimal(Decimal::whole(0).subtract(number).unwrap_or(number))]
            }
            Some(item) => vec![calculated(Arithmetic::Multiply, item, Item::Whole(-1))?],
        })
    }

    /// XPath 1.0's number of a value.
    pub fn number_of(&self, items: &[Item]) -> f64 {
        items.first().map_or(f64::NAN, |item| item.number(self.document, self.dialect))
    }

    fn arithmetic(&mut self, operation: Arithmetic, left: &Expr, right: &Expr, focus: Focus<'_>) -> Evaluated {
        let (left, right) = (self.eval(left, focus)?, self.eval(right, focus)?);
        if self.one() {
            let (left, right) = (self.number_of(&left), self.number_of(&right));
            return Ok(vec![Item::Double(doubles(operation, left, right))]);
        }
        for (items, which) in [(&left, "first"), (&right, "second")] {
            if items.len() > 1 {
                return wrong(format!(
                    "A sequence of more than one item is not allowed as the {which} operand of '{}' {}",
                    operation.sign(),
                    self.shown(items)
                ));
            }
        }
        let (Some(left), Some(right)) = (left.into_iter().next(), right.into_iter().next()) else {
            return Ok(Vec::new());
        };
        let (left, right) = (left.atomized(self.document), right.atomized(self.document));
        calculated(operation, left, right).map(|item| vec![item])
    }

    /// The first two items, as Saxon shows what is too many: `(@n="1", @n="2") `.
    pub fn shown(&self, items: &[Item]) -> String {
        let one = |item: &Item| match item {
            Item::Node(node) if self.document.kind(*node) == Kind::Attribute => {
                format!("@{}=\"{}\"", self.document.name(*node), self.document.string_value(*node))
            }
            Item::Node(node) => format!("<{}>", self.document.name(*node)),
            Item::Text(text) | Item::Untyped(text) => format!("\"{text}\""),
            other => other.text(self.document, self.dialect),
        };
        let first: Vec<String> = items.iter().take(2).map(one).collect();
        format!("({}) ", first.join(", "))
    }

    fn compare(&mut self, comparison: Comparison, left: Vec<Item>, right: Vec<Item>) -> Result<bool, Wrong> {
        if self.one() {
            return self.compare_as_in_one(comparison, &left, &right);
        }
        self.worked(left.len().saturating_mul(right.len()))?;
        let right: Vec<Item> = right.into_iter().map(|item| item.atomized(self.document)).collect();
        for left in left {
            let left = left.atomized(self.document);
            for right in &right {
                if compare_general(comparison, &left, right)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn compare_as_in_one(&mut self, comparison: Comparison, left: &[Item], right: &[Item]) -> Result<bool, Wrong> {
        let is_set = |items: &[Item]| items.iter().all(|item| matches!(item, Item::Node(_)));
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let numbers = |left: f64, right: f64| comparison.holds(left.partial_cmp(&right));
        match (is_set(left), is_set(right)) {
            (true, true) => {
                self.worked(left.len().saturating_mul(right.len()))?;
                let texts = |items: &[Item]| -> Vec<String> {
                    items.iter().map(|item| item.text(self.document, self.dialect)).collect()
                };
                let of = |items: &[Item]| -> Vec<f64> {
                    items.iter().map(|item| item.number(self.document, self.dialect)).collect()
                };
                if equality {
                    let right = texts(right);
                    return Ok(texts(left)
                        .iter()
                        .any(|left| right.iter().any(|right| comparison.holds(Some(left.cmp(right))))));
                }
                let right = of(right);
                Ok(of(left).into_iter().any(|left| right.iter().any(|right| numbers(left, *right))))
            }
            (true, false) => self.compare_set(comparison, left, right),
            (false, true) => self.compare_set(comparison.turned(), right, left),
            (false, false) => Ok(match (left, right) {
                ([Item::Boolean(_)], _) | (_, [Item::Boolean(_)]) if equality => {
                    comparison.holds(Some(self.is_true(left)?.cmp(&self.is_true(right)?)))
                }
                ([Item::Text(left)], [Item::Text(right)]) if equality => comparison.holds(Some(left.cmp(right))),
                _ => numbers(self.number_of(left), self.number_of(right)),
            }),
        }
    }

    fn compare_set(&self, comparison: Comparison, nodes: &[Item], value: &[Item]) -> Result<bool, Wrong> {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        Ok(match value {
            [Item::Boolean(yes)] => {
                let number = |yes| f64::from(u8::from(yes));
                comparison.holds(number(self.is_true(nodes)?).partial_cmp(&number(*yes)))
            }
            [Item::Text(text)] if equality => {
                nodes.iter().any(|node| comparison.holds(Some(node.text(self.document, self.dialect).cmp(text))))
            }
            value => {
                let value = self.number_of(value);
                let number = |node: &Item| node.number(self.document, self.dialect);
                nodes.iter().any(|node| comparison.holds(number(node).partial_cmp(&value)))
            }
        })
    }
}

fn xalans_type(item: &Item) -> &'static str {
    match item {
        Item::Boolean(_) => "#BOOLEAN",
        Item::Double(_) | Item::Whole(_) | Item::Decimal(_) => "#NUMBER",
        _ => "#STRING",
    }
}

fn nodes_in(items: &[Item]) -> Vec<NodeId> {
    items.iter().filter_map(|item| if let Item::Node(node) = item { Some(*node) } else { None }).collect()
}

fn sorted(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn in_order(nodes: Vec<NodeId>) -> Vec<Item> {
    sorted(nodes).into_iter().map(Item::Node).collect()
}

pub(super) fn untyped_as_text(item: Item) -> Item {
    if let Item::Untyped(text) = item { Item::Text(text) } else { item }
}

fn doubles(operation: Arithmetic, left: f64, right: f64) -> f64 {
    match operation {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::DivideWhole => (left / right).trunc(),
        Arithmetic::Modulo => left % right,
    }
}

/// Arithmetic on two single values.
pub(super) fn calculated(operation: Arithmetic, left: Item, right: Item) -> Result<Item, Wrong> {
    let types = format!("({}, {})", left.type_name(), right.type_name());
    let operand = |item: Item| match item {
        Item::Untyped(text) => double(&text).map(Item::Double),
        number if number.is_number() => Ok(number),
        _ => wrong(format!("Arithmetic operator is not defined for arguments of types {types}")),
    };
    let (left, right) = (operand(left)?, operand(right)?);
    let overflow = || Wrong("Integer overflow".to_owned());
    if let (Item::Whole(one), Item::Whole(other)) = (&left, &right) {
        let result = match operation {
            Arithmetic::Add => one.checked_add(*other),
            Arithmetic::Subtract => one.checked_sub(*other),
            Arithmetic::Multiply => one.checked_mul(*other),
            _ if *other == 0 => return wrong("Integer division by zero"),
            Arithmetic::DivideWhole => one.checked_div(*other),
            Arithmetic::Modulo => one.checked_rem(*other),
            Arithmetic::Divide => {
                let quotient = Decimal::whole(*one).divide(Decimal::whole(*other)).ok_or_else(overflow)?;
                return Ok(Item::Decimal(quotient));
            }
        };
        return result.map(Item::Whole).ok_or_else(overflow);
    }
    let decimal = |item: &Item| match item {
        Item::Whole(number) => Some(Decimal::whole(*number)),
        Item::Decimal(number) => Some(*number),
        _ => None,
    };
    if let (Some(one), Some(other)) = (decimal(&left), decimal(&right)) {
        let result = match operation {
            Arithmetic::Add => one.add(other),
            Arithmetic::Subtract => one.subtract(other),
            Arithmetic::Multiply => one.multiply(other),
            _ if other == Decimal::whole(0) => return wrong("Decimal divide by zero"),
            Arithmetic::Divide => one.divide(other),
            Arithmetic::Modulo => one.remainder(other),
            Arithmetic::DivideWhole => {
                return one.divide(other).map(|quotient| Item::Whole(quotient.truncated())).ok_or_else(overflow);
            }
        };
        return result.map(Item::Decimal).ok_or_else(overflow);
    }
    let nothing = Document::empty();
    let number = |item: &Item| item.number(&nothing, Dialect::Two);
    let result = doubles(operation, number(&left), number(&right));
    if operation == Arithmetic::DivideWhole {
        return Item::Double(result).cast(Type::Whole);
    }
    Ok(Item::Double(result))
}

fn compare_general(comparison: Comparison, left: &Item, right: &Item) -> Result<bool, Wrong> {
    let adapted = |item: &Item, to: &Item| match item {
        Item::Untyped(text) if to.is_number() => double(text).map(Item::Double),
        Item::Untyped(text) if matches!(to, Item::Boolean(_)) => Item::Text(text.clone()).cast(Type::Boolean),
        other => Ok(untyped_as_text(other.clone())),
    };
    compare_atoms(comparison, &adapted(left, right)?, &adapted(right, left)?)
}

/// Compares two values of like types.
pub(super) fn compare_atoms(comparison: Comparison, left: &Item, right: &Item) -> Result<bool, Wrong> {
    match ordered(left, right) {
        Ok(order) => Ok(comparison.holds(order)),
        Err(()) => wrong(format!("Cannot compare {} to {}", left.type_name(), right.type_name())),
    }
}

/// Which is greater; `Err` for what cannot be compared, no order with a NaN.
pub(super) fn ordered(left: &Item, right: &Item) -> Result<Option<Ordering>, ()> {
    let nothing = Document::empty();
    Ok(match (left, right) {
        (Item::Text(left) | Item::Untyped(left), Item::Text(right) | Item::Untyped(right)) => Some(left.cmp(right)),
        (Item::Boolean(left), Item::Boolean(right)) => Some(left.cmp(right)),
        (Item::Whole(left), Item::Whole(right)) => Some(left.cmp(right)),
        (Item::Decimal(left), Item::Decimal(right)) => Some(left.order(*right)),
        (Item::Whole(left), Item::Decimal(right)) => Some(Decimal::whole(*left).order(*right)),
        (Item::Decimal(left), Item::Whole(right)) => Some(left.order(Decimal::whole(*right))),
        (left, right) if left.is_number() && right.is_number() => {
            left.number(&nothing, Dialect::Two).partial_cmp(&right.number(&nothing, Dialect::Two))
        }
        _ => return Err(()),
    })
}

/// Whether a path is one walk down to texts, comments or instructions, for which Xalan looks in a list of nodes without a
/// name: `//text()`. Other paths look at each node's kind.
fn looks_for_nameless(base: &Expr, steps: &[Step]) -> bool {
    let is_nameless = |test: &Test| matches!(test, Test::Text | Test::Comment | Test::Instruction(_));
    let steps = match (base, steps) {
        (Expr::Root, steps) => steps,
        (Expr::Context, [Step::Axis { axis: Axis::Itself, test: Test::Node, .. }, steps @ ..]) => steps,
        _ => return false,
    };
    match steps {
        [Step::Axis { axis: Axis::Descendant | Axis::DescendantOrSelf, test, .. }] => is_nameless(test),
        [
            Step::Axis { axis: Axis::DescendantOrSelf, test: Test::Node, predicates: none },
            Step::Axis { axis: Axis::Child, test, predicates },
        ] => none.is_empty() && is_nameless(test) && !predicates.iter().any(counts_places),
        _ => false,
    }
}

fn counts_places(predicate: &Expr) -> bool {
    match predicate {
        Expr::Whole(_) | Expr::Double(_) | Expr::Call(Function::Position | Function::Last, _) => true,
        Expr::Compare(_, one, other) => counts_places_in(one) || counts_places_in(other),
        _ => false,
    }
}

fn counts_places_in(side: &Expr) -> bool {
    matches!(side, Expr::Call(Function::Position | Function::Last, _))
}
