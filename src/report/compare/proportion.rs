//! Whether one run fails more often than the other: two proportions, with an interval for their difference.
#![allow(clippy::many_single_char_names, reason = "the letters are those of the formulas")]

use super::blocks::Block;
use super::distribution::{ln_choose, normal_two_sided};

/// Where fewer failures or successes than this are expected in a run, the exact test is taken.
const FEW: f64 = 5.0;

/// What two error rates say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportions {
    /// The difference of the rates (second less first), −1 to 1.
    pub difference: f64,
    /// Where it lies (Newcombe's interval).
    pub interval: (f64, f64),
    /// The probability of such a difference where runs do not differ.
    pub p: f64,
    /// `fisher` or `two proportions`.
    pub test: &'static str,
}

impl Proportions {
    /// Compares two runs that both have samples. `z` is the normal value of the interval's level. Failures come in bursts:
    /// the variance is as much larger than that of independent ones as the blocks show.
    pub(super) fn new(a: &[Block], b: &[Block], z: f64) -> Proportions {
        let (a_rows, a_errors) = totals(a);
        let (b_rows, b_errors) = totals(b);
        let (a_burst, b_burst) = (burst(a), burst(b));
        let (n, m) = (a_rows as f64 / a_burst, b_rows as f64 / b_burst);
        let (p, q) = (a_errors as f64 / a_rows as f64, b_errors as f64 / b_rows as f64);
        let pooled = (p * n + q * m) / (n + m);
        let expected = [pooled * n, pooled * m, (1.0 - pooled) * n, (1.0 - pooled) * m];
        let difference = q - p;
        let (test, probability) = if pooled <= 0.0 || pooled >= 1.0 {
            ("two proportions", 1.0)
        } else if expected.into_iter().any(|count| count < FEW) && a_burst <= 1.0 && b_burst <= 1.0 {
            ("fisher", fisher(a_errors, a_rows, b_errors, b_rows))
        } else {
            let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
            ("two proportions", normal_two_sided(difference / deviation))
        };
        let ((p_low, p_high), (q_low, q_high)) = (wilson(p, n, z), wilson(q, m, z));
        let interval = (
            difference - ((q - q_low).powi(2) + (p_high - p).powi(2)).sqrt(),
            difference + ((q_high - q).powi(2) + (p - p_low).powi(2)).sqrt(),
        );
        Proportions { difference, interval, p: probability, test }
    }
}

fn totals(blocks: &[Block]) -> (u64, u64) {
    (blocks.iter().map(|block| block.count).sum(), blocks.iter().map(|block| block.errors).sum())
}

/// By how much the errors of blocks vary more than those of independent samples would; at least 1.
fn burst(blocks: &[Block]) -> f64 {
    let (rows, errors) = totals(blocks);
    let rate = errors as f64 / rows as f64;
    if blocks.len() < 2 || errors == 0 || errors == rows {
        return 1.0;
    }
    let squares: f64 =
        blocks.iter().map(|block| (block.errors as f64 - rate * block.count as f64).powi(2) / block.count as f64).sum();
    let freedom = blocks.len() as f64 - 1.0;
    let ratio = squares / freedom / (rate * (1.0 - rate));
    // The ratio itself varies by about its square root of two over the freedom: what is within that is no burst.
    if ratio > 1.0 + 2.0 * (2.0 / freedom).sqrt() { ratio } else { 1.0 }
}

/// Wilson's interval for a rate.
fn wilson(rate: f64, count: f64, z: f64) -> (f64, f64) {
    let scale = 1.0 + z * z / count;
    let centre = (rate + z * z / (2.0 * count)) / scale;
    let half = z * (rate * (1.0 - rate) / count + z * z / (4.0 * count * count)).sqrt() / scale;
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Fisher's exact test, two-sided: the probability of all tables that are no likelier than this one.
fn fisher(a_errors: u64, a_rows: u64, b_errors: u64, b_rows: u64) -> f64 {
    let errors = a_errors + b_errors;
    let all = ln_choose(a_rows + b_rows, errors);
    let likelihood = |in_a: u64| (ln_choose(a_rows, in_a) + ln_choose(b_rows, errors - in_a) - all).exp();
    let own = likelihood(a_errors) * (1.0 + 1e-7);
    let possible = errors.saturating_sub(b_rows)..=errors.min(a_rows);
    // Few failures or few successes are expected, or another test is taken; tables far from here have no weight.
    let near = possible.filter(|in_a| in_a.abs_diff(a_errors) < 10_000);
    near.map(likelihood).filter(|likelihood| *likelihood <= own).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors at even distances, in twenty blocks.
    fn blocks(errors: u64, rows: u64) -> Vec<Block> {
        let part = |whole: u64, block: u64| whole * (block + 1) / 20 - whole * block / 20;
        (0..20)
            .map(|block| Block { count: part(rows, block), errors: part(errors, block), ..Block::default() })
            .filter(|block| block.count > 0)
            .collect()
    }

    fn compared(a: (u64, u64), b: (u64, u64)) -> Proportions {
        Proportions::new(&blocks(a.0, a.1), &blocks(b.0, b.1), 1.959_963_984_540_054)
    }

    /// scipy 1.17.1: `2*norm.sf` of the pooled statistic, `fisher_exact`; Newcombe's interval (1998, method 10) from
    /// `binomtest(…).proportion_ci(method="wilson")`. 56 of 70 and 48 of 80 is Newcombe's own example.
    #[test]
    fn as_scipy_says() {
        let near = |ours: f64, expected: f64| assert!((ours - expected).abs() < 1e-9, "{ours} is not {expected}");
        let found = compared((15, 1000), (31, 1000));
        near(found.p, 0.017_001_386_292_682_05);
        near(found.interval.0, 0.002_788_169_264_701_195);
        near(found.interval.1, 0.029_967_654_057_978_507);
        near(compared((200, 5000), (180, 4000)).p, 0.241_161_070_600_442_23);
        let found = compared((56, 70), (48, 80));
        near(found.interval.0, -0.333_872_654_036_906);
        near(found.interval.1, -0.052_431_472_402_364_98);
        for ((a, b), expected) in [
            (((1, 100), (8, 100)), 0.034_899_151_972_115_75),
            (((0, 20), (3, 20)), 0.230_769_230_769_230_8),
            (((2, 1002), (30, 20_030)), 0.664_178_438_788_603_4),
            (((5, 10), (5, 10)), 1.0),
        ] {
            let found = compared(a, b);
            if found.test == "fisher" {
                near(found.p, expected);
            } else {
                near(fisher(a.0, a.1, b.0, b.1), expected);
            }
        }
        assert_eq!(compared((0, 50), (0, 60)).p, 1.0);
    }

    #[test]
    fn a_burst_of_failures_is_less_sure_than_as_many_apart() {
        let mut burst = blocks(0, 2000);
        burst[7].errors = 60;
        let (apart, burst) = (blocks(60, 2000), burst);
        let none = blocks(10, 2000);
        let (apart, burst) = (Proportions::new(&none, &apart, 1.96), Proportions::new(&none, &burst, 1.96));
        assert!(apart.p < 1e-6 && burst.p > 0.01, "{apart:?} {burst:?}");
        assert!(burst.interval.0 < apart.interval.0);
    }
}
