//! Critical Section Controller: one user at a time between its first child and its end, over all groups of the run.
//!
//! JMeter's threads block in `next()`. Here the controller gives [`Step::Lock`]: the engine waits for the lock, and asks
//! again. A user that already holds the lock of that name enters at once, as with Java's `ReentrantLock`; a user that ends
//! gives everything back.

use super::Controller;
use super::walk::{ControllerId, Step, Turn, Walk};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Slot, StopLevel, Thrown, VirtualUser};
use ahash::AHashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) const CRITICAL_SECTION: Definition = Definition {
    tag: "CriticalSectionController",
    menu: "Critical Section Controller",
    compile: |compile| {
        let locks = compile.common(|slots| Locks { by_name: Mutex::default(), held: slots.slot() });
        Some(Role::controller(CriticalSection {
            name: compile.name(),
            lock_name: compile.expr("CriticalSectionController.lockName"),
            taken: compile.slot(),
            locks,
        }))
    },
};

/// A lock; waiting users get it in the order in which they came.
type Lock = Arc<Semaphore>;

/// The named locks of a plan.
struct Locks {
    by_name: Mutex<AHashMap<Text, Lock>>,
    held: Slot<Held>,
}

impl Locks {
    fn named(&self, name: Text) -> Lock {
        let mut locks = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(name).or_insert_with(|| Arc::new(Semaphore::new(1))))
    }
}

/// The locks that one user holds.
#[derive(Default)]
struct Held {
    entered: Vec<Entered>,
    /// A lock that the engine has waited for, until the controller takes it.
    granted: Option<(Lock, OwnedSemaphorePermit)>,
}

struct Entered {
    lock: Lock,
    times: u32,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    /// Enters `lock` if nobody else holds it.
    fn enter(&mut self, lock: &Lock) -> bool {
        if let Some(entered) = self.entered.iter_mut().find(|entered| Arc::ptr_eq(&entered.lock, lock)) {
            entered.times += 1;
            return true;
        }
        let granted = self.granted.take().filter(|(of, _)| Arc::ptr_eq(of, lock)).map(|(_, permit)| permit);
        let Some(permit) = granted.or_else(|| Arc::clone(lock).try_acquire_owned().ok()) else { return false };
        self.entered.push(Entered { lock: Arc::clone(lock), times: 1, _permit: permit });
        true
    }

    /// Leaves `lock` once; false when this user does not hold it.
    fn leave(&mut self, lock: &Lock) -> bool {
        let Some(index) = self.entered.iter().position(|entered| Arc::ptr_eq(&entered.lock, lock)) else {
            return false;
        };
        self.entered[index].times -= 1;
        if self.entered[index].times == 0 {
            self.entered.swap_remove(index);
        }
        true
    }
}

/// A lock that a user needs before it can go on.
#[derive(Clone)]
pub struct LockRequest {
    lock: Lock,
    held: Slot<Held>,
}

impl LockRequest {
    /// Waits for the lock. A user whose run is stopped goes on without it, and takes no more samples.
    pub async fn acquire(self, user: &mut VirtualUser) {
        let stop = Arc::clone(&user.stop);
        tokio::select! {
            biased;
            () = stop.reached(StopLevel::Shutdown) => {}
            permit = Arc::clone(&self.lock).acquire_owned() => {
                user.slot(self.held).granted = permit.ok().map(|permit| (self.lock, permit));
            }
        }
    }
}

struct CriticalSection {
    name: Expr,
    lock_name: Expr,
    taken: Slot<Option<Lock>>,
    locks: Arc<Locks>,
}

impl CriticalSection {
    fn leave(&self, user: &mut VirtualUser) -> bool {
        match user.slot(self.taken).take() {
            Some(lock) => user.slot(self.locks.held).leave(&lock),
            None => false,
        }
    }
}

impl Controller for CriticalSection {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        let lock_name = self.lock_name.eval(walk.user)?;
        if lock_name.is_empty() {
            let name = self.name.eval(walk.user)?;
            log::warn!(target: "org.apache.jmeter.control.CriticalSectionController",
                "Empty lock name in Critical Section Controller: {name}");
            return walk.generic_next(me);
        }
        if walk.state(me).first {
            let lock = walk.user.slot(self.taken).clone().unwrap_or_else(|| self.locks.named(lock_name));
            if !walk.user.slot(self.locks.held).enter(&lock) {
                return Ok(Turn::Step(Some(Step::Lock(LockRequest { lock, held: self.locks.held }))));
            }
            *walk.user.slot(self.taken) = Some(lock);
        }
        walk.generic_next(me)
    }

    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        self.leave(walk.user);
        walk.generic_re_initialize(me);
    }

    fn thread_finished(&self, walk: &mut Walk<'_>, _: ControllerId) {
        if self.leave(walk.user) {
            let name = self.name.eval(walk.user).unwrap_or_default();
            let lock_name = self.lock_name.eval(walk.user).unwrap_or_default();
            log::warn!(target: "org.apache.jmeter.control.CriticalSectionController",
                "Lock '{lock_name}' not released in: {name}, releasing in threadFinished");
        }
    }
}
