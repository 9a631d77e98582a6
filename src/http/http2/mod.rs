//! HTTP/2 (RFC 9113) over the h2 crate. A user has one connection to an origin, over which its exchanges run side by
//! side; a task on the user's worker drives it. What a row shows is measured as for HTTP/1.1; where HTTP/2 has nothing
//! of the kind (a reason phrase, the size of an uncompressed head), it is what the head would be as text.
//!
//! `docs/decisions/http2-connections.md` says why it is made like this.

mod attempt;
mod exchange;
mod fault;
mod io;
mod message;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use tokio::sync::oneshot;

use super::failure::Fault;
use super::response_head::Head;
use super::transport::Stream;
use crate::clock::{self, Timestamp};
use io::{Io, Watch};

pub(super) use attempt::Http2State;

/// A response's headers may be as long as this, decoded: as long as a head of HTTP/1.1.
const LONGEST_HEAD: u32 = 1 << 20;
/// How much of one body the server may send ahead of its reader.
const STREAM_WINDOW: u32 = 1 << 20;
/// How much of all bodies of a connection.
const CONNECTION_WINDOW: u32 = 4 << 20;

/// An open connection. It closes when the last exchange on it has ended and nobody keeps it.
pub(super) struct Http2 {
    sender: SendRequest<Bytes>,
    watch: Arc<Watch>,
    peer: SocketAddr,
    created: Timestamp,
    /// The last head, as text and read: servers repeat themselves.
    last_head: Mutex<Option<(Vec<u8>, Arc<Head>)>>,
    /// The driver's end of it hears when the connection is given up. Dropped after the sender, so that the driver finds
    /// that nobody can send any more.
    _open: oneshot::Sender<()>,
}

impl Http2 {
    /// Speaks HTTP/2 over a stream. Nothing is awaited: requests follow the preface at once.
    async fn over(stream: Stream, peer: SocketAddr) -> Result<Self, Fault> {
        let watch = Arc::new(Watch::default());
        let (sender, connection) = Builder::new()
            .enable_push(false)
            .max_header_list_size(LONGEST_HEAD)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake(Io::new(stream, Arc::clone(&watch)))
            .await
            .map_err(|error| fault::before_head(&error, &watch))?;
        let (open, closed) = oneshot::channel();
        tokio::spawn(drive(connection, closed));
        Ok(Self { sender, watch, peer, created: clock::now(), last_head: Mutex::default(), _open: open })
    }
}

/// Sends and receives frames until either side is done with the connection. When it is ours, the last frames go out if
/// the socket takes them at once: a server that does not read holds nothing open.
async fn drive(mut connection: Connection<Io, Bytes>, closed: oneshot::Receiver<()>) {
    tokio::select! {
        biased;
        // Why it ended, the exchanges are told.
        _ = &mut connection => {}
        _ = closed => std::future::poll_fn(|cx| {
            let _ = std::pin::Pin::new(&mut connection).poll(cx);
            Poll::Ready(())
        }).await,
    }
}
