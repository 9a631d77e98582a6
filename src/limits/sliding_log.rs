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
        let Consumers { earliest, latest, likely } = self.consumers;
        let Query { span, .. } = *query;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        let least = if query.accepted() && self.counted == Counted::Accepted {
            minus(latest.until(span.to), earliest.until(span.to - self.length))
        } else {
            1.0 + minus(latest.until(span.from), earliest.until(span.to - self.length))
        };
        let own = usize::from(query.accepted() || self.counted == Counted::All);
        let (first, last) = (earliest.until(span.from), earliest.until(span.to));
        let at = |moment: f64, arrived: usize| minus(arrived, latest.before(moment - self.length) + own);
        let most = if last - first > MOMENTS {
            minus(last, latest.before(span.from - self.length) + own)
        } else {
            let moments = earliest.sorted()[first..last].iter().enumerate();
            moments.map(|(index, moment)| at(*moment, first + index + 1)).fold(at(span.from, first), f64::max)
        };
        let probably = minus(likely.before(span.likely), likely.until(span.likely - self.length));
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}
