//! SIGINT and SIGTERM: the first stops the run as `Shutdown` does, a second one at once.

use super::exit_code::Exit;
use crate::results::Closer;
use crate::virtual_user::{Run, StopLevel};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How long an interrupted process gives its files to be closed.
const CLOSING: Duration = Duration::from_secs(2);

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

/// Listens on a thread of its own for as long as the process lives.
pub(super) fn listen(run: Arc<Run>, closer: Closer) -> std::io::Result<Caught> {
    let caught = Caught::default();
    let told = caught.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(wait(&run, &closer, &told)))?;
    Ok(caught)
}

#[cfg(unix)]
async fn wait(run: &Run, closer: &Closer, caught: &Caught) {
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
        caught.0.store(number, Ordering::Release);
        seen += 1;
        match seen {
            1 => run.stop.raise(StopLevel::Shutdown),
            2 => run.stop.raise(StopLevel::Now),
            _ => {
                closer.close(CLOSING);
                std::process::exit(i32::from(128 + number));
            }
        }
    }
}

#[cfg(not(unix))]
async fn wait(run: &Run, closer: &Closer, caught: &Caught) {
    let mut seen = 0;
    while tokio::signal::ctrl_c().await.is_ok() {
        caught.0.store(2, Ordering::Release);
        seen += 1;
        match seen {
            1 => run.stop.raise(StopLevel::Shutdown),
            2 => run.stop.raise(StopLevel::Now),
            _ => {
                closer.close(CLOSING);
                std::process::exit(130);
            }
        }
    }
}
