//! `java.io.File`, `java.nio.file.Files`, `Path` and `Paths`, and what Groovy adds to files.

use super::codec::byte_array;
use super::enumeration::{ENUM, constants};
use super::io::{
    Reader, allow_files, array, byte_stream, encoded, file_writer, io_error, open_file, os_text, read_file,
};
use super::string::{decode, lines};
use super::string_groovy::each_line;
use super::{ANY, Answer, Class, Fault, Method, arguments, groovy, java, list, object, takes};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, groovy_text, java_text};
use std::fs::Metadata;
use std::io::Write;
use std::path::{Component, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// `java.io.File`.
pub static FILE: Class = Class {
    constructor: takes(1, 2, |_, _, args| {
        let text = match args {
            [path] => path_text(path)?,
            [Value::Null, child] => path_text(child)?,
            [parent, child] => joined(&path_text(parent)?, &path_text(child)?),
            _ => return Err(Fault::Mismatch),
        };
        Ok(file(&text))
    }),
    statics: &[java("createTempFile", 2, 3, |machine, _, args| {
        allow_files(machine)?;
        let prefix = arguments::text(args, 0)?;
        if prefix.chars().count() < 3 {
            let message = format!("Prefix string \"{prefix}\" too short: length must be at least 3");
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
        }
        let suffix = if args[1].is_null() { ".tmp".into() } else { arguments::text(args, 1)? };
        let directory = args.get(2).map(path_text).transpose()?;
        let directory = directory.unwrap_or_else(|| std::env::temp_dir().to_string_lossy().into_owned());
        let path = joined(&directory, &format!("{prefix}{}{suffix}", fastrand::u64(..)));
        open_file(machine, &path, true)?;
        Ok(file(&path))
    })],
    constants: &[
        ("pathSeparator", || ":".into()),
        ("pathSeparatorChar", || Value::Char(u16::from(b':'))),
        ("separator", || "/".into()),
        ("separatorChar", || Value::Char(u16::from(b'/'))),
    ],
    methods: FILE_METHODS,
    ..Class::named("java.io.File", &[&GROOVY_FILE, &object::COMPARABLE])
};

/// `java.nio.file.Path`.
pub static PATH: Class = Class {
    statics: &[java("of", 1, ANY, |_, _, args| path_of(args))],
    methods: PATH_METHODS,
    ..Class::named("sun.nio.fs.UnixPath", &[&GROOVY_FILE, &object::COMPARABLE])
};

/// `java.nio.file.Path` as scripts name it.
pub static PATH_NAME: Class = Class {
    statics: &[java("of", 1, ANY, |_, _, args| path_of(args))],
    ..Class::interface("java.nio.file.Path", &[&object::OBJECT])
};

/// `java.nio.file.Paths`.
pub static PATHS: Class = Class {
    statics: &[java("get", 1, ANY, |_, _, args| path_of(args))],
    ..Class::named("java.nio.file.Paths", &[&object::OBJECT])
};

/// `java.nio.file.StandardOpenOption`.
pub static STANDARD_OPEN_OPTION: Class = Class {
    constants: constants!(STANDARD_OPEN_OPTION: 0 "READ", 1 "WRITE", 2 "APPEND", 3 "TRUNCATE_EXISTING", 4 "CREATE",
        5 "CREATE_NEW", 6 "DELETE_ON_CLOSE", 7 "SPARSE", 8 "SYNC", 9 "DSYNC"),
    ..Class::named("java.nio.file.StandardOpenOption", &[&ENUM])
};

/// `java.nio.file.StandardCopyOption`.
pub static STANDARD_COPY_OPTION: Class = Class {
    constants: constants!(STANDARD_COPY_OPTION: 0 "REPLACE_EXISTING", 1 "COPY_ATTRIBUTES", 2 "ATOMIC_MOVE"),
    ..Class::named("java.nio.file.StandardCopyOption", &[&ENUM])
};

/// A `File` or `Path`.
#[derive(Debug)]
pub struct File {
    class: &'static Class,
    path: String,
}

impl Object for File {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        self.path.clone()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<File>(other)
            .is_ok_and(|other| other.path == self.path && std::ptr::eq(other.class, self.class))
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(&self.path) ^ 0x0012_d591)
    }

    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        arguments::object::<File>(other).ok().map(|other| self.path.cmp(&other.path))
    }
}

/// A path without doubled and trailing slashes, as `File` keeps it.
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

fn joined(parent: &str, child: &str) -> String {
    if parent.is_empty() { normal(&format!("/{child}")) } else { normal(&format!("{parent}/{child}")) }
}

/// A `File`.
pub(crate) fn file(path: &str) -> Value {
    Value::object(File { class: &FILE, path: normal(path) })
}

fn path(path: &str) -> Value {
    Value::object(File { class: &PATH, path: normal(path) })
}

fn path_of(args: &[Value]) -> Answer {
    let parts: Vec<String> = match args {
        [first, Value::Array(rest)] => {
            std::iter::once(groovy_text(first)).chain(rest.items().iter().map(groovy_text)).collect()
        }
        _ => args.iter().map(groovy_text).collect(),
    };
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(path(&parts.join("/")))
}

/// The path that a text, `File`, `Path` or file URL names.
pub(crate) fn path_text(value: &Value) -> Result<String, Fault> {
    if value.is_null() {
        return Err(Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null).into());
    }
    if let Some(text) = arguments::text_of(value) {
        return Ok(text.into_owned());
    }
    if let Ok(file) = arguments::object::<File>(value) {
        return Ok(file.path.clone());
    }
    let text = java_text(value);
    match text.strip_prefix("file:") {
        Some(path) => Ok(path.to_owned()),
        None => Err(Fault::Mismatch),
    }
}

fn of(this: &Value) -> Result<&str, Fault> {
    Ok(&arguments::object::<File>(this)?.path)
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let directory = std::env::current_dir().unwrap_or_default();
    normal(&format!("{}/{path}", directory.to_string_lossy()))
}

/// Without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut out = PathBuf::new();
    for part in std::path::Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some_and(|name| name != "..") => _ = out.pop(),
            part => out.push(part),
        }
    }
    out.to_string_lossy().into_owned()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn parent(path: &str) -> Option<&str> {
    match path.rfind('/') {
        Some(0) if path.len() > 1 => Some("/"),
        Some(0) | None => None,
        Some(at) => Some(&path[..at]),
    }
}

fn metadata(machine: &Machine<'_>, this: &Value) -> Result<Option<Metadata>, Fault> {
    allow_files(machine)?;
    Ok(std::fs::metadata(of(this)?).ok())
}

fn succeeded(result: std::io::Result<()>) -> Answer {
    Ok(result.is_ok().into())
}

fn children(machine: &Machine<'_>, directory: &str) -> Result<Option<Vec<String>>, Fault> {
    /// Names that one directory may have.
    const MOST: usize = 1 << 20;
    allow_files(machine)?;
    let Ok(entries) = std::fs::read_dir(directory) else { return Ok(None) };
    let name = |entry: std::io::Result<std::fs::DirEntry>| Some(entry.ok()?.file_name().to_string_lossy().into_owned());
    Ok(Some(entries.filter_map(name).take(MOST).collect()))
}

static FILE_METHODS: &[Method] = &[
    java("canExecute", 0, 0, |machine, this, _| Ok(metadata(machine, this)?.is_some().into())),
    java("canRead", 0, 0, |machine, this, _| {
        allow_files(machine)?;
        Ok(std::fs::File::open(of(this)?).is_ok().into())
    }),
    java("canWrite", 0, 0, |machine, this, _| {
        Ok(metadata(machine, this)?.is_some_and(|metadata| !metadata.permissions().readonly()).into())
    }),
    java("compareTo", 1, 1, |_, this, args| Ok(super::string::compare_as_java(of(this)?, of(&args[0])?).into())),
    java("createNewFile", 0, 0, |machine, this, _| {
        allow_files(machine)?;
        match std::fs::OpenOptions::new().write(true).create_new(true).open(of(this)?) {
            Ok(_) => Ok(true.into()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false.into()),
            Err(error) => Err(io_error(&error)),
        }
    }),
    java("delete", 0, 0, |machine, this, _| {
        let directory = metadata(machine, this)?.is_some_and(|metadata| metadata.is_dir());
        succeeded(if directory { std::fs::remove_dir(of(this)?) } else { std::fs::remove_file(of(this)?) })
    }),
    java("deleteOnExit", 0, 0, |_, _, _| Ok(Value::Null)),
    java("exists", 0, 0, |machine, this, _| Ok(metadata(machine, this)?.is_some().into())),
    java("getAbsoluteFile", 0, 0, |_, this, _| Ok(file(&absolute(of(this)?)))),
    java("getAbsolutePath", 0, 0, |_, this, _| Ok(absolute(of(this)?).into())),
    java("getCanonicalFile", 0, 0, |_, this, _| Ok(file(&without_dots(&absolute(of(this)?))))),
    java("getCanonicalPath", 0, 0, |_, this, _| Ok(without_dots(&absolute(of(this)?)).into())),
    java("getName", 0, 0, |_, this, _| Ok(name(of(this)?).into())),
    java("getParent", 0, 0, |_, this, _| Ok(parent(of(this)?).into())),
    java("getParentFile", 0, 0, |_, this, _| Ok(parent(of(this)?).map(file).unwrap_or_default())),
    java("getPath", 0, 0, |_, this, _| Ok(of(this)?.into())),
    java("isAbsolute", 0, 0, |_, this, _| Ok(of(this)?.starts_with('/').into())),
    java("isDirectory", 0, 0, |machine, this, _| {
        Ok(metadata(machine, this)?.is_some_and(|found| found.is_dir()).into())
    }),
    java("isFile", 0, 0, |machine, this, _| Ok(metadata(machine, this)?.is_some_and(|found| found.is_file()).into())),
    java("isHidden", 0, 0, |_, this, _| Ok(name(of(this)?).starts_with('.').into())),
    java("lastModified", 0, 0, |machine, this, _| {
        let modified = metadata(machine, this)?.and_then(|metadata| metadata.modified().ok());
        let since = modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
        Ok(since.map_or(0, |since| since.as_millis() as i64).into())
    }),
    java(
        "length",
        0,
        0,
        |machine, this, _| Ok((metadata(machine, this)?.map_or(0, |found| found.len()) as i64).into()),
    ),
    java("list", 0, 0, |machine, this, _| {
        let names = children(machine, of(this)?)?;
        Ok(names
            .map(|names| array("java.lang.String", names.into_iter().map(Value::from).collect()))
            .unwrap_or_default())
    }),
    java("listFiles", 0, 1, |machine, this, args| {
        let own = of(this)?.to_owned();
        let Some(names) = children(machine, &own)? else { return Ok(Value::Null) };
        let mut files = Vec::new();
        for child in names {
            let found = file(&joined(&own, &child));
            let wanted = match args.first() {
                Some(filter @ Value::Closure(closure)) => {
                    let both = [file(&own), child.into()];
                    let arguments = if closure.parameters() > 1 { &both[..] } else { std::slice::from_ref(&found) };
                    matches!(machine.call(filter, arguments)?, Value::Boolean(true))
                }
                _ => true,
            };
            if wanted {
                files.push(found);
            }
        }
        Ok(array("java.io.File", files))
    }),
    java("mkdir", 0, 0, |machine, this, _| {
        allow_files(machine)?;
        succeeded(std::fs::create_dir(of(this)?))
    }),
    java("mkdirs", 0, 0, |machine, this, _| {
        if metadata(machine, this)?.is_some() {
            return Ok(false.into());
        }
        succeeded(std::fs::create_dir_all(of(this)?))
    }),
    java("renameTo", 1, 1, |machine, this, args| {
        allow_files(machine)?;
        succeeded(std::fs::rename(of(this)?, of(&args[0])?))
    }),
    java("setExecutable", 1, 2, |_, _, _| Ok(true.into())),
    java("setLastModified", 1, 1, |machine, this, args| {
        allow_files(machine)?;
        let moment: SystemTime = UNIX_EPOCH + std::time::Duration::from_millis(arguments::long(args, 0)?.max(0) as u64);
        succeeded(std::fs::File::options().write(true).open(of(this)?).and_then(|file| file.set_modified(moment)))
    }),
    java("setReadable", 1, 2, |_, _, _| Ok(true.into())),
    java("setWritable", 1, 2, |_, _, _| Ok(true.into())),
    java("toPath", 0, 0, |_, this, _| Ok(path(of(this)?))),
    java("toURI", 0, 0, |machine, this, _| {
        let mut text = format!("file:{}", absolute(of(this)?));
        if metadata(machine, this)?.is_some_and(|found| found.is_dir()) {
            text.push('/');
        }
        Ok(machine.call_method(&text.into(), "toURI", &[])?)
    }),
];

static PATH_METHODS: &[Method] = &[
    java("endsWith", 1, 1, |_, this, args| {
        let (own, end) = (of(this)?, path_text(&args[0])?);
        Ok(std::path::Path::new(own).ends_with(end).into())
    }),
    java("getFileName", 0, 0, |_, this, _| Ok(path(name(of(this)?)))),
    java("getNameCount", 0, 0, |_, this, _| {
        Ok((of(this)?.split('/').filter(|part| !part.is_empty()).count() as i32).into())
    }),
    java("getParent", 0, 0, |_, this, _| Ok(parent(of(this)?).map(path).unwrap_or_default())),
    java("isAbsolute", 0, 0, |_, this, _| Ok(of(this)?.starts_with('/').into())),
    java("normalize", 0, 0, |_, this, _| Ok(path(&without_dots(of(this)?)))),
    java("resolve", 1, 1, |_, this, args| {
        let other = path_text(&args[0])?;
        Ok(path(&if other.starts_with('/') { other } else { format!("{}/{other}", of(this)?) }))
    }),
    java("startsWith", 1, 1, |_, this, args| {
        let (own, start) = (of(this)?, path_text(&args[0])?);
        Ok(std::path::Path::new(own).starts_with(start).into())
    }),
    java("toAbsolutePath", 0, 0, |_, this, _| Ok(path(&absolute(of(this)?)))),
    java("toFile", 0, 0, |_, this, _| Ok(file(of(this)?))),
];

/// What Groovy adds to `File` and `Path`.
static GROOVY_FILE: Class = Class { methods: GROOVY_METHODS, ..Class::named("java.io.File", &[&object::OBJECT]) };

/// Reads a file as text.
fn text_of(machine: &mut Machine<'_>, this: &Value, named: Option<&Value>) -> Result<String, Fault> {
    decode(&read_file(machine, of(this)?)?, named)
}

/// Writes a text at the start or at the end of a file.
fn put(machine: &mut Machine<'_>, path: &str, bytes: &[u8], append: bool) -> Result<(), Fault> {
    open_file(machine, path, append)?.write_all(bytes).map_err(|error| io_error(&error))
}

fn bytes_to_write(machine: &mut Machine<'_>, value: &Value, named: Option<&Value>) -> Result<Vec<u8>, Fault> {
    match value {
        Value::Array(array) if array.to_bytes().is_some() => Ok(array.to_bytes().unwrap_or_default()),
        Value::Object(_) if arguments::object::<Reader>(value).is_ok() => {
            Ok(arguments::object::<Reader>(value)?.rest()?.into_bytes())
        }
        _ => encoded(&machine.text(value)?, named),
    }
}

fn append(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let bytes = bytes_to_write(machine, &args[0], args.get(1))?;
    put(machine, of(this)?, &bytes, true)?;
    Ok(this.clone())
}

/// Hands a new writer to a closure and closes it.
fn with_writer(machine: &mut Machine<'_>, this: &Value, args: &[Value], append: bool) -> Answer {
    let class = "java.io.BufferedWriter";
    let writer = file_writer(class, open_file(machine, of(this)?, append)?, args.first().filter(|_| args.len() > 1))?;
    let result = machine.call(arguments::closure(args, args.len() - 1)?, std::slice::from_ref(&writer));
    machine.call_method(&writer, "close", &[])?;
    Ok(result?)
}

/// Calls a closure with each file of a directory, deeper ones too if wanted.
fn each_file(machine: &mut Machine<'_>, directory: &str, closure: &Value, which: Which, depth: u32) -> Answer {
    /// Directories within directories.
    const DEEPEST: u32 = 64;
    let Some(names) = children(machine, directory)? else {
        return Err(Thrown::new("java.io.FileNotFoundException", absolute(directory)).into());
    };
    for child in names {
        let path = joined(directory, &child);
        let is_directory = std::fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        let wanted = match which {
            Which::All | Which::AllDeep => true,
            Which::Files | Which::FilesDeep => !is_directory,
            Which::Directories => is_directory,
        };
        if wanted {
            machine.call(closure, &[file(&path)])?;
        }
        if is_directory && matches!(which, Which::AllDeep | Which::FilesDeep) && depth < DEEPEST {
            each_file(machine, &path, closure, which, depth + 1)?;
        }
    }
    Ok(Value::Null)
}

#[derive(Debug, Clone, Copy)]
enum Which {
    All,
    AllDeep,
    Files,
    FilesDeep,
    Directories,
}

/// `groovy.io.FileType`.
pub static FILE_TYPE: Class = Class {
    constants: constants!(FILE_TYPE: 0 "FILES", 1 "DIRECTORIES", 2 "ANY"),
    ..Class::named("groovy.io.FileType", &[&ENUM])
};

fn each_of(machine: &mut Machine<'_>, this: &Value, args: &[Value], deep: bool) -> Answer {
    let kind = if args.len() > 1 { super::enumeration::ordinal(&args[0], &FILE_TYPE)? } else { 2 };
    let which = match (kind, deep) {
        (0, false) => Which::Files,
        (0, true) => Which::FilesDeep,
        (1, _) => Which::Directories,
        (_, false) => Which::All,
        (_, true) => Which::AllDeep,
    };
    let directory = of(this)?.to_owned();
    each_file(machine, &directory, arguments::closure(args, args.len() - 1)?, which, 0)
}

static GROOVY_METHODS: &[Method] =
    &[
        groovy("append", 1, 2, append),
        groovy("asWritable", 0, 1, |_, this, _| Ok(this.clone())),
        groovy("deleteDir", 0, 0, |machine, this, _| {
            allow_files(machine)?;
            succeeded(std::fs::remove_dir_all(of(this)?))
        }),
        groovy("directorySize", 0, 0, |machine, this, _| {
            let names = children(machine, of(this)?)?.unwrap_or_default();
            let length =
                |name: &String| std::fs::metadata(joined(of(this).unwrap_or_default(), name)).map_or(0, |m| m.len());
            Ok((names.iter().map(length).sum::<u64>() as i64).into())
        }),
        groovy("eachDir", 1, 1, |machine, this, args| {
            let directory = of(this)?.to_owned();
            each_file(machine, &directory, &args[0], Which::Directories, 0)
        }),
        groovy("eachFile", 1, 2, |machine, this, args| each_of(machine, this, args, false)),
        groovy("eachFileMatch", 2, 2, |machine, this, args| {
            let directory = of(this)?.to_owned();
            for child in children(machine, &directory)?.unwrap_or_default() {
                let matched = machine.call_method(&args[0], "isCase", &[child.as_str().into()])?;
                if matches!(matched, Value::Boolean(true)) {
                    machine.call(&args[1], &[file(&joined(&directory, &child))])?;
                }
            }
            Ok(Value::Null)
        }),
        groovy("eachFileRecurse", 1, 2, |machine, this, args| each_of(machine, this, args, true)),
        groovy("eachLine", 1, 3, |machine, this, args| {
            let named = args.first().filter(|first| arguments::text_of(first).is_some());
            let first =
                args[..args.len() - 1].iter().find_map(|arg| if let Value::Int(n) = arg { Some(*n) } else { None });
            let text = text_of(machine, this, named)?;
            let lines: Vec<String> = lines(&text).map(str::to_owned).collect();
            each_line(machine, lines, arguments::closure(args, args.len() - 1)?, first.unwrap_or(1))
        }),
        groovy("getBytes", 0, 0, |machine, this, _| Ok(byte_array(&read_file(machine, of(this)?)?))),
        groovy("getText", 0, 1, |machine, this, args| Ok(text_of(machine, this, args.first())?.into())),
        groovy("leftShift", 1, 1, append),
        groovy("newInputStream", 0, 0, |machine, this, _| {
            Ok(byte_stream("java.io.BufferedInputStream", read_file(machine, of(this)?)?))
        }),
        groovy("newOutputStream", 0, 0, |machine, this, _| {
            file_writer("java.io.BufferedOutputStream", open_file(machine, of(this)?, false)?, None)
        }),
        groovy("newPrintWriter", 0, 1, |machine, this, args| {
            file_writer("java.io.PrintWriter", open_file(machine, of(this)?, false)?, args.first())
        }),
        groovy("newReader", 0, 1, |machine, this, args| {
            Ok(Value::object(Reader::new("java.io.BufferedReader", text_of(machine, this, args.first())?)))
        }),
        groovy("newWriter", 0, 2, |machine, this, args| {
            let append = args.iter().any(|arg| matches!(arg, Value::Boolean(true)));
            let named = args.iter().find(|arg| arguments::text_of(arg).is_some());
            file_writer("java.io.BufferedWriter", open_file(machine, of(this)?, append)?, named)
        }),
        groovy("readBytes", 0, 0, |machine, this, _| Ok(byte_array(&read_file(machine, of(this)?)?))),
        groovy("readLines", 0, 1, |machine, this, args| {
            let text = text_of(machine, this, args.first())?;
            Ok(Value::list(lines(&text).map(Value::from).collect()))
        }),
        groovy("setBytes", 1, 1, |machine, this, args| {
            put(machine, of(this)?, &arguments::bytes(args, 0)?, false)?;
            Ok(Value::Null)
        }),
        groovy("setText", 1, 2, write),
        groovy("size", 0, 0, |machine, this, _| {
            Ok((metadata(machine, this)?.map_or(0, |found| found.len()) as i64).into())
        }),
        groovy("splitEachLine", 2, 2, |machine, this, args| {
            let text = Value::from(text_of(machine, this, None)?);
            Ok(machine.call_method(&text, "splitEachLine", args)?)
        }),
        groovy("traverse", 1, 1, |machine, this, args| each_of(machine, this, args, true)),
        groovy("withInputStream", 1, 1, |machine, this, args| {
            let stream = byte_stream("java.io.BufferedInputStream", read_file(machine, of(this)?)?);
            Ok(machine.call(&args[0], &[stream])?)
        }),
        groovy("withOutputStream", 1, 1, |machine, this, args| with_writer(machine, this, args, false)),
        groovy("withPrintWriter", 1, 2, |machine, this, args| with_writer(machine, this, args, false)),
        groovy("withReader", 1, 2, |machine, this, args| {
            let text = text_of(machine, this, args.first().filter(|_| args.len() > 1))?;
            let reader = Value::object(Reader::new("java.io.BufferedReader", text));
            Ok(machine.call(arguments::closure(args, args.len() - 1)?, &[reader])?)
        }),
        groovy("withWriter", 1, 2, |machine, this, args| with_writer(machine, this, args, false)),
        groovy("withWriterAppend", 1, 2, |machine, this, args| with_writer(machine, this, args, true)),
        groovy("write", 1, 2, write),
    ];

fn write(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let bytes = bytes_to_write(machine, &args[0], args.get(1))?;
    put(machine, of(this)?, &bytes, false)?;
    Ok(Value::Null)
}

/// `java.nio.file.attribute.FileAttribute`: what new files get, which is left to the system.
pub static FILE_ATTRIBUTE: Class = Class::interface("java.nio.file.attribute.FileAttribute", &[&object::OBJECT]);

/// `java.nio.file.Files`.
pub static FILES: Class = Class { statics: FILES_STATICS, ..Class::named("java.nio.file.Files", &[&object::OBJECT]) };

/// The exceptions of `Files` have the path as their message.
fn nio_error(path: &str, error: &std::io::Error) -> Fault {
    let (class, message) = match error.kind() {
        std::io::ErrorKind::NotFound => ("java.nio.file.NoSuchFileException", path.to_owned()),
        std::io::ErrorKind::AlreadyExists => ("java.nio.file.FileAlreadyExistsException", path.to_owned()),
        std::io::ErrorKind::PermissionDenied => ("java.nio.file.AccessDeniedException", path.to_owned()),
        std::io::ErrorKind::DirectoryNotEmpty => ("java.nio.file.DirectoryNotEmptyException", path.to_owned()),
        _ => ("java.nio.file.FileSystemException", format!("{path}: {}", os_text(error))),
    };
    Thrown::new(class, message).into()
}

fn nio_read(machine: &Machine<'_>, args: &[Value]) -> Result<Vec<u8>, Fault> {
    allow_files(machine)?;
    let path = path_text(&args[0])?;
    std::fs::metadata(&path).map_err(|error| nio_error(&path, &error))?;
    read_file(machine, &path)
}

/// Whether an open option is among the arguments.
fn option(args: &[Value], wanted: usize) -> bool {
    args.iter().any(|arg| match arg {
        Value::Array(options) => options.items().iter().any(|item| option(std::slice::from_ref(item), wanted)),
        other => super::enumeration::ordinal(other, &STANDARD_OPEN_OPTION).is_ok_and(|ordinal| ordinal == wanted),
    })
}

fn nio_write(machine: &mut Machine<'_>, args: &[Value], bytes: &[u8]) -> Answer {
    allow_files(machine)?;
    let path = path_text(&args[0])?;
    let (append, create_new) = (option(args, 2), option(args, 5));
    let create =
        !args.iter().any(|arg| super::enumeration::ordinal(arg, &STANDARD_OPEN_OPTION).is_ok()) || option(args, 4);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).append(append).create(create).create_new(create_new);
    options.truncate(!append && !create_new && (option(args, 3) || !option(args, 4) && !option(args, 1)));
    let mut opened = options.open(&path).map_err(|error| nio_error(&path, &error))?;
    opened.write_all(bytes).map_err(|error| io_error(&error))?;
    Ok(args[0].clone())
}

fn found(machine: &Machine<'_>, args: &[Value]) -> Result<Option<Metadata>, Fault> {
    allow_files(machine)?;
    Ok(std::fs::metadata(path_text(&args[0])?).ok())
}

static FILES_STATICS: &[Method] = &[
    java("copy", 2, ANY, |machine, _, args| {
        allow_files(machine)?;
        let (from, to) = (path_text(&args[0])?, path_text(&args[1])?);
        if args.len() == 2 && std::fs::metadata(&to).is_ok() {
            return Err(Thrown::new("java.nio.file.FileAlreadyExistsException", to).into());
        }
        std::fs::copy(&from, to).map_err(|error| nio_error(&from, &error))?;
        Ok(args[1].clone())
    }),
    java("createDirectories", 1, ANY, |machine, _, args| {
        allow_files(machine)?;
        let path = path_text(&args[0])?;
        std::fs::create_dir_all(&path).map_err(|error| nio_error(&path, &error))?;
        Ok(args[0].clone())
    }),
    java("createDirectory", 1, ANY, |machine, _, args| {
        allow_files(machine)?;
        let path = path_text(&args[0])?;
        std::fs::create_dir(&path).map_err(|error| nio_error(&path, &error))?;
        Ok(args[0].clone())
    }),
    java("createFile", 1, ANY, |machine, _, args| {
        allow_files(machine)?;
        let path = path_text(&args[0])?;
        let created = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
        created.map_err(|error| nio_error(&path, &error))?;
        Ok(args[0].clone())
    }),
    java("delete", 1, 1, |machine, _, args| {
        let directory = found(machine, args)?.is_some_and(|found| found.is_dir());
        let target = path_text(&args[0])?;
        let done = if directory { std::fs::remove_dir(&target) } else { std::fs::remove_file(&target) };
        done.map_err(|error| nio_error(&target, &error))?;
        Ok(Value::Null)
    }),
    java("deleteIfExists", 1, 1, |machine, _, args| {
        let Some(metadata) = found(machine, args)? else { return Ok(false.into()) };
        let target = path_text(&args[0])?;
        let done = if metadata.is_dir() { std::fs::remove_dir(&target) } else { std::fs::remove_file(&target) };
        done.map_err(|error| nio_error(&target, &error))?;
        Ok(true.into())
    }),
    java("exists", 1, ANY, |machine, _, args| Ok(found(machine, args)?.is_some().into())),
    java("isDirectory", 1, ANY, |machine, _, args| {
        Ok(found(machine, args)?.is_some_and(|found| found.is_dir()).into())
    }),
    java("isRegularFile", 1, ANY, |machine, _, args| {
        Ok(found(machine, args)?.is_some_and(|found| found.is_file()).into())
    }),
    java("lines", 1, 2, |machine, _, args| {
        let text = decode(&nio_read(machine, args)?, args.get(1))?;
        Ok(machine.call_method(&Value::list(lines(&text).map(Value::from).collect()), "stream", &[])?)
    }),
    java("list", 1, 1, |machine, _, args| {
        let directory = path_text(&args[0])?;
        let names = children(machine, &directory)?;
        let names = names.ok_or_else(|| Thrown::new("java.nio.file.NoSuchFileException", &directory))?;
        let paths = names.iter().map(|name| path(&joined(&directory, name))).collect();
        Ok(machine.call_method(&Value::list(paths), "stream", &[])?)
    }),
    java("move", 2, ANY, |machine, _, args| {
        allow_files(machine)?;
        let (from, to) = (path_text(&args[0])?, path_text(&args[1])?);
        std::fs::rename(&from, to).map_err(|error| nio_error(&from, &error))?;
        Ok(args[1].clone())
    }),
    java("newBufferedReader", 1, 2, |machine, _, args| {
        Ok(Value::object(Reader::new("java.io.BufferedReader", decode(&nio_read(machine, args)?, args.get(1))?)))
    }),
    java("newBufferedWriter", 1, ANY, |machine, _, args| {
        file_writer("java.io.BufferedWriter", open_file(machine, &path_text(&args[0])?, option(args, 2))?, None)
    }),
    java("notExists", 1, ANY, |machine, _, args| Ok(found(machine, args)?.is_none().into())),
    java("readAllBytes", 1, 1, |machine, _, args| Ok(byte_array(&nio_read(machine, args)?))),
    java("readAllLines", 1, 2, |machine, _, args| {
        let text = decode(&nio_read(machine, args)?, args.get(1))?;
        Ok(Value::list(lines(&text).map(Value::from).collect()))
    }),
    java("readString", 1, 2, |machine, _, args| Ok(decode(&nio_read(machine, args)?, args.get(1))?.into())),
    java("size", 1, 1, |machine, _, args| match found(machine, args)? {
        Some(found) => Ok((found.len() as i64).into()),
        None => Err(Thrown::new("java.nio.file.NoSuchFileException", path_text(&args[0])?).into()),
    }),
    java("write", 2, ANY, |machine, _, args| {
        let bytes = match &args[1] {
            Value::Array(array) if array.to_bytes().is_some() => array.to_bytes().unwrap_or_default(),
            items => {
                let mut text = String::new();
                for item in list::items(items)? {
                    text += &machine.text(&item)?;
                    text.push('\n');
                }
                text.into_bytes()
            }
        };
        nio_write(machine, args, &bytes)
    }),
    java("writeString", 2, ANY, |machine, _, args| {
        let text = machine.text(&args[1])?;
        nio_write(machine, args, text.as_bytes())
    }),
];
