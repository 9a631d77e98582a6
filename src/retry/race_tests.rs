//! The race of the policies: simulated users of each against limiters of every model, in virtual time.

use super::testing::{Header, Outcome, Policies, Spec, World};
use fastrand::Rng;
use std::fmt::Write;

const SEED: u64 = 7;
/// The races of the table are the means of so many runs.
const RUNS: u64 = 5;

/// Windows do not begin with the test.
const PHASE: f64 = 0.63;

fn bucket(rate: f64, burst: f64) -> Spec {
    Spec::TokenBucket { rate, burst, debt: false }
}

fn fixed(limit: u32, window: f64) -> Spec {
    Spec::FixedWindow { limit, window, phase: PHASE * window }
}

fn counter(limit: u32, window: f64) -> Spec {
    Spec::SlidingCounter { limit, window, phase: PHASE * window, all: false }
}

/// The limiters of the table: a name, the limiter, users.
fn limiters() -> Vec<(&'static str, Spec, usize)> {
    vec![
        ("token bucket, 18/s, burst 10", bucket(18.0, 10.0), 50),
        ("token bucket, 500/s, burst 100", bucket(500.0, 100.0), 200),
        ("leaky bucket, 50/s, queue 25", Spec::LeakyBucket { rate: 50.0, queue: 25.0 }, 80),
        ("fixed window, 100 in 5 s", fixed(100, 5.0), 50),
        ("fixed window, 600 in 60 s", fixed(600, 60.0), 50),
        ("sliding log, 200 in 4 s", Spec::SlidingLog { limit: 200, window: 4.0, all: false }, 80),
        ("sliding counter, 300 in 5 s", counter(300, 5.0), 80),
        ("8 at once", Spec::Concurrency { cap: 8 }, 80),
        ("40/s, burst 10, and 100 in 5 s", Spec::Stacked(Box::new(bucket(40.0, 10.0)), Box::new(fixed(100, 5.0))), 50),
    ]
}

fn world(limit: &Spec, users: usize, seed: u64) -> World {
    let warm = if limit.memory() > 10.0 { 3.0 * limit.memory() } else { 10.0 };
    World {
        limit: limit.clone(),
        header: Header::Honest,
        users,
        demand: 2.5,
        service: 0.02,
        jitter: 0.002,
        seconds: warm + 300.0,
        warm,
        seed,
    }
}

fn mean(limit: &Spec, users: usize, policy: Policies) -> Outcome {
    Outcome::mean((0..RUNS).map(|run| world(limit, users, SEED + run).run(&mut *policy.client(SEED + run))))
}

/// The table of `docs/retry-after.md`. `ROTAMETER_RACE=bless cargo test --release --lib the_table_of_the_race -- --ignored`
/// writes it; without `bless` it is held against what is there.
#[test]
#[ignore = "a minute of arithmetic"]
fn the_table_of_the_race() {
    let mut table = String::new();
    for (name, limit, users) in limiters() {
        writeln!(table, "\n**{name}** ({users} users)\n").unwrap();
        table.push_str("| policy | goodput | refused | given up | time to success, median | 95 % | fairness |\n");
        table.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
        for policy in Policies::ALL {
            let of = mean(&limit, users, policy);
            let Outcome { goodput, rejects, given_up, median, p95, fairness } = of;
            writeln!(
                table,
                "| {} | {:.1} % | {:.1} % | {:.1} % | {median:.2} s | {p95:.2} s | {fairness:.2} |",
                policy.name(),
                goodput * 100.0,
                rejects * 100.0,
                given_up * 100.0,
            )
            .unwrap();
        }
    }
    table.push('\n');
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/retry-after.md");
    let old = std::fs::read_to_string(file).unwrap();
    let (open, close) = ("<!-- race -->\n", "<!-- /race -->");
    let (start, end) = (old.find(open).unwrap() + open.len(), old.find(close).unwrap());
    let new = format!("{}{table}{}", &old[..start], &old[end..]);
    if std::env::var_os("ROTAMETER_RACE").is_some_and(|wish| wish == "bless") {
        std::fs::write(file, new).unwrap();
    } else {
        assert!(old == new, "the table is old: ROTAMETER_RACE=bless");
    }
}

#[test]
fn pace_keeps_to_every_limiter_of_the_table() {
    for (name, limit, users) in limiters() {
        for header in [Header::Honest, Header::One, Header::Absent] {
            let world = World { header, ..world(&limit, users, SEED) };
            let Outcome { goodput, rejects, fairness, .. } = world.run(&mut *Policies::Pace.client(SEED));
            // Of a long window few have passed.
            let least = if limit.memory() > 10.0 { 0.9 } else { 0.95 };
            assert!(
                goodput >= least && rejects < 0.02 && fairness > 0.98,
                "{name}, {header:?}: {goodput:.3} of what goes through, {rejects:.3} refused, fairness {fairness:.3}"
            );
        }
    }
}

/// A limiter of a model with parameters at random. Buckets hold at least what the network may bunch together: nobody keeps to
/// smaller ones without refusals.
fn at_random(model: usize, jitter: f64, random: &mut Rng) -> Spec {
    let mut between = |low: f64, high: f64| low * (high / low).powf(random.f64());
    let window = between(1.0, 5.0);
    let limit = (between(5.0, 1000.0) * window).round();
    let rate = between(2.0, 2000.0);
    let burst = (4.0 + 3.0 * rate * jitter) * between(1.0, 30.0);
    let windowed = limit as u32;
    match model {
        0 => bucket(rate, burst.round()),
        1 => Spec::LeakyBucket { rate, queue: burst.round() },
        2 => fixed(windowed, window),
        3 => Spec::SlidingLog { limit: windowed, window, all: false },
        4 => counter(windowed, window),
        5 => Spec::Concurrency { cap: between(1.0, 60.0).round() as u32 },
        _ => {
            let rate = limit / window * between(1.5, 4.0);
            let burst = ((4.0 + 3.0 * rate * jitter) * between(1.0, 3.0)).round();
            Spec::Stacked(Box::new(bucket(rate, burst)), Box::new(fixed(windowed, window)))
        }
    }
}

/// How many of so many limiters of each model pace keeps to, with each kind of header.
fn kept(model: usize, header: Header, seeds: std::ops::Range<u64>) -> usize {
    let is_kept = |seed: u64| {
        let mut random = Rng::with_seed(seed * 31 + model as u64);
        let jitter = 0.0005 * 40_f64.powf(random.f64());
        let limit = at_random(model, jitter, &mut random);
        let capacity = limit.capacity(0.02);
        let users = ((1.0 + 200_f64.powf(random.f64())) as usize).max((capacity * 0.2) as usize);
        let users = if model == 5 { users.max(80) } else { users };
        let demand = 1.2 + 4.0 * random.f64();
        let seconds = 310.0_f64.min(40.0 + 300_000.0 / capacity);
        let world = World { limit, header, users, demand, service: 0.02, jitter, seconds, warm: 10.0, seed };
        let outcome = world.run(&mut *Policies::Pace.client(seed));
        outcome.goodput >= 0.95 && outcome.rejects < 0.02
    };
    seeds.filter(|seed| is_kept(*seed)).count()
}

/// `cargo test --release --lib pace_keeps_to_nearly -- --ignored --nocapture` tells how many.
#[test]
#[ignore = "minutes of arithmetic"]
fn pace_keeps_to_nearly_every_limiter() {
    const SEEDS: std::ops::Range<u64> = 1000..1100;
    for model in 0..7 {
        for header in [Header::Honest, Header::One, Header::Absent] {
            let kept = kept(model, header, SEEDS);
            println!("model {model}, {header:?}: {kept} of {}", SEEDS.count());
            assert!(kept >= 80, "model {model}, {header:?}: {kept}");
        }
    }
}
