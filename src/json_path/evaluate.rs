//! Walking a document along a path, as Jayway's path tokens do.

use super::condition;
use super::function;
use super::json::{Json, Object};
use super::path::{Path, Token};
use std::borrow::Cow;
use std::cell::RefCell;

/// Why a path gave nothing; each with Java's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EvalError {
    /// `PathNotFoundException`
    NotFound(String),
    /// `InvalidPathException`, which a filter takes for "no"
    Invalid(String),
    /// `IndexOutOfBoundsException`, which an array step takes for "nothing there"
    OutOfBounds(String),
    /// Any other exception
    Other(String),
}

/// What a whole evaluation shares.
#[derive(Debug)]
pub(super) struct Context<'d> {
    /// The document. Kept apart from the item that a filter looks at.
    pub(super) root: &'d Json,
    /// Results of the filters' `$` paths, by the address of the path.
    pub(super) roots: RefCell<ahash::AHashMap<usize, Json>>,
}

impl<'d> Context<'d> {
    pub(super) fn new(root: &'d Json) -> Self {
        Self { root, roots: RefCell::default() }
    }
}

/// The results of a path in the order in which they were found.
pub(super) fn evaluate<'d>(
    path: &Path,
    document: &'d Json,
    context: &Context<'d>,
    require_properties: bool,
) -> Result<Vec<Cow<'d, Json>>, EvalError> {
    let mut walk =
        Walk { path, context, require_properties, array_index: vec![None; path.tokens.len()], results: Vec::new() };
    walk.step(0, &Trail { parent: None, step: Step::Root(path.root) }, document)?;
    Ok(walk.results)
}

/// The value of a path: a definite one's last result, an indefinite one's results as an array.
pub(super) fn value<'d>(
    path: &Path,
    document: &'d Json,
    context: &Context<'d>,
    require_properties: bool,
) -> Result<Cow<'d, Json>, EvalError> {
    let results = evaluate(path, document, context, require_properties)?;
    value_of(path, results, path.is_definite())
}

/// See [`value`]; the caller says whether the path counts as definite.
pub(super) fn value_of<'d>(
    path: &Path,
    mut results: Vec<Cow<'d, Json>>,
    definite: bool,
) -> Result<Cow<'d, Json>, EvalError> {
    if definite {
        return results.pop().ok_or_else(|| EvalError::NotFound(format!("No results for path: {}", path.text())));
    }
    Ok(Cow::Owned(Json::Array(results.into_iter().map(Cow::into_owned).collect())))
}

/// The way from the root to where the walk is, for error texts.
struct Trail<'t> {
    parent: Option<&'t Trail<'t>>,
    step: Step<'t>,
}

#[derive(Clone, Copy)]
enum Step<'t> {
    Root(char),
    Name(&'t str),
    Index(i64),
}

impl<'t> Trail<'t> {
    fn name<'n>(&'n self, name: &'n str) -> Trail<'n>
    where
        't: 'n,
    {
        Trail { parent: Some(self), step: Step::Name(name) }
    }

    fn index<'n>(&'n self, index: i64) -> Trail<'n>
    where
        't: 'n,
    {
        Trail { parent: Some(self), step: Step::Index(index) }
    }

    fn text(&self) -> String {
        let mut text = self.parent.map(Trail::text).unwrap_or_default();
        match self.step {
            Step::Root(root) => text.push(root),
            Step::Name(name) => {
                text.push_str("['");
                text.push_str(name);
                text.push_str("']");
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
        text
    }
}

struct Walk<'p, 'c, 'd> {
    path: &'p Path,
    context: &'c Context<'d>,
    require_properties: bool,
    /// The index under which a deep scan last came to a token. Jayway keeps it, and a property at the end of a path
    /// only counts when it is the one that the path names just before.
    array_index: Vec<Option<usize>>,
    results: Vec<Cow<'d, Json>>,
}

type Done = Result<(), EvalError>;

impl<'p, 'd> Walk<'p, '_, 'd> {
    /// Goes on with the token at `at`; past the last one, `model` is a result.
    fn step(&mut self, at: usize, trail: &Trail, model: &'d Json) -> Done {
        let path = self.path;
        let Some(token) = path.tokens.get(at) else {
            self.results.push(Cow::Borrowed(model));
            return Ok(());
        };
        match token {
            Token::Property { names, .. } => self.property(at, names, trail, model),
            Token::Wildcard => self.wildcard(at, trail, model),
            Token::Scan => self.scan(at, trail, model),
            Token::Index(indexes) => {
                let Some(items) = self.array(at, trail, model)? else { return Ok(()) };
                indexes.iter().try_for_each(|&index| self.item(at, i64::from(index), trail, items))
            }
            Token::Slice(from, to) => {
                let Some(items) = self.array(at, trail, model)? else { return Ok(()) };
                slice(*from, *to, items.len()).try_for_each(|index| self.item(at, index, trail, items))
            }
            Token::Filter(expression) => match model {
                Json::Object(_) => {
                    if condition::accepts(expression, model, self.context)? {
                        return self.step(at + 1, trail, model);
                    }
                    Ok(())
                }
                Json::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        if condition::accepts(expression, item, self.context)? {
                            self.item(at, index as i64, trail, items)?;
                        }
                    }
                    Ok(())
                }
                _ if path.is_upstream_definite(at) => Err(EvalError::Invalid(format!(
                    "Filter: {} can not be applied to primitives. Current context is: {}",
                    path.text_from(at),
                    model.to_java_string()
                ))),
                _ => Ok(()),
            },
            Token::Function { name, parameters } => self.function(at, name, parameters, trail, model),
        }
    }

    fn property(&mut self, at: usize, names: &'p [String], trail: &Trail, model: &'d Json) -> Done {
        let Json::Object(object) = model else {
            if !self.path.is_upstream_definite(at) {
                return Ok(());
            }
            return Err(EvalError::NotFound(format!(
                "Expected to find an object with property {} in path {} but found '{}'. This is not a json object \
                 according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JsonSmartJsonProvider'.",
                self.path.tokens[at].text(),
                trail.text(),
                model.class_name()
            )));
        };
        if names.len() == 1 || !self.path.is_leaf(at) {
            return names.iter().try_for_each(|name| self.member(at, name, trail, object));
        }
        let mut merged = Object::new();
        for name in names {
            match object.get(name) {
                Some(value) => merged.insert(name.clone(), value.clone()),
                None if self.require_properties => {
                    return Err(EvalError::NotFound(format!(
                        "Missing property in path {}['{}']",
                        trail.text(),
                        names.join("', '")
                    )));
                }
                None => {}
            }
        }
        self.results.push(Cow::Owned(Json::Object(merged)));
        Ok(())
    }

    /// One member of an object.
    fn member(&mut self, at: usize, name: &str, trail: &Trail, object: &'d Object) -> Done {
        let here = trail.name(name);
        let Some(value) = object.get(name) else {
            if self.path.is_leaf(at) {
                if self.require_properties {
                    return Err(EvalError::NotFound(format!("No results for path: {}", here.text())));
                }
                return Ok(());
            }
            let definite = self.path.is_upstream_definite(at + 1);
            if !definite && !self.require_properties {
                return Ok(());
            }
            return Err(EvalError::NotFound(format!("Missing property in path {}", here.text())));
        };
        if !self.path.is_leaf(at) {
            return self.step(at + 1, &here, value);
        }
        if let Some(index) = self.array_index[at] {
            let before = self.path.tokens.len().checked_sub(2).map(|before| self.path.tokens[before].text());
            if before != Some(format!("[{index}]")) {
                return Ok(());
            }
        }
        self.results.push(Cow::Borrowed(value));
        Ok(())
    }

    fn wildcard(&mut self, at: usize, trail: &Trail, model: &'d Json) -> Done {
        match model {
            Json::Object(object) => object.iter().try_for_each(|(name, _)| self.member(at, name, trail, object)),
            Json::Array(items) => {
                for index in 0..items.len() {
                    match self.item(at, index as i64, trail, items) {
                        Err(EvalError::NotFound(_)) if !self.require_properties => {}
                        done => done?,
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The items of an array model; none when the step is to be left out.
    fn array(&self, at: usize, trail: &Trail, model: &'d Json) -> Result<Option<&'d [Json]>, EvalError> {
        match model {
            Json::Array(items) => Ok(Some(items)),
            _ if !self.path.is_upstream_definite(at) => Ok(None),
            Json::Null => Err(EvalError::NotFound(format!("The path {} is null", trail.text()))),
            _ => Err(EvalError::NotFound(format!(
                "Filter: {} can only be applied to arrays. Current context is: {}",
                self.path.text_from(at),
                model.to_java_string()
            ))),
        }
    }

    /// One item of an array, counted from the end when negative.
    fn item(&mut self, at: usize, index: i64, trail: &Trail, items: &'d [Json]) -> Done {
        let effective = if index < 0 { items.len() as i64 + index } else { index };
        let Some(value) = usize::try_from(effective).ok().and_then(|index| items.get(index)) else { return Ok(()) };
        match self.step(at + 1, &trail.index(index), value) {
            Err(EvalError::OutOfBounds(_)) => Ok(()),
            done => done,
        }
    }

    fn scan(&mut self, at: usize, trail: &Trail, model: &'d Json) -> Done {
        if self.path.is_leaf(at) {
            return Err(EvalError::Other("Current path token is a leaf".to_owned()));
        }
        match model {
            Json::Object(object) => {
                if self.scan_stops_at(at + 1, model)? {
                    self.step(at + 1, trail, model)?;
                }
                object.iter().try_for_each(|(name, value)| self.scan(at, &trail.name(name), value))
            }
            Json::Array(items) => {
                if self.scan_stops_at(at + 1, model)? {
                    if self.path.is_leaf(at + 1) {
                        self.step(at + 1, trail, model)?;
                    } else {
                        // Jayway passes over the step itself here and tries what comes after it on every item.
                        for (index, item) in items.iter().enumerate() {
                            self.array_index[at + 2] = Some(index);
                            self.step(at + 2, &trail.index(index as i64), item)?;
                        }
                    }
                }
                items.iter().enumerate().try_for_each(|(index, item)| self.scan(at, &trail.index(index as i64), item))
            }
            _ => Ok(()),
        }
    }

    /// Whether a deep scan tries the step after it on `model`.
    fn scan_stops_at(&self, at: usize, model: &'d Json) -> Result<bool, EvalError> {
        Ok(match (self.path.tokens.get(at), model) {
            (Some(Token::Property { names, .. }), Json::Object(object)) => {
                !self.path.is_token_definite(at) || names.iter().all(|name| object.get(name).is_some())
            }
            (Some(Token::Index(_) | Token::Slice(..)), Json::Array(_)) | (Some(Token::Wildcard), _) => true,
            (Some(Token::Filter(expression)), _) => condition::accepts(expression, model, self.context)?,
            _ => false,
        })
    }

    fn function(
        &mut self,
        at: usize,
        name: &str,
        parameters: &[super::path::Parameter],
        trail: &Trail,
        model: &Json,
    ) -> Done {
        let result = function::call(name, parameters, model, self.context)?;
        if !self.path.is_leaf(at) {
            // The steps after it walk over a value of their own, so their results are copied out of it.
            let mut walk = Walk {
                path: self.path,
                context: self.context,
                require_properties: self.require_properties,
                array_index: std::mem::take(&mut self.array_index),
                results: Vec::new(),
            };
            let done = walk.step(at + 1, trail, &result);
            self.array_index = walk.array_index;
            let found: Vec<Json> = walk.results.into_iter().map(Cow::into_owned).collect();
            self.results.push(Cow::Owned(result));
            self.results.extend(found.into_iter().map(Cow::Owned));
            return done;
        }
        self.results.push(Cow::Owned(result));
        Ok(())
    }
}

/// The indexes of a slice. A negative start counts from the end only when there is no end.
fn slice(from: Option<i32>, to: Option<i32>, len: usize) -> std::ops::Range<i64> {
    let len = len as i64;
    match (from.map(i64::from), to.map(i64::from)) {
        (Some(from), None) => (if from < 0 { len + from } else { from }).max(0)..len,
        // What lies before the first is looked for and not found: with 2^31 such places that would take its time.
        (Some(from), Some(to)) if len > 0 => from.max(-len)..to.min(len),
        (None, Some(to)) => 0..(if to < 0 { len + to } else { to }).min(len),
        _ => 0..0,
    }
}
