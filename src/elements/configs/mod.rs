//! Config elements.

mod arguments;
mod cookie_manager;
mod defaults;
mod header_manager;

pub use arguments::variables;
pub use cookie_manager::CookieManager;
pub use header_manager::HeaderManager;

use super::Definition;

/// Config elements, sorted by tag.
pub static CONFIGS: &[Definition] =
    &[arguments::ARGUMENTS, defaults::DEFAULTS, cookie_manager::COOKIE_MANAGER, header_manager::HEADER_MANAGER];
