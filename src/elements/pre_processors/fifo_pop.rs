//! Inter-Thread Communication PreProcessor of the plugin jpgc-fifo: sets a variable from the first value of a queue, for
//! which it waits.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::functions::fifo::{TIMEOUT, seconds};
use crate::java::number::parse_long;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const FIFO_POP: Definition = Definition {
    tag: "kg.apc.jmeter.modifiers.FifoPopPreProcessor",
    menu: "jp@gc - Inter-Thread Communication PreProcessor",
    compile: |compile| {
        let timeout = compile.shared.properties.long_or(TIMEOUT, i64::MAX).to_string();
        Some(Role::pre_processor(FifoPop {
            queue: compile.expr("FifoName"),
            variable: compile.expr("Variable"),
            timeout: compile.expr_or("Timeout", &timeout),
        }))
    },
};

struct FifoPop {
    queue: Expr,
    variable: Expr,
    /// Seconds; for ever when empty.
    timeout: Expr,
}

impl PreProcessor for FifoPop {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let queue = self.queue.eval(user)?;
        let timeout = match &*self.timeout.eval(user)? {
            "" => i64::MAX,
            text => {
                parse_long(text).map_err(|error| Thrown::new("java.lang.NumberFormatException", error.to_string()))?
            }
        };
        let popped = user.run.fifos.pop(&queue, seconds(timeout), &user.stop);
        let name = self.variable.eval(user)?;
        match popped {
            Ok(Some(value)) => user.variables.put(&name, value),
            Ok(None) => user.variables.put_null(&name),
            Err(_) => {
                log::warn!(target: "kg.apc.jmeter.modifiers.FifoPopPreProcessor", "Interrupted pop from queue {queue}");
                user.variables.put(&name, Text::from("INTERRUPTED"));
            }
        }
        Ok(())
    }

    fn blocks(&self) -> bool {
        true
    }
}
