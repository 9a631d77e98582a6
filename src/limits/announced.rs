//! What servers say of their limits in headers, held against what they do.
//!
//! Known are `Retry-After`, the IETF draft's `RateLimit` and `RateLimit-Policy` in both of their syntaxes (structured fields, and
//! the one before), `RateLimit-Limit`/`-Remaining`/`-Reset`, and the same with `X-`, whose resets are seconds, milliseconds,
//! or either since the epoch.

use super::attempt::{Attempt, Decision};
use super::finding::{Finding, Kind, Limit, Verdict};
use super::infer::short;
use crate::clock::Timestamp;
use crate::retry::RetryAfter;

/// Answers of one resource that are held against what came after.
const MOST: usize = 20_000;
/// Different quotas of one resource.
const MOST_QUOTAS: usize = 8;

/// What one answer says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Announcement {
    retry_after: Option<f64>,
    quotas: Vec<Quota>,
    remaining: Option<f64>,
    /// As it was sent, whatever its unit.
    reset: Option<f64>,
}

/// So many requests, within so many seconds if that is said.
#[derive(Debug, Clone, PartialEq)]
struct Quota {
    amount: f64,
    window: Option<f64>,
    at_once: bool,
    header: &'static str,
}

/// A header and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub header: &'static str,
    /// What it says.
    pub says: String,
    /// Whether that is so; `None` if nothing seen decides it.
    pub holds: Option<bool>,
    /// What was seen.
    pub seen: String,
}

impl Announcement {
    /// Reads a response's headers; the date that some count from is their own `Date`, or `now`.
    pub fn read<'h>(headers: impl Iterator<Item = (&'h str, &'h str)> + Clone, now: Timestamp) -> Option<Self> {
        let date = headers.clone().find(|(name, _)| name.eq_ignore_ascii_case("date")).map(|(_, value)| value);
        let mut found = Announcement::default();
        for (name, value) in headers {
            let name = name.trim().to_ascii_lowercase().replace('_', "-");
            let value = value.trim();
            let number = || value.split([',', ';', ' ']).next().and_then(|first| first.parse::<f64>().ok());
            match name.as_str() {
                "retry-after" => {
                    let seconds = u64::try_from(now.millis() / 1000).unwrap_or(0);
                    found.retry_after = RetryAfter::parse(value, date, seconds).map(|wait| wait.0.as_secs_f64());
                }
                "ratelimit-policy" => found.quotas.extend(policies(value)),
                "ratelimit" => {
                    found.remaining =
                        parameter(value, "r").or_else(|| parameter(value, "remaining")).or(found.remaining);
                    found.reset = parameter(value, "t").or_else(|| parameter(value, "reset")).or(found.reset);
                    if let Some(amount) = parameter(value, "limit") {
                        found.quotas.push(Quota { amount, window: None, at_once: false, header: "RateLimit" });
                    }
                }
                "ratelimit-limit" | "x-ratelimit-limit" | "x-rate-limit-limit" => {
                    let header = if name.starts_with('x') { "X-RateLimit-Limit" } else { "RateLimit-Limit" };
                    // `100, 100;w=60`: the limit, then the policies that it comes from.
                    let window = value.split(',').find_map(|item| parameter(item, "w"));
                    found.quotas.extend(number().map(|amount| Quota { amount, window, at_once: false, header }));
                }
                "ratelimit-remaining" | "x-ratelimit-remaining" | "x-rate-limit-remaining" => {
                    found.remaining = number().or(found.remaining);
                }
                "ratelimit-reset" | "x-ratelimit-reset" | "x-rate-limit-reset" => {
                    found.reset = number().or(found.reset);
                }
                _ => {}
            }
        }
        let is_number = |value: &f64| value.is_finite() && *value >= 0.0;
        found
            .quotas
            .retain(|quota| is_number(&quota.amount) && quota.window.as_ref().is_none_or(|w| is_number(w) && *w > 0.0));
        found.remaining = found.remaining.filter(is_number);
        found.reset = found.reset.filter(is_number);
        (found != Announcement::default()).then_some(found)
    }

    /// The same of a block of header lines.
    pub fn read_block(block: &str, now: Timestamp) -> Option<Self> {
        Announcement::read(block.lines().filter_map(|line| line.split_once(':')), now)
    }
}

/// `"burst";q=100;w=60,"daily";q=1000;w=86400`, or as it was before: `100;w=60, 1000;w=86400`.
fn policies(value: &str) -> Vec<Quota> {
    let items = value.split(',');
    let read = items.filter_map(|item| {
        let plain = item.split(';').next().and_then(|first| first.trim().parse().ok());
        let amount = parameter(item, "q").or(plain)?;
        let at_once = item.contains("concurrent-requests");
        // Bytes are no requests.
        let is_requests = !item.contains("content-bytes");
        let quota = Quota { amount, window: parameter(item, "w"), at_once, header: "RateLimit-Policy" };
        is_requests.then_some(quota)
    });
    read.take(MOST_QUOTAS).collect()
}

/// The number `value` of a parameter `name=value`.
fn parameter(item: &str, name: &str) -> Option<f64> {
    item.split([';', ',']).find_map(|part| {
        let (known, value) = part.split_once('=')?;
        (known.trim() == name).then(|| value.trim().parse().ok())?
    })
}

/// One answer, for later.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Timestamp,
    decision: Decision,
    retry_after: Option<f64>,
    remaining: Option<f64>,
    reset: Option<f64>,
}

/// What the answers of one resource say.
#[derive(Debug, Clone, Default)]
pub struct Announced {
    seen: Vec<Seen>,
    quotas: Vec<Quota>,
}

impl Announced {
    /// Takes what an answer says.
    pub fn take(&mut self, said: &Announcement, attempt: &Attempt) {
        for quota in &said.quotas {
            if self.quotas.len() < MOST_QUOTAS && !self.quotas.contains(quota) {
                self.quotas.push(quota.clone());
            }
        }
        if self.seen.len() < MOST {
            let &Announcement { retry_after, remaining, reset, .. } = said;
            self.seen.push(Seen { at: attempt.ended, decision: attempt.decision, retry_after, remaining, reset });
        }
    }

    /// The waits in seconds that refusals asked for, and when.
    pub(super) fn waits(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let refusals = self.seen.iter().filter(|seen| seen.decision == Decision::Rejected);
        refusals.filter_map(|seen| seen.retry_after.map(|wait| (seen.at, wait)))
    }

    /// Takes what another one has.
    pub fn join(&mut self, other: &Announced) {
        let room = MOST - self.seen.len().min(MOST);
        self.seen.extend(other.seen.iter().take(room));
        let new: Vec<Quota> = other.quotas.iter().filter(|quota| !self.quotas.contains(quota)).cloned().collect();
        self.quotas.extend(new.into_iter().take(MOST_QUOTAS - self.quotas.len().min(MOST_QUOTAS)));
    }

    /// What is said, held against the attempts and what was inferred from them.
    pub fn claims(&self, attempts: &[Attempt], finding: &Finding) -> Vec<Claim> {
        if self.seen.is_empty() && self.quotas.is_empty() {
            return Vec::new();
        }
        let mut sorted: Vec<Attempt> = attempts.to_vec();
        sorted.sort_unstable_by_key(|attempt| attempt.sent);
        let refusals = || self.seen.iter().filter(|seen| seen.decision == Decision::Rejected);
        let mut claims = Vec::new();
        let waits: Vec<(Timestamp, f64)> =
            refusals().filter_map(|seen| seen.retry_after.map(|wait| (seen.at, wait))).collect();
        claims.extend(wait_claim("Retry-After", &waits, &sorted));
        let unit = Unit::of(&self.seen);
        let resets: Vec<(Timestamp, f64)> =
            refusals().filter_map(|seen| Some((seen.at, unit?.seconds(seen.reset?, seen.at)))).collect();
        claims.extend(
            wait_claim("X-RateLimit-Reset", &resets, &sorted)
                .map(|claim| Claim { says: format!("{} ({})", claim.says, unit.map_or("", Unit::words)), ..claim }),
        );
        claims.extend(self.quotas.iter().map(|quota| quota.claim(finding)));
        claims.extend(self.remaining_claim(&sorted));
        claims
    }

    /// What the numbers of requests that are left are worth: none for who is refused, and one fewer for each that is let
    /// through.
    fn remaining_claim(&self, sorted: &[Attempt]) -> Option<Claim> {
        const FEWEST: f64 = 20.0;
        let known = self.seen.iter().filter_map(|seen| seen.remaining.map(|left| (seen, left)));
        let refused: Vec<f64> =
            known.clone().filter(|(seen, _)| seen.decision == Decision::Rejected).map(|(_, left)| left).collect();
        let mut counted: Vec<(Timestamp, f64)> =
            known.filter(|(seen, _)| seen.decision == Decision::Accepted).map(|(seen, left)| (seen.at, left)).collect();
        counted.sort_unstable_by_key(|(at, _)| *at);
        let wrong = refused.iter().filter(|left| **left >= 1.0).count();
        // How far the number fell, and how many requests of ours were let through meanwhile. Where it rises a window began.
        let mut ends: Vec<Timestamp> =
            sorted.iter().filter(|one| one.decision == Decision::Accepted).map(|one| one.ended).collect();
        ends.sort_unstable();
        let (mut fell, mut ours) = (0.0, 0.0);
        for pair in counted.windows(2) {
            let [(from, before), (to, after)] = [pair[0], pair[1]];
            if after <= before {
                fell += before - after;
                ours += (ends.partition_point(|end| *end <= to) - ends.partition_point(|end| *end <= from)) as f64;
            }
        }
        let mut seen = Vec::new();
        if !refused.is_empty() {
            seen.push(format!("{wrong} of {} refused requests were told that some were left", refused.len()));
        }
        let counts = fell.max(ours) >= FEWEST;
        let (others, idle) = (counts && fell > 1.3 * ours + FEWEST, counts && fell < 0.7 * ours - FEWEST);
        if counts {
            let what = if others {
                "; other clients use the same limit, or a request costs more than one"
            } else if idle {
                "; it does not count all requests"
            } else {
                ""
            };
            seen.push(format!("it fell by {fell:.0} while {ours:.0} requests were let through{what}"));
        }
        if let Some(least) = counted.iter().map(|(_, left)| *left).reduce(f64::min)
            && refused.is_empty()
        {
            seen.push(format!("the least was {}", short(least)));
        }
        (!seen.is_empty()).then(|| Claim {
            header: "RateLimit-Remaining",
            says: "how many requests are left".to_owned(),
            holds: (counts || !refused.is_empty()).then_some(wrong * 50 <= refused.len() && !others && !idle),
            seen: seen.join("; "),
        })
    }

    /// Which of some limits that explain all alike is the one that is announced, if just one of them is.
    pub(super) fn decides(&self, all: &[Limit]) -> Option<usize> {
        let is_announced = |limit: &Limit| self.quotas.iter().any(|quota| quota.is_exactly(limit));
        let mut announced = all.iter().enumerate().filter(|(_, limit)| is_announced(limit));
        let (index, _) = announced.next()?;
        announced.next().is_none().then_some(index)
    }
}

/// What the times that refusals ask to wait for are worth.
fn wait_claim(header: &'static str, waits: &[(Timestamp, f64)], sorted: &[Attempt]) -> Option<Claim> {
    let least = waits.iter().map(|(_, wait)| *wait).reduce(f64::min)?;
    let most = waits.iter().map(|(_, wait)| *wait).fold(least, f64::max);
    let after = |at: Timestamp, wait: f64| Timestamp::from_micros(at.micros() + (wait * 1e6) as i64);
    let (mut early, mut early_of, mut refused, mut came) = (0_usize, 0_usize, 0_usize, 0_usize);
    for (at, wait) in waits {
        let until = after(*at, *wait);
        let begin = sorted.partition_point(|attempt| attempt.sent < *at);
        let end = sorted.partition_point(|attempt| attempt.sent < until);
        // Who was sent and answered within the wait, with a moment to spare for times cut to milliseconds.
        let within = sorted[begin..end].iter().filter(|attempt| after(attempt.answered, 0.01 + 0.05 * wait) < until);
        let mut within = within.peekable();
        if within.peek().is_some() {
            early_of += 1;
            early += usize::from(within.any(|attempt| attempt.decision == Decision::Accepted));
        }
        // The next one that came when the wait was over.
        if let Some(next) = sorted.get(end).filter(|next| next.sent < after(until, 0.5 + 0.5 * wait)) {
            came += 1;
            refused += usize::from(next.decision == Decision::Rejected);
        }
    }
    let value = if (most - least) < 1e-3 {
        format!("{} s", short(most))
    } else {
        format!("{} to {} s", short(least), short(most))
    };
    let percent = |part: usize, of: usize| (100.0 * part as f64 / of.max(1) as f64).round();
    let (is_early, is_refused) = (early * 20 > early_of, refused * 20 > came);
    let mut seen = Vec::new();
    if early_of > 0 {
        seen.push(format!(
            "after {} % of these refusals another request was let through before that",
            percent(early, early_of)
        ));
    }
    if came > 0 {
        seen.push(format!(
            "of the requests that came right after the wait, {} % were refused again",
            percent(refused, came)
        ));
    }
    let holds = match (is_early, is_refused) {
        _ if early_of + came < 5 => None,
        (false, false) => Some(true),
        _ => Some(false),
    };
    Some(Claim { header, says: format!("wait {value}"), holds, seen: seen.join("; ") })
}

/// What a reset's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
    EpochSeconds,
    EpochMilliseconds,
}

impl Unit {
    /// Large numbers are moments. Of the others, two answers soon after each other tell: a countdown of milliseconds falls a
    /// thousand times faster.
    fn of(seen: &[Seen]) -> Option<Unit> {
        let resets: Vec<(Timestamp, f64)> = seen.iter().filter_map(|seen| Some((seen.at, seen.reset?))).collect();
        let most = resets.iter().map(|(_, reset)| *reset).reduce(f64::max)?;
        if most >= 1e11 {
            return Some(Unit::EpochMilliseconds);
        }
        if most >= 1e9 {
            return Some(Unit::EpochSeconds);
        }
        let falls = resets.windows(2).filter_map(|pair| {
            let passed = pair[1].0.since(pair[0].0).as_secs_f64();
            let fell = pair[0].1 - pair[1].1;
            (passed > 0.0 && fell > 1.0).then(|| fell / passed)
        });
        let mut falls: Vec<f64> = falls.collect();
        falls.sort_unstable_by(f64::total_cmp);
        let milliseconds = match falls.get(falls.len() / 2) {
            // Whole seconds fall by one at once, however little time has passed; several of them do not.
            Some(fall) if falls.len() >= 3 => (300.0..3000.0).contains(fall) && most > 100.0,
            _ => most > 100_000.0,
        };
        Some(if milliseconds { Unit::Milliseconds } else { Unit::Seconds })
    }

    /// Seconds from then.
    fn seconds(self, value: f64, at: Timestamp) -> f64 {
        let now = at.micros() as f64 / 1e6;
        match self {
            Unit::Seconds => value,
            Unit::Milliseconds => value / 1e3,
            Unit::EpochSeconds => (value - now).max(0.0),
            Unit::EpochMilliseconds => (value / 1e3 - now).max(0.0),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Unit::Seconds => "in seconds",
            Unit::Milliseconds => "in milliseconds",
            Unit::EpochSeconds => "as seconds since 1970",
            Unit::EpochMilliseconds => "as milliseconds since 1970",
        }
    }
}

impl Quota {
    fn claim(&self, finding: &Finding) -> Claim {
        let says = match (self.at_once, self.window) {
            (true, _) => format!("{} requests at once", short(self.amount)),
            (false, Some(window)) => {
                format!("{} requests in {} s, {}/s", short(self.amount), short(window), short(self.amount / window))
            }
            (false, None) => format!("a limit of {}, of what is not said", short(self.amount)),
        };
        let (holds, seen) = match &finding.verdict {
            Verdict::Limit(limit) => {
                let parts: Vec<&Limit> =
                    if limit.stacked.is_empty() { vec![limit] } else { limit.stacked.iter().collect() };
                let holds = parts.iter().any(|part| self.is(part));
                (Some(holds), format!("the requests show {}", limit.sentence()))
            }
            Verdict::NoRejects => match self.window {
                Some(window)
                    if finding.load.most_without_rejects > 1.5 * self.amount / window
                        && finding.duration.as_secs_f64() > window =>
                {
                    let most = short(finding.load.most_without_rejects);
                    (Some(false), format!("{most}/s were let through"))
                }
                _ => (None, "it was not reached".to_owned()),
            },
            _ => (None, "the requests do not tell".to_owned()),
        };
        Claim { header: self.header, says, holds, seen }
    }

    /// Whether a limit has the numbers that are announced, a length and how many, or a cap.
    fn is_exactly(&self, limit: &Limit) -> bool {
        let has = |range: Option<(f64, f64)>, value: f64| {
            range.is_some_and(|(from, to)| from * 0.99 <= value && value <= to * 1.01)
        };
        if self.at_once {
            return limit.kind == Kind::Concurrency && has(limit.concurrency, self.amount);
        }
        match self.window {
            Some(window) if limit.window.is_some() => has(limit.window, window) && has(limit.limit, self.amount),
            Some(window) => has(limit.rate, self.amount / window) && has(limit.burst, self.amount),
            None => false,
        }
    }

    /// Whether a limit is what is announced, but for a twentieth.
    fn is(&self, limit: &Limit) -> bool {
        let near = |range: Option<(f64, f64)>, value: f64| {
            range.is_some_and(|(from, to)| from * 0.95 - 1e-9 <= value && value <= to * 1.05 + 1e-9)
        };
        match (self.at_once || limit.kind == Kind::Concurrency, self.window) {
            (true, _) => near(limit.concurrency, self.amount),
            (false, Some(window)) => near(limit.rate, self.amount / window),
            (false, None) => {
                let spans = [1.0, 60.0, 3600.0, 86400.0];
                near(limit.burst.or(limit.limit), self.amount)
                    || spans.iter().any(|span| near(limit.rate, self.amount / span))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn read(headers: &str) -> Announcement {
        Announcement::read_block(headers, Timestamp::from_millis(1_700_000_000_000)).unwrap_or_default()
    }

    fn quota(amount: f64, window: Option<f64>, header: &'static str) -> Quota {
        Quota { amount, window, at_once: false, header }
    }

    #[test]
    fn both_syntaxes_of_the_draft() {
        let policy = "RateLimit-Policy";
        let now = read(
            "HTTP/1.1 429\nRateLimit-Policy: \"burst\";q=100;w=60,\"daily\";q=1000;w=86400\nRateLimit: \"burst\";r=50;t=30",
        );
        assert_eq!(now.quotas, [quota(100.0, Some(60.0), policy), quota(1000.0, Some(86400.0), policy)]);
        assert_eq!((now.remaining, now.reset), (Some(50.0), Some(30.0)));
        let before = read("RateLimit-Policy: 100;w=60\nRateLimit: limit=100, remaining=50, reset=5");
        assert_eq!(before.quotas, [quota(100.0, Some(60.0), policy), quota(100.0, None, "RateLimit")]);
        assert_eq!((before.remaining, before.reset), (Some(50.0), Some(5.0)));
        let first = read("ratelimit-limit: 10, 10;w=1\nRateLimit-Remaining: 9\nratelimit-reset: 1");
        assert_eq!(first.quotas, [quota(10.0, Some(1.0), "RateLimit-Limit")]);
        let cap = read("RateLimit-Policy: \"c\";q=5;qu=\"concurrent-requests\", \"b\";q=1;w=1;qu=\"content-bytes\"");
        assert!(cap.quotas.len() == 1 && cap.quotas[0].at_once);
        assert_eq!(
            read("RateLimit: nonsense\nX-RateLimit-Limit: many\nX-RateLimit-Reset: -1"),
            Announcement::default()
        );
    }

    #[test]
    fn units_of_a_reset() {
        let of = |resets: &[f64], every: u64| {
            let seen = resets.iter().enumerate().map(|(index, reset)| Seen {
                at: Timestamp::from_millis(1_700_000_000_000) + Duration::from_millis(every * index as u64),
                decision: Decision::Rejected,
                retry_after: None,
                remaining: None,
                reset: Some(*reset),
            });
            Unit::of(&seen.collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(of(&[60.0, 58.0, 56.0, 54.0], 2000), Unit::Seconds);
        assert_eq!(of(&[60_000.0, 58_000.0, 56_010.0, 54_000.0], 2000), Unit::Milliseconds);
        assert_eq!(of(&[1_700_000_060.0], 1), Unit::EpochSeconds);
        assert_eq!(of(&[1_700_000_060_000.0], 1), Unit::EpochMilliseconds);
        assert!(
            (Unit::EpochSeconds.seconds(1_700_000_060.0, Timestamp::from_millis(1_700_000_000_000)) - 60.0).abs()
                < 1e-6
        );
    }

    /// One request every 10 ms at a window for ten a second, whose refusals ask for a wait.
    fn claims(asks: impl Fn(i64) -> f64) -> Vec<Claim> {
        let mut announced = Announced::default();
        let mut attempts = Vec::new();
        for number in 0..1000_i64 {
            let sent = Timestamp::from_millis(number * 10);
            let decision = if number % 100 < 10 { Decision::Accepted } else { Decision::Rejected };
            let answered = sent + Duration::from_millis(1);
            let attempt = Attempt { sent, answered, ended: answered, decision };
            let said = Announcement { retry_after: Some(asks(number * 10)), ..Announcement::default() };
            if decision == Decision::Rejected {
                announced.take(&said, &attempt);
            }
            attempts.push(attempt);
        }
        let finding = super::super::infer(&attempts);
        announced.claims(&attempts, &finding)
    }

    /// Ten a second, of which the answers count down from 10 in steps.
    fn remaining(step: f64) -> Option<Claim> {
        let mut announced = Announced::default();
        let attempts: Vec<Attempt> = (0..100_i64)
            .map(|number| {
                let sent = Timestamp::from_millis(number * 100);
                Attempt { sent, answered: sent, ended: sent, decision: Decision::Accepted }
            })
            .collect();
        for (number, attempt) in attempts.iter().enumerate() {
            let left = 100.0 - step * (number % 10) as f64;
            announced.take(&Announcement { remaining: Some(left), ..Announcement::default() }, attempt);
        }
        announced.remaining_claim(&attempts)
    }

    #[test]
    fn what_is_left_falls_by_one_unless_others_use_it_too() {
        assert_eq!(remaining(1.0).unwrap().holds, Some(true));
        let shared = remaining(3.0).unwrap();
        assert!(shared.holds == Some(false) && shared.seen.contains("other clients"), "{shared:?}");
        assert_eq!(remaining(0.1).unwrap().holds, Some(false));
    }

    #[test]
    fn an_announced_window_decides_between_equals() {
        let quotas = vec![quota(100.0, Some(60.0), "RateLimit-Policy")];
        let announced = Announced { quotas, ..Announced::default() };
        let window = |kind, length| Limit {
            window: Some((length - 0.5, length + 0.5)),
            limit: Some((99.0, 101.0)),
            ..Limit::new(kind)
        };
        let bucket = Limit { rate: Some((1.6, 1.7)), burst: Some((3.0, 4.0)), ..Limit::new(Kind::TokenBucket) };
        let (fixed, log) = (window(Kind::FixedWindow, 60.2), window(Kind::SlidingLog, 71.0));
        assert_eq!(announced.decides(&[bucket.clone(), log.clone(), fixed.clone()]), Some(2));
        assert_eq!(announced.decides(&[bucket, log]), None);
        assert_eq!(announced.decides(&[fixed.clone(), fixed]), None);
    }

    #[test]
    fn a_wait_that_is_right_and_waits_that_are_not() {
        let until_the_next = |at: i64| (1000 - at % 1000) as f64 / 1000.0;
        assert_eq!(claims(until_the_next)[0].holds, Some(true));
        assert_eq!(claims(|at| until_the_next(at) + 1.0)[0].holds, Some(false));
        assert_eq!(claims(|_| 0.1)[0].holds, Some(false));
    }
}
