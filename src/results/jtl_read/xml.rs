//! Rows of an XML result file: `<sample>` and `<httpSample>`, nested ones after the one that they are in.

use super::row::{JtlField, JtlRow};
use super::source::Source;
use super::{BrokenRow, ReadError, Warnings};
use crate::text::Text;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::VecDeque;

const SAMPLES: [&str; 3] = ["sample", "httpSample", "statSample"];

/// Samples nested deeper than this are nobody's results.
const DEEPEST: usize = 1000;

const ADVICE: &str = "JMeter reads a file up to here, too; what follows cannot be told apart";

pub(super) struct XmlRows {
    xml: Reader<Source>,
    event: Vec<u8>,
    /// The rows of the top-level sample that was read last, that are still to be handed out.
    ready: VecDeque<JtlRow>,
    handed_out: Option<JtlRow>,
    ended: bool,
}

impl XmlRows {
    pub(super) fn new(source: Source) -> XmlRows {
        let mut xml = Reader::from_reader(source);
        xml.config_mut().expand_empty_elements = true;
        XmlRows { xml, event: Vec::new(), ready: VecDeque::new(), handed_out: None, ended: false }
    }

    pub(super) fn next(&mut self, warnings: &mut Warnings) -> Result<Option<&JtlRow>, ReadError> {
        if self.ready.is_empty() && !self.ended {
            self.read_sample(warnings).inspect_err(|error| {
                // A number that is none is the trouble of one sample, and all of that was read.
                self.ended = !matches!(error, ReadError::Row(broken) if broken.advice.is_empty());
                self.ready.clear();
            })?;
        }
        self.handed_out = self.ready.pop_front();
        Ok(self.handed_out.as_ref())
    }

    /// Reads one sample of the file's top level, with all in it.
    fn read_sample(&mut self, warnings: &mut Warnings) -> Result<(), ReadError> {
        let mut tree = Tree::default();
        loop {
            self.event.clear();
            let line = self.xml.get_ref().line();
            let event = match self.xml.read_event_into(&mut self.event) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    return Err(std::io::Error::new(error.kind(), error.to_string()).into());
                }
                Err(error) => {
                    let line = self.xml.get_ref().line();
                    if self.xml.get_mut().buffered().is_empty() && !self.xml.get_mut().more()? {
                        warnings.add(line, "the file ends within a tag; its last sample was left out".into());
                        self.ended = true;
                        return Ok(());
                    }
                    return Err(ReadError::Row(BrokenRow { line, problem: error.to_string(), advice: ADVICE }));
                }
            };
            match event {
                Event::Start(start) => tree.open(&start, line)?,
                Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
                Event::Text(text) => tree.text(&text),
                Event::CData(text) => tree.text(&text),
                Event::GeneralRef(name) => {
                    if tree.capturing {
                        push_reference(&name, &mut tree.captured);
                    }
                }
                Event::End(end) => {
                    if tree.close(end.name().0) {
                        self.ready.extend(tree.rows);
                        return tree.broken.map_or(Ok(()), |broken| Err(ReadError::Row(broken)));
                    }
                }
                Event::Eof => {
                    self.ended = true;
                    if !tree.open.is_empty() {
                        warnings.add(line, "the file ends within a sample, which was left out".into());
                    }
                    if self.xml.get_ref().is_cut_off() {
                        warnings.add(line, "the compressed file ends before its end".into());
                    }
                    return Ok(());
                }
            }
        }
    }
}

/// A sample of the top level in the making.
#[derive(Default)]
struct Tree {
    /// Parents before what is in them.
    rows: Vec<JtlRow>,
    /// The samples that are open, by their places in `rows`.
    open: Vec<usize>,
    captured: String,
    capturing: bool,
    broken: Option<BrokenRow>,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>, line: u64) -> Result<(), ReadError> {
        let name = start.name().0;
        if !SAMPLES.contains(&name) {
            self.captured.clear();
            self.capturing = !self.open.is_empty();
            return Ok(());
        }
        if self.open.len() >= DEEPEST {
            let problem = format!("more than {DEEPEST} samples in one another");
            return Err(ReadError::Row(BrokenRow { line, problem, advice: ADVICE }));
        }
        let mut row = JtlRow { line, depth: self.open.len() as u32, ..JtlRow::default() };
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute
                .map_err(|error| ReadError::Row(BrokenRow { line, problem: error.to_string(), advice: ADVICE }))?;
            let name = attribute.key.0;
            self.captured.clear();
            push_resolved(&attribute.value, &mut self.captured);
            match JtlField::of_attribute(name) {
                Some(field) => {
                    if row.set(field, &self.captured).is_err() {
                        let problem = format!("{name} is {:?}", self.captured);
                        self.broken.get_or_insert(BrokenRow { line, problem, advice: "" });
                    }
                }
                None => row.extra.push((Text::from(variable_name(name)), self.captured.clone())),
            }
        }
        self.open.push(self.rows.len());
        self.rows.push(row);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if self.capturing {
            self.captured.push_str(text);
        }
    }

    /// Ends an element; true when it was the sample of the top level.
    fn close(&mut self, name: &str) -> bool {
        if SAMPLES.contains(&name) {
            self.open.pop();
            return self.open.is_empty();
        }
        let row = self.open.last().and_then(|&at| self.rows.get_mut(at)).filter(|_| self.capturing);
        self.capturing = false;
        let Some(row) = row else { return false };
        let field = match name {
            "responseHeader" => {
                row.response_headers.clone_from(&self.captured);
                return false;
            }
            "requestHeader" => {
                row.request_headers.clone_from(&self.captured);
                return false;
            }
            "method" | "queryString" | "cookies" | "samplerData" | "responseData" => {
                if !row.success && !self.captured.is_empty() {
                    let data = row.data.get_or_insert_default();
                    let place = match name {
                        "method" => &mut data.method,
                        "queryString" => &mut data.query_string,
                        "cookies" => &mut data.cookies,
                        "samplerData" => &mut data.sampler_data,
                        _ => &mut data.response_data,
                    };
                    place.clone_from(&self.captured);
                }
                return false;
            }
            "java.net.URL" => JtlField::Url,
            "responseFile" => JtlField::FileName,
            // The first message stands for all, as in CSV.
            "failureMessage" if !row.has(JtlField::FailureMessage) => JtlField::FailureMessage,
            _ => return false,
        };
        // These are texts, which are never refused.
        let _ = row.set(field, &self.captured);
        false
    }
}

/// Adds an attribute's value with its references resolved. What is none stays as it is.
fn push_resolved(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after.split_once(';') {
            Some((name, behind)) => {
                push_reference(name, out);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
}

/// Adds what `&name;` stands for. JMeter writes control characters as numbers, which XML forbids and JMeter reads.
fn push_reference(name: &str, out: &mut String) {
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    match (name, number) {
        ("lt", _) => out.push('<'),
        ("gt", _) => out.push('>'),
        ("amp", _) => out.push('&'),
        ("apos", _) => out.push('\''),
        ("quot", _) => out.push('"'),
        (_, Some(number)) => out.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)),
        (_, None) => {
            out.push('&');
            out.push_str(name);
            out.push(';');
        }
    }
}

/// The name of a variable from that of its attribute: XStream writes `_` as `__`, `$` as `_-`, and what no name may hold
/// as `_.` and four digits.
fn variable_name(coded: &str) -> String {
    let mut name = String::with_capacity(coded.len());
    let mut units: Vec<u16> = Vec::new();
    let mut rest = coded;
    while let Some(c) = rest.chars().next() {
        let unit = rest.strip_prefix("_.").and_then(|tail| u16::from_str_radix(tail.get(..4)?, 16).ok());
        if let Some(unit) = unit {
            units.push(unit);
            rest = &rest[6..];
            continue;
        }
        name.push_str(&String::from_utf16_lossy(&units));
        units.clear();
        let (decoded, length) = match rest {
            _ if rest.starts_with("__") => ('_', 2),
            _ if rest.starts_with("_-") => ('$', 2),
            _ => (c, c.len_utf8()),
        };
        name.push(decoded);
        rest = &rest[length..];
    }
    name.push_str(&String::from_utf16_lossy(&units));
    name
}
