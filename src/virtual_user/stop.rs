//! Stopping, in two steps: no new samples, then interrupt. Raised from anywhere, seen by an atomic load.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How far the run has been asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopLevel {
    /// Not at all.
    Run,
    /// Samples in flight end, no new ones start (`Shutdown`).
    Shutdown,
    /// Samples in flight are interrupted (`StopTestNow`).
    Now,
}

/// The run's stop switch.
#[derive(Debug, Default)]
pub struct Stop {
    level: AtomicU8,
    /// Whether the run was stopped before, in whatever phase.
    stopped: AtomicBool,
    signals: Mutex<Vec<Arc<StopSignal>>>,
}

/// Wakes the waits of one worker's users. Each worker has its own, so that waiting shares nothing between cores.
#[derive(Debug, Default)]
pub struct StopSignal {
    level: AtomicU8,
    notify: Notify,
}

impl Stop {
    /// How far the run has been asked to stop.
    pub fn level(&self) -> StopLevel {
        level_of(self.level.load(Ordering::Acquire))
    }

    /// Asks for [`StopLevel::Shutdown`], as the plan's elements and `Shutdown` on the control port do. A run hears that
    /// once: the tearDown groups of a run that was stopped are not stopped by it (`askThreadsToStop`).
    pub fn ask(&self) {
        if !self.stopped.load(Ordering::Acquire) {
            self.raise(StopLevel::Shutdown);
        }
    }

    /// Asks for `level`; a lower one than before changes nothing.
    pub fn raise(&self, level: StopLevel) {
        self.stopped.store(true, Ordering::Release);
        self.level.fetch_max(level as u8, Ordering::AcqRel);
        for signal in self.signals.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            signal.raise(level);
        }
    }

    /// Forgets a request: tearDown groups run after a run that was stopped.
    pub fn reset(&self) {
        self.level.store(0, Ordering::Release);
        for signal in self.signals.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            signal.level.store(0, Ordering::Release);
        }
    }

    /// A signal for one worker.
    pub fn signal(&self) -> Arc<StopSignal> {
        let signal = Arc::new(StopSignal::default());
        signal.level.store(self.level.load(Ordering::Acquire), Ordering::Release);
        self.signals.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&signal));
        signal
    }
}

impl StopSignal {
    /// How far the users of this signal have been asked to stop.
    pub fn level(&self) -> StopLevel {
        level_of(self.level.load(Ordering::Acquire))
    }

    /// Asks the users of this signal alone to stop: the time of their group is over.
    pub fn raise(&self, level: StopLevel) {
        self.level.fetch_max(level as u8, Ordering::AcqRel);
        self.notify.notify_waiters();
    }

    /// Returns once at least `level` has been asked for.
    pub async fn reached(&self, level: StopLevel) {
        loop {
            let notified = self.notify.notified();
            if self.level.load(Ordering::Acquire) >= level as u8 {
                return;
            }
            notified.await;
        }
    }
}

fn level_of(raw: u8) -> StopLevel {
    match raw {
        0 => StopLevel::Run,
        1 => StopLevel::Shutdown,
        _ => StopLevel::Now,
    }
}
