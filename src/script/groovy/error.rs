//! The text that Groovy's compiler gives for a script that does not compile.

use crate::script::CompileError;

/// The message of `MultipleCompilationErrorsException` for one error in `source`, a script called `name`
/// (`Script1.groovy`).
pub fn startup_failed(error: &CompileError, source: &str, name: &str) -> String {
    let CompileError { line, column, message, .. } = error;
    let mut text = format!("startup failed:\n{name}: {line}: {message} @ line {line}, column {column}.\n");
    let index = usize::try_from(*line).unwrap_or(usize::MAX).saturating_sub(1);
    if let Some(shown) = source.split('\n').nth(index) {
        let blanks = " ".repeat(usize::try_from(*column).unwrap_or(1).clamp(1, 10_000) - 1);
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        text.push_str(&format!("   {shown}\n   {blanks}^\n\n"));
    }
    text.push_str("1 error\n");
    text
}
