//! Lock File Config of the plugin jpgc-lockfile: a run that finds the file, or one like it, does not begin; else the file
//! is there as long as the run.

use crate::elements::roles::TestListener;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Group, Run, Thrown, VirtualUser};
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const LOCK_FILE: Definition = Definition {
    tag: "kg.apc.jmeter.config.LockFile",
    menu: "jp@gc - Lock File Config",
    compile: |compile| {
        let element =
            LockFile { name: compile.expr("filename"), mask: compile.expr("filemask"), held: Mutex::default() };
        Some(Role { test: Some(Arc::new(element)), ..Role::default() })
    },
};

const TARGET: &str = "kg.apc.jmeter.config.LockFile";

struct LockFile {
    name: Expr,
    mask: Expr,
    /// The file that this run has made.
    held: Mutex<Option<Text>>,
}

impl TestListener for LockFile {
    fn prepare(&self, run: &Arc<Run>) -> Result<(), Thrown> {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let (name, mask) = (self.name.eval(&mut user)?, self.mask.eval(&mut user)?);
        if name.is_empty() {
            log::warn!(target: TARGET, "No lockfile set. Ignore.");
            return Ok(());
        }
        log::info!(target: TARGET, "Checking lockfile at {name}");
        let path = Path::new(&*name);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        log::info!(target: TARGET, "and by wildcard at {}{mask}", std::path::absolute(folder).unwrap_or_default().display());
        if path.exists() {
            return Err(stop(format!("Lock file found: {name}")));
        }
        if !mask.is_empty() && has_like(folder, &mask) {
            return Err(stop(format!("Lock file found by pattern {mask}")));
        }
        log::info!(target: TARGET, "Create lockfile at {name}");
        File::create_new(path).map_err(|error| stop(format!("Could not create lock file: {error}")))?;
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
        Ok(())
    }

    fn test_ended(&self, _: &Run) {
        let Some(name) = self.held.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        log::info!(target: TARGET, "Remove lockfile from {name}");
        if let Err(error) = fs::remove_file(&*name) {
            log::warn!(target: TARGET, "{name} is still there: {error}");
        }
    }
}

/// `JMeterStopTestNowException`
fn stop(message: String) -> Thrown {
    log::error!(target: TARGET, "{message}");
    Thrown::new("org.apache.jorphan.util.JMeterStopTestNowException", message)
}

/// Whether a file in `folder` has a name like `mask`.
fn has_like(folder: &Path, mask: &str) -> bool {
    let mask: Vec<char> = mask.chars().collect();
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name: Vec<char> = entry.file_name().to_string_lossy().chars().collect();
        is_like(&name, &mask)
    })
}

/// Whether `name` is like `mask`, in which `?` stands for a character and `*` for any number of them.
fn is_like(name: &[char], mask: &[char]) -> bool {
    let (mut at, mut in_mask) = (0, 0);
    // Where the last star was, and what it stands for so far.
    let mut star: Option<(usize, usize)> = None;
    while at < name.len() {
        match mask.get(in_mask) {
            Some('*') => {
                star = Some((in_mask, at));
                in_mask += 1;
            }
            Some(c) if *c == '?' || *c == name[at] => (at, in_mask) = (at + 1, in_mask + 1),
            _ => {
                let Some((place, end)) = star else { return false };
                star = Some((place, end + 1));
                (at, in_mask) = (end + 1, place + 1);
            }
        }
    }
    mask[in_mask..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{compiled, element};

    #[test]
    fn wildcards() {
        let like =
            |name: &str, mask: &str| is_like(&name.chars().collect::<Vec<_>>(), &mask.chars().collect::<Vec<_>>());
        for (name, mask) in [("a.lock", "*.lock"), ("a.lock", "?.l*k"), ("", "*"), ("aab", "a*ab"), ("a", "a**")] {
            assert!(like(name, mask), "{name} {mask}");
        }
        for (name, mask) in [("a.lock", "*.loc"), ("ab", "?"), ("", "?"), ("A", "a"), ("aab", "a*abb")] {
            assert!(!like(name, mask), "{name} {mask}");
        }
    }

    #[test]
    fn the_file_lasts_as_long_as_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        let lock = |mask: &str| {
            let (role, user) = compiled(
                &element("kg.apc.jmeter.config.LockFile")
                    .with("filename", path.to_str().unwrap())
                    .with("filemask", mask),
            );
            (role.test.unwrap(), user.run)
        };
        let (first, run) = lock("");
        first.prepare(&run).unwrap();
        assert!(path.exists());
        let (second, other_run) = lock("");
        let error = second.prepare(&other_run).unwrap_err();
        assert_eq!(error.message_or_null(), format!("Lock file found: {}", path.display()));
        second.test_ended(&other_run);
        assert!(path.exists());
        first.test_ended(&run);
        assert!(!path.exists());
        std::fs::write(folder.path().join("other.lock"), "").unwrap();
        let (third, run) = lock("o*.lock");
        assert_eq!(third.prepare(&run).unwrap_err().message_or_null(), "Lock file found by pattern o*.lock");
    }
}
