//! A sliding window with two counters: what was counted in the fixed window before the present one counts for the part of
//! it that still lies within a window's length.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// The model.
pub(super) struct SlidingCounter(pub Counted);

struct AtWork<'t> {
    consumers: &'t Consumers,
    counted: Counted,
    shape: Shape,
}

impl Model for SlidingCounter {
    fn threshold(&self) -> Threshold {
        // Implementations round the weighted count in different ways.
        Threshold::Real
    }

    fn gauge<'t>(&self, trace: &'t Trace, _: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        Box::new(AtWork { consumers: trace.counted(self.0), counted: self.0, shape })
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Consumers { earliest, latest, likely, .. } = self.consumers;
        let ranks = self.consumers.ranks(query);
        let Query { span, .. } = *query;
        let shape = self.shape;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        let weight = |window: i64, moment: f64| (1.0 - (moment - shape.begin(window)) / shape.period).clamp(0.0, 1.0);
        let (first, last) = (shape.window(span.from), shape.window(span.to));

        let surely_before =
            |window: i64| minus(latest.before(shape.begin(window)), earliest.before(shape.begin(window - 1)));
        let sees_all = query.accepted() && self.counted == Counted::Accepted;
        let least = if sees_all {
            let now = minus(ranks.latest_until_to as usize, earliest.before(shape.begin(last)));
            surely_before(last) * weight(last, span.to) + now
        } else {
            let at = |window: i64, moment: f64| {
                let now = minus(ranks.latest_until_from as usize, earliest.before(shape.begin(window)));
                surely_before(window) * weight(window, moment) + now
            };
            let within_last = at(last, span.to);
            1.0 + if first == last { within_last } else { within_last.min(at(first, shape.begin(last))) }
        };

        let own = usize::from(query.accepted() || self.counted == Counted::All);
        let within = |window: i64, moment: f64| {
            let (begin, end) = (shape.begin(window), shape.begin(window + 1));
            let before = minus(earliest.before(begin), latest.before(shape.begin(window - 1)));
            let now = minus(earliest.until(span.to.min(end)), latest.before(begin) + own);
            before * weight(window, moment) + now
        };
        let mut most = within(first, span.from);
        if last > first {
            most = most.max(within(last, shape.begin(last)));
        }

        let window = shape.window(span.likely);
        let begin = likely.before(shape.begin(window));
        let before = minus(begin, likely.before(shape.begin(window - 1)));
        let probably = before * weight(window, span.likely) + minus(ranks.likely_before as usize, begin);
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}
