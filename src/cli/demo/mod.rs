//! `rotameter demo`: an API with a rate limit, and a plan that meets it. Both are in the program; nothing but loopback is
//! used.

mod bucket;
mod options;
mod scripts;
mod serve;
mod server;
mod stage;
mod table;
mod words;

use super::console;
use super::exit_code::Exit;
use super::session::{Brake, Failure};
use super::signals::{self, Caught, Stoppable};
use crate::results::ExistingFiles;
use crate::virtual_user::StopLevel;
use bucket::Limit;
use options::{Asked, Options};
use server::Server;
use stage::{Outcome, STAGES};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The plan that the demo runs; real JMeter runs it, too.
const PLAN: &str = include_str!("../../../plans/agent-scripting.jmx");
/// Its name.
const PLAN_NAME: &str = "agent-scripting.jmx";
/// The port of the API alone; the plan's default.
const PORT: u16 = 18429;
/// What the API allows: 5 requests a second are no trouble, 20 are a little too many, 50 far too many.
const LIMIT: Limit = Limit { per_second: 18, burst: 10 };
/// Between stages the bucket fills up again, which takes 10/18 of a second.
const PAUSE: Duration = Duration::from_secs(1);

/// Does what was typed after `demo`.
pub(super) fn demo(words: &[OsString]) -> Exit {
    let done = match options::read(words) {
        Ok(Asked::Help(text)) => {
            console::line(text);
            Ok(Exit::Done)
        }
        Ok(Asked::Plan) => {
            console::line(PLAN.trim_end());
            Ok(Exit::Done)
        }
        Ok(Asked::Serve { port, time }) => serve::serve(port, time),
        Ok(Asked::Demo(options)) => run(&options),
        Err(message) => Err(Failure(vec![message, "'rotameter demo --help' lists the options.".to_owned()])),
    };
    done.unwrap_or_else(|failure| {
        failure.0.iter().for_each(|line| console::error_line(line));
        Exit::Failed
    })
}

/// All stages, one after another.
fn run(options: &Options) -> Result<Exit, Failure> {
    let results = options.results.clone().unwrap_or_else(free_name);
    let server = Server::start(options.port, LIMIT).map_err(|error| cannot_serve(options.port, &error))?;
    let stopper = Stopper::listen()?;
    console::line(&words::before(server.address(), &results, options.stage_seconds));
    console::line(table::HEAD);
    let mut outcomes: Vec<Outcome> = Vec::new();
    for stage in STAGES {
        if !outcomes.is_empty() && stopper.pause(PAUSE) {
            break;
        }
        let existing = if outcomes.is_empty() { ExistingFiles::Delete } else { ExistingFiles::GoOn };
        let outcome = stage.run(&server, &results, existing, options.stage_seconds, &stopper)?;
        console::line(&table::row(&outcome));
        outcomes.push(outcome);
        if stopper.caught.exit().is_some() {
            break;
        }
    }
    if let Some(exit) = stopper.caught.exit() {
        console::line(&format!("\nStopped. The rows until now are in {}.", results.display()));
        return Ok(exit);
    }
    console::line(&words::after(&outcomes, &results, &words::program()));
    Ok(Exit::Done)
}

/// `results.jtl`, or the first of `results-2.jtl` and so on that is free: a demo must not touch anybody's results.
fn free_name() -> PathBuf {
    let numbered = (2_u32..).map(|number| PathBuf::from(format!("results-{number}.jtl")));
    let mut names = std::iter::once(PathBuf::from("results.jtl")).chain(numbered);
    names.find(|name| !name.exists()).unwrap_or_default()
}

fn cannot_serve(port: u16, error: &std::io::Error) -> Failure {
    let mut lines = vec![format!("The demo's API cannot listen on 127.0.0.1:{port}: {error}.")];
    if port != 0 {
        lines.push("Another --port may be free; --port 0 takes one that is.".to_owned());
    }
    Failure(lines)
}

/// Ends what is going on when a signal comes.
struct Stopper {
    at_work: Arc<Mutex<Option<Brake>>>,
    told: Receiver<()>,
    caught: Caught,
}

/// The signals' end of a [`Stopper`].
struct Handle {
    at_work: Arc<Mutex<Option<Brake>>>,
    tell: Sender<()>,
}

impl Stopper {
    fn listen() -> Result<Self, Failure> {
        let (tell, told) = mpsc::channel();
        let at_work = Arc::<Mutex<Option<Brake>>>::default();
        let caught = signals::listen(Handle { at_work: Arc::clone(&at_work), tell }).map_err(Failure::of)?;
        Ok(Stopper { at_work, told, caught })
    }

    /// What the next signal stops. A signal that came before stops it, too.
    fn watch(&self, brake: Brake) {
        let mut at_work = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if self.caught.exit().is_some() {
            brake.stop(StopLevel::Shutdown);
        }
        *at_work = Some(brake);
    }

    /// Waits for a signal.
    fn wait(&self) {
        // Without the signals' thread there is nothing to wait for.
        let _ = self.told.recv();
    }

    /// Waits for a time. True if a signal came.
    fn pause(&self, time: Duration) -> bool {
        self.told.recv_timeout(time).is_ok()
    }
}

impl Stoppable for Handle {
    fn stop(&self, level: StopLevel) {
        if let Some(brake) = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            brake.stop(level);
        }
        // Nobody waits any more when the process is about to end.
        let _ = self.tell.send(());
    }

    fn close(&self) {
        if let Some(brake) = self.at_work.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            brake.close();
        }
    }
}
