//! TLS and HTTP/2 from outside: which certificates the program trusts, whose sessions users resume, and another's server
//! of HTTP/2.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rotameter::http::{Body, Client, Header, Options, Request, TlsDemands, TlsSettings, Url};
use rustls::HandshakeKind;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;

/// Much longer than anything here takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// For localhost, shop.example and 127.0.0.1; it vouches for itself.
const GOOD: (&str, &str) = (include_str!("server/certificate.pem"), include_str!("server/key.pem"));
/// For localhost and 127.0.0.1, until February 2020; it vouches for itself.
const EXPIRED: (&str, &str) = (include_str!("server/expired.pem"), include_str!("server/expired-key.pem"));
const OTHER: &str = include_str!("server/other.pem");

/// A TLS server on all addresses of loopback, which answers a request a connection. What each handshake was, it tells.
fn tls_server((certificate, key): (&str, &str)) -> (u16, Receiver<HandshakeKind>) {
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.session_storage = rustls::server::ServerSessionMemoryCache::new(64);
    let config = Arc::new(config);
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for tcp in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = rustls::StreamOwned::new(connection, tcp.unwrap());
            let mut head = Vec::new();
            let mut buffer = [0; 4096];
            while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                match tls.read(&mut buffer) {
                    Ok(n @ 1..) => head.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            if head.is_empty() {
                continue;
            }
            let _ = tell.send(tls.conn.handshake_kind().unwrap());
            let _ = tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            tls.conn.send_close_notify();
            let _ = tls.flush();
        }
    });
    (port, told)
}

fn plan(users: u32, loops: u32, samplers: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree>
  <TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Plan"/>
  <hashTree>
    <ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users">
      <elementProp name="ThreadGroup.main_controller" elementType="LoopController">
        <boolProp name="LoopController.continue_forever">false</boolProp>
        <stringProp name="LoopController.loops">{loops}</stringProp>
      </elementProp>
      <stringProp name="ThreadGroup.num_threads">{users}</stringProp>
      <stringProp name="ThreadGroup.ramp_time">0</stringProp>
    </ThreadGroup>
    <hashTree>{samplers}</hashTree>
  </hashTree>
</hashTree></jmeterTestPlan>"#
    )
}

/// A sampler that asks for an address, with further properties.
fn sampler(tag: &str, name: &str, url: &str, properties: &str) -> String {
    format!(
        r#"<{tag} guiclass="HttpTestSampleGui" testclass="{tag}" testname="{name}">
  <stringProp name="HTTPSampler.path">{url}</stringProp>
  <stringProp name="HTTPSampler.method">GET</stringProp>
  <boolProp name="HTTPSampler.use_keepalive">true</boolProp>
  {properties}
</{tag}><hashTree/>"#
    )
}

/// Runs a plan; the rows, each as label, code, message, success and bytes.
fn run(folder: &Path, plan: &str, arguments: &[&str]) -> Vec<[String; 5]> {
    std::fs::write(folder.join("plan.jmx"), plan).unwrap();
    let _ = std::fs::remove_file(folder.join("results.jtl"));
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.jtl"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut reader = csv::Reader::from_path(folder.join("results.jtl")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let columns = ["label", "responseCode", "responseMessage", "success", "bytes"]
        .map(|name| headers.iter().position(|header| header == name).unwrap());
    reader.records().map(|record| record.unwrap()).map(|record| columns.map(|at| record[at].to_owned())).collect()
}

#[test]
fn certificates_are_checked_where_the_command_line_says_so() {
    let folder = TempDir::new().unwrap();
    for (name, pem) in [("good.pem", GOOD.0), ("expired.pem", EXPIRED.0), ("other.pem", OTHER)] {
        std::fs::write(folder.path().join(name), pem).unwrap();
    }
    let (good, _told) = tls_server(GOOD);
    let (expired, _told_too) = tls_server(EXPIRED);
    let ask = |url: String, arguments: &[&str]| {
        let rows = run(folder.path(), &plan(1, 1, &sampler("HTTPSamplerProxy", "ask", &url, "")), arguments);
        assert_eq!(rows.len(), 1);
        format!("{} {}", rows[0][1], rows[0][2])
    };
    let localhost = |port: u16| format!("https://localhost:{port}/");
    let refused = |words: &str| format!("Non HTTP response code: {words}");
    // As JMeter does, everybody is trusted.
    assert_eq!(ask(localhost(good), &[]), "200 OK");
    assert_eq!(ask(localhost(expired), &[]), "200 OK");
    assert_eq!(ask(format!("https://127.0.0.2:{good}/"), &[]), "200 OK");
    // The authority is known, or it is not.
    assert_eq!(ask(localhost(good), &["--tls-verify=good.pem"]), "200 OK");
    assert_eq!(ask(format!("https://127.0.0.1:{good}/"), &["--tls-verify=good.pem"]), "200 OK");
    let unknown = refused(
        "javax.net.ssl.SSLHandshakeException Non HTTP response message: PKIX path building failed: \
         sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to \
         requested target",
    );
    assert_eq!(ask(localhost(good), &["--tls-verify=other.pem"]), unknown);
    // Its authority is known, and its name is another's.
    let told = ask(format!("https://127.0.0.2:{good}/"), &["--tls-verify=good.pem"]);
    let another = refused("javax.net.ssl.SSLPeerUnverifiedException Non HTTP response message: ");
    assert!(told.starts_with(&another) && told.contains("127.0.0.2"), "{told}");
    // Its authority is known, and its time is over.
    assert_eq!(
        ask(localhost(expired), &["--tls-verify=expired.pem"]),
        refused(
            "javax.net.ssl.SSLHandshakeException Non HTTP response message: PKIX path validation failed: \
             java.security.cert.CertPathValidatorException: validity check failed: the certificate has expired"
        )
    );
}

#[test]
fn sessions_are_a_user_s_own_until_it_is_reset_unless_all_share_them() {
    for shares_sessions in [false, true] {
        let (port, told) = tls_server(GOOD);
        let tls = Arc::new(TlsSettings::new(TlsDemands { shares_sessions, ..TlsDemands::default() }));
        let options = Options { tls, ..Options::default() };
        let url = Url::parse(&format!("https://localhost:{port}/")).unwrap();
        let headers = vec![Header::new("Connection", "close"), Header::new("Host", url.host_header())];
        let request = Request { method: "GET".into(), url, headers, body: Body::Empty };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut kinds = Vec::new();
        let mut ask = |client: &Client| {
            runtime.block_on(client.exchange(&request, &options)).unwrap();
            kinds.push(told.recv_timeout(PATIENCE).unwrap() == HandshakeKind::Resumed);
        };
        let (mut one, two) = (Client::default(), Client::default());
        ask(&one);
        ask(&one);
        ask(&two);
        // What a new iteration of another user does.
        one.close_all();
        ask(&one);
        assert_eq!(kinds, [false, true, shares_sessions, shares_sessions]);
    }
}

/// nghttpd, on a port of its own; it does not outlive its test.
struct Nghttpd(Child, u16);

impl Nghttpd {
    fn start(root: &Path, tls: bool) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("nghttpd");
        command.arg("-d").arg(root).args(["-a", "127.0.0.1"]);
        if tls {
            command.arg(port.to_string()).arg(root.join("key.pem")).arg(root.join("certificate.pem"));
        } else {
            command.arg("--no-tls").arg(port.to_string());
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "nghttpd does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self(child, port))
    }
}

impl Drop for Nghttpd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn nghttpd_answers_as_any_server() {
    let root = TempDir::new().unwrap();
    let images: Vec<String> = (0..8).map(|at| format!("<img src='{at}.png'>")).collect();
    std::fs::write(root.path().join("page.html"), format!("<html>{}</html>", images.concat())).unwrap();
    for at in 0..8 {
        std::fs::write(root.path().join(format!("{at}.png")), vec![b'x'; 40_000 * at]).unwrap();
    }
    std::fs::write(root.path().join("certificate.pem"), GOOD.0).unwrap();
    std::fs::write(root.path().join("key.pem"), GOOD.1).unwrap();
    let Some(plain) = Nghttpd::start(root.path(), false) else {
        #[allow(clippy::print_stderr, reason = "who reads the log should know")]
        {
            eprintln!("nghttpd is not there: HTTP/2 was not tested against it");
        }
        return;
    };
    let secure = Nghttpd::start(root.path(), true).unwrap();
    let folder = TempDir::new().unwrap();
    let plugin = "com.blazemeter.jmeter.http2.sampler.HTTP2Sampler";
    let page = r#"<boolProp name="HTTPSampler.image_parser">true</boolProp>
        <boolProp name="HTTPSampler.concurrentDwn">true</boolProp>"#;
    let only_2 = r#"<boolProp name="HTTP2Sampler.enableHttp1">false</boolProp>"#;
    let samplers = [
        sampler("HTTPSamplerProxy", "file", &format!("https://127.0.0.1:{}/7.png", secure.1), ""),
        sampler("HTTPSamplerProxy", "page", &format!("https://127.0.0.1:{}/page.html", secure.1), page),
        sampler("HTTPSamplerProxy", "none", &format!("https://127.0.0.1:{}/none", secure.1), ""),
        sampler(plugin, "plugin", &format!("https://127.0.0.1:{}/1.png", secure.1), ""),
        sampler(plugin, "cleartext", &format!("http://127.0.0.1:{}/1.png", plain.1), only_2),
    ];
    for version in ["2", "auto"] {
        let plan = plan(3, 4, &samplers.concat());
        let rows = run(folder.path(), &plan, &[&format!("-Jhttp.version={version}")]);
        // A page fails with any of its pictures; their own rows are not looked at.
        let rows: Vec<_> = rows.into_iter().filter(|row| !row[0].starts_with("page-")).collect();
        assert_eq!(rows.len(), 3 * 4 * samplers.len(), "{version}: {rows:?}");
        for [label, code, message, success, bytes] in rows {
            let expected = if label == "none" { "404 Not Found false" } else { "200 OK true" };
            assert_eq!(format!("{code} {message} {success}"), expected, "{label}");
            let body = match &*label {
                "file" => 280_000,
                "page" => (0..8).map(|at| 40_000 * at).sum(),
                "plugin" | "cleartext" => 40_000,
                _ => 1,
            };
            let head = bytes.parse::<usize>().unwrap() - body;
            assert!(head > 0 && head < 4_000, "{label} has {bytes} bytes");
        }
    }
    // With a server that speaks HTTP/2 only, HTTP/1.1 does not work: what was above was HTTP/2.
    let plan = plan(1, 1, &samplers[0]);
    assert_eq!(run(folder.path(), &plan, &[])[0][3], "false");
}
