//! `synchronized (x) { … }`: one thread at a time for each object, the holder as often as it likes.

use crate::script::host::Host;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Thrown, Value, exceptions, hash_code};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

/// What tells one object from another; texts and numbers are the same object where Java keeps one of each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Address(usize),
    Named(String),
    Number(i32),
}

/// Who holds which object, and how often.
static HELD: Mutex<Option<HashMap<Identity, (ThreadId, u32)>>> = Mutex::new(None);
static RELEASED: Condvar = Condvar::new();

/// How often a waiting script looks whether the run is over.
const LOOK: Duration = Duration::from_millis(100);

/// Held until it is dropped.
pub(super) struct Monitor(Option<Identity>);

impl Monitor {
    /// Waits until no other thread holds `object`.
    pub(super) fn enter(machine: &Machine<'_>, object: &Value) -> Result<Self, Thrown> {
        if object.is_null() {
            return Err(Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null));
        }
        let Some(identity) = identity(&*machine.host, object) else { return Ok(Self(None)) };
        let own = std::thread::current().id();
        let mut held = lock();
        loop {
            let (holder, depth) = held.get_or_insert_default().entry(identity.clone()).or_insert((own, 0));
            if *holder == own {
                *depth += 1;
                return Ok(Self(Some(identity)));
            }
            if machine.host.stopping() {
                return Err(Thrown::new(exceptions::THREAD_DEATH, "the run has been stopped"));
            }
            held = RELEASED.wait_timeout(held, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let Some(identity) = self.0.take() else { return };
        let mut held = lock();
        let held = held.get_or_insert_default();
        if let Some((_, depth)) = held.get_mut(&identity) {
            *depth -= 1;
            if *depth == 0 {
                held.remove(&identity);
                RELEASED.notify_all();
            }
        }
    }
}

fn lock() -> MutexGuard<'static, Option<HashMap<Identity, (ThreadId, u32)>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `None` for what only one user has: nobody else can hold it.
fn identity(host: &dyn Host, object: &Value) -> Option<Identity> {
    let address = match object {
        Value::List(object) => Arc::as_ptr(object).addr(),
        Value::Array(object) => Arc::as_ptr(object).addr(),
        Value::Map(object) => Arc::as_ptr(object).addr(),
        Value::Set(object) => Arc::as_ptr(object).addr(),
        Value::Entry(object) => Arc::as_ptr(object).addr(),
        Value::Range(object) => Arc::as_ptr(object).addr(),
        Value::GString(object) => Arc::as_ptr(object).addr(),
        Value::Throwable(object) => Arc::as_ptr(object).addr(),
        Value::Closure(object) => Arc::as_ptr(object).addr(),
        Value::Object(object) => match object.class() {
            ClassRef::Host(class) => {
                return host.is_shared(&**object).then(|| Identity::Named(class.to_string()));
            }
            _ => Arc::as_ptr(object).addr(),
        },
        Value::Class(class) => return Some(Identity::Named(class.name())),
        Value::String(text) => return Some(Identity::Named(format!("\"{text}"))),
        other => return Some(Identity::Number(hash_code(other))),
    };
    Some(Identity::Address(address))
}

#[cfg(test)]
mod tests {
    use crate::script::core::{Language, Script};
    use crate::script::fake_host::FakeHost;
    use crate::script::host::{Bindings, Scope};
    use crate::script::value::Value;

    /// Adds one to a shared number a thousand times, slowly enough to lose some without the lock.
    const ADD: &str = "for (int i = 0; i < 1000; i++) { synchronized (list) { synchronized (list) {
        def n = list[0]; Math.sqrt(n); list[0] = n + 1 } } }";

    #[test]
    fn threads_that_share_an_object_take_turns() {
        let script = Script::compile(ADD, Language::Groovy).unwrap();
        let list = Value::list(vec![Value::Int(0)]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let (mut host, names) = (FakeHost::default(), Scope::new());
                    names.set("list", list.clone());
                    script.run(&mut Bindings::with_scope(names, &mut host)).unwrap();
                });
            }
        });
        let Value::List(list) = list else { unreachable!() };
        assert_eq!(list.get(0).and_then(|n| n.to_i64()), Some(4000));
    }

    #[test]
    fn what_is_thrown_within_gives_the_object_free() {
        let script = "try { synchronized ('a') { throw new RuntimeException() } } catch (e) { }";
        let script = Script::compile(script, Language::Groovy).unwrap();
        for _ in 0..2 {
            let run = || script.run(&mut Bindings::new(&mut FakeHost::default())).map(drop);
            assert!(std::thread::scope(|scope| scope.spawn(run).join().unwrap()).is_ok());
        }
        let null = Script::compile("synchronized (null) { }", Language::Groovy).unwrap();
        assert_eq!(
            null.run(&mut Bindings::new(&mut FakeHost::default())).unwrap_err().class(),
            "java.lang.NullPointerException"
        );
    }
}
