//! `__base64Encode(text, variable)` and `__base64Decode(text, variable)` of the plugin jpgc-functions.

use super::{Definition, Function, Store, take};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

pub(super) const BASE64_ENCODE: Definition = Definition {
    name: "__base64Encode",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        let text = text.unwrap_or_default();
        Ok(Box::new(Call { text, convert: |text| STANDARD.encode(text), store: Store::exact(store, scope) }))
    },
    summary: "A text's UTF-8 bytes in Base64 (plugin jpgc-functions)",
};

pub(super) const BASE64_DECODE: Definition = Definition {
    name: "__base64Decode",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        let text = text.unwrap_or_default();
        Ok(Box::new(Call { text, convert: decode, store: Store::exact(store, scope) }))
    },
    summary: "The text of Base64 (plugin jpgc-functions)",
};

struct Call {
    text: Expr,
    convert: fn(&str) -> String,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let text = Text::from((self.convert)(&text));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

/// `new String(Base64.decodeBase64(text))` of Commons Codec 1.15, which takes both alphabets, skips what belongs to neither
/// and stops at the first `=`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes().take_while(|c| *c != b'=') {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend_from_slice(&((bits >> 2) as u16).to_be_bytes()),
        _ => {}
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    /// Decoded texts as Commons Codec 1.15 gives them.
    #[test]
    fn there_and_back() {
        check(&[
            ("${__base64Encode(test string,v)}|${v}", "dGVzdCBzdHJpbmc=|dGVzdCBzdHJpbmc="),
            ("${__base64Encode(é)}", "w6k="),
            ("${__base64Decode(dGVzdCBzdHJpbmc=, v )}|${ v }", "test string|test string"),
            ("${__base64Decode(dGVz dCBz\ndHJpbmc)}", "test string"),
            ("${__base64Decode(w6k=w6k=)}", "é"),
            ("${__base64Decode(_-8=)}", "\u{fffd}\u{fffd}"),
            ("${__base64Decode(YWJjZ)}", "abc"),
            ("${__base64Decode(!)}", ""),
        ]);
    }
}
