//! Basic and Digest authentication as HttpClient writes it (`BasicScheme`, `DigestScheme`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::header_value::elements;
use crate::text::Text;

/// The value of a Basic `Authorization` or `Proxy-Authorization` header. Characters beyond ASCII become question marks,
/// as in HttpClient.
pub fn basic(user: &str, password: &str) -> Text {
    format!("Basic {}", STANDARD.encode(encode(&format!("{user}:{password}"), Charset::Ascii))).into()
}

/// One `WWW-Authenticate` or `Proxy-Authenticate` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme, in lower case.
    pub scheme: String,
    /// Its parameters, names in lower case; one without a value has an empty one.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Reads a header's value: a scheme, then a list of parameters.
    pub fn parse(value: &str) -> Challenge {
        let value = value.trim_start();
        let (scheme, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let list = elements(rest).into_iter();
        let parameters = list.map(|element| (element.name.to_lowercase(), element.value.unwrap_or_default()));
        Challenge { scheme: scheme.to_lowercase(), parameters: parameters.collect() }
    }

    /// Of several challenges the one that HttpClient takes up: Digest before Basic.
    pub fn choose<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Challenge> {
        let challenges: Vec<Challenge> = headers.map(Challenge::parse).collect();
        ["digest", "basic"].iter().find_map(|scheme| challenges.iter().rev().find(|c| c.scheme == *scheme)).cloned()
    }

    /// The value of a parameter; the last one counts.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().rev().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// The state of a Digest authentication: counts the uses of a nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    qop: Option<String>,
    algorithm: String,
    charset: Charset,
    count: u32,
    cnonce: Option<String>,
}

/// What is signed.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// The user's name.
    pub user: &'a str,
    /// The user's password.
    pub password: &'a str,
    /// The request's method.
    pub method: &'a str,
    /// The request target, as it is sent.
    pub target: &'a str,
    /// The entity, if the request encloses one.
    pub entity: Option<&'a [u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
}

impl Digest {
    /// The state after a challenge; `None` when it is no Digest challenge, or lacks a realm or a nonce.
    pub fn new(challenge: &Challenge) -> Option<Digest> {
        let own = |name: &str| challenge.parameter(name).map(str::to_owned);
        if challenge.scheme != "digest" {
            return None;
        }
        let charset = match challenge.parameter("charset") {
            Some(name) if name.eq_ignore_ascii_case("utf-8") => Charset::Utf8,
            Some(name) if name.eq_ignore_ascii_case("iso-8859-1") => Charset::Latin1,
            _ => Charset::Ascii,
        };
        Some(Digest {
            realm: own("realm")?,
            nonce: own("nonce")?,
            opaque: own("opaque"),
            qop: own("qop"),
            algorithm: own("algorithm").unwrap_or_else(|| "MD5".to_owned()),
            charset,
            count: 0,
            cnonce: None,
        })
    }

    /// The header's value for a request, with `cnonce` for the client's nonce if none has been used with this nonce of
    /// the server. `None` when the server asks for a quality of protection or an algorithm that HttpClient lacks.
    pub fn authorization(&mut self, signed: &Signed<'_>, cnonce: impl FnOnce() -> String) -> Option<Text> {
        let hash = hash_named(&self.algorithm)?;
        let hash = |text: &str| hash(&encode(text, self.charset));
        let qop = match &self.qop {
            None => None,
            Some(list) => {
                let offered: Vec<String> = list.split(',').map(|variant| variant.trim().to_lowercase()).collect();
                let has = |name: &str| offered.iter().any(|variant| variant == name);
                match signed.entity {
                    Some(entity) if has("auth-int") => Some(("auth-int", entity)),
                    _ if has("auth") => Some(("auth", &[][..])),
                    _ => return None,
                }
            }
        };
        self.count += 1;
        let count = format!("{:08x}", self.count);
        let cnonce = self.cnonce.get_or_insert_with(cnonce);
        let Signed { user, password, method, target, .. } = signed;
        let mut a1 = format!("{user}:{}:{password}", self.realm);
        if self.algorithm.eq_ignore_ascii_case("MD5-sess") {
            a1 = format!("{}:{}:{cnonce}", hash(&a1), self.nonce);
        }
        let a2 = match qop {
            Some(("auth-int", entity)) => format!("{method}:{target}:{}", hash_named(&self.algorithm)?(entity)),
            _ => format!("{method}:{target}"),
        };
        let (a1, a2) = (hash(&a1), hash(&a2));
        let response = match qop {
            None => hash(&format!("{a1}:{}:{a2}", self.nonce)),
            Some((qop, _)) => hash(&format!("{a1}:{}:{count}:{cnonce}:{qop}:{a2}", self.nonce)),
        };
        let mut out = String::from("Digest ");
        for (name, value) in [
            ("username", *user),
            ("realm", &*self.realm),
            ("nonce", &*self.nonce),
            ("uri", *target),
            ("response", &*response),
        ] {
            push_quoted(&mut out, name, value);
            out.push_str(", ");
        }
        if let Some((qop, _)) = qop {
            out.push_str(&format!("qop={qop}, nc={count}, "));
            push_quoted(&mut out, "cnonce", cnonce);
            out.push_str(", ");
        }
        out.push_str(&format!("algorithm={}", self.algorithm));
        if let Some(opaque) = &self.opaque {
            out.push_str(", ");
            push_quoted(&mut out, "opaque", opaque);
        }
        Some(out.into())
    }
}

/// A client nonce: 16 random hexadecimal digits.
pub fn client_nonce() -> String {
    format!("{:016x}", fastrand::u64(..))
}

fn push_quoted(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str("=\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

/// A hash of the JDK by its name, giving hexadecimal digits.
fn hash_named(name: &str) -> Option<fn(&[u8]) -> String> {
    Some(match &*name.to_ascii_uppercase() {
        "MD5" | "MD5-SESS" => |bytes| hex(&Md5::digest(bytes)),
        "SHA" | "SHA-1" | "SHA1" => |bytes| hex(&Sha1::digest(bytes)),
        "SHA-256" => |bytes| hex(&Sha256::digest(bytes)),
        "SHA-512" => |bytes| hex(&Sha512::digest(bytes)),
        _ => return None,
    })
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn encode(text: &str, charset: Charset) -> Vec<u8> {
    let most = match charset {
        Charset::Utf8 => return text.as_bytes().to_vec(),
        Charset::Latin1 => 0xff,
        Charset::Ascii => 0x7f,
    };
    text.chars().map(|c| u8::try_from(u32::from(c)).ok().filter(|&byte| byte <= most).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_ascii() {
        assert_eq!(&*basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(basic("\u{e9}", ""), basic("?", ""));
    }

    #[test]
    fn challenges() {
        let challenge = Challenge::parse("Digest realm=\"a \\\"b\\\", c\", qop = auth , nonce=x, stale");
        assert_eq!(challenge.scheme, "digest");
        assert_eq!(challenge.parameter("realm"), Some("a \"b\", c"));
        assert_eq!(challenge.parameter("qop"), Some("auth"));
        assert_eq!(challenge.parameter("nonce"), Some("x"));
        assert_eq!(challenge.parameter("stale"), Some(""));
        let chosen = Challenge::choose(["Basic realm=a", "NTLM", "Digest realm=b, nonce=c"].into_iter()).unwrap();
        assert_eq!(chosen.scheme, "digest");
        assert_eq!(Challenge::choose(["NTLM"].into_iter()), None);
    }

    fn digest(challenge: &str, entity: Option<&[u8]>) -> String {
        let mut digest = Digest::new(&Challenge::parse(challenge)).unwrap();
        let signed =
            Signed { user: "Mufasa", password: "Circle Of Life", method: "GET", target: "/dir/index.html", entity };
        digest.authorization(&signed, || "0a4f113b".to_owned()).unwrap().to_string()
    }

    /// The example of RFC 2617, section 3.5, in HttpClient's order and quotes.
    #[test]
    fn digest_with_quality_of_protection() {
        assert_eq!(
            digest(
                "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
                 nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
                None
            ),
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", \
             response=\"6629fae49393a05397450978507c4ef1\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", \
             algorithm=MD5, opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
        );
    }

    #[test]
    fn digest_variants() {
        assert!(digest("Digest realm=r, nonce=n", None).ends_with("\", algorithm=MD5"));
        assert!(digest("Digest realm=r, nonce=n, qop=auth-int", Some(b"x")).contains("qop=auth-int"));
        assert!(digest("Digest realm=r, nonce=n, algorithm=SHA-256, qop=auth", None).contains("algorithm=SHA-256"));
        let mut missing = Digest::new(&Challenge::parse("Digest realm=r, nonce=n, qop=auth-int")).unwrap();
        let signed = Signed { user: "u", password: "p", method: "GET", target: "/", entity: None };
        assert_eq!(missing.authorization(&signed, client_nonce), None);
        assert_eq!(Digest::new(&Challenge::parse("Digest realm=r")), None);
    }

    #[test]
    fn a_nonce_s_uses_are_counted() {
        let mut digest = Digest::new(&Challenge::parse("Digest realm=r, nonce=n, qop=auth")).unwrap();
        let signed = Signed { user: "u", password: "p", method: "GET", target: "/", entity: None };
        let first = digest.authorization(&signed, || "c".into()).unwrap();
        let second = digest.authorization(&signed, || "d".into()).unwrap();
        assert!(first.contains("nc=00000001, cnonce=\"c\""));
        assert!(second.contains("nc=00000002, cnonce=\"c\""));
    }
}
