//! Java's own rules that plans depend on: random sequences, number and date patterns, form encoding, Perl 5 patterns.

pub mod number_text;
