//! What a Backend Listener's table says (`BackendListenerContext`).

use crate::java::number::float_to_string;

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

/// `99;95;90`: each as a number, and as the text that `Float.toString` makes of it.
pub(super) fn percentiles(text: &str, backend: &str) -> Vec<(f64, String)> {
    let mut percentiles: Vec<(f64, String)> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match part.parse::<f32>() {
            Ok(percent) if percent > 0.0 && percent <= 100.0 => {
                let known = percentiles.iter().any(|known| known.0 == f64::from(percent));
                if !known {
                    percentiles.push((f64::from(percent), float_to_string(percent)));
                }
            }
            _ => log::error!(
                target: "org.apache.jmeter.visualizers.backend",
                "{backend}: Error parsing percentile: '{part}'"
            ),
        }
    }
    percentiles
}
