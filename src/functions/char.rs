//! `__char(n, …)`: the characters of these numbers, which may be decimal, octal (`0101`) or hexadecimal (`0x41`, `#41`). What
//! is no number is left out.

use super::{Definition, Function, text_of_units, trim};
use crate::expr::Expr;
use crate::java::number::{NumberFormatException, parse_int_radix, parse_long};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const CHAR: Definition = Definition {
    name: "__char",
    arguments: (1, None),
    compile: |numbers, _| {
        let fixed: Option<Result<Vec<u16>, _>> =
            numbers.iter().map(|number| number.as_literal().map(|literal| unit(literal))).collect();
        Ok(Box::new(match fixed {
            Some(Ok(units)) => Call::Fixed(Text::from(text_of_units(&units))),
            _ => Call::Computed(numbers),
        }))
    },
    summary: "The characters of given numbers",
};

enum Call {
    Fixed(Text),
    Computed(Vec<Expr>),
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let numbers = match self {
            Call::Fixed(text) => return Ok(Text::clone(text)),
            Call::Computed(numbers) => numbers,
        };
        let mut units = Vec::with_capacity(numbers.len());
        for number in numbers {
            let number = number.eval(user)?;
            match unit(&number) {
                Ok(unit) => units.push(unit),
                Err(error) => log::warn!(
                    target: "org.apache.jmeter.functions.CharFunction",
                    "Could not parse {} : java.lang.NumberFormatException: {error}", trim(&number)
                ),
            }
        }
        Ok(Text::from(text_of_units(&units)))
    }
}

/// `(char) Long.decode(text)`
fn unit(text: &str) -> Result<u16, NumberFormatException> {
    let text = trim(text);
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    let hexadecimal = ["0x", "0X", "#"].iter().find_map(|prefix| digits.strip_prefix(prefix));
    let (radix, digits) = match hexadecimal {
        Some(digits) => (16, digits),
        None if digits.len() > 1 && digits.starts_with('0') => (8, &digits[1..]),
        None => (10, digits),
    };
    if radix == 10 || digits.starts_with(['-', '+']) {
        // A second sign is an error either way.
        return parse_long(text).map(|number| number as u16);
    }
    let digits = format!("{sign}{digits}");
    match i64::from_str_radix(&digits, radix) {
        Ok(number) => Ok(number as u16),
        Err(_) => parse_int_radix(&digits, radix).map(|number| number as u16),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn numbers_become_characters() {
        Bench::default().variable("n", "0x42").check(&[
            ("${__char(65,${n},C)}", "AB"),
            ("${__char(#41,0101,-1,+66, 67 )}", "AA\u{ffff}BC"),
            ("${__char(0xD83D,0xDE00)}", "😀"),
            ("${__char(0xD83D)}", "?"),
            ("${__char(65600)}", "@"),
            ("${__char(0x)}", ""),
            ("${__char(--65,0x-41,)}", ""),
            ("${__char(0)}", "\0"),
        ]);
    }
}
