//! Constant Timer. Its delay is read once per pass of the controller that holds it, not per sampler.

use crate::elements::roles::{IterationListener, Timer};
use crate::elements::{Compile, Definition, Role};
use crate::expr::LongExpr;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const CONSTANT: Definition = Definition {
    tag: "ConstantTimer",
    menu: "Constant Timer",
    compile: |compile| {
        let offset = Offset::new(compile);
        let timer = Arc::new(Constant(offset));
        Some(Role { timer: Some(timer.clone()), iteration: Some(timer), ..Role::default() })
    },
};

/// `ConstantTimer.delay`, in milliseconds: the random timers have it too.
pub(super) struct Offset {
    delay: LongExpr,
    read: Slot<Option<i64>>,
}

impl Offset {
    pub fn new(compile: &mut Compile<'_>) -> Self {
        Offset { delay: compile.long("ConstantTimer.delay", 0), read: compile.slot() }
    }

    /// Reads the delay for this pass.
    pub fn read(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if let LongExpr::Text(_) = self.delay {
            let delay = self.delay.eval(user)?;
            *user.slot(self.read) = Some(delay);
        }
        Ok(())
    }

    /// The delay of this pass.
    pub fn get(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        match self.delay {
            LongExpr::Fixed(delay) => Ok(delay),
            LongExpr::Text(_) => match *user.slot(self.read) {
                Some(delay) => Ok(delay),
                None => self.delay.eval(user),
            },
        }
    }
}

struct Constant(Offset);

impl Timer for Constant {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        self.0.get(user)
    }
}

impl IterationListener for Constant {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        self.0.read(user)
    }
}
