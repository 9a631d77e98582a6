//! A window that begins with a request: the first one after the last window ended opens the next. Redis's `INCR` with `EXPIRE`,
//! express-rate-limit and rate-limiter-flexible count so, each caller for itself. Windows do not lie on a grid: each begins
//! a little later than the one before ended, and nothing adds up.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// The model.
pub(super) struct RequestWindow;

struct AtWork<'t> {
    consumers: &'t Consumers,
    period: f64,
    windows: Vec<Window>,
}

/// When a window began: not before `from`, not after `to`.
#[derive(Debug, Clone, Copy)]
struct Window {
    from: f64,
    to: f64,
}

impl Model for RequestWindow {
    fn threshold(&self) -> Threshold {
        Threshold::Whole
    }

    fn gauge<'t>(&self, trace: &'t Trace, horizon: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        let consumers = trace.counted(Counted::Accepted);
        Box::new(AtWork { consumers, period: shape.period, windows: windows(trace, horizon, shape.period) })
    }
}

/// The windows until then. A turn from rejects to accepts has a window's begin within, which mends what is not known of the
/// one before.
fn windows(trace: &Trace, horizon: f64, period: f64) -> Vec<Window> {
    let Consumers { earliest, latest, earliest_since, .. } = trace.counted(Counted::Accepted);
    let (earliest, latest) = (earliest.sorted(), latest.sorted());
    let turns = trace.turns();
    let (Some(from), Some(to)) = (earliest.first(), latest.first()) else { return Vec::new() };
    let mut windows = vec![Window { from: *from, to: *to }];
    let (mut first, mut sure, mut turn) = (0, 0, 0);
    while let Some(last) = windows.last().copied().filter(|last| last.from <= horizon) {
        let (soonest, latest_end) = (last.from + period, last.to + period);
        // Who may have come after it ended, and who surely did.
        first += latest[first..].partition_point(|at| *at < soonest);
        sure += earliest[sure..].partition_point(|at| *at < latest_end);
        let Some(opener) = earliest_since.get(first) else { break };
        let mut next = Window { from: opener.max(soonest), to: latest.get(sure).copied().unwrap_or(f64::INFINITY) };
        turn += turns[turn..].partition_point(|turn| turn.1 < soonest);
        if let Some((begin, end)) = turns.get(turn)
            && *end <= next.to
        {
            next = Window { from: next.from.max(*begin), to: *end };
        }
        next.to = next.to.min(trace.end + period).max(next.from);
        windows.push(next);
    }
    windows
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Consumers { earliest, latest, likely, .. } = self.consumers;
        let ranks = self.consumers.ranks(query);
        let Query { span, .. } = *query;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        // The last window that surely had begun, and the last one that may have.
        let first = self.windows.partition_point(|window| window.to <= span.from).saturating_sub(1);
        let last = self.windows.partition_point(|window| window.from <= span.to).saturating_sub(1).max(first);
        let begin = |window: usize| self.windows.get(window).copied().unwrap_or(Window { from: 0.0, to: 0.0 });
        // Nobody came since a window ended: a new one begins with this request.
        let is_over = |window: usize, at: f64| at >= begin(window).to + self.period;
        let least = if first == last && span.to < begin(first).from + self.period {
            let until = if query.accepted() { ranks.latest_until_to } else { ranks.latest_until_from };
            let own = if query.accepted() { 0.0 } else { 1.0 };
            // Who may have come before it began is not counted, but for the one that it began with.
            own + minus(until as usize, earliest.before(begin(first).to).saturating_sub(1))
        } else {
            1.0
        };
        let own = usize::from(query.accepted());
        let mut most = 0.0_f64;
        for window in first..=last {
            if !query.accepted() && is_over(window, span.from) {
                continue;
            }
            let until = match self.windows.get(window + 1) {
                Some(next) if next.to < span.to => earliest.until(next.to),
                _ => ranks.earliest_until_to as usize,
            };
            most = most.max(minus(until, latest.before(begin(window).from) + own));
        }
        // As a window begins with an accept, rejects near it came before.
        let begun = |window: &Window| if query.accepted() { window.from } else { window.to };
        let probable = self.windows.partition_point(|window| begun(window) <= span.likely).saturating_sub(1);
        let Window { from, to } = begin(probable);
        let probably = if span.likely >= to + self.period {
            0.0
        } else {
            minus(ranks.likely_before as usize, likely.before(from))
        };
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}

/// Lengths that the turns allow: from one to the next no less than a window passes, and where both windows were full hardly
/// more.
pub(super) fn lengths(trace: &Trace, shortest: f64, longest: f64) -> Vec<f64> {
    const STEPS: i32 = 24;
    let turns = trace.turns();
    let mut apart: Vec<f64> = turns.windows(2).map(|pair| pair[1].1 - pair[0].0).collect();
    // The first window began with the first request.
    let first = trace.counted(Counted::Accepted).earliest.sorted().first();
    apart.extend(first.zip(turns.first()).map(|(first, turn)| turn.1 - first));
    apart.sort_unstable_by(f64::total_cmp);
    // One that is too short has another cause.
    let ends = [apart.first(), apart.get(apart.len() / 50 + 1), apart.get(apart.len() / 4)];
    let mut all = Vec::new();
    for most in ends.into_iter().flatten() {
        for parts in [1.0, 2.0, 3.0] {
            let steps = (0..STEPS).map(|step| most / parts * (-0.00015 * f64::from(step * step)).exp());
            all.extend(steps.filter(|length| (shortest..=longest).contains(length)));
        }
    }
    all
}
