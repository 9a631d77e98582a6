//! Attempts at one resource, sorted for counting: how many were surely, and how many possibly, within a time.

use super::attempt::{Attempt, Decision};
use super::borders::Turns;
use crate::clock::Timestamp;
use std::cell::OnceCell;
use std::time::Duration;

/// Servers read clocks of milliseconds, often once for many requests.
const SERVER_CLOCK: f64 = 0.001;

/// When something happened, in seconds since the trace began: not before `from` and not after `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub from: f64,
    pub to: f64,
    /// The best guess.
    pub likely: f64,
}

/// Sorted moments that say quickly how many of them lie before another.
#[derive(Debug, Default, Clone)]
pub(super) struct Moments {
    sorted: Vec<f64>,
    /// For each cell of time, how many moments lie before it.
    cells: Vec<u32>,
    origin: f64,
    cells_per_second: f64,
}

impl Moments {
    fn new(mut moments: Vec<f64>) -> Self {
        moments.sort_unstable_by(f64::total_cmp);
        let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) else {
            return Moments::default();
        };
        let count = moments.len();
        let cells_per_second = if last > first { count as f64 / (last - first) } else { 0.0 };
        let mut cells = vec![0_u32; count + 2];
        for moment in &moments {
            let cell = ((moment - first) * cells_per_second) as usize;
            cells[cell.min(count) + 1] += 1;
        }
        for cell in 1..cells.len() {
            cells[cell] += cells[cell - 1];
        }
        Moments { sorted: moments, cells, origin: first, cells_per_second }
    }

    /// In ascending order.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// How many lie before `moment`.
    pub fn before(&self, moment: f64) -> usize {
        self.rank(moment, |at| at < moment)
    }

    /// How many lie before `moment` or at it.
    pub fn until(&self, moment: f64) -> usize {
        self.rank(moment, |at| at <= moment)
    }

    fn rank(&self, moment: f64, lies_before: impl Fn(f64) -> bool) -> usize {
        let offset = moment - self.origin;
        if self.sorted.is_empty() || offset < 0.0 {
            return 0;
        }
        // All moments of earlier cells lie before, all moments of later cells do not.
        let cell = ((offset * self.cells_per_second) as usize).min(self.sorted.len());
        let (from, to) = (self.cells[cell] as usize, self.cells[cell + 1] as usize);
        from + self.sorted[from..to].partition_point(|at| lies_before(*at))
    }
}

/// Requests that count against a limit.
#[derive(Debug, Default, Clone)]
pub(super) struct Consumers {
    /// When they can have reached the limiter at the earliest.
    pub earliest: Moments,
    /// When they had reached it at the latest.
    pub latest: Moments,
    /// When they probably did.
    pub likely: Moments,
    /// Of each attempt, where its span lies among these. Every shape that is tried asks for it.
    ranks: Vec<Ranks>,
    /// Of each moment of `earliest`, how many of `latest` lie before it, and before it or at it.
    pub latest_before: Vec<u32>,
    pub latest_until: Vec<u32>,
    /// Of each moment of `latest`, the earliest arrival of this one and all later ones.
    pub earliest_since: Vec<f64>,
}

/// How many moments lie before the ends of a span, or up to them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranks {
    pub earliest_until_from: u32,
    pub earliest_until_to: u32,
    pub latest_before_from: u32,
    pub latest_until_from: u32,
    pub latest_before_to: u32,
    pub latest_until_to: u32,
    pub likely_before: u32,
}

impl Consumers {
    fn new<'a>(spans: impl Iterator<Item = &'a Span> + Clone, asked: &[Query]) -> Self {
        let earliest = Moments::new(spans.clone().map(|span| span.from).collect());
        let latest = Moments::new(spans.clone().map(|span| span.to).collect());
        let mut by_latest: Vec<(f64, f64)> = spans.clone().map(|span| (span.to, span.from)).collect();
        by_latest.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut least = f64::INFINITY;
        let mut earliest_since: Vec<f64> = by_latest
            .iter()
            .rev()
            .map(|(_, from)| {
                least = least.min(*from);
                least
            })
            .collect();
        earliest_since.reverse();
        let likely = Moments::new(spans.map(|span| span.likely).collect());
        let ranks = asked.iter().map(|query| {
            let Span { from, to, likely: at } = query.span;
            Ranks {
                earliest_until_from: earliest.until(from) as u32,
                earliest_until_to: earliest.until(to) as u32,
                latest_before_from: latest.before(from) as u32,
                latest_until_from: latest.until(from) as u32,
                latest_before_to: latest.before(to) as u32,
                latest_until_to: latest.until(to) as u32,
                likely_before: likely.before(at) as u32,
            }
        });
        let ranks = ranks.collect();
        let latest_before = earliest.sorted().iter().map(|at| latest.before(*at) as u32).collect();
        let latest_until = earliest.sorted().iter().map(|at| latest.until(*at) as u32).collect();
        Consumers { earliest, latest, likely, ranks, latest_before, latest_until, earliest_since }
    }

    /// Where an attempt's span lies.
    pub fn ranks(&self, query: &Query) -> Ranks {
        self.ranks[query.index as usize]
    }
}

/// One attempt, asked of a limiter: what did it see?
#[derive(Debug, Clone, Copy)]
pub(super) struct Query {
    pub span: Span,
    pub decision: Decision,
    /// Its place among all.
    index: u32,
}

impl Query {
    pub fn accepted(&self) -> bool {
        self.decision == Decision::Accepted
    }
}

/// Which requests a limiter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Those that it lets through.
    Accepted,
    /// Those that it refuses, too.
    All,
}

/// All attempts at one resource.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The wall clock's time of second 0.
    pub origin: Timestamp,
    /// In the order in which they probably arrived.
    pub queries: Vec<Query>,
    accepted: Consumers,
    all: Consumers,
    /// Accepted requests as they can have been within the server: how early they can have left it.
    pub left_at_the_earliest: Moments,
    /// And how late.
    pub left_at_the_latest: Moments,
    /// And when they probably did.
    pub left: Moments,
    /// Elapsed seconds of the accepted requests, with the time when they were decided on.
    pub answers: Vec<Answer>,
    /// No message takes longer from the limiter to us, as far as the refusals tell.
    pub round_trip: f64,
    /// The last answer.
    pub end: f64,
    turns: OnceCell<Vec<(f64, f64)>>,
}

/// An accepted request, as its sender saw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub query: Query,
    pub took: f64,
}

impl Trace {
    pub fn new(attempts: &[Attempt]) -> Self {
        let origin = attempts.iter().map(|attempt| attempt.sent).min().unwrap_or_default();
        let seconds = |moment: Timestamp| (moment.micros() - origin.micros()) as f64 / 1e6;
        let RoundTrip { longest: round_trip, until_decided, usual } = RoundTrip::of(attempts);
        let mut trace = Trace { origin, round_trip, ..Trace::default() };
        let (mut earliest_leave, mut latest_leave, mut leave) = (Vec::new(), Vec::new(), Vec::new());
        for attempt in attempts {
            let (sent, answered, ended) = (seconds(attempt.sent), seconds(attempt.answered), seconds(attempt.ended));
            trace.end = trace.end.max(ended);
            let mut span =
                Span { from: sent - SERVER_CLOCK, to: answered.max(sent), likely: f64::midpoint(sent, answered) };
            if attempt.decision == Decision::Accepted {
                // A limiter stands before the work. What the work took says nothing of when it decided.
                span.to = span.to.min(sent + until_decided);
                span.likely = span.likely.min(sent + usual / 2.0);
                earliest_leave.push((ended - until_decided).max(span.to));
                latest_leave.push(ended);
                leave.push((ended - usual / 2.0).max(span.likely));
            }
            // The index is that of the attempt until all are sorted.
            let index = trace.queries.len() as u32;
            trace.queries.push(Query { span, decision: attempt.decision, index });
        }
        trace.queries.sort_by(|one, other| one.span.likely.total_cmp(&other.span.likely));
        for (index, query) in trace.queries.iter_mut().enumerate() {
            let attempt = &attempts[query.index as usize];
            query.index = index as u32;
            if query.accepted() {
                let took = seconds(attempt.ended) - seconds(attempt.sent);
                trace.answers.push(Answer { query: *query, took });
            }
        }
        let spans = |of: fn(&&Query) -> bool| trace.queries.iter().filter(of).map(|query| &query.span);
        let accepted = Consumers::new(spans(|query| query.accepted()), &trace.queries);
        let all = Consumers::new(spans(|_| true), &trace.queries);
        (trace.accepted, trace.all) = (accepted, all);
        trace.left_at_the_earliest = Moments::new(earliest_leave);
        trace.left_at_the_latest = Moments::new(latest_leave);
        trace.left = Moments::new(leave);
        trace
    }

    /// How many rejects there are, and how long all took.
    pub fn counts(attempts: &[Attempt]) -> (usize, Duration) {
        let first = attempts.iter().map(|attempt| attempt.sent).min().unwrap_or_default();
        let last = attempts.iter().map(|attempt| attempt.ended).max().unwrap_or_default();
        let rejects = attempts.iter().filter(|attempt| attempt.decision == Decision::Rejected).count();
        (rejects, last.since(first))
    }

    /// The requests that a limiter of that kind counts.
    pub fn counted(&self, counted: Counted) -> &Consumers {
        match counted {
            Counted::Accepted => &self.accepted,
            Counted::All => &self.all,
        }
    }

    /// Stretches from a reject to an accept that surely came after it, in ascending order.
    pub fn turns(&self) -> &[(f64, f64)] {
        self.turns.get_or_init(|| Turns::of(self).0)
    }

    pub fn accepts(&self) -> usize {
        self.answers.len()
    }

    pub fn rejects(&self) -> usize {
        self.queries.len() - self.answers.len()
    }

    /// When accepts turned into rejects, or rejects into accepts, for the `number`th time; the end if they did not as often.
    pub fn turn(&self, number: usize) -> f64 {
        let mut turns = self.queries.windows(2).filter(|pair| pair[0].decision != pair[1].decision);
        turns.nth(number).map_or(self.end, |pair| pair[1].span.to)
    }

    /// When requests were let through again after the longest times in which all were refused, at most so many.
    pub fn openings(&self, horizon: f64, most: usize) -> Vec<f64> {
        let mut gaps: Vec<(f64, f64)> = Vec::new();
        let (mut last_accept, mut refused) = (f64::NEG_INFINITY, false);
        for query in self.queries.iter().take_while(|query| query.span.likely <= horizon) {
            if !query.accepted() {
                refused = true;
                continue;
            }
            if refused && last_accept.is_finite() {
                gaps.push((query.span.likely - last_accept, query.span.likely));
            }
            (last_accept, refused) = (query.span.likely, false);
        }
        gaps.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
        gaps.into_iter().take(most).map(|(_, at)| at).collect()
    }

    /// When the first request was refused; the end if none was.
    pub fn first_reject(&self) -> f64 {
        self.queries.iter().find(|query| !query.accepted()).map_or(self.end, |query| query.span.to)
    }

    /// At most about `most` of the attempts until `horizon`, those first that tell most: where accepts turn into rejects and rejects into
    /// accepts. A reject between rejects, and an accept between accepts, says what its neighbours say.
    pub fn telling(&self, horizon: f64, most: usize) -> Vec<Query> {
        let end = self.queries.partition_point(|query| query.span.likely <= horizon);
        let queries = &self.queries[..end];
        if end <= most {
            return queries.iter().filter(|query| query.span.to <= horizon).copied().collect();
        }
        let mut kept: Vec<Query> = Vec::with_capacity(most.min(end));
        let is_edge = |index: usize| {
            let own = queries[index].decision;
            let differs = |other: Option<&Query>| other.is_none_or(|other| other.decision != own);
            differs(queries.get(index + 1)) || differs(index.checked_sub(1).and_then(|before| queries.get(before)))
        };
        let edges = (0..end).filter(|index| is_edge(*index)).count();
        // Whole stretches are kept rather than every n-th: what lies side by side tells most.
        let keep_edge = keeper(edges, most);
        let keep_other = keeper(end - edges, most.saturating_sub(edges.min(most)) + most / 8);
        let (mut edge, mut other) = (0, 0);
        for (index, query) in queries.iter().enumerate() {
            let keep = if is_edge(index) {
                edge += 1;
                keep_edge(edge - 1)
            } else {
                other += 1;
                keep_other(other - 1)
            };
            if keep && query.span.to <= horizon {
                kept.push(*query);
            }
        }
        kept
    }
}

/// Says which of `all` are kept so that about `most` are: evenly spread blocks of 16.
fn keeper(all: usize, most: usize) -> impl Fn(usize) -> bool {
    const BLOCK: usize = 16;
    let every = all.div_ceil(most.max(1)).max(1);
    move |index| (index / BLOCK).is_multiple_of(every)
}

/// How long refusals, which cost a server nothing, take there and back.
struct RoundTrip {
    longest: f64,
    /// After so long an accepted request was decided on.
    until_decided: f64,
    usual: f64,
}

impl RoundTrip {
    fn of(attempts: &[Attempt]) -> Self {
        let taken_by = |attempt: &Attempt| attempt.answered.since(attempt.sent).as_secs_f64();
        let rejects = attempts.iter().filter(|attempt| attempt.decision == Decision::Rejected);
        let mut taken: Vec<f64> = rejects.map(taken_by).collect();
        taken.sort_unstable_by(f64::total_cmp);
        let longest = match taken.len() {
            0 => return RoundTrip { longest: f64::INFINITY, until_decided: f64::INFINITY, usual: f64::INFINITY },
            few @ 1..100 => taken[few - 1] * 1.5 + SERVER_CLOCK,
            // Of many, some may have waited for something else.
            many => taken[many * 99 / 100] * 1.25 + SERVER_CLOCK,
        };
        let usual = taken[taken.len() / 2];
        // Where accepted requests take no longer than refused ones, they say as much of when they were decided on; and what then
        // took long can have come before the decision as well as after it.
        let accepts = attempts.iter().filter(|attempt| attempt.decision == Decision::Accepted);
        let mut accepted: Vec<f64> = accepts.map(taken_by).collect();
        accepted.sort_unstable_by(f64::total_cmp);
        let is_work = accepted.get(accepted.len() / 2).is_some_and(|took| *took > 2.0 * usual + 2.0 * SERVER_CLOCK);
        RoundTrip { longest, until_decided: if is_work { longest } else { f64::INFINITY }, usual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_counted() {
        let moments = Moments::new(vec![3.0, 1.0, 1.0, 7.5]);
        let counts = |at| (moments.before(at), moments.until(at));
        assert_eq!([0.0, 1.0, 2.0, 3.0, 7.5, 9.0].map(counts), [(0, 0), (0, 2), (2, 2), (2, 3), (3, 4), (4, 4)]);
        assert_eq!((Moments::default().until(1.0), Moments::new(vec![2.0]).until(2.0)), (0, 1));
    }
}
