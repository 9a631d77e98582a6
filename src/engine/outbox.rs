//! Finished samples of one worker, gathered into batches for the writer.

use crate::results::{Batch, BatchSender, CollectorId, Lane, SampleEvent, SampleResult};
use crate::text::Text;
use crate::virtual_user::EventSink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Samples in a batch that is sent without waiting for the next tick.
const BATCH: usize = 256;

/// A worker's outbox. Only its own users put samples in, so the lock is hardly ever waited for.
pub(super) struct Outbox {
    lane: Mutex<Lane>,
    is_full: AtomicBool,
    sender: BatchSender,
}

impl EventSink for Outbox {
    fn record(&self, sample: &SampleResult, collectors: &Arc<[CollectorId]>, variables: Box<[Option<Text>]>) {
        let mut lane = self.lane();
        lane.record(sample, collectors, variables);
        self.note(&lane);
    }

    fn put(&self, event: SampleEvent) {
        let mut lane = self.lane();
        lane.put(event);
        self.note(&lane);
    }
}

impl Outbox {
    pub fn new(sender: BatchSender) -> Self {
        Outbox { lane: Mutex::new(sender.lane()), is_full: AtomicBool::new(false), sender }
    }

    fn lane(&self) -> MutexGuard<'_, Lane> {
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, lane: &Lane) {
        if lane.len() >= BATCH {
            self.is_full.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a user should see to it that what is there is sent.
    pub fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Sends what is there. When the writer cannot keep up the user waits here, and the time is counted.
    pub async fn flush(&self) {
        let batch = {
            let mut lane = self.lane();
            self.is_full.store(false, Ordering::Relaxed);
            if lane.is_empty() {
                return;
            }
            lane.batch()
        };
        self.send(batch).await;
    }

    async fn send(&self, batch: Batch) {
        // The writer closes early only when the process is being ended; what it no longer takes is said.
        if let Err(closed) = self.sender.send_batch(batch).await {
            log::error!(target: "org.apache.jmeter.reporters.ResultCollector",
                "{} samples ended after the result files were closed", closed.0);
        }
    }
}
