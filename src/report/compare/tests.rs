use super::*;
use crate::results::JtlRow;
use std::time::Duration;

/// Rows of one label, with what carries over from one to the next: a share of the last one's luck.
struct Source {
    random: Rng,
    carried: f64,
    luck: f64,
}

impl Source {
    fn new(seed: u64, carried: f64) -> Source {
        Source { random: Rng::with_seed(seed), carried, luck: 0.0 }
    }

    /// A time around 200 ms with a long tail.
    fn millis(&mut self) -> f64 {
        let normal = (0..12).map(|_| self.random.f64()).sum::<f64>() - 6.0;
        self.luck = self.carried * self.luck + (1.0 - self.carried * self.carried).sqrt() * normal;
        200.0 * (0.4 * self.luck).exp()
    }

    fn run(&mut self, label: &str, rows: u64, factor: f64, errors: f64) -> Run {
        let mut run = Run::default();
        self.extend(&mut run, label, rows, factor, errors);
        run
    }

    fn extend(&mut self, run: &mut Run, label: &str, rows: u64, factor: f64, errors: f64) {
        for row in 0..rows {
            let mut sample = JtlRow::default();
            label.clone_into(&mut sample.label);
            sample.elapsed = Duration::from_millis((self.millis() * factor) as u64);
            sample.success = self.random.f64() >= errors;
            sample.time_stamp = crate::clock::Timestamp::from_millis(row as i64 * 20 + self.random.i64(..10));
            run.record(&sample, false);
        }
    }
}

fn compared(a: Run, b: Run) -> Comparison {
    compared_by(a, b, Settings::default())
}

fn compared_by(a: Run, b: Run, settings: Settings) -> Comparison {
    Comparison::new(["a.jtl".to_owned(), "b.jtl".to_owned()], a, b, settings)
}

#[test]
fn a_run_that_is_slower_is_told_and_by_how_much() {
    let a = Source::new(1, 0.0).run("login", 4000, 1.0, 0.01);
    let b = Source::new(2, 0.0).run("login", 4000, 1.2, 0.01);
    let comparison = compared(a, b);
    let worse: Vec<Metric> = comparison.regressions().map(|(_, change)| change.metric).collect();
    assert_eq!(worse.len(), 5, "{worse:?}");
    for (_, change) in comparison.regressions().skip(1) {
        let (_, (low, high)) = change.relative.unwrap();
        assert!(low < 0.2 && 0.2 < high && high - low < 0.25, "{change:?}");
    }
    let text = text(&comparison);
    assert!(text.contains("login as a whole is slower, typically by ") && text.contains(", sure)"), "{text}");
    assert!(text.contains("median of login rose by ") && text.ends_with("are worse\n"), "{text}");
    assert!(markdown(&comparison).starts_with("### ❌ Regression"));
    assert_eq!(json(&comparison)["regression"], true);
    assert_eq!(json(&comparison)["labels"][0]["changes"][1]["judgement"], "worse");
}

/// Pairs of runs that do not differ, three labels and twenty-one questions each, with much carried over from sample to
/// sample. Holm promises that no more than one of twenty pairs shows any difference; the bound leaves room for chance.
#[test]
fn runs_that_do_not_differ_are_seldom_told_apart() {
    for carried in [0.0, 0.8] {
        let (mut false_alarms, pairs) = (0, 20);
        for pair in 0..pairs {
            let mut source = Source::new(100 + pair, carried);
            let (mut a, mut b) = (Run::default(), Run::default());
            for label in 0..3 {
                source.extend(&mut a, &format!("label {label}"), 400, 1.0, 0.02);
                source.extend(&mut b, &format!("label {label}"), 400, 1.0, 0.02);
            }
            false_alarms += u32::from(compared(a, b).regressions().next().is_some());
        }
        assert!(false_alarms <= 2, "{false_alarms} of {pairs} with {carried} carried over");
    }
}

/// What the textbook's test, which takes samples for independent, would have said.
#[test]
fn the_textbook_is_too_sure_where_samples_are_alike() {
    let (mut textbook, mut ours) = (0, 0);
    for pair in 0..60 {
        let mut source = Source::new(500 + pair, 0.9);
        let (a, b) = (source.run("a", 1000, 1.0, 0.0), source.run("a", 1000, 1.0, 0.0));
        let comparison = compared_by(a, b, Settings { percents: Vec::new(), ..Settings::default() });
        textbook += u32::from(comparison.labels[0].shift.independent_p < 0.05);
        ours += u32::from(comparison.labels[0].shift.p < 0.05);
    }
    assert!(textbook > 20 && ours <= 9, "{textbook} {ours}");
}

#[test]
fn errors_and_labels_that_come_and_go() {
    let mut source = Source::new(9, 0.0);
    let mut a = source.run("pay", 3000, 1.0, 0.01);
    source.extend(&mut a, "old", 3, 1.0, 0.0);
    let mut b = source.run("pay", 3000, 1.0, 0.05);
    source.extend(&mut b, "new", 3, 1.0, 0.0);
    let comparison = compared(a, b);
    let worse: Vec<Metric> = comparison.regressions().map(|(_, change)| change.metric).collect();
    assert_eq!(worse, [Metric::Errors]);
    let text = text(&comparison);
    for part in ["error rate of pay rose by ", " points, sure): ", "old is gone", "new is new", "1 labels are gone"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn few_samples_tell_nothing_and_nothing_breaks() {
    for (rows, others) in [(1, 1), (2, 30), (5, 5000), (30, 30)] {
        let mut source = Source::new(rows, 0.0);
        let comparison = compared(source.run("a", rows, 1.0, 0.0), source.run("a", others, 1.0, 0.0));
        assert!(!comparison.is_worse());
        assert!(comparison.labels[0].changes.iter().any(|change| change.judgement == Judgement::TooFew));
        assert!(text(&comparison).contains('a'));
    }
    let nothing = Run::default();
    assert!(nothing.is_empty());
    let comparison = compared(nothing, Run::default());
    assert!(!comparison.is_worse() && comparison.labels.is_empty());
}

#[test]
fn a_change_that_is_sure_but_small_is_no_regression() {
    let a = Source::new(1, 0.0).run("a", 60_000, 1.0, 0.0);
    let b = Source::new(2, 0.0).run("a", 60_000, 1.03, 0.0);
    let comparison = compared(a, b);
    assert!(!comparison.is_worse());
    assert!(comparison.judged(Judgement::Small).count() >= 3);
    assert!(text(&comparison).contains("sure, but less than what matters"));
}

#[test]
fn the_same_twice_is_the_same_to_the_last_letter() {
    let made = || {
        let mut source = Source::new(4, 0.5);
        compared(source.run("a", 700, 1.0, 0.02), source.run("a", 900, 1.1, 0.02))
    };
    assert_eq!(text(&made()), text(&made()));
}
