//! `__fifoPut(queue, value)`, `__fifoPop(queue, variable)`, `__fifoGet(queue, variable)` and `__fifoSize(queue, variable)`
//! of the plugin jpgc-fifo: queues that all users share. To pop from an empty queue is to wait.

use super::{Definition, Function, Store, take};
use crate::expr::{Expr, Scope};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::time::Duration;

/// Seconds to wait for a value; without it, for ever.
pub(crate) const TIMEOUT: &str = "kg.apc.jmeter.functions.FifoTimeout";
/// Most values in a queue; without it, any number.
pub(crate) const CAPACITY: &str = "kg.apc.jmeter.functions.FifoCapacity";

pub(super) const FIFO_PUT: Definition = Definition {
    name: "__fifoPut",
    arguments: (2, None),
    compile: |arguments, scope| {
        let [queue, value] = take(arguments);
        let capacity = capacity(scope);
        scope.waits |= capacity < usize::MAX;
        Ok(Box::new(Put { queue: queue.unwrap_or_default(), value: value.unwrap_or_default(), capacity }))
    },
    summary: "Adds a value to a queue (plugin jpgc-fifo)",
};

pub(super) const FIFO_POP: Definition = Definition {
    name: "__fifoPop",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [queue, store] = take(arguments);
        scope.waits = true;
        let timeout = seconds(scope.properties.long_or(TIMEOUT, i64::MAX));
        Ok(Box::new(Pop { queue: queue.unwrap_or_default(), timeout, store: Store::even_empty(store, scope) }))
    },
    summary: "Takes the first value of a queue, waits for one (plugin jpgc-fifo)",
};

pub(super) const FIFO_GET: Definition = Definition {
    name: "__fifoGet",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [queue, store] = take(arguments);
        Ok(Box::new(Get { queue: queue.unwrap_or_default(), store: Store::even_empty(store, scope) }))
    },
    summary: "The first value of a queue, which stays there (plugin jpgc-fifo)",
};

pub(super) const FIFO_SIZE: Definition = Definition {
    name: "__fifoSize",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [queue, store] = take(arguments);
        Ok(Box::new(Size { queue: queue.unwrap_or_default(), store: Store::even_empty(store, scope) }))
    },
    summary: "How many values a queue has (plugin jpgc-fifo)",
};

fn capacity(scope: &Scope<'_>) -> usize {
    usize::try_from(scope.properties.long_or(CAPACITY, i64::from(i32::MAX)))
        .map_or(1, |most| if most >= i32::MAX as usize { usize::MAX } else { most })
}

/// A time in seconds; `None` is longer than any run.
pub(crate) fn seconds(seconds: i64) -> Option<Duration> {
    (seconds < i64::from(i32::MAX)).then(|| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

const INTERRUPTED: &str = "INTERRUPTED";

struct Put {
    queue: Expr,
    value: Expr,
    capacity: usize,
}

impl Function for Put {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (queue, value) = (self.queue.eval(user)?, self.value.eval(user)?);
        if user.run.fifos.put(&queue, Text::clone(&value), self.capacity, &user.stop).is_err() {
            log::warn!(target: "kg.apc.jmeter.functions.FifoPut", "Interrupted put into queue {queue}");
            return Ok(Text::from(INTERRUPTED));
        }
        Ok(value)
    }
}

struct Pop {
    queue: Expr,
    timeout: Option<Duration>,
    store: Store,
}

impl Function for Pop {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let queue = self.queue.eval(user)?;
        let value = match user.run.fifos.pop(&queue, self.timeout, &user.stop) {
            Ok(value) => value.unwrap_or_else(|| Text::from("null")),
            Err(_) => {
                log::warn!(target: "kg.apc.jmeter.functions.FifoPop", "Interrupted pop from queue {queue}");
                Text::from(INTERRUPTED)
            }
        };
        self.store.put(user, &value)?;
        Ok(value)
    }
}

struct Get {
    queue: Expr,
    store: Store,
}

impl Function for Get {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let queue = self.queue.eval(user)?;
        let value = user.run.fifos.first(&queue).unwrap_or_default();
        self.store.put(user, &value)?;
        Ok(value)
    }
}

struct Size {
    queue: Expr,
    store: Store,
}

impl Function for Size {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let queue = self.queue.eval(user)?;
        let size = Text::from(itoa::Buffer::new().format(user.run.fifos.len(&queue)));
        self.store.put(user, &size)?;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn a_queue_is_shared() {
        Bench::default().property(super::TIMEOUT, "0").check(&[
            ("${__fifoSize(q, n )}|${n}", "0|0"),
            ("${__fifoGet(q,g)}|${g}", "|"),
            ("${__fifoPut(q,a b)}${__fifoPut(q,c)}", "a bc"),
            ("${__fifoSize(q)} ${__fifoGet(q, g )} ${g}", "2 a b a b"),
            ("${__fifoPop(q, v )} ${v} ${__fifoPop(q)} ${__fifoSize(q)}", "a b a b c 0"),
            ("${__fifoPop(q)}", "null"),
            ("${__fifoPut(other,x)}${__fifoSize(q)}${__fifoSize(other)}", "x01"),
        ]);
    }
}
