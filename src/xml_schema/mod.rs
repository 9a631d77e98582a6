//! XML Schema 1.0: documents are held against a schema as Xerces 2.12.2 does, up to the first fault, with its words for it.
//!
//! A schema is read with all that it includes and imports from files. What is not known here is [`Trouble::Unsupported`]:
//! `xs:redefine`, XML Schema 1.1, addresses of schemas that are no files. Schemas are not checked for faults of their own but
//! for names that mean nothing and values that are none. Hints of the document (`xsi:schemaLocation`) have no effect.

mod components;
mod identity;
mod model;
mod pattern;
mod read;
mod simple;
mod validate;
mod value;

pub use components::Schema;
pub use read::load;

use crate::xml_path::Fault;

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such file.
    Missing(String),
    /// It is no XML.
    Malformed(Fault),
    /// It is wrong, with Xerces' sentence and the place.
    Wrong {
        /// Xerces' sentence.
        message: String,
        /// Line and column.
        position: (usize, usize),
    },
    /// It has something that is not known here.
    Unsupported(String),
}

/// What came of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid; what the parser warned of.
    Valid(Option<String>),
    /// It is not, in the words of JMeter's XML Schema Assertion.
    Invalid(String),
}

/// Holds a document against a schema, or against none that could be read.
pub fn check(schema: &Result<Schema, Trouble>, text: &str) -> Verdict {
    if text.starts_with('\u{feff}') {
        // The parser is handed characters, among which a byte order mark has no place.
        return Verdict::Invalid("fatal: line=1 col=1 Content is not allowed in prolog.".to_owned());
    }
    let tags = crate::xml_path::read_tags(text, crate::xml_path::Reading::Saxon);
    let empty = Schema::default();
    let schema = match schema {
        Ok(schema) => schema,
        // The schema is read when the document's first tag is met.
        Err(_) if tags.tags.is_empty() => &empty,
        Err(Trouble::Missing(file)) => {
            let at = tags.tags.first().map_or(0, |tag| tag.at);
            let (line, column) = crate::xml_path::position(text, at);
            return Verdict::Invalid(format!("error: line={line} col={column} {}", unreadable(file)));
        }
        Err(Trouble::Malformed(fault)) => return Verdict::Invalid(fatal(fault)),
        Err(Trouble::Wrong { message, position: (line, column) }) => {
            return Verdict::Invalid(format!("error: line={line} col={column} {message}"));
        }
        Err(Trouble::Unsupported(what)) => return Verdict::Invalid(format!("error: {what} is not supported")),
    };
    match validate::first_fault(schema, &tags) {
        Some((message, at)) => {
            let (line, column) = crate::xml_path::position(text, at);
            Verdict::Invalid(format!("error: line={line} col={column} {message}"))
        }
        None => match &tags.fault {
            Some(fault) => Verdict::Invalid(fatal(fault)),
            None => Verdict::Valid(schema.warning.clone()),
        },
    }
}

/// What Xerces says of a schema that it cannot read.
fn unreadable(file: &str) -> String {
    format!(
        "schema_reference.4: Failed to read schema document '{file}', because 1) could not find the document; 2) the document could not be read; 3) the root element of the document is not <xsd:schema>."
    )
}

fn fatal(fault: &Fault) -> String {
    match fault.position {
        Some((line, column)) => format!("fatal: line={line} col={column} {}", fault.message),
        None => format!("fatal: {}", fault.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// Blocks of a schema and rows `document TAB what the assertion says`; see `fixtures/xml_schema/record.py`.
    #[test]
    fn sentences_are_those_of_xerces() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, mut name, mut schema) = (String::new(), String::new(), None);
        let mut failures = String::new();
        for line in include_str!("../../fixtures/xml_schema/xerces.table").lines() {
            if let Some(rest) = line.strip_prefix('@') {
                if let Some(beside) = rest.strip_prefix("@ ") {
                    file = beside.to_owned();
                } else {
                    (file, name) = (rest.trim().to_owned(), rest.trim().to_owned());
                }
                schema = None;
                std::fs::write(folder.path().join(&file), "").unwrap();
            } else if let Some((document, expected)) = line.split_once('\t') {
                let schema = schema.get_or_insert_with(|| load(&folder.path().join(&name)));
                let actual = match check(schema, &document.replace("\\n", "\n")) {
                    Verdict::Valid(None) => "ok".to_owned(),
                    Verdict::Valid(Some(message)) | Verdict::Invalid(message) => message,
                };
                if actual != expected {
                    let _ = writeln!(failures, "{name}: {document}\n  expected {expected}\n  but got  {actual}");
                }
            } else if !line.is_empty() && !line.starts_with('#') {
                let path = folder.path().join(&file);
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                std::fs::write(path, format!("{text}{line}\n")).unwrap();
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    #[test]
    fn what_is_not_known_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |body: &str| {
            let path = folder.path().join("a.xsd");
            let text = format!("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>{body}</xs:schema>");
            std::fs::write(&path, text).unwrap();
            load(&path).map(drop)
        };
        let unsupported = |body| matches!(told(body), Err(Trouble::Unsupported(_)));
        assert!(unsupported("<xs:redefine schemaLocation='b.xsd'/>"));
        assert!(unsupported("<xs:import namespace='u' schemaLocation='http://127.0.0.1/b.xsd'/>"));
        assert!(unsupported(
            "<xs:element name='a'><xs:complexType><xs:sequence minOccurs='99999' maxOccurs='99999'><xs:element name='b'/><xs:element name='c'/></xs:sequence></xs:complexType></xs:element>"
        ));
        assert!(unsupported(
            "<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group><xs:element name='a'><xs:complexType><xs:group ref='g'/></xs:complexType></xs:element>"
        ));
        assert!(matches!(
            told("<xs:simpleType name='a'><xs:restriction base='a'/></xs:simpleType>"),
            Err(Trouble::Wrong { .. })
        ));
        assert!(matches!(load(&folder.path().join("none.xsd")), Err(Trouble::Missing(_))));
    }
}
