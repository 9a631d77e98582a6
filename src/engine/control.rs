//! The control port: a datagram `Shutdown` or `StopTestNow` from this machine stops the run, as JMeter's shutdown.sh and
//! stoptest.sh send them (`org.apache.jmeter.JMeter.waitForSignals`).

use crate::virtual_user::{Run, StopLevel};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A port that takes commands until it is dropped.
pub struct ControlPort {
    /// The port.
    pub port: u16,
    ended: Arc<AtomicBool>,
}

impl ControlPort {
    /// Opens the first free port of `from..=to` on the loopback interface; `None` when there is none, or when ports up to
    /// 1000 switch it off. `said` gets JMeter's line for each command.
    pub fn open(from: i64, to: i64, run: &Arc<Run>, said: impl Fn(&str) + Send + 'static) -> Option<Self> {
        if from <= 1000 {
            return None;
        }
        let socket = (from..=to.max(from))
            .filter_map(|port| u16::try_from(port).ok())
            .find_map(|port| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).ok())?;
        socket.set_read_timeout(Some(Duration::from_millis(200))).ok()?;
        let port = socket.local_addr().ok()?.port();
        let ended = Arc::new(AtomicBool::new(false));
        let (run, over) = (Arc::clone(run), Arc::clone(&ended));
        let listener = move || listen(&socket, &run, &over, &said);
        std::thread::Builder::new().name("control-port".to_owned()).spawn(listener).ok()?;
        Some(ControlPort { port, ended })
    }
}

impl Drop for ControlPort {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

fn listen(socket: &UdpSocket, run: &Run, over: &AtomicBool, said: &dyn Fn(&str)) {
    let mut buffer = [0; 100];
    while !over.load(Ordering::Acquire) {
        let Ok((length, sender)) = socket.recv_from(&mut buffer) else { continue };
        let command = String::from_utf8_lossy(&buffer[..length]);
        let command = command.trim();
        said(&format!("Command: {command} received from /{}", sender.ip()));
        match command {
            "Shutdown" => run.stop.ask(),
            "StopTestNow" => run.stop.raise(StopLevel::Now),
            "HeapDump" | "ThreadDump" => said(&format!("Command: {command} has no meaning here")),
            other => said(&format!("Command: {other} not recognised ")),
        }
    }
}
