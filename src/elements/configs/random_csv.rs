//! Random CSV Data Set of the BlazeMeter plugins: sets variables from a record of a file at the start of each pass, in
//! any order or in the file's. Users end with the list, unless it starts over.
//!
//! The file is read into memory once, before the run. As in the plugin (0.8) the users of a "list per thread" share one
//! list after all, and a record's place is counted in bytes with characters outside the basic plane taken for two.
//! Other than there, a user that ends does not close the file under the others.

use super::csv_record::{self, Characters};
use super::text_reader::TextReader;
use crate::elements::roles::{IterationListener, TestListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::java::charset::Charset;
use crate::java::random::Random;
use crate::text::Text;
use crate::virtual_user::{Group, Names, Run, Thrown, VarRef, VirtualUser};
use bytes::{Buf, Bytes, buf::Reader};
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(super) const RANDOM_CSV: Definition = Definition {
    tag: "com.blazemeter.jmeter.RandomCSVDataSetConfig",
    menu: "bzm - Random CSV Data Set Config",
    compile: |compile| {
        let element = Arc::new(RandomCsv::new(compile));
        Some(Role { iteration: Some(element.clone()), test: Some(element), ..Role::default() })
    },
};

const TARGET: &str = "com.blazemeter.csv.RandomCSVReader";

struct RandomCsv {
    file: Expr,
    charset: Expr,
    delimiter: Expr,
    variables: Variables,
    random_order: BoolExpr,
    ignore_first_line: BoolExpr,
    rewind: BoolExpr,
    list: OnceLock<List>,
}

/// `variableNames`: the first line of the file has them where this is empty.
enum Variables {
    Fixed(Arc<[VarRef]>),
    Text(Expr),
}

impl RandomCsv {
    fn new(compile: &mut Compile<'_>) -> Self {
        let names = compile.expr("variableNames");
        let variables = match names.as_literal() {
            Some(list) if !list.is_empty() => {
                Variables::Fixed(split(list).map(|name| VarRef::Numbered(compile.variable(name))).collect())
            }
            _ => Variables::Text(names),
        };
        RandomCsv {
            file: compile.expr("filename"),
            charset: compile.expr("fileEncoding"),
            delimiter: compile.expr("delimiter"),
            variables,
            random_order: compile.flag("randomOrder", false),
            ignore_first_line: compile.flag("ignoreFirstLine", false),
            rewind: compile.flag("rewindOnTheEndOfList", false),
            list: OnceLock::new(),
        }
    }

    /// Reads the file. `user` is a stand-in that sees the start variables.
    fn open(&self, user: &mut VirtualUser) -> Result<List, Thrown> {
        let file = self.file.eval(user)?;
        let path = user.run.data_file(&file);
        let charset = self.charset.eval(user)?;
        let delimiter = match &*self.delimiter.eval(user)? {
            "\\t" => '\t',
            other => other.chars().next().unwrap_or(','),
        };
        let has_names = match &self.variables {
            Variables::Fixed(_) => true,
            Variables::Text(names) => !names.eval(user)?.is_empty(),
        };
        let settings = Settings {
            charset,
            delimiter,
            skips_first: self.ignore_first_line.eval(user)? || !has_names,
            is_random: self.random_order.eval(user)?,
            rewinds: self.rewind.eval(user)?,
        };
        log::info!(target: TARGET, "Start reading the file: {}", path.display());
        let list = std::fs::read(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{} ({})", path.display(), reason(&error))))
            .and_then(|data| List::new(Bytes::from(data), settings, &user.run.names))
            .map_err(|error| {
                let message = format!("Cannot initialize RandomCSVReader, because of error: {error}");
                Thrown::new("java.lang.RuntimeException", message)
            })?;
        let count = list.state().places.len();
        log::info!(target: TARGET, "Reading finished. Found {count} records in your csv file");
        Ok(list)
    }
}

/// Why a file cannot be opened, as `FileNotFoundException` has it.
fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "No such file or directory",
        io::ErrorKind::PermissionDenied => "Permission denied",
        io::ErrorKind::IsADirectory => "Is a directory",
        _ => "cannot be read",
    }
}

/// `JOrphanUtils.split(list, ",")`: no empty names, but blanks count.
fn split(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|name| !name.is_empty())
}

fn reference(names: &Names, name: &str) -> VarRef {
    names.find(name).map_or_else(|| VarRef::Named(Text::from(name)), VarRef::Numbered)
}

impl TestListener for RandomCsv {
    fn prepare(&self, run: &Arc<Run>) -> Result<(), Thrown> {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let list = self.open(&mut user)?;
        self.list.get_or_init(|| list);
        Ok(())
    }
}

impl IterationListener for RandomCsv {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let Some(list) = self.list.get() else { return Err(end_of_list()) };
        let fields = list.next()?;
        let variables = match &self.variables {
            Variables::Fixed(variables) => Arc::clone(variables),
            Variables::Text(names) => match &*names.eval(user)? {
                "" => Arc::clone(&list.header),
                names => split(names).map(|name| reference(&user.run.names, name)).collect(),
            },
        };
        for (variable, field) in variables.iter().zip(fields) {
            user.variables.set_ref(variable, field);
        }
        Ok(())
    }
}

fn end_of_list() -> Thrown {
    Thrown::stop_thread("All records in the CSV file have been passed.")
}

/// How a file is read.
struct Settings {
    charset: Text,
    delimiter: char,
    /// The first line is no record.
    skips_first: bool,
    is_random: bool,
    /// The list starts over at its end.
    rewinds: bool,
}

/// A file and what is left of its records.
struct List {
    data: Bytes,
    settings: Settings,
    /// The fields of the first line.
    header: Arc<[VarRef]>,
    state: Mutex<State>,
}

struct State {
    /// Where records begin, in bytes; those before `used` have been given out.
    places: Vec<usize>,
    used: usize,
    order: Order,
}

enum Order {
    Random(Random),
    /// The next record is the next in the file.
    File(TextReader<Reader<Bytes>>),
}

impl List {
    fn new(data: Bytes, settings: Settings, names: &Names) -> io::Result<Self> {
        if settings.charset.is_empty() {
            return Err(io::Error::new(io::ErrorKind::Unsupported, ""));
        }
        let at_start = || TextReader::with_mark(data.clone().reader(), &settings.charset);
        let places = places(at_start()?, data.len(), &settings)?;
        let header = csv_record::quoted(&mut at_start()?, settings.delimiter)?;
        let header = header.iter().map(|name| reference(names, name)).collect();
        let order = order(&data, &settings, &places)?;
        Ok(List { data, settings, header, state: Mutex::new(State { places, used: 0, order }) })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fields of a record that was not given out yet. With an empty list there is none, even where it starts over.
    fn next(&self) -> Result<Vec<String>, Thrown> {
        let cannot = |error: io::Error| {
            let message = format!("Cannot get next record from csv file: {error}");
            Thrown::new("java.lang.RuntimeException", message)
        };
        let mut state = self.state();
        let state = &mut *state;
        if state.used >= state.places.len() {
            if !self.settings.rewinds {
                return Err(end_of_list());
            }
            state.order = order(&self.data, &self.settings, &state.places).map_err(cannot)?;
            state.used = 0;
        }
        match &mut state.order {
            Order::File(reader) => {
                state.used += 1;
                csv_record::quoted(reader, self.settings.delimiter).map_err(cannot)
            }
            Order::Random(random) => {
                let left = state.places.len() - state.used;
                if left == 0 {
                    return Err(Thrown::new("java.lang.IllegalArgumentException", "bound must be positive"));
                }
                let chosen = random.next_int_bound(i32::try_from(left).unwrap_or(i32::MAX));
                state.places.swap(state.used, state.used + usize::try_from(chosen).unwrap_or(0));
                let place = state.places[state.used].min(self.data.len());
                state.used += 1;
                self.record_at(place).map_err(cannot)
            }
        }
    }

    fn record_at(&self, place: usize) -> io::Result<Vec<String>> {
        let mut reader = TextReader::with_mark(self.data.slice(place..).reader(), &self.settings.charset)?;
        csv_record::quoted(&mut reader, self.settings.delimiter)
    }
}

/// A new pass over the list.
fn order(data: &Bytes, settings: &Settings, places: &[usize]) -> io::Result<Order> {
    if settings.is_random {
        return Ok(Order::Random(Random::unseeded()));
    }
    let mut reader = TextReader::with_mark(data.clone().reader(), &settings.charset)?;
    if settings.skips_first {
        // As many UTF-16 units as the first record's place has bytes.
        let mut left = places.first().copied().unwrap_or(0);
        while let Some(c) = reader.peek()?.filter(|c| c.len_utf16() <= left) {
            reader.char()?;
            left -= c.len_utf16();
        }
    }
    Ok(Order::File(reader))
}

/// Where the records of a text of `length` bytes begin.
fn places<R: io::Read>(reader: TextReader<R>, length: usize, settings: &Settings) -> io::Result<Vec<usize>> {
    let mut places = if settings.skips_first { Vec::new() } else { vec![0] };
    let charset = Charset::for_name(settings.charset.trim()).unwrap_or(Charset::UTF_8);
    let mut counted = Counted { reader, charset, place: 0 };
    while counted.place < length {
        csv_record::quoted(&mut counted, settings.delimiter)?;
        if counted.place < length {
            places.push(counted.place);
        }
    }
    Ok(places)
}

/// Counts the bytes of what was read as the plugin's reader does.
struct Counted<R> {
    reader: TextReader<R>,
    charset: Charset,
    place: usize,
}

impl<R: io::Read> Characters for Counted<R> {
    /// The end of the text counts as a byte.
    fn char(&mut self) -> io::Result<Option<char>> {
        let next = self.reader.char()?;
        self.place += match next {
            Some(c) if !c.is_ascii() => self.size(c),
            _ => 1,
        };
        Ok(next)
    }

    /// Only asked behind a CR: the plugin reads on, and where it has to go back forgets how far it was.
    fn peek(&mut self) -> io::Result<Option<char>> {
        let next = self.reader.peek()?;
        if next != Some('\n') {
            self.place = 0;
        }
        Ok(next)
    }
}

impl<R> Counted<R> {
    /// Each UTF-16 unit is encoded by itself; half a character becomes a question mark.
    fn size(&self, c: char) -> usize {
        let mut buffer = [0; 4];
        match c.len_utf16() {
            1 => self.charset.encode(c.encode_utf8(&mut buffer)).len(),
            units => units * self.charset.encode("?").len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench::{compile, element, run_of, shared, user};

    /// The values of `a` and `b` in the passes of one user, until it ends.
    fn passes(data: &[u8], keys: &str, count: usize) -> String {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), data).unwrap();
        let mut shared = shared();
        shared.base_dir = folder.path().to_owned();
        let line = format!("com.blazemeter.jmeter.RandomCSVDataSetConfig .filename=d.csv {keys}");
        let role = compile(&element(&line), &mut shared);
        let run = run_of(shared);
        if let Err(thrown) = role.test.as_ref().unwrap().prepare(&run) {
            return thrown.to_string();
        }
        let mut user = user(&run, &Arc::new(Group::default()), 1);
        let mut shown = Vec::new();
        for _ in 0..count {
            if let Err(thrown) = role.iteration.as_ref().unwrap().iteration_start(&mut user) {
                shown.push(thrown.message_or_null().to_owned());
                break;
            }
            let value = |name| user.variables.get_text(name).unwrap_or_default();
            shown.push(format!("{}-{}", value("a"), value("b")));
        }
        shown.join(" ")
    }

    #[test]
    fn in_the_files_order() {
        let rows = b"1,x\n2,y\n";
        let keys = ".variableNames=a,b .fileEncoding=UTF-8";
        assert_eq!(passes(rows, keys, 3), "1-x 2-y All records in the CSV file have been passed.");
        let keys = ".variableNames=,a,,b .fileEncoding=UTF-8 .rewindOnTheEndOfList=true";
        assert_eq!(passes(rows, keys, 3), "1-x 2-y 1-x");
        assert_eq!(passes(rows, &format!("{keys} .ignoreFirstLine=true"), 2), "2-y 2-y");
        assert_eq!(passes(b"a,b\r\n1,x", ".fileEncoding=UTF-8 .rewindOnTheEndOfList=true", 2), "1-x 1-x");
    }

    #[test]
    fn a_random_pass_has_each_record_once() {
        let rows = "ä,1\nö,日本\n\"a\nb\",x\n";
        let keys = ".variableNames=a,b .fileEncoding=UTF-8 .randomOrder=true .rewindOnTheEndOfList=true";
        let mut seen: Vec<String> = passes(rows.as_bytes(), keys, 6).split(' ').map(str::to_owned).collect();
        seen.sort();
        assert_eq!(seen.join(" "), "a\nb-x a\nb-x ä-1 ä-1 ö-日本 ö-日本");
        let keys = ".variableNames=a .fileEncoding=ISO-8859-1 .randomOrder=true";
        assert_eq!(passes(b"\xE4\n", keys, 2), "ä- All records in the CSV file have been passed.");
    }

    #[test]
    fn what_the_plugin_gets_wrong() {
        let keys = ".variableNames=a .fileEncoding=UTF-8 .ignoreFirstLine=true .rewindOnTheEndOfList=true";
        // One character of the header has two bytes, so one too many is left out.
        assert_eq!(passes("é\n12\n34\n".as_bytes(), keys, 2), "2- 34-");
        assert_eq!(passes(b"a\n", &format!("{keys} .randomOrder=true"), 1), "bound must be positive");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_the_end_of_the_run() {
        let begin = "java.lang.RuntimeException: Cannot initialize RandomCSVReader, because of error: ";
        assert_eq!(passes(b"a", ".variableNames=a", 1), begin);
        let missing = passes(b"a", ".filename=gone.csv .fileEncoding=UTF-8", 1);
        assert!(missing.starts_with(begin) && missing.ends_with("gone.csv (No such file or directory)"), "{missing}");
    }
}
