//! Samples of several workers in the order in which they were completed.

use super::batch::{Audience, Batch, Event};
use crate::clock::Timestamp;
use crate::text::Text;
use std::collections::VecDeque;
use std::vec::IntoIter;

/// Batches that wait for what other workers may still send. Each worker has a lane, whose order is kept.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// The lane of the last event that left. Its batch may be through: what the event refers to was still in use then.
    last: usize,
}

#[derive(Default)]
struct Lane {
    batches: VecDeque<Waiting>,
    /// When the last event that left was heard of.
    reached: Timestamp,
}

struct Waiting {
    events: IntoIter<Event>,
    rows: Vec<u8>,
    /// Rows before this one have left.
    row: usize,
    labels: Vec<Text>,
    audiences: Vec<Audience>,
}

/// An event that has its turn, with what it refers to.
pub(super) struct Next<'a> {
    /// When it was heard of, but not before the one ahead of it.
    pub(super) heard: Timestamp,
    pub(super) event: Event,
    /// Its rows, if it is an ordinary one.
    pub(super) rows: &'a [u8],
    pub(super) labels: &'a [Text],
    pub(super) audiences: &'a [Audience],
}

impl Lane {
    fn next(&self) -> Option<Timestamp> {
        let event = self.batches.front()?.events.as_slice().first()?;
        Some(event.heard().max(self.reached))
    }
}

impl Lanes {
    /// Adds a batch of a worker.
    pub(super) fn push(&mut self, batch: Batch) {
        if batch.lane >= self.lanes.len() {
            self.lanes.resize_with(batch.lane + 1, Lane::default);
        }
        if !batch.events.is_empty() {
            let Batch { lane, events, rows, labels, audiences } = batch;
            let waiting = Waiting { events: events.into_iter(), rows, row: 0, labels, audiences };
            self.lanes[lane].batches.push_back(waiting);
        }
    }

    /// Takes the oldest event if it was heard of by `until`.
    pub(super) fn pop(&mut self, until: Timestamp) -> Option<Next<'_>> {
        if let Some(lane) = self.lanes.get_mut(self.last)
            && lane.batches.front().is_some_and(|batch| batch.events.as_slice().is_empty())
        {
            lane.batches.pop_front();
        }
        let oldest = self.lanes.iter().enumerate().filter_map(|(index, lane)| Some((lane.next()?, index)));
        let (heard, index) = oldest.min_by_key(|(heard, _)| *heard)?;
        if heard > until {
            return None;
        }
        self.last = index;
        let lane = &mut self.lanes[index];
        lane.reached = heard;
        let batch = lane.batches.front_mut()?;
        let event = batch.events.next()?;
        let begin = batch.row;
        if let Event::Ordinary(ordinary) = &event {
            batch.row += ordinary.rows as usize;
        }
        let batch = lane.batches.front()?;
        let rows = batch.rows.get(begin..batch.row).unwrap_or_default();
        Some(Next { heard, event, rows, labels: &batch.labels, audiences: &batch.audiences })
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.batches.iter().all(|batch| batch.events.as_slice().is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{SampleEvent, SampleResult};
    use std::sync::Arc;

    fn batch(lane: usize, moments: &[i64]) -> Batch {
        let event = |&moment: &i64| {
            let result = SampleResult::started("a".into(), Timestamp::default());
            let heard = Timestamp::from_millis(moment);
            let event =
                SampleEvent { result: Box::new(result), heard, collectors: Arc::default(), variables: Box::default() };
            Event::Whole(event)
        };
        Batch { lane, events: moments.iter().map(event).collect(), ..Batch::default() }
    }

    fn popped(lanes: &mut Lanes, until: i64) -> Vec<i64> {
        let mut moments = Vec::new();
        while let Some(next) = lanes.pop(Timestamp::from_millis(until)) {
            moments.push(next.event.heard().millis());
        }
        moments
    }

    #[test]
    fn lanes_are_merged_and_keep_their_order() {
        let mut lanes = Lanes::default();
        lanes.push(batch(0, &[1, 4, 2, 6]));
        lanes.push(batch(2, &[3, 5]));
        lanes.push(batch(2, &[]));
        lanes.push(batch(2, &[9]));
        assert!(popped(&mut lanes, 0).is_empty());
        assert_eq!(popped(&mut lanes, 5), [1, 3, 4, 2, 5]);
        assert!(!lanes.is_empty());
        assert_eq!(popped(&mut lanes, 100), [6, 9]);
        assert!(lanes.is_empty());
    }
}
