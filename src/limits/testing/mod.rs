//! Limiters that are known, and users who meet them: what the inference is held against.

mod limiters;
mod oracle;
mod workload;

pub(super) use limiters::Spec;
pub(super) use oracle::can_tell;
pub(super) use workload::{Arrival, Workload};
