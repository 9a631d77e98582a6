//! The names of months and days, and where weeks begin, as Java 17 has them (CLDR) for the languages that plans name.

use std::sync::Arc;

/// A line a locale: tag, months, short months, months standing alone, the same short, days from Monday, short days,
/// AM and PM, eras; printed by Java 17.
const TABLE: &str = include_str!("locales.txt");

/// Countries where weeks begin on Monday and the first week of a year has four days.
const ISO_WEEKS: &str = "AD AT AX BE BG CH CZ DE DK EE ES FI FJ FO FR GB GF GG GI GP GR HU IE IM IS IT JE LI LT LU MC MQ \
                         NL NO PL RE RU SE SJ SK SM VA";
/// Countries where weeks begin on Sunday, the first of January being in the first one.
const SUNDAY_WEEKS: &str = "AG AS AU BD BR BS BT BW BZ CA CN CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT \
                            MX MZ NI NP PA PE PH PK PR PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW";
/// Countries where weeks begin on Saturday.
const SATURDAY_WEEKS: &str = "AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY";

/// `java.util.Locale`, as far as dates need it. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(Arc<Names>);

#[derive(Debug, PartialEq, Eq)]
struct Names {
    tag: String,
    months: Vec<String>,
    short_months: Vec<String>,
    standalone_months: Vec<String>,
    short_standalone_months: Vec<String>,
    days: Vec<String>,
    short_days: Vec<String>,
    am_pm: Vec<String>,
    eras: Vec<String>,
    first_day: i64,
    min_days: i64,
}

/// How long a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Full,
    Short,
    FullStandalone,
    ShortStandalone,
    /// The first letter.
    Narrow,
}

impl Locale {
    /// `Locale.ROOT`.
    pub fn root() -> Self {
        Self::of("")
    }

    /// `Locale.ENGLISH`.
    pub fn english() -> Self {
        Self::of("en")
    }

    /// The locale of a tag such as `fr`, `fr_FR` or `fr-FR`. A language that is not known speaks the root's names.
    pub fn of(tag: &str) -> Self {
        let tag = tag.replace('_', "-");
        let mut parts = tag.split('-');
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let country = parts.next().unwrap_or_default().to_ascii_uppercase();
        let full = format!("{language}-{country}");
        let row = |wanted: &str| TABLE.lines().find(|line| line.split('|').next() == Some(wanted));
        let row = row(&full).or_else(|| row(&language)).or_else(|| row("")).unwrap_or_default();
        let mut columns = row.split('|').skip(1).map(|column| column.split(';').map(str::to_owned).collect::<Vec<_>>());
        let mut column = || columns.next().unwrap_or_default();
        let (first_day, min_days) = week_rule(&country);
        Self(Arc::new(Names {
            tag: if country.is_empty() { language } else { format!("{language}_{country}") },
            months: column(),
            short_months: column(),
            standalone_months: column(),
            short_standalone_months: column(),
            days: column(),
            short_days: column(),
            am_pm: column(),
            eras: column(),
            first_day,
            min_days,
        }))
    }

    /// The tag in Java's writing, `fr_FR`.
    pub fn tag(&self) -> &str {
        &self.0.tag
    }

    /// Names of the months, January first.
    pub(super) fn months(&self, style: Style) -> &[String] {
        match style {
            Style::Full | Style::Narrow => &self.0.months,
            Style::Short => &self.0.short_months,
            Style::FullStandalone => &self.0.standalone_months,
            Style::ShortStandalone => &self.0.short_standalone_months,
        }
    }

    /// Names of the days, Monday first.
    pub(super) fn days(&self, style: Style) -> &[String] {
        match style {
            Style::Full | Style::FullStandalone | Style::Narrow => &self.0.days,
            Style::Short | Style::ShortStandalone => &self.0.short_days,
        }
    }

    /// Ante and post meridiem.
    pub(super) fn am_pm(&self) -> &[String] {
        &self.0.am_pm
    }

    /// Before and after Christ.
    pub(super) fn eras(&self) -> &[String] {
        &self.0.eras
    }

    /// The first day of a week, 1 for Monday.
    pub fn first_day_of_week(&self) -> i64 {
        self.0.first_day
    }

    /// How many days of a year its first week has at least.
    pub fn min_days_in_first_week(&self) -> i64 {
        self.0.min_days
    }
}

/// Without a country, Java's weeks are American.
fn week_rule(country: &str) -> (i64, i64) {
    let among = |list: &str| list.split_whitespace().any(|known| known == country);
    match country {
        "" => (7, 1),
        "PT" => (7, 4),
        "MV" => (5, 1),
        _ if among(ISO_WEEKS) => (1, 4),
        _ if among(SUNDAY_WEEKS) => (7, 1),
        _ if among(SATURDAY_WEEKS) => (6, 1),
        _ => (1, 1),
    }
}
