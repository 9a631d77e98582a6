//! Plans as outlines: one line an element, `Kind "name" key="value"`, indented by its depth. A recorded plan is kept in
//! this form, a tenth of its `.jmx`; the shrinker takes it apart.

use std::fmt::Write;

/// An element and what is below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// A row of the table in `jmx.rs`.
    pub kind: String,
    pub name: String,
    pub keys: Vec<(String, String)>,
    pub children: Vec<Node>,
}

impl Node {
    pub fn new(kind: &str, name: impl Into<String>) -> Self {
        Node { kind: kind.to_owned(), name: name.into(), ..Node::default() }
    }

    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.keys.push((key.to_owned(), value.into()));
        self
    }

    pub fn holding(mut self, children: Vec<Node>) -> Self {
        self.children = children;
        self
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether this is an element of that kind or has one below it.
    pub fn has(&self, kind: &str) -> bool {
        self.kind == kind || self.children.iter().any(|child| child.has(kind))
    }
}

/// A plan's files: the plan itself, and what it includes or reads (`File` and `Data` nodes, named as the files are).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline(pub Vec<Node>);

impl std::fmt::Display for Outline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        for node in &self.0 {
            write_node(node, 0, &mut out);
        }
        f.write_str(&out)
    }
}

fn write_node(node: &Node, depth: usize, out: &mut String) {
    let _ = write!(out, "{:width$}{} {}", "", node.kind, quoted(&node.name), width = depth * 2);
    for (key, value) in &node.keys {
        let _ = write!(out, " {key}={}", quoted(value));
    }
    out.push('\n');
    for child in &node.children {
        write_node(child, depth + 1, out);
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

impl Outline {
    pub fn parse(text: &str) -> Self {
        let mut open: Vec<Node> = Vec::new();
        let mut roots = Vec::new();
        let mut close_to = |open: &mut Vec<Node>, depth: usize| {
            while open.len() > depth {
                let node = open.pop().unwrap();
                open.last_mut().map_or(&mut roots, |parent| &mut parent.children).push(node);
            }
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let depth = (line.len() - line.trim_start().len()) / 2;
            close_to(&mut open, depth);
            open.push(parse_line(line.trim_start()));
        }
        close_to(&mut open, 0);
        Outline(roots)
    }
}

fn parse_line(line: &str) -> Node {
    let (kind, mut rest) = line.split_once(' ').unwrap_or_else(|| panic!("no name: {line}"));
    let mut node = Node::new(kind, unquote(&mut rest));
    while let Some((key, after)) = rest.trim_start().split_once('=') {
        rest = after;
        let value = unquote(&mut rest);
        node.keys.push((key.to_owned(), value));
    }
    node
}

/// Takes a quoted text off the beginning of `rest`.
fn unquote(rest: &mut &str) -> String {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                *rest = &rest[at + 1..];
                return text;
            }
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, other)) => text.push(other),
                None => break,
            },
            other => text.push(other),
        }
    }
    panic!("a text without an end: {rest}")
}
