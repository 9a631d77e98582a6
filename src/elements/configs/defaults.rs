//! Defaults for samplers: HTTP Request Defaults, Login Config, Simple Config. Samplers read them through their scopes.

use crate::elements::roles::Config;
use crate::elements::{Definition, Role, Severity};
use std::any::Any;

pub(super) const DEFAULTS: Definition = Definition {
    tag: "ConfigTestElement",
    menu: "HTTP Request Defaults, Login Config Element, Simple Config Element",
    compile: |compile| {
        let gui = compile.element.gui_class();
        let gui = gui.rsplit('.').next().unwrap_or_default();
        if matches!(gui, "FtpConfigGui" | "TcpConfigGui" | "TCPConfigGui" | "LdapConfigGui" | "LdapExtConfigGui") {
            compile.problem(Severity::Warning, format!("{gui} has no effect: its samplers are not supported"));
        }
        Some(Role::config(Defaults))
    },
};

/// Defaults; their properties are read from the element itself.
struct Defaults;

impl Config for Defaults {
    fn as_any(&self) -> &dyn Any {
        self
    }
}
