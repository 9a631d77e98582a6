//! How a Response Assertion of type "equals" shows where two texts differ (`ResponseAssertion.equalsComparisonText`).

use crate::properties::Properties;
use crate::text::Text;

/// How a difference is marked.
pub(super) struct Marks {
    /// Longest text before, within and behind the difference (`assertion.equals_section_diff_len`), in UTF-16 units.
    section: usize,
    start: Text,
    end: Text,
}

impl From<&Properties> for Marks {
    fn from(properties: &Properties) -> Self {
        let text = |key, default| properties.get(key).unwrap_or_else(|| Text::from(default));
        Marks {
            section: text("assertion.equals_section_diff_len", "100").trim().parse().unwrap_or(100),
            start: text("assertion.equals_diff_delta_start", "[[["),
            end: text("assertion.equals_diff_delta_end", "]]]"),
        }
    }
}

/// Appends both texts, the parts that differ marked and padded to one length.
pub(super) fn append(out: &mut String, received: &str, comparison: &str, marks: &Marks) {
    let received: Vec<u16> = received.encode_utf16().collect();
    let comparison: Vec<u16> = comparison.encode_utf16().collect();
    let first = received.iter().zip(&comparison).take_while(|(a, b)| a == b).count();
    // The last unit of each is never taken for a common end, so that something is left to mark.
    let common = received.len().min(comparison.len()).saturating_sub(first + 1);
    let behind = received.iter().rev().zip(comparison.iter().rev()).take(common).take_while(|(a, b)| a == b).count();

    let before = start_cut(&received[..first], marks.section);
    let after = end_cut(&received[received.len() - behind..], marks.section);
    let mut deltas = [&received, &comparison].map(|text| end_cut(&text[first..text.len() - behind], marks.section));
    let width = deltas.iter().map(Vec::len).max().unwrap_or_default();
    for delta in &mut deltas {
        delta.resize(width, u16::from(b' '));
    }
    for (title, delta) in ["received  ", "comparison"].iter().zip(&deltas) {
        out.push_str(&format!("\n\n****** {title}: "));
        out.push_str(&String::from_utf16_lossy(&before));
        out.push_str(&marks.start);
        out.push_str(&String::from_utf16_lossy(delta));
        out.push_str(&marks.end);
        out.push_str(&String::from_utf16_lossy(&after));
    }
    out.push_str("\n\n");
}

const CUT: [u16; 3] = [b'.' as u16; 3];

fn start_cut(text: &[u16], section: usize) -> Vec<u16> {
    if text.len() <= section { text.to_vec() } else { [&CUT, &text[text.len() - section..]].concat() }
}

fn end_cut(text: &[u16], section: usize) -> Vec<u16> {
    if text.len() <= section { text.to_vec() } else { [&text[..section], &CUT].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(received: &str, comparison: &str, expected: [&str; 2]) {
        let marks = Marks { section: 100, start: Text::from("[[["), end: Text::from("]]]") };
        let mut out = String::new();
        append(&mut out, received, comparison, &marks);
        let [received, comparison] = expected;
        assert_eq!(out, format!("\n\n****** received  : {received}\n\n****** comparison: {comparison}\n\n"));
    }

    #[test]
    fn differences_as_jmeter_marks_them() {
        check("abc", "abd", ["ab[[[c]]]", "ab[[[d]]]"]);
        check("abc", "abc plus", ["abc[[[     ]]]", "abc[[[ plus]]]"]);
        check("abc", "ab", ["ab[[[c]]]", "ab[[[ ]]]"]);
        check("abc", "abc", ["abc[[[]]]", "abc[[[]]]"]);
        check("abc", "", ["[[[abc]]]", "[[[   ]]]"]);
        check("quick green fox", "quick brown fox", ["quick [[[gree]]]n fox", "quick [[[brow]]]n fox"]);
        check("one\n2\nthree", "one\ntwo\nthree", ["one\n[[[2  ]]]\nthree", "one\n[[[two]]]\nthree"]);
    }

    #[test]
    fn long_sections_are_cut() {
        let (a, b) = ("a".repeat(150), "b".repeat(150));
        let (a_end, b_start) = (format!("...{}", "a".repeat(100)), format!("{}...", "b".repeat(100)));
        check(
            &format!("{a}Y{b}"),
            &format!("{a}X{b}"),
            [&format!("{a_end}[[[Y]]]{b_start}"), &format!("{a_end}[[[X]]]{b_start}")],
        );
    }
}
