//! What goes from a worker to the thread of results at one time.
//!
//! An ordinary sample goes as its rows, written by the worker, and its [`Figures`]: nothing that both threads would have to
//! count or to free. Of all others the parts go that somebody reads.

use super::figures::Figures;
use super::jtl_file::Format;
use super::needs::Needs;
use super::routes::Routes;
use super::{CollectorId, SampleEvent, SampleResult};
use crate::clock::{self, Timestamp};
use crate::text::Text;
use ahash::AHashSet;
use std::sync::Arc;

/// Samples of one worker, in the order of their completion.
#[derive(Default)]
pub struct Batch {
    pub(super) lane: usize,
    pub(super) events: Vec<Event>,
    /// Rows of ordinary samples, one after the other: the number of the file, the length, the row.
    pub(super) rows: Vec<u8>,
    /// Labels and collectors of ordinary samples; most of a batch have the same.
    pub(super) labels: Vec<Text>,
    pub(super) audiences: Vec<Audience>,
}

impl Batch {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

/// Those who hear a sample.
pub(super) struct Audience {
    pub(super) collectors: Arc<[CollectorId]>,
    /// Whether an ordinary sample can go to them as rows.
    takes_rows: bool,
}

/// A sample on its way.
pub(super) enum Event {
    Whole(SampleEvent),
    Ordinary(Ordinary),
}

/// One that passed, alone, and that nobody looks at more closely than its rows and figures.
pub(super) struct Ordinary {
    pub(super) heard: Timestamp,
    pub(super) figures: Figures,
    /// Index into [`Batch::labels`].
    pub(super) label: u32,
    /// Index into [`Batch::audiences`].
    pub(super) audience: u32,
    /// Bytes of [`Batch::rows`].
    pub(super) rows: u32,
}

impl Event {
    /// When its listeners heard of it.
    pub(super) fn heard(&self) -> Timestamp {
        match self {
            Event::Whole(event) => event.heard,
            Event::Ordinary(event) => event.heard,
        }
    }
}

/// Bytes of a number in [`Batch::rows`].
const NUMBER: usize = 4;

/// The rows of an ordinary sample, with the numbers of their files.
pub(super) fn framed(mut rows: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    std::iter::from_fn(move || {
        let (file, rest) = rows.split_first_chunk::<NUMBER>()?;
        let (length, rest) = rest.split_first_chunk::<NUMBER>()?;
        let (row, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rows = rest;
        Some((u32::from_le_bytes(*file) as usize, row))
    })
}

/// A worker's side of the results: takes samples, and makes batches of them.
pub struct Lane {
    routes: Arc<Routes>,
    batch: Batch,
    /// Users whose last sample failed: their next one says how that went on.
    failed: AHashSet<Text>,
    /// Scratch space: numbers of names of files.
    names: Vec<usize>,
}

/// Codes of answers that may say something of limits, whether or not the plan counts them as failures.
fn may_be_refusal(code: &str) -> bool {
    matches!(code, "429" | "503" | "413")
}

impl Lane {
    pub(super) fn new(routes: Arc<Routes>, lane: usize) -> Self {
        Lane { routes, batch: Batch { lane, ..Batch::default() }, failed: AHashSet::new(), names: Vec::new() }
    }

    /// Samples that wait.
    pub fn len(&self) -> usize {
        self.batch.len()
    }

    /// Whether none do.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Takes what there is. The next batch is likely to be about as large.
    pub fn batch(&mut self) -> Batch {
        let full = &self.batch;
        let next = Batch {
            lane: full.lane,
            events: Vec::with_capacity(full.events.len() + full.events.len() / 8),
            rows: Vec::with_capacity(full.rows.len() + full.rows.len() / 8),
            ..Batch::default()
        };
        std::mem::replace(&mut self.batch, next)
    }

    /// Takes an event as it is.
    pub fn put(&mut self, event: SampleEvent) {
        self.batch.events.push(Event::Whole(event));
    }

    /// Takes a finished sample.
    pub fn record(&mut self, sample: &SampleResult, collectors: &Arc<[CollectorId]>, variables: Box<[Option<Text>]>) {
        let heard = clock::now();
        let audience = self.audience(collectors);
        if !self.is_ordinary(sample) || !self.batch.audiences[audience].takes_rows {
            let result = Box::new(self.routes.needs.part_of(sample));
            self.put(SampleEvent { result, heard, collectors: Arc::clone(collectors), variables });
            return;
        }
        let label = self.label(&sample.label);
        let rows = &mut self.batch.rows;
        let before = rows.len();
        self.routes.each_file(collectors, sample, &mut self.names, |file, format| {
            // `takes_rows` says that there is no other.
            let Format::Csv(csv) = format else { return };
            rows.extend_from_slice(&(file as u32).to_le_bytes());
            rows.extend_from_slice(&[0; NUMBER]);
            let begin = rows.len();
            csv.write_row(sample, &variables, rows);
            let length = (rows.len() - begin) as u32;
            rows[begin - NUMBER..begin].copy_from_slice(&length.to_le_bytes());
        });
        let rows = (rows.len() - before) as u32;
        let (label, audience) = (label as u32, audience as u32);
        let figures = Figures::of(sample);
        self.batch.events.push(Event::Ordinary(Ordinary { heard, figures, label, audience, rows }));
    }

    /// Whether a sample is told by its rows and figures. One after a failure may be another attempt at the same, which is
    /// known by its user.
    fn is_ordinary(&mut self, sample: &SampleResult) -> bool {
        let Needs { every_sample, .. } = self.routes.needs;
        let after_failure = !self.failed.is_empty() && self.failed.remove(&sample.thread_name);
        if !sample.successful {
            self.failed.insert(Text::clone(&sample.thread_name));
        }
        sample.successful
            && !every_sample
            && !after_failure
            && sample.sub_results.is_empty()
            && sample.idle.is_zero()
            && !may_be_refusal(&sample.response_code)
            && sample.first_assertion_message().is_none()
    }

    fn label(&mut self, label: &Text) -> usize {
        let labels = &mut self.batch.labels;
        let known = labels.iter().rev().take(MOST_COMPARED).position(|known| Text::ptr_eq(known, label));
        match known {
            Some(back) => labels.len() - 1 - back,
            None => {
                labels.push(Text::clone(label));
                labels.len() - 1
            }
        }
    }

    fn audience(&mut self, collectors: &Arc<[CollectorId]>) -> usize {
        let audiences = &mut self.batch.audiences;
        let is_same = |known: &Audience| Arc::ptr_eq(&known.collectors, collectors);
        match audiences.iter().rev().take(MOST_COMPARED).position(is_same) {
            Some(back) => audiences.len() - 1 - back,
            None => {
                let takes_rows = self.routes.are_rows(collectors);
                audiences.push(Audience { collectors: Arc::clone(collectors), takes_rows });
                audiences.len() - 1
            }
        }
    }
}

/// Labels and audiences of a batch that are looked through for one that is there already.
const MOST_COMPARED: usize = 16;
