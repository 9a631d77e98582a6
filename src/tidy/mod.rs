//! HTML as JTidy r938 reads it: what it says of a page, and the tree that it makes of it.
//!
//! JTidy is followed step by step, since both depend on the order of its steps: characters ([`input`]) become tokens
//! ([`lexer`], [`markup`]) over one [`buffer`]; the [`parser`] asks for them, one way for each kind of content
//! ([`tags`]), and puts them into a [`tree`]; attributes are held against a table ([`attributes`], [`element_checks`]);
//! what is wrong is told with its place ([`report`]). At the end the tree is cleaned ([`clean`]) and gets a doctype
//! ([`versions`]). JTidy's output of the page itself is not made: nothing in JMeter looks at it.

mod attributes;
mod buffer;
mod clean;
mod element_checks;
mod entities;
mod inline_stack;
mod input;
mod lexer;
mod markup;
mod parser;
mod report;
mod summary;
mod tags;
mod tree;
mod trim;
mod versions;
mod walk;
mod xml_names;

#[cfg(test)]
mod recorded_tests;

pub use walk::{Page, Visitor};

use buffer::Buffer;
use inline_stack::Inline;
use input::Input;
use lexer::State;
use parser::Frame;
use report::Report;
use std::collections::HashMap;
use tree::{Kind, Node, NodeId, Tree};

/// What a page is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HTML.
    Html,
    /// HTML that is to become XHTML.
    Xhtml,
    /// XML.
    Xml,
}

/// The doctype that a page is to get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocType {
    /// None.
    Omit,
    /// One that fits.
    Auto,
    /// HTML 4.01 Strict.
    Strict,
    /// HTML 4.01 Transitional.
    Loose,
    /// One that somebody wrote himself.
    User,
}

impl DocType {
    /// What a word means to JTidy, which keeps to `Auto` when it does not know it.
    pub fn named(text: &str) -> Self {
        let text = text.trim();
        if text.starts_with('"') {
            return DocType::User;
        }
        let word = text.split([' ', '\t', '\n', '\r', ',']).find(|word| !word.is_empty()).unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "omit" => DocType::Omit,
            "strict" => DocType::Strict,
            "loose" | "transitional" => DocType::Loose,
            _ => DocType::Auto,
        }
    }
}

/// How a page is read, and what is told of it.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What it is read as.
    pub format: Format,
    /// The doctype that it is to get.
    pub doctype: DocType,
    /// Whether markup of looks becomes styles.
    pub clean: bool,
    /// Leaves out what JTidy says at the end, and the counts, too.
    pub quiet: bool,
    /// Tells warnings.
    pub show_warnings: bool,
    /// Keeps what is told.
    pub messages: bool,
}

/// Why nothing can be said of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// JTidy fails at it with an exception.
    Thrown {
        /// Java's class.
        class: &'static str,
        /// Java's sentence.
        message: String,
    },
    /// More elements lie in each other than JTidy's stack bears.
    TooDeep,
    /// It grows beyond measure when it is put in order.
    TooLarge,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Thrown { message, .. } => f.write_str(message),
            Failure::TooDeep => f.write_str("more elements lie in each other than Tidy can read"),
            Failure::TooLarge => f.write_str("the page grows beyond measure when Tidy puts it in order"),
        }
    }
}

impl Failure {
    fn null(method: &str, what: &str) -> Self {
        Failure::null_pointer(format!("Cannot invoke \"{method}\" because \"{what}\" is null"))
    }

    fn null_field(field: &str, what: &str) -> Self {
        Failure::null_pointer(format!("Cannot read field \"{field}\" because \"{what}\" is null"))
    }

    fn null_pointer(message: String) -> Self {
        Failure::Thrown { class: "java.lang.NullPointerException", message }
    }

    fn string_index(message: String) -> Self {
        Failure::Thrown { class: "java.lang.StringIndexOutOfBoundsException", message }
    }
}

/// What was found in a page.
#[derive(Debug)]
pub struct Outcome {
    /// Errors; none are counted if it is to be quiet.
    pub errors: i16,
    /// Warnings; none are counted if it is to be quiet.
    pub warnings: i16,
    /// What was told, line by line.
    pub messages: String,
    /// The page; none if JTidy lost its way in it.
    pub page: Option<Page>,
}

/// Pages may become one node for each of their bytes, and some more; but not more than this.
const NODES_FOR_ANY: usize = 50_000;
const MOST_NODES: usize = 2_000_000;

/// The switches that a page may change.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of JTidy's")]
struct Switches {
    doctype: DocType,
    make_clean: bool,
    show_warnings: bool,
    messages: bool,
    xml_tags: bool,
    xml_out: bool,
    xhtml: bool,
}

/// A page being read.
#[allow(clippy::struct_excessive_bools, reason = "each is a state of JTidy's that its steps ask for by itself")]
struct Tidy<'a> {
    input: Input<'a>,
    buffer: Buffer,
    tree: Tree,
    report: Report,
    options: Switches,
    root: NodeId,
    /// The place that messages name.
    line: i32,
    column: i32,
    state: State,
    token: Option<NodeId>,
    /// Whether the token is to be read again.
    pushed: bool,
    text_start: usize,
    text_end: usize,
    was_white: bool,
    /// Whether a blank is owed, because one was trimmed at the end of an inline element.
    insert_space: bool,
    /// Versions of HTML that the page can be.
    versions: u16,
    /// The version that the doctype names.
    doctype: u16,
    bad_doctype: bool,
    /// Whether the page says that it is XHTML.
    is_voyager: bool,
    exclude_blocks: bool,
    /// Within what was moved in front of a table.
    exiled: bool,
    seen_end_of_body: bool,
    seen_end_of_html: bool,
    inlines: Vec<Inline>,
    inlines_base: usize,
    /// The next inline to be opened again.
    insert: Option<usize>,
    /// The token behind the inlines that are opened again.
    inode: Option<NodeId>,
    anchors: HashMap<String, NodeId>,
    frames: Vec<Frame>,
    tokens_left: usize,
    most_nodes: usize,
}

/// Reads a page.
///
/// # Errors
///
/// Pages on which JTidy itself fails, and pages that grow beyond measure.
pub fn read(text: &str, options: &Options) -> Result<Outcome, Failure> {
    let mut tidy = Tidy::new(text, options);
    let is_whole = if tidy.options.xml_tags { tidy.read_xml()? } else { tidy.read_html(options.quiet)? };
    if !is_whole {
        if !options.quiet {
            tidy.say_bad_tree();
        }
        return Ok(Outcome { errors: 0, warnings: 0, messages: tidy.report.text, page: None });
    }
    let (errors, warnings) = (tidy.report.errors, tidy.report.warnings);
    if !options.quiet {
        tidy.say_counts();
        if errors > 0 {
            tidy.say_needs_author();
        }
        tidy.say_summary();
    }
    let (errors, warnings) = if options.quiet { (0, 0) } else { (errors, warnings) };
    let messages = std::mem::take(&mut tidy.report.text);
    Ok(Outcome { errors, warnings, messages, page: Some(Page::new(tidy.tree, tidy.buffer, tidy.root)) })
}

impl<'a> Tidy<'a> {
    fn new(text: &'a str, options: &Options) -> Self {
        let mut tree = Tree::new();
        let root = tree.add(Node::new(Kind::Root, 0, 0));
        let most_nodes = NODES_FOR_ANY.saturating_add(text.len()).min(MOST_NODES);
        Tidy {
            input: Input::new(text),
            buffer: Buffer::new(),
            tree,
            report: Report::default(),
            options: Switches {
                doctype: options.doctype,
                make_clean: options.clean,
                show_warnings: options.show_warnings,
                messages: options.messages,
                xml_tags: options.format == Format::Xml,
                xml_out: options.format != Format::Html,
                xhtml: options.format == Format::Xhtml,
            },
            root,
            line: 1,
            column: 1,
            state: State::Content,
            token: None,
            pushed: false,
            text_start: 0,
            text_end: 0,
            was_white: false,
            insert_space: false,
            versions: versions::ALL | versions::PROPRIETARY,
            doctype: 0,
            bad_doctype: false,
            is_voyager: false,
            exclude_blocks: false,
            exiled: false,
            seen_end_of_body: false,
            seen_end_of_html: false,
            inlines: Vec::new(),
            inlines_base: 0,
            insert: None,
            inode: None,
            anchors: HashMap::new(),
            frames: Vec::new(),
            tokens_left: most_nodes.saturating_mul(4),
            most_nodes,
        }
    }

    fn read_xml(&mut self) -> Result<bool, Failure> {
        self.parse_xml_document()?;
        Ok(self.tree.is_whole(self.root))
    }

    fn read_html(&mut self, quiet: bool) -> Result<bool, Failure> {
        self.parse_document()?;
        if !self.tree.is_whole(self.root) {
            return Ok(false);
        }
        self.clean()?;
        if !self.tree.is_whole(self.root) {
            // JTidy says so even if it is to be quiet.
            if quiet {
                self.say_bad_tree();
            }
            return Ok(false);
        }
        let given = self.tree.doctype(self.root).map(|doctype| self.given_doctype(doctype));
        self.fix_doctype()?;
        self.add_generator();
        if !quiet {
            self.say_version(given.as_ref());
        }
        Ok(true)
    }
}
