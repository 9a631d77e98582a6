//! Runs a compiled plan: which sample next, when, by whom, and when to stop.
