//! The request's way out: hyper's head is swallowed, the plan's own is sent, and the body follows it.

use std::io;
use std::task::{Context, Poll};

use super::{Interim, Sending, Wire};
use crate::clock;
use crate::http::failure::Fault;

impl Wire {
    pub(super) fn poll_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.sending {
            Sending::Idle | Sending::Done => Poll::Ready(Ok(bytes.len())),
            Sending::Swallow(matched) => {
                let (matched, head_len) = pass_head(bytes, matched);
                let Some(head_len) = head_len else {
                    self.sending = Sending::Swallow(matched);
                    return Poll::Ready(Ok(bytes.len()));
                };
                // A body that comes with the head goes out with it, in one write.
                let body = &bytes[head_len..];
                self.out.extend_from_slice(body);
                self.body_left = self.body_left.saturating_sub(body.len() as u64);
                self.sending = Sending::Body;
                Poll::Ready(Ok(bytes.len()))
            }
            Sending::SwallowLate(matched) => {
                let (matched, head_len) = pass_head(bytes, matched);
                self.sending = if head_len.is_some() { Sending::Done } else { Sending::SwallowLate(matched) };
                // Hyper would read next when the socket wakes it, but there is something for it already.
                self.again |= head_len.is_some();
                Poll::Ready(Ok(bytes.len()))
            }
            Sending::Body if self.interim == Interim::Refused => {
                self.body_left = self.body_left.saturating_sub(bytes.len() as u64);
                Poll::Ready(Ok(bytes.len()))
            }
            Sending::Body => {
                std::task::ready!(self.poll_send_out())?;
                let n = std::task::ready!(self.write_some(bytes))?;
                self.body_left = self.body_left.saturating_sub(n as u64);
                Poll::Ready(Ok(n))
            }
        }
    }

    pub(super) fn poll_flush(&mut self) -> Poll<io::Result<()>> {
        if self.sending != Sending::Body {
            return Poll::Ready(Ok(()));
        }
        let had_some = !self.out.is_empty();
        std::task::ready!(self.poll_send_out())?;
        let mut cx = Context::from_waker(&self.waker);
        if let Err(error) = std::task::ready!(self.io.poll_flush(&mut cx)) {
            return Poll::Ready(Err(self.fail(Fault::writing(&error))));
        }
        if self.body_left == 0 {
            self.sending = Sending::Done;
            if self.times_waits {
                self.waiting_since = clock::now();
            }
            // JMeter resets the counter once the request is sent.
            self.received = 0;
            // Hyper would read next when the socket wakes it; it has not been told that it may.
            self.again = true;
        } else if self.interim == Interim::Awaited && had_some {
            // Now the interim answer may be read.
            self.again = true;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_send_out(&mut self) -> Poll<io::Result<()>> {
        if self.out.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let out = std::mem::take(&mut self.out);
        let result = loop {
            if self.out_at == out.len() {
                break Poll::Ready(Ok(()));
            }
            match self.write_some(&out[self.out_at..]) {
                Poll::Ready(Ok(n)) => self.out_at += n,
                Poll::Ready(Err(error)) => break Poll::Ready(Err(error)),
                Poll::Pending => break Poll::Pending,
            }
        };
        self.out = out;
        if let Poll::Ready(Ok(())) = result {
            self.out.clear();
            self.out_at = 0;
        }
        result
    }

    /// Sends what is still to be sent, and `more` behind it.
    pub fn poll_send_more(&mut self, more: &[u8]) -> Poll<Result<(), Fault>> {
        self.out.extend_from_slice(more);
        let sent = match self.poll_send_out() {
            Poll::Ready(Ok(())) => self.io.poll_flush(&mut Context::from_waker(&self.waker)),
            other => other,
        };
        sent.map_err(|error| self.take_fault().unwrap_or_else(|| Fault::writing(&error)))
    }

    pub(super) fn write_some(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let waker = self.pace.as_ref().map(|_| self.waker.clone());
        let bytes = match waker {
            None => bytes,
            Some(waker) => {
                let most = std::task::ready!(self.poll_may_write(bytes.len(), &mut Context::from_waker(&waker)));
                &bytes[..most]
            }
        };
        let mut cx = Context::from_waker(&self.waker);
        match self.io.poll_write(&mut cx, bytes) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) if !bytes.is_empty() => {
                Poll::Ready(Err(self.fail(Fault::writing(&io::ErrorKind::BrokenPipe.into()))))
            }
            Poll::Ready(Ok(n)) => {
                self.sent += n as u64;
                self.has_written(n);
                Poll::Ready(Ok(n))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(Fault::writing(&error)))),
        }
    }
}

/// Follows a head as it passes: how many bytes of the final CRLFCRLF have passed, and the head's length once all have.
fn pass_head(bytes: &[u8], mut matched: usize) -> (usize, Option<usize>) {
    const END: &[u8] = b"\r\n\r\n";
    for (at, &byte) in bytes.iter().enumerate() {
        matched = if byte == END[matched] { matched + 1 } else { usize::from(byte == b'\r') };
        if matched == END.len() {
            return (matched, Some(at + 1));
        }
    }
    (matched, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    pub(super) fn a_head_is_followed_over_any_cut() {
        let bytes = b"GET / HTTP/1.1\r\ncontent-length: 2\r\n\r\nab";
        for cut in 0..bytes.len() {
            let (matched, end) = pass_head(&bytes[..cut], 0);
            let end = end.or_else(|| pass_head(&bytes[cut..], matched).1.map(|end| cut + end));
            assert_eq!(end, Some(37), "cut at {cut}");
        }
        assert_eq!(pass_head(b"\r\r\n\r\n", 0).1, Some(5));
    }
}
