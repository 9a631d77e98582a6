//! Finished samples of one worker, gathered into batches for the writer.

use crate::results::{BatchSender, SampleEvent};
use crate::virtual_user::EventSink;
use std::sync::{Mutex, PoisonError};

impl EventSink for Outbox {
    fn take(&self, events: &mut Vec<SampleEvent>) {
        self.append(events);
    }
}

/// Events in a batch that is sent without waiting for the next tick.
const BATCH: usize = 256;

/// A worker's outbox. Only its own users put events in, so the lock is never waited for.
pub(super) struct Outbox {
    events: Mutex<Vec<SampleEvent>>,
    sender: BatchSender,
}

impl Outbox {
    pub fn new(sender: BatchSender) -> Self {
        Outbox { events: Mutex::new(Vec::with_capacity(BATCH)), sender }
    }

    /// Takes a user's events. When the writer cannot keep up the user waits here, and the time is counted.
    pub async fn put(&self, events: &mut Vec<SampleEvent>) {
        if events.is_empty() {
            return;
        }
        let full = {
            let mut waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.append(events);
            (waiting.len() >= BATCH).then(|| std::mem::replace(&mut *waiting, Vec::with_capacity(BATCH)))
        };
        if let Some(batch) = full {
            self.send(batch).await;
        }
    }

    fn append(&self, events: &mut Vec<SampleEvent>) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).append(events);
    }

    /// Sends what is there.
    pub async fn flush(&self) {
        let batch = {
            let mut waiting = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.is_empty() {
                return;
            }
            // The next one is likely to be as large.
            let room = waiting.len().min(BATCH);
            std::mem::replace(&mut *waiting, Vec::with_capacity(room))
        };
        self.send(batch).await;
    }

    async fn send(&self, batch: Vec<SampleEvent>) {
        // The writer closes early only when the process is being ended; what it no longer takes is said.
        if let Err(closed) = self.sender.send(batch).await {
            log::error!(target: "org.apache.jmeter.reporters.ResultCollector",
                "{} samples ended after the result files were closed", closed.0.len());
        }
    }
}
