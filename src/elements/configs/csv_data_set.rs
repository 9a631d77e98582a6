//! CSV Data Set: sets variables from the next record of a file, at the start of each pass of the controller that holds it.

use super::at_start::AtStart;
use super::csv_record;
use super::data_files::{DataFile, DataFiles, Mode, ReadError, Share};
use super::text_reader::TextReader;
use crate::elements::roles::{IterationListener, TestListener, ThreadListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::text::Text;
use crate::virtual_user::{Names, Run, Slot, Thrown, VarRef, VirtualUser};
use std::sync::Arc;

pub(super) const CSV_DATA_SET: Definition = Definition {
    tag: "CSVDataSet",
    menu: "CSV Data Set Config",
    compile: |compile| {
        let element = Arc::new(CsvDataSet::new(compile));
        Some(Role {
            iteration: Some(element.clone()),
            thread: Some(element.clone()),
            test: Some(element),
            ..Role::default()
        })
    },
};

const TARGET: &str = "org.apache.jmeter.config.CSVDataSet";
/// Old plans hold the text that the window showed, in its language (`CSVDataSetResources`).
const SHARE_TEXTS: &[(&str, Share)] = &[
    ("Actual grupo de hilos", Share::Group),
    ("All threads", Share::All),
    ("Bieżąca grupa wątków", Share::Group),
    ("Bieżący wątek", Share::Thread),
    ("Current thread", Share::Thread),
    ("Current thread group", Share::Group),
    ("Grupo de usuários atual", Share::Group),
    ("Groupe d'unités courant", Share::Group),
    ("Hilo actual", Share::Thread),
    ("Todos los hilos", Share::All),
    ("Todos os usuários virtuais", Share::All),
    ("Toutes les unités", Share::All),
    ("Unité courante", Share::Thread),
    ("Usuário virtual atual", Share::Thread),
    ("Wszystkie wątki", Share::All),
    ("모든 쓰레드들", Share::All),
    ("현 쓰레드", Share::Thread),
    ("현 쓰레드 그룹", Share::Group),
];

/// The properties. JMeter takes those that are absent as empty: a file then does not recycle.
struct CsvDataSet {
    name: Expr,
    file: Expr,
    charset: Expr,
    variables: Expr,
    delimiter: Expr,
    share: Expr,
    quoted: BoolExpr,
    recycle: BoolExpr,
    stop_thread: BoolExpr,
    ignore_first_line: BoolExpr,
    /// `csvdataset.eofstring`
    end_of_file: Text,
    settings: AtStart<Settings>,
    source: Slot<Option<Source>>,
    files: Arc<DataFiles>,
}

/// The properties as a user read them.
struct Settings {
    file: Text,
    charset: Text,
    /// `None` when the header has them.
    variables: Option<Arc<[VarRef]>>,
    delimiter: Text,
    share: Share,
    quoted: bool,
    recycle: bool,
    stop_thread: bool,
    ignore_first_line: bool,
}

/// Where a user reads, from its first record on.
struct Source {
    file: Arc<DataFile>,
    variables: Arc<[VarRef]>,
}

impl CsvDataSet {
    fn new(compile: &mut Compile<'_>) -> Self {
        let texts =
            ["filename", "fileEncoding", "variableNames", "delimiter", "shareMode"].map(|key| compile.expr(key));
        let flags = ["quotedData", "recycle", "stopThread", "ignoreFirstLine"].map(|key| compile.flag(key, false));
        let constant = texts.iter().all(|text| text.as_literal().is_some())
            && flags.iter().all(|flag| matches!(flag, BoolExpr::Fixed(_)));
        let [file, charset, variables, delimiter, share] = texts;
        let [quoted, recycle, stop_thread, ignore_first_line] = flags;
        // Names that the plan mentions get their numbers now.
        if let Some(list) = variables.as_literal() {
            for name in csv_record::names(list) {
                compile.variable(name);
            }
        }
        CsvDataSet {
            name: compile.name(),
            file,
            charset,
            variables,
            delimiter,
            share,
            quoted,
            recycle,
            stop_thread,
            ignore_first_line,
            end_of_file: compile.shared.properties.text_or("csvdataset.eofstring", "<EOF>"),
            settings: AtStart::new(compile, constant),
            source: compile.slot(),
            files: compile.common(DataFiles::new),
        }
    }

    fn read_settings(&self, user: &mut VirtualUser) -> Result<Settings, Thrown> {
        let list = self.variables.eval(user)?;
        let delimiter = self.delimiter.eval(user)?;
        Ok(Settings {
            file: Text::from(self.file.eval(user)?.trim()),
            charset: self.charset.eval(user)?,
            variables: (!list.is_empty())
                .then(|| csv_record::names(&list).map(|name| reference(&user.run.names, name)).collect()),
            delimiter: match &*delimiter {
                "\\t" => Text::from("\t"),
                "" => Text::from(","),
                _ => delimiter,
            },
            share: share(&self.share.eval(user)?),
            quoted: self.quoted.eval(user)?,
            recycle: self.recycle.eval(user)?,
            stop_thread: self.stop_thread.eval(user)?,
            ignore_first_line: self.ignore_first_line.eval(user)?,
        })
    }

    fn open(&self, user: &mut VirtualUser, settings: &Settings) -> Result<(), Thrown> {
        if user.slot(self.source).is_some() {
            return Ok(());
        }
        let has_header = settings.variables.is_none() || settings.ignore_first_line;
        let file = self.files.reserve(user, &settings.file, &settings.charset, &settings.share, has_header)?;
        let variables = match &settings.variables {
            Some(variables) => Arc::clone(variables),
            None => header_names(&file.header().unwrap_or_default(), settings, &user.run)?,
        };
        *user.slot(self.source) = Some(Source { file, variables });
        Ok(())
    }

    /// The fields of the next record; none at the end of the file, or where it cannot be read.
    fn next(file: &DataFile, settings: &Settings) -> Result<Vec<Text>, Thrown> {
        let skip_first = settings.variables.is_none() || settings.ignore_first_line;
        let mode = Mode { recycle: settings.recycle, skip_first };
        let fields = if settings.quoted {
            let delimiter = first(&settings.delimiter);
            file.record(mode, delimiter).map(|fields| fields.into_iter().map(Text::from).collect())
        } else {
            file.line(mode).map(|line| {
                let line = line.unwrap_or_default();
                csv_record::split(&line, &settings.delimiter).into_iter().map(Text::from).collect()
            })
        };
        match fields {
            Ok(fields) => Ok(fields),
            Err(ReadError::Thrown(thrown)) => Err(thrown),
            Err(ReadError::Io(error)) => {
                log::error!(target: TARGET, "{error}");
                Ok(Vec::new())
            }
        }
    }

    fn end_of_file(&self, user: &mut VirtualUser, settings: &Settings, variables: &[VarRef]) -> Result<(), Thrown> {
        if settings.stop_thread {
            let name = self.name.eval(user)?;
            return Err(Thrown::stop_thread(format!(
                "End of file:{} detected for CSV DataSet:{name} configured with stopThread:{}, recycle:{}",
                settings.file, settings.stop_thread, settings.recycle
            )));
        }
        for variable in variables {
            user.variables.set_ref(variable, Text::clone(&self.end_of_file));
        }
        Ok(())
    }
}

/// `shareMode`: one of JMeter's keys, the text of a window for one, or a key of the plan's own.
fn share(mode: &str) -> Share {
    match mode {
        "" | "shareMode.all" => Share::All,
        "shareMode.group" => Share::Group,
        "shareMode.thread" => Share::Thread,
        other => SHARE_TEXTS
            .iter()
            .find(|(text, _)| *text == other)
            .map_or_else(|| Share::Key(Text::from(other)), |(_, share)| share.clone()),
    }
}

fn reference(names: &Names, name: &str) -> VarRef {
    names.find(name).map_or_else(|| VarRef::Named(Text::from(name)), VarRef::Numbered)
}

/// Only the first character of a delimiter counts where quotes do.
fn first(delimiter: &str) -> char {
    delimiter.chars().next().unwrap_or(',')
}

fn header_names(header: &str, settings: &Settings, run: &Run) -> Result<Arc<[VarRef]>, Thrown> {
    let fields = TextReader::new(header.as_bytes(), "")
        .and_then(|mut reader| csv_record::quoted(&mut reader, first(&settings.delimiter)));
    match fields {
        Ok(fields) => Ok(fields.iter().map(|name| reference(&run.names, name.trim())).collect()),
        Err(_) => {
            let message = format!("Could not split CSV header line from file:{}", settings.file);
            Err(Thrown::new("java.lang.IllegalArgumentException", message))
        }
    }
}

impl IterationListener for CsvDataSet {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let settings = self.settings.get(user, |user| self.read_settings(user))?;
        self.open(user, &settings)?;
        let Some(source) = user.slot(self.source) else { return Ok(()) };
        let (file, variables) = (Arc::clone(&source.file), Arc::clone(&source.variables));
        let fields = Self::next(&file, &settings)?;
        if fields.is_empty() {
            return self.end_of_file(user, &settings, &variables);
        }
        for (variable, field) in variables.iter().zip(fields) {
            user.variables.set_ref(variable, field);
        }
        Ok(())
    }
}

impl ThreadListener for CsvDataSet {
    fn thread_started(&self, user: &mut VirtualUser) {
        self.settings.start(user, |user| self.read_settings(user));
    }
}

impl TestListener for CsvDataSet {
    fn test_started(&self, _: &Arc<Run>) {
        self.files.close();
    }

    fn test_ended(&self, _: &Run) {
        self.files.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench::Bench;

    fn check(files: &[(&str, &str)], loops: i32, plan: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let bench = Bench::in_folder(loops, plan, folder.path());
        assert_eq!(bench.user(1).live(), expected, "{plan}");
    }

    /// What is expected here was seen in JMeter 5.6.2.
    #[test]
    fn records_become_variables() {
        let two: &[(&str, &str)] = &[("d.csv", "a1,b1\na2,b2\n")];
        let plan = |keys: &str| format!("@CSVDataSet .filename=d.csv {keys}\n${{a}}-${{b}}");
        check(two, 4, &plan(".variableNames=a,b"), "a1-b1 | a2-b2 | <EOF>-<EOF> | <EOF>-<EOF>");
        check(two, 3, &plan(".variableNames=a,b .recycle=true"), "a1-b1 | a2-b2 | a1-b1");
        check(two, 2, &plan(".variableNames=a,b .ignoreFirstLine=true .recycle=true"), "a2-b2 | a2-b2");
        check(two, 1, &plan(".variableNames=,x,,a, .recycle=true"), "b1-${b}");
        check(
            two,
            3,
            &plan(".variableNames=a,b .stopThread=true"),
            "a1-b1 | a2-b2 <org.apache.jorphan.util.JMeterStopThreadException: End of file:d.csv detected for CSV \
             DataSet:CSVDataSet configured with stopThread:true, recycle:false>",
        );
        let blank: &[(&str, &str)] = &[("d.csv", "x,y\n\n\"q\"\"1\",z\n\"\",\nlast")];
        let quoted = plan(".variableNames=a,b .quotedData=true .recycle=true");
        check(blank, 7, &quoted, "x-y | -y | q\"1-z | - | last- | x-y | -y");
        check(blank, 2, &plan(".variableNames=a,b"), "x-y | <EOF>-<EOF>");
        let header: &[(&str, &str)] = &[("d.csv", "a\t b \nv1\tv2\nw1\tw2\n")];
        check(header, 3, &plan(".delimiter=\\t .recycle=true"), "v1-v2 | w1-w2 | v1-v2");
    }

    #[test]
    fn a_missing_file_ends_the_user() {
        let plan = "@CSVDataSet .filename=gone.csv .variableNames=a\n${a}";
        check(&[], 1, plan, "<java.lang.IllegalArgumentException: File gone.csv must exist and be readable>");
        let plan = "@CSVDataSet .filename=empty.csv\n${a}";
        let bench_error = "<java.lang.IllegalArgumentException: Could not read file header line for file empty.csv";
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty.csv"), "").unwrap();
        let bench = Bench::in_folder(1, plan, folder.path());
        assert!(bench.user(1).live().starts_with(bench_error));
    }

    #[test]
    fn the_file_name_is_read_when_the_user_starts() {
        let files: &[(&str, &str)] = &[("${f}", "literal\n"), ("x.csv", "x\n")];
        let plan = "f:=x.csv\n@GenericController\n  @CSVDataSet .filename=${f} .variableNames=a\n  ${a}";
        check(files, 1, plan, "literal");
    }

    #[test]
    fn positions_are_shared_by_key() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("d.csv"), "1\n2\n3\n4\n").unwrap();
        let run = |mode: &str| {
            let plan = format!("@CSVDataSet .filename=d.csv .variableNames=a .shareMode={mode}\n${{a}}");
            let bench = Bench::in_folder(2, &plan, folder.path());
            format!("{} / {}", bench.user(1).live(), bench.user(2).live())
        };
        assert_eq!(run("shareMode.all"), "1 | 2 / 3 | 4");
        assert_eq!(run("shareMode.group"), "1 | 2 / 3 | 4");
        assert_eq!(run("shareMode.thread"), "1 | 2 / 1 | 2");
        assert_eq!(run("mine"), "1 | 2 / 3 | 4");
        let both = |a: &str, b: &str| {
            let set = |mode: &str, name: &str| {
                format!("@CSVDataSet .filename=d.csv .variableNames={name} .shareMode={mode}\n")
            };
            let plan = format!("{}{}${{a}}-${{b}}", set(a, "a"), set(b, "b"));
            Bench::in_folder(1, &plan, folder.path()).user(1).live()
        };
        // The last in the plan reads first.
        assert_eq!(both("x", "x"), "2-1");
        assert_eq!(both("x", "y"), "1-1");
        assert_eq!(both("shareMode.thread", "shareMode.thread"), "2-1");
        assert_eq!(both("", "shareMode.all"), "2-1");
    }

    #[test]
    fn old_texts_of_windows_are_known() {
        assert_eq!(share("Current thread group"), Share::Group);
        assert_eq!(share("Unité courante"), Share::Thread);
        assert_eq!(share("my key"), Share::Key("my key".into()));
    }
}
