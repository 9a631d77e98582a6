//! Content models: which element may come next, and what Xerces says when another does.
//!
//! A model is an automaton over the places of its elements and wildcards. Xerces counts repeated elements where no group is
//! repeated, and writes repeated particles out otherwise; its messages tell which, so this does the same.

use super::components::{ElementId, Name, Particle, Schema, Term, Wildcard};

/// Places that a model may have when repeated particles are written out, and ways between them.
const MOST_PLACES: usize = 20_000;
const MOST_WAYS: usize = 4_000_000;

/// What a place takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    Element(ElementId),
    Any(Wildcard),
}

#[derive(Debug)]
struct Place {
    /// Its place in [`Model::leaves`].
    leaf: usize,
    /// How often it must and may come in a row, where that is counted.
    counted: Option<(u32, Option<u32>)>,
    follow: Vec<u32>,
}

/// A content model.
#[derive(Debug)]
pub struct Model {
    /// What places take, each once, in the order in which messages list them.
    leaves: Vec<Leaf>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Automaton {
        places: Vec<Place>,
        first: Vec<u32>,
        last: Vec<bool>,
        nullable: bool,
    },
    /// `xs:all`: each leaf once, in any order; whether it must be there; whether all may be left out.
    All {
        required: Vec<bool>,
        optional: bool,
    },
}

/// How far an element's content has come.
#[derive(Debug, Clone)]
pub enum State {
    Start,
    /// The places of the last child, and how often in a row each was met.
    At(Vec<(u32, u32)>),
    /// Which leaves of `xs:all` have come.
    Seen(Vec<bool>),
}

/// What is wrong about the next child, or about its absence.
#[derive(Debug)]
pub struct Unexpected {
    pub expected: Vec<String>,
    /// The counted leaf that came last, how often it came, must come and may come.
    pub counted: Option<(String, u32, u32, Option<u32>)>,
}

impl Model {
    /// The model of a particle; none if it is too large.
    pub fn new(particle: &Particle) -> Option<Model> {
        if let Term::All(parts) = &particle.term {
            let leaves = parts.iter().filter_map(|part| leaf(&part.term)).collect();
            let required = parts.iter().map(|part| part.min > 0).collect();
            return Some(Model { leaves, kind: Kind::All { required, optional: particle.min == 0 } });
        }
        let mut build = Build { leaves: Vec::new(), places: Vec::new(), ways: 0, counts: counts(particle) };
        let part = build.particle(particle)?;
        let mut last = vec![false; build.places.len()];
        for place in part.last {
            last[place as usize] = true;
        }
        let kind = Kind::Automaton { places: build.places, first: part.first, last, nullable: part.nullable };
        Some(Model { leaves: build.leaves, kind })
    }

    /// Takes a child: what took it, or what would have been right.
    pub fn next(&self, schema: &Schema, state: &mut State, child: &Name) -> Result<(Leaf, ElementId), Unexpected> {
        for leaf in 0..self.leaves.len() {
            let Some(element) = taken(schema, &self.leaves[leaf], child) else { continue };
            if let Some(after) = self.step(state, leaf) {
                *state = after;
                return Ok((self.leaves[leaf].clone(), element));
            }
        }
        Err(self.unexpected(schema, state))
    }

    /// Whether the content may end here.
    pub fn end(&self, schema: &Schema, state: &State) -> Result<(), Unexpected> {
        let complete = match (&self.kind, state) {
            (Kind::Automaton { nullable, .. }, State::Start) => *nullable,
            (Kind::Automaton { places, last, .. }, State::At(at)) => at.iter().any(|&(place, count)| {
                last[place as usize] && places[place as usize].counted.is_none_or(|(min, _)| count >= min)
            }),
            (Kind::All { required, optional }, State::Start) => *optional || !required.contains(&true),
            (Kind::All { required, .. }, State::Seen(seen)) => {
                required.iter().zip(seen).all(|(required, seen)| *seen || !required)
            }
            _ => true,
        };
        if complete { Ok(()) } else { Err(self.unexpected(schema, state)) }
    }

    fn step(&self, state: &State, leaf: usize) -> Option<State> {
        match (&self.kind, state) {
            (Kind::All { required, .. }, state) => {
                let mut seen = match state {
                    State::Seen(seen) => seen.clone(),
                    _ => vec![false; required.len()],
                };
                if std::mem::replace(seen.get_mut(leaf)?, true) { None } else { Some(State::Seen(seen)) }
            }
            (Kind::Automaton { places, first, .. }, state) => {
                let mut after: Vec<(u32, u32)> = Vec::new();
                let mut add = |place: u32, count: u32| {
                    if places[place as usize].leaf == leaf && !after.contains(&(place, count)) {
                        after.push((place, count));
                    }
                };
                match state {
                    State::At(at) => {
                        for &(place, count) in at {
                            let of = &places[place as usize];
                            if let Some((min, max)) = of.counted {
                                if max.is_none_or(|max| count < max) {
                                    // Beyond the least number an unbounded count does not matter.
                                    add(place, if max.is_none() { (count + 1).min(min) } else { count + 1 });
                                }
                                if count < min {
                                    continue;
                                }
                            }
                            of.follow.iter().for_each(|&next| add(next, 1));
                        }
                    }
                    _ => first.iter().for_each(|&place| add(place, 1)),
                }
                if after.is_empty() { None } else { Some(State::At(after)) }
            }
        }
    }

    fn unexpected(&self, schema: &Schema, state: &State) -> Unexpected {
        let possible = (0..self.leaves.len()).filter(|leaf| self.step(state, *leaf).is_some());
        let expected = possible.map(|leaf| shown(schema, &self.leaves[leaf])).collect();
        let counted = match (&self.kind, state) {
            (Kind::Automaton { places, .. }, State::At(at)) => at.iter().find_map(|&(place, count)| {
                let place = &places[place as usize];
                place.counted.map(|(min, max)| {
                    let name = match &self.leaves[place.leaf] {
                        Leaf::Element(element) => schema.elements[*element as usize].name.expanded(),
                        Leaf::Any(wildcard) => wildcard.shown(),
                    };
                    (name, count, min, max)
                })
            }),
            _ => None,
        };
        Unexpected { expected, counted }
    }
}

fn leaf(term: &Term) -> Option<Leaf> {
    match term {
        Term::Element(element) => Some(Leaf::Element(*element)),
        Term::Any(wildcard) => Some(Leaf::Any(wildcard.clone())),
        _ => None,
    }
}

/// The element that a child of this name is, if the leaf takes it; any number for one that a wildcard takes.
fn taken(schema: &Schema, leaf: &Leaf, child: &Name) -> Option<ElementId> {
    match leaf {
        Leaf::Element(element) if schema.elements[*element as usize].name == *child => Some(*element),
        Leaf::Element(element) => schema.substitutes.get(element)?.get(child).copied(),
        Leaf::Any(wildcard) => wildcard.takes(&child.namespace).then_some(0),
    }
}

fn shown(schema: &Schema, leaf: &Leaf) -> String {
    match leaf {
        Leaf::Element(element) => schema.elements[*element as usize].name.listed(),
        Leaf::Any(wildcard) => wildcard.shown(),
    }
}

/// Whether repeated leaves are counted: no group may be repeated but one of a single leaf.
fn counts(particle: &Particle) -> bool {
    match &particle.term {
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
            if (particle.min, particle.max) == (1, Some(1)) {
                return parts.iter().all(counts);
            }
            match parts.as_slice() {
                [] => true,
                [part] => leaf(&part.term).is_some() && (part.min, part.max) == (1, Some(1)),
                _ => false,
            }
        }
        Term::Element(_) | Term::Any(_) => true,
    }
}

/// A part of the automaton.
#[derive(Clone)]
struct Part {
    first: Vec<u32>,
    last: Vec<u32>,
    nullable: bool,
}

struct Build {
    leaves: Vec<Leaf>,
    places: Vec<Place>,
    ways: usize,
    counts: bool,
}

impl Build {
    fn particle(&mut self, particle: &Particle) -> Option<Part> {
        let single = match &particle.term {
            Term::Sequence(parts) | Term::Choice(parts) if parts.len() == 1 && self.counts => {
                leaf(&parts[0].term).filter(|_| (parts[0].min, parts[0].max) == (1, Some(1)))
            }
            term => leaf(term),
        };
        let simple = matches!((particle.min, particle.max), (0 | 1, Some(1) | None));
        if let (Some(leaf), true, false) = (single, self.counts, simple) {
            if particle.max == Some(0) {
                return Some(nothing());
            }
            let mut part = self.place(leaf, Some((particle.min, particle.max)))?;
            part.nullable = particle.min == 0;
            return Some(part);
        }
        match (particle.min, particle.max) {
            (_, Some(0)) => Some(nothing()),
            (1, Some(1)) => self.term(&particle.term),
            (0, Some(1)) => self.term(&particle.term).map(optional),
            (0, None) => self.repeated(&particle.term).map(optional),
            (1, None) => self.repeated(&particle.term),
            (min, None) => {
                let mut part = nothing();
                for _ in 1..min {
                    let next = self.term(&particle.term)?;
                    part = self.then(part, next)?;
                }
                let rest = self.repeated(&particle.term)?;
                self.then(part, rest)
            }
            (min, Some(max)) => {
                let mut part = nothing();
                for number in 0..max {
                    let next = self.term(&particle.term)?;
                    let next = if number < min { next } else { optional(next) };
                    part = self.then(part, next)?;
                }
                Some(part)
            }
        }
    }

    fn term(&mut self, term: &Term) -> Option<Part> {
        match term {
            Term::Element(_) | Term::Any(_) => self.place(leaf(term)?, None),
            Term::Sequence(parts) | Term::All(parts) => {
                let mut whole = nothing();
                for part in parts {
                    let next = self.particle(part)?;
                    whole = self.then(whole, next)?;
                }
                Some(whole)
            }
            Term::Choice(parts) => {
                let mut whole = Part { first: Vec::new(), last: Vec::new(), nullable: parts.is_empty() };
                for part in parts {
                    let next = self.particle(part)?;
                    whole.first.extend(next.first);
                    whole.last.extend(next.last);
                    whole.nullable |= next.nullable;
                }
                Some(whole)
            }
        }
    }

    fn repeated(&mut self, term: &Term) -> Option<Part> {
        let part = self.term(term)?;
        self.connect(&part.last, &part.first)?;
        Some(part)
    }

    fn place(&mut self, leaf: Leaf, counted: Option<(u32, Option<u32>)>) -> Option<Part> {
        if self.places.len() >= MOST_PLACES {
            return None;
        }
        let known = self.leaves.iter().position(|known| *known == leaf);
        let leaf = known.unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        let place = self.places.len() as u32;
        self.places.push(Place { leaf, counted, follow: Vec::new() });
        Some(Part { first: vec![place], last: vec![place], nullable: false })
    }

    fn then(&mut self, one: Part, other: Part) -> Option<Part> {
        self.connect(&one.last, &other.first)?;
        let first = if one.nullable { [one.first, other.first].concat() } else { one.first };
        let last = if other.nullable { [one.last, other.last].concat() } else { other.last };
        Some(Part { first, last, nullable: one.nullable && other.nullable })
    }

    fn connect(&mut self, from: &[u32], to: &[u32]) -> Option<()> {
        self.ways += from.len() * to.len();
        if self.ways > MOST_WAYS {
            return None;
        }
        for &place in from {
            let follow = &mut self.places[place as usize].follow;
            follow.extend_from_slice(to);
            follow.sort_unstable();
            follow.dedup();
        }
        Some(())
    }
}

fn nothing() -> Part {
    Part { first: Vec::new(), last: Vec::new(), nullable: true }
}

fn optional(part: Part) -> Part {
    Part { nullable: true, ..part }
}
