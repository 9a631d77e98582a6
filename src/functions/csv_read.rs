//! `__CSVRead(file, column)`, `__CSVRead(file, next)` and `__CSVRead(file, *alias)`: a file's rows, which all users share.
//!
//! A user takes a row when it first reads a column, and gives it up with `next`; after the last row comes the first one again. The file is read once,
//! up to its first empty line, and split at `csvread.delimiter` without any quoting. What is wrong gives an empty text.

use super::{Definition, Function, take};
use crate::expr::Expr;
use crate::java::number::parse_int;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use ahash::AHashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) const CSV_READ: Definition = Definition {
    name: "__CSVRead",
    arguments: (2, Some(2)),
    compile: |arguments, scope| {
        let [file, column] = take(arguments);
        let files = scope.slots.common(|slots| Files { rows: slots.slot(), opened: Mutex::default() });
        let delimiter = scope.properties.text_or("csvread.delimiter", ",");
        Ok(Box::new(Call { file: file.unwrap_or_default(), column: column.unwrap_or_default(), files, delimiter }))
    },
    summary: "A column of a file's row; the rows are shared by all users",
};

const TARGET: &str = "org.apache.jmeter.functions.FileWrapper";

struct Call {
    file: Expr,
    column: Expr,
    files: Arc<Files>,
    delimiter: Text,
}

/// What all calls in a plan share (`FileWrapper`).
struct Files {
    /// The row that a user has of each file, by alias.
    rows: Slot<AHashMap<Text, Row>>,
    opened: Mutex<Opened>,
}

#[derive(Default)]
struct Opened {
    by_alias: AHashMap<Text, Arc<Table>>,
    /// The first file, for calls that leave the name out.
    first: Text,
}

struct Row {
    table: Arc<Table>,
    current: Option<usize>,
}

/// A file's rows and the number of the one that is given out next (`FileRowColContainer`).
struct Table {
    rows: Vec<Vec<Text>>,
    next: Mutex<usize>,
}

impl Table {
    fn read(file: &str, delimiter: &str, user: &VirtualUser) -> std::io::Result<Self> {
        let bytes = std::fs::read(user.run.data_file(file))?;
        let text = String::from_utf8(bytes).map_err(std::io::Error::other)?;
        let rows = lines(&text).take_while(|line| !line.is_empty()).map(|line| split(line, delimiter)).collect();
        Ok(Table { rows, next: Mutex::new(0) })
    }

    fn next_row(&self) -> usize {
        let mut next = lock(&self.next);
        let row = *next;
        *next = if row + 1 >= self.rows.len() { 0 } else { row + 1 };
        row
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lines as `BufferedReader` gives them: each `\n`, `\r` or `\r\n` ends one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let end = text.find(['\n', '\r']).unwrap_or(text.len());
        let (line, behind) = text.split_at(end);
        rest = Some(behind.strip_prefix("\r\n").or_else(|| behind.get(1..)).unwrap_or_default());
        Some(line)
    })
}

/// A line's values. Of a delimiter of several characters each one splits, and stays as a value of its own.
fn split(line: &str, delimiter: &str) -> Vec<Text> {
    let mut values = Vec::new();
    let mut after_delimiter = true;
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = if delimiter.contains(first) {
            first.len_utf8()
        } else {
            rest.find(|c| delimiter.contains(c)).unwrap_or(rest.len())
        };
        let (token, behind) = rest.split_at(end);
        rest = behind;
        if token == delimiter {
            if after_delimiter {
                values.push(Text::default());
            }
            after_delimiter = true;
        } else {
            values.push(Text::from(token));
            after_delimiter = false;
        }
    }
    if after_delimiter {
        values.push(Text::default());
    }
    values
}

impl Call {
    /// The first file if no name is given.
    fn named(&self, file: Text) -> Text {
        if !file.is_empty() {
            return file;
        }
        let opened = lock(&self.files.opened);
        if opened.by_alias.len() == 1 && !opened.first.is_empty() {
            log::warn!(target: TARGET, "Using default: {}", opened.first);
            return Text::clone(&opened.first);
        }
        log::error!(target: TARGET, "Cannot determine default file name");
        file
    }

    /// Gives the user a place in the file, unless it has one.
    fn open(&self, file: Text, alias: &Text, user: &mut VirtualUser) {
        log::info!(target: TARGET, "Opening {file} as {alias}");
        let file = self.named(file);
        if alias.is_empty() {
            log::error!(target: TARGET, "Alias cannot be empty");
            return;
        }
        if user.slot(self.files.rows).contains_key(alias) {
            return;
        }
        let mut opened = lock(&self.files.opened);
        let table = match opened.by_alias.get(alias) {
            Some(table) => Arc::clone(table),
            None => match Table::read(&file, &self.delimiter, user) {
                Ok(table) => {
                    let table = Arc::new(table);
                    opened.by_alias.insert(Text::clone(alias), Arc::clone(&table));
                    if opened.first.is_empty() {
                        opened.first = file;
                    }
                    table
                }
                Err(error) => {
                    let target = "org.apache.jmeter.functions.FileRowColContainer";
                    log::warn!(target: target, "{error}: {file}");
                    return;
                }
            },
        };
        drop(opened);
        user.slot(self.files.rows).insert(Text::clone(alias), Row { table, current: None });
    }

    fn end_row(&self, file: Text, user: &mut VirtualUser) {
        let file = self.named(file);
        match user.slot(self.files.rows).get_mut(&file) {
            None => log::warn!(target: TARGET, "endRow(): no entry for {file}"),
            Some(row) => {
                if row.current.take().is_none() {
                    log::warn!(target: TARGET, "endRow() called twice in succession");
                }
            }
        }
    }

    fn column(&self, mut file: Text, column: i32, user: &mut VirtualUser) -> Text {
        if !user.slot(self.files.rows).contains_key(&file) {
            if file.starts_with('*') {
                log::warn!(target: TARGET, "Cannot perform initial open using alias {file}");
            } else {
                file = self.named(file);
                self.open(Text::clone(&file), &file, user);
            }
        }
        let Some(row) = user.slot(self.files.rows).get_mut(&file) else { return Text::default() };
        let current = *row.current.get_or_insert_with(|| row.table.next_row());
        let values = row.table.rows.get(current);
        let value = values.and_then(|values| values.get(usize::try_from(column).ok()?)).cloned();
        value.unwrap_or_else(|| {
            log::warn!(
                target: "org.apache.jmeter.functions.CSVRead",
                "{} - invalid column number: {column} at row {current}", user.thread_name
            );
            Text::default()
        })
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (file, column) = (self.file.eval(user)?, self.column.eval(user)?);
        if column.starts_with('*') {
            self.open(file, &column, user);
            return Ok(Text::default());
        }
        if matches!(&*column, "next" | "next()") {
            self.end_row(file, user);
            return Ok(Text::default());
        }
        match parse_int(&column) {
            Ok(number) => Ok(self.column(file, number, user)),
            Err(error) => {
                log::warn!(
                    target: "org.apache.jmeter.functions.CSVRead",
                    "{} - can't parse column number: {column} java.lang.NumberFormatException: {error}", user.thread_name
                );
                Ok(Text::default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{lines, split};
    use crate::functions::testing::Bench;

    #[test]
    fn values_of_a_line() {
        for (line, delimiter, expected) in [
            ("a,b,c", ",", "a|b|c"),
            ("a,,c,", ",", "a||c|"),
            (",a", ",", "|a"),
            ("\"a,b\"", ",", "\"a|b\""),
            ("a;;b", ";;", "a|;|;|b"),
        ] {
            assert_eq!(split(line, delimiter).join("|"), expected, "{line}");
        }
        assert_eq!(lines("a\r\nb\rc\n\nd").collect::<Vec<_>>(), ["a", "b", "c", "", "d"]);
    }

    #[test]
    fn users_take_rows_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), "a1,b1\na2,b2\n\nnot read\n").unwrap();
        std::fs::write(folder.path().join("t.csv"), "k1\tv1\n").unwrap();
        let mut bench = Bench::default();
        bench.base_dir = folder.path().to_path_buf();
        let texts = ["${__CSVRead(d.csv,0)}${__CSVRead(d.csv,1)}", "${__CSVRead(d.csv,next)}"];
        let (mut users, exprs) = bench.users(2, &texts);
        let mut read = |user: usize, expr: usize| exprs[expr].eval(&mut users[user]).unwrap().to_string();
        let seen: Vec<String> = [(0, 0), (1, 0), (0, 0), (0, 1), (0, 0), (1, 1), (1, 1), (1, 0)]
            .into_iter()
            .map(|(user, expr)| read(user, expr))
            .collect();
        assert_eq!(seen, ["a1b1", "a2b2", "a1b1", "", "a1b1", "", "", "a2b2"]);
    }

    #[test]
    fn aliases_and_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), "k1;v1\nk2;v2\n").unwrap();
        std::fs::write(folder.path().join("empty.csv"), "").unwrap();
        let mut bench = Bench::default().property("csvread.delimiter", ";");
        bench.base_dir = folder.path().to_path_buf();
        bench.check(&[
            ("[${__CSVRead(*al,0)}]", "[]"),
            ("[${__CSVRead(d.csv,*al)}]", "[]"),
            ("${__CSVRead(*al,0)} ${__CSVRead(*al,1)}${__CSVRead(*al,next())}", "k1 v1"),
            ("${__CSVRead(*al,1)}", "v2"),
            // The only file there is.
            ("${__CSVRead(,0)}", "k1"),
            ("[${__CSVRead(*al,9)}${__CSVRead(*al,-1)}${__CSVRead(*al,x)}]", "[]"),
            ("[${__CSVRead(none.csv,0)}${__CSVRead(none.csv,next)}]", "[]"),
            ("[${__CSVRead(empty.csv,0)}]", "[]"),
        ]);
    }
}
