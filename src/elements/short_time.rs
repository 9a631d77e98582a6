//! Times as the jpgc plugins write them in properties (`JMeterPluginsUtils.getSecondsForShortString`).

/// `1h30m`, `90s`, `90`
pub(in crate::elements) fn seconds(text: &str) -> Option<i64> {
    let (mut total, mut digits) = (0i64, String::new());
    for c in text.chars() {
        let factor = match c.to_ascii_lowercase() {
            '0'..='9' => {
                digits.push(c);
                continue;
            }
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(i64::from(digits.parse::<i32>().ok()?) * factor)?;
        digits.clear();
    }
    if !digits.is_empty() {
        total = total.checked_add(i64::from(digits.parse::<i32>().ok()?))?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(
            [seconds("1d2h"), seconds("1m30S"), seconds("7"), seconds("")].map(Option::unwrap),
            [93_600, 90, 7, 0]
        );
        assert_eq!([seconds("s"), seconds("5x"), seconds("-1"), seconds("99999999999")], [None; 4]);
    }
}
