//! Generate Summary Results: the console lines, under its own name.

use crate::elements::{CollectorSpec, Definition, Role, Structure};

pub(super) const SUMMARISER: Definition = Definition {
    tag: "Summariser",
    menu: "Generate Summary Results",
    compile: |compile| Some(Role::structure(Structure::Collector(CollectorSpec::Summariser(compile.name())))),
};
