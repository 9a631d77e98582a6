//! Variables From CSV File of the plugin jpgc-csvars: User Defined Variables whose names and values stand in a file. The
//! file is read when the plan is compiled, so its name must be the same always.

use crate::elements::roles::TestListener;
use crate::elements::{Compile, Definition, Role, Severity, Structure};
use crate::expr::{Expr, java_int};
use crate::virtual_user::Run;
use indexmap::IndexMap;
use std::sync::Arc;

pub(super) const VARIABLES_FROM_CSV: Definition =
    Definition { tag: "kg.apc.jmeter.config.VariablesFromCSV", menu: "jp@gc - Variables From CSV File", compile };

const TARGET: &str = "kg.apc.jmeter.config.VariableFromCsvFileReader";

fn compile(compile: &mut Compile<'_>) -> Option<Role> {
    let mut texts = Vec::new();
    for key in ["filename", "variablesPrefix", "delimiter", "skipLines"] {
        let text = compile.expr(key);
        let Some(literal) = text.as_literal() else {
            let message = format!("its {key} holds a reference, but the file is read before there are variables");
            compile.problem(Severity::Unsupported, message);
            return None;
        };
        texts.push(literal.clone());
    }
    let [file, prefix, delimiter, skip] = &texts[..] else { return None };
    if delimiter.is_empty() {
        compile.problem(Severity::Error, "java.lang.IllegalArgumentException: CSV separator cannot be empty");
        return None;
    }
    let content = match std::fs::read(&**file) {
        Ok(content) => content,
        Err(_) if file.is_empty() => Vec::new(),
        Err(error) => {
            compile.problem(Severity::Error, format!("Interpreted path does not exist: {file} ({error})"));
            return None;
        }
    };
    let variables = variables(&String::from_utf8_lossy(&content), prefix, delimiter, java_int(skip));
    for name in variables.keys() {
        compile.variable(name);
    }
    let test = compile.element.bool("storeSysProp").then(|| {
        let system = SystemProperties(variables.clone());
        Arc::new(system) as Arc<dyn TestListener>
    });
    let entries = variables.into_iter().map(|(name, value)| (name, Expr::literal(value))).collect();
    Some(Role { structure: Some(Structure::Variables(entries)), test, ..Role::default() })
}

/// The names and values in a text: the first two columns of its lines. Lines that begin with `#` are left out; a value
/// in quotes may go on over lines of one column. Of equal names the last counts.
fn variables(text: &str, prefix: &str, delimiter: &str, skip: i32) -> IndexMap<String, String> {
    let mut variables = IndexMap::new();
    let mut put = |name: &str, value: String| {
        variables.insert(format!("{prefix}{name}"), value);
    };
    // A value that goes on, with the name it is for.
    let (mut open_name, mut open) = (String::new(), String::new());
    for line in text.lines().skip(usize::try_from(skip).unwrap_or(0)).filter(|line| !line.starts_with('#')) {
        let columns = super::csv_record::split(line, delimiter);
        match &columns[..] {
            [] => {}
            [rest] if !open.is_empty() => match rest.strip_suffix('"') {
                Some(last) => {
                    open.push_str(last);
                    put(&open_name, std::mem::take(&mut open));
                }
                None => {
                    open.push_str(rest);
                    open.push('\n');
                }
            },
            [name] => {
                log::warn!(target: TARGET, "Less than 2 columns at line: {line}");
                put(name, String::new());
            }
            [name, value, ..] => match value.strip_prefix('"') {
                Some(first) => {
                    open_name = (*name).to_owned();
                    open.push_str(first);
                    open.push('\n');
                }
                None => put(name, (*value).to_owned()),
            },
        }
    }
    variables
}

/// Variables that are to be system properties, too, where there are none of their names.
struct SystemProperties(IndexMap<String, String>);

impl TestListener for SystemProperties {
    fn test_started(&self, run: &Arc<Run>) {
        let system = run.properties.system();
        for (name, value) in &self.0 {
            if system.get(name).is_none() {
                system.set(name.as_str(), value.as_str());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn lines_become_variables() {
        let check = |text: &str, delimiter: &str, skip: i32, expected: &str| {
            let all = variables(text, "p_", delimiter, skip);
            let shown: Vec<String> = all.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(shown.join("|"), expected, "{text:?}");
        };
        check("a;1\nb;2;more\n# c;3\nd\n\na;4", ";", 0, "p_a=4|p_b=2|p_d=");
        check("name;value\na;1", ";", 1, "p_a=1");
        check("a;1", ";", -1, "p_a=1");
        check("a::1\r\nb:2", "::", 0, "p_a=1|p_b:2=");
        check("a;\"first\nsecond\nlast\"\nb;2", ";", 0, "p_a=first\nsecond\nlast|p_b=2");
        check(";x\ny;", ";", 0, "p_=x|p_y=");
    }
}
