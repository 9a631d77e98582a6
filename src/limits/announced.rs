//! What servers say of their limits in headers.

use std::time::Duration;

/// What one answer said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// `Retry-After`
    pub retry_after: Option<Duration>,
}
