//! The exceptions that a script which is no BeanShell fails with.

use crate::script::core::tree::{Expression, ExpressionKind, Statement, StatementKind};
use crate::script::host::Outcome;
use crate::script::value::{Thrown, Value, exceptions};
use crate::script::{CompileError, Position};

/// How the message of a mistake begins that only the lexer sees.
const LEXICAL: &str = "Lexical error";
/// The engine's own slip: it throws its parser's private signal instead of a message.
const SLIP: &str = "LookaheadSuccess";

/// Text that no token begins with.
pub(super) fn lexical(position: Position, encountered: Option<u16>, after: &[u16]) -> CompileError {
    let encountered = match encountered {
        None => "<EOF> ".to_owned(),
        Some(unit) => format!("\"{}\" ({unit}), ", escaped(&[unit])),
    };
    let Position { line, column } = position;
    let after = escaped(after);
    let message = format!("{LEXICAL} at line {line}, column {column}.  Encountered: {encountered}after : \"{after}\"");
    CompileError::syntax(position, message)
}

/// A token, or several, that cannot stand where they do.
pub(super) fn encountered(position: Position, text: &str) -> CompileError {
    let Position { line, column } = position;
    let text: String =
        if text == "<EOF>" { text.to_owned() } else { escaped(&text.encode_utf16().collect::<Vec<_>>()) };
    CompileError::syntax(position, format!("Encountered \"{text}\" at line {line}, column {column}.\n"))
}

/// Something that the parser itself refuses.
pub(super) fn refused(position: Position, message: &str) -> CompileError {
    let Position { line, column } = position;
    CompileError::syntax(position, format!("Parse error at line {line}, column {column} : {message}"))
}

/// Where the engine loses its way.
pub(super) fn slip(position: Position) -> CompileError {
    CompileError::syntax(position, SLIP)
}

/// The exception that `eval(source)` throws for `error`.
pub fn thrown(error: &CompileError, source: &str) -> Thrown {
    let message = &error.message;
    let place = format!("inline evaluation of: ``{}''", shown(source));
    if message == SLIP {
        return Thrown::with_cause("bsh.Parser$LookaheadSuccess", None, Value::Null);
    }
    if message.starts_with(LEXICAL) {
        return Thrown::new("bsh.EvalError", format!("Sourced file: {place} Token Parsing Error: {message}"));
    }
    if message.starts_with("Encountered") {
        return Thrown::new("bsh.ParseException", format!("In file: {place} {message}"));
    }
    Thrown::new("bsh.ParseException", message.clone())
}

/// The statement that fails as `eval(source)` does when it gets to `error`.
pub fn throw(error: &CompileError, source: &str) -> Statement {
    let position = Position { line: error.line, column: error.column };
    let exception = Value::Throwable(thrown(error, source).exception);
    let kind = StatementKind::Throw(Expression {
        position,
        mark: position,
        kind: Box::new(ExpressionKind::Literal(exception)),
    });
    Statement { position, kind }
}

/// What `eval` gives or throws, for what a script gave or threw: `void` is null, exceptions tell which script they are of,
/// and those of Java are a `bsh.TargetError`'s cause. The context is what the interpreter says of the place within.
pub fn outcome(outcome: Outcome, shown: &str, context: &str) -> Outcome {
    let thrown = match outcome {
        Ok(Value::Void) => return Ok(Value::Null),
        Ok(value) => return Ok(value),
        Err(thrown) => thrown,
    };
    let place = format!("Sourced file: inline evaluation of: ``{shown}''");
    Err(match (thrown.class(), thrown.message()) {
        ("bsh.EvalError", Some(message)) if message.starts_with("Sourced file: ") => thrown,
        ("bsh.EvalError", message) => {
            let within = if context.is_empty() { String::new() } else { format!("{context} : ") };
            Thrown::new("bsh.EvalError", format!("{place} : {within}{}", message.unwrap_or_default()))
        }
        ("bsh.ParseException" | "bsh.TargetError" | "bsh.Parser$LookaheadSuccess", _) => thrown,
        // The interpreter itself overflows: nobody wraps that.
        (exceptions::STACK_OVERFLOW, _) => thrown,
        _ => {
            let cause = Value::Throwable(thrown.exception);
            let within = if context.is_empty() { String::new() } else { format!(" : {context}") };
            Thrown::with_cause("bsh.TargetError", Some(format!("{place}{within}").into()), cause)
        }
    })
}

/// A script as messages show it: one line of 80 UTF-16 units at most.
pub(crate) fn shown(source: &str) -> String {
    const MOST: usize = 80;
    let end = if source.ends_with(';') { "" } else { ";" };
    let units: Vec<u16> = source.encode_utf16().chain(end.encode_utf16()).take(MOST + 1).collect();
    let text = String::from_utf16_lossy(&units[..units.len().min(MOST)]).replace(['\n', '\r'], " ");
    if units.len() > MOST { format!("{text} . . . ") } else { text }
}

/// What is not printable ASCII as escapes, as JavaCC's parsers write it.
fn escaped(units: &[u16]) -> String {
    let mut text = String::new();
    for unit in units {
        match u8::try_from(*unit).ok() {
            Some(0) => {}
            Some(8) => text.push_str("\\b"),
            Some(b'\t') => text.push_str("\\t"),
            Some(b'\n') => text.push_str("\\n"),
            Some(12) => text.push_str("\\f"),
            Some(b'\r') => text.push_str("\\r"),
            Some(c @ (b'"' | b'\'' | b'\\')) => text.extend(['\\', char::from(c)]),
            Some(c @ 0x20..=0x7e) => text.push(char::from(c)),
            _ => text.push_str(&format!("\\u{unit:04x}")),
        }
    }
    text
}
