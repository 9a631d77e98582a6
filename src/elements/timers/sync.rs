//! Synchronizing Timer: users wait until enough of them have come, then all go on at once.

use crate::clock;
use crate::elements::roles::{ThreadListener, Timer};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{Expr, LongExpr};
use crate::virtual_user::{StopLevel, StopSignal, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

pub(super) const SYNC: Definition = Definition {
    tag: "SyncTimer",
    menu: "Synchronizing Timer",
    compile: |compile| {
        let timer = Arc::new(Sync(Rendezvous::new(compile)));
        Some(Role { timer: Some(timer.clone()), thread: Some(timer), ..Role::default() })
    },
};

struct Sync(Rendezvous);

impl Timer for Sync {
    fn delay(&self, _: &mut VirtualUser) -> Result<i64, Thrown> {
        Ok(0)
    }

    fn rendezvous(&self) -> Option<&Rendezvous> {
        Some(&self.0)
    }
}

impl ThreadListener for Sync {
    fn thread_started(&self, user: &mut VirtualUser) {
        self.0.settle(user);
    }
}

/// A barrier that opens each time enough users have come, or when the first of them has waited long enough.
#[derive(Debug)]
pub struct Rendezvous {
    name: Expr,
    size: LongExpr,
    timeout_millis: LongExpr,
    /// How many users it takes. The first user that begins settles it for all, also for those of other groups that a
    /// timer of the plan makes wait.
    parties: OnceLock<usize>,
    state: Mutex<State>,
    opened: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// How often the barrier has opened.
    openings: u64,
}

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Opened,
    Stopped,
    TimeIsUp,
}

impl Rendezvous {
    fn new(compile: &mut Compile<'_>) -> Self {
        Rendezvous {
            name: compile.name(),
            size: compile.long("groupSize", 0),
            timeout_millis: compile.long("timeoutInMs", 0),
            parties: OnceLock::new(),
            state: Mutex::default(),
            opened: Notify::new(),
        }
    }

    /// A size of 0 means all users of the group.
    fn settle(&self, user: &mut VirtualUser) -> usize {
        if let Some(parties) = self.parties.get() {
            return *parties;
        }
        let size = self.size.eval_int(user).unwrap_or(0);
        let parties = usize::try_from(size).unwrap_or(0);
        *self.parties.get_or_init(|| if parties == 0 { user.group.users as usize } else { parties })
    }

    /// Waits until enough users have come, no longer than the timer and the group's time allow. A stopped run lets
    /// everybody through.
    pub async fn wait(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if self.size.eval_int(user)? < 0 {
            return Ok(());
        }
        let timeout = self.timeout_millis.eval(user)?;
        let Ok(timeout) = u64::try_from(timeout) else {
            let name = self.name.eval(user)?;
            let message = format!("Negative value for timeout:{timeout} in Synchronizing Timer {name}");
            return Err(Thrown::new("java.lang.IllegalArgumentException", message));
        };
        let parties = self.settle(user);
        let timeout = (timeout > 0).then(|| Duration::from_millis(timeout));
        let left = user.end_time().map(|end| end.since(clock::now()));
        let limit = [timeout, left].into_iter().flatten().min();
        let stop = Arc::clone(&user.stop);
        if self.meet(&stop, parties, limit).await == End::TimeIsUp {
            let name = self.name.eval(user)?;
            log::warn!(target: "org.apache.jmeter.timers.SyncTimer",
                "SyncTimer {name} timeouted waiting for users after: {}ms", timeout.unwrap_or_default().as_millis());
        }
        Ok(())
    }

    async fn meet(&self, stop: &StopSignal, parties: usize, limit: Option<Duration>) -> End {
        // Made before the lock is taken, so that no opening is missed.
        let opened = self.opened.notified();
        let opening = {
            let mut state = self.state();
            state.waiting += 1;
            if state.waiting >= parties {
                self.open(&mut state);
                return End::Opened;
            }
            state.openings
        };
        let time_is_up = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        let end = tokio::select! {
            biased;
            () = opened => return End::Opened,
            () = stop.reached(StopLevel::Shutdown) => End::Stopped,
            () = time_is_up => End::TimeIsUp,
        };
        let mut state = self.state();
        if state.openings != opening {
            return End::Opened;
        }
        match end {
            End::TimeIsUp => self.open(&mut state),
            End::Stopped | End::Opened => state.waiting -= 1,
        }
        end
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, state: &mut State) {
        state.waiting = 0;
        state.openings += 1;
        self.opened.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench;
    use crate::virtual_user::{Group, Run};

    struct Meeting {
        timer: Arc<dyn Timer>,
        run: Arc<Run>,
        group: Arc<Group>,
    }

    impl Meeting {
        fn new(keys: &str, users: u32) -> Self {
            let mut shared = bench::shared();
            let role = bench::compile(&bench::element(&format!("SyncTimer {keys}")), &mut shared);
            let group = Arc::new(Group { users, ..Group::default() });
            Meeting { timer: role.timer.unwrap(), run: bench::run_of(shared), group }
        }

        fn arrive(&self, number: u32) -> tokio::task::JoinHandle<Result<(), Thrown>> {
            let mut user = bench::user(&self.run, &self.group, number);
            let timer = Arc::clone(&self.timer);
            tokio::spawn(async move { timer.rendezvous().unwrap().wait(&mut user).await })
        }
    }

    async fn is_waiting(task: &tokio::task::JoinHandle<Result<(), Thrown>>) -> bool {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        !task.is_finished()
    }

    #[tokio::test]
    async fn users_go_on_together() {
        let meeting = Meeting::new(".groupSize=2", 9);
        for _ in 0..2 {
            let first = meeting.arrive(1);
            assert!(is_waiting(&first).await);
            meeting.arrive(2).await.unwrap().unwrap();
            first.await.unwrap().unwrap();
        }
        let all = Meeting::new(".groupSize=0", 3);
        let (first, second) = (all.arrive(1), all.arrive(2));
        assert!(is_waiting(&first).await && is_waiting(&second).await);
        all.arrive(3).await.unwrap().unwrap();
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_has_waited_long_enough_opens_for_all() {
        let meeting = Meeting::new(".groupSize=5 .timeoutInMs=1", 5);
        let (first, second) = (meeting.arrive(1), meeting.arrive(2));
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_stopped_run_lets_everybody_through() {
        let meeting = Meeting::new(".groupSize=5", 5);
        let first = meeting.arrive(1);
        assert!(is_waiting(&first).await);
        meeting.run.stop.raise(StopLevel::Shutdown);
        first.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn odd_settings() {
        Meeting::new(".groupSize=-1", 5).arrive(1).await.unwrap().unwrap();
        let thrown = Meeting::new(".timeoutInMs=-2", 5).arrive(1).await.unwrap().unwrap_err();
        assert_eq!(thrown.message_or_null(), "Negative value for timeout:-2 in Synchronizing Timer SyncTimer");
    }
}
