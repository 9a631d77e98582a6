//! The random timers: a constant offset plus a random part, always by its absolute value.

use super::constant::Offset;
use crate::elements::roles::{IterationListener, Timer};
use crate::elements::{Compile, Definition, Role};
use crate::expr::Expr;
use crate::java::number::parse_double;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const UNIFORM: Definition = Definition {
    tag: "UniformRandomTimer",
    menu: "Uniform Random Timer",
    compile: |compile| Some(role(compile, Distribution::Uniform)),
};

pub(super) const GAUSSIAN: Definition = Definition {
    tag: "GaussianRandomTimer",
    menu: "Gaussian Random Timer",
    compile: |compile| Some(role(compile, Distribution::Gaussian)),
};

pub(super) const POISSON: Definition = Definition {
    tag: "PoissonRandomTimer",
    menu: "Poisson Random Timer",
    compile: |compile| Some(role(compile, Distribution::Poisson)),
};

#[derive(Debug, Clone, Copy)]
enum Distribution {
    Uniform,
    Gaussian,
    Poisson,
}

struct RandomTimer {
    distribution: Distribution,
    offset: Offset,
    range: Expr,
}

fn role(compile: &mut Compile<'_>, distribution: Distribution) -> Role {
    let offset = Offset::new(compile);
    let timer = Arc::new(RandomTimer { distribution, offset, range: compile.expr("RandomTimer.range") });
    Role { timer: Some(timer.clone()), iteration: Some(timer), ..Role::default() }
}

impl Timer for RandomTimer {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let offset = self.offset.get(user)? as f64;
        let range = parse_double(&self.range.eval(user)?).unwrap_or(0.0);
        let random = match self.distribution {
            Distribution::Uniform => user.random.f64() * range,
            Distribution::Gaussian => gaussian(&mut user.random) * range,
            Distribution::Poisson => poisson(&mut user.random, range.round()),
        };
        Ok((random + offset).abs() as i64)
    }

    fn is_modifiable(&self) -> bool {
        true
    }
}

impl IterationListener for RandomTimer {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        self.offset.read(user)
    }
}

/// A standard normal value (Box and Muller, 1958).
fn gaussian(random: &mut fastrand::Rng) -> f64 {
    let radius = (-2.0 * (1.0 - random.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.f64()).cos()
}

/// A Poisson value: by multiplication (Knuth) for a small mean, by the normal approximation with continuity correction
/// for a large one, where the two differ by less than a millisecond's rounding matters.
fn poisson(random: &mut fastrand::Rng, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 0.0;
    }
    if mean > 500.0 {
        return (gaussian(random) * mean.sqrt() + mean + 0.5).floor().max(0.0);
    }
    let limit = (-mean).exp();
    let (mut count, mut product) = (0.0, random.f64());
    while product > limit {
        count += 1.0;
        product *= random.f64();
    }
    count
}
