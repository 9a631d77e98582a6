//! Constant Throughput Timer: spaces samples so that there are so many a minute, counted for this user, for all active
//! users, or by one schedule that users share. A user that is late does not make up for it.

use crate::clock::{self, Timestamp};
use crate::elements::roles::{TestListener, Timer};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::{Expr, java_int};
use crate::java::number::{parse_double, round};
use crate::results::Intended;
use crate::virtual_user::{Group, Run, Slot, Thrown, VirtualUser};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(super) const CONSTANT_THROUGHPUT: Definition = Definition {
    tag: "ConstantThroughputTimer",
    menu: "Constant Throughput Timer",
    compile: |compile| {
        let timer = Arc::new(ConstantThroughput::new(compile));
        Some(Role { timer: Some(timer.clone()), test: Some(timer), ..Role::default() })
    },
};

const MILLIS_PER_MINUTE: f64 = 60_000.0;
const MODES: [Mode; 5] =
    [Mode::ThisUser, Mode::AllActive, Mode::ActiveInGroup, Mode::AllActiveShared, Mode::ActiveInGroupShared];
/// Old plans hold the text that the window showed, in its language (`ConstantThroughputTimerResources`); one row a mode.
const MODE_TEXTS: [&[&str]; 5] = [
    &[
        "this thread only",
        "Nur dieser Thread",
        "solamente este hilo",
        "cette unité seulement",
        "현 쓰레드만",
        "este usuário virtual (thread) somente",
        "sadece bu iş parçacığı",
        "只有此线程",
    ],
    &[
        "all active threads",
        "Alle aktiven Threads",
        "todos los hilos activos",
        "toutes les unités actives",
        "모든 활성화된 쓰레드들",
        "todos usuários virtuais (threads) ativos",
        "bütün aktif iş parçacıkları",
        "所有活动线程",
    ],
    &[
        "all active threads in current thread group",
        "Alle aktiven Threads in der aktuellen Thread-Gruppe",
        "todos los hilos activos en el grupo de hilos actual",
        "toutes les unités actives dans le groupe d'unités courant",
        "현 쓰레드 그룹 내의 모든 활성화된 쓰레드들",
        "todos usuários virtuais ativos no grupo de usuários corrente",
        "bu iş parçacığı grubundaki tüm aktif iş parçacıkları",
        "当前线程组中的所有活动线程",
    ],
    &[
        "all active threads (shared)",
        "Alle aktiven Threads (Gemeinsam)",
        "toutes les unités actives (partagé)",
        "모드 활성화된 쓰레드들 (공유)",
        "todos usuários virtuais ativos (compartilhado)",
        "tüm iş parçacıkları (paylaşımlı)",
        "所有活动线程（共享）",
    ],
    &[
        "all active threads in current thread group (shared)",
        "Alle aktiven Threads in der aktuellen Thread-Gruppe (gemeinsam)",
        "toutes les unités actives dans le groupe d'unités courant (partagé)",
        "현 쓰레드 그룹 내의 모든 활성화된 쓰레드들 (공유)",
        "todos usuários virtuais no grupo de usuários atual (compartillhado)",
        "bu iş paçacığı grubundaki tüm aktif iş parçacıkları (paylaşımlı)",
        "当前线程组中的所有活动线程（共享）",
    ],
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    ThisUser,
    AllActive,
    ActiveInGroup,
    AllActiveShared,
    ActiveInGroupShared,
}

/// When the last request of each schedule was due, in milliseconds since the epoch. All timers of a plan share them.
#[derive(Default)]
struct Schedules {
    all: Mutex<i64>,
    groups: Mutex<Vec<(Arc<Group>, i64)>>,
}

struct ConstantThroughput {
    throughput: Expr,
    mode: Expr,
    /// When this user's last sample was due, in milliseconds since the epoch.
    previous: Slot<i64>,
    schedules: Arc<Schedules>,
}

/// How far a user's next sample is from its last.
#[derive(Debug, PartialEq)]
struct Step {
    /// Milliseconds that are added to the time at which the last was due.
    millis: i64,
    /// Milliseconds between two samples of the schedule.
    interval: i64,
    /// When a schedule that users share says that it is due, in milliseconds since the epoch.
    due: Option<i64>,
}

impl Step {
    /// By a schedule of the user's own.
    fn own(millis: i64) -> Self {
        Step { millis, interval: millis, due: None }
    }
}

impl ConstantThroughput {
    fn new(compile: &mut Compile<'_>) -> Self {
        let key = if compile.element.get("throughput").is_some() {
            "throughput"
        } else {
            "ConstantThroughputTimer.throughput"
        };
        let mode = compile.expr_or("calcMode", "0");
        if let Some(text) = mode.as_literal()
            && self::mode(text).is_none()
        {
            compile
                .problem(Severity::Warning, format!("calcMode {text} does not exist: samples in its scope are lost"));
        }
        ConstantThroughput {
            throughput: compile.expr(key),
            mode,
            previous: compile.slot(),
            schedules: compile.common(|_| Schedules::default()),
        }
    }

    /// How far the user's next sample is from its last.
    fn step(&self, user: &mut VirtualUser, now: i64) -> Result<Step, Thrown> {
        let throughput = parse_double(&self.throughput.eval(user)?).unwrap_or(0.0);
        let per_request = MILLIS_PER_MINUTE / throughput;
        let text = self.mode.eval(user)?;
        let Some(mode) = mode(&text) else {
            let message = format!("Index {} out of bounds for length {}", java_int(&text), MODES.len());
            return Err(Thrown::new("java.lang.ArrayIndexOutOfBoundsException", message));
        };
        Ok(match mode {
            Mode::ThisUser => Step::own(round(per_request)),
            Mode::AllActive => {
                Step::own(round(f64::from(user.run.counts.active.load(Ordering::Relaxed)) * per_request))
            }
            Mode::ActiveInGroup => Step::own(round(f64::from(user.group.active.load(Ordering::Relaxed)) * per_request)),
            Mode::AllActiveShared => {
                let mut last = self.schedules.all.lock().unwrap_or_else(PoisonError::into_inner);
                next_of_shared(&mut last, round(per_request), now)
            }
            Mode::ActiveInGroupShared => {
                let mut groups = self.schedules.groups.lock().unwrap_or_else(PoisonError::into_inner);
                let known = groups.iter().position(|(group, _)| Arc::ptr_eq(group, &user.group));
                let index = known.unwrap_or_else(|| {
                    groups.push((Arc::clone(&user.group), 0));
                    groups.len() - 1
                });
                next_of_shared(&mut groups[index].1, round(per_request), now)
            }
        })
    }
}

/// A number, or the text of a window for one. What is neither is 0, as it is for JMeter.
fn mode(text: &str) -> Option<Mode> {
    if let Some(index) = MODE_TEXTS.iter().position(|texts| texts.contains(&text)) {
        return Some(MODES[index]);
    }
    usize::try_from(java_int(text)).ok().and_then(|index| MODES.get(index)).copied()
}

/// The next request of a shared schedule, whose last one was due at `last`.
fn next_of_shared(last: &mut i64, per_request: i64, now: i64) -> Step {
    let due = if *last == 0 { now } else { last.wrapping_add(per_request) };
    *last = now.max(last.wrapping_add(per_request));
    Step { millis: last.saturating_sub(now).max(0), interval: per_request, due: Some(due) }
}

/// Milliseconds to wait at `now`, when a user's last sample was due at `previous`.
fn wait(previous: &mut i64, step: i64, now: i64) -> i64 {
    let target = previous.wrapping_add(step);
    if now > target {
        *previous = now;
        return 0;
    }
    *previous = target;
    target.saturating_sub(now)
}

impl Timer for ConstantThroughput {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let now = clock::now().millis();
        let step = self.step(user, now)?;
        let previous = user.slot(self.previous);
        let own_due = if *previous == 0 { now } else { previous.wrapping_add(step.millis) };
        let delay = wait(previous, step.millis, now);
        // With less than half a millisecond between two samples, or all of time, there is no schedule to be late for.
        if (1..i64::MAX).contains(&step.interval) {
            let interval = Duration::from_millis(step.interval.unsigned_abs());
            let due = Timestamp::from_millis(step.due.unwrap_or(own_due));
            user.intended = Some(Intended { interval, ..Intended::at(due) });
        }
        Ok(delay)
    }
}

impl TestListener for ConstantThroughput {
    fn test_started(&self, _: &Arc<Run>) {
        *self.schedules.all.lock().unwrap_or_else(PoisonError::into_inner) = 0;
        self.schedules.groups.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{compiled, element};
    use crate::jmx::PropertyValue;

    #[test]
    fn modes_have_numbers_and_texts() {
        assert_eq!(mode("0"), Some(Mode::ThisUser));
        assert_eq!(mode("4"), Some(Mode::ActiveInGroupShared));
        assert_eq!(mode("all active threads (shared)"), Some(Mode::AllActiveShared));
        assert_eq!(mode("Alle aktiven Threads"), Some(Mode::AllActive));
        assert_eq!(mode(""), Some(Mode::ThisUser));
        assert_eq!(mode("5"), None);
        assert_eq!(mode("-1"), None);
    }

    #[test]
    fn the_first_sample_does_not_wait_and_lost_time_is_lost() {
        let mut previous = 0;
        let waits: Vec<i64> =
            [1000, 1000, 1250, 2000, 2010].map(|now| wait(&mut previous, 250, now)).into_iter().collect();
        assert_eq!(waits, [0, 250, 250, 0, 240]);
        // No throughput at all is a wait without end.
        assert_eq!(wait(&mut 0, round(f64::INFINITY), 1000), i64::MAX - 1000);
        assert_eq!(wait(&mut 500, round(-2.5), 1000), 0);
    }

    /// A late user's sample was due when its schedule says, not when it could begin.
    #[test]
    fn what_is_late_was_due_before() {
        let timer = element("ConstantThroughputTimer").with("throughput", PropertyValue::Double(600.0));
        let (role, mut user) = compiled(&timer);
        let timer = role.timer.unwrap();
        let mut ask = || {
            let delay = timer.delay(&mut user).unwrap();
            (delay, user.intended.take().unwrap())
        };
        let (_, first) = ask();
        assert!(first.lateness(clock::now()) < Duration::from_secs(60));
        let (delay, second) = ask();
        assert!(delay <= 100);
        assert_eq!(second.start, first.start.plus_millis(100));
        assert_eq!(second.interval, Duration::from_millis(100));
        std::thread::sleep(Duration::from_millis(250));
        let (delay, third) = ask();
        assert_eq!((delay, third.start), (0, first.start.plus_millis(200)));
        // The schedule has begun anew.
        let (_, fourth) = ask();
        assert!(fourth.start > first.start.plus_millis(300));
    }

    /// JMeter counts in whole milliseconds: such rates are none, and nothing is late by them.
    #[test]
    fn a_rate_without_an_interval_means_no_start() {
        for throughput in [0.0, 1e9, -10.0] {
            let timer = element("ConstantThroughputTimer").with("throughput", PropertyValue::Double(throughput));
            let (role, mut user) = compiled(&timer);
            let timer = role.timer.unwrap();
            for _ in 0..3 {
                timer.delay(&mut user).unwrap();
                assert_eq!(user.intended, None, "{throughput}");
            }
        }
    }

    #[test]
    fn a_shared_schedule_is_one_for_all() {
        let mut last = 0;
        let waits: Vec<i64> =
            [1000, 1000, 1000, 5000].map(|now| next_of_shared(&mut last, 250, now).millis).into_iter().collect();
        assert_eq!(waits, [0, 250, 500, 0]);
    }
}
