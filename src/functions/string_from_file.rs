//! `__StringFromFile(file, variable, start, end)`: the next line of a file at each call, from its start again at its end. All
//! users read on from each other; every place in the plan reads for itself.
//!
//! With a start or end, the files of a sequence are read one after the other: the name is a pattern of
//! [`DecimalFormat`], and the user who comes to its end stops. A file that cannot be read gives `**ERR**`. Relative names mean
//! the working directory.

use super::file_to_string::ERROR_TEXT;
use super::{Definition, Function, Store, take};
use crate::expr::Expr;
use crate::java::decimal_format::DecimalFormat;
use crate::java::number::parse_int;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::{Mutex, PoisonError};

pub(super) const STRING_FROM_FILE: Definition = Definition {
    name: "__StringFromFile",
    arguments: (1, Some(4)),
    compile: |arguments, scope| {
        let [file, store, start, end] = take(arguments);
        let store = store.unwrap_or_else(|| Expr::literal("StringFromFile_"));
        let store = Store::new(Some(store), scope);
        let call = Call { file: file.unwrap_or_default(), store, start, end, reading: Mutex::default() };
        Ok(Box::new(call))
    },
    summary: "The next line of a file, or of the files of a sequence",
};

const TARGET: &str = "org.apache.jmeter.functions.StringFromFile";

struct Call {
    file: Expr,
    store: Store,
    start: Option<Expr>,
    end: Option<Expr>,
    reading: Mutex<Reading>,
}

/// Where the reading is.
#[derive(Default)]
struct Reading {
    /// Whether a file was opened before.
    began: bool,
    lines: Option<BufReader<File>>,
    name: Text,
    /// Number of the file that is opened next.
    current: Option<i32>,
    end: Option<i32>,
}

impl Call {
    /// Opens the file, or the next one of the sequence.
    fn open(&self, reading: &mut Reading, user: &mut VirtualUser) -> Result<(), Thrown> {
        reading.lines = None;
        reading.name = self.file.eval(user)?;
        let start = number(self.start.as_ref(), "Start", user)?;
        let current = reading.current.or(start).unwrap_or(1);
        reading.current = Some(current);
        reading.end = number(self.end.as_ref(), "End", user)?;
        let thread = &user.thread_name;
        if self.start.is_some() {
            if let Some(end) = reading.end.filter(|end| current > *end) {
                log::info!(target: TARGET, "{thread} No more files to process, {current} > {end}");
                return Ok(());
            }
            if start.is_some() {
                log::info!(target: TARGET, "{thread} using format {}", reading.name);
                let format = DecimalFormat::compile(&reading.name)
                    .map_err(|error| Thrown::new("java.lang.IllegalArgumentException", error.to_string()))?;
                let name = format.format_long(i64::from(current));
                reading.name = Text::from(name);
            }
            reading.current = Some(current.wrapping_add(1));
        }
        log::info!(target: TARGET, "{thread} opening file {}", reading.name);
        match File::open(&*reading.name) {
            Ok(file) => reading.lines = Some(BufReader::new(file)),
            Err(error) => log::error!(target: TARGET, "openFile() error: {}: {error}", reading.name),
        }
        Ok(())
    }

    fn next_line(&self, reading: &mut Reading, user: &mut VirtualUser) -> Result<Option<Text>, Thrown> {
        if !reading.began {
            self.open(reading, user)?;
            reading.began = true;
        }
        let mut line = reading.line(user);
        if matches!(line, Line::End) {
            log::info!(target: TARGET, "{} EOF on  file {}", user.thread_name, reading.name);
            self.open(reading, user)?;
            line = reading.line(user);
        }
        match line {
            Line::Text(text) => Ok(Some(text)),
            Line::End => Ok(None),
            Line::Unreadable => Ok(Some(Text::from(ERROR_TEXT))),
            Line::Closed if reading.end.is_some() => {
                log::info!(target: TARGET, "{} Detected end of sequence.", user.thread_name);
                Err(Thrown::stop_thread("End of sequence"))
            }
            Line::Closed => Ok(Some(Text::from(ERROR_TEXT))),
        }
    }
}

/// What the reader gave.
enum Line {
    Text(Text),
    End,
    Unreadable,
    /// No file is open.
    Closed,
}

impl Reading {
    /// `BufferedReader.readLine()`
    fn line(&mut self, user: &VirtualUser) -> Line {
        let Some(lines) = &mut self.lines else { return Line::Closed };
        match read_line(lines) {
            Ok(Some(text)) => Line::Text(text),
            Ok(None) => Line::End,
            Err(error) => {
                log::error!(target: TARGET, "{} error reading file {error}", user.thread_name);
                Line::Unreadable
            }
        }
    }
}

/// A line without its end, which may be `\n`, `\r` or both; none at the end of the file.
fn read_line(lines: &mut BufReader<File>) -> std::io::Result<Option<Text>> {
    let mut line = Vec::new();
    loop {
        let available = lines.fill_buf()?;
        if available.is_empty() {
            if line.is_empty() {
                return Ok(None);
            }
            break;
        }
        if let Some(at) = memchr::memchr2(b'\n', b'\r', available) {
            line.extend_from_slice(&available[..at]);
            let ended_by = available[at];
            lines.consume(at + 1);
            if ended_by == b'\r' && lines.fill_buf()?.first() == Some(&b'\n') {
                lines.consume(1);
            }
            break;
        }
        line.extend_from_slice(available);
        let length = available.len();
        lines.consume(length);
    }
    match std::str::from_utf8(&line) {
        Ok(text) => Ok(Some(Text::from(text))),
        Err(_) => Err(std::io::Error::other("java.nio.charset.MalformedInputException: Input length = 1")),
    }
}

/// A number of the sequence; none if it is no number.
fn number(argument: Option<&Expr>, what: &str, user: &mut VirtualUser) -> Result<Option<i32>, Thrown> {
    /// JMeter's word for "no number", so that this one cannot be used.
    const UNUSED: i32 = -2;
    let Some(argument) = argument else { return Ok(None) };
    let text = argument.eval(user)?;
    let number = parse_int(&text).ok();
    if number.is_none() {
        log::warn!(
            target: TARGET,
            "Exception parsing {text} as int, value will not be considered as {what} Number sequence"
        );
    }
    Ok(number.filter(|number| *number != UNUSED))
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            self.next_line(&mut reading, user)?
        };
        // A file without a line is Java's null, which leaves no variable behind.
        let Some(text) = text else { return Ok(Text::from("null")) };
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, show};
    use std::path::Path;

    /// The first call's value for that many calls, at one place, in a folder that holds these files.
    fn read(files: &[(&str, &[u8])], call: &str, count: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(Path::join(folder.path(), name), content).unwrap();
        }
        // The pattern's special characters must not come from the folder's name.
        let folder_name = format!("'{}/'", folder.path().display());
        let plain = format!("{}/", folder.path().display());
        let bench = Bench::default().variable("q", &folder_name).variable("d", &plain);
        let (mut users, exprs) = bench.users(2, &[call]);
        (0..count).map(|index| show(exprs[0].eval(&mut users[index % 2]))).collect()
    }

    #[test]
    fn lines_come_in_turn_to_all_users() {
        let lines = read(&[("a", b"one\r\n\rthree")], "${__StringFromFile(${d}a,v)}|${v}", 5);
        assert_eq!(lines, ["one|one", "|", "three|three", "one|one", "|"]);
        assert_eq!(read(&[("a", b"x\n")], "${__StringFromFile(${d}a)}|${StringFromFile_}", 2), ["x|x", "x|x"]);
        assert_eq!(read(&[], "${__StringFromFile(${d}a,,,)}", 2), ["**ERR**", "**ERR**"]);
        assert_eq!(read(&[("a", b"")], "${__StringFromFile(${d}a,v)}|${v}", 2), ["null|${v}", "null|${v}"]);
        assert_eq!(read(&[("a", b"\xe9\nb")], "${__StringFromFile(${d}a)}", 2), ["**ERR**", "b"]);
    }

    #[test]
    fn a_sequence_of_files_has_an_end() {
        let files: &[(&str, &[u8])] = &[("p01.t", b"a\nb"), ("p02.t", b"c")];
        let stop = "!org.apache.jorphan.util.JMeterStopThreadException: End of sequence";
        assert_eq!(read(files, "${__StringFromFile(${q}p00.t,,1,2)}", 5), ["a", "b", "c", stop, stop]);
        assert_eq!(read(files, "${__StringFromFile(${q}p00.t,,2,)}", 3), ["c", "**ERR**", "**ERR**"]);
        assert_eq!(read(files, "${__StringFromFile(${d}p01.t,,x,2)}", 6), ["a", "b", "a", "b", stop, stop]);
    }
}
