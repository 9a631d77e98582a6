//! What lies under hyper. Hyper sees framing only: the head that it writes is swallowed and the plan's own head is sent
//! instead; the head that the server sends is read here, as HttpClient reads it, and hyper is handed a head that says
//! where the body ends and nothing else. So the bytes on the wire are the plan's, any answer that JMeter takes is
//! taken, and hyper does what it is good at: state, framing and back-pressure.
//!
//! Between two exchanges nothing is read: a server that closes an idle connection is noticed by the next request, as in
//! JMeter.

mod pace;
mod receiving;
mod sending;
mod stream;

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use crate::clock::{self, Timestamp};
use crate::http::chunks::Chunks;
use crate::http::failure::{Fault, Stage};
use crate::http::request::{Body, Header, Request};
use crate::http::response_head::Head;

use pace::Pace;
pub(in crate::http) use stream::Stream;

/// A head may be as long as this; HttpClient has no limit, our memory has.
const LONGEST_HEAD: usize = 1 << 20;
/// How much one read takes at most.
const READ_SIZE: usize = 64 * 1024;
/// How much one read takes at most while a head is awaited: what comes with it is copied.
const HEAD_READ_SIZE: usize = 16 * 1024;
/// A body of this size is sent together with its head, without hyper.
const BODY_BESIDE_HEAD: u64 = 16 * 1024;

thread_local! {
    /// One read buffer per worker: a connection that waits holds none.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_SIZE]);
}

/// The half of the connection's state that hyper owns.
#[derive(Clone)]
pub(in crate::http) struct Transport(Arc<Mutex<Wire>>);

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
pub(in crate::http) struct Wire {
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
    /// When bytes came last; where waits are timed, also when the request was sent: since then more is awaited.
    waiting_since: Timestamp,
    /// Whether waits for bytes are timed.
    pub times_waits: bool,
    fault: Option<Fault>,
    /// Something happened that hyper must hear of: it is to be polled again before the task waits.
    again: bool,
    /// Where the connection is slowed down.
    pace: Option<Box<Pace>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sending {
    Idle,
    /// Hyper's own head is passing, of which so many bytes of the final CRLFCRLF have passed.
    Swallow(usize),
    /// The same, of an exchange that hyper hears of late: the request has been sent without it.
    SwallowLate(usize),
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
pub(in crate::http) enum Interim {
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
            times_waits: false,
            fault: None,
            again: false,
            pace: None,
        }
    }

    /// Prepares for an exchange: the head that will be sent, and what the answer means.
    pub fn begin(&mut self, request: &Request, target: &str, extra: &[Header]) {
        self.out.clear();
        self.out_at = 0;
        request.write_head(&mut self.out, target, extra);
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
        self.begin_pace();
        self.feed.clear();
        self.feed_at = 0;
    }

    /// Takes a body that is small and at hand behind the head: the whole request can be sent without hyper. False when
    /// it cannot.
    pub fn takes_whole(&mut self, body: &Body) -> bool {
        match body {
            _ if self.interim != Interim::Passed => return false,
            Body::Empty => {}
            Body::Bytes(bytes) if self.body_left <= BODY_BESIDE_HEAD => self.out.extend_from_slice(bytes),
            Body::Bytes(_) | Body::Parts(_) => return false,
        }
        self.body_left = 0;
        self.sending = Sending::Body;
        true
    }

    /// Sends the request that [`Wire::takes_whole`] took and reads the head of its answer. True when the body came with
    /// it, or there is none. Else hyper has to read on: it is then still to say what it wants to send.
    pub fn poll_answer(&mut self) -> Poll<Result<bool, Fault>> {
        if let Err(error) = std::task::ready!(self.poll_flush()) {
            return Poll::Ready(Err(self.take_fault().unwrap_or_else(|| Fault::writing(&error))));
        }
        while let Receiving::Head = self.receiving {
            let read = SCRATCH.with_borrow_mut(|scratch| match self.read_some(&mut scratch[..HEAD_READ_SIZE]) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(0)) => Poll::Ready(self.take_end().map(|_| ())),
                Poll::Ready(Ok(n)) => {
                    self.waiting_since = clock::now();
                    Poll::Ready(self.take_of_head(&scratch[..n]))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(Fault::reading(&error))),
            });
            std::task::ready!(read)?;
        }
        let is_whole = matches!(self.receiving, Receiving::Complete);
        if is_whole {
            self.feed.clear();
        } else {
            self.sending = Sending::SwallowLate(0);
        }
        Poll::Ready(Ok(is_whole))
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

    /// Slows the connection down to so many characters a second.
    pub fn slow_down(&mut self, cps: NonZeroU32) {
        self.pace = Some(Box::new(Pace::new(cps)));
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

    /// When bytes came last.
    pub fn read_at(&self) -> Timestamp {
        self.waiting_since
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

    /// Since when an answer is awaited, or more of it; `None` while the request is still being sent, or nothing is read.
    pub fn waiting_since(&self) -> Option<Timestamp> {
        (self.request_sent() && !self.pauses_before_read()).then_some(self.waiting_since)
    }

    /// Whether the server has closed an idle connection (`BHttpConnectionBase.isStale`). Bytes that came unasked are
    /// kept: they begin the next answer, as in HttpClient.
    pub fn is_stale(&mut self) -> bool {
        self.waker = Waker::noop().clone();
        SCRATCH.with_borrow_mut(|scratch| match self.read_now(&mut scratch[..HEAD_READ_SIZE]) {
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
        if self.pace.is_none() {
            return self.read_now(buffer);
        }
        let waker = self.waker.clone();
        let most = std::task::ready!(self.poll_may_read(&mut Context::from_waker(&waker))).min(buffer.len());
        let read = std::task::ready!(self.read_now(&mut buffer[..most]));
        self.has_read();
        Poll::Ready(read)
    }

    /// The same without a pause.
    fn read_now(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
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
