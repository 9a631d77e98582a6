//! The locales that the functions of dates speak.

use crate::java::date_format::Locale;
use crate::properties::Properties;
use crate::virtual_user::Thrown;

/// `Locale.getDefault()`: the system properties `user.language` and `user.country`.
pub(super) fn of_java(properties: &Properties) -> Locale {
    let system = properties.system();
    let language = system.get("user.language").unwrap_or_else(|| "en".into());
    match system.get("user.country").or_else(|| system.get("user.region")) {
        Some(country) if !country.is_empty() => Locale::of(&format!("{language}_{country}")),
        _ => Locale::of(&language),
    }
}

/// `JMeterUtils.getLocale()`: the property `language`, or else Java's.
pub(super) fn of_jmeter(properties: &Properties) -> Locale {
    match properties.get("language") {
        Some(language) => Locale::of(&language),
        None => of_java(properties),
    }
}

/// `LocaleUtils.toLocale(text)` of Commons Lang 3.12 and what it throws.
pub(super) fn named(text: &str) -> Result<Locale, Thrown> {
    let mut parts = text.split('_');
    let (language, country, variant) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let is_language = |text: &str| matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_country = |text: &str| {
        text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
            || text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let known = match (country, variant) {
        (None, _) => is_language(language),
        (Some(country), None) => {
            is_language(language) && is_country(country) || language.is_empty() && is_country(country)
        }
        (Some(country), Some(variant)) => {
            is_language(language) && (country.is_empty() || is_country(country)) && !variant.is_empty()
        }
    };
    if known && parts.next().is_none() {
        return Ok(Locale::of(text));
    }
    Err(Thrown::new("java.lang.IllegalArgumentException", format!("Invalid locale format: {text}")))
}

#[cfg(test)]
mod tests {
    use super::named;

    /// As Commons Lang 3.12 takes and refuses them.
    #[test]
    fn names() {
        for (text, known) in
            [("fr", true), ("fr_FR", true), ("de_DE_EURO", true), ("fr-FR", false), ("FR", false), ("french", false)]
        {
            assert_eq!(named(text).is_ok(), known, "{text}");
        }
        assert_eq!(named("x").unwrap_err().message_or_null(), "Invalid locale format: x");
    }
}
