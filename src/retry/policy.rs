//! Whether a refused request is sent again, and when.

use super::RetryAfter;
use crate::text::Text;
use std::time::Duration;

/// How `Retry-After` is heeded; properties `retry_after` and `retry_after.*`.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `retry_after`: `on` (default) or `off`.
    pub enabled: bool,
    /// `retry_after.statuses`: refusals that are heeded (413, 429, 503).
    pub statuses: Vec<u16>,
    /// `retry_after.max_attempts`: how often a request is sent at most, the first time included (6).
    pub max_attempts: u32,
    /// `retry_after.max_wait`: the longest wait in milliseconds; a server that asks for more is given up (60000).
    pub max_wait: Duration,
    /// `retry_after.without_header`: whether a refusal without the header is tried again after the back-off alone (false).
    pub without_header: bool,
    /// `retry_after.backoff.base`: back-off before the second attempt, in milliseconds (250).
    pub backoff_base: Duration,
    /// `retry_after.backoff.factor`: growth of the back-off from attempt to attempt (2).
    pub backoff_factor: f64,
    /// `retry_after.jitter`: the part of the back-off that is random, 0 to 1 (1).
    pub jitter: f64,
    /// `retry_after.spread`: up to so many milliseconds more, evenly at random, for large numbers of users (0).
    pub spread: Duration,
    /// `retry_after.rows`
    pub rows: Rows,
    /// `retry_after.pace` and `retry_after.pace.by`: what a limit is learned and kept for, if for anything (off).
    pub pace: Option<PaceBy>,
}

/// What a limit that is learned belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaceBy {
    /// `host`: scheme, host and port.
    #[default]
    Host,
    /// `label`: a sampler's name, within a host.
    Label,
}

/// What the result file shows of a sample that was tried more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// `attempts`: a row for each attempt.
    #[default]
    Attempts,
    /// `final`: one row, with the attempts as its sub-samples.
    Final,
}

/// A request that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Status code.
    pub status: u16,
    /// What the server asks for, if it says.
    pub retry_after: Option<RetryAfter>,
    /// How often the request was sent so far, this time included.
    pub attempt: u32,
    /// What is left of the group's time.
    pub time_left: Option<Duration>,
}

/// What to do about an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is none of the policy's business.
    Accept,
    /// Send the request again after the wait.
    Retry(Duration),
    /// The refusal stands; why.
    GiveUp(String),
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            enabled: true,
            statuses: vec![413, 429, 503],
            max_attempts: 6,
            max_wait: Duration::from_secs(60),
            without_header: false,
            backoff_base: Duration::from_millis(250),
            backoff_factor: 2.0,
            jitter: 1.0,
            spread: Duration::ZERO,
            rows: Rows::Attempts,
            pace: None,
        }
    }
}

impl Policy {
    /// Reads the properties; what cannot be read keeps its default.
    pub fn from_properties(lookup: &dyn Fn(&str) -> Option<Text>) -> Self {
        let mut policy = Policy::default();
        let flag = |name: &str, default: bool| match lookup(name).as_deref().map(str::trim) {
            Some("off" | "false" | "no") => false,
            Some("on" | "true" | "yes") => true,
            _ => default,
        };
        policy.enabled = flag("retry_after", true);
        policy.without_header = flag("retry_after.without_header", false);
        if let Some(statuses) = lookup("retry_after.statuses") {
            policy.statuses = statuses.split(',').filter_map(|status| status.trim().parse().ok()).collect();
        }
        let millis = |name: &str, default: Duration| {
            lookup(name).and_then(|text| text.trim().parse().ok()).map_or(default, Duration::from_millis)
        };
        policy.max_wait = millis("retry_after.max_wait", policy.max_wait);
        policy.backoff_base = millis("retry_after.backoff.base", policy.backoff_base);
        policy.spread = millis("retry_after.spread", policy.spread);
        let number = |name: &str, default: f64| {
            lookup(name)
                .and_then(|text| text.trim().parse().ok())
                .filter(|value: &f64| value.is_finite())
                .unwrap_or(default)
        };
        policy.backoff_factor = number("retry_after.backoff.factor", policy.backoff_factor).max(1.0);
        policy.jitter = number("retry_after.jitter", policy.jitter).clamp(0.0, 1.0);
        if let Some(attempts) = lookup("retry_after.max_attempts").and_then(|text| text.trim().parse().ok()) {
            policy.max_attempts = attempts;
        }
        if lookup("retry_after.rows").as_deref().map(str::trim) == Some("final") {
            policy.rows = Rows::Final;
        }
        if lookup("retry_after.pace").as_deref().map(str::trim) == Some("auto") {
            let by_label = lookup("retry_after.pace.by").as_deref().map(str::trim) == Some("label");
            policy.pace = Some(if by_label { PaceBy::Label } else { PaceBy::Host });
        }
        policy
    }

    /// Decides. `random` is between 0 and 1.
    ///
    /// The wait is never shorter than the server asks; the back-off comes on top, so that many users who were told the
    /// same do not all return in the same moment.
    pub fn decide(&self, refusal: &Refusal, random: f64) -> Decision {
        if !self.enabled || !self.statuses.contains(&refusal.status) {
            return Decision::Accept;
        }
        let asked = match refusal.retry_after {
            Some(RetryAfter(asked)) => asked,
            None if self.without_header => Duration::ZERO,
            None => return Decision::Accept,
        };
        if refusal.attempt >= self.max_attempts {
            return Decision::GiveUp(format!("gave up after {} attempts", refusal.attempt));
        }
        if asked > self.max_wait {
            let (asked, most) = (asked.as_millis(), self.max_wait.as_millis());
            return Decision::GiveUp(format!("gave up: the server asks for {asked} ms, the limit is {most} ms"));
        }
        let grown = self.backoff_factor.powi(refusal.attempt.saturating_sub(1) as i32);
        let backoff = self.backoff_base.as_secs_f64() * grown * (1.0 - self.jitter + self.jitter * random);
        let extra = backoff + self.spread.as_secs_f64() * random;
        let wait = asked + Duration::try_from_secs_f64(extra).unwrap_or(self.max_wait);
        let wait = wait.min(self.max_wait.max(asked));
        if refusal.time_left.is_some_and(|left| wait >= left) {
            return Decision::GiveUp("gave up: the group's time would be over".to_owned());
        }
        Decision::Retry(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(attempt: u32, seconds: u64) -> Refusal {
        let retry_after = Some(RetryAfter(Duration::from_secs(seconds)));
        Refusal { status: 429, retry_after, attempt, time_left: None }
    }

    #[test]
    fn never_shorter_than_asked_and_never_all_at_once() {
        let policy = Policy::default();
        assert_eq!(policy.decide(&refusal(1, 1), 0.0), Decision::Retry(Duration::from_secs(1)));
        assert_eq!(policy.decide(&refusal(1, 1), 1.0), Decision::Retry(Duration::from_millis(1250)));
        assert_eq!(policy.decide(&refusal(3, 1), 1.0), Decision::Retry(Duration::from_secs(2)));
    }

    #[test]
    fn it_ends() {
        let policy = Policy::default();
        assert_eq!(policy.decide(&refusal(6, 1), 0.5), Decision::GiveUp("gave up after 6 attempts".into()));
        assert!(matches!(policy.decide(&refusal(1, 61), 0.5), Decision::GiveUp(_)));
        let late = Refusal { time_left: Some(Duration::from_millis(900)), ..refusal(1, 1) };
        assert!(matches!(policy.decide(&late, 0.0), Decision::GiveUp(_)));
    }

    #[test]
    fn only_what_is_asked_for() {
        let policy = Policy::default();
        let bare = Refusal { retry_after: None, ..refusal(1, 0) };
        assert_eq!(policy.decide(&bare, 0.5), Decision::Accept);
        assert_eq!(policy.decide(&Refusal { status: 500, ..refusal(1, 1) }, 0.5), Decision::Accept);
        let off = Policy::from_properties(&|name| (name == "retry_after").then(|| Text::from("off")));
        assert_eq!(off.decide(&refusal(1, 1), 0.5), Decision::Accept);
    }
}
