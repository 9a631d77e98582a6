//! A natural number of any size, with the few operations that digit generation needs.

use std::cmp::Ordering;

/// Little-endian words without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Big(Vec<u32>);

impl Big {
    /// `factor` × 5^`fives` × 2^`twos`.
    pub(super) fn new(factor: u64, fives: i32, twos: i32) -> Self {
        const FIVES_AT_ONCE: i32 = 13;
        let mut value = Self(vec![factor as u32, (factor >> 32) as u32]);
        value.trim();
        let mut left = fives;
        while left > 0 {
            let step = left.min(FIVES_AT_ONCE);
            value = value.times(5_u32.pow(step as u32));
            left -= step;
        }
        value.shift_left(twos);
        value
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn times(&self, factor: u32) -> Self {
        let mut carry = 0_u64;
        let mut words = Vec::with_capacity(self.0.len() + 1);
        for &word in &self.0 {
            carry += u64::from(word) * u64::from(factor);
            words.push(carry as u32);
            carry >>= 32;
        }
        words.push(carry as u32);
        let mut product = Self(words);
        product.trim();
        product
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut carry = 0_u64;
        let len = self.0.len().max(other.0.len());
        let mut words = Vec::with_capacity(len + 1);
        for at in 0..len {
            carry += u64::from(self.word(at)) + u64::from(other.word(at));
            words.push(carry as u32);
            carry >>= 32;
        }
        words.push(carry as u32);
        let mut sum = Self(words);
        sum.trim();
        sum
    }

    /// Returns the quotient by `divisor`, a digit, and leaves ten times the rest.
    pub(super) fn divide_step(&mut self, divisor: &Self) -> u8 {
        let mut digit = 0;
        while *self >= *divisor && digit < 9 {
            self.subtract(divisor);
            digit += 1;
        }
        *self = self.times(10);
        digit
    }

    fn word(&self, at: usize) -> u32 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// `other` must not be larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for at in 0..self.0.len() {
            let (word, first) = self.0[at].overflowing_sub(other.word(at));
            let (word, second) = word.overflowing_sub(u32::from(borrow));
            self.0[at] = word;
            borrow = first || second;
        }
        self.trim();
    }

    fn shift_left(&mut self, bits: i32) {
        if bits <= 0 || self.is_zero() {
            return;
        }
        let bits = bits as usize;
        let mut words = vec![0; bits / 32];
        let shift = bits % 32;
        let mut carry = 0_u64;
        for &word in &self.0 {
            carry |= u64::from(word) << shift;
            words.push(carry as u32);
            carry >>= 32;
        }
        words.push(carry as u32);
        self.0 = words;
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}
