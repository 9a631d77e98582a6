//! What a run tells while it goes on, gathered sample by sample by the thread that writes the rows: for those who show the
//! run, and for the report after it, which has only the rows otherwise.

use super::session::Onlooker;
use crate::report::{Dashboard, Options};
use crate::results::{FailureBounds, Failures, JtlRow, Needs, SampleResult, Seen};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is gathered; a clone is the same.
#[derive(Clone)]
pub(super) struct Gathered(Arc<Mutex<Gathering>>);

struct Gathering {
    dashboard: Dashboard,
    failures: Option<Failures>,
    /// The row that samples are put into, one after the other; `None` where nobody looks before the end.
    row: Option<JtlRow>,
}

impl Gathered {
    /// For those who show the run: nothing yet.
    pub fn to_be_shown(options: Options) -> Self {
        Self::new(options, Some(JtlRow::default()))
    }

    /// For a report after the run: of failed samples what rows do not tell.
    pub fn of_failures(options: Options) -> Self {
        Self::new(options, None)
    }

    fn new(options: Options, row: Option<JtlRow>) -> Self {
        let failures = options.failures.clone().map(Failures::new);
        Gathered(Arc::new(Mutex::new(Gathering { dashboard: Dashboard::new(options), failures, row })))
    }

    /// Looks at samples for it.
    pub fn onlooker(&self) -> Onlooker {
        let (bounds, every_sample) = {
            let gathering = self.lock();
            let bounds = gathering.dashboard.options.failures.as_ref().map(FailureBounds::body_needed);
            (bounds, gathering.row.is_some())
        };
        let gathered = self.clone();
        let sees = move |seen: Seen<'_>| {
            // Of what passed there is nothing to keep where nobody asked for every sample.
            if let Seen::Whole(sample) = seen {
                gathered.lock().sample(sample);
            }
        };
        Onlooker { needs: Needs { every_sample, ..Needs::of_failures(bounds) }, sees: Box::new(sees) }
    }

    /// A copy, so that samples need not wait while something is made of it.
    pub fn copy(&self) -> (Dashboard, Option<Failures>) {
        let gathering = self.lock();
        (gathering.dashboard.clone(), gathering.failures.clone())
    }

    /// What is known of failed samples.
    pub fn failures(&self) -> Option<Failures> {
        self.lock().failures.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Gathering> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gathering {
    /// Takes a sample and its sub-samples in, as a report takes in their rows.
    fn sample(&mut self, sample: &SampleResult) {
        let options = &self.dashboard.options;
        if let Some(failures) = &mut self.failures
            && !sample.successful
            && options.takes_time(sample.start.millis())
            && options.takes_label(&sample.label)
        {
            failures.sample(sample);
        }
        if let Some(row) = &mut self.row {
            row.set_from(sample, self.dashboard.options.stamped_at_end);
            self.dashboard.record(row);
        }
        sample.sub_results.iter().for_each(|sub| self.sample(sub));
    }
}
