//! A request's body as hyper asks for it, piece by piece.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::failure::{FILE_NOT_FOUND, Fault, IO, os_message};
use super::request::{Body, Part};
use super::transport::{Interim, Transport};

/// How much of a file is read at a time.
const FILE_BLOCK: usize = 128 * 1024;

/// The pieces still to be sent. Files are open already: one that is missing has failed before.
pub(super) struct RequestBody {
    pieces: VecDeque<Piece>,
    left: u64,
    reading: Option<Reading>,
    transport: Transport,
}

/// A block of a file on its way, and the file.
pub(super) type Reading = JoinHandle<io::Result<(File, Vec<u8>)>>;

enum Piece {
    Bytes(Bytes),
    File { file: Option<File>, left: u64 },
}

/// A file that cannot be read, and the files before it.
pub(super) struct Missing {
    pub fault: Fault,
    pub before: Vec<File>,
}

/// Opens the files of a body, on a thread that may block.
pub(super) async fn open_files(body: &Body) -> Result<Vec<File>, Missing> {
    let Body::Parts(parts) = body else { return Ok(Vec::new()) };
    let paths: Vec<_> = parts
        .iter()
        .filter_map(|part| if let Part::File { path, .. } = part { Some(path.clone()) } else { None })
        .collect();
    let open = tokio::task::spawn_blocking(move || {
        paths
            .into_iter()
            .map(|path| {
                // Java refuses to open a folder; the system would only refuse to read it.
                let opened = File::open(&path).and_then(|file| {
                    let is_dir = file.metadata()?.is_dir();
                    if is_dir { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
                });
                opened.map_err(|error| {
                    let reason = match error.kind() {
                        io::ErrorKind::IsADirectory => "Is a directory".to_owned(),
                        _ => os_message(&error),
                    };
                    Fault::new(FILE_NOT_FOUND, format!("{} ({reason})", path.display()))
                })
            })
            .collect()
    });
    let opened: Vec<Result<File, Fault>> = open.await.unwrap_or_else(|_| vec![Err(Fault::new(IO, "Interrupted"))]);
    let mut files = Vec::with_capacity(opened.len());
    for file in opened {
        match file {
            Ok(file) => files.push(file),
            Err(fault) => return Err(Missing { fault, before: files }),
        }
    }
    Ok(files)
}

impl RequestBody {
    /// The body to send, with its files as [`open_files`] gave them.
    pub fn new(body: &Body, files: Vec<File>, transport: Transport) -> Self {
        let mut files = files.into_iter();
        let pieces = match body {
            Body::Empty => VecDeque::new(),
            Body::Bytes(bytes) => VecDeque::from([Piece::Bytes(bytes.clone())]),
            Body::Parts(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Bytes(bytes) => Piece::Bytes(bytes.clone()),
                    Part::File { len, .. } => Piece::File { file: files.next(), left: *len },
                })
                .collect(),
        };
        Self { pieces, left: body.len(), reading: None, transport }
    }

    /// The next piece that has bytes.
    fn poll_piece(&mut self) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Bytes(bytes)) => {
                    let bytes = std::mem::take(bytes);
                    self.pieces.pop_front();
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Some(Piece::File { left: 0, .. }) => {
                    self.pieces.pop_front();
                }
                Some(Piece::File { file, left }) => {
                    let reading = match (&mut self.reading, file.take()) {
                        (Some(reading), _) => reading,
                        (reading, Some(file)) => reading.insert(read_block(file, *left)),
                        (None, None) => return Poll::Ready(Some(Err(io::ErrorKind::NotFound.into()))),
                    };
                    let waker = self.transport.wire().waker();
                    let done = std::task::ready!(Pin::new(reading).poll(&mut Context::from_waker(&waker)));
                    self.reading = None;
                    return Poll::Ready(Some(match done {
                        Ok(Ok((_, block))) if block.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
                        Ok(Ok((open, block))) => {
                            *file = Some(open);
                            *left -= block.len() as u64;
                            Ok(block.into())
                        }
                        Ok(Err(error)) => Err(error),
                        Err(_) => Err(io::ErrorKind::Interrupted.into()),
                    }));
                }
            }
        }
    }
}

pub(super) fn read_block(mut file: File, left: u64) -> Reading {
    tokio::task::spawn_blocking(move || {
        let size = usize::try_from(left).map_or(FILE_BLOCK, |left| left.min(FILE_BLOCK));
        let mut block = vec![0; size];
        let n = file.read(&mut block)?;
        block.truncate(n);
        Ok((file, block))
    })
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        static NOTHING: [u8; 16 * 1024] = [0; 16 * 1024];
        let this = self.get_mut();
        let interim = this.transport.wire().interim();
        let next = match interim {
            Interim::Awaited => return Poll::Pending,
            Interim::Passed => std::task::ready!(this.poll_piece()),
            // The transport lets nothing of it pass; hyper only has to count.
            Interim::Refused if this.left == 0 => None,
            Interim::Refused => {
                let size = usize::try_from(this.left).map_or(NOTHING.len(), |left| left.min(NOTHING.len()));
                Some(Ok(Bytes::from_static(&NOTHING[..size])))
            }
        };
        Poll::Ready(next.map(|result| {
            result.map(|bytes| {
                this.left = this.left.saturating_sub(bytes.len() as u64);
                Frame::data(bytes)
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
