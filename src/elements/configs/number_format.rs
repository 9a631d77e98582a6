//! The format of a number that an element makes (`java.text.DecimalFormat`).

use crate::elements::Compile;
use crate::expr::Expr;
use crate::java::decimal_format::DecimalFormat;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

/// A pattern: nearly always a literal, which is compiled once. Blank or wrong ones give the plain number.
pub(super) struct NumberFormat {
    pattern: Expr,
    fixed: Option<Compiled>,
}

enum Compiled {
    Plain,
    Format(DecimalFormat),
    Wrong,
}

impl NumberFormat {
    pub fn new(compile: &mut Compile<'_>, key: &str) -> Self {
        let pattern = compile.expr(key);
        let fixed = pattern.as_literal().map(|pattern| compiled(pattern));
        NumberFormat { pattern, fixed }
    }

    /// The number's text. `target` is the class that complains of a wrong pattern.
    pub fn text(&self, user: &mut VirtualUser, value: i64, target: &str) -> Result<Text, Thrown> {
        if let Some(fixed) = &self.fixed {
            let pattern = self.pattern.as_literal().map(|pattern| &**pattern).unwrap_or_default();
            return Ok(format(fixed, pattern, value, target));
        }
        let pattern = self.pattern.eval(user)?;
        Ok(format(&compiled(&pattern), &pattern, value, target))
    }
}

fn compiled(pattern: &str) -> Compiled {
    match DecimalFormat::compile(pattern) {
        _ if pattern.is_empty() => Compiled::Plain,
        Ok(format) => Compiled::Format(format),
        Err(_) => Compiled::Wrong,
    }
}

fn format(compiled: &Compiled, pattern: &str, value: i64, target: &str) -> Text {
    match compiled {
        Compiled::Format(format) => return Text::from(format.format_long(value)),
        Compiled::Plain => {}
        Compiled::Wrong => log::warn!(target: target, "Error formatting {value} at format {pattern}, using default"),
    }
    Text::from(itoa::Buffer::new().format(value))
}
