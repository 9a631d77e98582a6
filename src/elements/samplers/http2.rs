//! bzm - HTTP Sampler of the BlazeMeter HTTP plugin: an HTTP Request that speaks HTTP/2 where the server does, or as its
//! "Client Behavior" says. All else about it is as for HTTP Request; HTTP/3 is not spoken.

use super::http::HttpRequest;
use crate::elements::{Definition, Role};

pub(super) const HTTP2: Definition = Definition {
    tag: "com.blazemeter.jmeter.http2.sampler.HTTP2Sampler",
    menu: "bzm - HTTP Sampler",
    compile: |compile| Some(Role::sampler(HttpRequest::of_plugin(compile))),
};
