//! The program from outside: what it prints, what it leaves behind and how it exits.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Much longer than anything here takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

const DEBUG: &str = r#"<DebugSampler guiclass="TestBeanGUI" testclass="DebugSampler" testname="Look"/><hashTree/>"#;
const PAUSE: &str = r#"<ConstantTimer guiclass="ConstantTimerGui" testclass="ConstantTimer" testname="Pause">
<stringProp name="ConstantTimer.delay">10</stringProp></ConstantTimer><hashTree/>"#;

/// A plan of one user that takes `loops` turns through `children`; -1 is for ever.
fn plan(loops: &str, children: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2">
  <hashTree>
    <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Plan"/>
    <hashTree>
      <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users">
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
          <boolProp name="LoopController.continue_forever">false</boolProp>
          <stringProp name="LoopController.loops">{loops}</stringProp>
        </elementProp>
        <stringProp name="ThreadGroup.num_threads">1</stringProp>
        <stringProp name="ThreadGroup.ramp_time">0</stringProp>
      </ThreadGroup>
      <hashTree>
        {children}
      </hashTree>
    </hashTree>
  </hashTree>
</jmeterTestPlan>
"#
    )
}

/// A folder with a `plan.jmx`, where the program runs.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new(plan: &str) -> Self {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        bench.write("plan.jmx", plan);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rotameter"));
        command.args(line.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null()).env("TZ", "UTC");
        command
    }

    /// Runs to the end, which is the only thing that the program can be waited for.
    fn run(&self, line: &str) -> Told {
        let child = self.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Told::new(child.wait_with_output().unwrap())
    }

    fn start(&self, line: &str) -> Running {
        let child = self.command(line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        Running(child)
    }

    /// Waits until the results have so many lines, the header included.
    fn wait_for_rows(&self, name: &str, lines: usize) {
        let end = Instant::now() + PATIENCE;
        while self.read(name).lines().count() < lines {
            assert!(Instant::now() < end, "{name} has only {:?}", self.read(name));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What a finished run said.
#[derive(Debug)]
struct Told {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Told {
    fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Told { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn expect(&self, status: i32, texts: &[&str]) {
        let all = format!("{}{}", self.out, self.err);
        assert_eq!(self.status, Some(status), "{all}");
        for text in texts {
            assert!(all.contains(text), "no {text:?} in:\n{all}");
        }
        assert!(!all.contains("panicked"), "{all}");
    }
}

/// A run under way; it does not outlive its test.
struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn wait(&mut self) -> (ExitStatus, String) {
        let end = Instant::now() + PATIENCE;
        while self.0.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the program does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut out = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (self.0.wait().unwrap(), out)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every row of a file is whole: as many fields as the header has, and a line's end.
#[track_caller]
fn assert_whole_rows(jtl: &str) {
    assert!(jtl.ends_with('\n'), "the last row is cut: {jtl:?}");
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(jtl.as_bytes());
    let fields = rows.headers().unwrap().len();
    for row in rows.records() {
        assert_eq!(row.unwrap().len(), fields, "{jtl}");
    }
}

#[test]
fn a_plan_runs_and_says_what_jmeter_says() {
    let bench = Bench::new(&plan("3", DEBUG));
    let told = bench.run("-n -t plan.jmx -l out.jtl");
    told.expect(
        0,
        &[
            "Creating summariser <summary>\nCreated the tree successfully using plan.jmx\nStarting standalone test @ ",
            "Waiting for possible Shutdown/StopTestNow/HeapDump/ThreadDump message on port ",
            "summary =      3 in ",
            "Err:     0 (0.00%)",
            "Tidying up ...    @ ",
            "... end of run\n",
        ],
    );
    assert_eq!(told.err, "");
    assert_eq!(bench.read("out.jtl").lines().count(), 4);
    assert_whole_rows(&bench.read("out.jtl"));
    assert!(bench.read("jmeter.log").contains(" INFO o.a.j.s.SaveService: Loading file: plan.jmx"));
}

#[test]
fn the_words_of_our_own_command_are_the_same_run() {
    let bench = Bench::new(&plan("3", DEBUG));
    bench.run("run --plan plan.jmx --results out.jtl --log run.log").expect(0, &["... end of run"]);
    assert_eq!(bench.read("out.jtl").lines().count(), 4);
    assert!(!bench.read("run.log").is_empty());
}

#[test]
fn what_cannot_be_run_is_refused() {
    let bench = Bench::new(&plan("1", DEBUG));
    for (line, texts) in [
        ("-n -t none.jmx", &["An error occurred: The file ", "none.jmx doesn't exist or can't be opened"][..]),
        ("-n -t .", &["doesn't exist or can't be opened"]),
        ("-n -t plan.jmx -l out.jtl --bogus", &["Error: Unknown option --bogus"]),
        ("-n -t plan.jmx -l a.jtl -l b.jtl", &["Duplicate options"]),
        ("-n -t plan.jmx stray", &["An error occurred: Unknown arg: stray"]),
        ("-n", &["Non-GUI runs require a test plan"]),
        ("-n -t plan.jmx -q none.properties -l", &["-l"]),
        ("-n -t plan.jmx --retry-after maybe", &["--retry-after is on or off, not maybe"]),
        ("-n -t plan.jmx --unsupported perhaps", &["--unsupported is stop or skip, not perhaps"]),
        ("-n -t plan.jmx --workers many", &["many"]),
        ("-n -t plan.jmx -l out.jtl -J=x", &["Error: Unable to parse first argument for option -J"]),
        ("-n -t plan.jmx -l out.jtl -D=x", &["Error: Unable to parse first argument for option -D"]),
        ("-n -t plan.jmx -l LAST", &["LAST is the plan that JMeter's window opened last"]),
        ("-n -t plan.jmx -g old.jtl", &["Error: Incompatible options --n/--nongui and -g/--reportonly found."]),
        ("-g old.jtl -l out.jtl", &["Error: Incompatible options --l/--logfile and -g/--reportonly found."]),
        ("check", &["Usage: rotameter check"]),
        ("check --bogus plan.jmx", &["Unknown option --bogus"]),
        ("demo --bogus", &["Unknown option --bogus"]),
    ] {
        bench.run(line).expect(1, texts);
        assert!(!bench.path("out.jtl").exists(), "{line} left results");
    }
    bench.run("-n -t plan.jmx -R 10.0.0.1").expect(2, &["remote servers", "nothing was run"]);
}

#[test]
fn the_log_has_a_folder_made_for_it_and_dates_in_its_name() {
    let bench = Bench::new(&plan("1", DEBUG));
    // -X asks nothing of a run without remote servers.
    let told = bench.command("-n -t plan.jmx -X").args(["-j", "logs/run_'yyyy'.log"]).output().unwrap();
    assert!(told.status.success(), "{told:?}");
    let logs: Vec<_> = std::fs::read_dir(bench.path("logs")).unwrap().map(|file| file.unwrap().file_name()).collect();
    let name = logs[0].to_str().unwrap();
    assert!(logs.len() == 1 && name.starts_with("run_2") && name.len() == "run_2026.log".len(), "{logs:?}");
}

#[test]
fn versions_and_help_are_printed() {
    let bench = Bench::new("");
    bench.run("-v").expect(0, &["Rotameter ", "JMeter 5.6.2"]);
    bench.run("--version").expect(0, &["Rotameter "]);
    for line in ["-h", "--help", "-?"] {
        bench.run(line).expect(0, &["rotameter check", "--testfile", "--retry-after"]);
    }
    bench.run("elements").expect(0, &["HTTPSamplerProxy", "Thread groups"]);
    bench.run("functions").expect(0, &["__counter"]);
}

#[test]
fn a_malformed_plan_is_refused_with_its_place() {
    let good = plan("1", DEBUG);
    let unclosed = good.replacen("</ThreadGroup>", "", 1);
    for (text, place) in [
        (unclosed.as_str(), "line 17, column 5: expected </ThreadGroup>, found </hashTree>"),
        ("", "Error in NonGUIDriver"),
        ("plain words", "line 1, column 1"),
        ("<html><body/></html>", "line 1, column 1: expected <jmeterTestPlan>, found <html>"),
        ("<!DOCTYPE x [<!ENTITY a \"b\">]>\n<jmeterTestPlan/>", "line 1, column 1: a document type definition"),
        (&good.replacen("\"Users\"", "\"&users;\"", 1), "unknown entity &users;"),
        (&good.replacen("stringProp name=\"ThreadGroup.ramp", "intProp name=\"ThreadGroup.ramp", 1), "line 12"),
    ] {
        let bench = Bench::new(text);
        bench.run("-n -t plan.jmx -l out.jtl").expect(1, &[place]);
        bench.run("check plan.jmx").expect(1, &["plan.jmx: cannot run"]);
        assert!(!bench.path("out.jtl").exists());
    }
}

#[test]
fn wrong_numbers_do_not_pass_in_silence_or_panic() {
    for (from, to) in [
        (r#"<stringProp name="ThreadGroup.num_threads">1"#, r#"<intProp name="ThreadGroup.num_threads">many"#),
        (
            r#"<stringProp name="ThreadGroup.ramp_time">0"#,
            r#"<longProp name="ThreadGroup.ramp_time">99999999999999999999"#,
        ),
    ] {
        let text = plan("1", DEBUG).replacen(from, to, 1).replacen("many</stringProp>", "many</intProp>", 1);
        let text = text.replacen("9</stringProp>", "9</longProp>", 1);
        Bench::new(&text).run("-n -t plan.jmx -l out.jtl").expect(1, &["line 1", "is not such a number"]);
    }
    // Text that is no number is 0 or an error sample to JMeter; the run goes to its end.
    for (from, to) in [("threads\">1<", "threads\">x<"), ("threads\">1<", "threads\">-5<"), ("time\">0<", "time\">x<")]
    {
        let text = plan("1", DEBUG).replacen(from, to, 1);
        Bench::new(&text).run("-n -t plan.jmx -l out.jtl").expect(0, &["... end of run"]);
    }
    Bench::new(&plan("x", DEBUG)).run("-n -t plan.jmx -l out.jtl").expect(0, &["... end of run"]);
}

#[test]
fn a_truncated_plan_is_refused_wherever_it_ends() {
    let text = plan("1", &format!("{PAUSE}{DEBUG}"));
    let bench = Bench::new(&text);
    // JMeter reads no further than the end of the outermost hashTree, so what lies behind it may be missing.
    let end_of_tree = text.rfind("</hashTree>").unwrap() + "</hashTree>".len();
    let ends = (1..end_of_tree).step_by(end_of_tree / 24).chain([end_of_tree - 1]);
    for end in ends {
        bench.write("cut.jmx", &text[..end]);
        bench.run("check cut.jmx").expect(1, &["cut.jmx: cannot run", "  error: line "]);
    }
    bench.run("-n -t cut.jmx -l out.jtl").expect(1, &["line ", "An error occurred"]);
    bench.write("cut.jmx", &text[..end_of_tree]);
    bench.run("check cut.jmx").expect(0, &["cut.jmx: runs"]);
}

#[test]
fn results_that_cannot_be_written_end_the_run_before_it_begins() {
    let bench = Bench::new(&plan("1", DEBUG));
    bench.write("file", "");
    std::fs::create_dir(bench.path("folder")).unwrap();
    for results in ["folder", "file/out.jtl"] {
        let told = bench.run(&format!("-n -t plan.jmx -l {results}"));
        told.expect(1, &["An error occurred: cannot write results to ", results]);
        assert!(!told.out.contains("Starting standalone test"), "{told:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_fails_the_run() {
    let bench = Bench::new(&plan("50", DEBUG));
    bench
        .run("-n -t plan.jmx -l /dev/full")
        .expect(1, &["An error occurred: cannot write results to /dev/full: No space left on device", "rows lost: 50"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_while_the_run_goes_on() {
    let bench = Bench::new(&plan("50", &format!("{PAUSE}{DEBUG}")));
    bench
        .run("-n -t plan.jmx -l /dev/full")
        .expect(1, &["cannot write results to /dev/full for now: No space left on device", "rows lost: 50"]);
}

const UNKNOWN: &str = r#"<FtpSampler guiclass="x" testclass="FtpSampler" testname="Fetch"/><hashTree/>"#;

#[test]
fn an_element_that_is_not_supported_is_named_before_the_first_sample() {
    let bench = Bench::new(&plan("2", &format!("{UNKNOWN}{DEBUG}")));
    let told = bench.run("-n -t plan.jmx -l out.jtl");
    told.expect(1, &["unsupported: line 15: Plan / Users / Fetch (FtpSampler): ", "--unsupported skip"]);
    assert!(!bench.path("out.jtl").exists());

    let told = bench.run("-n -t plan.jmx -l out.jtl --unsupported skip");
    told.expect(0, &["unsupported: line 15: Plan / Users / Fetch (FtpSampler): ", "... end of run"]);
    assert_eq!(bench.read("out.jtl").matches(",Look,200,").count(), 2);
}

#[test]
fn a_value_that_may_have_to_wait_is_told_of_where_nothing_can_wait() {
    let timer = PAUSE.replace(">10<", ">${__fifoPop(q)}<");
    let bench = Bench::new(&plan("1", &format!("{timer}{DEBUG}")));
    bench
        .run("-n -t plan.jmx -l out.jtl")
        .expect(1, &["Plan / Users / Pause (ConstantTimer): __fifoPop may have to wait"]);
}

#[test]
fn a_user_that_waits_for_a_queue_is_woken_when_the_run_is_stopped_at_once() {
    let sampler = DEBUG.replace(r#"testname="Look""#, r#"testname="${__fifoPop(q)}""#);
    let bench = Bench::new(&plan("1", &format!("{DEBUG}{sampler}")));
    let mut running = bench.start("-n -t plan.jmx -l out.jtl");
    bench.wait_for_rows("out.jtl", 2);
    running.signal("TERM");
    running.signal("TERM");
    let (status, _) = running.wait();
    assert_eq!(status.code(), Some(143));
    assert!(bench.read("out.jtl").contains(",INTERRUPTED,"));
}

#[test]
fn an_element_that_is_switched_off_may_be_anything() {
    let off = UNKNOWN.replace("guiclass", "enabled=\"false\" guiclass");
    let bench = Bench::new(&plan("2", &format!("{off}{DEBUG}")));
    let told = bench.run("-n -t plan.jmx -l out.jtl");
    told.expect(0, &["... end of run"]);
    assert_eq!(told.err, "");
}

#[test]
fn check_tells_everything_as_json() {
    let bench = Bench::new(&plan("2", &format!("{UNKNOWN}{DEBUG}")));
    bench.write("good.jmx", &plan("2", DEBUG));
    let told = bench.run("check plan.jmx good.jmx --json");
    assert_eq!(told.status, Some(1));
    let reports: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let expected = serde_json::json!([
        {
            "plan": "plan.jmx",
            "runs": false,
            "elements": {"DebugSampler": 1, "FtpSampler": 1, "TestPlan": 1, "ThreadGroup": 1},
            "diagnostics": [{
                "severity": "unsupported",
                "line": 15,
                "path": "Plan / Users / Fetch",
                "element": "FtpSampler",
                "message": "this element is not supported",
            }],
        },
        {
            "plan": "good.jmx",
            "runs": true,
            "elements": {"DebugSampler": 1, "TestPlan": 1, "ThreadGroup": 1},
            "diagnostics": [],
        },
    ]);
    assert_eq!(reports, expected);
    bench.run("check good.jmx --json").expect(0, &["\"runs\": true"]);
}

#[test]
fn sigterm_and_sigint_stop_the_run_and_keep_whole_rows() {
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let bench = Bench::new(&plan("-1", &format!("{PAUSE}{DEBUG}")));
        let mut running = bench.start("-n -t plan.jmx -l out.jtl");
        bench.wait_for_rows("out.jtl", 5);
        running.signal(signal);
        let (ended, _) = running.wait();
        assert_eq!(ended.code(), Some(status), "{signal}");
        assert_whole_rows(&bench.read("out.jtl"));
    }
}

#[test]
fn a_datagram_stops_the_run_on_the_port_that_was_asked_for() {
    for message in ["Shutdown", "StopTestNow"] {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let bench = Bench::new(&plan("-1", &format!("{PAUSE}{DEBUG}")));
        let mut running = bench.start(&format!(
            "-n -t plan.jmx -l out.jtl -Jjmeterengine.nongui.port={port} -Jjmeterengine.nongui.maxport={port}"
        ));
        bench.wait_for_rows("out.jtl", 3);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(message.as_bytes(), ("127.0.0.1", port)).unwrap();
        let (ended, out) = running.wait();
        assert_eq!(ended.code(), Some(0), "{message}");
        assert!(out.contains(&format!("message on port {port}\n")) && out.contains("... end of run"), "{out}");
        assert_whole_rows(&bench.read("out.jtl"));
    }
}

#[test]
fn a_script_asleep_is_woken_when_the_run_is_stopped_at_once() {
    let nap = r#"<JSR223Sampler guiclass="TestBeanGUI" testclass="JSR223Sampler" testname="Nap"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="script">Thread.sleep(60000)</stringProp></JSR223Sampler><hashTree/>"#;
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let bench = Bench::new(&plan("1", &format!("{DEBUG}{nap}")));
    let mut running = bench.start(&format!(
        "-n -t plan.jmx -l out.jtl -Jjmeterengine.nongui.port={port} -Jjmeterengine.nongui.maxport={port}"
    ));
    bench.wait_for_rows("out.jtl", 2);
    let begin = std::time::Instant::now();
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"StopTestNow", ("127.0.0.1", port)).unwrap();
    running.wait();
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    let rows = bench.read("out.jtl");
    assert!(rows.contains("javax.script.ScriptException: java.lang.InterruptedException: sleep interrupted"), "{rows}");
}

#[test]
fn rows_survive_a_kill_up_to_the_last_second() {
    let bench = Bench::new(&plan("-1", &format!("{PAUSE}{DEBUG}")));
    let mut running = bench.start("-n -t plan.jmx -l out.jtl");
    bench.wait_for_rows("out.jtl", 2);
    std::thread::sleep(Duration::from_millis(1500));
    let killed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    running.0.kill().unwrap();
    running.wait();
    let jtl = bench.read("out.jtl");
    let last: u64 = jtl.lines().last().unwrap().split(',').next().unwrap().parse().unwrap();
    let lost = u64::try_from(killed.as_millis()).unwrap().saturating_sub(last);
    assert!(lost <= 1000, "{lost} ms of rows are missing");
    assert_whole_rows(&jtl);
}

#[test]
fn a_server_that_sends_garbage_costs_samples_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let garbage: [&[u8]; 7] = [
        b"this is not HTTP at all\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ninety\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        b"\0\xff\xfe\x01",
        b"",
    ];
    std::thread::spawn(move || {
        for (turn, connection) in listener.incoming().enumerate() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(garbage[turn % garbage.len()]);
        }
    });
    let timeout = r#"<stringProp name="HTTPSampler.response_timeout">5000</stringProp>"#;
    let sampler = format!("{}<hashTree/>", get(port, timeout));
    let bench = Bench::new(&plan("7", &sampler));
    bench.run("-n -t plan.jmx -l out.jtl").expect(0, &["summary =      7 in ", "... end of run"]);
    let jtl = bench.read("out.jtl");
    assert_whole_rows(&jtl);
    assert!(jtl.contains("Non HTTP response code: org.apache.http."), "{jtl}");
}

/// A request for `/`, with more properties.
fn get(port: u16, properties: &str) -> String {
    format!(
        r#"<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="Ask">
        <stringProp name="HTTPSampler.domain">127.0.0.1</stringProp>
        <stringProp name="HTTPSampler.port">{port}</stringProp>
        <stringProp name="HTTPSampler.path">/</stringProp>
        <stringProp name="HTTPSampler.method">GET</stringProp>
        {properties}
        </HTTPSamplerProxy>"#
    )
}

/// Answers each request of one connection at once, but for one of them.
fn stalling_server(stalls_at: usize, stall: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.set_nodelay(true).unwrap();
        let mut turn = 0;
        while connection.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
            turn += 1;
            if turn == stalls_at {
                std::thread::sleep(stall);
            }
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    port
}

/// The one sample that a stall makes slow hides among the others; all that should have been sent meanwhile does not.
#[test]
fn a_stall_shows_in_times_from_the_intended_start() {
    let port = stalling_server(40, Duration::from_secs(1));
    let request = get(port, r#"<boolProp name="HTTPSampler.use_keepalive">true</boolProp>"#);
    let sampler = format!(
        r#"{request}<hashTree>
        <ConstantThroughputTimer guiclass="TestBeanGUI" testclass="ConstantThroughputTimer" testname="Pace">
        <intProp name="calcMode">0</intProp>
        <doubleProp><name>throughput</name><value>6000.0</value><savedValue>0.0</savedValue></doubleProp>
        </ConstantThroughputTimer><hashTree/></hashTree>"#
    );
    let bench = Bench::new(&plan("250", &sampler));
    let told = bench.run("-n -t plan.jmx -l out.jtl -e -o report --corrected");
    told.expect(
        0,
        &["summary =    250 in ", "Response times from the intended start", "Users were too few for the rate: "],
    );
    let report: serde_json::Value = serde_json::from_str(&bench.read("report/rotameter.json")).unwrap();
    let elapsed = report["total"]["percentiles"]["99"].as_f64().unwrap();
    let punctuality = &report["punctuality"];
    let corrected = punctuality["corrected"]["total"]["percentiles"]["99"].as_f64().unwrap();
    assert!(elapsed < 400.0 && corrected > 600.0, "{elapsed} {punctuality:#}");
    assert!(punctuality["passed_over"].as_u64().unwrap() >= 60, "{punctuality:#}");
    assert!(!bench.read("out.jtl").contains("intended"), "the rows are JMeter's");
}

#[test]
fn a_closed_pipe_does_not_end_the_run() {
    let bench = Bench::new(&plan("20", DEBUG));
    let mut running = bench.start("-n -t plan.jmx -l out.jtl");
    drop(running.0.stdout.take());
    let end = Instant::now() + PATIENCE;
    while running.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
    assert_eq!(bench.read("out.jtl").lines().count(), 21);
}

#[test]
fn reads_properties_in_jmeters_forms() {
    let sampler = DEBUG.replace("Look", "${__P(a,none)} ${__P(b,none)} ${__P(c,none)}");
    let bench = Bench::new(&plan("1", &sampler));
    bench.write("more.properties", "b=from a file\nc=from a file\n");
    bench.run("-nt plan.jmx -l out.jtl -Ja=1 -q more.properties -J c=3").expect(0, &["... end of run"]);
    assert!(bench.read("out.jtl").contains(",1 from a file 3,"), "{}", bench.read("out.jtl"));
    assert!(Path::new(&bench.path("jmeter.log")).exists());
}

#[test]
fn scripts_that_sleep_do_not_hold_up_other_users_wherever_they_stand() {
    let script = |class: &str| {
        format!(
            r#"<{class} guiclass="TestBeanGUI" testclass="{class}" testname="Nap"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="script">sleep(200)</stringProp></{class}><hashTree/>"#
        )
    };
    let scripts = ["JSR223PreProcessor", "JSR223Sampler", "JSR223PostProcessor", "JSR223Assertion", "JSR223Listener"];
    let children: String = scripts.map(script).concat();
    let users = plan("1", &children).replace(r#"num_threads">1<"#, r#"num_threads">100<"#);
    let begin = std::time::Instant::now();
    Bench::new(&users).run("-n -t plan.jmx -l out.jtl").expect(0, &["summary =    100 in"]);
    // Side by side a user takes a second; 50 users one after the other on a core took 20 to 50.
    assert!(begin.elapsed() < std::time::Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[test]
fn a_sandboxed_run_keeps_its_scripts_from_files_processes_and_the_network() {
    let script = |element: &str, key: &str, name: &str, script: &str| {
        format!(
            r#"<{element} guiclass="TestBeanGUI" testclass="{element}" testname="{name}"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="{key}">{script}</stringProp></{element}><hashTree/>"#
        )
    };
    let children = [
        script("JSR223Sampler", "script", "reads", "new File('plan.jmx').text.length()"),
        script("JSR223Sampler", "script", "starts", "'touch made-by-a-process'.execute().waitFor()"),
        script("JSR223Sampler", "script", "connects", "InetAddress.getByName('localhost').hostName"),
        script(
            "BeanShellSampler",
            "BeanShellSampler.query",
            "writes",
            "try { new FileWriter(\"made-by-a-script\").close(); } catch (SecurityException e) { IsSuccess = false; ResponseMessage = e.toString(); ResponseCode = \"500\"; }",
        ),
        script("JSR223Sampler", "script", "computes", "(1..4).sum()"),
    ];
    let bench = Bench::new(&plan("1", &children.concat()));
    bench.run("-n -t plan.jmx -l out.jtl --script-sandbox").expect(0, &["summary =      5 in"]);
    let rows = bench.read("out.jtl");
    let row = |name: &str| rows.lines().find(|row| row.contains(&format!(",{name},"))).unwrap_or_default();
    for (name, what) in [("reads", "files"), ("starts", "processes"), ("connects", "the network"), ("writes", "files")]
    {
        let said = format!("java.lang.SecurityException: scripts of this run have no access to {what}");
        assert!(row(name).contains(&said) && row(name).contains(",500,"), "{rows}");
    }
    assert!(row("computes").contains(",computes,200,"), "{rows}");
    assert!(!bench.path("made-by-a-script").exists() && !bench.path("made-by-a-process").exists());

    bench.run("-n -t plan.jmx -l free.jtl").expect(0, &["summary =      5 in", "Err:     0"]);
    assert!(bench.path("made-by-a-script").exists() && bench.path("made-by-a-process").exists());
}

#[test]
fn a_report_is_written_after_the_run_and_of_old_results() {
    let bench = Bench::new(&plan("5", DEBUG));
    let told = bench.run("-n -t plan.jmx -l out.jtl -e -o report");
    assert_eq!((told.status, told.err.as_str()), (Some(0), ""), "{told:?}");
    let statistics: serde_json::Value = serde_json::from_str(&bench.read("report/statistics.json")).unwrap();
    assert_eq!(statistics["Look"]["sampleCount"], 5);
    assert!(bench.read("report/index.html").contains("<title>Rotameter report</title>"));

    let told = bench.run("-g out.jtl -o report");
    assert_eq!(told.status, Some(1));
    assert!(told.out.contains("as folder is not empty"), "{told:?}");
    let told = bench.run("-g out.jtl -o report -f -Jjmeter.reportgenerator.report_title=Nightly");
    assert_eq!((told.status, told.out.as_str()), (Some(0), ""));
    assert!(bench.read("report/index.html").contains("<title>Nightly</title>"));
    let told = bench.run("report out.jtl -o out.html");
    assert_eq!((told.status, told.err.as_str()), (Some(0), ""));
    assert!(bench.read("out.html").contains("\"name\":\"Look\""));
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_run() {
    let bench = Bench::new(&plan("5", DEBUG));
    std::fs::create_dir(bench.path("full")).unwrap();
    bench.write("full/kept.txt", "kept");
    bench.write("old.jtl", "timeStamp,elapsed,label\n");
    for (line, expected) in [
        ("-n -t plan.jmx -l out.jtl -e -o full", "as folder is not empty"),
        ("-n -t plan.jmx -l old.jtl -e -o new", "Results file:old.jtl is not empty"),
        ("-n -t plan.jmx -l out.jtl -e -o plan.jmx", "as it is an existing file"),
        ("-g out.jtl -o .. -f", "holds the working directory"),
        ("-g missing.jtl -o new2", "Cannot read test results file : missing.jtl"),
        ("report", "rotameter report RESULTS.jtl"),
    ] {
        let told = bench.run(line);
        assert_eq!(told.status, Some(1), "{line}: {told:?}");
        assert!(told.out.contains(expected), "{line}: {told:?}");
    }
    assert!(!bench.path("out.jtl").exists() && bench.read("full/kept.txt") == "kept");
}

#[test]
fn a_report_names_the_line_that_it_cannot_read() {
    let bench = Bench::new(&plan("1", DEBUG));
    bench.write("empty.jtl", "");
    bench.write("head.jtl", "timeStamp,elapsed,label,success\n");
    bench.write("short.jtl", "timeStamp,elapsed,label,success\n1,2,a,true\n1,2\n3,4,b,true\n");
    bench.write("cut.jtl", "timeStamp,elapsed,label,success\n1,2,a,true\n3,4");
    for (file, expected) in [
        ("empty.jtl", "there are no samples"),
        ("head.jtl", "there are no samples"),
        ("short.jtl", "short.jtl: line 3: "),
    ] {
        let told = bench.run(&format!("-g {file} -o {file}-report"));
        assert_eq!(told.status, Some(1), "{file}: {told:?}");
        assert!(told.out.contains(expected), "{file}: {told:?}");
    }
    let told = bench.run("-g cut.jtl -o cut-report");
    assert!(told.status == Some(0) && told.err.contains("cut.jtl: line 3: "), "{told:?}");
    let statistics: serde_json::Value = serde_json::from_str(&bench.read("cut-report/statistics.json")).unwrap();
    assert_eq!(statistics["Total"]["sampleCount"], 1);
}

#[test]
fn a_run_is_judged_by_its_criteria() {
    let bench = Bench::new(&plan("5", DEBUG));
    for (criteria, status, line) in [
        (&["errors > 0"][..], 0, "  passed  errors > 0: 0"),
        (&["errors > 0%", "samples(\"Look\") < 6"], 99, "  failed  samples(\"Look\") < 6: 5"),
        (&["p95(\"Lok\") > 2s"], 99, "  failed  p95(\"Lok\") > 2s: no samples"),
    ] {
        let mut command = bench.command("-n -t plan.jmx -l out.jtl -f --verdict junit=junit.xml");
        command.args(criteria.iter().flat_map(|criterion| ["--fail-if", criterion]));
        let told = Told::new(command.output().unwrap());
        assert_eq!(told.status, Some(status), "{criteria:?}: {told:?}");
        assert!(told.out.lines().any(|of_it| of_it == line), "{told:?}");
        let failures = bench.read("junit.xml").matches("<failure ").count();
        assert_eq!(failures > 0, status == 99, "{}", bench.read("junit.xml"));

        let mut command = bench.command("verdict out.jtl --verdict markdown=summary.md");
        command.args(criteria.iter().flat_map(|criterion| ["--fail-if", criterion]));
        let told = Told::new(command.output().unwrap());
        assert_eq!(told.status, Some(status), "afterwards, {criteria:?}: {told:?}");
        assert!(told.out.lines().any(|of_it| of_it == line), "{told:?}");
    }
    assert_eq!(bench.read("summary.md").matches("### out.jtl: ").count(), 3, "summaries are appended");
}

#[test]
fn a_criterion_that_cannot_be_understood_is_told_before_the_run() {
    let bench = Bench::new(&plan("5", DEBUG));
    for (option, text, expected) in [
        ("--fail-if", "p95 > 1 parsec", "'parsec' is no unit of 'p95', but ms, s or min"),
        ("--abort-if", "errors > 1% after lunch", "'lunch' is no time in seconds"),
        ("--verdict", "pdf=x", "--verdict is one of json, junit, markdown, openmetrics, teamcity"),
    ] {
        let told = Told::new(bench.command("-n -t plan.jmx -l out.jtl").arg(option).arg(text).output().unwrap());
        assert_eq!(told.status, Some(1), "{told:?}");
        assert!(told.out.contains(expected), "{told:?}");
        assert!(!bench.path("out.jtl").exists());
    }
}

#[test]
fn a_run_that_can_only_fail_is_stopped_early() {
    let bench = Bench::new(&plan("-1", &format!("{DEBUG}{PAUSE}")));
    let mut command = bench.command("-n -t plan.jmx -l out.jtl");
    command.arg("--abort-if").arg("samples > 10 after 0s").stdout(Stdio::piped()).stderr(Stdio::piped());
    let told = Told::new(command.spawn().unwrap().wait_with_output().unwrap());
    assert_eq!(told.status, Some(99), "{told:?}");
    assert!(told.err.contains("Stopped early: samples > 10: "), "{told:?}");
    assert!(told.out.contains("... end of run"), "the run ends as usual: {told:?}");
}

/// A plan whose group is one of the plugins'.
fn plan_of_group(class: &str, properties: &[(&str, &str)], children: &str) -> String {
    let property = |(name, value): &(&str, &str)| format!(r#"<stringProp name="{name}">{value}</stringProp>"#);
    let properties: Vec<String> = properties.iter().map(property).collect();
    let properties = properties.concat();
    format!(
        r#"<jmeterTestPlan><hashTree><TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Plan"/><hashTree>
<{class} guiclass="{class}Gui" testclass="{class}" testname="Users">{properties}</{class}><hashTree>{children}</hashTree>
</hashTree></hashTree></jmeterTestPlan>"#
    )
}

/// A user that comes by an arrival has a start that was meant, whatever its timers; what it does then has none.
#[test]
fn an_arrival_is_an_intended_start_of_the_first_sample() {
    let schedule = ("OpenModelThreadGroup.schedule", "rate(20/s) even_arrivals(500 ms)");
    let bench = Bench::new(&plan_of_group("OpenModelThreadGroup", &[schedule], &format!("{DEBUG}{DEBUG}")));
    let told = bench.run("-n -t plan.jmx -l out.jtl --corrected -Jjmeter.save.saveservice.intended_start=true");
    told.expect(0, &["Response times from the intended start", "... end of run"]);
    let jtl = bench.read("out.jtl");
    let mut rows = jtl.lines();
    assert!(rows.next().unwrap().ends_with(",Connect,intendedStart"), "{jtl}");
    let mut users = std::collections::BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let (began, intended) = (cells[0].parse::<u64>().unwrap(), cells.last().unwrap());
        if users.insert(cells[5]) {
            assert!(intended.parse::<u64>().unwrap() <= began, "{jtl}");
        } else {
            assert_eq!(*intended, "", "{jtl}");
        }
    }
    assert!(users.len() >= 5, "{jtl}");
}

#[test]
fn users_of_a_group_that_a_timer_has_ended_are_not_replaced() {
    let class = "kg.apc.jmeter.timers.VariableThroughputTimer";
    let timer = format!(
        r#"<{class} guiclass="{class}Gui" testclass="{class}" testname="Shape"><collectionProp name="load_profile"><collectionProp name="1">
<stringProp name="1">1</stringProp><stringProp name="2">1</stringProp><stringProp name="3">1</stringProp>
</collectionProp></collectionProp></{class}><hashTree/>"#
    );
    let group = "com.blazemeter.jmeter.threads.concurrency.ConcurrencyThreadGroup";
    let properties = [("TargetLevel", "1"), ("Hold", "600"), ("Iterations", "1"), ("LogFilename", "users.csv")];
    let bench = Bench::new(&plan_of_group(group, &properties, &format!("{timer}{DEBUG}")));
    bench.run("-n -t plan.jmx -l out.jtl").expect(0, &[]);
    let (users, rows) = (bench.read("users.csv").lines().count(), bench.read("out.jtl").lines().count());
    assert!(rows > 1 && users < 20, "{users} starts and ends of users, {rows} rows");
}

#[test]
fn users_at_rest_end_when_the_run_is_stopped() {
    let group = "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup";
    let properties = [("TargetLevel", "2"), ("Hold", "600")];
    let bench = Bench::new(&plan_of_group(group, &properties, DEBUG));
    let mut running = bench.start("-n -t plan.jmx -l out.jtl");
    bench.wait_for_rows("out.jtl", 3);
    running.signal("INT");
    assert_eq!(running.wait().0.code(), Some(130));
    assert_whole_rows(&bench.read("out.jtl"));
}

#[test]
fn the_start_is_told_in_the_zone_of_the_run() {
    let sampler = DEBUG.replacen("testname=\"", "testname=\"${__P(START.MS)} ${__P(START.HMS)} ${START.HMS} ", 1);
    let bench = Bench::new(&plan("1", &sampler));
    let (status, out) = bench.start("-n -t plan.jmx -l out.jtl -Duser.timezone=GMT+09:00").wait();
    assert!(status.success(), "{out}");
    let rows = bench.read("out.jtl");
    let label = rows.lines().nth(1).unwrap().split(',').nth(2).unwrap();
    let [millis, property, variable] = label.split(' ').take(3).collect::<Vec<_>>()[..] else { panic!("{label}") };
    let second = |hms: &str| {
        let hms: u64 = hms.parse().unwrap();
        hms / 10_000 * 3600 + hms / 100 % 100 * 60 + hms % 100
    };
    let start = (millis.parse::<u64>().unwrap() / 1000 + 9 * 3600) % 86_400;
    assert_eq!(second(property), start);
    // The test starts a moment after the program.
    assert!((second(variable) + 86_400 - start) % 86_400 < 60, "{label}");
}

#[test]
fn users_whose_samples_never_wait_do_not_hold_up_those_that_do() {
    let waiter = format!(
        r#"<IfController guiclass="IfControllerPanel" testclass="IfController" testname="first">
<stringProp name="IfController.condition">${{__jexl3(${{__threadNum}} == 1,)}}</stringProp><boolProp name="IfController.useExpression">true</boolProp>
</IfController><hashTree>
<LoopController guiclass="LoopControlPanel" testclass="LoopController" testname="waits"><stringProp name="LoopController.loops">10</stringProp>
</LoopController><hashTree>{PAUSE}{DEBUG}</hashTree>
<TestAction guiclass="TestActionGui" testclass="TestAction" testname="stop"><intProp name="ActionProcessor.action">0</intProp>
<intProp name="ActionProcessor.target">2</intProp></TestAction><hashTree/>
</hashTree>"#
    );
    let spinner = format!(
        r#"<LoopController guiclass="LoopControlPanel" testclass="LoopController" testname="spins"><stringProp name="LoopController.loops">-1</stringProp>
</LoopController><hashTree>{DEBUG}</hashTree>"#
    );
    let users = plan("1", &format!("{waiter}{spinner}")).replace(r#"num_threads">1<"#, r#"num_threads">64<"#);
    let bench = Bench::new(&users);
    // The first user shares its worker with others that go round and round; it must come to its end, and stop them.
    let (status, out) = bench.start("-n -t plan.jmx -l out.jtl").wait();
    assert!(status.success() && out.contains("... end of run"), "{out}");
    assert_eq!(bench.read("out.jtl").lines().filter(|line| line.contains("Users 1-1,")).count(), 10);
}

/// Rows of a run that is `factor` times as slow under one of its labels.
fn rows(factor: f64) -> String {
    rows_of_day(0, factor)
}

fn rows_of_day(day: u64, factor: f64) -> String {
    let mut out = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,Latency\n".to_owned();
    for row in 0..3000_u64 {
        let (label, factor) = if row % 2 == 0 { ("home", 1.0) } else { ("login", factor) };
        let elapsed = (100.0 + (row * 7919 % 1000) as f64 / 5.0) * factor;
        let (at, user) = (1_795_488_360_000 + day * 86_400_000 + row * 20, row % 5 + 1);
        out.push_str(&format!("{at},{},{label},200,OK,Users 1-{user},true,500,3\n", elapsed as u64));
    }
    out
}

#[test]
fn two_runs_are_compared_and_a_regression_is_told_by_the_exit_status() {
    let bench = Bench::new("");
    bench.write("a.jtl", &rows(1.0));
    bench.write("b.jtl", &rows(1.2));
    bench.run("compare a.jtl a.jtl").expect(0, &["home, login: no difference to be seen", "No significant regression"]);
    let told = bench.run("compare a.jtl b.jtl --html both.html");
    told.expect(99, &["p95 of login rose by ", ", sure): ", "Regression: "]);
    assert!(!told.out.contains("of home rose"), "{}", told.out);
    assert!(bench.read("both.html").contains("Compared with an earlier run"));
    bench.run("compare a.jtl b.jtl --min-change 30").expect(0, &["less than what matters"]);
    bench.run("compare a.jtl b.jtl --markdown").expect(99, &["### ❌ Regression", "| login |"]);
    let json: serde_json::Value = serde_json::from_str(&bench.run("compare a.jtl b.jtl --json").out).unwrap();
    assert_eq!((&json["regression"], &json["labels"][1]["label"]), (&true.into(), &"login".into()));
    bench.run("compare a.jtl nothing.jtl").expect(1, &["nothing.jtl: "]);
    bench.run("compare a.jtl").expect(1, &["two result files are wanted"]);
}

#[test]
fn whether_two_runs_did_the_same() {
    let bench = Bench::new("");
    let all = rows(1.0);
    bench.write("a.jtl", &all);
    bench.write("b.jtl", &rows(1.2));
    bench.run("compare --equivalent a.jtl b.jtl").expect(0, &["Equivalent: both runs did the same 3000 samples"]);
    let cut: String = all.split_inclusive('\n').take(2000).collect();
    bench.write("b.jtl", &cut.replacen("home,200,OK", "home,404,Gone", 1));
    bench
        .run("compare --equivalent a.jtl b.jtl")
        .expect(99, &["Users 1-1, sample 1 (lines 2 and 2): home: responseCode \"200\" and \"404\"", "Not equivalent"]);
    bench
        .run("compare --equivalent --common --ignore responseCode,responseMessage a.jtl b.jtl")
        .expect(0, &["as far as both go: 1999 samples"]);
}

#[test]
fn a_folder_keeps_runs_that_were_good() {
    let bench = Bench::new("");
    bench.run("compare --baseline kept missing.jtl").expect(1, &["missing.jtl: "]);
    for day in 1..=4 {
        bench.write("run.jtl", &rows_of_day(day, 1.0));
        bench.run("compare --baseline kept --keep 3 run.jtl").expect(0, &["earlier runs"]);
    }
    assert_eq!(std::fs::read_dir(bench.path("kept")).unwrap().count(), 3);
    bench.write("slow.jtl", &rows_of_day(9, 1.5));
    bench
        .run("compare --baseline kept slow.jtl")
        .expect(99, &["worse: p95 of login: ", "Regression against the median"]);
    assert_eq!(std::fs::read_dir(bench.path("kept")).unwrap().count(), 3, "a bad run is no baseline");
}

#[test]
fn the_table_at_the_end_leaves_stdout_to_jmeter() {
    let bench = Bench::new(&plan("3", DEBUG));
    let plain = bench.run("-n -t plan.jmx -l a.jtl");
    plain.expect(0, &["summary =", "... end of run"]);
    assert!(plain.err.is_empty(), "stderr is no terminal: {}", plain.err);
    let table = bench.run("-n -t plan.jmx -l b.jtl --table on");
    table.expect(0, &["... end of run"]);
    assert!(table.err.contains("Look") && table.err.contains("Total") && !table.err.contains('\x1b'), "{}", table.err);
    assert_eq!(plain.out.lines().count(), table.out.lines().count(), "{}", table.out);
    let quiet = bench.run("-n -t plan.jmx -l c.jtl --quiet --fail-if samples<3");
    quiet.expect(0, &["Verdict: passed"]);
    assert!(!quiet.out.contains("summary") && quiet.out.lines().count() == 2, "{}", quiet.out);
}

#[test]
fn a_report_compares_and_shows_the_plan() {
    let bench = Bench::new(&plan("1", DEBUG));
    bench.write("a.jtl", &rows(1.0));
    bench.write("b.jtl", &rows(1.2));
    bench.run("report b.jtl --against a.jtl --plan plan.jmx -o out").expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&bench.read("out/rotameter.json")).unwrap();
    assert_eq!((&json["total"]["samples"], &json["comparison"]["regression"]), (&3000.into(), &true.into()));
    assert!(bench.read("out/index.html").contains("[2,\"Look\",\"DebugSampler\",true]"));
    bench.run("report b.jtl --against none.jtl -o other").expect(1, &["Cannot read test results file : none.jtl"]);
}
