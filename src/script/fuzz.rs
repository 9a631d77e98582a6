//! Scripts of the tables, cut, spliced and garbled, with calls of whatever the library has: whatever comes of it, the
//! front ends, the cores and the library end in time, with a value or an exception.
//!
//! `ROTAMETER_FUZZ_SECONDS=600 cargo test --lib script::fuzz` goes on for that long, with another seed each time; a failure
//! names the script.

use super::core::{self, Script};
use super::fake_host::{self, FakeHost};
use super::host::Bindings;
use super::javascript::JavaScript;
use super::jexl::{self, Jexl};
use super::library::{self, Class, Fault, Method};
use super::machine::{Dialect, Machine};
use super::value::{ClassRef, Value};
use crate::clock::{self, Timestamp};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// Scripts that each front end gets when no time is given.
const SHORT: usize = 400;
/// Milliseconds after which a script is told to end.
const EACH: i64 = 200;
/// How long after that it may take: a debug build on a busy machine is slow.
const LATE: Duration = Duration::from_secs(60);

/// What takes the place of a piece now and then.
const ODD: [&str; 16] = [
    "2147483647",
    "-1",
    "0",
    "1e9",
    "null",
    "''",
    "\"a$b\"",
    "[]",
    "[:]",
    "{ it }",
    "{",
    "}",
    "(",
    "\"",
    "\u{1f600}",
    "(a+)+b",
];

/// Arguments for calls of the dictionary.
const ARGUMENTS: [&str; 12] = [
    "1",
    "-1",
    "0",
    "2147483647",
    "9223372036854775807L",
    "1.5",
    "'a'",
    "''",
    "[1, 'b', null]",
    "null",
    "'x'.bytes",
    "this",
];

/// The scripts of a language's tables.
fn table_seeds(language: &str) -> Vec<String> {
    let script = |row: &str| {
        let lines: Vec<&str> =
            row.lines().take_while(|line| !line.starts_with("=== ") && !line.starts_with("!!! ")).collect();
        lines.join("\n")
    };
    texts(&format!("fixtures/scripts/{language}"))
        .iter()
        .flat_map(|text| text.split(">>>\n").skip(1).map(script).collect::<Vec<_>>())
        .collect()
}

fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

fn jexl_seeds() -> Vec<String> {
    let texts = texts("fixtures/scripts/jexl");
    texts.iter().flat_map(|text| text.lines().filter_map(|line| line.split('\t').next())).map(str::to_owned).collect()
}

/// The texts in the tests of JavaScript.
fn javascript_seeds() -> Vec<String> {
    let tests = include_str!("javascript/tests.rs");
    let literals = tests.split('"').skip(1).step_by(2).filter(|text| text.len() > 2);
    let loops = [
        "var s = 0; for (var i = 0; i < 9; i++) { s += i } s",
        "function f(n) { return n < 2 ? 1 : n * f(n - 1) } f(5)",
    ];
    literals.chain(loops).map(|text| text.replace('\\', "")).collect()
}

/// `new Class(…)`, `Class.method(…)` and `.method(…)` of everything in the library.
fn dictionary(random: &mut fastrand::Rng) -> String {
    let classes = library::CLASSES;
    let class = classes[random.usize(..classes.len())];
    let arguments = |random: &mut fastrand::Rng, least: usize| {
        let count = least + random.usize(..2);
        let all: Vec<&str> = (0..count).map(|_| ARGUMENTS[random.usize(..ARGUMENTS.len())]).collect();
        all.join(", ")
    };
    let pick = |random: &mut fastrand::Rng, rows: &'static [Method]| rows.get(random.usize(..rows.len().max(1)));
    match random.u32(..4) {
        0 if class.constructor.is_some() => format!("new {}({})", class.name, arguments(random, 0)),
        1 if !class.statics.is_empty() => match pick(random, class.statics) {
            Some(row) => format!("{}.{}({})", class.name, row.name, arguments(random, row.least)),
            None => String::new(),
        },
        2 => class.name.to_owned(),
        _ => match pick(random, class.methods) {
            Some(row) => format!(".{}({})", row.name, arguments(random, row.least)),
            None => String::new(),
        },
    }
}

/// Words, numbers, signs and blanks.
fn pieces(script: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut wordy = false;
    for c in script.chars() {
        let word = c.is_alphanumeric() || c == '_';
        match pieces.last_mut() {
            Some(last) if word && wordy => last.push(c),
            _ => pieces.push(c.to_string()),
        }
        wordy = word;
    }
    pieces
}

/// A stretch from a bracket to its partner, or one piece.
fn balanced(pieces: &[String], from: usize) -> std::ops::Range<usize> {
    let mut depth = 0_i32;
    for (at, piece) in pieces.iter().enumerate().skip(from) {
        match piece.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return from..at + 1;
        }
    }
    from..from + 1
}

fn mutated(random: &mut fastrand::Rng, seeds: &[String]) -> String {
    let pick = |random: &mut fastrand::Rng| pieces(&seeds[random.usize(..seeds.len())]);
    let mut script = pick(random);
    for _ in 0..random.usize(1..6) {
        let other = pick(random);
        if script.is_empty() || other.is_empty() {
            continue;
        }
        let at = random.usize(..script.len());
        let from = random.usize(..other.len());
        match random.u32(..12) {
            0 => _ = script.remove(at),
            1 => script[at].clone_from(&other[from]),
            2 => script.insert(at, other[from].clone()),
            3 => script.truncate(at),
            4 => script.splice(at..at, other[from..(from + 12).min(other.len())].to_vec()).for_each(drop),
            5 => script[at] = ODD[random.usize(..ODD.len())].to_owned(),
            6 | 7 => script.splice(balanced(&script, at), other[balanced(&other, from)].to_vec()).for_each(drop),
            8 | 9 => script.insert(at, dictionary(random)),
            10 => {
                script.push("\n".to_owned());
                script.extend(other);
            }
            _ => {
                let to = random.usize(..script.len());
                script.swap(at, to);
            }
        }
    }
    script.concat()
}

fn host() -> FakeHost {
    let end = Timestamp::from_millis(clock::now().millis() + EACH);
    FakeHost { sandboxed: true, end: Some(end), ..FakeHost::default() }
}

fn fuzz(name: &str, seeds: &[String], run: fn(&str, &mut Bindings<'_>)) {
    let seconds = std::env::var("ROTAMETER_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse::<i64>().ok());
    let end = seconds.map(|seconds| Timestamp::from_millis(clock::now().millis() + seconds * 1000));
    let seed = if seconds.is_some() { fastrand::u64(..) } else { 7 };
    let mut random = fastrand::Rng::with_seed(seed);
    let mut count = 0;
    while end.map_or(count < SHORT, |end| clock::now() < end) {
        count += 1;
        let script = mutated(&mut random, seeds);
        let shown = script.clone();
        if seconds.is_some() {
            // What overflows the stack ends the process without a word.
            std::fs::write(std::env::temp_dir().join(format!("rotameter-fuzz-{name}.txt")), &script).unwrap();
        }
        let (done, ended) = mpsc::channel();
        let work = move || {
            let mut host = host();
            let mut bindings = Bindings::new(&mut host);
            fake_host::bind(&bindings.scope);
            run(&script, &mut bindings);
            drop(bindings);
            _ = done.send(());
        };
        // As little stack as the engine's threads have.
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap();
        match ended.recv_timeout(LATE) {
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("{name}, script {count} of seed {seed} does not end:\n{shown}")
            }
            _ => assert!(thread.join().is_ok(), "{name}, script {count} of seed {seed} panics:\n{shown}"),
        }
    }
}

fn run_core(script: &str, language: core::Language, bindings: &mut Bindings<'_>) {
    let Ok(script) = Script::compile(script, language) else { return };
    if let Ok(value) = script.run(bindings) {
        _ = core::to_text(bindings, &value);
    }
}

fn run_jexl(script: &str, bindings: &mut Bindings<'_>) {
    for dialect in [jexl::Dialect::Jexl2, jexl::Dialect::Jexl3] {
        if let Ok(program) = Jexl::compile(script, dialect)
            && let Ok(value) = program.eval(bindings)
        {
            _ = core::to_text(bindings, &value);
        }
    }
}

#[test]
fn groovy_never_panics() {
    fuzz("groovy", &table_seeds("groovy"), |script, bindings| run_core(script, core::Language::Groovy, bindings));
}

#[test]
fn beanshell_never_panics() {
    fuzz("beanshell", &table_seeds("beanshell"), |script, bindings| {
        run_core(script, core::Language::BeanShell, bindings);
    });
}

#[test]
fn jexl_never_panics() {
    fuzz("jexl", &jexl_seeds(), run_jexl);
}

#[test]
fn javascript_never_panics() {
    fuzz("javascript", &javascript_seeds(), |script, bindings| {
        if let Ok(program) = JavaScript::compile(script) {
            _ = program.eval_to_text(bindings);
        }
    });
}

/// Something of most kinds, and things that their classes make of them.
const VALUES: &str = "[null, true, 'a' as char, 5, -1, 7L, 2.5, 1.5d, 12G, 'text', '', \"g${1}\", [3, 1, 2], [], [a: 1], \
    [1] as Set, 1..3, 'a'..'c', { it }, [1, 2] as int[], 'x'.bytes, 'x'.toCharArray(), ['a'] as String[], new Date(0), \
    new StringBuilder('b'), String, new RuntimeException('r'), ~/a/, 'aa' =~ /a/, [1, 2].iterator(), [1, 2].stream(), \
    Optional.of(1), new Object(), Calendar.instance, new Random(1), UUID.randomUUID(), new StringReader('l'), \
    new StringWriter(), new ByteArrayInputStream('q'.bytes), new ArrayDeque([1]), new TreeMap([b: 2]), Locale.US, \
    new PriorityQueue([2, 1]), java.time.LocalDate.of(2020, 1, 2), java.time.Duration.ofSeconds(3), \
    java.time.ZonedDateTime.now(), java.util.concurrent.TimeUnit.SECONDS, new java.util.concurrent.atomic.AtomicInteger(), \
    new XmlSlurper().parseText('<a b=\"1\"><c/></a>'), new XmlParser().parseText('<a><c/></a>'), \
    new groovy.json.JsonSlurper(), new java.text.SimpleDateFormat('yyyy'), new java.text.DecimalFormat('0.0'), \
    java.security.MessageDigest.getInstance('MD5'), new URI('http://h/p?q'), new java.util.zip.CRC32()]";

type Row<'r> = &'r dyn Fn(&mut Machine<'_>, &[Value]) -> Result<Value, Fault>;

/// Every method, static method and constructor of the tables answers or throws for every number of arguments that its
/// row says it takes, whatever they are.
#[test]
fn every_row_of_the_library_takes_what_it_says() {
    let values = Script::compile(VALUES, core::Language::Groovy).unwrap();
    let mut random = fastrand::Rng::with_seed(11);
    let fresh = || {
        let mut host = host();
        match values.run(&mut Bindings::new(&mut host)).unwrap() {
            Value::List(list) => list.items(),
            _ => panic!("a list"),
        }
    };
    let mut calls = 0;
    let mut call = |what: &str, least: usize, most: usize, work: Row<'_>| {
        let values = fresh();
        for count in least..=most.min(least + 3) {
            for _ in 0..4 {
                let mut host = FakeHost { sandboxed: true, end: Some(clock::now()), ..FakeHost::default() };
                let mut bindings = Bindings::new(&mut host);
                let mut machine = Machine::new(&mut bindings, Dialect::Groovy);
                let arguments: Vec<Value> = (0..count).map(|_| values[random.usize(..values.len())].clone()).collect();
                let shown: Vec<String> = arguments.iter().map(library::simple_class_name).collect();
                let outcome =
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(work(&mut machine, &arguments))));
                assert!(outcome.is_ok(), "{what}({})", shown.join(", "));
                calls += 1;
            }
        }
    };
    // What would end this process, or wait for what never comes.
    let ends = |row: &Method| matches!(row.name, "exit" | "halt" | "sleep" | "wait" | "take" | "join");
    for class in library::CLASSES.iter().chain(library::collection::CLASSES).copied() {
        if let Some(constructor) = &class.constructor {
            call(class.name, constructor.least, constructor.most, &|machine, arguments| class.make(machine, arguments));
        }
        let this = Value::Class(ClassRef::Library(class));
        for row in class.statics.iter().filter(|row| !ends(row)) {
            let what = format!("{}.{}", class.name, row.name);
            call(&what, row.least, row.most, &|machine, arguments| (row.run)(machine, &this, arguments));
        }
    }
    for (at, receiver) in fresh().iter().enumerate().skip(1) {
        let class = library::class_of(receiver);
        for row in rows(library::definition(&class)).into_iter().filter(|row| !ends(row)) {
            let (what, receiver) = (format!("{}.{}", class.name(), row.name), fresh().swap_remove(at));
            call(&what, row.least, row.most, &|machine, arguments| (row.run)(machine, &receiver, arguments));
        }
    }
    assert!(calls > 5000, "{calls}");
}

/// The methods of a class, its own first.
fn rows(class: &'static Class) -> Vec<&'static Method> {
    let mut rows: Vec<&'static Method> = class.methods.iter().collect();
    let mut parents: Vec<&'static Class> = class.parents.to_vec();
    while let Some(parent) = parents.pop() {
        rows.extend(parent.methods);
        parents.extend(parent.parents);
    }
    rows
}
