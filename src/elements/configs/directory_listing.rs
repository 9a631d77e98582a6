//! Directory Listing Config of the BlazeMeter plugins: sets a variable to the name of the next file of a folder, at the
//! start of each pass. Users end with the list, unless it starts over.

use crate::elements::roles::{IterationListener, TestListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::virtual_user::{Group, Run, Slot, Thrown, VirtualUser};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const DIRECTORY_LISTING: Definition = Definition {
    tag: "com.blazemeter.jmeter.DirectoryListingConfig",
    menu: "bzm - Directory Listing Config",
    compile: |compile| {
        let element = Arc::new(DirectoryListing::new(compile));
        Some(Role { iteration: Some(element.clone()), test: Some(element), ..Role::default() })
    },
};

/// The variable where none is named.
const FILENAME: &str = "filename";

struct DirectoryListing {
    folder: Expr,
    variable: Expr,
    full_path: BoolExpr,
    random_order: BoolExpr,
    recursive: BoolExpr,
    rewinds: BoolExpr,
    own_list: BoolExpr,
    reads_again: BoolExpr,
    shared: Mutex<Option<Listing>>,
    own: Slot<Option<Listing>>,
}

/// The files of a folder, and how far they have been given out.
struct Listing {
    folder: String,
    random_order: bool,
    recursive: bool,
    rewinds: bool,
    reads_again: bool,
    files: Vec<PathBuf>,
    next: usize,
}

impl DirectoryListing {
    fn new(compile: &mut Compile<'_>) -> Self {
        DirectoryListing {
            folder: compile.expr("directory"),
            variable: compile.expr("variableName"),
            full_path: compile.flag("useFullPath", false),
            random_order: compile.flag("randomOrder", false),
            recursive: compile.flag("recursiveListing", false),
            rewinds: compile.flag("rewindOnTheEndOfList", false),
            own_list: compile.flag("independentListPerThread", false),
            reads_again: compile.flag("reReadDirectory", false),
            shared: Mutex::default(),
            own: compile.slot(),
        }
    }

    fn open(&self, user: &mut VirtualUser) -> Result<Listing, Thrown> {
        let folder = match &*self.folder.eval(user)? {
            "" => ".".to_owned(),
            folder => normal(folder),
        };
        let mut listing = Listing {
            folder,
            random_order: self.random_order.eval(user)?,
            recursive: self.recursive.eval(user)?,
            rewinds: self.rewinds.eval(user)?,
            reads_again: self.reads_again.eval(user)?,
            files: Vec::new(),
            next: 0,
        };
        listing.read()?;
        listing.begin(&mut user.random);
        Ok(listing)
    }
}

impl Listing {
    fn read(&mut self) -> Result<(), Thrown> {
        let folder = Path::new(&self.folder);
        if !folder.exists() {
            let message = format!(
                "java.io.FileNotFoundException: Directory does not exists: {}",
                std::path::absolute(folder).unwrap_or_default().display()
            );
            return Err(Thrown::new("java.lang.RuntimeException", message));
        }
        self.files.clear();
        list(folder, self.recursive, &mut self.files);
        Ok(())
    }

    fn begin(&mut self, random: &mut fastrand::Rng) {
        if self.random_order {
            random.shuffle(&mut self.files);
        }
        self.next = 0;
    }

    /// The next file; `None` at the end of a list that does not start over.
    fn next(&mut self, random: &mut fastrand::Rng) -> Result<Option<PathBuf>, Thrown> {
        if self.next >= self.files.len() && self.rewinds {
            if self.reads_again {
                self.read()?;
            }
            self.begin(random);
        }
        let file = self.files.get(self.next).cloned();
        self.next += 1;
        Ok(file)
    }
}

/// Adds the files in a folder, in the file system's order; folders within only when they are to be listed, too.
fn list(folder: &Path, recursive: bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if !path.is_dir() {
            files.push(path);
        } else if recursive {
            list(&path, recursive, files);
        }
    }
}

/// A path as `java.io.File` keeps it: one slash between names, and none at the end.
fn normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !out.ends_with('/') {
            out.push(c);
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    out
}

/// `File.getAbsolutePath()`: dots stay.
fn absolute(path: &Path) -> String {
    if path.is_absolute() {
        return path.to_string_lossy().into_owned();
    }
    let base = std::env::current_dir().unwrap_or_default();
    match path.to_string_lossy() {
        path if path.is_empty() => base.to_string_lossy().into_owned(),
        path => format!("{}/{path}", base.display()),
    }
}

impl TestListener for DirectoryListing {
    fn prepare(&self, run: &Arc<Run>) -> Result<(), Thrown> {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let listing = self.open(&mut user)?;
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(listing);
        Ok(())
    }
}

impl IterationListener for DirectoryListing {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let file = if self.own_list.eval(user)? {
            let mut own = match user.slots.take(self.own) {
                Some(own) => own,
                None => self.open(user)?,
            };
            let file = own.next(&mut user.random);
            *user.slot(self.own) = Some(own);
            file?
        } else {
            match &mut *self.shared.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(shared) => shared.next(&mut user.random)?,
                None => None,
            }
        };
        let Some(file) = file else {
            return Err(Thrown::stop_thread("All files in the directory have been passed."));
        };
        let mut path = absolute(&file);
        if !self.full_path.eval(user)? {
            let folder = self.folder.eval(user)?;
            let root = if Path::new(&*folder).is_absolute() {
                folder.len()
            } else {
                absolute(Path::new(&normal(&folder))).len()
            };
            path = path.get(root..).unwrap_or_default().to_owned();
        }
        let variable = self.variable.eval(user)?;
        user.variables.put(if variable.is_empty() { FILENAME } else { &variable }, path);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::Bench;

    #[test]
    fn paths_are_javas() {
        let all = ["a//b/", "/", "./a/.", "//a", ""].map(super::normal);
        assert_eq!(all, ["a/b", "/", "./a/.", "/a", ""]);
    }

    #[test]
    fn files_in_turn() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        for name in ["a", "b", "sub/c"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let run = |keys: &str, loops: i32| {
            let plan = format!(
                "@com.blazemeter.jmeter.DirectoryListingConfig .directory={root} .variableName=f {keys}\n${{f}}"
            );
            let bench = Bench::new(loops, &plan);
            for listener in &bench.test_listeners {
                listener.prepare(&bench.run).unwrap();
            }
            let mut shown: Vec<String> =
                bench.user(1).live().replace(root, "~").split(" | ").map(str::to_owned).collect();
            shown.sort();
            shown.join(" ")
        };
        assert_eq!(run(".rewindOnTheEndOfList=true", 4), "/a /a /b /b");
        let all = ".recursiveListing=true .useFullPath=true .randomOrder=true .independentListPerThread=true";
        assert_eq!(run(all, 3), "~/a ~/b ~/sub/c");
        let end = "<org.apache.jorphan.util.JMeterStopThreadException: All files in the directory have been passed.>";
        assert!(run("", 3).contains(end));
    }
}
