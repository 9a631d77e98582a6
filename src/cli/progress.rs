//! One line of progress on stderr, when that is a terminal: users, samples, rate, errors. Never in a CI log.

use super::console;
use crate::clock;
use crate::virtual_user::Run;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the line is drawn.
const EVERY: Duration = Duration::from_millis(500);

/// The line, or nothing where stderr is no terminal or a view has it.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    over: Arc<AtomicBool>,
}

impl Progress {
    /// Nothing is shown before [`Progress::follow`].
    pub fn new() -> Self {
        let bar = (std::io::stderr().is_terminal() && !console::is_quiet()).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Progress { bar, over: Arc::default() }
    }

    /// For a run that is shown in another way.
    pub fn none() -> Self {
        Progress { bar: None, over: Arc::default() }
    }

    /// Draws the line until [`Progress::finish`].
    pub fn follow(&self, run: &Arc<Run>) {
        let Some(bar) = self.bar.clone() else { return };
        let (run, over) = (Arc::clone(run), Arc::clone(&self.over));
        // Without this thread only the line is missing.
        let _ = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            let begun = clock::now();
            while !over.load(Ordering::Acquire) {
                let (samples, errors) = (run.counts.samples.sum(), run.counts.errors.sum());
                let rate = samples as f64 / clock::now().since(begun).as_secs_f64().max(0.001);
                let users = run.counts.active.load(Ordering::Relaxed);
                bar.set_message(format!("{users} users, {samples} samples, {rate:.0}/s, {errors} errors"));
                bar.tick();
                std::thread::sleep(EVERY);
            }
        });
    }

    /// Takes the line away while something else is printed.
    pub fn suspend(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the line away for good.
    pub fn finish(&self) {
        self.over.store(true, Ordering::Release);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
