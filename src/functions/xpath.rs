//! `__XPath(file, expression)`: the next of the nodes that an expression finds in an XML file; all users share the place.
//!
//! What cannot be read or searched gives an empty text. After the last node comes the first one again.

use super::{Definition, Function, take};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path::{Dialect, Expression, Item, Reading, read};
use ahash::AHashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const XPATH: Definition = Definition {
    name: "__XPath",
    arguments: (2, Some(2)),
    compile: |arguments, scope| {
        let [file, path] = take(arguments);
        let opened = scope.slots.common(|_| Opened::default());
        let namespaces =
            scope.properties.file_named_by("xpath.namespace.config").and_then(Result::ok).unwrap_or_default();
        Ok(Box::new(Call { file: file.unwrap_or_default(), path: path.unwrap_or_default(), namespaces, opened }))
    },
    summary: "The next node that an XPath finds in a file; the place is shared by all users",
};

const TARGET: &str = "org.apache.jmeter.functions.XPathWrapper";

struct Call {
    file: Expr,
    path: Expr,
    /// Those of `xpath.namespace.config`, which the elements complain of when it cannot be read.
    namespaces: Vec<(String, String)>,
    opened: Arc<Opened>,
}

/// The values of each file and expression, and the number of the next (`XPathFileContainer`).
#[derive(Default)]
struct Opened(Mutex<AHashMap<(Text, Text), Nodes>>);

#[derive(Default)]
struct Nodes {
    values: Vec<Text>,
    next: usize,
}

/// The values of all nodes; a node without one (`null`) is an empty text.
fn values(file: &Path, path: &str, namespaces: Vec<(String, String)>) -> Result<Vec<Text>, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let document = read(&text, Reading::Plain).map_err(|fault| fault.message)?;
    let found = Expression::compile(path, Dialect::One, namespaces).evaluate(&document);
    let found = found.map_err(|trouble| trouble.message().to_owned())?;
    found
        .items
        .iter()
        .map(|item| match item {
            Item::Node(node) => Ok(Text::from(document.extracted_value(*node).unwrap_or_default())),
            _ => Err("the expression gives no nodes".to_owned()),
        })
        .collect()
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (file, path) = (self.file.eval(user)?, self.path.eval(user)?);
        let key = (file, path);
        let mut opened = self.opened.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !opened.contains_key(&key) {
            match values(&user.run.data_file(&key.0), &key.1, self.namespaces.clone()) {
                Ok(values) => {
                    opened.insert((Text::clone(&key.0), Text::clone(&key.1)), Nodes { values, next: 0 });
                }
                Err(error) => {
                    log::warn!(target: TARGET, "{error}: {} {}", key.0, key.1);
                    return Ok(Text::default());
                }
            }
        }
        let Some(nodes) = opened.get_mut(&key) else { return Ok(Text::default()) };
        let Some(value) = nodes.values.get(nodes.next) else {
            log::warn!(target: TARGET, "XPathFileContainer has no nodes: {} {}", key.0, key.1);
            return Ok(Text::default());
        };
        nodes.next = if nodes.next + 1 >= nodes.values.len() { 0 } else { nodes.next + 1 };
        Ok(Text::clone(value))
    }
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn nodes_of_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.xml");
        std::fs::write(&file, "<r><i n='1'>one</i><i n='2'/></r>").unwrap();
        let found = |path| {
            values(&file, path, Vec::new()).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
        };
        assert_eq!(found("//i/@n").as_deref(), Ok("1|2"));
        assert_eq!(found("//i").as_deref(), Ok("one|"));
        assert_eq!(found("//zz").as_deref(), Ok(""));
        assert!(found("count(//i)").is_err() && found("//i[").is_err());
        assert!(values(&dir.path().join("gone"), "/", Vec::new()).is_err());
    }
}
