//! What a terminal shows of a run that goes on: the same figures as the page's, as text and in few numbers.

use super::Dashboard;
use super::closing;
use super::timeline::Cell;
use crate::results::{Failures, LabelStatistics};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Moments of the line of throughput.
const MOST_MOMENTS: usize = 500;

/// The shortest moment, in ms.
const SHORTEST: i64 = 1000;

/// How much of the past says what a limiter does now, in ms.
const RECENT: i64 = 10_000;

/// A run at one moment.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// A row for each label, as the table at the end has it.
    pub labels: Vec<GlanceRow>,
    /// All of them.
    pub total: Option<GlanceRow>,
    /// Samples per second, moment by moment, of the label that was asked for or of all.
    pub rates: Vec<f64>,
    /// Response codes, the most frequent first.
    pub codes: Vec<(String, u64)>,
    /// Failures by kind, the latest first: label, code with message, and their number.
    pub failures: Vec<(String, String, u64)>,
    /// What a limiter does, if one does anything.
    pub limited: Option<Limited>,
}

/// One label's figures.
#[derive(Debug, Clone)]
pub struct GlanceRow {
    /// The label in full.
    pub name: String,
    /// As text, in the columns of [`closing::HEAD`].
    pub cells: [String; 11],
    /// As numbers; the first is the place in the order of appearance.
    pub values: [f64; 11],
}

/// What a limiter lets pass and turns away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limited {
    /// Samples that were turned away (429, or told to wait).
    pub rejected: u64,
    /// Samples a second that passed of late.
    pub passing: f64,
    /// Samples a second that were turned away of late.
    pub rejecting: f64,
}

impl Glance {
    /// A look at `dashboard`; `label` is the one whose throughput is asked for.
    pub fn new(dashboard: &Dashboard, failures: Option<&Failures>, label: Option<&str>) -> Self {
        let rows = dashboard.labels.iter().enumerate();
        Glance {
            labels: rows.map(|(index, label)| row(&label.name, index, &label.summary.statistics)).collect(),
            total: (dashboard.total.statistics.count() > 0).then(|| row("Total", 0, &dashboard.total.statistics)),
            rates: rates(dashboard, label),
            codes: codes(dashboard),
            failures: failures.map(latest).unwrap_or_default(),
            limited: limited(dashboard),
        }
    }
}

fn row(name: &str, index: usize, of: &LabelStatistics) -> GlanceRow {
    GlanceRow { name: name.to_owned(), cells: closing::row(name, of), values: closing::values(index as f64, of) }
}

fn samples(cell: &Cell) -> u64 {
    cell.passed.pairs().iter().chain(cell.failed.pairs()).map(|(_, count)| u64::from(*count)).sum()
}

/// The tracks that count: that of a label, or those of all that are no transactions, whose samples would count twice.
fn cells<'d>(dashboard: &'d Dashboard, label: Option<&'d str>) -> impl Iterator<Item = (i64, &'d Cell)> {
    let counts = move |track: usize| match label {
        Some(name) => dashboard.labels.iter().any(|label| label.name == name && label.track == track),
        None => dashboard.labels.get(track).is_none_or(|label| label.track != track || !label.summary.transaction),
    };
    let tracks = dashboard.timeline.tracks().iter().enumerate();
    tracks.filter(move |(track, _)| counts(*track)).flat_map(|(_, track)| track.buckets())
}

fn rates(dashboard: &Dashboard, label: Option<&str>) -> Vec<f64> {
    let Some((first, last)) = dashboard.timeline.span() else { return Vec::new() };
    let width = dashboard.timeline.width_millis();
    let joined = (SHORTEST / width).max(1);
    let mut counts = vec![0_u64; ((last - first) / joined + 1) as usize];
    for (number, cell) in cells(dashboard, label) {
        if let Some(count) = counts.get_mut(((number - first) / joined) as usize) {
            *count += samples(cell);
        }
    }
    // The last moment is not over.
    if counts.len() > 1 {
        counts.pop();
    }
    let seconds = (joined * width) as f64 / 1000.0;
    let from = counts.len().saturating_sub(MOST_MOMENTS);
    counts[from..].iter().map(|count| *count as f64 / seconds).collect()
}

fn codes(dashboard: &Dashboard) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, users) in dashboard.timeline.user_track().buckets() {
        for (code, count) in &users.codes {
            *counts.entry(code).or_default() += u64::from(*count);
        }
    }
    let mut codes: Vec<_> = counts.into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
    codes.sort_by_key(|(_, count)| Reverse(*count));
    codes
}

fn latest(failures: &Failures) -> Vec<(String, String, u64)> {
    let mut kinds: Vec<_> = failures.kinds().iter().collect();
    kinds.sort_by_key(|kind| Reverse(kind.last));
    kinds.into_iter().map(|kind| (kind.label.clone(), format!("{} {}", kind.code, kind.message), kind.count)).collect()
}

fn limited(dashboard: &Dashboard) -> Option<Limited> {
    let rejected = cells(dashboard, None).map(|(_, cell)| u64::from(cell.rejected)).sum();
    let (first, last) = dashboard.timeline.span().filter(|_| rejected > 0)?;
    let width = dashboard.timeline.width_millis();
    let from = (last - (RECENT / width).max(1) + 1).max(first);
    let (mut all, mut turned_away) = (0, 0);
    for (_, cell) in cells(dashboard, None).filter(|(number, _)| *number >= from) {
        all += samples(cell);
        turned_away += u64::from(cell.rejected);
    }
    let seconds = ((last - from + 1) * width) as f64 / 1000.0;
    let rate = |count: u64| count as f64 / seconds;
    Some(Limited { rejected, passing: rate(all.saturating_sub(turned_away)), rejecting: rate(turned_away) })
}

#[cfg(test)]
mod tests {
    use super::super::dashboard::of_rows_for_tests;
    use super::*;

    #[test]
    fn it_shows_what_the_tables_show() {
        let dashboard = of_rows_for_tests(&[]);
        let glance = Glance::new(&dashboard, None, None);
        assert_eq!(glance.labels.len(), 7);
        assert_eq!(glance.total.as_ref().map(|row| row.cells[1].as_str()), Some("151"));
        let codes: u64 = glance.codes.iter().map(|(_, count)| count).sum();
        assert_eq!(codes, 151);
        let sum = |glance: &Glance| glance.rates.iter().sum::<f64>();
        let one = Glance::new(&dashboard, None, Some("login"));
        assert!(sum(&one) < sum(&glance) && sum(&one) > 0.0, "{one:?}");
        assert_eq!(glance.rates.len(), one.rates.len());
    }
}
