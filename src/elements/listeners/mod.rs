//! Listeners: result files, the summariser, and elements that act on each sample.

mod auto_stop;
mod backend;
mod console_status_logger;
mod flexible_file_writer;
mod left_out;
mod perf_mon;
mod prometheus;
mod result_action;
mod result_collector;
mod result_saver;
mod script;
mod summariser;

pub use result_collector::{save_config, timestamp_formatter};

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
    result_collector::FLUSHING_RESULT_COLLECTOR,
    prometheus::PROMETHEUS,
    left_out::DB_MON,
    left_out::JMX_MON,
    left_out::GRAPHS_GENERATOR,
    perf_mon::PERF_MON,
    auto_stop::AUTO_STOP,
    console_status_logger::CONSOLE_STATUS_LOGGER,
    flexible_file_writer::FLEXIBLE_FILE_WRITER,
    left_out::LOADOSOPHIA,
    left_out::BLAZE_METER,
    result_collector::COMPOSITE_RESULT_COLLECTOR,
    result_collector::CORRECTED_RESULT_COLLECTOR,
];
