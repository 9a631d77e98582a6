use super::*;

fn result<E: std::fmt::Display>(text: Result<String, E>) -> String {
    text.unwrap_or_else(|error| format!("error {error}"))
}

fn text_or_null<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| value.to_string())
}

fn local_time(time: jiff::civil::Time) -> String {
    match (time.second(), time.subsec_nanosecond()) {
        (0, 0) => format!("{:02}:{:02}", time.hour(), time.minute()),
        (second, 0) => format!("{:02}:{:02}:{second:02}", time.hour(), time.minute()),
        (second, nano) => {
            let digits = format!("{nano:09}");
            let digits = digits.strip_suffix("000000").or_else(|| digits.strip_suffix("000")).unwrap_or(&digits);
            format!("{:02}:{:02}:{second:02}.{digits}", time.hour(), time.minute())
        }
    }
}

const SHIFT_DEFAULTS: [(Field, i64); 9] = [
    (Field::NanoOfSecond, 0),
    (Field::MilliOfSecond, 0),
    (Field::SecondOfMinute, 0),
    (Field::MinuteOfHour, 0),
    (Field::HourOfDay, 0),
    (Field::DayOfMonth, 1),
    (Field::MonthOfYear, 1),
    (Field::YearOfEra, 2026),
    (Field::OffsetSeconds, 3600),
];

fn actual(kind: &str, pattern: &str, locale: &str, zone: &str, input: &str) -> String {
    let locale = Locale::of(locale);
    let zone = if zone.is_empty() { Zone::utc() } else { Zone::of(zone).unwrap() };
    let moment = || Timestamp::from_millis(input.parse().unwrap());
    match kind {
        "simple" => {
            result(DateFormat::compile_in(pattern, &locale).map(|format| format.format_to_string(moment(), &zone)))
        }
        "fast" => result(DateFormat::compile_fast(pattern).map(|format| format.format_to_string(moment(), &zone))),
        "formatter" | "date" => {
            let formatter = match DateTimeFormatter::of_pattern(pattern, &locale) {
                Ok(formatter) => formatter,
                Err(error) => return format!("error {error}"),
            };
            let input =
                if kind == "date" { Moment::of_date(input.parse().unwrap()) } else { Moment::at(moment(), &zone) };
            let mut out = String::new();
            result(formatter.format(&mut out, &input).map(|()| out))
        }
        "parse lenient" | "parse strict" => {
            let format = DateFormat::compile_in(pattern, &locale).unwrap();
            let parsed =
                if kind == "parse lenient" { format.parse(input, &zone) } else { format.parse_strict(input, &zone) };
            result(parsed.map(|moment| moment.millis().to_string()))
        }
        "read" => {
            let formatter = DateTimeFormatter::of_pattern(pattern, &locale).unwrap();
            result(formatter.parse(input).map(|parsed| {
                format!(
                    "{} {} {} {}",
                    text_or_null(parsed.date.map(|date| date.to_string().replace("-00", "-"))),
                    text_or_null(parsed.time.map(local_time)),
                    text_or_null(parsed.offset.map(zone::offset_id)),
                    text_or_null(parsed.zone.map(|zone| zone.id().to_string()))
                )
            }))
        }
        "shift" => {
            let formatter = DateTimeFormatter::of_pattern(pattern, &locale).unwrap().with_defaults(&SHIFT_DEFAULTS);
            let Some((moment, zone)) = formatter.parse(input).ok().and_then(|parsed| parsed.zoned()) else {
                return "error".to_owned();
            };
            let mut out = format!("{} {} ", moment.millis(), zone.id());
            formatter.format(&mut out, &Moment::at(moment, &zone)).unwrap();
            out
        }
        "long" => long_date(moment(), &zone),
        other => panic!("{other}"),
    }
}

/// Lines of JSON `[kind, pattern, locale, zone, input, result]`, printed by Java 17 and commons-lang 3.12.
#[test]
fn optional_parts_without_end_are_refused_and_do_not_overflow_the_stack() {
    let nested =
        |depth: usize| DateTimeFormatter::of_pattern(&format!("{}yyyy", "[".repeat(depth)), &Locale::english());
    let moment = Moment::at(Timestamp::from_millis(0), &Zone::of("UTC").unwrap());
    let mut written = String::new();
    nested(250).unwrap().format(&mut written, &moment).unwrap();
    assert_eq!(written, "1970");
    assert!(nested(250).unwrap().parse("1970").is_ok());
    assert!(nested(251).is_err() && nested(1_000_000).is_err());
}

#[test]
fn dates_are_those_of_java() {
    let mut failures = String::new();
    for line in include_str!("../../../fixtures/java/dates.jsonl").lines() {
        let row: Vec<String> = serde_json::from_str(line).unwrap();
        let actual = actual(&row[0], &row[1], &row[2], &row[3], &row[4]);
        if actual != row[5] {
            failures.push_str(&format!("{line}\n   got {actual}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

proptest::proptest! {
    #[test]
    fn no_pattern_and_no_text_panics(
        pattern in "([a-zA-Z]{1,4}|[-/:. '\\[\\]é]){0,8}",
        text in "([0-9+-]{1,5}|[A-Za-z]{1,3}|[-/:. é]){0,8}",
        micros in proptest::num::i64::ANY,
    ) {
        let zone = Zone::of("Europe/Paris").unwrap();
        let moment = Timestamp::from_micros(micros);
        for format in [DateFormat::compile(&pattern), DateFormat::compile_fast(&pattern)].into_iter().flatten() {
            format.format_to_string(moment, &zone);
            let _ = format.parse(&text, &zone);
            let _ = format.parse_strict(&text, &zone);
        }
        if let Ok(formatter) = DateTimeFormatter::of_pattern(&pattern, &Locale::english()) {
            let _ = formatter.format(&mut String::new(), &Moment::at(moment, &zone));
            if let Ok(parsed) = formatter.parse(&text) {
                let _ = (parsed.zoned(), parsed.in_zone(&zone));
            }
        }
    }

    #[test]
    fn what_is_formatted_is_read(millis in 0_i64..4_000_000_000_000) {
        let zone = Zone::of("America/New_York").unwrap();
        let moment = Timestamp::from_millis(millis);
        let format = DateFormat::compile("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").unwrap();
        proptest::prop_assert_eq!(format.parse(&format.format_to_string(moment, &zone), &zone).unwrap(), moment);
    }
}
