//! One sample, in JMeter's order and no other: pre-processors, timers, sampler, post-processors, assertions, listeners
//! (`JMeterThread.processSampler`, `executeSamplePackage`).

use super::iteration::UserTask;
use super::wait;
use crate::clock;
use crate::elements::controllers::{SamplerId, Step, TransactionRef, lock};
use crate::elements::package::Assertions;
use crate::elements::roles::{Assertion, ListenerRef, SampleScope};
use crate::elements::{notify, tell};
use crate::plan::GroupPlan;
use crate::results::{AssertionResult, Intended, LogicalAction, SampleResult};
use crate::text::Text;
use crate::virtual_user::{OnSampleError, Thrown, ThrownKind, VirtualUser};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Levels of sub-samples that an assertion with scope "children" goes down.
const ASSERTION_DEPTH: u32 = 4;

/// A user that waits this long gives back the memory of its exchanges.
const LONG_WAIT: Duration = Duration::from_millis(10);

/// A delay in whole milliseconds and a moment of a schedule mean the same where they differ by no more: each was cut by less
/// than a millisecond.
const SAME_MOMENT_MICROS: u64 = 2000;

impl UserTask {
    /// A step of a transaction in parent mode; `nested` when it is itself part of one. Returns the transaction's own sample
    /// when it ended.
    pub(super) fn transaction<'a>(
        &'a mut self,
        group: &'a GroupPlan,
        transaction: TransactionRef,
        nested: bool,
    ) -> Pin<Box<dyn Future<Output = Option<SampleResult>> + Send + 'a>> {
        Box::pin(self.step_of_transaction(group, transaction, nested))
    }

    async fn step_of_transaction(
        &mut self,
        group: &GroupPlan,
        transaction: TransactionRef,
        nested: bool,
    ) -> Option<SampleResult> {
        let mut ended = None;
        let (done, sub) = {
            let sample = lock(&transaction);
            (sample.done, sample.sub.clone())
        };
        if done {
            ended = Some(self.end_transaction(&transaction, nested));
        } else {
            match sub {
                Some(Step::Transaction(inner)) => {
                    if let Some(result) = self.transaction(group, inner, true).await {
                        lock(&transaction).add_sub_result(result);
                    }
                }
                Some(Step::Sampler(sampler)) => self.one(group, sampler, Some(&transaction)).await,
                Some(Step::Yield | Step::Lock(_) | Step::Rest) | None => {}
            }
        }
        self.stop_if_time_is_up();
        if !self.user.may_run() && ended.is_none() {
            ended = Some(self.end_transaction(&transaction, nested));
        }
        ended
    }

    pub(super) async fn one(&mut self, group: &GroupPlan, sampler: SamplerId, transaction: Option<&TransactionRef>) {
        if let Err(thrown) = self.execute(group, sampler, transaction).await {
            match thrown.kind {
                ThrownKind::StopTest => self.user.shutdown_test(),
                ThrownKind::StopTestNow => self.user.stop_test_now(),
                ThrownKind::StopThread => {
                    log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Stopping Thread: {thrown}");
                    self.user.stop_thread();
                }
                ThrownKind::Exception => {
                    let name = self.user.sampler_name.clone();
                    log::error!(target: "org.apache.jmeter.threads.JMeterThread", "Error while processing sampler: '{name}'. {thrown}");
                }
            }
        }
        if transaction.is_none() {
            self.stop_if_time_is_up();
        }
    }

    /// Takes one sample. `group` is the user's own: who runs on another core counts references to it, too, so nobody does
    /// that for each sample.
    async fn execute(
        &mut self,
        group: &GroupPlan,
        id: SamplerId,
        transaction: Option<&TransactionRef>,
    ) -> Result<(), Thrown> {
        let package = group.tree.sampler(id);
        let sampler = &*package.sampler;
        let user = &mut *self.user;
        user.draft = None;
        user.sample_timeout = None;
        user.intended = user.arrived.take().map(Intended::at);
        if !Arc::ptr_eq(&user.attempts_to, &package.collectors) {
            user.attempts_to = Arc::clone(&package.collectors);
        }
        user.reads_response_data = package.reads_response_data;
        if let Some(name) = sampler.name().as_literal() {
            user.sampler_name = Text::clone(name);
        }
        for element in package.pre_processors.iter() {
            if element.blocks() {
                let (element, sampler) = (Arc::clone(element), Arc::clone(&package.sampler));
                self.on_a_thread(move |user| element.process(user, &*sampler)).await?;
            } else {
                element.process(&mut self.user, sampler)?;
            }
        }
        self.last = Some(id);
        self.delay(&package.timers).await?;
        let user = &mut *self.user;
        if !user.may_run() {
            return Ok(());
        }
        let sampled = if package.sampler_blocks {
            let sampler = Arc::clone(&package.sampler);
            let runtime = tokio::runtime::Handle::current();
            self.on_a_thread(move |user| runtime.block_on(sampler.sample(user))).await?
        } else {
            sampler.sample(user).await?
        };
        let Some(mut result) = sampled else { return Ok(()) };
        let user = &mut *self.user;
        if result.ignore {
            user.set_last_sample_ok(result.successful);
        } else {
            result.intended = user.intended.take();
            fill_thread_information(user, &mut result);
            for sub in &mut result.sub_results {
                fill_thread_information(user, sub);
            }
            user.previous = Some(result);
            for element in package.post_processors.iter() {
                if element.blocks() {
                    let (element, sampler) = (Arc::clone(element), Arc::clone(&package.sampler));
                    self.on_a_thread(move |user| element.process(user, &*sampler)).await?;
                } else {
                    element.process(&mut self.user, sampler)?;
                }
            }
            result = self.user.previous.take().unwrap_or_default();
            if package.assertions_block {
                let assertions = Arc::clone(&package.assertions);
                result = self
                    .on_a_thread(move |user| {
                        check_assertions(user, &assertions, &mut result);
                        Ok(result)
                    })
                    .await?;
            } else {
                check_assertions(&mut self.user, &package.assertions, &mut result);
            }
            if !result.ignore {
                let transaction_listeners = transaction.map(|transaction| {
                    let controller = lock(transaction).controller;
                    &*group.tree.controller(controller).transaction.listeners
                });
                let own: Vec<_>;
                let listeners = match transaction_listeners {
                    None => &*package.listeners,
                    Some(heard) => {
                        own = without(&package.listeners, heard);
                        &own
                    }
                };
                if package.listeners_block {
                    result = self.notify_in_turn(listeners, result).await?;
                } else {
                    notify(&mut self.walk(), listeners, &mut result, false);
                }
                if let Some(transaction) = transaction {
                    lock(transaction).add_sub_result(SampleResult::clone(&result));
                }
            }
        }
        let user = &mut *self.user;
        user.run.counts.samples.add(user.worker);
        if !result.successful {
            user.run.counts.errors.add(user.worker);
        }
        let (action, failed) = (result.action, !result.successful);
        if !result.ignore {
            user.previous = Some(result);
        }
        let on_error = user.group.on_sample_error;
        if action.stop_thread || failed && on_error == OnSampleError::StopThread {
            user.stop_thread();
        }
        if action.stop_test || failed && on_error == OnSampleError::StopTest {
            user.shutdown_test();
        }
        if action.stop_test_now || failed && on_error == OnSampleError::StopTestNow {
            user.stop_test_now();
        }
        if action.logical_action != LogicalAction::Continue {
            user.logical_action = action.logical_action;
        }
        Ok(())
    }

    /// Waits as long as all timers in scope ask for together. Where that would go past the end of the group's time, the
    /// user ends at once without the sample.
    async fn delay(&mut self, timers: &[Arc<dyn crate::elements::roles::Timer>]) -> Result<(), Thrown> {
        if timers.is_empty() {
            return Ok(());
        }
        let mut total = 0_i64;
        let arrived = self.user.intended.take();
        // What the last timer with a schedule said, and its own part of the delay.
        let mut scheduled = None;
        for timer in timers {
            if let Some(rendezvous) = timer.rendezvous() {
                self.user.http.rest();
                rendezvous.wait(&mut self.user).await?;
            }
            let delay = if timer.blocks() {
                let timer = Arc::clone(timer);
                self.on_a_thread(move |user| timer.delay(user)).await?
            } else {
                timer.delay(&mut self.user)?
            };
            let factor = self.user.run.timer_factor;
            let delay = match factor {
                // `Math.round` of a float gives an int.
                Some(factor) if timer.is_modifiable() => i64::from((delay as f32 * factor + 0.5).floor() as i32),
                _ => delay,
            };
            total = total.saturating_add(delay);
            if let Some(intended) = self.user.intended.take() {
                scheduled = Some((intended, delay));
            }
        }
        if let Some((intended, own)) = scheduled {
            return self.keep_to(intended, total.saturating_sub(own), total).await;
        }
        self.user.intended = arrived.map(|intended| intended.later(total.max(0)));
        let Ok(millis) = u64::try_from(total) else { return Ok(()) };
        let wait = Duration::from_millis(millis);
        if wait.is_zero() {
            return Ok(());
        }
        if self.user.end_time().is_some_and(|end| clock::now() + wait > end) {
            self.user.running = false;
            return Ok(());
        }
        let stop = Arc::clone(&self.user.stop);
        if wait >= LONG_WAIT {
            self.user.http.rest();
        }
        wait::pause(&stop, wait).await;
        Ok(())
    }

    /// Waits for what a schedule intends, and for the `others` of all `total` milliseconds that timers ask for.
    ///
    /// Timers count in whole milliseconds; the user waits for the very moment of the schedule where that is what they mean.
    async fn keep_to(&mut self, intended: Intended, others: i64, total: i64) -> Result<(), Thrown> {
        let ready = clock::now();
        let intended = Intended { start: intended.start.plus_millis(others), ready, ..intended };
        self.user.intended = Some(intended);
        let asked_for = ready.plus_millis(total.max(0));
        if total > 0 && self.user.end_time().is_some_and(|end| asked_for > end) {
            self.user.running = false;
            return Ok(());
        }
        let same = asked_for.micros().abs_diff(intended.start.micros()) <= SAME_MOMENT_MICROS;
        let until = if same { intended.start } else { asked_for };
        if until <= ready {
            return Ok(());
        }
        if until.since(ready) >= LONG_WAIT {
            self.user.http.rest();
        }
        let stop = Arc::clone(&self.user.stop);
        wait::be_there_at(&stop, until, &self.alarm).await;
        Ok(())
    }

    /// Does work that blocks (a script that sleeps) on a thread of its own, so that the worker's other users go on.
    async fn on_a_thread<R: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut VirtualUser) -> Result<R, Thrown> + Send + 'static,
    ) -> Result<R, Thrown> {
        let stand_in = self.user.stand_in();
        let mut user = std::mem::replace(&mut self.user, Box::new(stand_in));
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&mut user);
            (user, result)
        });
        match done.await {
            Ok((user, result)) => {
                self.user = user;
                result
            }
            // Only a panic in the work or the end of the runtime comes here: the user cannot go on.
            Err(error) => {
                self.user.running = false;
                Err(Thrown::new("java.lang.Error", error.to_string()))
            }
        }
    }

    /// Hands a sample to listeners of which some block: each of those on a thread of its own.
    async fn notify_in_turn(
        &mut self,
        listeners: &[ListenerRef],
        mut result: Box<SampleResult>,
    ) -> Result<Box<SampleResult>, Thrown> {
        for listener in listeners {
            match listener {
                ListenerRef::Listener(element) if element.blocks() => {
                    let element = Arc::clone(element);
                    result = self
                        .on_a_thread(move |user| {
                            tell(user, &*element, &mut result);
                            Ok(result)
                        })
                        .await?;
                }
                _ => notify(&mut self.walk(), std::slice::from_ref(listener), &mut result, false),
            }
        }
        Ok(result)
    }

    /// Judges and reports a transaction's own sample (`doEndTransactionSampler`); a nested one is only reported within
    /// the one around it.
    ///
    /// A jump or a stop ends a transaction before its children are through; where its loop goes on it ends once more.
    /// JMeter's result files take no notice of that, all other listeners do.
    pub(super) fn end_transaction(&mut self, transaction: &TransactionRef, nested: bool) -> SampleResult {
        let (controller, reported, mut result) = {
            let mut sample = lock(transaction);
            let reported = std::mem::replace(&mut sample.reported, true);
            let result = if sample.done { std::mem::take(&mut sample.result) } else { sample.result.clone() };
            (sample.controller, reported, result)
        };
        let group = Arc::clone(&self.group);
        let scope = &group.tree.controller(controller).transaction;
        fill_thread_information(&self.user, &mut result);
        check_assertions(&mut self.user, &scope.assertions, &mut result);
        if nested {
            return result;
        }
        if reported {
            let is_file = |listener: &&ListenerRef| matches!(listener, ListenerRef::Collectors(_));
            let rest: Vec<_> = scope.listeners.iter().filter(|listener| !is_file(listener)).cloned().collect();
            notify(&mut self.walk(), &rest, &mut result, false);
        } else {
            notify(&mut self.walk(), &scope.listeners, &mut result, false);
        }
        result
    }
}

fn fill_thread_information(user: &VirtualUser, result: &mut SampleResult) {
    result.group_threads = user.group.active.load(Ordering::Relaxed);
    result.all_threads = user.run.counts.active.load(Ordering::Relaxed);
    result.thread_name = Text::clone(&user.thread_name);
}

/// Runs the assertions, then keeps whether the sample passed in `JMeterThread.last_sample_ok`.
fn check_assertions(user: &mut VirtualUser, assertions: &Assertions, result: &mut SampleResult) {
    for assertion in assertions.iter() {
        let scope = assertion.scope();
        if !matches!(scope, SampleScope::Children) {
            check(user, &**assertion, result);
        }
        if matches!(scope, SampleScope::Children | SampleScope::All) {
            check_children(user, &**assertion, result, ASSERTION_DEPTH);
        }
    }
    user.set_last_sample_ok(result.successful);
}

fn check_children(user: &mut VirtualUser, assertion: &dyn Assertion, result: &mut SampleResult, levels: u32) {
    if levels == 0 {
        return;
    }
    let mut failed = false;
    for sub in &mut result.sub_results {
        check(user, assertion, sub);
        check_children(user, assertion, sub, levels - 1);
        failed |= !sub.successful;
    }
    if failed && result.successful {
        result.assertion_results.push(AssertionResult {
            name: assertion.name().eval(user).unwrap_or_default(),
            failure: true,
            error: false,
            message: Some(Text::from("One or more sub-samples failed")),
        });
        result.successful = false;
    }
}

fn check(user: &mut VirtualUser, assertion: &dyn Assertion, result: &mut SampleResult) {
    let verdict = assertion.check(user, result).unwrap_or_else(|thrown| {
        log::error!(target: "org.apache.jmeter.threads.JMeterThread", "Exception processing Assertion. {thrown}");
        AssertionResult {
            name: Text::from("Assertion failed! See log file."),
            failure: false,
            error: true,
            message: Some(Text::from(thrown.to_string())),
        }
    });
    result.successful = result.successful && !verdict.failure && !verdict.error;
    result.assertion_results.push(verdict);
}

/// `listeners` without those in `heard`: a transaction's listeners get its samples within its own.
fn without(listeners: &[ListenerRef], heard: &[ListenerRef]) -> Vec<ListenerRef> {
    let hears = |listener: &ListenerRef| {
        heard.iter().any(|other| match (listener, other) {
            (ListenerRef::Listener(a), ListenerRef::Listener(b)) => Arc::ptr_eq(a, b),
            (ListenerRef::Transaction(a), ListenerRef::Transaction(b)) => a == b,
            _ => false,
        })
    };
    let collected = |id: &crate::results::CollectorId| {
        heard.iter().any(|other| matches!(other, ListenerRef::Collectors(ids) if ids.contains(id)))
    };
    let mut rest = Vec::new();
    for listener in listeners {
        match listener {
            ListenerRef::Collectors(ids) => {
                let ids: Arc<[_]> = ids.iter().copied().filter(|id| !collected(id)).collect();
                if !ids.is_empty() {
                    rest.push(ListenerRef::Collectors(ids));
                }
            }
            other if !hears(other) => rest.push(other.clone()),
            _ => {}
        }
    }
    rest
}
