use super::*;

/// Lines of JSON, printed by ORO 2.0.8: `[options, pattern, text, error]` or
/// `[options, pattern, text, contains, matches, [[group, …], …]]`, the groups of at most three matches in a row.
#[test]
fn patterns_are_those_of_oro() {
    let mut failures = String::new();
    for line in include_str!("../../../fixtures/java/oro.jsonl").lines() {
        let row: Vec<serde_json::Value> = serde_json::from_str(line).unwrap();
        let flags = row[0].as_str().unwrap();
        let options = Options {
            case_insensitive: flags.contains('i'),
            single_line: flags.contains('s'),
            multi_line: flags.contains('m'),
        };
        let text = row[2].as_str().unwrap();
        let actual = match Pattern::compile(row[1].as_str().unwrap(), options) {
            Err(error) => serde_json::json!([row[0], row[1], row[2], error.to_string()]),
            Ok(pattern) => {
                let found: Vec<Vec<Option<&str>>> = pattern
                    .find_iter(text)
                    .take(3)
                    .map(|groups| (0..groups.count()).map(|group| groups.get(group)).collect())
                    .collect();
                serde_json::json!([row[0], row[1], row[2], pattern.contains(text), pattern.matches(text), found])
            }
        };
        if actual != serde_json::Value::Array(row) {
            failures.push_str(&format!("expected {line}\nbut got  {actual}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

proptest::proptest! {
    #[test]
    fn no_pattern_and_no_text_panics(pattern in "\\PC{0,24}", text in "\\PC{0,24}", ignoring in proptest::bool::ANY) {
        check(&pattern, &text, ignoring);
    }

    #[test]
    fn no_likely_pattern_panics(pattern in "[-ab1(){},?*+|^$.\\\\\\[\\]:=!#ixms]{0,16}", text in "[ab1\n]{0,8}") {
        check(&pattern, &text, false);
    }
}

fn check(pattern: &str, text: &str, case_insensitive: bool) {
    let options = Options { case_insensitive, ..Options::default() };
    if let Ok(pattern) = Pattern::compile(pattern, options) {
        pattern.contains(text);
        pattern.matches(text);
        pattern.find_iter(text).take(5).for_each(drop);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let pattern = "(".repeat(100_000);
    assert_eq!(Pattern::compile(&pattern, Options::default()).unwrap_err().to_string(), "Expression is too large.");
}

#[test]
fn quoting() {
    assert_eq!(quote_meta("a.b_1-é"), "a\\.b_1\\-é");
}
