//! `rotameter demo`: the story this tool was made for. An API with a limit that its documentation does not mention, and a
//! plan that meets it at 5, 20 and 50 requests a second, with and without heeding `Retry-After`.

mod limiter;
mod server;

use super::exit_code::Exit;
use super::run::{self, Failure};
use super::{console, run_log};
use crate::elements::CollectorSpec;
use crate::engine::{self, Observer};
use crate::expr::Expr;
use crate::jmx::{self, TestElement, TestTree};
use crate::plan::{self, Unsupported};
use crate::properties::{Override, PropertiesBuilder};
use crate::results::{self, ExistingFiles, Results};
use crate::text::Text;
use crate::virtual_user::StopLevel;
use server::Server;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Requests a second that the API lets through in the long run.
const RATE: f64 = 18.0;
/// Requests that it lets through at once after a pause.
const BURST: f64 = 10.0;
/// Seconds of each stage.
const DURATION: u64 = 8;
/// The port of `--serve` when none is given; the plan's default.
const PORT: u16 = 18429;
const RESULTS: &str = "results.jtl";
const PLAN: &str = include_str!("../../../plans/agent-scripting.jmx");

/// Stages: users of about five requests a second each, and whether `Retry-After` is heeded.
const STAGES: &[(u32, bool)] = &[(1, false), (4, false), (10, false), (10, true)];

/// Runs the demo, or only serves its API.
pub(super) fn demo(words: &[OsString]) -> Exit {
    let outcome = match parse(words) {
        Ok(What::Serve { port, seconds }) => serve(port, seconds),
        Ok(What::Story) => story(),
        Err(problem) => {
            console::error_line(&problem);
            console::error_line("Usage: rotameter demo [--serve [--port N] [--seconds N]]");
            return Exit::Failed;
        }
    };
    match outcome {
        Ok(exit) => exit,
        Err(Failure(lines)) => {
            for line in lines {
                console::error_line(&line);
            }
            Exit::Failed
        }
    }
}

enum What {
    Story,
    Serve { port: u16, seconds: Option<u64> },
}

fn parse(words: &[OsString]) -> Result<What, String> {
    let (mut serves, mut port, mut seconds) = (false, PORT, None);
    let mut words = words.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().unwrap_or_default();
            text.parse::<u64>().map_err(|_| format!("Error: {word} takes a number, not {text:?}"))
        };
        match &*word {
            "--serve" => serves = true,
            "--port" => port = u16::try_from(number()?).map_err(|_| "Error: no such port".to_owned())?,
            "--seconds" => seconds = Some(number()?),
            other => return Err(format!("Error: Unknown option {other}")),
        }
    }
    Ok(if serves { What::Serve { port, seconds } } else { What::Story })
}

fn failure(error: impl std::fmt::Display) -> Failure {
    Failure(vec![format!("An error occurred: {error}")])
}

fn serve(port: u16, seconds: Option<u64>) -> Result<Exit, Failure> {
    let server = Server::start(port).map_err(failure)?;
    let port = server.address.port();
    console::line(&format!("The demo's API listens on http://{}/api/v2/scripts/1", server.address));
    console::line("Save the plan once with 'rotameter demo' (it is agent-scripting.jmx), then for instance:");
    console::line(&format!("  jmeter    -n -t agent-scripting.jmx -l jmeter.jtl    -Jport={port} -Jusers=10"));
    console::line(&format!("  rotameter -n -t agent-scripting.jmx -l rotameter.jtl -Jport={port} -Jusers=10"));
    console::line("Ctrl-C ends it.");
    match seconds {
        Some(seconds) => std::thread::sleep(Duration::from_secs(seconds)),
        None => loop {
            std::thread::park();
        },
    }
    Ok(Exit::Done)
}

/// What became of a stage.
struct Told {
    requests: u64,
    refused: u64,
    retried: u64,
    recovered: u64,
    gave_up: u64,
    waited: Duration,
}

fn story() -> Result<Exit, Failure> {
    let plan_file = PathBuf::from("agent-scripting.jmx");
    run_log::open(Path::new("jmeter.log"), &[]).map_err(failure)?;
    std::fs::write(&plan_file, PLAN).map_err(failure)?;
    let tree = Arc::new(jmx::read(PLAN.as_bytes()).map_err(failure)?);
    let server = Server::start(0).map_err(failure)?;
    console::line(&format!("An API on http://{} limits /api/v2/scripts, and its documentation", server.address));
    console::line("does not say so. The plan agent-scripting.jmx fetches a script, changes its");
    console::line(&format!("text and posts it back; four stages of {DURATION} seconds:"));
    console::line("");
    console::line("  wanted  Retry-After   requests   429  share  recovered  gave up  waited");
    let mut existing = ExistingFiles::Delete;
    let mut shares = Vec::new();
    for (users, heeds) in STAGES {
        server.refill();
        let told = stage(&tree, &plan_file, server.address.port(), *users, *heeds, existing)?;
        existing = ExistingFiles::GoOn;
        let share = 100.0 * told.refused as f64 / (told.requests.max(1)) as f64;
        shares.push(share);
        console::line(&format!(
            "  {:>4}/s  {:<11} {:>10} {:>5} {share:>4.0} %  {:>9}  {:>7} {:>5.0} s",
            users * 5,
            if *heeds { "heeded" } else { "off" },
            told.requests,
            told.refused,
            if *heeds { format!("{}/{}", told.recovered, told.retried) } else { "-".to_owned() },
            told.gave_up,
            told.waited.as_secs_f64(),
        ));
        if told.requests == 0 {
            return Err(failure("no request was sent; see jmeter.log"));
        }
    }
    console::line("");
    console::line(&format!(
        "At 50/s {:.0} % of the requests were refused. With Retry-After heeded each refused one",
        shares.get(2).copied().unwrap_or_default()
    ));
    console::line("was sent again when the server had asked for it: samples recover instead of");
    console::line("failing, and the load stays near what the API allows.");
    console::line("");
    console::line(&format!("Rows of all stages are in {RESULTS}. Try it yourself, or with the real JMeter:"));
    console::line("  rotameter demo --serve");
    console::line(&format!("  rotameter -n -t agent-scripting.jmx -l out.jtl -Jusers=10 -Jport={PORT}"));
    console::line(&format!(
        "  rotameter -n -t agent-scripting.jmx -l off.jtl -Jusers=10 -Jport={PORT} --retry-after off"
    ));
    Ok(Exit::Done)
}

struct Quiet;

impl Observer for Quiet {
    fn group_failed(&self, message: &str) {
        console::error_line(message);
    }
}

fn stage(
    tree: &Arc<TestTree>,
    plan_file: &Path,
    port: u16,
    users: u32,
    heeds: bool,
    existing: ExistingFiles,
) -> Result<Told, Failure> {
    let define = |name: &str, value: String| Override::Define(Text::from(name), Text::from(value));
    let builder = PropertiesBuilder {
        overrides: vec![
            define("port", port.to_string()),
            define("users", users.to_string()),
            define("duration", DURATION.to_string()),
            define("retry_after", if heeds { "on" } else { "off" }.to_owned()),
        ],
        ..PropertiesBuilder::default()
    };
    let (properties, _, _) = builder.build().map_err(failure)?;
    let file = CollectorSpec::File { file: Expr::literal(RESULTS), element: Box::new(TestElement::default()) };
    let compilation = plan::compile(
        tree,
        plan::Options {
            file: super::settings::absolute(plan_file),
            properties: properties.clone(),
            unsupported: Unsupported::Stop,
            collectors: vec![file],
            sample_variables: Vec::new(),
        },
    );
    let Some(plan) = compilation.plan else {
        return Err(Failure(compilation.diagnostics.iter().map(ToString::to_string).collect()));
    };
    let plan = Arc::new(plan);
    let (run, configs) = run::set_up(&plan, &properties)?;
    let run = Arc::new(run);
    let workers = 1;
    let results = Results::open(
        &configs,
        results::Options {
            existing,
            unopenable: results::Unopenable::Refuse,
            workers,
            format_timestamp: Box::new(engine::timestamp_formatter),
            users: run::user_counts(&run),
            console: Box::new(|_| {}),
        },
    )
    .map_err(failure)?;
    let caught = super::signals::listen(Arc::clone(&run), results.closer()).map_err(failure)?;
    let settings = engine::Settings { workers, results: &results, stop_wait: Duration::from_secs(5) };
    engine::run(&plan, &run, &settings, &Quiet).map_err(failure)?;
    let outcome = results.finish();
    if caught.exit().is_some() || run.stop.level() != StopLevel::Run {
        return Err(Failure(vec!["Interrupted.".to_owned()]));
    }
    let load = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    let retries = load(&run.retries.attempts);
    Ok(Told {
        requests: outcome.rows,
        refused: load(&run.counts.errors) + retries,
        retried: load(&run.retries.retried),
        recovered: load(&run.retries.recovered),
        gave_up: load(&run.retries.gave_up),
        waited: Duration::from_millis(load(&run.retries.waited_ms)),
    })
}
