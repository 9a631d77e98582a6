//! The distributions that tests need: normal, Student's t, hypergeometric.
#![allow(clippy::many_single_char_names, reason = "the letters are those of the formulas")]

/// The probability that a standard normal value is at least as far from 0 as `z`.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    if z.is_nan() { f64::NAN } else { upper_gamma(0.5, z * z / 2.0) }
}

/// The probability that a value of Student's t with `freedom` degrees is at least as far from 0 as `t`.
pub(super) fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    if freedom > 1e6 {
        return normal_two_sided(t);
    }
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// The value that Student's t exceeds in size with the probability `two_sided` (above 0).
pub(super) fn student_quantile(two_sided: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 2.0);
    while student_two_sided(high, freedom) > two_sided && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if student_two_sided(middle, freedom) > two_sided { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The logarithm of the gamma function for positive values (Lanczos's approximation, g = 7, nine terms).
pub(super) fn ln_gamma(x: f64) -> f64 {
    const FIRST: f64 = 0.999_999_999_999_809_9;
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = TERMS.iter().zip(1_u8..).fold(FIRST, |sum, (term, index)| sum + term / (x + f64::from(index)));
    let base = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// The logarithm of the number of ways to choose `k` of `n`.
pub(super) fn ln_choose(n: u64, k: u64) -> f64 {
    let gamma = |count: u64| ln_gamma(count as f64 + 1.0);
    gamma(n) - gamma(k) - gamma(n - k)
}

/// Steps after which a series or fraction is taken as it is; all of them need far fewer.
const MOST_STEPS: usize = 10_000;
const TINY: f64 = 1e-300;

/// The upper regularised incomplete gamma function Q(a, x): a series for small x, a continued fraction for large.
fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        for _ in 0..MOST_STEPS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term < sum * 1e-16 {
                break;
            }
        }
        return (1.0 - sum * scale).clamp(0.0, 1.0);
    }
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..MOST_STEPS {
        let step = step as f64;
        let numerator = -step * (step - a);
        b += 2.0;
        d = away_from_zero(numerator * d + b).recip();
        c = away_from_zero(b + numerator / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    (scale * fraction).clamp(0.0, 1.0)
}

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// The regularised incomplete beta function I_x(a, b), by its continued fraction.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let scale = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction converges fast on this side of the mean; the other side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        scale * beta_fraction(x, a, b) / a
    } else {
        1.0 - scale * beta_fraction(1.0 - x, b, a) / b
    }
    .clamp(0.0, 1.0)
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let mut c = 1.0;
    let mut d = away_from_zero(1.0 - (a + b) * x / (a + 1.0)).recip();
    let mut fraction = d;
    for step in 1..MOST_STEPS {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for numerator in [even, odd] {
            d = away_from_zero(1.0 + numerator * d).recip();
            c = away_from_zero(1.0 + numerator / c);
            factor = d * c;
            fraction *= factor;
        }
        if (factor - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as scipy prints them")]
mod tests {
    use super::*;

    fn near(ours: f64, expected: f64) {
        assert!((ours - expected).abs() <= 1e-10 * expected.abs().max(1e-280), "{ours} is not {expected}");
    }

    /// scipy 1.17.1: `2*norm.sf(z)`, `2*t.sf(x, df)`, `t.isf(p/2, df)`, `gammaln(x)`.
    #[test]
    fn as_scipy_says() {
        for (z, expected) in [
            (0.0, 1.0),
            (0.1, 0.920344325445942),
            (1.0, 0.31731050786291415),
            (1.959963984540054, 0.05),
            (3.0, 0.0026997960632601866),
            (6.0, 1.973175290075389e-09),
            (12.0, 3.552964224155306e-33),
            (30.0, 9.813427854295816e-198),
        ] {
            near(normal_two_sided(z), expected);
        }
        for (t, freedom, expected) in [
            (0.5, 1.0, 0.7048327646991335),
            (2.0, 5.0, 0.10193947882985835),
            (-2.0, 5.0, 0.10193947882985835),
            (2.5, 9.3, 0.03307781031506808),
            (4.0, 63.0, 0.00016905252108546668),
            (1.0, 1000.0, 0.31755241808467255),
            (9.0, 20.0, 1.8040416180193572e-08),
        ] {
            near(student_two_sided(t, freedom), expected);
        }
        for (p, freedom, expected) in [
            (0.05, 9.0, 2.2621571627982053),
            (0.05, 63.0, 1.9983405425207417),
            (0.01, 5.5, 3.849911466001036),
            (0.5, 30.0, 0.6827556933212927),
        ] {
            near(student_quantile(p, freedom), expected);
        }
        for (x, expected) in [
            (0.25, 1.2880225246980774),
            (0.5, 0.5723649429247),
            (1.5, -0.12078223763524526),
            (7.0, 6.579251212010101),
            (100.5, 361.43554046777757),
            (1000000.0, 12815504.569147611),
        ] {
            near(ln_gamma(x), expected);
        }
    }
}
