//! A cap on requests in flight: a request is accepted if fewer than the cap are within the server.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Counted, Query, Trace};

/// So many possible moments of one arrival are looked at one by one.
const MOMENTS: usize = 48;

/// The model.
pub(super) struct Concurrency;

struct AtWork<'t>(&'t Trace);

impl Model for Concurrency {
    fn threshold(&self) -> Threshold {
        Threshold::Whole
    }

    fn gauge<'t>(&self, trace: &'t Trace, _: f64, _: Shape) -> Box<dyn Gauge + 't> {
        Box::new(AtWork(trace))
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let trace = self.0;
        let arrived = trace.counted(Counted::Accepted);
        let Query { span, .. } = *query;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        let least = if query.accepted() {
            minus(arrived.latest.until(span.to), trace.left_at_the_earliest.before(span.to))
        } else {
            1.0 + minus(arrived.latest.until(span.from), trace.left_at_the_earliest.until(span.to))
        };
        let own = usize::from(query.accepted());
        let (first, last) = (arrived.earliest.until(span.from), arrived.earliest.until(span.to));
        let at = |moment: f64, count: usize| minus(count, trace.left_at_the_latest.before(moment) + own);
        let most = if last - first > MOMENTS {
            minus(last, trace.left_at_the_latest.before(span.from) + own)
        } else {
            let moments = arrived.earliest.sorted()[first..last].iter().enumerate();
            moments.map(|(index, moment)| at(*moment, first + index + 1)).fold(at(span.from, first), f64::max)
        };
        let probably = minus(arrived.likely.before(span.likely), trace.left.before(span.likely));
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}
