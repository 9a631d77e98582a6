//! `__time(format, variable)`: now, in milliseconds, as a number divided by `n` for the format `/n`, or in a pattern of
//! `java.time`. `YMD`, `HMS`, `YMDHMS`, `USER1` and `USER2` stand for the patterns in the properties `time.YMD` …
//!
//! Format and variable are fixed before the run.

use super::early::Early;
use super::{Definition, Function, Store, locale, not_a_number, take};
use crate::clock;
use crate::java::date_format::{DateTimeFormatter, Moment, Zone};
use crate::java::number::parse_long;
use crate::properties::Properties;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::OnceLock;

pub(super) const TIME: Definition = Definition {
    name: "__time",
    arguments: (0, Some(2)),
    compile: |arguments, scope| {
        let [format, store] = take(arguments);
        let format = Early::new(format, scope);
        let made = OnceLock::new();
        if let Some(text) = format.fixed() {
            made.get_or_init(|| Format::compile(text, scope.properties));
        }
        Ok(Box::new(Call { format, made, store: Store::early(store, scope) }))
    },
    summary: "The present time, in milliseconds or in a given format",
};

struct Call {
    format: Early,
    made: OnceLock<Result<Format, Thrown>>,
    store: Store,
}

enum Format {
    Millis,
    /// Milliseconds, divided.
    Divided(i64),
    Pattern {
        formatter: Box<DateTimeFormatter>,
        zone: Zone,
    },
}

impl Format {
    fn compile(text: &str, properties: &Properties) -> Result<Self, Thrown> {
        if text.is_empty() {
            return Ok(Format::Millis);
        }
        let of_alias = |name: &str, default: &str| properties.text_or(name, default);
        let pattern = match text {
            "YMD" => of_alias("time.YMD", "yyyyMMdd"),
            "HMS" => of_alias("time.HMS", "HHmmss"),
            "YMDHMS" => of_alias("time.YMDHMS", "yyyyMMdd-HHmmss"),
            "USER1" => of_alias("time.USER1", ""),
            "USER2" => of_alias("time.USER2", ""),
            _ => Text::from(text),
        };
        if let Some(digits) = pattern.strip_prefix('/')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            return match parse_long(digits).map_err(not_a_number)? {
                0 => Err(Thrown::new("java.lang.ArithmeticException", "/ by zero")),
                divisor => Ok(Format::Divided(divisor)),
            };
        }
        match DateTimeFormatter::of_pattern(&pattern, &locale::of_java(properties)) {
            Ok(formatter) => Ok(Format::Pattern { formatter: Box::new(formatter), zone: Zone::local() }),
            Err(error) => Err(Thrown::new("java.lang.IllegalArgumentException", error.to_string())),
        }
    }

    fn write(&self, now: clock::Timestamp) -> Result<Text, Thrown> {
        match self {
            Format::Millis => Ok(Text::from(itoa::Buffer::new().format(now.millis()))),
            Format::Divided(divisor) => Ok(Text::from(itoa::Buffer::new().format(now.millis() / divisor))),
            Format::Pattern { formatter, zone } => {
                let mut text = String::new();
                formatter.format(&mut text, &Moment::at(now, zone)).map_err(|error| {
                    Thrown::new("java.time.temporal.UnsupportedTemporalTypeException", error.to_string())
                })?;
                Ok(Text::from(text))
            }
        }
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let made = match self.made.get() {
            Some(made) => made,
            None => {
                let format = self.format.text(user)?;
                self.made.get_or_init(|| Format::compile(format, &user.run.properties))
            }
        };
        let text = made.as_ref().map_err(Clone::clone)?.write(clock::now())?;
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use crate::clock::Timestamp;
    use crate::functions::testing::{Bench, show};
    use crate::java::date_format::Zone;

    #[test]
    fn formats() {
        Zone::set_default(Zone::utc());
        let bench = Bench::default().property("time.USER1", "yy");
        let now = Timestamp::from_millis(1_700_000_000_123);
        for (format, expected) in [
            ("", "1700000000123"),
            ("/1000", "1700000000"),
            ("/7", "242857142874"),
            ("YMD", "20231114"),
            ("HMS", "221320"),
            ("YMDHMS", "20231114-221320"),
            ("USER1", "23"),
            ("USER2", ""),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2023-11-14T22:13:20.123Z"),
            ("/0", "!java.lang.ArithmeticException: / by zero"),
            ("bad", "!java.lang.IllegalArgumentException: Unknown pattern letter: b"),
            ("/99999999999999999999", "!java.lang.NumberFormatException: For input string: \"99999999999999999999\""),
            ("/", "/"),
        ] {
            let result = Format::compile(format, &bench.properties).and_then(|format| format.write(now));
            assert_eq!(show(result), expected, "{format}");
        }
    }

    #[test]
    fn format_and_variable_are_those_of_the_start() {
        let bench = Bench::default().variable("f", "'start'").variable("v", " t ");
        let (mut user, exprs) = bench.user(&["${__time(${f},${v})}|${t}", "${__eval(${text})}", "${__time}"]);
        user.variables.put("f", "'now'");
        user.variables.put("text", "${__time(${f},${v})}${t}");
        assert_eq!(&*exprs[0].eval(&mut user).unwrap(), "start|start");
        assert_eq!(&*exprs[1].eval(&mut user).unwrap(), "nownow");
        let millis: i64 = exprs[2].eval(&mut user).unwrap().parse().unwrap();
        assert!((crate::clock::now().millis() - millis).abs() < 60_000);
    }
}
