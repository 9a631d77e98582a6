//! What the demo says beside the table: before the first stage, after the last one, and while it only serves.

use super::stage::{Outcome, RetryAfter, STAGES, USERS};
use super::{LIMIT, PLAN_NAME, scripts};
use std::net::SocketAddr;
use std::path::Path;

/// Lines are no longer than this; paths and commands are not cut.
const WIDTH: usize = 78;
/// Where the plan is in a checkout.
const PLAN_IN_PROJECT: &str = "plans/agent-scripting.jmx";

/// How this program was called, so that the commands that are shown can be copied.
pub(super) fn program() -> String {
    let name = std::env::args_os().next().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if name.is_empty() || name.contains(char::is_whitespace) { "rotameter".to_owned() } else { name }
}

/// What is about to happen.
pub(super) fn before(address: SocketAddr, results: &Path, stage_seconds: u32) -> String {
    let stages = STAGES.len();
    let limit = limit();
    let path = scripts::PATH;
    let api = format!("It allows {limit}; beyond that it answers 429 with \"Retry-After: 1\".");
    let plan = format!(
        "{PLAN_NAME}: {USERS} agents fetch a script, change its text and post it back, {stages} times \
         {stage_seconds} seconds at different rates. Ctrl-C stops."
    );
    format!(
        "An API with a rate limit, and a JMeter plan that meets it.\n\n\
         API      http://{address}{path} (in this process, loopback only)\n{}\
         Plan     {}\
         Results  {}\n",
        wrap(&api, 9),
        wrap(&plan, 9).trim_start(),
        results.display(),
    )
}

/// What was to be seen, and what to do next.
pub(super) fn after(outcomes: &[Outcome], results: &Path, program: &str) -> String {
    let mut text = String::from("\nWhat happened\n\n");
    for outcome in outcomes {
        let rate = format!("{}/s", outcome.stage.rate);
        let told = wrap(&told(outcome), 8);
        text.push_str(&format!("  {rate:<6}{}", told.trim_start()));
    }
    let below = LIMIT.per_second * 9 / 10;
    let results = results.display();
    text.push_str("\nThe limit does not go away by waiting: whoever heeds Retry-After gets all\n");
    text.push_str("answers, but no more of them a second. Ask for less than the limit, or know it.\n");
    text.push_str(&format!(
        "\nWhat next\n\n  \
         Every attempt is a row of {results}: failureMessage says what was\n  \
         decided, IdleTime is the wait before it.\n\n    \
         grep 'retried in' {results} | head -3\n\n  \
         The API alone, for JMeter or a plan of your own (and how to run them):\n\n    \
         {program} demo --serve\n\n  \
         The plan, to run or to edit, at a rate below the limit:\n\n    \
         {program} demo --plan > {PLAN_NAME}\n    \
         {program} -n -t {PLAN_NAME} -l below.jtl -Jport=8080 -Jrate={below}"
    ));
    text
}

/// What a stage shows.
fn told(outcome: &Outcome) -> String {
    let counts = outcome.counts;
    let accepted = outcome.accepted_per_second();
    match outcome.stage.retry_after {
        _ if counts.refused == 0 => "Within the limit: no request was refused.".to_owned(),
        RetryAfter::On => {
            let gave_up = match outcome.gave_up {
                0 => String::new(),
                1 => " 1 could not be: the stage's time was nearly up.".to_owned(),
                some => format!(" {some} could not be: the stage's time was nearly up."),
            };
            format!(
                "{} of {} requests were refused. Each user waited as long as the server asked for and sent its request \
                 again: {} of {} were accepted in the end.{gave_up} The API accepted {accepted:.1} a second.",
                counts.refused, counts.requests, outcome.recovered, outcome.retried,
            )
        }
        RetryAfter::Off => format!(
            "With --retry-after off, which is what JMeter does, users take no notice: {:.0} % of all samples are errors. \
             The API still accepted {accepted:.1} a second.",
            outcome.share() * 100.0,
        ),
    }
}

/// How to use the API.
pub(super) fn serving(address: SocketAddr, program: &str) -> String {
    let in_project = Path::new(PLAN_IN_PROJECT).exists();
    let plan = if in_project { PLAN_IN_PROJECT } else { PLAN_NAME };
    let print = if in_project { String::new() } else { format!("  {program} demo --plan > {plan}\n") };
    let (limit, port, path) = (limit(), address.port(), scripts::PATH);
    format!(
        "Serving http://{address}{path} on loopback only. Ctrl-C stops.\n\
         {limit}; beyond that 429 with \"Retry-After: 1\".\n\n\
         In another terminal:\n\n  \
         curl -i http://{address}{path}/agent-1\n\
         {print}  \
         jmeter -n -t {plan} -l jmeter.jtl -Jport={port} -Jrate=50\n  \
         {program} -n -t {plan} -l rotameter.jtl -Jport={port} -Jrate=50\n"
    )
}

fn limit() -> String {
    format!("{} requests a second and bursts of {}", LIMIT.per_second, LIMIT.burst)
}

/// Breaks a text into indented lines, each with its end.
fn wrap(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut line = " ".repeat(indent);
    for word in text.split(' ') {
        if line.len() + word.len() > WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line = " ".repeat(indent);
        }
        line.push_str(word);
        line.push(' ');
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}
