//! `__timeShift(format, date, duration, locale, variable)`: a date, or now, moved by a duration (`P1D`, `-PT2H`). Without a
//! format, dates are in milliseconds. A date or a duration that cannot be read is left out; a bad format gives an empty text.
//!
//! Format, locale and variable are fixed before the run. With four arguments there is no locale.

use super::early::Early;
use super::{Definition, Function, Store, locale, take, trim};
use crate::clock::{self, Timestamp};
use crate::expr::{Expr, ParseError};
use crate::java::date_format::{DateTimeFormatter, Field, Locale, Moment, Zone};
use crate::java::duration::parse_nanos;
use crate::java::number::parse_long;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::OnceLock;

pub(super) const TIME_SHIFT: Definition = Definition {
    name: "__timeShift",
    arguments: (4, Some(5)),
    compile: |arguments, scope| {
        let (language, store) = match arguments.get(4) {
            Some(store) => (arguments.get(3), Some(store)),
            None => (None, arguments.get(3)),
        };
        let (language, store) = (language.cloned(), store.cloned());
        let store = Store::early(store, scope);
        let [format, date, duration] = take(arguments);
        let locale = Early::new(language, scope);
        if let Some(name) = locale.fixed().map(|name| trim(name)).filter(|name| !name.is_empty()) {
            // JMeter reads it while it compiles the plan, too.
            locale::named(name).map_err(|thrown| ParseError { message: thrown.to_string() })?;
        }
        Ok(Box::new(Call {
            format: Early::new(format, scope),
            date: date.unwrap_or_default(),
            duration: duration.unwrap_or_default(),
            locale,
            formatter: OnceLock::new(),
            store,
        }))
    },
    summary: "A date, or now, moved by a duration",
};

const TARGET: &str = "org.apache.jmeter.functions.TimeShift";

struct Call {
    format: Early,
    date: Expr,
    duration: Expr,
    locale: Early,
    /// None without a format.
    formatter: OnceLock<Option<Result<DateTimeFormatter, String>>>,
    store: Store,
}

/// The formatter, which fills in what a text leaves out.
fn compile(pattern: &str, locale: &Locale) -> Result<DateTimeFormatter, String> {
    let (now, zone) = (clock::now(), Zone::local());
    let formatter = DateTimeFormatter::of_pattern(pattern, locale).map_err(|error| error.to_string())?;
    Ok(formatter.with_defaults(&[
        (Field::NanoOfSecond, 0),
        (Field::MilliOfSecond, 0),
        (Field::SecondOfMinute, 0),
        (Field::MinuteOfHour, 0),
        (Field::HourOfDay, 0),
        (Field::DayOfMonth, 1),
        (Field::MonthOfYear, 1),
        (Field::YearOfEra, i64::from(zone.local_time(now).year())),
        (Field::OffsetSeconds, i64::from(zone.offset_at(now))),
    ]))
}

impl Call {
    fn formatter(&self, user: &mut VirtualUser) -> Result<Option<&Result<DateTimeFormatter, String>>, Thrown> {
        if let Some(formatter) = self.formatter.get() {
            return Ok(formatter.as_ref());
        }
        let format = trim(self.format.text(user)?);
        let locale = match trim(self.locale.text(user)?) {
            "" => locale::of_jmeter(&user.run.properties),
            name => locale::named(name)?,
        };
        Ok(self.formatter.get_or_init(|| (!format.is_empty()).then(|| compile(format, &locale))).as_ref())
    }
}

/// The date's moment and its zone.
fn read(date: &str, formatter: Option<&DateTimeFormatter>) -> Result<(Timestamp, Zone), String> {
    match formatter {
        None => {
            let millis = parse_long(date).map_err(|error| error.to_string())?;
            Ok((Timestamp::from_millis(millis), Zone::local()))
        }
        Some(formatter) => {
            let parsed = formatter.parse(date).map_err(|error| error.to_string())?;
            parsed.zoned().ok_or_else(|| format!("Text '{date}' could not be parsed: no ZonedDateTime"))
        }
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (duration, date) = (self.duration.eval(user)?, self.date.eval(user)?);
        let (duration, date) = (trim(&duration), trim(&date));
        let formatter = match self.formatter(user)? {
            None => None,
            Some(Ok(formatter)) => Some(formatter),
            Some(Err(cause)) => {
                log::error!(target: TARGET, "Format date pattern is invalid: {cause}");
                return Ok(Text::default());
            }
        };
        let (mut moment, mut zone) = (clock::now(), Zone::local());
        if !date.is_empty() {
            match read(date, formatter) {
                Ok(read) => (moment, zone) = read,
                Err(cause) => log::error!(target: TARGET, "Failed to parse the date '{date}' to shift: {cause}"),
            }
        }
        if !duration.is_empty() {
            match parse_nanos(duration) {
                Ok(nanos) => {
                    let micros = i64::try_from(nanos.div_euclid(1000)).unwrap_or(i64::MAX);
                    moment = Timestamp::from_micros(moment.micros().saturating_add(micros));
                }
                Err(cause) => {
                    log::error!(target: TARGET, "Failed to parse the amount duration '{duration}' to shift: {cause}");
                }
            }
        }
        let text = match formatter {
            None => Text::from(itoa::Buffer::new().format(moment.millis())),
            Some(formatter) => {
                let mut text = String::new();
                formatter.format(&mut text, &Moment::at(moment, &zone)).map_err(|error| {
                    Thrown::new("java.time.temporal.UnsupportedTemporalTypeException", error.to_string())
                })?;
                Text::from(text)
            }
        };
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::{Expr, NameSource, Scope};
    use crate::functions::testing::Bench;
    use crate::java::date_format::Zone;
    use crate::properties::Properties;
    use crate::virtual_user::{Names, SlotAllocator};

    #[test]
    fn dates_are_moved() {
        Zone::set_default(Zone::utc());
        Bench::default().variable("n", "2").variable("language", "french").check(&[
            ("${__timeShift(yyyy-MM-dd,2023-11-14,P${n}D, v )}|${v}", "2023-11-16|2023-11-16"),
            ("${__timeShift(yyyy-MM-dd HH:mm,2023-11-14 22:13,-PT90M,)}", "2023-11-14 20:43"),
            ("${__timeShift( dd/MM/yyyy , 14/11/2023 , P1D ,)}", "15/11/2023"),
            ("${__timeShift(,1700000000123,PT0.001S,)}", "1700000000124"),
            ("${__timeShift(d MMMM yyyy,14 novembre 2023,P30D,fr_FR,w)}|${w}", "14 décembre 2023|14 décembre 2023"),
            ("${__timeShift(yyyy-MM-dd,2023-11-14,a day,)}", "2023-11-14"),
            ("[${__timeShift(bad,2023-11-14,,x)}]|${x}", "[]|${x}"),
            (
                "${__timeShift(yyyy,2023,,${language},)}",
                "!java.lang.IllegalArgumentException: Invalid locale format: french",
            ),
        ]);
    }

    /// JMeter reads a locale that the plan tells while it compiles the plan.
    #[test]
    fn an_unknown_locale_is_refused_before_the_run() {
        let (names, slots, properties) = (&mut Names::default(), &mut SlotAllocator::default(), Properties::default());
        let mut scope = Scope::new(NameSource::Compile(names), slots, &properties);
        let refused = Expr::parse("${__timeShift(yyyy,2023,,french,)}", &mut scope).unwrap_err();
        assert!(refused.message.ends_with("Invalid locale format: french"), "{refused}");
        assert!(Expr::parse("${__timeShift(yyyy,2023,,fr,)}", &mut scope).is_ok());
    }

    #[test]
    fn a_date_that_cannot_be_read_is_now() {
        Zone::set_default(Zone::utc());
        let (mut user, exprs) = Bench::default().user(&[
            "${__timeShift(,nonsense,,)}",
            "${__timeShift(yyyy,20x,,)}",
            // A text of the right shape whose fields are no date beside the year that is filled in.
            "${__timeShift(u-MM-dd,2020-01-01,,)}",
            "${__timeShift(YYYY-ww,2020-01,,)}",
        ]);
        let texts: Vec<_> = exprs.iter().map(|expr| expr.eval(&mut user).unwrap()).collect();
        let millis: i64 = texts[0].parse().unwrap();
        assert!((crate::clock::now().millis() - millis).abs() < 60_000);
        for text in &texts[1..] {
            let year = text.split('-').next().unwrap_or_default();
            assert!(year.parse::<u32>().unwrap() >= 2024, "{text}");
        }
    }
}
