//! Backend Listener: figures of the run to InfluxDB or Graphite while it goes on
//! (`org.apache.jmeter.visualizers.backend.BackendListener` and JMeter's three clients).
//!
//! Samples are added up where they occur; a thread of the listener's own sends the figures, so that a slow backend
//! neither delays users nor loses samples. JMeter's queue and its size do not exist.

mod graphite;
mod influx;
mod metric;
mod parameters;
mod sender;

use crate::clock;
use crate::elements::roles::{Listener, TestListener};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::Expr;
use crate::jmx::{PropertyValue, TestElement};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Group, Run, Thrown, VirtualUser};
use metric::Windows;
use parameters::Parameters;
use sender::Sender;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

pub(super) const BACKEND_LISTENER: Definition =
    Definition { tag: "BackendListener", menu: "Backend Listener", compile: |compile| Some(role(compile)) };

const TARGET: &str = "org.apache.jmeter.visualizers.backend.BackendListener";

/// JMeter's clients, and how often each sends by default, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Influx,
    InfluxRaw,
    Graphite,
}

const KINDS: [(&str, Kind); 3] = [
    ("org.apache.jmeter.visualizers.backend.graphite.GraphiteBackendListenerClient", Kind::Graphite),
    ("org.apache.jmeter.visualizers.backend.influxdb.InfluxDBRawBackendListenerClient", Kind::InfluxRaw),
    ("org.apache.jmeter.visualizers.backend.influxdb.InfluxdbBackendListenerClient", Kind::Influx),
];

/// Users of the run, as a backend is told.
#[derive(Debug, Clone, Copy)]
struct Users {
    started: u32,
    finished: u32,
}

impl Users {
    fn of(run: &Run) -> Self {
        Users {
            started: run.counts.started.load(Ordering::Relaxed),
            finished: run.counts.finished.load(Ordering::Relaxed),
        }
    }
}

/// Adds samples up and puts the figures into a backend's words.
trait Client: Send {
    /// The run begins, `now` in milliseconds since the epoch.
    fn begin(&mut self, _now: i64) {}

    /// The run has ended.
    fn end(&mut self, _now: i64) {}

    /// A sample was taken while so many users were active.
    fn observe(&mut self, result: &SampleResult, active: u32);

    /// What is to be sent now; the next interval begins.
    fn report(&mut self, users: Users, now: i64) -> Vec<u8>;
}

struct Backend {
    name: Expr,
    kind: Kind,
    rows: Vec<(String, Expr)>,
    running: Mutex<Option<Running>>,
    client: Mutex<Option<Box<dyn Client>>>,
}

/// The thread that sends.
struct Running {
    /// Dropped to end it.
    end: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

fn role(compile: &mut Compile<'_>) -> Role {
    let class = compile.element.text("classname");
    let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == class.trim()) else {
        // JMeter runs the plan without it too, when the class is in no jar.
        compile.problem(Severity::Warning, format!("the backend {class} is not supported: nothing is sent to it"));
        return Role::inert();
    };
    let empty = TestElement::default();
    let table = compile.element.element("arguments").unwrap_or(&empty);
    let mut rows = Vec::new();
    for row in table.collection("Arguments.arguments") {
        if let PropertyValue::Element(argument) = &row.value {
            rows.push((argument.text("Argument.name").to_string(), compile.expr_in(argument, "Argument.value")));
        }
    }
    let backend = Arc::new(Backend {
        name: compile.name(),
        kind: *kind,
        rows,
        running: Mutex::default(),
        client: Mutex::default(),
    });
    Role { listener: Some(backend.clone()), test: Some(Arc::new(Lifetime(backend))), ..Role::default() }
}

/// Begins and ends a backend with the run.
struct Lifetime(Arc<Backend>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Backend {
    /// Makes the client and its way to the backend.
    fn open(&self, run: &Arc<Run>) -> Result<(Box<dyn Client>, Sender, Duration), String> {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let mut rows = Vec::new();
        for (name, value) in &self.rows {
            let value = value.eval(&mut user).map_err(|thrown| thrown.to_string())?;
            rows.push((name.clone(), value.to_string()));
        }
        let (parameters, properties) = (Parameters::new(rows), &run.properties);
        let windows = Windows::new(properties);
        let seconds = |name: &str, default| {
            Duration::from_secs(u64::try_from(properties.long_or(name, default)).unwrap_or(1).max(1))
        };
        Ok(match self.kind {
            Kind::Influx => (
                Box::new(influx::Influx::new(&parameters, windows)?),
                Sender::influx(&parameters, properties)?,
                seconds("backend_influxdb.send_interval", 5),
            ),
            Kind::InfluxRaw => (
                Box::new(influx::InfluxRaw::new(&parameters)),
                Sender::influx(&parameters, properties)?,
                // JMeter sends whenever its queue is empty.
                Duration::from_millis(200),
            ),
            Kind::Graphite => (
                Box::new(graphite::Graphite::new(&parameters, windows)?),
                Sender::graphite(&parameters),
                seconds("backend_graphite.send_interval", 1),
            ),
        })
    }

    /// Sends what there is.
    fn send(&self, run: &Run, sender: &mut Sender) {
        let users = Users::of(run);
        let figures = lock(&self.client).as_mut().map(|client| client.report(users, clock::now().millis()));
        sender.send(figures.unwrap_or_default());
    }

    /// Sends `first`, and what there is until the run ends, and once more then.
    fn work(
        &self,
        run: &Run,
        mut sender: Sender,
        first: Option<Vec<u8>>,
        interval: Duration,
        end: &mpsc::Receiver<()>,
    ) {
        if let Some(first) = first {
            sender.send(first);
        }
        while end.recv_timeout(interval) == Err(mpsc::RecvTimeoutError::Timeout) {
            self.send(run, &mut sender);
        }
        if let Some(client) = lock(&self.client).as_mut() {
            client.end(clock::now().millis());
        }
        self.send(run, &mut sender);
    }
}

impl Listener for Backend {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        let active = user.run.counts.active.load(Ordering::Relaxed);
        if let Some(client) = lock(&self.client).as_mut() {
            client.observe(result, active);
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

impl TestListener for Lifetime {
    fn test_started(&self, run: &Arc<Run>) {
        let backend = Arc::clone(&self.0);
        let name = backend.name.as_literal().cloned().unwrap_or_else(|| Text::from("Backend Listener"));
        let (mut client, sender, interval) = match backend.open(run) {
            Ok(opened) => opened,
            Err(why) => {
                log::error!(target: TARGET, "{name}: Failed calling setupTest: {why}");
                return;
            }
        };
        let now = clock::now().millis();
        client.begin(now);
        // What InfluxDB is told first is that nothing has happened: made before the thread is there, which may come late.
        let first = (backend.kind == Kind::Influx).then(|| client.report(Users::of(run), now));
        *lock(&backend.client) = Some(client);
        let (end, ended) = mpsc::channel();
        let run = Arc::clone(run);
        let worker = Arc::clone(&backend);
        let thread = std::thread::Builder::new()
            .name("backend".to_owned())
            .spawn(move || worker.work(&run, sender, first, interval, &ended));
        match thread {
            Ok(thread) => {
                log::info!(target: TARGET, "{name}: Started  worker with class: {:?}", backend.kind);
                *lock(&backend.running) = Some(Running { end, thread });
            }
            Err(error) => log::error!(target: TARGET, "{name}: no thread to send from: {error}"),
        }
    }

    fn test_ended(&self, _: &Run) {
        let Some(Running { end, thread }) = lock(&self.0.running).take() else { return };
        drop(end);
        if thread.join().is_err() {
            log::error!(target: TARGET, "the thread that sends to the backend has failed");
        }
        *lock(&self.0.client) = None;
    }
}
