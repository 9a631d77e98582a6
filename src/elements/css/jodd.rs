//! Jodd's way of selecting: step by step from the left, each step on what the one before has found, so that `:first` and
//! `:eq(1)` count among that.

use super::Dialect;
use super::dom::{DOCUMENT, Dom};
use super::parser::{Combinator, Complex, Compound, Found, Selector, Simple};
use super::simple::Search;

/// All elements that a selector finds, those of its first alternative first.
pub(super) fn select(dom: &Dom, selector: &Selector) -> Result<Vec<usize>, String> {
    let search = Search { dom, dialect: Dialect::Jodd };
    let mut all = Vec::new();
    for complex in &selector.alternatives {
        all.extend(steps(search, complex));
    }
    Ok(all)
}

/// Whether a selector without steps matches an element (`:not(a)`).
pub(super) fn matches(search: Search<'_>, element: usize, selector: &Selector) -> bool {
    let last = |complex: &Complex| {
        complex
            .compounds
            .last()
            .is_some_and(|(_, compound)| compound.iter().all(|simple| search.meets(element, simple)))
    };
    selector.alternatives.iter().any(last)
}

fn steps(search: Search<'_>, complex: &Complex) -> Vec<usize> {
    let dom = search.dom;
    let mut current = vec![DOCUMENT];
    for (combinator, compound) in &complex.compounds {
        let mut next: Vec<usize> = Vec::new();
        let mut seen = vec![false; 0];
        for from in current {
            let candidates: Vec<usize> = match combinator {
                Combinator::First | Combinator::Descendant => dom.descendants(from).into_iter().skip(1).collect(),
                Combinator::Child => dom.elements(from).collect(),
                Combinator::Next | Combinator::Later => {
                    let siblings = dom.siblings(from);
                    let place = siblings.iter().position(|sibling| *sibling == from).unwrap_or_default();
                    let later = siblings.into_iter().skip(place + 1);
                    if *combinator == Combinator::Next { later.take(1).collect() } else { later.collect() }
                }
            };
            for candidate in candidates {
                if seen.len() <= candidate {
                    seen.resize(candidate + 1, false);
                }
                if !seen[candidate] && compound.iter().all(|simple| search.meets(candidate, simple)) {
                    seen[candidate] = true;
                    next.push(candidate);
                }
            }
        }
        current = counted(next, compound);
    }
    current
}

/// What is left when those in the wrong places among what was found are taken out.
fn counted(mut found: Vec<usize>, compound: &Compound) -> Vec<usize> {
    for simple in compound {
        let count = found.len();
        let keeps = |index: usize| match simple {
            Simple::Found(Found::First) => index == 0,
            Simple::Found(Found::Last) => index + 1 == count,
            Simple::Found(Found::Even) => index.is_multiple_of(2),
            Simple::Found(Found::Odd) => !index.is_multiple_of(2),
            Simple::Position { order, index: wanted } => {
                let wanted = if *wanted < 0 { wanted.saturating_add(count as i64) } else { *wanted };
                (index as i64).cmp(&wanted) == *order
            }
            _ => true,
        };
        let mut index = 0;
        found.retain(|_| {
            index += 1;
            keeps(index - 1)
        });
    }
    found
}
