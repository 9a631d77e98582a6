//! How often the inference is right, by model, on simulated limiters with random parameters, users and networks.
//!
//! A few cases with every run of the tests. `LIMITS_CASES=100 cargo test --release evaluation -- --nocapture` prints the table
//! of many; `LIMITS_SEED` changes their seed, `LIMITS_SHOW=1` shows each case that is not as it should be.
//! `LIMITS_MILLION=5` says how many seconds a million attempts may take.

use super::finding::{Finding, Kind, Limit, Range, Verdict};
use super::infer::infer;
use super::testing::{Spec, Workload, can_tell};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::time::Instant;

const KINDS: [&str; 8] = [
    "token bucket",
    "leaky bucket",
    "fixed window",
    "sliding log",
    "sliding counter",
    "concurrency",
    "stacked",
    "rejects consume",
];

fn log_uniform(random: &mut Rng, from: f64, to: f64) -> f64 {
    (from.ln() + random.f64() * (to / from).ln()).exp()
}

/// A limiter and those who meet it, over the whole range that the inference is made for.
fn case(kind: usize, seed: u64, samples: (f64, f64)) -> (Spec, Workload) {
    let mut random = Rng::with_seed(seed);
    let samples = log_uniform(&mut random, samples.0, samples.1) as usize;
    let rate = log_uniform(&mut random, 1.0, 5000.0);
    // So many requests that the burst is used up twice at least, and so few that there are some windows.
    let burst = log_uniform(&mut random, 1.0, (samples as f64 / 6.0).min(500.0)).round();
    let window = log_uniform(&mut random, 1.0, (samples as f64 / rate / 6.0).clamp(1.0, 600.0));
    let limit = (rate.min(samples as f64 / window / 6.0) * window).round().max(1.0) as u32;
    let phase = random.f64() * window;
    let farthest = if kind == 6 { 0.01 } else { 0.05 };
    let jitter = if random.f64() < 0.3 { 0.0 } else { random.f64() * farthest };
    let service = if kind == 5 { log_uniform(&mut random, 0.02, 0.6) } else { log_uniform(&mut random, 0.001, 0.2) };
    let spec = match kind {
        0 => Spec::TokenBucket { rate, burst, debt: false },
        1 => Spec::LeakyBucket { rate: rate.min(1000.0), queue: burst.clamp(4.0, 500.0) },
        2 => Spec::FixedWindow { limit, window, phase },
        3 => Spec::SlidingLog { limit, window, all: false },
        4 => Spec::SlidingCounter { limit, window, phase, all: false },
        5 => Spec::Concurrency { cap: log_uniform(&mut random, 1.0, 60.0).round() as u32 },
        6 => {
            // The burst limit is met before the sustained one, but by far not as often.
            let rate = rate.min(100.0);
            let burst = burst.clamp(30.0, 200.0);
            let (fast, few) =
                (rate * (2.0 + 3.0 * random.f64()), (burst / (3.0 + 3.0 * random.f64())).max(4.0).round());
            let sustained = Spec::TokenBucket { rate, burst, debt: false };
            Spec::Stacked(Box::new(sustained), Box::new(Spec::TokenBucket { rate: fast, burst: few, debt: false }))
        }
        _ if random.bool() => Spec::TokenBucket { rate: rate.min(200.0), burst, debt: true },
        _ => Spec::SlidingLog { limit: limit.min(500), window, all: true },
    };
    let capacity = spec.capacity(service);
    let memory = spec.memory().clamp(5.0 / capacity, samples as f64 / capacity / 4.0);
    let mut stages = vec![(memory * (0.5 + random.f64()), capacity * 2.0)];
    for _ in 0..4 {
        stages.push((memory * (0.3 + random.f64()), capacity * log_uniform(&mut random, 0.3, 3.0)));
    }
    if kind == 6 {
        // Fast enough for the fast limit, for a short time, and silence to recover in.
        stages.push((memory, capacity * 0.3));
        stages.push((memory * 0.2, capacity * 20.0));
    }
    if kind == 7 {
        stages.push((memory * 2.0, capacity * 0.3));
    }
    let needed = (capacity * 3.0 * (2.0 * jitter + service + 0.001)).ceil();
    let users = log_uniform(&mut random, 1.0, 200.0).max(needed.min(200.0)) as u32;
    let after_refusal = if random.f64() < 0.3 { 1.0 / capacity } else { 0.0 };
    (spec, Workload { users, samples, jitter, service, stages, after_refusal, seed })
}

/// What became of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The load never met the limit.
    NoRejects,
    /// Nobody could tell, and the answer says so.
    RightlyUndecided,
    /// The oracle could tell.
    Missed,
    Wrong,
    /// The right model; whether the truth lies in all ranges, and whether these are narrow.
    Right {
        within: bool,
        narrow: bool,
    },
}

fn outcome(spec: &Spec, finding: &Finding, tells: bool) -> Outcome {
    let limit = match &finding.verdict {
        Verdict::NoRejects => return Outcome::NoRejects,
        Verdict::Undecided(_) if tells => return Outcome::Missed,
        Verdict::Undecided(all) => {
            // The truth must be among what is left.
            let holds = all.iter().any(|limit| spec.is_met_by(limit));
            return if holds { Outcome::RightlyUndecided } else { Outcome::Wrong };
        }
        Verdict::NotConstant(_) | Verdict::Unexplained(_) => return Outcome::Wrong,
        Verdict::Limit(limit) => limit,
    };
    let (kind, ranges) = expected(spec, limit);
    // A bucket for one token and a window for one request are one limiter, as are queues in which nobody has waited.
    let single = matches!(spec, Spec::SlidingLog { limit: 1, .. }) && limit.kind == Kind::TokenBucket;
    if single {
        return Outcome::Right { within: true, narrow: true };
    }
    let consumes = !matches!(spec, Spec::TokenBucket { debt: true, .. } | Spec::SlidingLog { all: true, .. })
        || limit.rejects_consume != Some(false);
    if limit.kind != kind || !consumes {
        // Of two limits, one of which was hardly met, the other one is the answer.
        return if !tells && spec.is_met_by(limit) { Outcome::RightlyUndecided } else { Outcome::Wrong };
    }
    let holds = |(range, truth): &(Option<Range>, f64)| {
        range.is_some_and(|(from, to)| from * 0.999 <= *truth && *truth <= to * 1.001)
    };
    let within = ranges.iter().all(holds);
    let narrow = ranges.first().is_some_and(|(range, truth)| range.is_some_and(|(from, to)| to - from <= 0.1 * truth));
    Outcome::Right { within, narrow }
}

impl Spec {
    /// Whether a limit is of its kind, or of the kind of one of its parts.
    fn is_met_by(&self, limit: &Limit) -> bool {
        match self {
            Spec::Stacked(one, other) => one.is_met_by(limit) || other.is_met_by(limit),
            // A queue is told by how long answers take, a bucket by nothing else.
            Spec::LeakyBucket { .. } => matches!(limit.kind, Kind::LeakyBucket | Kind::TokenBucket),
            _ => expected(self, limit).0 == limit.kind,
        }
    }
}

/// The true kind, and each range with the truth.
fn expected(spec: &Spec, limit: &Limit) -> (Kind, Vec<(Option<Range>, f64)>) {
    match spec {
        Spec::TokenBucket { rate, burst, .. } => (Kind::TokenBucket, vec![(limit.rate, *rate), (limit.burst, *burst)]),
        Spec::LeakyBucket { rate, queue } => (Kind::LeakyBucket, vec![(limit.rate, *rate), (limit.burst, *queue)]),
        Spec::FixedWindow { limit: most, window, .. } => window_of(Kind::FixedWindow, *most, *window, limit),
        Spec::SlidingLog { limit: most, window, .. } => window_of(Kind::SlidingLog, *most, *window, limit),
        Spec::SlidingCounter { limit: most, window, .. } => window_of(Kind::SlidingCounter, *most, *window, limit),
        Spec::Concurrency { cap } => (Kind::Concurrency, vec![(limit.concurrency, f64::from(*cap))]),
        Spec::Stacked(one, other) => {
            let parts = [one, other].into_iter().zip(&limit.stacked);
            (Kind::Stacked, parts.flat_map(|(spec, part)| expected(spec, part).1).collect())
        }
    }
}

fn window_of(kind: Kind, most: u32, window: f64, limit: &Limit) -> (Kind, Vec<(Option<Range>, f64)>) {
    (kind, vec![(limit.window, window), (limit.limit, f64::from(most))])
}

#[derive(Default)]
struct Row {
    right: u32,
    within: u32,
    narrow: u32,
    rightly_undecided: u32,
    missed: u32,
    wrong: u32,
    no_rejects: u32,
}

#[test]
fn evaluation() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let cases = number("LIMITS_CASES");
    let show = number("LIMITS_SHOW").is_some();
    let seed = number("LIMITS_SEED").unwrap_or(1);
    let kinds: Vec<usize> = match (number("LIMITS_KIND"), cases) {
        (Some(kind), _) => vec![kind as usize],
        (None, Some(_)) => (0..KINDS.len()).collect(),
        (None, None) => vec![0, 2, 5],
    };
    // The small evaluation is for debug builds; the large one spans what the inference is made for.
    let samples = if cases.is_some() { (200.0, 100_000.0) } else { (300.0, 600.0) };
    let mut rows: Vec<Row> = Vec::new();
    let mut slowest = 0.0_f64;
    let mut named: BTreeMap<(usize, &str), u32> = BTreeMap::new();
    for &kind in &kinds {
        let begun = Instant::now();
        let mut row = Row::default();
        for index in 0..cases.unwrap_or(1) {
            let (spec, workload) = case(kind, seed * 100_000 + kind as u64 * 10_000 + index, samples);
            let (attempts, arrivals) = workload.run_and_watch(&spec);
            let tells = can_tell(&spec, &arrivals, workload.jitter, workload.seed);
            let started = Instant::now();
            let finding = infer(&attempts);
            slowest = slowest.max(started.elapsed().as_secs_f64());
            let outcome = outcome(&spec, &finding, tells);
            if let Verdict::Limit(limit) = &finding.verdict {
                *named.entry((kind, limit.kind.words())).or_default() += 1;
            } else {
                *named.entry((kind, "(undetermined)")).or_default() += 1;
            }
            match outcome {
                Outcome::NoRejects => row.no_rejects += 1,
                Outcome::RightlyUndecided => row.rightly_undecided += 1,
                Outcome::Missed => row.missed += 1,
                Outcome::Wrong => row.wrong += 1,
                Outcome::Right { within, narrow } => {
                    row.right += 1;
                    row.within += u32::from(within);
                    row.narrow += u32::from(narrow);
                }
            }
            if show
                && !matches!(
                    outcome,
                    Outcome::NoRejects | Outcome::RightlyUndecided | Outcome::Right { within: true, .. }
                )
            {
                println!(
                    "{index} {outcome:?} {spec:?}\n   users {} jitter {:.3} service {:.3} samples {} rejects {} in {:.1} s, after {:.3}",
                    workload.users,
                    workload.jitter,
                    workload.service,
                    finding.samples,
                    finding.rejects,
                    finding.duration.as_secs_f64(),
                    workload.after_refusal,
                );
                let line = |limit: &Limit| format!("{}", Short(limit));
                match &finding.verdict {
                    Verdict::Limit(limit) => println!("   => {}", line(limit)),
                    Verdict::Undecided(all) => {
                        for limit in all {
                            println!("   ?? {}", line(limit));
                        }
                    }
                    Verdict::Unexplained(limit) => println!("   unexplained {}", line(limit)),
                    Verdict::NotConstant(parts) => {
                        for part in parts {
                            println!("   not constant {}", line(&part.limit));
                        }
                    }
                    Verdict::NoRejects => {}
                }
                if let Some(other) = &finding.runner_up {
                    println!("   runner-up {}", line(&other.limit));
                }
            }
        }
        rows.push(row);
        println!("{}: {:.1} s", KINDS[kind], begun.elapsed().as_secs_f64());
    }
    println!(
        "{:<16} {:>6} {:>7} {:>7} {:>7} {:>6} {:>16} {:>11}",
        "model", "right", "within", "narrow", "missed", "wrong", "nobody can tell", "no rejects"
    );
    let mut all = Row::default();
    for (kind, row) in kinds.into_iter().zip(&rows) {
        println!(
            "{:<16} {:>6} {:>7} {:>7} {:>7} {:>6} {:>16} {:>11}",
            KINDS[kind],
            row.right,
            row.within,
            row.narrow,
            row.missed,
            row.wrong,
            row.rightly_undecided,
            row.no_rejects
        );
        all.right += row.right;
        all.within += row.within;
        all.missed += row.missed;
        all.wrong += row.wrong;
    }
    for ((kind, answer), count) in &named {
        println!("{:<16} was called {answer} {count} times", KINDS[*kind]);
    }
    println!("slowest {slowest:.2} s");
    assert!(all.right > 0);
    let told = f64::from(all.right + all.missed + all.wrong);
    println!("{:.1} % right where the data can tell", 100.0 * f64::from(all.right) / told);
    // Three cases make no rate: of the small evaluation none may be wrong.
    let least = if cases.is_some() { 0.8 * told } else { told - f64::from(all.missed) };
    assert!(f64::from(all.right) >= least, "{} right, {} missed, {} wrong", all.right, all.missed, all.wrong);
    assert!(f64::from(all.within) >= 0.8 * f64::from(all.right), "{} within, {} right", all.within, all.right);
}

/// A limit on one line.
struct Short<'l>(&'l Limit);

impl std::fmt::Display for Short<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let limit = self.0;
        write!(out, "{:?}", limit.kind)?;
        for (name, range) in [
            ("rate", limit.rate),
            ("burst", limit.burst),
            ("limit", limit.limit),
            ("window", limit.window),
            ("cap", limit.concurrency),
        ] {
            if let Some((from, to)) = range {
                write!(out, " {name} {from:.4}..{to:.4}")?;
            }
        }
        write!(
            out,
            " consume {:?} contradictions {} surprise {:.3}",
            limit.rejects_consume, limit.contradictions, limit.surprise
        )?;
        limit.stacked.iter().try_for_each(|part| write!(out, " [{}]", Short(part)))
    }
}

#[test]
fn time_of_a_million() {
    // Seconds that it may take, given by who runs it: what a machine does is for a release build to show.
    let Some(most) = std::env::var("LIMITS_MILLION").ok().map(|text| text.parse::<f64>().unwrap()) else { return };
    for spec in [
        Spec::TokenBucket { rate: 400.0, burst: 50.0, debt: false },
        Spec::FixedWindow { limit: 4000, window: 10.0, phase: 3.0 },
    ] {
        let stages = vec![(20.0, 800.0), (20.0, 200.0), (10.0, 600.0)];
        let workload = Workload {
            users: 100,
            samples: 1_000_000,
            jitter: 0.01,
            service: 0.02,
            stages,
            after_refusal: 0.0,
            seed: 5,
        };
        let attempts = workload.run(&spec);
        let started = Instant::now();
        let finding = infer(&attempts);
        let took = started.elapsed().as_secs_f64();
        println!("{spec:?}: {took:.2} s, {}", finding.answer());
        assert!(took <= most && finding.rejects > 0);
    }
}
