use super::{parse, sexp};
use proptest::prelude::*;

/// Scripts and their trees: a script, `---`, its tree, then a blank line. `\n` of the table is one of the script.
const TREES: &str = include_str!("trees.table");

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TREES.split("\n\n").filter(|row| !row.trim().is_empty()).map(|row| {
        let (script, tree) = row.split_once("\n---\n").unwrap_or_else(|| panic!("a row without tree: {row}"));
        (script.trim_start_matches('\n'), tree.trim_end())
    })
}

fn tree(script: &str) -> String {
    match parse(script) {
        Ok(program) => sexp::program(&program),
        Err(error) => format!("ERROR {error}"),
    }
}

#[test]
fn every_construct_becomes_its_tree() {
    let wrong: Vec<String> = rows()
        .filter_map(|(script, wanted)| {
            let found = tree(script);
            (found != wanted).then(|| format!("{script}\n---\n{found}\n(wanted)\n{wanted}\n"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows().count() > 150);
}

/// Runs in as little stack as a worker thread has.
fn in_small_thread(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
    thread.join().unwrap();
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    in_small_thread(|| {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("[a:", "]"),
            ("f(", ")"),
            ("f{", "}"),
            ("{->", "}"),
            ("!", ""),
            ("-", ""),
            ("(int)", ""),
            ("a ? ", " : b"),
            ("a ?: ", ""),
            ("a = ", ""),
            ("new A(", ")"),
            ("new A() { int x = ", "}"),
            ("\"${", "}\""),
            ("x -> ", ""),
            ("if (a) ", ""),
            ("if (a) { } else { ", "}"),
            ("while (a) ", ""),
            ("l: ", ""),
            ("a ** -", ""),
            ("for (a in b) { ", "}"),
            ("switch (a) { case 1: ", "}"),
            ("try { ", "} finally { }"),
            ("class A { ", "}"),
            ("@A(", ") x"),
            ("a[", "]"),
            ("a b, ", ""),
        ] {
            let script = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
            let unclosed = open.repeat(5_000);
            assert!(parse(&unclosed).is_err(), "{open}");
            drop(parse(&script));
        }
        let types = format!("{}A{} a = 1", "A<".repeat(5_000), ">".repeat(5_000));
        assert!(parse(&types).is_err());
    });
}

#[test]
fn as_deep_as_scripts_nest_is_fine() {
    in_small_thread(|| {
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("f { ", " }"), ("if (a) { ", " }"), ("\"${", "}\"")]
        {
            let script = format!("{}1{}", open.repeat(30), close.repeat(30));
            assert!(parse(&script).is_ok(), "{open}: {:?}", parse(&script).err());
        }
    });
}

#[test]
fn long_chains_are_fine_and_longer_ones_an_error() {
    in_small_thread(|| {
        for link in [" + a", ".a", "[a]", " && a", "(a)", " ?: a"] {
            let chain = |count| format!("a{}", link.repeat(count));
            assert!(parse(&chain(100)).is_ok(), "{link}");
            assert!(parse(&chain(20_000)).is_err(), "{link}");
        }
        let branches = format!("if (a) {{ }}{}", " else if (a) { }".repeat(1_000));
        assert!(parse(&branches).is_ok());
        let items = format!("[{}]", "a.b + c, ".repeat(20_000));
        assert!(parse(&items).is_ok());
    });
}

#[test]
fn time_is_linear() {
    let scripts = [
        "a?[1]".to_owned() + &"?[1]".repeat(2_000),
        "A<".repeat(20_000),
        "a < ".repeat(20_000),
        "/* ".repeat(20_000),
        "$/ ".repeat(20_000),
        "/ ".repeat(20_000),
        "\"\"\" ".repeat(20_000),
        "{ ".repeat(20_000),
        "{ a, ".repeat(20_000),
        "(a, ".repeat(20_000),
        "{ a = ".repeat(20_000),
        "a\n\n\n".repeat(20_000),
        ";".repeat(100_000),
        "if (a) b;;;;".repeat(5_000),
        "@A ".repeat(20_000),
        "a.".repeat(20_000),
        "String ".repeat(20_000),
    ];
    let start = std::time::Instant::now();
    for script in &scripts {
        drop(parse(script));
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}

fn piece() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "def ",
        "x",
        "String ",
        "int ",
        " = ",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        "->",
        "\n",
        ";",
        ",",
        ":",
        "?",
        ".",
        "?.",
        "*.",
        "..",
        "+",
        "-",
        "++",
        "!",
        "/",
        "$/",
        "/$",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "${",
        "$x",
        "\\",
        "1",
        "1.5",
        "0x",
        "_",
        "class A ",
        "enum E ",
        "if ",
        "else ",
        "for ",
        " in ",
        " as ",
        "switch ",
        "case ",
        "default",
        "try ",
        "catch ",
        "return ",
        "new ",
        "@A",
        "import ",
        "static ",
        "/*",
        "*/",
        "//",
        "#!",
        "println ",
        "\u{e9}",
        "&",
        "|",
        "=~",
        "==",
        "instanceof ",
        "assert ",
        "this",
        "super",
        "void ",
        "0",
        "9",
        "e",
        "\r\n",
        "\t",
        "~",
        "%",
    ]);
    prop_oneof![6 => words.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #[test]
    fn never_panics_on_any_text(text in "\\PC{0,200}") {
        drop(parse(&text));
    }

    #[test]
    fn never_panics_on_words_of_the_language(words in prop::collection::vec(piece(), 0..60)) {
        drop(parse(&words.concat()));
    }

    #[test]
    fn never_panics_on_mutated_scripts(
        row in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        length in 0usize..6,
        words in prop::collection::vec(piece(), 0..3),
    ) {
        let scripts: Vec<&str> = rows().map(|(script, _)| script).collect();
        let script: Vec<char> = row.get(&scripts).chars().collect();
        let at = cut.index(script.len() + 1);
        let rest = script[(at + length).min(script.len())..].iter();
        let mutated: String = script[..at].iter().chain(words.concat().chars().collect::<Vec<_>>().iter()).chain(rest).collect();
        drop(parse(&mutated));
    }
}

/// The scripts of the recorded tables and what the real engine answered.
fn recorded() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scripts/groovy");
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for row in text.split(">>>\n").skip(1) {
            let lines: Vec<&str> = row.lines().collect();
            let Some(at) = lines.iter().position(|line| line.starts_with("=== ") || line.starts_with("!!! ")) else {
                continue;
            };
            rows.push((lines[..at].join("\n"), lines[at..].join("\n")));
        }
    }
    rows
}

const SYNTAX_ERROR: &str = "!!! org.codehaus.groovy.control.MultipleCompilationErrorsException\n";

#[test]
fn what_the_real_engine_runs_is_parsed() {
    let rows = recorded();
    let mut wrong = String::new();
    for (script, answer) in &rows {
        let parsed = parse(script);
        if let (Err(error), false) = (&parsed, answer.starts_with(SYNTAX_ERROR)) {
            wrong += &format!("{script}\n  {error}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(rows.len() > 400);
}

#[test]
fn compile_errors_read_as_the_real_ones() {
    let mut same = 0;
    let mut other = String::new();
    for (script, answer) in recorded() {
        let Some(wanted) = answer.strip_prefix(SYNTAX_ERROR) else { continue };
        match parse(&script) {
            Ok(_) => other += &format!("{script}\n  parsed, wanted\n{wanted}\n"),
            Err(error) => {
                let name = wanted.split(['\n', ':']).find(|part| part.ends_with(".groovy")).unwrap_or_default();
                let found = super::startup_failed(&error, &script, name);
                if wanted.starts_with(found.trim_end()) {
                    same += 1;
                } else {
                    other += &format!("{script}\n{found}  wanted\n{wanted}\n");
                }
            }
        }
    }
    assert!(same >= 54, "{same}:\n{other}");
}
