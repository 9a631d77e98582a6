//! `__dateTimeConvert(date, from, to, variable)`: a date in another format. Without a format to read it is in milliseconds.
//! What goes wrong gives an empty text.

use super::{Definition, Function, Store, locale, take};
use crate::clock::Timestamp;
use crate::expr::Expr;
use crate::java::date_format::{DateTimeFormatter, Locale, Moment, Zone};
use crate::java::number::parse_long;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::borrow::Cow;

pub(super) const DATE_TIME_CONVERT: Definition = Definition {
    name: "__dateTimeConvert",
    arguments: (3, Some(4)),
    compile: |arguments, scope| {
        let [date, from, to, store] = take(arguments);
        let locale = locale::of_java(scope.properties);
        Ok(Box::new(Call {
            date: date.unwrap_or_default(),
            from: Format::new(from.unwrap_or_default(), &locale),
            to: Format::new(to.unwrap_or_default(), &locale),
            locale,
            store: Store::new(store, scope),
        }))
    },
    summary: "A date in another format",
};

struct Call {
    date: Expr,
    from: Format,
    to: Format,
    locale: Locale,
    store: Store,
}

/// A pattern, compiled if the plan says it.
struct Format {
    pattern: Expr,
    fixed: Option<DateTimeFormatter>,
}

impl Format {
    fn new(pattern: Expr, locale: &Locale) -> Self {
        let fixed = pattern.as_literal().and_then(|literal| DateTimeFormatter::of_pattern(literal, locale).ok());
        Format { pattern, fixed }
    }

    fn formatter(&self, pattern: &str, locale: &Locale) -> Result<Cow<'_, DateTimeFormatter>, String> {
        match &self.fixed {
            Some(formatter) => Ok(Cow::Borrowed(formatter)),
            None => DateTimeFormatter::of_pattern(pattern, locale).map(Cow::Owned).map_err(|error| error.to_string()),
        }
    }
}

impl Call {
    fn convert(&self, date: &str, from: &str, to: &str) -> Result<String, String> {
        let zone = Zone::local();
        let target = self.to.formatter(to, &self.locale)?;
        let moment = if from.is_empty() {
            let millis = parse_long(date).map_err(|error| error.to_string())?;
            Moment::at(Timestamp::from_millis(millis), &zone)
        } else {
            let source = self.from.formatter(from, &self.locale)?;
            source.parse(date).map_err(|error| error.to_string())?.in_zone(&zone)
        };
        let mut text = String::new();
        target.format(&mut text, &moment).map_err(|error| error.to_string())?;
        Ok(text)
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (date, from) = (self.date.eval(user)?, self.from.pattern.eval(user)?);
        let to = self.to.pattern.eval(user)?;
        match self.convert(&date, &from, &to) {
            Ok(text) => {
                let text = Text::from(text);
                self.store.put(user, &text)?;
                Ok(text)
            }
            Err(cause) => {
                log::error!(
                    target: "org.apache.jmeter.functions.DateTimeConvertFunction",
                    "Error calling __dateTimeConvert function with value {date}, source format {from}, \
                     target format {to}, {cause}"
                );
                Ok(Text::default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;
    use crate::java::date_format::Zone;

    #[test]
    fn dates_change_their_format() {
        Zone::set_default(Zone::utc());
        Bench::default().variable("to", "dd.MM.yy").check(&[
            ("${__dateTimeConvert(2023-11-14,yyyy-MM-dd,${to}, v )}|${v}", "14.11.23|14.11.23"),
            ("${__dateTimeConvert(1700000000123,,yyyy-MM-dd HH:mm:ss.SSS)}", "2023-11-14 22:13:20.123"),
            ("[${__dateTimeConvert(32/01/2023,dd/MM/yyyy,yyyy,w)}]|${w}", "[]|${w}"),
            ("[${__dateTimeConvert(x,,yyyy)}]", "[]"),
            ("[${__dateTimeConvert(2023,yyyy,b)}]", "[]"),
        ]);
    }
}
