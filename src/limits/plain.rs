//! What a limit costs to write down. Who sets a limit takes round numbers; a model that needs an odd one to explain what another
//! explains with a round one is less probable by as many digits as it needs more.

use super::finding::{Kind, Limit, Range};

/// Bits of one decimal digit.
const DIGIT: f64 = std::f64::consts::LOG2_10;
/// No number costs more than so many digits.
const MOST_DIGITS: i32 = 6;
/// Saying that a number counts minutes, or is the inverse of one, or that a window begins with the clock's.
const UNIT: f64 = 1.0;

/// Bits of a limit's numbers.
pub(super) fn bits(limit: &Limit, phase: Option<Range>) -> f64 {
    let of = |range: Option<Range>| range.map_or(0.0, number);
    match limit.kind {
        Kind::Concurrency => of(limit.concurrency),
        Kind::TokenBucket | Kind::LeakyBucket => limit.rate.map_or(0.0, rate) + of(limit.burst),
        Kind::SteppedBucket => {
            let every = limit.window.unwrap_or_default();
            of(limit.burst)
                + of(limit.limit)
                + seconds(every)
                + phase.map_or(0.0, |phase| begin(phase, f64::midpoint(every.0, every.1)))
        }
        Kind::FixedWindow | Kind::RequestWindow | Kind::SlidingLog | Kind::SlidingCounter => {
            let window = limit.window.unwrap_or_default();
            of(limit.limit)
                + seconds(window)
                + phase.map_or(0.0, |phase| begin(phase, f64::midpoint(window.0, window.1)))
        }
        Kind::Stacked => limit.stacked.iter().map(|part| bits(part, None)).sum(),
    }
}

/// Of the shortest number within a range.
fn number((from, to): Range) -> f64 {
    if !to.is_finite() || from <= 0.0 {
        return DIGIT;
    }
    // A little beyond, as ranges end where numbers were tried.
    let (from, to) = (from * (1.0 - 1e-6), to * (1.0 + 1e-6));
    let digits = (1..=MOST_DIGITS).find(|digits| {
        let scale = 10_f64.powi(digits - 1 - to.log10().floor() as i32);
        (to * scale).floor() >= from * scale
    });
    // 50 is shorter than 37, 15 than 17.
    let half = 10_f64.powi(-(to.log10().floor() as i32)) * 2.0;
    match digits {
        Some(2) if (to * half).floor() >= from * half => 1.5 * DIGIT,
        digits => f64::from(digits.unwrap_or(MOST_DIGITS)) * DIGIT,
    }
}

/// Of a time: so many seconds, or minutes.
fn seconds(range: Range) -> f64 {
    number(range).min(UNIT + number((range.0 / 60.0, range.1 / 60.0)))
}

/// Of a rate: so many a second or a minute, or one every so often.
fn rate(range: Range) -> f64 {
    let a_minute = UNIT + number((range.0 * 60.0, range.1 * 60.0));
    let apart = UNIT + number((1.0 / range.1, 1.0 / range.0));
    number(range).min(a_minute).min(apart)
}

/// Of when windows begin, as seconds since the epoch: with the clock's own, or at any time.
fn begin((from, to): Range, window: f64) -> f64 {
    if (to / window).floor() * window >= from {
        return UNIT;
    }
    UNIT + (window / (to - from)).max(1.0).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers_are_short() {
        let digits = |range| (number(range) / DIGIT * 10.0).round() / 10.0;
        for (range, expected) in [
            ((17.99, 18.01), 2.0),
            ((6.0, 6.0), 1.0),
            ((4.0548, 4.0561), 4.0),
            ((4.054, 4.056), 4.0),
            ((95.0, 105.0), 1.0),
            ((14.9, 15.2), 1.5),
            ((1000.0, 1000.0), 1.0),
        ] {
            assert_eq!(digits(range), expected, "{range:?}");
        }
        assert!(seconds((119.9, 120.1)) < seconds((121.9, 122.1)));
        assert!(rate((1.66, 1.67)) <= UNIT + DIGIT);
        // One in the clock's own minute, one in another.
        assert!(begin((1_700_000_039.9, 1_700_000_040.1), 60.0) < begin((1_700_000_033.9, 1_700_000_034.1), 60.0));
    }
}
