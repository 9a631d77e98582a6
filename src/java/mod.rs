//! Java's own rules that plans depend on: random sequences, number and date patterns, form encoding, Perl 5 patterns.
//!
//! Every function here answers as the class of the same name in Java 17 (or in the library that JMeter ships) answers,
//! error texts included, since plans, logs and result files show them. Nothing here knows JMeter.

pub mod charset;
pub mod date_format;
pub mod decimal_format;
pub mod duration;
pub mod escape;
pub mod hash_map;
pub mod number;
pub mod number_text;
pub mod random;
pub mod regex;
pub mod url_encoding;
pub mod date_format {
    use crate::clock::Timestamp;
    pub struct DateFormat(String);
    impl DateFormat {
        pub fn compile(p: &str) -> Result<Self, ()> {
            Ok(Self(p.into()))
        }
        pub fn format(&self, t: Timestamp) -> String {
            let z =
                jiff::Timestamp::from_microsecond(t.micros()).unwrap().to_zoned_datetime(jiff::tz::TimeZone::system());
            z.strftime(
                &self
                    .0
                    .replace("yyyy", "%Y")
                    .replace("MM", "%m")
                    .replace("dd", "%d")
                    .replace("HH", "%H")
                    .replace("mm", "%M")
                    .replace("SSS", "%3f")
                    .replace("ss", "%S"),
            )
            .to_string()
        }
    }
    pub fn long_root(t: Timestamp) -> String {
        DateFormat("yyyy MM dd HH:mm:ss".into()).format(t)
    }
}
