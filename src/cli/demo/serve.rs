//! `rotameter demo --serve`: the API alone.

use super::server::Server;
use super::{LIMIT, Stopper, cannot_serve, words};
use crate::cli::console;
use crate::cli::exit_code::Exit;
use crate::cli::session::Failure;
use std::time::Duration;

/// Serves for a time, or until a signal comes.
pub(super) fn serve(port: u16, time: Option<Duration>) -> Result<Exit, Failure> {
    let server = Server::start(port, LIMIT).map_err(|error| cannot_serve(port, &error))?;
    let stopper = Stopper::listen()?;
    console::line(&words::serving(server.address(), &words::program()));
    match time {
        Some(time) => drop(stopper.pause(time)),
        None => stopper.wait(),
    }
    let counts = server.counts();
    console::line(&format!("Served {} requests, {} of them were answered 429.", counts.requests, counts.refused));
    Ok(Exit::Done)
}
