//! `java.time`: dates and times of every kind, durations and periods, formatters.

mod adjusters;
mod amount;
mod formatter;
mod kind;
mod methods;

pub use adjusters::{TEMPORAL_ADJUSTER, TEMPORAL_ADJUSTERS};
pub use amount::{DURATION, PERIOD};
pub use formatter::FORMATTER;
pub use kind::{
    CHRONO_FIELD, CHRONO_UNIT, DAY_OF_WEEK, INSTANT, LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME, MONTH, OFFSET_DATE_TIME,
    TEXT_STYLE, YEAR_MONTH, ZONE_ID, ZONE_OFFSET, ZONED_DATE_TIME,
};

use super::arguments;
use crate::clock::Timestamp;
use crate::java::date_format::{Moment, Zone};
use crate::script::library::{Answer, Fault};
use crate::script::value::Value;
use kind::{Kind, Temporal};

/// `java.time.Instant` of milliseconds since the epoch.
pub(crate) fn instant(millis: i64) -> Value {
    let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    Temporal::value(Kind::Instant(moment))
}

/// What a formatter sees of a value of this package.
pub(crate) fn moment_of(value: &Value) -> Option<Moment> {
    Some(arguments::object::<Temporal>(value).ok()?.0.moment())
}

/// Milliseconds since the epoch of a value that is a moment.
pub(crate) fn millis_of(value: &Value) -> Option<i64> {
    let nanos = arguments::object::<Temporal>(value).ok()?.0.instant_nanos()?;
    i64::try_from(nanos.div_euclid(1_000_000)).ok()
}

/// `Date.toLocalDate()` and its kin.
pub(crate) fn local_of(millis: i64, what: &str) -> Answer {
    let local = Zone::local().local_time(Timestamp::from_millis(millis));
    Ok(Temporal::value(match what {
        "toLocalDate" => Kind::Date(local.date()),
        "toLocalTime" => Kind::Time(local.time()),
        _ => Kind::DateTime(local),
    }))
}

/// A `ZoneId`.
pub(crate) fn zone_id(zone: Zone) -> Value {
    Value::object(kind::ZoneId(zone))
}

/// The zone of a `ZoneId`.
pub(crate) fn zone_of(value: &Value) -> Option<Zone> {
    arguments::object::<kind::ZoneId>(value).ok().map(|zone| zone.0.clone())
}

/// `ChronoUnit.toString()`.
pub(crate) fn unit_text(name: &str) -> String {
    let words = name.split('_').map(|word| format!("{}{}", &word[..1], word[1..].to_ascii_lowercase()));
    words.collect()
}

/// `java.time.DateTimeException`.
fn date_time_error(message: impl AsRef<str>) -> Fault {
    crate::script::value::Thrown::new("java.time.DateTimeException", message).into()
}
