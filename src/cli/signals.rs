//! SIGINT and SIGTERM: the first stops the run as `Shutdown` does, a second one at once.

use super::exit_code::Exit;
use crate::virtual_user::StopLevel;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Which signal ended the run, if one did.
#[derive(Clone, Default)]
pub(super) struct Caught(Arc<AtomicU8>);

impl Caught {
    /// The exit status of the signal.
    pub fn exit(&self) -> Option<Exit> {
        match self.0.load(Ordering::Acquire) {
            2 => Some(Exit::Interrupted),
            15 => Some(Exit::Terminated),
            _ => None,
        }
    }
}

/// What a signal ends.
pub(super) trait Stoppable: Send {
    /// The first signal asks for [`StopLevel::Shutdown`], the second one for [`StopLevel::Now`].
    fn stop(&self, level: StopLevel);

    /// At the third one the process ends as soon as this is done.
    fn close(&self);
}

/// Listens on a thread of its own for as long as the process lives.
pub(super) fn listen(stoppable: impl Stoppable + 'static) -> std::io::Result<Caught> {
    let caught = Caught::default();
    let told = caught.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(wait(&stoppable, &told)))?;
    Ok(caught)
}

#[cfg(unix)]
async fn wait(stoppable: &dyn Stoppable, caught: &Caught) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    let mut seen = 0;
    loop {
        let number = tokio::select! {
            _ = interrupt.recv() => 2_u8,
            _ = terminate.recv() => 15,
        };
        seen += 1;
        obey(stoppable, caught, number, seen);
    }
}

#[cfg(not(unix))]
async fn wait(stoppable: &dyn Stoppable, caught: &Caught) {
    let mut seen = 0;
    while tokio::signal::ctrl_c().await.is_ok() {
        seen += 1;
        obey(stoppable, caught, 2, seen);
    }
}

fn obey(stoppable: &dyn Stoppable, caught: &Caught, number: u8, seen: u32) {
    caught.0.store(number, Ordering::Release);
    match seen {
        1 => stoppable.stop(StopLevel::Shutdown),
        2 => stoppable.stop(StopLevel::Now),
        _ => {
            stoppable.close();
            super::tui::restore();
            std::process::exit(i32::from(128 + number));
        }
    }
}
