//! The grammar of number patterns.

use super::{DecimalFormat, PatternError};

/// What stands around a number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Affixes {
    pub(super) prefix: String,
    pub(super) suffix: String,
}

/// Java's `Integer.MAX_VALUE`, which stands for "any number of digits".
const UNLIMITED: usize = i32::MAX as usize;
/// As many digits as Java prints of a `double`.
const MAX_FRACTION: usize = 340;

/// Digits of the number part of a pattern.
#[derive(Debug, Default)]
struct Counts {
    left: usize,
    zeros: usize,
    right: usize,
    /// Digits after the last comma.
    grouping: Option<usize>,
    point: Option<usize>,
    exponent: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Prefix,
    Number,
    Suffix,
}

pub(super) fn parse(pattern: &str) -> Result<DecimalFormat, PatternError> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parser = Parser { pattern, chars: &chars, at: 0 };
    let (mut affixes, counts, multiplier) = parser.part(false)?;
    let negative = if parser.at < chars.len() { Some(parser.part(true)?.0) } else { None };
    if chars.is_empty() {
        affixes = Affixes::default();
    }
    let negative = match negative {
        Some(negative) if negative != affixes => negative,
        _ => Affixes { prefix: format!("-{}", affixes.prefix), suffix: affixes.suffix.clone() },
    };
    let total = counts.left + counts.zeros + counts.right;
    let before_point = counts.point.unwrap_or(total);
    let min_integer = before_point.saturating_sub(counts.left);
    let (min_fraction, max_fraction) = match counts.point {
        Some(point) => ((counts.left + counts.zeros).saturating_sub(point), total - point),
        None if chars.is_empty() => (0, MAX_FRACTION),
        None => (0, 0),
    };
    Ok(DecimalFormat {
        positive: affixes,
        negative,
        min_integer,
        max_integer: if counts.exponent.is_some() { counts.left + min_integer } else { UNLIMITED },
        min_fraction,
        max_fraction,
        // An empty pattern leaves a new format as it is, and that groups by threes.
        grouping: if chars.is_empty() { 3 } else { counts.grouping.unwrap_or(0) },
        multiplier,
        always_point: counts.point.is_some_and(|point| point == 0 || point == total),
        exponent_digits: counts.exponent,
    })
}

struct Parser<'p> {
    pattern: &'p str,
    chars: &'p [char],
    at: usize,
}

impl Parser<'_> {
    fn error<T>(&self, what: &str) -> Result<T, PatternError> {
        Err(PatternError(format!("{what} in pattern \"{}\"", self.pattern)))
    }

    fn malformed<T>(&self, what: &str) -> Result<T, PatternError> {
        Err(PatternError(format!("{what} \"{}\"", self.pattern)))
    }

    /// The positive part, or the negative one, of which only the affixes count.
    fn part(&mut self, is_negative: bool) -> Result<(Affixes, Counts, i64), PatternError> {
        let mut affixes = Affixes::default();
        let mut counts = Counts::default();
        let mut multiplier = 1;
        let mut quoted = false;
        let mut phase = Phase::Prefix;
        while let Some(&c) = self.chars.get(self.at) {
            let next = self.chars.get(self.at + 1).copied();
            if phase == Phase::Number {
                if self.number(c, is_negative, &mut counts)? {
                    continue;
                }
                phase = Phase::Suffix;
                continue;
            }
            let affix = if phase == Phase::Prefix { &mut affixes.prefix } else { &mut affixes.suffix };
            self.at += 1;
            match c {
                '\'' if next == Some('\'') => {
                    self.at += 1;
                    affix.push('\'');
                }
                '\'' => quoted = !quoted,
                _ if quoted => affix.push(c),
                // Digits after a suffix still belong to the number.
                '#' | '0' | ',' | '.' => {
                    phase = Phase::Number;
                    self.at -= 1;
                }
                ';' => {
                    if phase == Phase::Prefix || is_negative {
                        return self.error("Unquoted special character ';'");
                    }
                    break;
                }
                '%' | '‰' => {
                    if multiplier != 1 {
                        return self.error("Too many percent/per mille characters");
                    }
                    multiplier = if c == '%' { 100 } else { 1000 };
                    affix.push(c);
                }
                '¤' => {
                    if next == Some('¤') {
                        self.at += 1;
                        // ISO 4217's code for no currency.
                        affix.extend(['X'; 3]);
                    } else {
                        affix.push('¤');
                    }
                }
                _ => affix.push(c),
            }
        }
        self.check(&mut counts, quoted)?;
        Ok((affixes, counts, multiplier))
    }

    /// Takes a character of the number part; false when it is none.
    fn number(&mut self, c: char, is_negative: bool, counts: &mut Counts) -> Result<bool, PatternError> {
        if is_negative {
            let belongs = matches!(c, '#' | '0' | ',' | '.' | 'E');
            self.at += usize::from(belongs);
            return Ok(belongs);
        }
        match c {
            '#' | '0' => {
                if c == '#' {
                    *(if counts.zeros > 0 { &mut counts.right } else { &mut counts.left }) += 1;
                } else if counts.right > 0 {
                    return self.error("Unexpected '0'");
                } else {
                    counts.zeros += 1;
                }
                if counts.point.is_none()
                    && let Some(grouping) = &mut counts.grouping
                {
                    *grouping += 1;
                }
            }
            ',' => counts.grouping = Some(0),
            '.' => {
                if counts.point.is_some() {
                    return self.error("Multiple decimal separators");
                }
                counts.point = Some(counts.left + counts.zeros + counts.right);
            }
            'E' => {
                let zeros = self.chars[self.at + 1..].iter().take_while(|&&c| c == '0').count();
                if counts.left + counts.zeros < 1 || zeros < 1 {
                    return self.malformed("Malformed exponential pattern");
                }
                counts.exponent = Some(zeros);
                self.at += 1 + zeros;
                return Ok(false);
            }
            _ => return Ok(false),
        }
        self.at += 1;
        Ok(true)
    }

    fn check(&self, counts: &mut Counts, quoted: bool) -> Result<(), PatternError> {
        // "#.##" is to Java a pattern with one zero left out.
        if counts.zeros == 0
            && counts.left > 0
            && let Some(point) = counts.point
        {
            let before = point.max(1);
            counts.right = counts.left - before.min(counts.left);
            counts.left = before - 1;
            counts.zeros = 1;
        }
        let misplaced = match counts.point {
            None => counts.right > 0,
            Some(point) => point < counts.left || point > counts.left + counts.zeros,
        };
        if misplaced || counts.grouping == Some(0) || quoted {
            return self.malformed("Malformed pattern");
        }
        Ok(())
    }
}
