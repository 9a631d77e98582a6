//! The tree as short text for tests: `a.b(1)` is `(call a b 1)`.

use crate::script::core::tree::{
    Access, Argument, Case, Catch, ClassDeclaration, Closure, Expression, ExpressionKind as E, Import, MemberName,
    MethodDeclaration, Modifiers, Parameter, Program, Statement, StatementKind as S, TypeName,
};
use crate::script::value::{Value, groovy_text};

/// A whole script: one statement, class, method or import to a line.
pub(super) fn program(program: &Program) -> String {
    let mut lines = Vec::new();
    if !program.package.is_empty() {
        lines.push(format!("(package {})", program.package));
    }
    lines.extend(program.imports.iter().map(import));
    lines.extend(program.classes.iter().map(class));
    lines.extend(program.methods.iter().map(method));
    lines.extend(program.body.iter().map(statement));
    lines.join("\n")
}

fn list<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().flat_map(|item| [" ".to_owned(), text(item)]).collect()
}

fn import(import: &Import) -> String {
    let word = if import.is_static { "import-static" } else { "import" };
    let star = if import.star { ".*" } else { "" };
    let alias = import.alias.as_ref().map(|alias| format!(" as {alias}")).unwrap_or_default();
    format!("({word} {}{star}{alias})", import.name)
}

fn type_name(name: &TypeName) -> String {
    format!("{}{}", name.name, "[]".repeat(name.dimensions as usize))
}

fn maybe_type(name: Option<&TypeName>) -> String {
    name.map_or_else(|| "def".to_owned(), type_name)
}

fn modifiers(modifiers: Modifiers) -> String {
    let words = [
        (modifiers.is_static, "static "),
        (modifiers.is_final, "final "),
        (modifiers.is_abstract, "abstract "),
        (modifiers.hidden, "hidden "),
        (modifiers.public, "public "),
        (modifiers.is_synchronized, "synchronized "),
    ];
    words.iter().filter(|(given, _)| *given).map(|(_, word)| *word).collect()
}

fn class(class: &ClassDeclaration) -> String {
    let mut text = format!("({}{:?} {}", modifiers(class.modifiers), class.kind, class.name);
    text += &list(&class.annotations, |annotation| format!("@{}", annotation.name));
    text += &class.parent.as_ref().map(|parent| format!(" extends {}", type_name(parent))).unwrap_or_default();
    text += &list(&class.interfaces, |name| format!("implements {}", type_name(name)));
    text += &list(&class.constants, |(name, arguments, body)| {
        let body = body.as_ref().map(|body| format!(" {}", self::class(body))).unwrap_or_default();
        format!("(constant {name}{}{body})", list(arguments, argument))
    });
    text += &list(&class.fields, |field| {
        let value = field.value.as_ref().map(|value| format!(" {}", expression(value))).unwrap_or_default();
        let name = maybe_type(field.type_name.as_ref());
        format!("(field {}{name} {}{value})", modifiers(field.modifiers), field.name)
    });
    text += &list(&class.initializers, |(is_static, body)| {
        format!("({}init{})", if *is_static { "static-" } else { "" }, list(body, statement))
    });
    text += &list(&class.constructors, method);
    text += &list(&class.methods, method);
    text += &list(&class.classes, self::class);
    text + ")"
}

fn method(method: &MethodDeclaration) -> String {
    let name = if method.name.is_empty() { "<new>" } else { &method.name };
    let body = method.body.as_ref().map_or_else(|| " abstract".to_owned(), |body| list(body, statement));
    let result = maybe_type(method.result.as_ref());
    let words = modifiers(method.modifiers);
    format!("({words}method {result} {name} ({}){body})", list(&method.parameters, parameter).trim_start())
}

fn parameter(parameter: &Parameter) -> String {
    let dots = if parameter.variable { "..." } else { "" };
    let name = match &parameter.type_name {
        Some(given) => format!("{}{dots} {}", type_name(given), parameter.name),
        None => format!("{dots}{}", parameter.name),
    };
    match &parameter.default {
        Some(value) => format!("{name}={}", expression(value)),
        None => name,
    }
}

fn boxed(body: &Statement) -> String {
    statement(body)
}

fn statement(given: &Statement) -> String {
    match &given.kind {
        S::Expression(value) => expression(value),
        S::Declare { modifiers: words, annotations, type_name, variables } => {
            let annotations: String =
                annotations.iter().flat_map(|annotation| ["@", &annotation.name, " "].map(str::to_owned)).collect();
            let name = maybe_type(type_name.as_ref());
            let variables = list(variables, |variable| match &variable.value {
                Some(value) => format!("{}={}", variable.name, expression(value)),
                None => variable.name.to_string(),
            });
            format!("({annotations}{}declare {name}{variables})", modifiers(*words))
        }
        S::DeclareAll { variables, value } => {
            let names = list(variables, |(name, variable)| match name {
                Some(name) => format!("{} {variable}", type_name(name)),
                None => variable.to_string(),
            });
            format!("(declare-all ({}) {})", names.trim_start(), expression(value))
        }
        S::Block(body) => format!("(block{})", list(body, statement)),
        S::If(condition, then, None) => format!("(if {} {})", expression(condition), boxed(then)),
        S::If(condition, then, Some(other)) => {
            format!("(if {} {} {})", expression(condition), boxed(then), boxed(other))
        }
        S::While(condition, body) => format!("(while {} {})", expression(condition), boxed(body)),
        S::DoWhile(body, condition) => format!("(do {} {})", boxed(body), expression(condition)),
        S::For { start, condition, step, body } => {
            let condition = condition.as_ref().map(expression).unwrap_or_default();
            let (start, step) = (list(start, statement), list(step, expression));
            format!("(for ({}) ({condition}) ({}) {})", start.trim_start(), step.trim_start(), boxed(body))
        }
        S::ForEach { type_name, name, items, body } => {
            format!("(each {} {name} {} {})", maybe_type(type_name.as_ref()), expression(items), boxed(body))
        }
        S::Switch(value, cases) => {
            let cases = list(cases, |Case { value, body }| {
                let value = value.as_ref().map_or_else(|| "default".to_owned(), expression);
                format!("(case {value}{})", list(body, statement))
            });
            format!("(switch {}{cases})", expression(value))
        }
        S::Try { resources, body, catches, finally } => {
            let resources =
                if resources.is_empty() { String::new() } else { format!(" (with{})", list(resources, statement)) };
            let catches = list(catches, |Catch { types, name, body, .. }| {
                format!("(catch ({}) {name}{})", list(types, type_name).trim_start(), list(body, statement))
            });
            let finally =
                finally.as_ref().map(|body| format!(" (finally{})", list(body, statement))).unwrap_or_default();
            format!("(try{resources} (block{}){catches}{finally})", list(body, statement))
        }
        S::Throw(value) => format!("(throw {})", expression(value)),
        S::Return(value) => format!("(return{})", list(value.as_slice(), expression)),
        S::Break(label) => format!("(break{})", list(label.as_slice(), ToString::to_string)),
        S::Continue(label) => format!("(continue{})", list(label.as_slice(), ToString::to_string)),
        S::Labeled(label, body) => format!("(label {label} {})", boxed(body)),
        S::Synchronized(lock, body) => format!("(synchronized {}{})", expression(lock), list(body, statement)),
        S::Assert { condition, source, message } => {
            let source = source.text.trim_start_matches("assert").trim_start();
            format!("(assert {} {source:?}{})", expression(condition), list(message.as_slice(), expression))
        }
        S::Method(given) => method(given),
        S::Class(given) => class(given),
        S::Import(given) => import(given),
        S::Empty => "(empty)".to_owned(),
    }
}

fn member_name(name: &MemberName) -> String {
    match name {
        MemberName::Fixed(name) => name.to_string(),
        MemberName::Computed(value) => expression(value),
    }
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Plain => "",
        Access::Safe => "?",
        Access::Spread => "*",
    }
}

fn argument(argument: &Argument) -> String {
    match argument {
        Argument::Plain(value) => expression(value),
        Argument::Named(key, value) => format!("{}:{}", expression(key), expression(value)),
        Argument::Spread(value) => format!("*{}", expression(value)),
        Argument::SpreadMap(value) => format!("*:{}", expression(value)),
    }
}

fn literal(value: &Value) -> String {
    let suffix = match value {
        Value::String(text) => return format!("{text:?}"),
        Value::Long(_) => "L",
        Value::Float(_) => "f",
        Value::Double(_) => "d",
        Value::BigInteger(_) => "g",
        _ => "",
    };
    format!("{}{suffix}", groovy_text(value))
}

fn closure(Closure { parameters, body }: &Closure) -> String {
    let parameters = match parameters {
        Some(parameters) => format!(" ({})", list(parameters, parameter).trim_start()),
        None => String::new(),
    };
    format!("(closure{parameters}{})", list(body, statement))
}

/// One expression.
fn expression(given: &Expression) -> String {
    match &*given.kind {
        E::Literal(value) => literal(value),
        E::Interpolated(texts, values) => {
            let mut text = format!("(text {:?}", texts[0]);
            for (value, piece) in values.iter().zip(&texts[1..]) {
                text += &format!(" {} {piece:?}", expression(value));
            }
            text + ")"
        }
        E::Name(name) => name.to_string(),
        E::This => "this".to_owned(),
        E::Super => "super".to_owned(),
        E::List(items) => format!("[{}]", list(items, argument).trim_start()),
        E::Map(entries) => format!("[:{}]", list(entries, argument)),
        E::Range { from, to, exclusive } => {
            format!("({} {} {})", if *exclusive { "..<" } else { ".." }, expression(from), expression(to))
        }
        E::New { class: name, arguments, body } => {
            let body = body.as_ref().map(|body| format!(" {}", class(body))).unwrap_or_default();
            format!("(new {}{}{body})", type_name(name), list(arguments, argument))
        }
        E::NewArray { element, lengths, items } => {
            let items = items.as_ref().map(|items| format!(" {{{}}}", list(items, expression).trim_start()));
            format!("(array {}{}{})", type_name(element), list(lengths, expression), items.unwrap_or_default())
        }
        E::ArrayItems(items) => format!("{{{}}}", list(items, expression)),
        E::Member { target, name, access: how, field } => {
            let at = if *field { "@" } else { "" };
            format!("({}.{at} {} {})", access(*how), expression(target), member_name(name))
        }
        E::MethodPointer { target, name } => format!("(pointer {} {})", expression(target), member_name(name)),
        E::Call { target, name, access: how, arguments } => {
            let target = target.as_ref().map_or_else(|| "-".to_owned(), expression);
            format!("({}call {target} {}{})", access(*how), member_name(name), list(arguments, argument))
        }
        E::Index { target, index, safe } => {
            format!("({}at {}{})", if *safe { "?" } else { "" }, expression(target), list(index, argument))
        }
        E::Unary(operator, value) => format!("({operator:?} {})", expression(value)),
        E::Step { target, up, postfix } => {
            let sign = if *up { "++" } else { "--" };
            let sign = if *postfix { format!("_{sign}") } else { format!("{sign}_") };
            format!("({sign} {})", expression(target))
        }
        E::Binary(operator, left, right) => format!("({operator:?} {} {})", expression(left), expression(right)),
        E::And(left, right) => format!("(&& {} {})", expression(left), expression(right)),
        E::Or(left, right) => format!("(|| {} {})", expression(left), expression(right)),
        E::Conditional(condition, then, other) => {
            format!("(? {} {} {})", expression(condition), expression(then), expression(other))
        }
        E::Elvis(value, other) => format!("(?: {} {})", expression(value), expression(other)),
        E::Assign { target, operator, value } => {
            let operator = operator.map(|operator| format!("{operator:?}")).unwrap_or_default();
            format!("({operator}= {} {})", expression(target), expression(value))
        }
        E::AssignIfFalse(target, value) => format!("(?= {} {})", expression(target), expression(value)),
        E::AssignAll(targets, value) => {
            format!("(=all ({}) {})", list(targets, expression).trim_start(), expression(value))
        }
        E::Cast(name, value) => format!("(cast {} {})", type_name(name), expression(value)),
        E::Coerce(value, name) => format!("(as {} {})", type_name(name), expression(value)),
        E::InstanceOf { value, class, negated } => {
            format!("({}instanceof {} {})", if *negated { "!" } else { "" }, expression(value), type_name(class))
        }
        E::Closure(given) => closure(given),
        E::Class(name) => format!("<{}>", type_name(name)),
    }
}
