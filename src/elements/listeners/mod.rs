//! Listeners: result files, the summariser, and elements that act on each sample.

mod backend;
mod result_action;
mod result_collector;
mod result_saver;
mod script;
mod summariser;

use super::Definition;

/// Listeners, sorted by tag.
pub static LISTENERS: &[Definition] = &[
    backend::BACKEND_LISTENER,
    script::BEAN_SHELL,
    script::JSR223,
    result_action::RESULT_ACTION,
    result_collector::RESULT_COLLECTOR,
    result_saver::RESULT_SAVER,
    summariser::SUMMARISER,
    result_collector::CORRECTED_RESULT_COLLECTOR,
];
