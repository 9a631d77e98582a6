//! Statements, and the value that the last of them gives.

use super::super::node::{Catch, Kind, Language, Node, Statement, StatementKind as S, Target, Try};
use super::super::power_assert;
use super::super::tree::{self, Statement as Source, StatementKind as T};
use super::Resolver;
use crate::script::CompileError;
use crate::text::Text;
use std::sync::Arc;

type Result<T> = std::result::Result<T, CompileError>;

impl Resolver {
    fn assertion(
        &mut self,
        condition: &tree::Expression,
        source: &power_assert::Source,
        message: Option<&tree::Expression>,
    ) -> Result<power_assert::Assertion> {
        use power_assert::Otherwise;
        let Some(message) = message else {
            if let Some(context) = self.contexts.last_mut() {
                context.asserted = Some(source.clone());
            }
            let condition = self.expression(condition);
            if let Some(context) = self.contexts.last_mut() {
                context.asserted = None;
            }
            let otherwise = Otherwise::Drawing(source.text.clone());
            return Ok(power_assert::Assertion { condition: condition?, otherwise });
        };
        let names = power_assert::variables(condition);
        let variables = names.into_iter().map(|name| (name.clone(), self.plain_name(&name))).collect();
        let text = power_assert::condition_text(condition).into();
        let condition = self.expression(condition)?;
        let otherwise = Otherwise::Message { message: self.expression(message)?, condition: text, variables };
        Ok(power_assert::Assertion { condition, otherwise })
    }

    /// The statements of a function; the last one's value is what it returns.
    pub(super) fn body(&mut self, body: &[Source]) -> Result<Vec<Statement>> {
        let mut statements = self.statements(body)?;
        match self.language {
            Language::Groovy => returning(&mut statements),
            Language::BeanShell => {
                if let Some(last) = statements.last_mut()
                    && matches!(last.kind, S::Expression(_))
                {
                    return_expression(last);
                }
            }
        }
        Ok(statements)
    }

    pub(super) fn statements(&mut self, body: &[Source]) -> Result<Vec<Statement>> {
        let mut statements = Vec::with_capacity(body.len());
        // BeanShell hoists nothing; Groovy has no methods here.
        for statement in body {
            self.statement(statement, &mut statements)?;
        }
        Ok(statements)
    }

    /// Statements with a scope of their own.
    fn scoped(&mut self, body: &[Source]) -> Result<Vec<Statement>> {
        self.in_scope(|resolver| resolver.statements(body))
    }

    /// The statement of a loop or branch.
    fn single(&mut self, statement: &Source) -> Result<Box<Statement>> {
        let mut statements = self.in_scope(|resolver| {
            let mut statements = Vec::new();
            resolver.deeper(statement.position, |resolver| resolver.statement(statement, &mut statements))?;
            Ok::<_, CompileError>(statements)
        })?;
        Ok(Box::new(match statements.len() {
            1 => statements.remove(0),
            _ => Statement { line: statement.position.line, kind: S::Block(statements) },
        }))
    }

    fn statement(&mut self, statement: &Source, out: &mut Vec<Statement>) -> Result<()> {
        let line = statement.position.line;
        let kind = match &statement.kind {
            T::Expression(expression) => S::Expression(self.expression(expression)?),
            T::Declare { annotations, type_name, variables, .. } => {
                let field =
                    annotations.iter().any(|annotation| matches!(annotation.name.rsplit('.').next(), Some("Field")));
                for variable in variables {
                    let declared = match type_name {
                        Some(name) => self.kind_with(name, variable.dimensions),
                        None => Kind::Any,
                    };
                    let value = match &variable.value {
                        Some(value) => Some(self.initial_value(value, &declared)?),
                        None => None,
                    };
                    let kind = if self.language == Language::BeanShell {
                        S::DeclareNamed(variable.name.clone(), declared, value)
                    } else if field {
                        // A field of the script: methods see it. Kept with the names of the binding.
                        let value = value.unwrap_or(Node::Literal(crate::script::value::Value::Null));
                        let place = super::super::node::Place::Dynamic(variable.name.clone());
                        S::Expression(Node::Assign(Box::new((place, value))))
                    } else {
                        let slot = self.declare(&variable.name, declared.clone());
                        S::Declare(slot, declared, value)
                    };
                    out.push(Statement { line: variable.position.line, kind });
                }
                return Ok(());
            }
            T::DeclareAll { variables, value } => {
                let value = self.expression(value)?;
                let mut slots = Vec::new();
                for (type_name, name) in variables {
                    let kind = self.kind(type_name.as_ref());
                    slots.push((self.declare(name, kind.clone()), kind));
                }
                S::DeclareAll(slots, value)
            }
            T::Block(body) => self.block(body)?,
            T::If(condition, yes, no) => {
                let condition = self.expression(condition)?;
                let yes = self.single(yes)?;
                let no = match no {
                    Some(no) => Some(self.single(no)?),
                    None => None,
                };
                S::If(condition, yes, no)
            }
            // How long such loops go on nobody knows.
            T::While(condition, body) => {
                self.blocks.set(true);
                S::While(self.expression(condition)?, self.single(body)?)
            }
            T::DoWhile(body, condition) => {
                self.blocks.set(true);
                S::DoWhile(self.single(body)?, self.expression(condition)?)
            }
            T::For { start, condition, step, body } => self.in_scope(|resolver| {
                let start = resolver.statements(start)?;
                let condition = match condition {
                    Some(condition) => Some(resolver.expression(condition)?),
                    None => {
                        resolver.blocks.set(true);
                        None
                    }
                };
                let step = step.iter().map(|step| resolver.expression(step)).collect::<Result<_>>()?;
                Ok(S::For(start, condition, step, resolver.single(body)?))
            })?,
            T::ForEach { type_name, name, items, body } => {
                let items = self.expression(items)?;
                let kind = self.kind(type_name.as_ref());
                self.in_scope(|resolver| {
                    let target = resolver.target(name, kind);
                    Ok(S::ForEach(target, items, resolver.single(body)?))
                })?
            }
            T::Switch(value, cases) => {
                let value = self.expression(value)?;
                self.in_scope(|resolver| {
                    let mut resolved = Vec::new();
                    for case in cases {
                        let value = match &case.value {
                            Some(value) => Some(resolver.expression(value)?),
                            None => None,
                        };
                        resolved.push((value, resolver.statements(&case.body)?));
                    }
                    Ok(S::Switch(value, resolved))
                })?
            }
            T::Try { resources, body, catches, finally } => {
                self.try_statement(resources, body, catches, finally.as_deref())?
            }
            T::Throw(value) => S::Throw(self.expression(value)?),
            T::Return(value) => S::Return(match value {
                Some(value) => Some(self.expression(value)?),
                None => None,
            }),
            T::Break(label) => S::Break(label.clone()),
            T::Continue(label) => S::Continue(label.clone()),
            T::Labeled(label, body) => S::Labeled(label.clone(), self.single(body)?),
            T::Synchronized(lock, body) => {
                self.blocks.set(true);
                let lock = self.expression(lock)?;
                S::Synchronized(lock, Box::new(Statement { line, kind: self.block(body)? }))
            }
            T::Assert { condition, source, message } => {
                S::Assert(Box::new(self.assertion(condition, source, message.as_ref())?))
            }
            T::Method(method) => {
                let shape = super::Shape { closure: false, is_static: method.modifiers.is_static, implicit: false };
                let mut function = self.function(&method.name, &method.parameters, method.body.as_deref(), shape)?;
                function.result = self.kind(method.result.as_ref());
                S::Method(Arc::new(function))
            }
            T::Class(class) => {
                self.declare_classes(std::slice::from_ref(class), "");
                self.class(class)?;
                S::Empty
            }
            T::Import(import) => {
                self.import(import);
                S::Empty
            }
            T::Empty => S::Empty,
        };
        out.push(Statement { line, kind });
        Ok(())
    }

    fn block(&mut self, body: &[Source]) -> Result<S> {
        let statements = self.scoped(body)?;
        Ok(match self.language {
            Language::Groovy => S::Block(statements),
            Language::BeanShell => S::NamedBlock(statements),
        })
    }

    fn target(&mut self, name: &Text, kind: Kind) -> Target {
        match self.language {
            Language::Groovy => Target::Local(self.declare(name, kind.clone()), kind),
            Language::BeanShell => Target::Named(name.clone(), kind),
        }
    }

    fn try_statement(
        &mut self,
        resources: &[Source],
        body: &[Source],
        catches: &[tree::Catch],
        finally: Option<&[Source]>,
    ) -> Result<S> {
        let (resources, body) = self.in_scope(|resolver| {
            let mut resolved = Vec::new();
            for resource in resources {
                match &resource.kind {
                    T::Declare { type_name, variables, .. } => {
                        for variable in variables {
                            let kind = resolver.kind(type_name.as_ref());
                            let Some(value) = &variable.value else { continue };
                            let value = resolver.expression(value)?;
                            resolved.push((resolver.target(&variable.name, kind), value));
                        }
                    }
                    T::Expression(value) => {
                        let value = resolver.expression(value)?;
                        resolved.push((resolver.target(&Text::from(""), Kind::Any), value));
                    }
                    _ => {}
                }
            }
            Ok::<_, CompileError>((resolved, resolver.scoped(body)?))
        })?;
        let mut handlers = Vec::new();
        for catch in catches {
            let kinds = catch.types.iter().map(|name| self.kind(Some(name))).collect();
            let handler = self.in_scope(|resolver| {
                let target = resolver.target(&catch.name, Kind::Any);
                Ok::<_, CompileError>(Catch { kinds, target, body: resolver.scoped(&catch.body)? })
            })?;
            handlers.push(handler);
        }
        let finally = match finally {
            Some(finally) => Some(self.scoped(finally)?),
            None => None,
        };
        Ok(S::Try(Box::new(Try { resources, body, catches: handlers, finally })))
    }
}

/// Turns the last statement, as Groovy does, into one that returns its value.
fn returning(statements: &mut [Statement]) {
    if let Some(last) = statements.last_mut() {
        return_value(last);
    }
}

fn return_expression(statement: &mut Statement) {
    if let S::Expression(node) = std::mem::replace(&mut statement.kind, S::Empty) {
        statement.kind = S::Return(Some(node));
    }
}

fn return_value(statement: &mut Statement) {
    match &mut statement.kind {
        S::Expression(_) => return_expression(statement),
        S::Declare(..) => {
            let line = statement.line;
            let S::Declare(slot, kind, value) = std::mem::replace(&mut statement.kind, S::Empty) else { return };
            let declare = Statement { line, kind: S::Declare(slot, kind, value) };
            let give = Statement { line, kind: S::Return(Some(Node::Local(slot))) };
            statement.kind = S::Block(vec![declare, give]);
        }
        S::Block(body) => returning(body),
        S::If(_, yes, no) => {
            return_value(yes);
            if let Some(no) = no {
                return_value(no);
            }
        }
        S::Try(parts) => {
            returning(&mut parts.body);
            for catch in &mut parts.catches {
                returning(&mut catch.body);
            }
        }
        S::Switch(_, cases) => {
            for (_, body) in cases.iter_mut() {
                let ends = matches!(body.last(), Some(Statement { kind: S::Break(None), .. }));
                if ends && body.len() > 1 {
                    let before = body.len() - 2;
                    return_value(&mut body[before]);
                }
                // A branch that runs on into the next gives no value of its own, but the last one does.
            }
            if let Some((_, body)) = cases.last_mut() {
                returning(body);
            }
        }
        S::Labeled(_, body) | S::Synchronized(_, body) => return_value(body),
        _ => {}
    }
}
