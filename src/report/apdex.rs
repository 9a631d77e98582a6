//! The Application Performance Index, as JMeter's dashboard has it (`ApdexSummaryConsumer`).

use crate::java::number::{parse_long, trim};
use crate::java::regex::{Options, Pattern};

/// Up to when a user is satisfied, and up to when he bears it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Satisfied up to here.
    pub satisfied: i64,
    /// Tolerating up to here.
    pub tolerated: i64,
}

/// Thresholds by label.
#[derive(Debug)]
pub struct ThresholdsByLabel {
    /// For labels without their own, and for the total.
    pub general: Thresholds,
    /// Names or patterns of whole labels with theirs, in order.
    pub own: Vec<(String, Option<Pattern>, Thresholds)>,
}

impl ThresholdsByLabel {
    /// Reads `jmeter.reportgenerator.apdex_per_transaction`: `name:satisfied|tolerated;…`. Parts that cannot be read are
    /// left out, and returned.
    pub fn new(general: Thresholds, own: &str) -> (Self, Vec<String>) {
        let (mut list, mut unread) = (Vec::new(), Vec::new());
        for part in own.split(';').map(trim).filter(|part| !part.is_empty()) {
            let read = || {
                let (name, limits) = part.rsplit_once(':')?;
                let (satisfied, tolerated) = limits.split_once('|')?;
                let millis = |text: &str| parse_long(trim(text)).ok();
                let thresholds = Thresholds { satisfied: millis(satisfied)?, tolerated: millis(tolerated)? };
                let name = trim(name).to_owned();
                let pattern = Pattern::compile(&name, Options::default()).ok();
                Some((name, pattern, thresholds))
            };
            match read() {
                Some(own) => list.push(own),
                None => unread.push(part.to_owned()),
            }
        }
        (Self { general, own: list }, unread)
    }

    /// The thresholds of `label`: its own by name, else by the first pattern that matches it whole, else the general.
    pub fn of(&self, label: &str) -> Thresholds {
        let named = self.own.iter().find(|(name, ..)| name == label);
        let matching =
            || self.own.iter().find(|(_, pattern, _)| pattern.as_ref().is_some_and(|pattern| pattern.matches(label)));
        named.or_else(matching).map_or(self.general, |(.., thresholds)| *thresholds)
    }
}

/// Counts behind the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Apdex {
    /// What it is measured by.
    pub thresholds: Thresholds,
    /// All samples.
    pub total: u64,
    /// Successful ones up to the first threshold.
    pub satisfied: u64,
    /// Successful ones up to the second.
    pub tolerated: u64,
}

impl Apdex {
    /// No samples yet.
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, total: 0, satisfied: 0, tolerated: 0 }
    }

    /// Counts a sample. One that failed frustrates, however fast.
    pub fn record(&mut self, success: bool, elapsed: u64) {
        let elapsed = elapsed as i64;
        self.total += 1;
        if success && elapsed <= self.thresholds.satisfied {
            self.satisfied += 1;
        } else if success && elapsed <= self.thresholds.tolerated {
            self.tolerated += 1;
        }
    }

    /// The index, 0 to 1; `None` without samples.
    pub fn index(&self) -> Option<f64> {
        (self.total > 0).then(|| (self.satisfied as f64 + self.tolerated as f64 / 2.0) / self.total as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENERAL: Thresholds = Thresholds { satisfied: 500, tolerated: 1500 };

    #[test]
    fn thresholds_by_name_then_pattern_then_general() {
        let text = r" sample(\d+):1000|2000; samples12:3000|4000;url:8080:1|2; ";
        let (by_label, unread) = ThresholdsByLabel::new(GENERAL, text);
        assert!(unread.is_empty());
        let satisfied = ["sample7", "samples12", "sample", "url:8080"].map(|label| by_label.of(label).satisfied);
        assert_eq!(satisfied, [1000, 3000, 500, 1]);
        let (by_label, unread) = ThresholdsByLabel::new(GENERAL, "a:1|2;b:x|3;c");
        assert_eq!((by_label.own.len(), unread), (1, vec!["b:x|3".to_owned(), "c".to_owned()]));
    }

    #[test]
    fn a_failure_frustrates() {
        let mut apdex = Apdex::new(GENERAL);
        assert_eq!(apdex.index(), None);
        for (success, elapsed) in [(true, 500), (true, 501), (true, 1501), (false, 1)] {
            apdex.record(success, elapsed);
        }
        assert_eq!(apdex.index(), Some(0.375));
    }
}
