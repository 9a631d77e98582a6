//! Whole numbers on a logarithmic scale: how the page's charts can draw percentiles and heat maps of any choice of labels
//! without the rows.

/// How many steps an octave has: a step is at most 1/32 of its value wide.
const STEPS: u64 = 32;

/// The step that `value` falls into. Values below 32 have a step of their own.
pub fn step_of(value: u64) -> u16 {
    if value < STEPS {
        return value as u16;
    }
    let octave = u64::from(value.ilog2()) - u64::from(STEPS.ilog2());
    let within = (value >> octave) - STEPS;
    (STEPS * (octave + 1) + within) as u16
}

/// The smallest value of `step`.
pub fn start_of(step: u16) -> u64 {
    let step = u64::from(step);
    if step < STEPS {
        return step;
    }
    let octave = (step / STEPS - 1).min(58);
    (STEPS + step % STEPS) << octave
}

/// How many values fell into each step: few of many, so in pairs of step and count, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steps(Vec<(u16, u32)>);

impl Steps {
    /// Counts one value.
    pub fn record(&mut self, value: u64) {
        self.add(step_of(value), 1);
    }

    fn add(&mut self, step: u16, count: u32) {
        match self.0.binary_search_by_key(&step, |(at, _)| *at) {
            Ok(index) => self.0[index].1 = self.0[index].1.saturating_add(count),
            Err(index) => self.0.insert(index, (step, count)),
        }
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Steps) {
        for &(step, count) in &other.0 {
            self.add(step, count);
        }
    }

    /// Steps and counts, ascending.
    pub fn pairs(&self) -> &[(u16, u32)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_in_order_without_gaps_and_narrow() {
        let mut last = 0;
        for value in 0..100_000_u64 {
            let step = step_of(value);
            assert!(step == last || step == last + 1, "{value}");
            last = step;
            let (from, to) = (start_of(step), start_of(step + 1));
            assert!((from..to).contains(&value), "{value} in {from}..{to}");
            assert!(to - from <= 1 + from / 32, "{from}..{to}");
        }
        for value in [u64::from(u32::MAX), u64::MAX / 2, u64::MAX] {
            assert!(start_of(step_of(value)) <= value);
        }
    }

    #[test]
    fn merging_is_recording_everything() {
        let (mut a, mut b, mut both) = (Steps::default(), Steps::default(), Steps::default());
        for (target, values) in [(&mut a, [1, 500, 501, 90]), (&mut b, [90, 2, 500, 70_000])] {
            for value in values {
                target.record(value);
                both.record(value);
            }
        }
        a.merge(&b);
        assert_eq!(a, both);
        assert_eq!(a.pairs().iter().map(|(_, count)| count).sum::<u32>(), 8);
    }
}
