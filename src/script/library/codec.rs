//! Base 64, hexadecimal digits and URL encoding: `java.util.Base64`, `URLEncoder`, commons-codec's `Base64` and `Hex`.

use super::string::{charset, decode, text};
use super::{Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use crate::java::url_encoding;
use crate::script::value::{Array, ClassRef, Object, Thrown, Value, exceptions, java_text};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use std::fmt::Write;
use std::sync::Arc;

const fn engine(alphabet: &base64::alphabet::Alphabet, padding: bool) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(padding)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config)
}

const STANDARD: GeneralPurpose = engine(&base64::alphabet::STANDARD, true);
const STANDARD_BARE: GeneralPurpose = engine(&base64::alphabet::STANDARD, false);
const URL: GeneralPurpose = engine(&base64::alphabet::URL_SAFE, true);
const URL_BARE: GeneralPurpose = engine(&base64::alphabet::URL_SAFE, false);

/// Base 64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Hexadecimal digits in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        _ = write!(out, "{byte:02x}");
        out
    })
}

/// A `byte[]`.
pub(crate) fn byte_array(bytes: &[u8]) -> Value {
    Value::Array(Arc::new(Array::bytes(bytes)))
}

/// The bytes of a `byte[]`, or of a text in UTF-8.
pub(crate) fn bytes_of(value: &Value) -> Result<Vec<u8>, Fault> {
    match value {
        Value::Array(array) => array.to_bytes().ok_or(Fault::Mismatch),
        other => Ok(text(other)?.as_bytes().to_vec()),
    }
}

fn illegal(message: impl AsRef<str>) -> Fault {
    Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into()
}

/// `java.util.Base64`.
pub static BASE64: Class = Class {
    statics: &[
        java("getDecoder", 0, 0, |_, _, _| Ok(Value::object(Decoder { url: false, lenient: false }))),
        java("getEncoder", 0, 0, |_, _, _| Ok(Value::object(Encoder { url: false, padding: true, lines: false }))),
        java("getMimeDecoder", 0, 0, |_, _, _| Ok(Value::object(Decoder { url: false, lenient: true }))),
        java("getMimeEncoder", 0, 0, |_, _, _| Ok(Value::object(Encoder { url: false, padding: true, lines: true }))),
        java("getUrlDecoder", 0, 0, |_, _, _| Ok(Value::object(Decoder { url: true, lenient: false }))),
        java("getUrlEncoder", 0, 0, |_, _, _| Ok(Value::object(Encoder { url: true, padding: true, lines: false }))),
    ],
    ..Class::named("java.util.Base64", &[&object::OBJECT])
};

static ENCODER: Class = Class {
    methods: &[
        java("encode", 1, 1, |_, this, args| {
            Ok(byte_array(arguments::object::<Encoder>(this)?.encode(&arguments::bytes(args, 0)?).as_bytes()))
        }),
        java("encodeToString", 1, 1, |_, this, args| {
            Ok(arguments::object::<Encoder>(this)?.encode(&arguments::bytes(args, 0)?).into())
        }),
        java("withoutPadding", 0, 0, |_, this, _| {
            let encoder: &Encoder = arguments::object(this)?;
            Ok(Value::object(Encoder { url: encoder.url, padding: false, lines: encoder.lines }))
        }),
    ],
    ..Class::named("java.util.Base64$Encoder", &[&object::OBJECT])
};

static DECODER: Class = Class {
    methods: &[java("decode", 1, 1, |_, this, args| {
        let decoder: &Decoder = arguments::object(this)?;
        Ok(byte_array(&decoder.decode(&bytes_of(&args[0])?)?))
    })],
    ..Class::named("java.util.Base64$Decoder", &[&object::OBJECT])
};

#[derive(Debug)]
struct Encoder {
    url: bool,
    padding: bool,
    lines: bool,
}

impl Object for Encoder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&ENCODER)
    }
}

impl Encoder {
    fn encode(&self, bytes: &[u8]) -> String {
        let text = match (self.url, self.padding) {
            (false, true) => STANDARD.encode(bytes),
            (false, false) => STANDARD_BARE.encode(bytes),
            (true, true) => URL.encode(bytes),
            (true, false) => URL_BARE.encode(bytes),
        };
        if self.lines { in_lines(&text).join("\r\n") } else { text }
    }
}

/// ASCII text in lines of 76 characters.
fn in_lines(text: &str) -> Vec<&str> {
    (0..text.len()).step_by(76).map(|at| &text[at..text.len().min(at + 76)]).collect()
}

#[derive(Debug)]
struct Decoder {
    url: bool,
    lenient: bool,
}

impl Object for Decoder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&DECODER)
    }
}

impl Decoder {
    fn decode(&self, text: &[u8]) -> Result<Vec<u8>, Fault> {
        let in_alphabet = |byte: u8| {
            byte.is_ascii_alphanumeric() || if self.url { b"-_".contains(&byte) } else { b"+/".contains(&byte) }
        };
        let kept: Vec<u8> = if self.lenient {
            text.iter().copied().filter(|byte| in_alphabet(*byte)).collect()
        } else {
            let body = text.iter().position(|byte| *byte == b'=').unwrap_or(text.len());
            if let Some(wrong) = text[..body].iter().find(|byte| !in_alphabet(**byte)) {
                return Err(illegal(format!("Illegal base64 character {wrong:x}")));
            }
            let padding = &text[body..];
            let expected: &[u8] = match body % 4 {
                1 => return Err(illegal("Last unit does not have enough valid bits")),
                2 => b"==",
                3 => b"=",
                _ => b"",
            };
            if !padding.is_empty() && padding != expected {
                let ending = if padding.starts_with(b"==") || body % 4 == 3 {
                    format!(
                        "Input byte array has incorrect ending byte at {}",
                        body + expected.len().min(padding.len())
                    )
                } else {
                    "Input byte array has wrong 4-byte ending unit".to_owned()
                };
                return Err(illegal(ending));
            }
            text[..body].to_vec()
        };
        let engine = if self.url { URL } else { STANDARD };
        engine.decode(&kept).map_err(|_| illegal("Last unit does not have enough valid bits"))
    }
}

/// `"…".decodeBase64()`: Groovy skips what it does not know.
pub(crate) fn groovy_decode_base64(text: &str, url: bool) -> Answer {
    let decoder = Decoder { url, lenient: true };
    let body: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match decoder.decode(body.as_bytes()) {
        Ok(bytes) => Ok(byte_array(&bytes)),
        Err(_) => Err(Thrown::new(exceptions::ARRAY_INDEX, "bad character in base64 value").into()),
    }
}

/// `"0aff".decodeHex()`.
pub(crate) fn groovy_decode_hex(text: &str) -> Answer {
    if !text.len().is_multiple_of(2) {
        return Err(Thrown::new(exceptions::NUMBER_FORMAT, "odd number of characters in hex string").into());
    }
    match unhex(text) {
        Some(bytes) => Ok(byte_array(&bytes)),
        None => Err(Thrown::number_format(text).into()),
    }
}

/// The bytes of hexadecimal digits; none when there is another character or an odd number of them.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

/// What Groovy adds to `byte[]`; a parent of arrays.
pub static BYTES_ADDED: Class = Class {
    methods: &[
        groovy("digest", 1, 1, |_, this, args| {
            Ok(hex(&super::digest::digest(&arguments::text(args, 0)?, &own_bytes(this)?)?).into())
        }),
        groovy("encodeBase64", 0, 1, |_, this, args| {
            let chunked = matches!(args, [Value::Boolean(true)]);
            let text = base64(&own_bytes(this)?);
            Ok(if chunked { in_lines(&text).join("\n") + "\n" } else { text }.into())
        }),
        groovy("encodeBase64Url", 0, 1, |_, this, args| {
            let bytes = own_bytes(this)?;
            Ok(if matches!(args, [Value::Boolean(true)]) { URL.encode(bytes) } else { URL_BARE.encode(bytes) }.into())
        }),
        groovy("encodeHex", 0, 0, |_, this, _| Ok(hex(&own_bytes(this)?).into())),
        groovy("md5", 0, 0, |_, this, _| Ok(hex(&super::digest::digest("MD5", &own_bytes(this)?)?).into())),
        groovy("sha256", 0, 0, |_, this, _| Ok(hex(&super::digest::digest("SHA-256", &own_bytes(this)?)?).into())),
    ],
    ..Class::named("byte[]", &[&object::OBJECT])
};

fn own_bytes(this: &Value) -> Result<Vec<u8>, Fault> {
    arguments::bytes(std::slice::from_ref(this), 0)
}

fn coding_error(error: url_encoding::UrlCodingError) -> Fault {
    let text = error.to_string();
    match error {
        url_encoding::UrlCodingError::UnsupportedEncoding(_) => {
            Thrown::new("java.io.UnsupportedEncodingException", text)
        }
        url_encoding::UrlCodingError::IllegalArgument(_) => Thrown::new(exceptions::ILLEGAL_ARGUMENT, text),
    }
    .into()
}

/// `java.net.URLEncoder`.
pub static URL_ENCODER: Class = Class {
    statics: &[java("encode", 1, 2, |_, _, args| {
        let charset = args.get(1).map_or_else(|| "UTF-8".to_owned(), java_text);
        Ok(url_encoding::encode(&arguments::text(args, 0)?, &charset).map_err(coding_error)?.into())
    })],
    ..Class::named("java.net.URLEncoder", &[&object::OBJECT])
};

/// `java.net.URLDecoder`.
pub static URL_DECODER: Class = Class {
    statics: &[java("decode", 1, 2, |_, _, args| {
        let charset = args.get(1).map_or_else(|| "UTF-8".to_owned(), java_text);
        Ok(url_encoding::decode(&arguments::text(args, 0)?, &charset).map_err(coding_error)?.into())
    })],
    ..Class::named("java.net.URLDecoder", &[&object::OBJECT])
};

/// `org.apache.commons.codec.binary.Base64`.
pub static COMMONS_BASE64: Class = Class {
    constructor: takes(0, 3, |_, _, _| Ok(Value::object(CommonsBase64))),
    statics: COMMONS_BASE64_STATICS,
    methods: &[
        java("decode", 1, 1, |_, _, args| Ok(byte_array(&commons_decode(&bytes_of(&args[0])?)))),
        java("encode", 1, 1, |_, _, args| Ok(byte_array(base64(&arguments::bytes(args, 0)?).as_bytes()))),
        java("encodeAsString", 1, 1, |_, _, args| Ok(base64(&arguments::bytes(args, 0)?).into())),
        java("encodeToString", 1, 1, |_, _, args| Ok(base64(&arguments::bytes(args, 0)?).into())),
    ],
    ..Class::named("org.apache.commons.codec.binary.Base64", &[&object::OBJECT])
};

#[derive(Debug)]
struct CommonsBase64;

impl Object for CommonsBase64 {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COMMONS_BASE64)
    }
}

static COMMONS_BASE64_STATICS: &[Method] = &[
    java("decodeBase64", 1, 1, |_, _, args| Ok(byte_array(&commons_decode(&bytes_of(&args[0])?)))),
    java("encodeBase64", 1, 2, |_, _, args| {
        let text = base64(&arguments::bytes(args, 0)?);
        let chunked = matches!(args.get(1), Some(Value::Boolean(true)));
        let text = if chunked { in_lines(&text).join("\r\n") + "\r\n" } else { text };
        Ok(byte_array(text.as_bytes()))
    }),
    java("encodeBase64String", 1, 1, |_, _, args| Ok(base64(&arguments::bytes(args, 0)?).into())),
    java("encodeBase64URLSafe", 1, 1, |_, _, args| {
        Ok(byte_array(URL_BARE.encode(arguments::bytes(args, 0)?).as_bytes()))
    }),
    java("encodeBase64URLSafeString", 1, 1, |_, _, args| Ok(URL_BARE.encode(arguments::bytes(args, 0)?).into())),
    java("isBase64", 1, 1, |_, _, args| {
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_= \t\r\n".contains(byte);
        Ok(bytes_of(&args[0])?.iter().all(known).into())
    }),
];

/// commons-codec takes either alphabet and skips everything else.
pub(crate) fn commons_decode(text: &[u8]) -> Vec<u8> {
    let body = text.iter().take_while(|byte| **byte != b'=').filter_map(|byte| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        byte if byte.is_ascii_alphanumeric() || b"+/".contains(byte) => Some(*byte),
        _ => None,
    });
    let mut body: Vec<u8> = body.collect();
    if body.len() % 4 == 1 {
        body.pop();
    }
    STANDARD.decode(body).unwrap_or_default()
}

/// `org.apache.commons.codec.binary.Hex`.
pub static COMMONS_HEX: Class = Class {
    statics: &[
        java("decodeHex", 1, 1, |_, _, args| {
            let text = super::string::chars_or_text(&args[0]);
            let failed =
                |message: String| Fault::from(Thrown::new("org.apache.commons.codec.DecoderException", message));
            if !text.chars().count().is_multiple_of(2) {
                return Err(failed("Odd number of characters.".to_owned()));
            }
            if let Some((at, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_hexdigit()) {
                return Err(failed(format!("Illegal hexadecimal character {c} at index {at}")));
            }
            Ok(byte_array(&unhex(&text).unwrap_or_default()))
        }),
        java("encodeHex", 1, 2, |_, _, args| {
            let units = encoded_hex(args)?.encode_utf16().map(Value::Char).collect();
            Ok(Value::Array(Arc::new(Array::new("char", units))))
        }),
        java("encodeHexString", 1, 2, |_, _, args| Ok(encoded_hex(args)?.into())),
    ],
    ..Class::named("org.apache.commons.codec.binary.Hex", &[&object::OBJECT])
};

fn encoded_hex(args: &[Value]) -> Result<String, Fault> {
    let text = hex(&arguments::bytes(args, 0)?);
    Ok(if matches!(args.get(1), Some(Value::Boolean(false))) { text.to_uppercase() } else { text })
}

/// `org.apache.commons.codec.binary.StringUtils`.
pub static COMMONS_STRINGS: Class = Class {
    statics: &[
        java("getBytesUtf8", 1, 1, |_, _, args| Ok(byte_array(text(&args[0])?.as_bytes()))),
        java("newStringUtf8", 1, 1, |_, _, args| Ok(decode(&arguments::bytes(args, 0)?, None)?.into())),
    ],
    ..Class::named("org.apache.commons.codec.binary.StringUtils", &[&object::OBJECT])
};

/// `java.nio.charset.StandardCharsets`.
pub static STANDARD_CHARSETS: Class = Class {
    constants: &[
        ("ISO_8859_1", || charset_of("ISO-8859-1")),
        ("US_ASCII", || charset_of("US-ASCII")),
        ("UTF_16", || charset_of("UTF-16")),
        ("UTF_16BE", || charset_of("UTF-16BE")),
        ("UTF_16LE", || charset_of("UTF-16LE")),
        ("UTF_8", || charset_of("UTF-8")),
    ],
    ..Class::named("java.nio.charset.StandardCharsets", &[&object::OBJECT])
};

/// `java.nio.charset.Charset`.
pub static CHARSET: Class = Class {
    statics: &[
        java("defaultCharset", 0, 0, |_, _, _| Ok(charset_of("UTF-8"))),
        java("forName", 1, 1, |_, _, args| {
            let name = arguments::text(args, 0)?;
            let unknown = |_| Thrown::new("java.nio.charset.UnsupportedCharsetException", &name);
            Ok(charset_of(charset(Some(&args[0])).map_err(unknown)?.name()))
        }),
        java("isSupported", 1, 1, |_, _, args| Ok(charset(Some(&args[0])).is_ok().into())),
    ],
    methods: &[
        java("displayName", 0, 0, |_, this, _| Ok(java_text(this).into())),
        java("name", 0, 0, |_, this, _| Ok(java_text(this).into())),
    ],
    ..Class::named("java.nio.charset.Charset", &[&object::COMPARABLE])
};

#[derive(Debug)]
struct Charset(&'static str);

impl Object for Charset {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&CHARSET)
    }

    fn to_text(&self) -> String {
        self.0.to_owned()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Charset>(other).is_ok_and(|other| other.0 == self.0)
    }
}

fn charset_of(name: &'static str) -> Value {
    Value::object(Charset(name))
}
