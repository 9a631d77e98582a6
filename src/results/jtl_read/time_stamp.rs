//! Time stamps of result files: milliseconds, or dates in the forms that JMeter's reader tries.

use crate::clock::Timestamp;
use crate::java::date_format::{DateFormat, Zone};
use crate::results::TimestampFormat;

/// What `CSVSaveService` tries when a time stamp is no number, then ISO 8601, which other tools write.
const PATTERNS: [&str; 7] = [
    "yyyy/MM/dd HH:mm:ss.SSS",
    "yyyy/MM/dd HH:mm:ss",
    "yyyy-MM-dd HH:mm:ss.SSS",
    "yyyy-MM-dd HH:mm:ss",
    "MM/dd/yy HH:mm:ss",
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "yyyy-MM-dd'T'HH:mm:ssXXX",
];

/// Reads time stamps. The form that fitted last is tried first.
pub(super) struct TimeStamps {
    formats: Vec<DateFormat>,
    /// Index into `formats`; none while numbers do.
    fitting: Option<usize>,
    zone: Zone,
}

impl TimeStamps {
    /// With a pattern in the configuration that is tried first, so that its digits are not taken for milliseconds.
    pub(super) fn new(configured: &TimestampFormat) -> TimeStamps {
        let own = match configured {
            TimestampFormat::Pattern(pattern) => DateFormat::compile(pattern).ok(),
            TimestampFormat::Millis | TimestampFormat::Absent => None,
        };
        let fitting = own.as_ref().map(|_| 0);
        let formats = own.into_iter().chain(PATTERNS.iter().filter_map(|pattern| DateFormat::compile(pattern).ok()));
        TimeStamps { formats: formats.collect(), fitting, zone: Zone::local() }
    }

    pub(super) fn read(&mut self, text: &str) -> Option<Timestamp> {
        if let Some(format) = self.fitting.and_then(|index| self.formats.get(index))
            && let Ok(moment) = format.parse_strict(text, &self.zone)
        {
            return Some(moment);
        }
        if let Ok(millis) = super::row::integer(text) {
            return Some(Timestamp::from_millis(millis));
        }
        let (index, moment) = self
            .formats
            .iter()
            .enumerate()
            .find_map(|(index, format)| format.parse_strict(text, &self.zone).ok().map(|moment| (index, moment)))?;
        self.fitting = Some(index);
        Some(moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_and_dates() {
        let mut plain = TimeStamps::new(&TimestampFormat::Millis);
        plain.zone = Zone::utc();
        let mut own = TimeStamps::new(&TimestampFormat::Pattern("yyyyMMddHHmmss".into()));
        own.zone = Zone::utc();
        for (text, expected) in [
            ("1700000000123", Some(1_700_000_000_123)),
            ("2023/11/14 22:13:20.123", Some(1_700_000_000_123)),
            ("2023-11-14 22:13:20", Some(1_700_000_000_000)),
            ("11/14/23 22:13:20", Some(1_700_000_000_000)),
            ("2023-11-14T23:13:20.123+01:00", Some(1_700_000_000_123)),
            ("2023-11-14T22:13:20Z", Some(1_700_000_000_000)),
            ("1700000000123", Some(1_700_000_000_123)),
            ("2023-13-14 22:13:20", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(plain.read(text).map(Timestamp::millis), expected, "{text:?}");
        }
        assert_eq!(own.read("20231114221320").map(Timestamp::millis), Some(1_700_000_000_000));
    }
}
