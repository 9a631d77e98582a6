//! What all criteria came to, in the forms that CI servers read.

use super::criterion::Finding;
use std::fmt::Write;

/// A form of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JUnit's XML, one test case a criterion (Jenkins, GitLab, Azure).
    JUnit,
    /// A table for GitHub's step summary.
    Markdown,
    /// TeamCity's service messages.
    TeamCity,
    /// OpenMetrics, which GitLab compares between branches (`artifacts:reports:metrics`).
    OpenMetrics,
    /// A list of objects.
    Json,
}

/// Every format with its name on the command line.
pub const FORMATS: &[(&str, Format)] = &[
    ("json", Format::Json),
    ("junit", Format::JUnit),
    ("markdown", Format::Markdown),
    ("openmetrics", Format::OpenMetrics),
    ("teamcity", Format::TeamCity),
];

/// Whether any criterion failed.
pub fn failed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.failed)
}

/// The lines for the console.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    let failures = findings.iter().filter(|finding| finding.failed).count();
    let mut lines = vec![match failures {
        0 => format!("Verdict: passed ({} criteria)", findings.len()),
        _ => format!("Verdict: FAILED ({failures} of {} criteria)", findings.len()),
    }];
    lines.extend(findings.iter().map(|finding| {
        format!("  {}  {}: {}", if finding.failed { "failed" } else { "passed" }, finding.criterion, finding.measured)
    }));
    lines
}

/// The verdict on `name` (the plan or the results) in a format.
pub fn write(format: Format, name: &str, findings: &[Finding]) -> String {
    match format {
        Format::JUnit => junit(name, findings),
        Format::Markdown => markdown(name, findings),
        Format::TeamCity => teamcity(name, findings),
        Format::OpenMetrics => open_metrics(findings),
        Format::Json => json(findings),
    }
}

fn junit(name: &str, findings: &[Finding]) -> String {
    let failures = findings.iter().filter(|finding| finding.failed).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = xml(name);
    let count = findings.len();
    let _ = writeln!(out, "<testsuites tests=\"{count}\" failures=\"{failures}\">");
    let _ = writeln!(out, "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failures}\">");
    for finding in findings {
        let (criterion, measured) = (xml(&finding.criterion), xml(&finding.measured));
        let _ = write!(out, "    <testcase classname=\"{name}\" name=\"fail if {criterion}\">");
        if finding.failed {
            let _ = write!(out, "<failure message=\"measured: {measured}\"/>");
        } else {
            let _ = write!(out, "<system-out>measured: {measured}</system-out>");
        }
        out.push_str("</testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn xml(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write them.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            _ => out.push(character),
        }
    }
    out
}

fn markdown(name: &str, findings: &[Finding]) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;");
    let mut out = format!("### {}: {}\n\n", cell(name), if failed(findings) { "❌ failed" } else { "✅ passed" });
    out.push_str("| | fails if | measured |\n|---|---|---|\n");
    for finding in findings {
        let mark = if finding.failed { "❌" } else { "✅" };
        let _ = writeln!(out, "| {mark} | {} | {} |", cell(&finding.criterion), cell(&finding.measured));
    }
    out
}

fn teamcity(name: &str, findings: &[Finding]) -> String {
    let value = |text: &str| {
        let mut out = String::new();
        for character in text.chars() {
            match character {
                '|' | '\'' | '[' | ']' => out.extend(['|', character]),
                '\n' => out.push_str("|n"),
                '\r' => out.push_str("|r"),
                _ => out.push(character),
            }
        }
        out
    };
    let suite = value(name);
    let mut out = format!("##teamcity[testSuiteStarted name='{suite}']\n");
    for finding in findings {
        let test = value(&format!("fail if {}", finding.criterion));
        let measured = value(&finding.measured);
        let _ = writeln!(out, "##teamcity[testStarted name='{test}']");
        if finding.failed {
            let _ = writeln!(out, "##teamcity[testFailed name='{test}' message='measured: {measured}']");
        }
        let _ = writeln!(out, "##teamcity[testFinished name='{test}']");
    }
    let _ = writeln!(out, "##teamcity[testSuiteFinished name='{suite}']");
    out
}

fn open_metrics(findings: &[Finding]) -> String {
    let value = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let mut out = String::from("# TYPE rotameter_criterion_failed gauge\n");
    for finding in findings {
        let (criterion, measured) = (value(&finding.criterion), value(&finding.measured));
        let failed = u8::from(finding.failed);
        let _ =
            writeln!(out, "rotameter_criterion_failed{{criterion=\"{criterion}\",measured=\"{measured}\"}} {failed}");
    }
    out.push_str("# EOF\n");
    out
}

fn json(findings: &[Finding]) -> String {
    let list: Vec<_> = findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "criterion": finding.criterion,
                "failed": finding.failed,
                "measured": finding.measured,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> Vec<Finding> {
        [("p95(\"a|b\") > 3s", true, "4 s"), ("errors > 1%", false, "0 %")]
            .map(|(criterion, failed, measured)| Finding {
                criterion: criterion.to_owned(),
                failed,
                measured: measured.to_owned(),
            })
            .into()
    }

    #[test]
    fn every_form_says_the_same() {
        let expected = [
            (
                Format::JUnit,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"2\" failures=\"1\">\n  \
                 <testsuite name=\"a &amp; b.jmx\" tests=\"2\" failures=\"1\">\n    \
                 <testcase classname=\"a &amp; b.jmx\" name=\"fail if p95(&quot;a|b&quot;) &gt; 3s\">\
                 <failure message=\"measured: 4 s\"/></testcase>\n    \
                 <testcase classname=\"a &amp; b.jmx\" name=\"fail if errors &gt; 1%\">\
                 <system-out>measured: 0 %</system-out></testcase>\n  </testsuite>\n</testsuites>\n",
            ),
            (
                Format::Markdown,
                "### a & b.jmx: ❌ failed\n\n| | fails if | measured |\n|---|---|---|\n\
                 | ❌ | p95(\"a\\|b\") > 3s | 4 s |\n| ✅ | errors > 1% | 0 % |\n",
            ),
            (
                Format::TeamCity,
                "##teamcity[testSuiteStarted name='a & b.jmx']\n\
                 ##teamcity[testStarted name='fail if p95(\"a||b\") > 3s']\n\
                 ##teamcity[testFailed name='fail if p95(\"a||b\") > 3s' message='measured: 4 s']\n\
                 ##teamcity[testFinished name='fail if p95(\"a||b\") > 3s']\n\
                 ##teamcity[testStarted name='fail if errors > 1%']\n\
                 ##teamcity[testFinished name='fail if errors > 1%']\n\
                 ##teamcity[testSuiteFinished name='a & b.jmx']\n",
            ),
            (
                Format::OpenMetrics,
                "# TYPE rotameter_criterion_failed gauge\n\
                 rotameter_criterion_failed{criterion=\"p95(\\\"a|b\\\") > 3s\",measured=\"4 s\"} 1\n\
                 rotameter_criterion_failed{criterion=\"errors > 1%\",measured=\"0 %\"} 0\n# EOF\n",
            ),
        ];
        for (format, text) in expected {
            assert_eq!(write(format, "a & b.jmx", &findings()), text);
        }
        let read: serde_json::Value = serde_json::from_str(&write(Format::Json, "", &findings())).unwrap();
        assert_eq!((&read[0]["failed"], &read[1]["measured"]), (&true.into(), &"0 %".into()));
        assert_eq!(lines(&findings())[0], "Verdict: FAILED (1 of 2 criteria)");
        assert_eq!(lines(&findings()[1..])[0], "Verdict: passed (1 criteria)");
    }

    #[test]
    fn formats_are_sorted() {
        assert!(FORMATS.is_sorted_by_key(|(name, _)| name));
    }
}
