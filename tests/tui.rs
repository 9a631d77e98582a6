//! `--tui` on a terminal, which Python's `pty` is here: it is drawn, keys stop the run, and the terminal is as it was.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "these are tests")]

use std::process::{Command, Stdio};

const PLAN: &str = r#"<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="Plan"/><hashTree>
<ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">-1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">1</stringProp></ThreadGroup><hashTree>
<ConstantTimer guiclass="ConstantTimerGui" testclass="ConstantTimer" testname="Pause"><stringProp name="ConstantTimer.delay">20</stringProp></ConstantTimer><hashTree/>
<DebugSampler guiclass="TestBeanGUI" testclass="DebugSampler" testname="looking"/><hashTree/>
</hashTree></hashTree></hashTree></jmeterTestPlan>"#;

/// Runs a command on a terminal of its own, waits for each text and then sends its keys, and prints what was shown, how
/// the command ended, and whether the terminal is as it was.
const TERMINAL: &str = r#"
import fcntl, os, pty, select, struct, subprocess, sys, termios, time
keys = [pair.split("=") for pair in sys.argv[1].split(",") if pair]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
before = termios.tcgetattr(slave)
def own():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
run = subprocess.Popen(sys.argv[2:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=own,
                       env={**os.environ, "TERM": "xterm-256color"})
shown, deadline = b"", time.monotonic() + 50
def read(wait):
    global shown
    if select.select([master], [], [], wait)[0]:
        shown += os.read(master, 65536)
        return True
    return False
for text, sent in keys:
    while text.encode() not in shown and time.monotonic() < deadline:
        read(0.1)
    os.write(master, sent.replace("^C", "\x03").encode())
    shown += b"<" + sent.encode() + b">"
while run.poll() is None and time.monotonic() < deadline:
    read(0.1)
while read(0.2):
    pass
ended = run.poll()
if ended is None:
    run.kill()
sys.stdout.buffer.write(shown)
print(f"\n[exit {ended}, restored {termios.tcgetattr(slave) == before}]")
"#;

/// What a terminal shows of a run while these keys are pressed; `None` where there is no Python.
fn shown(keys: &str, options: &str) -> Option<String> {
    if !Command::new("python3").arg("--version").output().is_ok_and(|done| done.status.success()) {
        eprintln!("skipped: there is no Python here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.jmx"), PLAN).unwrap();
    let output = Command::new("python3")
        .args(["-c", TERMINAL, keys, env!("CARGO_BIN_EXE_rotameter"), "-n", "-t", "plan.jmx", "-l", "results.jtl"])
        .args(["-j", "run.log", "--tui", "-Jjmeterengine.nongui.port=0", "-Jsummariser.interval=6"])
        .args(options.split_whitespace())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let rows = std::fs::read_to_string(folder.path().join("results.jtl")).unwrap();
    assert!(rows.lines().count() > 1, "the run ran");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

const ENTER: &str = "\u{1b}[?1049h";
const LEAVE: &str = "\u{1b}[?1049l";

#[test]
fn a_run_is_shown_and_shut_down_by_keys() {
    let Some(shown) = shown("looking=q,again:=q", "") else { return };
    assert!(shown.ends_with("[exit 0, restored True]\n"), "{shown}");
    let (_, view) = shown.split_once(ENTER).unwrap_or_else(|| panic!("no view: {shown}"));
    let (view, after) = view.split_once(LEAVE).unwrap();
    assert!(view.contains("plan.jmx") && view.contains("looking") && view.contains("samples/s"), "{view}");
    assert!(!view.contains("summary"), "JMeter's lines would tear the view: {view}");
    // They are there when it is gone, and so is the table.
    assert!(after.contains("summary =") && after.contains("... end of run") && after.contains("p95"), "{after}");
}

#[test]
fn an_interrupt_stops_at_once() {
    let Some(shown) = shown("looking=^C", "") else { return };
    assert!(shown.ends_with("[exit 0, restored True]\n") && shown.contains(LEAVE), "{shown}");
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let folder = tempfile::tempdir().unwrap();
    let plan = PLAN.replace("\"LoopController.loops\">-1<", "\"LoopController.loops\">2<");
    std::fs::write(folder.path().join("plan.jmx"), plan).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.jtl", "-j", "run.log", "--tui"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success() && told[1].contains("--tui needs a terminal"), "{told:?}");
    assert!(told[0].contains("... end of run") && !told.concat().contains('\u{1b}'), "{told:?}");
}
