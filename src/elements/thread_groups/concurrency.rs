//! Concurrency Thread Group of the BlazeMeter plugins: keeps so many users at work, and replaces those that end
//! (`com.blazemeter.jmeter.threads.concurrency`).
//!
//! The group looks at the level once a second, and whenever a user ends; until the first user is there it looks all the
//! time. Users beyond the target end with their iteration, all others end before their next sample when the time is up.

use super::dynamic::{Beginning, Behaviour, Load, LoadFields, role};
use crate::elements::Definition;
use crate::elements::roles::{Demand, Demands};
use crate::java::number::round;
use crate::virtual_user::{Dynamic, Thrown, VirtualUser};
use std::sync::Arc;
use std::time::Duration;

pub(super) const CONCURRENCY: Definition = Definition {
    tag: "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup",
    menu: "bzm - Concurrency Thread Group",
    compile: |compile| {
        let fields = Arc::new(LoadFields::new(compile));
        Some(role(compile, Concurrency { fields }))
    },
};

const STARTER: &str = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadStarter";
/// How long the group looks away while users are at work.
const LOOK: Duration = Duration::from_secs(1);

struct Concurrency {
    fields: Arc<LoadFields>,
}

impl Behaviour for Concurrency {
    fn follows_level(&self) -> bool {
        true
    }

    fn begin(&self, mut user: VirtualUser) -> Result<Beginning, Thrown> {
        let properties = &user.run.properties;
        let millis =
            |name, default| Duration::from_millis(u64::try_from(properties.long_or(name, default)).unwrap_or(0));
        let (look_at_none, kept) =
            (millis("dynamic_tg.temporisation", 10), millis("dynamic_tg.properties_caching_validity", 20));
        let fields = Arc::clone(&self.fields);
        let mut read = move || -> Result<Level, Thrown> {
            let load = fields.read(&mut user)?;
            let shift = user.run.properties.long_or("dynamic_tg.shift_rampup_start", 0);
            Ok(Level { load, shift })
        };
        let level = read()?;
        log::info!(target: STARTER, "Start supplying threads");
        let idle = level.load.target <= 0;
        if idle {
            log::info!(target: STARTER, "ThreadStarter will finish, because target concurrency less than 0.");
        }
        let users = u32::try_from(level.load.target).unwrap_or(0);
        let follow = Follow { read, level, read_at: Duration::ZERO, kept, look_at_none, started: 0, idle };
        Ok(Beginning { users, demands: Box::new(follow), dynamic: Dynamic::concurrency() })
    }
}

/// The level of concurrency over time.
#[derive(Debug, Clone, Copy)]
struct Level {
    load: Load,
    /// Seconds for which the ramp-up stands still at its beginning.
    shift: i64,
}

impl Level {
    /// How many users are to be at work; `None` when the time is up.
    fn at(&self, offset: Duration) -> Option<i64> {
        let Load { target, ramp_up, hold, steps, .. } = self.load;
        let seconds = (offset.as_millis() as f64 / 1000.0 - self.shift as f64).max(0.0);
        let (target, up) = (f64::from(target), ramp_up as f64);
        if seconds >= ramp_up.wrapping_add(hold) as f64 {
            None
        } else if ramp_up == 0 || seconds > up {
            Some(round(target))
        } else if steps > 0 {
            let (size, length) = (target / steps as f64, up / steps as f64);
            Some(round(size * ((seconds / length).floor() + 1.0)))
        } else {
            Some(round(target / up * seconds))
        }
    }
}

/// Demands users until there are as many as the level asks for.
struct Follow<R> {
    read: R,
    level: Level,
    read_at: Duration,
    /// How long what was read is good for; for ever if that is nothing.
    kept: Duration,
    look_at_none: Duration,
    started: u32,
    idle: bool,
}

impl<R: FnMut() -> Result<Level, Thrown> + Send> Demands for Follow<R> {
    fn next(&mut self, now: Duration, active: u32) -> Option<Demand> {
        if self.idle {
            return None;
        }
        if !self.kept.is_zero() && now.saturating_sub(self.read_at) > self.kept {
            match (self.read)() {
                Ok(level) => (self.level, self.read_at) = (level, now),
                Err(thrown) => {
                    log::error!(target: STARTER, "{thrown}");
                    return None;
                }
            }
        }
        let Some(wanted) = self.level.at(now) else {
            log::info!(target: STARTER, "Done supplying threads");
            return None;
        };
        if i64::from(active) < wanted {
            self.started += 1;
            return Some(Demand::User { number: self.started, at: now, end: None });
        }
        let look = if active == 0 { self.look_at_none } else { LOOK };
        Some(Demand::Watch { at: now + look })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(target: i32, ramp_up: i64, steps: i64, hold: i64) -> Level {
        Level { load: Load { target, ramp_up, hold, steps, unit: 1.0 }, shift: 0 }
    }

    #[track_caller]
    fn check(level: Level, expected: &[(u64, Option<i64>)]) {
        for (millis, users) in expected {
            assert_eq!(level.at(Duration::from_millis(*millis)), *users, "after {millis} ms");
        }
    }

    #[test]
    fn levels_rise_to_the_target_hold_and_end() {
        let slope = level(3, 2, 0, 2);
        let rounded = [(0, Some(0)), (333, Some(0)), (334, Some(1)), (1000, Some(2)), (1666, Some(2)), (1667, Some(3))];
        check(slope, &rounded);
        check(slope, &[(2000, Some(3)), (3999, Some(3)), (4000, None)]);
        check(level(5, 0, 3, 1), &[(0, Some(5)), (999, Some(5)), (1000, None)]);
        check(level(5, 0, 0, 0), &[(0, None)]);
    }

    #[test]
    fn steps_begin_with_the_first() {
        let steps = level(10, 4, 4, 2);
        check(steps, &[(0, Some(3)), (999, Some(3)), (1000, Some(5)), (2000, Some(8)), (3000, Some(10))]);
        // At the very end of the ramp-up the plugin counts a step too many.
        check(steps, &[(4000, Some(13)), (4001, Some(10)), (6000, None)]);
    }

    #[test]
    fn a_shift_keeps_the_level_at_its_beginning() {
        let shifted = Level { shift: 2, ..level(4, 4, 0, 1) };
        check(shifted, &[(0, Some(0)), (2000, Some(0)), (3000, Some(1)), (6001, Some(4)), (7000, None)]);
    }

    #[test]
    fn users_that_end_are_replaced_and_the_group_looks_once_a_second() {
        let millis = Duration::from_millis;
        let level = level(2, 0, 0, 3);
        let read = move || Ok(level);
        let (kept, look_at_none) = (millis(20), millis(10));
        let mut follow = Follow { read, level, read_at: Duration::ZERO, kept, look_at_none, started: 0, idle: false };
        let user = |number, at| Some(Demand::User { number, at: millis(at), end: None });
        assert_eq!(follow.next(millis(0), 0), user(1, 0));
        assert_eq!(follow.next(millis(1), 1), user(2, 1));
        assert_eq!(follow.next(millis(1), 2), Some(Demand::Watch { at: millis(1001) }));
        assert_eq!(follow.next(millis(600), 1), user(3, 600));
        assert_eq!(follow.next(millis(3000), 2), None);
    }

    #[test]
    fn a_target_that_moves_is_followed() {
        let millis = Duration::from_millis;
        let mut targets = [2, 1, 5].into_iter();
        let start = level(0, 0, 0, 9);
        let read = move || Ok(level(targets.next().unwrap(), 0, 0, 9));
        let (kept, look_at_none) = (millis(20), millis(10));
        let mut follow =
            Follow { read, level: start, read_at: Duration::ZERO, kept, look_at_none, started: 0, idle: false };
        assert_eq!(follow.next(millis(0), 0), Some(Demand::Watch { at: millis(10) }));
        assert!(matches!(follow.next(millis(21), 0), Some(Demand::User { .. })));
        assert!(matches!(follow.next(millis(22), 1), Some(Demand::User { .. })));
        assert_eq!(follow.next(millis(50), 2), Some(Demand::Watch { at: millis(1050) }), "one too many ends by itself");
        assert!(matches!(follow.next(millis(1050), 1), Some(Demand::User { number: 3, .. })));
    }
}
