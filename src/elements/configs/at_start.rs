//! Settings of a bean that acts once per pass: JMeter reads them when a user starts (`TestCompiler.trackIterationListeners`
//! prepares the bean then), not when it acts.

use crate::elements::Compile;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::{Arc, OnceLock};

/// Settings `T` as a user reads them when it starts. Settings without a reference are read once and shared by all users.
pub(super) struct AtStart<T> {
    constant: bool,
    shared: OnceLock<Arc<T>>,
    own: Slot<Option<Arc<T>>>,
}

impl<T: Send + Sync + 'static> AtStart<T> {
    /// `constant` when nothing in the settings is a reference.
    pub fn new(compile: &mut Compile<'_>, constant: bool) -> Self {
        AtStart { constant, shared: OnceLock::new(), own: compile.slot() }
    }

    /// Reads the settings for a user that starts. JMeter's thread does not survive a function that throws here.
    pub fn start(&self, user: &mut VirtualUser, read: impl FnOnce(&mut VirtualUser) -> Result<T, Thrown>) {
        if let Err(thrown) = self.get(user, read) {
            log::error!(target: "org.apache.jmeter.threads.JMeterThread", "Test failed! {thrown}");
            user.running = false;
        }
    }

    /// The user's settings.
    pub fn get(
        &self,
        user: &mut VirtualUser,
        read: impl FnOnce(&mut VirtualUser) -> Result<T, Thrown>,
    ) -> Result<Arc<T>, Thrown> {
        if self.constant {
            if let Some(shared) = self.shared.get() {
                return Ok(Arc::clone(shared));
            }
            let settings = Arc::new(read(user)?);
            return Ok(Arc::clone(self.shared.get_or_init(|| settings)));
        }
        if let Some(own) = user.slot(self.own) {
            return Ok(Arc::clone(own));
        }
        let settings = Arc::new(read(user)?);
        *user.slot(self.own) = Some(Arc::clone(&settings));
        Ok(settings)
    }
}
