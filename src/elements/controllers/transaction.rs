//! Transaction Controller: one more sample for a group of samples, either a row after them (JMeter's default) or a parent
//! that holds them as sub-samples.
//!
//! The row's "number of samples" counts calls of `next()`, as JMeter's does: a nested controller that ends before the
//! last position adds one, and so does a Flow Control Action.

use super::walk::{ControllerId, Step, Turn, Walk};
use super::{Controller, SamplerId};
use crate::clock::{self, Timestamp};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::{self, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(super) const TRANSACTION: Definition = Definition {
    tag: "TransactionController",
    menu: "Transaction Controller",
    compile: |compile| {
        let controller = Transaction::new(compile);
        Some(Role::controller(controller))
    },
};

const PARENT: &str = "TransactionController.parent";
const INCLUDE_TIMERS: &str = "TransactionController.includeTimers";

/// The running sample of a transaction in parent mode (JMeter's `TransactionSampler`).
#[derive(Debug)]
pub struct TransactionSample {
    /// The controller that made it.
    pub controller: ControllerId,
    /// Its children are through.
    pub done: bool,
    /// The child that is at work.
    pub sub: Option<Step>,
    /// The sample so far.
    pub result: SampleResult,
    /// Its row has been written.
    pub reported: bool,
    calls: u32,
    failing: u32,
    total_elapsed: Duration,
    total_connect: Duration,
    include_timers: bool,
}

/// Shared between the controller and the engine, which may outlive each other's interest in it.
pub type TransactionRef = Arc<Mutex<TransactionSample>>;

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Sampler(SamplerId(id)) => write!(f, "Sampler({id})"),
            Step::Transaction(_) => f.write_str("Transaction"),
            Step::Yield => f.write_str("Yield"),
            Step::Lock(_) => f.write_str("Lock"),
            Step::Rest => f.write_str("Rest"),
        }
    }
}

impl TransactionSample {
    /// A child has ended (`TransactionSampler.addSubSamplerResult`).
    pub fn add_sub_result(&mut self, sub: SampleResult) {
        self.calls += 1;
        if self.failing == 0 {
            self.result.response_code = Text::clone(&sub.response_code);
        }
        if !sub.successful {
            self.result.successful = false;
            self.failing += 1;
        }
        self.total_elapsed += Duration::from_millis(sub.elapsed_millis());
        self.total_connect += Duration::from_millis(sub.connect_millis());
        self.result.add_sub_result(sub);
    }

    /// The children are through (`TransactionSampler.setTransactionDone`).
    pub fn finish(&mut self) {
        self.done = true;
        self.result.response_message = message(self.calls, self.failing);
        if self.result.successful {
            self.result.response_code = Text::from("200");
        }
        if !self.include_timers {
            let end = now();
            self.result.idle = end.since(self.result.start).saturating_sub(self.total_elapsed);
            self.result.finish(end);
        }
        self.result.connect = self.total_connect;
    }
}

/// The clock in whole milliseconds. JMeter's sums are of those, and only so do the columns of a row agree with each other
/// and with its children's.
fn now() -> Timestamp {
    Timestamp::from_millis(clock::now().millis())
}

fn message(calls: u32, failing: u32) -> Text {
    Text::from(format!("{} : {calls}, number of failing samples : {failing}", results::TRANSACTION))
}

/// Locks a transaction's sample; a panic elsewhere does not make it unusable.
pub fn lock(transaction: &TransactionRef) -> std::sync::MutexGuard<'_, TransactionSample> {
    transaction.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A user's state in row mode.
#[derive(Default)]
struct Row {
    result: Option<SampleResult>,
    calls: u32,
    /// Where JMeter's next() calls itself, each of those calls counts one, but only once the innermost has returned.
    pending: u32,
    failing: u32,
    pause_millis: i64,
    previous_end: Timestamp,
}

impl Row {
    fn start(&mut self, label: Text) {
        let now = now();
        let mut result = SampleResult::started(label, now);
        result.is_transaction = true;
        *self = Row { result: Some(result), previous_end: now, pending: self.pending, ..Row::default() };
    }

    fn end(&mut self) -> Option<SampleResult> {
        let mut result = self.result.take()?;
        result.idle += Duration::from_millis(self.pause_millis.max(0) as u64);
        result.finish(now());
        result.response_message = message(self.calls, self.failing);
        Some(result)
    }
}

/// A user's state in parent mode.
#[derive(Default)]
struct Parent(Option<TransactionRef>);

/// Transaction Controller.
pub(super) struct Transaction {
    name: Expr,
    parent: BoolExpr,
    include_timers: BoolExpr,
    row: Slot<Row>,
    open: Slot<Parent>,
}

impl Transaction {
    fn new(compile: &mut Compile<'_>) -> Self {
        Transaction {
            name: compile.name(),
            parent: compile.flag(PARENT, false),
            include_timers: compile.flag(INCLUDE_TIMERS, true),
            row: compile.slot(),
            open: compile.slot(),
        }
    }

    /// A flag that cannot be read counts as unset.
    fn is_parent(&self, user: &mut VirtualUser) -> bool {
        self.parent.eval(user).unwrap_or(false)
    }

    fn next_as_parent(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        let open = walk.user.slot(self.open).0.clone();
        if open.as_ref().is_some_and(|transaction| lock(transaction).done) {
            walk.user.slot(self.open).0 = None;
            return Ok(Turn::Step(None));
        }
        let transaction = match open {
            Some(transaction) if !walk.state(me).first => transaction,
            _ => {
                let label = self.name.eval(walk.user)?;
                let include_timers = self.include_timers.eval(walk.user)?;
                let mut result = SampleResult::started(label, now());
                result.is_transaction = true;
                let transaction = Arc::new(Mutex::new(TransactionSample {
                    controller: me,
                    done: false,
                    sub: None,
                    result,
                    reported: false,
                    calls: 0,
                    failing: 0,
                    total_elapsed: Duration::ZERO,
                    total_connect: Duration::ZERO,
                    include_timers,
                }));
                walk.user.slot(self.open).0 = Some(Arc::clone(&transaction));
                transaction
            }
        };
        let sub = loop {
            match walk.generic_next(me)? {
                Turn::Step(Some(step)) if step.is_suspension() => return Ok(Turn::Step(Some(step))),
                Turn::Step(step) => break step,
                Turn::Again if walk.spin() => return Ok(Turn::Step(Some(Step::Yield))),
                Turn::Again => {}
            }
        };
        {
            let mut sample = lock(&transaction);
            let over = sub.is_none();
            sample.sub = sub;
            if over {
                sample.finish();
            }
        }
        Ok(Turn::Step(Some(Step::Transaction(transaction))))
    }

    fn next_as_row(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        loop {
            if walk.state(me).first {
                let label = self.name.eval(walk.user)?;
                walk.user.slot(self.row).start(label);
            }
            let is_last = walk.state(me).current == walk.child_count(me);
            match walk.generic_next(me)? {
                Turn::Again => {
                    walk.user.slot(self.row).pending += 1;
                    if walk.spin() {
                        return Ok(Turn::Step(Some(Step::Yield)));
                    }
                }
                Turn::Step(Some(step)) if step.is_suspension() => return Ok(Turn::Step(Some(step))),
                Turn::Step(None) if is_last => {
                    walk.user.slot(self.row).pending = 0;
                    self.end_row(walk)?;
                    return Ok(Turn::Step(None));
                }
                Turn::Step(step) => {
                    let row = walk.user.slot(self.row);
                    row.calls += 1 + std::mem::take(&mut row.pending);
                    return Ok(Turn::Step(step));
                }
            }
        }
    }

    fn end_row(&self, walk: &mut Walk<'_>) -> Result<(), Thrown> {
        let include_timers = self.include_timers.eval(walk.user)?;
        let row = walk.user.slot(self.row);
        if row.result.is_none() {
            return Ok(());
        }
        if !include_timers {
            row.pause_millis += now().millis() - row.previous_end.millis();
        }
        if let Some(mut result) = row.end() {
            if result.successful {
                result.response_code = Text::from("200");
            }
            self.notify(walk, result);
        }
        Ok(())
    }

    fn notify(&self, walk: &mut Walk<'_>, result: SampleResult) {
        if !walk.notify_of_transaction(result.clone()) {
            log::warn!(target: "org.apache.jmeter.control.TransactionController", "Could not fetch SamplePackage");
            walk.user.slot(self.row).result = Some(result);
        }
    }
}

impl Controller for Transaction {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if self.is_parent(walk.user) { self.next_as_parent(walk, me) } else { self.next_as_row(walk, me) }
    }

    fn trigger_end_of_loop(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<(), Thrown> {
        if self.is_parent(walk.user) {
            if let Some(transaction) = walk.user.slot(self.open).0.take() {
                let inner = match &lock(&transaction).sub {
                    Some(Step::Transaction(inner)) => Some(Arc::clone(inner)),
                    _ => None,
                };
                let mut sample = lock(&transaction);
                if let Some(inner) = inner {
                    let mut inner = lock(&inner).result.clone();
                    inner.thread_name = Text::clone(&walk.user.thread_name);
                    sample.add_sub_result(inner);
                }
                sample.finish();
            }
        } else {
            let ok = walk.user.last_sample_ok();
            if let Some(mut result) = walk.user.slot(self.row).end() {
                result.successful = ok;
                self.notify(walk, result);
            }
        }
        walk.re_initialize(me);
        Ok(())
    }

    /// JMeter reads the name once when it compiles the user's tree, so that a counter in it is one ahead.
    fn thread_started(&self, walk: &mut Walk<'_>) -> Result<(), Thrown> {
        self.name.eval(walk.user).map(drop)
    }

    fn hears_samples(&self) -> bool {
        true
    }

    fn sample_occurred(&self, walk: &mut Walk<'_>, _me: ControllerId, sample: &SampleResult) {
        if self.is_parent(walk.user) {
            return;
        }
        let include_timers = self.include_timers.eval(walk.user).unwrap_or(true);
        let row = walk.user.slot(self.row);
        let Some(result) = &mut row.result else { return };
        result.thread_name = Text::clone(&sample.thread_name);
        result.bytes += sample.bytes_as_long();
        result.sent_bytes += sample.sent_bytes;
        if !include_timers {
            let elapsed = i64::try_from(sample.elapsed_millis()).unwrap_or(i64::MAX);
            row.pause_millis += sample.end.millis() - elapsed - row.previous_end.millis();
            row.previous_end = sample.end;
        }
        if !sample.successful {
            result.successful = false;
            row.failing += 1;
        }
        result.all_threads = sample.all_threads;
        result.group_threads = sample.group_threads;
        result.latency += Duration::from_millis(sample.latency_millis());
        result.connect += Duration::from_millis(sample.connect_millis());
    }
}
