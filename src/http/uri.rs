//! Whether a text is a `java.net.URI`, and where it is not. JMeter turns every URL into one before it sends anything,
//! and its failure rows show the reason and the place.

use super::failure::Fault;

/// The class of the failures of this grammar.
pub(super) const SYNTAX: &str = "java.net.URISyntaxException";

/// What the grammar found: places are UTF-16 offsets, as Java counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Uri {
    /// The host, if the authority is a server's: a host name, an IPv4 address, or an IPv6 address in brackets.
    pub host: Option<String>,
    /// The port that was written, digits only.
    pub port: Option<u32>,
    /// The authority as written; `None` when there is none.
    pub authority: Option<String>,
    /// The path, escapes left as they are.
    pub path: String,
    /// The query, escapes left as they are.
    pub query: Option<String>,
    /// The fragment, escapes left as they are.
    pub fragment: Option<String>,
}

impl Uri {
    /// Reads a URI with a scheme and a hierarchical part, as `new URI(String)` does.
    pub fn parse(text: &str) -> Result<Uri, Fault> {
        Self::read(text, false)
    }

    /// As [`Uri::parse`], but the authority must be a server's, as in the constructors of `URI` that take parts.
    pub fn parse_server(text: &str) -> Result<Uri, Fault> {
        Self::read(text, true)
    }

    fn read(text: &str, server_only: bool) -> Result<Uri, Fault> {
        let units: Vec<u16> = text.encode_utf16().collect();
        let mut parser = Parser { units: &units, text, server_only, uri: Uri::default(), ipv6_bytes: 0 };
        parser.parse()?;
        Ok(parser.uri)
    }
}

/// Quotes a path as the constructors of `URI` do: what may not stand in one, and percent signs.
pub(super) fn quote_path(text: &str) -> String {
    quote_as(text, PATH)
}

/// As [`quote_path`], for a query or a fragment.
pub(super) fn quote(text: &str) -> String {
    quote_as(text, URIC)
}

fn quote_as(text: &str, class: Class) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let stays = match u16::try_from(u32::from(c)) {
            Ok(unit) if c.is_ascii() => class.has(unit),
            Ok(unit) => is_other(unit),
            Err(_) => true,
        };
        if stays {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    out
}

/// A set of characters.
#[derive(Clone, Copy)]
struct Class {
    /// Those that are in it besides letters and digits.
    marks: &'static [u8],
    /// Whether escapes, and letters beyond ASCII, are in it.
    others: bool,
}

const REG_NAME: Class = Class { marks: b"_-!.~'()*$,;:@&=+", others: true };
const SERVER: Class = Class { marks: b"_-!.~'()*;:&=+$,@.:[]", others: true };
const SERVER_PERCENT: Class = Class { marks: b"_-!.~'()*;:&=+$,@.:[]%", others: true };
const USER_INFO: Class = Class { marks: b"_-!.~'()*;:&=+$,", others: true };
const PATH: Class = Class { marks: b"_-!.~'()*:@&=+$,;/", others: true };
const URIC: Class = Class { marks: b"_-!.~'()*;/?:@&=+$,[]", others: true };
const SCHEME: Class = Class { marks: b"+-.", others: false };
const SCOPE_ID: Class = Class { marks: b"_.", others: false };
const ALPHANUM: Class = Class { marks: b"", others: false };
const ALPHANUM_DASH: Class = Class { marks: b"-", others: false };

impl Class {
    fn has(self, unit: u16) -> bool {
        u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || self.marks.contains(&byte))
    }
}

struct Parser<'a> {
    units: &'a [u16],
    text: &'a str,
    server_only: bool,
    uri: Uri,
    ipv6_bytes: usize,
}

type Place = Result<usize, Fault>;

impl Parser<'_> {
    fn parse(&mut self) -> Result<(), Fault> {
        let n = self.units.len();
        let mut at = self.scan_until(0, n, b"/?#:");
        if self.is(at, n, b":") {
            if at == 0 {
                return self.expected("scheme name", 0);
            }
            if !u8::try_from(self.units[0]).is_ok_and(|byte| byte.is_ascii_alphabetic()) {
                return self.illegal("scheme name", 0);
            }
            self.check(1, at, SCHEME, "scheme name")?;
            at += 1;
            if self.is(at, n, b"/") {
                at = self.hierarchical(at, n)?;
            } else {
                let end = self.scan_until(at, n, b"#");
                if end <= at {
                    return self.expected("scheme-specific part", at);
                }
                self.check(at, end, URIC, "opaque part")?;
                at = end;
            }
        } else {
            at = self.hierarchical(0, n)?;
        }
        if self.is(at, n, b"#") {
            self.check(at + 1, n, URIC, "fragment")?;
            self.uri.fragment = Some(self.slice(at + 1, n));
        }
        Ok(())
    }

    fn hierarchical(&mut self, start: usize, n: usize) -> Place {
        let mut at = start;
        if self.is(at, n, b"//") {
            at += 2;
            let end = self.scan_until(at, n, b"/?#");
            if end > at {
                at = self.authority(at, end)?;
            } else if end >= n {
                return self.expected("authority", at);
            }
        }
        let end = self.scan_until(at, n, b"?#");
        self.check(at, end, PATH, "path")?;
        self.uri.path = self.slice(at, end);
        at = end;
        if self.is(at, n, b"?") {
            at += 1;
            let end = self.scan_until(at, n, b"#");
            self.check(at, end, URIC, "query")?;
            self.uri.query = Some(self.slice(at, end));
            at = end;
        }
        Ok(at)
    }

    fn authority(&mut self, start: usize, n: usize) -> Place {
        // An address in brackets may hold a scope, hence a percent sign that begins no escape.
        let server = if self.scan_until(start, n, b"]") < n { SERVER_PERCENT } else { SERVER };
        let server_end = self.scan(start, n, server)?;
        let name_end = self.scan(start, n, REG_NAME)?;
        let mut flaw = None;
        if server_end == n {
            match self.server(start, n) {
                Ok(end) if end == n => {
                    self.uri.authority = Some(self.slice(start, n));
                    return Ok(n);
                }
                Ok(end) => flaw = self.expected::<()>("end of authority", end).err(),
                Err(fault) => flaw = Some(fault),
            }
            self.uri.host = None;
            self.uri.port = None;
        }
        if name_end == n && !(self.server_only && flaw.is_some()) {
            self.uri.authority = Some(self.slice(start, n));
            return Ok(n);
        }
        match flaw {
            Some(flaw) => Err(flaw),
            None => self.illegal("authority", start),
        }
    }

    fn server(&mut self, start: usize, n: usize) -> Place {
        let mut at = start;
        let user = self.scan_until(at, n, b"@");
        if self.is(user, n, b"@") {
            self.check(at, user, USER_INFO, "user info")?;
            at = user + 1;
        }
        if self.is(at, n, b"[") {
            at += 1;
            let end = self.scan_until(at, n, b"/?#]");
            if end <= at || !self.is(end, n, b"]") {
                return self.expected("closing bracket for IPv6 address", end);
            }
            let scope = self.scan_until(at, end, b"%");
            if scope > at && scope < end {
                self.ipv6(at, scope)?;
                if scope + 1 == end {
                    return Err(Fault::new(SYNTAX, format!("scope id expected: {}", self.text)));
                }
                // Java allows the escape of the percent sign, being one itself.
                let id = if self.is(scope, end, b"%25") { scope + 3 } else { scope + 1 };
                self.check(id, end, SCOPE_ID, "scope id")?;
            } else {
                self.ipv6(at, end)?;
            }
            self.uri.host = Some(self.slice(at - 1, end + 1));
            at = end + 1;
        } else {
            at = match self.ipv4(at, n) {
                Some(end) => {
                    self.uri.host = Some(self.slice(at, end));
                    end
                }
                None => self.host_name(at, n)?,
            };
        }
        if self.is(at, n, b":") {
            at += 1;
            let end = self.scan_until(at, n, b"/");
            if end > at {
                if let Some(flaw) = (at..end).find(|&i| !self.is_digit(i)) {
                    return self.illegal("port number", flaw);
                }
                let Ok(port) = self.slice(at, end).parse::<i32>() else {
                    return self.fail("Malformed port number", at);
                };
                self.uri.port = u32::try_from(port).ok();
                at = end;
            }
        }
        if at < n {
            return self.expected("port number", at);
        }
        Ok(at)
    }

    fn host_name(&mut self, start: usize, n: usize) -> Place {
        let mut at = start;
        let mut label = None;
        while at < n {
            let end = self.scan(at, n, ALPHANUM)?;
            if end <= at {
                break;
            }
            label = Some(at);
            at = self.scan(end, n, ALPHANUM_DASH)?;
            if self.units[at - 1] == u16::from(b'-') {
                return self.illegal("hostname", at - 1);
            }
            if !self.is(at, n, b".") {
                break;
            }
            at += 1;
        }
        if at < n && !self.is(at, n, b":") {
            return self.illegal("hostname", at);
        }
        let Some(label) = label else { return self.expected("hostname", start) };
        // Else it would look like a malformed IPv4 address.
        if label > start && self.is_digit(label) {
            return self.illegal("hostname", label);
        }
        self.uri.host = Some(self.slice(start, at));
        Ok(at)
    }

    /// The end of an IPv4 address that the authority's host begins with.
    fn ipv4(&self, start: usize, n: usize) -> Option<usize> {
        let end = self.scan_ipv4(start, n)?;
        (end == n || self.is(end, n, b":")).then_some(end)
    }

    fn scan_ipv4(&self, start: usize, n: usize) -> Option<usize> {
        let end = (start..n).find(|&i| !self.is_digit(i) && !self.is(i, n, b".")).unwrap_or(n);
        let text = self.slice(start, end);
        let parts: Vec<&str> = text.split('.').collect();
        let valid = parts.len() == 4
            && parts.iter().all(|part| !part.is_empty() && part.parse::<u32>().is_ok_and(|number| number <= 255));
        valid.then_some(end)
    }

    fn ipv6(&mut self, start: usize, n: usize) -> Result<(), Fault> {
        self.ipv6_bytes = 0;
        let mut compressed = false;
        let mut at = start;
        if let Some(end) = self.hex_sequence(at, n)? {
            at = end;
            if self.is(at, n, b"::") {
                compressed = true;
                at = self.hex_after_compression(at + 2, n)?;
            } else if self.is(at, n, b":") {
                at = self.ipv4_at_end(at + 1, n, "IPv4 address")?;
            }
        } else if self.is(at, n, b"::") {
            compressed = true;
            at = self.hex_after_compression(at + 2, n)?;
        }
        if at < n || (compressed && self.ipv6_bytes == 16) {
            return self.fail("Malformed IPv6 address", start);
        }
        if self.ipv6_bytes > 16 {
            return self.fail("IPv6 address too long", start);
        }
        if !compressed && self.ipv6_bytes < 16 {
            return self.fail("IPv6 address too short", start);
        }
        Ok(())
    }

    fn hex_after_compression(&mut self, start: usize, n: usize) -> Place {
        if start == n {
            return Ok(start);
        }
        match self.hex_sequence(start, n)? {
            Some(end) if self.is(end, n, b":") => self.ipv4_at_end(end + 1, n, "hex digits or IPv4 address"),
            Some(end) => Ok(end),
            None => self.ipv4_at_end(start, n, "hex digits or IPv4 address"),
        }
    }

    fn ipv4_at_end(&mut self, start: usize, n: usize, what: &str) -> Place {
        match self.scan_ipv4(start, n) {
            Some(end) if end == n => {
                self.ipv6_bytes += 4;
                Ok(end)
            }
            _ => self.expected(what, start),
        }
    }

    fn hex_sequence(&mut self, start: usize, n: usize) -> Result<Option<usize>, Fault> {
        let hex_end = |at: usize| {
            (at..n).find(|&i| !u8::try_from(self.units[i]).is_ok_and(|byte| byte.is_ascii_hexdigit())).unwrap_or(n)
        };
        let mut at = start;
        let mut bytes = 0;
        loop {
            let end = hex_end(at);
            if end <= at {
                if at == start {
                    return Ok(None);
                }
                return self.expected("digits for an IPv6 address", at);
            }
            if self.is(end, n, b".") {
                if at == start {
                    return Ok(None);
                }
                at -= 1;
                break;
            }
            if end > at + 4 {
                return self.fail("IPv6 hexadecimal digit sequence too long", at);
            }
            bytes += 2;
            at = end;
            if !self.is(at, n, b":") || self.is(at, n, b"::") {
                break;
            }
            at += 1;
        }
        self.ipv6_bytes += bytes;
        Ok(Some(at))
    }

    /// Whether `what` stands at a place.
    fn is(&self, at: usize, n: usize, what: &[u8]) -> bool {
        at + what.len() <= n && what.iter().enumerate().all(|(i, &byte)| self.units[at + i] == u16::from(byte))
    }

    fn is_digit(&self, at: usize) -> bool {
        u8::try_from(self.units[at]).is_ok_and(|byte| byte.is_ascii_digit())
    }

    /// The first place of any of `stops`, or the end.
    fn scan_until(&self, start: usize, n: usize, stops: &[u8]) -> usize {
        (start..n).find(|&i| u8::try_from(self.units[i]).is_ok_and(|byte| stops.contains(&byte))).unwrap_or(n)
    }

    /// The first place of a character that is not of `class`.
    fn scan(&self, start: usize, n: usize, class: Class) -> Place {
        let mut at = start;
        while at < n {
            let unit = self.units[at];
            if class.has(unit) {
                at += 1;
            } else if class.others && unit == u16::from(b'%') {
                let is_hex =
                    |at: usize| at < n && u8::try_from(self.units[at]).is_ok_and(|byte| byte.is_ascii_hexdigit());
                if !(is_hex(at + 1) && is_hex(at + 2)) {
                    return self.fail("Malformed escape pair", at);
                }
                at += 3;
            } else if class.others && is_other(unit) {
                at += 1;
            } else {
                break;
            }
        }
        Ok(at)
    }

    fn check(&self, start: usize, end: usize, class: Class, what: &str) -> Result<(), Fault> {
        let at = self.scan(start, end, class)?;
        if at < end { self.illegal(what, at) } else { Ok(()) }
    }

    fn slice(&self, start: usize, end: usize) -> String {
        String::from_utf16_lossy(&self.units[start..end])
    }

    fn illegal<T>(&self, what: &str, at: usize) -> Result<T, Fault> {
        self.fail(&format!("Illegal character in {what}"), at)
    }

    fn expected<T>(&self, what: &str, at: usize) -> Result<T, Fault> {
        self.fail(&format!("Expected {what}"), at)
    }

    fn fail<T>(&self, reason: &str, at: usize) -> Result<T, Fault> {
        Err(Fault::new(SYNTAX, format!("{reason} at index {at}: {}", self.text)))
    }
}

/// Letters and signs beyond ASCII, though neither controls nor blanks (`Character.isSpaceChar`, `isISOControl`).
fn is_other(unit: u16) -> bool {
    unit > 128
        && !(0x80..=0x9f).contains(&unit)
        && !matches!(unit, 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Uri::parse(text) {
            Ok(uri) => {
                let show = |part: Option<String>| part.unwrap_or_else(|| "null".into());
                let port = uri.port.map_or(-1, i64::from);
                format!(
                    "host={} port={port} auth={} path={} q={} f={}",
                    show(uri.host),
                    show(uri.authority),
                    uri.path,
                    show(uri.query),
                    show(uri.fragment)
                )
            }
            Err(fault) => fault.message.unwrap(),
        }
    }

    /// Each line is what Java 17 answered to `new URI(…)`.
    #[test]
    fn java_s_answers() {
        for (text, answer) in [
            ("http://h/p?q=a b", "Illegal character in query at index 14: http://h/p?q=a b"),
            ("http://h/a|b", "Illegal character in path at index 10: http://h/a|b"),
            ("http://h:99999/", "host=h port=99999 auth=h:99999 path=/ q=null f=null"),
            ("http://:80/", "host=null port=-1 auth=:80 path=/ q=null f=null"),
            ("http:///x", "host=null port=-1 auth=null path=/x q=null f=null"),
            ("http://", "Expected authority at index 7: http://"),
            ("http://my_host/x", "host=null port=-1 auth=my_host path=/x q=null f=null"),
            ("http://[1:2]/x", "IPv6 address too short at index 8: http://[1:2]/x"),
            ("http://[127.0.0.1:80]/x", "Malformed IPv6 address at index 8: http://[127.0.0.1:80]/x"),
            ("http://h:8x/", "host=null port=-1 auth=h:8x path=/ q=null f=null"),
            ("http://a b/", "Illegal character in authority at index 7: http://a b/"),
            ("http://h/%zz", "Malformed escape pair at index 9: http://h/%zz"),
            ("http://h/%", "Malformed escape pair at index 9: http://h/%"),
            ("http://h/é?é#é", "host=h port=-1 auth=h path=/é q=é f=é"),
            ("http://h/a#b c", "Illegal character in fragment at index 12: http://h/a#b c"),
            ("http://u:p@h:80/x", "host=h port=80 auth=u:p@h:80 path=/x q=null f=null"),
            ("http://u@h@z/x", "host=null port=-1 auth=u@h@z path=/x q=null f=null"),
            ("http://é/x", "host=null port=-1 auth=é path=/x q=null f=null"),
            ("http://1.2.3/x", "host=null port=-1 auth=1.2.3 path=/x q=null f=null"),
            ("http://a-/x", "host=null port=-1 auth=a- path=/x q=null f=null"),
            ("http://a.1/", "host=null port=-1 auth=a.1 path=/ q=null f=null"),
            ("http://[::1]/x", "host=[::1] port=-1 auth=[::1] path=/x q=null f=null"),
            ("http://[::1%25eth0]/", "host=[::1%25eth0] port=-1 auth=[::1%25eth0] path=/ q=null f=null"),
            ("http://[fe80::1%eth0]:80/x", "host=[fe80::1%eth0] port=80 auth=[fe80::1%eth0]:80 path=/x q=null f=null"),
            ("http://h:/x", "host=h port=-1 auth=h: path=/x q=null f=null"),
            ("http://h/[x]", "Illegal character in path at index 9: http://h/[x]"),
            ("http://h/?[x]", "host=h port=-1 auth=h path=/ q=[x] f=null"),
            ("http://h\\x", "Illegal character in authority at index 7: http://h\\x"),
            ("http://h./", "host=h. port=-1 auth=h. path=/ q=null f=null"),
            ("http://a..b/", "host=null port=-1 auth=a..b path=/ q=null f=null"),
            ("http://${x}/", "Illegal character in authority at index 7: http://${x}/"),
            ("http://h?x", "host=h port=-1 auth=h path= q=x f=null"),
            ("http://h/a?b?c", "host=h port=-1 auth=h path=/a q=b?c f=null"),
            ("http://256.1.1.1/", "host=null port=-1 auth=256.1.1.1 path=/ q=null f=null"),
            ("http://[::g]/", "Expected hex digits or IPv4 address at index 10: http://[::g]/"),
            ("http://[/", "Expected closing bracket for IPv6 address at index 8: http://[/"),
            ("http://h:-1/", "host=null port=-1 auth=h:-1 path=/ q=null f=null"),
        ] {
            assert_eq!(read(text), answer, "{text}");
        }
    }
}
