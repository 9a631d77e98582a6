//! Flexible File Writer of the plugin jpgc-ffw: a line of one's own making for each sample.
//!
//! Rows of any length are written; the plugin loses those that are longer than its buffer of 10 KB.

use crate::clock::Timestamp;
use crate::elements::roles::{Listener, TestListener};
use crate::elements::scope_text::sampler_data;
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::SampleResult;
use crate::virtual_user::{Group, Run, Thrown, VirtualUser};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub(super) const FLEXIBLE_FILE_WRITER: Definition = Definition {
    tag: "kg.apc.jmeter.reporters.FlexibleFileWriter",
    menu: "jp@gc - Flexible File Writer",
    compile: |compile| {
        let element = Arc::new(FlexibleFileWriter::new(compile));
        Some(Role { listener: Some(element.clone()), test: Some(element), ..Role::default() })
    },
};

const TARGET: &str = "kg.apc.jmeter.reporters.FlexibleFileWriter";
const VARIABLE: &str = "variable#";

struct FlexibleFileWriter {
    file: Expr,
    columns: Expr,
    header: Expr,
    footer: Expr,
    overwrites: BoolExpr,
    /// What a row is made of; worked out when the run begins.
    parts: OnceLock<Vec<Part>>,
    open: Mutex<Option<Open>>,
}

/// The file, and what it ends with.
struct Open {
    file: File,
    footer: String,
}

/// Appends what a field says of a sample.
type Field = fn(&SampleResult, &mut Vec<u8>);

/// A part of a row.
enum Part {
    Constant(String),
    /// A value of `sample_variables`.
    Variable(usize),
    Field(Field),
}

/// The fields by their names, the misspelling included.
const FIELDS: &[(&str, Field)] = &[
    ("isSuccsessful", |sample, out| number(out, u64::from(sample.successful))),
    ("isFailed", |sample, out| number(out, u64::from(!sample.successful))),
    ("startTime", |sample, out| text(out, &sample.start.millis().to_string())),
    ("endTime", |sample, out| text(out, &end(sample).millis().to_string())),
    ("startTimeMillis", |sample, out| seconds(out, sample.start)),
    ("endTimeMillis", |sample, out| seconds(out, end(sample))),
    ("responseTime", |sample, out| number(out, sample.elapsed_millis())),
    ("latency", |sample, out| number(out, sample.latency_millis())),
    ("connectTime", |sample, out| number(out, sample.connect_millis())),
    ("responseTimeMicros", |sample, out| number(out, sample.elapsed_millis() * 1000)),
    ("latencyMicros", |sample, out| number(out, sample.latency_millis() * 1000)),
    ("responseCode", |sample, out| text(out, &sample.response_code)),
    ("responseMessage", |sample, out| text(out, &sample.response_message)),
    ("threadName", |sample, out| text(out, &sample.thread_name)),
    ("sampleLabel", |sample, out| text(out, &sample.label)),
    ("sentBytes", |sample, out| {
        number(out, sampler_data(sample).map_or(0, |data| data.encode_utf16().count() as u64));
    }),
    ("receivedBytes", |sample, out| number(out, sample.response_data.len() as u64)),
    ("requestData", |sample, out| text(out, sampler_data(sample).as_deref().unwrap_or("0"))),
    ("responseData", |sample, out| out.extend_from_slice(&sample.response_data)),
    ("requestHeaders", |sample, out| text(out, &sample.request_headers)),
    ("responseHeaders", |sample, out| text(out, &sample.response_headers)),
    ("threadsCount", |sample, out| number(out, u64::from(sample.all_threads))),
    ("grpThreads", |sample, out| number(out, u64::from(sample.group_threads))),
    ("sampleCount", |sample, out| number(out, u64::from(sample.sample_count))),
    ("errorCount", |sample, out| number(out, u64::from(sample.error_count()))),
    ("responseHeaderSize", |sample, out| number(out, sample.headers_size)),
    ("responseSize", |sample, out| number(out, sample.body_size_as_long())),
    ("URL", |sample, out| text(out, sample.url.as_deref().unwrap_or_default())),
];

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// The end, as the whole milliseconds of the row have it.
fn end(sample: &SampleResult) -> Timestamp {
    let millis = sample.start.millis() + (sample.idle_millis() + sample.elapsed_millis()) as i64;
    Timestamp::from_millis(millis)
}

/// A moment in seconds with a fraction.
fn seconds(out: &mut Vec<u8>, moment: Timestamp) {
    let digits = format!("{:04}", moment.millis());
    let (whole, fraction) = digits.split_at(digits.len() - 3);
    text(out, whole);
    text(out, ".");
    text(out, fraction);
}

impl FlexibleFileWriter {
    fn new(compile: &mut Compile<'_>) -> Self {
        FlexibleFileWriter {
            file: compile.expr("filename"),
            columns: compile.expr("columns"),
            header: compile.expr("header"),
            footer: compile.expr("footer"),
            overwrites: compile.flag("overwrite", false),
            parts: OnceLock::new(),
            open: Mutex::default(),
        }
    }

    fn start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let columns = self.columns.eval(user)?;
        self.parts.get_or_init(|| parts(&unescaped(&columns)));
        let (name, header) = (self.file.eval(user)?, unescaped(&self.header.eval(user)?));
        let footer = unescaped(&self.footer.eval(user)?);
        let mut options = OpenOptions::new();
        options.create(true);
        if self.overwrites.eval(user)? {
            options.write(true).truncate(true);
        } else {
            options.append(true);
        }
        match options.open(&*name).and_then(|mut file| file.write_all(header.as_bytes()).map(|()| file)) {
            Ok(file) => *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Open { file, footer }),
            Err(error) => log::error!(target: TARGET, "Cannot open file {name} {error}"),
        }
        Ok(())
    }
}

/// The columns between bars; a name that is none is a constant, an empty one a bar.
fn parts(columns: &str) -> Vec<Part> {
    let mut chunks: Vec<&str> = columns.split('|').collect();
    // Java's `split` leaves out what is empty at the end.
    while chunks.len() > 1 && chunks.last().is_some_and(|chunk| chunk.is_empty()) {
        chunks.pop();
    }
    let part = |chunk: &str| {
        if let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == chunk) {
            return Part::Field(*field);
        }
        if chunk.contains(VARIABLE) {
            match chunk.strip_prefix(VARIABLE).and_then(|number| number.parse().ok()) {
                Some(number) => return Part::Variable(number),
                None => log::error!(target: TARGET, "Seems it is not variable spec: {chunk}"),
            }
        }
        Part::Constant(if chunk.is_empty() { "|".to_owned() } else { chunk.to_owned() })
    };
    chunks.into_iter().map(part).collect()
}

/// `\t`, `\n`, `\r` and `\\` become what they stand for.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('\\', Some('t')) => '\t',
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('\\')) => '\\',
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push(meant);
        chars.next();
    }
    out
}

impl TestListener for FlexibleFileWriter {
    fn test_started(&self, run: &Arc<Run>) {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        if let Err(thrown) = self.start(&mut user) {
            log::error!(target: TARGET, "Cannot open file: {thrown}");
        }
    }

    fn test_ended(&self, _: &Run) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Open { mut file, footer }) = open else { return };
        if let Err(error) = file.write_all(footer.as_bytes()).and_then(|()| file.sync_all()) {
            log::error!(target: TARGET, "Failed to close file: {error}");
        }
    }
}

impl Listener for FlexibleFileWriter {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        let Some(parts) = self.parts.get() else { return Ok(()) };
        let mut row = Vec::with_capacity(256);
        for part in parts {
            match part {
                Part::Constant(constant) => text(&mut row, constant),
                Part::Field(field) => field(result, &mut row),
                Part::Variable(number) => match user.run.sample_variables.get(*number) {
                    Some(id) => text(&mut row, &user.variables.text(*id).unwrap_or_default()),
                    None => {
                        log::warn!(target: TARGET, "{VARIABLE}{number} does not exist!");
                        text(&mut row, &format!("UNDEFINED_{VARIABLE}{number}"));
                    }
                },
            }
        }
        match &mut *self.open.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(open) => {
                if let Err(error) = open.file.write_all(&row) {
                    log::error!(target: TARGET, "Problems writing to file {error}");
                }
            }
            None => log::warn!(target: TARGET, "File writer is closed! Maybe test has already been stopped"),
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        // A column of the name `receivedBytes` counts them.
        self.columns.as_literal().is_none_or(|columns| columns.contains("response") || columns.contains("received"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, compiled, element};
    use std::time::Duration;

    #[test]
    fn rows_are_made_of_columns() {
        let check = |columns: &str, expected: &str| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("rows");
            std::fs::write(&path, "old\n").unwrap();
            let writer = element(FLEXIBLE_FILE_WRITER.tag)
                .with("filename", path.to_str().unwrap())
                .with("columns", columns)
                .with("header", "h\\t")
                .with("footer", "\\\\n");
            let (role, mut user) = compiled(&writer);
            let test = role.test.unwrap();
            test.test_started(&user.run);
            let mut sample = body("data");
            sample.start = Timestamp::from_millis(5007);
            sample.elapsed = Duration::from_millis(20);
            role.listener.unwrap().sample_occurred(&mut user, &mut sample).unwrap();
            test.test_ended(&user.run);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("old\nh\t{expected}\\n"), "{columns}");
        };
        check("startTime|;|endTime|;|startTimeMillis|;|endTimeMillis", "5007;5027;5.007;5.027");
        check("sampleLabel||responseData| x |receivedBytes||", "S|data x 4");
        check("isSuccsessful|isFailed|URL|requestData|variable#3", "100UNDEFINED_variable#3");
        check("avariable#1|variable#|\\n|responseTimeMicros", "avariable#1variable#\n20000");
    }
}
