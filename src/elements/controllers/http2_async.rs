//! bzm - HTTP Async Controller of the BlazeMeter HTTP plugin: sends the requests in it without waiting for their
//! answers. Users here take one sample at a time, so it is a diagnostic.

use crate::elements::{Definition, Severity};

pub(super) const HTTP2_ASYNC: Definition = Definition {
    tag: "com.blazemeter.jmeter.http2.control.HTTP2Controller",
    menu: "bzm - HTTP Async Controller (a diagnostic)",
    compile: |compile| {
        let words = "bzm - HTTP Async Controller cannot run: a user sends one request at a time; a Simple Controller \
                     sends the same requests one after the other";
        compile.problem(Severity::Unsupported, words);
        None
    },
};
