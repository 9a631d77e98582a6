//! HTTP Header Manager.

use crate::elements::roles::Config;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::jmx::PropertyValue;
use crate::virtual_user::{Slot, VirtualUser};
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
        Some(Role::config(HeaderManager { headers: headers.into(), kept: compile.slot() }))
    },
};

/// Names and values, in order.
pub type Headers = Arc<[(Expr, Expr)]>;

/// Headers for the requests in its scope.
pub struct HeaderManager {
    headers: Headers,
    /// What a user's scripts have made of them.
    kept: Slot<Option<Headers>>,
}

impl HeaderManager {
    /// Names and values, in order.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// What the user's scripts have made of them, if they have.
    pub fn kept<'u>(&self, user: &'u VirtualUser) -> Option<&'u Headers> {
        user.slots.peek(self.kept)?.as_ref()
    }

    /// Keeps what a script has made of them: the user's later requests send that.
    pub fn keep(&self, user: &mut VirtualUser, headers: Headers) {
        *user.slot(self.kept) = Some(headers);
    }
}

impl Config for HeaderManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}
