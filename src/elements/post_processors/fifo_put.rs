//! Inter-Thread Communication PostProcessor of the plugin jpgc-fifo: adds a value to a queue.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::functions::fifo::CAPACITY;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const FIFO_PUT: Definition = Definition {
    tag: "kg.apc.jmeter.modifiers.FifoPutPostProcessor",
    menu: "jp@gc - Inter-Thread Communication PostProcessor",
    compile: |compile| {
        let capacity = compile.shared.properties.get(CAPACITY).and_then(|text| text.trim().parse().ok());
        Some(Role::post_processor(FifoPut {
            queue: compile.expr("FifoName"),
            value: compile.expr("Value"),
            capacity: capacity.unwrap_or(usize::MAX),
        }))
    },
};

struct FifoPut {
    queue: Expr,
    value: Expr,
    capacity: usize,
}

impl PostProcessor for FifoPut {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let (queue, value) = (self.queue.eval(user)?, self.value.eval(user)?);
        if user.run.fifos.put(&queue, value, self.capacity, &user.stop).is_err() {
            log::warn!(target: "kg.apc.jmeter.modifiers.FifoPutPostProcessor", "Interrupted put into queue {queue}");
        }
        Ok(())
    }

    fn blocks(&self) -> bool {
        self.capacity < usize::MAX
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}
