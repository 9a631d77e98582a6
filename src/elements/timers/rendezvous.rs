//! Where users wait for each other (Synchronizing Timer).

use crate::virtual_user::{StopLevel, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A barrier that opens each time enough users have come, or when the first of them has waited long enough.
#[derive(Debug, Default)]
pub struct Rendezvous {
    state: Mutex<State>,
    opened: Notify,
    size: Option<usize>,
    timeout: Option<Duration>,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    generation: u64,
}

impl Rendezvous {
    /// A barrier for `size` users, `None` for as many as the group has, with an optional limit on waiting.
    pub fn new(size: Option<usize>, timeout: Option<Duration>) -> Self {
        Rendezvous { size, timeout, ..Rendezvous::default() }
    }

    /// Waits until enough users have come. A stopped run lets everybody through.
    pub async fn wait(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let size = self.size.unwrap_or(user.group.users as usize);
        if size <= 1 {
            return Ok(());
        }
        let stop = Arc::clone(&user.stop);
        let opened = self.opened.notified();
        let generation = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.waiting += 1;
            if state.waiting >= size {
                self.open(&mut state);
                return Ok(());
            }
            state.generation
        };
        let limit = async {
            match self.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = opened => {}
            () = stop.reached(StopLevel::Shutdown) => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.generation == generation {
                    state.waiting -= 1;
                }
            }
            () = limit => {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.generation == generation {
                    log::warn!(target: "org.apache.jmeter.timers.SyncTimer",
                        "SyncTimer timeouted waiting for users after: {}ms", self.timeout.unwrap_or_default().as_millis());
                    self.open(&mut state);
                }
            }
        }
        Ok(())
    }

    fn open(&self, state: &mut State) {
        state.waiting = 0;
        state.generation += 1;
        self.opened.notify_waiters();
    }
}
