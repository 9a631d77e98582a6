//! What the demo says beside the table: before the first stage, after the last one, and while it only serves.

use super::stage::{Outcome, RetryAfter, USERS};
use super::{LIMIT, PLAN_NAME, PORT, scripts};
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
    let (limit, path) = (limit(), scripts::PATH);
    let api = format!("It allows {limit}; beyond that it answers 429 with \"Retry-After: 1\".");
    // Two stages are as long as they should be, one waits for the limit, one is cut short by its errors.
    let seconds = 4 + stage_seconds * 11 / 2;
    let plan = format!(
        "{PLAN_NAME}: {USERS} agents fetch a script each, change its text and post it back, at 5, 20 and 50 requests a \
         second. This takes about {seconds} seconds; Ctrl-C stops it."
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
        text.push_str(&format!("  {rate:<6}{}", wrap(&told(outcome), 8).trim_start()));
    }
    text.push('\n');
    text.push_str("  \"waited\" is what all agents waited, added up.\n\n");
    let moral = format!(
        "Heeding Retry-After turns errors into waiting. It does not raise the limit: a plan that asks for more than {} \
         requests a second measures the limiter, not the API.",
        LIMIT.per_second
    );
    text.push_str(&wrap(&moral, 2));
    let below = LIMIT.per_second * 9 / 10;
    let results = results.display();
    text.push_str(&format!(
        "\nWhat next\n\n  \
         Every attempt is a row of {results}. A refused one says what was\n  \
         decided (failureMessage), the next one how long it waited (IdleTime):\n\n    \
         grep 'retried in' {results}\n\n  \
         The API alone, for JMeter or a plan of your own:\n\n    \
         {program} demo --serve\n\n  \
         Meanwhile, in another terminal, the plan at a rate below the limit:\n\n    \
         {program} demo --plan > {PLAN_NAME}\n    \
         {program} -n -t {PLAN_NAME} -l below.jtl -Jrate={below}"
    ));
    text
}

/// What a stage shows.
fn told(outcome: &Outcome) -> String {
    let (counts, took) = (outcome.counts, outcome.took.as_secs_f64());
    let saved = format!("{} of {} edits are saved, after {took:.1} s.", counts.saved, outcome.edits);
    let refused = format!("{} of {} requests are refused.", counts.refused, counts.requests);
    match outcome.stage.retry_after {
        RetryAfter::On if counts.refused == 0 => format!("Within the limit: no request is refused. {saved}"),
        RetryAfter::On if outcome.gave_up == 0 => format!(
            "{refused} Each agent waits as long as the server asks for and sends its request again, until it is accepted. \
             {saved}"
        ),
        RetryAfter::On => format!(
            "{refused} Each agent waits as long as the server asks for and sends its request again; {} are accepted, {} \
             are not after six attempts or when the stage's time is up. {saved}",
            outcome.recovered, outcome.gave_up
        ),
        RetryAfter::Off => format!(
            "With --retry-after off, which is how JMeter runs it, the agents take no notice of the header: {:.0} % of all \
             samples are errors. {saved}",
            outcome.share() * 100.0
        ),
    }
}

/// How to use the API.
pub(super) fn serving(address: SocketAddr, program: &str) -> String {
    let in_project = Path::new(PLAN_IN_PROJECT).exists();
    let plan = if in_project { PLAN_IN_PROJECT } else { PLAN_NAME };
    let print = if in_project { String::new() } else { format!("  {program} demo --plan > {plan}\n") };
    let port = if address.port() == PORT { String::new() } else { format!(" -Jport={}", address.port()) };
    let (limit, path) = (limit(), scripts::PATH);
    format!(
        "Serving http://{address}{path} on loopback only.\n\
         It allows {limit}; beyond that 429 with\n\
         \"Retry-After: 1\". Ctrl-C stops it.\n\n\
         In another terminal:\n\n  \
         curl -i http://{address}{path}/agent-1\n\
         {print}  \
         jmeter -n -t {plan} -l jmeter.jtl{port} -Jrate=50\n  \
         {program} -n -t {plan} -l ours.jtl{port} -Jrate=50\n\n\
         With '--retry-after off' Rotameter does as JMeter does.\n"
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

#[cfg(test)]
mod tests {
    use super::super::server::Counts;
    use super::super::stage::STAGES;
    use super::*;
    use std::time::Duration;

    fn outcomes() -> Vec<Outcome> {
        let counts = [(40, 0, 20), (175, 15, 80), (532, 132, 200), (288, 171, 29)];
        let retries = [(0, 0), (12, 0), (101, 3), (0, 0)];
        let outcome = |((stage, (requests, refused, saved)), (retried, gave_up))| Outcome {
            stage,
            edits: stage.rate * 4,
            counts: Counts { requests, refused, saved },
            retried,
            recovered: retried - gave_up,
            gave_up,
            waited: Duration::from_secs(retried),
            took: Duration::from_secs(8),
        };
        STAGES.into_iter().zip(counts).zip(retries).map(outcome).collect()
    }

    #[test]
    fn what_is_told_at_the_end() {
        let told: Vec<String> = outcomes().iter().map(told).collect();
        let expected = [
            "Within the limit: no request is refused. 20 of 20 edits are saved, after 8.0 s.",
            "15 of 175 requests are refused. Each agent waits as long as the server asks for and sends its request again, \
             until it is accepted. 80 of 80 edits are saved, after 8.0 s.",
            "132 of 532 requests are refused. Each agent waits as long as the server asks for and sends its request again; \
             98 are accepted, 3 are not after six attempts or when the stage's time is up. 200 of 200 edits are saved, \
             after 8.0 s.",
            "With --retry-after off, which is how JMeter runs it, the agents take no notice of the header: 59 % of all \
             samples are errors. 29 of 200 edits are saved, after 8.0 s.",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn everything_fits_into_80_columns() {
        let address = SocketAddr::from(([127, 0, 0, 1], PORT));
        let program = "target/release/rotameter";
        let texts = [
            before(address, Path::new("results-12.jtl"), 8),
            after(&outcomes(), Path::new("results-12.jtl"), program),
            serving(address, program),
        ];
        for line in texts.iter().flat_map(|text| text.lines()) {
            assert!(line.len() <= 80 && !line.ends_with(' '), "{} {line:?}", line.len());
        }
    }

    #[test]
    fn lines_are_broken_between_words() {
        let text = "word ".repeat(20);
        let broken = wrap(text.trim_end(), 70);
        assert_eq!(broken.lines().count(), 20);
        assert!(broken.lines().all(|line| line.trim_start() == "word" && line.len() == 74));
    }
}
