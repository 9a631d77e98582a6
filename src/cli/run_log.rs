//! The run's log file, in the layout of JMeter's log4j2.xml: `2026-11-24 02:46:00,360 INFO o.a.j.e.StandardJMeterEngine:
//! Running the test!`. Tools read it.

use super::console;
use crate::clock::{self, Timestamp};
use crate::functions::log::{STDERR, STDOUT};
use crate::java::date_format::{DateFormat, DateTimeFormatter, Locale, Moment, Zone};
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The log of the one run of this process.
struct RunLog {
    file: Mutex<Option<BufWriter<File>>>,
    levels: OnceLock<Levels>,
    format: DateFormat,
}

/// Levels by category, longest prefix first, and the one for all others.
struct Levels {
    categories: Vec<(String, LevelFilter)>,
    root: LevelFilter,
}

static LOG: OnceLock<RunLog> = OnceLock::new();

/// Opens the log and makes it the process's. Levels are `-L` options: `[category=]level`. Its folder is made if it is not there.
pub(super) fn open(path: &Path, levels: &[String]) -> std::io::Result<()> {
    let named = path.to_str().map(|name| PathBuf::from(with_dates(name, clock::now())));
    let path = named.as_deref().unwrap_or(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = File::create(path)?;
    let Ok(format) = DateFormat::compile("yyyy-MM-dd HH:mm:ss,SSS") else {
        return Err(std::io::Error::other("the log's date pattern"));
    };
    let log = LOG.get_or_init(|| RunLog { file: Mutex::new(None), levels: OnceLock::new(), format });
    *log.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(BufWriter::new(file));
    let (parsed, bad) = parse_levels(levels);
    let most = parsed.categories.iter().map(|(_, level)| *level).chain([parsed.root]).max();
    let _ = log.levels.set(parsed);
    // A second log in one process (tests) keeps the first.
    if log::set_logger(log).is_ok() {
        log::set_max_level(most.unwrap_or(LevelFilter::Info));
    }
    for text in bad {
        log::warn!(target: "org.apache.jmeter.JMeter", "Invalid log level: {text}");
    }
    Ok(())
}

/// A name with what stands between apostrophes replaced by `now` in that pattern (`jmeter_'yyyyMMdd'.log`). A name in which
/// anything of that cannot be read is left as it is.
fn with_dates(name: &str, now: Timestamp) -> String {
    let mut out = String::new();
    for (at, piece) in name.split('\'').enumerate() {
        if at.is_multiple_of(2) {
            out.push_str(piece);
            continue;
        }
        let formatter = DateTimeFormatter::of_pattern(piece, &Locale::english());
        let written =
            formatter.is_ok_and(|formatter| formatter.format(&mut out, &Moment::at(now, &Zone::local())).is_ok());
        if !written {
            return name.to_owned();
        }
    }
    // An apostrophe without a second one.
    if name.split('\'').count().is_multiple_of(2) { name.to_owned() } else { out }
}

/// Writes what is buffered.
pub(super) fn flush() {
    if let Some(log) = LOG.get() {
        log.flush();
    }
}

fn parse_levels(options: &[String]) -> (Levels, Vec<&String>) {
    let mut levels = Levels { categories: Vec::new(), root: LevelFilter::Info };
    let mut bad = Vec::new();
    for option in options {
        let (category, level) = option.split_once('=').unwrap_or(("", option));
        let Some(level) = level_named(level) else {
            bad.push(option);
            continue;
        };
        match category {
            "" => levels.root = level,
            short if short.starts_with("jmeter") || short.starts_with("jorphan") => {
                levels.categories.push((format!("org.apache.{short}"), level));
            }
            full => levels.categories.push((full.to_owned(), level)),
        }
    }
    levels.categories.sort_by_key(|(category, _)| std::cmp::Reverse(category.len()));
    (levels, bad)
}

fn level_named(name: &str) -> Option<LevelFilter> {
    Some(match name.to_ascii_uppercase().as_str() {
        "OFF" => LevelFilter::Off,
        "FATAL" | "ERROR" => LevelFilter::Error,
        "WARN" => LevelFilter::Warn,
        "INFO" => LevelFilter::Info,
        "DEBUG" => LevelFilter::Debug,
        "TRACE" | "ALL" => LevelFilter::Trace,
        _ => return None,
    })
}

/// `org.apache.jmeter.threads.JMeterThread` as log4j's `%c{1.}` prints it: `o.a.j.t.JMeterThread`.
fn abbreviate(category: &str) -> String {
    let Some((packages, class)) = category.rsplit_once('.') else { return category.to_owned() };
    let mut short = String::with_capacity(class.len() + 8);
    for package in packages.split('.') {
        short.extend(package.chars().next());
        short.push('.');
    }
    short.push_str(class);
    short
}

impl Log for RunLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let Some(levels) = self.levels.get() else { return false };
        // Libraries below us (hyper, rustls) speak only when they are asked by name.
        let is_own = metadata.target().starts_with("org.apache.") || metadata.target().starts_with("rotameter");
        let category = levels.categories.iter().find(|(category, _)| metadata.target().starts_with(category.as_str()));
        let most = match category {
            Some((_, level)) => *level,
            None if is_own => levels.root,
            None => levels.root.min(LevelFilter::Warn),
        };
        metadata.level() <= most
    }

    fn log(&self, record: &Record<'_>) {
        match record.target() {
            STDOUT => return console::line(&record.args().to_string()),
            STDERR => return console::error_line(&record.args().to_string()),
            _ => {}
        }
        if !self.enabled(record.metadata()) {
            return;
        }
        let level = match record.level() {
            Level::Error => "ERROR",
            Level::Warn => "WARN",
            Level::Info => "INFO",
            Level::Debug => "DEBUG",
            Level::Trace => "TRACE",
        };
        let date = self.format.format_to_string(clock::now(), &Zone::local());
        let line = format!("{date} {level} {}: {}\n", abbreviate(record.target()), record.args());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = file.as_mut() {
            // A log that cannot be written must not stop the run; the results say what matters.
            let _ = file.write_all(line.as_bytes());
            if record.level() <= Level::Warn {
                let _ = file.flush();
            }
        }
    }

    fn flush(&self) {
        if let Some(file) = self.file.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            let _ = file.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_are_abbreviated_as_log4j_does() {
        assert_eq!(abbreviate("org.apache.jmeter.threads.JMeterThread"), "o.a.j.t.JMeterThread");
        assert_eq!(abbreviate("plain"), "plain");
    }

    #[test]
    fn dates_between_apostrophes_stand_in_the_name_of_the_log() {
        let now = Timestamp::from_millis(0);
        assert_eq!(with_dates("a_'yyyy'-'MM'.log", now), "a_1970-01.log");
        for name in ["plain.log", "one'.log", "a'{'b.log"] {
            assert_eq!(with_dates(name, now), name);
        }
    }

    #[test]
    fn levels_are_by_category() {
        let options = ["DEBUG", "jmeter.engine=WARN", "nonsense=LOUD"].map(str::to_owned);
        let (levels, bad) = parse_levels(&options);
        assert_eq!(levels.root, LevelFilter::Debug);
        assert_eq!(levels.categories, [("org.apache.jmeter.engine".to_owned(), LevelFilter::Warn)]);
        assert_eq!(bad, [&options[2]]);
    }
}
