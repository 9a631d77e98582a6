//! `__Random(min, max, variable)`: a whole number, both bounds included.

use super::{Definition, Function, Store, not_a_number, take, trim};
use crate::expr::Expr;
use crate::java::number::parse_long;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const RANDOM: Definition = Definition {
    name: "__Random",
    arguments: (2, Some(3)),
    compile: |arguments, scope| {
        let [min, max, store] = take(arguments);
        let (min, max) = (min.unwrap_or_default(), max.unwrap_or_default());
        let fixed = match (min.as_literal(), max.as_literal()) {
            // What is wrong with the bounds is told when the function is called.
            (Some(min), Some(max)) => Bounds::read(min, max).ok(),
            _ => None,
        };
        Ok(Box::new(Call { min, max, fixed, store: Store::new(store, scope) }))
    },
    summary: "A random whole number between two bounds, both included",
};

struct Call {
    min: Expr,
    max: Expr,
    fixed: Option<Bounds>,
    store: Store,
}

#[derive(Clone, Copy)]
struct Bounds {
    min: i64,
    max: i64,
}

impl Bounds {
    fn read(min: &str, max: &str) -> Result<Self, Thrown> {
        let min = parse_long(trim(min)).map_err(not_a_number)?;
        let max = parse_long(trim(max)).map_err(not_a_number)?;
        // JMeter draws from min to below max + 1, which overflows for the greatest long.
        if min >= max.wrapping_add(1) {
            return Err(Thrown::new("java.lang.IllegalArgumentException", "bound must be greater than origin"));
        }
        Ok(Bounds { min, max })
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let Bounds { min, max } = match self.fixed {
            Some(bounds) => bounds,
            None => Bounds::read(&self.min.eval(user)?, &self.max.eval(user)?)?,
        };
        let text = Text::from(itoa::Buffer::new().format(user.random.i64(min..=max)));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, check};

    #[test]
    fn bounds() {
        check(&[
            ("${__Random(5,5)}", "5"),
            ("${__Random( -7 , -7 , v )}|${v}", "-7|-7"),
            ("${__Random(5,1)}", "!java.lang.IllegalArgumentException: bound must be greater than origin"),
            (
                "${__Random(1,9223372036854775807)}",
                "!java.lang.IllegalArgumentException: bound must be greater than origin",
            ),
            ("${__Random(a,1)}", "!java.lang.NumberFormatException: For input string: \"a\""),
            ("${__Random(,1)}", "!java.lang.NumberFormatException: For input string: \"\""),
        ]);
    }

    #[test]
    fn both_bounds_are_drawn() {
        let (mut user, exprs) = Bench::default().variable("max", "3").user(&["${__Random(1,${max})}"]);
        let mut seen: Vec<_> = (0..200).map(|_| exprs[0].eval(&mut user).unwrap()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.iter().map(|text| &**text).collect::<Vec<_>>(), ["1", "2", "3"]);
    }
}
