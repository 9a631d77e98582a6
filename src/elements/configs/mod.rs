//! Config elements.

mod arguments;
mod at_start;
mod cookie_manager;
mod counter;
mod csv_data_set;
mod csv_record;
mod data_files;
mod defaults;
mod header_manager;
mod number_format;
mod random_variable;
mod text_reader;

pub use arguments::variables;
pub use cookie_manager::CookieManager;
pub use header_manager::HeaderManager;

use super::Definition;

/// Config elements, sorted by tag.
pub static CONFIGS: &[Definition] = &[
    arguments::ARGUMENTS,
    csv_data_set::CSV_DATA_SET,
    defaults::DEFAULTS,
    cookie_manager::COOKIE_MANAGER,
    counter::COUNTER,
    header_manager::HEADER_MANAGER,
    random_variable::RANDOM_VARIABLE,
];
