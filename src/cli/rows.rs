//! Result files as commands read them: row by row, what is wrong with them told with file and line.

use super::console;
use crate::results::{JtlReader, JtlRow, SaveConfig};
use std::path::Path;

/// Hands each row of `file` to `take`, and tells what was noticed on the way. An error names file and line.
pub(super) fn each_row(file: &Path, expected: &SaveConfig, mut take: impl FnMut(&JtlRow)) -> Result<(), String> {
    let place = file.display();
    let mut reader = JtlReader::open(file, expected).map_err(|error| format!("{place}: {error}"))?;
    while let Some(row) = reader.next_row().map_err(|error| format!("{place}: {error}"))? {
        take(row);
    }
    for warning in reader.warnings() {
        console::error_line(&format!("warning: {place}: {warning}"));
    }
    Ok(())
}
