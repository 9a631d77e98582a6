//! What a Backend Listener's table says (`BackendListenerContext`).

use crate::java::decimal_format::DecimalFormat;
use crate::java::hash_map::order_of_made_for;

/// Names and values, as they are when the run begins.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The rows of the table.
    pub(super) fn new(rows: Vec<(String, String)>) -> Self {
        Self(rows)
    }

    /// All rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a name, `default` when the table has none of that name.
    pub(super) fn get_or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        // Of two rows with one name the last counts: JMeter reads the table into a map.
        let row = self.iter().filter(|row| row.0 == name).last();
        row.map_or(default, |row| row.1)
    }

    /// A flag.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.get_or(name, if default { "true" } else { "false" }).eq_ignore_ascii_case("true")
    }
}

/// A percentile that is to be sent.
#[derive(Clone)]
pub(super) struct Percentile {
    /// Which one.
    pub(super) percent: f32,
    /// With two digits behind the point at most: what JMeter's maps know it by.
    pub(super) name: String,
}

/// `99;95;90`, in the order in which JMeter's map of them goes through its entries. Of two with one name the last counts.
pub(super) fn percentiles(text: &str, backend: &str) -> Vec<Percentile> {
    // A format that is written here can be read.
    let Ok(two_digits) = DecimalFormat::compile("0.##") else { return Vec::new() };
    let mut percentiles: Vec<Percentile> = Vec::new();
    let parts: Vec<&str> = text.trim_end_matches(';').split(';').collect();
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        match part.parse::<f32>() {
            Ok(percent) if percent > 0.0 && percent <= 100.0 => {
                let name = two_digits.format_double(f64::from(percent));
                match percentiles.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.percent = percent,
                    None => percentiles.push(Percentile { percent, name }),
                }
            }
            _ => log::error!(
                target: "org.apache.jmeter.visualizers.backend",
                "{backend}: Error parsing percentile: '{part}'"
            ),
        }
    }
    let names: Vec<&str> = percentiles.iter().map(|percentile| percentile.name.as_str()).collect();
    let order = order_of_made_for(&names, parts.len());
    order.into_iter().map(|at| percentiles[at].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in the order of the fields that JMeter 5.6.2 sent.
    #[test]
    fn percentiles_stand_in_the_order_of_jmeters_map() {
        let named = |text| percentiles(text, "x").into_iter().map(|one| one.name).collect::<Vec<_>>();
        assert_eq!(named("99;95;90"), ["99", "95", "90"]);
        assert_eq!(named("99;95.5; 90 ;x;100;90.0"), ["99", "95.5", "100", "90"]);
        assert_eq!(named("99.999;100"), ["100"]);
        assert_eq!(percentiles("99.999;100", "x")[0].percent, 100.0);
        assert!(named(";").is_empty());
    }
}
