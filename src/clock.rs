//! The only reader of time. Everything else is handed a [`Timestamp`] or asks here.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A moment on the wall clock, in microseconds since 1970-01-01T00:00:00Z. Never runs backwards within a process:
/// it is read from a monotonic clock that was set to the wall clock once, at the first reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, as the JTL writes them.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time from `earlier` to this moment; zero when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// This moment and so many milliseconds, which may be negative.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis.saturating_mul(1000)))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, rhs: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(rhs.as_micros()).unwrap_or(i64::MAX)))
    }
}

struct Base {
    instant: Instant,
    micros: i64,
}

fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Base { instant: Instant::now(), micros: i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX) }
    })
}

/// The present moment.
pub fn now() -> Timestamp {
    let base = base();
    Timestamp(base.micros) + base.instant.elapsed()
}

/// The monotonic instant of `moment`, for timers.
pub fn instant_of(moment: Timestamp) -> Instant {
    let base = base();
    let offset = moment.0.saturating_sub(base.micros);
    if offset >= 0 {
        base.instant + Duration::from_micros(offset as u64)
    } else {
        base.instant.checked_sub(Duration::from_micros(offset.unsigned_abs())).unwrap_or(base.instant)
    }
}
