//! Counting on many cores at once.

use std::sync::atomic::{AtomicU64, Ordering};

/// Workers that have a place of their own; of more, some share one.
const PLACES: usize = 16;

/// A count to which each worker adds at a place of its own: nothing goes from core to core until somebody asks.
#[derive(Debug, Default)]
pub struct Count([Place; PLACES]);

/// Neighbouring cache lines are fetched in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place(AtomicU64);

impl Count {
    /// Adds one, for the worker with this number.
    pub fn add(&self, worker: usize) {
        self.0[worker % PLACES].0.fetch_add(1, Ordering::Relaxed);
    }

    /// What was added until now.
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|place| place.0.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_workers_count() {
        let count = Count::default();
        for worker in [0, 1, 15, 16, 1000] {
            count.add(worker);
        }
        assert_eq!(count.sum(), 5);
    }
}
