//! A token bucket that is filled in steps: so many tokens every so often, as Envoy's `fill_interval` and Bucket4j's
//! `refillIntervally` do. With steps as large as the bucket it is a fixed window, with tiny ones a token bucket.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// The model; so many tokens flow in at once.
pub(super) struct SteppedBucket(pub u32);

struct AtWork<'t> {
    consumers: &'t Consumers,
    shape: Shape,
    fill: f64,
    /// For each fill, the running maximum of the tokens that were there before it less the requests until then: with
    /// requests as early, and as late, as can be, and as they probably were.
    earliest: Vec<f64>,
    latest: Vec<f64>,
    likely: Vec<f64>,
    /// The number of the first fill.
    first: i64,
}

impl Model for SteppedBucket {
    fn threshold(&self) -> Threshold {
        Threshold::Whole
    }

    fn gauge<'t>(&self, trace: &'t Trace, horizon: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        let consumers = trace.counted(Counted::Accepted);
        let first = shape.window(-shape.period);
        let last = shape.window(horizon.min(trace.end)).max(first);
        let fill = f64::from(self.0);
        let running = |before: &dyn Fn(f64) -> usize| -> Vec<f64> {
            let mut most = f64::NEG_INFINITY;
            (first..=last)
                .map(|window| {
                    // Since a fill: the tokens of those until it, less the requests before it.
                    let level = fill * (window - first) as f64 - before(shape.begin(window)) as f64;
                    most = most.max(level);
                    most
                })
                .collect()
        };
        // Who may have come before a fill does not count since then.
        let earliest = running(&|at| consumers.earliest.before(at));
        let latest = running(&|at| consumers.latest.before(at));
        let likely = running(&|at| consumers.likely.before(at));
        Box::new(AtWork { consumers, shape, fill, earliest, latest, likely, first })
    }
}

impl AtWork<'_> {
    /// Requests since the fill since which most are left over, when so many came and this is the window.
    fn used(&self, levels: &[f64], came: usize, window: i64) -> f64 {
        let index = (window - self.first).max(0) as usize;
        let level = levels.get(index.min(levels.len().saturating_sub(1))).copied().unwrap_or(0.0);
        (came as f64 - self.fill * index as f64 + level).max(0.0)
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let ranks = self.consumers.ranks(query);
        let Query { span, .. } = *query;
        let (first, last) = (self.shape.window(span.from), self.shape.window(span.to));
        let least = if query.accepted() {
            self.used(&self.earliest, ranks.latest_until_to as usize, last)
        } else {
            1.0 + self.used(&self.earliest, ranks.latest_until_from as usize, last)
        };
        let own = usize::from(query.accepted());
        let at = |window: i64| {
            let until = if window < last {
                self.consumers.earliest.until(self.shape.begin(window + 1))
            } else {
                ranks.earliest_until_to as usize
            };
            self.used(&self.latest, until.saturating_sub(own), window)
        };
        let most = at(first).max(at(last));
        let window = self.shape.window(span.likely);
        let probably = self.used(&self.likely, ranks.likely_before as usize, window);
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}
