//! Random Order Controller: all its children, in an order that is new for each pass.

use super::Controller;
use super::walk::{ControllerId, Walk};
use crate::elements::{Definition, Role};

pub(super) const RANDOM_ORDER: Definition = Definition {
    tag: "RandomOrderController",
    menu: "Random Order Controller",
    compile: |_| Some(Role::controller(RandomOrder)),
};

struct RandomOrder;

impl RandomOrder {
    fn reorder(walk: &mut Walk<'_>, me: ControllerId) {
        let mut random = walk.user.random.fork();
        random.shuffle(walk.children_mut(me));
    }
}

impl Controller for RandomOrder {
    fn initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_initialize(me);
        Self::reorder(walk, me);
    }

    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_re_initialize(me);
        Self::reorder(walk, me);
    }
}
