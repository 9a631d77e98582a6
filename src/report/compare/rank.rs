//! Whether the samples of one run take longer than those of the other: Mann's and Whitney's test, Cliff's delta,
//! Hodges' and Lehmann's shift. All exact on counted values, in time that grows with the number of distinct ones.
#![allow(clippy::many_single_char_names, reason = "the letters are those of the formulas")]

use super::blocks::Block;
use super::distribution::{normal_two_sided, student_two_sided};
use crate::results::Histogram;
use std::iter::Peekable;

/// What the ranks of two runs' samples say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Mann's and Whitney's U of the second run: how many pairs it wins, with half of the ties.
    pub u: f64,
    /// The textbook's probability, with ties, continuity correction and the normal distribution: as if samples were
    /// independent.
    pub independent_p: f64,
    /// The probability with the variance that stretches of the runs show.
    pub p: f64,
    /// −1 to 1: how much more often a sample of the second run is the longer one of a pair than the shorter one.
    pub cliffs_delta: f64,
    /// The median of the differences of all pairs, in ms.
    pub hodges_lehmann: f64,
}

impl Shift {
    /// Compares two runs that both have samples.
    pub(super) fn new(a: &Histogram, b: &Histogram, a_blocks: &[Block], b_blocks: &[Block]) -> Shift {
        let (n, m) = (a.count() as f64, b.count() as f64);
        let (mut u, mut ties, mut below) = (0.0, 0.0, 0.0);
        for (_, in_a, in_b) in together(a.values(), b.values()) {
            let (in_a, in_b) = (in_a as f64, in_b as f64);
            u += in_b * (below + in_a / 2.0);
            below += in_a;
            let tied = in_a + in_b;
            ties += tied * (tied * tied - 1.0);
        }
        let all = n + m;
        let variance = if all > 1.0 { n * m / 12.0 * ((all + 1.0) - ties / (all * (all - 1.0))) } else { 0.0 };
        let apart = (u - n * m / 2.0).abs();
        let independent_p = probability((apart - 0.5).max(0.0), variance.sqrt(), normal_two_sided);
        let cliffs_delta = 2.0 * u / (n * m) - 1.0;
        Shift {
            u,
            independent_p,
            p: by_blocks(a_blocks, b_blocks, cliffs_delta),
            cliffs_delta,
            hodges_lehmann: median_difference(a, b),
        }
    }

    /// Cliff's delta in the words that are usual for it.
    pub fn size(&self) -> &'static str {
        match self.cliffs_delta.abs() {
            size if size < 0.147 => "negligible",
            size if size < 0.33 => "small",
            size if size < 0.474 => "medium",
            _ => "large",
        }
    }
}

fn probability(apart: f64, deviation: f64, two_sided: impl Fn(f64) -> f64) -> f64 {
    if deviation > 0.0 {
        two_sided(apart / deviation)
    } else if apart > 0.0 {
        0.0
    } else {
        1.0
    }
}

/// The probability of such a delta, where runs do not differ. A sample's placement is the part of the other run's samples
/// that are shorter; the delta is the mean placement. What the means of whole blocks differ by gives its variance
/// (DeLong's, with batch means), and the number of blocks the degrees of freedom (Welch's).
fn by_blocks(a: &[Block], b: &[Block], cliffs_delta: f64) -> f64 {
    let (all_a, all_b) = (joined(a), joined(b));
    let (of_a, of_b) = (placements(a, &all_b), placements(b, &all_a));
    let freedom = |variance: f64, blocks: usize| variance * variance / (blocks as f64 - 1.0).max(1.0);
    let variance = of_a + of_b;
    let freedom = variance * variance / (freedom(of_a, a.len()) + freedom(of_b, b.len()));
    // Runs without any overlap have placements of 0 and 1 only: then there is as much between them as could be.
    let least = (0.5 / joined_count(a).min(joined_count(b)).max(1.0)).powi(2);
    let freedom = if freedom.is_finite() { freedom } else { (a.len().min(b.len()) as f64 - 1.0).max(1.0) };
    probability(cliffs_delta.abs() / 2.0, variance.max(least).sqrt(), |t| student_two_sided(t, freedom))
}

fn joined_count(blocks: &[Block]) -> f64 {
    blocks.iter().map(|block| block.count).sum::<u64>() as f64
}

/// The variance of the mean placement of these blocks' samples among `others`.
fn placements(blocks: &[Block], others: &[(u32, u64)]) -> f64 {
    let total = others.iter().map(|(_, count)| count).sum::<u64>() as f64;
    let means: Vec<(f64, f64)> = blocks
        .iter()
        .map(|block| {
            let own = block.values.iter().map(|&(value, count)| (u64::from(value), u64::from(count)));
            let others = others.iter().map(|&(value, count)| (u64::from(value), count));
            let (mut below, mut sum) = (0.0, 0.0);
            for (_, in_others, in_own) in together(others, own) {
                sum += in_own as f64 * (below + in_others as f64 / 2.0);
                below += in_others as f64;
            }
            (block.count as f64, sum / total)
        })
        .collect();
    let rows: f64 = means.iter().map(|(count, _)| count).sum();
    let mean = means.iter().map(|(_, sum)| sum).sum::<f64>() / rows;
    let blocks = means.len() as f64;
    if blocks < 2.0 {
        return 0.0;
    }
    // Blocks are of nearly one size; the last may be larger.
    let squares: f64 = means.iter().map(|(count, sum)| (sum - mean * count).powi(2)).sum();
    squares / (rows * rows) * blocks / (blocks - 1.0)
}

/// All values of some blocks, ascending.
fn joined(blocks: &[Block]) -> Vec<(u32, u64)> {
    let mut values: Vec<(u32, u64)> =
        blocks.iter().flat_map(|block| block.values.iter().map(|&(value, count)| (value, u64::from(count)))).collect();
    values.sort_unstable_by_key(|(value, _)| *value);
    values.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        kept.1 += if same { later.1 } else { 0 };
        same
    });
    values
}

/// Both runs' values in one ascending sequence: the value, how often in the first, how often in the second.
fn together(
    a: impl Iterator<Item = (u64, u64)>,
    b: impl Iterator<Item = (u64, u64)>,
) -> impl Iterator<Item = (u64, u64, u64)> {
    fn take(from: &mut Peekable<impl Iterator<Item = (u64, u64)>>, value: u64) -> u64 {
        from.next_if(|(at, _)| *at == value).map_or(0, |(_, count)| count)
    }
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || {
        let value = match (a.peek(), b.peek()) {
            (Some(a), Some(b)) => a.0.min(b.0),
            (Some(one), None) | (None, Some(one)) => one.0,
            (None, None) => return None,
        };
        Some((value, take(&mut a, value), take(&mut b, value)))
    })
}

/// The median of the differences of all pairs. Differences are whole, so it is found by halving their range.
fn median_difference(a: &Histogram, b: &Histogram) -> f64 {
    let a: Vec<(i64, u64)> = a.values().map(|(value, count)| (value as i64, count)).collect();
    let b: Vec<(i64, u64)> = b.values().map(|(value, count)| (value as i64, count)).collect();
    let total = |values: &[(i64, u64)]| values.iter().map(|(_, count)| u128::from(*count)).sum::<u128>();
    let pairs = total(&a) * total(&b);
    let (Some(first), Some(last)) = (a.first().zip(b.last()), a.last().zip(b.first())) else { return 0.0 };
    let (lowest, highest) = (last.1.0 - last.0.0, first.1.0 - first.0.0);
    // The smallest difference that at least `rank` pairs do not exceed.
    let at_rank = |rank: u128| {
        let (mut low, mut high) = (lowest, highest);
        while low < high {
            let middle = low + (high - low).div_euclid(2);
            if pairs_up_to(&a, &b, middle) >= rank { high = middle } else { low = middle + 1 }
        }
        low
    };
    if pairs % 2 == 1 {
        at_rank(pairs / 2 + 1) as f64
    } else {
        (at_rank(pairs / 2) + at_rank(pairs / 2 + 1)) as f64 / 2.0
    }
}

/// How many pairs differ by `bound` or less.
fn pairs_up_to(a: &[(i64, u64)], b: &[(i64, u64)], bound: i64) -> u128 {
    let (mut place, mut seen, mut pairs) = (0, 0_u64, 0);
    for &(value, count) in a {
        while let Some(&(other, others)) = b.get(place)
            && other - value <= bound
        {
            seen += others;
            place += 1;
        }
        pairs += u128::from(count) * u128::from(seen);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Blocks;
    use super::*;

    fn shift(a: &[u64], b: &[u64]) -> Shift {
        let counted = |values: &[u64]| {
            let (mut histogram, mut blocks) = (Histogram::default(), Blocks::default());
            for (&value, at) in values.iter().zip(0..) {
                histogram.record(value);
                blocks.record(value, true, at);
            }
            (histogram, blocks.finish())
        };
        let ((a, a_blocks), (b, b_blocks)) = (counted(a), counted(b));
        Shift::new(&a, &b, &a_blocks, &b_blocks)
    }

    /// scipy 1.17.1: `mannwhitneyu(b, a, method="asymptotic")`; numpy: `median(subtract.outer(b, a))`.
    #[test]
    fn as_scipy_says() {
        let a = [12, 15, 15, 18, 20, 22, 22, 22, 30, 31, 45, 60];
        let b = [14, 15, 19, 22, 25, 25, 28, 33, 40, 44, 47, 52, 80, 95];
        let found = shift(&a, &b);
        assert_eq!((found.u, found.hodges_lehmann), (113.5, 7.5));
        assert!((found.independent_p - 0.134_800_055_793_267_7).abs() < 1e-12, "{found:?}");
        assert!((found.cliffs_delta - 0.351_190_476_190_476_3).abs() < 1e-12);
        assert_eq!(found.size(), "medium");

        let a: Vec<u64> = [[5; 10].as_slice(), &[6; 3]].concat();
        let b: Vec<u64> = [[5; 4].as_slice(), &[6; 9], &[7]].concat();
        let found = shift(&a, &b);
        assert_eq!((found.u, found.hodges_lehmann), (136.5, 1.0));
        assert!((found.independent_p - 0.013_050_146_733_823_71).abs() < 1e-12, "{found:?}");
        let back = shift(&b, &a);
        assert_eq!((back.cliffs_delta, back.hodges_lehmann), (-found.cliffs_delta, -1.0));
    }

    #[test]
    fn one_value_in_both_is_no_difference_and_no_overlap_is_one() {
        let found = shift(&[5; 40], &[5; 50]);
        assert_eq!((found.p, found.independent_p, found.cliffs_delta), (1.0, 1.0, 0.0));
        let found = shift(&[5; 40], &[900; 50]);
        assert!(found.p < 1e-6 && found.cliffs_delta == 1.0 && found.hodges_lehmann == 895.0, "{found:?}");
    }

    /// Where samples come in alternation, with nothing carried over from one to the next, blocks agree with the textbook.
    #[test]
    fn blocks_agree_with_the_textbook_on_independent_samples() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut values = |from: u64| (0..4000).map(|_| from + random.u64(..100)).collect::<Vec<_>>();
        let found = shift(&values(0), &values(3));
        let ratio = found.p.ln() / found.independent_p.ln();
        assert!((0.6..1.6).contains(&ratio), "{found:?}");
    }
}
