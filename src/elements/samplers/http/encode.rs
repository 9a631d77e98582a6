//! Form encoding with a charset, through Java's rules.

use crate::java::url_encoding;
use crate::virtual_user::Thrown;

/// `URLEncoder.encode(text, charset)`
pub(super) fn encode(text: &str, charset: &str) -> Result<String, Thrown> {
    url_encoding::encode(text, charset).map_err(|error| Thrown::new(error.class, error.message))
}

/// `URLDecoder.decode(text, charset)`
pub(super) fn decode(text: &str, charset: &str) -> Result<String, Thrown> {
    url_encoding::decode(text, charset).map_err(|error| Thrown::new(error.class, error.message))
}
