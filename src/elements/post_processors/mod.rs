//! Post-processors.

mod boundary;
mod css;
mod debug;
mod dummy_sub_sample;
mod fifo_put;
mod jmes_path;
mod json_formatter;
mod json_path;
mod plugin_json_path;
mod regex;
mod script;
mod template;
mod xpath;

use super::Definition;

/// Post-processors, sorted by tag.
pub static POST_PROCESSORS: &[Definition] = &[
    script::BEAN_SHELL,
    boundary::BOUNDARY,
    debug::DEBUG,
    css::CSS,
    jmes_path::JMES_PATH,
    json_path::JSON_PATH,
    script::JSR223,
    regex::REGEX,
    xpath::XPATH2,
    xpath::XPATH,
    json_formatter::JSON_FORMATTER,
    plugin_json_path::PLUGIN_JSON_PATH,
    dummy_sub_sample::DUMMY_SUB_SAMPLE,
    fifo_put::FIFO_PUT,
];
