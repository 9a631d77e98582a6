//! One exchange on a connection: a stream. The body goes out while the answer comes in.

use std::collections::VecDeque;
use std::fs::File;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use h2::client::ResponseFuture;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::message::Outgoing;
use super::{Http2, fault};
use crate::clock::{self, Timestamp};
use crate::http::content::Sink;
use crate::http::failure::{FILE_NOT_FOUND, Fault, IO, SOCKET_TIMEOUT, Stage, os_message};
use crate::http::options::Options;
use crate::http::request::{Body, Part, Request};
use crate::http::request_body::read_block;
use crate::http::response_head::{Framing, Head};

/// What came back.
pub(super) struct Answer {
    pub head: Arc<Head>,
    /// When the first byte of the body came.
    pub first_body: Option<Timestamp>,
    /// How many bytes of the body came, as transferred.
    pub received: u64,
    /// How many bytes of the request's body went out.
    pub sent: u64,
}

/// What became of a stream that brought no answer.
pub(super) enum Loss {
    /// The server has not seen the request, or said that it did not process it: it may be sent elsewhere.
    Unprocessed(Fault),
    /// The answer did not come, or not whole.
    Failed {
        stage: Stage,
        fault: Fault,
        /// The head, if it came.
        head: Option<Arc<Head>>,
        first_body: Option<Timestamp>,
        /// Whether no more requests should go over the connection.
        ends_connection: bool,
    },
}

/// How far an answer has come.
#[derive(Default)]
struct Received {
    head: Option<Arc<Head>>,
    first_body: Option<Timestamp>,
    bytes: u64,
}

impl Http2 {
    /// Sends a request and reads the answer's body into `sink`. Dropping the future resets the stream.
    pub(super) async fn exchange(
        &self,
        request: &Request,
        outgoing: Outgoing,
        files: Vec<File>,
        options: &Options,
        sink: &mut Sink,
    ) -> Result<Answer, Loss> {
        let mut sender = self.sender.clone();
        let ends_at_once = request.body.is_empty();
        let expects =
            !ends_at_once && request.header("Expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
        // The server went, or told us to go, while the connection was idle.
        let unprocessed = |error: &h2::Error| Loss::Unprocessed(fault::before_head(error, &self.watch));
        std::future::poll_fn(|cx| sender.poll_ready(cx)).await.map_err(|error| unprocessed(&error))?;
        let (mut response, mut stream) =
            sender.send_request(outgoing.message, ends_at_once).map_err(|error| unprocessed(&error))?;
        let id = response.stream_id().as_u32();
        let progress = AtomicBool::new(true);
        let sent = AtomicU64::new(0);
        let mut received = Received::default();
        // A body that waits for 100 Continue is not sent when the final answer comes first.
        let mut is_sent = ends_at_once || (expects && !may_continue(&mut response, options.continue_timeout).await);
        let outcome = {
            let head_request = request.method.eq_ignore_ascii_case("HEAD");
            let mut sending = pin!(send(&request.body, files, &mut stream, &progress, &sent));
            let mut receiving = pin!(self.receive(response, head_request, sink, &progress, &mut received));
            let mut timer: Option<std::pin::Pin<Box<Sleep>>> = None;
            std::future::poll_fn(|cx| {
                if !is_sent && let Poll::Ready(result) = sending.as_mut().poll(cx) {
                    is_sent = true;
                    // A server that has stopped reading has told why, in its answer or by its reset.
                    if let Err(fault) = result {
                        return Poll::Ready(Err(Ended::Sending(fault)));
                    }
                }
                if let Poll::Ready(result) = receiving.as_mut().poll(cx) {
                    return Poll::Ready(result.map_err(Ended::Receiving));
                }
                let Some(limit) = options.response_timeout else { return Poll::Pending };
                let timer = timer.get_or_insert_with(|| Box::pin(sleep(limit)));
                if progress.swap(false, Ordering::Relaxed) {
                    timer.as_mut().reset(Instant::from_std(clock::instant_of(clock::now() + limit)));
                }
                timer.as_mut().poll(cx).map(|()| Err(Ended::TimedOut))
            })
            .await
        };
        let sent = sent.into_inner();
        let Received { head, first_body, bytes } = received;
        let stage = match (&head, is_sent) {
            (Some(_), _) => Stage::Body,
            (None, true) => Stage::Head,
            (None, false) => Stage::Send,
        };
        let failed = |fault, head, ends_connection| Loss::Failed { stage, fault, head, first_body, ends_connection };
        match (outcome, head) {
            (Ok(()), Some(head)) => Ok(Answer { head, first_body, received: bytes, sent }),
            (Ok(()), None) => Err(failed(Fault::protocol(), None, true)),
            (Err(Ended::TimedOut), head) => Err(failed(Fault::new(SOCKET_TIMEOUT, "Read timed out"), head, true)),
            (Err(Ended::Sending(fault)), head) => Err(failed(fault, head, false)),
            (Err(Ended::Receiving(error)), None) if self.watch.is_unprocessed(id) => Err(unprocessed(&error)),
            (Err(Ended::Receiving(error)), None) => {
                Err(failed(fault::before_head(&error, &self.watch), None, !error.is_reset()))
            }
            (Err(Ended::Receiving(error)), Some(head)) => {
                let expected = match head.framing() {
                    Framing::Length(length) => Some(length),
                    Framing::Chunked | Framing::UntilClose => None,
                };
                let fault = fault::in_body(&error, &self.watch, expected, bytes);
                Err(failed(fault, Some(head), !error.is_reset()))
            }
        }
    }

    async fn receive(
        &self,
        response: ResponseFuture,
        head_request: bool,
        sink: &mut Sink,
        progress: &AtomicBool,
        received: &mut Received,
    ) -> Result<(), h2::Error> {
        let (parts, mut body) = response.await?.into_parts();
        progress.store(true, Ordering::Relaxed);
        let Some(head) = self.incoming(&parts) else { return Ok(()) };
        let has_body = head.has_body(head_request);
        sink.open(&head, has_body);
        received.head = Some(head);
        // Trailers end a body, too; HttpClient shows none.
        while let Some(piece) = body.data().await {
            let piece = match piece {
                Err(error) if fault::ends_request_only(&error) => break,
                piece => piece?,
            };
            progress.store(true, Ordering::Relaxed);
            if !piece.is_empty() {
                received.first_body.get_or_insert_with(clock::now);
                received.bytes += piece.len() as u64;
                if has_body {
                    sink.push(&piece);
                }
            }
            // What was read may be sent anew: without this the server stops when the window is full. It fails only for
            // more than was received.
            let _ = body.flow_control().release_capacity(piece.len());
        }
        Ok(())
    }
}

/// What ended a stream before its end.
enum Ended {
    Sending(Fault),
    Receiving(h2::Error),
    TimedOut,
}

/// Waits for `100 Continue`, as long as that is worth it. False when the final answer came instead.
async fn may_continue(response: &mut ResponseFuture, limit: Duration) -> bool {
    let interim = std::future::poll_fn(|cx| response.poll_informational(cx));
    match timeout(limit, interim).await {
        // 102 and 103 let go on as well: the wait is a courtesy.
        Err(_) | Ok(Some(Ok(_))) => true,
        // What failed, the answer's future tells.
        Ok(Some(Err(_)) | None) => false,
    }
}

/// Sends a body, files as fast as the server takes them. That the server wants no more of it is no failure.
async fn send(
    body: &Body,
    files: Vec<File>,
    stream: &mut SendStream<Bytes>,
    progress: &AtomicBool,
    sent: &AtomicU64,
) -> Result<(), Fault> {
    let mut files = files.into_iter();
    let mut parts: VecDeque<&Part> = match body {
        Body::Empty => return Ok(()),
        Body::Bytes(bytes) => {
            put(bytes.clone(), true, stream, progress, sent).await;
            return Ok(());
        }
        Body::Parts(parts) => parts.iter().filter(|part| !part.is_empty()).collect(),
    };
    while let Some(part) = parts.pop_front() {
        let is_last = parts.is_empty();
        match part {
            Part::Bytes(bytes) => {
                if !put(bytes.clone(), is_last, stream, progress, sent).await {
                    return Ok(());
                }
            }
            Part::File { path, len } => {
                let mut file = files.next();
                let mut left = *len;
                while left > 0 {
                    let flaw = |words: String| Fault::new(IO, format!("{}: {words}", path.display()));
                    let Some(open) = file.take() else {
                        return Err(Fault::new(FILE_NOT_FOUND, path.display().to_string()));
                    };
                    let (open, block) = read_block(open, left)
                        .await
                        .map_err(|_| flaw("Interrupted".to_owned()))?
                        .map_err(|error| flaw(os_message(&error)))?;
                    if block.is_empty() {
                        return Err(flaw("the file is shorter than it was".to_owned()));
                    }
                    file = Some(open);
                    left -= block.len() as u64;
                    if !put(block.into(), is_last && left == 0, stream, progress, sent).await {
                        return Ok(());
                    }
                }
            }
        }
    }
    Ok(())
}

/// Hands bytes to the stream as the server's windows allow. False when it takes no more.
async fn put(
    mut bytes: Bytes,
    ends: bool,
    stream: &mut SendStream<Bytes>,
    progress: &AtomicBool,
    sent: &AtomicU64,
) -> bool {
    while !bytes.is_empty() {
        stream.reserve_capacity(bytes.len());
        let room = std::future::poll_fn(|cx| stream.poll_capacity(cx)).await;
        let Some(Ok(room)) = room else { return false };
        progress.store(true, Ordering::Relaxed);
        let piece = bytes.split_to(room.min(bytes.len()));
        let length = piece.len() as u64;
        if stream.send_data(piece, ends && bytes.is_empty()).is_err() {
            return false;
        }
        sent.fetch_add(length, Ordering::Relaxed);
    }
    true
}
