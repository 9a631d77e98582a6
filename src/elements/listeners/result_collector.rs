//! Every listener that can write a file: View Results Tree, Summary Report, Simple Data Writer … Without a window they are
//! one element, and without a file name they do nothing.

use crate::elements::{CollectorSpec, Definition, Role, Structure};

pub(super) const RESULT_COLLECTOR: Definition = Definition {
    tag: "ResultCollector",
    menu: "View Results Tree, Simple Data Writer and other listeners with a file",
    compile: |compile| {
        let file = compile.expr("filename");
        if file.as_literal().is_some_and(|name| name.is_empty()) {
            return Some(Role::inert());
        }
        let element = Box::new(compile.element.clone());
        Some(Role::structure(Structure::Collector(CollectorSpec::File { file, element })))
    },
};
