//! Closures, and whatever else can be called as one.

use super::Value;
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use std::any::Any;

/// Where a closure looks for names that are neither its own nor captured.
///
/// The values are those of `groovy.lang.Closure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resolve {
    /// `OWNER_FIRST`
    #[default]
    OwnerFirst = 0,
    /// `DELEGATE_FIRST`
    DelegateFirst = 1,
    /// `OWNER_ONLY`
    OwnerOnly = 2,
    /// `DELEGATE_ONLY`
    DelegateOnly = 3,
    /// `TO_SELF`
    ToSelf = 4,
}

/// A closure, method reference, or composition of such.
pub trait Callable: Any + Send + Sync + std::fmt::Debug {
    /// Calls it. One argument that is a list is spread over several parameters, as Groovy does.
    fn call(&self, machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome;

    /// `getMaximumNumberOfParameters()`; 1 for the implicit `it`.
    fn parameters(&self) -> usize;

    /// A copy whose names are looked for in `delegate` too, as `with`, `tap` and builders use it.
    fn with_delegate(&self, delegate: Value, resolve: Resolve) -> Value;

    /// `closure.delegate`, `owner`, `thisObject`, `resolveStrategy`.
    fn get(&self, _name: &str) -> Option<Value> {
        None
    }

    /// `closure.delegate = …`; false when there is nothing of that name to set.
    fn set(&self, _name: &str, _value: &Value) -> bool {
        false
    }
}
