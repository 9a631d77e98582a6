//! Everything a report tells, gathered row by row: memory is needed for labels and moments, not for rows.

use super::apdex::Apdex;
use super::errors::{Kinds, kind_of};
use super::goodput::Goodputs;
use super::options::Options;
use super::row::Row;
use super::scale::step_of;
use super::summary::Summary;
use super::timeline::{OTHERS, Timeline, Users};
use crate::results::JtlRow;
use ahash::AHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Labels with a track of their own in the charts; all further ones share one. The tables have every label.
pub const MOST_TRACKS: usize = 100;

/// A label's figures and the number of its track.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its text.
    pub name: String,
    /// Its figures.
    pub summary: Summary,
    /// Its track in [`Dashboard::timeline`].
    pub track: usize,
    /// Response times (count and sum in ms) by how many users there were, in steps of [`super::scale`].
    pub by_users: BTreeMap<u16, (u64, u64)>,
}

/// What all rows told.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// How figures are made.
    pub options: Arc<Options>,
    /// Every label, in the order in which they appeared.
    pub labels: Vec<Label>,
    /// All rows but transactions.
    pub total: Summary,
    /// The index over all rows, transactions too.
    pub apdex: Apdex,
    /// Failures that are not transactions, by kind.
    pub errors: Kinds,
    /// What refusals and waits made of the labels' requests.
    pub goodput: Goodputs,
    /// When what happened.
    pub timeline: Timeline,
    /// Rows that a filter left out.
    pub filtered: u64,
    /// Rows too far away in time to be drawn; the tables have them.
    pub undrawn: u64,
    /// The first start and the last end of all rows in the range, in ms since the epoch.
    pub span: Option<(i64, i64)>,
    by_name: AHashMap<String, usize>,
}

impl Dashboard {
    /// No rows yet.
    pub fn new(options: Options) -> Self {
        let apdex = Apdex::new(options.apdex.general);
        Self {
            total: Summary::new(false, apdex),
            apdex,
            options: Arc::new(options),
            labels: Vec::new(),
            errors: Kinds::default(),
            goodput: Goodputs::default(),
            timeline: Timeline::default(),
            filtered: 0,
            undrawn: 0,
            span: None,
            by_name: AHashMap::new(),
        }
    }

    /// Counts a row. False if a filter leaves it out.
    pub fn record(&mut self, row: &JtlRow) -> bool {
        let row = &Row::new(row, self.options.stamped_at_end);
        let (start, end) = (row.start, row.end);
        if !self.options.takes_time(start) {
            self.filtered += 1;
            return false;
        }
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
        if !self.options.takes_label(&row.label) {
            self.filtered += 1;
            return false;
        }
        let index = self.index_of(row);
        if row.is_empty_transaction() {
            return true;
        }
        let transaction = row.is_transaction();
        let kind = (!row.success).then(|| kind_of(row));
        self.apdex.record(row.success, row.elapsed_millis());
        let label = &mut self.labels[index];
        label.summary.apdex.record(row.success, row.elapsed_millis());
        label.summary.record(row, &self.options);
        if !transaction || !self.options.transactions_without_errors {
            label.summary.record_outcome(kind.as_deref());
        }
        let by_users = label.by_users.entry(step_of(u64::from(row.all_threads))).or_default();
        by_users.0 += 1;
        by_users.1 += row.elapsed_millis();
        if !transaction {
            self.goodput.row(row, start);
            self.total.record(row, &self.options);
            self.total.record_outcome(kind.as_deref());
            if let Some(kind) = &kind {
                self.errors.record(kind);
            }
        }
        let track = label.track;
        self.draw(row, track, transaction);
        true
    }

    /// To be called after the last row.
    pub fn settle(&mut self) {
        self.timeline.settle(self.total.statistics.count());
    }

    /// To be called after the last row of two runs that are shown together: their moments are of one width.
    pub fn settle_together(one: &mut Dashboard, other: &mut Dashboard) {
        one.settle();
        other.settle();
        one.timeline.widen_to(&other.timeline);
        other.timeline.widen_to(&one.timeline);
    }

    fn index_of(&mut self, row: &Row) -> usize {
        if let Some(&index) = self.by_name.get(&row.label) {
            return index;
        }
        let index = self.labels.len();
        let apdex = Apdex::new(self.options.apdex.of(&row.label));
        self.labels.push(Label {
            name: row.label.clone(),
            summary: Summary::new(row.is_transaction(), apdex),
            track: index.min(MOST_TRACKS),
            by_users: BTreeMap::new(),
        });
        self.by_name.insert(row.label.clone(), index);
        index
    }

    fn draw(&mut self, row: &Row, track: usize, transaction: bool) {
        let (start, end) = (row.start, row.end);
        if !self.timeline.reach(start) || !self.timeline.reach(end) {
            self.undrawn += 1;
            return;
        }
        let elapsed = row.elapsed_millis();
        self.timeline.cell(track, start).started += 1;
        let cell = self.timeline.cell(track, end);
        if row.success { &mut cell.passed } else { &mut cell.failed }.record(elapsed);
        cell.elapsed += elapsed;
        cell.longest = cell.longest.max(elapsed);
        cell.latency += row.latency.as_millis() as u64;
        cell.connect += row.connect.as_millis() as u64;
        cell.received = cell.received.saturating_add(row.bytes);
        cell.sent = cell.sent.saturating_add(row.sent_bytes);
        cell.rejected += u32::from(!transaction && row.is_rejected());
        cell.waited += if transaction { 0 } else { row.idle_time.as_millis() as u64 };
        if transaction {
            return;
        }
        let users: &mut Users = self.timeline.users(end);
        users.all = users.all.max(row.all_threads);
        let group = row.thread_group();
        if !users.groups.contains_key(group) && users.groups.len() >= MOST_TRACKS {
            let others = users.groups.entry(OTHERS.to_owned()).or_default();
            *others = (others.0 + 1, others.1 + u64::from(row.grp_threads));
        } else {
            match users.groups.get_mut(group) {
                Some(figures) => *figures = (figures.0 + 1, figures.1 + u64::from(row.grp_threads)),
                None => {
                    users.groups.insert(group.to_owned(), (1, u64::from(row.grp_threads)));
                }
            }
        }
        users.count_code(&row.response_code);
    }
}

/// A report on `fixtures/report/rows.jtl` with these properties above JMeter's defaults.
#[cfg(test)]
pub fn of_rows_for_tests(pairs: &[(&str, &str)]) -> Dashboard {
    use crate::properties::{Override, PropertiesBuilder};
    use crate::results::{JtlReader, SaveConfig};
    let overrides = pairs.iter().map(|(name, value)| Override::Define((*name).into(), (*value).into())).collect();
    let (properties, ..) = PropertiesBuilder { overrides, ..PropertiesBuilder::default() }.build().unwrap();
    let read = super::options::read(&properties);
    assert_eq!(read.ignored, [""; 0]);
    let mut dashboard = Dashboard::new(read.options);
    let expected = SaveConfig::from_properties(&|name| properties.get(name)).unwrap();
    let rows: &[u8] = include_bytes!("../../fixtures/report/rows.jtl");
    let mut reader = JtlReader::new(rows, &expected).unwrap();
    while let Some(row) = reader.next_row().unwrap() {
        dashboard.record(row);
    }
    dashboard
}

#[cfg(test)]
mod tests {
    use super::super::timeline::Track;
    use super::*;

    #[test]
    fn filters_by_label_and_time() {
        let all = of_rows_for_tests(&[]);
        assert_eq!((all.labels.len(), all.filtered), (7, 0));
        let (first, _) = all.span.unwrap();
        let later = crate::java::date_format::DateFormat::compile("yyyyMMddHHmmss").unwrap();
        let later = later.format_to_string(
            crate::clock::Timestamp::from_millis(first + 20_000),
            &crate::java::date_format::Zone::local(),
        );
        let some = of_rows_for_tests(&[
            ("jmeter.reportgenerator.sample_filter", "log.*"),
            ("jmeter.reportgenerator.start_date", &later),
        ]);
        assert!(some.filtered > 0 && some.span.unwrap().0 >= first + 19_000);
        assert_eq!(some.labels.iter().map(|label| label.name.as_str()).collect::<Vec<_>>(), ["login"]);
    }

    #[test]
    fn charts_have_what_the_tables_have() {
        let dashboard = of_rows_for_tests(&[]);
        let cells = || dashboard.timeline.tracks().iter().flat_map(Track::buckets);
        let drawn: u64 = cells()
            .flat_map(|(_, cell)| cell.passed.pairs().iter().chain(cell.failed.pairs()))
            .map(|(_, count)| u64::from(*count))
            .sum();
        let started: u64 = cells().map(|(_, cell)| u64::from(cell.started)).sum();
        let counted: u64 = dashboard.labels.iter().map(|label| label.summary.statistics.count()).sum();
        assert_eq!((drawn, started), (counted, counted));
        let failures: u64 = dashboard.errors.sorted().iter().map(|(_, count)| count).sum();
        assert_eq!(failures, dashboard.total.statistics.errors);
    }

    #[test]
    fn labels_without_end_share_a_track() {
        let mut dashboard = of_rows_for_tests(&[]);
        let mut row = JtlRow::default();
        for number in 0..3 * MOST_TRACKS {
            row.label = format!("item {number}");
            dashboard.record(&row);
        }
        assert_eq!(dashboard.labels.len(), 7 + 3 * MOST_TRACKS);
        assert!(dashboard.labels.iter().all(|label| label.track <= MOST_TRACKS));
        assert_eq!(dashboard.undrawn, 3 * MOST_TRACKS as u64, "their time stamp is 50 years away");
    }
}
