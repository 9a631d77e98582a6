//! Samples of several workers in the order in which they were completed.

use super::SampleEvent;
use crate::clock::Timestamp;
use std::collections::VecDeque;
use std::vec::IntoIter;

/// Batches that wait for what other workers may still send. Each worker has a lane, whose order is kept: it is the
/// order of completion, even where an assertion took so long that an older sample comes behind a younger one.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
}

#[derive(Default)]
struct Lane {
    batches: VecDeque<Batch>,
    /// When the last event that left was complete.
    reached: Timestamp,
}

struct Batch {
    events: IntoIter<SampleEvent>,
    arrived: Timestamp,
}

impl Lane {
    /// When the next event was complete: at its sample's end, but not before the one ahead of it, and not after it was
    /// received, whatever end a script may have given it.
    fn next(&self) -> Option<Timestamp> {
        let batch = self.batches.front()?;
        let event = batch.events.as_slice().first()?;
        Some(event.result.end.min(batch.arrived).max(self.reached))
    }
}

impl Lanes {
    /// Adds a batch of the worker with this number.
    pub(super) fn push(&mut self, lane: usize, events: Vec<SampleEvent>, arrived: Timestamp) {
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, Lane::default);
        }
        if !events.is_empty() {
            self.lanes[lane].batches.push_back(Batch { events: events.into_iter(), arrived });
        }
    }

    /// Takes the oldest event if it was complete by `until`, with the moment at which it was.
    pub(super) fn pop(&mut self, until: Timestamp) -> Option<(Timestamp, SampleEvent)> {
        let oldest = self.lanes.iter_mut().filter_map(|lane| Some((lane.next()?, lane)));
        let (completed, lane) = oldest.min_by_key(|(completed, _)| *completed)?;
        if completed > until {
            return None;
        }
        let batch = lane.batches.front_mut()?;
        let event = batch.events.next()?;
        if batch.events.as_slice().is_empty() {
            lane.batches.pop_front();
        }
        lane.reached = completed;
        Some((completed, event))
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.batches.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::SampleResult;
    use std::sync::Arc;

    fn events(ends: &[i64]) -> Vec<SampleEvent> {
        let event = |&end: &i64| {
            let mut result = SampleResult::started("a".into(), Timestamp::default());
            result.finish(Timestamp::from_millis(end));
            SampleEvent { result, collectors: Arc::default(), variables: Box::default() }
        };
        ends.iter().map(event).collect()
    }

    fn popped(lanes: &mut Lanes, until: i64) -> Vec<i64> {
        std::iter::from_fn(|| lanes.pop(Timestamp::from_millis(until)))
            .map(|(_, event)| event.result.end.millis())
            .collect()
    }

    #[test]
    fn lanes_are_merged_and_keep_their_order() {
        let mut lanes = Lanes::default();
        let now = Timestamp::from_millis(10);
        lanes.push(0, events(&[1, 4, 2, 6]), now);
        lanes.push(2, events(&[3, 5]), now);
        lanes.push(2, events(&[]), now);
        lanes.push(2, events(&[9]), now);
        assert!(popped(&mut lanes, 0).is_empty());
        assert_eq!(popped(&mut lanes, 5), [1, 3, 4, 2, 5]);
        assert!(!lanes.is_empty());
        assert_eq!(popped(&mut lanes, 100), [6, 9]);
        assert!(lanes.is_empty());
    }

    #[test]
    fn an_end_in_the_future_holds_nothing_up() {
        let mut lanes = Lanes::default();
        lanes.push(0, events(&[1_000_000, 2]), Timestamp::from_millis(10));
        lanes.push(1, events(&[11]), Timestamp::from_millis(12));
        assert_eq!(popped(&mut lanes, 12), [1_000_000, 2, 11]);
    }
}
