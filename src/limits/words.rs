//! A finding in plain words.

use super::finding::{Finding, Kind, Limit, Range, Verdict};
use super::infer::{short, span};

/// Below the limit by so much, so that a little unevenness does no harm.
const MARGIN: f64 = 0.95;

/// What to set in a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Advice {
    /// For a Constant Throughput Timer, samples a minute; `None` if the rate does not matter.
    pub per_minute: Option<f64>,
    /// Users that may send at once.
    pub users_at_once: Option<u64>,
    /// A load that would tell what this one does not.
    pub experiment: Option<String>,
}

impl Finding {
    /// What to do about it.
    pub fn advice(&self) -> Advice {
        let of = |limits: &[&Limit]| Advice {
            per_minute: limits.iter().filter_map(|limit| limit.lowest()).reduce(f64::min).map(|rate| {
                let per_minute = rate * 60.0 * MARGIN;
                if per_minute >= 10.0 { per_minute.floor() } else { (per_minute * 10.0).floor() / 10.0 }
            }),
            users_at_once: limits.iter().filter_map(|limit| limit.at_once()).reduce(u64::min),
            experiment: None,
        };
        match &self.verdict {
            Verdict::NoRejects => Advice { per_minute: None, users_at_once: None, experiment: None },
            Verdict::Limit(limit) => of(&[limit]),
            Verdict::Undecided(all) => {
                Advice { experiment: Some(experiment(all)), ..of(&all.iter().collect::<Vec<_>>()) }
            }
            Verdict::NotConstant(parts) => of(&parts.iter().map(|part| &part.limit).collect::<Vec<_>>()),
            Verdict::Unexplained(_) => Advice {
                per_minute: None,
                users_at_once: None,
                experiment: Some(
                    "Run one label alone, from one place, at a constant rate twice as high as what was accepted, for some \
                     minutes: other limits, and other clients of the same limit, then do not mix."
                        .to_owned(),
                ),
            },
        }
    }

    /// The answer, in one paragraph.
    pub fn answer(&self) -> String {
        let mut text = match &self.verdict {
            Verdict::NoRejects => format!(
                "No limit was met: all {} requests were accepted, up to {}/s.",
                grouped(self.samples as f64),
                short(self.load.most_without_rejects)
            ),
            Verdict::Limit(limit) => {
                let or = limit.or_kind.map_or(String::new(), |other| {
                    let (one, other) = (limit.kind.words(), other.words());
                    format!(
                        " Whether it is {one} or {other} these requests do not tell, and it makes little difference."
                    )
                });
                format!("Yes: {}.{or}", limit.sentence())
            }
            Verdict::Undecided(all) => {
                let names = either(all.iter().map(|limit| limit.kind.words()));
                let rate = span(all.iter().filter_map(|limit| limit.rate));
                let rate = rate.map_or(String::new(), |rate| format!(" of about {}/s ({})", middle(rate), range(rate)));
                // What goes with all of them holds whatever it is.
                let at_once = all.iter().filter_map(Limit::at_once).min();
                let at_once = at_once.map_or(String::new(), |most| {
                    let most_word =
                        if most == 1 { "1 request".to_owned() } else { format!("{} requests", grouped(most as f64)) };
                    format!(" that surely takes {most_word} at once")
                });
                format!("Yes: there is a limit{rate}{at_once}; these requests do not tell of which kind, {names}.")
            }
            Verdict::NotConstant(parts) => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| format!("from {} on {}", clock_time(part.from.millis()), part.limit.sentence()))
                    .collect();
                format!("There is a limit, but it is not constant: {}.", parts.join("; "))
            }
            Verdict::Unexplained(nearest) => format!(
                "Requests are refused, but no constant limit explains it. {} comes nearest, with {} of the decisions against \
                 it. Other clients may share the limit, or several resources may.",
                capitalised(nearest.kind.words()),
                grouped(nearest.contradictions as f64),
            ),
        };
        if let Verdict::Limit(limit) = &self.verdict {
            if let (Some(rate), true) = (limit.rate, limit.kind != Kind::Concurrency) {
                let most = self.load.most;
                let share = 1.0 - f64::midpoint(rate.0, rate.1) / most;
                if share > 0.02 {
                    text.push_str(&format!(" At {}/s expect {:.0} % rejects.", short(most.round()), share * 100.0));
                }
            }
            let within = limit.rate.is_some_and(|rate| self.load.most_without_rejects <= rate.1);
            if within && self.load.most_without_rejects > 0.0 {
                text.push_str(&format!(" Up to {}/s nothing was refused.", short(self.load.most_without_rejects)));
            }
        }
        let advice = self.advice();
        let mut parts = Vec::new();
        if let Some(rate) = advice.per_minute {
            parts.push(format!("Constant Throughput Timer {}/min", grouped(rate)));
        }
        if let Some(users) = advice.users_at_once {
            let users_word = if users == 1 { "user" } else { "users" };
            parts.push(format!("at most {} {users_word} at once", grouped(users as f64)));
        }
        if !parts.is_empty() {
            text.push_str(&format!(" To stay below: {}.", parts.join(", ")));
        }
        if let Some(experiment) = advice.experiment {
            text.push(' ');
            text.push_str(&experiment);
        }
        text
    }

    /// The evidence, the runner-up and what is left, a line each.
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let limits: Vec<&Limit> = match &self.verdict {
            Verdict::NoRejects => Vec::new(),
            Verdict::Limit(limit) | Verdict::Unexplained(limit) => vec![limit],
            Verdict::Undecided(all) => all.iter().collect(),
            Verdict::NotConstant(parts) => parts.iter().map(|part| &part.limit).collect(),
        };
        for limit in limits {
            lines.push(format!("{}: {}", capitalised(limit.kind.words()), limit.numbers()));
            for evidence in &limit.evidence {
                lines.push(format!("  {} {}", clock_time(evidence.at.millis()), evidence.seen));
            }
            match limit.rejects_consume {
                Some(true) => lines.push("  refused requests count against the limit".to_owned()),
                Some(false) if limit.kind != Kind::Concurrency => {
                    lines.push("  refused requests do not count against the limit".to_owned());
                }
                _ => {}
            }
            if limit.contradictions > 0 {
                lines.push(format!("  {} decisions do not go with it", grouped(limit.contradictions as f64)));
            }
        }
        if let Some(other) = &self.runner_up {
            let name = other.limit.kind.words();
            lines.push(format!("Runner-up: {name} ({}): {}", other.limit.numbers(), other.why));
        }
        for claim in &self.announced {
            let verdict = match claim.holds {
                Some(true) => "goes with what was seen",
                Some(false) => "does not hold",
                None => "cannot be checked",
            };
            lines.push(format!("Announced, {}: {}. That {verdict}: {}", claim.header, claim.says, claim.seen));
        }
        lines
    }
}

impl Limit {
    /// Requests a second that are surely within it, beside those that may come at once.
    fn sustained(&self) -> Option<f64> {
        match (self.kind, self.limit, self.window) {
            (Kind::Concurrency, ..) => None,
            // Between two steps no more than the burst goes through.
            (Kind::SteppedBucket, Some(fill), Some(window)) => Some(fill.0 / window.1),
            // In a window what comes at once is part of the limit; a bucket has tokens for it. And users are not even.
            (_, Some(limit), Some(window)) => {
                let uneven = 0.5 * limit.0.max(0.0).sqrt();
                Some((limit.0 - within_window(limit) - uneven).max(0.5 * limit.0) / window.1)
            }
            _ => self.rate.map(|rate| rate.0),
        }
    }

    /// The same of two limits: the lower one.
    fn lowest(&self) -> Option<f64> {
        let parts = self.stacked.iter().filter_map(Limit::sustained).reduce(f64::min);
        parts.or_else(|| self.sustained())
    }

    /// Requests that may surely come at once.
    fn at_once(&self) -> Option<u64> {
        let whole = self.limit.map(|limit| (within_window(limit), limit.1));
        // A bucket for whole steps is used up between two of them.
        let spare = match (self.kind, self.burst, self.limit) {
            (Kind::SteppedBucket, Some(burst), Some(fill)) => {
                let spare = (burst.0 - fill.1).max(within_window(fill));
                Some((spare, spare))
            }
            _ => self.burst,
        };
        let own = spare.or(whole).or(self.concurrency).map(|range| range.0.floor().max(1.0) as u64);
        // Two limits name their own numbers.
        let own = own.filter(|_| self.stacked.is_empty());
        self.stacked.iter().filter_map(Limit::at_once).chain(own).min()
    }

    pub(super) fn sentence(&self) -> String {
        match self.kind {
            Kind::Stacked => {
                let parts: Vec<String> = self.stacked.iter().map(Limit::sentence).collect();
                format!("two limits at once, {}", parts.join(", and "))
            }
            Kind::TokenBucket | Kind::LeakyBucket => {
                let (rate, burst) = (self.rate.unwrap_or_default(), self.burst.unwrap_or_default());
                let queue = if self.kind == Kind::LeakyBucket { " and a queue of " } else { " with a burst of " };
                format!(
                    "about {} requests/s sustained{queue}{} ({}; {})",
                    middle(rate),
                    middle_whole(burst),
                    range(rate),
                    range(burst)
                )
            }
            Kind::SteppedBucket => {
                let (fill, window) = (self.limit.unwrap_or_default(), self.window.unwrap_or_default());
                let (rate, burst) = (self.rate.unwrap_or_default(), self.burst.unwrap_or_default());
                format!(
                    "about {} requests/s sustained with a burst of {} ({}; {}), as {} more come all at once every {} s",
                    middle(rate),
                    middle_whole(burst),
                    range(rate),
                    range(burst),
                    middle_whole(fill),
                    middle(window)
                )
            }
            Kind::FixedWindow | Kind::RequestWindow | Kind::SlidingLog | Kind::SlidingCounter => {
                let (limit, window) = (self.limit.unwrap_or_default(), self.window.unwrap_or_default());
                let within = match self.kind {
                    Kind::FixedWindow => "in each window of",
                    Kind::RequestWindow => "in each window that begins with a request and lasts",
                    _ => "within any",
                };
                format!(
                    "{} requests {within} {} s ({}; {} s), which is {}/s",
                    middle_whole(limit),
                    middle(window),
                    range(limit),
                    range(window),
                    middle(self.rate.unwrap_or_default())
                )
            }
            Kind::Concurrency => {
                let cap = self.concurrency.unwrap_or_default();
                format!("at most {} requests at once ({}), however many a second", middle_whole(cap), range(cap))
            }
        }
    }

    fn numbers(&self) -> String {
        let named = [
            ("rate", self.rate, "/s"),
            ("burst", self.burst, ""),
            ("limit", self.limit, ""),
            ("window", self.window, " s"),
            ("at once", self.concurrency, ""),
        ];
        let known =
            named.iter().filter_map(|(name, value, unit)| value.map(|value| format!("{name} {}{unit}", range(value))));
        let own = known.collect::<Vec<_>>().join(", ");
        let parts: Vec<String> = self.stacked.iter().map(|part| format!("[{}]", part.numbers())).collect();
        if parts.is_empty() { own } else { parts.join(" and ") }
    }
}

/// What of a window's limit may come at once: a tenth.
fn within_window(limit: Range) -> f64 {
    (0.1 * limit.0).floor().max(1.0)
}

/// A load that tells candidates from each other.
fn experiment(all: &[Limit]) -> String {
    let rate = span(all.iter().filter_map(|limit| limit.rate)).map_or(1.0, |rate| f64::midpoint(rate.0, rate.1));
    let at_once = all.iter().filter_map(|limit| limit.burst.or(limit.limit).or(limit.concurrency)).map(|range| range.1);
    let at_once = at_once.filter(|most| most.is_finite()).fold(5.0, f64::max);
    let window = all.iter().filter_map(|limit| limit.window).map(|range| range.1).fold(0.0, f64::max);
    let silence = window.max(at_once / rate.max(1e-6)).max(1.0) * 2.0;
    let burst = (at_once * 1.2 + 5.0).ceil();
    let lasting = window.max(20.0 / rate.max(1e-6)) * 2.0;
    let single = (lasting * rate * 1.5).ceil().max(20.0);
    let mut text = format!(
        "To tell: after {} s of silence send {} requests at once, then {} evenly over {} s, {} in all; repeat it three times.",
        short(silence),
        grouped(burst),
        grouped(single),
        short(lasting),
        grouped((burst + single) * 3.0)
    );
    if all.iter().any(|limit| limit.kind == Kind::Concurrency) {
        text.push_str(" And once with a single user: a cap on concurrent requests never refuses one.");
    }
    text
}

fn range((from, to): Range) -> String {
    let (from, to) = (short(from), if to.is_finite() { short(to) } else { "any".to_owned() });
    if from == to { format!("exactly {from}") } else { format!("{from} to {to}") }
}

fn middle((from, to): Range) -> String {
    if !to.is_finite() {
        return format!("{} or more", short(from));
    }
    let centre = f64::midpoint(from, to);
    // As many digits as the range is worth, a round number if there is one within.
    for digits in [1_i32, 2, 3, 4] {
        let scale = 10_f64.powi(digits - 1 - centre.abs().max(1e-9).log10().floor() as i32);
        let rounded = (centre * scale).round() / scale;
        if from <= rounded && rounded <= to {
            return short(rounded);
        }
    }
    short(centre)
}

fn middle_whole((from, to): Range) -> String {
    if to.is_finite() { grouped(f64::midpoint(from, to).round()) } else { format!("{} or more", grouped(from)) }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// `1,140`
pub(super) fn grouped(value: f64) -> String {
    let text = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match rest {
        Some(rest) => format!("{grouped}.{rest}"),
        None => grouped,
    }
}

/// `12:03:10.250` (UTC)
fn clock_time(millis: i64) -> String {
    let of_day = millis.rem_euclid(86_400_000);
    let (seconds, millis) = (of_day / 1000, of_day % 1000);
    format!("{:02}:{:02}:{:02}.{millis:03}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// "a, b or c", each named once.
fn either<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    match once.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => once.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::attempt::Decision;
    use super::super::testing::{Spec, Workload};
    use super::*;

    #[test]
    fn a_kind_that_fits_twice_is_named_once() {
        for (names, expected) in [
            (&["a cap"][..], "a cap"),
            (&["a cap", "a log"], "a cap or a log"),
            (&["a cap", "a cap", "a log", "a bucket", "a log"], "a cap, a log or a bucket"),
            (&[], ""),
        ] {
            assert_eq!(either(names.iter().copied()), expected);
        }
    }

    /// What is advised is done: users who keep to it are not refused.
    #[test]
    fn advice_that_is_followed_meets_no_refusal() {
        for (seed, spec) in [
            Spec::TokenBucket { rate: 18.0, burst: 10.0, debt: false },
            Spec::FixedWindow { limit: 40, window: 2.0, phase: 0.7 },
            Spec::SlidingLog { limit: 30, window: 2.0, all: false },
            Spec::Concurrency { cap: 6 },
        ]
        .into_iter()
        .enumerate()
        {
            // Five a second, then 20, then 50, and again: the story that asks for the limit.
            let story = Workload {
                users: 20,
                samples: 1500,
                jitter: 0.004,
                service: if seed == 3 { 0.2 } else { 0.01 },
                stages: vec![(10.0, 5.0), (10.0, 20.0), (10.0, 50.0)],
                after_refusal: 0.0,
                seed: seed as u64,
            };
            let finding = super::super::infer(&story.run(&spec));
            let advice = finding.advice();
            let Some(users) = advice.users_at_once else { panic!("{spec:?}: {}", finding.answer()) };
            let rate = advice.per_minute.map_or(1e3, |per_minute| per_minute / 60.0);
            let followed = Workload {
                users: u32::try_from(users).unwrap(),
                samples: 1000,
                stages: vec![(1.0, rate)],
                seed: 100 + seed as u64,
                ..story
            };
            let refused = followed.run(&spec).iter().filter(|attempt| attempt.decision == Decision::Rejected).count();
            assert_eq!(refused, 0, "{spec:?}: {}", finding.answer());
        }
    }

    #[test]
    fn numbers_in_words() {
        assert_eq!([1140.0, 950.0, 12.5, 1_234_567.0].map(grouped), ["1,140", "950", "12.5", "1,234,567"]);
        assert_eq!(middle((18.9, 20.6)), "20");
        assert_eq!(middle((17.95, 18.04)), "18");
        assert_eq!(middle((152.1, 152.3)), "152.2");
        assert_eq!(range((10.0, 10.0)), "exactly 10");
        assert_eq!(clock_time(1_700_000_000_250), "22:13:20.250Z");
    }
}
