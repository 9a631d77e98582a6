//! commons-net's mail clients: `IMAPClient`, `SMTPClient`, `POP3Client`. A connection belongs to the object, which plans
//! keep in a variable from sample to sample.

use super::{Answer, Class, Fault, Method, arguments, java, object, string, takes};
use crate::script::budget;
use crate::script::host::Access;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, java_text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// `org.apache.commons.net.SocketClient`.
static SOCKET_CLIENT: Class =
    Class { methods: SOCKET_METHODS, ..Class::named("org.apache.commons.net.SocketClient", &[&object::OBJECT]) };

/// `org.apache.commons.net.imap.IMAPClient`.
pub static IMAP_CLIENT: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(client(&IMAP_CLIENT, Protocol::Imap))),
    methods: IMAP_METHODS,
    ..Class::named("org.apache.commons.net.imap.IMAPClient", &[&SOCKET_CLIENT])
};

/// `org.apache.commons.net.smtp.SMTPClient`.
pub static SMTP_CLIENT: Class = Class {
    constructor: takes(0, 1, |_, _, _| Ok(client(&SMTP_CLIENT, Protocol::Smtp))),
    methods: SMTP_METHODS,
    ..Class::named("org.apache.commons.net.smtp.SMTPClient", &[&SOCKET_CLIENT])
};

/// `org.apache.commons.net.pop3.POP3Client`.
pub static POP3_CLIENT: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(client(&POP3_CLIENT, Protocol::Pop3))),
    methods: POP3_METHODS,
    ..Class::named("org.apache.commons.net.pop3.POP3Client", &[&SOCKET_CLIENT])
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Imap,
    Smtp,
    Pop3,
}

/// Bytes that one reply may have.
const MOST: u64 = 64 << 20;

#[derive(Debug)]
struct Client {
    class: &'static Class,
    protocol: Protocol,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    connection: Option<BufReader<TcpStream>>,
    /// The lines of the last reply.
    replies: Vec<String>,
    code: i32,
    /// The tag of IMAP's next command, counted from `AAAA`.
    commands: u32,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
}

impl Object for Client {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

fn client(class: &'static Class, protocol: Protocol) -> Value {
    Value::object(Client { class, protocol, state: Mutex::default() })
}

fn of(this: &Value) -> Result<&Client, Fault> {
    arguments::object(this)
}

fn io_error(error: &std::io::Error) -> Fault {
    use std::io::ErrorKind::{ConnectionRefused, TimedOut, WouldBlock};
    match error.kind() {
        ConnectionRefused => Thrown::new("java.net.ConnectException", "Connection refused (Connection refused)").into(),
        TimedOut | WouldBlock => Thrown::new("java.net.SocketTimeoutException", "Read timed out").into(),
        _ => super::io::io_error(error),
    }
}

fn closed() -> Fault {
    let message = "Connection closed without indication.";
    Thrown::new("org.apache.commons.net.ftp.FTPConnectionClosedException", message).into()
}

impl Client {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self, machine: &Machine<'_>, host: &str, port: u16) -> Result<(), Fault> {
        if !machine.host.allows(Access::Network) {
            return Err(Access::Network.denied().into());
        }
        let unknown = || Fault::from(Thrown::new("java.net.UnknownHostException", host));
        let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(|_| unknown())?.collect();
        let mut state = self.state();
        let mut failure = None;
        for address in addresses {
            let stream = match state.connect_timeout {
                Some(timeout) => TcpStream::connect_timeout(&address, timeout),
                None => TcpStream::connect(address),
            };
            match stream {
                Ok(stream) => {
                    stream.set_read_timeout(state.read_timeout).map_err(|error| io_error(&error))?;
                    _ = stream.set_nodelay(true);
                    state.connection = Some(BufReader::new(stream));
                    failure = None;
                    break;
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) => return Err(io_error(&error)),
            None if state.connection.is_none() => return Err(unknown()),
            None => {}
        }
        // The greeting.
        match self.protocol {
            Protocol::Imap => {
                let line = line(&mut state)?;
                state.replies = vec![line];
                Ok(())
            }
            Protocol::Smtp => reply_smtp(&mut state),
            Protocol::Pop3 => reply_pop3(&mut state),
        }
    }

    /// Sends a command and reads its reply: the reply's code.
    fn send(&self, command: &str) -> Result<i32, Fault> {
        let mut state = self.state();
        let tag = tag(state.commands);
        let text =
            if self.protocol == Protocol::Imap { format!("{tag} {command}\r\n") } else { format!("{command}\r\n") };
        state.commands = state.commands.wrapping_add(1);
        write(&mut state, text.as_bytes())?;
        match self.protocol {
            Protocol::Imap => reply_imap(&mut state, &tag)?,
            Protocol::Smtp => reply_smtp(&mut state)?,
            Protocol::Pop3 => reply_pop3(&mut state)?,
        }
        Ok(state.code)
    }

    /// Whether the code says that a command was done.
    fn is_done(&self, code: i32) -> bool {
        match self.protocol {
            Protocol::Imap | Protocol::Pop3 => code == 0,
            Protocol::Smtp => (200..300).contains(&code),
        }
    }
}

/// The tag of a command: `AAAA`, `AAAB`, …
fn tag(number: u32) -> String {
    let letter = |place: u32| char::from(b'A' + (number / 26_u32.pow(place) % 26) as u8);
    (0..4).rev().map(letter).collect()
}

fn write(state: &mut State, bytes: &[u8]) -> Result<(), Fault> {
    let connection =
        state.connection.as_mut().ok_or_else(|| Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null))?;
    let stream = connection.get_mut();
    stream.write_all(bytes).and_then(|()| stream.flush()).map_err(|error| io_error(&error))
}

/// A line without its end.
fn line(state: &mut State) -> Result<String, Fault> {
    let connection = state.connection.as_mut().ok_or_else(closed)?;
    let mut line = Vec::new();
    connection.by_ref().take(MOST).read_until(b'\n', &mut line).map_err(|error| io_error(&error))?;
    if line.is_empty() {
        return Err(closed());
    }
    let text = String::from_utf8_lossy(&line);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn keep(state: &mut State, line: String) -> Result<(), Fault> {
    let size: usize = state.replies.iter().map(String::len).sum();
    if size as u64 > MOST {
        return Err(budget::out_of_memory().into());
    }
    state.replies.push(line);
    Ok(())
}

/// Lines up to the one with the command's tag, or one that asks for more; literals are taken whole.
fn reply_imap(state: &mut State, tag: &str) -> Result<(), Fault> {
    state.replies.clear();
    loop {
        let text = line(state)?;
        let mut literal = text.strip_suffix('}').and_then(|text| text.rsplit_once('{')?.1.parse::<usize>().ok());
        let tagged = text.strip_prefix(tag).map(|rest| rest.trim_start().to_owned());
        let asks = text.starts_with('+');
        keep(state, text)?;
        while let Some(left) = literal {
            let part = line(state)?;
            literal = left.checked_sub(part.len() + 2).filter(|left| *left > 0);
            keep(state, part)?;
        }
        if asks {
            // IMAPReply.CONT
            state.code = 3;
            return Ok(());
        }
        if let Some(rest) = tagged {
            state.code = match rest.split(' ').next() {
                Some("OK") => 0,
                Some("NO") => 1,
                _ => 2,
            };
            return Ok(());
        }
    }
}

/// Lines of one code, the last of which has a blank behind it.
fn reply_smtp(state: &mut State) -> Result<(), Fault> {
    state.replies.clear();
    loop {
        let text = line(state)?;
        let code = text.get(..3).and_then(|code| code.parse().ok());
        let more = text.as_bytes().get(3) == Some(&b'-');
        keep(state, text.clone())?;
        match code {
            Some(_) if more => {}
            Some(code) => {
                state.code = code;
                return Ok(());
            }
            None => {
                let message = format!("Could not parse reply code.\nServer Reply: {text}");
                return Err(Thrown::new("org.apache.commons.net.MalformedServerReplyException", message).into());
            }
        }
    }
}

fn reply_pop3(state: &mut State) -> Result<(), Fault> {
    state.replies.clear();
    let text = line(state)?;
    state.code = i32::from(!text.starts_with("+OK"));
    keep(state, text)
}

/// A command made of a word and arguments; null and empty ones are left out.
fn command(word: &str, args: &[Value]) -> Result<String, Fault> {
    let mut text = word.to_owned();
    for argument in args.iter().filter(|argument| !argument.is_null()) {
        let part = java_text(argument);
        if part.contains(['\r', '\n']) {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "a command has one line").into());
        }
        if !part.is_empty() {
            text.push(' ');
            text.push_str(&part);
        }
    }
    Ok(text)
}

fn done(this: &Value, word: &str, args: &[Value]) -> Answer {
    let client = of(this)?;
    let code = client.send(&command(word, args)?)?;
    Ok(client.is_done(code).into())
}

static SOCKET_METHODS: &[Method] = &[
    java("addProtocolCommandListener", 1, 1, |_, _, _| Ok(Value::Null)),
    java("connect", 1, 2, |machine, this, args| {
        let client = of(this)?;
        let default = match client.protocol {
            Protocol::Imap => 143,
            Protocol::Smtp => 25,
            Protocol::Pop3 => 110,
        };
        let port = if args.len() > 1 { arguments::int(args, 1)? } else { default };
        let port = u16::try_from(port)
            .map_err(|_| Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("port out of range:{port}")))?;
        client.connect(machine, &string::text(&args[0])?, port)?;
        Ok(Value::Null)
    }),
    java("disconnect", 0, 0, |_, this, _| {
        of(this)?.state().connection = None;
        Ok(Value::Null)
    }),
    java("getReplyCode", 0, 0, |_, this, _| Ok(of(this)?.state().code.into())),
    java("getReplyString", 0, 0, |_, this, _| {
        let text: String = of(this)?.state().replies.iter().flat_map(|line| [line, "\r\n"]).collect();
        Ok(text.into())
    }),
    java("getReplyStrings", 0, 0, |_, this, _| Ok(string::string_array(of(this)?.state().replies.clone()))),
    java("isConnected", 0, 0, |_, this, _| Ok(of(this)?.state().connection.is_some().into())),
    java("sendCommand", 1, 2, |_, this, args| {
        Ok(of(this)?.send(&command(&string::text(&args[0])?, &args[1..])?)?.into())
    }),
    java("setConnectTimeout", 1, 1, |_, this, args| {
        of(this)?.state().connect_timeout = millis(args)?;
        Ok(Value::Null)
    }),
    java("setDefaultTimeout", 1, 1, timeout),
    java("setSoTimeout", 1, 1, timeout),
];

fn millis(args: &[Value]) -> Result<Option<Duration>, Fault> {
    Ok(u64::try_from(arguments::int(args, 0)?).ok().filter(|millis| *millis > 0).map(Duration::from_millis))
}

fn timeout(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let timeout = millis(args)?;
    let mut state = of(this)?.state();
    state.read_timeout = timeout;
    if let Some(connection) = &state.connection {
        connection.get_ref().set_read_timeout(timeout).map_err(|error| io_error(&error))?;
    }
    Ok(Value::Null)
}

static IMAP_METHODS: &[Method] = &[
    java("append", 1, 4, append),
    java("capability", 0, 0, |_, this, args| done(this, "CAPABILITY", args)),
    java("check", 0, 0, |_, this, args| done(this, "CHECK", args)),
    java("close", 0, 0, |_, this, args| done(this, "CLOSE", args)),
    java("copy", 2, 2, |_, this, args| done(this, "COPY", args)),
    java("create", 1, 1, |_, this, args| done(this, "CREATE", args)),
    java("delete", 1, 1, |_, this, args| done(this, "DELETE", args)),
    java("examine", 1, 1, |_, this, args| done(this, "EXAMINE", args)),
    java("expunge", 0, 0, |_, this, args| done(this, "EXPUNGE", args)),
    java("fetch", 2, 2, |_, this, args| done(this, "FETCH", args)),
    java("list", 2, 2, |_, this, args| done(this, "LIST", &quoted(args))),
    java("login", 2, 2, |_, this, args| done(this, "LOGIN", args)),
    java("logout", 0, 0, |_, this, args| done(this, "LOGOUT", args)),
    java("lsub", 2, 2, |_, this, args| done(this, "LSUB", &quoted(args))),
    java("noop", 0, 0, |_, this, args| done(this, "NOOP", args)),
    java("rename", 2, 2, |_, this, args| done(this, "RENAME", args)),
    java("search", 1, 2, |_, this, args| {
        let given = match args {
            [charset, criteria] if !charset.is_null() => {
                vec![Value::from("CHARSET"), charset.clone(), criteria.clone()]
            }
            rest => rest.to_vec(),
        };
        done(this, "SEARCH", &given)
    }),
    java("select", 1, 1, |_, this, args| done(this, "SELECT", args)),
    java("sendData", 1, 1, |_, this, args| {
        let client = of(this)?;
        let mut state = client.state();
        let tag = tag(state.commands.wrapping_sub(1));
        write(&mut state, format!("{}\r\n", string::text(&args[0])?).as_bytes())?;
        reply_imap(&mut state, &tag)?;
        Ok(state.code.into())
    }),
    java("status", 2, 2, |_, this, args| {
        let items = match &args[1] {
            Value::Array(array) => array.items().iter().map(java_text).collect::<Vec<_>>().join(" "),
            other => java_text(other),
        };
        done(this, "STATUS", &[args[0].clone(), format!("({items})").into()])
    }),
    java("store", 3, 3, |_, this, args| done(this, "STORE", args)),
    java("subscribe", 1, 1, |_, this, args| done(this, "SUBSCRIBE", args)),
    java("uid", 2, 2, |_, this, args| done(this, "UID", args)),
    java("unsubscribe", 1, 1, |_, this, args| done(this, "UNSUBSCRIBE", args)),
];

/// Names that may be empty, in quotes.
fn quoted(args: &[Value]) -> Vec<Value> {
    args.iter().map(|argument| format!("\"{}\"", java_text(argument).replace('"', "\\\"")).into()).collect()
}

/// `APPEND mailbox (flags) "date" {size}`, and the message when the server asks for it.
fn append(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let client = of(this)?;
    let [mailbox, rest @ ..] = args else { return Err(Fault::Mismatch) };
    let mut parts = vec![mailbox.clone()];
    let message = match rest {
        [flags, date, message] => {
            parts.push(flags.clone());
            if !date.is_null() {
                parts.push(if java_text(date).starts_with('{') {
                    date.clone()
                } else {
                    quoted(std::slice::from_ref(date)).remove(0)
                });
            }
            Some(java_text(message).replace("\r\n", "\n").replace('\n', "\r\n"))
        }
        other => {
            parts.extend_from_slice(other);
            None
        }
    };
    if let Some(message) = &message {
        parts.push(format!("{{{}}}", message.len()).into());
    }
    let code = client.send(&command("APPEND", &parts)?)?;
    let Some(message) = message.filter(|_| code == 3) else { return Ok(client.is_done(code).into()) };
    let mut state = client.state();
    let tag = tag(state.commands.wrapping_sub(1));
    write(&mut state, format!("{message}\r\n").as_bytes())?;
    reply_imap(&mut state, &tag)?;
    Ok((state.code == 0).into())
}

/// An address in angle brackets.
fn path(args: &[Value], index: usize) -> Result<String, Fault> {
    let address = arguments::text(args, index)?;
    let plain = !address.contains(['\r', '\n', '<', '>']);
    if plain { Ok(format!("<{address}>")) } else { Ok(address.into_owned()) }
}

static SMTP_METHODS: &[Method] = &[
    java("addRecipient", 1, 1, |_, this, args| done(this, &format!("RCPT TO:{}", path(args, 0)?), &[])),
    java("completePendingCommand", 0, 0, |_, this, _| {
        let client = of(this)?;
        reply_smtp(&mut client.state())?;
        let code = client.state().code;
        Ok(client.is_done(code).into())
    }),
    java("data", 0, 0, |_, this, args| Ok(of(this)?.send(&command("DATA", args)?)?.into())),
    java("helo", 1, 1, |_, this, args| Ok(of(this)?.send(&command("HELO", args)?)?.into())),
    java("ehlo", 1, 1, |_, this, args| Ok(of(this)?.send(&command("EHLO", args)?)?.into())),
    java("login", 0, 1, |_, this, args| {
        let name = if args.is_empty() { vec![Value::from("localhost")] } else { args.to_vec() };
        done(this, "HELO", &name)
    }),
    java("logout", 0, 0, |_, this, args| done(this, "QUIT", args)),
    java("mail", 1, 1, |_, this, args| Ok(of(this)?.send(&format!("MAIL FROM:{}", arguments::text(args, 0)?))?.into())),
    java("noop", 0, 0, |_, this, args| Ok(of(this)?.send(&command("NOOP", args)?)?.into())),
    java("quit", 0, 0, |_, this, args| Ok(of(this)?.send(&command("QUIT", args)?)?.into())),
    java("rcpt", 1, 1, |_, this, args| Ok(of(this)?.send(&format!("RCPT TO:{}", arguments::text(args, 0)?))?.into())),
    java("reset", 0, 0, |_, this, args| done(this, "RSET", args)),
    // The message goes out when the writer is closed.
    java("sendMessageData", 0, 0, |_, this, _| {
        let code = of(this)?.send("DATA")?;
        if code != 354 {
            return Ok(Value::Null);
        }
        Ok(Value::object(MessageWriter { client: this.clone(), text: Mutex::default() }))
    }),
    java("sendShortMessageData", 1, 1, |machine, this, args| {
        let writer = machine.call_method(this, "sendMessageData", &[])?;
        if writer.is_null() {
            return Ok(false.into());
        }
        machine.call_method(&writer, "write", args)?;
        machine.call_method(&writer, "close", &[])?;
        Ok(machine.call_method(this, "completePendingCommand", &[])?)
    }),
    java("setSender", 1, 1, |_, this, args| done(this, &format!("MAIL FROM:{}", path(args, 0)?), &[])),
];

/// The writer of a message.
#[derive(Debug)]
struct MessageWriter {
    client: Value,
    text: Mutex<String>,
}

impl Object for MessageWriter {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MESSAGE_WRITER)
    }
}

static MESSAGE_WRITER: Class = Class {
    methods: &[
        java("append", 1, 1, |machine, this, args| {
            machine.call_method(this, "write", args)?;
            Ok(this.clone())
        }),
        java("close", 0, 0, |_, this, _| {
            let writer: &MessageWriter = arguments::object(this)?;
            let text = std::mem::take(&mut *writer.text.lock().unwrap_or_else(PoisonError::into_inner));
            let text = text.replace("\r\n", "\n");
            let mut out = String::with_capacity(text.len() + 16);
            for line in text.trim_end_matches('\n').split('\n') {
                if line.starts_with('.') {
                    out.push('.');
                }
                out.push_str(line);
                out.push_str("\r\n");
            }
            out.push_str(".\r\n");
            write(&mut of(&writer.client)?.state(), out.as_bytes())?;
            Ok(Value::Null)
        }),
        java("flush", 0, 0, |_, _, _| Ok(Value::Null)),
        java("write", 1, 1, |machine, this, args| {
            let text = arguments::string_of(machine, &args[0])?;
            let writer: &MessageWriter = arguments::object(this)?;
            let mut all = writer.text.lock().unwrap_or_else(PoisonError::into_inner);
            if (all.len() + text.len()) as u64 > MOST {
                return Err(budget::out_of_memory().into());
            }
            all.push_str(&text);
            Ok(Value::Null)
        }),
    ],
    ..Class::named("java.io.Writer", &[&super::io::CLOSEABLE])
};

static POP3_METHODS: &[Method] = &[
    java("capa", 0, 0, |_, this, args| lines_after(this, "CAPA", args)),
    java("deleteMessage", 1, 1, |_, this, args| done(this, "DELE", args)),
    java("getAdditionalReply", 0, 0, |_, this, _| {
        additional(&mut of(this)?.state())?;
        Ok(Value::Null)
    }),
    java("listMessages", 0, 0, |_, this, args| lines_after(this, "LIST", args)),
    java("listUniqueIdentifiers", 0, 0, |_, this, args| lines_after(this, "UIDL", args)),
    java("login", 2, 2, |_, this, args| {
        let client = of(this)?;
        if client.send(&command("USER", &args[..1])?)? != 0 {
            return Ok(false.into());
        }
        done(this, "PASS", &args[1..])
    }),
    java("logout", 0, 0, |_, this, args| done(this, "QUIT", args)),
    java("noop", 0, 0, |_, this, args| done(this, "NOOP", args)),
    java("reset", 0, 0, |_, this, args| done(this, "RSET", args)),
    java("retrieveMessage", 1, 1, |_, this, args| {
        let client = of(this)?;
        if client.send(&command("RETR", args)?)? != 0 {
            return Ok(Value::Null);
        }
        let mut state = client.state();
        additional(&mut state)?;
        let text: String = state.replies[1..].iter().flat_map(|line| [line, "\n"]).collect();
        Ok(Value::object(super::io::Reader::new("java.io.BufferedReader", text)))
    }),
    java("status", 0, 0, |_, this, args| done(this, "STAT", args)),
];

/// The lines that follow, up to a lone point.
fn additional(state: &mut State) -> Result<(), Fault> {
    loop {
        let text = line(state)?;
        let last = text == ".";
        keep(state, text)?;
        if last {
            return Ok(());
        }
    }
}

/// A command whose reply goes on over several lines: those lines as texts, null when the server refuses.
fn lines_after(this: &Value, word: &str, args: &[Value]) -> Answer {
    let client = of(this)?;
    if client.send(&command(word, args)?)? != 0 {
        return Ok(Value::Null);
    }
    let mut state = client.state();
    additional(&mut state)?;
    let last = state.replies.len().saturating_sub(1);
    Ok(string::string_array(state.replies[1..last].to_vec()))
}
