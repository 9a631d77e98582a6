//! `__counter(TRUE|FALSE, variable)`: counts its own calls, for each user (`TRUE`) or for the run. Every place in the plan
//! counts for itself.

use super::{Definition, Function, Store};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::atomic::{AtomicI32, Ordering};

pub(super) const COUNTER: Definition = Definition {
    name: "__counter",
    arguments: (1, Some(2)),
    compile: |mut arguments, scope| {
        let store = Store::new(arguments.get(1), scope);
        Ok(Box::new(Call { per_user: arguments.remove(0), own: scope.slots.slot(), all: AtomicI32::new(0), store }))
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
        let count = if self.per_user.eval(user)?.eq_ignore_ascii_case("true") {
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
