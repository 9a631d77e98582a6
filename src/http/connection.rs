//! One connection and the exchanges on it. Hyper's connection and hyper's request are polled together, in the task
//! that wants the answer: there is no second task, and nothing hops between threads. Hyper hears of an exchange when
//! there is something for it to do: a body that is streamed, in either direction.

use std::fs::File;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep};

use super::content::Sink;
use super::failure::{CLIENT_PROTOCOL, Fault, IO, SOCKET_TIMEOUT, Stage};
use super::options::Options;
use super::request::{Body, Header, Part, Request};
use super::request_body::{RequestBody, read_block};
use super::response_head::{Head, Tokens};
use super::transport::{Interim, Stream, Transport};
use super::url::Scheme;
use crate::clock::{self, Timestamp};

/// How often hyper may ask to be polled again before other tasks get their turn.
const TURNS: usize = 32;

/// An open connection.
pub(super) struct Connection {
    /// Hyper's side: made for the next exchange, kept while exchange follows exchange, given up when the user waits.
    hyper: Option<Box<Hyper>>,
    transport: Transport,
    asked: Arc<Asked>,
    asked_waker: Waker,
    timer: Option<Pin<Box<Sleep>>>,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last put away.
    pub updated: Timestamp,
    /// Until when it may be used again.
    pub expires: Timestamp,
}

/// Hyper's side of a connection: with its buffers and its channel 26 KB. All that outlives an exchange is in the
/// transport, so it may be made anew for any exchange; that takes 0.6 us.
struct Hyper {
    sender: http1::SendRequest<RequestBody>,
    driver: http1::Connection<Transport, RequestBody>,
}

impl Hyper {
    async fn over(transport: &Transport) -> Result<Box<Self>, Fault> {
        let (sender, driver) = http1::Builder::new()
            .handshake(transport.clone())
            .await
            .map_err(|error| Fault::new(IO, error.to_string()))?;
        Ok(Box::new(Self { sender, driver }))
    }
}

/// What is sent, and how.
pub(super) struct Outgoing<'a> {
    pub request: &'a Request,
    /// The request target.
    pub target: &'a str,
    /// Headers beyond the request's own.
    pub extra: &'a [Header],
    /// The files of its body, open.
    pub files: Vec<File>,
    /// From when the wait for an interim answer counts.
    pub started: Timestamp,
}

/// What an exchange came to, beside the body.
pub(super) struct Received {
    pub head: Arc<Head>,
    /// Bytes on the wire.
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub peer: Option<SocketAddr>,
    /// When the first byte of the body came.
    pub first_body: Option<Timestamp>,
    /// Whether the connection can be used again.
    pub keeps: bool,
}

/// The waker that hyper gets: it notes that hyper wants another poll. The task itself is woken by sockets, timers and
/// files only, which the transport and the request's body see to.
#[derive(Default)]
struct Asked(AtomicBool);

impl Wake for Asked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connection {
    /// Takes over an open stream to a server of `scheme`.
    pub fn new(stream: Stream, peer: Option<SocketAddr>, scheme: Scheme, options: &Options) -> Self {
        let transport = Transport::new(stream, peer);
        if let Some(cps) = options.slow.of(scheme) {
            transport.wire().slow_down(cps);
        }
        let asked = Arc::new(Asked::default());
        let created = clock::now();
        Self {
            hyper: None,
            transport,
            asked_waker: Waker::from(Arc::clone(&asked)),
            asked,
            timer: None,
            created,
            updated: created,
            expires: created + options.time_to_live,
        }
    }

    /// Gives back the memory that only an exchange needs.
    pub fn rest(&mut self) {
        self.hyper = None;
    }

    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Sends `request` and reads the answer's body into `sink`. The head and the sizes are then in the wire. An error
    /// leaves the connection unusable. Returns when the last byte came, if that is known.
    pub async fn exchange(
        &mut self,
        outgoing: Outgoing<'_>,
        options: &Options,
        sink: &mut Sink,
    ) -> Result<Option<Timestamp>, (Stage, Fault)> {
        let Outgoing { request, target, extra, files, started } = outgoing;
        let sends_whole = {
            let mut wire = self.transport.wire();
            wire.begin(request, target, extra);
            wire.times_waits = options.response_timeout.is_some();
            wire.takes_whole(&request.body)
        };
        if sends_whole {
            let answered = self.answer(started, options, sink).await;
            let ended = answered.map_err(|fault| (self.transport.wire().stage(), fault))?;
            if ended.is_some() {
                return Ok(ended);
            }
        }
        // Boxed, lest every exchange be as large as one that is streamed.
        Box::pin(self.stream(request, sends_whole, files, started, options, sink)).await.map(|()| None)
    }

    /// Lets hyper make the exchange, or what is left of it once the request has been sent.
    async fn stream(
        &mut self,
        request: &Request,
        is_sent: bool,
        files: Vec<File>,
        started: Timestamp,
        options: &Options,
        sink: &mut Sink,
    ) -> Result<(), (Stage, Fault)> {
        let body = if is_sent { &Body::Empty } else { &request.body };
        let mut message = http::Request::new(RequestBody::new(body, files, self.transport.clone()));
        if !body.is_empty() {
            *message.method_mut() = http::Method::POST;
        }
        let hyper = match &mut self.hyper {
            Some(hyper) => hyper,
            none => none.insert(Hyper::over(&self.transport).await.map_err(|fault| (Stage::Send, fault))?),
        };
        let response = hyper.sender.send_request(message);
        let mut response = pin!(response);
        let mut state = State::Awaiting;
        let mut turns = Turns {
            driver: &mut hyper.driver,
            transport: &self.transport,
            asked: &self.asked,
            asked_waker: &self.asked_waker,
            driver_done: false,
        };
        let timer = &mut self.timer;
        let result = std::future::poll_fn(|cx| {
            turns.transport.wire().set_waker(cx.waker());
            for _ in 0..TURNS {
                match turns.take(response.as_mut(), &mut state, sink) {
                    Poll::Ready(result) => return Poll::Ready(result),
                    Poll::Pending if turns.wants_another() => {}
                    Poll::Pending => {
                        return if poll_timer(turns.transport, cx, timer, started, options) {
                            Poll::Ready(Err(timed_out()))
                        } else if turns.transport.wire().take_again() {
                            cx.waker().wake_by_ref();
                            Poll::Pending
                        } else {
                            Poll::Pending
                        };
                    }
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        result.map_err(|fault| (self.transport.wire().stage(), fault))
    }

    /// Sends a request that is in memory as a whole, and reads its answer if that comes with its head: there is nothing
    /// to be framed or held back then, which is what hyper is for. Returns when it came; `None` when hyper has to read on.
    async fn answer(
        &mut self,
        started: Timestamp,
        options: &Options,
        sink: &mut Sink,
    ) -> Result<Option<Timestamp>, Fault> {
        let (transport, timer) = (&self.transport, &mut self.timer);
        std::future::poll_fn(|cx| {
            let mut wire = transport.wire();
            wire.set_waker(cx.waker());
            match wire.poll_answer() {
                Poll::Ready(Ok(true)) => {
                    if let Some(head) = wire.head() {
                        sink.open(head, head.has_body(wire.head_request()));
                    }
                    if let Some(bytes) = wire.take_whole_body() {
                        sink.push(&bytes);
                    }
                    Poll::Ready(Ok(Some(wire.read_at())))
                }
                Poll::Ready(Ok(false)) => Poll::Ready(Ok(None)),
                Poll::Ready(Err(fault)) => Poll::Ready(Err(fault)),
                Poll::Pending => {
                    drop(wire);
                    // Nothing is awaited but the answer, for as long as it takes.
                    if options.response_timeout.is_some() && poll_timer(transport, cx, timer, started, options) {
                        return Poll::Ready(Err(timed_out()));
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Sends the head and the body up to the file that follows `files`. HttpClient finds that one missing when it comes to
    /// it, and closing the connection sends what it has in its buffer.
    pub async fn send_beginning(
        &mut self,
        request: &Request,
        target: &str,
        extra: &[Header],
        files: Vec<File>,
    ) -> Result<(), Fault> {
        self.transport.wire().begin(request, target, extra);
        let mut files = files.into_iter();
        let Body::Parts(parts) = &request.body else { return Ok(()) };
        for part in parts {
            match part {
                Part::Bytes(bytes) => self.send_more(bytes).await?,
                Part::File { len, .. } => {
                    let Some(mut file) = files.next() else { break };
                    let mut left = *len;
                    while left > 0 {
                        let Ok(Ok((open, block))) = read_block(file, left).await else { return Ok(()) };
                        if block.is_empty() {
                            return Ok(());
                        }
                        self.send_more(&block).await?;
                        left -= block.len() as u64;
                        file = open;
                    }
                }
            }
        }
        // The head of a body that begins with the file.
        self.send_more(&[]).await
    }

    async fn send_more(&self, bytes: &[u8]) -> Result<(), Fault> {
        let mut bytes = Some(bytes);
        std::future::poll_fn(|cx| {
            let mut wire = self.transport.wire();
            wire.set_waker(cx.waker());
            wire.poll_send_more(bytes.take().unwrap_or_default())
        })
        .await
    }

    /// Ends an exchange: what came of it, and whether the next one can be made on the connection, as far as request, answer
    /// and hyper say. `None` if there was no head.
    pub fn finish(&mut self, request: &Request) -> Option<Received> {
        let mut received = {
            let mut wire = self.transport.wire();
            let head = Arc::clone(wire.head()?);
            let keeps = head.keeps_alive(wire.head_request()) && wire.request_sent() && !asks_to_close(request);
            let (bytes_in, bytes_out, peer) = (wire.received(), wire.sent(), wire.peer());
            let first_body = wire.first_body();
            wire.rest();
            Received { head, bytes_in, bytes_out, peer, first_body, keeps }
        };
        received.keeps = received.keeps && self.is_ready();
        Some(received)
    }

    /// Hyper takes the next request once it has been polled in its idle state; one that is not there is made then.
    fn is_ready(&mut self) -> bool {
        let Some(hyper) = &mut self.hyper else { return true };
        let mut cx = Context::from_waker(&self.asked_waker);
        for _ in 0..4 {
            if hyper.sender.is_ready() {
                return true;
            }
            if pin!(unconstrained(Pin::new(&mut hyper.driver))).poll(&mut cx).is_ready() {
                return false;
            }
        }
        hyper.sender.is_ready()
    }
}

/// Whether a request says that it is the last on its connection.
fn asks_to_close(request: &Request) -> bool {
    // Nearly all ask for the opposite, in these words.
    let mut asks = request.headers.iter().filter(|header| {
        header.name.eq_ignore_ascii_case("Connection") && !header.value.eq_ignore_ascii_case("keep-alive")
    });
    let tokens = asks.try_fold(Tokens::default(), |tokens, header| tokens.and(&header.value));
    tokens.is_none_or(|tokens| tokens.close)
}

/// How far the answer has come.
enum State {
    Awaiting,
    Reading(Incoming),
}

struct Turns<'a> {
    driver: &'a mut http1::Connection<Transport, RequestBody>,
    transport: &'a Transport,
    asked: &'a Asked,
    asked_waker: &'a Waker,
    driver_done: bool,
}

impl Turns<'_> {
    /// One turn: what can be sent is sent, what can be read is read.
    fn take<F>(&mut self, response: Pin<&mut F>, state: &mut State, sink: &mut Sink) -> Poll<Result<(), Fault>>
    where
        F: Future<Output = hyper::Result<http::Response<Incoming>>>,
    {
        self.asked.0.store(false, Ordering::Relaxed);
        let mut cx = Context::from_waker(self.asked_waker);
        if !self.driver_done {
            // Budgets are for the task, which is asked once per exchange; a budget that ran out in here would wake
            // nobody.
            self.driver_done = pin!(unconstrained(Pin::new(&mut *self.driver))).poll(&mut cx).is_ready();
        }
        if let State::Awaiting = state {
            match pin!(unconstrained(response)).poll(&mut cx) {
                Poll::Pending if self.driver_done => return Poll::Ready(Err(self.fault(None))),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(self.fault(Some(&error)))),
                Poll::Ready(Ok(response)) => {
                    let whole = {
                        let mut wire = self.transport.wire();
                        if let Some(head) = wire.head() {
                            sink.open(head, head.has_body(wire.head_request()));
                        }
                        wire.take_whole_body()
                    };
                    if let Some(bytes) = whole {
                        sink.push(&bytes);
                        return Poll::Ready(Ok(()));
                    }
                    *state = State::Reading(response.into_body());
                }
            }
        }
        let State::Reading(body) = state else { return Poll::Pending };
        loop {
            if body.is_end_stream() {
                return Poll::Ready(Ok(()));
            }
            match Pin::new(&mut *body).poll_frame(&mut cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(self.fault(Some(&error)))),
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(bytes) = frame.data_ref() {
                        sink.push(bytes);
                    }
                    // There is room for the next piece: the connection is to be asked for it.
                    self.asked.0.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    fn wants_another(&self) -> bool {
        self.transport.wire().take_again() | self.asked.0.load(Ordering::Relaxed)
    }

    /// What the transport saw, which hyper only heard of; or hyper's own words.
    fn fault(&self, error: Option<&hyper::Error>) -> Fault {
        let seen = self.transport.wire().take_fault();
        seen.unwrap_or_else(|| match error {
            Some(error) if error.is_user() => Fault::new(IO, error.to_string()),
            Some(error) => Fault::new(CLIENT_PROTOCOL, error.to_string()),
            None => Fault::bare(CLIENT_PROTOCOL),
        })
    }
}

/// Sees to the two waits that have an end. True when the answer has been waited for too long.
fn poll_timer(
    transport: &Transport,
    cx: &mut Context<'_>,
    timer: &mut Option<Pin<Box<Sleep>>>,
    started: Timestamp,
    options: &Options,
) -> bool {
    loop {
        let (interim, waiting_since) = {
            let wire = transport.wire();
            (wire.interim(), wire.waiting_since())
        };
        let (deadline, for_interim) = match (interim, waiting_since, options.response_timeout) {
            (Interim::Awaited, ..) => (started + options.continue_timeout, true),
            (_, Some(since), Some(timeout)) => (since + timeout, false),
            _ => return false,
        };
        if clock::now() >= deadline {
            if for_interim {
                transport.wire().stop_awaiting_interim();
            }
            return !for_interim;
        }
        let at = Instant::from_std(clock::instant_of(deadline));
        let sleep = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        // A timer that fires too early is set anew then: one setting serves many exchanges.
        if sleep.is_elapsed() || sleep.deadline() > at {
            sleep.as_mut().reset(at);
        }
        if sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
    }
}

fn timed_out() -> Fault {
    Fault::new(SOCKET_TIMEOUT, "Read timed out")
}
