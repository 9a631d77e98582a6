//! A connection that is slowed down to so many characters a second (`SlowSocket`, `CPSPauser`). Before each read there
//! is a pause as long as the bytes *asked for* would take, however few come; before each write one for what is written.

use std::num::NonZeroU32;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use super::{Receiving, Wire};

/// HttpClient's buffer below a connection, and the one that JMeter reads bodies into.
const BUFFER: u64 = 8192;
/// Reads of a body of no more than this go through HttpClient's buffer, and fill it.
const BUFFERED_READ: u64 = 512;

/// The pauses of one connection.
pub(super) struct Pace {
    cps: NonZeroU32,
    reading: Side,
    writing: Side,
}

/// One direction: a pause that is going on, and the bytes that pauses have paid for.
#[derive(Default)]
struct Side {
    sleep: Option<Pin<Box<Sleep>>>,
    paid: usize,
}

impl Side {
    fn poll_paid(&mut self, asked: usize, cps: NonZeroU32, cx: &mut Context<'_>) -> Poll<()> {
        if self.paid == 0 && asked > 0 {
            let pause = pause(asked as u64, cps);
            if !pause.is_zero() {
                let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
                ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            self.paid = asked;
        }
        Poll::Ready(())
    }
}

impl Pace {
    pub fn new(cps: NonZeroU32) -> Self {
        Self { cps, reading: Side::default(), writing: Side::default() }
    }
}

/// How long `CPSPauser` sleeps. What it takes for the nanoseconds of its sleep are the milliseconds again: for Java any
/// number of them but none makes one millisecond more.
fn pause(bytes: u64, cps: NonZeroU32) -> Duration {
    const NANOS_IN_MILLI: u64 = 1_000_000;
    let millis = bytes * 1000 / u64::from(cps.get());
    Duration::from_millis(millis + u64::from(!millis.is_multiple_of(NANOS_IN_MILLI)))
}

impl Wire {
    /// Waits until the next read may be made, and says how much it may take at most.
    pub(super) fn poll_may_read(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let asked =
            asked(&self.receiving, self.head.as_ref().is_some_and(|head| head.all("Content-Encoding").count() > 0));
        let Some(pace) = &mut self.pace else { return Poll::Ready(usize::MAX) };
        let was_pausing = pace.reading.paid == 0;
        ready!(pace.reading.poll_paid(asked, pace.cps, cx));
        if was_pausing {
            // A time-out is the socket's: it counts from the read.
            self.waiting_since = crate::clock::now();
        }
        Poll::Ready(asked)
    }

    /// A read has come to something.
    pub(super) fn has_read(&mut self) {
        if let Some(pace) = &mut self.pace {
            pace.reading.paid = 0;
        }
    }

    /// Waits until bytes may be written, and says how many of them.
    pub(super) fn poll_may_write(&mut self, length: usize, cx: &mut Context<'_>) -> Poll<usize> {
        let Some(pace) = &mut self.pace else { return Poll::Ready(length) };
        ready!(pace.writing.poll_paid(length, pace.cps, cx));
        Poll::Ready(pace.writing.paid.min(length))
    }

    pub(super) fn has_written(&mut self, length: usize) {
        if let Some(pace) = &mut self.pace {
            pace.writing.paid = pace.writing.paid.saturating_sub(length);
        }
    }

    /// Whether a pause before a read is going on.
    pub(super) fn pauses_before_read(&self) -> bool {
        self.pace.as_ref().is_some_and(|pace| pace.reading.sleep.is_some())
    }

    /// What an exchange has left of its pauses is of no use to the next one.
    pub(super) fn begin_pace(&mut self) {
        if let Some(pace) = &mut self.pace {
            **pace = Pace::new(pace.cps);
        }
    }
}

/// How much HttpClient asks its socket for: what its buffer holds, or a piece of a body straight into the reader's.
fn asked(receiving: &Receiving, is_decoded: bool) -> usize {
    let direct = match receiving {
        // Decoders ask for little, which goes through the buffer.
        _ if is_decoded => 0,
        Receiving::Length { left, .. } => *left,
        Receiving::Chunked(chunks) => chunks.left_of_chunk(),
        Receiving::UntilClose => BUFFER,
        Receiving::Idle | Receiving::Head | Receiving::Complete => 0,
    };
    if direct > BUFFERED_READ { direct.min(BUFFER) as usize } else { BUFFER as usize }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::chunks::Chunks;

    #[test]
    fn pauses_are_cps_pausers() {
        let pause = |bytes, cps| pause(bytes, NonZeroU32::new(cps).unwrap()).as_millis();
        assert_eq!(pause(8192, 8192), 1001);
        assert_eq!(pause(8192, 1_000_000), 9);
        assert_eq!(pause(1, 1000), 2);
        assert_eq!(pause(1, 1001), 0);
        // A thousand seconds are no nanoseconds.
        assert_eq!(pause(1000, 1), 1_000_000);
    }

    #[test]
    fn a_read_pays_for_what_httpclient_asks_for() {
        let length = |left| asked(&Receiving::Length { total: 1 << 30, left }, false);
        assert_eq!([length(100_000), length(8000), length(513), length(512)], [8192, 8000, 513, 8192]);
        assert_eq!(asked(&Receiving::Length { total: 8000, left: 8000 }, true), 8192);
        assert_eq!(asked(&Receiving::Head, false), 8192);
        let mut chunks = Chunks::default();
        chunks.advance(b"7d0\r\nabc", |_| {}).unwrap();
        assert_eq!(asked(&Receiving::Chunked(chunks), false), 1997);
        let mut chunks = Chunks::default();
        chunks.advance(b"7d", |_| {}).unwrap();
        assert_eq!(asked(&Receiving::Chunked(chunks), false), 8192);
    }
}
