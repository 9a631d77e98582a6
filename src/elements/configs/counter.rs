//! Counter: a variable that goes up at each pass of the controller that holds it, for each user or for all together.

use super::number_format::NumberFormat;
use crate::elements::roles::IterationListener;
use crate::elements::{Definition, Role, VariableName};
use crate::expr::{BoolExpr, Expr, LongExpr, java_long};
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const COUNTER: Definition = Definition {
    tag: "CounterConfig",
    menu: "Counter",
    compile: |compile| {
        let counter = Counter {
            start: compile.long("CounterConfig.start", 0),
            end: End::new(compile.expr("CounterConfig.end")),
            increment: compile.long("CounterConfig.incr", 0),
            name: compile.variable_name("CounterConfig.name"),
            format: NumberFormat::new(compile, "CounterConfig.format"),
            per_user: compile.flag("CounterConfig.per_user", false),
            reset: compile.flag("CounterConfig.reset_on_tg_iteration", false),
            all: Mutex::new(None),
            own: compile.slot(),
        };
        Some(Role { iteration: Some(Arc::new(counter)), ..Role::default() })
    },
};

const TARGET: &str = "org.apache.jmeter.modifiers.CounterConfig";

struct Counter {
    start: LongExpr,
    end: End,
    increment: LongExpr,
    name: VariableName,
    format: NumberFormat,
    per_user: BoolExpr,
    reset: BoolExpr,
    all: Mutex<Option<i64>>,
    own: Slot<Own>,
}

/// The last value. Where the text is empty there is none: the counter goes up as far as numbers go.
enum End {
    Fixed(i64),
    Text(Expr),
}

impl End {
    fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => End::Fixed(Self::number(literal)),
            None => End::Text(text),
        }
    }

    fn number(text: &str) -> i64 {
        if text.is_empty() { i64::MAX } else { java_long(text) }
    }

    fn eval(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        match self {
            End::Fixed(end) => Ok(*end),
            End::Text(text) => Ok(Self::number(&text.eval(user)?)),
        }
    }
}

struct Own {
    next: Option<i64>,
    /// The iteration of the group in which the counter was asked last.
    iteration: u32,
}

impl Default for Own {
    fn default() -> Self {
        Own { next: None, iteration: 1 }
    }
}

impl Counter {
    /// The next value of the counter that all users share: it starts over when it is past its end. The least number of
    /// all is JMeter's mark for a counter that has not begun, so that one which overflows starts over, too.
    fn next_of_all(&self, start: i64, end: i64, increment: i64) -> i64 {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let value = all.filter(|value| *value != i64::MIN && *value <= end).unwrap_or(start);
        *all = Some(value.wrapping_add(increment));
        value
    }

    fn next_of_user(&self, user: &mut VirtualUser, start: i64, end: i64, increment: i64) -> Result<i64, Thrown> {
        let resets = self.reset.eval(user)?;
        let iteration = user.iteration;
        let own = user.slot(self.own);
        let mut value = own.next.unwrap_or(start);
        if resets && std::mem::replace(&mut own.iteration, iteration) != iteration {
            value = start;
        }
        let next = value.wrapping_add(increment);
        own.next = Some(if next > end { start } else { next });
        Ok(value)
    }
}

impl IterationListener for Counter {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let start = self.start.eval(user)?;
        let end = self.end.eval(user)?;
        let increment = self.increment.eval(user)?;
        let value = if self.per_user.eval(user)? {
            self.next_of_user(user, start, end, increment)?
        } else {
            self.next_of_all(start, end, increment)
        };
        let text = self.format.text(user, value, TARGET)?;
        self.name.set(user, text)
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::{Bench, labels};

    #[track_caller]
    fn check(loops: i32, plan: &str, expected: &str) {
        assert_eq!(labels(loops, plan), expected, "{plan}");
    }

    #[test]
    fn counters_count_passes() {
        let plan = |keys: &str| format!("@CounterConfig name=x .CounterConfig.name=c {keys}\n${{c}}");
        check(3, &plan("start=5 incr=2"), "5 | 7 | 9");
        check(4, &plan("start=1 incr=1 end=2"), "1 | 2 | 1 | 2");
        check(4, &plan("start=1 incr=1 end=2 per_user=true"), "1 | 2 | 1 | 2");
        check(3, &plan("start= incr=1 end="), "0 | 1 | 2");
        check(3, &plan("start=1 incr=-1 end=5"), "1 | 0 | -1");
        let last = i64::MAX;
        check(3, &plan(&format!("start={last} incr=1")), &format!("{last} | {last} | {last}"));
        check(2, &plan(&format!("start={last} incr=1 per_user=true")), &format!("{last} | {}", i64::MIN));
        check(2, &plan(""), "0 | 0");
        check(2, &plan("start=1 incr=1 format=u000"), "u001 | u002");
        check(2, &plan("start=1 incr=1 format=0.#.0"), "1 | 2");
        let reset = "
@LoopController loops=2
  @CounterConfig .CounterConfig.name=c start=1 incr=1 per_user=true reset_on_tg_iteration=true
  ${c}";
        check(2, reset, "1 2 | 1 2");
        check(2, &reset.replace("reset_on_tg_iteration=true", "reset_on_tg_iteration=false"), "1 2 | 3 4");
    }

    #[test]
    fn a_counter_belongs_to_all_users_or_to_each() {
        let plan =
            |per_user: bool| format!("@CounterConfig .CounterConfig.name=c start=1 incr=1 per_user={per_user}\n${{c}}");
        let bench = Bench::new(2, &plan(false));
        assert_eq!((bench.user(1).live(), bench.user(2).live()), ("1 | 2".into(), "3 | 4".into()));
        let bench = Bench::new(2, &plan(true));
        assert_eq!((bench.user(1).live(), bench.user(2).live()), ("1 | 2".into(), "1 | 2".into()));
    }
}
