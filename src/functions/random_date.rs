//! `__RandomDate(format, start, end, locale, variable)`: a day from the start, which is today if it is left out, to the one
//! before the end. An end before the start gives an empty text, a date that cannot be read counts as 1 January 1970.

use super::{Definition, Function, Store, locale, take, trim};
use crate::clock;
use crate::expr::Expr;
use crate::java::date_format::{DateTimeFormatter, Field, Locale, Moment, Zone};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use jiff::civil::Date;
use jiff::{Span, Unit};
use std::borrow::Cow;

pub(super) const RANDOM_DATE: Definition = Definition {
    name: "__RandomDate",
    arguments: (3, Some(5)),
    compile: |arguments, scope| {
        let [format, start, end, locale, store] = take(arguments);
        let format = format.unwrap_or_default();
        let locale = locale.unwrap_or_default();
        let fixed = match (format.as_literal(), locale.as_literal()) {
            (Some(format), Some(name)) if trim(name).is_empty() => {
                compile(trim(format), &locale::of_jmeter(scope.properties)).ok()
            }
            (Some(format), Some(name)) => {
                locale::named(trim(name)).ok().and_then(|locale| compile(trim(format), &locale).ok())
            }
            _ => None,
        };
        Ok(Box::new(Call {
            format,
            locale,
            fixed,
            start: start.unwrap_or_default(),
            end: end.unwrap_or_default(),
            store: Store::new(store, scope),
        }))
    },
    summary: "A random day between two dates",
};

const TARGET: &str = "org.apache.jmeter.functions.RandomDate";
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

struct Call {
    format: Expr,
    locale: Expr,
    /// The formatter, if the plan says format and locale.
    fixed: Option<DateTimeFormatter>,
    start: Expr,
    end: Expr,
    store: Store,
}

/// The formatter, which fills in what a text leaves out.
fn compile(pattern: &str, locale: &Locale) -> Result<DateTimeFormatter, String> {
    let pattern = if pattern.is_empty() { "yyyy-MM-dd" } else { pattern };
    let formatter = DateTimeFormatter::of_pattern(pattern, locale).map_err(|error| error.to_string())?;
    let year = Zone::local().local_time(clock::now()).year();
    Ok(formatter.with_defaults(&[(Field::DayOfMonth, 1), (Field::MonthOfYear, 1), (Field::YearOfEra, i64::from(year))]))
}

impl Call {
    fn formatter(&self, user: &mut VirtualUser) -> Result<Result<Cow<'_, DateTimeFormatter>, String>, Thrown> {
        if let Some(formatter) = &self.fixed {
            return Ok(Ok(Cow::Borrowed(formatter)));
        }
        let name = self.locale.eval(user)?;
        let locale = match trim(&name) {
            "" => locale::of_jmeter(&user.run.properties),
            name => locale::named(name)?,
        };
        let format = self.format.eval(user)?;
        Ok(compile(trim(&format), &locale).map(Cow::Owned))
    }
}

/// Days since 1970; 0 for a text that is no date.
fn epoch_day(text: &str, what: &str, formatter: &DateTimeFormatter) -> i64 {
    let date = match formatter.parse(text) {
        Ok(parsed) => parsed.date.ok_or_else(|| "no date".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    match date {
        Ok(date) => days(date),
        Err(cause) => {
            log::error!(target: TARGET, "Failed to parse {what} '{text}': {cause}");
            0
        }
    }
}

fn days(date: Date) -> i64 {
    EPOCH.until((Unit::Day, date)).map_or(0, |span| i64::from(span.get_days()))
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let formatter = match self.formatter(user)? {
            Ok(formatter) => formatter,
            Err(cause) => {
                log::error!(target: TARGET, "Format date pattern is invalid: {cause}");
                return Ok(Text::default());
            }
        };
        let (start, end) = (self.start.eval(user)?, self.end.eval(user)?);
        let first = match trim(&start) {
            "" => days(Zone::local().local_time(clock::now()).date()),
            start => epoch_day(start, "Start Date", &formatter),
        };
        let last = epoch_day(trim(&end), "End date", &formatter);
        if last < first {
            log::error!(target: TARGET, "End Date '{end}' must be greater than Start Date '{start}'");
            return Ok(Text::default());
        }
        if last == first {
            return Err(Thrown::new("java.lang.IllegalArgumentException", "bound must be greater than origin"));
        }
        let drawn = EPOCH.saturating_add(Span::new().days(user.random.i64(first..last)));
        let mut text = String::new();
        formatter
            .format(&mut text, &Moment::of_date(drawn))
            .map_err(|error| Thrown::new("java.time.temporal.UnsupportedTemporalTypeException", error.to_string()))?;
        let text = Text::from(text);
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn days_are_drawn() {
        Bench::default().variable("f", "dd/MM/yyyy").check(&[
            ("${__RandomDate(,2023-11-14,2023-11-15)}", "2023-11-14"),
            ("${__RandomDate(${f},14/11/2023,15/11/2023,, v )}|${v}", "14/11/2023|14/11/2023"),
            ("${__RandomDate(d MMMM yyyy,14 novembre 2023,15 novembre 2023,fr)}", "14 novembre 2023"),
            ("${__RandomDate(MM-dd,01-01,01-02)}", "01-01"),
            ("[${__RandomDate(,2023-11-14,2023-11-13,,w)}]|${w}", "[]|${w}"),
            (
                "${__RandomDate(,2023-11-14,2023-11-14)}",
                "!java.lang.IllegalArgumentException: bound must be greater than origin",
            ),
            ("[${__RandomDate(,,nonsense)}]", "[]"),
            ("${__RandomDate(,nonsense,1970-01-02)}", "1970-01-01"),
            ("[${__RandomDate(bad,1,2)}]", "[]"),
            (
                "${__RandomDate(yyyy-MM-dd HH,2023-11-14 01,2023-11-15 01)}",
                "!java.time.temporal.UnsupportedTemporalTypeException: Unsupported field: HourOfDay",
            ),
        ]);
    }

    #[test]
    fn the_end_is_not_drawn() {
        let (mut user, exprs) = Bench::default().user(&["${__RandomDate(,2023-11-14,2023-11-16)}"]);
        let mut seen: Vec<_> = (0..100).map(|_| exprs[0].eval(&mut user).unwrap()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.iter().map(|text| &**text).collect::<Vec<_>>(), ["2023-11-14", "2023-11-15"]);
    }
}
