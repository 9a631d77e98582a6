//! What a plan did: the rows of its result file as text, by this program and by JMeter.

use super::jmx;
use super::outline::{Node, Outline};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A line of a result file, as far as it does not hang on the clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    thread: String,
    label: String,
    code: String,
    message: String,
    success: String,
    failure: String,
    bytes: String,
}

/// The rows of `jtl` in the order of a user's samples, a line each.
///
/// Users who run side by side are told one after the other. Rows without a thread (a transaction in which nothing ran)
/// then belong to nobody, and stand first, sorted.
fn told(outline: &Outline, jtl: &Path) -> String {
    let Ok(mut reader) = csv::Reader::from_path(jtl) else { return "no result file\n".to_owned() };
    let columns = ["threadName", "label", "responseCode", "responseMessage", "success", "failureMessage", "bytes"];
    let header = reader.headers().cloned().unwrap_or_default();
    let places = columns.map(|name| header.iter().position(|column| column == name));
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        let [thread, label, code, message, success, failure, bytes] =
            places.map(|place| place.and_then(|place| record.get(place)).unwrap_or("?").replace('\n', "\\n"));
        rows.push(Row { thread, label, code, message, success, failure, bytes });
    }
    if !one_at_a_time(outline) {
        rows.sort_by(|one, other| one.thread.cmp(&other.thread));
        let nameless = rows.iter().take_while(|row| row.thread.is_empty()).count();
        rows[..nameless].sort();
    }
    let mut out = String::new();
    let mut thread = None;
    for row in &rows {
        if thread != Some(&row.thread) {
            let _ = writeln!(out, "[{}]", row.thread);
            thread = Some(&row.thread);
        }
        let Row { label, code, message, success, failure, bytes, .. } = row;
        out.push_str(label);
        let _ = match (code.as_str(), message.as_str(), success.as_str(), failure.as_str()) {
            ("200", "OK", "true", "") => Ok(()),
            (_, _, _, "") => write!(out, " | {code} | {message} | {success}"),
            _ => write!(out, " | {code} | {message} | {success} | {failure}"),
        };
        let _ = if bytes == "0" { writeln!(out) } else { writeln!(out, " | {bytes} bytes") };
    }
    out
}

/// Whether no two users of the plan run side by side.
pub fn one_at_a_time(outline: &Outline) -> bool {
    let Some(plan) = outline.0.first() else { return true };
    let is_main = |node: &&Node| node.kind == "Group";
    let alone = plan.children.iter().filter(is_main).count() <= 1 || plan.get("serialized") == Some("true");
    alone && plan.children.iter().all(|node| node.get("users").unwrap_or("1") == "1")
}

/// Runs the plan with this program.
pub fn ours(outline: &Outline) -> String {
    let folder = tempfile::tempdir().unwrap();
    jmx::write(outline, folder.path());
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "out.jtl", "-j", "run.log", "-Jsummariser.name="])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(folder.path().join("said")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if begin.elapsed() > Duration::from_secs(60) => {
                let _ = child.kill();
                break child.wait().unwrap();
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut rows = told(outline, &folder.path().join("out.jtl"));
    if !status.success() {
        let said = std::fs::read_to_string(folder.path().join("said")).unwrap_or_default();
        let _ = writeln!(rows, "ended with {status}: {said}");
    }
    rows
}

/// A JMeter that runs one plan after the other.
pub struct JMeter {
    home: PathBuf,
    folder: tempfile::TempDir,
    process: Option<(Child, ChildStdin, BufReader<ChildStdout>)>,
}

/// How a plan went in JMeter.
pub enum Went {
    /// To its end, with these rows.
    Well(String),
    /// Nothing to compare with: a thread died of an error of JMeter's own, or did not end.
    Badly(String),
}

impl JMeter {
    /// `home` is the folder that holds `bin` and `lib`.
    pub fn new(home: PathBuf) -> Self {
        assert!(home.join("lib/ext").is_dir(), "no JMeter in {}", home.display());
        JMeter { home, folder: tempfile::tempdir().unwrap(), process: None }
    }

    fn start(&self) -> (Child, ChildStdin, BufReader<ChildStdout>) {
        let driver = self.folder.path().join("driver.groovy");
        std::fs::write(&driver, DRIVER).unwrap();
        let home = self.home.display();
        let mut child = Command::new("java")
            .args(["-Xms64m", "-Xmx512m", "-Duser.language=en", "-Duser.region=EN", "-Djava.awt.headless=true"])
            .args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+DisableExplicitGC"])
            .args(["-cp", &format!("{home}/bin/ApacheJMeter.jar:{home}/lib/*:{home}/lib/ext/*")])
            .arg("groovy.ui.GroovyMain")
            .args([driver.as_os_str(), self.home.as_os_str()])
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        (child, input, BufReader::new(output))
    }

    /// Runs the plan.
    pub fn run(&mut self, outline: &Outline) -> Went {
        let folder = tempfile::tempdir().unwrap();
        jmx::write(outline, folder.path());
        if self.process.is_none() {
            self.process = Some(self.start());
        }
        let (_, input, output) = self.process.as_mut().unwrap();
        let mut answer = String::new();
        let asked = writeln!(input, "{}", folder.path().display()).and_then(|()| input.flush());
        while !answer.starts_with("ended ") {
            answer.clear();
            if asked.is_err() || output.read_line(&mut answer).unwrap_or(0) == 0 {
                self.process = None;
                return Went::Badly("JMeter itself ended".to_owned());
            }
        }
        match answer.trim() {
            "ended well" => Went::Well(told(outline, &folder.path().join("out.jtl"))),
            other => Went::Badly(other.to_owned()),
        }
    }
}

impl Drop for JMeter {
    fn drop(&mut self) {
        if let Some((mut child, input, _)) = self.process.take() {
            drop(input);
            let _ = child.wait();
        }
    }
}

/// Does what `JMeter.runNonGui` does, for each folder that is named on a line of its input.
const DRIVER: &str = r#"
import org.apache.jmeter.*
import org.apache.jmeter.control.ReplaceableController
import org.apache.jmeter.engine.StandardJMeterEngine
import org.apache.jmeter.gui.tree.*
import org.apache.jmeter.reporters.ResultCollector
import org.apache.jmeter.save.SaveService
import org.apache.jmeter.services.FileServer
import org.apache.jmeter.util.JMeterUtils
import org.apache.jorphan.collections.SearchByClass
import org.apache.logging.log4j.*
import org.apache.logging.log4j.core.config.Configurator

Configurator.setRootLevel(Level.OFF)
JMeterUtils.setJMeterHome(args[0])
JMeterUtils.loadJMeterProperties(args[0] + "/bin/jmeter.properties")
JMeterUtils.initLocale()
SaveService.loadProperties()
def say = System.out
System.setOut(new PrintStream(new ByteArrayOutputStream()))
def died = null
Thread.setDefaultUncaughtExceptionHandler { thread, error -> died = error.class.name }
System.in.eachLine { folder ->
    died = null
    def ended = "well"
    try {
        def file = new File(folder, "plan.jmx")
        FileServer.getFileServer().setBaseForScript(file)
        def tree = SaveService.loadTree(file)
        def model = new JMeterTreeModel(new Object())
        def root = (JMeterTreeNode) model.getRoot()
        model.addSubTree(tree, root)
        def modules = new SearchByClass<>(ReplaceableController.class)
        tree.traverse(modules)
        modules.searchResults.each { it.resolveReplacementSubTree(root) }
        def run = JMeter.convertSubTree(tree, true)
        def collector = new ResultCollector()
        collector.setFilename(folder + "/out.jtl")
        run.add(run.getArray()[0], collector)
        def engine = new StandardJMeterEngine()
        engine.configure(run)
        def thread = new Thread(engine)
        thread.start()
        thread.join(5000)
        if (thread.alive) {
            ended = "not within 5 s"
            engine.stopTest(true)
            thread.join(10000)
            if (thread.alive) { say.println("ended not at all"); say.flush(); Runtime.runtime.halt(1) }
        }
    } catch (Throwable error) {
        ended = error.toString().replace("\n", " ")
    }
    say.println("ended " + (died ?: ended))
    say.flush()
}
System.exit(0)
"#;
