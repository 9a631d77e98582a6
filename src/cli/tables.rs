//! `rotameter elements` and `rotameter functions`: what is supported.

use super::console;
use super::exit_code::Exit;
use crate::elements::FAMILIES;
use crate::functions::FUNCTIONS;

/// Lists the elements, family by family.
pub(super) fn elements() -> Exit {
    for (family, table) in FAMILIES {
        console::line(family);
        for definition in *table {
            console::line(&format!("  {:<34} {}", definition.tag, definition.menu));
        }
    }
    Exit::Done
}

/// Lists the functions.
pub(super) fn functions() -> Exit {
    for definition in FUNCTIONS {
        console::line(&format!("{:<26} {}", definition.name, definition.summary));
    }
    Exit::Done
}
