//! `java.time.Duration` as text: `P1D`, `PT2H30M`, `-PT0.5S`.

use thiserror::Error;

/// `DateTimeParseException` of a duration; displays Java's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("Text cannot be parsed to a Duration")]
pub struct DurationError;

/// `Duration.parse(text)` in nanoseconds, negative ones included: days of 24 hours, then after a `T` hours, minutes and
/// seconds with up to nine decimals, each with a sign of its own, in whatever case.
pub fn parse_nanos(text: &str) -> Result<i128, DurationError> {
    parse(text).ok_or(DurationError)
}

fn parse(text: &str) -> Option<i128> {
    let (negative, rest) = signed(text);
    let rest = rest.strip_prefix(['P', 'p'])?;
    let (date, time) = match rest.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    if date.is_empty() && time.is_none() || time == Some("") {
        return None;
    }
    let mut nanos = 0_i128;
    if !date.is_empty() {
        nanos += whole(date.strip_suffix(['D', 'd'])?)?.checked_mul(86_400_000_000_000)?;
    }
    let mut rest = time.unwrap_or_default();
    for (unit, weight) in [('H', 3_600_000_000_000), ('M', 60_000_000_000)] {
        let end = rest.find([unit, unit.to_ascii_lowercase()]);
        if let Some(end) = end {
            nanos = nanos.checked_add(whole(&rest[..end])?.checked_mul(weight)?)?;
            rest = &rest[end + 1..];
        }
    }
    if !rest.is_empty() {
        nanos = nanos.checked_add(seconds(rest.strip_suffix(['S', 's'])?)?)?;
    }
    Some(if negative { -nanos } else { nanos })
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn whole(text: &str) -> Option<i128> {
    let (_, digits) = signed(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse::<i64>().ok().map(i128::from)
}

fn seconds(text: &str) -> Option<i128> {
    let (seconds, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
    let (negative, _) = signed(seconds);
    whole(seconds)?.checked_mul(1_000_000_000)?.checked_add(if negative { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        const SECOND: i128 = 1_000_000_000;
        for (text, nanos) in [
            ("P1D", 86_400 * SECOND),
            ("P-1D", -86_400 * SECOND),
            ("PT2H30M15S", 9015 * SECOND),
            ("-PT1M", -60 * SECOND),
            ("PT0.5S", SECOND / 2),
            ("pt-0.5s", -SECOND / 2),
            ("P1DT1H", 90_000 * SECOND),
            ("PT1.S", SECOND),
            ("-PT-6H+3M", 21_420 * SECOND),
        ] {
            assert_eq!(parse_nanos(text), Ok(nanos), "{text}");
        }
        for text in ["", "P", "PT", "P1DT", "1 day", "P1M", "PT1D", "PT1", "PT1M1H", "PT.5S", "P1D ", "PTS"] {
            assert_eq!(parse_nanos(text), Err(DurationError), "{text}");
        }
    }
}
