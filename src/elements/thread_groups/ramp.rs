//! When the users of a thread group start: pure functions of the group's settings.

use std::time::Duration;

/// Offsets of an ordinary ramp-up: user `i` starts after `i · round(ramp / users)`, so the first starts at once and the
/// last one step before the ramp's end (`ThreadGroup.start`).
pub fn ramp(users: u32, ramp: Duration) -> impl Iterator<Item = Duration> + Send + use<> {
    let step = if users == 0 { 0 } else { (ramp.as_millis() as f64 / f64::from(users)).round() as u64 };
    (0..u64::from(users)).map(move |user| Duration::from_millis(user * step))
}

/// Offsets with "delay thread creation until needed": the remaining time is spread anew before each user, so the last one
/// starts at the ramp's end (`ThreadGroup.ThreadStarter`).
pub fn delayed_ramp(users: u32, ramp: Duration) -> impl Iterator<Item = Duration> + Send + use<> {
    let ramp = ramp.as_millis() as f64;
    let mut elapsed = 0.0_f64;
    (0..users).map(move |user| {
        if user > 0 {
            elapsed += ((ramp - elapsed) / f64::from(users - user)).round().max(0.0);
        }
        Duration::from_millis(elapsed as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(offsets: impl Iterator<Item = Duration>) -> Vec<u128> {
        offsets.map(|offset| offset.as_millis()).collect()
    }

    #[test]
    fn a_ramp_ends_one_step_early() {
        assert_eq!(millis(ramp(4, Duration::from_secs(2))), [0, 500, 1000, 1500]);
        assert_eq!(millis(ramp(3, Duration::from_secs(1))), [0, 333, 666]);
        assert_eq!(millis(ramp(2, Duration::ZERO)), [0, 0]);
        assert_eq!(millis(ramp(0, Duration::from_secs(1))), [0; 0]);
    }

    #[test]
    fn a_delayed_ramp_is_spread_anew() {
        // As the running JMeter did: 0, 0.63, 1.29, 1.96 s.
        assert_eq!(millis(delayed_ramp(4, Duration::from_secs(2))), [0, 667, 1334, 2000]);
    }
}
