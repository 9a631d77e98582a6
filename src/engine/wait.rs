//! The one place where users wait.

use super::alarm::Alarm;
use crate::clock::{self, Timestamp};
use crate::virtual_user::{StopLevel, StopSignal};
use std::time::Duration;

/// Waits `time`, or less if the run is asked to stop. True when the time is up.
pub(super) async fn pause(stop: &StopSignal, time: Duration) -> bool {
    if time.is_zero() {
        return true;
    }
    pause_until(stop, clock::now() + time).await
}

/// Waits until `moment`, or less if the run is asked to stop. True when the time is up.
pub(super) async fn pause_until(stop: &StopSignal, moment: Timestamp) -> bool {
    // A deadline on the monotonic clock: what the task does before it is polled does not add to the wait.
    let deadline = tokio::time::Instant::from_std(clock::instant_of(moment));
    tokio::select! {
        biased;
        () = stop.reached(StopLevel::Shutdown) => false,
        () = tokio::time::sleep_until(deadline) => true,
    }
}

/// Waits until `moment`, to a tenth of a millisecond where the machine has a core to spare, or less if the run is asked to
/// stop.
pub(super) async fn be_there_at(stop: &StopSignal, moment: Timestamp, alarm: &Alarm) {
    let woken = tokio::select! {
        biased;
        () = stop.reached(StopLevel::Shutdown) => true,
        woken = alarm.at(moment) => woken,
    };
    if !woken {
        pause_until(stop, moment).await;
    }
}
