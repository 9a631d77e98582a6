//! Result files read back: CSV and XML of JMeter 2.13 to 5.6, plain, gzip or zstd, a row at a time in constant memory.
//!
//! ```no_run
//! # fn f(save: &rotameter::results::SaveConfig) -> Result<(), rotameter::results::ReadError> {
//! use rotameter::results::{JtlReader, ReadError};
//! let mut reader = JtlReader::open("results.jtl".as_ref(), save)?;
//! while let Some(row) = reader.next_row()? {
//!     let _ = (&row.label, row.elapsed, row.success, row.extra("my_variable"));
//! }
//! for warning in reader.warnings() { /* a last line that was cut off, a missing header */ }
//! # Ok(()) }
//! ```
//!
//! `save` says what the properties say: the columns of files without a header line, their delimiter, the pattern of time
//! stamps. A [`ReadError::Row`] tells of one row; JMeter stops there, and who calls [`JtlReader::next_row`] again goes on
//! behind it.

mod csv;
mod records;
mod row;
mod source;
#[cfg(test)]
mod tests;
mod time_stamp;
mod xml;

use super::SaveConfig;
use csv::CsvRows;
pub use row::{JtlField, JtlRow, RowData};
use source::Source;
use std::io::{self, Read};
use std::path::Path;
use xml::XmlRows;

/// Reads a result file.
pub struct JtlReader {
    rows: Rows,
    warnings: Warnings,
}

enum Rows {
    Csv(Box<CsvRows>),
    Xml(Box<XmlRows>),
}

/// Why there is no row.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all, or not any further.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// One row cannot be understood.
    #[error(transparent)]
    Row(BrokenRow),
}

/// A row that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}{}{advice}", if advice.is_empty() { "" } else { "; " })]
pub struct BrokenRow {
    /// Where it begins, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
    /// What may be the reason; may be empty.
    pub advice: &'static str,
}

/// Something that did not keep the file from being read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {text}")]
pub struct ReadWarning {
    /// Where, from 1.
    pub line: u64,
    /// What it is.
    pub text: String,
}

/// The first of them; a file can give cause for millions.
#[derive(Debug, Default)]
struct Warnings(Vec<ReadWarning>);

impl Warnings {
    const MOST: usize = 100;

    fn add(&mut self, line: u64, text: String) {
        let warning = ReadWarning { line, text };
        if self.0.len() < Warnings::MOST && self.0.last() != Some(&warning) {
            self.0.push(warning);
        }
    }
}

impl JtlReader {
    /// Opens a file. `expected` is what the properties say of files that do not say it themselves.
    pub fn open(path: &Path, expected: &SaveConfig) -> io::Result<JtlReader> {
        JtlReader::of(Source::open(path)?, expected)
    }

    /// Reads from anything that gives bytes.
    pub fn new(input: impl Read + Send + 'static, expected: &SaveConfig) -> io::Result<JtlReader> {
        JtlReader::of(Source::new(input)?, expected)
    }

    fn of(mut source: Source, expected: &SaveConfig) -> io::Result<JtlReader> {
        let mut warnings = Warnings::default();
        let is_xml = loop {
            let start = source.buffered();
            if let Some(byte) = start.iter().find(|byte| !byte.is_ascii_whitespace()) {
                break *byte == b'<';
            }
            if start.len() > 1024 || !source.more()? {
                break false;
            }
        };
        let rows = if is_xml {
            Rows::Xml(Box::new(XmlRows::new(source)))
        } else {
            Rows::Csv(Box::new(CsvRows::new(source, expected, &mut warnings)?))
        };
        Ok(JtlReader { rows, warnings })
    }

    /// The next row; `None` at the end.
    pub fn next_row(&mut self) -> Result<Option<&JtlRow>, ReadError> {
        match &mut self.rows {
            Rows::Csv(rows) => rows.next(&mut self.warnings),
            Rows::Xml(rows) => rows.next(&mut self.warnings),
        }
    }

    /// The columns of a CSV file, in its order; `None` for XML, where each sample says what it has.
    pub fn columns(&self) -> Option<Vec<&str>> {
        match &self.rows {
            Rows::Csv(rows) => Some(rows.columns().collect()),
            Rows::Xml(_) => None,
        }
    }

    /// What was met so far that did not keep the file from being read; the first hundred.
    pub fn warnings(&self) -> &[ReadWarning] {
        &self.warnings.0
    }
}
