//! A fixed window: a count that begins anew at fixed times. Whether refused requests count makes no difference to it: the
//! count is above the limit either way until the window ends.

use super::gauge::{Gauge, Model, Pressure, Shape, Threshold};
use super::trace::{Consumers, Counted, Query, Trace};

/// The model.
pub(super) struct FixedWindow;

struct AtWork<'t> {
    consumers: &'t Consumers,
    shape: Shape,
}

impl Model for FixedWindow {
    fn threshold(&self) -> Threshold {
        Threshold::Whole
    }

    fn gauge<'t>(&self, trace: &'t Trace, _: f64, shape: Shape) -> Box<dyn Gauge + 't> {
        Box::new(AtWork { consumers: trace.counted(Counted::Accepted), shape })
    }
}

impl Gauge for AtWork<'_> {
    fn pressure(&self, query: &Query) -> Pressure {
        let Consumers { earliest, latest, likely, .. } = self.consumers;
        let ranks = self.consumers.ranks(query);
        let Query { span, .. } = *query;
        let minus = |count: usize, gone: usize| count.saturating_sub(gone) as f64;
        let (first, last) = (self.shape.window(span.from), self.shape.window(span.to));
        let least = if query.accepted() {
            minus(ranks.latest_until_to as usize, earliest.before(self.shape.begin(last)))
        } else if first == last {
            1.0 + minus(ranks.latest_until_from as usize, earliest.before(self.shape.begin(first)))
        } else {
            1.0
        };
        let own = usize::from(query.accepted());
        let within = |window: i64| {
            let until = earliest.until(span.to.min(self.shape.begin(window + 1)));
            minus(until, latest.before(self.shape.begin(window)) + own)
        };
        let most = within(first).max(within(last));
        let begin = self.shape.begin(self.shape.window(span.likely));
        let probably = minus(ranks.likely_before as usize, likely.before(begin));
        Pressure { least: least.max(1.0), most: 1.0 + most, likely: 1.0 + probably }
    }
}

impl Shape {
    /// The number of the window that holds `moment`.
    pub(super) fn window(self, moment: f64) -> i64 {
        ((moment - self.phase) / self.period).floor() as i64
    }

    /// When a window begins.
    pub(super) fn begin(self, window: i64) -> f64 {
        self.phase + window as f64 * self.period
    }
}
