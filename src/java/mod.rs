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
pub mod random;
pub mod regex;
pub mod url_encoding;

use std::cmp::Ordering;

/// `String.compareTo`: by UTF-16 code units.
pub fn compare_texts(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() { left.cmp(right) } else { left.encode_utf16().cmp(right.encode_utf16()) }
}
