//! The stream that carries a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The stream below: TCP, or TLS over TCP. TLS keeps its kilobyte to itself.
pub(in crate::http) enum Stream {
    Plain(TokioIo<TcpStream>),
    Secure(Box<MaybeHttpsStream<TokioIo<TcpStream>>>),
}

impl Stream {
    /// The protocol that the server chose in the handshake (ALPN).
    pub fn chosen_protocol(&self) -> Option<&[u8]> {
        match self {
            Stream::Secure(io) => match &**io {
                MaybeHttpsStream::Https(tls) => tls.inner().get_ref().1.alpn_protocol(),
                MaybeHttpsStream::Http(_) => None,
            },
            Stream::Plain(_) => None,
        }
    }

    pub fn poll_read(&mut self, cx: &mut Context<'_>, cursor: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_read(cx, cursor),
            Stream::Secure(io) => Pin::new(&mut **io).poll_read(cx, cursor),
        }
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_write(cx, bytes),
            Stream::Secure(io) => Pin::new(&mut **io).poll_write(cx, bytes),
        }
    }

    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(io) => Pin::new(io).poll_flush(cx),
            Stream::Secure(io) => Pin::new(&mut **io).poll_flush(cx),
        }
    }
}
