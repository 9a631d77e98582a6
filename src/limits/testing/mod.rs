//! Limiters that are known, and users who meet them: what the inference is held against.

mod limiters;
mod workload;

pub(super) use limiters::Spec;
pub(super) use workload::Workload;
