//! Imports, modifiers, annotations, types, variables and methods.

use super::super::lexer::{Kind, Token};
use super::lookahead::is_primitive;
use super::{Commands, Parsed, Parser, node};
use crate::script::core::tree::{
    Annotation, Expression, ExpressionKind, Import, MethodDeclaration, Modifiers, Statement, StatementKind, TypeName,
    Variable,
};
use crate::script::value::Value;
use crate::script::{CompileError, Position};

/// What may stand before a declaration.
#[derive(Default)]
pub(super) struct Before {
    pub(super) modifiers: Modifiers,
    pub(super) annotations: Vec<Annotation>,
    /// Whether there is any of it.
    pub(super) any: bool,
}

impl Parser<'_> {
    /// `a.b.C`, as written without blanks.
    pub(super) fn qualified_name(&mut self) -> Parsed<String> {
        let mut name = String::new();
        loop {
            let token = self.peek();
            if !Self::is_name_element(token) {
                return Err(self.unexpected());
            }
            self.at += 1;
            name.push_str(token.text);
            if !(self.is(".") && Self::is_name_element(self.token(self.at + 1))) {
                return Ok(name);
            }
            self.at += 1;
            name.push('.');
        }
    }

    /// `import static a.b.C.* as d`
    pub(super) fn import(&mut self) -> Parsed<Import> {
        let position = self.expect("import")?.position;
        let is_static = self.eat("static");
        let name = self.qualified_name()?.into();
        let star = self.eat(".");
        if star {
            self.expect("*")?;
        }
        let alias = if !star && self.eat("as") { Some(self.name()?.text.into()) } else { None };
        Ok(Import { position, name, star, is_static, alias })
    }

    /// Annotations and words like `final`, with newlines behind them.
    pub(super) fn modifiers(&mut self) -> Parsed<Before> {
        let mut before = Before::default();
        let mut words = Vec::new();
        loop {
            if self.is_modifier(self.at) {
                let word = self.next();
                before.any = true;
                check_modifier(&words, word)?;
                words.push(word.text);
                note(&mut before.modifiers, word);
            } else if self.is("@") && !self.token(self.at + 1).is("interface") {
                before.any = true;
                let annotation = self.annotation()?;
                before.annotations.push(annotation);
            } else {
                return Ok(before);
            }
            self.skip_newline();
        }
    }

    pub(super) fn skip_annotations(&mut self) -> Parsed<()> {
        while self.is("@") {
            self.annotation()?;
            self.skip_newline();
        }
        Ok(())
    }

    fn annotation(&mut self) -> Parsed<Annotation> {
        let outer = self.enter()?;
        self.expect("@")?;
        let name = self.qualified_name()?.into();
        let mut members = Vec::new();
        if self.eat_past_newline("(") {
            while !self.is(")") {
                let named =
                    matches!(self.peek().kind, Kind::Identifier | Kind::Keyword) && self.token(self.at + 1).is("=");
                let key = if named { self.next().text } else { "value" };
                self.at += usize::from(named);
                members.push((key.into(), self.annotation_value()?));
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.leave(outer)?;
        Ok(Annotation { name, members })
    }

    /// An expression, a list of values, or an annotation, of which nothing is kept.
    fn annotation_value(&mut self) -> Parsed<Expression> {
        let position = self.position();
        if self.is("@") {
            self.annotation()?;
            return Ok(node(position, ExpressionKind::Literal(Value::Null)));
        }
        if !(self.is("[") && self.token(self.at + 1).is("@")) {
            return self.expression();
        }
        self.at += 1;
        while self.is("@") {
            self.annotation()?;
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(node(position, ExpressionKind::List(Vec::new())))
    }

    /// A type; its arguments are dropped.
    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        self.skip_annotations()?;
        let token = self.peek();
        let position = token.position;
        let name = if is_primitive(token) || token.is("void") {
            self.at += 1;
            token.text.into()
        } else {
            let name = self.qualified_name()?.into();
            if self.is("<") && !self.token(self.at + 1).is("<") {
                self.skip_type_arguments()?;
            }
            name
        };
        let end = self.past_dimensions(self.at);
        let dimensions = u32::try_from((end - self.at) / 2).unwrap_or(u32::MAX);
        self.at = end;
        Ok(TypeName { position, name, dimensions })
    }

    pub(super) fn skip_type_arguments(&mut self) -> Parsed<()> {
        match self.type_arguments_end(self.at, 0) {
            Some(end) => {
                self.at = end;
                Ok(())
            }
            None => Err(self.unexpected()),
        }
    }

    /// `def x = 1`, `String a, b`, `def (a, b) = c`; `None` when something else stands here.
    pub(super) fn local_declaration(&mut self) -> Parsed<Option<StatementKind>> {
        let first = self.at;
        let start = self.past_modifiers(first);
        if start == first && !self.is_declaration(start) {
            return Ok(None);
        }
        let before = self.modifiers()?;
        if before.any && self.is("(") {
            return Ok(Some(self.tuple()?));
        }
        let type_name = if self.is_type_before_name() { Some(self.variable_type()?) } else { None };
        if before.any && type_name.is_none() && !Self::is_name(self.peek()) {
            return Err(self.unexpected_from(first));
        }
        let variables = self.variables()?;
        let Before { modifiers, annotations, .. } = before;
        Ok(Some(StatementKind::Declare { modifiers, annotations, type_name, variables }))
    }

    /// Whether a type and a name stand here, rather than a name alone.
    pub(super) fn is_type_before_name(&mut self) -> bool {
        let Some(end) = self.type_end(self.at) else { return false };
        Self::is_name(self.token(end))
    }

    /// The type of a variable, which cannot be `void`.
    pub(super) fn variable_type(&mut self) -> Parsed<TypeName> {
        let type_name = self.type_name()?;
        if &*type_name.name == "void" && type_name.dimensions == 0 {
            return Err(CompileError::syntax(type_name.position, "void is not allowed here"));
        }
        Ok(type_name)
    }

    pub(super) fn variables(&mut self) -> Parsed<Vec<Variable>> {
        let mut variables = Vec::new();
        loop {
            let name = self.name()?;
            let value = if self.eat_past_newline("=") {
                self.skip_newline();
                Some(self.enhanced_expression(Commands::One)?)
            } else {
                None
            };
            variables.push(Variable { position: name.position, name: name.text.into(), dimensions: 0, value });
            if !self.eat(",") {
                return Ok(variables);
            }
            self.skip_newline();
        }
    }

    fn tuple(&mut self) -> Parsed<StatementKind> {
        self.expect("(")?;
        let mut variables = Vec::new();
        loop {
            let type_name = if self.is_type_before_name() { Some(self.type_name()?) } else { None };
            variables.push((type_name, self.name()?.text.into()));
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        self.skip_newline();
        self.expect("=")?;
        self.skip_newline();
        Ok(StatementKind::DeclareAll { variables, value: self.enhanced_expression(Commands::Any)? })
    }

    /// A method of the script, or of the class of this name.
    pub(super) fn method_declaration(&mut self, class: Option<&str>) -> Parsed<MethodDeclaration> {
        let position = self.position();
        let before = self.modifiers()?;
        self.method_rest(position, before, class)
    }

    /// A method whose modifiers have been read.
    pub(super) fn method_rest(
        &mut self,
        position: Position,
        before: Before,
        class: Option<&str>,
    ) -> Parsed<MethodDeclaration> {
        let outer = self.enter()?;
        if self.is("<") {
            self.skip_type_arguments()?;
            self.skip_newline();
        }
        let bare = self.token(self.at + 1).is("(");
        let result = if bare { None } else { Some(self.type_name()?) };
        self.skip_newline();
        let token = self.peek();
        let name = if matches!(token.kind, Kind::Text(_)) { self.text_literal() } else { self.name()?.text.to_owned() };
        let parameters = self.formal_parameters()?;
        if self.eat("default") {
            self.skip_newline();
            self.annotation_value()?;
        }
        if self.eat_past_newline("throws") {
            self.skip_newline();
            self.skip_annotations()?;
            self.qualified_name()?;
            while self.eat(",") {
                self.skip_newline();
                self.skip_annotations()?;
                self.qualified_name()?;
            }
        }
        let brace = self.past_newline(self.at);
        let body = if self.token(brace).is("{") {
            self.at = brace;
            Some(self.method_body()?)
        } else {
            None
        };
        let missing = class.is_none() && (body.is_none() || before.modifiers.is_abstract);
        if missing {
            let kind = if before.modifiers.is_abstract { "an abstract" } else { "a" };
            let message = format!(
                "You cannot define {kind} method[{name}] {}in the script. Try {}{}{}",
                if body.is_none() { "without method body " } else { "" },
                if before.modifiers.is_abstract { "removing the 'abstract'" } else { "" },
                if before.modifiers.is_abstract && body.is_none() { " and" } else { "" },
                if body.is_none() { " adding a method body" } else { "" },
            );
            return Err(CompileError::syntax(position, message));
        }
        if class.is_some_and(|class| class != name) && result.is_none() && body.is_some() && !before.any {
            return Err(CompileError::syntax(position, format!("Invalid method declaration: {name}")));
        }
        self.leave(outer)?;
        let Before { modifiers, annotations, .. } = before;
        Ok(MethodDeclaration { position, modifiers, annotations, result, name: name.into(), parameters, body })
    }

    fn method_body(&mut self) -> Parsed<Vec<Statement>> {
        let (loops, breakable) = (self.loops, self.breakable);
        (self.loops, self.breakable) = (0, 0);
        let command = std::mem::replace(&mut self.command, Commands::None);
        let body = self.block()?;
        self.command = command;
        (self.loops, self.breakable) = (loops, breakable);
        Ok(body)
    }
}

fn check_modifier(words: &[&str], word: Token<'_>) -> Parsed<()> {
    let scopes = ["public", "protected", "private"];
    let text = word.text;
    let message = if words.contains(&text) {
        format!("Cannot repeat modifier[{text}]")
    } else if scopes.contains(&text) && words.iter().any(|word| scopes.contains(word)) {
        format!("Cannot specify modifier[{text}] when access scope has already been defined")
    } else {
        return Ok(());
    };
    Err(CompileError::syntax(word.position, message))
}

fn note(modifiers: &mut Modifiers, word: Token<'_>) {
    match word.text {
        "static" => modifiers.is_static = true,
        "final" => modifiers.is_final = true,
        "abstract" => modifiers.is_abstract = true,
        "private" | "protected" => modifiers.hidden = true,
        "public" => modifiers.public = true,
        "synchronized" => modifiers.is_synchronized = true,
        _ => {}
    }
}
