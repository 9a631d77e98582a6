//! A sliding window with a log: a request is accepted if fewer than the limit were within the window's length before it.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// So many possible moments of one arrival are looked at one by one.
const MOMENTS: usize = 48;

/// The model.
pub(super) struct SlidingLog(pub Counted);

struct AtWork<'t> {
    consumers: &'t Consumers,
    counted: Counted,
    length: f64,
}

impl Model for SlidingLog {
    fn threshold(&self) -> Threshold {
        Threshold::Whole
    }

    fn gauge<'t>(&self, trace: &'t Trace, _: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        Box::new(AtWork { consumers: trace.counted(self.0), counted: self.0, length: shape.period })
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Consumers { earliest, latest, likely, .. } = self.consumers;
        let ranks = self.consumers.ranks(query);
        let Query { span, .. } = *query;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        let least = if query.accepted() && self.counted == Counted::Accepted {
            minus(ranks.latest_until_to as usize, earliest.until(span.to - self.length))
        } else {
            1.0 + minus(ranks.latest_until_from as usize, earliest.until(span.to - self.length))
        };
        let own = usize::from(query.accepted() || self.counted == Counted::All);
        let (first, last) = (ranks.earliest_until_from as usize, ranks.earliest_until_to as usize);
        let mut gone = latest.before(span.from - self.length);
        let most = if last - first > MOMENTS {
            minus(last, gone + own)
        } else {
            let mut most = minus(first, gone + own);
            for index in first..last {
                let since = earliest.sorted()[index] - self.length;
                while latest.sorted().get(gone).is_some_and(|at| *at < since) {
                    gone += 1;
                }
                most = most.max(minus(index + 1, gone + own));
            }
            most
        };
        let probably = minus(ranks.likely_before as usize, likely.until(span.likely - self.length));
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}
