//! An agent and the words that are exchanged with it: lines of text, figures with tabs between them.

use crate::java::number::parse_double;
use crate::text::Text;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const TARGET: &str = "kg.apc.jmeter.perfmon.PerfMonCollector";

/// How long an agent may take for a line, and for the connection.
const PATIENCE: Duration = Duration::from_millis(500);
const CONNECT: Duration = Duration::from_secs(5);

/// An agent that sends more without a line end is none.
const LONGEST_LINE: usize = 64 << 10;

/// A figure that is asked for.
pub(super) struct Metric {
    host: Text,
    port: u16,
    label: Text,
    /// As the agent is asked for it.
    question: String,
}

impl Metric {
    /// A row of the collector. `label=` among the parameters is what it is called.
    pub fn new(host: Text, port: u16, name: &str, parameters: &str) -> Self {
        let parts = split(parameters);
        let named = parts.iter().rev().find_map(|part| part.strip_prefix("label=")).filter(|label| !label.is_empty());
        let (label, parameters) = match named {
            Some(label) => {
                let rest: Vec<&str> = parts.iter().copied().filter(|part| !part.starts_with("label=")).collect();
                (format!("{host} {name} {}", label.replace("\\:", ":")), rest.join(":"))
            }
            None if parameters.is_empty() => (format!("{host} {name}"), String::new()),
            None => (format!("{host} {name} {parameters}"), parameters.to_owned()),
        };
        let question = format!("{}:{parameters}", name.to_lowercase()).replace('\t', " ");
        Metric { host, port, label: Text::from(label), question }
    }
}

/// At colons without a backslash before them.
fn split(parameters: &str) -> Vec<&str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    for (at, _) in parameters.match_indices(':') {
        if !parameters[..at].ends_with('\\') {
            parts.push(&parameters[begin..at]);
            begin = at + 1;
        }
    }
    parts.push(&parameters[begin..]);
    parts
}

/// What an agent said.
pub(super) struct Figure {
    pub label: Text,
    /// The value, or the exception.
    pub value: Result<f64, String>,
}

/// An agent with the figures that it is asked for.
pub(super) struct Agent {
    host: Text,
    port: u16,
    labels: Vec<Text>,
    questions: Vec<String>,
    state: State,
}

enum State {
    Connected(Connection),
    /// The exception.
    Unavailable(String),
}

struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Connects to the agents. Each row of one that cannot be reached is an agent that says so.
pub(super) fn connect(metrics: Vec<Metric>, interval: Duration) -> Vec<Agent> {
    let mut agents: Vec<Agent> = Vec::new();
    for Metric { host, port, label, question } in metrics {
        let known = agents
            .iter_mut()
            .find(|agent| agent.host == host && agent.port == port && matches!(agent.state, State::Connected(_)));
        if let Some(agent) = known {
            agent.labels.push(label);
            agent.questions.push(question);
            continue;
        }
        let state = match Connection::open(&host, port, interval) {
            Ok(connection) => State::Connected(connection),
            Err(why) => {
                log::error!(target: TARGET, "Problems creating connector {why}");
                State::Unavailable(why)
            }
        };
        agents.push(Agent { host, port, labels: vec![label], questions: vec![question], state });
    }
    for agent in &mut agents {
        let State::Connected(connection) = &mut agent.state else { continue };
        let questions: String = agent.questions.iter().flat_map(|question| [question, "\t"]).collect();
        if let Err(error) = connection.say(&format!("metrics:{questions}")) {
            log::error!(target: TARGET, "Error connecting to agent {error}");
            agent.state = State::Unavailable(exception(&error));
        }
    }
    agents
}

impl Agent {
    /// The figures of the moment; none when the agent has nothing to say.
    pub fn ask(&mut self) -> Vec<Figure> {
        let connection = match &mut self.state {
            State::Connected(connection) => connection,
            State::Unavailable(why) => {
                return vec![Figure { label: Text::from(why.as_str()), value: Err(why.clone()) }];
            }
        };
        let line = match connection.line() {
            Ok(line) => line.unwrap_or_default(),
            Err(error) => {
                log::error!(target: TARGET, "{error}");
                self.state = State::Unavailable(exception(&error));
                return Vec::new();
            }
        };
        let figures = line.split('\t').zip(&self.labels).filter(|(text, _)| !text.is_empty());
        let read = |text: &str| parse_double(text).map_err(|error| format!("java.lang.NumberFormatException: {error}"));
        figures.map(|(text, label)| Figure { label: Text::clone(label), value: read(text) }).collect()
    }

    /// Says goodbye.
    pub fn leave(&mut self) {
        if let State::Connected(connection) = &mut self.state {
            // It does not matter any more.
            let _ = connection.say("exit");
        }
    }
}

impl Connection {
    fn open(host: &str, port: u16, interval: Duration) -> Result<Self, String> {
        let unknown = || format!("java.net.UnknownHostException: {host}");
        let address = (host, port).to_socket_addrs().map_err(|_| unknown())?.next().ok_or_else(unknown)?;
        let connected = TcpStream::connect_timeout(&address, CONNECT).and_then(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(Connection { stream, received: Vec::new() })
        });
        let mut connection = connected.map_err(|error| exception(&error))?;
        let answer = connection.say("test").and_then(|()| connection.line());
        if !answer.is_ok_and(|line| line.is_some_and(|line| line.starts_with("Yep"))) {
            return Err("java.io.IOException: Agent is unreachable via TCP".to_owned());
        }
        connection.say(&format!("interval:{}", interval.as_secs())).map_err(|error| exception(&error))?;
        Ok(connection)
    }

    fn say(&mut self, line: &str) -> io::Result<()> {
        self.stream.write_all(format!("{line}\n").as_bytes())
    }

    /// The next line; `None` when it does not come in time.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut piece = [0; 4096];
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.received.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..end]).into_owned()));
            }
            if self.received.len() > LONGEST_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the agent's line has no end"));
            }
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.received.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// As Java names it.
fn exception(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "java.net.ConnectException: Connection refused".to_owned(),
        io::ErrorKind::TimedOut => "java.net.ConnectException: Connection timed out".to_owned(),
        _ => format!("java.net.SocketException: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_named_and_asked_for() {
        let check = |name: &str, parameters: &str, label: &str, question: &str| {
            let metric = Metric::new(Text::from("h"), 4444, name, parameters);
            assert_eq!((&*metric.label, &*metric.question), (label, question));
        };
        check("CPU", "", "h CPU", "cpu:");
        check("Memory", "usedperc:unit=mb", "h Memory usedperc:unit=mb", "memory:usedperc:unit=mb");
        check("Disks I/O", "label=a\\:b:queue", "h Disks I/O a:b", "disks i/o:queue");
        check("CPU", "label=:idle", "h CPU label=:idle", "cpu:label=:idle");
    }

    #[test]
    fn an_agent_that_is_not_there_says_so() {
        let metric = Metric::new(Text::from("127.0.0.1"), 1, "CPU", "");
        let mut agents = connect(vec![metric], Duration::from_secs(1));
        let figures = agents[0].ask();
        assert_eq!(&*figures[0].label, "java.net.ConnectException: Connection refused");
        assert_eq!(figures[0].value.as_ref().unwrap_err(), "java.net.ConnectException: Connection refused");
    }
}
