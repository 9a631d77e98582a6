//! `__FileToString(file, encoding, variable)`: a whole file, read at each call. A file that cannot be read is `**ERR**`.
//! Relative names mean the working directory, never the plan's folder.

use super::{Definition, Function, Store, charset, take, trim};
use crate::expr::Expr;
use crate::java::charset::Charset;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

/// What a file that cannot be read gives.
pub(super) const ERROR_TEXT: &str = "**ERR**";

pub(super) const FILE_TO_STRING: Definition = Definition {
    name: "__FileToString",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [file, encoding, store] = take(arguments);
        Ok(Box::new(Call { file: file.unwrap_or_default(), encoding, store: Store::new(store, scope) }))
    },
    summary: "The text of a file",
};

struct Call {
    file: Expr,
    encoding: Option<Expr>,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let file = self.file.eval(user)?;
        let encoding = match &self.encoding {
            Some(encoding) => encoding.eval(user)?,
            None => Text::default(),
        };
        let text = read(&file, trim(&encoding))?;
        self.store.put(user, &text)?;
        Ok(text)
    }
}

fn read(file: &str, encoding: &str) -> Result<Text, Thrown> {
    const TARGET: &str = "org.apache.jmeter.functions.FileToString";
    if !std::fs::exists(file).unwrap_or(false) {
        log::warn!(target: TARGET, "Could not read open: {file} ");
        return Ok(Text::from(ERROR_TEXT));
    }
    let charset = if encoding.is_empty() { Charset::UTF_8 } else { charset::named(encoding)? };
    Ok(match std::fs::read(file) {
        Ok(bytes) => Text::from(charset.decode(&bytes)),
        Err(error) => {
            log::warn!(target: TARGET, "Could not read file: {file} {error}");
            Text::from(ERROR_TEXT)
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn files_are_read_in_their_encoding() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "one\r\ntwø\n").unwrap();
        std::fs::write(folder.path().join("l.txt"), b"\xe9").unwrap();
        std::fs::write(folder.path().join("u.txt"), b"\xff\xfe\xe9\0").unwrap();
        Bench::default().variable("d", folder.path().to_str().unwrap()).check(&[
            ("${__FileToString(${d}/a.txt,, v )}|${v}", "one\r\ntwø\n|one\r\ntwø\n"),
            ("${__FileToString(${d}/l.txt)}", "\u{fffd}"),
            ("${__FileToString(${d}/l.txt, ISO-8859-1 )}", "é"),
            ("${__FileToString(${d}/l.txt,us-ascii)}", "\u{fffd}"),
            ("${__FileToString(${d}/u.txt,UTF-16)}", "é"),
            ("${__FileToString(${d}/none.txt,nope,w)}|${w}", "**ERR**|**ERR**"),
            ("${__FileToString(${d})}", "**ERR**"),
            ("${__FileToString(${d}/a.txt,nope)}", "!java.nio.charset.UnsupportedCharsetException: nope"),
            ("${__FileToString(${d}/a.txt,a b)}", "!java.nio.charset.IllegalCharsetNameException: a b"),
        ]);
    }
}
