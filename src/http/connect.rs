//! From an address to an open stream: name look-up, TCP, a proxy's tunnel, TLS; with the failures of
//! `DefaultHttpClientConnectionOperator` and of the JDK's sockets below it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_rustls::{FixedServerNameResolver, HttpsConnector};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};
use tower_service::Service;

use super::dns::Address;
use super::failure::{
    BIND, CONNECT_TIMEOUT, CONNECTION_CLOSED, Fault, HOST_CONNECT, ILLEGAL_ARGUMENT, IO, NO_ROUTE, SOCKET,
    SSL_HANDSHAKE, os_message,
};
use super::options::Options;
use super::tls::UserTls;
use super::transport::Stream;
use super::url::Scheme;
use crate::clock::{self, Timestamp};
use crate::text::Text;

/// Where to connect to.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    pub scheme: Scheme,
    pub host: &'a Text,
    /// Above 65535 it is a failure, though only after the name was looked up.
    pub port: u32,
}

impl Target<'_> {
    /// `HttpHost.toHostString`.
    pub fn host_string(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// An open stream, or why there is none; and when that was known.
pub(super) struct Outcome<T> {
    pub result: Result<T, Fault>,
    /// When JMeter stops its connect time.
    pub at: Timestamp,
}

/// Connects to a server, or to a proxy, and speaks TLS if its scheme asks for it.
pub(super) async fn connect(
    target: &Target<'_>,
    tls: Option<&UserTls>,
    options: &Options,
) -> Outcome<(Stream, SocketAddr)> {
    let result = connect_stream(target, tls, options).await;
    Outcome { result, at: clock::now() }
}

async fn connect_stream(
    target: &Target<'_>,
    tls: Option<&UserTls>,
    options: &Options,
) -> Result<(Stream, SocketAddr), Fault> {
    let addresses = options.resolver.resolve(target.host).await?;
    let Ok(port) = u16::try_from(target.port) else {
        return Err(Fault::new(ILLEGAL_ARGUMENT, format!("port out of range:{}", target.port)));
    };
    if addresses.is_empty() {
        // HttpClient tries none, and goes on as if it had connected.
        return Err(Fault::new(CONNECTION_CLOSED, "Connection is closed"));
    }
    let mut last = Fault::new(HOST_CONNECT, format!("Connect to {} refused", target.host_string()));
    for address in addresses.iter() {
        let peer = SocketAddr::new(address.ip, port);
        let attempt = match open(peer, options).await {
            Ok(tcp) => match (target.scheme, tls) {
                (Scheme::Https, Some(tls)) => secure(tcp, target.host, peer.ip(), tls, options).await,
                _ => Ok(Stream::Plain(TokioIo::new(tcp))),
            },
            Err(attempt) => Err(attempt),
        };
        match attempt {
            Ok(stream) => return Ok((stream, peer)),
            // Another address of the name is tried.
            Err(Attempt::TimedOut(words)) => last = describe(CONNECT_TIMEOUT, target, &addresses, &words),
            Err(Attempt::Refused(words)) => last = describe(HOST_CONNECT, target, &addresses, &words),
            Err(Attempt::NoRoute(words)) => last = Fault::new(NO_ROUTE, words),
            Err(Attempt::Fatal(fault)) => return Err(fault),
        }
    }
    Err(last)
}

/// Speaks TLS through a proxy's tunnel.
pub(super) async fn upgrade(tcp: TcpStream, host: &Text, tls: &UserTls, options: &Options) -> Result<Stream, Fault> {
    let peer = super::dns::literal(host).or_else(|| tcp.peer_addr().ok().map(|peer| peer.ip()));
    let peer = peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));
    secure(tcp, host, peer, tls, options).await.map_err(|attempt| match attempt {
        Attempt::Fatal(fault) => fault,
        Attempt::TimedOut(words) => Fault::new(super::failure::SOCKET_TIMEOUT, words),
        Attempt::Refused(words) | Attempt::NoRoute(words) => Fault::new(SOCKET, words),
    })
}

/// How one address failed.
enum Attempt {
    TimedOut(String),
    Refused(String),
    NoRoute(String),
    Fatal(Fault),
}

fn describe(class: &'static str, target: &Target<'_>, addresses: &[Address], words: &str) -> Fault {
    let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    Fault::new(class, format!("Connect to {} [{}] failed: {words}", target.host_string(), list.join(", ")))
}

async fn open(peer: SocketAddr, options: &Options) -> Result<TcpStream, Attempt> {
    // Java's sockets are of IPv6 and take both kinds of addresses: the system says what cannot be reached from where.
    let mixed = options.source_address.is_some_and(|source| source.is_ipv6() != peer.is_ipv6());
    let mapped = |address: IpAddr| match address {
        IpAddr::V4(address) if mixed => IpAddr::V6(address.to_ipv6_mapped()),
        address => address,
    };
    let peer = SocketAddr::new(mapped(peer.ip()), peer.port());
    let socket = if peer.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() };
    let fatal = |error: io::Error| Attempt::Fatal(Fault::new(SOCKET, os_message(&error)));
    let socket = socket.map_err(fatal)?;
    if let Some(source) = options.source_address {
        let bind = |error: io::Error| Attempt::Fatal(Fault::new(BIND, os_message(&error)));
        socket.bind(SocketAddr::new(mapped(source), 0)).map_err(bind)?;
    }
    let tcp = within(options.connect_timeout, socket.connect(peer))
        .await
        .ok_or_else(|| Attempt::TimedOut("Connect timed out".to_owned()))?
        .map_err(|error| {
            let words = os_message(&error);
            match error.kind() {
                io::ErrorKind::ConnectionRefused => Attempt::Refused(words),
                io::ErrorKind::TimedOut => Attempt::TimedOut(words),
                io::ErrorKind::HostUnreachable => Attempt::NoRoute(words),
                io::ErrorKind::AddrInUse | io::ErrorKind::AddrNotAvailable | io::ErrorKind::PermissionDenied => {
                    Attempt::Fatal(Fault::new(BIND, words))
                }
                _ => fatal(error),
            }
        })?;
    tcp.set_nodelay(true).map_err(fatal)?;
    Ok(tcp)
}

async fn secure(
    tcp: TcpStream,
    host: &Text,
    peer: IpAddr,
    tls: &UserTls,
    options: &Options,
) -> Result<Stream, Attempt> {
    let name = options.tls.server_name(host, peer);
    let names = Arc::new(FixedServerNameResolver::new(name));
    let mut connector = HttpsConnector::new(Ready(Some(tcp)), Arc::clone(&tls.config), true, names);
    // The connector wants an address; its name is fixed already.
    let secured = within(options.connect_timeout, connector.call(http::Uri::from_static("https://server/"))).await;
    if let Some(fault) = tls.keys.as_ref().and_then(|keys| keys.take_fault()) {
        return Err(Attempt::Fatal(fault));
    }
    match secured {
        None => Err(Attempt::TimedOut("Read timed out".to_owned())),
        Some(Ok(stream)) => Ok(Stream::Secure(Box::new(stream))),
        Some(Err(error)) => {
            Err(Attempt::Fatal(super::tls::fault_of(&*error).unwrap_or_else(|| match error_kind(&*error) {
                Some(io::ErrorKind::UnexpectedEof) => Fault::new(SSL_HANDSHAKE, "Remote host terminated the handshake"),
                Some(io::ErrorKind::ConnectionReset) => Fault::new(SOCKET, "Connection reset"),
                Some(io::ErrorKind::BrokenPipe) => Fault::new(SOCKET, "Broken pipe"),
                _ => Fault::new(IO, error.to_string()),
            })))
        }
    }
}

/// The kind of the innermost input/output error.
fn error_kind(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    let mut error = error.downcast_ref::<io::Error>()?;
    while let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        error = inner;
    }
    Some(error.kind())
}

async fn within<F: Future>(limit: Option<Duration>, future: F) -> Option<F::Output> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await.ok(),
        None => Some(future.await),
    }
}

/// Hands the connector the TCP stream that is open already.
struct Ready(Option<TcpStream>);

impl Service<http::Uri> for Ready {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<TokioIo<TcpStream>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        std::future::ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}
