//! `__urlencode` and `__urldecode`: form encoding in UTF-8.

use super::Definition;
use super::escape::Convert;
use crate::java::charset::Charset;
use crate::java::url_encoding::{decode_in, encode_utf8};
use crate::virtual_user::Thrown;

pub(super) const URLENCODE: Definition = Definition {
    name: "__urlencode",
    arguments: (1, Some(1)),
    compile: |arguments, _| Ok(Box::new(Convert::new(arguments, |text| Ok(encode_utf8(text))))),
    summary: "A text as it stands in a form",
};

pub(super) const URLDECODE: Definition = Definition {
    name: "__urldecode",
    arguments: (1, Some(1)),
    compile: |arguments, _| {
        Ok(Box::new(Convert::new(arguments, |text| {
            decode_in(text, Charset::UTF_8)
                .map_err(|error| Thrown::new("java.lang.IllegalArgumentException", error.to_string()).from(FRAMES))
        })))
    },
    summary: "The text that a form's encoding stands for",
};

/// Where JMeter says that a text is no encoding.
const FRAMES: &str = "java.base/java.net.URLDecoder.decode(URLDecoder.java:237)
java.base/java.net.URLDecoder.decode(URLDecoder.java:147)
org.apache.jmeter.functions.UrlDecode.execute(UrlDecode.java:65)";

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn there_and_back() {
        let bench = Bench::default().variable("x", "a b~*é&");
        bench.check(&[
            ("${__urlencode(${x})}", "a+b%7E*%C3%A9%26"),
            ("${__urldecode(a+b%C3%A9%26)}", "a bé&"),
            (
                "${__urldecode(100%)}",
                "!java.lang.IllegalArgumentException: URLDecoder: Incomplete trailing escape (%) pattern",
            ),
            (
                "${__urldecode(%zz)}",
                "!java.lang.IllegalArgumentException: URLDecoder: Illegal hex characters in escape (%) pattern - \
                 Error at index 0 in: \"zz\"",
            ),
            (
                "${__urldecode(%-1)}",
                "!java.lang.IllegalArgumentException: URLDecoder: Illegal hex characters in escape (%) pattern - \
                 negative value",
            ),
        ]);
    }
}
