//! The `${__functions()}`: one file each (or one for close kin), one sorted table.
//!
//! A call is compiled once and shared by all users. What the plan fixes is worked out then: literal numbers are read,
//! literal formats and patterns compiled, names of variables numbered.

mod base64;
mod case;
mod char;
mod charset;
mod choose_random;
mod context;
mod counter;
mod csv_read;
mod date_time_convert;
mod digest;
mod early;
mod env;
mod escape;
mod escape_oro_regexp_chars;
pub(crate) mod eval;
pub(crate) mod fifo;
mod file_to_string;
mod if_equal;
mod is_defined;
mod locale;
pub mod log;
mod machine;
mod property;
mod random;
mod random_date;
mod random_from_multiple_vars;
mod random_string;
mod regex_function;
mod script;
mod split;
mod store;
mod string_from_file;
mod string_to_file;
mod sum;
mod table;
mod text;
mod time;
mod time_shift;
mod url_encoding;
mod uuid;
mod v;
mod xpath;

#[cfg(test)]
mod testing;

use crate::expr::{Expr, ParseError, Scope};
use crate::java::number::NumberFormatException;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

use store::Store;
pub use table::FUNCTIONS;

/// A compiled call. It keeps its arguments and evaluates them when called.
pub trait Function: Send + Sync {
    /// The function's value for this user now.
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown>;
}

/// Turns arguments, whose number has been checked, into a call.
pub type Compile = fn(Vec<Expr>, &mut Scope<'_>) -> Result<Box<dyn Function>, ParseError>;

/// One row of the table of functions.
pub struct Definition {
    /// `__name`
    pub name: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, Option<usize>),
    /// Turns arguments into a call.
    pub compile: Compile,
    /// One line for `rotameter functions` and the README.
    pub summary: &'static str,
}

impl Definition {
    /// JMeter's text for a wrong number of arguments (`AbstractFunction.checkParameterCount`, `checkMinParameterCount`).
    pub fn wrong_count(&self, actual: usize) -> String {
        let (min, max) = self.arguments;
        match max {
            Some(max) if max == min => {
                format!("{} called with wrong number of parameters. Actual: {actual}. Expected: {min}.", self.name)
            }
            Some(max) => format!(
                "{} called with wrong number of parameters. Actual: {actual}. Expected: >= {min} and <= {max}",
                self.name
            ),
            None => {
                format!(
                    "{} called with wrong number of parameters. Actual: {actual}. Expected at least: {min}.",
                    self.name
                )
            }
        }
    }
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Definition> {
    if !name.starts_with("__") {
        return None;
    }
    FUNCTIONS.binary_search_by(|definition| definition.name.cmp(name)).ok().map(|index| &FUNCTIONS[index])
}

/// Whether JMeter 5.6 itself, or a plugin that plans use, has a function of that name: where it is not in our table, a plan that
/// calls it cannot run as it does there.
pub fn exists_in_jmeter(name: &str) -> bool {
    name.starts_with("__") && table::KNOWN_ELSEWHERE.binary_search(&name).is_ok()
}

/// The arguments in order; those that were not given are `None`.
fn take<const N: usize>(arguments: Vec<Expr>) -> [Option<Expr>; N] {
    let mut arguments = arguments.into_iter();
    std::array::from_fn(|_| arguments.next())
}

/// `String.trim()`: drops every character up to and including the space, at both ends.
fn trim(text: &str) -> &str {
    crate::java::number::trim(text)
}

/// The text of UTF-16 units. Half a character becomes a question mark, as it does when Java sends it.
fn text_of_units(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied()).map(|unit| unit.unwrap_or('?')).collect()
}

/// A number that cannot be read, as Java throws it.
fn not_a_number(error: NumberFormatException) -> Thrown {
    Thrown::new("java.lang.NumberFormatException", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_disjoint() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(table::KNOWN_ELSEWHERE.windows(2).all(|pair| pair[0] < pair[1]));
        for definition in FUNCTIONS {
            assert!(table::KNOWN_ELSEWHERE.binary_search(&definition.name).is_err(), "{}", definition.name);
        }
    }

    fn unescape(text: &str) -> String {
        let mut chars = text.chars();
        std::iter::from_fn(|| match chars.next()? {
            '\\' => match chars.next()? {
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                '0' => Some('\0'),
                other => Some(other),
            },
            other => Some(other),
        })
        .collect()
    }

    /// Lines of a text, a tab and what JMeter 5.6.2 makes of it, with backslashes before backslashes and line ends.
    #[test]
    fn texts_are_evaluated_as_in_jmeter() {
        crate::java::date_format::Zone::set_default(crate::java::date_format::Zone::utc());
        let mut wrong = Vec::new();
        for line in include_str!("../../fixtures/functions/expressions.txt").lines() {
            let (text, expected) = line.split_once('\t').unwrap();
            let (text, expected) = (unescape(text), unescape(expected));
            let bench = [
                ("a", "1"),
                ("b", "two words"),
                ("e", ""),
                ("n_1", "x"),
                ("ref", "${a}"),
                ("csv", "p,q;r"),
                ("in", "k=a1 k=b2 abc=77"),
            ]
            .into_iter()
            .fold(testing::Bench::default().property("p", "val").property("sp", " x "), |bench, (name, value)| {
                bench.variable(name, value)
            })
            .variable("fn", "${__V(n_${a})}");
            let result = bench.evaluate(&text);
            if result != expected {
                wrong.push(format!("{text:?}\n  JMeter {expected:?}\n  here   {result:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    }

    /// The calls of calls.table, for one user and in order, as `record.py` had JMeter 5.6.2 make them.
    #[test]
    fn calls_are_answered_as_by_jmeter() {
        crate::java::date_format::Zone::set_default(crate::java::date_format::Zone::utc());
        let bench = [
            ("a", "1"),
            ("n", "42"),
            ("big", "9223372036854775807"),
            ("s", "two words"),
            ("u", "é€😀"),
            ("empty", ""),
            ("ref", "a"),
            ("n_1", "x"),
            ("n_2", "y"),
            ("n_matchNr", "2"),
            ("csv", "one,two,,four"),
            ("html", "<a href=\"x\">&amp;'é</a>"),
        ]
        .into_iter()
        .fold(testing::Bench::default(), |bench, (name, value)| bench.variable(name, value));
        let rows: Vec<(String, String)> = include_str!("../../fixtures/functions/calls.table")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("# "))
            .map(|line| line.split_once('\t').map(|(text, answer)| (unescape(text), unescape(answer))).unwrap())
            .collect();
        let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).collect();
        let mut wrong = Vec::new();
        for ((text, expected), result) in rows.iter().zip(bench.evaluate_all(&texts)) {
            if result != *expected {
                wrong.push(format!("{text:?}\n  JMeter {expected:?}\n  here   {result:?}"));
            }
        }
        assert!(wrong.is_empty(), "{} of {} differ\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    }

    #[test]
    fn wrong_counts_are_told_in_jmeters_words() {
        for (name, actual, expected) in [
            ("__threadNum", 1, "__threadNum called with wrong number of parameters. Actual: 1. Expected: 0."),
            ("__counter", 3, "__counter called with wrong number of parameters. Actual: 3. Expected: >= 1 and <= 2"),
            ("__intSum", 1, "__intSum called with wrong number of parameters. Actual: 1. Expected at least: 2."),
        ] {
            assert_eq!(find(name).unwrap().wrong_count(actual), expected);
        }
    }
}
