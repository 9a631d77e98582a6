//! Config elements.

mod arguments;
mod at_start;
mod auth_manager;
mod cache_manager;
mod cookie_manager;
mod counter;
mod csv_data_set;
mod csv_record;
mod data_files;
mod defaults;
mod directory_listing;
mod dns_cache_manager;
mod header_manager;
mod keystore_config;
mod lock_file;
mod number_format;
mod random_csv;
mod random_variable;
mod text_reader;
mod variables_from_csv;

pub use arguments::variables;
pub use auth_manager::{AuthManager, Authorization, in_domain};
pub use cache_manager::{Cache, CacheManager};
pub use cookie_manager::CookieManager;
pub use dns_cache_manager::DnsCacheManager;
pub use header_manager::{HeaderManager, Headers};
pub use keystore_config::{ClientCertificates, read_store};

use super::Definition;
use crate::expr::BoolExpr;
use crate::virtual_user::{Thrown, VirtualUser};

/// Config elements, sorted by tag.
pub static CONFIGS: &[Definition] = &[
    arguments::ARGUMENTS,
    auth_manager::AUTH_MANAGER,
    csv_data_set::CSV_DATA_SET,
    cache_manager::CACHE_MANAGER,
    defaults::DEFAULTS,
    cookie_manager::COOKIE_MANAGER,
    counter::COUNTER,
    dns_cache_manager::DNS_CACHE_MANAGER,
    header_manager::HEADER_MANAGER,
    keystore_config::KEYSTORE_CONFIG,
    random_variable::RANDOM_VARIABLE,
    directory_listing::DIRECTORY_LISTING,
    random_csv::RANDOM_CSV,
    lock_file::LOCK_FILE,
    variables_from_csv::VARIABLES_FROM_CSV,
];

/// How many records with quoted fields a data file holds, those not counted that cannot be read.
pub(super) fn csv_records(bytes: &[u8], charset: &str, delimiter: char) -> usize {
    let Ok(mut reader) = text_reader::TextReader::new(bytes, charset) else { return 0 };
    let mut count = 0;
    loop {
        match csv_record::quoted(&mut reader, delimiter) {
            Ok(fields) if fields.is_empty() => return count,
            Ok(_) => count += 1,
            Err(_) => {}
        }
    }
}

/// Whether a manager starts an iteration without what it kept: because its own flag says so, or because the thread
/// group, to which it leaves that, makes each iteration another user.
fn starts_anew(by_thread_group: &BoolExpr, each_iteration: &BoolExpr, user: &mut VirtualUser) -> Result<bool, Thrown> {
    if by_thread_group.eval(user)? {
        return Ok(!user.group.same_user_on_next_iteration);
    }
    each_iteration.eval(user)
}
