//! Save Responses to a file: writes the body of each sample, and of its sub-samples, to a file of its own.

use crate::clock;
use crate::elements::roles::{Listener, TestListener};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::java::date_format::{DateFormat, Zone};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Run, Thrown, VirtualUser};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

const LOG: &str = "org.apache.jmeter.reporters.ResultSaver";

const FILENAME: &str = "FileSaver.filename";
const VARIABLE: &str = "FileSaver.variablename";
const ERRORS_ONLY: &str = "FileSaver.errorsonly";
const SUCCESS_ONLY: &str = "FileSaver.successonly";
const SKIP_NUMBER: &str = "FileSaver.skipautonumber";
const SKIP_SUFFIX: &str = "FileSaver.skipsuffix";
/// The misspelling is JMeter's.
const ADD_TIMESTAMP: &str = "FileSaver.addTimstamp";
const PAD_LENGTH: &str = "FileSaver.numberPadLen";
const IGNORE_TRANSACTIONS: &str = "FileSaver.ignoreTC";

/// Starts names of files beside the plan.
const BASE_PREFIX: &str = "~/";

pub(super) const RESULT_SAVER: Definition = Definition {
    tag: "ResultSaver",
    menu: "Save Responses to a file",
    compile: |compile| {
        let saver = Arc::new(ResultSaver {
            filename: compile.expr(FILENAME),
            variable: compile.expr(VARIABLE),
            errors_only: compile.flag(ERRORS_ONLY, false),
            success_only: compile.flag(SUCCESS_ONLY, false),
            skip_number: compile.flag(SKIP_NUMBER, false),
            skip_suffix: compile.flag(SKIP_SUFFIX, false),
            ignore_transactions: compile.flag(IGNORE_TRANSACTIONS, true),
            pad_length: compile.long(PAD_LENGTH, 0),
            add_timestamp: compile.flag(ADD_TIMESTAMP, false),
            number: AtomicU64::new(0),
            timestamp: Mutex::default(),
        });
        Some(Role { listener: Some(Arc::clone(&saver) as Arc<dyn Listener>), test: Some(saver), ..Role::default() })
    },
};

struct ResultSaver {
    filename: Expr,
    variable: Expr,
    errors_only: BoolExpr,
    success_only: BoolExpr,
    skip_number: BoolExpr,
    skip_suffix: BoolExpr,
    ignore_transactions: BoolExpr,
    pad_length: LongExpr,
    add_timestamp: BoolExpr,
    /// The number of the last file.
    number: AtomicU64,
    /// The run's start, as file names show it.
    timestamp: Mutex<String>,
}

impl TestListener for ResultSaver {
    fn test_started(&self, _: &Arc<Run>) {
        self.number.store(0, Ordering::Relaxed);
        if let Ok(format) = DateFormat::compile("yyyyMMdd-HHmm_") {
            *self.timestamp.lock().unwrap_or_else(PoisonError::into_inner) =
                format.format_to_string(clock::now(), &Zone::local());
        }
    }
}

impl Listener for ResultSaver {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        self.save_all(user, result, &mut 0)
    }
}

impl ResultSaver {
    /// Saves a sample and all below it; `count` is how many came before.
    fn save_all(&self, user: &mut VirtualUser, result: &mut SampleResult, count: &mut usize) -> Result<(), Thrown> {
        if self.takes(user, result)? {
            self.save(user, result, *count)?;
        }
        *count += 1;
        for sub in &mut result.sub_results {
            self.save_all(user, sub, count)?;
        }
        Ok(())
    }

    fn takes(&self, user: &mut VirtualUser, result: &SampleResult) -> Result<bool, Thrown> {
        if result.is_transaction && self.ignore_transactions.eval(user)? {
            return Ok(false);
        }
        let left_out = if result.successful { self.errors_only.eval(user)? } else { self.success_only.eval(user)? };
        Ok(!left_out)
    }

    fn save(&self, user: &mut VirtualUser, result: &mut SampleResult, index: usize) -> Result<(), Thrown> {
        let name = self.file_name(user, &result.content_type)?;
        result.result_file_name = Text::clone(&name);
        let variable = self.variable.eval(user)?;
        if !variable.is_empty() {
            let variable = if index > 0 { Text::from(format!("{variable}{index}")) } else { variable };
            user.variables.put(&variable, Text::clone(&name));
        }
        let path = Path::new(&*name);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
            && fs::create_dir_all(folder).is_err()
        {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
            let message = format!("Cannot create path hierarchy for folder {}", folder.display());
            return Err(Thrown::new("org.apache.jorphan.util.JMeterStopTestNowException", message));
        }
        if let Err(error) = fs::write(path, &result.response_data) {
            log::error!(target: LOG, "Error creating sample file for {}: {error}", result.label);
        }
        Ok(())
    }

    /// The prefix, the run's start, a number and the second half of the content type, each unless it is switched off.
    fn file_name(&self, user: &mut VirtualUser, content_type: &str) -> Result<Text, Thrown> {
        let prefix = self.filename.eval(user)?;
        let mut name = match prefix.strip_prefix(BASE_PREFIX) {
            Some(rest) => {
                let path = user.run.base_dir.join(rest);
                std::path::absolute(&path).unwrap_or(path).to_string_lossy().into_owned()
            }
            None => prefix.to_string(),
        };
        if self.add_timestamp.eval(user)? {
            name.push_str(&self.timestamp.lock().unwrap_or_else(PoisonError::into_inner));
        }
        if !self.skip_number.eval(user)? {
            let width = usize::try_from(self.pad_length.eval(user)?).unwrap_or(0);
            let number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
            name.push_str(&format!("{number:0width$}", width = width.min(LONGEST_PADDING)));
        }
        if !self.skip_suffix.eval(user)? {
            name.push('.');
            name.push_str(suffix(content_type));
        }
        Ok(Text::from(name))
    }
}

/// No file system takes longer names.
const LONGEST_PADDING: usize = 4096;

/// What stands between the slash and the parameters of a content type.
fn suffix(content_type: &str) -> &str {
    match content_type.split_once('/') {
        Some((_, suffix)) => suffix.split(';').next().unwrap_or(suffix),
        None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, compiled, element, shown};
    use crate::jmx::TestElement;

    /// Saves samples; says which files there are then, with their contents, and the user's variables.
    fn check(saver: TestElement, samples: Vec<SampleResult>, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().join("f/").to_string_lossy().into_owned();
        let (role, mut user) = compiled(&saver.with(FILENAME, &*format!("{prefix}p")));
        role.test.unwrap().test_started(&user.run);
        for mut sample in samples {
            role.listener.as_ref().unwrap().sample_occurred(&mut user, &mut sample).unwrap();
        }
        let mut files: Vec<String> = std::fs::read_dir(&prefix)
            .into_iter()
            .flatten()
            .map(|entry| {
                let path = entry.unwrap().path();
                format!("{}={}", path.file_name().unwrap().display(), std::fs::read_to_string(&path).unwrap())
            })
            .collect();
        files.sort();
        files.push(shown(&user).replace(&prefix, ""));
        assert_eq!(files.join(" "), expected);
    }

    fn saver() -> TestElement {
        element("ResultSaver")
    }

    fn of_type(data: &str, content_type: &str, successful: bool) -> SampleResult {
        SampleResult { content_type: Text::from(content_type), successful, ..body(data) }
    }

    #[test]
    fn numbers_and_suffixes() {
        let samples = vec![
            of_type("a", "application/json", true),
            of_type("b", "text/html; charset=utf-8", true),
            of_type("c", "", true),
        ];
        check(saver(), samples.clone(), "p1.json=a p2.html=b p3.unknown=c ");
        check(saver().with(PAD_LENGTH, "3").with(SKIP_SUFFIX, true), samples.clone(), "p001=a p002=b p003=c ");
        check(saver().with(SKIP_NUMBER, true).with(SKIP_SUFFIX, true), samples, "p=c ");
    }

    #[test]
    fn only_some() {
        let samples = || vec![of_type("a", "", true), of_type("b", "", false)];
        check(saver().with(ERRORS_ONLY, true), samples(), "p1.unknown=b ");
        check(saver().with(SUCCESS_ONLY, true), samples(), "p1.unknown=a ");
        let transaction = || vec![SampleResult { is_transaction: true, ..body("t") }];
        check(saver(), transaction(), "");
        check(saver().with(IGNORE_TRANSACTIONS, false), transaction(), "p1.unknown=t ");
    }

    #[test]
    fn sub_samples_and_the_variable() {
        let mut moved = body("m");
        moved.sub_results = vec![body("0"), body("1")];
        let expected = "p1.unknown=m p2.unknown=0 p3.unknown=1 v=p1.unknown v1=p2.unknown v2=p3.unknown";
        check(saver().with(VARIABLE, "v"), vec![moved], expected);
    }
}
