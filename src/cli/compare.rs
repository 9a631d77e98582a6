//! `rotameter compare`: two runs side by side, whether they did the same thing, a run against those before it.

use super::console;
use super::exit_code::Exit;
use super::report::{limits_of, write};
use super::rows::each_row;
use super::sub_command::asked;
use crate::clock::Timestamp;
use crate::limits::Watch;
use crate::properties::{Properties, PropertiesBuilder};
use crate::report::compare::{self, CORRECTIONS, Comparison, Run, Settings, baseline};
use crate::report::{self, Against, Content, Dashboard, equivalence};
use crate::results::{JtlField, JtlRow, SaveConfig, TimestampOf};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const HELP: &str = "\
Usage: rotameter compare BEFORE.jtl AFTER.jtl [options]
       rotameter compare --equivalent ONE.jtl OTHER.jtl [options]
       rotameter compare --baseline FOLDER RESULTS.jtl [options]

What changed between two runs, and whether that is more than chance. Exit
status 99 means that the second run is worse (or that runs are not equivalent).
Reads JTLs of Rotameter and JMeter, CSV or XML, also compressed.

      --json                  Print JSON
      --markdown              Print markdown, as for the summary of a CI job
      --html FILE             Write a page with both runs in its charts, too
      --percentiles LIST      Percentiles to compare (50,90,95,99)
      --confidence PERCENT    Level of intervals and tests (95)
      --min-change PERCENT    Changes of times below are not called worse (5)
      --min-millis MS         The same in milliseconds (1)
      --min-errors POINTS     The same of error rates, in points of % (0.1)
      --min-throughput PERCENT  The same of throughput (5)
      --fail-on-throughput    Less throughput is a regression, too
      --correction NAME       For many labels: holm (the default), bh, none
      --skip-first SECONDS    Leave out what began in the first seconds
      --seed N                Where the bootstrap begins (1)

Whether two runs did the same samples, user by user, whatever time they took:
      --equivalent            Labels, order, codes, messages, success, sizes
      --bytes N|N%            How far sizes may differ (0)
      --ignore FIELDS         bytes, dataType, failureMessage, label,
                              responseCode, responseMessage, sentBytes, success
      --common                Only as many samples of a user as both runs have
      --any-thread            Labels and outcomes alone, in any order

A run against the median of those before it, which a folder keeps:
      --baseline FOLDER       Where figures of runs are kept
      --last N                How many runs before it count (5)
      --keep N                How many the folder keeps (50)
      --store WHEN            Keep this run: good (not worse; the default),
                              always, never
  -h, --help                  Print this text";

fn command() -> Command {
    let flag = |id: &'static str| Arg::new(id).long(id).action(ArgAction::SetTrue);
    let value = |id: &'static str| Arg::new(id).long(id).value_name("VALUE").allow_hyphen_values(true);
    let number = |id: &'static str, default: &'static str| value(id).default_value(default);
    Command::new("rotameter compare")
        .disable_version_flag(true)
        .disable_help_flag(true)
        .no_binary_name(true)
        .arg(flag("help").short('h'))
        .args(["json", "markdown", "fail-on-throughput", "equivalent", "common", "any-thread"].map(flag))
        .args(["html", "baseline"].map(|id| value(id).value_parser(value_parser!(PathBuf))))
        .arg(number("percentiles", "50,90,95,99"))
        .arg(number("confidence", "95"))
        .arg(number("min-change", "5"))
        .arg(number("min-millis", "1"))
        .arg(number("min-errors", "0.1"))
        .arg(number("min-throughput", "5"))
        .arg(number("skip-first", "0"))
        .arg(value("correction").default_value("holm"))
        .arg(value("seed").default_value("1").value_parser(value_parser!(u64)))
        .arg(value("bytes").default_value("0"))
        .arg(value("ignore").default_value(""))
        .arg(value("last").default_value("5").value_parser(value_parser!(u32).range(1..)))
        .arg(value("keep").default_value("50").value_parser(value_parser!(u32).range(1..)))
        .arg(value("store").default_value("good"))
        .arg(Arg::new("results").num_args(0..).value_parser(value_parser!(PathBuf)))
}

/// What is asked for.
#[derive(Debug)]
struct Asked {
    question: Question,
    settings: Settings,
    output: Output,
    /// Rows that began earlier after the first one are left out.
    skip_first: Duration,
}

#[derive(Debug)]
enum Question {
    Compare { before: PathBuf, after: PathBuf, html: Option<PathBuf> },
    Equivalent { one: PathBuf, other: PathBuf, settings: equivalence::Settings },
    Baseline { folder: PathBuf, results: PathBuf, last: usize, keep: usize, store: Store },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    Text,
    Markdown,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Good,
    Always,
    Never,
}

impl Asked {
    fn read(matches: &ArgMatches) -> Result<Asked, String> {
        let results: Vec<PathBuf> = matches.get_many("results").into_iter().flatten().cloned().collect();
        let output = match (matches.get_flag("json"), matches.get_flag("markdown")) {
            (true, true) => return Err("Error: --json and --markdown are two things".to_owned()),
            (true, false) => Output::Json,
            (false, true) => Output::Markdown,
            (false, false) => Output::Text,
        };
        let html = matches.get_one::<PathBuf>("html").cloned();
        let equivalent = matches.get_flag("equivalent");
        let baseline = matches.get_one::<PathBuf>("baseline").cloned();
        let question = match (equivalent, baseline, results.as_slice()) {
            (true, Some(_), _) => return Err("Error: --equivalent and --baseline are two questions".to_owned()),
            (true, None, [one, other]) => {
                Question::Equivalent { one: one.clone(), other: other.clone(), settings: sameness(matches)? }
            }
            (false, Some(folder), [results]) => Question::Baseline {
                folder,
                results: results.clone(),
                last: count(matches, "last"),
                keep: count(matches, "keep"),
                store: match text(matches, "store") {
                    "good" => Store::Good,
                    "always" => Store::Always,
                    "never" => Store::Never,
                    other => return Err(format!("Error: --store is good, always or never, not {other}")),
                },
            },
            (false, None, [before, after]) => {
                Question::Compare { before: before.clone(), after: after.clone(), html: html.clone() }
            }
            (_, Some(_), _) => return Err("Error: --baseline takes one result file".to_owned()),
            (..) => return Err("Error: two result files are wanted".to_owned()),
        };
        if html.is_some() && !matches!(question, Question::Compare { .. }) {
            return Err("Error: --html is for the comparison of two runs".to_owned());
        }
        if output == Output::Markdown && !matches!(question, Question::Compare { .. }) {
            return Err("Error: --markdown is for the comparison of two runs".to_owned());
        }
        let skip_first = Duration::try_from_secs_f64(number(matches, "skip-first", 0.0..=1e9)?).unwrap_or_default();
        Ok(Asked { question, settings: settings(matches)?, output, skip_first })
    }
}

fn text<'a>(matches: &'a ArgMatches, id: &str) -> &'a str {
    matches.get_one::<String>(id).map_or("", String::as_str)
}

fn count(matches: &ArgMatches, id: &str) -> usize {
    matches.get_one::<u32>(id).map_or(1, |count| *count as usize)
}

fn number(matches: &ArgMatches, id: &str, within: std::ops::RangeInclusive<f64>) -> Result<f64, String> {
    let text = text(matches, id).trim().trim_end_matches(['%', 's']).trim();
    let number = text.parse().ok().filter(|number| within.contains(number));
    number.ok_or_else(|| format!("Error: --{id} is a number from {} to {}, not {text:?}", within.start(), within.end()))
}

fn settings(matches: &ArgMatches) -> Result<Settings, String> {
    let percents = text(matches, "percentiles").split(',').map(|part| {
        let percent = part.trim().trim_start_matches('p').parse().ok();
        percent.filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(|| {
            format!("Error: --percentiles are numbers from 0 to 100 such as 50,95,99.9, not {:?}", part.trim())
        })
    });
    let name = text(matches, "correction");
    let correction = CORRECTIONS.iter().find(|(known, _)| *known == name).map(|(_, correction)| *correction);
    Ok(Settings {
        level: number(matches, "confidence", 50.0..=99.99)? / 100.0,
        least_part: number(matches, "min-change", 0.0..=1e6)? / 100.0,
        least_millis: number(matches, "min-millis", 0.0..=1e9)?,
        least_errors: number(matches, "min-errors", 0.0..=100.0)? / 100.0,
        least_throughput: number(matches, "min-throughput", 0.0..=1e6)? / 100.0,
        percents: percents.collect::<Result<_, _>>()?,
        correction: correction.ok_or_else(|| format!("Error: --correction is holm, bh or none, not {name:?}"))?,
        judge_throughput: matches.get_flag("fail-on-throughput"),
        seed: matches.get_one("seed").copied().unwrap_or(1),
    })
}

fn sameness(matches: &ArgMatches) -> Result<equivalence::Settings, String> {
    let bytes = text(matches, "bytes");
    let (absolute, part) = match bytes.strip_suffix('%') {
        Some(percent) => (Some(0), percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0)),
        None => (bytes.parse().ok(), Some(0.0)),
    };
    let (Some(absolute), Some(part)) = (absolute, part) else {
        return Err(format!("Error: --bytes is a number of bytes or a percentage such as 2%, not {bytes:?}"));
    };
    let ignored = text(matches, "ignore").split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| {
        let field = equivalence::FIELDS.iter().find(|(known, _)| *known == name);
        field.map(|(_, field)| *field).ok_or_else(|| {
            let names: Vec<&str> = equivalence::FIELDS.iter().map(|(name, _)| *name).collect();
            format!("Error: --ignore takes {}, not {name:?}", names.join(", "))
        })
    });
    Ok(equivalence::Settings {
        bytes: absolute,
        bytes_part: part,
        ignored: ignored.collect::<Result<Vec<JtlField>, _>>()?,
        common_only: matches.get_flag("common"),
        any_thread: matches.get_flag("any-thread"),
    })
}

/// Does what was typed after `compare`.
pub(super) fn compare(words: &[OsString]) -> Exit {
    let asked = match asked("compare", command(), HELP, words, Asked::read) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    match Files::new(&asked).and_then(|files| files.answer()) {
        Ok(true) => Exit::Done,
        Ok(false) => Exit::VerdictFailed,
        Err(message) => {
            console::error_line(&message);
            Exit::Failed
        }
    }
}

/// What is asked, and how files are read for it.
struct Files<'a> {
    asked: &'a Asked,
    properties: Properties,
    expected: SaveConfig,
}

impl<'a> Files<'a> {
    fn new(asked: &'a Asked) -> Result<Self, String> {
        let (properties, ..) = PropertiesBuilder::default().build().map_err(|error| error.to_string())?;
        let expected = SaveConfig::from_properties(&|name| properties.get(name)).map_err(|error| error.to_string())?;
        Ok(Files { asked, properties, expected })
    }

    /// Answers the question on the console; whether the answer is good news.
    fn answer(&self) -> Result<bool, String> {
        match &self.asked.question {
            Question::Compare { before, after, html } => self.compare(before, after, html.as_deref()),
            Question::Equivalent { one, other, settings } => self.equivalent(one, other, settings),
            Question::Baseline { folder, results, last, keep, store } => {
                self.baseline(folder, results, (*last, *keep), *store)
            }
        }
    }

    fn stamped_at_end(&self) -> bool {
        self.expected.timestamp_of == TimestampOf::End
    }

    /// Hands over each row that is wanted.
    fn rows(&self, file: &Path, mut take: impl FnMut(&JtlRow)) -> Result<(), String> {
        let mut from = None;
        let stamped_at_end = self.stamped_at_end();
        each_row(file, &self.expected, |row| {
            let (start, _) = row.span(stamped_at_end);
            let from: Timestamp = *from.get_or_insert(start + self.asked.skip_first);
            if self.asked.skip_first.is_zero() || start >= from {
                take(row);
            }
        })
    }

    fn run(&self, file: &Path, mut also: impl FnMut(&JtlRow)) -> Result<Run, String> {
        let mut run = Run::default();
        let stamped_at_end = self.stamped_at_end();
        self.rows(file, |row| {
            run.record(row, stamped_at_end);
            also(row);
        })?;
        if run.is_empty() {
            return Err(format!("{}: there are no samples to compare", file.display()));
        }
        Ok(run)
    }

    fn compare(&self, before: &Path, after: &Path, html: Option<&Path>) -> Result<bool, String> {
        let names = [before, after].map(|file| file.display().to_string());
        let new_dashboard = || Dashboard::new(report::read_options(&self.properties).options);
        let mut dashboards = html.map(|_| [new_dashboard(), new_dashboard()]);
        let mut watch = Watch::default();
        let [mut of_before, mut of_after] = dashboards.as_mut().map_or([None, None], |both| both.each_mut().map(Some));
        let from = self.run(before, |row| {
            if let Some(dashboard) = &mut of_before {
                dashboard.record(row);
            }
        })?;
        let to = self.run(after, |row| {
            if let Some(dashboard) = &mut of_after {
                dashboard.record(row);
                watch.row(row);
            }
        })?;
        let comparison = Comparison::new(names.clone(), from, to, self.asked.settings.clone());
        if let (Some(html), Some([mut first, mut second])) = (html, dashboards) {
            Dashboard::settle_together(&mut first, &mut second);
            let [first_name, second_name] = names;
            let limits = limits_of(watch);
            let content = Content {
                sources: &[second_name],
                limits: &limits,
                against: Some(Against { dashboard: &first, source: &first_name, comparison: &comparison }),
                ..Content::new(&second)
            };
            let page = report::page(&content);
            write(html, &page).map_err(|(path, error)| format!("Cannot write {}: {error}", path.display()))?;
        }
        console::line(&match self.asked.output {
            Output::Text => compare::text(&comparison).trim_end().to_owned(),
            Output::Markdown => compare::markdown(&comparison).trim_end().to_owned(),
            Output::Json => format!("{:#}", compare::json(&comparison)),
        });
        Ok(!comparison.is_worse())
    }

    fn equivalent(&self, one: &Path, other: &Path, settings: &equivalence::Settings) -> Result<bool, String> {
        let mut matching = equivalence::Matching::new(settings.clone());
        self.rows(one, |row| matching.first(row))?;
        self.rows(other, |row| matching.second(row))?;
        let found = matching.finish();
        console::line(&match self.asked.output {
            Output::Json => format!("{:#}", found.json()),
            _ => found.text(settings).trim_end().to_owned(),
        });
        Ok(found.holds())
    }

    fn baseline(
        &self,
        folder: &Path,
        results: &Path,
        (last, keep): (usize, usize),
        store: Store,
    ) -> Result<bool, String> {
        let cannot = |path: &Path, error: &std::io::Error| format!("Cannot use {}: {error}", path.display());
        fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
        let settings = &self.asked.settings;
        let run = self.run(results, |_| {})?;
        let figures = baseline::Figures::new(&results.display().to_string(), &run, settings)
            .ok_or_else(|| format!("{}: there are no samples to compare", results.display()))?;
        let mut kept = kept_runs(folder)?;
        kept.retain(|(start, _)| *start < figures.start);
        let mut earlier = Vec::new();
        for (_, path) in kept.iter().rev() {
            let text = fs::read_to_string(path).map_err(|error| cannot(path, &error))?;
            match baseline::Figures::read(&text) {
                Some(figures) => earlier.push(figures),
                None => console::error_line(&format!("warning: {}: not a baseline; ignored", path.display())),
            }
            if earlier.len() == last {
                break;
            }
        }
        let findings = figures.against(&earlier, settings);
        let gone = figures.gone(&earlier);
        let good = gone.is_empty() && !findings.iter().any(|finding| finding.is_regression(settings));
        console::line(&match self.asked.output {
            Output::Json => format!("{:#}", baseline::json(&findings, &gone, earlier.len(), settings)),
            _ => baseline::text(&findings, &gone, earlier.len(), settings).trim_end().to_owned(),
        });
        if store == Store::Always || (store == Store::Good && good) {
            let path = folder.join(format!("{PREFIX}{}{SUFFIX}", figures.start));
            write(&path, &figures.write()).map_err(|(path, error)| cannot(&path, &error))?;
            let kept = kept_runs(folder)?;
            for (_, path) in kept.iter().take(kept.len().saturating_sub(keep)) {
                fs::remove_file(path).map_err(|error| cannot(path, &error))?;
            }
        }
        Ok(good)
    }
}

/// The names of kept runs: `run-1795488360224.json`, by their start. Other files in the folder are left alone.
const PREFIX: &str = "run-";
const SUFFIX: &str = ".json";

/// The runs that a folder keeps, the earliest first.
fn kept_runs(folder: &Path) -> Result<Vec<(i64, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("Cannot use {}: {error}", folder.display()))?;
    let mut kept: Vec<(i64, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let start = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()?;
            Some((start, path))
        })
        .collect();
    kept.sort();
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::usage_error;

    fn asked(line: &str) -> Result<Asked, String> {
        let matches = command().try_get_matches_from(line.split_whitespace()).map_err(|error| usage_error(&error))?;
        Asked::read(&matches)
    }

    #[test]
    fn what_was_typed() {
        let two = asked("a.jtl b.jtl --percentiles p50,99.9 --confidence 99% --min-change 10 --correction bh").unwrap();
        assert_eq!((two.settings.percents.clone(), two.settings.level), (vec![50.0, 99.9], 0.99));
        assert!((two.settings.least_part - 0.1).abs() < 1e-12 && two.output == Output::Text);
        assert!(matches!(two.question, Question::Compare { html: None, .. }));
        let same = asked("--equivalent a.jtl b.jtl --bytes 2% --ignore responseMessage,sentBytes --common").unwrap();
        let Question::Equivalent { settings, .. } = same.question else { panic!("{same:?}") };
        assert_eq!((settings.bytes_part, settings.ignored.len(), settings.common_only), (0.02, 2, true));
        let history = asked("--baseline old b.jtl --last 3 --store never").unwrap();
        assert!(matches!(history.question, Question::Baseline { last: 3, keep: 50, store: Store::Never, .. }));
        for wrong in [
            "",
            "a.jtl",
            "a.jtl b.jtl c.jtl",
            "a b --percentiles 101",
            "a b --confidence 5",
            "a b --correction all",
            "a b --json --markdown",
            "--equivalent a b --ignore times",
            "--equivalent a b --bytes few",
            "--equivalent a b --html x.html",
            "--baseline d a b",
            "--baseline d a --store some",
            "--baseline d a --last 0",
        ] {
            assert!(asked(wrong).is_err_and(|message| message.starts_with("Error: ")), "{wrong}");
        }
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
        assert!(HELP.lines().all(|line| line.len() <= 80));
    }
}
