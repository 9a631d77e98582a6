//! `__log(text, level, exception, comment)` and `__logn(text, level, exception)`: a line in the log. The first answers with
//! the text, the second with nothing.
//!
//! The levels `OUT` and `ERR` mean the console. Nothing here prints: such lines are logged for the targets [`STDOUT`] and
//! [`STDERR`], which whoever owns the console shows.

use super::{Definition, Function, take, trim};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use log::Level;

/// Target of log records that are lines for the standard output, as they are.
pub const STDOUT: &str = "System.out";
/// Target of log records that are lines for the standard error stream, as they are.
pub const STDERR: &str = "System.err";

pub(super) const LOG: Definition = Definition {
    name: "__log",
    arguments: (1, Some(4)),
    compile: |arguments, _| {
        let [text, level, exception, comment] = take(arguments);
        let text = text.unwrap_or_default();
        let target = "org.apache.jmeter.functions.LogFunction";
        Ok(Box::new(Call { text, level, exception, comment, target, answers: true }))
    },
    summary: "Writes a text to the log and answers with it",
};

pub(super) const LOGN: Definition = Definition {
    name: "__logn",
    arguments: (1, Some(3)),
    compile: |arguments, _| {
        let [text, level, exception] = take(arguments);
        let text = text.unwrap_or_default();
        let target = "org.apache.jmeter.functions.LogFunction2";
        Ok(Box::new(Call { text, level, exception, comment: None, target, answers: false }))
    },
    summary: "Writes a text to the log and answers with nothing",
};

struct Call {
    text: Expr,
    level: Option<Expr>,
    exception: Option<Expr>,
    comment: Option<Expr>,
    target: &'static str,
    answers: bool,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let mut read = |argument: &Option<Expr>| match argument {
            Some(argument) => argument.eval(user).map(Some),
            None => Ok(None),
        };
        let level = read(&self.level)?.unwrap_or_default();
        // `__log` takes an empty text for no exception, `__logn` for one without a message.
        let exception = read(&self.exception)?.filter(|message| !self.answers || !message.is_empty());
        let comment = read(&self.comment)?.unwrap_or_default();
        let destination = Destination::of(&level);
        let line = line(&user.thread_name, &text, &destination, exception.as_deref(), &comment);
        match destination {
            Destination::Log(level) => log::log!(target: self.target, level, "{line}"),
            // The console's lines pass whatever levels the log lets through.
            Destination::Out => log::error!(target: STDOUT, "{line}"),
            Destination::Err => log::error!(target: STDERR, "{line}"),
        }
        Ok(if self.answers { text } else { Text::default() })
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Destination {
    Log(Level),
    Out,
    Err,
}

impl Destination {
    fn of(level: &str) -> Self {
        match trim(level).to_uppercase().as_str() {
            "OUT" => Destination::Out,
            "ERR" => Destination::Err,
            "ERROR" => Destination::Log(Level::Error),
            "WARN" => Destination::Log(Level::Warn),
            "INFO" => Destination::Log(Level::Info),
            "TRACE" => Destination::Log(Level::Trace),
            _ if level.is_empty() => Destination::Log(Level::Info),
            _ => Destination::Log(Level::Debug),
        }
    }
}

fn line(thread: &str, text: &str, to: &Destination, exception: Option<&str>, comment: &str) -> String {
    let console = !matches!(to, Destination::Log(_));
    let mut line = match (console, comment.is_empty()) {
        (true, true) => format!("Log: {thread} : {text}"),
        (true, false) => format!("Log: {thread} {comment}{text}"),
        (false, true) => format!("{thread}  :  {text}"),
        (false, false) => format!("{thread} {comment} {text}"),
    };
    if let Some(message) = exception {
        line.push(if console { ' ' } else { '\n' });
        line.push_str("java.lang.Throwable: ");
        line.push_str(message);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{Destination, line};
    use crate::functions::testing::check;
    use log::Level;

    #[test]
    fn answers() {
        check(&[("${__log(a)}", "a"), ("${__log(a,OUT,x,c)}", "a"), ("${__logn(a,nope,)}", "")]);
    }

    #[test]
    fn levels() {
        for (level, expected) in [
            ("", Destination::Log(Level::Info)),
            (" ", Destination::Log(Level::Debug)),
            (" warn ", Destination::Log(Level::Warn)),
            ("nope", Destination::Log(Level::Debug)),
            ("Out", Destination::Out),
        ] {
            assert_eq!(Destination::of(level), expected, "{level:?}");
        }
    }

    /// As JMeter 5.6.2 writes them.
    #[test]
    fn lines() {
        let log = Destination::Log(Level::Info);
        assert_eq!(line("G 1-1", "t", &log, None, ""), "G 1-1  :  t");
        assert_eq!(line("G 1-1", "t", &log, Some("e"), "c"), "G 1-1 c t\njava.lang.Throwable: e");
        assert_eq!(line("G 1-1", "t", &Destination::Out, None, ""), "Log: G 1-1 : t");
        assert_eq!(line("G 1-1", "t", &Destination::Err, Some("e"), "c"), "Log: G 1-1 ct java.lang.Throwable: e");
    }
}
