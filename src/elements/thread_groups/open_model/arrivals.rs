//! When users arrive (`ThreadScheduleProcessGenerator.kt` and the two ramps): a pure function of the steps and the seed.

use super::schedule::{Kind, Step};
use crate::java::random::Random;
use std::vec;

/// The arrivals of a schedule, in seconds from its start, in order. One step's worth is held at a time.
pub(super) struct Arrivals {
    steps: Vec<Step>,
    /// The step behind the arrivals at hand.
    at: usize,
    random: Random,
    rate: f64,
    /// Where the arrivals at hand begin and how long they last, in seconds.
    begin: f64,
    duration: f64,
    ramp: Ramp,
}

enum Ramp {
    Even(EvenRamp),
    Random(vec::IntoIter<f64>),
}

/// Arrivals at a rate that is constant, or grows or falls steadily.
struct EvenRamp {
    begin_rate: f64,
    mean_rate: f64,
    /// Change of the rate, each second.
    acceleration: f64,
    next: i64,
    count: i64,
}

impl Arrivals {
    pub fn new(steps: Vec<Step>, random: Random) -> Self {
        let ramp = Ramp::Random(Vec::new().into_iter());
        Arrivals { steps, at: 0, random, rate: 0.0, begin: 0.0, duration: 0.0, ramp }
    }

    /// Goes on to the next step with arrivals; false at the end.
    fn next_step(&mut self) -> bool {
        self.begin += std::mem::take(&mut self.duration);
        while let Some(step) = self.steps.get(self.at) {
            self.at += 1;
            match *step {
                Step::Rate(rate) => self.rate = rate,
                Step::Arrivals { kind, duration } => {
                    // A rate that follows at once is where this step ends.
                    let end_rate = match self.steps.get(self.at) {
                        Some(Step::Rate(rate)) => *rate,
                        _ => self.rate,
                    };
                    self.duration = duration;
                    self.ramp = match kind {
                        Kind::Even => Ramp::Even(EvenRamp::new(self.rate, end_rate, duration)),
                        Kind::Random => {
                            Ramp::Random(random_ramp(self.rate, end_rate, duration, &mut self.random).into_iter())
                        }
                    };
                    return true;
                }
            }
        }
        false
    }
}

impl Iterator for Arrivals {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        loop {
            let next = match &mut self.ramp {
                Ramp::Even(ramp) => ramp.next(),
                Ramp::Random(events) => events.next(),
            };
            if let Some(seconds) = next {
                return Some(self.begin + seconds);
            }
            if !self.next_step() {
                return None;
            }
        }
    }
}

impl EvenRamp {
    fn new(begin_rate: f64, end_rate: f64, duration: f64) -> Self {
        let mean_rate = f64::midpoint(begin_rate, end_rate);
        let is_constant = (end_rate - begin_rate).abs() < 0.0001 * mean_rate;
        EvenRamp {
            begin_rate,
            mean_rate,
            acceleration: if is_constant { 0.0 } else { (end_rate - begin_rate) / duration },
            next: 0,
            // 3.7 arrivals are 3, so that none is past the end.
            count: (mean_rate * duration) as i64,
        }
    }
}

impl Iterator for EvenRamp {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        if self.next >= self.count {
            return None;
        }
        let n = self.next as f64;
        self.next += 1;
        Some(if n == 0.0 {
            0.0
        } else if self.acceleration == 0.0 {
            n / self.mean_rate
        } else {
            // After t seconds v·t + a·t²/2 users have come; solved for t.
            let (v, a) = (self.begin_rate, self.acceleration);
            ((v * v + 2.0 * a * n).sqrt() - v) / a
        })
    }
}

/// As many arrivals as the mean rate makes: a constant part, and one that grows from nothing or falls to it.
fn random_ramp(begin_rate: f64, end_rate: f64, duration: f64, random: &mut Random) -> Vec<f64> {
    let least = begin_rate.min(end_rate);
    let count = (f64::midpoint(begin_rate, end_rate) * duration) as i32;
    let flat = (least * duration) as i32;
    let mut events: Vec<f64> = Vec::new();
    if least > 0.0 {
        events.extend((0..flat).map(|_| random.next_double() * duration));
    }
    if begin_rate != end_rate {
        events.extend((0..count - flat).map(|_| {
            let rising = random.next_double().sqrt();
            (if begin_rate > end_rate { 1.0 - rising } else { rising }) * duration
        }));
    }
    events.sort_by(f64::total_cmp);
    events
}

#[cfg(test)]
mod tests {
    use super::super::schedule::parse;
    use super::*;

    /// Printed by JMeter 5.6.2's `ThreadScheduleProcessGenerator` with seed 42.
    #[test]
    fn arrivals_are_jmeters() {
        let rows = [
            ("rate(2/s) even_arrivals(3 s)", "0.0000 0.5000 1.0000 1.5000 2.0000 2.5000"),
            ("rate(0/s) even_arrivals(3 s) rate(4/s)", "0.0000 1.2247 1.7321 2.1213 2.4495 2.7386"),
            ("rate(4/s) even_arrivals(3 s) rate(0/s)", "0.0000 0.2614 0.5505 0.8787 1.2679 1.7753"),
            ("rate(1/s) random_arrivals(4 s)", "1.1083 1.2349 2.7329 2.9103"),
            ("rate(0) random_arrivals(3 s) rate(4/s)", "1.5791 1.6669 2.4474 2.4797 2.5589 2.8514"),
            ("rate(4/s) random_arrivals(3 s) rate(1/s)", "0.1486 0.5526 0.9262 1.1782 1.4209 2.0497 2.1827"),
            (
                "pause(1 s) rate(4/s) even_arrivals(1 s) pause(2 s) rate(2/s) even_arrivals(1 s)",
                "1.0000 1.2500 1.5000 1.7500 4.0000 4.5000",
            ),
            (
                "rate(1/s) random_arrivals(2 s) rate(3/s) random_arrivals(2 s) random_arrivals(1 s)",
                "1.0528 1.1113 1.3664 1.4551 2.5515 2.7376 2.9273 3.3311 3.5658 3.8067 4.4365 4.7499 4.9193",
            ),
            ("3", "0.0000 0.3333 0.6667"),
            ("rate(3.7/s) even_arrivals(1 s) even_arrivals(1 s)", "0.0000 0.2703 0.5405 1.0000 1.2703 1.5405"),
        ];
        for (schedule, expected) in rows {
            let arrivals = Arrivals::new(parse(schedule).unwrap(), Random::new(42));
            let shown: Vec<String> = arrivals.map(|seconds| format!("{seconds:.4}")).collect();
            assert_eq!(shown.join(" "), expected, "{schedule}");
        }
    }
}
