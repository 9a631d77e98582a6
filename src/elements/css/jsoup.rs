//! jsoup's way of selecting: every element, the document included, is held against the whole selector.

use super::Dialect;
use super::dom::{DOCUMENT, Dom};
use super::parser::{Combinator, Complex, Selector};
use super::simple::Search;

/// All elements that a selector matches, in document order.
pub(super) fn select(dom: &Dom, selector: &Selector) -> Vec<usize> {
    let search = Search { dom, dialect: Dialect::Jsoup };
    let mut found = dom.descendants(DOCUMENT);
    found.retain(|element| matches(search, DOCUMENT, *element, selector));
    found
}

/// Whether a selector matches an element below `root`.
pub(super) fn matches(search: Search<'_>, root: usize, element: usize, selector: &Selector) -> bool {
    selector.alternatives.iter().any(|complex| matches_to(search, root, element, complex, complex.compounds.len()))
}

/// Whether the first `count` compounds match, the last of them on `element`.
fn matches_to(search: Search<'_>, root: usize, element: usize, complex: &Complex, count: usize) -> bool {
    let Some((combinator, compound)) = count.checked_sub(1).and_then(|last| complex.compounds.get(last)) else {
        return true;
    };
    if !compound.iter().all(|simple| search.meets(element, simple)) {
        return false;
    }
    let dom = search.dom;
    if count == 1 {
        // A combinator before all else hangs on the root of the search.
        return match combinator {
            Combinator::First => true,
            Combinator::Child => dom.parent(element) == Some(root),
            Combinator::Descendant => element != root,
            Combinator::Next | Combinator::Later => false,
        };
    }
    let before = |left: usize| matches_to(search, root, left, complex, count - 1);
    match combinator {
        Combinator::Child => element != root && dom.parent(element).is_some_and(before),
        Combinator::Next | Combinator::Later => {
            if element == root {
                return false;
            }
            let siblings = dom.siblings(element);
            let place = siblings.iter().position(|sibling| *sibling == element).unwrap_or_default();
            if *combinator == Combinator::Next {
                place.checked_sub(1).is_some_and(|place| before(siblings[place]))
            } else {
                siblings[..place].iter().any(|sibling| before(*sibling))
            }
        }
        Combinator::Descendant | Combinator::First => {
            let above = std::iter::successors(Some(element), |at| if *at == root { None } else { dom.parent(*at) });
            above.skip(1).any(before)
        }
    }
}

/// `Element.attr(name)`: empty where there is none. `abs:` asks for an absolute address, which JMeter gives no base for.
pub(super) fn attribute(dom: &Dom, element: usize, name: &str) -> String {
    if let Some(value) = dom.attribute(element, name) {
        return value.to_owned();
    }
    let has_scheme = |value: &&str| {
        let scheme = value.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    };
    let absolute =
        name.to_lowercase().strip_prefix("abs:").and_then(|name| dom.attribute(element, name)).filter(has_scheme);
    absolute.unwrap_or_default().to_owned()
}
