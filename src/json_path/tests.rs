use super::*;

/// What the JSON Extractor and the JSON Assertion see, in one line; as `Golden.java` printed it.
fn describe(document: &str, path: &str) -> String {
    let path = match JsonPath::compile(path) {
        Ok(path) => path,
        Err(error) => return format!("invalid {error}"),
    };
    let document = match Json::parse(document) {
        Ok(document) => document,
        Err(error) => return format!("document {}", error.wrapped_text()),
    };
    let list = match path.read_list(&document) {
        Ok(list) => {
            let texts: Vec<String> =
                list.iter().map(|value| value.to_variable().unwrap_or_else(|| "<null>".to_owned())).collect();
            format!("list {}", texts.join(" | "))
        }
        Err(PathError::NotFound(text)) => format!("not found {text}"),
        Err(PathError::Failed(text)) => format!("failed {text}"),
    };
    let single = match path.read(&document) {
        Ok(value) => format!("{} {}", if path.is_definite() { "value" } else { "values" }, value.to_java_string()),
        Err(error) => format!("error {error}"),
    };
    format!("{list} ; {single}")
}

/// Lines of JSON: `["document", text]`, which later lines call `#0`, `#1` …, and `[document, path, expected]`.
#[test]
fn paths_are_those_of_jayway() {
    let mut failures = String::new();
    let mut documents = Vec::new();
    let mut count = 0;
    for line in include_str!("../../fixtures/json_path/golden.jsonl").lines() {
        let row: Vec<String> = serde_json::from_str(line).unwrap();
        if row.len() == 2 {
            documents.push(row[1].clone());
            continue;
        }
        let document = match row[0].strip_prefix('#') {
            Some(number) => &documents[number.parse::<usize>().unwrap()],
            None => &row[0],
        };
        let actual = describe(document, &row[1]);
        count += 1;
        if actual != row[2] {
            failures.push_str(&format!(
                "path     {}\n  in     {}\nexpected {}\nbut got  {actual}\n",
                row[1], row[0], row[2]
            ));
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(count > 500, "{count}");
}

/// Lines of JSON `[document, expected]`: what json-smart reads, printed as a variable, or its error.
#[test]
fn documents_are_read_as_by_json_smart() {
    let mut failures = String::new();
    for line in include_str!("../../fixtures/json_path/documents.jsonl").lines() {
        let row: Vec<String> = serde_json::from_str(line).unwrap();
        let actual = match Json::parse(&row[0]) {
            Ok(value) => format!(
                "{} {} {}",
                value.class_name(),
                value.to_variable().unwrap_or_else(|| "<null>".to_owned()),
                value.to_java_string()
            ),
            Err(error) => format!("error {error}"),
        };
        if actual != row[1] {
            failures.push_str(&format!("document {}\nexpected {}\nbut got  {actual}\n", row[0], row[1]));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

proptest::proptest! {
    #[test]
    fn no_path_and_no_document_panics(path in "\\PC{0,30}", document in "\\PC{0,30}") {
        describe(&document, &path);
    }

    #[test]
    fn no_likely_path_panics(
        path in "[$@]([.]{1,2}|\\[|\\]|\\(|\\)|\\?|[a-c]|[*'\":,=<>!~/&|\\\\ -]|[0-9]|length\\(\\)|in|\\{|\\}){0,14}",
        document in "([\\[\\]{}:,\"'\\\\ ]|[a-c]|[0-9.eE+-]|null|true){0,14}",
    ) {
        describe(&document, &path);
        describe(r#"{"a":[{"b":1,"c":"x"},[1,2]],"b":{"a":null,"c":[]}}"#, &path);
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "[".repeat(100_000);
    assert!(Json::parse(&deep).is_err());
    for (open, close) in [("[?(@", ")]"), ("(", ")"), ("!", "")] {
        let path = format!("$[?({}@.a{})]", open.repeat(10_000), close.repeat(10_000));
        assert!(JsonPath::compile(&path).is_err());
    }
    assert!(JsonPath::compile(&format!("${}", "..a".repeat(10_000))).is_err());
    let document = Json::parse(&format!("{}1{}", "{a:".repeat(399), "}".repeat(399))).unwrap();
    for step in ["..a", "..*", "[?(@.a)]", "[?(!@.b)]", ".a"] {
        let path = format!("${}", step.repeat(if step.contains("..") { 2 } else { 490 }));
        let _ = JsonPath::compile(&path).unwrap().read_list(&document);
    }
}

#[test]
fn a_slice_from_far_before_the_first_takes_no_time() {
    let document = Json::parse("[[1,2,3]]").unwrap();
    let found = JsonPath::compile("$[*][-2147483648:1]").unwrap().read_list(&document).unwrap();
    assert_eq!(found.len(), 4);
}
