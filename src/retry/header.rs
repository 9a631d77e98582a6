//! The `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.

use std::time::Duration;

/// What a server asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Reads a header's value. A date counts against the response's own `date`, so that clocks need not agree; without one
    /// against `now` (seconds since the epoch). A moment in the past asks for no wait. `None` for what is neither.
    pub fn parse(value: &str, date: Option<&str>, now: u64) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are for ever; the policy's cap says what to do about that.
            return Some(RetryAfter(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX)))));
        }
        let until = seconds(httpdate::parse_http_date(value).ok()?)?;
        let sent = date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).and_then(seconds).unwrap_or(now);
        Some(RetryAfter(Duration::from_secs(until.saturating_sub(sent))))
    }
}

fn seconds(moment: std::time::SystemTime) -> Option<u64> {
    moment.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates() {
        let parse = |value, date| RetryAfter::parse(value, date, 1_704_067_200).map(|after| after.0.as_secs());
        assert_eq!(parse("1", None), Some(1));
        assert_eq!(parse(" 120 ", None), Some(120));
        assert_eq!(parse("Mon, 01 Jan 2024 00:00:30 GMT", Some("Mon, 01 Jan 2024 00:00:10 GMT")), Some(20));
        assert_eq!(parse("Mon, 01 Jan 2024 00:00:30 GMT", None), Some(30));
        assert_eq!(parse("Sun, 31 Dec 2023 00:00:00 GMT", None), Some(0));
        for nonsense in ["", "-1", "1.5", "soon", "99999999999999999999999"] {
            let expected = nonsense.starts_with('9').then_some(u64::from(u32::MAX));
            assert_eq!(parse(nonsense, None), expected, "{nonsense}");
        }
    }
}
