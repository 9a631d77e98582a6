//! Summaries of a run for people and CI.
