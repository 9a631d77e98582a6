//! How figures travel: HTTP and UDP to InfluxDB, a TCP connection to Graphite.

use super::parameters::Parameters;
use crate::http;
use crate::properties::Properties;
use bytes::Bytes;
use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

/// Where figures go.
pub(super) enum Sender {
    /// An InfluxDB's write address.
    Http(Box<Http>),
    /// An InfluxDB's UDP port, `host:port`.
    Udp(String),
    /// A Graphite's TCP port.
    Tcp {
        /// `host:port`
        address: String,
        /// The connection, kept from one time to the next.
        stream: Option<TcpStream>,
    },
}

/// A POST to one address.
pub(super) struct Http {
    request: http::Request,
    options: http::Options,
    client: http::Client,
    runtime: tokio::runtime::Runtime,
}

const INFLUX: &str = "org.apache.jmeter.visualizers.backend.influxdb.HttpMetricsSender";
const GRAPHITE: &str = "org.apache.jmeter.visualizers.backend.graphite.TextGraphiteMetricsSender";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const WRITE_TIMEOUT: Duration = Duration::from_secs(1);

impl Sender {
    /// By the parameters of an InfluxDB client.
    pub(super) fn influx(parameters: &Parameters, properties: &Properties) -> Result<Self, String> {
        let address = parameters.get_or("influxdbUrl", "");
        if parameters.get_or("influxdbMetricsSender", "").ends_with("UdpMetricsSender") {
            let port = address.split_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            return match port {
                Some(_) => Ok(Self::Udp(address.to_owned())),
                None => Err(format!("InfluxDB url '{address}' is wrong. The format should be <host/ip>:<port>")),
            };
        }
        let url = http::Url::parse(address).map_err(|error| format!("influxdbUrl {address}: {error}"))?;
        let millis = |name: &str, default| {
            let millis = u64::try_from(properties.long_or(name, default)).unwrap_or(0);
            (millis > 0).then(|| Duration::from_millis(millis))
        };
        let options = http::Options {
            connect_timeout: millis("backend_influxdb.connection_timeout", 1000),
            response_timeout: millis("backend_influxdb.socket_timeout", 3000),
            ..http::Options::default()
        };
        let mut headers = Vec::new();
        let token = parameters.get_or("influxdbToken", "");
        if !token.trim().is_empty() {
            headers.push(http::Header::new("Authorization", format!("Token {token}").as_str()));
        }
        headers.push(http::Header::new("Content-Length", ""));
        headers.push(http::Header::new("Content-Type", "text/plain; charset=UTF-8"));
        headers.push(http::Header::new("Host", &**url.authority()));
        headers.push(http::Header::new("Connection", "Keep-Alive"));
        headers.push(http::Header::new("User-Agent", "ApacheJMeter5.6.2"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self::Http(Box::new(Http {
            request: http::Request { method: "POST".into(), url, headers, body: http::Body::Empty },
            options,
            client: http::Client::default(),
            runtime: runtime.map_err(|error| error.to_string())?,
        })))
    }

    /// By the parameters of the Graphite client.
    pub(super) fn graphite(parameters: &Parameters) -> Self {
        let port = parameters.get_or("graphitePort", "2003").parse::<u16>().unwrap_or(2003);
        Self::Tcp { address: format!("{}:{port}", parameters.get_or("graphiteHost", "")), stream: None }
    }

    /// Sends `figures`. What cannot be sent is lost, with a line in the log.
    pub(super) fn send(&mut self, figures: Vec<u8>) {
        if figures.is_empty() {
            return;
        }
        match self {
            Self::Http(http) => http.send(figures),
            Self::Udp(address) => {
                let sent = resolve(address).and_then(|to| {
                    let local = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                    UdpSocket::bind(local)?.send_to(&figures, to)
                });
                if let Err(error) = sent {
                    log::error!(target: INFLUX, "Error in transferring udp package: {error}");
                }
            }
            Self::Tcp { address, stream } => {
                if let Err(error) = write(address, stream, &figures) {
                    *stream = None;
                    log::error!(target: GRAPHITE, "Error writing to Graphite: {error}");
                }
            }
        }
    }
}

impl Http {
    fn send(&mut self, figures: Vec<u8>) {
        let length = figures.len().to_string();
        for header in self.request.headers.iter_mut().filter(|header| &*header.name == "Content-Length") {
            header.value = length.as_str().into();
        }
        self.request.body = http::Body::Bytes(Bytes::from(figures));
        match self.runtime.block_on(self.client.exchange(&self.request, &self.options)) {
            Ok(answer) if (200..300).contains(&answer.status) => {}
            Ok(answer) => {
                let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(1000)]).into_owned();
                log::error!(
                    target: INFLUX,
                    "Error writing metrics to influxDB Url: {}, responseCode: {}, responseBody: {body}",
                    self.request.url,
                    answer.status
                );
            }
            Err(failure) => log::error!(target: INFLUX, "failed to send data to influxDB server. {}", failure.text()),
        }
    }
}

fn resolve(address: &str) -> io::Result<std::net::SocketAddr> {
    address.to_socket_addrs()?.next().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such host"))
}

fn write(address: &str, stream: &mut Option<TcpStream>, figures: &[u8]) -> io::Result<()> {
    if let Some(kept) = stream
        && kept.write_all(figures).is_ok()
    {
        return Ok(());
    }
    let mut fresh = TcpStream::connect_timeout(&resolve(address)?, CONNECT_TIMEOUT)?;
    fresh.set_write_timeout(Some(WRITE_TIMEOUT))?;
    fresh.write_all(figures)?;
    *stream = Some(fresh);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::PropertiesBuilder;
    use std::io::Read;
    use std::net::TcpListener;

    fn parameters(rows: &[(&str, &str)]) -> Parameters {
        Parameters::new(rows.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn figures_are_posted_as_httpclient_posts_them() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"a=1\n") {
                let mut piece = [0; 1024];
                let count = stream.read(&mut piece).unwrap();
                assert!(count > 0, "{}", String::from_utf8_lossy(&seen));
                seen.extend_from_slice(&piece[..count]);
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            String::from_utf8(seen).unwrap()
        });
        let (properties, _, _) = PropertiesBuilder::default().build().unwrap();
        let url = format!("http://127.0.0.1:{port}/write?db=jmeter");
        let mut sender =
            Sender::influx(&parameters(&[("influxdbUrl", &url), ("influxdbToken", "t")]), &properties).unwrap();
        sender.send(b"a=1\n".to_vec());
        let expected = format!(
            "POST /write?db=jmeter HTTP/1.1\r\nAuthorization: Token t\r\nContent-Length: 4\r\n\
             Content-Type: text/plain; charset=UTF-8\r\nHost: 127.0.0.1:{port}\r\nConnection: Keep-Alive\r\n\
             User-Agent: ApacheJMeter5.6.2\r\n\r\na=1\n"
        );
        assert_eq!(answering.join().unwrap(), expected);
    }

    #[test]
    fn datagrams_and_connections_carry_figures_and_nobody_listening_is_no_panic() {
        let (properties, _, _) = PropertiesBuilder::default().build().unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = udp.local_addr().unwrap().to_string();
        let rows = [("influxdbMetricsSender", "x.UdpMetricsSender"), ("influxdbUrl", address.as_str())];
        Sender::influx(&parameters(&rows), &properties).unwrap().send(b"a=1\n".to_vec());
        let mut seen = [0; 16];
        assert_eq!(udp.recv(&mut seen).unwrap(), 4);
        let rows = [("influxdbMetricsSender", "x.UdpMetricsSender"), ("influxdbUrl", "nowhere")];
        assert!(Sender::influx(&parameters(&rows), &properties).is_err());

        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port().to_string();
        let mut sender = Sender::graphite(&parameters(&[("graphiteHost", "127.0.0.1"), ("graphitePort", &port)]));
        sender.send(b"a 1 2\n".to_vec());
        let (mut stream, _) = tcp.accept().unwrap();
        assert_eq!(stream.read(&mut seen).unwrap(), 6);
        drop((stream, tcp));
        sender.send(b"a 1 2\n".to_vec());
        sender.send(b"a 1 2\n".to_vec());
    }
}
