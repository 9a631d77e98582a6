//! Commands that have options of their own.

use super::exit_code::Exit;
use super::{console, usage_error};
use clap::{ArgMatches, Command};
use std::ffi::OsString;

/// What was typed after the name of a command. The error is the exit status of a command that ends there: its help was
/// asked for, or what was typed cannot be understood.
pub(super) fn asked<T>(
    name: &str,
    command: Command,
    help: &str,
    words: &[OsString],
    read: impl FnOnce(&ArgMatches) -> Result<T, String>,
) -> Result<T, Exit> {
    let asked = match command.try_get_matches_from(words) {
        Ok(matches) if matches.get_flag("help") => {
            console::line(help);
            return Err(Exit::Done);
        }
        Ok(matches) => read(&matches),
        Err(error) => Err(usage_error(&error)),
    };
    asked.map_err(|message| {
        console::error_line(&message);
        console::error_line(&format!("'rotameter {name} --help' lists the options."));
        Exit::Failed
    })
}
