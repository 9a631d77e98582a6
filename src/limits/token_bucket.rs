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
        let Consumers { earliest, latest, likely } = consumers;
        let [earliest, latest, likely] =
            [earliest, latest, likely].map(|moments| running(&moments.sorted()[..moments.until(horizon)]));
        Box::new(AtWork { consumers, counted: self.0, rate, earliest, latest, likely })
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Consumers { earliest, latest, likely } = self.consumers;
        let Query { span, .. } = *query;
        let since = |ends: &[f64], begun: usize| begun.checked_sub(1).map_or(f64::NEG_INFINITY, |last| ends[last]);

        let least = if query.accepted() && self.counted == Counted::Accepted {
            // Of the accepted requests that were decided on by then, one was the last and saw all others.
            latest.until(span.to) as f64 - self.rate * span.to + since(&self.earliest, earliest.until(span.to))
        } else {
            let since = since(&self.earliest, earliest.until(span.from));
            1.0 + (latest.until(span.from) as f64 - self.rate * span.to + since).max(0.0)
        };

        let own = if query.accepted() || self.counted == Counted::All { 1.0 } else { 0.0 };
        let (first, last) = (earliest.until(span.from), earliest.until(span.to));
        let at = |moment: f64, arrived: usize| {
            let since = since(&self.latest, latest.until(moment));
            let since = since.max(self.rate * moment - latest.before(moment) as f64);
            arrived as f64 - own - self.rate * moment + since
        };
        let most = if last - first > MOMENTS {
            let since = since(&self.latest, latest.until(span.to));
            let since = since.max(self.rate * span.to - latest.before(span.to) as f64);
            last as f64 - own - self.rate * span.from + since
        } else {
            let moments = earliest.sorted()[first..last].iter().enumerate();
            moments.map(|(index, moment)| at(*moment, first + index + 1)).fold(at(span.from, first), f64::max)
        };

        let before = likely.before(span.likely);
        let probably = before as f64 - self.rate * span.likely + since(&self.likely, before);
        Pressure { least: least.max(1.0), most: 1.0 + most.max(0.0), likely: 1.0 + probably.max(0.0) }
    }
}
