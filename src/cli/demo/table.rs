//! The table of stages.

use super::stage::Outcome;

/// Its first line.
pub(super) const HEAD: &str = "  rate  Retry-After  sent  429s  share  retried  recovered  gave up  waited";

/// The line of a stage.
pub(super) fn row(outcome: &Outcome) -> String {
    let rate = format!("{}/s", outcome.stage.rate);
    let share = format!("{:.0} %", outcome.share() * 100.0);
    let waited = format!("{:.1} s", outcome.waited.as_secs_f64());
    format!(
        "  {rate:<4}  {:<11}  {:>4}  {:>4}  {share:>5}  {:>7}  {:>9}  {:>7}  {waited:>6}",
        outcome.stage.retry_after.as_str(),
        outcome.counts.requests,
        outcome.counts.refused,
        outcome.retried,
        outcome.recovered,
        outcome.gave_up,
    )
}

#[cfg(test)]
mod tests {
    use super::super::server::Counts;
    use super::super::stage::STAGES;
    use super::*;
    use std::time::Duration;

    #[test]
    fn columns_stand_below_their_heads() {
        let outcome = Outcome {
            stage: STAGES[2],
            edits: 200,
            counts: Counts { requests: 236, refused: 85, saved: 75 },
            retried: 68,
            recovered: 60,
            gave_up: 8,
            waited: Duration::from_millis(95_140),
            took: Duration::from_secs(8),
        };
        assert_eq!(
            [HEAD, &row(&outcome)],
            [
                "  rate  Retry-After  sent  429s  share  retried  recovered  gave up  waited",
                "  50/s  on            236    85   36 %       68         60        8  95.1 s",
            ]
        );
    }
}
