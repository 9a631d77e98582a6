//! A token bucket: tokens flow in at a rate until the bucket holds a burst of them; a request takes one, or is refused.
//! GCRA and a leaky bucket that only meters are the same limiter in other words.
//!
//! Until a moment x a bucket of rate r has lost max over S of N[S,x] - r(x - S) tokens, where N counts the requests since S:
//! the pressure. One pass over the requests in order of time yields the running maximum of r S - N(S), for each bound of N.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// So many possible moments of one arrival are looked at one by one.
const MOMENTS: usize = 48;

/// The model.
pub(super) struct TokenBucket(pub Counted);

struct AtWork<'t> {
    consumers: &'t Consumers,
    counted: Counted,
    rate: f64,
    /// Running maxima of `rate` S - N(S), with requests as early, and as late, as can be.
    earliest: Vec<f64>,
    latest: Vec<f64>,
    likely: Vec<f64>,
}

impl Model for TokenBucket {
    fn threshold(&self) -> Threshold {
        Threshold::Real
    }

    fn gauge<'t>(&self, trace: &'t Trace, horizon: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        let consumers = trace.counted(self.0);
        let rate = 1.0 / shape.period;
        let running = |moments: &[f64]| {
            let mut most = f64::NEG_INFINITY;
            let levels = moments.iter().enumerate().map(|(before, at)| rate * at - before as f64);
            levels
                .map(|level| {
                    most = most.max(level);
                    most
                })
                .collect()
        };
        let Consumers { earliest, latest, likely, .. } = consumers;
        let [earliest, latest, likely] =
            [earliest, latest, likely].map(|moments| running(&moments.sorted()[..moments.until(horizon)]));
        Box::new(AtWork { consumers, counted: self.0, rate, earliest, latest, likely })
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Query { span, .. } = *query;
        let ranks = self.consumers.ranks(query);
        let since = |ends: &[f64], begun: usize| begun.checked_sub(1).map_or(f64::NEG_INFINITY, |last| ends[last]);

        let least = if query.accepted() && self.counted == Counted::Accepted {
            // Of the accepted requests that were decided on by then, one was the last and saw all others.
            let since = since(&self.earliest, ranks.earliest_until_to as usize);
            f64::from(ranks.latest_until_to) - self.rate * span.to + since
        } else {
            let since = since(&self.earliest, ranks.earliest_until_from as usize);
            1.0 + (f64::from(ranks.latest_until_from) - self.rate * span.to + since).max(0.0)
        };

        let own = if query.accepted() || self.counted == Counted::All { 1.0 } else { 0.0 };
        let (first, last) = (ranks.earliest_until_from as usize, ranks.earliest_until_to as usize);
        // How much has surely not flowed in until a moment, before which so many of `latest` lie.
        let since_at = |moment: f64, before: u32, until: u32| {
            since(&self.latest, until as usize).max(self.rate * moment - f64::from(before))
        };
        let most = if last - first > MOMENTS {
            let since = since_at(span.to, ranks.latest_before_to, ranks.latest_until_to);
            last as f64 - own - self.rate * span.from + since
        } else {
            let Consumers { earliest, latest_before, latest_until, .. } = self.consumers;
            let since = since_at(span.from, ranks.latest_before_from, ranks.latest_until_from);
            let mut most = first as f64 - own - self.rate * span.from + since;
            for index in first..last {
                let moment = earliest.sorted()[index];
                let since = since_at(moment, latest_before[index], latest_until[index]);
                most = most.max((index + 1) as f64 - own - self.rate * moment + since);
            }
            most
        };

        let before = ranks.likely_before as usize;
        let probably = before as f64 - self.rate * span.likely + since(&self.likely, before);
        Pressure { least: least.max(1.0), most: 1.0 + most.max(0.0), likely: 1.0 + probably.max(0.0) }
    }
}
