//! Queues by name that all users of a run share (plugin jpgc-fifo, `kg.apc.jmeter.modifiers.FifoMap`).

use super::{StopLevel, StopSignal};
use crate::clock;
use crate::text::Text;
use ahash::AHashMap;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Who waits looks this often whether the run has been stopped.
const PIECE: Duration = Duration::from_millis(50);

/// The queues of a run.
#[derive(Debug, Default)]
pub struct Fifos {
    queues: Mutex<AHashMap<Text, VecDeque<Text>>>,
    changed: Condvar,
}

/// The run was stopped at once while a user waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

impl Fifos {
    fn queues(&self) -> MutexGuard<'_, AHashMap<Text, VecDeque<Text>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first value, which stays.
    pub fn first(&self, name: &str) -> Option<Text> {
        self.queues().get(name).and_then(|queue| queue.front().cloned())
    }

    /// How many values there are.
    pub fn len(&self, name: &str) -> usize {
        self.queues().get(name).map_or(0, VecDeque::len)
    }

    /// Adds a value. Waits, blocking the thread, while there are `capacity` of them.
    pub fn put(&self, name: &Text, value: Text, capacity: usize, stop: &StopSignal) -> Result<(), Interrupted> {
        let mut queues = self.queues();
        loop {
            let queue = queues.entry(Text::clone(name)).or_default();
            if queue.len() < capacity {
                queue.push_back(value);
                self.changed.notify_all();
                return Ok(());
            }
            queues = self.wait(queues, PIECE, stop)?;
        }
    }

    /// Takes the first value. Waits for one as long as `timeout` says, for ever without it, blocking the thread.
    pub fn pop(&self, name: &str, timeout: Option<Duration>, stop: &StopSignal) -> Result<Option<Text>, Interrupted> {
        let begin = clock::now();
        let mut queues = self.queues();
        loop {
            if let Some(value) = queues.get_mut(name).and_then(VecDeque::pop_front) {
                self.changed.notify_all();
                return Ok(Some(value));
            }
            let left = match timeout {
                Some(timeout) => timeout.saturating_sub(clock::now().since(begin)),
                None => PIECE,
            };
            if left.is_zero() {
                return Ok(None);
            }
            queues = self.wait(queues, left.min(PIECE), stop)?;
        }
    }

    fn wait<'q>(
        &'q self,
        queues: MutexGuard<'q, AHashMap<Text, VecDeque<Text>>>,
        time: Duration,
        stop: &StopSignal,
    ) -> Result<MutexGuard<'q, AHashMap<Text, VecDeque<Text>>>, Interrupted> {
        if stop.level() == StopLevel::Now {
            return Err(Interrupted);
        }
        let (queues, _) = self.changed.wait_timeout(queues, time).unwrap_or_else(PoisonError::into_inner);
        Ok(queues)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_user::Stop;

    #[test]
    fn values_come_in_order() {
        let (fifos, stop) = (Fifos::default(), Stop::default());
        let (signal, name) = (stop.signal(), Text::from("q"));
        let now = Some(Duration::ZERO);
        for value in ["a", "b"] {
            fifos.put(&name, Text::from(value), usize::MAX, &signal).unwrap();
        }
        assert_eq!((fifos.len("q"), fifos.len("other")), (2, 0));
        assert_eq!(fifos.first("q").as_deref(), Some("a"));
        assert_eq!(fifos.pop("q", now, &signal).unwrap().as_deref(), Some("a"));
        assert_eq!(fifos.pop("q", None, &signal).unwrap().as_deref(), Some("b"));
        assert_eq!(fifos.pop("q", now, &signal).unwrap(), None);
        assert_eq!(fifos.first("q"), None);
    }

    #[test]
    fn who_waits_is_served_or_interrupted() {
        let (fifos, stop) = (Fifos::default(), Stop::default());
        let (signal, name) = (stop.signal(), Text::from("q"));
        std::thread::scope(|scope| {
            let popped = scope.spawn(|| fifos.pop("q", None, &signal));
            fifos.put(&name, Text::from("a"), 1, &signal).unwrap();
            assert_eq!(popped.join().unwrap().unwrap().as_deref(), Some("a"));
        });
        stop.raise(StopLevel::Now);
        assert_eq!(fifos.pop("q", None, &signal), Err(Interrupted));
        fifos.put(&name, Text::from("a"), 1, &signal).unwrap();
        assert_eq!(fifos.put(&name, Text::from("b"), 1, &signal), Err(Interrupted));
    }
}
