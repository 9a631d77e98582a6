//! Evaluating a JEXL tree.

use super::Dialect;
use super::arithmetic::{self, add, are_equal, in_order, to_boolean, to_long};
use super::tree::{Binary, Node, Unary};
use crate::script::budget;
use crate::script::host::Outcome;
use crate::script::library::{list, pattern};
use crate::script::machine::Machine;
use crate::script::value::{Array, ClassRef, Map, MapKind, Range, Set, Thrown, Value, exceptions, java_text};
use std::cmp::Ordering;
use std::sync::Arc;

pub(super) struct Evaluator<'e, 'm> {
    machine: &'e mut Machine<'m>,
    dialect: Dialect,
    passes: u64,
}

/// How a statement ended other than with its value.
enum Leave {
    Thrown(Thrown),
    Return(Value),
    Break,
    Continue,
}

impl From<Thrown> for Leave {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

type Step = Result<Value, Leave>;

/// Where a variable stands decides whether it may be undefined or null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It must be defined.
    Plain,
    /// An operand that must be defined and not null.
    Strict,
    /// It may be undefined: the condition of a ternary, or what is accessed by `.`.
    Lenient,
}

pub(super) fn evaluate(tree: &Node, machine: &mut Machine<'_>, dialect: Dialect) -> Outcome {
    let mut evaluator = Evaluator { machine, dialect, passes: 0 };
    match evaluator.eval(tree) {
        Ok(value) | Err(Leave::Return(value)) => Ok(value),
        Err(Leave::Thrown(thrown)) => Err(thrown),
        Err(Leave::Break | Leave::Continue) => Ok(Value::Null),
    }
}

fn error(message: impl AsRef<str>) -> Leave {
    Leave::Thrown(Thrown::new(exceptions::JEXL, message))
}

impl Evaluator<'_, '_> {
    fn eval(&mut self, node: &Node) -> Step {
        self.eval_in(node, Place::Plain)
    }

    fn eval_in(&mut self, node: &Node, place: Place) -> Step {
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Name(name) => self.variable(name, place),
            Node::Member(object, name) => {
                let object = self.eval_in(object, Place::Lenient)?;
                self.member(&object, name, place)
            }
            Node::Index(object, index) => {
                let object = self.eval_in(object, Place::Lenient)?;
                if object.is_null() {
                    return self.nothing("object is null");
                }
                let index = self.eval(index)?;
                self.index(&object, &index)
            }
            Node::Method(object, name, arguments) => {
                let object = self.eval_in(object, Place::Lenient)?;
                let arguments = self.eval_all(arguments)?;
                if object.is_null() {
                    return self.nothing("attempting to call method on null");
                }
                self.method(object, name, arguments)
            }
            Node::Function(name) => Err(error(format!("unsolvable function/method '{name}'"))),
            Node::New(arguments) => self.construct(arguments),
            Node::Array(items) => {
                let items = self.eval_all(items)?;
                Ok(Value::Array(Arc::new(Array::new(element_type(&items), items))))
            }
            Node::Set(items) => {
                let items = self.eval_all(items)?;
                Ok(Value::Set(Arc::new(Set::new(MapKind::Hash, items))))
            }
            Node::Map(entries) => {
                let map = Map::new(MapKind::Hash);
                for (key, value) in entries {
                    let key = self.eval(key)?;
                    map.put(key, self.eval(value)?);
                }
                Ok(Value::Map(Arc::new(map)))
            }
            Node::Unary(operator, operand) => self.unary(*operator, operand),
            Node::Binary(operator, left, right) => {
                let place = if operator.is_strict() { Place::Strict } else { Place::Plain };
                let left = self.eval_in(left, place)?;
                let right = self.eval_in(right, place)?;
                self.binary(*operator, &left, &right).map_err(Leave::Thrown)
            }
            Node::And(left, right) => Ok((self.truth(left)? && self.truth(right)?).into()),
            Node::Or(left, right) => Ok((self.truth(left)? || self.truth(right)?).into()),
            Node::Ternary(condition, yes, no) => {
                let condition = self.lenient(condition)?;
                let holds = !condition.is_null() && to_boolean(&condition, self.dialect)?;
                // In JEXL 2 the branches too may name what is not defined.
                let place = if self.dialect == Dialect::Jexl2 { Place::Lenient } else { Place::Plain };
                self.eval_in(if holds { yes } else { no }, place)
            }
            Node::Elvis(value, otherwise) => {
                let value = self.lenient(value)?;
                if !value.is_null() && to_boolean(&value, self.dialect)? { Ok(value) } else { self.eval(otherwise) }
            }
            Node::NullCoalesce(value, otherwise) => {
                let value = self.lenient(value)?;
                if value.is_null() { self.eval(otherwise) } else { Ok(value) }
            }
            Node::Assign(target, operator, value) => self.assign(target, *operator, value),
            Node::Var(name) => {
                if !self.machine.scope.contains(name) {
                    self.machine.scope.set(name, Value::Null);
                }
                self.variable(name, Place::Plain)
            }
            Node::Block(statements) => {
                let mut last = Value::Null;
                for statement in statements {
                    last = self.eval(statement)?;
                }
                Ok(last)
            }
            Node::If(condition, yes, no) => {
                if self.truth(condition)? {
                    self.eval(yes)
                } else {
                    no.as_ref().map_or(Ok(Value::Null), |no| self.eval(no))
                }
            }
            Node::While(condition, body) => {
                let mut last = Value::Null;
                while self.truth(condition)? {
                    if !self.pass(body, &mut last)? {
                        break;
                    }
                }
                Ok(last)
            }
            Node::DoWhile(body, condition) => {
                let mut last = Value::Null;
                while self.pass(body, &mut last)? && self.truth(condition)? {}
                Ok(last)
            }
            Node::ForEach(name, items, body) => {
                let items = self.eval(items)?;
                let mut last = Value::Null;
                for item in iterate(&items) {
                    self.machine.scope.set(name, item);
                    if !self.pass(body, &mut last)? {
                        break;
                    }
                }
                Ok(last)
            }
            Node::Return(value) => Err(Leave::Return(self.eval(value)?)),
            Node::Break => Err(Leave::Break),
            Node::Continue => Err(Leave::Continue),
        }
    }

    /// One pass of a loop; false when it was left by `break`.
    fn pass(&mut self, body: &Node, last: &mut Value) -> Result<bool, Leave> {
        self.passes += 1;
        budget::expression(self.passes)?;
        self.machine.turn()?;
        match self.eval(body) {
            Ok(value) => *last = value,
            Err(Leave::Break) => return Ok(false),
            Err(Leave::Continue) => {}
            Err(leave) => return Err(leave),
        }
        Ok(true)
    }

    fn eval_all(&mut self, nodes: &[Node]) -> Result<Vec<Value>, Leave> {
        nodes.iter().map(|node| self.eval(node)).collect()
    }

    fn truth(&mut self, node: &Node) -> Result<bool, Leave> {
        let value = self.eval(node)?;
        Ok(to_boolean(&value, self.dialect)?)
    }

    /// The condition of a ternary: a null operand in it makes it null, in JEXL 3.
    fn lenient(&mut self, node: &Node) -> Step {
        match self.eval_in(node, Place::Lenient) {
            Err(Leave::Thrown(thrown))
                if self.dialect == Dialect::Jexl3 && thrown.message() == Some("null operand") =>
            {
                Ok(Value::Null)
            }
            result => result,
        }
    }

    fn variable(&mut self, name: &str, place: Place) -> Step {
        match self.machine.scope.get(name) {
            Some(value) if value.is_null() && place == Place::Strict && self.dialect == Dialect::Jexl3 => {
                Err(error(format!("variable '{name}' is null")))
            }
            Some(value) => Ok(value),
            None if place == Place::Lenient => Ok(Value::Null),
            None => Err(error(format!("undefined variable '{name}'"))),
        }
    }

    /// What an access on null gives: JEXL 3 is safe, JEXL 2 is not.
    fn nothing(&self, message: &str) -> Step {
        match self.dialect {
            Dialect::Jexl3 => Ok(Value::Null),
            Dialect::Jexl2 => Err(error(message)),
        }
    }

    fn member(&mut self, object: &Value, name: &str, place: Place) -> Step {
        match object {
            Value::Null | Value::Void => {
                if place == Place::Lenient {
                    Ok(Value::Null)
                } else {
                    self.nothing("object is null")
                }
            }
            Value::Map(map) => Ok(map.get(&Value::from(name)).unwrap_or_default()),
            Value::List(_) | Value::Array(_) if name.bytes().all(|b| b.is_ascii_digit()) => {
                let index = name.parse().map_err(|_| error("index out of bounds"))?;
                self.index(object, &Value::Int(index))
            }
            // An array has no property but its class: `length` is none of a bean.
            Value::Array(_) if name != "class" => Err(error(format!("undefined property '{name}'"))),
            _ => self.machine.get_bean_property(object, name).map_err(|thrown| {
                if thrown.class() == exceptions::MISSING_PROPERTY {
                    error(format!("undefined property '{name}'"))
                } else {
                    Leave::Thrown(thrown)
                }
            }),
        }
    }

    fn index(&mut self, object: &Value, index: &Value) -> Step {
        if let Value::Map(map) = object {
            return Ok(map.get(index).unwrap_or_default());
        }
        if let Ok(items) = list::items(object) {
            let at = usize::try_from(to_long(index)?).ok();
            return at.and_then(|at| items.get(at).cloned()).ok_or_else(|| error("index out of bounds"));
        }
        self.member(object, &java_text(index), Place::Plain)
    }

    fn method(&mut self, object: Value, name: &str, arguments: Vec<Value>) -> Step {
        // An array has the methods of a list.
        let object = match &object {
            Value::Array(array) => Value::list(array.items()),
            _ => object,
        };
        match self.machine.call_method(&object, name, &arguments) {
            Err(thrown) if thrown.class() == exceptions::MISSING_METHOD => {
                let narrowed: Vec<Value> = arguments.iter().map(arithmetic::narrow).collect();
                Ok(self.machine.call_method(&object, name, &narrowed)?)
            }
            result => Ok(result?),
        }
    }

    fn construct(&mut self, arguments: &[Node]) -> Step {
        let arguments = self.eval_all(arguments)?;
        let Some((class, arguments)) = arguments.split_first() else { return Err(error("new without a class")) };
        let class = match class {
            Value::Class(class) => Some(class.clone()),
            name => self.machine.find_class(&java_text(name)).filter(|class| class.name() == java_text(name)),
        };
        let class: ClassRef = class.ok_or_else(|| error("unsolvable constructor"))?;
        Ok(self.machine.construct(&class, arguments)?)
    }

    fn unary(&mut self, operator: Unary, operand: &Node) -> Step {
        if let (Unary::Empty | Unary::Size, Dialect::Jexl3) = (operator, self.dialect) {
            let value = self.eval_in(operand, Place::Lenient);
            return Ok(match (value, operator) {
                (Ok(value), Unary::Empty) => is_empty_jexl3(&value).into(),
                (Ok(value), _) => size(&value).unwrap_or(0).into(),
                // An error within counts as empty.
                (Err(Leave::Thrown(_)), Unary::Empty) => true.into(),
                (Err(Leave::Thrown(_)), _) => 0.into(),
                (Err(leave), _) => return Err(leave),
            });
        }
        let place = if operator == Unary::Not { Place::Strict } else { Place::Plain };
        let value = self.eval_in(operand, place)?;
        Ok(match operator {
            Unary::Minus => arithmetic::negate(&value)?,
            Unary::Plus => arithmetic::positive(&value)?,
            Unary::Not => (!to_boolean(&value, self.dialect)?).into(),
            Unary::Complement => (!to_long(&value)?).into(),
            Unary::Empty => (value.is_null() || size(&value) == Some(0)).into(),
            Unary::Size => size(&value).ok_or_else(|| error("size() : unsupported type"))?.into(),
        })
    }

    fn binary(&self, operator: Binary, left: &Value, right: &Value) -> Outcome {
        let dialect = self.dialect;
        let long = |compute: fn(i64, i64) -> i64| Ok(compute(to_long(left)?, to_long(right)?).into());
        let ordered = |sign, accepts: fn(Ordering) -> bool| Ok(in_order(left, right, sign, accepts, dialect)?.into());
        let starts_with = || self.affix(left, right, |text, part| text.starts_with(part));
        let ends_with = || self.affix(left, right, |text, part| text.ends_with(part));
        match operator {
            Binary::Add => add(left, right, dialect),
            Binary::Subtract => arithmetic::SUBTRACT.compute(left, right, dialect),
            Binary::Multiply => arithmetic::MULTIPLY.compute(left, right, dialect),
            Binary::Divide => arithmetic::DIVIDE.compute(left, right, dialect),
            Binary::Modulo => arithmetic::MODULO.compute(left, right, dialect),
            Binary::And => long(|a, b| a & b),
            Binary::Or => long(|a, b| a | b),
            Binary::Xor => long(|a, b| a ^ b),
            Binary::Equal => Ok(are_equal(left, right, dialect)?.into()),
            Binary::NotEqual => Ok((!are_equal(left, right, dialect)?).into()),
            Binary::Less => ordered("<", Ordering::is_lt),
            Binary::LessEqual => ordered("<=", Ordering::is_le),
            Binary::Greater => ordered(">", Ordering::is_gt),
            Binary::GreaterEqual => ordered(">=", Ordering::is_ge),
            Binary::Matches => Ok(self.matches(left, right)?.into()),
            Binary::NotMatches => Ok((!self.matches(left, right)?).into()),
            Binary::StartsWith => Ok(starts_with()?.into()),
            Binary::NotStartsWith => Ok((!starts_with()?).into()),
            Binary::EndsWith => Ok(ends_with()?.into()),
            Binary::NotEndsWith => Ok((!ends_with()?).into()),
            Binary::Range => {
                let bound = |value: &Value| -> Outcome {
                    let long = to_long(value)?;
                    Ok(i32::try_from(long).map_or(Value::Long(long), Value::Int))
                };
                Ok(Value::Range(Arc::new(Range { from: bound(left)?, to: bound(right)?, inclusive: true })))
            }
        }
    }

    /// `left =~ right`: a pattern matches all of the text, a collection contains the value.
    fn matches(&self, left: &Value, right: &Value) -> Result<bool, Thrown> {
        if left.is_null() || right.is_null() {
            return Ok(left.is_null() && right.is_null());
        }
        match right {
            Value::String(source) => pattern::cached(source)?.matches(&java_text(left)),
            Value::Map(map) => Ok(map.contains(left)),
            Value::Set(set) => Ok(set.contains(left)),
            _ => match list::items(right) {
                Ok(items) => Ok(items.iter().any(|item| crate::script::value::equals(item, left))),
                Err(_) => are_equal(left, right, self.dialect),
            },
        }
    }

    fn affix(&self, left: &Value, right: &Value, test: fn(&str, &str) -> bool) -> Result<bool, Thrown> {
        match left {
            Value::Null | Value::Void => Ok(right.is_null()),
            _ if right.is_null() => Ok(false),
            Value::String(text) => Ok(test(text, &java_text(right))),
            _ => are_equal(left, right, self.dialect),
        }
    }

    fn assign(&mut self, target: &Node, operator: Option<Binary>, value: &Node) -> Step {
        let mut value = self.eval(value)?;
        if let Some(operator) = operator {
            let old = self.eval(target)?;
            value = self.binary(operator, &old, &value)?;
        }
        match target {
            Node::Name(name) | Node::Var(name) => self.machine.scope.set(name, value.clone()),
            Node::Member(object, name) => {
                let object = self.eval_in(object, Place::Lenient)?;
                self.store(&object, &Value::from(name.clone()), value.clone())?;
            }
            Node::Index(object, index) => {
                let object = self.eval_in(object, Place::Lenient)?;
                let index = self.eval(index)?;
                self.store(&object, &index, value.clone())?;
            }
            _ => return Err(error("illegal assignment form")),
        }
        Ok(value)
    }

    fn store(&mut self, object: &Value, key: &Value, value: Value) -> Result<(), Leave> {
        let out_of_bounds = || error("index out of bounds");
        match object {
            Value::Map(map) => _ = map.put(key.clone(), value),
            Value::List(list) => {
                let at = usize::try_from(to_long(key)?).map_err(|_| out_of_bounds())?;
                list.change(|items| items.get_mut(at).map(|item| *item = value)).ok_or_else(out_of_bounds)?;
            }
            Value::Array(array) => {
                let at = usize::try_from(to_long(key)?).map_err(|_| out_of_bounds())?;
                if !array.set(at, value) {
                    return Err(out_of_bounds());
                }
            }
            Value::Object(host) if matches!(host.class(), ClassRef::Host(_)) => {
                let name = java_text(key);
                match self.machine.host.set_property(&**host, &name, &value) {
                    // What JEXL 3 cannot set as a property it puts, as into a map: `vars.name = "x"`.
                    Err(thrown) if self.dialect == Dialect::Jexl3 && thrown.class() == exceptions::MISSING_PROPERTY => {
                        self.method(object.clone(), "put", vec![Value::from(name.as_str()), value])?;
                    }
                    done => done?,
                }
            }
            _ => return Err(error(format!("undefined property '{}'", java_text(key)))),
        }
        Ok(())
    }
}

fn element_type(items: &[Value]) -> &'static str {
    let all = |test: fn(&Value) -> bool| !items.is_empty() && items.iter().all(test);
    if all(|item| matches!(item, Value::Int(_))) {
        "int"
    } else if all(|item| matches!(item, Value::Double(_))) {
        "double"
    } else if all(|item| matches!(item, Value::String(_))) {
        "java.lang.String"
    } else {
        "java.lang.Object"
    }
}

fn iterate(items: &Value) -> Vec<Value> {
    match items {
        Value::Map(map) => map.entries().into_iter().map(|(_, value)| value).collect(),
        _ => list::items(items).unwrap_or_default(),
    }
}

fn size(value: &Value) -> Option<i32> {
    Some(match value {
        Value::String(text) => crate::script::value::utf16_len(text) as i32,
        Value::Map(map) => map.len() as i32,
        _ => list::items(value).ok()?.len() as i32,
    })
}

fn is_empty_jexl3(value: &Value) -> bool {
    match value {
        Value::Null | Value::Void => true,
        _ if value.is_number() => value.to_f64().is_none_or(|n| n.is_nan() || n == 0.0),
        _ => size(value) == Some(0),
    }
}
