//! From rows and samples to attempts, by resource.

use super::announced::{Announced, Announcement};
use super::attempt::{Attempt, Decision, Millis};
use super::finding::{Finding, Verdict};
use super::infer::infer;
use super::timeline::Timeline;
use crate::results::{Figures, JtlRow, SampleResult, Sum, TRANSACTION};
use indexmap::IndexMap;
use std::time::Duration;

/// More labels than this are not looked at one by one.
const MOST_LABELS: usize = 20;

/// What counts as a refusal.
#[derive(Debug, Clone)]
pub struct Refusals {
    /// Response codes.
    pub codes: Vec<String>,
    /// A failed sample whose code and messages match is refused, too: `403 .*quota`.
    pub pattern: Option<regex::Regex>,
}

impl Default for Refusals {
    fn default() -> Self {
        Refusals { codes: vec!["429".to_owned()], pattern: None }
    }
}

impl Refusals {
    /// What the limiter decided; `None` if no answer tells.
    pub fn decision(&self, code: &str, message: &str, failure: &str) -> Option<Decision> {
        // That of a transaction is a sum, not a request.
        if message.starts_with(TRANSACTION) || code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // 413 and 503 are a limiter's only if they ask for a wait; it is written down where that is heeded.
        let asks_to_wait = matches!(code, "413" | "503") && failure.contains("Retry-After");
        let matches =
            || self.pattern.as_ref().is_some_and(|known| known.is_match(&format!("{code} {message} {failure}")));
        let refused = self.codes.iter().any(|known| known == code) || asks_to_wait || matches();
        Some(if refused { Decision::Rejected } else { Decision::Accepted })
    }

    /// The attempt that a row of a result file tells of.
    pub fn attempt(&self, row: &JtlRow) -> Option<Attempt> {
        let decision = self.decision(&row.response_code, &row.response_message, &row.failure_message)?;
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let times = Millis {
            start: row.time_stamp.millis(),
            elapsed: millis(row.elapsed),
            latency: millis(row.latency),
            connect: millis(row.connect),
        };
        Some(Attempt::from_millis(times, decision))
    }

    /// The attempt that a finished sample tells of.
    pub fn attempt_of_sample(&self, sample: &SampleResult) -> Option<Attempt> {
        let failure = sample.first_assertion_message().map_or("", |message| &**message);
        let decision = self.decision(&sample.response_code, &sample.response_message, failure)?;
        Some(Attempt::measured((sample.start, sample.elapsed, sample.latency, sample.connect), decision))
    }
}

/// Columns by the names of headers, as `sample_variables` may have them.
const HEADERS: [&str; 10] = [
    "retry-after",
    "ratelimit",
    "ratelimit-policy",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "date",
];

/// What the answer of a row says of limits: XML files may have its headers, those of CSV what the plan put into variables, and
/// ours the wait that was asked for.
pub fn announcement(row: &JtlRow, attempt: &Attempt) -> Option<Announcement> {
    if !row.response_headers.is_empty() {
        return Announcement::read_block(&row.response_headers, attempt.ended);
    }
    let asked = row.failure_message.split_once("(Retry-After: ").and_then(|(_, rest)| rest.split_once(')'));
    let asked = asked.map(|(value, _)| ("Retry-After", value));
    let is_header = |name: &str| HEADERS.contains(&name.to_ascii_lowercase().replace('_', "-").as_str());
    let columns = row.extras().filter(|(name, value)| !value.is_empty() && is_header(name));
    Announcement::read(columns.chain(asked), attempt.ended)
}

/// What a limit may be tied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Each host; within one its labels together if one limit explains them, else each alone.
    Auto,
    /// Each label.
    Label,
    /// Each URL without its query.
    Url,
    /// Each host.
    Host,
    /// Each value of a column: a request header, say, that the plan put into a variable of `sample_variables`.
    Column(String),
}

/// Attempts by resource, in the order in which resources were met.
#[derive(Debug, Default)]
pub struct Resources {
    /// By host, or whatever was asked for, then by label.
    groups: IndexMap<String, IndexMap<String, Calls>>,
}

/// Attempts, and what their answers said.
#[derive(Debug, Default)]
struct Calls {
    attempts: Vec<Attempt>,
    announced: Announced,
}

impl Calls {
    /// Fewer do not confirm what is announced.
    const FEWEST_REJECTS: usize = 3;

    fn add(&mut self, attempt: Attempt, said: Option<&Announcement>) {
        if let Some(said) = said {
            self.announced.take(said, &attempt);
        }
        self.attempts.push(attempt);
    }

    fn together<'c>(all: impl Iterator<Item = &'c Calls>) -> Calls {
        let mut together = Calls::default();
        for calls in all {
            together.attempts.extend_from_slice(&calls.attempts);
            together.announced.join(&calls.announced);
        }
        together
    }

    fn is_refused(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.decision == Decision::Rejected)
    }

    fn finding(&self) -> Finding {
        let mut finding = infer(&self.attempts);
        if let Verdict::Undecided(all) = &finding.verdict
            && finding.rejects >= Calls::FEWEST_REJECTS
            && let Some(index) = self.announced.decides(all)
        {
            finding.verdict = Verdict::Limit(all[index].clone());
        }
        finding.announced = self.announced.claims(&self.attempts, &finding);
        let limit = match &finding.verdict {
            Verdict::Limit(limit) => Some(limit),
            // What they have in common is a rate, and that is the first one's as well.
            Verdict::Undecided(all) => all.first(),
            _ => None,
        };
        finding.timeline = Timeline::of(&self.attempts, limit, self.announced.waits());
        finding
    }
}

impl Resources {
    /// Puts an attempt to its resource. `text` is the row's URL, or what stands for it.
    pub fn add(
        &mut self,
        by: &By,
        (label, url): (&str, &str),
        column: Option<&str>,
        attempt: Attempt,
        said: Option<&Announcement>,
    ) {
        let group = match by {
            By::Auto | By::Host => host(url),
            By::Label => label,
            By::Url => url.split(['?', '#']).next().unwrap_or(url),
            By::Column(_) => column.unwrap_or(""),
        };
        if !self.groups.contains_key(group) {
            self.groups.insert(group.to_owned(), IndexMap::new());
        }
        let Some(labels) = self.groups.get_mut(group) else { return };
        let label = if *by == By::Auto { label } else { "" };
        match labels.get_mut(label) {
            Some(calls) => calls.add(attempt, said),
            None => labels.entry(label.to_owned()).or_default().add(attempt, said),
        }
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// What can be said of each, those with most rejects first.
    pub fn findings(self, by: &By) -> Vec<(String, Finding)> {
        let mut findings: Vec<(String, Finding)> = Vec::new();
        for (group, labels) in self.groups {
            if *by == By::Auto {
                findings.extend(of_host(&group, &labels));
            } else {
                let name = if group.is_empty() { "(none)".to_owned() } else { group };
                findings.push((name, Calls::together(labels.values()).finding()));
            }
        }
        findings.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.rejects));
        findings
    }
}

/// The labels of a host that met rejects: together if one limit explains them, else each alone.
fn of_host(host: &str, labels: &IndexMap<String, Calls>) -> Vec<(String, Finding)> {
    let named = |names: &[&str]| match (host, names) {
        ("", [only]) => (*only).to_owned(),
        ("", _) => names.join(", "),
        (host, [only]) => format!("{host} {only}"),
        (host, _) => host.to_owned(),
    };
    let (limited, free): (Vec<_>, Vec<_>) = labels.iter().partition(|(_, calls)| calls.is_refused());
    let infer = |of: &[(&String, &Calls)]| Calls::together(of.iter().map(|(_, calls)| *calls)).finding();
    let names = |of: &[(&String, &Calls)]| named(&of.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    if limited.is_empty() {
        return vec![(names(&free), infer(&free))];
    }
    let explained = |finding: &Finding| !matches!(finding.verdict, Verdict::NotConstant(_) | Verdict::Unexplained(_));
    let first = (names(&limited), infer(&limited));
    if explained(&first.1) || limited.len() == 1 && free.is_empty() {
        return vec![first];
    }
    if !free.is_empty() {
        let all: Vec<_> = labels.iter().collect();
        let finding = infer(&all);
        if explained(&finding) {
            return vec![(names(&all), finding)];
        }
    }
    if (2..=MOST_LABELS).contains(&limited.len()) {
        let each: Vec<(String, Finding)> =
            limited.iter().map(|(name, calls)| (named(&[name]), calls.finding())).collect();
        if each.iter().any(|(_, finding)| explained(finding)) {
            return each;
        }
    }
    vec![first]
}

/// `scheme://host:port` of a URL; empty if there is none.
fn host(url: &str) -> &str {
    let Some(begin) = url.find("://").map(|at| at + 3) else { return "" };
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    &url[..end]
}

/// The attempts of a run, as they come, in bounded memory: nothing but the latest of each label until one is refused, and
/// from then on so many.
#[derive(Debug, Default)]
pub struct Watch {
    refusals: Refusals,
    labels: IndexMap<String, Watched, ahash::RandomState>,
}

#[derive(Debug, Default)]
struct Watched {
    attempts: std::collections::VecDeque<Attempt>,
    announced: Announced,
    refused: bool,
    /// Accepted answers that were read for what they say, and those that said something.
    read: usize,
    said: usize,
}

impl Watch {
    /// Attempts that are kept of a label that met no refusal, and of one that did.
    const BEFORE: usize = 5_000;
    const MOST: usize = 20_000;
    /// Accepted answers that are read before it is clear that they say nothing of limits.
    const READ: usize = 50;
    /// Labels that are looked at; names with random numbers in them may be without end.
    const LABELS: usize = 100;

    /// Takes a finished sample.
    pub fn sample(&mut self, sample: &SampleResult) {
        if let Some(attempt) = self.refusals.attempt_of_sample(sample) {
            let said = || Announcement::read_block(&sample.response_headers, attempt.ended);
            self.keep(&sample.label, attempt, said);
        }
    }

    /// Takes a finished sample that passed and that no limiter can have refused.
    pub fn ordinary(&mut self, label: &str, figures: &Figures) {
        if figures.is_answer && figures.sum == Sum::None {
            let times = (figures.start, figures.elapsed, figures.latency, figures.connect);
            self.keep(label, Attempt::measured(times, Decision::Accepted), || None);
        }
    }

    /// Takes a row that was read back.
    pub fn row(&mut self, row: &JtlRow) {
        if let Some(attempt) = self.refusals.attempt(row) {
            self.keep(&row.label, attempt, || announcement(row, &attempt));
        }
    }

    fn keep(&mut self, label: &str, attempt: Attempt, said: impl FnOnce() -> Option<Announcement>) {
        let known = self.labels.get_index_of(label).or_else(|| {
            let has_room = self.labels.len() < Watch::LABELS;
            has_room.then(|| self.labels.insert_full(label.to_owned(), Watched::default()).0)
        });
        let Some((_, watched)) = known.and_then(|at| self.labels.get_index_mut(at)) else { return };
        if attempt.decision == Decision::Rejected {
            watched.refused = true;
            if let Some(said) = said() {
                watched.announced.take(&said, &attempt);
            }
        } else if watched.said > 0 || watched.read < Watch::READ {
            watched.read += 1;
            if let Some(said) = said() {
                watched.said += 1;
                watched.announced.take(&said, &attempt);
            }
        }
        if watched.refused {
            if watched.attempts.len() < Watch::MOST {
                watched.attempts.push_back(attempt);
            }
        } else {
            if watched.attempts.len() >= Watch::BEFORE {
                watched.attempts.pop_front();
            }
            watched.attempts.push_back(attempt);
        }
    }

    /// What the run's refusals tell; empty if there were none. Labels without refusals are not looked at.
    pub fn findings(self) -> Vec<(String, Finding)> {
        let refused = self.labels.into_iter().filter(|(_, watched)| watched.refused);
        let labels: IndexMap<String, Calls> = refused
            .map(|(label, watched)| (label, Calls { attempts: watched.attempts.into(), announced: watched.announced }))
            .collect();
        if labels.is_empty() { Vec::new() } else { of_host("", &labels) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_refusal() {
        let refusals = Refusals { pattern: Some(regex::Regex::new("403.*quota").unwrap()), ..Refusals::default() };
        for (code, message, failure, expected) in [
            ("200", "OK", "", Some(Decision::Accepted)),
            ("429", "Too Many Requests", "", Some(Decision::Rejected)),
            ("500", "Internal Server Error", "", Some(Decision::Accepted)),
            ("503", "Service Unavailable", "", Some(Decision::Accepted)),
            (
                "503",
                "Service Unavailable",
                "retried in 1000 ms (Retry-After: 1), attempt 1 of 6",
                Some(Decision::Rejected),
            ),
            ("403", "Forbidden", "", Some(Decision::Accepted)),
            ("403", "Forbidden", "your quota is used up", Some(Decision::Rejected)),
            ("Non HTTP response code: java.net.ConnectException", "", "", None),
            ("200", "Number of samples in transaction : 1, number of failing samples : 0", "", None),
            ("", "", "", None),
        ] {
            assert_eq!(refusals.decision(code, message, failure), expected, "{code} {message} {failure}");
        }
    }

    #[test]
    fn hosts() {
        for (url, expected) in [
            ("http://api.test/v2/x?y=1", "http://api.test"),
            ("https://api.test:8443", "https://api.test:8443"),
            ("http://[::1]:80?x", "http://[::1]:80"),
            ("", ""),
            ("jdbc", ""),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
