//! The answer's way in: heads are read here, bodies are handed on, and all is counted.

use std::io;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use hyper::rt::ReadBufCursor;

use super::{HEAD_READ_SIZE, Interim, LONGEST_HEAD, READ_SIZE, Receiving, SCRATCH, Sending, Wire};
use crate::clock;
use crate::http::chunks::{Chunks, grouped};
use crate::http::failure::{CONNECTION_CLOSED, Fault, NO_RESPONSE};
use crate::http::response_head::{Framing, Head, Scan, scan};

/// What hyper is told of an answer whose body it need not see.
const NO_BODY: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

impl Wire {
    pub(super) fn poll_read(&mut self, mut cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        if let Sending::Swallow(_) | Sending::SwallowLate(_) = self.sending {
            // Hyper expects nothing before it has asked.
            return Poll::Pending;
        }
        loop {
            if self.feed_at < self.feed.len() {
                let left = &self.feed[self.feed_at..];
                let n = left.len().min(cursor.remaining());
                cursor.put_slice(&left[..n]);
                self.feed_at += n;
                return Poll::Ready(Ok(()));
            }
            self.feed.clear();
            self.feed_at = 0;
            let may_read = self.request_sent() || (self.interim == Interim::Awaited && self.out.is_empty());
            let limit = match &self.receiving {
                _ if !may_read => return Poll::Pending,
                Receiving::Idle | Receiving::Complete => return Poll::Pending,
                Receiving::Head => HEAD_READ_SIZE,
                Receiving::Length { left, .. } => {
                    cursor.remaining().min(usize::try_from(*left).unwrap_or(usize::MAX)).min(READ_SIZE)
                }
                Receiving::Chunked(_) | Receiving::UntilClose => cursor.remaining().min(READ_SIZE),
            };
            let done = SCRATCH.with_borrow_mut(|scratch| {
                let n = match self.read_some(&mut scratch[..limit]) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(n)) => n,
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(self.fail(Fault::reading(&error)))),
                };
                if n == 0 { self.take_end() } else { self.take(&scratch[..n], &mut cursor) }
                    .map_or_else(|fault| Poll::Ready(Err(self.fail(fault))), |handed| Poll::Ready(Ok(handed)))
            });
            match done {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(true)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(false)) => {}
            }
        }
    }

    /// Takes bytes that came. True when hyper has been handed something, or its end of stream.
    pub(super) fn take(&mut self, bytes: &[u8], cursor: &mut ReadBufCursor<'_>) -> Result<bool, Fault> {
        self.waiting_since = clock::now();
        match &mut self.receiving {
            Receiving::Head => self.take_of_head(bytes)?,
            Receiving::Length { left, .. } => {
                self.first_body.get_or_insert(self.waiting_since);
                cursor.put_slice(bytes);
                *left -= bytes.len() as u64;
                if *left == 0 {
                    self.receiving = Receiving::Complete;
                }
                return Ok(true);
            }
            Receiving::UntilClose => {
                self.first_body.get_or_insert(self.waiting_since);
                cursor.put_slice(bytes);
                return Ok(true);
            }
            Receiving::Chunked(chunks) => {
                let feed = &mut self.feed;
                let mut any = false;
                let taken = chunks.advance(bytes, |content| {
                    any = true;
                    push_chunk(feed, content);
                })?;
                if any {
                    self.first_body.get_or_insert(self.waiting_since);
                }
                if chunks.is_done() {
                    self.feed.extend_from_slice(b"0\r\n\r\n");
                    self.pending.extend_from_slice(&bytes[taken..]);
                    self.receiving = Receiving::Complete;
                }
            }
            Receiving::Idle | Receiving::Complete => self.pending.extend_from_slice(bytes),
        }
        Ok(false)
    }

    /// Takes bytes that came while the head was awaited.
    pub(super) fn take_of_head(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.pending.is_empty() {
            return self.take_head(bytes);
        }
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        self.take_head(&all)
    }

    /// Takes the end of the stream. True when hyper is to see it.
    pub(super) fn take_end(&mut self) -> Result<bool, Fault> {
        match &mut self.receiving {
            Receiving::Head => {
                let bytes = std::mem::take(&mut self.pending);
                if bytes.is_empty() {
                    return Err(Fault::bare(NO_RESPONSE));
                }
                let head = Head::parse(&bytes).ok_or_else(Fault::protocol)?;
                if head.status() < 200 {
                    return Err(Fault::bare(NO_RESPONSE));
                }
                self.take_final_head(Arc::new(head), &[])?;
                Ok(false)
            }
            Receiving::Length { total, left } => Err(Fault::new(
                CONNECTION_CLOSED,
                format!(
                    "Premature end of Content-Length delimited message body (expected: {}; received: {})",
                    grouped(*total),
                    grouped(*total - *left)
                ),
            )),
            Receiving::Chunked(chunks) => {
                chunks.end()?;
                self.feed.extend_from_slice(b"0\r\n\r\n");
                self.receiving = Receiving::Complete;
                Ok(false)
            }
            Receiving::UntilClose | Receiving::Idle | Receiving::Complete => {
                self.receiving = Receiving::Complete;
                Ok(true)
            }
        }
    }

    /// Reads heads, interim ones first, until the final one or until more bytes are needed.
    pub(super) fn take_head(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        loop {
            if let Some((raw, head)) = &self.last_head
                && bytes.starts_with(raw)
            {
                let head = Arc::clone(head);
                return self.take_final_head(head, &bytes[raw.len()..]);
            }
            let Scan::Complete { start, end } = scan(bytes) else {
                if bytes.len() > LONGEST_HEAD {
                    return Err(Fault::protocol());
                }
                self.pending.extend_from_slice(bytes);
                return Ok(());
            };
            let head = Head::parse(&bytes[start..end]).ok_or_else(Fault::protocol)?;
            if head.status() < 200 {
                if self.interim == Interim::Awaited {
                    if head.status() != 100 {
                        return Err(Fault::protocol());
                    }
                    self.interim = Interim::Passed;
                    self.again = true;
                    if self.body_left == 0 {
                        // JMeter counts from when the request is sent; one without a body waits for the word, too.
                        self.received = bytes[end..].len() as u64;
                    }
                }
                bytes = &bytes[end..];
                if bytes.is_empty() {
                    return Ok(());
                }
                continue;
            }
            let head = Arc::new(head);
            let raw = self.last_head.take().map(|(mut raw, _)| {
                raw.clear();
                raw
            });
            let mut raw = raw.unwrap_or_default();
            raw.extend_from_slice(&bytes[start..end]);
            self.last_head = Some((raw, Arc::clone(&head)));
            return self.take_final_head(head, &bytes[end..]);
        }
    }

    /// The answer's head is known, and `rest` has come after it: hyper is told where the body ends. A body that has
    /// come as a whole is set aside, and hyper told that there is none.
    pub(super) fn take_final_head(&mut self, head: Arc<Head>, rest: &[u8]) -> Result<(), Fault> {
        if self.interim == Interim::Awaited {
            self.interim = Interim::Refused;
            self.again = true;
        }
        let framing = if head.has_body(self.head_request) { head.framing() } else { Framing::Length(0) };
        self.head = Some(head);
        if !rest.is_empty() && framing != Framing::Length(0) {
            self.first_body = Some(self.waiting_since);
        }
        match framing {
            Framing::Length(total) if total <= rest.len() as u64 => {
                let (body, beyond) = rest.split_at(total as usize);
                self.whole_body = (!body.is_empty()).then(|| Bytes::copy_from_slice(body));
                self.pending.extend_from_slice(beyond);
                self.feed.extend_from_slice(NO_BODY);
                self.receiving = Receiving::Complete;
            }
            Framing::Length(total) => {
                self.feed.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: ");
                self.feed.extend_from_slice(itoa::Buffer::new().format(total).as_bytes());
                self.feed.extend_from_slice(b"\r\n\r\n");
                self.feed.extend_from_slice(rest);
                self.receiving = Receiving::Length { total, left: total - rest.len() as u64 };
            }
            Framing::Chunked => {
                let mut chunks = Chunks::default();
                let mut content = Vec::new();
                let taken = chunks.advance(rest, |bytes| content.extend_from_slice(bytes))?;
                if content.is_empty() {
                    self.first_body = None;
                }
                if chunks.is_done() {
                    self.whole_body = (!content.is_empty()).then(|| content.into());
                    self.pending.extend_from_slice(&rest[taken..]);
                    self.feed.extend_from_slice(NO_BODY);
                    self.receiving = Receiving::Complete;
                } else {
                    self.feed.extend_from_slice(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
                    push_chunk(&mut self.feed, &content);
                    self.receiving = Receiving::Chunked(chunks);
                }
            }
            Framing::UntilClose => {
                self.feed.extend_from_slice(b"HTTP/1.1 200 OK\r\n\r\n");
                self.feed.extend_from_slice(rest);
                self.receiving = Receiving::UntilClose;
            }
        }
        Ok(())
    }
}

/// Appends content as one chunk; an empty one would end the body.
fn push_chunk(feed: &mut Vec<u8>, content: &[u8]) {
    if !content.is_empty() {
        let digits = format!("{:x}\r\n", content.len());
        feed.extend_from_slice(digits.as_bytes());
        feed.extend_from_slice(content);
        feed.extend_from_slice(b"\r\n");
    }
}
