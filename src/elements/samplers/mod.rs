//! Samplers.

mod debug;
mod dummy;
mod flow_control;
pub mod http;
mod http2;
mod http2_request;
mod java_request;
mod script;
mod set_variables;
#[cfg(unix)]
mod system;

use super::Definition;

/// Samplers, sorted by tag.
pub static SAMPLERS: &[Definition] = &[
    script::BEAN_SHELL,
    debug::DEBUG,
    http::HTTP,
    script::JSR223,
    java_request::JAVA_REQUEST,
    #[cfg(unix)]
    system::SYSTEM,
    flow_control::FLOW_CONTROL,
    http2_request::HTTP2_REQUEST,
    http2::HTTP2,
    set_variables::SET_VARIABLES,
    dummy::DUMMY,
];

/// Whether a tag is a sampler's: those are compiled last, when the configs in their scopes are known.
pub fn is_sampler(tag: &str) -> bool {
    SAMPLERS.binary_search_by(|definition| definition.tag.cmp(tag)).is_ok()
}
