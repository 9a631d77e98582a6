//! What became of requests over time, and what the limit would have let through.

use super::attempt::{Attempt, Decision};
use super::finding::{Kind, Limit, Range};
use crate::clock::Timestamp;
use std::time::Duration;

/// Stretches that a time is cut into.
const SLOTS: usize = 120;
const SHORTEST: f64 = 0.25;

/// A stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Slot {
    /// Requests that were accepted in it.
    pub accepted: usize,
    /// And refused.
    pub rejected: usize,
    /// The most requests that the limit lets through in it, after what went before; `None` where that does not depend on time.
    pub allowed: Option<f64>,
    /// The longest wait in seconds that a refusal asked for.
    pub wait: Option<f64>,
}

/// Stretches of the same length, one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// When the first one begins.
    pub begins: Timestamp,
    /// The length of each, in seconds.
    pub seconds: f64,
    /// From the first to the last.
    pub slots: Vec<Slot>,
}

impl Timeline {
    /// Of the attempts at a resource, with its limit if that is known, and the waits that refusals asked for.
    pub(super) fn of(
        attempts: &[Attempt],
        limit: Option<&Limit>,
        waits: impl Iterator<Item = (Timestamp, f64)>,
    ) -> Self {
        let (Some(begins), Some(last)) =
            (attempts.iter().map(|one| one.sent).min(), attempts.iter().map(|one| one.sent).max())
        else {
            return Timeline::default();
        };
        let length = last.since(begins).as_secs_f64();
        let seconds = (length / SLOTS as f64).max(SHORTEST);
        let slot = |at: Timestamp| (at.since(begins).as_secs_f64() / seconds) as usize;
        let mut slots = vec![Slot::default(); slot(last) + 1];
        for attempt in attempts {
            // Decided on at about half of the way; a slot is much longer than that.
            let of = &mut slots[slot(attempt.sent)];
            match attempt.decision {
                Decision::Accepted => of.accepted += 1,
                Decision::Rejected => of.rejected += 1,
            }
        }
        for (at, wait) in waits {
            if let Some(of) = slots.get_mut(slot(at)) {
                of.wait = Some(of.wait.map_or(wait, |known| known.max(wait)));
            }
        }
        let mut timeline = Timeline { begins, seconds, slots };
        // Of two limits the lower one holds.
        for limit in limit
            .into_iter()
            .flat_map(|limit| if limit.stacked.is_empty() { std::slice::from_ref(limit) } else { &limit.stacked })
        {
            timeline.bound(limit);
        }
        timeline
    }

    fn bound(&mut self, limit: &Limit) {
        let middle = |range: Range| f64::midpoint(range.0, range.1);
        let seconds = self.seconds;
        let accepted: Vec<f64> = self.slots.iter().map(|slot| slot.accepted as f64).collect();
        let allowed: Vec<f64> = match (
            limit.kind,
            limit.rate.map(middle),
            limit.burst.or(limit.limit).map(middle),
            limit.window.map(middle),
        ) {
            (Kind::Concurrency, ..) => return,
            (Kind::TokenBucket | Kind::LeakyBucket | Kind::SteppedBucket, Some(rate), Some(burst), _) => {
                let mut level = burst;
                let each = accepted.iter().map(|accepted| {
                    let allowed = level + rate * seconds;
                    level = (allowed - accepted).clamp(0.0, burst);
                    allowed
                });
                each.collect()
            }
            (_, Some(rate), ..) if limit.window.is_some_and(|window| middle(window) <= seconds) => {
                vec![rate * seconds; accepted.len()]
            }
            (Kind::FixedWindow | Kind::RequestWindow, _, Some(most), Some(window)) => {
                let phase =
                    limit.begins.map_or(0.0, |begins| (begins.micros() as f64 - self.begins.micros() as f64) / 1e6);
                let number = |at: f64| ((at - phase) / window).floor();
                let (mut left, mut present) = (most, number(0.0));
                let each = accepted.iter().enumerate().map(|(index, accepted)| {
                    let end = number((index + 1) as f64 * seconds);
                    let allowed = left + most * (end - present).max(0.0);
                    left = (allowed - accepted).clamp(0.0, most);
                    present = end;
                    allowed
                });
                each.collect()
            }
            (_, _, Some(most), Some(window)) => {
                let before = (window / seconds) as usize;
                let within = |index: usize| accepted[index.saturating_sub(before)..index].iter().sum::<f64>();
                (0..accepted.len()).map(|index| (most - within(index)).max(accepted[index])).collect()
            }
            _ => return,
        };
        for (slot, allowed) in self.slots.iter_mut().zip(allowed) {
            slot.allowed = Some(slot.allowed.map_or(allowed, |known| known.min(allowed)));
        }
    }

    /// When a slot begins.
    pub fn at(&self, index: usize) -> Timestamp {
        self.begins + Duration::from_secs_f64((self.seconds * index as f64).max(0.0))
    }

    /// A picture: bars of what was accepted and refused, the envelope as a line, and the waits below.
    pub(super) fn svg(&self) -> String {
        const WIDE: f64 = 960.0;
        const HIGH: f64 = 200.0;
        const WAITS: f64 = 40.0;
        const MARGIN: f64 = 46.0;
        let busiest = self.slots.iter().map(|slot| (slot.accepted + slot.rejected) as f64).fold(1.0, f64::max);
        // What the limit lets through after silence would flatten all the rest.
        let highest = self.slots.iter().filter_map(|slot| slot.allowed).fold(busiest, f64::max).min(1.5 * busiest);
        let longest = self.slots.iter().filter_map(|slot| slot.wait).fold(0.0, f64::max);
        let wide = WIDE / self.slots.len().max(1) as f64;
        let high = |count: f64| HIGH * (count / highest).min(1.0);
        let mut bars = String::new();
        let mut envelope = String::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let x = MARGIN + wide * index as f64;
            let (accepted, rejected) = (high(slot.accepted as f64), high(slot.rejected as f64));
            let mut bar = |class: &str, y: f64, tall: f64| {
                if tall > 0.0 {
                    let width = (wide * 0.9).max(0.5);
                    bars.push_str(&format!(
                        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{tall:.1}\"/>"
                    ));
                }
            };
            bar("accepted", HIGH - accepted, accepted);
            bar("rejected", HIGH - accepted - rejected, rejected);
            if let Some(wait) = slot.wait {
                let tall = WAITS * wait / longest.max(1e-9);
                bar("wait", HIGH + 8.0, tall);
            }
            if let Some(allowed) = slot.allowed {
                let (y, to) = (HIGH - high(allowed), x + wide);
                let begin = if envelope.is_empty() { 'M' } else { 'L' };
                envelope.push_str(&format!("{begin}{x:.1} {y:.1}H{to:.1}"));
            }
        }
        let per_second = highest / self.seconds;
        let waits = if longest > 0.0 {
            format!("<text x=\"0\" y=\"{:.0}\">{longest:.1} s</text>", HIGH + 8.0 + WAITS)
        } else {
            String::new()
        };
        let end = self.seconds * self.slots.len() as f64;
        format!(
            "<figure><svg viewBox=\"0 0 {:.0} {:.0}\" role=\"img\" aria-label=\"Accepted and refused requests over time\">\
             {bars}<path class=\"envelope\" d=\"{envelope}\"/><text x=\"0\" y=\"12\">{per_second:.0}/s</text>\
             <text x=\"0\" y=\"{HIGH:.0}\">0</text>{waits}</svg>\
             <figcaption>{end:.0} s in stretches of {:.2} s: <b class=\"accepted\">accepted</b>, <b class=\"rejected\">refused</b>, \
             <b class=\"envelope\">the most that the limit lets through</b>{}</figcaption></figure>\n",
            WIDE + MARGIN,
            HIGH + WAITS + 12.0,
            self.seconds,
            if longest > 0.0 { ", <b class=\"wait\">waits that were asked for</b>" } else { "" },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten a second at a bucket for 5 that gets two a second: what is let through never exceeds the envelope.
    #[test]
    fn a_bucket_is_used_up_and_fills_again() {
        let attempt = |number: i64| {
            let sent = Timestamp::from_millis(number * 100);
            let decision = if number < 6 || number % 5 == 0 { Decision::Accepted } else { Decision::Rejected };
            Attempt { sent, answered: sent, ended: sent, decision }
        };
        let attempts: Vec<Attempt> = (0..100).map(attempt).collect();
        let limit = Limit { rate: Some((2.0, 2.0)), burst: Some((5.0, 5.0)), ..Limit::new(Kind::TokenBucket) };
        let waits = [(Timestamp::from_millis(700), 1.0)];
        let timeline = Timeline::of(&attempts, Some(&limit), waits.into_iter());
        assert_eq!((timeline.seconds, timeline.slots.len()), (SHORTEST, 40));
        assert_eq!(timeline.slots[0].allowed, Some(5.5));
        assert!(timeline.slots[20..].iter().all(|slot| slot.allowed.is_some_and(|most| most < 2.0)));
        let over = |slot: &&Slot| slot.accepted as f64 > slot.allowed.unwrap_or(0.0) + 1.0;
        assert_eq!(timeline.slots.iter().find(over), None);
        assert_eq!(timeline.slots.iter().filter(|slot| slot.wait == Some(1.0)).count(), 1);
        assert!(timeline.svg().matches("class=\"wait\"").count() == 2);
    }
}
