//! What lies under hyper. Hyper sees framing only: the head that it writes is swallowed and the plan's own head is sent
//! instead; the head that the server sends is read here, as HttpClient reads it, and hyper is handed a head that says
//! where the body ends and nothing else. So the bytes on the wire are the plan's, any answer that JMeter takes is
//! taken, and hyper does what it is good at: state, framing and back-pressure.
//!
//! Between two exchanges nothing is read: a server that closes an idle connection is noticed by the next request, as in
//! JMeter.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::chunks::{Chunks, grouped};
use super::failure::{CONNECTION_CLOSED, Fault, NO_RESPONSE, Stage};
use super::request::{Header, Request, write_head};
use super::response_head::{Framing, Head, Scan, scan};
use crate::clock::{self, Timestamp};

/// The stream below: TCP, or TLS over TCP. TLS keeps its kilobyte to itself.
pub(super) enum Stream {
    Plain(TokioIo<TcpStream>),
    Secure(Box<MaybeHttpsStream<TokioIo<TcpStream>>>),
}

impl Stream {
    fn poll_read(&mut self, cx: &mut Context<'_>, cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_read(cx, cursor),
            Stream::Secure(io) => Pin::new(&mut **io).poll_read(cx, cursor),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_write(cx, bytes),
            Stream::Secure(io) => Pin::new(&mut **io).poll_write(cx, bytes),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_flush(cx),
            Stream::Secure(io) => Pin::new(&mut **io).poll_flush(cx),
        }
    }
}

/// A head may be as long as this; HttpClient has no limit, our memory has.
const LONGEST_HEAD: usize = 1 << 20;
/// How much one read takes at most.
const READ_SIZE: usize = 64 * 1024;
/// How much one read takes at most while a head is awaited: what comes with it is copied.
const HEAD_READ_SIZE: usize = 16 * 1024;

/// What hyper is told of an answer whose body it need not see.
const NO_BODY: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

thread_local! {
    /// One read buffer per worker: a connection that waits holds none.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// The half of the connection's state that hyper owns.
#[derive(Clone)]
pub(super) struct Transport(Arc<Mutex<Wire>>);

impl Transport {
    pub fn new(io: Stream, peer: Option<SocketAddr>) -> Self {
        Self(Arc::new(Mutex::new(Wire::new(io, peer))))
    }

    /// The state; never contended, since the connection and its exchange live in one task.
    pub fn wire(&self) -> MutexGuard<'_, Wire> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything known about a connection's bytes.
pub(super) struct Wire {
    io: Stream,
    peer: Option<SocketAddr>,
    /// The only waker that sockets are given: the task's. What hyper passes down is ignored.
    waker: Waker,
    sending: Sending,
    /// What is to be sent before anything else: the head, and a body that fitted beside it.
    out: Vec<u8>,
    out_at: usize,
    body_left: u64,
    sent: u64,
    interim: Interim,
    receiving: Receiving,
    /// Bytes received that belong to the next head.
    pending: Vec<u8>,
    /// Bytes that hyper is still to be handed.
    feed: Vec<u8>,
    feed_at: usize,
    received: u64,
    head_request: bool,
    head: Option<Arc<Head>>,
    /// The last head, raw and read: servers repeat themselves.
    last_head: Option<(Vec<u8>, Arc<Head>)>,
    whole_body: Option<Bytes>,
    first_body: Option<Timestamp>,
    /// When the present wait for bytes began.
    waiting_since: Timestamp,
    fault: Option<Fault>,
    /// Something happened that hyper must hear of: it is to be polled again before the task waits.
    again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    Idle,
    /// Hyper's own head is passing, of which so many bytes of the final CRLFCRLF have passed.
    Swallow(usize),
    Body,
    Done,
}

#[derive(Debug)]
enum Receiving {
    Idle,
    Head,
    Length { total: u64, left: u64 },
    Chunked(Chunks),
    UntilClose,
    Complete,
}

/// Whether the body waits for `100 Continue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interim {
    /// It does not, or the answer came, or the wait is over.
    Passed,
    /// It does.
    Awaited,
    /// The final answer came first: the body is not sent.
    Refused,
}

impl Wire {
    fn new(io: Stream, peer: Option<SocketAddr>) -> Self {
        Self {
            io,
            peer,
            waker: Waker::noop().clone(),
            sending: Sending::Idle,
            out: Vec::new(),
            out_at: 0,
            body_left: 0,
            sent: 0,
            interim: Interim::Passed,
            receiving: Receiving::Idle,
            pending: Vec::new(),
            feed: Vec::new(),
            feed_at: 0,
            received: 0,
            head_request: false,
            head: None,
            last_head: None,
            whole_body: None,
            first_body: None,
            waiting_since: Timestamp::default(),
            fault: None,
            again: false,
        }
    }

    /// Prepares for an exchange: the head that will be sent, and what the answer means.
    pub fn begin(&mut self, request: &Request, target: &str, extra: &[Header]) {
        self.out.clear();
        self.out_at = 0;
        write_head(&mut self.out, request, target, extra);
        self.sending = Sending::Swallow(0);
        self.body_left = request.body.len();
        self.sent = 0;
        let expects = request.body.is_entity()
            && request.header("Expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        self.interim = if expects { Interim::Awaited } else { Interim::Passed };
        self.receiving = Receiving::Head;
        self.received = 0;
        self.head_request = request.method.eq_ignore_ascii_case("HEAD");
        self.head = None;
        self.whole_body = None;
        self.first_body = None;
        self.fault = None;
        self.again = false;
    }

    /// Nothing more is read or written until the next exchange. Memory that only a large answer needed is given back.
    pub fn rest(&mut self) {
        self.sending = Sending::Idle;
        self.receiving = Receiving::Idle;
        self.waker = Waker::noop().clone();
        if self.out.capacity() > 4096 {
            self.out = Vec::new();
        }
        if self.feed.capacity() > 4096 {
            self.feed = Vec::new();
        }
        self.feed.clear();
        self.feed_at = 0;
    }

    pub fn set_waker(&mut self, waker: &Waker) {
        if !self.waker.will_wake(waker) {
            self.waker = waker.clone();
        }
    }

    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    pub fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Whether the head and the whole body have been given to the socket.
    pub fn request_sent(&self) -> bool {
        self.sending == Sending::Done
    }

    pub fn stage(&self) -> Stage {
        match (&self.head, self.request_sent()) {
            (Some(_), _) => Stage::Body,
            (None, true) => Stage::Head,
            (None, false) => Stage::Send,
        }
    }

    pub fn sent(&self) -> u64 {
        self.sent
    }

    pub fn received(&self) -> u64 {
        self.received
    }

    pub fn head(&self) -> Option<&Arc<Head>> {
        self.head.as_ref()
    }

    pub fn head_request(&self) -> bool {
        self.head_request
    }

    pub fn first_body(&self) -> Option<Timestamp> {
        self.first_body
    }

    /// The body, if it came together with the head; hyper has been told that there is none.
    pub fn take_whole_body(&mut self) -> Option<Bytes> {
        self.whole_body.take()
    }

    pub fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    pub fn take_again(&mut self) -> bool {
        std::mem::take(&mut self.again)
    }

    pub fn interim(&self) -> Interim {
        self.interim
    }

    /// The wait for `100 Continue` is over: the body is sent without it.
    pub fn stop_awaiting_interim(&mut self) {
        self.interim = Interim::Passed;
        self.again = true;
    }

    /// Since when an answer is awaited, or more of it; `None` while the request is still being sent.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        self.request_sent().then_some(self.waiting_since)
    }

    /// Whether the server has closed an idle connection (`BHttpConnectionBase.isStale`). Bytes that came unasked are
    /// kept: they begin the next answer, as in HttpClient.
    pub fn is_stale(&mut self) -> bool {
        self.waker = Waker::noop().clone();
        SCRATCH.with_borrow_mut(|scratch| match self.read_some(&mut scratch[..HEAD_READ_SIZE]) {
            Poll::Pending => false,
            Poll::Ready(Ok(0) | Err(_)) => true,
            Poll::Ready(Ok(n)) => {
                self.pending.extend_from_slice(&scratch[..n]);
                self.pending.len() > LONGEST_HEAD
            }
        })
    }

    /// One read from the stream below; zero bytes are its end.
    fn read_some(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(buffer);
        let mut cx = Context::from_waker(&self.waker);
        match self.io.poll_read(&mut cx, read.unfilled()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => {
                let n = read.filled().len();
                self.received += n as u64;
                Poll::Ready(Ok(n))
            }
            // A TLS peer that goes without saying so has gone (JSSE's lenient reading of close_notify).
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(0)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }

    fn fail(&mut self, fault: Fault) -> io::Error {
        self.fault = Some(fault);
        io::ErrorKind::InvalidData.into()
    }

    // ---- receiving ----

    fn poll_read(&mut self, mut cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
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
    fn take(&mut self, bytes: &[u8], cursor: &mut ReadBufCursor<'_>) -> Result<bool, Fault> {
        self.waiting_since = clock::now();
        match &mut self.receiving {
            Receiving::Head if self.pending.is_empty() => self.take_head(bytes)?,
            Receiving::Head => {
                let mut all = std::mem::take(&mut self.pending);
                all.extend_from_slice(bytes);
                self.take_head(&all)?;
            }
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

    /// Takes the end of the stream. True when hyper is to see it.
    fn take_end(&mut self) -> Result<bool, Fault> {
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
    fn take_head(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
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
    fn take_final_head(&mut self, head: Arc<Head>, rest: &[u8]) -> Result<(), Fault> {
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

    // ---- sending ----

    fn poll_write(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
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

    fn poll_flush(&mut self) -> Poll<io::Result<()>> {
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
            self.waiting_since = clock::now();
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

    fn poll_send_out(&mut self) -> Poll<io::Result<()>> {
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

    /// Sends the head and `more`, as far as the socket takes them at once.
    pub fn send_out(&mut self, more: &[u8]) {
        self.out.extend_from_slice(more);
        // The exchange has failed already; a second reason adds nothing.
        let _ = self.poll_send_out();
        let _ = self.io.poll_flush(&mut Context::from_waker(Waker::noop()));
    }

    fn write_some(&mut self, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut cx = Context::from_waker(&self.waker);
        match self.io.poll_write(&mut cx, bytes) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) if !bytes.is_empty() => {
                Poll::Ready(Err(self.fail(Fault::writing(&io::ErrorKind::BrokenPipe.into()))))
            }
            Poll::Ready(Ok(n)) => {
                self.sent += n as u64;
                Poll::Ready(Ok(n))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.fail(Fault::writing(&error)))),
        }
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

impl Read for Transport {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        self.wire().poll_read(cursor)
    }
}

impl Write for Transport {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.wire().poll_write(bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire().poll_flush()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The socket closes when the connection is dropped.
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_followed_over_any_cut() {
        let bytes = b"GET / HTTP/1.1\r\ncontent-length: 2\r\n\r\nab";
        for cut in 0..bytes.len() {
            let (matched, end) = pass_head(&bytes[..cut], 0);
            let end = end.or_else(|| pass_head(&bytes[cut..], matched).1.map(|end| cut + end));
            assert_eq!(end, Some(37), "cut at {cut}");
        }
        assert_eq!(pass_head(b"\r\r\n\r\n", 0).1, Some(5));
    }
}
