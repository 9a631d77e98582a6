//! Java's view of text: UTF-16 positions, and Groovy's interpolated strings.

use super::Value;
use crate::text::Text;

/// `String.length()`: the count of UTF-16 code units.
pub fn utf16_len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The code units `from..to` of a text; the range is cut to what there is.
pub fn slice_utf16(text: &str, from: usize, to: usize) -> String {
    if text.is_ascii() {
        let to = to.min(text.len());
        return text[from.min(to)..to].to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().skip(from).take(to.saturating_sub(from)).collect();
    String::from_utf16_lossy(&units)
}

/// A string with `${…}` parts; the text is made anew each time it is asked for.
#[derive(Debug)]
pub struct GString {
    /// The fixed parts, one more than `values`.
    pub strings: Vec<Text>,
    /// The interpolated values; a closure among them is called for its text.
    pub values: Vec<Value>,
    /// How deep such strings lie within it: a loop may put each within the next.
    depth: u32,
    /// Bytes of its text at least.
    size: usize,
}

/// Interpolated strings within each other that stay what they are; beyond, those within become plain ones.
const DEEPEST: u32 = 64;

impl GString {
    /// A string of fixed parts and what stands between them.
    pub fn new(strings: Vec<Text>, values: Vec<Value>) -> Self {
        let depth = |value: &Value| match value {
            Value::GString(text) => text.depth + 1,
            _ => 0,
        };
        let depth = values.iter().map(depth).max().unwrap_or(0);
        let size = |value: &Value| match value {
            Value::GString(text) => text.size,
            Value::String(text) => text.len(),
            _ => 0,
        };
        let size = values.iter().map(size).fold(0, usize::saturating_add);
        let size = strings.iter().map(Text::len).fold(size, usize::saturating_add);
        Self { strings, values, depth, size }
    }

    /// Bytes of its text at least.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it lies so deep that its text should take its place.
    pub fn is_deep(&self) -> bool {
        self.depth >= DEEPEST
    }
}

impl Drop for GString {
    fn drop(&mut self) {
        super::bury(std::mem::take(&mut self.values));
    }
}
