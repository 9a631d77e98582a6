//! What failed samples sent and received, from the wire to the report.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// More than is kept of a body, and the first characters of it.
const LONG: usize = 50_000;

/// Answers as the path says, until the program is done.
fn serve(listener: &TcpListener) {
    while let Ok((stream, _)) = listener.accept() {
        std::thread::spawn(move || while answer(&stream).is_some() {});
    }
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        match line.trim_end() {
            "" => break,
            line if path.is_empty() => line.split(' ').nth(1)?.clone_into(&mut path),
            line => {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let long = "x".repeat(LONG);
    let (status, header, body) = match path.as_str() {
        "/there" => ("302 Found", "Location: /gone?token=secret1\r\n", ""),
        "/long" => ("503 Busy", "Content-Type: text/plain\r\nSet-Cookie: sid=secret2; Path=/\r\n", long.as_str()),
        "/picture" => ("404 None", "Content-Type: image/png\r\n", "\x00png"),
        "/fine" => ("200 OK", "Content-Type: text/html\r\n", "all is well"),
        _ => ("500 Oops", "Content-Type: application/json\r\n", "{\"why\": \"gone\", \"access_token\": \"secret3\"}"),
    };
    write!(stream, "HTTP/1.1 {status}\r\n{header}Content-Length: {}\r\n\r\n{body}", body.len()).ok()
}

fn request(name: &str, method: &str, path: &str, body: &str) -> String {
    format!(
        r#"<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="{name}">
<boolProp name="HTTPSampler.postBodyRaw">true</boolProp>
<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments">
<elementProp name="" elementType="HTTPArgument"><boolProp name="HTTPArgument.always_encode">false</boolProp>
<stringProp name="Argument.value">{body}</stringProp><stringProp name="Argument.metadata">=</stringProp></elementProp></collectionProp></elementProp>
<stringProp name="HTTPSampler.domain">127.0.0.1</stringProp><stringProp name="HTTPSampler.port">${{__P(port)}}</stringProp>
<stringProp name="HTTPSampler.path">{path}</stringProp><stringProp name="HTTPSampler.method">{method}</stringProp>
<boolProp name="HTTPSampler.follow_redirects">true</boolProp><boolProp name="HTTPSampler.use_keepalive">true</boolProp>
</HTTPSamplerProxy><hashTree/>"#
    )
}

/// A plan of five requests, sent twice over; the last one passes.
fn plan() -> String {
    let requests = [
        request("moved", "GET", "/there", ""),
        request("long", "POST", "/long", "user=me&amp;password=secret4"),
        request("picture", "GET", "/picture", ""),
        request("fine", "GET", "/fine", ""),
    ]
    .concat();
    format!(
        r#"<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="Plan"/><hashTree>
<ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">4</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">1</stringProp>
</ThreadGroup><hashTree><HeaderManager guiclass="HeaderPanel" testclass="HeaderManager" testname="Headers">
<collectionProp name="HeaderManager.headers"><elementProp name="" elementType="Header"><stringProp name="Header.name">Authorization</stringProp>
<stringProp name="Header.value">Bearer secret5</stringProp></elementProp></collectionProp></HeaderManager><hashTree/>
{requests}</hashTree></hashTree></hashTree></jmeterTestPlan>"#
    )
}

fn rotameter(folder: &Path, line: &str) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(line.split_whitespace())
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    output
}

/// Runs the plan with these options, and says what its report knows of failures.
fn run(folder: &Path, options: &str) -> Value {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || serve(&listener));
    std::fs::write(folder.join("plan.jmx"), plan()).unwrap();
    let line =
        format!("-n -t plan.jmx -l results.jtl -j run.log -f -Jport={port} --retry-after off -e -o report {options}");
    rotameter(folder, &line);
    failures(folder, "report")
}

fn failures(folder: &Path, report: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(report).join("rotameter.json")).unwrap();
    let page = std::fs::read_to_string(folder.join(report).join("index.html")).unwrap();
    for secret in 1..=5 {
        let secret = format!("secret{secret}");
        assert!(!text.contains(&secret) && !page.contains(&secret), "{secret}: {text}");
    }
    let report: Value = serde_json::from_str(&text).unwrap();
    report["failures"].clone()
}

fn kind<'a>(failures: &'a Value, label: &str) -> &'a Value {
    let kinds = failures["kinds"].as_array().unwrap_or_else(|| panic!("{failures}"));
    kinds.iter().find(|kind| kind["label"] == label).unwrap_or_else(|| panic!("no {label}: {failures}"))
}

fn check(failures: &Value) {
    let labels: Vec<_> = failures["kinds"].as_array().unwrap().iter().map(|kind| kind["label"].clone()).collect();
    assert_eq!(labels, ["moved", "moved-1", "long", "picture"], "what passed is not there");
    assert_eq!((&kind(failures, "long")["count"], &failures["of_other_kinds"]), (&4.into(), &0.into()));
    assert_eq!(kind(failures, "long")["exchanges"].as_array().unwrap().len(), 3);

    let long = &kind(failures, "long")["exchanges"][0];
    let request = long["request"].as_str().unwrap();
    assert!(request.starts_with("POST http://127.0.0.1:") && request.contains("/long\n"), "{request}");
    assert!(request.contains("\nAuthorization: Bearer ***\n") && request.contains("\nUser-Agent: "), "{request}");
    assert_eq!(long["request_body"]["text"], "user=me&password=***");
    let response = long["response"].as_str().unwrap();
    assert!(
        response.starts_with("HTTP/1.1 503 Busy\n") && response.contains("\nSet-Cookie: sid=***; Path=/\n"),
        "{response}"
    );
    assert_eq!(
        (&long["response_body"]["text"], &long["response_body"]["cut"]),
        (&"x".repeat(4096).into(), &true.into())
    );

    let moved = &kind(failures, "moved-1")["exchanges"][0];
    assert!(moved["request"].as_str().unwrap().contains("/gone?token=***\n"), "{moved}");
    assert_eq!(moved["response_body"]["text"], "{\"why\": \"gone\", \"access_token\": \"***\"}");
}

#[test]
fn a_run_tells_its_report_what_rows_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let failures = run(folder.path(), "");
    check(&failures);
    assert_eq!(kind(&failures, "picture")["exchanges"][0]["response_body"]["binary"], 4);

    // The rows alone know nothing of it, and the page says who does.
    rotameter(folder.path(), "report results.jtl -o alone");
    assert_eq!(self::failures(folder.path(), "alone"), Value::Null);
    let rows = std::fs::read_to_string(folder.path().join("results.jtl")).unwrap();
    let size = rows.lines().find(|row| row.contains(",long,")).unwrap().split(',').nth(9).unwrap();
    assert!(size.parse::<usize>().unwrap() > LONG, "sizes are those of whole bodies: {rows}");
}

#[test]
fn xml_results_that_hold_heads_tell_as_much() {
    let folder = tempfile::tempdir().unwrap();
    let save = "-Jjmeter.save.saveservice.";
    let names = ["output_format=xml", "responseHeaders=true", "requestHeaders=true", "response_data.on_error=true"];
    let more = ["samplerData=true", "url=true"];
    let options: Vec<String> = names.iter().chain(&more).map(|name| format!("{save}{name}")).collect();
    check(&run(folder.path(), &options.join(" ")));
    rotameter(folder.path(), "report results.jtl -o alone");
    check(&failures(folder.path(), "alone"));
}

#[test]
fn bounds_are_the_users() {
    let folder = tempfile::tempdir().unwrap();
    let options = "-Jreport.failures.kinds=3 -Jreport.failures.per_kind=1 -Jreport.failures.body=0";
    let failures = run(folder.path(), options);
    assert_eq!((failures["kinds"].as_array().unwrap().len(), &failures["of_other_kinds"]), (3, &4.into()));
    let long = kind(&failures, "long");
    assert_eq!((&long["count"], long["exchanges"].as_array().unwrap().len()), (&4.into(), 1));
    assert_eq!(long["exchanges"][0]["response_body"]["unread"], LONG);

    std::fs::remove_dir_all(folder.path().join("report")).unwrap();
    assert_eq!(run(folder.path(), "-Jreport.failures=false"), Value::Null);
}
