//! The limits that all users of a run keep to together (`retry_after.pace=auto`): one gate for each resource. What is learned
//! and when the next request may go is decided in `retry/pace`; here is where it is waited for.

use crate::clock::{self, Timestamp};
use crate::http::{Exchange, Url};
use crate::retry::{Fate, Pace, PaceBy, Policy, RetryAfter, Ticket, Told, Turn};
use crate::text::Text;
use crate::virtual_user::{StopLevel, StopSignal};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// Resources that are told apart; addresses with random numbers in their hosts may be without end. Those after share one.
const MOST_GATES: usize = 1000;

/// The gates of a run.
pub(super) struct Pacing {
    by: PaceBy,
    gates: Mutex<HashMap<Text, Arc<Gate>>>,
}

impl Pacing {
    pub fn new(by: PaceBy) -> Self {
        Pacing { by, gates: Mutex::default() }
    }

    /// The gate that a request goes through.
    pub fn gate(&self, url: &Url, label: &Text) -> Arc<Gate> {
        let host = format!("{}://{}:{}", url.scheme().name(), url.host(), url.effective_port());
        let resource = match self.by {
            PaceBy::Host => Text::from(host),
            PaceBy::Label => Text::from(format!("{host} {label}")),
        };
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = gates.len() >= MOST_GATES && !gates.contains_key(&resource);
        let resource = if is_full { Text::from("") } else { resource };
        Arc::clone(gates.entry(resource).or_default())
    }
}

/// The gate of one resource. Who waits does so in the order of coming: the first one for its moment, the others for the first
/// one to go.
#[derive(Default)]
pub(super) struct Gate {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pace: Pace,
    queue: VecDeque<Arc<Notify>>,
}

impl State {
    /// Lets the first one of the queue look again.
    fn wake_first(&self) {
        if let Some(first) = self.queue.front() {
            first.notify_one();
        }
    }
}

impl Gate {
    /// Waits until a request may be sent; `None` if the run stops before.
    pub async fn pass(self: &Arc<Self>, stop: &StopSignal) -> Option<Permit> {
        let came = clock::now();
        if let Some(permit) = self.pass_at_once(came) {
            return Some(permit);
        }
        let place = Place::take(self);
        loop {
            let until = match self.turn_of(&place, came) {
                Ok(permit) => return Some(permit),
                Err(until) => until,
            };
            let alarm = async {
                match until {
                    Some(moment) => tokio::time::sleep_until(clock::instant_of(moment).into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.reached(StopLevel::Shutdown) => return None,
                () = place.notify.notified() => {}
                () = alarm => {}
            }
        }
    }

    fn pass_at_once(self: &Arc<Self>, now: Timestamp) -> Option<Permit> {
        let mut state = self.state();
        if !state.queue.is_empty() || state.pace.turn(now) != Turn::Now {
            return None;
        }
        let ticket = state.pace.send(now, false);
        Some(Permit { gate: Arc::clone(self), ticket: Some(ticket), waited: Duration::ZERO })
    }

    /// The permit of whoever is first, if it is time; else the moment to look again, if one is known.
    fn turn_of(self: &Arc<Self>, place: &Place, came: Timestamp) -> Result<Permit, Option<Timestamp>> {
        let mut state = self.state();
        let is_first = state.queue.front().is_some_and(|first| Arc::ptr_eq(first, &place.notify));
        if !is_first {
            return Err(None);
        }
        let now = clock::now();
        match state.pace.turn(now) {
            Turn::Now => {}
            Turn::At(moment) => return Err(Some(moment)),
            Turn::AfterAnswer => return Err(None),
        }
        state.queue.pop_front();
        state.wake_first();
        let ticket = state.pace.send(now, true);
        Ok(Permit { gate: Arc::clone(self), ticket: Some(ticket), waited: now.since(came) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self, ticket: Ticket, fate: Fate, told: Told) {
        let mut state = self.state();
        if state.pace.answer(clock::now(), ticket, fate, told) {
            state.wake_first();
        }
    }
}

/// A place in the queue; whoever leaves it gives it up.
struct Place<'g> {
    gate: &'g Gate,
    notify: Arc<Notify>,
}

impl<'g> Place<'g> {
    fn take(gate: &'g Gate) -> Self {
        let notify = Arc::new(Notify::new());
        gate.state().queue.push_back(Arc::clone(&notify));
        Place { gate, notify }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        // Nobody to be found has gone through.
        if let Some(place) = state.queue.iter().position(|other| Arc::ptr_eq(other, &self.notify)) {
            state.queue.remove(place);
            state.wake_first();
        }
    }
}

/// A request that may be sent. One that is dropped had no answer.
pub(super) struct Permit {
    gate: Arc<Gate>,
    ticket: Option<Ticket>,
    waited: Duration,
}

impl Permit {
    /// How long the request was held back.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// What became of the request.
    pub fn answered(mut self, exchange: &Exchange, policy: &Policy) {
        let asked = exchange.head.last("retry-after");
        // 413 and 503 are a limiter's only if they ask for a wait.
        let is_refused = policy.statuses.contains(&exchange.status) && (exchange.status == 429 || asked.is_some());
        let fate = if is_refused { Fate::Refused } else { Fate::Accepted };
        let told = if is_refused { told(exchange, asked) } else { Told::default() };
        if let Some(ticket) = self.ticket.take() {
            self.gate.answered(ticket, fate, told);
        }
    }
}

fn told(exchange: &Exchange, asked: Option<&str>) -> Told {
    let now = u64::try_from(clock::now().millis() / 1000).unwrap_or(0);
    let wait = asked.and_then(|value| RetryAfter::parse(value, exchange.head.last("date"), now));
    Told { wait: wait.map(|RetryAfter(wait)| wait), rate: None }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.gate.answered(ticket, Fate::Unknown, Told::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_user::Stop;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
    }

    fn refuse(gate: &Gate, mut permit: Permit) {
        let ticket = permit.ticket.take().unwrap();
        gate.answered(ticket, Fate::Refused, Told { wait: Some(Duration::from_secs(60)), rate: None });
    }

    #[test]
    fn who_came_first_goes_first_and_who_leaves_blocks_nobody() {
        runtime().block_on(async {
            let (gate, stop) = (Arc::new(Gate::default()), Stop::default().signal());
            let working = gate.pass(&stop).await.unwrap();
            let refused = gate.pass(&stop).await.unwrap();
            refuse(&gate, refused);
            // Until the other one is answered nobody goes.
            let mut first = Box::pin(gate.pass(&stop));
            let mut second = Box::pin(gate.pass(&stop));
            assert!(futures_pending(&mut first).await && futures_pending(&mut second).await);
            drop(first);
            let mut ticket = working;
            let ticket = ticket.ticket.take().unwrap();
            gate.answered(ticket, Fate::Accepted, Told::default());
            assert!(!second.await.unwrap().waited.is_zero());
        });
    }

    #[test]
    fn a_stop_ends_the_wait() {
        runtime().block_on(async {
            let (gate, stop) = (Arc::new(Gate::default()), Stop::default().signal());
            for _ in 0..2 {
                let permit = gate.pass(&stop).await.unwrap();
                refuse(&gate, permit);
            }
            stop.raise(StopLevel::Shutdown);
            assert!(gate.pass(&stop).await.is_none());
            assert!(gate.state().queue.is_empty());
        });
    }

    async fn futures_pending<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
        })
        .await
    }
}
