//! Form encoding with a charset, through Java's rules.

use crate::java::url_encoding::{self, UrlCodingError};
use crate::virtual_user::Thrown;

/// `URLEncoder.encode(text, charset)`
pub(super) fn encode(text: &str, charset: &str) -> Result<String, Thrown> {
    url_encoding::encode(text, charset).map_err(thrown)
}

/// `URLDecoder.decode(text, charset)`
pub(super) fn decode(text: &str, charset: &str) -> Result<String, Thrown> {
    url_encoding::decode(text, charset).map_err(thrown)
}

fn thrown(error: UrlCodingError) -> Thrown {
    let class = match error {
        UrlCodingError::UnsupportedEncoding(_) => "java.io.UnsupportedEncodingException",
        UrlCodingError::IllegalArgument(_) => "java.lang.IllegalArgumentException",
    };
    Thrown::new(class, error.to_string())
}
