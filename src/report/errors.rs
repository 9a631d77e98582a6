//! Failures by kind, and the five most frequent kinds of each label (JMeter's `ErrorsSummaryConsumer` and
//! `Top5ErrorsBySamplerConsumer`).

use super::timeline::OTHERS;
use crate::results::JtlRow;
use ahash::AHashMap;

/// Kinds kept apart; messages with a number or an address in each are too many to be kinds.
const MOST_KINDS: usize = 2000;

/// Characters of a message that make its kind.
const LONGEST: usize = 1000;

/// How often each kind of failure was met.
#[derive(Debug, Clone, Default)]
pub struct Kinds(AHashMap<String, u64>);

impl Kinds {
    /// Counts one failure.
    pub fn record(&mut self, kind: &str) {
        match self.0.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                let kind = if self.0.len() < MOST_KINDS { kind } else { OTHERS };
                *self.0.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }

    /// The most frequent first, equal ones by name.
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut kinds: Vec<_> = self.0.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
        kinds.sort_by(|(a, more), (b, less)| less.cmp(more).then(a.cmp(b)));
        kinds
    }
}

/// What kind of failure a failed sample is: code and message, or what its assertion said when the code is one of success
/// or missing.
pub fn kind_of(row: &JtlRow) -> String {
    let failure = row.failure_message.trim();
    let assertion = is_success_code(&row.response_code) || (row.response_code.is_empty() && !failure.is_empty());
    let kind = match (assertion, failure.is_empty(), row.response_message.is_empty()) {
        (true, true, _) => "Assertion failed".to_owned(),
        (true, false, _) => row.failure_message.clone(),
        (false, _, true) => row.response_code.clone(),
        (false, _, false) => format!("{}/{}", row.response_code, row.response_message),
    };
    match kind.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &kind[..end]),
        None => kind,
    }
}

/// `MetricUtils.isSuccessCode`: 200 to 399.
fn is_success_code(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit()) && code.parse().is_ok_and(|code: u32| (200..=399).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_jmeters() {
        for (code, message, failure, expected) in [
            ("500", "Internal Server Error", "", "500/Internal Server Error"),
            ("500", "Internal Server Error", "too late", "500/Internal Server Error"),
            ("404", "", "", "404"),
            ("200", "OK", "", "Assertion failed"),
            ("302", "Found", "text missing", "text missing"),
            ("", "", "text missing", "text missing"),
            ("", "gone", " ", "/gone"),
        ] {
            let mut row = JtlRow::default();
            row.response_code = code.to_owned();
            row.response_message = message.to_owned();
            row.failure_message = failure.to_owned();
            assert_eq!(kind_of(&row), expected);
        }
        let mut row = JtlRow::default();
        row.failure_message = "é".repeat(1001);
        assert_eq!(kind_of(&row).chars().count(), 1001);
    }

    #[test]
    fn the_most_frequent_first_and_a_bound() {
        let mut kinds = Kinds::default();
        for kind in ["b", "a", "c", "c"] {
            kinds.record(kind);
        }
        assert_eq!(kinds.sorted(), [("c", 2), ("a", 1), ("b", 1)]);
        for number in 0..MOST_KINDS * 2 {
            kinds.record(&number.to_string());
        }
        assert_eq!(kinds.sorted().len(), MOST_KINDS + 1);
        assert_eq!(kinds.sorted()[0], (OTHERS, MOST_KINDS as u64 + 3));
    }
}
