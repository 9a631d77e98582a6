//! Running a JavaScript tree.

use super::access::set_item;
use super::convert::truth;
use super::heap::{Class, Heap, Js, ScopeId};
use super::operators::strictly_equal;
use super::tree::{Expression, Function, Program, Statement};
use super::{globals, interop, json, regexps};
use crate::script::budget;
use crate::script::library::pattern::{CASE_INSENSITIVE, MULTILINE, Pattern};
use crate::script::machine::{Machine, with_stack};
use crate::script::value::{Thrown, Value, exceptions};
use crate::text::Text;
use std::sync::Arc;

/// What ends an evaluation early.
#[derive(Debug)]
pub(super) enum Fail {
    /// `throw value`, or an error of the language.
    Throw(Js),
    /// A Java exception.
    Java(Thrown),
}

impl From<Thrown> for Fail {
    fn from(thrown: Thrown) -> Self {
        Self::Java(thrown)
    }
}

pub(super) type Result<T = Js> = std::result::Result<T, Fail>;

/// How a statement ended.
pub(super) enum Flow {
    Normal,
    Break(Option<Text>),
    Continue(Option<Text>),
    Return(Js),
}

pub(super) struct Interpreter<'e, 'm> {
    pub(super) machine: &'e mut Machine<'m>,
    pub(super) heap: Heap,
    global: ScopeId,
    /// The value of the program: that of its last expression statement.
    completion: Js,
    pub(super) depth: u32,
    steps: u64,
}

/// The scope of the code at hand and its `this`.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) scope: ScopeId,
    pub(super) this: Js,
    /// Whether expression statements give the program's value.
    pub(super) top: bool,
}

impl<'e, 'm> Interpreter<'e, 'm> {
    pub(super) fn new(machine: &'e mut Machine<'m>) -> std::result::Result<Self, Thrown> {
        let mut heap = Heap::default();
        let global = heap.open_scope(None)?;
        Ok(Self { machine, heap, global, completion: Js::Undefined, depth: 0, steps: 0 })
    }

    /// Runs a program and gives its value.
    pub(super) fn run(&mut self, program: &Program) -> Result {
        for name in &program.variables {
            self.heap.declare(self.global, name, None);
        }
        let frame = Frame { scope: self.global, this: Js::Native(Text::from("global")), top: true };
        self.hoist(&program.body, frame.scope)?;
        for statement in &program.body {
            match self.execute(statement, &frame)? {
                Flow::Normal => {}
                Flow::Return(_) => return Err(self.error("SyntaxError", "invalid return")),
                Flow::Break(_) | Flow::Continue(_) => {
                    return Err(self.error("SyntaxError", "unlabelled break or continue"));
                }
            }
        }
        Ok(std::mem::replace(&mut self.completion, Js::Undefined))
    }

    /// An error of the language, as a failure.
    pub(super) fn error(&mut self, name: &str, message: impl AsRef<str>) -> Fail {
        match self.error_object(name, message.as_ref()) {
            Ok(error) => Fail::Throw(error),
            Err(thrown) => Fail::Java(thrown),
        }
    }

    pub(super) fn error_object(&mut self, name: &str, message: &str) -> std::result::Result<Js, Thrown> {
        let id = self.heap.add(Class::Error)?;
        let properties = &mut self.heap.object_mut(id).properties;
        properties.insert(Text::from("name"), Js::string(name));
        properties.insert(Text::from("message"), Js::string(message));
        Ok(Js::Object(id))
    }

    pub(super) fn type_error(&mut self, message: impl AsRef<str>) -> Fail {
        self.error("TypeError", message)
    }

    pub(super) fn count_step(&mut self) -> Result<()> {
        self.steps += 1;
        budget::expression(self.steps)?;
        Ok(self.machine.turn()?)
    }

    /// Function declarations take effect before the code around them.
    pub(super) fn hoist(&mut self, body: &[Statement], scope: ScopeId) -> Result<()> {
        for statement in body {
            if let Statement::Function(name, function) = statement {
                let function = self.make_function(function, scope, None)?;
                self.heap.declare(scope, name, Some(function));
            }
        }
        Ok(())
    }

    fn make_function(&mut self, function: &Arc<Function>, scope: ScopeId, this: Option<Js>) -> Result {
        let id = self.heap.add(Class::Function { function: function.clone(), scope, this })?;
        if !function.arrow {
            let prototype = self.heap.add(Class::Plain)?;
            self.heap.object_mut(id).properties.insert(Text::from("prototype"), Js::Object(prototype));
        }
        Ok(Js::Object(id))
    }

    pub(super) fn execute_all(&mut self, body: &[Statement], frame: &Frame) -> Result<Flow> {
        for statement in body {
            match self.execute(statement, frame)? {
                Flow::Normal => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Normal)
    }

    fn execute(&mut self, statement: &Statement, frame: &Frame) -> Result<Flow> {
        match statement {
            Statement::Expression(expression) => {
                let value = self.eval(expression, frame)?;
                if frame.top {
                    self.completion = value;
                }
            }
            Statement::Variables(variables) => {
                for (name, value) in variables {
                    if let Some(value) = value {
                        let value = self.eval(value, frame)?;
                        self.heap.assign(frame.scope, name, value);
                    }
                }
            }
            Statement::Function(name, function) => {
                let function = self.make_function(function, frame.scope, None)?;
                self.heap.declare(frame.scope, name, Some(function));
            }
            Statement::Block(body) => return self.execute_all(body, frame),
            Statement::If(condition, yes, no) => {
                if truth(&self.eval(condition, frame)?) {
                    return self.execute(yes, frame);
                }
                if let Some(no) = no {
                    return self.execute(no, frame);
                }
            }
            Statement::While(..) | Statement::DoWhile(..) | Statement::For { .. } | Statement::ForIn { .. } => {
                return self.execute_loop(statement, None, frame);
            }
            Statement::Switch(subject, cases) => return self.execute_switch(subject, cases, frame),
            Statement::Return(value) => {
                let value = value.as_ref().map_or(Ok(Js::Undefined), |value| self.eval(value, frame))?;
                return Ok(Flow::Return(value));
            }
            Statement::Throw(value) => return Err(Fail::Throw(self.eval(value, frame)?)),
            Statement::Try { body, catch, finally } => {
                return self.execute_try(body, catch.as_ref(), finally.as_ref(), frame);
            }
            Statement::Break(label) => return Ok(Flow::Break(label.clone())),
            Statement::Continue(label) => return Ok(Flow::Continue(label.clone())),
            Statement::Labelled(label, body) => {
                let flow = match &**body {
                    Statement::While(..) | Statement::DoWhile(..) | Statement::For { .. } | Statement::ForIn { .. } => {
                        self.execute_loop(body, Some(label), frame)?
                    }
                    body => self.execute(body, frame)?,
                };
                return Ok(match flow {
                    Flow::Break(Some(target)) if target == *label => Flow::Normal,
                    flow => flow,
                });
            }
        }
        Ok(Flow::Normal)
    }

    /// One pass of a loop: `None` to go on, else how the loop ends.
    fn pass(&mut self, body: &Statement, label: Option<&Text>, frame: &Frame) -> Result<Option<Flow>> {
        self.count_step()?;
        Ok(match self.execute(body, frame)? {
            Flow::Normal | Flow::Continue(None) => None,
            Flow::Continue(Some(target)) if Some(&target) == label => None,
            Flow::Break(None) => Some(Flow::Normal),
            flow => Some(flow),
        })
    }

    fn execute_loop(&mut self, statement: &Statement, label: Option<&Text>, frame: &Frame) -> Result<Flow> {
        match statement {
            Statement::While(condition, body) => {
                while truth(&self.eval(condition, frame)?) {
                    if let Some(flow) = self.pass(body, label, frame)? {
                        return Ok(flow);
                    }
                }
            }
            Statement::DoWhile(body, condition) => loop {
                if let Some(flow) = self.pass(body, label, frame)? {
                    return Ok(flow);
                }
                if !truth(&self.eval(condition, frame)?) {
                    break;
                }
            },
            Statement::For { init, test, update, body } => {
                match init.as_deref() {
                    // The head of a loop gives no value.
                    Some(Statement::Expression(init)) => _ = self.eval(init, frame)?,
                    Some(init) => _ = self.execute(init, frame)?,
                    None => {}
                }
                loop {
                    if let Some(test) = test
                        && !truth(&self.eval(test, frame)?)
                    {
                        break;
                    }
                    if let Some(flow) = self.pass(body, label, frame)? {
                        return Ok(flow);
                    }
                    if let Some(update) = update {
                        self.eval(update, frame)?;
                    }
                }
            }
            Statement::ForIn { target, object, values, body } => {
                let object = self.eval(object, frame)?;
                let items = if *values { self.values_of(&object)? } else { self.keys_of(&object) };
                for item in items {
                    self.store(target, item, frame)?;
                    if let Some(flow) = self.pass(body, label, frame)? {
                        return Ok(flow);
                    }
                }
            }
            _ => {}
        }
        Ok(Flow::Normal)
    }

    fn execute_switch(
        &mut self,
        subject: &Expression,
        cases: &[(Option<Expression>, Vec<Statement>)],
        frame: &Frame,
    ) -> Result<Flow> {
        let subject = self.eval(subject, frame)?;
        let mut start = cases.iter().position(|(test, _)| test.is_none());
        for (index, (test, _)) in cases.iter().enumerate() {
            if let Some(test) = test {
                let test = self.eval(test, frame)?;
                if strictly_equal(&subject, &test) {
                    start = Some(index);
                    break;
                }
            }
        }
        for (_, body) in cases.iter().skip(start.unwrap_or(cases.len())) {
            match self.execute_all(body, frame)? {
                Flow::Normal => {}
                Flow::Break(None) => return Ok(Flow::Normal),
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Normal)
    }

    fn execute_try(
        &mut self,
        body: &[Statement],
        catch: Option<&(Text, Vec<Statement>)>,
        finally: Option<&Vec<Statement>>,
        frame: &Frame,
    ) -> Result<Flow> {
        let mut result = self.execute_all(body, frame);
        if let Err(Fail::Java(thrown)) = &result
            && thrown.class() == exceptions::THREAD_DEATH
        {
            return result;
        }
        if let (Err(fail), Some((name, body))) = (&result, catch) {
            let error = match fail {
                Fail::Throw(value) => value.clone(),
                Fail::Java(thrown) => {
                    let error = self.error_object("JavaException", &thrown.to_string())?;
                    let exception = Js::Java(Value::Throwable(thrown.exception.clone()));
                    if let Js::Object(id) = &error {
                        self.heap.object_mut(*id).properties.insert(Text::from("javaException"), exception);
                    }
                    error
                }
            };
            let scope = self.heap.open_scope(Some(frame.scope))?;
            self.heap.declare(scope, name, Some(error));
            result = self.execute_all(body, &Frame { scope, ..frame.clone() });
        }
        if let Some(finally) = finally {
            match self.execute_all(finally, frame)? {
                Flow::Normal => {}
                flow => return Ok(flow),
            }
        }
        result
    }

    pub(super) fn eval_all(&mut self, expressions: &[Expression], frame: &Frame) -> Result<Vec<Js>> {
        expressions.iter().map(|expression| self.eval(expression, frame)).collect()
    }

    pub(super) fn eval(&mut self, expression: &Expression, frame: &Frame) -> Result {
        match expression {
            Expression::Number(number) => Ok(Js::Number(*number)),
            Expression::String(text) => Ok(Js::String(text.clone())),
            Expression::Boolean(value) => Ok(Js::Boolean(*value)),
            Expression::Null => Ok(Js::Null),
            Expression::This => Ok(frame.this.clone()),
            Expression::Name(name) => self.variable(name, frame.scope),
            compound => with_stack(|| self.compound(compound, frame)),
        }
    }

    fn compound(&mut self, expression: &Expression, frame: &Frame) -> Result {
        match expression {
            Expression::Number(_)
            | Expression::String(_)
            | Expression::Boolean(_)
            | Expression::Null
            | Expression::This
            | Expression::Name(_) => self.eval(expression, frame),
            Expression::Template(parts, values) => {
                let mut text = String::new();
                for (index, part) in parts.iter().enumerate() {
                    text.push_str(part);
                    if let Some(value) = values.get(index) {
                        let value = self.eval(value, frame)?;
                        text += &self.text(&value)?;
                    }
                }
                Ok(Js::string(text))
            }
            Expression::RegExp(source, flags) => self.make_regexp(source, flags),
            Expression::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(item.as_ref().map_or(Ok(Js::Undefined), |item| self.eval(item, frame))?);
                }
                Ok(self.heap.array(values)?)
            }
            Expression::Object(properties) => {
                let id = self.heap.add(Class::Plain)?;
                for (name, value) in properties {
                    let value = self.eval(value, frame)?;
                    self.heap.object_mut(id).properties.insert(name.clone(), value);
                }
                Ok(Js::Object(id))
            }
            Expression::Function(function) => {
                let this = function.arrow.then(|| frame.this.clone());
                let mut scope = frame.scope;
                if let Some(name) = &function.name {
                    scope = self.heap.open_scope(Some(scope))?;
                    let value = self.make_function(function, scope, this)?;
                    self.heap.declare(scope, name, Some(value.clone()));
                    return Ok(value);
                }
                self.make_function(function, scope, this)
            }
            Expression::Member(object, name) => {
                let object = self.eval(object, frame)?;
                self.get_property(&object, name)
            }
            Expression::Index(object, index) => {
                let object = self.eval(object, frame)?;
                let index = self.eval(index, frame)?;
                self.get_index(&object, &index)
            }
            Expression::Call(callee, arguments) => self.eval_call(callee, arguments, frame),
            Expression::New(class, arguments) => {
                let class = self.eval(class, frame)?;
                let arguments = self.eval_all(arguments, frame)?;
                self.construct(&class, &arguments)
            }
            Expression::Unary(operator, operand) => self.unary(*operator, operand, frame),
            Expression::Binary(operator, left, right) => {
                let left = self.eval(left, frame)?;
                let right = self.eval(right, frame)?;
                self.binary(*operator, &left, &right)
            }
            Expression::And(left, right) => {
                let left = self.eval(left, frame)?;
                if truth(&left) { self.eval(right, frame) } else { Ok(left) }
            }
            Expression::Or(left, right) => {
                let left = self.eval(left, frame)?;
                if truth(&left) { Ok(left) } else { self.eval(right, frame) }
            }
            Expression::Conditional(condition, yes, no) => {
                let chosen = if truth(&self.eval(condition, frame)?) { yes } else { no };
                self.eval(chosen, frame)
            }
            Expression::Assign(target, operator, value) => {
                let value = match operator {
                    None => self.eval(value, frame)?,
                    Some(operator) => {
                        let old = self.eval(target, frame)?;
                        let value = self.eval(value, frame)?;
                        self.binary(*operator, &old, &value)?
                    }
                };
                self.store(target, value.clone(), frame)?;
                Ok(value)
            }
            Expression::Step { target, by, postfix } => {
                let old = self.eval(target, frame)?;
                let old = self.number(&old)?;
                self.store(target, Js::Number(old + by), frame)?;
                Ok(Js::Number(if *postfix { old } else { old + by }))
            }
            Expression::Comma(left, right) => {
                self.eval(left, frame)?;
                self.eval(right, frame)
            }
        }
    }

    fn variable(&mut self, name: &Text, scope: ScopeId) -> Result {
        match self.find_variable(name, scope) {
            Some(value) => Ok(value),
            None => Err(self.error("ReferenceError", format!("\"{name}\" is not defined."))),
        }
    }

    pub(super) fn find_variable(&self, name: &Text, scope: ScopeId) -> Option<Js> {
        if let Some(value) = self.heap.lookup(scope, name) {
            return Some(value.clone());
        }
        if let Some(value) = self.machine.scope.get(name) {
            return Some(interop::from_java(value));
        }
        globals::lookup(name)
    }

    pub(super) fn store(&mut self, target: &Expression, value: Js, frame: &Frame) -> Result<()> {
        match target {
            Expression::Name(name) => {
                if !self.heap.assign(frame.scope, name, value.clone()) {
                    self.heap.declare(self.global, name, Some(value));
                }
                Ok(())
            }
            Expression::Member(object, name) => {
                let object = self.eval(object, frame)?;
                self.set_property(&object, name, value)
            }
            Expression::Index(object, index) => {
                let object = self.eval(object, frame)?;
                let index = self.eval(index, frame)?;
                if let (Js::Number(at), Some(items)) = (&index, self.heap.items_mut(&object)) {
                    return set_item(items, *at, value).ok_or_else(|| self.error("RangeError", "invalid array index"));
                }
                let name = self.text(&index)?;
                self.set_property(&object, &Text::from(name), value)
            }
            _ => Err(self.error("ReferenceError", "Invalid assignment left-hand side.")),
        }
    }

    pub(super) fn make_regexp(&mut self, source: &str, flags: &str) -> Result {
        let java = regexps::to_java(source);
        let mut java_flags = 0;
        for flag in flags.chars() {
            match flag {
                'g' | 'y' => {}
                'i' => java_flags |= CASE_INSENSITIVE,
                'm' => java_flags |= MULTILINE,
                _ => return Err(self.error("SyntaxError", format!("invalid flag after regular expression: {flag}"))),
            }
        }
        let pattern = match Pattern::compile(&java, java_flags) {
            Ok(pattern) => Arc::new(pattern),
            Err(thrown) => return Err(self.error("SyntaxError", thrown.message().unwrap_or_default())),
        };
        let class = Class::RegExp { source: Text::from(source), flags: Text::from(flags), pattern };
        let id = self.heap.add(class)?;
        self.heap.object_mut(id).properties.insert(Text::from("lastIndex"), Js::Number(0.0));
        Ok(Js::Object(id))
    }

    /// What JMeter makes of a failure: an exception with Rhino's text.
    pub(super) fn thrown(&mut self, fail: Fail) -> Thrown {
        match fail {
            Fail::Java(thrown) => thrown,
            Fail::Throw(value) => {
                let text = self.text(&value).unwrap_or_default();
                Thrown::new(exceptions::ECMA, text)
            }
        }
    }

    /// A value as JSON text.
    pub(super) fn json_text(&mut self, value: &Js, indent: &str) -> Result<Option<String>> {
        json::stringify(self, value, indent)
    }
}
