//! Open data files and their read positions (`org.apache.jmeter.services.FileServer`). Elements that read under the same
//! key read on from each other; a file is locked only while one record is read.

use super::csv_record;
use super::text_reader::TextReader;
use crate::text::Text;
use crate::virtual_user::{Group, Run, Slot, SlotAllocator, Thrown, VirtualUser};
use ahash::AHashMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who reads on from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Share {
    /// All users of the run.
    All,
    /// The users of a group.
    Group,
    /// Nobody.
    Thread,
    /// All that name the same key.
    Key(Text),
}

/// The data files of a plan.
pub(super) struct DataFiles {
    shared: Mutex<AHashMap<Key, Arc<DataFile>>>,
    /// Files that only one user reads; they are closed when it ends.
    own: Slot<Vec<(Text, Arc<DataFile>)>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    name: Text,
    by: Text,
    group: Option<GroupKey>,
}

/// A started group, kept alive so that no other one takes its place in memory.
struct GroupKey(Arc<Group>);

impl PartialEq for GroupKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for GroupKey {}

impl std::hash::Hash for GroupKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

/// One read position in a file.
pub(super) struct DataFile {
    path: PathBuf,
    charset: Text,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reader: Option<TextReader<File>>,
    header: Option<Text>,
    /// Why there is no header although one was asked for.
    problem: Option<String>,
}

/// How an element reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    /// Begin again at the end.
    pub recycle: bool,
    /// The first line is no record.
    pub skip_first: bool,
}

/// Why a record could not be read.
pub(super) enum ReadError {
    /// There is no such file: the user ends.
    Thrown(Thrown),
    /// It counts as the end of the file.
    Io(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::Io(error)
    }
}

impl DataFiles {
    pub fn new(slots: &mut SlotAllocator) -> Self {
        DataFiles { shared: Mutex::default(), own: slots.slot() }
    }

    /// Closes all files that users share.
    pub fn close(&self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The position that `user` reads from; whoever comes first says in which charset, and whether the first line is a
    /// header.
    pub fn reserve(
        &self,
        user: &mut VirtualUser,
        name: &Text,
        charset: &Text,
        share: &Share,
        has_header: bool,
    ) -> Result<Arc<DataFile>, Thrown> {
        if name.is_empty() {
            return Err(illegal_argument("Filename must not be null or empty"));
        }
        let run = Arc::clone(&user.run);
        let open = || {
            log::info!(target: "org.apache.jmeter.services.FileServer", "Stored: {name}");
            let file = DataFile::new(&run, name, charset);
            if has_header {
                file.read_header();
            }
            Arc::new(file)
        };
        let file = match share {
            Share::Thread => {
                let own = user.slot(self.own);
                match own.iter().find(|(known, _)| known == name) {
                    Some((_, file)) => Arc::clone(file),
                    None => {
                        let file = open();
                        own.push((Text::clone(name), Arc::clone(&file)));
                        file
                    }
                }
            }
            share => {
                let (by, group) = match share {
                    Share::Group => (Text::default(), Some(GroupKey(Arc::clone(&user.group)))),
                    Share::Key(key) => (Text::clone(key), None),
                    Share::All | Share::Thread => (Text::default(), None),
                };
                let key = Key { name: Text::clone(name), by, group };
                let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(shared.entry(key).or_insert_with(open))
            }
        };
        if has_header {
            let state = file.state();
            if state.header.is_none() {
                let cause = state.problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default();
                return Err(illegal_argument(&format!("Could not read file header line for file {name}{cause}")));
            }
        }
        Ok(file)
    }
}

impl DataFile {
    fn new(run: &Run, name: &str, charset: &Text) -> Self {
        DataFile { path: run.data_file(name), charset: Text::clone(charset), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<TextReader<File>, ReadError> {
        let unreadable = || {
            let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            ReadError::Thrown(illegal_argument(&format!("File {name} must exist and be readable")))
        };
        if !self.path.is_file() {
            return Err(unreadable());
        }
        let file = File::open(&self.path).map_err(|_| unreadable())?;
        Ok(TextReader::new(file, &self.charset)?)
    }

    fn read_header(&self) {
        let header = self.line(Mode { recycle: false, skip_first: false });
        let mut state = self.state();
        match header {
            Ok(Some(line)) => state.header = Some(Text::from(line)),
            Ok(None) => {
                state.problem = Some(format!("java.io.EOFException: File is empty: {}", self.path.display()));
            }
            Err(ReadError::Io(error)) => state.problem = Some(error.to_string()),
            Err(ReadError::Thrown(thrown)) => state.problem = Some(thrown.to_string()),
        }
    }

    /// The header line, where one was asked for.
    pub fn header(&self) -> Option<Text> {
        self.state().header.clone()
    }

    /// The next line, `None` at the end.
    pub fn line(&self, mode: Mode) -> Result<Option<String>, ReadError> {
        let mut state = self.state();
        let reader = match &mut state.reader {
            Some(reader) => reader,
            empty => empty.insert(self.open()?),
        };
        if let Some(line) = reader.line()? {
            return Ok(Some(line));
        }
        if !mode.recycle {
            return Ok(None);
        }
        let reader = state.reader.insert(self.open()?);
        if mode.skip_first {
            reader.line()?;
        }
        Ok(reader.line()?)
    }

    /// The fields of the next record with quotes; none at the end.
    pub fn record(&self, mode: Mode, delimiter: char) -> Result<Vec<String>, ReadError> {
        let mut state = self.state();
        let at_end = match &mut state.reader {
            Some(reader) => mode.recycle && reader.peek()?.is_none(),
            None => true,
        };
        if at_end {
            let reader = state.reader.insert(self.open()?);
            if mode.skip_first {
                reader.line()?;
            }
        }
        match &mut state.reader {
            Some(reader) => Ok(csv_record::quoted(reader, delimiter)?),
            None => Ok(Vec::new()),
        }
    }
}

/// `java.lang.IllegalArgumentException`
fn illegal_argument(message: &str) -> Thrown {
    Thrown::new("java.lang.IllegalArgumentException", message)
}
