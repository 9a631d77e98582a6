//! Limiters that are known, and users who meet them: what the inference is held against.

mod oracle;
mod workload;

pub(super) use crate::retry::testing::Spec;
pub(super) use oracle::can_tell;
pub(super) use workload::{Arrival, Workload};
