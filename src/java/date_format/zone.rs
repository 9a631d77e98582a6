//! Time zones: Java's identifiers and names over the zone database.

use crate::clock::Timestamp;
use crate::text::Text;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use std::sync::{LazyLock, PoisonError, RwLock};

/// A line a group of zones: short names in winter and summer, long names, identifiers; printed by Java 17 in English.
const NAMES: &str = include_str!("zones.txt");

/// `java.time.ZoneId` and `java.util.TimeZone`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    id: Text,
    zone: TimeZone,
}

/// Which of two local times is meant, when clocks are set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overlap {
    /// `java.time`
    Earlier,
    /// `java.util.Calendar`
    Later,
}

static DEFAULT: LazyLock<RwLock<Option<Zone>>> = LazyLock::new(RwLock::default);

impl Zone {
    /// UTC.
    pub fn utc() -> Self {
        Self { id: Text::from("UTC"), zone: TimeZone::UTC }
    }

    /// `ZoneId.systemDefault()`: what [`Zone::set_default`] chose, or the machine's zone.
    pub fn local() -> Self {
        let chosen = DEFAULT.read().unwrap_or_else(PoisonError::into_inner).clone();
        chosen.unwrap_or_else(|| {
            static MACHINE: LazyLock<Zone> = LazyLock::new(|| {
                let zone = of_localtime().unwrap_or_else(TimeZone::system);
                let id = Text::from(zone.iana_name().unwrap_or("UTC"));
                Zone { id, zone }
            });
            MACHINE.clone()
        })
    }

    /// Chooses the local zone for the whole process, as `-Duser.timezone` does. Meant for the start of the program.
    pub fn set_default(zone: Zone) {
        *DEFAULT.write().unwrap_or_else(PoisonError::into_inner) = Some(zone);
    }

    /// A fixed difference from UTC in seconds.
    pub fn of_offset(seconds: i32) -> Self {
        let offset = Offset::from_seconds(seconds).unwrap_or(Offset::UTC);
        Self { id: Text::from(offset_id(seconds)), zone: TimeZone::fixed(offset) }
    }

    /// `ZoneId.of(id)`: a place (`Europe/Paris`), an offset (`+02:00`, `Z`), or `UTC`, `GMT` or `UT` with or without
    /// one. None where Java throws.
    pub fn of(id: &str) -> Option<Self> {
        if id == "Z" {
            return Some(Self::of_offset(0));
        }
        if id.starts_with(['+', '-']) {
            return Some(Self::of_offset(parse_offset_id(id)?));
        }
        for prefix in ["UTC", "GMT", "UT"] {
            if let Some(rest) = id.strip_prefix(prefix)
                && rest.starts_with(['+', '-'])
            {
                let seconds = parse_offset_id(rest)?;
                let shown = if seconds == 0 { String::new() } else { offset_id(seconds) };
                return Some(Self { id: Text::from(format!("{prefix}{shown}")), ..Self::of_offset(seconds) });
            }
        }
        match id {
            "UTC" | "GMT" | "UT" => Some(Self { id: Text::from(id), zone: TimeZone::UTC }),
            _ => Some(Self { id: Text::from(id), zone: TimeZone::get(id).ok()? }),
        }
    }

    /// `TimeZone.getTimeZone(id)`: knows old abbreviations too, and is GMT for what it does not know.
    pub fn of_lenient(id: &str) -> Self {
        let full = match id {
            "PST" => "America/Los_Angeles",
            "CST" => "America/Chicago",
            "EST" => "-05:00",
            "MST" => "-07:00",
            "HST" => "-10:00",
            "IST" => "Asia/Kolkata",
            "JST" => "Asia/Tokyo",
            "CET" => "CET",
            "BST" => "Asia/Dhaka",
            "CTT" => "Asia/Shanghai",
            "ECT" => "Europe/Paris",
            "ACT" => "Australia/Darwin",
            "AET" => "Australia/Sydney",
            "AST" => "America/Anchorage",
            "NST" => "Pacific/Auckland",
            _ => id,
        };
        let known = if full.starts_with(['+', '-']) && id.starts_with(['+', '-']) { None } else { Self::of(full) };
        known.map_or_else(
            || Self { id: Text::from("GMT"), zone: TimeZone::UTC },
            |zone| Self { id: Text::from(id), ..zone },
        )
    }

    /// The identifier.
    pub fn id(&self) -> &Text {
        &self.id
    }

    /// Seconds east of UTC at a moment.
    pub fn offset_at(&self, moment: Timestamp) -> i32 {
        self.zone.to_offset(to_jiff(moment)).seconds()
    }

    /// The local date and time of a moment.
    pub fn local_time(&self, moment: Timestamp) -> DateTime {
        self.zone.to_datetime(to_jiff(moment))
    }

    /// The moment of a local date and time. Of one that clocks jump over, the same time after the jump; of one that
    /// comes twice, the first.
    pub fn moment_of(&self, local: DateTime) -> Timestamp {
        self.moment(local, Overlap::Earlier)
    }

    pub(super) fn moment(&self, local: DateTime, overlap: Overlap) -> Timestamp {
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        let found = match overlap {
            Overlap::Later if is_overlap(&ambiguous) => ambiguous.later(),
            _ => ambiguous.compatible(),
        };
        Timestamp::from_micros(found.map_or(0, jiff::Timestamp::as_microsecond))
    }

    /// Whether it is summer time at a moment.
    pub(super) fn is_summer(&self, moment: Timestamp) -> bool {
        self.zone.to_offset_info(to_jiff(moment)).dst().is_dst()
    }

    /// Whether it is nothing but an offset.
    pub(super) fn is_offset(&self) -> bool {
        self.id.starts_with(['+', '-']) || &*self.id == "Z"
    }

    /// The name at a moment: `CEST`, or `Central European Summer Time`. Zones without one show their identifier.
    pub(super) fn name(&self, moment: Option<Timestamp>, long: bool) -> String {
        let Some(names) = names_of(&self.id) else { return self.id.to_string() };
        let summer = moment.is_some_and(|moment| self.is_summer(moment));
        names[usize::from(summer) + if long { 2 } else { 0 }].to_owned()
    }
}

/// The zone that `/etc/localtime` leads to, where it is a link to a file of the zone database. A look-up by name would list
/// the whole database first, which is a fifth of what the program does before its first sample.
fn of_localtime() -> Option<TimeZone> {
    const LOCALTIME: &str = "/etc/localtime";
    if std::env::var_os("TZ").is_some() {
        return None;
    }
    let target = std::fs::read_link(LOCALTIME).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    TimeZone::tzif(name, &std::fs::read(LOCALTIME).ok()?).ok()
}

fn is_overlap(ambiguous: &jiff::tz::AmbiguousTimestamp) -> bool {
    matches!(ambiguous.offset(), jiff::tz::AmbiguousOffset::Fold { .. })
}

/// A zone that has such a name; the one given counts first, since names are shared.
pub(super) fn zone_named(name: &str, preferred: &Zone) -> Option<(Zone, bool)> {
    let matches = |names: [&str; 4]| names.iter().position(|known| known.eq_ignore_ascii_case(name));
    if let Some(at) = names_of(&preferred.id).and_then(matches) {
        return Some((preferred.clone(), at % 2 == 1));
    }
    NAMES.lines().find_map(|line| {
        let (names, ids) = split(line)?;
        let at = matches(names)?;
        let id = preferred_id(names[0], ids);
        Some((Zone::of(id)?, at % 2 == 1))
    })
}

/// All names, the longest first.
pub(super) fn all_names() -> &'static [&'static str] {
    static ALL: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let mut names: Vec<&str> = NAMES.lines().filter_map(split).flat_map(|(names, _)| names).collect();
        names.sort_unstable_by(|left, right| right.len().cmp(&left.len()).then(left.cmp(right)));
        names.dedup();
        names
    });
    &ALL
}

/// The zone that an abbreviation means in America, or the first one.
fn preferred_id<'n>(short: &str, ids: &'n str) -> &'n str {
    let wanted = match short {
        "EST" => "America/New_York",
        "CST" => "America/Chicago",
        "MST" => "America/Denver",
        "PST" => "America/Los_Angeles",
        "CET" => "Europe/Paris",
        "UTC" => "UTC",
        "GMT" => "GMT",
        _ => "",
    };
    ids.split(',').find(|id| *id == wanted).or_else(|| ids.split(',').next()).unwrap_or("UTC")
}

fn split(line: &str) -> Option<([&str; 4], &str)> {
    let mut columns = line.split('|');
    let names = [columns.next()?, columns.next()?, columns.next()?, columns.next()?];
    Some((names, columns.next()?))
}

fn names_of(id: &str) -> Option<[&'static str; 4]> {
    NAMES.lines().filter_map(split).find(|(_, ids)| ids.split(',').any(|known| known == id)).map(|(names, _)| names)
}

fn to_jiff(moment: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(moment.micros()).unwrap_or(if moment.micros() < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

/// `ZoneOffset.getId`: `Z`, `+02:00`, `+02:00:30`.
pub(super) fn offset_id(seconds: i32) -> String {
    if seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}:{minutes:02}")
    } else {
        format!("{sign}{hours:02}:{minutes:02}:{rest:02}")
    }
}

/// `ZoneOffset.of`: `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`, up to 18 hours.
fn parse_offset_id(id: &str) -> Option<i32> {
    let negative = id.starts_with('-');
    let digits = id.strip_prefix(['+', '-'])?;
    let parts: Vec<&str> = if digits.contains(':') {
        digits.split(':').collect()
    } else if digits.len() <= 2 {
        vec![digits]
    } else if digits.is_ascii() && matches!(digits.len(), 4 | 6) {
        (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]).collect()
    } else {
        return None;
    };
    let mut seconds = 0;
    for (at, part) in parts.iter().enumerate() {
        let whole = part.len() == 2 || at == 0 && part.len() == 1 && parts.len() == 1;
        if at > 2 || !whole || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value: i32 = part.parse().ok()?;
        if at > 0 && value > 59 {
            return None;
        }
        seconds += value * [3600, 60, 1][at];
    }
    (seconds <= 18 * 3600).then_some(if negative { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (id, shown, seconds) in [
            ("Z", "Z", 0),
            ("+2", "+02:00", 7200),
            ("-0530", "-05:30", -19800),
            ("+01:02:03", "+01:02:03", 3723),
            ("UTC", "UTC", 0),
            ("GMT+2", "GMT+02:00", 7200),
            ("Europe/Paris", "Europe/Paris", 3600),
        ] {
            let zone = Zone::of(id).unwrap();
            assert_eq!((&**zone.id(), zone.offset_at(Timestamp::from_millis(0))), (shown, seconds), "{id}");
        }
        for id in ["", "Nowhere/Here", "+19:00", "+1:00", "+100", "EST5"] {
            assert!(Zone::of(id).is_none(), "{id}");
        }
        assert_eq!(&**Zone::of_lenient("Nowhere/Here").id(), "GMT");
        assert_eq!(Zone::of_lenient("PST").offset_at(Timestamp::from_millis(0)), -8 * 3600);
    }
}
