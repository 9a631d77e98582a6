//! `rotameter limits`: the rate limit behind the refusals in a result file.

use super::console;
use super::exit_code::Exit;
use super::rows::each_row;
use super::sub_command::asked;
use crate::limits::{By, Finding, Refusals, Resources, Watch, announcement, page};
use crate::properties::PropertiesBuilder;
use crate::results::SaveConfig;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;
use std::ffi::OsString;
use std::path::PathBuf;

/// Resources that a run's end tells of.
const MOST_TOLD: usize = 5;

const HELP: &str = "\
Usage: rotameter limits RESULTS.jtl [options]

Tells from accepted and refused requests what limit stands behind them: its
kind, rate, burst or window, and how to stay below it. Reads JTLs of Rotameter
and JMeter, CSV or XML, also compressed.

      --by WHAT             What a limit is tied to: auto (the default: a host,
                            or its labels if they have limits of their own),
                            label, url, host, or header:NAME (a request header
                            that sample_variables has under that name)
      --reject-codes CODES  Response codes that are refusals (429); 413 and 503
                            are, too, where the file says that they ask for a
                            wait with Retry-After
      --reject-pattern RE   Code and messages of other refusals: '403 .*quota'
      --json                Print JSON
      --html FILE           Write a page, too
  -h, --help                Print this text";

fn command() -> Command {
    let flag = |id: &'static str| Arg::new(id).long(id).action(ArgAction::SetTrue);
    let value = |id: &'static str| Arg::new(id).long(id).value_name("VALUE");
    Command::new("rotameter limits")
        .disable_version_flag(true)
        .disable_help_flag(true)
        .no_binary_name(true)
        .arg(flag("help").short('h'))
        .arg(flag("json"))
        .arg(value("html").value_parser(value_parser!(PathBuf)))
        .arg(value("by").default_value("auto"))
        .arg(value("reject-codes"))
        .arg(value("reject-pattern"))
        .arg(Arg::new("results").num_args(1).value_parser(value_parser!(PathBuf)))
}

/// What is asked for.
struct Asked {
    results: PathBuf,
    by: By,
    refusals: Refusals,
    json: bool,
    html: Option<PathBuf>,
}

impl Asked {
    fn read(matches: &ArgMatches) -> Result<Asked, String> {
        let Some(results) = matches.get_one::<PathBuf>("results").cloned() else {
            return Err("Error: no result file was named".to_owned());
        };
        let by = matches.get_one::<String>("by").map_or("auto", String::as_str);
        let by = match by {
            "auto" => By::Auto,
            "label" => By::Label,
            "url" => By::Url,
            "host" => By::Host,
            _ => match by.strip_prefix("header:") {
                Some(name) if !name.is_empty() => By::Column(name.to_owned()),
                _ => return Err(format!("Error: --by is auto, label, url, host or header:NAME, not {by:?}")),
            },
        };
        let mut refusals = Refusals::default();
        if let Some(codes) = matches.get_one::<String>("reject-codes") {
            refusals.codes = codes.split(',').map(|code| code.trim().to_owned()).collect();
            let is_code = |code: &String| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(wrong) = refusals.codes.iter().find(|code| !is_code(code)) {
                return Err(format!("Error: --reject-codes are response codes such as 429,503, not {wrong:?}"));
            }
        }
        if let Some(pattern) = matches.get_one::<String>("reject-pattern") {
            let pattern = regex::Regex::new(pattern).map_err(|error| {
                let reason =
                    error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                format!("Error: --reject-pattern cannot be read: {reason}")
            })?;
            refusals.pattern = Some(pattern);
        }
        Ok(Asked { results, by, refusals, json: matches.get_flag("json"), html: matches.get_one("html").cloned() })
    }
}

/// Does what was typed after `limits`.
pub(super) fn limits(words: &[OsString]) -> Exit {
    let asked = match asked("limits", command(), HELP, words, Asked::read) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let read = match read(&asked) {
        Ok(read) => read,
        Err(message) => {
            console::error_line(&message);
            return Exit::Failed;
        }
    };
    let name = asked.results.display().to_string();
    let findings = read.findings(&asked.by);
    if let Some(html) = &asked.html
        && let Err(error) = std::fs::write(html, page(&name, &findings))
    {
        console::error_line(&format!("Cannot write {}: {error}", html.display()));
        return Exit::Failed;
    }
    if asked.json {
        let all: Vec<Value> = findings.iter().map(|(resource, finding)| finding.json(resource)).collect();
        console::line(&serde_json::to_string_pretty(&all).unwrap_or_default());
    } else {
        print(&findings);
    }
    Exit::Done
}

/// After a run that met refusals: what limit it met, and where to read more.
pub(super) fn tell(watch: Watch, results: Option<&str>) {
    for (resource, finding) in watch.findings().iter().take(MOST_TOLD) {
        console::note(&format!("Rate limit of {resource}: {}", finding.answer()));
        let name = results.unwrap_or("RESULTS.jtl");
        console::note(&format!(
            "{} of {} requests were refused; 'rotameter limits {name}' shows the evidence.",
            finding.rejects, finding.samples
        ));
    }
}

/// Reads the file; the error is a line for the console.
fn read(asked: &Asked) -> Result<Resources, String> {
    let name = asked.results.display();
    let properties = PropertiesBuilder::default().build().map_err(|error| error.to_string())?.0;
    let save = SaveConfig::from_properties(&|name| properties.get(name)).map_err(|error| error.to_string())?;
    let column = match &asked.by {
        By::Column(column) => Some(column.as_str()),
        _ => None,
    };
    let mut resources = Resources::default();
    let (mut rows, mut has_column) = (0_u64, false);
    // Samples within a transaction are requests, those within a request (redirects, images) belong to it.
    let mut requests_at_depth = 0;
    each_row(&asked.results, &save, |row| {
        rows += 1;
        if row.depth > requests_at_depth {
            return;
        }
        let attempt = asked.refusals.attempt(row);
        requests_at_depth = row.depth + u32::from(attempt.is_none());
        let value = column.and_then(|column| row.extra(column).or_else(|| header(&row.request_headers, column)));
        has_column |= value.is_some();
        if let Some(attempt) = attempt {
            let said = announcement(row, &attempt);
            resources.add(&asked.by, (&row.label, &row.url), value, attempt, said.as_ref());
        }
    })
    .map_err(|error| format!("Cannot read {error}"))?;
    if resources.is_empty() {
        return Err(format!("Nothing to tell from {name}: none of its {rows} rows is an HTTP response"));
    }
    if let Some(column) = column.filter(|_| !has_column) {
        return Err(format!(
            "Nothing to tell from {name} by {column}: it has no such column. Put the header's value into a variable and name \
             that in the property sample_variables."
        ));
    }
    Ok(resources)
}

/// The value of a header in a block of header lines.
fn header<'h>(block: &'h str, name: &str) -> Option<&'h str> {
    let mut headers = block.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn print(findings: &[(String, Finding)]) {
    for (index, (resource, finding)) in findings.iter().enumerate() {
        if index > 0 {
            console::line("");
        }
        let resource = if resource.is_empty() { "All requests" } else { resource };
        console::line(&format!(
            "{resource}: {} requests, {} refused, in {:.1} s",
            finding.samples,
            finding.rejects,
            finding.duration.as_secs_f64()
        ));
        console::line(&finding.answer());
        for line in finding.details() {
            console::line(&format!("  {line}"));
        }
    }
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
        let all =
            asked("r.jtl --by header:X-Api-Key --reject-codes 429,503 --reject-pattern 403.*quota --json").unwrap();
        assert_eq!(all.by, By::Column("X-Api-Key".to_owned()));
        assert_eq!(all.refusals.codes, ["429", "503"]);
        assert!(all.json && all.html.is_none() && all.refusals.pattern.is_some());
        assert_eq!(asked("r.jtl").unwrap().by, By::Auto);
        for wrong in [
            "",
            "a.jtl b.jtl",
            "r.jtl --by colour",
            "r.jtl --by header:",
            "r.jtl --reject-codes 4x",
            "r.jtl --reject-pattern (",
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
