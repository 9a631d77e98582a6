//! Pre-processors.

mod fifo_pop;
mod html_link_parser;
mod regex_user_parameters;
mod sample_timeout;
mod script;
mod url_rewriting;
mod user_parameters;

use super::Definition;

/// Pre-processors, sorted by tag.
pub static PRE_PROCESSORS: &[Definition] = &[
    html_link_parser::HTML_LINK_PARSER,
    script::BEAN_SHELL,
    script::JSR223,
    regex_user_parameters::REGEX_USER_PARAMETERS,
    sample_timeout::SAMPLE_TIMEOUT,
    url_rewriting::URL_REWRITING,
    user_parameters::USER_PARAMETERS,
    fifo_pop::FIFO_POP,
];
