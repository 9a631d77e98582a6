//! What a sample costs, counted in instructions: a figure that does not depend on what else the machine does. A rise of
//! more than 5 % over `tests/instructions.txt` fails; `ROTAMETER_INSTRUCTIONS=bless cargo test --test instructions`
//! writes that file anew, which then says in its history why speed was given up, or what was gained.
//!
//! The counts are those of the program as the tests build it, so that no second build is needed. They are larger than
//! those of a release, and move with them. They hold for one compiler, one architecture and one C library's string
//! functions; where these differ, or Valgrind is missing, nothing is compared and the test says so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/instructions.txt");

/// A rise of more than this many percent fails.
const TOLERANCE: u64 = 5;

/// How many samples the two runs take, of which the difference counts.
const SAMPLES: (u32, u32) = (100, 500);

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 71\r\n\r\n\
    {\"id\":\"a1b2c3\",\"name\":\"Agent script\",\"version\":17,\"status\":\"published\"}";

#[test]
fn a_sample_costs_no_more_than_it_did() {
    let Some(machine) = machine() else {
        return eprintln!("skipped: there is no valgrind to count instructions with");
    };
    let folder = tempfile::tempdir().unwrap();
    let port = serve();
    let http = format!(
        r#"<HTTPSamplerProxy guiclass="Gui" testclass="HTTPSamplerProxy" testname="GET" enabled="true">
            <elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments"/></elementProp>
            <stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">{port}</stringProp>
            <stringProp name="HTTPSampler.protocol">http</stringProp><stringProp name="HTTPSampler.path">/scripts/1</stringProp>
            <stringProp name="HTTPSampler.method">GET</stringProp><boolProp name="HTTPSampler.use_keepalive">true</boolProp>
            </HTTPSamplerProxy>"#
    );
    let extracting = format!(
        r#"{http}<hashTree><JSONPostProcessor guiclass="Gui" testclass="JSONPostProcessor" testname="id" enabled="true">
            <stringProp name="JSONPostProcessor.referenceNames">id</stringProp>
            <stringProp name="JSONPostProcessor.jsonPathExprs">$.id</stringProp></JSONPostProcessor><hashTree/>
            <ResponseAssertion guiclass="Gui" testclass="ResponseAssertion" testname="ok" enabled="true">
            <collectionProp name="Asserion.test_strings"><stringProp name="1">published</stringProp></collectionProp>
            <stringProp name="Assertion.test_field">Assertion.response_data</stringProp>
            <intProp name="Assertion.test_type">16</intProp></ResponseAssertion><hashTree/></hashTree>"#
    );
    let debug = r#"<DebugSampler guiclass="Gui" testclass="DebugSampler" testname="debug" enabled="true"/>"#;
    let mut found = String::new();
    writeln!(found, "{machine}").unwrap();
    for (name, sampler) in [
        ("Debug Sampler", format!("{debug}<hashTree/>")),
        ("HTTP Request", format!("{http}<hashTree/>")),
        ("HTTP Request with extractor and assertion", extracting),
    ] {
        let few = instructions(folder.path(), &sampler, SAMPLES.0);
        let many = instructions(folder.path(), &sampler, SAMPLES.1);
        let each = (many - few) / u64::from(SAMPLES.1 - SAMPLES.0);
        writeln!(found, "{each:8} {name}").unwrap();
        if name == "Debug Sampler" {
            let begin = few.saturating_sub(each * u64::from(SAMPLES.0));
            writeln!(found, "{begin:8} from start to end, without samples").unwrap();
        }
    }
    if std::env::var_os("ROTAMETER_INSTRUCTIONS").is_some_and(|wish| wish == "bless") {
        return std::fs::write(FILE, found).unwrap();
    }
    let budget = std::fs::read_to_string(FILE).unwrap_or_default();
    if budget.lines().next() != found.lines().next() {
        return eprintln!("skipped: the counts are those of another machine\nfound:\n{found}expected:\n{budget}");
    }
    for (new, old) in found.lines().zip(budget.lines()).skip(1) {
        let ((new_count, name), (old_count, old_name)) = (counted(new), counted(old));
        assert_eq!(name, old_name, "the rows of {FILE} are others");
        assert!(
            new_count * 100 <= old_count * (100 + TOLERANCE),
            "{name}: {new_count} instructions where there were {old_count}. Either mend it, or say in a commit why it is \
             worth it and run ROTAMETER_INSTRUCTIONS=bless cargo test --test instructions"
        );
    }
}

fn counted(row: &str) -> (u64, &str) {
    let (count, name) = row.trim_start().split_once(' ').unwrap();
    (count.parse().unwrap(), name)
}

/// What the counts depend on besides the program; `None` without Valgrind.
fn machine() -> Option<String> {
    let words = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned())
    };
    let (valgrind, rustc) = (words("valgrind", &["--version"])?, words("rustc", &["--version"])?);
    let libc = words("getconf", &["GNU_LIBC_VERSION"])?;
    Some(format!("{rustc}, {}, {libc}, {valgrind}", std::env::consts::ARCH))
}

/// The instructions of a run of one user.
fn instructions(folder: &Path, sampler: &str, samples: u32) -> u64 {
    let plan = folder.join("plan.jmx");
    std::fs::write(&plan, plan_of(sampler, samples)).unwrap();
    let results = folder.join("results.jtl");
    let output = counting(folder, &plan, &results);
    let rows = std::fs::read_to_string(&results).unwrap_or_default().lines().count();
    assert_eq!(rows, samples as usize + 1, "{output}");
    // `==1234== I   refs:      12,345,678`
    let count =
        output.lines().find_map(|line| line.split_once("refs:")).map(|(_, count)| count.trim().replace(',', ""));
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count in:\n{output}"))
}

fn counting(folder: &Path, plan: &Path, results: &Path) -> String {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(PathBuf::from(env!("CARGO_BIN_EXE_rotameter")))
        .arg("-n")
        .arg("-f")
        .arg("-t")
        .arg(plan)
        .arg("-l")
        .arg(results)
        .arg("-j")
        .arg(folder.join("run.log"))
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn plan_of(sampler: &str, samples: u32) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><jmeterTestPlan version="1.2"><hashTree>
        <TestPlan guiclass="Gui" testclass="TestPlan" testname="Plan" enabled="true"/><hashTree>
        <ThreadGroup guiclass="Gui" testclass="ThreadGroup" testname="Users" enabled="true">
        <stringProp name="ThreadGroup.on_sample_error">continue</stringProp>
        <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
        <boolProp name="LoopController.continue_forever">false</boolProp>
        <intProp name="LoopController.loops">{samples}</intProp></elementProp>
        <stringProp name="ThreadGroup.num_threads">1</stringProp>
        <stringProp name="ThreadGroup.ramp_time">0</stringProp></ThreadGroup>
        <hashTree>{sampler}</hashTree></hashTree></hashTree></jmeterTestPlan>"#
    )
}

/// Answers every request with the same bytes, until the test's process ends.
fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        request.extend_from_slice(&piece[..count]);
        if request.ends_with(b"\r\n\r\n") {
            request.clear();
            if stream.write_all(ANSWER).is_err() {
                return;
            }
        }
    }
}
