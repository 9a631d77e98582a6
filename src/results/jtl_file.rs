//! One result file: opened or gone on with as JMeter does, written in whole rows, never the end of a run.

use super::jtl_csv::{CsvFormat, TimestampFormatter};
use super::jtl_xml::{END_TAG, SHORTEST_FILE, XmlFormat};
use super::save_config::SaveConfig;
use super::sink::{Compression, Sink};
use super::{SampleEvent, WriteError};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const LOGGER: &str = "org.apache.jmeter.reporters.ResultCollector";

/// Rows are handed to the operating system in pieces of about this many bytes.
const PIECE: usize = 64 * 1024;

/// While a file cannot be written, this many bytes of rows are kept for the moment when it can be again.
const KEPT_WHILE_FAILING: usize = 8 * 1024 * 1024;

/// How samples look in a file.
pub(super) enum Format {
    Csv(Box<CsvFormat>),
    Xml(Box<XmlFormat>),
}

impl Format {
    pub(super) fn new(save: &SaveConfig, formatter: Option<TimestampFormatter>) -> Format {
        if save.xml {
            Format::Xml(Box::new(XmlFormat::new(save)))
        } else {
            Format::Csv(Box::new(CsvFormat::new(save, formatter)))
        }
    }
}

/// A file that is being written.
pub(super) struct JtlFile {
    path: PathBuf,
    sink: Sink,
    /// The first listener of a file decides how it begins and ends.
    ends_as_xml: bool,
    /// Whole rows that the operating system does not have yet.
    buffer: Vec<u8>,
    rows_in_buffer: u64,
    rows: u64,
    rows_lost: u64,
    /// The first error, whether it was told, and whether the last attempt failed too.
    error: Option<io::Error>,
    told: bool,
    failing: bool,
    /// The sink may keep bytes of rows that were written to it.
    kept: bool,
}

impl JtlFile {
    /// Opens a file and writes what it begins with, or goes on behind what is there: in CSV without another header, in
    /// XML over the closing tag. XML that does not end with that tag is overwritten.
    pub(super) fn open(path: &Path, format: &Format) -> io::Result<JtlFile> {
        let compression = Compression::of(path);
        let has_content = fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
        let goes_on = match format {
            Format::Csv(_) => path.exists(),
            Format::Xml(_) if compression == Compression::None => cut_end_tag(path)?,
            Format::Xml(_) if has_content => {
                let why = "compressed XML cannot be gone on with; -f deletes it, another name keeps it";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
            }
            Format::Xml(_) => false,
        };
        if goes_on && has_content {
            compression.check_complete(path)?;
        }
        let mut options = OpenOptions::new();
        if goes_on {
            options.append(true);
        } else {
            options.write(true).create(true).truncate(true);
        }
        let mut file = JtlFile {
            path: path.to_owned(),
            sink: Sink::new(options.open(path)?, compression)?,
            ends_as_xml: matches!(format, Format::Xml(_)),
            buffer: Vec::with_capacity(2 * PIECE),
            rows_in_buffer: 0,
            rows: 0,
            rows_lost: 0,
            error: None,
            told: false,
            failing: false,
            kept: false,
        };
        if !goes_on {
            match format {
                Format::Csv(csv) => csv.write_header(&mut file.buffer),
                Format::Xml(xml) => xml.write_header(&mut file.buffer),
            }
            file.sink.write_all(&file.buffer)?;
            file.sink.flush()?;
            file.buffer.clear();
        }
        Ok(file)
    }

    /// Adds a sample's rows.
    pub(super) fn write(&mut self, event: &SampleEvent, format: &Format) {
        self.append(|buffer| match format {
            Format::Csv(csv) => csv.write_event(event, buffer),
            Format::Xml(xml) => {
                xml.write_event(event, buffer);
                1
            }
        });
    }

    /// Adds a row that is written already.
    pub(super) fn write_row(&mut self, row: &[u8]) {
        self.append(|buffer| {
            buffer.extend_from_slice(row);
            1
        });
    }

    /// Adds rows, which `write` appends and counts.
    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>) -> u64) {
        let before = self.buffer.len();
        let rows = write(&mut self.buffer);
        self.rows += rows;
        self.rows_in_buffer += rows;
        if self.failing {
            if self.buffer.len() > KEPT_WHILE_FAILING {
                self.buffer.truncate(before);
                self.rows_in_buffer -= rows;
                self.rows_lost += rows;
            }
        } else if self.buffer.len() >= PIECE {
            self.hand_on(Until::Compressed);
        }
    }

    /// Whether there are rows that a crash would lose.
    pub(super) fn is_dirty(&self) -> bool {
        !self.buffer.is_empty() || self.kept
    }

    /// Hands all rows to the operating system. After a failure they are kept and tried again with the next call.
    pub(super) fn flush(&mut self) {
        self.hand_on(Until::Written);
    }

    fn hand_on(&mut self, until: Until) {
        let mut written = 0;
        while written < self.buffer.len() {
            match self.sink.write(&self.buffer[written..]) {
                Ok(0) => return self.failed(written, io::ErrorKind::WriteZero.into()),
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.failed(written, error),
            }
            self.kept = self.sink.keeps();
        }
        if self.kept && until == Until::Compressed {
            // What fills the compressor waits for the next flush: one after each piece would make the file larger.
            self.buffer.clear();
            return;
        }
        if let Err(error) = self.sink.flush() {
            return self.failed(written, error);
        }
        self.kept = false;
        self.buffer.clear();
        self.rows_in_buffer = 0;
        if self.failing {
            self.failing = false;
            log::info!(target: LOGGER, "{} can be written again", self.path.display());
        }
    }

    /// What went wrong first, for people, once.
    pub(super) fn trouble(&mut self) -> Option<String> {
        let error = self.error.as_ref().filter(|_| !self.told)?;
        self.told = true;
        Some(format!("cannot write results to {} for now: {error}", self.path.display()))
    }

    /// The full error goes to the log once; the run's outcome remembers it.
    fn failed(&mut self, written: usize, error: io::Error) {
        self.buffer.drain(..written);
        self.failing = true;
        if self.error.is_none() {
            log::error!(target: LOGGER, "Cannot write results to {}: {error}", self.path.display());
            self.error = Some(error);
        }
    }

    /// Ends the file. Returns the number of rows that were written, and what went wrong.
    pub(super) fn close(mut self) -> (u64, Option<WriteError>) {
        if self.ends_as_xml {
            XmlFormat::write_footer(&mut self.buffer);
        }
        self.flush();
        if let Err(error) = self.sink.finish() {
            self.failed(0, error);
        }
        self.rows_lost += self.rows_in_buffer;
        let rows_lost = self.rows_lost;
        let error = self.error.map(|error| WriteError { path: self.path, error, rows_lost });
        (self.rows - rows_lost, error)
    }
}

/// How far rows are handed on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To the compressor at least.
    Compressed,
    /// To the operating system.
    Written,
}

/// Cuts `</testResults>` and what follows it off an XML file; says whether it was there
/// (`ResultCollector.trimLastLine`). It is looked for in the last 24 bytes.
fn cut_end_tag(path: &Path) -> io::Result<bool> {
    const SEARCHED: u64 = END_TAG.len() as u64 + 10;
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    if length < SHORTEST_FILE {
        return Ok(false);
    }
    let from = length - SEARCHED;
    let mut tail = Vec::with_capacity(SEARCHED as usize);
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut tail)?;
    match memchr::memmem::find(&tail, END_TAG.as_bytes()) {
        Some(at) => {
            file.set_len(from + at as u64)?;
            Ok(true)
        }
        None => {
            log::warn!(target: LOGGER, "Unexpected EOF trying to find XML end marker in {}", path.display());
            Ok(false)
        }
    }
}

/// The one name of a file, however its path is spelt, and its folder made if it was missing.
pub(super) fn canonical(path: &Path) -> io::Result<PathBuf> {
    if let Ok(known) = fs::canonicalize(path) {
        return Ok(known);
    }
    let Some(name) = path.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        log::info!(target: LOGGER, "Folder at {} was created", folder.display());
    }
    Ok(fs::canonicalize(folder)?.join(name))
}

/// Deletes a result file of an earlier run. Devices and pipes stay.
pub(super) fn delete(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => fs::remove_file(path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples_for_tests::{default_flags, no_flags, plain_sample};
    use std::sync::Arc;

    const OLD_XML: &str =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n<sample lb=\"old\"/>\n";

    /// What is in a file with `before` in it (or none) after a run with one sample.
    fn check(save: &SaveConfig, before: Option<&str>, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jtl");
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
        let format = Format::new(save, None);
        let mut file = JtlFile::open(&path, &format).unwrap();
        file.write(&event(), &format);
        let (rows, error) = file.close();
        assert_eq!((rows, error.is_none()), (1, true));
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    }

    fn event() -> SampleEvent {
        SampleEvent {
            result: Box::new(plain_sample()),
            heard: crate::clock::Timestamp::default(),
            collectors: Arc::default(),
            variables: Box::default(),
        }
    }

    /// As in the recorded cases jtl-append, jtl-append-other-header and jtl-append-xml.
    #[test]
    fn files_begin_or_go_on() {
        let csv = SaveConfig { label: true, field_names: true, ..no_flags() };
        check(&csv, None, "label\na\n");
        check(&csv, Some("timeStamp,label\n1,old\n"), "timeStamp,label\n1,old\na\n");
        check(&csv, Some(""), "a\n");

        let xml = SaveConfig { label: true, xml: true, ..no_flags() };
        let fresh = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testResults version=\"1.2\">\n<sample lb=\"a\"/>\n\n\
                     </testResults>\n";
        check(&xml, None, fresh);
        check(
            &xml,
            Some(&format!("{OLD_XML}\n</testResults>\n")),
            &format!("{OLD_XML}\n<sample lb=\"a\"/>\n\n</testResults>\n"),
        );
        // Without the closing tag at its end a file is overwritten.
        check(&xml, Some(OLD_XML), fresh);
        check(&xml, Some(&format!("{OLD_XML}</testResults>            \n")), fresh);
        check(&xml, Some("</testResults>"), fresh);
    }

    fn rows_of(path: &Path) -> (Vec<String>, usize) {
        let mut reader = crate::results::JtlReader::open(path, &default_flags()).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            rows.push(row.label.clone());
        }
        (rows, reader.warnings().len())
    }

    #[test]
    fn compressed_files_are_gone_on_with_and_survive_a_kill() {
        for name in ["out.jtl.gz", "out.csv.zst"] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(name);
            let format = Format::new(&default_flags(), None);
            for rows in 1..=2 {
                let mut file = JtlFile::open(&path, &format).unwrap();
                file.write(&event(), &format);
                assert_eq!((file.close().0, rows_of(&path)), (1, (vec!["a".to_owned(); rows], 0)), "{name}");
            }
            assert_ne!(fs::read(&path).unwrap()[0], b't');

            // What was flushed is there before the file is closed, and such a file is not gone on with.
            fs::remove_file(&path).unwrap();
            let mut file = JtlFile::open(&path, &format).unwrap();
            for _ in 0..3 {
                file.write(&event(), &format);
            }
            file.flush();
            let killed = folder.path().join(format!("killed.{name}"));
            fs::copy(&path, &killed).unwrap();
            assert_eq!(rows_of(&killed), (vec!["a".to_owned(); 3], 1), "{name}");
            let error = JtlFile::open(&killed, &format).err().unwrap().to_string();
            assert!(error.starts_with("it is there already and not complete"), "{error}");
            assert_eq!(file.close().0, 3);

            let xml = Format::new(&SaveConfig { xml: true, ..default_flags() }, None);
            assert!(JtlFile::open(&path, &xml).is_err());
        }
    }

    #[test]
    fn a_full_disk_is_remembered() {
        let format = Format::new(&default_flags(), None);
        let Ok(mut file) = JtlFile::open(Path::new("/dev/full"), &format) else { return };
        for _ in 0..3 {
            file.write(&event(), &format);
            file.flush();
        }
        assert!(file.is_dirty());
        let (rows, error) = file.close();
        let error = error.unwrap();
        assert_eq!((rows, error.rows_lost, error.error.raw_os_error()), (0, 3, Some(28)));
        assert!(error.to_string().starts_with("cannot write results to /dev/full: No space left on device"));
    }

    #[test]
    fn rows_kept_for_a_full_disk_are_limited() {
        let format = Format::new(&default_flags(), None);
        let Ok(mut file) = JtlFile::open(Path::new("/dev/full"), &format) else { return };
        let mut big = event();
        big.result.label = "x".repeat(1024 * 1024).into();
        for _ in 0..20 {
            file.write(&big, &format);
        }
        assert!(file.buffer.len() <= KEPT_WHILE_FAILING + 2 * 1024 * 1024);
        assert_eq!(file.close().1.unwrap().rows_lost, 20);
    }

    #[test]
    fn folders_are_made_and_devices_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/out.jtl");
        let known = canonical(&path).unwrap();
        assert!(known.parent().unwrap().is_dir() && !known.exists());
        assert_eq!(canonical(&folder.path().join("a/../a/b/out.jtl")).unwrap(), known);
        delete(folder.path()).unwrap();
        assert!(folder.path().exists());
        fs::write(&known, "x").unwrap();
        delete(&known).unwrap();
        assert!(!known.exists());
    }
}
