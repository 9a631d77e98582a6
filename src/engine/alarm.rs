//! Wakes users at the very moment that a schedule says. The timers of the runtime turn by whole milliseconds, and round up.

use crate::clock::{self, Timestamp};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Stack of the thread, which calls nothing but wakers.
const STACK: usize = 64 << 10;

/// Wakes the users of one worker, from a thread that is there once somebody has asked.
#[derive(Default)]
pub(super) struct Alarm {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    calls: Mutex<Calls>,
    /// There is a call before all others, or there will be no more.
    changed: Condvar,
}

#[derive(Default)]
struct Calls {
    next: BinaryHeap<Reverse<Call>>,
    made: u64,
    /// Whether the thread is there.
    served: bool,
    over: bool,
}

/// Somebody to be woken.
struct Call {
    at: Timestamp,
    /// Those of one moment are woken in the order in which they asked.
    number: u64,
    waker: Waker,
}

impl Ord for Call {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Call {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Call {}

impl Alarm {
    /// Is done at `moment`.
    pub fn at(&self, moment: Timestamp) -> Until<'_> {
        Until { alarm: self, moment, asked: None }
    }

    /// Whether there is somebody to wake `waker` at that moment: only a machine that has no thread left has none.
    fn call(&self, at: Timestamp, waker: &Waker) -> bool {
        let mut calls = self.shared.lock();
        if !calls.served {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("alarm".to_owned()).stack_size(STACK);
            if thread.spawn(move || shared.serve()).is_err() {
                return false;
            }
            calls.served = true;
        }
        calls.made += 1;
        let call = Call { at, number: calls.made, waker: waker.clone() };
        let is_first = calls.next.peek().is_none_or(|Reverse(first)| call < *first);
        calls.next.push(Reverse(call));
        drop(calls);
        if is_first {
            self.shared.changed.notify_one();
        }
        true
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.shared.lock().over = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        let mut calls = self.lock();
        while !calls.over {
            let Some(Reverse(first)) = calls.next.peek() else {
                calls = self.changed.wait(calls).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = first.at.since(clock::now());
            if left.is_zero() {
                let first = calls.next.pop();
                // Who is woken may ask again at once.
                drop(calls);
                if let Some(Reverse(call)) = first {
                    call.waker.wake();
                }
                calls = self.lock();
            } else {
                calls = self.changed.wait_timeout(calls, left).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }
}

/// Waits for a moment.
pub(super) struct Until<'a> {
    alarm: &'a Alarm,
    moment: Timestamp,
    /// Who is woken.
    asked: Option<Waker>,
}

impl Future for Until<'_> {
    /// False when nobody is there to wake.
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        if clock::now() >= self.moment {
            return Poll::Ready(true);
        }
        let waker = context.waker();
        if !self.asked.as_ref().is_some_and(|asked| asked.will_wake(waker)) {
            if !self.alarm.call(self.moment, waker) {
                return Poll::Ready(false);
            }
            self.asked = Some(waker.clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn nobody_is_woken_early_and_all_are_woken_in_turn() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let alarm = Alarm::default();
        let start = clock::now();
        let woken = Mutex::new(Vec::new());
        let wait = async |millis: u64| {
            let moment = start + Duration::from_millis(millis);
            assert!(alarm.at(moment).await);
            assert!(clock::now() >= moment);
            woken.lock().unwrap().push(millis);
        };
        runtime.block_on(async { tokio::join!(wait(900), wait(300), wait(600), wait(0)) });
        assert_eq!(*woken.lock().unwrap(), [0, 300, 600, 900]);
    }

    #[test]
    fn an_alarm_that_nobody_needs_any_more_leaves_no_thread_behind() {
        let alarm = Alarm::default();
        let shared = Arc::downgrade(&alarm.shared);
        let far = clock::now() + Duration::from_secs(3600);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            assert!(tokio::time::timeout(Duration::from_millis(5), alarm.at(far)).await.is_err());
        });
        drop(alarm);
        let end = clock::now() + Duration::from_secs(60);
        while shared.strong_count() > 0 {
            assert!(clock::now() < end);
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
