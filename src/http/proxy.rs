//! Proxies: the tunnel for TLS, and the answer to a proxy that asks who we are.

use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::auth::{Challenge, Digest, Signed, basic, client_nonce};
use super::failure::{Fault, NO_RESPONSE, SOCKET_TIMEOUT};
use super::options::{Credentials, Options};
use super::response::{Exchange, Timings};
use super::response_head::{Framing, Head, Scan, scan};
use super::transport::Stream;
use crate::text::Text;

/// A refusal's body is kept up to this size.
const LONGEST_REFUSAL: usize = 1 << 20;

/// How a proxy wants to be told who we are.
#[derive(Debug, Clone)]
pub(super) enum ProxyAnswer {
    Basic,
    Digest(Box<Digest>),
}

impl ProxyAnswer {
    pub fn new(challenge: &Challenge) -> Option<Self> {
        match &*challenge.scheme {
            "basic" => Some(Self::Basic),
            _ => Digest::new(challenge).map(|digest| Self::Digest(Box::new(digest))),
        }
    }

    /// The value of `Proxy-Authorization` for a request.
    pub fn authorization(&mut self, credentials: &Credentials, method: &str, target: &str) -> Option<Text> {
        let (user, password) = (&*credentials.user, &*credentials.password);
        match self {
            Self::Basic => Some(basic(user, password)),
            Self::Digest(digest) => {
                digest.authorization(&Signed { user, password, method, target, entity: None }, client_nonce)
            }
        }
    }
}

/// A proxy's answer to `CONNECT`.
pub(super) enum Tunnel {
    Open(TcpStream),
    /// Anything but success. HttpClient takes it for the answer to the request itself.
    Refused(Box<Exchange>),
}

/// Asks the proxy at the other end of `stream` for a tunnel to `authority`.
pub(super) async fn tunnel(
    stream: Stream,
    authority: &str,
    host_header: &str,
    authorization: Option<Text>,
    options: &Options,
) -> Result<Tunnel, Fault> {
    // TLS within TLS would need a second kind of stream, which nobody has asked for.
    let Stream::Plain(tcp) = stream else { return Err(Fault::protocol()) };
    let mut tcp = tcp.into_inner();
    let mut head =
        format!("CONNECT {authority} HTTP/1.1\r\nHost: {host_header}\r\nUser-Agent: {}\r\n", options.connect_agent);
    if let Some(value) = authorization {
        head.push_str(&format!("Proxy-Authorization: {value}\r\n"));
    }
    head.push_str("\r\n");
    let asked = async {
        tcp.write_all(head.as_bytes()).await.map_err(|error| Fault::writing(&error))?;
        read_answer(&mut tcp).await
    };
    let answer = match options.connect_timeout {
        Some(limit) => tokio::time::timeout(limit, asked)
            .await
            .unwrap_or_else(|_| Err(Fault::new(SOCKET_TIMEOUT, "Read timed out"))),
        None => asked.await,
    };
    let (answer, received) = answer?;
    if answer.head.status() <= 299 {
        return Ok(Tunnel::Open(tcp));
    }
    Ok(Tunnel::Refused(Box::new(Exchange {
        status: answer.head.status(),
        head: Arc::new(answer.head),
        body_len: answer.body.len() as u64,
        body: answer.body,
        received_bytes: received,
        sent_bytes: head.len() as u64,
        timings: Timings::default(),
        reused: false,
        peer: tcp.peer_addr().ok(),
        added: Vec::new(),
    })))
}

struct Answer {
    head: Head,
    body: Bytes,
}

async fn read_answer(tcp: &mut TcpStream) -> Result<(Answer, u64), Fault> {
    let mut bytes = Vec::new();
    let (head, end) = loop {
        match scan(&bytes) {
            Scan::Complete { start, end } => {
                let head = Head::parse(&bytes[start..end]).ok_or_else(Fault::protocol)?;
                if head.status() < 200 {
                    return Err(Fault::protocol());
                }
                break (head, end);
            }
            Scan::Incomplete if bytes.len() > LONGEST_REFUSAL => return Err(Fault::protocol()),
            Scan::Incomplete => {}
        }
        if read_more(tcp, &mut bytes).await? == 0 {
            return Err(if bytes.is_empty() { Fault::bare(NO_RESPONSE) } else { Fault::protocol() });
        }
    };
    let mut body = bytes.split_off(end);
    let mut received = (bytes.len() + body.len()) as u64;
    if head.status() > 299 {
        let wanted = match head.framing() {
            Framing::Length(length) => usize::try_from(length).unwrap_or(LONGEST_REFUSAL).min(LONGEST_REFUSAL),
            Framing::Chunked | Framing::UntilClose => LONGEST_REFUSAL,
        };
        while body.len() < wanted {
            let n = read_more(tcp, &mut body).await?;
            received += n as u64;
            if n == 0 {
                break;
            }
        }
        body.truncate(wanted);
    }
    Ok((Answer { head, body: body.into() }, received))
}

async fn read_more(tcp: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<usize, Fault> {
    tcp.read_buf(bytes).await.map_err(|error| Fault::reading(&error))
}
