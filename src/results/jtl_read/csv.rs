//! Rows of a CSV result file: its header line, or the columns of the properties; then a row a record.

use super::records::{Found, Records};
use super::row::{JtlField, JtlRow};
use super::source::Source;
use super::time_stamp::TimeStamps;
use super::{BrokenRow, ReadError, Warnings};
use crate::results::SaveConfig;
use crate::results::jtl_csv;
use crate::text::Text;
use std::io;

/// A header line is not longer than this.
const LONGEST_HEADER: usize = 64 * 1024;

const OTHER_COLUMNS: &str = "a file without a header, or one that was gone on with, can only be read with the \
                             jmeter.save.saveservice.* properties that it was written with";

pub(super) struct CsvRows {
    records: Records,
    columns: Vec<Column>,
    time_stamps: TimeStamps,
    row: JtlRow,
    ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    Known(JtlField),
    /// Index into [`JtlRow::extra`].
    Extra(usize),
}

impl CsvRows {
    pub(super) fn new(mut source: Source, expected: &SaveConfig, warnings: &mut Warnings) -> io::Result<CsvRows> {
        let (line, length) = first_line(&mut source)?;
        let (delimiter, names) = if let Some((delimiter, names)) = find_header(&line, expected.delimiter) {
            source.skip(length);
            (delimiter, names)
        } else {
            if !line.is_empty() {
                warnings.add(1, "there is no header line; the columns are those of jmeter.save.saveservice.*".into());
            }
            let names = jtl_csv::column_names(expected).map(Text::from);
            (expected.delimiter, names.chain(expected.sample_variables.iter().cloned()).collect())
        };
        let mut rows = CsvRows {
            records: Records::new(source, delimiter),
            columns: Vec::new(),
            time_stamps: TimeStamps::new(&expected.timestamp_format),
            row: JtlRow::default(),
            ended: false,
        };
        rows.set_columns(&names);
        Ok(rows)
    }

    /// The names of the columns.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| match column {
            Column::Known(field) => field.column(),
            Column::Extra(index) => &self.row.extra[*index].0,
        })
    }

    fn set_columns(&mut self, names: &[Text]) {
        self.columns.clear();
        self.row.extra.clear();
        for name in names {
            let column = JtlField::of_column(name).map(Column::Known).filter(|known| !self.columns.contains(known));
            self.columns.push(column.unwrap_or_else(|| {
                self.row.extra.push((name.clone(), String::new()));
                Column::Extra(self.row.extra.len() - 1)
            }));
        }
    }

    pub(super) fn next(&mut self, warnings: &mut Warnings) -> Result<Option<&JtlRow>, ReadError> {
        while !self.ended {
            let found = self.records.next().inspect_err(|_| self.ended = true)?;
            let line = self.records.line();
            match found {
                Found::Record { without_line_end } => match self.read(line) {
                    Ok(()) => {
                        if without_line_end {
                            warnings.add(line, "the last line has no end; it may have been cut off".into());
                        }
                        return Ok(Some(&self.row));
                    }
                    Err(_) if without_line_end => {
                        warnings.add(line, "the last line is not complete and was left out".into());
                    }
                    Err(problem) => {
                        let fields: Vec<_> = (0..self.records.fields()).map(|at| self.records.field(at)).collect();
                        if !is_header(fields.iter().map(|name| &**name)) {
                            return Err(ReadError::Row(problem));
                        }
                        let names: Vec<Text> = fields.iter().map(|name| Text::from(&**name)).collect();
                        warnings.add(line, "another header line; the columns are those that it names".into());
                        self.set_columns(&names);
                    }
                },
                Found::Broken(what) => {
                    return Err(ReadError::Row(BrokenRow { line, problem: what.to_owned(), advice: OTHER_COLUMNS }));
                }
                Found::Unclosed => {
                    warnings.add(line, "quotes are not closed before the end; all from here was left out".into());
                    self.ended = true;
                }
                Found::End => self.ended = true,
            }
        }
        if self.records.source.is_cut_off() {
            warnings.add(self.records.line(), "the compressed file ends before its end".into());
        }
        Ok(None)
    }

    /// Reads the record at hand.
    fn read(&mut self, line: u64) -> Result<(), BrokenRow> {
        let broken = |problem| BrokenRow { line, problem, advice: OTHER_COLUMNS };
        let (found, expected) = (self.records.fields(), self.columns.len());
        if found != expected {
            return Err(broken(format!("{found} fields instead of {expected}")));
        }
        self.row.clear();
        self.row.line = line;
        for (index, column) in self.columns.iter().enumerate() {
            let value = self.records.field(index);
            let read = match column {
                Column::Known(JtlField::TimeStamp) => {
                    self.time_stamps.read(&value).map(|moment| self.row.set_time_stamp(moment))
                }
                Column::Known(field) => self.row.set(*field, &value).ok(),
                Column::Extra(index) => {
                    value.as_ref().clone_into(&mut self.row.extra[*index].1);
                    Some(())
                }
            };
            if read.is_none() {
                let name = match column {
                    Column::Known(field) => field.column(),
                    Column::Extra(index) => &self.row.extra[*index].0,
                };
                let shown: String = value.chars().take(60).collect();
                return Err(broken(format!("{name} is {shown:?}")));
            }
        }
        Ok(())
    }
}

/// The first line, and its length with its end.
fn first_line(source: &mut Source) -> io::Result<(String, usize)> {
    loop {
        let bytes = source.buffered();
        let end = memchr::memchr2(b'\n', b'\r', bytes);
        let known = match end {
            Some(end) => Some((end, end + if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 })),
            None if bytes.len() > LONGEST_HEADER => Some((LONGEST_HEADER, bytes.len())),
            None => None,
        };
        let length = bytes.len();
        if let Some((end, length)) = known {
            return Ok((String::from_utf8_lossy(&bytes[..end]).into_owned(), length));
        }
        if !source.more()? {
            return Ok((String::from_utf8_lossy(source.buffered()).into_owned(), length));
        }
    }
}

/// The delimiter and the names of a header line, if it is one: with the delimiter that is configured, or with the
/// character that follows its first word.
fn find_header(line: &str, configured: u8) -> Option<(u8, Vec<Text>)> {
    let guessed = line.trim_start_matches('"').bytes().find(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    [Some(configured), guessed].into_iter().flatten().find_map(|delimiter| {
        let names: Vec<&str> = line.split(char::from(delimiter)).map(unquoted).collect();
        is_header(names.iter().copied()).then(|| (delimiter, names.into_iter().map(Text::from).collect()))
    })
}

/// Whether at least half of the fields are names of columns. A label can be such a word, too; a whole row cannot.
fn is_header<'a>(fields: impl Iterator<Item = &'a str>) -> bool {
    let (known, all) =
        fields.fold((0, 0), |(known, all), field| (known + usize::from(JtlField::of_column(field).is_some()), all + 1));
    known > 0 && 2 * known >= all
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}
