//! OS Process Sampler: runs a command of the operating system; its exit status is the response code, its output the
//! response. On Unix only: the output and the errors of a command share a pipe.

use crate::clock;
use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr, java_int};
use crate::java::hash_map::order_of_grown;
use crate::jmx::PropertyValue;
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::{StopLevel, StopSignal, Thrown, VirtualUser};
use bytes::Bytes;
use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};

const COMMAND: &str = "SystemSampler.command";
const DIRECTORY: &str = "SystemSampler.directory";
const ARGUMENTS: &str = "SystemSampler.arguments";
const ENVIRONMENT: &str = "SystemSampler.environment";
const CHECK_RETURN_CODE: &str = "SystemSampler.checkReturnCode";
const EXPECTED_RETURN_CODE: &str = "SystemSampler.expectedReturnCode";
const STDIN: &str = "SystemSampler.stdin";
const STDOUT: &str = "SystemSampler.stdout";
const STDERR: &str = "SystemSampler.stderr";
const TIMEOUT: &str = "SystemSampler.timeout";

/// Output beyond this is read and dropped.
const MOST_OUTPUT: usize = 256 << 20;

pub(super) const SYSTEM: Definition = Definition {
    tag: "SystemSampler",
    menu: "OS Process Sampler",
    compile: |compile| {
        Some(Role::sampler(System {
            name: compile.name(),
            command: compile.expr(COMMAND),
            directory: compile.expr(DIRECTORY),
            arguments: list(compile, ARGUMENTS),
            environment: list(compile, ENVIRONMENT),
            checks_return_code: compile.flag(CHECK_RETURN_CODE, false),
            expected_return_code: compile.expr(EXPECTED_RETURN_CODE),
            stdin: compile.expr(STDIN),
            stdout: compile.expr(STDOUT),
            stderr: compile.expr(STDERR),
            timeout: compile.long(TIMEOUT, 0),
        }))
    },
};

/// Names and values of an `Arguments` property.
fn list(compile: &mut Compile<'_>, key: &str) -> Vec<(Expr, Expr)> {
    let Some(PropertyValue::Element(arguments)) = compile.element.get(key) else { return Vec::new() };
    let mut entries = Vec::new();
    for entry in arguments.collection("Arguments.arguments") {
        if let PropertyValue::Element(argument) = &entry.value {
            entries.push((compile.expr_in(argument, "Argument.name"), compile.expr_in(argument, "Argument.value")));
        }
    }
    entries
}

struct System {
    name: Expr,
    command: Expr,
    directory: Expr,
    arguments: Vec<(Expr, Expr)>,
    environment: Vec<(Expr, Expr)>,
    checks_return_code: BoolExpr,
    expected_return_code: Expr,
    stdin: Expr,
    stdout: Expr,
    stderr: Expr,
    timeout: LongExpr,
}

/// A command with everything worked out.
struct Call {
    words: Vec<Text>,
    environment: Vec<(Text, Text)>,
    directory: PathBuf,
    stdin: Text,
    stdout: Text,
    stderr: Text,
    timeout: Option<Duration>,
}

/// What became of a command.
enum End {
    Status(ExitStatus),
    /// It could not be run; the text is the exception.
    Failed(String),
    Interrupted,
    TimedOut(Duration),
}

impl System {
    fn call(&self, user: &mut VirtualUser) -> Result<Call, Thrown> {
        let mut words = vec![self.command.eval(user)?];
        for (_, value) in &self.arguments {
            words.push(value.eval(user)?);
        }
        let mut environment: Vec<(Text, Text)> = Vec::new();
        for (name, value) in &self.environment {
            let (name, value) = (name.eval(user)?, value.eval(user)?);
            match environment.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => environment.push((name, value)),
            }
        }
        let directory = self.directory.eval(user)?;
        let directory = std::path::absolute(if directory.is_empty() { "." } else { &*directory });
        Ok(Call {
            words,
            environment: in_hash_order(environment),
            directory: directory.unwrap_or_default(),
            stdin: self.stdin.eval(user)?,
            stdout: self.stdout.eval(user)?,
            stderr: self.stderr.eval(user)?,
            timeout: u64::try_from(self.timeout.eval(user)?).ok().filter(|ms| *ms > 0).map(Duration::from_millis),
        })
    }

    async fn take(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let label = self.name.eval(user)?;
        user.sampler_name = Text::clone(&label);
        let call = self.call(user)?;
        let checks = self.checks_return_code.eval(user)?;
        let expected = java_int(&self.expected_return_code.eval(user)?);
        let stop = Arc::clone(&user.stop);
        user.http.rest();
        let mut result = SampleResult { data_type: DataType::Text, ..SampleResult::started(label, clock::now()) };
        result.sampler_data = Some(call.shown());
        let (end, output) = match call.files() {
            Ok(files) => {
                result.start = clock::now();
                call.run(files, &stop).await
            }
            Err(why) => (End::Failed(why), Bytes::new()),
        };
        result.finish(clock::now());
        result.response_data = output;
        let fail = |result: &mut SampleResult, message: String| {
            result.successful = false;
            result.response_code = Text::from("500");
            result.response_message = Text::from(message);
        };
        match end {
            End::Status(status) => {
                let code = exit_code(status);
                result.response_code = Text::from(itoa::Buffer::new().format(code));
                result.successful = !checks || code == expected;
                result.response_message = if result.successful {
                    Text::from("OK")
                } else {
                    Text::from(format!("Unexpected return code.  Expected [{expected}]. Actual [{code}]."))
                };
            }
            End::Failed(why) => fail(&mut result, format!("Exception occurred whilst executing system call: {why}")),
            End::Interrupted => fail(
                &mut result,
                "System Sampler interrupted whilst executing system call: java.lang.InterruptedException".to_owned(),
            ),
            End::TimedOut(limit) => {
                fail(&mut result, format!("Process timeout reached after {} milliseconds", limit.as_millis()));
            }
        }
        Ok(result)
    }
}

/// Where a command reads and writes.
struct Files {
    stdin: Stdio,
    /// `None` when the output is the response.
    stdout: Option<File>,
    /// `None` when errors go with the output.
    stderr: Option<File>,
}

impl Call {
    /// As the sample shows it.
    fn shown(&self) -> Text {
        let mut text = format!("Working Directory: {}\nEnvironment: {{", self.directory.display());
        for (index, (name, value)) in self.environment.iter().enumerate() {
            let _ = write!(text, "{}{name}={value}", if index > 0 { ", " } else { "" });
        }
        text.push_str("}\nExecuting: ");
        text.push_str(&self.words.join(" "));
        Text::from(text)
    }

    fn files(&self) -> Result<Files, String> {
        let opened = |path: &str, result: io::Result<File>| {
            result.map_err(|error| format!("java.io.FileNotFoundException: {path} ({})", os_text(&error)))
        };
        let written = |path: &str| match path.trim() {
            "" => Ok(None),
            _ => opened(path, File::create(path)).map(Some),
        };
        Ok(Files {
            stdin: match self.stdin.trim() {
                "" => Stdio::null(),
                path => Stdio::from(opened(path, File::open(path))?),
            },
            stdout: written(&self.stdout)?,
            stderr: written(&self.stderr)?,
        })
    }

    async fn run(&self, files: Files, stop: &StopSignal) -> (End, Bytes) {
        let (mut child, output) = match self.start(files) {
            Ok(started) => started,
            Err(error) => {
                let program = self.words.first().map_or("", |word| word);
                let (directory, number) = (self.directory.display(), error.raw_os_error().unwrap_or(0));
                let why = format!(
                    "java.io.IOException: Cannot run program \"{program}\" (in directory \"{directory}\"): \
                     error={number}, {}",
                    os_text(&error)
                );
                return (End::Failed(why), Bytes::new());
            }
        };
        let mut output = Output { pipe: output, data: Vec::new() };
        let time_is_up = async {
            match self.timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        // A command that is given up is killed when it is dropped.
        let end = tokio::select! {
            status = child.wait() => match status {
                Ok(status) => End::Status(status),
                Err(error) => End::Failed(format!("java.io.IOException: {}", os_text(&error))),
            },
            never = output.read() => match never {},
            () = time_is_up => End::TimedOut(self.timeout.unwrap_or_default()),
            () = stop.reached(StopLevel::Now) => End::Interrupted,
        };
        output.read_what_is_there();
        (end, Bytes::from(output.data))
    }

    fn start(&self, files: Files) -> io::Result<(Child, Option<Receiver>)> {
        let mut words = self.words.iter();
        let mut command = Command::new(words.next().map_or("", |word| word));
        command.args(words.map(|word| &**word)).current_dir(&self.directory).stdin(files.stdin).kill_on_drop(true);
        command.envs(self.environment.iter().map(|(name, value)| (&**name, &**value)));
        if !self.directory.is_dir() {
            // Without this the program itself would seem to be missing, as in JMeter it does not.
            return Err(io::Error::from_raw_os_error(NO_SUCH_FILE));
        }
        let reader = match files.stdout {
            Some(file) => {
                let errors = match files.stderr {
                    Some(errors) => errors,
                    None => file.try_clone()?,
                };
                command.stdout(file).stderr(errors);
                None
            }
            None => {
                let (reader, writer) = io::pipe()?;
                match files.stderr {
                    Some(errors) => command.stderr(errors),
                    None => command.stderr(writer.try_clone()?),
                };
                command.stdout(writer);
                Some(Receiver::from_owned_fd(OwnedFd::from(reader))?)
            }
        };
        let child = command.spawn()?;
        // The command holds its own ends of the pipe; these must go, or the pipe has no end.
        drop(command);
        Ok((child, reader))
    }
}

/// As `Process.exitValue()` gives it: 128 and the signal for a command that was killed.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// `ENOENT`
const NO_SUCH_FILE: i32 = 2;

/// What a command writes.
struct Output {
    /// `None` once nobody can write any more, or when the output goes to a file.
    pipe: Option<Receiver>,
    data: Vec<u8>,
}

impl Output {
    /// Reads for ever.
    async fn read(&mut self) -> std::convert::Infallible {
        let mut piece = [0; 8192];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut piece).await {
                Ok(count @ 1..) => self.keep(&piece[..count]),
                _ => self.pipe = None,
            }
        }
        std::future::pending().await
    }

    /// Reads what was written by a command that has ended. What it leaves behind may go on writing; nobody waits for it.
    fn read_what_is_there(&mut self) {
        let mut piece = [0; 8192];
        while let Some(Ok(count @ 1..)) = self.pipe.as_ref().map(|pipe| pipe.try_read(&mut piece)) {
            self.keep(&piece[..count]);
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = MOST_OUTPUT.saturating_sub(self.data.len());
        self.data.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}

/// The operating system's words.
fn os_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The entries as a `java.util.HashMap` goes through them.
fn in_hash_order(entries: Vec<(Text, Text)>) -> Vec<(Text, Text)> {
    let names: Vec<&str> = entries.iter().map(|(name, _)| &**name).collect();
    order_of_grown(&names).into_iter().map(|at| entries[at].clone()).collect()
}

impl Sampler for System {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.take(user).await.map(taken) })
    }
}
