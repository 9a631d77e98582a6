//! Typed places for the state that elements keep per user. A place is given out when the plan is compiled and holds
//! nothing until an element first asks for it, so that a waiting user costs little.

use ahash::AHashMap;
use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::sync::Arc;

/// A place for a `T` in every user.
#[derive(Debug)]
pub struct Slot<T> {
    index: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

/// Gives out places while a plan is compiled.
#[derive(Debug, Default)]
pub struct SlotAllocator {
    next: u32,
    common: AHashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl SlotAllocator {
    /// How many places were given out.
    pub fn count(&self) -> usize {
        self.next as usize
    }

    /// Gives out places behind all those that `slots` holds: for expressions that are compiled at run time.
    pub fn behind(slots: &Slots) -> Self {
        SlotAllocator { next: slots.0.len() as u32, common: AHashMap::new() }
    }

    /// What all elements of one kind in the plan share, made for the first of them that is compiled.
    pub fn common<T: Send + Sync + 'static>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Arc<T> {
        let kind = TypeId::of::<T>();
        if let Some(Ok(made)) = self.common.get(&kind).map(|made| Arc::clone(made).downcast()) {
            return made;
        }
        let made = Arc::new(make(self));
        self.common.insert(kind, Arc::clone(&made) as Arc<dyn Any + Send + Sync>);
        made
    }

    /// A new place.
    pub fn slot<T>(&mut self) -> Slot<T> {
        let index = self.next;
        self.next += 1;
        Slot { index, of: PhantomData }
    }
}

/// The places of one user.
#[derive(Default)]
pub struct Slots(Vec<Option<Box<dyn Any + Send>>>);

impl Slots {
    /// Room for `count` places, none of them made yet.
    pub fn with_places(count: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(count, || None);
        Slots(places)
    }

    /// The state in `slot`, if it was ever made.
    pub fn peek<T: 'static>(&self, slot: Slot<T>) -> Option<&T> {
        self.0.get(slot.index as usize)?.as_deref()?.downcast_ref()
    }

    /// The state in `slot`, made by `T::default()` on first use.
    pub fn get<T: Default + Send + 'static>(&mut self, slot: Slot<T>) -> &mut T {
        let index = slot.index as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, || None);
        }
        let place = self.0[index].get_or_insert_with(|| Box::<T>::default());
        match place.downcast_mut() {
            Some(state) => state,
            // Only a `Slot<T>` leads to a place, and its number is given out once.
            None => unreachable!("a place holds one type for ever"),
        }
    }

    /// Takes the state out, so that the user can be used while it is changed; `put` brings it back.
    pub fn take<T: Default + Send + 'static>(&mut self, slot: Slot<T>) -> T {
        std::mem::take(self.get(slot))
    }

    /// Forgets the places from `count` on.
    pub fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }

    /// How many places have been made.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no place has been made.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts state into `slot`.
    pub fn put<T: Default + Send + 'static>(&mut self, slot: Slot<T>, state: T) {
        *self.get(slot) = state;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_their_types_apart() {
        let mut allocator = SlotAllocator::default();
        let (a, b) = (allocator.slot::<u32>(), allocator.slot::<String>());
        let mut slots = Slots::default();
        *slots.get(a) += 2;
        slots.get(b).push('x');
        assert_eq!((*slots.get(a), slots.get(b).as_str()), (2, "x"));
        assert_eq!(slots.take(b), "x");
        assert_eq!(slots.get(b), "");
    }
}
