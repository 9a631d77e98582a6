//! The charset that an argument names.

use crate::java::charset::Charset;
use crate::virtual_user::Thrown;

/// `Charset.forName(name)`, with what it throws.
pub(super) fn named(name: &str) -> Result<Charset, Thrown> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | ':' | '_');
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(legal) {
        return Err(Thrown::new("java.nio.charset.IllegalCharsetNameException", name));
    }
    Charset::for_name(name).ok_or_else(|| Thrown::new("java.nio.charset.UnsupportedCharsetException", name))
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::java::charset::Charset;

    /// As Java 17 throws.
    #[test]
    fn names() {
        assert_eq!(named("utf-8").unwrap(), Charset::UTF_8);
        for (name, class) in [
            ("nope", "java.nio.charset.UnsupportedCharsetException"),
            ("a b", "java.nio.charset.IllegalCharsetNameException"),
            ("", "java.nio.charset.IllegalCharsetNameException"),
        ] {
            let thrown = named(name).unwrap_err();
            assert_eq!((&*thrown.class, thrown.message.as_deref()), (class, Some(name)));
        }
    }
}
