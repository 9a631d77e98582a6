//! How far percentiles can be trusted: a block bootstrap. Whole stretches of a run are drawn with replacement, so that
//! what follows each other stays together.

use super::blocks::Block;
use fastrand::Rng;

/// How often is drawn.
pub(super) const DRAWS: usize = 1000;

/// A run's blocks, ready to be drawn from.
struct Drawn {
    /// The values that were measured, ascending.
    values: Vec<u32>,
    /// For each value, how many rows of each block are not above it.
    up_to: Vec<u32>,
    counts: Vec<u64>,
}

impl Drawn {
    fn new(blocks: &[Block]) -> Drawn {
        let mut values: Vec<u32> =
            blocks.iter().flat_map(|block| block.values.iter().map(|(value, _)| *value)).collect();
        values.sort_unstable();
        values.dedup();
        let mut up_to = vec![0; values.len() * blocks.len()];
        for (index, block) in blocks.iter().enumerate() {
            let mut own = block.values.iter().peekable();
            let mut sum = 0;
            for (place, value) in values.iter().enumerate() {
                sum += own.next_if(|(at, _)| at == value).map_or(0, |(_, count)| *count);
                up_to[place * blocks.len() + index] = sum;
            }
        }
        Drawn { values, up_to, counts: blocks.iter().map(|block| block.count).collect() }
    }

    /// Draws as many blocks as there are, and reads the percentiles (0 to 1) off them.
    fn draw(&self, random: &mut Rng, fractions: &[f64], into: &mut Vec<f64>) {
        let blocks = self.counts.len();
        let mut times = vec![0_u64; blocks];
        for _ in 0..blocks {
            times[random.usize(..blocks)] += 1;
        }
        let rows: u64 = times.iter().zip(&self.counts).map(|(times, count)| times * count).sum();
        into.clear();
        for fraction in fractions {
            let rank = ((fraction * rows as f64).ceil() as u64).max(1);
            let reached = |place: usize| {
                let up_to = &self.up_to[place * blocks..(place + 1) * blocks];
                times.iter().zip(up_to).map(|(times, &count)| times * u64::from(count)).sum::<u64>() >= rank
            };
            let (mut low, mut high) = (0, self.values.len() - 1);
            while low < high {
                let middle = usize::midpoint(low, high);
                if reached(middle) { high = middle } else { low = middle + 1 }
            }
            // A whole number of milliseconds stands for all times that were cut to it.
            into.push(f64::from(self.values[low]) + random.f64() - 0.5);
        }
    }
}

/// What the draws say of the change of one percentile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    /// Where the difference lies, in ms.
    pub difference: (f64, f64),
    /// Where the second over the first lies.
    pub ratio: (f64, f64),
    /// The standard deviation of the logarithm of the ratio.
    pub deviation: f64,
}

/// The spread of each percentile's change from `a` to `b`, which both have blocks. `fractions` are 0 to 1, `level` is that
/// of the intervals (0.95).
pub(super) fn spreads(a: &[Block], b: &[Block], fractions: &[f64], level: f64, random: &mut Rng) -> Vec<Spread> {
    let (a, b) = (Drawn::new(a), Drawn::new(b));
    let mut differences = vec![Vec::with_capacity(DRAWS); fractions.len()];
    let mut ratios = differences.clone();
    let (mut in_a, mut in_b) = (Vec::new(), Vec::new());
    for _ in 0..DRAWS {
        a.draw(random, fractions, &mut in_a);
        b.draw(random, fractions, &mut in_b);
        for (index, (from, to)) in in_a.iter().zip(&in_b).enumerate() {
            differences[index].push(to - from);
            // Half a millisecond more keeps a time of 0 from having no logarithm.
            ratios[index].push(((to + 1.0) / (from + 1.0)).ln());
        }
    }
    differences
        .into_iter()
        .zip(ratios)
        .map(|(mut differences, mut ratios)| {
            let mean = ratios.iter().sum::<f64>() / DRAWS as f64;
            let squares: f64 = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum();
            let difference = within(&mut differences, level);
            let (low, high) = within(&mut ratios, level);
            Spread { difference, ratio: (low.exp(), high.exp()), deviation: (squares / (DRAWS as f64 - 1.0)).sqrt() }
        })
        .collect()
}

/// The interval that holds the middle `level` of the values.
fn within(values: &mut [f64], level: f64) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - level) / 2.0 * (values.len() as f64 - 1.0);
    let at = |place: f64| values[(place.round() as usize).min(values.len() - 1)];
    (at(outside), at(values.len() as f64 - 1.0 - outside))
}

#[cfg(test)]
mod tests {
    use super::super::blocks::Blocks;
    use super::*;

    fn blocks(values: impl Iterator<Item = u64>) -> Vec<Block> {
        let mut blocks = Blocks::default();
        values.zip(0..).for_each(|(value, at)| blocks.record(value, true, at));
        blocks.finish()
    }

    /// The standard error of a median is 1/(2·f·√n), where f is the density: for 0..1000 evenly 1/1000, so that it is
    /// 500/√n for one run.
    #[test]
    fn the_spread_of_a_median_is_that_of_theory() {
        let mut random = Rng::with_seed(11);
        let mut run = || blocks((0..10_000).map(|_| 1000 + random.u64(..1000)).collect::<Vec<_>>().into_iter());
        let (a, b) = (run(), run());
        let spread = spreads(&a, &b, &[0.5], 0.95, &mut Rng::with_seed(1))[0];
        let theory = 500.0 / 100.0 * 2_f64.sqrt() / 1500.0;
        assert!((0.75..1.3).contains(&(spread.deviation / theory)), "{spread:?}, {theory}");
        let width = spread.difference.1 - spread.difference.0;
        assert!((0.75..1.3).contains(&(width / (2.0 * 1.96 * theory * 1500.0))), "{spread:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let (a, b) = (blocks((0..500).map(|at| at % 37)), blocks((0..500).map(|at| at % 41)));
        let drawn = |seed| spreads(&a, &b, &[0.5, 0.95], 0.95, &mut Rng::with_seed(seed));
        assert_eq!(drawn(5), drawn(5));
        assert_ne!(drawn(5), drawn(6));
    }
}
