//! The report in a real browser: it draws, and the filters work. Runs where Chromium is ($CHROMIUM, or on the PATH).
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn chromium() -> Option<PathBuf> {
    let names = std::env::var_os("CHROMIUM").map(PathBuf::from).into_iter();
    let names = names.chain(["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from));
    names.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok_and(|done| done.status.success()))
}

/// The page's document after its script has run.
fn document(browser: &Path, page: &Path, state: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--virtual-time-budget=5000", "--window-size=1200,900", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(format!("file://{}{state}", page.display()))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap().0
}

#[test]
fn the_page_draws_and_filters_in_a_browser() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .arg("report")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/report/rows.jtl"))
        .arg("-o")
        .arg(&page)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");

    let all = document(&browser, &page, "");
    let main = between(&all, "<main>", "</main>");
    assert!(!main.contains("could not be drawn"), "{main:.200}");
    assert_eq!(all.matches("<canvas").count(), 18, "every chart has data");
    let cards = between(&all, "id=\"cards\"", "</section>");
    assert!(cards.contains("<b>151</b><span>Samples</span>"), "{cards}");
    let table = between(&all, "<table id=\"statistics\">", "</table>");
    assert_eq!(table.matches("<tr").count(), 1 + 7 + 1, "head, labels, total");
    assert!(table.contains("&lt;/script&gt; ü"), "labels are text, not markup");

    let failed = document(&browser, &page, "#outcome=failed&label=once");
    assert!(failed.contains("data-outcome=\"failed\" aria-checked=\"true\""));
    assert_eq!(between(&failed, "<table id=\"statistics\">", "</table>").matches("class=\"chosen\"").count(), 1);
    assert!(failed.contains("No data for this choice"), "that label has no failures");
    assert!(failed.matches("<canvas").count() < 18);
}

#[test]
fn what_a_hostile_server_sent_is_text() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (results, page) = (folder.path().join("results.jtl"), folder.path().join("report.html"));
    let hostile = "&lt;/script&gt;&lt;img src=x onerror=\"document.title='owned'\"&gt;{{css}}";
    let sample = |label: &str, body: &str| {
        format!(
            r#"<httpSample t="5" ts="1795488360000" s="false" lb="{label}" rc="500" rm="&lt;b&gt;no&lt;/b&gt;" tn="Users 1-1" by="9" ng="1" na="1">
<assertionResult><name>a</name><failure>true</failure><error>false</error><failureMessage>{hostile}</failureMessage></assertionResult>
<responseHeader class="java.lang.String">HTTP/1.1 500 Oops
X-Hostile: {hostile}</responseHeader>
<requestHeader class="java.lang.String">Host: h
</requestHeader><responseData class="java.lang.String">{body}</responseData><cookies class="java.lang.String">sid=verysecret</cookies>
<method class="java.lang.String">POST</method><queryString class="java.lang.String">a=1</queryString><java.net.URL>http://h/p</java.net.URL>
</httpSample>"#
        )
    };
    let text =
        format!("<testResults version=\"1.2\">{}{}</testResults>", sample("one", hostile), sample("two", "plain"));
    std::fs::write(&results, text).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_rotameter")).arg("report").arg(&results).arg("-o").arg(&page).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!std::fs::read_to_string(&page).unwrap().contains("verysecret"));

    let all = document(&browser, &page, "");
    let main = between(&all, "<main>", "</main>");
    assert!(!main.contains("could not be drawn"), "{main:.200}");
    assert!(all.contains("<title>Rotameter report</title>") && !all.contains("<img") && !all.contains("<b>no</b>"));
    let panel = between(&all, "<section id=\"failures\"", "</section>");
    assert_eq!(panel.matches("<details class=\"failure\">").count(), 2, "{panel}");
    let shown = "&lt;/script&gt;&lt;img src=x onerror=\"document.title='owned'\"&gt;{{css}}";
    assert_eq!(panel.matches(shown).count(), 2 + 2 + 1, "messages, headers, a body: {panel}");
    assert!(panel.contains("POST http://h/p\nHost: h\nCookie: sid=***\n\na=1</pre>"), "{panel}");

    let chosen = document(&browser, &page, "#label=two");
    let panel = between(&chosen, "<section id=\"failures\"", "</section>");
    assert_eq!(panel.matches("<details class=\"failure\" hidden").count(), 1, "{panel}");
}

#[test]
fn two_runs_and_the_plan_are_drawn_in_a_browser() {
    let Some(browser) = chromium() else {
        eprintln!("skipped: there is no Chromium here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("both.html");
    let here = |name: &str| format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["report", &here("fixtures/report/rows.jtl"), "--against", &here("fixtures/report/rows.jtl")])
        .args(["--plan", &here("plans/agent-scripting.jmx"), "-o"])
        .arg(&page)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let all = document(&browser, &page, "");
    assert!(!between(&all, "<main>", "</main>").contains("could not be drawn"));
    assert_eq!(all.matches("<canvas").count(), 18 + 4, "every chart has data");
    let compared = between(&all, "<table id=\"compared\">", "</table>");
    assert_eq!(compared.matches("<tr").count(), 1 + 6, "head and labels; a transaction without samples is none");
    assert!(between(&all, "id=\"conclusion\"", "</p>").contains("No significant regression"));
    let tree = between(&all, "<table id=\"plan-tree\">", "</table>");
    assert!(tree.matches("<tr").count() > 5 && tree.contains("HTTPSamplerProxy"), "{tree:.300}");
}
