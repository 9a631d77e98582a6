//! Retry-After and back-off: pure decisions.
