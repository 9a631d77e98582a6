//! Which scripts may hold up their thread: told from the classes and methods that a script names.

/// Packages whose classes read, write, wait or talk to others.
const PACKAGES: [&str; 6] = [
    "java.io.",
    "java.net.",
    "java.nio.",
    "java.util.concurrent.",
    "org.apache.commons.io.",
    "org.apache.commons.net.",
];
/// Single classes that do.
const CLASSES: [&str; 5] =
    ["java.lang.Process", "java.lang.ProcessBuilder", "java.lang.Runtime", "java.lang.Thread", "java.util.Scanner"];
/// Classes of those packages that only compute.
const HARMLESS: [&str; 7] = [
    "java.io.Serializable",
    "java.net.URI",
    "java.net.URLDecoder",
    "java.net.URLEncoder",
    "java.util.concurrent.ThreadLocalRandom",
    "java.util.concurrent.TimeUnit",
    "org.apache.commons.io.FilenameUtils",
];
/// Methods that wait or run something, whoever has them.
const METHODS: [&str; 13] = [
    "acquire", "await", "eval", "evaluate", "exec", "execute", "include", "lock", "sleep", "source", "tryLock", "wait",
    "waitFor",
];

/// Whether an object of the class of this full name may hold up a thread.
pub(super) fn class(name: &str) -> bool {
    let computes = HARMLESS.contains(&name)
        || name.ends_with("Exception")
        || name.starts_with("java.nio.charset.")
        || name.starts_with("java.util.concurrent.atomic.")
        || name.starts_with("java.util.concurrent.Concurrent");
    !computes && (CLASSES.contains(&name) || PACKAGES.iter().any(|package| name.starts_with(package)))
}

/// Whether a call of this name may: also of a queue's or thread's methods that a list has with other arguments.
pub(super) fn method(name: &str, arguments: usize) -> bool {
    METHODS.contains(&name) || arguments == 0 && matches!(name, "join" | "take" | "readLine" | "getText")
}

#[cfg(test)]
mod tests {
    use crate::script::core::{Language, Script};

    #[test]
    fn what_waits_reads_or_runs_is_told_from_what_computes() {
        let blocks = |script: &str| Script::compile(script, Language::Groovy).unwrap().may_block();
        for script in [
            "sleep(5)",
            "Thread.sleep(5)",
            "new File('a').text",
            "while (true) { }",
            "for (;;) { }",
            "do { } while (x)",
            "'ls'.execute()",
            "props.get('queue').take()",
            "def f = { java.nio.file.Files.exists(it) }",
            "class A { def m(s) { s.acquire() } }",
            "synchronized (props) { props.put('a', 'b') }",
        ] {
            assert!(blocks(script), "{script}");
        }
        for script in [
            "[1, 2].join(',')",
            "[1, 2].take(1)",
            "def clock = 'sleep File while'  // Thread.sleep(1)",
            "for (int i = 0; i < 9; i++) { }",
            "for (x in [1]) { vars.put('a', 'b') }",
            "URLEncoder.encode('a', 'UTF-8')",
            "new java.util.concurrent.atomic.AtomicInteger(1).get()",
            "try { 1 } catch (IOException e) { 2 }",
        ] {
            assert!(!blocks(script), "{script}");
        }
    }
}
