//! The stream below h2, and what is read off the frames that pass: h2 keeps to itself which streams a server has not
//! processed, and the words of what went wrong below it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::http::failure::Fault;
use crate::http::transport::Stream;

/// What is known about a connection beside what h2 says.
#[derive(Debug)]
pub(super) struct Watch {
    /// The last stream that the server will process, once it has said so (`GOAWAY`).
    last_stream: AtomicU32,
    /// Whether the server began with an answer of HTTP/1.
    answers_http1: AtomicBool,
    /// What the socket failed with.
    fault: Mutex<Option<Fault>>,
}

impl Default for Watch {
    fn default() -> Self {
        let last_stream = AtomicU32::new(u32::MAX);
        Self { last_stream, answers_http1: AtomicBool::new(false), fault: Mutex::default() }
    }
}

impl Watch {
    /// Whether the server has said that it did not process a stream, and will not.
    pub fn is_unprocessed(&self, stream: u32) -> bool {
        stream > self.last_stream.load(Ordering::Relaxed)
    }

    /// Whether the server wants no further streams.
    pub fn is_going_away(&self) -> bool {
        self.last_stream.load(Ordering::Relaxed) != u32::MAX
    }

    pub fn answers_http1(&self) -> bool {
        self.answers_http1.load(Ordering::Relaxed)
    }

    /// What the socket failed with, if it did.
    pub fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn failed(&self, fault: Fault) {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }
}

/// The stream as h2 wants it.
pub(super) struct Io {
    inner: Inner,
    frames: Frames,
    watch: Arc<Watch>,
}

enum Inner {
    Plain(TcpStream),
    Secure(TokioIo<Box<MaybeHttpsStream<TokioIo<TcpStream>>>>),
}

impl Io {
    pub fn new(stream: Stream, watch: Arc<Watch>) -> Self {
        let inner = match stream {
            Stream::Plain(tcp) => Inner::Plain(tcp.into_inner()),
            Stream::Secure(tls) => Inner::Secure(TokioIo::new(tls)),
        };
        Self { inner, frames: Frames::default(), watch }
    }

    fn written<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.watch.failed(Fault::writing(error)))
    }
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let result = ready!(match &mut this.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Secure(tls) => Pin::new(tls).poll_read(cx, buf),
        });
        Poll::Ready(match result {
            Ok(()) => {
                this.frames.pass(&buf.filled()[before..], &this.watch);
                Ok(())
            }
            // A TLS peer that goes without saying so has gone, as for HTTP/1.1.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => {
                this.watch.failed(Fault::reading(&error));
                Err(error)
            }
        })
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = ready!(match &mut this.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Inner::Secure(tls) => Pin::new(tls).poll_write(cx, bytes),
        });
        Poll::Ready(this.written(result))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = ready!(match &mut this.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, pieces),
            Inner::Secure(tls) => Pin::new(tls).poll_write_vectored(cx, pieces),
        });
        Poll::Ready(this.written(result))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.inner {
            Inner::Plain(tcp) => tcp.is_write_vectored(),
            Inner::Secure(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = ready!(match &mut this.inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Secure(tls) => Pin::new(tls).poll_flush(cx),
        });
        Poll::Ready(this.written(result))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Secure(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// Follows frames as they pass, over any cut.
#[derive(Debug, Default)]
struct Frames {
    /// The head of the present frame, and the last stream of a `GOAWAY` behind it.
    head: [u8; 13],
    has: usize,
    /// How much of the present frame is yet to pass.
    left: usize,
    /// Whether the first bytes have passed.
    begun: bool,
}

impl Frames {
    const HEAD: usize = 9;
    const GOAWAY: u8 = 7;

    fn pass(&mut self, mut bytes: &[u8], watch: &Watch) {
        while !bytes.is_empty() {
            let skipped = self.left.min(bytes.len());
            bytes = &bytes[skipped..];
            self.left -= skipped;
            let wanted = if self.has >= Self::HEAD { self.head.len() } else { Self::HEAD };
            let taken = bytes.len().min(wanted - self.has);
            self.head[self.has..self.has + taken].copy_from_slice(&bytes[..taken]);
            self.has += taken;
            bytes = &bytes[taken..];
            let [a, b, c, kind, _, _, _, _, _, last @ ..] = self.head;
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            if self.has == self.head.len() {
                watch.last_stream.fetch_min(u32::from_be_bytes(last) & (u32::MAX >> 1), Ordering::Relaxed);
                (self.has, self.left) = (0, length - last.len());
            } else if self.has == Self::HEAD {
                if !self.begun && self.head.starts_with(b"HTTP/1.") {
                    watch.answers_http1.store(true, Ordering::Relaxed);
                }
                self.begun = true;
                // Of a GOAWAY four bytes more are wanted.
                if kind != Self::GOAWAY || length < last.len() {
                    (self.has, self.left) = (0, length);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100];
    const GOAWAY: &[u8] = &[0, 0, 10, 7, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, b'b', b'y'];
    const DATA: &[u8] = &[0, 0, 9, 0, 0, 0, 0, 0, 1, 0, 0, 8, 7, 0, 0, 0, 0, 0];

    #[test]
    fn a_goaway_is_found_over_any_cut() {
        let bytes = [SETTINGS, DATA, GOAWAY, DATA].concat();
        for cut in 0..=bytes.len() {
            let (watch, mut frames) = (Watch::default(), Frames::default());
            let (one, two) = bytes.split_at(cut);
            frames.pass(one, &watch);
            assert_eq!(watch.is_going_away(), cut >= SETTINGS.len() + DATA.len() + 13, "cut at {cut}");
            frames.pass(two, &watch);
            assert!(watch.is_unprocessed(7) && !watch.is_unprocessed(5), "cut at {cut}");
            assert_eq!((frames.has, frames.left), (0, 0), "cut at {cut}");
        }
    }

    #[test]
    fn the_lowest_of_several_goaways_counts() {
        let (watch, mut frames) = (Watch::default(), Frames::default());
        let notice = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        frames.pass(&notice, &watch);
        assert!(watch.is_going_away() && !watch.is_unprocessed(9));
        frames.pass(GOAWAY, &watch);
        assert!(watch.is_unprocessed(9));
    }

    #[test]
    fn frames_too_short_for_their_kind_pass() {
        let (watch, mut frames) = (Watch::default(), Frames::default());
        frames.pass(&[0, 0, 3, 7, 0, 0, 0, 0, 0, 1, 2, 3], &watch);
        frames.pass(DATA, &watch);
        assert!(!watch.is_going_away());
        assert_eq!((frames.has, frames.left), (0, 0));
    }

    #[test]
    fn an_answer_of_http_1_is_noticed() {
        let (watch, mut frames) = (Watch::default(), Frames::default());
        frames.pass(b"HTTP/", &watch);
        frames.pass(b"1.1 400 Bad Request\r\n\r\n", &watch);
        assert!(watch.answers_http1());
    }
}
