//! Whether two runs did the same thing: the same samples for each user, in the same order, with the same outcome. Times
//! play no part.
//!
//! The first run is kept in memory, some 60 bytes a row and each different text once; the second one is only read past.

use crate::results::{JtlField, JtlRow};
use ahash::AHashMap;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is compared of each sample, with its name in [`Settings::ignored`].
pub static FIELDS: &[(&str, JtlField)] = &[
    ("bytes", JtlField::Bytes),
    ("dataType", JtlField::DataType),
    ("failureMessage", JtlField::FailureMessage),
    ("label", JtlField::Label),
    ("responseCode", JtlField::ResponseCode),
    ("responseMessage", JtlField::ResponseMessage),
    ("sentBytes", JtlField::SentBytes),
    ("success", JtlField::Success),
];

/// How runs are held against each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Sizes may differ by this many bytes.
    pub bytes: u64,
    /// Sizes may differ by this part of the larger one. Either is enough.
    pub bytes_part: f64,
    /// Fields that are left out.
    pub ignored: Vec<JtlField>,
    /// Whether only as many samples of a user are compared as both runs have: for runs that end by the clock.
    pub common_only: bool,
    /// Whether users are not told apart: samples count by label and outcome, in no order.
    pub any_thread: bool,
}

/// A difference, told once.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The user's name; empty where users are not told apart.
    pub thread: String,
    /// Which of the user's samples, from 1.
    pub number: u64,
    /// The lines of both files, where there are rows.
    pub lines: (Option<u64>, Option<u64>),
    /// What differs, in words.
    pub what: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Equivalence {
    /// Rows of both files.
    pub rows: (u64, u64),
    /// Samples that were held against each other.
    pub compared: u64,
    /// How many differences there are; of a user whose labels differ only the first.
    pub differences: u64,
    /// The first of them.
    pub first: Vec<Difference>,
    /// Labels of which the runs have different numbers.
    pub counts: Vec<(String, u64, u64)>,
    /// Fields that one of the files does not have.
    pub absent: Vec<&'static str>,
}

/// Differences that are kept in words.
const MOST_TOLD: usize = 20;

#[derive(Debug, Clone)]
struct Kept {
    line: u32,
    label: u32,
    code: u32,
    message: u32,
    failure: u32,
    data_type: u32,
    success: bool,
    bytes: u64,
    sent_bytes: u64,
}

/// Every text once.
#[derive(Debug, Default)]
struct Texts {
    numbers: AHashMap<String, u32>,
    texts: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

#[derive(Debug, Default)]
struct Thread {
    rows: Vec<Kept>,
    /// How many rows of the second run were held against them.
    read: u64,
    /// The users' ways have parted: what comes next cannot be told from what came before.
    parted: bool,
}

/// The first run, and what was seen of the second.
#[derive(Debug)]
pub struct Matching {
    settings: Settings,
    texts: Texts,
    threads: BTreeMap<String, Thread>,
    /// Rows by label in both runs.
    counts: BTreeMap<String, (u64, u64)>,
    found: Equivalence,
    fields: (Option<u32>, Option<u32>),
}

impl Matching {
    /// Nothing was read yet.
    pub fn new(settings: Settings) -> Matching {
        Matching {
            settings,
            texts: Texts::default(),
            threads: BTreeMap::new(),
            counts: BTreeMap::new(),
            found: Equivalence::default(),
            fields: (None, None),
        }
    }

    /// Takes in a row of the first run; all of them come before those of the second.
    pub fn first(&mut self, row: &JtlRow) {
        self.found.rows.0 += 1;
        self.fields.0 = Some(self.fields.0.unwrap_or(u32::MAX) & present(row));
        self.count(row).0 += 1;
        let kept = Kept {
            line: u32::try_from(row.line).unwrap_or(u32::MAX),
            label: self.texts.number(&row.label),
            code: self.texts.number(&row.response_code),
            message: self.texts.number(&row.response_message),
            failure: self.texts.number(&row.failure_message),
            data_type: self.texts.number(&row.data_type),
            success: row.success,
            bytes: row.bytes,
            sent_bytes: row.sent_bytes,
        };
        if !self.settings.any_thread {
            self.thread(&row.thread_name).rows.push(kept);
        }
    }

    /// Holds a row of the second run against its place in the first.
    pub fn second(&mut self, row: &JtlRow) {
        self.found.rows.1 += 1;
        self.fields.1 = Some(self.fields.1.unwrap_or(u32::MAX) & present(row));
        self.count(row).1 += 1;
        if self.settings.any_thread {
            return;
        }
        let thread = self.thread(&row.thread_name);
        thread.read += 1;
        let number = thread.read;
        let Some(kept) = thread.rows.get(number as usize - 1).filter(|_| !thread.parted).cloned() else { return };
        self.found.compared += 1;
        let mut told = Vec::new();
        let label = self.texts.text(kept.label);
        if label != row.label && self.compares(JtlField::Label) {
            told.push(format!("{label} in the first run, {} in the second", row.label));
            self.thread(&row.thread_name).parted = true;
        } else {
            for (name, field) in FIELDS {
                if self.compares(*field)
                    && row.has(*field)
                    && let Some((from, to)) = self.differ(*field, &kept, row)
                {
                    told.push(format!("{name} {from} and {to}"));
                }
            }
        }
        if !told.is_empty() {
            let what = match told.first() {
                Some(only) if label_differs(&self.texts, &kept, row) && told.len() == 1 => only.clone(),
                _ => format!("{}: {}", row.label, told.join(", ")),
            };
            self.tell(Difference {
                thread: row.thread_name.clone(),
                number,
                lines: (Some(u64::from(kept.line)), Some(row.line)),
                what,
            });
        }
    }

    /// What came of it, once both runs are read.
    pub fn finish(mut self) -> Equivalence {
        let threads = std::mem::take(&mut self.threads);
        if !self.settings.common_only {
            for (name, thread) in threads {
                let (kept, read) = (thread.rows.len() as u64, thread.read);
                if kept == read || thread.parted {
                    continue;
                }
                let what = match (kept, read) {
                    (0, _) => format!("{read} samples in the second run, none in the first"),
                    (_, 0) => format!("{kept} samples in the first run, none in the second"),
                    _ => format!("{kept} samples in the first run, {read} in the second"),
                };
                let line = thread.rows.get(read as usize).map(|row| u64::from(row.line));
                self.tell(Difference { thread: name, number: kept.min(read) + 1, lines: (line, None), what });
            }
            let counts = std::mem::take(&mut self.counts);
            self.found.counts =
                counts.into_iter().filter(|(_, (a, b))| a != b).map(|(label, (a, b))| (label, a, b)).collect();
        }
        let has = |fields: Option<u32>, index: usize| fields.is_none_or(|fields| fields & (1 << index) != 0);
        self.found.absent = FIELDS
            .iter()
            .enumerate()
            .filter(|(index, _)| !has(self.fields.0, *index) || !has(self.fields.1, *index))
            .map(|(_, (name, _))| *name)
            .collect();
        self.found
    }

    fn compares(&self, field: JtlField) -> bool {
        let place = FIELDS.iter().position(|(_, known)| *known == field).unwrap_or(0);
        !self.settings.ignored.contains(&field) && self.fields.0.is_some_and(|fields| fields & (1 << place) != 0)
    }

    /// Both values in words, where they differ.
    fn differ(&self, field: JtlField, kept: &Kept, row: &JtlRow) -> Option<(String, String)> {
        let text = |number: u32, other: &str| {
            let own = self.texts.text(number);
            (own != other).then(|| (quoted(own), quoted(other)))
        };
        let size = |own: u64, other: u64| {
            let (apart, larger) = (own.abs_diff(other), own.max(other));
            let near = apart <= self.settings.bytes || apart as f64 <= self.settings.bytes_part * larger as f64;
            (!near).then(|| (own.to_string(), other.to_string()))
        };
        match field {
            JtlField::ResponseCode => text(kept.code, &row.response_code),
            JtlField::ResponseMessage => text(kept.message, &row.response_message),
            JtlField::FailureMessage => text(kept.failure, &row.failure_message),
            JtlField::DataType => text(kept.data_type, &row.data_type),
            JtlField::Success => {
                (kept.success != row.success).then(|| (kept.success.to_string(), row.success.to_string()))
            }
            JtlField::Bytes => size(kept.bytes, row.bytes),
            JtlField::SentBytes => size(kept.sent_bytes, row.sent_bytes),
            _ => None,
        }
    }

    fn tell(&mut self, difference: Difference) {
        self.found.differences += 1;
        if self.found.first.len() < MOST_TOLD {
            self.found.first.push(difference);
        }
    }

    fn thread(&mut self, name: &str) -> &mut Thread {
        self.threads.entry(name.to_owned()).or_default()
    }

    fn count(&mut self, row: &JtlRow) -> &mut (u64, u64) {
        let key = if self.settings.any_thread {
            let outcome = if row.success { "passed" } else { "failed" };
            format!("{} ({} {outcome})", row.label, row.response_code)
        } else {
            row.label.clone()
        };
        self.counts.entry(key).or_default()
    }
}

fn label_differs(texts: &Texts, kept: &Kept, row: &JtlRow) -> bool {
    texts.text(kept.label) != row.label
}

/// Which of [`FIELDS`] a row has.
fn present(row: &JtlRow) -> u32 {
    FIELDS.iter().enumerate().map(|(index, (_, field))| u32::from(row.has(*field)) << index).sum()
}

/// A text for a line of its own, not too long.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > 80 {
        short.push('…');
    }
    format!("\"{short}\"")
}

impl Equivalence {
    /// Whether both runs did the same.
    pub fn holds(&self) -> bool {
        self.differences == 0 && self.counts.is_empty()
    }

    /// In words.
    pub fn text(&self, settings: &Settings) -> String {
        let mut out = String::new();
        for difference in &self.first {
            let lines = match difference.lines {
                (Some(a), Some(b)) => format!(" (lines {a} and {b})"),
                (Some(a), None) => format!(" (line {a} of the first)"),
                _ => String::new(),
            };
            let Difference { thread, number, what, .. } = difference;
            let _ = writeln!(out, "{thread}, sample {number}{lines}: {what}");
        }
        if self.differences > self.first.len() as u64 {
            let _ = writeln!(out, "… and {} differences more", self.differences - self.first.len() as u64);
        }
        for (label, a, b) in self.counts.iter().take(MOST_TOLD) {
            let _ = writeln!(out, "{label}: {a} samples in the first run, {b} in the second");
        }
        if !self.absent.is_empty() {
            let _ = writeln!(out, "Not compared, as a file does not have it: {}", self.absent.join(", "));
        }
        let (a, b) = self.rows;
        let _ = match (self.holds(), settings.any_thread) {
            (true, true) => {
                writeln!(out, "Equivalent: both runs have {a} rows with the same labels and outcomes, in any order")
            }
            (true, false) if a == b => {
                writeln!(out, "Equivalent: both runs did the same {} samples, user by user", self.compared)
            }
            (true, false) => writeln!(
                out,
                "Equivalent as far as both go: {} samples are the same, user by user ({a} and {b} rows)",
                self.compared
            ),
            (false, _) => writeln!(
                out,
                "Not equivalent: {} differences, {} labels with other counts ({a} and {b} rows)",
                self.differences,
                self.counts.len()
            ),
        };
        out
    }

    /// For machines.
    pub fn json(&self) -> Value {
        json!({
            "equivalent": self.holds(),
            "rows": [self.rows.0, self.rows.1],
            "compared": self.compared,
            "differences": self.differences,
            "first": self.first.iter().map(|difference| json!({
                "thread": difference.thread,
                "sample": difference.number,
                "lines": [difference.lines.0, difference.lines.1],
                "what": difference.what,
            })).collect::<Vec<_>>(),
            "counts": self.counts,
            "not_in_both_files": self.absent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{JtlReader, SaveConfig};

    const HEAD: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes\n";

    fn rows(text: &str, mut take: impl FnMut(&JtlRow)) {
        let text = format!("{HEAD}{text}");
        let bytes: &'static [u8] = text.into_bytes().leak();
        let mut reader = JtlReader::new(bytes, &SaveConfig::from_properties(&|_| None).unwrap()).unwrap();
        while let Some(row) = reader.next_row().unwrap() {
            take(row);
        }
    }

    fn found(a: &str, b: &str, settings: Settings) -> Equivalence {
        let mut matching = Matching::new(settings);
        rows(a, |row| matching.first(row));
        rows(b, |row| matching.second(row));
        matching.finish()
    }

    const A: &str = "1,5,home,200,OK,g 1-1,true,100\n2,7,login,200,OK,g 1-1,true,200\n3,5,home,200,OK,g 1-2,true,100\n";

    #[test]
    fn users_may_take_turns_in_any_order() {
        let b = "9,1,home,200,OK,g 1-2,true,100\n9,1,home,200,OK,g 1-1,true,100\n9,2,login,200,OK,g 1-1,true,200\n";
        let same = found(A, b, Settings::default());
        assert!(same.holds() && same.compared == 3, "{same:?}");
        assert_eq!(same.absent, ["dataType", "failureMessage", "sentBytes"]);
        assert!(same.text(&Settings::default()).ends_with("the same 3 samples, user by user\n"));
    }

    #[test]
    fn the_first_difference_is_told_with_its_place() {
        let b = "1,5,home,200,OK,g 1-1,true,100\n2,7,login,500,Oops,g 1-1,false,203\n3,5,away,200,OK,g 1-2,true,100\n";
        let differs = found(A, b, Settings::default());
        assert_eq!(differs.differences, 2);
        let text = differs.text(&Settings::default());
        assert!(
            text.contains(
                "g 1-1, sample 2 (lines 3 and 3): login: bytes 200 and 203, responseCode \"200\" and \"500\", \
                 responseMessage \"OK\" and \"Oops\", success true and false"
            ),
            "{text}"
        );
        assert!(text.contains("g 1-2, sample 1 (lines 4 and 4): home in the first run, away in the second"), "{text}");
        assert!(text.contains("away: 0 samples in the first run, 1 in the second"), "{text}");
        assert_eq!(differs.json()["equivalent"], false);
    }

    #[test]
    fn what_may_differ_is_a_matter_of_settings() {
        let b = "1,5,home,200,OK,g 1-1,true,101\n2,7,login,200,ok,g 1-1,true,202\n";
        let strict = found(A, b, Settings::default());
        assert_eq!((strict.differences, strict.counts.len()), (3, 1), "{strict:?}");
        let lenient = Settings {
            bytes_part: 0.01,
            ignored: vec![JtlField::ResponseMessage],
            common_only: true,
            ..Settings::default()
        };
        assert!(found(A, b, lenient.clone()).holds());
        let text = found(A, b, lenient.clone()).text(&lenient);
        assert!(text.contains("as far as both go: 2 samples are the same"), "{text}");
        assert!(!found(A, b, Settings { bytes: 1, common_only: true, ..Settings::default() }).holds());
    }

    #[test]
    fn without_users_only_counts_remain() {
        let b = "1,5,home,200,OK,x,true,1\n2,7,home,200,OK,y,true,2\n2,7,login,200,OK,z,true,2\n";
        let any = Settings { any_thread: true, ..Settings::default() };
        assert!(found(A, b, any.clone()).holds());
        assert!(!found(A, b, Settings::default()).holds());
        assert!(!found(A, &b[..30], any).holds());
    }

    #[test]
    fn fields_are_sorted() {
        assert!(FIELDS.is_sorted_by_key(|(name, _)| name));
    }
}
