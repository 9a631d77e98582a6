//! Java's system properties, as far as plans read them.

use std::path::Path;
use std::sync::Arc;

use super::table::{Table, Value};
use crate::text::Text;

/// The system properties (`System.getProperties()`). A clone is another handle to the same table.
#[derive(Debug, Clone, Default)]
pub struct SystemProperties {
    table: Arc<Table>,
}

/// What a Java 17 would say about itself: scripts compare versions.
const JAVA: &[(&str, &str)] = &[
    ("java.class.version", "61.0"),
    ("java.runtime.name", "OpenJDK Runtime Environment"),
    ("java.specification.version", "17"),
    ("java.vendor", "Rotameter"),
    ("java.version", "17.0.15"),
    ("java.vm.name", "OpenJDK 64-Bit Server VM"),
    ("java.vm.specification.version", "17"),
    ("sun.arch.data.model", "64"),
    ("sun.cpu.endian", if cfg!(target_endian = "little") { "little" } else { "big" }),
];

/// What JMeter's start script and its non-GUI mode define.
const JMETER: &[(&str, &str)] =
    &[("JMeter.NonGui", "true"), ("java.awt.headless", "true"), ("user.language", "en"), ("user.region", "EN")];

impl SystemProperties {
    /// What Java and JMeter's start script would define on this machine, for a program started in that folder.
    pub fn of_this_machine(working_directory: &Path) -> Self {
        let system = Self::default();
        for (name, value) in JAVA.iter().chain(JMETER) {
            system.set(*name, *value);
        }
        let windows = cfg!(windows);
        let (user, home) = user();
        let temporary = if cfg!(target_os = "linux") {
            "/tmp".to_owned()
        } else {
            std::env::temp_dir().to_string_lossy().into_owned()
        };
        for (name, value) in [
            ("file.encoding", "UTF-8".to_owned()),
            ("file.separator", std::path::MAIN_SEPARATOR.to_string()),
            ("java.io.tmpdir", temporary),
            ("line.separator", if windows { "\r\n" } else { "\n" }.to_owned()),
            ("native.encoding", "UTF-8".to_owned()),
            ("os.arch", os_arch().to_owned()),
            ("os.name", os_name().to_owned()),
            ("os.version", os_version()),
            ("path.separator", if windows { ";" } else { ":" }.to_owned()),
            ("user.dir", working_directory.to_string_lossy().into_owned()),
            ("user.home", home),
            ("user.name", user),
        ] {
            system.set(name, value);
        }
        system
    }

    /// `getProperty(name)`.
    pub fn get(&self, name: &str) -> Option<Text> {
        self.table.text(name)
    }

    /// `setProperty(name, value)`. Returns what was there before.
    pub fn set(&self, name: impl Into<Text>, value: impl Into<Text>) -> Option<Text> {
        text_of(self.table.put(name.into(), Value::Text(value.into())))
    }

    /// `clearProperty(name)`. Returns what was there.
    pub fn remove(&self, name: &str) -> Option<Text> {
        text_of(self.table.remove(name))
    }

    /// All of them, sorted by name.
    pub fn entries(&self) -> Vec<(Text, Text)> {
        let text = |(name, value): (Text, Value)| Some((name, text_of(Some(value))?));
        self.table.sorted().into_iter().filter_map(text).collect()
    }
}

fn text_of(value: Option<Value>) -> Option<Text> {
    value.and_then(|value| value.as_text().cloned())
}

fn os_name() -> &'static str {
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "Mac OS X",
        "windows" => "Windows",
        "freebsd" => "FreeBSD",
        other => other,
    }
}

fn os_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "i386",
        other => other,
    }
}

fn os_version() -> String {
    // The file is there on Linux only; elsewhere the version stays unknown.
    std::fs::read_to_string("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// Name and home of the user, from the password file as in Java, else from the environment.
fn user() -> (String, String) {
    let uid = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
        line.split_whitespace().next().map(str::to_owned)
    });
    let passwords = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let entry = uid.and_then(|uid| {
        passwords.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields.get(2) == Some(&&*uid))
    });
    let field = |index: usize| entry.as_ref().and_then(|fields| fields.get(index)).map(|field| (*field).to_owned());
    let variable = |names: &[&str]| names.iter().find_map(|name| std::env::var(name).ok());
    let name = field(0).or_else(|| variable(&["USER", "USERNAME"]));
    let home = field(5).or_else(|| variable(&["HOME", "USERPROFILE"]));
    let unknown = || "?".to_owned();
    (name.unwrap_or_else(unknown), home.unwrap_or_else(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_find_what_they_read_from_java() {
        let system = SystemProperties::of_this_machine(Path::new("/some/where"));
        assert_eq!(system.get("user.dir").as_deref(), Some("/some/where"));
        for name in
            ["file.separator", "java.io.tmpdir", "java.version", "line.separator", "os.name", "user.home", "user.name"]
        {
            assert!(system.get(name).is_some_and(|text| !text.is_empty()), "{name}");
        }
    }

    #[test]
    fn what_is_set_can_be_removed() {
        let system = SystemProperties::default();
        assert_eq!(system.set("b", "1"), None);
        assert_eq!(system.set("b", "2").as_deref(), Some("1"));
        system.set("a", "0");
        assert_eq!(system.entries().iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(system.remove("b").as_deref(), Some("2"));
        assert_eq!(system.get("b"), None);
    }
}
