//! Simple Controller and the others that are nothing but a container.

use super::Controller;
use crate::elements::{Definition, Role};

pub(super) const SIMPLE: Definition =
    Definition { tag: "GenericController", menu: "Simple Controller", compile: |_| Some(Role::controller(Container)) };

pub(super) const RECORDING: Definition = Definition {
    tag: "RecordingController",
    menu: "Recording Controller",
    compile: |_| Some(Role::controller(Container)),
};

pub(super) const MODULE: Definition = Definition {
    tag: "ModuleController",
    menu: "Module Controller",
    // What it points at has been put below it when the plan was linked.
    compile: |_| Some(Role::controller(Container)),
};

pub(super) const INCLUDE: Definition = Definition {
    tag: "IncludeController",
    menu: "Include Controller",
    // As with modules.
    compile: |_| Some(Role::controller(Container)),
};

pub(super) const FRAGMENT: Definition = Definition {
    tag: "TestFragmentController",
    menu: "Test Fragment",
    // At plan level it has no children of its own in any group; it runs where a module or include points at it.
    compile: |_| Some(Role::controller(Container)),
};

/// Children in order.
struct Container;

impl Controller for Container {}
