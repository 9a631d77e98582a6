//! `java.io`: readers, writers and streams.
//!
//! What is read is read as a whole when a file is opened, within a bound; what is written is buffered.

use super::string::{charset, decode, encode, java_whitespace, lines};
use super::string_groovy::{each_line, tokens};
use super::{ANY, Answer, Class, Fault, Method, arguments, file, format, groovy, java, object, takes};
use crate::script::budget;
use crate::script::host::Access;
use crate::script::machine::Machine;
use crate::script::value::{Array, ClassRef, Object, Thrown, Value, exceptions};
use std::io::{BufWriter, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Bytes that one file may have to be read whole.
pub(crate) const MOST: u64 = 1 << 29;

/// What Java says of an error of the operating system.
pub(crate) fn os_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// `IOException` of an error.
pub(crate) fn io_error(error: &std::io::Error) -> Fault {
    Thrown::new("java.io.IOException", os_text(error)).into()
}

/// Whether the host lets scripts at files.
pub(crate) fn allow_files(machine: &Machine<'_>) -> Result<(), Fault> {
    if machine.host.allows(Access::Files) { Ok(()) } else { Err(Access::Files.denied().into()) }
}

/// `java.io.FileNotFoundException` of a path.
fn not_found(path: &str, error: &std::io::Error) -> Fault {
    let reason =
        if error.kind() == std::io::ErrorKind::IsADirectory { "Is a directory".to_owned() } else { os_text(error) };
    Thrown::new("java.io.FileNotFoundException", format!("{path} ({reason})")).into()
}

/// All of a file, with the exceptions of `FileInputStream`.
pub(crate) fn read_file(machine: &Machine<'_>, path: &str) -> Result<Vec<u8>, Fault> {
    allow_files(machine)?;
    let opened = std::fs::File::open(path).map_err(|error| not_found(path, &error))?;
    if opened.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Thrown::new("java.io.FileNotFoundException", format!("{path} (Is a directory)")).into());
    }
    let mut bytes = Vec::new();
    opened.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| io_error(&error))?;
    if bytes.len() as u64 > MOST {
        return Err(budget::out_of_memory().into());
    }
    Ok(bytes)
}

/// Opens a file for writing.
pub(crate) fn open_file(machine: &Machine<'_>, path: &str, append: bool) -> Result<std::fs::File, Fault> {
    allow_files(machine)?;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(append).write(true).truncate(!append);
    options.open(path).map_err(|error| not_found(path, &error))
}

/// `java.io.Closeable` and its like: the classes that Groovy's `withCloseable` and BeanShell's casts name.
pub static CLOSEABLE: Class = Class {
    methods: &[groovy("withCloseable", 1, 1, with_self)],
    ..Class::interface("java.io.Closeable", &[&object::OBJECT])
};

/// Hands itself to a closure, and closes itself after it.
fn with_self(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let result = machine.call(&args[0], std::slice::from_ref(this));
    machine.call_method(this, "close", &[])?;
    Ok(result?)
}

macro_rules! reader_class {
    ($(#[$doc:meta])* $static:ident $name:literal $least:literal..=$most:literal $run:expr) => {
        $(#[$doc])*
        pub static $static: Class =
            Class { constructor: takes($least, $most, $run), ..Class::named($name, &[&READER]) };
    };
}

/// `java.io.Reader`.
pub static READER: Class = Class { methods: READER_METHODS, ..Class::named("java.io.Reader", &[&CLOSEABLE]) };

reader_class!(
    /// `java.io.BufferedReader`.
    BUFFERED_READER "java.io.BufferedReader" 1..=2 |_, _, args| wrap_reader("java.io.BufferedReader", args));
reader_class!(
    /// `java.io.LineNumberReader`.
    LINE_NUMBER_READER "java.io.LineNumberReader" 1..=2 |_, _, args| wrap_reader("java.io.LineNumberReader", args));
reader_class!(
/// `java.io.FileReader`.
FILE_READER "java.io.FileReader" 1..=2 |machine, _, args| {
    let bytes = read_file(machine, &file::path_text(arguments::first(args)?)?)?;
    Ok(Value::object(Reader::new("java.io.FileReader", decode(&bytes, args.get(1))?)))
});
reader_class!(
/// `java.io.InputStreamReader`.
INPUT_STREAM_READER "java.io.InputStreamReader" 1..=2 |_, _, args| {
    let rest = arguments::object::<InputStream>(arguments::first(args)?)?.take(usize::MAX);
    Ok(Value::object(Reader::new("java.io.InputStreamReader", decode(&rest, args.get(1))?)))
});
reader_class!(
/// `java.io.StringReader`.
STRING_READER "java.io.StringReader" 1..=1 |_, _, args| {
    Ok(Value::object(Reader::new("java.io.StringReader", arguments::text(args, 0)?.into_owned())))
});

/// A reader on a text.
#[derive(Debug)]
pub struct Reader {
    class: &'static str,
    state: Arc<Mutex<ReaderState>>,
}

/// Readers wrapped around each other share what is left.
#[derive(Debug)]
struct ReaderState {
    text: String,
    at: usize,
    mark: usize,
    line: i32,
    closed: bool,
}

impl Reader {
    /// A reader of a class on a text.
    pub fn new(class: &'static str, text: String) -> Self {
        let state = ReaderState { text, at: 0, mark: 0, line: 0, closed: false };
        Self { class, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> Result<MutexGuard<'_, ReaderState>, Fault> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(Thrown::new("java.io.IOException", "Stream closed").into()) } else { Ok(state) }
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> Result<String, Fault> {
        let mut state = self.state()?;
        let rest = state.text[state.at..].to_owned();
        state.at = state.text.len();
        Ok(rest)
    }

    fn line(&self) -> Result<Option<String>, Fault> {
        let mut state = self.state()?;
        let Some(line) = lines(&state.text[state.at..]).next().map(str::to_owned) else { return Ok(None) };
        let mut end = state.at + line.len();
        let rest = &state.text[end..];
        end += if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
        state.at = end;
        state.line += 1;
        Ok(Some(line))
    }

    fn character(&self) -> Result<Option<char>, Fault> {
        let mut state = self.state()?;
        let next = state.text[state.at..].chars().next();
        state.at += next.map_or(0, char::len_utf8);
        Ok(next)
    }
}

impl Object for Reader {
    fn class(&self) -> ClassRef {
        super::find_class(self.class).unwrap_or(ClassRef::Library(&READER))
    }
}

fn wrap_reader(class: &'static str, args: &[Value]) -> Answer {
    let inner: &Reader = arguments::object(arguments::first(args)?)?;
    Ok(Value::object(Reader { class, state: inner.state.clone() }))
}

fn reader(this: &Value) -> Result<&Reader, Fault> {
    arguments::object(this)
}

static READER_METHODS: &[Method] = &[
    java("close", 0, 0, |_, this, _| {
        reader(this)?.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        Ok(Value::Null)
    }),
    java("getLineNumber", 0, 0, |_, this, _| Ok(reader(this)?.state()?.line.into())),
    java("lines", 0, 0, |machine, this, _| {
        let lines = lines(&reader(this)?.rest()?).map(Value::from).collect();
        Ok(machine.call_method(&Value::list(lines), "stream", &[])?)
    }),
    java("mark", 1, 1, |_, this, _| {
        let mut state = reader(this)?.state()?;
        state.mark = state.at;
        Ok(Value::Null)
    }),
    java("read", 0, 3, |_, this, args| {
        let reader = reader(this)?;
        let [Value::Array(array), range @ ..] = args else {
            return Ok(reader.character()?.map_or(-1, |c| c as i32).into());
        };
        let (from, count) = match range {
            [Value::Int(from), Value::Int(count)] => ((*from).max(0) as usize, (*count).max(0) as usize),
            _ => (0, array.len()),
        };
        let mut done = 0;
        while done < count {
            let Some(c) = reader.character()? else { break };
            array.set(from + done, Value::Char(c as u16));
            done += 1;
        }
        Ok((if done == 0 && count > 0 { -1 } else { done as i32 }).into())
    }),
    java("readLine", 0, 0, |_, this, _| Ok(reader(this)?.line()?.into())),
    java("ready", 0, 0, |_, this, _| {
        let state = reader(this)?.state()?;
        Ok((state.at < state.text.len()).into())
    }),
    java("reset", 0, 0, |_, this, _| {
        let mut state = reader(this)?.state()?;
        state.at = state.mark;
        Ok(Value::Null)
    }),
    java("skip", 1, 1, |_, this, args| {
        let mut skipped = 0;
        while skipped < arguments::long(args, 0)? && reader(this)?.character()?.is_some() {
            skipped += 1;
        }
        Ok(skipped.into())
    }),
    groovy("eachLine", 1, 2, |machine, this, args| {
        let first = if args.len() > 1 { arguments::int(args, 0)? } else { 1 };
        let lines: Vec<String> = lines(&reader(this)?.rest()?).map(str::to_owned).collect();
        each_line(machine, lines, arguments::closure(args, args.len() - 1)?, first)
    }),
    groovy("filterLine", 1, 1, |machine, this, args| {
        let lines = Value::list(lines(&reader(this)?.rest()?).map(Value::from).collect());
        let kept = machine.call_method(&lines, "findAll", args)?;
        Ok(machine.call_method(&kept, "join", &["\n".into()])?)
    }),
    groovy("getText", 0, 0, |_, this, _| Ok(reader(this)?.rest()?.into())),
    groovy("iterator", 0, 0, |machine, this, _| {
        let lines = lines(&reader(this)?.rest()?).map(Value::from).collect();
        Ok(machine.call_method(&Value::list(lines), "iterator", &[])?)
    }),
    groovy("readLines", 0, 0, |_, this, _| Ok(Value::list(lines(&reader(this)?.rest()?).map(Value::from).collect()))),
    groovy("splitEachLine", 2, 2, |machine, this, args| {
        let text = Value::from(reader(this)?.rest()?);
        Ok(machine.call_method(&text, "splitEachLine", args)?)
    }),
    groovy("withReader", 1, 1, with_self),
];

/// `java.io.InputStream`.
pub static INPUT_STREAM: Class =
    Class { methods: STREAM_METHODS, ..Class::named("java.io.InputStream", &[&CLOSEABLE]) };

/// `java.io.ByteArrayInputStream`.
pub static BYTE_ARRAY_INPUT_STREAM: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(byte_stream("java.io.ByteArrayInputStream", arguments::bytes(args, 0)?))),
    ..Class::named("java.io.ByteArrayInputStream", &[&INPUT_STREAM])
};

/// `java.io.FileInputStream`.
pub static FILE_INPUT_STREAM: Class = Class {
    constructor: takes(1, 1, |machine, _, args| {
        Ok(byte_stream("java.io.FileInputStream", read_file(machine, &file::path_text(arguments::first(args)?)?)?))
    }),
    ..Class::named("java.io.FileInputStream", &[&INPUT_STREAM])
};

/// `java.io.BufferedInputStream`.
pub static BUFFERED_INPUT_STREAM: Class = Class {
    constructor: takes(1, 2, |_, _, args| {
        let inner: &InputStream = arguments::object(arguments::first(args)?)?;
        Ok(Value::object(InputStream { class: "java.io.BufferedInputStream", state: inner.state.clone() }))
    }),
    ..Class::named("java.io.BufferedInputStream", &[&INPUT_STREAM])
};

/// A stream of bytes.
#[derive(Debug)]
pub struct InputStream {
    class: &'static str,
    state: Arc<Mutex<(Vec<u8>, usize)>>,
}

impl InputStream {
    fn state(&self) -> MutexGuard<'_, (Vec<u8>, usize)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next bytes, as many as there are.
    pub(crate) fn take(&self, most: usize) -> Vec<u8> {
        let mut state = self.state();
        let end = state.1.saturating_add(most).min(state.0.len());
        let taken = state.0[state.1..end].to_vec();
        state.1 = end;
        taken
    }
}

impl Object for InputStream {
    fn class(&self) -> ClassRef {
        super::find_class(self.class).unwrap_or(ClassRef::Library(&INPUT_STREAM))
    }
}

/// A stream of a class over bytes.
pub(crate) fn byte_stream(class: &'static str, bytes: Vec<u8>) -> Value {
    Value::object(InputStream { class, state: Arc::new(Mutex::new((bytes, 0))) })
}

/// All that a reader, stream or file still gives, as text.
pub(crate) fn text_from(machine: &mut Machine<'_>, value: &Value, named: Option<&Value>) -> Result<String, Fault> {
    if let Ok(reader) = arguments::object::<Reader>(value) {
        return reader.rest();
    }
    decode(&bytes_from(machine, value)?, named)
}

/// All bytes that a stream or file still gives.
pub(crate) fn bytes_from(machine: &mut Machine<'_>, value: &Value) -> Result<Vec<u8>, Fault> {
    if let Ok(stream) = arguments::object::<InputStream>(value) {
        return Ok(stream.take(usize::MAX));
    }
    match value {
        Value::Array(array) => array.to_bytes().ok_or(Fault::Mismatch),
        _ => read_file(machine, &file::path_text(value)?),
    }
}

fn stream(this: &Value) -> Result<&InputStream, Fault> {
    arguments::object(this)
}

static STREAM_METHODS: &[Method] = &[
    java("available", 0, 0, |_, this, _| {
        let state = stream(this)?.state();
        Ok(((state.0.len() - state.1) as i32).into())
    }),
    java("close", 0, 0, |_, _, _| Ok(Value::Null)),
    java("read", 0, 3, |_, this, args| {
        let stream = stream(this)?;
        let [Value::Array(array), range @ ..] = args else {
            return Ok(stream.take(1).first().map_or(-1, |byte| i32::from(*byte)).into());
        };
        let (from, count) = match range {
            [Value::Int(from), Value::Int(count)] => ((*from).max(0) as usize, (*count).max(0) as usize),
            _ => (0, array.len()),
        };
        let taken = stream.take(count.min(array.len().saturating_sub(from)));
        for (at, byte) in taken.iter().enumerate() {
            array.set(from + at, Value::Byte(*byte as i8));
        }
        Ok((if taken.is_empty() && count > 0 { -1 } else { taken.len() as i32 }).into())
    }),
    java("readAllBytes", 0, 0, |_, this, _| Ok(super::codec::byte_array(&stream(this)?.take(usize::MAX)))),
    java("readNBytes", 1, 1, |_, this, args| {
        Ok(super::codec::byte_array(&stream(this)?.take(arguments::int(args, 0)?.max(0) as usize)))
    }),
    java("reset", 0, 0, |_, this, _| {
        stream(this)?.state().1 = 0;
        Ok(Value::Null)
    }),
    java("skip", 1, 1, |_, this, args| {
        Ok((stream(this)?.take(arguments::long(args, 0)?.max(0) as usize).len() as i64).into())
    }),
    groovy("eachLine", 1, 2, |machine, this, args| {
        let text = Value::from(decode(&stream(this)?.take(usize::MAX), None)?);
        let reader = Value::object(Reader::new("java.io.BufferedReader", super::string::text(&text)?.into_owned()));
        Ok(machine.call_method(&reader, "eachLine", args)?)
    }),
    groovy("getBytes", 0, 0, |_, this, _| Ok(super::codec::byte_array(&stream(this)?.take(usize::MAX)))),
    groovy("getText", 0, 1, |_, this, args| Ok(decode(&stream(this)?.take(usize::MAX), args.first())?.into())),
    groovy("newReader", 0, 1, |_, this, args| {
        Ok(Value::object(Reader::new("java.io.BufferedReader", decode(&stream(this)?.take(usize::MAX), args.first())?)))
    }),
    groovy("readLines", 0, 1, |_, this, args| {
        let text = decode(&stream(this)?.take(usize::MAX), args.first())?;
        Ok(Value::list(lines(&text).map(Value::from).collect()))
    }),
    groovy("withReader", 1, 2, |machine, this, args| {
        let text = decode(&stream(this)?.take(usize::MAX), args.first().filter(|_| args.len() > 1))?;
        let reader = Value::object(Reader::new("java.io.BufferedReader", text));
        Ok(machine.call(arguments::closure(args, args.len() - 1)?, &[reader])?)
    }),
    groovy("withStream", 1, 1, with_self),
];

/// `java.io.Writer` and `OutputStream`: they share all but their names.
pub static WRITER: Class = Class { methods: WRITER_METHODS, ..Class::named("java.io.Writer", &[&CLOSEABLE]) };

macro_rules! writer_class {
    ($(#[$doc:meta])* $static:ident $name:literal $least:literal..=$most:literal $run:expr) => {
        $(#[$doc])*
        pub static $static: Class =
            Class { constructor: takes($least, $most, $run), ..Class::named($name, &[&WRITER]) };
    };
}

writer_class!(
    /// `java.io.StringWriter`.
    STRING_WRITER "java.io.StringWriter" 0..=1 |_, _, _| Ok(memory("java.io.StringWriter")));
writer_class!(
    /// `java.io.ByteArrayOutputStream`.
    BYTE_ARRAY_OUTPUT_STREAM "java.io.ByteArrayOutputStream" 0..=1 |_, _, _| Ok(memory("java.io.ByteArrayOutputStream")));
writer_class!(
    /// `java.io.FileWriter`.
    FILE_WRITER "java.io.FileWriter" 1..=3 |machine, _, args| new_file_writer(machine, "java.io.FileWriter", args));
writer_class!(
    /// `java.io.FileOutputStream`.
    FILE_OUTPUT_STREAM "java.io.FileOutputStream" 1..=2 |machine, _, args| new_file_writer(machine, "java.io.FileOutputStream", args));
writer_class!(
    /// `java.io.BufferedWriter`.
    BUFFERED_WRITER "java.io.BufferedWriter" 1..=2 |_, _, args| wrap_writer("java.io.BufferedWriter", args));
writer_class!(
    /// `java.io.BufferedOutputStream`.
    BUFFERED_OUTPUT_STREAM "java.io.BufferedOutputStream" 1..=2 |_, _, args| wrap_writer("java.io.BufferedOutputStream", args));
writer_class!(
    /// `java.io.OutputStreamWriter`.
    OUTPUT_STREAM_WRITER "java.io.OutputStreamWriter" 1..=2 |_, _, args| wrap_writer("java.io.OutputStreamWriter", args));
writer_class!(
    /// `java.io.PrintWriter`.
    PRINT_WRITER "java.io.PrintWriter" 1..=3 |machine, _, args| print_writer(machine, "java.io.PrintWriter", args));
writer_class!(
    /// `java.io.PrintStream`.
    PRINT_STREAM "java.io.PrintStream" 1..=3 |machine, _, args| print_writer(machine, "java.io.PrintStream", args));

/// A writer or output stream.
#[derive(Debug)]
pub struct Writer {
    class: &'static str,
    sink: Arc<Mutex<Sink>>,
    charset: crate::java::charset::Charset,
}

/// Where it goes; writers wrapped around each other share it.
#[derive(Debug)]
enum Sink {
    Memory(Vec<u8>),
    File(BufWriter<std::fs::File>),
    Console,
    /// Packed when it is closed, and then written to another.
    Packed(Vec<u8>, super::zip::Form, Arc<Mutex<Sink>>),
    Closed,
}

impl Sink {
    fn take(
        &mut self,
        machine: &mut Machine<'_>,
        bytes: &[u8],
        charset: &crate::java::charset::Charset,
    ) -> Result<(), Fault> {
        match self {
            Sink::Memory(memory) | Sink::Packed(memory, ..) => {
                if (memory.len() + bytes.len()) as u64 > MOST {
                    return Err(budget::out_of_memory().into());
                }
                memory.extend_from_slice(bytes);
            }
            Sink::File(file) => file.write_all(bytes).map_err(|error| io_error(&error))?,
            Sink::Console => machine.host.print(&charset.decode(bytes)),
            Sink::Closed => return Err(Thrown::new("java.io.IOException", "Stream closed").into()),
        }
        Ok(())
    }
}

/// A stream of a class that packs what it is given for `out`.
pub(crate) fn packing(class: &'static str, form: super::zip::Form, out: &Value) -> Answer {
    let out: &Writer = arguments::object(out)?;
    Ok(writer_on(class, Sink::Packed(Vec::new(), form, out.sink.clone())))
}

impl Object for Writer {
    fn class(&self) -> ClassRef {
        super::find_class(self.class).unwrap_or(ClassRef::Library(&WRITER))
    }

    fn to_text(&self) -> String {
        match &*self.sink() {
            Sink::Memory(bytes) => self.charset.decode(bytes).into_owned(),
            _ => format!("{}@1", self.class),
        }
    }
}

/// A writer on a file.
pub(crate) fn file_writer(class: &'static str, file: std::fs::File, named: Option<&Value>) -> Answer {
    let sink = Arc::new(Mutex::new(Sink::File(BufWriter::new(file))));
    Ok(Value::object(Writer { class, sink, charset: charset(named)? }))
}

/// A writer that keeps what it is given.
pub(crate) fn memory(class: &'static str) -> Value {
    writer_on(class, Sink::Memory(Vec::new()))
}

/// `System.out`.
pub(crate) fn console() -> Value {
    static CONSOLE: OnceLock<Value> = OnceLock::new();
    CONSOLE.get_or_init(|| writer_on("java.io.PrintStream", Sink::Console)).clone()
}

fn writer_on(class: &'static str, sink: Sink) -> Value {
    Value::object(Writer { class, sink: Arc::new(Mutex::new(sink)), charset: crate::java::charset::Charset::UTF_8 })
}

fn new_file_writer(machine: &mut Machine<'_>, class: &'static str, args: &[Value]) -> Answer {
    let append = args.iter().any(|arg| matches!(arg, Value::Boolean(true)));
    let named = args.get(1..).unwrap_or_default().iter().find(|arg| !matches!(arg, Value::Boolean(_)));
    file_writer(class, open_file(machine, &file::path_text(arguments::first(args)?)?, append)?, named)
}

fn wrap_writer(class: &'static str, args: &[Value]) -> Answer {
    let inner: &Writer = arguments::object(arguments::first(args)?)?;
    let named = args.get(1).filter(|arg| !matches!(arg, Value::Int(_) | Value::Boolean(_)));
    let charset = if named.is_some() { charset(named)? } else { inner.charset };
    Ok(Value::object(Writer { class, sink: inner.sink.clone(), charset }))
}

fn print_writer(machine: &mut Machine<'_>, class: &'static str, args: &[Value]) -> Answer {
    if arguments::object::<Writer>(arguments::first(args)?).is_ok() {
        return wrap_writer(class, args.get(..1).ok_or(Fault::Mismatch)?);
    }
    new_file_writer(machine, class, args.get(..1).ok_or(Fault::Mismatch)?)
}

impl Writer {
    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_bytes(&self, machine: &mut Machine<'_>, bytes: &[u8]) -> Result<(), Fault> {
        self.sink().take(machine, bytes, &self.charset)
    }

    /// Packs what was written, and writes it to what lies beneath.
    fn finish(&self, machine: &mut Machine<'_>) -> Result<(), Fault> {
        let sink = std::mem::replace(&mut *self.sink(), Sink::Closed);
        match sink {
            Sink::Packed(bytes, form, to) => {
                let packed = form.pack(&bytes).map_err(|error| io_error(&error))?;
                let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
                to.take(machine, &packed, &self.charset)?;
                if let Sink::File(file) = &mut *to {
                    file.flush().map_err(|error| io_error(&error))?;
                }
            }
            other => *self.sink() = other,
        }
        Ok(())
    }

    /// Writes a text.
    pub(crate) fn write(&self, machine: &mut Machine<'_>, text: &str) -> Result<(), Fault> {
        let bytes = self.charset.encode(text).into_owned();
        self.write_bytes(machine, &bytes)
    }

    fn flush(&self) -> Result<(), Fault> {
        match &mut *self.sink() {
            Sink::File(file) => file.flush().map_err(|error| io_error(&error)),
            _ => Ok(()),
        }
    }
}

fn writer(this: &Value) -> Result<&Writer, Fault> {
    arguments::object(this)
}

/// What `print` shows of a value.
fn shown(machine: &mut Machine<'_>, value: &Value) -> Result<String, Fault> {
    match value {
        Value::Array(array) if &*array.element == "char" => Ok(super::string::chars_or_text(value)),
        Value::GString(_) => Ok(machine.text(value)?),
        _ => arguments::string_of(machine, value),
    }
}

static WRITER_METHODS: &[Method] = &[
    java("append", 1, 3, |machine, this, args| {
        let text = machine.text(&args[0])?;
        writer(this)?.write(machine, &text)?;
        Ok(this.clone())
    }),
    java("checkError", 0, 0, |_, this, _| Ok(writer(this)?.flush().is_err().into())),
    java("close", 0, 0, |machine, this, _| {
        let writer = writer(this)?;
        writer.finish(machine)?;
        writer.flush()?;
        let mut sink = writer.sink();
        if matches!(*sink, Sink::File(_)) {
            *sink = Sink::Closed;
        }
        Ok(Value::Null)
    }),
    java("finish", 0, 0, |machine, this, _| {
        writer(this)?.finish(machine)?;
        Ok(Value::Null)
    }),
    java("flush", 0, 0, |_, this, _| {
        writer(this)?.flush()?;
        Ok(Value::Null)
    }),
    java("format", 1, ANY, printf),
    java("getBuffer", 0, 0, |_, this, _| {
        Ok(Value::object(super::string_builder::StringBuilder::buffer(writer(this)?.to_text())))
    }),
    java("newLine", 0, 0, |machine, this, _| {
        writer(this)?.write(machine, "\n")?;
        Ok(Value::Null)
    }),
    java("print", 1, 1, |machine, this, args| {
        let text = shown(machine, &args[0])?;
        writer(this)?.write(machine, &text)?;
        Ok(Value::Null)
    }),
    java("printf", 1, ANY, printf),
    java("println", 0, 1, |machine, this, args| {
        let text = args.first().map(|value| shown(machine, value)).transpose()?.unwrap_or_default();
        writer(this)?.write(machine, &format!("{text}\n"))?;
        Ok(Value::Null)
    }),
    java("reset", 0, 0, |_, this, _| {
        if let Sink::Memory(memory) = &mut *writer(this)?.sink() {
            memory.clear();
        }
        Ok(Value::Null)
    }),
    java("size", 0, 0, |_, this, _| match &*writer(this)?.sink() {
        Sink::Memory(memory) => Ok((memory.len() as i32).into()),
        _ => Err(Fault::Mismatch),
    }),
    java("toByteArray", 0, 0, |_, this, _| match &*writer(this)?.sink() {
        Sink::Memory(memory) => Ok(super::codec::byte_array(memory)),
        _ => Err(Fault::Mismatch),
    }),
    java("toString", 0, 1, |_, this, args| match (&*writer(this)?.sink(), args.first()) {
        (Sink::Memory(memory), Some(named)) => Ok(decode(memory, Some(named))?.into()),
        (Sink::Memory(memory), None) => Ok(writer(this)?.charset.decode(memory).into_owned().into()),
        _ => Ok(format!("{}@1", writer(this)?.class).into()),
    }),
    java("write", 1, 3, |machine, this, args| {
        let writer = writer(this)?;
        let range = match args {
            [_, Value::Int(from), Value::Int(count)] => Some(((*from).max(0) as usize, (*count).max(0) as usize)),
            _ => None,
        };
        match &args[0] {
            Value::Array(array) if array.to_bytes().is_some() => {
                let bytes = array.to_bytes().unwrap_or_default();
                let (from, count) = range.unwrap_or((0, bytes.len()));
                let part: Vec<u8> = bytes.into_iter().skip(from).take(count).collect();
                writer.write_bytes(machine, &part)?;
            }
            Value::Int(code) if writer.class.ends_with("Stream") => writer.write_bytes(machine, &[*code as u8])?,
            Value::Int(code) => {
                let c = char::from_u32(*code as u32 & 0xffff).unwrap_or('?');
                writer.write(machine, &c.to_string())?;
            }
            value => {
                let text = shown(machine, value)?;
                let part = range.map_or_else(
                    || text.clone(),
                    |(from, count)| crate::script::value::slice_utf16(&text, from, from.saturating_add(count)),
                );
                writer.write(machine, &part)?;
            }
        }
        Ok(Value::Null)
    }),
    java("writeBytes", 1, 1, |machine, this, args| {
        let bytes = super::codec::bytes_of(&args[0])?;
        writer(this)?.write_bytes(machine, &bytes)?;
        Ok(Value::Null)
    }),
    java("writeTo", 1, 1, |machine, this, args| {
        let bytes = match &*writer(this)?.sink() {
            Sink::Memory(memory) => memory.clone(),
            _ => return Err(Fault::Mismatch),
        };
        writer(&args[0])?.write_bytes(machine, &bytes)?;
        Ok(Value::Null)
    }),
    groovy("leftShift", 1, 1, |machine, this, args| {
        let writer = writer(this)?;
        match &args[0] {
            Value::Array(array) if array.to_bytes().is_some() => {
                writer.write_bytes(machine, &array.to_bytes().unwrap_or_default())?;
            }
            value => {
                let text = machine.text(value)?;
                writer.write(machine, &text)?;
            }
        }
        Ok(this.clone())
    }),
    groovy("withPrintWriter", 1, 1, with_self),
    groovy("withStream", 1, 1, with_self),
    groovy("withWriter", 1, 1, with_self),
    groovy("writeLine", 1, 1, |machine, this, args| {
        let text = machine.text(&args[0])?;
        writer(this)?.write(machine, &format!("{text}\n"))?;
        Ok(Value::Null)
    }),
];

fn printf(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let template = arguments::text(args, 0)?;
    let text = format::format(machine, &template, &format::spread(&args[1..]))?;
    writer(this)?.write(machine, &text)?;
    Ok(this.clone())
}

/// `java.util.Scanner`.
pub static SCANNER: Class = Class {
    constructor: takes(1, 2, |machine, _, args| {
        // A text is read itself; a file or a stream by its content.
        let text = match arguments::text_of(arguments::first(args)?) {
            Some(text) => text.into_owned(),
            None => text_from(machine, arguments::first(args)?, args.get(1))?,
        };
        Ok(Value::object(Scanner { reader: Reader::new("java.io.StringReader", text), delimiter: Mutex::default() }))
    }),
    methods: SCANNER_METHODS,
    ..Class::named("java.util.Scanner", &[&CLOSEABLE])
};

#[derive(Debug)]
struct Scanner {
    reader: Reader,
    delimiter: Mutex<Option<String>>,
}

impl Object for Scanner {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&SCANNER)
    }
}

fn scanner(this: &Value) -> Result<&Scanner, Fault> {
    arguments::object(this)
}

impl Scanner {
    /// The next token; `keep` leaves it to be read again.
    fn token(&self, keep: bool) -> Result<Option<String>, Fault> {
        let delimiter = self.delimiter.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut state = self.reader.state()?;
        let rest = &state.text[state.at..];
        let (start, end) = match delimiter {
            None => {
                let Some(start) = rest.find(|c| !java_whitespace(c)) else { return Ok(None) };
                (start, rest[start..].find(java_whitespace).map_or(rest.len(), |end| start + end))
            }
            Some(pattern) => {
                let pattern = super::pattern::cached(&pattern)?;
                let start = pattern.match_start(rest)?.map_or(0, |found| found.whole().end);
                if start >= rest.len() {
                    return Ok(None);
                }
                let found = pattern.find(rest, start)?.map(|found| found.whole().start).filter(|end| *end > start);
                (start, found.unwrap_or(rest.len()))
            }
        };
        let token = rest[start..end].to_owned();
        if !keep {
            state.at += end;
        }
        Ok(Some(token))
    }

    fn parsed(&self, method: &str) -> Answer {
        let token =
            self.token(true)?.ok_or_else(|| Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null))?;
        let mismatch = || Thrown::new("java.util.InputMismatchException", format!("For input string: \"{token}\""));
        let value: Value = match method {
            "nextInt" => crate::java::number::parse_int(&token).map_err(|_| mismatch())?.into(),
            "nextLong" => crate::java::number::parse_long(&token).map_err(|_| mismatch())?.into(),
            _ => crate::java::number::parse_double(&token).map_err(|_| mismatch())?.into(),
        };
        self.token(false)?;
        Ok(value)
    }
}

static SCANNER_METHODS: &[Method] = &[
    java("close", 0, 0, |_, _, _| Ok(Value::Null)),
    java("hasNext", 0, 0, |_, this, _| Ok(scanner(this)?.token(true)?.is_some().into())),
    java("hasNextInt", 0, 0, |_, this, _| {
        let token = scanner(this)?.token(true)?;
        Ok(token.is_some_and(|token| crate::java::number::parse_int(&token).is_ok()).into())
    }),
    java("hasNextLine", 0, 0, |_, this, _| {
        let state = scanner(this)?.reader.state()?;
        Ok((state.at < state.text.len()).into())
    }),
    java("next", 0, 0, |_, this, _| {
        let token = scanner(this)?.token(false)?;
        Ok(token.ok_or_else(|| Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null))?.into())
    }),
    java("nextDouble", 0, 0, |_, this, _| scanner(this)?.parsed("nextDouble")),
    java("nextInt", 0, 0, |_, this, _| scanner(this)?.parsed("nextInt")),
    java("nextLine", 0, 0, |_, this, _| {
        let line = scanner(this)?.reader.line()?;
        Ok(line.ok_or_else(|| Thrown::new(exceptions::NO_SUCH_ELEMENT, "No line found"))?.into())
    }),
    java("nextLong", 0, 0, |_, this, _| scanner(this)?.parsed("nextLong")),
    java("useDelimiter", 1, 1, |_, this, args| {
        let pattern = arguments::text(args, 0)?.into_owned();
        *scanner(this)?.delimiter.lock().unwrap_or_else(PoisonError::into_inner) = Some(pattern);
        Ok(this.clone())
    }),
];

/// `java.util.StringTokenizer`.
pub static STRING_TOKENIZER: Class = Class {
    constructor: takes(1, 3, |_, _, args| {
        let separators =
            if args.len() > 1 { arguments::text(args, 1)?.into_owned() } else { " \t\n\r\u{c}".to_owned() };
        let mut parts = tokens(&arguments::text(args, 0)?, &separators);
        parts.reverse();
        Ok(Value::object(StringTokenizer(Mutex::new(parts))))
    }),
    methods: &[
        java("countTokens", 0, 0, |_, this, _| Ok((tokenizer(this)?.len() as i32).into())),
        java("hasMoreElements", 0, 0, |_, this, _| Ok((!tokenizer(this)?.is_empty()).into())),
        java("hasMoreTokens", 0, 0, |_, this, _| Ok((!tokenizer(this)?.is_empty()).into())),
        java("nextElement", 0, 0, next_token),
        java("nextToken", 0, 0, next_token),
    ],
    ..Class::named("java.util.StringTokenizer", &[&object::OBJECT])
};

/// The tokens left, the next one last.
#[derive(Debug)]
struct StringTokenizer(Mutex<Vec<String>>);

impl Object for StringTokenizer {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&STRING_TOKENIZER)
    }
}

fn tokenizer(this: &Value) -> Result<MutexGuard<'_, Vec<String>>, Fault> {
    Ok(arguments::object::<StringTokenizer>(this)?.0.lock().unwrap_or_else(PoisonError::into_inner))
}

fn next_token(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    let token = tokenizer(this)?.pop();
    Ok(token.ok_or_else(|| Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null))?.into())
}

/// An `Object[]` or other array of values.
pub(crate) fn array(element: &str, items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array::new(element, items)))
}

/// The bytes of a text in a named charset.
pub(crate) fn encoded(text: &str, named: Option<&Value>) -> Result<Vec<u8>, Fault> {
    encode(text, named)
}
