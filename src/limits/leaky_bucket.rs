//! A leaky bucket with a queue: what it refuses is what a token bucket refuses, but what it accepts waits for its turn. The
//! answers' times tell one from the other: a request waits as long as the tokens before it take to flow in.

use super::finding::Limit;
use super::gauge::{Model, Shape};
use super::token_bucket::TokenBucket;
use super::trace::{Counted, Trace};

/// Whether the accepted requests waited as in a queue.
pub(super) fn is_one(trace: &Trace, limit: &Limit) -> bool {
    const MOST: usize = 20_000;
    /// Deviations from what chance would do.
    const SURE: f64 = 5.0;
    /// No more of what waits differ by is put down to not knowing when requests arrived.
    const MOST_NOISE: f64 = 0.7;
    let Some((from, to)) = limit.rate else { return false };
    // Nobody waits in a queue for one.
    if limit.burst.is_none_or(|burst| burst.1 < 1.5) {
        return false;
    }
    let period = 2.0 / (from + to);
    let gauge = TokenBucket(Counted::Accepted).gauge(trace, trace.end, Shape { period, phase: 0.0 });
    let every = trace.answers.len().div_ceil(MOST).max(1);
    let mut noise = 0.0;
    let pairs: Vec<(f64, f64)> = trace
        .answers
        .iter()
        .step_by(every)
        .map(|answer| {
            let pressure = gauge.pressure(&answer.query);
            noise += (pressure.deviation() * period).powi(2);
            // The first in the queue does not wait.
            ((pressure.likely - 1.0) * period, answer.took)
        })
        .collect();
    // A straight line through waits and times: one second of waiting is one second of time.
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count.max(1.0);
    let (wait, took) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut both, mut waits, mut times) = (0.0, 0.0, 0.0);
    for pair in &pairs {
        both += (pair.0 - wait) * (pair.1 - took);
        waits += (pair.0 - wait).powi(2);
        times += (pair.1 - took).powi(2);
    }
    if pairs.len() < 10 || waits <= 0.0 || times <= 0.0 {
        return false;
    }
    let (slope, correlation) = (both / waits, both / (waits * times).sqrt());
    // Other work may take longer than the queue does: of many requests it is still seen that it does not come by chance.
    let sure = correlation * (count / (1.0 - correlation * correlation).max(1e-9)).sqrt();
    // Waits that are not known exactly make a line look flatter than it is.
    let flattened = 1.0 - (noise / waits).min(MOST_NOISE);
    slope / flattened > 0.6 && slope < 1.5 && sure > SURE
}
