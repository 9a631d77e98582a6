//! HTTP Header Manager.

use crate::elements::roles::Config;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::jmx::PropertyValue;
use std::any::Any;
use std::sync::Arc;

pub(super) const HEADER_MANAGER: Definition = Definition {
    tag: "HeaderManager",
    menu: "HTTP Header Manager",
    compile: |compile| {
        let element = compile.element;
        let mut headers = Vec::new();
        for entry in element.collection("HeaderManager.headers") {
            if let PropertyValue::Element(header) = &entry.value {
                // Plans of JMeter 2.3 and before keep the name under another key.
                let name = if header.get("Header.name").is_some() { "Header.name" } else { "TestElement.name" };
                headers.push((compile.expr_in(header, name), compile.expr_in(header, "Header.value")));
            }
        }
        Some(Role::config(HeaderManager { headers: headers.into() }))
    },
};

/// Headers for the requests in its scope.
pub struct HeaderManager {
    headers: Arc<[(Expr, Expr)]>,
}

impl HeaderManager {
    /// Names and values, in order.
    pub fn headers(&self) -> &Arc<[(Expr, Expr)]> {
        &self.headers
    }
}

impl Config for HeaderManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}
