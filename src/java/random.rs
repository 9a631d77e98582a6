//! `java.util.Random`: the 48-bit linear congruential generator whose sequences plans rely on through seeds.
//!
//! Where JMeter draws without a seed, nothing can be relied on and callers may use a faster source.

/// A source with the same sequence as `new java.util.Random(seed)`.
#[derive(Debug, Clone)]
pub struct Random {
    seed: u64,
    next_gaussian: Option<f64>,
}

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl Random {
    /// The sequence of `seed`.
    pub fn new(seed: i64) -> Self {
        Self { seed: (seed as u64 ^ MULTIPLIER) & MASK, next_gaussian: None }
    }

    /// A sequence that nobody can foresee, as `new Random()`.
    pub fn unseeded() -> Self {
        Self::new(fastrand::i64(..))
    }

    /// Starts the sequence of `seed`.
    pub fn set_seed(&mut self, seed: i64) {
        *self = Self::new(seed);
    }

    /// The upper `bits` (1 to 32) bits of the next state.
    fn next(&mut self, bits: u32) -> i32 {
        self.seed = self.seed.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        (self.seed >> (48 - bits)) as i32
    }

    /// Any `int`.
    pub fn next_int(&mut self) -> i32 {
        self.next(32)
    }

    /// An `int` from 0 to below `bound`; 0 when `bound` is not positive (where Java throws `bound must be positive`).
    pub fn next_int_bound(&mut self, bound: i32) -> i32 {
        if bound <= 0 {
            return 0;
        }
        let mut drawn = self.next(31);
        let mask = bound - 1;
        if bound & mask == 0 {
            return ((i64::from(bound) * i64::from(drawn)) >> 31) as i32;
        }
        loop {
            let value = drawn % bound;
            if drawn.wrapping_sub(value).wrapping_add(mask) >= 0 {
                return value;
            }
            drawn = self.next(31);
        }
    }

    /// An `int` from `origin` to below `bound` (`nextInt(origin, bound)` of Java 17); `origin` when there is none.
    pub fn next_int_range(&mut self, origin: i32, bound: i32) -> i32 {
        if origin >= bound {
            return origin;
        }
        let drawn = self.next_int();
        let count = bound.wrapping_sub(origin);
        let mask = count.wrapping_sub(1);
        if count & mask == 0 {
            return (drawn & mask).wrapping_add(origin);
        }
        if count > 0 {
            let mut upper = (drawn as u32 >> 1) as i32;
            loop {
                let value = upper % count;
                if upper.wrapping_add(mask).wrapping_sub(value) >= 0 {
                    return value.wrapping_add(origin);
                }
                upper = (self.next_int() as u32 >> 1) as i32;
            }
        }
        let mut value = drawn;
        while value < origin || value >= bound {
            value = self.next_int();
        }
        value
    }

    /// Any `long` that 48 bits of state can give.
    pub fn next_long(&mut self) -> i64 {
        let high = i64::from(self.next(32)) << 32;
        high.wrapping_add(i64::from(self.next(32)))
    }

    /// A `long` from 0 to below `bound` (`nextLong(bound)` of Java 17); 0 when `bound` is not positive.
    pub fn next_long_bound(&mut self, bound: i64) -> i64 {
        self.next_long_range(0, bound)
    }

    /// A `long` from `origin` to below `bound`; `origin` when there is none.
    pub fn next_long_range(&mut self, origin: i64, bound: i64) -> i64 {
        if origin >= bound {
            return origin;
        }
        let drawn = self.next_long();
        let count = bound.wrapping_sub(origin);
        let mask = count.wrapping_sub(1);
        if count & mask == 0 {
            return (drawn & mask).wrapping_add(origin);
        }
        if count > 0 {
            let mut upper = (drawn as u64 >> 1) as i64;
            loop {
                let value = upper % count;
                if upper.wrapping_add(mask).wrapping_sub(value) >= 0 {
                    return value.wrapping_add(origin);
                }
                upper = (self.next_long() as u64 >> 1) as i64;
            }
        }
        let mut value = drawn;
        while value < origin || value >= bound {
            value = self.next_long();
        }
        value
    }

    /// `true` or `false`.
    pub fn next_boolean(&mut self) -> bool {
        self.next(1) != 0
    }

    /// A `float` from 0 to below 1.
    pub fn next_float(&mut self) -> f32 {
        self.next(24) as f32 / (1 << 24) as f32
    }

    /// A `double` from 0 to below 1.
    pub fn next_double(&mut self) -> f64 {
        let high = i64::from(self.next(26)) << 27;
        (high + i64::from(self.next(27))) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A `double` of the normal distribution with mean 0 and deviation 1 (Marsaglia's polar method; two come at a time).
    pub fn next_gaussian(&mut self) -> f64 {
        if let Some(value) = self.next_gaussian.take() {
            return value;
        }
        loop {
            let x = 2.0 * self.next_double() - 1.0;
            let y = 2.0 * self.next_double() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let scale = (-2.0 * strict_log(square) / square).sqrt();
                self.next_gaussian = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Fills `bytes`.
    pub fn next_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(4) {
            let word = self.next_int().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }

    /// `Collections.shuffle(list, random)`.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.next_int_bound(i32::try_from(last + 1).unwrap_or(i32::MAX));
            list.swap(last, other as usize);
        }
    }
}

/// `StrictMath.log` for a number in (0, 1): Sun's fdlibm `e_log.c`, whose last bit the platform's logarithm need not share.
#[expect(clippy::many_single_char_names, reason = "the names of the published algorithm")]
fn strict_log(x: f64) -> f64 {
    // The coefficients by their bits, so that not one is rounded differently.
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const EVEN: [f64; 4] = [
        f64::from_bits(0x3fe5_5555_5555_5593),
        f64::from_bits(0x3fd2_4924_9422_9359),
        f64::from_bits(0x3fc7_4664_96cb_03de),
        f64::from_bits(0x3fc2_f112_df3e_5244),
    ];
    const ODD: [f64; 3] = [
        f64::from_bits(0x3fd9_9999_9997_fa04),
        f64::from_bits(0x3fcc_71c5_1d8e_78af),
        f64::from_bits(0x3fc3_9a09_d078_c69f),
    ];

    let bits = x.to_bits();
    let high = (bits >> 32) as i32;
    let mut exponent = (high >> 20) - 1023;
    let mantissa = high & 0x000f_ffff;
    // Bring the mantissa into [sqrt(2)/2, sqrt(2)).
    let adjust = (mantissa + 0x9_5f64) & 0x10_0000;
    let scaled_high = mantissa | (adjust ^ 0x3ff0_0000);
    exponent += adjust >> 20;
    let f = f64::from_bits((scaled_high as u64) << 32 | bits & 0xffff_ffff) - 1.0;
    let k = f64::from(exponent);
    if 0x000f_ffff & (2 + mantissa) < 3 {
        if f == 0.0 {
            return if exponent == 0 { 0.0 } else { k * LN2_HIGH + k * LN2_LOW };
        }
        let r = f * f * (0.5 - (1.0 / 3.0) * f);
        return if exponent == 0 { f - r } else { k * LN2_HIGH - ((r - k * LN2_LOW) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let near_one = (mantissa - 0x6_147a) | (0x6_b851 - mantissa);
    let t1 = w * (ODD[0] + w * (ODD[1] + w * ODD[2]));
    let t2 = z * (EVEN[0] + w * (EVEN[1] + w * (EVEN[2] + w * EVEN[3])));
    let r = t2 + t1;
    if near_one > 0 {
        let half_square = 0.5 * f * f;
        if exponent == 0 {
            f - (half_square - s * (half_square + r))
        } else {
            k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f)
        }
    } else if exponent == 0 {
        f - s * (f - r)
    } else {
        k * LN2_HIGH - ((s * (f - r) - k * LN2_LOW) - f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::java::number::double_to_string;

    /// Lines `SEED METHOD ARGUMENTS = VALUES`, printed by Java 17.
    #[test]
    fn sequences_are_those_of_java() {
        for line in include_str!("../../fixtures/java/random.txt").lines() {
            let (call, expected) = line.split_once(" = ").unwrap();
            let words: Vec<&str> = call.split(' ').collect();
            let mut random = Random::new(words[0].parse().unwrap());
            let long = |at: usize| words[at].parse::<i64>().unwrap();
            let mut draw = || match words[1] {
                "nextInt" if words.len() == 2 => random.next_int().to_string(),
                "nextInt" if words.len() == 3 => random.next_int_bound(long(2) as i32).to_string(),
                "nextInt" => random.next_int_range(long(2) as i32, long(3) as i32).to_string(),
                "nextLong" if words.len() == 2 => random.next_long().to_string(),
                "nextLong" if words.len() == 3 => random.next_long_bound(long(2)).to_string(),
                "nextLong" => random.next_long_range(long(2), long(3)).to_string(),
                "nextBoolean" => random.next_boolean().to_string(),
                "nextFloat" => crate::java::number::float_to_string(random.next_float()),
                "nextDouble" => double_to_string(random.next_double()),
                "nextGaussian" => double_to_string(random.next_gaussian()),
                "nextBytes" => {
                    let mut bytes = [0; 7];
                    random.next_bytes(&mut bytes);
                    bytes.map(|byte| (byte as i8).to_string()).join(",")
                }
                "shuffle" => {
                    let mut list: Vec<i64> = (0..long(2)).collect();
                    random.shuffle(&mut list);
                    list.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
                }
                other => panic!("{other}"),
            };
            for (at, value) in expected.split(' ').enumerate() {
                assert_eq!(draw(), value, "{call}, value {at}");
            }
        }
    }

    #[test]
    fn empty_ranges_do_not_panic() {
        let mut random = Random::new(1);
        assert_eq!(random.next_int_bound(0), 0);
        assert_eq!(random.next_int_range(5, 5), 5);
        assert_eq!(random.next_long_range(7, -7), 7);
    }
}
