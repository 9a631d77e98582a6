//! What parses, what does not, and with which words.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use super::{parse, parse_partly, thrown};
use crate::script::core::tree::{ExpressionKind, StatementKind};
use proptest::prelude::*;

/// Scripts that are BeanShell.
const GOOD: &[&str] = &[
    "",
    ";",
    "x = 1",
    "int x = 1, y = 2; long z;",
    "int[] a = {1, 2,}; int[][] b = new int[][] {{1}, {2}}; c = new int[2][3][];",
    "for (int i = 0, j = 1; i < 3; i++, j--) { } for (;;) break; for (x : xs) ; for (String s : xs) { continue; }",
    "if (a) b(); else if (c) d(); else { }",
    "try { } catch (e) { } catch (java.io.IOException e) { } finally { }",
    "switch (x) { case 1: case 'a': f(); break; default: }",
    "do x++; while (x < 3); while (true) { break outer; }",
    "f(a, int b, String[] c) { return a; } int g() { } public static void h() throws A, b.C { }",
    "import java.util.*; import static java.lang.Math.*; import *; package a.b",
    "class A extends B implements C, d.E { int x = 1; A(int x) { this.x = x; } static { f(); } int get() { return x; } }",
    "new Runnable() { public void run() { } }.run();",
    "x = a @gt b @and c @lteq d @or e @bitwise_and f @left_shift 2; x @left_shift_assign 1;",
    "String s = \"a\\tb\\\"\\101\\\\\"; char c = '\\''; d = '\\u0041';",
    "x = (int) 1.5; y = (String) o; z = (int[]) o; w = (x) + 1;",
    "c = String.class; d = int.class; e = String[].class; f = x.y.class;",
    "a = b{\"name\"}; b{\"n\"} = 1; this.x = super.y; global.z = 1;",
    "/** formal */ // line\n /* block */ x = 0x7fffffff + 017 + 1L + 1.5f + .5 + 1e3d;",
    "#!/usr/bin/bsh\nx = 1;",
    "synchronized (x) { } outer: for (;;) { break outer; }",
    "x = a ? b : c ? d : e; x = y = z; x += y -= 1; b = !a && ~c == -d; b = x instanceof java.util.List;",
    "void",
];

/// Scripts that are none, and the messages of the real engine.
const BAD: &[(&str, &str)] = &[
    ("int x = (1 + ;", "In file: inline evaluation of: ``int x = (1 + ;'' Encountered \";\" at line 1, column 14.\n"),
    ("if (true) {", "In file: inline evaluation of: ``if (true) {;'' Encountered \"<EOF>\" at line 1, column 12.\n"),
    ("foo(1 + );", "In file: inline evaluation of: ``foo(1 + );'' Encountered \"( 1 + )\" at line 1, column 4.\n"),
    (
        "print(foo(1 + ));",
        "In file: inline evaluation of: ``print(foo(1 + ));'' Encountered \"( foo ( 1 + )\" at line 1, column 6.\n",
    ),
    (
        "\"a\".foo(1 + );",
        "In file: inline evaluation of: ``\"a\".foo(1 + );'' Encountered \")\" at line 1, column 13.\n",
    ),
    ("x = 99999999999;", "Parse error at line 1, column 5 : Error or number too big for integer type: 99999999999"),
    (
        "String s = \"abc;",
        "Sourced file: inline evaluation of: ``String s = \"abc;'' Token Parsing Error: Lexical error at line 1, column 17.  \
         Encountered: <EOF> after : \"\\\"abc;\"",
    ),
    (
        "x = 'ab';",
        "Sourced file: inline evaluation of: ``x = 'ab';'' Token Parsing Error: Lexical error at line 1, column 7.  \
         Encountered: \"b\" (98), after : \"\\'a\"",
    ),
    (
        "x = 3 # 4;",
        "Sourced file: inline evaluation of: ``x = 3 # 4;'' Token Parsing Error: Lexical error at line 1, column 8.  \
         Encountered: \" \" (32), after : \"#\"",
    ),
    (
        "String s = \"a\nb\";",
        "Sourced file: inline evaluation of: ``String s = \"a b\";'' Token Parsing Error: Lexical error at line 1, \
         column 14.  Encountered: \"\\n\" (10), after : \"\\\"a\"",
    ),
    ("x = 1\ny = 2", "In file: inline evaluation of: ``x = 1 y = 2;'' Encountered \"y\" at line 2, column 1.\n"),
    (
        "if (x == 1 { y = 2; }",
        "In file: inline evaluation of: ``if (x == 1 { y = 2; };'' Encountered \";\" at line 1, column 19.\n",
    ),
    (
        "vars.put(\"a\" \"b\");",
        "In file: inline evaluation of: ``vars.put(\"a\" \"b\");'' Encountered \"( \\\"a\\\" \\\"b\\\"\" at line 1, column 9.\n",
    ),
    ("int a[] = x;", "In file: inline evaluation of: ``int a[] = x;'' Encountered \"[\" at line 1, column 6.\n"),
    ("/* open", "In file: inline evaluation of: ``/* open;'' Encountered \"/\" at line 1, column 1.\n"),
    ("int i = 09;", "In file: inline evaluation of: ``int i = 09;'' Encountered \"9\" at line 1, column 10.\n"),
    ("public static public int x = 3;", "Parse error at line 1, column 15 : Duplicate modifier: public"),
    ("abstract int x = 5;", "Parse error at line 1, column 1 : Variable cannot be declared 'abstract'"),
    ("try { }", "In file: inline evaluation of: ``try { };'' Encountered \";\" at line 1, column 8.\n"),
    ("else { }", "In file: inline evaluation of: ``else { };'' Encountered \"else\" at line 1, column 1.\n"),
];

#[test]
fn scripts_are_read() {
    for script in GOOD {
        assert!(parse(script).is_ok(), "{script}: {:?}", parse(script));
    }
}

#[test]
fn mistakes_are_told_in_the_engines_words() {
    for (script, message) in BAD {
        let error = parse(script).unwrap_err();
        assert_eq!(thrown(&error, script).message(), Some(*message), "{script}");
    }
}

#[test]
fn long_scripts_are_shown_by_their_first_eighty_units() {
    let script = format!("x = \"{}\" + ;", "a".repeat(90));
    let shown = super::error::shown(&script);
    assert_eq!(shown, format!("x = \"{} . . . ", "a".repeat(75)));
}

#[test]
fn what_stands_before_a_mistake_is_kept() {
    let (program, error) = parse_partly("a = 1; b = 2; c = ;");
    assert_eq!(program.body.len(), 2);
    assert!(error.is_some());
}

#[test]
fn operators_bind_as_in_java() {
    let program = parse("a + b * c - d").unwrap();
    let StatementKind::Expression(whole) = &program.body[0].kind else { panic!("no expression") };
    let ExpressionKind::Binary(_, left, _) = &*whole.kind else { panic!("no operation") };
    let ExpressionKind::Binary(_, _, right) = &*left.kind else { panic!("no sum") };
    assert!(matches!(&*right.kind, ExpressionKind::Binary(..)));
}

#[test]
fn depth_is_bounded() {
    for nested in ["(", "{", "!", "- ", "f(", "a[", "if (x) ", "x = ", "x ? y : ", "new A() { f() {", "(int) ", "x{"] {
        assert!(parse(&nested.repeat(20_000)).is_err(), "{nested}");
    }
    assert!(parse(&format!("x{}", " + 1".repeat(20_000))).is_err());
    assert!(parse(&format!("x{}", ".a".repeat(20_000))).is_err());
}

#[test]
fn time_is_linear() {
    for repeated in ["/* ", "if (x) y(); else ", "f(a, b); ", "for (a : b) ", "\"x\" ", "'", "\\u0041", "a.b.c = 1; "] {
        _ = parse(&repeated.repeat(50_000));
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        _ = parse(&text);
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "x", "int", "(", ")", "{", "}", "[", "]", ";", ",", ".", "=", "+", "++", "?", ":", "new", "class", "for", "if",
        "else", "try", "catch", "return", "1", "\"s\"", "'c'", "static", "import", "*", "/**", "*/", "switch", "case",
        "instanceof", "void", "this", "\\u00", "\n", "\"", "@gt", "@",
    ]), 0..60)) {
        _ = parse(&words.join(" "));
    }
}
