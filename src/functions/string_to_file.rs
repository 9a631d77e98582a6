//! `__StringToFile(file, text, append, encoding)`: writes a text to a file and answers whether that worked. `\n` in the text is
//! a line end. Relative names mean the working directory; folders are not made.

use super::{Definition, Function, charset, take, trim};
use crate::expr::{Expr, java_bool};
use crate::java::charset::Charset;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

pub(super) const STRING_TO_FILE: Definition = Definition {
    name: "__StringToFile",
    arguments: (2, Some(4)),
    compile: |arguments, _| {
        let [file, text, append, encoding] = take(arguments);
        Ok(Box::new(Call { file: file.unwrap_or_default(), text: text.unwrap_or_default(), append, encoding }))
    },
    summary: "Writes a text to a file, at its end or in place of what it holds",
};

const TARGET: &str = "org.apache.jmeter.functions.StringToFile";

struct Call {
    file: Expr,
    text: Expr,
    append: Option<Expr>,
    encoding: Option<Expr>,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let file = self.file.eval(user)?;
        let text = self.text.eval(user)?.replace("\\n", if cfg!(windows) { "\r\n" } else { "\n" });
        let append = match &self.append {
            Some(append) => append.eval(user)?,
            None => Text::default(),
        };
        let append = trim(&append);
        let encoding = match &self.encoding {
            Some(encoding) => encoding.eval(user)?,
            None => Text::default(),
        };
        let written = write(trim(&file), &text, append.is_empty() || java_bool(append), &encoding);
        let texts = &user.run.texts;
        Ok(Text::clone(if written { &texts.yes } else { &texts.no }))
    }
}

fn write(file: &str, text: &str, append: bool, encoding: &str) -> bool {
    let charset = if encoding.is_empty() { Ok(Charset::UTF_8) } else { charset::named(encoding) };
    let charset = match charset {
        Ok(charset) => charset,
        Err(thrown) => {
            log::error!(target: TARGET, "The encoding of file is not supported: {thrown}");
            return false;
        }
    };
    if file.is_empty() {
        log::error!(target: TARGET, "File name '{file}' is empty");
        return false;
    }
    let parent = Path::new(file).parent().filter(|parent| !parent.as_os_str().is_empty());
    if parent.is_some_and(|parent| !parent.is_dir()) {
        log::error!(target: TARGET, "The parent file of {file} doesn't exist or is not writable");
        return false;
    }
    match write_bytes(file, &charset.encode(text), append) {
        Ok(()) => true,
        Err(error) => {
            log::error!(target: TARGET, "The file {file} can't be written to: {error}");
            false
        }
    }
}

/// One write, so that the texts of users who append at the same time do not mix. Two who replace the file take turns.
fn write_bytes(file: &str, bytes: &[u8], append: bool) -> std::io::Result<()> {
    static REPLACING: Mutex<()> = Mutex::new(());
    let mut options = OpenOptions::new();
    options.create(true);
    if append {
        return options.append(true).open(file)?.write_all(bytes);
    }
    let _turn = REPLACING.lock().unwrap_or_else(PoisonError::into_inner);
    options.write(true).truncate(true).open(file)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn texts_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        Bench::default().variable("d", folder.path().to_str().unwrap()).check(&[
            ("${__StringToFile( ${d}/a.txt ,one\\n)}", "true"),
            ("${__StringToFile(${d}/a.txt,é,,ISO-8859-1)}", "true"),
            ("${__StringToFile(${d}/none/a.txt,x)}", "false"),
            ("${__StringToFile(${d},x)}", "false"),
            ("${__StringToFile( ,x)}", "false"),
            ("${__StringToFile(${d}/a.txt,x,true,nope)}", "false"),
        ]);
        assert_eq!(std::fs::read(&path).unwrap(), b"one\n\xe9");
        Bench::default().variable("d", folder.path().to_str().unwrap()).check(&[
            ("${__StringToFile(${d}/a.txt,new, FALSE )}", "true"),
            ("${__StringToFile(${d}/a.txt,er, True ,)}", "true"),
        ]);
        assert_eq!(std::fs::read(&path).unwrap(), b"newer");
    }
}
