//! `java.lang.Process`, `ProcessBuilder` and `Runtime`.

use super::io::{Reader, byte_stream};
use super::{ANY, Answer, Class, Fault, Method, arguments, groovy, java, list, object, takes};
use crate::script::host::Access;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, groovy_text, java_text};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// `java.lang.Process`.
pub static PROCESS: Class = Class::named("java.lang.Process", &[&object::OBJECT]);

/// The class of the processes of this system.
static PROCESS_IMPL: Class = Class { methods: METHODS, ..Class::named("java.lang.ProcessImpl", &[&PROCESS]) };

/// `java.lang.Runtime`.
pub static RUNTIME: Class = Class {
    statics: &[java("getRuntime", 0, 0, |_, _, _| Ok(Value::object(Runtime)))],
    methods: &[
        java("availableProcessors", 0, 0, |_, _, _| {
            Ok((std::thread::available_parallelism().map_or(1, usize::from) as i32).into())
        }),
        java("exec", 1, 3, |machine, _, args| execute(machine, &args[0], &args[1..])),
        java("freeMemory", 0, 0, |_, _, _| Ok((1i64 << 30).into())),
        java("gc", 0, 0, |_, _, _| Ok(Value::Null)),
        java("maxMemory", 0, 0, |_, _, _| Ok((1i64 << 31).into())),
        java("totalMemory", 0, 0, |_, _, _| Ok((1i64 << 30).into())),
    ],
    ..Class::named("java.lang.Runtime", &[&object::OBJECT])
};

#[derive(Debug)]
struct Runtime;

impl Object for Runtime {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&RUNTIME)
    }
}

/// `java.lang.ProcessBuilder`.
pub static PROCESS_BUILDER: Class = Class {
    constructor: takes(0, ANY, |_, _, args| {
        let words = match args {
            [Value::List(_) | Value::Array(_)] => words(&args[0])?,
            _ => args.iter().map(java_text).collect(),
        };
        Ok(Value::object(ProcessBuilder(Mutex::new((words, None, false)))))
    }),
    methods: &[
        java("command", 0, ANY, |_, this, args| {
            let mut state = arguments::object::<ProcessBuilder>(this)?.state();
            if args.is_empty() {
                return Ok(Value::list(state.0.iter().map(|word| Value::from(word.as_str())).collect()));
            }
            state.0 =
                if let [list @ Value::List(_)] = args { words(list)? } else { args.iter().map(java_text).collect() };
            Ok(this.clone())
        }),
        java("directory", 1, 1, |_, this, args| {
            arguments::object::<ProcessBuilder>(this)?.state().1 = Some(java_text(&args[0]));
            Ok(this.clone())
        }),
        java("redirectErrorStream", 1, 1, |_, this, args| {
            arguments::object::<ProcessBuilder>(this)?.state().2 = arguments::flag(args, 0)?;
            Ok(this.clone())
        }),
        java("start", 0, 0, |machine, this, _| {
            let state = arguments::object::<ProcessBuilder>(this)?.state().clone();
            start(machine, &state.0, None, state.1.as_deref(), state.2)
        }),
    ],
    ..Class::named("java.lang.ProcessBuilder", &[&object::OBJECT])
};

/// The words of the command, the directory, and whether errors go to the output.
#[derive(Debug)]
struct ProcessBuilder(Mutex<(Vec<String>, Option<String>, bool)>);

impl ProcessBuilder {
    fn state(&self) -> MutexGuard<'_, (Vec<String>, Option<String>, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Object for ProcessBuilder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&PROCESS_BUILDER)
    }
}

/// Bytes that are kept of what a process writes.
const MOST: u64 = 1 << 26;

/// A running process; what it writes is gathered by threads of its own, so that it never waits for a reader.
#[derive(Debug)]
struct Process(Mutex<State>);

#[derive(Debug)]
struct State {
    child: Child,
    output: Gathered,
    errors: Gathered,
}

#[derive(Debug)]
enum Gathered {
    Running(std::thread::JoinHandle<Vec<u8>>),
    Done(Vec<u8>),
}

impl Gathered {
    fn start(source: Option<impl Read + Send + 'static>) -> Self {
        let Some(source) = source else { return Self::Done(Vec::new()) };
        Self::Running(std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // What cannot be read any more has ended.
            _ = source.take(MOST).read_to_end(&mut bytes);
            bytes
        }))
    }

    fn bytes(&mut self) -> Vec<u8> {
        match std::mem::replace(self, Self::Done(Vec::new())) {
            Self::Running(thread) => {
                let bytes = thread.join().unwrap_or_default();
                *self = Self::Done(bytes.clone());
                bytes
            }
            Self::Done(bytes) => {
                *self = Self::Done(bytes.clone());
                bytes
            }
        }
    }
}

impl Object for Process {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&PROCESS_IMPL)
    }
}

fn of(this: &Value) -> Result<MutexGuard<'_, State>, Fault> {
    Ok(arguments::object::<Process>(this)?.0.lock().unwrap_or_else(PoisonError::into_inner))
}

fn words(value: &Value) -> Result<Vec<String>, Fault> {
    Ok(list::items(value)?.iter().map(groovy_text).collect())
}

/// `command.execute()`, of a text or of a list of words.
pub(crate) fn execute(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let command = match arguments::text_of(this) {
        Some(text) => text.split_whitespace().map(str::to_owned).collect(),
        None => words(this)?,
    };
    let environment = args.first().filter(|value| !value.is_null()).map(words).transpose()?;
    let directory = args.get(1).filter(|value| !value.is_null()).map(java_text);
    start(machine, &command, environment, directory.as_deref(), false)
}

fn start(
    machine: &mut Machine<'_>,
    command: &[String],
    environment: Option<Vec<String>>,
    directory: Option<&str>,
    joined: bool,
) -> Answer {
    if !machine.host.allows(Access::Processes) {
        return Err(Access::Processes.denied().into());
    }
    let Some((program, rest)) = command.split_first() else {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Empty command").into());
    };
    let mut started = if joined {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" \"$@\" 2>&1", program]);
        shell
    } else {
        Command::new(program)
    };
    started.args(rest).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(environment) = environment {
        started.env_clear().envs(environment.iter().filter_map(|pair| pair.split_once('=')));
    }
    if let Some(directory) = directory {
        started.current_dir(directory);
    }
    let mut child = started.spawn().map_err(|error| {
        let number = error.raw_os_error().unwrap_or(0);
        let message = format!("Cannot run program \"{program}\": error={number}, {}", super::io::os_text(&error));
        Thrown::new("java.io.IOException", message)
    })?;
    let (output, errors) = (Gathered::start(child.stdout.take()), Gathered::start(child.stderr.take()));
    Ok(Value::object(Process(Mutex::new(State { child, output, errors }))))
}

fn wait(state: &mut State) -> i32 {
    state.child.wait().ok().map_or(-1, exit_code)
}

#[cfg(unix)]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

#[cfg(not(unix))]
fn exit_code(status: std::process::ExitStatus) -> i32 {
    status.code().unwrap_or(-1)
}

/// Waits for so long at most; whether it has ended then.
fn wait_for(state: &mut State, limit: Duration) -> bool {
    let step = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        if matches!(state.child.try_wait(), Ok(Some(_)) | Err(_)) {
            return true;
        }
        if waited >= limit {
            return false;
        }
        std::thread::sleep(step);
        waited += step;
    }
}

static METHODS: &[Method] = &[
    java("destroy", 0, 0, |_, this, _| {
        // A process that has ended needs no end.
        _ = of(this)?.child.kill();
        Ok(Value::Null)
    }),
    java("destroyForcibly", 0, 0, |_, this, _| {
        _ = of(this)?.child.kill();
        Ok(this.clone())
    }),
    java("exitValue", 0, 0, |_, this, _| {
        let mut state = of(this)?;
        match state.child.try_wait() {
            Ok(Some(status)) => Ok(exit_code(status).into()),
            _ => Err(Thrown::new("java.lang.IllegalThreadStateException", "process hasn't exited").into()),
        }
    }),
    java("getErrorStream", 0, 0, |_, this, _| Ok(byte_stream("java.io.BufferedInputStream", of(this)?.errors.bytes()))),
    java("getInputStream", 0, 0, |_, this, _| Ok(byte_stream("java.io.BufferedInputStream", of(this)?.output.bytes()))),
    java("isAlive", 0, 0, |_, this, _| Ok(matches!(of(this)?.child.try_wait(), Ok(None)).into())),
    java("pid", 0, 0, |_, this, _| Ok(i64::from(of(this)?.child.id()).into())),
    java("waitFor", 0, 2, |_, this, args| {
        let mut state = of(this)?;
        if args.is_empty() {
            return Ok(wait(&mut state).into());
        }
        let limit = super::concurrent::duration(args)?;
        Ok(wait_for(&mut state, limit).into())
    }),
    groovy("closeStreams", 0, 0, |_, _, _| Ok(Value::Null)),
    groovy("consumeProcessOutput", 0, 2, forward),
    groovy("getErr", 0, 0, |_, this, _| Ok(byte_stream("java.io.BufferedInputStream", of(this)?.errors.bytes()))),
    groovy("getIn", 0, 0, |_, this, _| Ok(byte_stream("java.io.BufferedInputStream", of(this)?.output.bytes()))),
    groovy("getText", 0, 0, |_, this, _| Ok(String::from_utf8_lossy(&of(this)?.output.bytes()).into_owned().into())),
    groovy("waitForOrKill", 1, 1, |_, this, args| {
        let mut state = of(this)?;
        let limit = Duration::from_millis(arguments::long(args, 0)?.max(0) as u64);
        if !wait_for(&mut state, limit) {
            _ = state.child.kill();
        }
        Ok(Value::Null)
    }),
    groovy("waitForProcessOutput", 0, 2, forward),
    groovy("withReader", 1, 1, |machine, this, args| {
        let text = String::from_utf8_lossy(&of(this)?.output.bytes()).into_owned();
        Ok(machine.call(&args[0], &[Value::object(Reader::new("java.io.BufferedReader", text))])?)
    }),
];

/// Appends what the process writes to two builders or writers.
fn forward(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (output, errors) = {
        let mut state = of(this)?;
        let gathered = (state.output.bytes(), state.errors.bytes());
        wait(&mut state);
        gathered
    };
    for (target, bytes) in args.iter().zip([output, errors]) {
        let text = Value::from(String::from_utf8_lossy(&bytes).into_owned());
        machine.call_method(target, "append", &[text])?;
    }
    Ok(Value::Null)
}
