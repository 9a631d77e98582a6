//! `java.util.Calendar`, `GregorianCalendar`, `TimeZone` and `Locale`.

use super::civil::{self, Fields};
use super::date::{self, Date};
use super::{Answer, Class, Fault, Method, arguments, groovy, java, number, object, takes};
use crate::clock::{self, Timestamp};
use crate::java::date_format::{Locale, Zone};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, groovy_text};
use std::cmp::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `java.util.Calendar`.
pub static CALENDAR: Class = Class {
    statics: &[java("getInstance", 0, 2, |_, _, args| {
        let zone = args.iter().find_map(|arg| zone(arg).ok()).unwrap_or_else(Zone::local);
        Ok(Value::object(Calendar::new(clock::now().millis(), zone)))
    })],
    constants: &[
        ("ERA", || 0.into()),
        ("YEAR", || 1.into()),
        ("MONTH", || 2.into()),
        ("WEEK_OF_YEAR", || 3.into()),
        ("WEEK_OF_MONTH", || 4.into()),
        ("DATE", || 5.into()),
        ("DAY_OF_MONTH", || 5.into()),
        ("DAY_OF_YEAR", || 6.into()),
        ("DAY_OF_WEEK", || 7.into()),
        ("DAY_OF_WEEK_IN_MONTH", || 8.into()),
        ("AM_PM", || 9.into()),
        ("HOUR", || 10.into()),
        ("HOUR_OF_DAY", || 11.into()),
        ("MINUTE", || 12.into()),
        ("SECOND", || 13.into()),
        ("MILLISECOND", || 14.into()),
        ("ZONE_OFFSET", || 15.into()),
        ("DST_OFFSET", || 16.into()),
        ("AM", || 0.into()),
        ("PM", || 1.into()),
        ("SUNDAY", || 1.into()),
        ("MONDAY", || 2.into()),
        ("TUESDAY", || 3.into()),
        ("WEDNESDAY", || 4.into()),
        ("THURSDAY", || 5.into()),
        ("FRIDAY", || 6.into()),
        ("SATURDAY", || 7.into()),
        ("JANUARY", || 0.into()),
        ("FEBRUARY", || 1.into()),
        ("MARCH", || 2.into()),
        ("APRIL", || 3.into()),
        ("MAY", || 4.into()),
        ("JUNE", || 5.into()),
        ("JULY", || 6.into()),
        ("AUGUST", || 7.into()),
        ("SEPTEMBER", || 8.into()),
        ("OCTOBER", || 9.into()),
        ("NOVEMBER", || 10.into()),
        ("DECEMBER", || 11.into()),
    ],
    methods: METHODS,
    ..Class::named("java.util.Calendar", &[&object::COMPARABLE])
};

/// `java.util.GregorianCalendar`.
pub static GREGORIAN_CALENDAR: Class = Class {
    constructor: takes(0, 6, |_, _, args| {
        let zone = args.iter().find_map(|arg| zone(arg).ok()).unwrap_or_else(Zone::local);
        let calendar = Calendar::new(clock::now().millis(), zone);
        if args.len() >= 3 {
            calendar.change(|fields| {
                *fields = Fields { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, milli: 0 }
            });
            set_date(&calendar, args)?;
        }
        Ok(Value::object(calendar))
    }),
    ..Class::named("java.util.GregorianCalendar", &[&CALENDAR])
};

/// A calendar: a moment in a zone, or the fields that have been set and not been looked at together yet.
#[derive(Debug)]
pub struct Calendar(Mutex<State>);

#[derive(Debug, Clone)]
struct State {
    millis: i64,
    zone: Zone,
    /// Local fields that may lie beyond their ranges; Java carries them over when it is asked for something.
    pending: Option<Fields>,
    first_day: i64,
    lenient: bool,
}

impl Object for Calendar {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&GREGORIAN_CALENDAR)
    }

    fn to_text(&self) -> String {
        format!("java.util.GregorianCalendar[time={}]", self.millis())
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Calendar>(other).is_ok_and(|other| other.millis() == self.millis())
    }

    fn hash_code(&self) -> Option<i32> {
        Some(self.millis() as i32)
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        arguments::object::<Calendar>(other).ok().map(|other| self.millis().cmp(&other.millis()))
    }
}

fn local(millis: i64, zone: &Zone) -> Fields {
    civil::fields(millis.saturating_add(i64::from(zone.offset_at(Timestamp::from_millis(millis))) * 1000))
}

fn moment(fields: &Fields, zone: &Zone) -> i64 {
    let as_utc = civil::millis(fields);
    let date_time = Zone::utc().local_time(Timestamp::from_millis(as_utc));
    zone.moment_of(date_time).millis()
}

impl State {
    fn settle(&mut self) {
        if let Some(fields) = self.pending.take() {
            self.millis = moment(&fields, &self.zone);
        }
    }
}

impl Calendar {
    /// A calendar at a moment.
    pub fn new(millis: i64, zone: Zone) -> Self {
        Self(Mutex::new(State { millis, zone, pending: None, first_day: 1, lenient: true }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settled(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.settle();
        state
    }

    /// Milliseconds since the epoch.
    pub fn millis(&self) -> i64 {
        self.settled().millis
    }

    /// The zone.
    pub fn zone(&self) -> Zone {
        self.state().zone.clone()
    }

    fn change(&self, change: impl FnOnce(&mut Fields)) {
        let mut state = self.state();
        let mut fields = state.pending.unwrap_or_else(|| local(state.millis, &state.zone));
        change(&mut fields);
        state.pending = Some(fields);
    }

    /// The value of a field by its number.
    pub fn get(&self, field: i32) -> Option<i64> {
        let state = self.settled();
        let fields = local(state.millis, &state.zone);
        let day_of_year = civil::days(fields.year, fields.month, fields.day) - civil::days(fields.year, 1, 1) + 1;
        let weekday = fields.weekday() + 1;
        let week = |day: i64| {
            let before = (weekday - state.first_day).rem_euclid(7);
            (day - 1 - before).div_euclid(7) + 1 + i64::from((day - 1 - before).rem_euclid(7) > 0)
        };
        Some(match field {
            0 => 1,
            1 => fields.year,
            2 => fields.month - 1,
            3 => {
                let days =
                    if fields.year % 4 == 0 && (fields.year % 100 != 0 || fields.year % 400 == 0) { 366 } else { 365 };
                let next_year = civil::days(fields.year + 1, 1, 1);
                let offset = (civil::fields(next_year * 86_400_000).weekday() + 1 - state.first_day).rem_euclid(7);
                if day_of_year > days - offset && offset > 0 { 1 } else { week(day_of_year) }
            }
            4 => week(fields.day),
            5 => fields.day,
            6 => day_of_year,
            7 => weekday,
            8 => (fields.day - 1) / 7 + 1,
            9 => fields.hour / 12,
            10 => fields.hour % 12,
            11 => fields.hour,
            12 => fields.minute,
            13 => fields.second,
            14 => fields.milli,
            15 => i64::from(state.zone.offset_at(Timestamp::from_millis(state.millis))) * 1000,
            16 => 0,
            _ => return None,
        })
    }

    /// Sets a field; what does not exist is carried over when the calendar is looked at.
    pub fn set(&self, field: i32, value: i64) {
        match field {
            6..=8 | 3 | 4 => {
                let now = self.get(field).unwrap_or(value);
                let days = match field {
                    6 => value - now,
                    7 => {
                        let first = self.state().first_day;
                        (value - first).rem_euclid(7) - (now - first).rem_euclid(7)
                    }
                    _ => (value - now) * 7,
                };
                self.change(|fields| fields.day += days);
            }
            _ => self.change(|fields| match field {
                1 => fields.year = value,
                2 => fields.month = value + 1,
                5 => fields.day = value,
                9 => fields.hour = fields.hour.rem_euclid(12) + 12 * value,
                10 => fields.hour = fields.hour.div_euclid(12) * 12 + value,
                11 => fields.hour = value,
                12 => fields.minute = value,
                13 => fields.second = value,
                14 => fields.milli = value,
                _ => {}
            }),
        }
    }

    /// Adds to a field by the rules of the calendar.
    pub fn add(&self, field: i32, amount: i64) {
        let mut state = self.settled();
        let fields = local(state.millis, &state.zone);
        let exact = |unit: i64| state.millis.saturating_add(amount.saturating_mul(unit));
        state.millis = match field {
            1 => moment(&months_later(fields, amount.saturating_mul(12)), &state.zone),
            2 => moment(&months_later(fields, amount), &state.zone),
            3 | 4 | 8 => {
                moment(&Fields { day: fields.day.saturating_add(amount.saturating_mul(7)), ..fields }, &state.zone)
            }
            5..=7 => moment(&Fields { day: fields.day.saturating_add(amount), ..fields }, &state.zone),
            9 => exact(43_200_000),
            10 | 11 => exact(3_600_000),
            12 => exact(60_000),
            13 => exact(1000),
            14 => exact(1),
            _ => state.millis,
        };
    }
}

/// The same day of another month, or its last one.
fn months_later(fields: Fields, months: i64) -> Fields {
    let total = fields.year.saturating_mul(12).saturating_add(fields.month - 1).saturating_add(months);
    let (year, month) = (total.div_euclid(12).clamp(-9999, 9999), total.rem_euclid(12) + 1);
    Fields { year, month, day: fields.day.min(month_length(year, month)), ..fields }
}

fn month_length(year: i64, month: i64) -> i64 {
    let next = if month == 12 { civil::days(year + 1, 1, 1) } else { civil::days(year, month + 1, 1) };
    next - civil::days(year, month, 1)
}

/// A field of a date in the local zone, or of a calendar in its own.
pub(crate) fn field_of(value: &Value, field: i32) -> Answer {
    let value = match arguments::object::<Calendar>(value) {
        Ok(calendar) => calendar.get(field),
        Err(_) => Calendar::new(date::millis(value)?, Zone::local()).get(field),
    };
    let unknown = || Thrown::new(exceptions::ARRAY_INDEX, format!("Index {field} out of bounds for length 17"));
    Ok((value.ok_or_else(unknown)? as i32).into())
}

/// Midnight of a moment's day in the local zone.
pub(crate) fn start_of_day(millis: i64) -> i64 {
    let zone = Zone::local();
    moment(&Fields { hour: 0, minute: 0, second: 0, milli: 0, ..local(millis, &zone) }, &zone)
}

/// Midnight of the local day, counted as if it were in UTC, so that days can be counted.
pub(crate) fn start_of_day_utc(millis: i64) -> i64 {
    let fields = local(millis, &Zone::local());
    civil::days(fields.year, fields.month, fields.day) * 86_400_000
}

/// The names by which Groovy sets fields.
const NAMES: [(&str, i32); 8] = [
    ("year", 1),
    ("month", 2),
    ("date", 5),
    ("dayOfMonth", 5),
    ("hourOfDay", 11),
    ("minute", 12),
    ("second", 13),
    ("millisecond", 14),
];

/// A moment with some fields set by name (`date.updated(year: 2024)`).
pub(crate) fn updated(millis: i64, changes: &Value) -> Result<i64, Fault> {
    let calendar = Calendar::new(millis, Zone::local());
    set_named(&calendar, changes)?;
    Ok(calendar.millis())
}

fn set_named(calendar: &Calendar, changes: &Value) -> Result<(), Fault> {
    let Value::Map(map) = changes else { return Err(Fault::Mismatch) };
    for (key, value) in map.entries() {
        let field = match &key {
            Value::Int(number) => Some(*number),
            name => NAMES.iter().find(|row| row.0 == groovy_text(name)).map(|row| row.1),
        };
        if let (Some(field), Some(value)) = (field, value.to_i64()) {
            calendar.set(field, value);
        }
    }
    Ok(())
}

fn set_date(calendar: &Calendar, args: &[Value]) -> Result<(), Fault> {
    for (index, field) in [1, 2, 5, 11, 12, 13].into_iter().enumerate().take(args.len()) {
        calendar.set(field, i64::from(arguments::int(args, index)?));
    }
    Ok(())
}

fn of(this: &Value) -> Result<&Calendar, Fault> {
    arguments::object(this)
}

static METHODS: &[Method] = &[
    java("add", 2, 2, |_, this, args| {
        of(this)?.add(arguments::int(args, 0)?, i64::from(arguments::int(args, 1)?));
        Ok(Value::Null)
    }),
    java("after", 1, 1, |_, this, args| Ok((of(this)?.millis() > date::millis(&args[0])?).into())),
    java("before", 1, 1, |_, this, args| Ok((of(this)?.millis() < date::millis(&args[0])?).into())),
    java("clear", 0, 1, |_, this, args| {
        let calendar = of(this)?;
        if args.is_empty() {
            calendar.change(|fields| {
                *fields = Fields { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, milli: 0 };
            });
        } else {
            let field = arguments::int(args, 0)?;
            calendar.set(field, i64::from(field == 5) + if field == 1 { 1970 } else { 0 });
        }
        Ok(Value::Null)
    }),
    java("clone", 0, 0, |_, this, _| Ok(Value::object(Calendar(Mutex::new(of(this)?.state().clone()))))),
    java("compareTo", 1, 1, |_, this, args| Ok(number::ordering(of(this)?.millis().cmp(&date::millis(&args[0])?)))),
    java("get", 1, 1, |_, this, args| field_of(this, arguments::int(args, 0)?)),
    java("getActualMaximum", 1, 1, |_, this, args| {
        let calendar = of(this)?;
        let (year, month) = (calendar.get(1).unwrap_or(1970), calendar.get(2).unwrap_or(0) + 1);
        Ok((match arguments::int(args, 0)? {
            2 | 10 => 11,
            3 => 52,
            4 => 5,
            5 => month_length(year, month) as i32,
            6 => (civil::days(year + 1, 1, 1) - civil::days(year, 1, 1)) as i32,
            7 => 7,
            11 => 23,
            12 | 13 => 59,
            14 => 999,
            _ => 1,
        })
        .into())
    }),
    java("getActualMinimum", 1, 1, |_, _, args| {
        Ok(i32::from(matches!(arguments::int(args, 0)?, 1 | 3 | 5 | 6 | 7)).into())
    }),
    java("getFirstDayOfWeek", 0, 0, |_, this, _| Ok((of(this)?.state().first_day as i32).into())),
    java("getTime", 0, 0, |_, this, _| Ok(Value::object(Date::new(of(this)?.millis())))),
    java("getTimeInMillis", 0, 0, |_, this, _| Ok(of(this)?.millis().into())),
    java("getTimeZone", 0, 0, |_, this, _| Ok(Value::object(TimeZone(of(this)?.zone())))),
    java("roll", 2, 2, |_, this, args| {
        let calendar = of(this)?;
        let field = arguments::int(args, 0)?;
        let by = match &args[1] {
            Value::Boolean(up) => {
                if *up {
                    1
                } else {
                    -1
                }
            }
            _ => i64::from(arguments::int(args, 1)?),
        };
        let now = calendar.get(field).unwrap_or(0);
        let (low, count) = match field {
            2 => (0, 12),
            5 => (1, month_length(calendar.get(1).unwrap_or(1970), calendar.get(2).unwrap_or(0) + 1)),
            7 => (1, 7),
            9 => (0, 2),
            10 => (0, 12),
            11 => (0, 24),
            12 | 13 => (0, 60),
            14 => (0, 1000),
            _ => {
                calendar.add(field, by);
                return Ok(Value::Null);
            }
        };
        calendar.set(field, (now - low + by).rem_euclid(count) + low);
        Ok(Value::Null)
    }),
    java("set", 2, 6, |_, this, args| {
        match args {
            [_, _] => of(this)?.set(arguments::int(args, 0)?, i64::from(arguments::int(args, 1)?)),
            _ => set_date(of(this)?, args)?,
        }
        Ok(Value::Null)
    }),
    java("setFirstDayOfWeek", 1, 1, |_, this, args| {
        of(this)?.state().first_day = i64::from(arguments::int(args, 0)?);
        Ok(Value::Null)
    }),
    java("setLenient", 1, 1, |_, this, args| {
        of(this)?.state().lenient = arguments::flag(args, 0)?;
        Ok(Value::Null)
    }),
    java("isLenient", 0, 0, |_, this, _| Ok(of(this)?.state().lenient.into())),
    java("setTime", 1, 1, |_, this, args| set_moment(this, date::millis(&args[0])?)),
    java("setTimeInMillis", 1, 1, |_, this, args| set_moment(this, arguments::long(args, 0)?)),
    java("setTimeZone", 1, 1, |_, this, args| {
        let mut state = of(this)?.settled();
        state.zone = zone(&args[0])?;
        Ok(Value::Null)
    }),
    java("toInstant", 0, 0, |_, this, _| Ok(super::java_time::instant(of(this)?.millis()))),
    groovy("clearTime", 0, 0, |_, this, _| {
        for field in [11, 12, 13, 14] {
            of(this)?.set(field, 0);
        }
        Ok(this.clone())
    }),
    groovy("copyWith", 1, 1, |_, this, args| {
        let copy = Calendar(Mutex::new(of(this)?.state().clone()));
        set_named(&copy, &args[0])?;
        Ok(Value::object(copy))
    }),
    groovy("format", 1, 1, |_, this, args| {
        Ok(date::formatted(&arguments::text(args, 0)?, of(this)?.millis(), &of(this)?.zone())?.into())
    }),
    groovy("getAt", 1, 1, |_, this, args| field_of(this, arguments::int(args, 0)?)),
    groovy("next", 0, 0, |_, this, _| days_later(this, 1)),
    groovy("previous", 0, 0, |_, this, _| days_later(this, -1)),
    groovy("putAt", 2, 2, |_, this, args| {
        of(this)?.set(arguments::int(args, 0)?, i64::from(arguments::int(args, 1)?));
        Ok(Value::Null)
    }),
    groovy("set", 1, 1, |_, this, args| {
        set_named(of(this)?, &args[0])?;
        Ok(Value::Null)
    }),
    groovy("updated", 1, 1, |_, this, args| {
        let copy = Calendar(Mutex::new(of(this)?.state().clone()));
        set_named(&copy, &args[0])?;
        Ok(Value::object(copy))
    }),
];

fn days_later(this: &Value, days: i64) -> Answer {
    let copy = Calendar(Mutex::new(of(this)?.state().clone()));
    copy.add(5, days);
    Ok(Value::object(copy))
}

fn set_moment(this: &Value, millis: i64) -> Answer {
    let mut state = of(this)?.state();
    state.pending = None;
    state.millis = millis;
    Ok(Value::Null)
}

/// `java.util.TimeZone`.
pub static TIME_ZONE: Class = Class {
    statics: &[
        java("getDefault", 0, 0, |_, _, _| Ok(Value::object(TimeZone(Zone::local())))),
        java("getTimeZone", 1, 1, |_, _, args| Ok(Value::object(TimeZone(zone(&args[0])?)))),
    ],
    methods: &[
        java("getDisplayName", 0, 0, |_, this, _| {
            let own = &arguments::object::<TimeZone>(this)?.0;
            Ok(date::formatted("zzzz", 0, own)?.into())
        }),
        java("getID", 0, 0, |_, this, _| Ok(arguments::object::<TimeZone>(this)?.0.id().clone().into())),
        java("getOffset", 1, 1, |_, this, args| {
            let own = &arguments::object::<TimeZone>(this)?.0;
            Ok((own.offset_at(Timestamp::from_millis(arguments::long(args, 0)?)) * 1000).into())
        }),
        java("getRawOffset", 0, 0, |_, this, _| {
            let own = &arguments::object::<TimeZone>(this)?.0;
            // Winter is when clocks are least ahead.
            let now = clock::now();
            let half_a_year = std::time::Duration::from_secs(182 * 86_400);
            Ok((own.offset_at(now).min(own.offset_at(now + half_a_year)) * 1000).into())
        }),
        java("toZoneId", 0, 0, |_, this, _| {
            Ok(super::java_time::zone_id(arguments::object::<TimeZone>(this)?.0.clone()))
        }),
    ],
    ..Class::named("java.util.TimeZone", &[&object::OBJECT])
};

/// A `TimeZone`.
#[derive(Debug)]
pub struct TimeZone(pub Zone);

impl Object for TimeZone {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&TIME_ZONE)
    }

    fn to_text(&self) -> String {
        format!("sun.util.calendar.ZoneInfo[id=\"{}\"]", self.0.id())
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<TimeZone>(other).is_ok_and(|other| other.0 == self.0)
    }
}

/// The zone of a `TimeZone`, a `ZoneId`, or an identifier.
pub(crate) fn zone(value: &Value) -> Result<Zone, Fault> {
    if let Ok(zone) = arguments::object::<TimeZone>(value) {
        return Ok(zone.0.clone());
    }
    if let Some(zone) = super::java_time::zone_of(value) {
        return Ok(zone);
    }
    Ok(Zone::of_lenient(&super::string::text(value)?))
}

/// `java.util.Locale`.
pub static LOCALE: Class = Class {
    constructor: takes(1, 3, |_, _, args| {
        let parts: Result<Vec<_>, Fault> = (0..args.len().min(2)).map(|index| arguments::text(args, index)).collect();
        Ok(Value::object(NamedLocale(parts?.join("_"))))
    }),
    statics: &[
        java("forLanguageTag", 1, 1, |_, _, args| {
            Ok(Value::object(NamedLocale(arguments::text(args, 0)?.replace('-', "_"))))
        }),
        java("getDefault", 0, 1, |_, _, _| Ok(named("en_US"))),
        java("setDefault", 1, 2, |_, _, _| Ok(Value::Null)),
    ],
    constants: &[
        ("CANADA", || named("en_CA")),
        ("CHINA", || named("zh_CN")),
        ("ENGLISH", || named("en")),
        ("FRANCE", || named("fr_FR")),
        ("FRENCH", || named("fr")),
        ("GERMAN", || named("de")),
        ("GERMANY", || named("de_DE")),
        ("ITALIAN", || named("it")),
        ("ITALY", || named("it_IT")),
        ("JAPAN", || named("ja_JP")),
        ("JAPANESE", || named("ja")),
        ("ROOT", || named("")),
        ("UK", || named("en_GB")),
        ("US", || named("en_US")),
    ],
    methods: &[
        java("getCountry", 0, 0, |_, this, _| {
            Ok(arguments::object::<NamedLocale>(this)?.0.split('_').nth(1).unwrap_or_default().into())
        }),
        java("getLanguage", 0, 0, |_, this, _| {
            Ok(arguments::object::<NamedLocale>(this)?.0.split('_').next().unwrap_or_default().into())
        }),
        java("toLanguageTag", 0, 0, |_, this, _| {
            Ok(arguments::object::<NamedLocale>(this)?.0.replace('_', "-").into())
        }),
    ],
    ..Class::named("java.util.Locale", &[&object::OBJECT])
};

#[derive(Debug)]
struct NamedLocale(String);

impl Object for NamedLocale {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&LOCALE)
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<NamedLocale>(other).is_ok_and(|other| other.0 == self.0)
    }
}

fn named(tag: &str) -> Value {
    Value::object(NamedLocale(tag.to_owned()))
}

/// The locale that an argument is, if it is one.
pub(crate) fn locale(value: &Value) -> Option<Locale> {
    arguments::object::<NamedLocale>(value).ok().map(|locale| Locale::of(&locale.0))
}
