//! A server on loopback that follows a script for each connection.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The certificate of every server here, for localhost, shop.example and 127.0.0.1; it vouches for itself.
pub const CERTIFICATE: &[u8] = include_bytes!("certificate.pem");
const KEY: &[u8] = include_bytes!("key.pem");

/// What the server does next on a connection.
#[derive(Clone)]
pub enum Step {
    /// Reads a request, its body included, and sends bytes, so many at a time.
    Answer(Vec<u8>, usize),
    /// Reads a request's head only, and sends text.
    Head(&'static str),
    /// Reads so many bytes.
    Body(usize),
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits so many milliseconds.
    Pause(u64),
    /// Reads a request if one is there, and closes the connection.
    Close,
    /// Ends its half of the connection.
    HangUp,
    /// Reads a request and resets the connection.
    Reset,
    /// Speaks TLS from here on.
    Tls,
}

impl Step {
    pub fn answer(text: &str) -> Step {
        Step::pieces(text, usize::MAX)
    }

    pub fn pieces(text: &str, size: usize) -> Step {
        Step::Answer(text.as_bytes().to_vec(), size.max(1))
    }
}

type Seen = Arc<Mutex<Vec<(usize, String)>>>;

pub struct Server {
    port: u16,
    seen: Seen,
}

impl Server {
    /// Starts a server whose connections follow one script each.
    pub async fn start(scripts: Vec<Vec<Step>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for (number, script) in scripts.into_iter().enumerate() {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(follow(stream, script, number, Arc::clone(&log)));
            }
        });
        Server { port, seen }
    }

    pub fn tls_url(&self, host: &str, file: &str) -> String {
        format!("https://{host}:{}{file}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}{file}", self.port)
    }

    /// The requests that came, each with the number of its connection.
    pub fn seen(&self) -> Vec<(usize, String)> {
        self.seen.lock().unwrap().clone()
    }
}

/// TCP or TLS.
enum Stream {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

fn acceptor() -> TlsAcceptor {
    static CONFIG: OnceLock<Arc<rustls::ServerConfig>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let chain = vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
        let builder = rustls::ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    });
    TlsAcceptor::from(Arc::clone(config))
}

async fn follow(tcp: TcpStream, script: Vec<Step>, number: usize, seen: Seen) {
    let mut stream = Stream::Plain(tcp);
    let mut buffer = Vec::new();
    let mut served = false;
    for step in script {
        match step {
            Step::Answer(bytes, size) => {
                read_head(&mut stream, &mut buffer).await;
                let text = take_head(&mut buffer);
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: "))
                    .map_or(0, |value| value.parse::<usize>().unwrap());
                while buffer.len() < length && stream.read_buf(&mut buffer).await.unwrap() > 0 {}
                let body: Vec<u8> = buffer.drain(..length.min(buffer.len())).collect();
                seen.lock().unwrap().push((number, text + std::str::from_utf8(&body).unwrap()));
                for piece in bytes.chunks(size) {
                    stream.write_all(piece).await.unwrap();
                    stream.flush().await.unwrap();
                    if size < bytes.len() {
                        tokio::task::yield_now().await;
                    }
                }
                served = true;
            }
            Step::Head(answer) => {
                read_head(&mut stream, &mut buffer).await;
                seen.lock().unwrap().push((number, take_head(&mut buffer)));
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
                served = true;
            }
            Step::Body(length) => {
                while buffer.len() < length && stream.read_buf(&mut buffer).await.unwrap() > 0 {}
                let body: Vec<u8> = buffer.drain(..length).collect();
                if let Some((_, text)) = seen.lock().unwrap().last_mut() {
                    text.push_str(std::str::from_utf8(&body).unwrap());
                }
            }
            Step::Send(bytes) => {
                // The client may have gone.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.flush().await;
            }
            Step::Tls => {
                let Stream::Plain(tcp) = stream else { return };
                match acceptor().accept(tcp).await {
                    Ok(tls) => stream = Stream::Tls(Box::new(tls)),
                    Err(_) => return,
                }
            }
            Step::HangUp => stream.shutdown().await.unwrap(),
            Step::Pause(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Step::Close | Step::Reset => {
                if !served {
                    read_head(&mut stream, &mut buffer).await;
                    seen.lock().unwrap().push((number, take_head(&mut buffer)));
                }
                if let (Step::Reset, Stream::Plain(tcp)) = (step, &stream) {
                    tcp.set_zero_linger().unwrap();
                }
                return;
            }
        }
    }
    // The script is over: the connection stays open until the client closes it.
    while stream.read_buf(&mut buffer).await.is_ok_and(|n| n > 0) {}
}

async fn read_head(stream: &mut Stream, buffer: &mut Vec<u8>) {
    while !buffer.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

fn take_head(buffer: &mut Vec<u8>) -> String {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n").map_or(buffer.len(), |at| at + 4);
    String::from_utf8(buffer.drain(..end).collect()).unwrap()
}
