//! Hands a finished sample to those who hear it.

use super::controllers::Walk;
use super::roles::{Listener, ListenerRef};
use crate::results::{CollectorId, SampleResult};
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use std::sync::Arc;

/// Hands `result` to `listeners`, in order. A listener that changes it changes what those after it see. Events for result
/// files go to the user's outbox. Transaction Controllers do not sum up other transactions.
pub fn notify(walk: &mut Walk<'_>, listeners: &[ListenerRef], result: &mut SampleResult, is_transaction_row: bool) {
    for listener in listeners {
        match listener {
            ListenerRef::Collectors(collectors) => record(walk.user, result, collectors),
            ListenerRef::Listener(element) => tell(walk.user, &**element, result),
            ListenerRef::Transaction(controller) => {
                if !is_transaction_row {
                    walk.behaviour(*controller).sample_occurred(walk, *controller, result);
                }
            }
        }
    }
}

/// Hands `result` to one element.
pub fn tell(user: &mut VirtualUser, listener: &dyn Listener, result: &mut SampleResult) {
    if let Err(thrown) = listener.sample_occurred(user, result) {
        log::error!(target: "org.apache.jmeter.threads.ListenerNotifier", "Detected problem in Listener: {thrown}");
    }
}

/// Hands `result` to the result files.
pub fn record(user: &VirtualUser, result: &SampleResult, collectors: &Arc<[CollectorId]>) {
    let variables: Box<[Option<Text>]> = user.run.sample_variables.iter().map(|id| user.variables.text(*id)).collect();
    if let Some(sink) = &user.sink {
        sink.record(result, collectors, variables);
    }
}
