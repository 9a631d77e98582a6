//! The stack traces that JMeter 5.6.2 on Java 17 stores as the data of failed samples. Their length is what the column
//! `bytes` shows, and reports add it up. Those of failures that are met often are written out; of others only the first
//! line is known here.

use super::pass::Cause;
use crate::http::{Scheme, Stage};
use crate::virtual_user::Thrown;

/// Where in a sample something failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Why the request was made.
    pub cause: Cause,
    /// How many pages are around it.
    pub depth: u32,
    /// How far its exchange had come; `None` when there was none.
    pub stage: Option<Stage>,
    pub scheme: Scheme,
    /// Whether the time to connect is limited.
    pub timed_connect: bool,
    /// Whether the body has more parts than a file.
    pub is_multipart: bool,
}

impl Place {
    /// Outside of any exchange.
    pub fn outside(cause: Cause, depth: u32) -> Self {
        Place { cause, depth, stage: None, scheme: Scheme::Http, timed_connect: false, is_multipart: false }
    }
}

/// What `Throwable.printStackTrace` writes; a message `null` is none.
pub(super) fn text(class: &str, message: &str, place: &Place) -> String {
    let mut text = if message == "null" { class.to_owned() } else { format!("{class}: {message}") };
    let Some(known) = known(class, message, place) else { return text };
    text.push('\n');
    let mut frames = 0;
    for part in known.frames {
        frames += push(&mut text, part);
    }
    if known.is_sampling {
        if place.cause == Cause::Redirect {
            frames += push(&mut text, REDIRECT);
        }
        for _ in 0..place.depth {
            frames += push(&mut text, RESOURCE);
        }
        frames += push(&mut text, PROXY);
    }
    frames += push(&mut text, THREAD);
    if let Some((head, cause)) = known.caused_by {
        text.push_str(&format!("Caused by: {head}\n"));
        for part in cause {
            push(&mut text, part);
        }
        // All but the first frame of the enclosing trace, which differ in their line.
        text.push_str(&format!("\t... {} more\n", frames - 1));
    }
    text
}

/// The same for a function in the name of the sampler, which is read when its result is made.
pub(super) fn of_name(thrown: &Thrown) -> String {
    let mut text = thrown.to_string();
    if !thrown.frames.is_empty() {
        text.push('\n');
        for part in [thrown.frames, NAME, PROXY, THREAD] {
            push(&mut text, part);
        }
    }
    text
}

struct Known<'a> {
    frames: &'a [&'a str],
    /// Whether it was thrown below `HTTPSamplerProxy.sample`.
    is_sampling: bool,
    caused_by: Option<(String, &'a [&'a str])>,
}

fn known(class: &str, message: &str, place: &Place) -> Option<Known<'static>> {
    let plain = |frames: &'static [&'static str]| Some(Known { frames, is_sampling: true, caused_by: None });
    let is_http = place.scheme == Scheme::Http;
    match class {
        "java.net.URISyntaxException" if message.starts_with("Illegal character in query") => {
            plain(&[CHECK, QUERY, URI])
        }
        "java.net.URISyntaxException" if message.starts_with("Illegal character in path") => plain(&[CHECK, PATH, URI]),
        "java.net.URISyntaxException" if message.starts_with("Malformed escape pair") => {
            let (index, url) = message.strip_prefix("Malformed escape pair at index ")?.split_once(": ")?;
            let in_query = url.find('?').is_some_and(|at| index.parse().is_ok_and(|index: usize| at < index));
            let in_fragment = url.find('#').is_some_and(|at| index.parse().is_ok_and(|index: usize| at < index));
            match (in_fragment, in_query) {
                (true, _) => plain(&[ESCAPE, FRAGMENT]),
                (false, true) => plain(&[ESCAPE, QUERY, URI]),
                (false, false) => plain(&[ESCAPE, PATH, URI]),
            }
        }
        "java.net.URISyntaxException" if message.starts_with("Illegal character in fragment") => {
            plain(&[CHECK, FRAGMENT])
        }
        "java.io.FileNotFoundException" if place.stage == Some(Stage::Send) => plain(if place.is_multipart {
            &[OPEN, WRITE_PART, WRITE, EXECUTE]
        } else {
            &[OPEN, WRITE_FILE, WRITE, EXECUTE]
        }),
        "java.lang.IllegalArgumentException" if message == "MIME type may not be blank" => {
            plain(&[NO_MIME_TYPE, HANDLE_METHOD])
        }
        "java.lang.IllegalArgumentException" if message.starts_with("URLDecoder: Illegal hex") => {
            plain(&[BAD_ESCAPE, FORM, HANDLE_METHOD])
        }
        "java.lang.IllegalArgumentException" if message.starts_with("URLDecoder: Incomplete") => {
            plain(&[CUT_ESCAPE, FORM, HANDLE_METHOD])
        }
        "java.nio.charset.UnsupportedCharsetException" => plain(&[NO_CHARSET, HANDLE_METHOD]),
        "java.lang.IllegalStateException" if message == "Name is blank" => plain(&[NO_NAME, HANDLE_METHOD]),
        "org.apache.http.ParseException" if message.starts_with("Invalid content type: ") => {
            plain(&[BAD_TYPE, HANDLE_METHOD])
        }
        "org.apache.http.conn.HttpHostConnectException" if message.ends_with("Connection refused") => {
            let cause: &'static [&'static str] = match (is_http, place.timed_connect) {
                (true, false) => &[REFUSED, SOCKET_CONNECT, PLAIN_CONNECT, OPERATOR_CONNECT],
                (true, true) => &[REFUSED_IN_TIME, SOCKET_CONNECT, PLAIN_CONNECT, OPERATOR_CONNECT],
                (false, false) => &[REFUSED, SOCKET_CONNECT, TLS_CONNECT, OPERATOR_CONNECT],
                (false, true) => &[REFUSED_IN_TIME, SOCKET_CONNECT, TLS_CONNECT, OPERATOR_CONNECT],
            };
            let caused_by = Some(("java.net.ConnectException: Connection refused".to_owned(), cause));
            Some(Known { frames: &[OPERATOR_FAILED, CONNECT, EXECUTE], is_sampling: true, caused_by })
        }
        "java.net.UnknownHostException" if message.starts_with("Failed to resolve host name: ") => {
            plain(&[ASKED_SERVERS, LOOK_UP_OF_MANAGER, CONNECT, EXECUTE])
        }
        "java.net.UnknownHostException" if message.starts_with("Could not resolve host:") => {
            plain(&[NO_SERVERS, LOOK_UP_OF_MANAGER, CONNECT, EXECUTE])
        }
        "java.lang.NullPointerException" if message.ends_with("\"addresses\" is null") => {
            plain(&[NO_ADDRESSES, CONNECT, EXECUTE])
        }
        "java.net.UnknownHostException" if place.stage == Some(Stage::Connect) && !message.contains(": ") => {
            plain(&[REMEMBERED, LOOK_UP_BY_NAME, CONNECT, EXECUTE])
        }
        "java.net.UnknownHostException" if place.stage == Some(Stage::Connect) => {
            plain(&[LOOK_UP, LOOK_UP_BY_NAME, CONNECT, EXECUTE])
        }
        "org.apache.http.NoHttpResponseException" => plain(&[NO_RESPONSE, RECEIVE, EXECUTE]),
        "java.net.SocketException" if message == "Connection reset" && is_http && place.stage == Some(Stage::Head) => {
            plain(&[RESET, SOCKET_READ, READ_LINE, RECEIVE, EXECUTE])
        }
        "java.net.SocketTimeoutException" if is_http && place.stage == Some(Stage::Head) => {
            plain(&[TIMED_READ, SOCKET_READ, READ_LINE, RECEIVE, EXECUTE])
        }
        "java.net.SocketTimeoutException" if is_http && place.stage == Some(Stage::Body) => {
            plain(&[TIMED_READ, SOCKET_READ, READ_BODY, READ_RESPONSE])
        }
        "org.apache.http.ConnectionClosedException" if message.starts_with("Premature end of Content-Length") => {
            plain(&[PREMATURE_END, READ_RESPONSE])
        }
        "org.apache.http.client.ClientProtocolException" if message == "null" && place.stage == Some(Stage::Head) => {
            let head = "org.apache.http.ProtocolException: The server failed to respond with a valid HTTP response";
            let caused_by = Some((head.to_owned(), &[NO_HTTP, RECEIVE, EXECUTE_BELOW] as &[&str]));
            Some(Known { frames: &[EXECUTE_FAILED], is_sampling: true, caused_by })
        }
        "java.lang.IllegalArgumentException" if message.starts_with("Unexpected method") => plain(&[CREATE_REQUEST]),
        "java.lang.IllegalArgumentException" if message.starts_with("Missing location") => plain(&[NO_LOCATION]),
        "java.io.IOException" if message.starts_with("Exceeded maximum number of redirects") => {
            plain(&[TOO_MANY_REDIRECTS])
        }
        "java.util.zip.ZipException" if message == "Not in GZIP format" => plain(&[NO_GZIP, READ_RESPONSE]),
        "java.net.MalformedURLException" if message.starts_with("unknown protocol") => {
            Some(Known { frames: &[UNKNOWN_PROTOCOL], is_sampling: false, caused_by: None })
        }
        _ => None,
    }
}

/// Appends frames, one a line, and returns how many.
fn push(text: &mut String, frames: &str) -> usize {
    let mut count = 0;
    for frame in frames.split_ascii_whitespace() {
        text.push_str("\tat ");
        // `Native Method` is the one place with a blank in it.
        text.push_str(&frame.replace('~', " "));
        text.push('\n');
        count += 1;
    }
    count
}

const THREAD: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.sample(HTTPSamplerBase.java:1311)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.sample(HTTPSamplerBase.java:1300)
org.apache.jmeter.threads.JMeterThread.doSampling(JMeterThread.java:651)
org.apache.jmeter.threads.JMeterThread.executeSamplePackage(JMeterThread.java:570)
org.apache.jmeter.threads.JMeterThread.processSampler(JMeterThread.java:501)
org.apache.jmeter.threads.JMeterThread.run(JMeterThread.java:268)
java.base/java.lang.Thread.run(Thread.java:840)";

const NAME: &str = "
org.apache.jmeter.engine.util.CompoundVariable.execute(CompoundVariable.java:139)
org.apache.jmeter.engine.util.CompoundVariable.execute(CompoundVariable.java:114)
org.apache.jmeter.testelement.property.FunctionProperty.getStringValue(FunctionProperty.java:104)
org.apache.jmeter.testelement.TestElement.get(TestElement.kt:276)
org.apache.jmeter.testelement.AbstractTestElement.getName(AbstractTestElement.java:286)
org.apache.jmeter.protocol.http.sampler.HTTPAbstractImpl.configureSampleLabel(HTTPAbstractImpl.java:604)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.createSampleResult(HTTPHC4Impl.java:906)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:613)";

const PROXY: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy.sample(HTTPSamplerProxy.java:66)";

const REDIRECT: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy.sample(HTTPSamplerProxy.java:66)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.followRedirects(HTTPSamplerBase.java:1682)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.resultProcessing(HTTPSamplerBase.java:1776)
org.apache.jmeter.protocol.http.sampler.HTTPAbstractImpl.resultProcessing(HTTPAbstractImpl.java:554)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:738)";

const RESOURCE: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy.sample(HTTPSamplerProxy.java:66)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.downloadPageResources(HTTPSamplerBase.java:1442)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.resultProcessing(HTTPSamplerBase.java:1797)
org.apache.jmeter.protocol.http.sampler.HTTPAbstractImpl.resultProcessing(HTTPAbstractImpl.java:554)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:738)";

const EXECUTE: &str = "
org.apache.http.impl.execchain.ProtocolExec.execute(ProtocolExec.java:186)
org.apache.http.impl.execchain.RetryExec.execute(RetryExec.java:89)
org.apache.http.impl.execchain.RedirectExec.execute(RedirectExec.java:110)
org.apache.http.impl.client.InternalHttpClient.doExecute(InternalHttpClient.java:185)
org.apache.http.impl.client.CloseableHttpClient.execute(CloseableHttpClient.java:83)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.executeRequest(HTTPHC4Impl.java:940)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:651)";

const EXECUTE_BELOW: &str = "
org.apache.http.impl.execchain.ProtocolExec.execute(ProtocolExec.java:186)
org.apache.http.impl.execchain.RetryExec.execute(RetryExec.java:89)
org.apache.http.impl.execchain.RedirectExec.execute(RedirectExec.java:110)
org.apache.http.impl.client.InternalHttpClient.doExecute(InternalHttpClient.java:185)";

const EXECUTE_FAILED: &str = "
org.apache.http.impl.client.InternalHttpClient.doExecute(InternalHttpClient.java:187)
org.apache.http.impl.client.CloseableHttpClient.execute(CloseableHttpClient.java:83)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.executeRequest(HTTPHC4Impl.java:940)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:651)";

const CONNECT: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl$JMeterDefaultHttpClientConnectionOperator.connect(HTTPHC4Impl.java:409)
org.apache.http.impl.conn.PoolingHttpClientConnectionManager.connect(PoolingHttpClientConnectionManager.java:376)
org.apache.http.impl.execchain.MainClientExec.establishRoute(MainClientExec.java:393)
org.apache.http.impl.execchain.MainClientExec.execute(MainClientExec.java:236)";

const RECEIVE: &str = "
org.apache.http.impl.conn.DefaultHttpResponseParser.parseHead(DefaultHttpResponseParser.java:56)
org.apache.http.impl.io.AbstractMessageParser.parse(AbstractMessageParser.java:259)
org.apache.http.impl.DefaultBHttpClientConnection.receiveResponseHeader(DefaultBHttpClientConnection.java:163)
org.apache.http.impl.conn.CPoolProxy.receiveResponseHeader(CPoolProxy.java:157)
org.apache.http.protocol.HttpRequestExecutor.doReceiveResponse(HttpRequestExecutor.java:273)
org.apache.http.protocol.HttpRequestExecutor.execute(HttpRequestExecutor.java:125)
org.apache.http.impl.execchain.MainClientExec.execute(MainClientExec.java:272)";

const READ_RESPONSE: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.readResponse(HTTPSamplerBase.java:1950)
org.apache.jmeter.protocol.http.sampler.HTTPAbstractImpl.readResponse(HTTPAbstractImpl.java:475)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:678)";

const CHECK: &str = "
java.base/java.net.URI$Parser.fail(URI.java:2976)
java.base/java.net.URI$Parser.checkChars(URI.java:3147)";

const ESCAPE: &str = "
java.base/java.net.URI$Parser.fail(URI.java:2976)
java.base/java.net.URI$Parser.scanEscape(URI.java:3104)
java.base/java.net.URI$Parser.scan(URI.java:3127)
java.base/java.net.URI$Parser.checkChars(URI.java:3145)";

const QUERY: &str = "java.base/java.net.URI$Parser.parseHierarchical(URI.java:3235)";

const PATH: &str = "java.base/java.net.URI$Parser.parseHierarchical(URI.java:3229)";

const URI: &str = "
java.base/java.net.URI$Parser.parse(URI.java:3177)
java.base/java.net.URI.<init>(URI.java:623)
java.base/java.net.URL.toURI(URL.java:1056)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:625)";

const FRAGMENT: &str = "
java.base/java.net.URI$Parser.parse(URI.java:3191)
java.base/java.net.URI.<init>(URI.java:623)
java.base/java.net.URL.toURI(URL.java:1056)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:625)";

const OPEN: &str = "
java.base/java.io.FileInputStream.open0(Native~Method)
java.base/java.io.FileInputStream.open(FileInputStream.java:216)
java.base/java.io.FileInputStream.<init>(FileInputStream.java:157)";

const WRITE_FILE: &str = "org.apache.http.entity.FileEntity.writeTo(FileEntity.java:108)";

const WRITE_PART: &str = "
org.apache.http.entity.mime.content.FileBody.writeTo(FileBody.java:116)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl$ViewableFileBody.writeTo(HTTPHC4Impl.java:1527)
org.apache.http.entity.mime.AbstractMultipartForm.doWriteTo(AbstractMultipartForm.java:134)
org.apache.http.entity.mime.AbstractMultipartForm.writeTo(AbstractMultipartForm.java:157)
org.apache.http.entity.mime.MultipartFormEntity.writeTo(MultipartFormEntity.java:113)";

const WRITE: &str = "
org.apache.http.impl.DefaultBHttpClientConnection.sendRequestEntity(DefaultBHttpClientConnection.java:156)
org.apache.http.impl.conn.CPoolProxy.sendRequestEntity(CPoolProxy.java:152)
org.apache.http.protocol.HttpRequestExecutor.doSendRequest(HttpRequestExecutor.java:238)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl$2.doSendRequest(HTTPHC4Impl.java:463)
org.apache.http.protocol.HttpRequestExecutor.execute(HttpRequestExecutor.java:123)
org.apache.http.impl.execchain.MainClientExec.execute(MainClientExec.java:272)";

const HANDLE_METHOD: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.handleMethod(HTTPHC4Impl.java:891)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:646)";

const NO_MIME_TYPE: &str = "
org.apache.http.util.Args.notBlank(Args.java:74)
org.apache.http.entity.ContentType.create(ContentType.java:228)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.setupHttpEntityEnclosingRequestData(HTTPHC4Impl.java:1586)";

const NO_CHARSET: &str = "
java.base/java.nio.charset.Charset.forName(Charset.java:527)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.setupHttpEntityEnclosingRequestData(HTTPHC4Impl.java:1543)";

const NO_NAME: &str = "
org.apache.http.util.Asserts.notBlank(Asserts.java:64)
org.apache.http.entity.mime.FormBodyPartBuilder.build(FormBodyPartBuilder.java:96)
org.apache.http.entity.mime.MultipartEntityBuilder.addPart(MultipartEntityBuilder.java:148)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.setupHttpEntityEnclosingRequestData(HTTPHC4Impl.java:1603)";

const BAD_TYPE: &str = "
org.apache.http.entity.ContentType.parse(ContentType.java:321)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.setupHttpEntityEnclosingRequestData(HTTPHC4Impl.java:1602)";

const BAD_ESCAPE: &str = "java.base/java.net.URLDecoder.decode(URLDecoder.java:237)";

const CUT_ESCAPE: &str = "java.base/java.net.URLDecoder.decode(URLDecoder.java:230)";

const FORM: &str = "
java.base/java.net.URLDecoder.decode(URLDecoder.java:147)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.createUrlEncodedFormEntity(HTTPHC4Impl.java:1816)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.setupHttpEntityEnclosingRequestData(HTTPHC4Impl.java:1670)";

const OPERATOR_FAILED: &str = "org.apache.http.impl.conn.DefaultHttpClientConnectionOperator.connect(DefaultHttpClientConnectionOperator.java:156)";

const OPERATOR_CONNECT: &str = "org.apache.http.impl.conn.DefaultHttpClientConnectionOperator.connect(DefaultHttpClientConnectionOperator.java:142)";

const REFUSED: &str = "
java.base/sun.nio.ch.Net.connect0(Native~Method)
java.base/sun.nio.ch.Net.connect(Net.java:579)
java.base/sun.nio.ch.Net.connect(Net.java:568)
java.base/sun.nio.ch.NioSocketImpl.connect(NioSocketImpl.java:593)";

const REFUSED_IN_TIME: &str = "
java.base/sun.nio.ch.Net.pollConnect(Native~Method)
java.base/sun.nio.ch.Net.pollConnectNow(Net.java:672)
java.base/sun.nio.ch.NioSocketImpl.timedFinishConnect(NioSocketImpl.java:547)
java.base/sun.nio.ch.NioSocketImpl.connect(NioSocketImpl.java:602)";

const SOCKET_CONNECT: &str = "
java.base/java.net.SocksSocketImpl.connect(SocksSocketImpl.java:327)
java.base/java.net.Socket.connect(Socket.java:633)";

const PLAIN_CONNECT: &str =
    "org.apache.http.conn.socket.PlainConnectionSocketFactory.connectSocket(PlainConnectionSocketFactory.java:75)";

const TLS_CONNECT: &str = "
org.apache.http.conn.ssl.SSLConnectionSocketFactory.connectSocket(SSLConnectionSocketFactory.java:368)
org.apache.jmeter.protocol.http.sampler.hc.LazyLayeredConnectionSocketFactory.connectSocket(LazyLayeredConnectionSocketFactory.java:87)";

const LOOK_UP: &str = "
java.base/java.net.Inet6AddressImpl.lookupAllHostAddr(Native~Method)
java.base/java.net.InetAddress$PlatformNameService.lookupAllHostAddr(InetAddress.java:934)
java.base/java.net.InetAddress.getAddressesFromNameService(InetAddress.java:1543)
java.base/java.net.InetAddress$NameServiceAddresses.get(InetAddress.java:852)";

const REMEMBERED: &str = "java.base/java.net.InetAddress$CachedAddresses.get(InetAddress.java:801)";

const LOOK_UP_BY_NAME: &str = "
java.base/java.net.InetAddress.getAllByName0(InetAddress.java:1533)
java.base/java.net.InetAddress.getAllByName(InetAddress.java:1385)
java.base/java.net.InetAddress.getAllByName(InetAddress.java:1306)
org.apache.http.impl.conn.SystemDefaultDnsResolver.resolve(SystemDefaultDnsResolver.java:45)
org.apache.http.impl.conn.DefaultHttpClientConnectionOperator.connect(DefaultHttpClientConnectionOperator.java:112)";

const ASKED_SERVERS: &str = "
org.apache.jmeter.protocol.http.control.DNSCacheManager.customRequestLookup(DNSCacheManager.java:272)
org.apache.jmeter.protocol.http.control.DNSCacheManager.requestLookup(DNSCacheManager.java:252)";

const NO_SERVERS: &str =
    "org.apache.jmeter.protocol.http.control.DNSCacheManager.requestLookup(DNSCacheManager.java:249)";

const LOOK_UP_OF_MANAGER: &str = "
org.apache.jmeter.protocol.http.control.DNSCacheManager.resolve(DNSCacheManager.java:159)
org.apache.http.impl.conn.DefaultHttpClientConnectionOperator.connect(DefaultHttpClientConnectionOperator.java:112)";

const NO_ADDRESSES: &str = "org.apache.http.impl.conn.DefaultHttpClientConnectionOperator.connect(DefaultHttpClientConnectionOperator.java:115)";

const NO_RESPONSE: &str =
    "org.apache.http.impl.conn.DefaultHttpResponseParser.parseHead(DefaultHttpResponseParser.java:141)";

const NO_HTTP: &str =
    "org.apache.http.impl.conn.DefaultHttpResponseParser.parseHead(DefaultHttpResponseParser.java:149)";

const RESET: &str = "java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:328)";

const TIMED_READ: &str = "
java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:288)
java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:314)";

const SOCKET_READ: &str = "
java.base/sun.nio.ch.NioSocketImpl.read(NioSocketImpl.java:355)
java.base/sun.nio.ch.NioSocketImpl$1.read(NioSocketImpl.java:808)
java.base/java.net.Socket$SocketInputStream.read(Socket.java:966)
org.apache.http.impl.io.SessionInputBufferImpl.streamRead(SessionInputBufferImpl.java:137)
org.apache.http.impl.io.SessionInputBufferImpl.fillBuffer(SessionInputBufferImpl.java:153)";

const READ_LINE: &str = "
org.apache.http.impl.io.SessionInputBufferImpl.readLine(SessionInputBufferImpl.java:280)
org.apache.http.impl.conn.DefaultHttpResponseParser.parseHead(DefaultHttpResponseParser.java:138)";

const READ_BODY: &str = "
org.apache.http.impl.io.SessionInputBufferImpl.read(SessionInputBufferImpl.java:205)
org.apache.http.impl.io.ContentLengthInputStream.read(ContentLengthInputStream.java:176)
org.apache.http.conn.EofSensorInputStream.read(EofSensorInputStream.java:135)
org.apache.http.conn.EofSensorInputStream.read(EofSensorInputStream.java:148)";

const PREMATURE_END: &str = "
org.apache.http.impl.io.ContentLengthInputStream.read(ContentLengthInputStream.java:178)
org.apache.http.conn.EofSensorInputStream.read(EofSensorInputStream.java:135)
org.apache.http.conn.EofSensorInputStream.read(EofSensorInputStream.java:148)";

const CREATE_REQUEST: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.createHttpRequest(HTTPHC4Impl.java:830)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:626)";

const NO_LOCATION: &str = "org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:694)";

const TOO_MANY_REDIRECTS: &str = "
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.followRedirects(HTTPSamplerBase.java:1712)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.resultProcessing(HTTPSamplerBase.java:1776)
org.apache.jmeter.protocol.http.sampler.HTTPAbstractImpl.resultProcessing(HTTPAbstractImpl.java:554)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.sample(HTTPHC4Impl.java:738)";

const NO_GZIP: &str = "
java.base/java.util.zip.GZIPInputStream.readHeader(GZIPInputStream.java:165)
java.base/java.util.zip.GZIPInputStream.<init>(GZIPInputStream.java:79)
java.base/java.util.zip.GZIPInputStream.<init>(GZIPInputStream.java:91)
org.apache.jmeter.protocol.http.sampler.hc.LaxGZIPInputStream.<init>(LaxGZIPInputStream.java:42)
org.apache.jmeter.protocol.http.sampler.HTTPHC4Impl.lambda$static$0(HTTPHC4Impl.java:205)
org.apache.http.client.entity.LazyDecompressingInputStream.initWrapper(LazyDecompressingInputStream.java:51)
org.apache.http.client.entity.LazyDecompressingInputStream.read(LazyDecompressingInputStream.java:63)";

const UNKNOWN_PROTOCOL: &str = "
java.base/java.net.URL.<init>(URL.java:480)
java.base/java.net.URL.<init>(URL.java:365)
org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase.getUrl(HTTPSamplerBase.java:1135)";

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths as JMeter's `bytes` had them.
    #[test]
    fn lengths_are_those_of_jmeter() {
        let plan = Place::outside(Cause::Plan, 0);
        let sending = Place { stage: Some(Stage::Send), ..plan };
        let head = Place { stage: Some(Stage::Head), ..plan };
        let connecting = Place { stage: Some(Stage::Connect), ..plan };
        let refused = "Connect to 127.0.0.1:1 [/127.0.0.1] failed: Connection refused";
        let connect = "org.apache.http.conn.HttpHostConnectException";
        let reset = "java.net.SocketException";
        let protocol = "org.apache.http.client.ClientProtocolException";
        for (class, message, place, length) in [
            (
                "java.net.URISyntaxException",
                "Illegal character in path at index 24: http://127.0.0.1:18451/${nopath}",
                plan,
                1167,
            ),
            (
                "java.net.URISyntaxException",
                "Illegal character in query at index 34: http://127.0.0.1:18451/echo?pipe=a|b",
                plan,
                1172,
            ),
            (
                "java.net.URISyntaxException",
                "Malformed escape pair at index 39: http://127.0.0.1:18451/echo?percent=100%",
                plan,
                1285,
            ),
            (
                "java.net.URISyntaxException",
                "Malformed escape pair at index 36: http://127.0.0.1:18451/status/204?#=%2",
                plan,
                1216,
            ),
            (
                "java.io.FileNotFoundException",
                "/tmp/up/gone.txt (No such file or directory)",
                Place { is_multipart: true, ..sending },
                2519,
            ),
            (
                "java.io.FileNotFoundException",
                "/tmp/conform-okt0l6pv/w/absent.bin (No such file or directory)",
                sending,
                2144,
            ),
            ("java.lang.IllegalArgumentException", "MIME type may not be blank", plan, 1124),
            (
                "java.lang.IllegalArgumentException",
                "URLDecoder: Illegal hex characters in escape (%) pattern - Error at index 1 in: \"2?\"",
                plan,
                1291,
            ),
            ("java.lang.IllegalArgumentException", "URLDecoder: Incomplete trailing escape (%) pattern", plan, 1257),
            ("java.nio.charset.UnsupportedCharsetException", "bad-charset", plan, 1063),
            ("java.lang.IllegalStateException", "Name is blank", plan, 1229),
            ("org.apache.http.ParseException", "Invalid content type: ", plan, 1062),
            (connect, refused, plan, 2542),
            (connect, refused, Place { scheme: Scheme::Https, ..plan }, 2676),
            (connect, refused, Place { timed_connect: true, ..plan }, 2583),
            (connect, refused, Place { cause: Cause::Redirect, ..plan }, 3033),
            (connect, refused, Place { cause: Cause::Resource, depth: 1, ..plan }, 3039),
            ("java.net.UnknownHostException", "no-such-host.invalid: Name or service not known", connecting, 2501),
            ("java.net.UnknownHostException", "no-such.invalid", connecting, 2210),
            ("java.net.UnknownHostException", "Failed to resolve host name: loop.test", connecting, 2145),
            (
                "java.net.UnknownHostException",
                "Could not resolve host:one.test, failed to initialize resolver or no resolver found",
                connecting,
                2084,
            ),
            (
                "java.lang.NullPointerException",
                "Cannot read the array length because \"addresses\" is null",
                connecting,
                1864,
            ),
            ("org.apache.http.NoHttpResponseException", "127.0.0.1:18451 failed to respond", head, 2068),
            (reset, "Connection reset", head, 2599),
            (protocol, "null", head, 2245),
            ("java.net.SocketTimeoutException", "Read timed out", head, 2677),
            ("java.net.SocketTimeoutException", "Read timed out", Place { stage: Some(Stage::Body), ..plan }, 1872),
            ("java.lang.IllegalArgumentException", "Unexpected method: ''", plan, 888),
            ("java.io.IOException", "Exceeded maximum number of redirects: 20", plan, 1108),
            ("java.util.zip.ZipException", "Not in GZIP format", plan, 1629),
            ("java.net.MalformedURLException", "unknown protocol: gopher", plan, 802),
            ("x.Y", "z", plan, 6),
        ] {
            assert_eq!(text(class, message, &place).len(), length, "{class}: {message}");
        }
    }
}
