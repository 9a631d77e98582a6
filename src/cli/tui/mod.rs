//! `--tui`: a run in the terminal while it goes on. It shows what is gathered for the page of `--web`, on a thread of its
//! own; lines that would tear it wait until it is gone (`console::hold`).

mod keys;
mod terminal;
mod view;

use super::console;
use super::gathered::Gathered;
use super::signals::Stoppable;
use crate::clock::{self, Timestamp};
use crate::report::glance::Glance;
use crate::virtual_user::{Run, StopLevel};
use keys::{Choice, Order};
use ratatui::crossterm::event::{self, Event};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
pub(super) use terminal::{is_there, restore};
use view::{Head, Screen};

/// How often the figures are made anew.
const EVERY: Duration = Duration::from_secs(1);

/// How long a key is waited for at a time.
const TICK: Duration = Duration::from_millis(100);

/// The exit status after an interrupt that could not wait (128 and SIGINT).
const INTERRUPTED: i32 = 130;

/// The view. It stands until it is dropped, or the terminal is gone.
pub(super) struct Tui {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What the view shows and stops.
struct Source {
    plan: String,
    gathered: Gathered,
    run: Arc<Run>,
    brake: Box<dyn Stoppable + Sync>,
    began: Timestamp,
}

impl Tui {
    /// Takes the terminal.
    pub fn start(
        plan: String,
        gathered: Gathered,
        run: Arc<Run>,
        brake: impl Stoppable + Sync + 'static,
    ) -> io::Result<Self> {
        let screen = terminal::take()?;
        let source = Source { plan, gathered, run, brake: Box::new(brake), began: clock::now() };
        let over = Arc::<AtomicBool>::default();
        let told = Arc::clone(&over);
        let show = move || {
            // Without the terminal (it was closed) the run goes on without the view.
            let _ = follow(screen, &source, &told);
            restore();
        };
        let thread = std::thread::Builder::new().name("tui".to_owned()).spawn(show).inspect_err(|_| restore())?;
        Ok(Tui { over, thread: Some(thread) })
    }
}

impl Drop for Tui {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic there was told when it happened; the run is not concerned.
            let _ = thread.join();
        }
        restore();
    }
}

fn follow(mut screen: terminal::Screen, source: &Source, over: &AtomicBool) -> io::Result<()> {
    let mut choice = Choice::default();
    let mut glance = source.look(&choice);
    let mut made = clock::now();
    let mut changed = true;
    while !over.load(Ordering::Acquire) && terminal::is_taken() {
        if clock::now().since(made) >= EVERY {
            glance = source.look(&choice);
            made = clock::now();
            changed = true;
        }
        if changed {
            let head = source.head(&choice);
            screen.draw(|frame| view::draw(frame, &Screen { head: &head, glance: &glance, choice: &choice }))?;
            changed = false;
        }
        if event::poll(TICK)? {
            let order = match event::read()? {
                Event::Key(key) => choice.press(key, clock::now(), &glance),
                _ => None,
            };
            if let Some(order) = order {
                source.obey(order);
            }
            made = Timestamp::default();
            changed = true;
        }
    }
    Ok(())
}

impl Source {
    fn look(&self, choice: &Choice) -> Glance {
        let (dashboard, failures) = self.gathered.copy();
        let mut glance = Glance::new(&dashboard, failures.as_ref(), choice.label.as_deref());
        choice.sort(&mut glance.labels);
        glance
    }

    fn head(&self, choice: &Choice) -> Head {
        let counts = &self.run.counts;
        let now = clock::now();
        Head {
            plan: self.plan.clone(),
            elapsed: now.since(self.began),
            users: counts.active.load(Ordering::Relaxed),
            level: self.run.stop.level(),
            waits: self.run.retries.summary(),
            said: console::last_held(),
            asks: choice.asks(now),
        }
    }

    fn obey(&self, order: Order) {
        match order {
            Order::Shutdown => self.brake.stop(StopLevel::Shutdown),
            Order::Now if self.run.stop.level() < StopLevel::Now => self.brake.stop(StopLevel::Now),
            Order::Now => {}
            // A run that does not end although it was interrupted is ended as by a third signal.
            Order::Interrupt if self.run.stop.level() < StopLevel::Now => self.brake.stop(StopLevel::Now),
            Order::Interrupt => {
                self.brake.close();
                restore();
                std::process::exit(INTERRUPTED);
            }
        }
    }
}
