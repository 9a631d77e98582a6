//! What has no bounds of its own ends in an error of Java's, in both languages.

use super::{Language, Script};
use crate::script::fake_host::{self, FakeHost};
use crate::script::host::Bindings;

/// The class of the exception that a script ends with, or what `catch (Throwable e)` sees; empty when it just ends.
fn ends_with(script: &str, language: Language) -> String {
    ends_before(FakeHost::default(), script, language)
}

fn ends_before(mut host: FakeHost, script: &str, language: Language) -> String {
    let script = Script::compile(script, language).unwrap();
    let mut bindings = Bindings::new(&mut host);
    fake_host::bind(&bindings.scope);
    match script.run(&mut bindings) {
        Ok(_) => String::new(),
        Err(thrown) => match &thrown.exception.cause {
            crate::script::value::Value::Throwable(cause) => cause.class.to_string(),
            _ => thrown.class().to_owned(),
        },
    }
}

fn all_end_with(language: Language, class: &str, scripts: &[&str]) {
    for script in scripts {
        let ended = ends_with(script, language);
        assert_eq!(ended, class, "{script}");
    }
}

const OVERFLOW: &str = "java.lang.StackOverflowError";
const MEMORY: &str = "java.lang.OutOfMemoryError";

#[test]
fn endless_recursion_overflows_the_stack() {
    all_end_with(
        Language::Groovy,
        OVERFLOW,
        &[
            "def f(n) { f(n + 1) }\nf(0)",
            "def c\nc = { c(it) }\nc(1)",
            "class A { def x() { y() }; def y() { x() } }\nnew A().x()",
            "class A { String toString() { \"$this\" } }\nnew A().toString()",
            "class A { def getP() { p2 }; def getP2() { p } }\nnew A().p",
            "def m = [:].withDefault { k -> owner.m[k + 1] }\nbinding.setVariable('m', m)\nm[1]",
            "def f(n) { evaluate('f2()') }\nf2 = { f(1) }\nf(1)",
        ],
    );
    all_end_with(Language::BeanShell, OVERFLOW, &["f(n) { return f(n + 1); } f(0);", "a() { b(); } b() { a(); } a();"]);
}

#[test]
fn values_that_hold_themselves_print_and_hash() {
    for script in
        ["def l = []; l << l; \"$l\"", "def m = [:]; m.m = m; m.toString()", "def l = []; l << l; l.hashCode()"]
    {
        let ended = ends_with(script, Language::Groovy);
        assert!(ended.is_empty() || ended == OVERFLOW, "{script}: {ended}");
    }
}

#[test]
fn chains_of_values_are_let_go_whatever_their_length() {
    for script in [
        "def l = []\nfor (i in 1..300000) { l = [l] }\nl.size()",
        "def m = [:]\nfor (i in 1..300000) { m = [m: m] }\nm.size()",
        "def s = [] as Set\nfor (i in 1..300) { s = [s] as Set }\ns.size()",
        "Object[] a = [1]\nfor (i in 1..300000) { a = [a] as Object[] }\na.length",
        "def s = 'x'\nfor (i in 1..300000) { s = \"$s\" }\ns.length()",
        "class N { def next }\ndef n = null\nfor (i in 1..300000) { n = new N(next: n) }\nn != null",
        "def c = { 1 }\nfor (i in 1..100000) { def d = c; c = [d].asImmutable() }\nc.size()",
    ] {
        assert_eq!(ends_with(script, Language::Groovy), "", "{script}");
    }
    let script =
        "l = new ArrayList(); for (i = 0; i < 300000; i++) { n = new ArrayList(); n.add(l); l = n; } l.size();";
    assert_eq!(ends_with(script, Language::BeanShell), "");
}

#[test]
fn texts_and_arrays_beyond_all_bounds_are_refused() {
    all_end_with(
        Language::Groovy,
        MEMORY,
        &[
            "'x' * 2000000000",
            "'x'.multiply(2000000000)",
            "'x'.repeat(2000000000)",
            "'x'.padLeft(2000000000)",
            "'x'.center(2000000000)",
            "new byte[2147483647]",
            "new String[2147483647]",
            "new int[100000][100000]",
            "[1] * 2000000000",
            "(1..2000000000).toList()",
            "def s = 'x'\nwhile (true) { s = s + s }",
            "def s = 'x'\nwhile (true) { s += s }",
            "def s = 'x'\nwhile (true) { s = \"$s$s\" }",
            "def s = new StringBuilder('x')\nwhile (true) { s.append(s.toString()) }",
            "def l = [1]\nwhile (true) { l = l + l }",
            "def l = [1]\nwhile (true) { l.addAll(l) }",
            "String.format('%2000000000d', 1)",
            "def l = []\nl[2000000000] = 1",
            "Collections.nCopies(2000000000, 'x').join('')",
        ],
    );
    all_end_with(
        Language::BeanShell,
        MEMORY,
        &[
            "new byte[2147483647];",
            "new String[2147483647];",
            "s = \"x\"; while (true) { s = s + s; }",
            "s = new StringBuffer(\"x\"); while (true) { s.append(s.toString()); }",
            "l = new ArrayList(); l.add(\"x\"); while (true) { l.addAll(l); }",
        ],
    );
}

#[test]
fn numbers_beyond_all_bounds_are_refused() {
    all_end_with(
        Language::Groovy,
        MEMORY,
        &[
            "def x = 3G\nwhile (true) { x = x * x }",
            "2 ** 1000000000",
            "1G << 2000000000",
            "3 in 1..1e35",
            "def x = 1.5\nwhile (true) { x = x ** 9999 }",
            "new BigInteger('9' * 9000000)",
        ],
    );
}

#[test]
fn texts_that_grow_with_each_match_are_refused() {
    all_end_with(
        Language::Groovy,
        MEMORY,
        &[
            "def s = 'x' * 100000\ns.replaceAll('x', s)",
            "def s = 'x' * 100000\ns.replace('x', s)",
            "def s = 'x' * 100000\ns.replaceAll('x') { s }",
            "def s = 'x' * 100000\nString.join(s, ['a'] * 100000)",
            "String.format('%1$1000000d' * 100, 1)",
            "def s = 'x' * 100000\norg.apache.commons.lang3.StringUtils.replace(s, 'x', s)",
        ],
    );
}

#[test]
fn lists_that_hold_another_twice_and_that_a_third_twice_are_not_spelled_out() {
    let made = "def l = ['x']\n40.times { l = [l, l] }\n";
    for script in [
        "l.toString()",
        "\"$l\".length()",
        "l.hashCode()",
        "[l] as Set",
        "groovy.json.JsonOutput.toJson(l)",
        "l.inspect()",
    ] {
        assert_eq!(ends_with(&format!("{made}{script}"), Language::Groovy), MEMORY, "{script}");
    }
    let script = "l = new ArrayList(); for (i = 0; i < 40; i++) { n = new ArrayList(); n.add(l); n.add(l); l = n; } l.toString();";
    assert_eq!(ends_with(script, Language::BeanShell), MEMORY);
}

#[test]
fn a_reference_to_itself_overflows_the_stack() {
    for script in [
        "def a = new java.util.concurrent.atomic.AtomicReference()\na.set(a)\na.toString()",
        "def a = new java.util.concurrent.atomic.AtomicReference()\na.set([a])\n\"$a\".length()",
        "def a = new java.util.concurrent.atomic.AtomicReference()\na.set(Optional.of(a))\n[a].hashCode() + a.toString().length()",
    ] {
        assert_eq!(ends_with(script, Language::Groovy), OVERFLOW, "{script}");
    }
    let script = "a = new java.util.concurrent.atomic.AtomicReference(); a.set(a); return \"\" + a;";
    assert_eq!(ends_with(script, Language::BeanShell), OVERFLOW);
}

#[test]
fn a_full_heap_ends_whoever_makes_more() {
    let scripts = [
        (Language::Groovy, "def l = []\nwhile (true) { l << 'x' * 100000 }"),
        (Language::Groovy, "def l = []\nwhile (true) { l << new Object() }"),
        (Language::Groovy, "def l = []\nwhile (true) { try { l << 'x' * 100000 } catch (Exception e) { } }"),
        (Language::BeanShell, "l = new LinkedList(); while (true) { l.add(new byte[100000]); }"),
    ];
    for (language, script) in scripts {
        assert_eq!(ends_before(FakeHost { full: true, ..FakeHost::default() }, script, language), MEMORY, "{script}");
    }
}

#[test]
fn the_end_of_the_run_ends_whatever_a_script_is_at() {
    let ended = || FakeHost { end: Some(crate::clock::now()), ..FakeHost::default() };
    for script in [
        "while (true) { }",
        "while (true) { try { while (true) { } } catch (Throwable t) { } }",
        "try { while (true) { } } finally { while (true) { } }",
        "1.upto(9000000000000L, Math.&abs)",
        "Stream.iterate(1) { it }.forEach { }",
        "def l = (1..1000000).toList()\nfor (;;) l.contains(-1)",
        "class A implements Iterator { boolean hasNext() { true }\n Object next() { 1 } }\nnew A().each { }",
        "new BigInteger('7' * 9000).nextProbablePrime()",
        "def s = 'ab' * 100000\nwhile (true) { s =~ /(a|b|ab)*c/ }",
        "def x\nx = { x.trampoline() }.trampoline()\nx()",
    ] {
        let script = format!("import java.util.stream.Stream\n{script}");
        assert_eq!(ends_before(ended(), &script, Language::Groovy), "java.lang.ThreadDeath", "{script}");
    }
    for script in ["while (true) { try { while (true) { } } catch (Throwable t) { } }", "for (;;) { }"] {
        assert_eq!(ends_before(ended(), script, Language::BeanShell), "java.lang.ThreadDeath", "{script}");
    }
}

#[test]
fn patterns_that_would_try_for_ever_give_up() {
    let text = "a".repeat(40);
    let groovy = [
        format!("'{text}!' ==~ /(a+)+/"),
        format!("('{text}!' =~ /^(a|aa)+$/).find()"),
        format!("'{text}!'.replaceAll(/(a*)*b/, '')"),
        format!("'{text}!'.split(/(a+)+b/).length"),
        format!("java.util.regex.Pattern.compile('(x+x+)+y').matcher('{}').find()", "x".repeat(60)),
        format!("'{text}!' ==~ /(?=(a+)+b)a+/"),
        format!("'{text}!' ==~ /((a+)+)\\1b/"),
    ];
    for script in groovy {
        let begun = crate::clock::now();
        let ended = ends_with(&script, Language::Groovy);
        assert!(ended.is_empty() || ended == OVERFLOW || ended.ends_with("Error"), "{script}: {ended}");
        assert!(crate::clock::now().since(begun).as_secs() < 20, "{script} takes too long");
    }
    let script = format!("java.util.regex.Pattern.matches(\"(a+)+(b\\\\1)?\", \"{text}!\");");
    let ended = ends_with(&script, Language::BeanShell);
    assert!(ended.is_empty() || ended == OVERFLOW, "{ended}");
}

#[test]
fn a_sandboxed_script_reaches_no_files_processes_and_network() {
    let denied = "java.lang.SecurityException";
    let groovy = [
        "new File('/etc/hostname').text",
        "new File('/etc/hostname').exists()",
        "new File('/tmp').listFiles()",
        "new File('/tmp/rotameter-sandbox') << 'x'",
        "new FileReader('/etc/hostname')",
        "new FileWriter('/tmp/rotameter-sandbox')",
        "new FileInputStream('/etc/hostname')",
        "new FileOutputStream('/tmp/rotameter-sandbox')",
        "java.nio.file.Files.readAllLines(java.nio.file.Paths.get('/etc/hostname'))",
        "java.nio.file.Files.write(java.nio.file.Paths.get('/tmp/rotameter-sandbox'), 'x'.bytes)",
        "org.apache.commons.io.FileUtils.readFileToString(new File('/etc/hostname'), 'UTF-8')",
        "File.createTempFile('a', 'b')",
        "new Scanner(new File('/etc/hostname'))",
        "new groovy.json.JsonSlurper().parse(new File('/etc/hostname'))",
        "new XmlSlurper().parse(new File('/etc/hostname'))",
        "'ls'.execute()",
        "['ls', '-l'].execute()",
        "Runtime.getRuntime().exec('ls')",
        "new ProcessBuilder('ls').start()",
        "InetAddress.getByName('127.0.0.1')",
        "new org.apache.commons.net.smtp.SMTPClient().connect('127.0.0.1', 9)",
    ];
    let bean_shell = [
        "new FileReader(\"/etc/hostname\");",
        "new FileWriter(\"/tmp/rotameter-sandbox\");",
        "source(\"/etc/hostname\");",
        "Runtime.getRuntime().exec(\"ls\");",
        "new File(\"/tmp/rotameter-sandbox\").createNewFile();",
    ];
    let of = |language, scripts: &[&str]| {
        for script in scripts {
            let host = FakeHost { sandboxed: true, ..FakeHost::default() };
            assert_eq!(ends_before(host, script, language), denied, "{script}");
        }
    };
    of(Language::Groovy, &groovy);
    of(Language::BeanShell, &bean_shell);
    assert!(!std::path::Path::new("/tmp/rotameter-sandbox").exists());
}
