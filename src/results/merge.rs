//! Samples of several workers in the order in which they were completed.

use super::SampleEvent;
use crate::clock::Timestamp;
use std::collections::VecDeque;
use std::vec::IntoIter;

/// Batches that wait for what other workers may still send. Each worker has a lane, whose order is kept.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
}

#[derive(Default)]
struct Lane {
    batches: VecDeque<IntoIter<SampleEvent>>,
    /// When the last event that left was heard of.
    reached: Timestamp,
}

impl Lane {
    /// When the next event was heard of, but not before the one ahead of it.
    fn next(&self) -> Option<Timestamp> {
        let event = self.batches.front()?.as_slice().first()?;
        Some(event.heard.max(self.reached))
    }
}

impl Lanes {
    /// Adds a batch of the worker with this number.
    pub(super) fn push(&mut self, lane: usize, events: Vec<SampleEvent>) {
        if lane >= self.lanes.len() {
            self.lanes.resize_with(lane + 1, Lane::default);
        }
        if !events.is_empty() {
            self.lanes[lane].batches.push_back(events.into_iter());
        }
    }

    /// Takes the oldest event if it was heard of by `until`, with the moment at which it was.
    pub(super) fn pop(&mut self, until: Timestamp) -> Option<(Timestamp, SampleEvent)> {
        let oldest = self.lanes.iter_mut().filter_map(|lane| Some((lane.next()?, lane)));
        let (heard, lane) = oldest.min_by_key(|(heard, _)| *heard)?;
        if heard > until {
            return None;
        }
        let batch = lane.batches.front_mut()?;
        let event = batch.next()?;
        if batch.as_slice().is_empty() {
            lane.batches.pop_front();
        }
        lane.reached = heard;
        Some((heard, event))
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

    fn events(moments: &[i64]) -> Vec<SampleEvent> {
        let event = |&moment: &i64| {
            let result = SampleResult::started("a".into(), Timestamp::default());
            let heard = Timestamp::from_millis(moment);
            SampleEvent { result: Box::new(result), heard, collectors: Arc::default(), variables: Box::default() }
        };
        moments.iter().map(event).collect()
    }

    fn popped(lanes: &mut Lanes, until: i64) -> Vec<i64> {
        std::iter::from_fn(|| lanes.pop(Timestamp::from_millis(until))).map(|(_, event)| event.heard.millis()).collect()
    }

    #[test]
    fn lanes_are_merged_and_keep_their_order() {
        let mut lanes = Lanes::default();
        lanes.push(0, events(&[1, 4, 2, 6]));
        lanes.push(2, events(&[3, 5]));
        lanes.push(2, events(&[]));
        lanes.push(2, events(&[9]));
        assert!(popped(&mut lanes, 0).is_empty());
        assert_eq!(popped(&mut lanes, 5), [1, 3, 4, 2, 5]);
        assert!(!lanes.is_empty());
        assert_eq!(popped(&mut lanes, 100), [6, 9]);
        assert!(lanes.is_empty());
    }
}
