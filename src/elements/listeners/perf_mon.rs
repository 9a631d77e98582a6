//! PerfMon Metrics Collector of the plugin jpgc-perfmon: asks agents on other machines for their figures once a second
//! and writes them to a result file of its own, a thousandth of a figure as a millisecond.
//!
//! Agents are asked over TCP only. An agent that does not answer is a failed row each second, as in the plugin, though
//! without its elapsed time of -1000. Without a file name there is nobody to read the figures: the plugin writes them to
//! a temporary file, this one does not ask for them.

mod agent;

use super::result_collector::{save_config, timestamp_formatter, with_thread_counts};
use crate::clock;
use crate::elements::roles::TestListener;
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::{Expr, java_int};
use crate::jmx::{PropertyValue, TestElement};
use crate::results::{
    BatchSender, CollectorConfig, CollectorId, CollectorKind, ExistingFiles, FileCollector, Filter, Needs, Options,
    Results, SampleEvent, SampleResult, SaveConfig, Unopenable, UserCounts,
};
use crate::text::Text;
use crate::virtual_user::{Group, Run, Thrown, VirtualUser};
use agent::{Agent, Metric};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

pub(super) const PERF_MON: Definition = Definition {
    tag: "kg.apc.jmeter.perfmon.PerfMonCollector",
    menu: "jp@gc - PerfMon Metrics Collector",
    compile: |compile| {
        let file = compile.expr("filename");
        if file.as_literal().is_some_and(|name| name.trim().is_empty()) {
            compile.problem(Severity::Warning, "it has no file to write to: no agent is asked for metrics");
            return Some(Role::inert());
        }
        let rows = rows(compile);
        let element = with_thread_counts(compile.element.clone());
        let collector = PerfMon { file, rows, element, running: Mutex::default() };
        Some(Role { test: Some(Arc::new(collector)), ..Role::default() })
    },
};

const TARGET: &str = "kg.apc.jmeter.perfmon.PerfMonCollector";
const ROWS: &str = "metricConnections";

struct PerfMon {
    file: Expr,
    rows: Vec<[Expr; 4]>,
    element: TestElement,
    running: Mutex<Option<Running>>,
}

/// The thread that asks; it ends when the sender is dropped.
struct Running {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

/// Host, port, metric and parameters of each row.
fn rows(compile: &mut Compile<'_>) -> Vec<[Expr; 4]> {
    let mut rows = Vec::new();
    for row in compile.element.collection(ROWS) {
        let PropertyValue::Collection(cells) = &row.value else { continue };
        let mut cells = cells.iter().map(|cell| compile.parse(&cell.value.text()));
        rows.push(std::array::from_fn(|_| cells.next().unwrap_or_default()));
    }
    rows
}

impl PerfMon {
    fn start(&self, run: &Arc<Run>) -> Result<Running, String> {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let thrown = |thrown: Thrown| thrown.to_string();
        let mut metrics = Vec::new();
        for row in &self.rows {
            let [host, port, name, parameters] = row.each_ref().map(|cell| cell.eval(&mut user));
            let port = u16::try_from(java_int(&port.map_err(thrown)?)).unwrap_or(0);
            let (host, name) = (host.map_err(thrown)?, name.map_err(thrown)?);
            metrics.push(Metric::new(host, port, &name, &parameters.map_err(thrown)?));
        }
        let interval = run.properties.long_or("jmeterPlugin.perfmon.interval", 1000) / 1000;
        let interval = u64::try_from(interval).unwrap_or(1).max(1);
        let results = self.open(run, &mut user)?;
        let (end, ended) = channel();
        let work = move || work(metrics, Duration::from_secs(interval), results, &ended);
        let thread = std::thread::Builder::new().name("perfmon".to_owned()).spawn(work);
        Ok(Running { end, thread: thread.map_err(|error| error.to_string())? })
    }

    fn open(&self, run: &Run, user: &mut VirtualUser) -> Result<Results, String> {
        let name = self.file.eval(user).map_err(|thrown| thrown.to_string())?;
        let defaults =
            SaveConfig::from_properties(&|name| run.properties.get(name)).map_err(|error| error.to_string())?;
        let filter = Filter::from_settings(
            self.element.bool("ResultCollector.error_logging"),
            self.element.bool("ResultCollector.success_only_logging"),
        );
        let save = save_config(&self.element, &defaults).map_err(|error| error.to_string())?;
        let path = match name.strip_prefix("~/") {
            Some(rest) => run.base_dir.join(rest),
            None => PathBuf::from(&*name),
        };
        let kind = CollectorKind::File(FileCollector { name, path, save, filter });
        let options = Options {
            existing: ExistingFiles::GoOn,
            unopenable: Unopenable::Refuse,
            workers: 1,
            format_timestamp: Box::new(timestamp_formatter),
            users: Arc::new(UserCounts::default),
            console: Box::new(|_| {}),
            trouble: Box::new(|line| log::error!(target: TARGET, "{line}")),
            observe: Box::new(|_| ()),
            needs: Needs::default(),
        };
        Results::open(&[CollectorConfig { id: COLLECTOR, kind }], options).map_err(|error| error.to_string())
    }
}

/// The one collector of the results.
const COLLECTOR: CollectorId = CollectorId(0);

/// Asks all agents once per interval until the run ends.
fn work(metrics: Vec<Metric>, interval: Duration, results: Results, ended: &Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        log::error!(target: TARGET, "no metrics are recorded: there is no runtime to write them");
        return;
    };
    let sender = results.sender();
    let mut agents = agent::connect(metrics, interval);
    loop {
        for agent in &mut agents {
            runtime.block_on(record(&sender, agent));
        }
        if ended.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    for agent in &mut agents {
        agent.leave();
    }
    for error in results.finish().write_errors {
        log::error!(target: TARGET, "{error}");
    }
}

async fn record(sender: &BatchSender, agent: &mut Agent) {
    let collectors: Arc<[CollectorId]> = Arc::new([COLLECTOR]);
    let events = agent.ask().into_iter().map(|figure| {
        let mut result = SampleResult::started(figure.label, clock::now());
        match figure.value {
            Ok(value) => {
                let millis = Duration::from_millis((value * 1000.0) as u64);
                result.finish(result.start + millis);
            }
            Err(message) => {
                log::error!(target: TARGET, "Perfmon plugin error: {message}");
                result.successful = false;
                result.response_message = Text::from(message);
            }
        }
        SampleEvent {
            result: Box::new(result),
            heard: clock::now(),
            collectors: Arc::clone(&collectors),
            variables: Box::default(),
        }
    });
    if let Err(closed) = sender.send(events.collect()).await {
        log::error!(target: TARGET, "{closed}");
    }
}

impl TestListener for PerfMon {
    fn test_started(&self, run: &Arc<Run>) {
        match self.start(run) {
            Ok(running) => *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running),
            Err(why) => log::error!(target: TARGET, "No metrics are recorded: {why}"),
        }
    }

    fn test_ended(&self, _: &Run) {
        let Some(Running { end, thread }) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        drop(end);
        if thread.join().is_err() {
            log::error!(target: TARGET, "the thread that asks for metrics has failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{compiled, element};
    use crate::jmx::Property;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// Runs a collector whose agent answers with `figures`; says what the agent was told and what the file has.
    fn check(rows: &[[&str; 2]], figures: &'static str, expected: &[&str]) {
        let agent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = agent.local_addr().unwrap().port().to_string();
        let told = std::thread::spawn(move || {
            let (mut stream, _) = agent.accept().unwrap();
            let mut told = Vec::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let line = line.unwrap();
                match &*line {
                    "test" => stream.write_all(b"Yep\n").unwrap(),
                    line if line.starts_with("metrics:") => stream.write_all(figures.as_bytes()).unwrap(),
                    _ => {}
                }
                told.push(line);
            }
            told
        });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("perfmon.csv");
        let rows = rows.iter().map(|[metric, parameters]| {
            let cells = ["127.0.0.1", &port, metric, parameters].map(|cell| Property::new("", cell));
            Property::new("", PropertyValue::Collection(cells.to_vec()))
        });
        let collector = element(PERF_MON.tag)
            .with("filename", file.to_str().unwrap())
            .with(ROWS, PropertyValue::Collection(rows.collect()));
        let (role, user) = compiled(&collector);
        let test = role.test.unwrap();
        test.test_started(&user.run);
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(10));
            if std::fs::read_to_string(&file).is_ok_and(|text| text.lines().count() > figures.matches('\t').count() + 1)
            {
                break;
            }
        }
        test.test_ended(&user.run);
        let mut lines = told.join().unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        lines.extend(text.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{} {} {} {}", cells[1], cells[2], cells[4], cells[7])
        }));
        assert_eq!(lines, expected);
    }

    #[test]
    fn figures_become_rows() {
        check(
            &[["CPU", ""], ["Memory", "label=free:name=x:unit=mb"]],
            "12.345\tx\n",
            &[
                "test",
                "interval:1",
                "metrics:cpu:\tmemory:name=x:unit=mb\t",
                "exit",
                "12345 127.0.0.1 CPU  true",
                "0 127.0.0.1 Memory free \"java.lang.NumberFormatException: For input string: \"\"x\"\"\" false",
            ],
        );
    }
}
