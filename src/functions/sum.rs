//! `__intSum`, `__longSum`, and `__doubleSum` of the plugin jpgc-functions: the sum of the arguments. The last one is a
//! number too, or else names a variable for the sum.

use super::{Definition, Function, Store, not_a_number, trim};
use crate::expr::{Expr, ParseError, Scope};
use crate::java::number::{NumberFormatException, double_to_string, parse_double, parse_int, parse_long};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const INT_SUM: Definition = Definition {
    name: "__intSum",
    arguments: (2, None),
    compile: compile::<i32>,
    summary: "The sum of whole numbers of 32 bits",
};

pub(super) const LONG_SUM: Definition = Definition {
    name: "__longSum",
    arguments: (2, None),
    compile: compile::<i64>,
    summary: "The sum of whole numbers of 64 bits",
};

pub(super) const DOUBLE_SUM: Definition = Definition {
    name: "__doubleSum",
    arguments: (2, None),
    compile: compile::<f64>,
    summary: "The sum of numbers with fractions (plugin jpgc-functions)",
};

/// A kind of number that can be summed up as Java does.
trait Addend: Copy + Default + Send + Sync + 'static {
    /// Where JMeter says that a term is no number.
    const FRAMES: &str;
    fn parse(text: &str) -> Result<Self, NumberFormatException>;
    /// Java's `+`, which wraps.
    fn plus(self, other: Self) -> Self;
    fn text(self) -> Text;
    /// `__intSum` alone keeps its sum under an empty name, too.
    fn store(argument: Option<Expr>, scope: &mut Scope<'_>) -> Store {
        Store::new(argument, scope)
    }
}

impl Addend for i32 {
    const FRAMES: &str = "java.base/java.lang.NumberFormatException.forInputString(NumberFormatException.java:67)
java.base/java.lang.Integer.parseInt(Integer.java:668)
java.base/java.lang.Integer.parseInt(Integer.java:786)
org.apache.jmeter.functions.IntSum.execute(IntSum.java:69)";

    fn parse(text: &str) -> Result<Self, NumberFormatException> {
        parse_int(text)
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn text(self) -> Text {
        Text::from(itoa::Buffer::new().format(self))
    }
    fn store(argument: Option<Expr>, scope: &mut Scope<'_>) -> Store {
        Store::even_empty(argument, scope)
    }
}

impl Addend for i64 {
    const FRAMES: &str = "java.base/java.lang.NumberFormatException.forInputString(NumberFormatException.java:67)
java.base/java.lang.Long.parseLong(Long.java:711)
java.base/java.lang.Long.parseLong(Long.java:836)
org.apache.jmeter.functions.LongSum.execute(LongSum.java:69)";

    fn parse(text: &str) -> Result<Self, NumberFormatException> {
        parse_long(text)
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn text(self) -> Text {
        Text::from(itoa::Buffer::new().format(self))
    }
}

impl Addend for f64 {
    const FRAMES: &str = "";

    fn parse(text: &str) -> Result<Self, NumberFormatException> {
        parse_double(text)
    }
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn text(self) -> Text {
        Text::from(double_to_string(self))
    }
}

struct Call<N> {
    terms: Vec<Term<N>>,
    last: Option<Expr>,
    store: Store,
}

enum Term<N> {
    Fixed(N),
    Computed(Expr),
}

fn compile<N: Addend>(mut arguments: Vec<Expr>, scope: &mut Scope<'_>) -> Result<Box<dyn Function>, ParseError> {
    let last = arguments.pop();
    let fixed = |text: &Expr| text.as_literal().and_then(|literal| N::parse(literal).ok());
    let mut terms: Vec<Term<N>> =
        arguments.into_iter().map(|term| fixed(&term).map_or(Term::Computed(term), Term::Fixed)).collect();
    let fixed_last = last.as_ref().and_then(Expr::as_literal).map(|literal| N::parse(trim(literal)));
    let (last, store) = match fixed_last {
        Some(Ok(number)) => {
            terms.push(Term::Fixed(number));
            (None, None)
        }
        Some(Err(_)) => (None, last),
        None => (last.clone(), last),
    };
    Ok(Box::new(Call { terms, last, store: N::store(store, scope) }))
}

impl<N: Addend> Function for Call<N> {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let last = match &self.last {
            Some(last) => Some(last.eval(user)?),
            None => None,
        };
        let mut sum = N::default();
        for term in &self.terms {
            sum = sum.plus(match term {
                Term::Fixed(number) => *number,
                Term::Computed(text) => {
                    N::parse(&text.eval(user)?).map_err(|error| not_a_number(error).from(N::FRAMES))?
                }
            });
        }
        if let Some(Ok(number)) = last.map(|last| N::parse(trim(&last))) {
            return Ok(sum.plus(number).text());
        }
        let text = sum.text();
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn sums() {
        Bench::default().variable("n", "40").variable("name", "kept").check(&[
            ("${__intSum(1,${n},1)}", "42"),
            ("${__intSum(2147483647,1)}", "-2147483648"),
            ("${__intSum(1,2, s )}|${s}", "3|3"),
            ("${__intSum(1,2,)}|${}", "3|3"),
            ("${__intSum(1,9999999999)}|${9999999999}", "1|1"),
            ("${__intSum(1,${name})}|${kept}", "1|1"),
            ("${__intSum(1, ${n} )}", "41"),
            ("${__intSum(1,2,3x)}|${3x}", "3|3"),
            ("${__intSum(3x,1)}", "!java.lang.NumberFormatException: For input string: \"3x\""),
            ("${__intSum( 2 ,3)}", "!java.lang.NumberFormatException: For input string: \" 2 \""),
            ("${__intSum(3000000000,1)}", "!java.lang.NumberFormatException: For input string: \"3000000000\""),
            ("${__longSum(3000000000,1)}", "3000000001"),
            ("${__longSum(9223372036854775807,1)}", "-9223372036854775808"),
            ("${__doubleSum(1,0.5)}", "1.5"),
            ("${__doubleSum( 1 ,1e7,d)}|${d}", "1.0000001E7|1.0000001E7"),
            ("${__doubleSum(x,1)}", "!java.lang.NumberFormatException: For input string: \"x\""),
        ]);
    }
}
