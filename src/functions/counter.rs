//! `__counter(TRUE|FALSE, variable)`: counts its own calls, for each user (`TRUE`) or for the run. Every place in the plan
//! counts for itself.

use super::{Definition, Function, Store, take};
use crate::expr::{Expr, java_bool};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::atomic::{AtomicI32, Ordering};

pub(super) const COUNTER: Definition = Definition {
    name: "__counter",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [per_user, store] = take(arguments);
        Ok(Box::new(Call {
            per_user: per_user.unwrap_or_default(),
            own: scope.slots.slot(),
            all: AtomicI32::new(0),
            store: Store::new(store, scope),
        }))
    },
    summary: "Counts its calls, per user or over all users",
};

struct Call {
    per_user: Expr,
    own: Slot<i32>,
    all: AtomicI32,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let count = if java_bool(&self.per_user.eval(user)?) {
            let own = user.slot(self.own);
            *own = own.wrapping_add(1);
            *own
        } else {
            self.all.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
        };
        let text = Text::from(itoa::Buffer::new().format(count));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, check};

    #[test]
    fn each_place_counts_for_itself() {
        check(&[("${__counter(TRUE)}${__counter(TRUE)}", "11"), ("${__counter(no, c )}|${c}", "1|1")]);
    }

    #[test]
    fn users_share_the_count_of_the_run() {
        let (mut users, exprs) = Bench::default().users(2, &["${__counter(FALSE)}", "${__counter(true,c)}${c}"]);
        let mut seen = Vec::new();
        for _ in 0..2 {
            for user in &mut users {
                seen.push(format!("{} {}", exprs[0].eval(user).unwrap(), exprs[1].eval(user).unwrap()));
            }
        }
        assert_eq!(seen, ["1 11", "2 11", "3 22", "4 22"]);
    }
}
