//! The border between a `.jmx` file and the plan: a lossless element tree.

use super::property::{Property, PropertyValue};
use crate::java::number;
use crate::text::Text;

/// A test element's place in its [`TestTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A test element with the elements below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The element itself.
    pub element: TestElement,
    parent: Option<NodeId>,
    children: Vec<NodeId>,
}

impl Node {
    /// The elements in this element's `hashTree`, in the file's order.
    pub fn children(&self) -> &[NodeId] {
        &self.children
    }

    /// The element in whose `hashTree` this one stands. `None` for a root.
    pub fn parent(&self) -> Option<NodeId> {
        self.parent
    }
}

/// A plan as its file has it: no element is known by name, none is left out, disabled ones included.
///
/// The nodes lie in one array and name each other by [`NodeId`], so that a plan that is nested a hundred thousand
/// levels deep is read, dropped and written without recursion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TestTree {
    /// The attributes of `<jmeterTestPlan>` in the file's order: `version`, `properties`, `jmeter`.
    pub attributes: Vec<(Text, Text)>,
    nodes: Vec<Node>,
    roots: Vec<NodeId>,
}

impl TestTree {
    /// A tree without elements, of the version that JMeter 5.6.2 writes.
    pub fn new() -> Self {
        let attribute = |name: &str, value: &str| (Text::from(name), Text::from(value));
        Self {
            attributes: vec![attribute("version", "1.2"), attribute("properties", "5.0"), attribute("jmeter", "5.6.2")],
            ..Self::default()
        }
    }

    /// Appends an element below `parent`, or as a root.
    pub fn add(&mut self, parent: Option<NodeId>, element: TestElement) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { element, parent, children: Vec::new() });
        match parent {
            Some(parent) => self.nodes[parent.index()].children.push(id),
            None => self.roots.push(id),
        }
        id
    }

    /// The elements in the outermost `hashTree`: the Test Plan and, in old plans, the `WorkBench`.
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The elements below `parent`, or the roots.
    pub fn children(&self, parent: Option<NodeId>) -> &[NodeId] {
        match parent {
            Some(parent) => &self[parent].children,
            None => &self.roots,
        }
    }

    /// A root attribute: the version of the file's format, of its properties, or JMeter's own.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }

    /// All elements with their depth (0 for a root), each before its children.
    pub fn document_order(&self) -> DocumentOrder<'_> {
        DocumentOrder { tree: self, open: vec![self.roots.iter()] }
    }
}

impl std::ops::Index<NodeId> for TestTree {
    type Output = Node;
    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }
}

impl std::ops::IndexMut<NodeId> for TestTree {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }
}

/// See [`TestTree::document_order`].
#[derive(Debug, Clone)]
pub struct DocumentOrder<'a> {
    tree: &'a TestTree,
    open: Vec<std::slice::Iter<'a, NodeId>>,
}

impl Iterator for DocumentOrder<'_> {
    type Item = (usize, NodeId);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let depth = self.open.len().checked_sub(1)?;
            match self.open[depth].next() {
                Some(&id) => {
                    self.open.push(self.tree[id].children.iter());
                    return Some((depth, id));
                }
                None => {
                    self.open.pop();
                }
            }
        }
    }
}

/// A test element: an entry of a `hashTree`, or the content of an `elementProp`.
///
/// Its properties are those of JMeter's `AbstractTestElement` after loading: the attributes `testname`, `guiclass` and
/// `enabled` stand for the properties `TestElement.name`, `.gui_class` and `.enabled`, a property of that name beats
/// the attribute, and of two properties of one name the last counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TestElement {
    /// The tag: `ThreadGroup`, a class name, or `elementProp`.
    pub tag: Text,
    /// What JMeter builds: the `class` or `elementType` attribute if there is one, else the tag, with XStream's
    /// escapes for `$` and `_` undone. An alias of `saveservice.properties` or a class name.
    pub class: Text,
    /// All attributes in the file's order, known or not. That of an `elementProp`'s `name` is left out: it is the
    /// property's own.
    pub attributes: Vec<(Text, Text)>,
    /// In the file's order.
    pub properties: Vec<Property>,
    /// The line of the start tag, counted from 1; 0 for an element that comes from no file.
    pub line: u32,
}

impl TestElement {
    /// An element without properties, as JMeter would save it.
    pub fn new(class: &str, gui_class: &str, name: &str) -> Self {
        let attribute = |name: &str, value: &str| (Text::from(name), Text::from(value));
        Self {
            tag: Text::from(class),
            class: Text::from(class),
            attributes: vec![
                attribute("guiclass", gui_class),
                attribute("testclass", class),
                attribute("testname", name),
            ],
            ..Self::default()
        }
    }

    /// The same element with one property more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<PropertyValue>) -> Self {
        self.properties.push(Property::new(name, value));
        self
    }

    /// `TestElement.name`, empty if absent.
    pub fn name(&self) -> Text {
        match self.get("TestElement.name") {
            Some(value) => value.text(),
            None => self.shared_attribute("testname").map_or_else(crate::text::empty, Text::clone),
        }
    }

    /// Whether there is a name, be it an empty one.
    pub fn has_name(&self) -> bool {
        self.get("TestElement.name").is_some() || self.attribute("testname").is_some()
    }

    /// `TestElement.gui_class`, empty if absent (which only an `elementProp`'s content may be).
    pub fn gui_class(&self) -> Text {
        match self.get("TestElement.gui_class") {
            Some(value) => value.text(),
            None => self.shared_attribute("guiclass").map_or_else(crate::text::empty, Text::clone),
        }
    }

    /// `TestElement.isEnabled()`: true if neither attribute nor property says otherwise.
    pub fn enabled(&self) -> bool {
        match self.get("TestElement.enabled") {
            Some(value) => value.bool(),
            None => self.attribute("enabled").is_none_or(number::parse_boolean),
        }
    }

    /// `TestPlan.comments`, which every element has.
    pub fn comments(&self) -> Text {
        self.text("TestPlan.comments")
    }

    /// An attribute of the start tag.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }

    fn shared_attribute(&self, name: &str) -> Option<&Text> {
        self.attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    /// The property of that name with its line.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().rev().find(|property| &*property.name == name)
    }

    /// The value of the property of that name.
    pub fn get(&self, name: &str) -> Option<&PropertyValue> {
        self.property(name).map(|property| &property.value)
    }

    /// `getPropertyAsString(name)`: empty if absent.
    pub fn text(&self, name: &str) -> Text {
        self.get(name).map_or_else(crate::text::empty, PropertyValue::text)
    }

    /// `getPropertyAsString(name, default)`.
    pub fn text_or(&self, name: &str, default: &str) -> Text {
        self.get(name).map_or_else(|| Text::from(default), PropertyValue::text)
    }

    /// `getPropertyAsInt(name)`: 0 if absent.
    pub fn int(&self, name: &str) -> i32 {
        self.int_or(name, 0)
    }

    /// `getPropertyAsInt(name, default)`: the default is for an absent property only, a bad number is 0.
    pub fn int_or(&self, name: &str, default: i32) -> i32 {
        self.get(name).map_or(default, PropertyValue::int)
    }

    /// `getPropertyAsLong(name)`: 0 if absent.
    pub fn long(&self, name: &str) -> i64 {
        self.long_or(name, 0)
    }

    /// `getPropertyAsLong(name, default)`: the default is for an absent property only, a bad number is 0.
    pub fn long_or(&self, name: &str, default: i64) -> i64 {
        self.get(name).map_or(default, PropertyValue::long)
    }

    /// `getPropertyAsBoolean(name)`: false if absent.
    pub fn bool(&self, name: &str) -> bool {
        self.bool_or(name, false)
    }

    /// `getPropertyAsBoolean(name, default)`: the default is for an absent property only.
    pub fn bool_or(&self, name: &str, default: bool) -> bool {
        self.get(name).map_or(default, PropertyValue::bool)
    }

    /// `getPropertyAsDouble(name)`: 0 if absent.
    pub fn double(&self, name: &str) -> f64 {
        self.get(name).map_or(0.0, PropertyValue::double)
    }

    /// `getPropertyAsFloat(name)`: 0 if absent.
    pub fn float(&self, name: &str) -> f32 {
        self.get(name).map_or(0.0, PropertyValue::float)
    }

    /// The element in an `elementProp`.
    pub fn element(&self, name: &str) -> Option<&TestElement> {
        match self.get(name) {
            Some(PropertyValue::Element(element)) => Some(element),
            _ => None,
        }
    }

    /// The entries of a `collectionProp`; none if it is absent or something else.
    pub fn collection(&self, name: &str) -> &[Property] {
        match self.get(name) {
            Some(PropertyValue::Collection(entries)) => entries,
            _ => &[],
        }
    }
}

pub(super) fn attribute<'a>(attributes: &'a [(Text, Text)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn document_order_is_parents_first() {
        let mut tree = TestTree::new();
        let plan = tree.add(None, TestElement::new("TestPlan", "TestPlanGui", "plan"));
        let group = tree.add(Some(plan), TestElement::new("ThreadGroup", "ThreadGroupGui", "group"));
        let last = tree.add(Some(plan), TestElement::new("CookieManager", "CookiePanel", "last"));
        let sampler = tree.add(Some(group), TestElement::new("DebugSampler", "TestBeanGUI", "sampler"));
        let order: Vec<_> = tree.document_order().collect();
        assert_eq!(order, [(0, plan), (1, group), (2, sampler), (1, last)]);
        assert_eq!(tree[sampler].parent(), Some(group));
    }

    #[test]
    fn a_property_beats_the_attribute_and_the_last_property_beats_the_others() {
        // As re-saved by JMeter 5.6.2's SaveService.
        let element = TestElement::new("TestPlan", "TestPlanGui", "attribute");
        assert_eq!((&*element.name(), &*element.gui_class(), element.enabled()), ("attribute", "TestPlanGui", true));
        let element = element
            .with("TestElement.name", "property")
            .with("TestElement.gui_class", "X")
            .with("TestElement.enabled", PropertyValue::Bool(false))
            .with("a", "1")
            .with("a", "2");
        assert_eq!((&*element.name(), &*element.gui_class(), element.enabled()), ("property", "X", false));
        assert_eq!(&*element.text("a"), "2");
    }

    #[test]
    fn enabled_is_true_unless_said_otherwise() {
        for (value, expected) in [("true", true), ("TRUE", true), ("false", false), ("", false), ("yes", false)] {
            let mut element = TestElement::new("TestPlan", "TestPlanGui", "");
            element.attributes.push((Text::from("enabled"), Text::from(value)));
            assert_eq!(element.enabled(), expected, "{value:?}");
        }
    }
}
