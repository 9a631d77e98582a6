//! The parts of a sampler that scripts take in hand: arguments, headers, cookies. They are plain objects of the class
//! library, made by `new` or read from the sampler at work; what a script did to the sampler's own is written back to its
//! draft before the sampler is asked again and when the script ends ([`Opened`]).

mod argument;
mod cookie;
mod header;
mod property;

pub use argument::ArgumentParts;
pub(crate) use property::CLASSES;

use crate::http::Cookie;
use crate::script::host::Outcome;
use crate::script::library::{Answer, Fault, arguments};
use crate::script::value::{List, ListKind, Object, Thrown, Value, java_text};
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use argument::{Argument, Arguments};
use cookie::{CookieManager, CookieObject};
use header::{Header, HeaderManager};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An item of a list that a script has worked on.
#[derive(Debug, Clone)]
pub enum Part<T> {
    /// The one that stood at this place, untouched: its references are read when it is sent.
    Kept(usize),
    /// A new or changed one.
    New(T),
}

/// Names and values of headers.
pub type Headers = Vec<(Text, Text)>;

/// What a sampler lets scripts read and change; the samplers that have something to offer implement more of it.
pub trait ScriptedSampler {
    /// The full name of the sampler's class.
    fn class_name(&self) -> &'static str;

    /// A method. `None` when the sampler has no such method.
    fn call(&mut self, user: &mut VirtualUser, name: &str, arguments: &[Value]) -> Option<Outcome>;

    /// The arguments as they are now.
    fn arguments(&mut self, _user: &mut VirtualUser) -> Option<Result<Vec<ArgumentParts>, Thrown>> {
        None
    }

    /// Puts other arguments in their place.
    fn set_arguments(&mut self, _user: &mut VirtualUser, _arguments: Vec<Part<ArgumentParts>>) {}

    /// The headers of the managers in scope as they are now, `None` inside when there is no manager.
    fn headers(&mut self, _user: &mut VirtualUser) -> Option<Result<Option<Headers>, Thrown>> {
        None
    }

    /// Puts other headers in their place: those of the manager itself, or of another one.
    fn set_headers(&mut self, _user: &mut VirtualUser, _headers: Vec<Part<(Text, Text)>>, _own: bool) {}

    /// The cookies of the manager in scope, `None` when there is none.
    fn cookies(&mut self, _user: &mut VirtualUser) -> Option<Vec<Cookie>> {
        None
    }

    /// Puts other cookies in their place.
    fn set_cookies(&mut self, _user: &mut VirtualUser, _cookies: Vec<Cookie>) {}
}

/// Items that know whether a script has touched them since they were read.
trait Item: Object + Sized {
    type Parts;

    /// The object of an item that stands at `place` of the sampler's own list.
    fn read(parts: Self::Parts, place: usize) -> Self;

    /// What it is now.
    fn part(&self) -> Part<Self::Parts>;

    /// It stands at `place` now.
    fn settle(&self, place: usize);
}

/// What a script has taken in hand of the sampler at work.
#[derive(Default)]
pub(super) struct Opened {
    arguments: Option<(Value, Arc<List>, usize)>,
    headers: Option<(Value, Arc<List>, usize)>,
    /// Whether the headers are still those of the plan's own manager.
    foreign_headers: bool,
    cookies: Option<(Value, Arc<List>)>,
}

/// The list behind what a script was given.
fn list_of(items: Vec<Value>) -> Arc<List> {
    Arc::new(List::new(ListKind::ArrayList, items))
}

/// A text that a script hands over; null is an empty one.
fn text_of(value: &Value) -> Text {
    if value.is_null() { Text::default() } else { java_text(value).into() }
}

/// `get(int)` of a manager: null where nothing stands.
fn item_at(items: &List, args: &[Value]) -> Answer {
    let place = usize::try_from(arguments::int(args, 0)?).unwrap_or(usize::MAX);
    Ok(items.get(place).unwrap_or_default())
}

/// `remove(int)` of a manager.
fn remove_at(items: &List, args: &[Value]) -> Answer {
    let place = usize::try_from(arguments::int(args, 0)?).unwrap_or(usize::MAX);
    items.change(|items| {
        if place < items.len() {
            items.remove(place);
        }
    });
    Ok(Value::Null)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read<T: Item>(parts: Vec<T::Parts>) -> Vec<Value> {
    parts.into_iter().enumerate().map(|(place, parts)| Value::object(T::read(parts, place))).collect()
}

/// What the items are now; `None` when they are as they were read.
fn changed<T: Item>(list: &List, known: usize) -> Option<Vec<Part<T::Parts>>> {
    let items = list.items();
    let parts: Vec<_> = items.iter().filter_map(|item| item_of::<T>(item).ok().map(Item::part)).collect();
    let same = |(place, part): (usize, &Part<T::Parts>)| matches!(part, Part::Kept(kept) if *kept == place);
    (parts.len() != known || !parts.iter().enumerate().all(same)).then_some(parts)
}

/// The items have been written back: each stands at its place.
fn settle<T: Item>(list: &List) -> usize {
    let items = list.items();
    let own: Vec<&T> = items.iter().filter_map(|item| item_of::<T>(item).ok()).collect();
    for (place, item) in own.iter().enumerate() {
        item.settle(place);
    }
    own.len()
}

fn item_of<T: Object>(value: &Value) -> Result<&T, Fault> {
    match value {
        Value::Object(object) => object.downcast().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

impl Opened {
    /// A method of `sampler` that hands out or takes one of its parts; `None` when it is no such method.
    pub(super) fn call(
        &mut self,
        sampler: &mut dyn ScriptedSampler,
        user: &mut VirtualUser,
        name: &str,
        arguments: &[Value],
    ) -> Option<Outcome> {
        match (name, arguments) {
            ("getArguments", []) => self.arguments(sampler, user),
            ("getHeaderManager", []) => self.headers(sampler, user),
            ("getCookieManager", []) => self.cookies(sampler, user),
            ("setArguments", [new]) => {
                let list = item_of::<Arguments>(new).ok()?.items().clone();
                self.arguments = Some((new.clone(), list, usize::MAX));
                Some(Ok(Value::Null))
            }
            ("setHeaderManager", [new]) => {
                let list = item_of::<HeaderManager>(new).ok()?.items().clone();
                self.foreign_headers = true;
                self.headers = Some((new.clone(), list, usize::MAX));
                Some(Ok(Value::Null))
            }
            ("setCookieManager", [new]) => {
                let list = item_of::<CookieManager>(new).ok()?.items().clone();
                self.cookies = Some((new.clone(), list));
                Some(Ok(Value::Null))
            }
            _ => {
                self.write(sampler, user);
                let outcome = sampler.call(user, name, arguments)?;
                self.read_again(sampler, user);
                Some(outcome)
            }
        }
    }

    fn arguments(&mut self, sampler: &mut dyn ScriptedSampler, user: &mut VirtualUser) -> Option<Outcome> {
        if self.arguments.is_none() {
            let parts = match sampler.arguments(user)? {
                Ok(parts) => parts,
                Err(thrown) => return Some(Err(thrown)),
            };
            let known = parts.len();
            let list = list_of(read::<Argument>(parts));
            self.arguments = Some((Value::object(Arguments::over(list.clone())), list, known));
        }
        self.arguments.as_ref().map(|(value, ..)| Ok(value.clone()))
    }

    fn headers(&mut self, sampler: &mut dyn ScriptedSampler, user: &mut VirtualUser) -> Option<Outcome> {
        if self.headers.is_none() {
            let parts = match sampler.headers(user)? {
                Ok(Some(parts)) => parts,
                Ok(None) => return Some(Ok(Value::Null)),
                Err(thrown) => return Some(Err(thrown)),
            };
            let known = parts.len();
            let list = list_of(read::<Header>(parts));
            self.headers = Some((Value::object(HeaderManager::over(list.clone())), list, known));
        }
        self.headers.as_ref().map(|(value, ..)| Ok(value.clone()))
    }

    fn cookies(&mut self, sampler: &mut dyn ScriptedSampler, user: &mut VirtualUser) -> Option<Outcome> {
        if self.cookies.is_none() {
            let Some(cookies) = sampler.cookies(user) else { return Some(Ok(Value::Null)) };
            let list = list_of(cookies.into_iter().map(|cookie| Value::object(CookieObject::of(cookie))).collect());
            self.cookies = Some((Value::object(CookieManager::over(list.clone())), list));
        }
        self.cookies.as_ref().map(|(value, _)| Ok(value.clone()))
    }

    /// Writes back what the script has changed.
    pub(super) fn write(&mut self, sampler: &mut dyn ScriptedSampler, user: &mut VirtualUser) {
        if let Some((_, list, known)) = &mut self.arguments
            && let Some(parts) = changed::<Argument>(list, *known)
        {
            sampler.set_arguments(user, parts);
            *known = settle::<Argument>(list);
        }
        if let Some((_, list, known)) = &mut self.headers
            && let Some(parts) = changed::<Header>(list, *known)
        {
            sampler.set_headers(user, parts, !self.foreign_headers);
            *known = settle::<Header>(list);
        }
        if let Some((_, list)) = &self.cookies {
            let items = list.items();
            let cookies: Vec<Cookie> =
                items.iter().filter_map(|item| item_of::<CookieObject>(item).ok().map(CookieObject::cookie)).collect();
            if sampler.cookies(user).is_some_and(|before| before != cookies) {
                sampler.set_cookies(user, cookies);
            }
        }
    }

    /// Takes in what the sampler itself has added meanwhile (`addArgument`, a path with a query).
    fn read_again(&mut self, sampler: &mut dyn ScriptedSampler, user: &mut VirtualUser) {
        let Some((_, list, known)) = &mut self.arguments else { return };
        let Some(Ok(parts)) = sampler.arguments(user) else { return };
        for (place, parts) in parts.into_iter().enumerate().skip(*known) {
            list.push(Value::object(Argument::read(parts, place)));
            *known = place + 1;
        }
    }
}
