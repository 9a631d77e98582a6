//! `:nth-child(2n+1)` and kin.

use super::dom::{DOCUMENT, Dom};

/// Which of its siblings an element must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Nth {
    from_end: bool,
    of_type: bool,
    step: i64,
    offset: i64,
}

impl Nth {
    /// The function of that name, without its argument.
    pub fn of(name: &str) -> Option<Self> {
        let (from_end, of_type) = match name {
            "nth-child" => (false, false),
            "nth-last-child" => (true, false),
            "nth-of-type" => (false, true),
            "nth-last-of-type" => (true, true),
            _ => return None,
        };
        Some(Nth { from_end, of_type, step: 0, offset: 1 })
    }

    /// The class of that name.
    pub fn of_class(name: &str) -> Option<Self> {
        let (from_end, of_type) = match name {
            "first-child" => (false, false),
            "last-child" => (true, false),
            "first-of-type" => (false, true),
            "last-of-type" => (true, true),
            _ => return None,
        };
        Some(Nth { from_end, of_type, step: 0, offset: 1 })
    }

    /// With its argument. `-n+2` is taken for `n+2`, as jsoup takes it.
    pub fn parse(self, argument: &str) -> Result<Self, String> {
        let argument = argument.trim().to_lowercase();
        let unexpected = || format!("Could not parse nth-index '{argument}': unexpected format");
        let (step, offset) = match argument.as_str() {
            "odd" => (2, 1),
            "even" => (2, 0),
            formula => match formula.split_once('n') {
                Some((step, offset)) => {
                    let offset: String = offset.chars().filter(|c| !c.is_whitespace()).collect();
                    let step = match step.trim() {
                        "" | "+" | "-" => 1,
                        step => step.parse().map_err(|_| unexpected())?,
                    };
                    (step, if offset.is_empty() { 0 } else { offset.parse().map_err(|_| unexpected())? })
                }
                None => (0, formula.parse().map_err(|_| unexpected())?),
            },
        };
        Ok(Nth { step, offset, ..self })
    }

    /// Whether an element is in such a place. The document's own child is in none.
    pub fn is_met(self, dom: &Dom, element: usize) -> bool {
        if dom.parent(element).is_none_or(|parent| parent == DOCUMENT) {
            return false;
        }
        let mut siblings = dom.siblings(element);
        if self.of_type {
            siblings.retain(|sibling| dom.name(*sibling) == dom.name(element));
        }
        let Some(index) = siblings.iter().position(|sibling| *sibling == element) else { return false };
        let position = if self.from_end { siblings.len() - index } else { index + 1 } as i64;
        let beyond = position.saturating_sub(self.offset);
        if self.step == 0 { beyond == 0 } else { beyond.signum() * self.step.signum() >= 0 && beyond % self.step == 0 }
    }
}
