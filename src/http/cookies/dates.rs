//! The dates of cookies: RFC 6265's generous reading (`LaxExpiresHandler`), and `SimpleDateFormat` for the few patterns
//! that HttpClient uses.

/// The patterns of `DateUtils` and of Netscape's draft.
pub(super) const RFC_1123: &str = "EEE, dd MMM yyyy HH:mm:ss zzz";
pub(super) const RFC_1036: &str = "EEE, dd-MMM-yy HH:mm:ss zzz";
pub(super) const ASCTIME: &str = "EEE MMM d HH:mm:ss yyyy";
pub(super) const NETSCAPE: &str = "EEE, dd-MMM-yy HH:mm:ss z";

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A date as RFC 6265, section 5.1.1, reads it, in milliseconds since 1970.
pub(super) fn lax_date(text: &str) -> Option<i64> {
    let is_delimiter = |c: char| matches!(c, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for word in text.split(is_delimiter).filter(|word| !word.is_empty()) {
        if time.is_none()
            && let Some(found) = time_of(word)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = digits_of(word, 1, 2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(word)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = digits_of(word, 2, 4)
        {
            year = Some(found);
        }
    }
    let (hour, minute, second) = time?;
    let (day, month) = (day?, month?);
    let year = match year? {
        year @ 0..=69 => 2000 + year,
        year @ 70..=99 => 1900 + year,
        year => year,
    };
    let valid = (1..=31).contains(&day) && year >= 1601 && hour <= 23 && minute <= 59 && second <= 59;
    valid.then(|| millis_of(year, month, day, hour, minute, second))
}

/// So many digits at a word's start, followed by none.
fn digits_of(word: &str, least: usize, most: usize) -> Option<i64> {
    let count = word.bytes().take_while(u8::is_ascii_digit).count();
    (least..=most).contains(&count).then(|| word[..count].parse().ok()).flatten()
}

fn time_of(word: &str) -> Option<(i64, i64, i64)> {
    let mut parts = word.splitn(3, ':');
    let whole = |part: &str| digits_of(part, 1, 2).filter(|_| part.bytes().all(|byte| byte.is_ascii_digit()));
    let (hour, minute) = (whole(parts.next()?)?, whole(parts.next()?)?);
    Some((hour, minute, digits_of(parts.next()?, 1, 2)?))
}

fn month_of(word: &str) -> Option<i64> {
    let start = word.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).map(|at| at as i64 + 1)
}

/// A date of an HTTP header, in milliseconds since 1970 (HttpClient's `DateUtils.parseDate`).
pub fn http_date(text: &str) -> Option<i64> {
    pattern_date(text, &[RFC_1123, RFC_1036, ASCTIME])
}

/// A date after the first of the patterns that fits, in milliseconds since 1970. What follows it does not matter, and
/// numbers beyond their range roll over, as `SimpleDateFormat` has it.
pub(super) fn pattern_date(text: &str, patterns: &[&str]) -> Option<i64> {
    let inner = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let text = inner.unwrap_or(text);
    patterns.iter().find_map(|pattern| by_pattern(text, pattern))
}

fn by_pattern(text: &str, pattern: &str) -> Option<i64> {
    let (mut year, mut month, mut day, mut hour, mut minute, mut second, mut offset) = (1970, 1, 1, 0, 0, 0, 0);
    let mut rest = text;
    let mut letters = pattern;
    while let Some(letter) = letters.chars().next() {
        let run = letters.len() - letters.trim_start_matches(letter).len();
        letters = &letters[run..];
        if !letter.is_ascii_alphabetic() {
            rest = rest.strip_prefix(letter)?;
            continue;
        }
        if letter != 'z' && letter != 'E' && letter != 'M' {
            rest = rest.trim_start_matches([' ', '\t']);
        }
        match letter {
            'E' => rest = after_name(rest, &DAYS)?.1,
            'M' => {
                let (at, after) = after_name(rest, &MONTHS)?;
                (month, rest) = (at as i64 + 1, after);
            }
            'z' => (offset, rest) = zone(rest)?,
            _ => {
                let count = rest.bytes().take_while(u8::is_ascii_digit).count();
                let digits = rest.get(..count).filter(|digits| !digits.is_empty())?;
                // `Number.intValue()`: a long is cut to 32 bits, what is too large for one is the largest int.
                let number = i64::from(digits.parse().map_or(i32::MAX, |number: i64| number as i32));
                rest = &rest[count..];
                match letter {
                    // Two digits are a year of this century where the pattern has two.
                    'y' => year = if run == 2 && count == 2 { 2000 + number } else { number },
                    'd' => day = number,
                    'H' => hour = number,
                    'm' => minute = number,
                    _ => second = number,
                }
            }
        }
    }
    Some(millis_of(year, month, day, hour, minute, second) - offset)
}

/// Passes a name, or the three letters that it is cut to.
fn after_name<'a>(text: &'a str, names: &[&str]) -> Option<(usize, &'a str)> {
    const LONG: [&str; 19] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let start = text.get(..3)?.to_ascii_lowercase();
    let at = names.iter().position(|name| *name == start)?;
    let long = LONG.iter().find(|name| {
        name.starts_with(&start) && text.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
    });
    Some((at, &text[long.map_or(3, |name| name.len())..]))
}

/// A time zone and its offset in milliseconds.
fn zone(text: &str) -> Option<(i64, &str)> {
    const ZONES: [(&str, i64); 11] = [
        ("GMT", 0),
        ("UTC", 0),
        ("Z", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
    ];
    let named = ZONES.iter().find(|(name, _)| text.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name)));
    let (hours, rest) = match named {
        Some((name, hours)) => (*hours, &text[name.len()..]),
        None => (0, text),
    };
    let sign = match rest.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return named.map(|_| (hours * 3_600_000, rest)),
    };
    let digits: String = rest[1..].chars().filter(|&c| c != ':').take_while(char::is_ascii_digit).take(4).collect();
    if digits.len() < 4 {
        return named.map(|_| (hours * 3_600_000, rest));
    }
    let number: i64 = digits.parse().ok()?;
    Some((hours * 3_600_000 + sign * (number / 100 * 3_600_000 + number % 100 * 60_000), ""))
}

/// Milliseconds since 1970 of a moment of the Gregorian calendar in UTC; days beyond a month's end roll over.
fn millis_of(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    // Days since 1970 of a civil date, counting years from March (Howard Hinnant's algorithm).
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    days.saturating_mul(86_400).saturating_add(hour * 3600 + minute * 60 + second).saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lax_dates() {
        assert_eq!(lax_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(lax_date("01-jan-98 1:2:3"), Some(883_616_523_000));
        assert_eq!(lax_date("Sunday, 06-Nov-94 08:49:37 GMT"), Some(784_111_777_000));
        assert_eq!(lax_date("31 Feb 2021 00:00:00"), lax_date("3 Mar 2021 00:00:00"));
        assert_eq!(lax_date("soon"), None);
        assert_eq!(lax_date("01 Jan 1600 00:00:00"), None);
        assert_eq!(lax_date("01 Jan 2000 24:00:00"), None);
    }

    #[test]
    fn dates_by_pattern() {
        let all = [RFC_1123, RFC_1036, ASCTIME];
        assert_eq!(pattern_date("Sun, 06 Nov 1994 08:49:37 GMT", &all), Some(784_111_777_000));
        assert_eq!(pattern_date("Sun Nov  6 08:49:37 1994", &all), Some(784_111_777_000));
        assert_eq!(pattern_date("'Sun, 06 Nov 1994 08:49:37 GMT'", &all), Some(784_111_777_000));
        assert_eq!(pattern_date("Wed, 01-Jan-2098 00:00:00 GMT", &[NETSCAPE]), Some(4_039_372_800_000));
        assert_eq!(pattern_date("Wednesday, 01-Jan-98 00:00:00 PST", &[NETSCAPE]), Some(4_039_401_600_000));
        assert_eq!(pattern_date("Sun, 06 Nov 1994 08:49:37 +0100", &all), Some(784_108_177_000));
        assert_eq!(pattern_date("Sun, 06 Nov 1994 08:49:37 GMT", &[NETSCAPE]), None);
        assert_eq!(pattern_date("soon", &all), None);
        let far = |year: &str| pattern_date(&format!("Sun Nov  6 08:49:37 {year}"), &all);
        assert!(far("199444444444444444").is_some() && far("99999999999999999999").is_some());
    }
}
