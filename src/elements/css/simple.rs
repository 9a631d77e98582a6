//! Whether an element meets a condition.

use super::Dialect;
use super::dom::{DOCUMENT, Dom};
use super::parser::{Operator, Simple};
use super::{jodd, jsoup};

/// What conditions are checked in.
#[derive(Clone, Copy)]
pub(super) struct Search<'d> {
    pub dom: &'d Dom,
    pub dialect: Dialect,
}

impl Search<'_> {
    /// Whether an element meets a condition. Those on the place among what was found are for Jodd alone, and met here.
    pub fn meets(&self, element: usize, simple: &Simple) -> bool {
        let dom = self.dom;
        let jsoup = self.dialect == Dialect::Jsoup;
        match simple {
            Simple::Any | Simple::Found(_) => true,
            Simple::Tag(name) => dom.name(element) == Some(name),
            Simple::AnyPrefix(name) => dom.name(element).is_some_and(|this| {
                this == name || this.strip_suffix(&**name).is_some_and(|prefix| prefix.ends_with(':'))
            }),
            Simple::Id(id) => dom.attribute(element, "id") == Some(id),
            Simple::Class(class) => dom.attribute(element, "class").is_some_and(|classes| {
                classes.split_whitespace().any(|one| if jsoup { one.eq_ignore_ascii_case(class) } else { one == class })
            }),
            Simple::Has(name) => dom.attribute(element, name).is_some(),
            Simple::HasPrefix(prefix) => {
                dom.attributes(element).iter().any(|(name, _)| name.to_lowercase().starts_with(&**prefix))
            }
            Simple::Attribute { name, operator, value } => {
                let found = dom.attribute(element, name);
                let Some(found) = found else { return *operator == Operator::Differs };
                if jsoup { compare(&found.to_lowercase(), *operator, value) } else { compare(found, *operator, value) }
            }
            Simple::AttributeMatches { name, pattern } => {
                dom.attribute(element, name).is_some_and(|value| pattern.contains(value))
            }
            Simple::Not(selector) if jsoup => !jsoup::matches(*self, DOCUMENT, element, selector),
            Simple::Not(selector) => !jodd::matches(*self, element, selector),
            Simple::Holds(selector) => dom
                .descendants(element)
                .into_iter()
                .skip(1)
                .any(|below| jsoup::matches(*self, element, below, selector)),
            Simple::Contains { own, raw, text } => {
                let all = self.text(element, *own, *raw);
                if *raw { all.contains(&**text) } else { all.to_lowercase().contains(&**text) }
            }
            Simple::Matches { own, raw, pattern } => pattern.contains(&self.text(element, *own, *raw)),
            Simple::Nth(nth) => nth.is_met(dom, element),
            Simple::Only { of_type } => {
                let alone = |sibling: &usize| !of_type || dom.name(*sibling) == dom.name(element);
                dom.parent(element).is_some_and(|parent| parent != DOCUMENT)
                    && dom.siblings(element).iter().filter(|sibling| alone(sibling)).count() == 1
            }
            Simple::Empty => dom.children(element).is_empty(),
            Simple::Root => dom.parent(element) == Some(DOCUMENT),
            Simple::Position { order, index } if jsoup => {
                let siblings = dom.siblings(element);
                let place = siblings.iter().position(|sibling| *sibling == element).unwrap_or_default() as i64;
                // The document's index is 0, and jsoup's `:lt` does not take it, having no parent.
                element != DOCUMENT && place.cmp(index) == *order
            }
            Simple::Position { .. } => true,
            Simple::IsParent => !dom.children(element).is_empty(),
            Simple::Form(kind) => is_form(dom, element, kind),
        }
    }

    fn text(&self, element: usize, own: bool, raw: bool) -> String {
        match (own, raw) {
            (false, false) => self.dom.text(element),
            (true, false) => self.dom.own_text(element),
            (false, true) => self.dom.raw_text(element),
            (true, true) => {
                let own = self.dom.children(element).iter().filter(|child| !self.dom.is_element(**child));
                own.map(|child| self.dom.raw_text(*child)).collect()
            }
        }
    }
}

fn compare(found: &str, operator: Operator, value: &str) -> bool {
    match operator {
        Operator::Equals => found.trim() == value.trim(),
        Operator::Differs => found != value,
        Operator::Starts => found.starts_with(value),
        Operator::Ends => found.ends_with(value),
        Operator::Contains => found.contains(value),
        Operator::Word => found.split_whitespace().any(|word| word == value),
        Operator::Dashed => found.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
    }
}

/// Jodd's classes for elements of forms.
fn is_form(dom: &Dom, element: usize, kind: &str) -> bool {
    let name = dom.name(element).unwrap_or_default();
    let of_type = |kind: &str| dom.attribute(element, "type") == Some(kind);
    match kind {
        "header" => matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6"),
        "input" => matches!(name, "button" | "input" | "select" | "textarea"),
        "button" => name == "button" || name == "input" && of_type("button"),
        "checked" | "selected" => dom.attribute(element, kind).is_some(),
        kind => of_type(kind),
    }
}
