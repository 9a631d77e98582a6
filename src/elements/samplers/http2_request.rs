//! HTTP2 Request of the BlazeMeter HTTP/2 plugin before its version 2. The plugin of today does not run it either: it
//! makes another element of it when the plan is opened in JMeter's window.

use crate::elements::{Definition, Severity};

pub(super) const HTTP2_REQUEST: Definition = Definition {
    tag: "com.blazemeter.jmeter.http2.sampler.HTTP2Request",
    menu: "bzm - HTTP2 Request (a diagnostic)",
    compile: |compile| {
        let words = "HTTP2 Request is of the HTTP/2 plugin's first version, which today's plugin does not run either: \
                     opening the plan in JMeter makes it a bzm - HTTP Sampler";
        compile.problem(Severity::Unsupported, words);
        None
    },
};
