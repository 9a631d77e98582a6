//! Config elements.

mod arguments;
mod at_start;
mod csv_data_set;
mod csv_record;
mod data_files;
mod text_reader;

pub use arguments::variables;

use super::Definition;

/// Config elements, sorted by tag.
pub static CONFIGS: &[Definition] = &[arguments::ARGUMENTS, csv_data_set::CSV_DATA_SET];
