//! Large bodies pass through: what nobody reads is not kept, what is sent is read while it is sent, and what is packed is
//! unpacked piece by piece. And users are small: a script is compiled once for all of them.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

const MEGABYTE: usize = 1 << 20;
/// More than the program itself needs, and less than any body here.
const LITTLE: u64 = 96 << 10;

/// Runs one HTTP Request with what stands below it, and says how many kilobytes the program had at most, and its row.
fn run(method: &str, path: &str, more: &str, below: &str) -> (u64, String) {
    run_against(serve, &[], method, path, more, below)
}

/// The same with another server, and more said to the program.
fn run_against(
    serve: impl FnOnce(&TcpStream) + Send + 'static,
    arguments: &[&str],
    method: &str,
    path: &str,
    more: &str,
    below: &str,
) -> (u64, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    // Nothing but its length is on the disk.
    std::fs::File::create(folder.path().join("large")).unwrap().set_len(256 * MEGABYTE as u64).unwrap();
    let plan = format!(
        r#"<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="Plan"/><hashTree>
<ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">1</stringProp>
</ThreadGroup><hashTree><HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="large">
<stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">{port}</stringProp>
<stringProp name="HTTPSampler.path">{path}</stringProp><stringProp name="HTTPSampler.method">{method}</stringProp>
{more}</HTTPSamplerProxy><hashTree>{below}</hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>"#
    );
    std::fs::write(folder.path().join("plan.jmx"), plan).unwrap();
    std::thread::spawn(move || serve(&listener.accept().unwrap().0));
    let most = most_of(folder.path(), arguments);
    let rows = std::fs::read_to_string(folder.path().join("results.csv")).unwrap();
    (most, rows.lines().nth(1).unwrap_or_default().to_owned())
}

/// Runs the plan of a folder and says how many kilobytes the program had at most.
fn most_of(folder: &Path, arguments: &[&str]) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.csv", "-j", "run.log"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        most = line.split_whitespace().next().map_or(most, |kilobytes| kilobytes.parse().unwrap());
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    most
}

/// Answers one request as its path says.
fn serve(mut stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut path, mut length) = (String::new(), 0);
    for line in reader.by_ref().lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        if path.is_empty() {
            line.split(' ').nth(1).unwrap().clone_into(&mut path);
        }
        length = line.strip_prefix("Content-Length: ").map_or(length, |text| text.parse().unwrap());
    }
    let uploaded = std::io::copy(&mut reader.take(length), &mut std::io::sink()).unwrap();
    let block = vec![b'x'; MEGABYTE];
    match &*path {
        "/length" => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 256 * MEGABYTE).unwrap();
            (0..256).for_each(|_| stream.write_all(&block).unwrap());
        }
        "/chunks" => {
            write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
            for _ in 0..256 {
                write!(stream, "{MEGABYTE:x}\r\n").unwrap();
                stream.write_all(&block).unwrap();
                write!(stream, "\r\n").unwrap();
            }
            write!(stream, "0\r\n\r\n").unwrap();
        }
        "/bomb" => {
            let mut packed = Vec::new();
            let quality = brotli::enc::BrotliEncoderParams { quality: 3, ..Default::default() };
            brotli::BrotliCompress(&mut std::io::repeat(0).take(192 * MEGABYTE as u64), &mut packed, &quality).unwrap();
            let length = packed.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: {length}\r\n\r\n").unwrap();
            stream.write_all(&packed).unwrap();
        }
        // A length is only somebody's word.
        "/promise" => write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nshort").unwrap(),
        _ => write!(stream, "HTTP/1.1 200 OK\r\nX-Got: {uploaded}\r\nContent-Length: 0\r\n\r\n").unwrap(),
    }
}

/// One frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    [&[0, 0, u8::try_from(payload.len()).unwrap(), kind, flags, 0, 0, 0, stream], payload].concat()
}

/// Sends frames that say nothing, again and again, and reads nothing.
fn flood(mut stream: &TcpStream, once: &[u8], again: &[u8]) {
    // The request is what they are about.
    let _ = stream.read(&mut [0; 4096]);
    std::thread::sleep(std::time::Duration::from_millis(50));
    let _ = stream.read(&mut [0; 4096]);
    stream.write_all(&[&frame(4, 0, 0, &[]), once].concat()).unwrap();
    let begun = std::time::Instant::now();
    stream.set_write_timeout(Some(std::time::Duration::from_secs(1))).unwrap();
    while begun.elapsed() < std::time::Duration::from_secs(30) && stream.write_all(&again.repeat(1000)).is_ok() {}
}

/// An assertion that reads bodies: it fails, with their sum.
const SUM: &str = r#"<MD5HexAssertion guiclass="G" testclass="MD5HexAssertion" testname="sum"><stringProp name="MD5HexAssertion.size">x</stringProp></MD5HexAssertion><hashTree/>"#;
/// One that does not.
const SIZE: &str = r#"<SizeAssertion guiclass="G" testclass="SizeAssertion" testname="size"><stringProp name="Assertion.test_field">SizeAssertion.response_data</stringProp><stringProp name="SizeAssertion.size">0</stringProp><intProp name="SizeAssertion.operator">1</intProp></SizeAssertion><hashTree/>"#;
/// What ends a sample that goes on for ever.
const DEADLINE: &str = r#"<SampleTimeout guiclass="G" testclass="SampleTimeout" testname="deadline"><stringProp name="InterruptTimer.timeout">1500</stringProp></SampleTimeout><hashTree/>"#;

#[test]
fn a_body_that_nobody_reads_is_not_kept() {
    for path in ["/length", "/chunks"] {
        let (most, row) = run("GET", path, "", SIZE);
        assert!(most < LITTLE, "{most} KB for {path}");
        assert!(row.contains("It was 268,4"), "its size is known all the same: {row}");
    }
}

#[test]
fn a_body_that_is_read_is_there_once() {
    for path in ["/length", "/chunks"] {
        let (most, row) = run("GET", path, "", SUM);
        assert!(row.contains("got db0c5c91"), "{row}");
        // The body, what it was copied from on its way to its size, and the program.
        assert!(most < (256 + 64) * 1024 + LITTLE, "{most} KB for {path}");
    }
}

#[test]
fn what_is_packed_is_unpacked_piece_by_piece() {
    let (most, row) = run("GET", "/bomb", "", "");
    assert!(row.contains(",200,OK,"), "{row}");
    assert!(most < LITTLE, "{most} KB");
}

#[test]
fn a_length_is_only_somebody_s_word() {
    let (most, row) = run("GET", "/promise", "", SUM);
    assert!(row.contains("ConnectionClosedException"), "{row}");
    assert!(most < LITTLE, "{most} KB");
}

#[test]
fn a_file_is_read_while_it_is_sent() {
    for name in ["", "f"] {
        let files = format!(
            r#"<elementProp name="HTTPsampler.Files" elementType="HTTPFileArgs"><collectionProp name="HTTPFileArgs.files">
<elementProp name="large" elementType="HTTPFileArg"><stringProp name="File.path">large</stringProp><stringProp name="File.paramname">{name}</stringProp>
<stringProp name="File.mimetype">application/octet-stream</stringProp></elementProp></collectionProp></elementProp>"#
        );
        let (most, row) = run("POST", "/upload", &files, "");
        assert!(row.contains(",200,OK,") && row.contains(",26843"), "{row}");
        assert!(most < LITTLE, "{most} KB");
    }
}

#[test]
fn floods_of_http_2_are_not_hoarded() {
    let begun = std::time::Instant::now();
    let headers = frame(1, 4, 1, &[0x88]);
    for (name, once, again) in [
        ("pings", vec![], frame(6, 0, 0, &[7; 8])),
        ("settings", vec![], frame(4, 0, 0, &[0, 4, 0, 1, 0, 0])),
        ("resets of streams that are none", vec![], frame(3, 0, 9, &[0, 0, 0, 8])),
        ("resets of one stream", vec![], frame(3, 0, 1, &[0, 0, 0, 8])),
        ("windows", vec![], frame(8, 0, 0, &[0, 0, 0, 1])),
        ("unknown frames", vec![], frame(99, 0, 1, &[0; 100])),
        ("priorities", vec![], frame(2, 0, 1, &[0, 0, 0, 0, 1])),
        ("a head without end", frame(1, 0, 1, &[0x88]), frame(9, 0, 1, &[0, 1, b'a', 1, b'b'])),
        ("empty pieces of a body", headers.clone(), frame(0, 0, 1, &[])),
        ("a body without end", headers, frame(0, 0, 1, &[0; 200])),
        ("interim answers", vec![], frame(1, 4, 1, &[0x08, 3, b'1', b'0', b'3'])),
        ("going away", vec![], frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])),
    ] {
        let patience = r#"<stringProp name="HTTPSampler.response_timeout">700</stringProp>"#;
        let flooding = move |stream: &TcpStream| flood(stream, &once, &again);
        let (most, row) = run_against(flooding, &["-Jhttp.version=2"], "GET", "/", patience, DEADLINE);
        assert!(row.contains(",false,"), "{name}: {row}");
        assert!(most < LITTLE, "{most} KB for {name}");
    }
    // Each has the patience of the plan, and the start of a program.
    assert!(begun.elapsed() < std::time::Duration::from_secs(120), "{:?}", begun.elapsed());
}

/// Users at once.
const USERS: u64 = 2000;

/// The most kilobytes that the program had while so many users, each with `elements` behind it, waited at a timer.
fn peak(elements: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let plan = format!(
        r#"<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="Plan"/><hashTree>
<ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{USERS}</stringProp></ThreadGroup><hashTree>{elements}
<DebugSampler guiclass="G" testclass="DebugSampler" testname="d"/><hashTree>
<ConstantTimer guiclass="G" testclass="ConstantTimer" testname="t"><stringProp name="ConstantTimer.delay">3000</stringProp></ConstantTimer><hashTree/>
</hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>"#
    );
    std::fs::write(folder.path().join("plan.jmx"), plan).unwrap();
    let most = most_of(folder.path(), &[]);
    let rows = std::fs::read_to_string(folder.path().join("results.csv")).unwrap();
    assert!(!rows.contains(",false,"), "{rows}");
    most
}

#[test]
fn a_script_costs_each_user_single_kilobytes() {
    const GROOVY: &str = r#"<JSR223Sampler guiclass="G" testclass="JSR223Sampler" testname="s"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="cacheKey">true</stringProp><stringProp name="script">import groovy.json.JsonSlurper
def json = new JsonSlurper().parseText('{"user":{"id":42,"name":"Ann Lee"},"items":[{"n":2},{"n":1}]}')
def total = 0
for (i in 1..20) { total += i * json.items.size() }
vars.put('user', json.user.name.toUpperCase() + '-' + total)</stringProp></JSR223Sampler><hashTree/>"#;
    const BEAN_SHELL: &str = r#"<BeanShellSampler guiclass="G" testclass="BeanShellSampler" testname="s"><stringProp name="BeanShellSampler.query">
String name = "Ann Lee"; int total = 0; f(int n) { return n * 2; }
for (int i = 1; i &lt;= 20; i++) { total += f(i); } vars.put("user", name + "-" + total);</stringProp></BeanShellSampler><hashTree/>"#;
    let without = peak("");
    for (name, script) in [("Groovy", GROOVY), ("BeanShell", BEAN_SHELL)] {
        let more = peak(script).saturating_sub(without);
        assert!(more < USERS * 10, "{name}: {more} KB more for {USERS} users");
    }
}
