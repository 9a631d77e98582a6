//! What JTidy looks for in the attributes of certain elements.

use super::report::{Fault, access};
use super::tags::Check;
use super::tree::{Attribute, NodeId};
use super::versions::{HTML20, HTML32, HTML40_LOOSE, HTML40_STRICT, PROPRIETARY, XHTML_NAMESPACE};
use super::{Failure, Tidy};

impl Tidy<'_> {
    /// Checks the attributes of an element that begins.
    pub fn check_element(&mut self, node: NodeId, check: Check) -> Result<(), Failure> {
        match check {
            Check::Attributes => {
                self.check_attributes(node);
            }
            Check::Html => self.check_html(node),
            Check::Script => self.check_script(node),
            Check::Table => self.check_table(node),
            Check::Caption => self.check_caption(node),
            Check::Img => self.check_image(node),
            Check::Area => self.check_area(node),
            Check::Anchor | Check::Map => {
                self.check_attributes(node);
                self.check_id_and_name(node);
            }
            Check::Style => {
                let has_type = self.has(node, "type");
                self.check_attributes(node);
                if !has_type {
                    self.missing(node, "type", Fault::MissingAttribute);
                    self.tree.append_attribute(node, "type", "text/css");
                }
            }
            Check::TableCell => {
                self.check_attributes(node);
                if self.has(node, "width") || self.has(node, "height") {
                    self.constrain(!HTML40_STRICT);
                }
            }
            Check::Link => self.check_link(node),
            Check::Hr => {
                let source = self.tree[node].attributes.iter().position(|attribute| attribute.is("src"));
                self.check_attributes(node);
                if let Some(place) = source {
                    self.fault(node, place, Fault::ProprietaryValue);
                }
            }
            Check::Form => self.check_has(node, "action"),
            Check::Meta => self.check_has(node, "content"),
        }
        self.repair_duplicates(node)
    }

    fn has(&self, node: NodeId, name: &str) -> bool {
        self.tree.attribute(node, name).is_some()
    }

    fn value_of(&self, node: NodeId, name: &str) -> Option<&str> {
        self.tree.attribute(node, name)?.value.as_deref()
    }

    /// Checks each attribute; the names of those that are known.
    fn check_attributes(&mut self, node: NodeId) -> Vec<&'static str> {
        let places = 0..self.tree[node].attributes.len();
        places.filter_map(|place| self.check_attribute(node, place)).collect()
    }

    /// Checks the attributes, one of which must be there.
    fn check_has(&mut self, node: NodeId, name: &'static str) {
        let has = self.has(node, name);
        self.check_attributes(node);
        if !has {
            self.missing(node, name, Fault::MissingAttribute);
        }
    }

    fn check_html(&mut self, node: NodeId) {
        if self.value_of(node, "xmlns") == Some(XHTML_NAMESPACE) {
            self.is_voyager = true;
            self.options.xhtml = true;
            self.options.xml_out = true;
        }
        self.check_attributes(node);
    }

    fn check_script(&mut self, node: NodeId) {
        self.check_attributes(node);
        if self.has(node, "type") {
            return;
        }
        self.missing(node, "type", Fault::MissingAttribute);
        let kind = match self.tree.attribute(node, "language") {
            None => Some("text/javascript"),
            Some(language) => match language.value.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
                "javascript" | "jscript" => Some("text/javascript"),
                "vbscript" => Some("text/vbscript"),
                _ => None,
            },
        };
        if let Some(kind) = kind {
            self.tree.append_attribute(node, "type", kind);
        }
    }

    fn check_table(&mut self, node: NodeId) {
        let known = self.check_attributes(node);
        if !known.contains(&"summary") && self.doctype != HTML20 && self.doctype != HTML32 {
            self.report.access |= access::MISSING_SUMMARY;
        }
        if self.options.xml_out
            && let Some(border) = self.tree.attribute_mut(node, "border")
        {
            border.value.get_or_insert_with(|| "1".to_owned());
        }
        if let Some(place) = self.tree[node].attributes.iter().position(|attribute| attribute.is("height")) {
            self.fault(node, place, Fault::Proprietary);
            self.versions &= PROPRIETARY;
        }
    }

    fn check_caption(&mut self, node: NodeId) {
        self.check_attributes(node);
        let Some(place) = self.tree[node].attributes.iter().position(|attribute| attribute.is("align")) else { return };
        match self.tree[node].attributes[place].value.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None => {}
            Some("left" | "right") => self.constrain(HTML40_LOOSE),
            Some("top" | "bottom") => self.constrain(!(HTML20 | HTML32)),
            Some(_) => self.fault(node, place, Fault::BadValue),
        }
    }

    fn check_image(&mut self, node: NodeId) {
        let known = self.check_attributes(node);
        let has = |name| known.contains(&name);
        if has("width") || has("height") {
            self.constrain(!HTML20);
        }
        if !has("alt") {
            self.report.access |= access::MISSING_IMAGE_ALT;
            self.missing(node, "alt", Fault::MissingAttribute);
        }
        if !has("src") && !has("datafld") {
            self.missing(node, "src", Fault::MissingAttribute);
        }
        if has("ismap") && !has("usemap") {
            self.missing(node, "ismap", Fault::MissingImageMap);
        }
    }

    fn check_area(&mut self, node: NodeId) {
        let known = self.check_attributes(node);
        if !known.contains(&"alt") {
            self.report.access |= access::MISSING_LINK_ALT;
            self.missing(node, "alt", Fault::MissingAttribute);
        }
        if !known.contains(&"href") {
            self.missing(node, "href", Fault::MissingAttribute);
        }
    }

    fn check_link(&mut self, node: NodeId) {
        let is_style = self.value_of(node, "rel") == Some("stylesheet");
        self.check_attributes(node);
        if is_style && !self.has(node, "type") {
            self.missing(node, "type", Fault::MissingAttribute);
            self.tree.append_attribute(node, "type", "text/css");
        }
    }

    /// An anchor's `id` and `name` must be the same. In XML what has a name gets an id.
    fn check_id_and_name(&mut self, node: NodeId) {
        let Some(place) = self.tree[node].attributes.iter().position(|attribute| attribute.is("name")) else { return };
        let name = self.tree[node].attributes[place].value.clone();
        match self.tree.attribute(node, "id") {
            Some(id) if id.value.is_some() && id.value != name => self.fault(node, place, Fault::IdNameMismatch),
            None if self.options.xml_out => self.tree[node].attributes.push(Attribute::new("id", name)),
            _ => {}
        }
    }
}
