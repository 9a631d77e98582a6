//! What runs a script: the binding of its names, the bounds on its resources, and calls of methods.

use crate::clock;
use crate::script::budget::{self, Budget};
use crate::script::core::Instance;
use crate::script::host::{Bindings, Host, Outcome, Scope, unknown_method, unknown_property};
use crate::script::library::{self, Fault, Origin};
use crate::script::value::{Array, ClassRef, GString, Object, Thrown, Value, exceptions, groovy_text, java_text};
use std::sync::Arc;
use std::time::Duration;

/// The language whose rules hold where the languages differ about one and the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Java's classes as they are: JEXL, JavaScript, BeanShell.
    Java,
    /// With the methods that Groovy adds.
    Groovy,
}

/// Calls within calls that a script may make before it gets a `StackOverflowError`.
const DEPTH_LIMIT: u32 = 2500;

/// Bytes of stack that must be left before a step further in, and bytes that are added when they are not.
const STACK: (usize, usize) = (128 << 10, 1 << 20);

/// Runs `work` with enough stack, whatever thread it is on: the threads of the engine have little.
pub(crate) fn with_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(STACK.0, STACK.1, work)
}

/// One run of a script.
pub struct Machine<'m> {
    /// The names bound.
    pub scope: Scope,
    /// JMeter's side.
    pub host: &'m mut (dyn Host + 'm),
    /// Whose methods objects have.
    pub dialect: Dialect,
    /// Classes whose static methods are methods of their first argument: Groovy's `use`.
    pub(crate) categories: Vec<ClassRef>,
    /// What BeanShell says of the place where an exception arose.
    pub(crate) context: String,
    depth: u32,
    budget: Budget,
}

impl<'m> Machine<'m> {
    /// A run on `bindings`.
    pub fn new(bindings: &'m mut Bindings<'_>, dialect: Dialect) -> Self {
        Self {
            scope: bindings.scope.clone(),
            host: &mut *bindings.host,
            dialect,
            categories: Vec::new(),
            context: String::new(),
            depth: 0,
            budget: Budget::default(),
        }
    }

    /// Runs `work` one call deeper.
    pub fn deeper<R>(&mut self, work: impl FnOnce(&mut Self) -> Result<R, Thrown>) -> Result<R, Thrown> {
        if self.depth >= DEPTH_LIMIT {
            return Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null));
        }
        self.depth += 1;
        let result = with_stack(|| work(self));
        self.depth -= 1;
        result
    }

    /// Counts a pass of a loop or a call; now and then asks whether the run is over, and then ends the script.
    pub fn turn(&mut self) -> Result<(), Thrown> {
        self.spend(1)
    }

    /// Counts work, as [`turn`](Self::turn) counts one piece of it.
    pub(crate) fn spend(&mut self, work: usize) -> Result<(), Thrown> {
        budget::settle()?;
        if self.budget.spend(work) { self.look() } else { Ok(()) }
    }

    /// Ends the script when the run is over, and gives it an error when memory is.
    pub(crate) fn look(&mut self) -> Result<(), Thrown> {
        if self.host.stopping() {
            return Err(Thrown::new(exceptions::THREAD_DEATH, "the run has been stopped"));
        }
        if self.budget.heap_is_due() {
            if self.host.heap_is_full() {
                return Err(budget::out_of_memory());
            }
            self.budget.heap_is_fine();
        }
        Ok(())
    }

    /// What an operation of the library or an operator has come to. Large values count by what they hold, and so does
    /// what was looked through for them.
    pub(crate) fn done(&mut self, receiver: &Value, result: Value) -> Outcome {
        /// Bytes that are gone through in the time of a call.
        const AT_ONCE: usize = 64 << 10;
        let (through, bytes) = (extent(receiver), extent(&result));
        self.budget.made(bytes);
        self.spend(1 + through.max(bytes) / AT_ONCE)?;
        Ok(result)
    }

    /// Sleeps, unless `ended` says no more: it is asked now and then.
    pub(crate) fn sleep(&self, millis: i64, ended: impl Fn(&dyn Host) -> bool) -> Outcome {
        const PIECE: Duration = Duration::from_millis(50);
        let wanted = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
        let begin = clock::now();
        loop {
            let left = wanted.saturating_sub(clock::now().since(begin));
            if left.is_zero() {
                return Ok(Value::Null);
            }
            if ended(&*self.host) {
                return Err(Thrown::new("java.lang.InterruptedException", "sleep interrupted"));
            }
            std::thread::sleep(left.min(PIECE));
        }
    }

    /// Adds to what is said of the place of an exception, from within outwards.
    pub(crate) fn add_context(&mut self, outer: &str) {
        if self.context.is_empty() || self.context == "TargetError" {
            self.context = outer.to_owned();
        } else {
            self.context = format!("{outer} : {}", self.context);
        }
    }

    /// The text that a value has in a string: `toString()` by the rules of the dialect.
    pub fn text(&mut self, value: &Value) -> Result<String, Thrown> {
        match value {
            Value::String(text) => return Ok(text.to_string()),
            Value::Object(object) => {
                if let ClassRef::Host(_) = object.class() {
                    let text = self.host.call_method(&**object, "toString", &[])?;
                    return Ok(java_text(&text));
                }
                if let Some(instance) = object.downcast::<Instance>()
                    && let Some(outcome) = crate::script::core::instance_method(self, value, instance, "toString", &[])
                {
                    return self.deeper(|machine| {
                        let text = outcome?;
                        machine.text(&text)
                    });
                }
                return Ok(object.to_text());
            }
            _ => {}
        }
        let text = budget::measured(|| Some(self.spelled_out(value))).transpose()?.unwrap_or_default();
        budget::settle()?;
        Ok(text)
    }

    fn spelled_out(&mut self, value: &Value) -> Result<String, Thrown> {
        let spelled = self.spelled(value, 0)?;
        let value = spelled.as_ref().unwrap_or(value);
        Ok(match self.dialect {
            Dialect::Java => java_text(value),
            Dialect::Groovy => groovy_text(value),
        })
    }

    /// The value with those parts as text that only a script can put into words; `None` when there are none.
    fn spelled(&mut self, value: &Value, depth: u32) -> Result<Option<Value>, Thrown> {
        /// Nesting beyond which parts print as the library prints them.
        const LIMIT: u32 = 32;
        if depth > LIMIT {
            return Ok(None);
        }
        if depth > 0 && !budget::visit() {
            return Err(budget::out_of_memory());
        }
        Ok(match value {
            Value::Object(object) => {
                let own = matches!(object.class(), ClassRef::Script(_) | ClassRef::Host(_));
                if own { Some(self.text(value)?.into()) } else { None }
            }
            Value::GString(text) => {
                let (mut values, mut changed) = (Vec::with_capacity(text.values.len()), false);
                for part in &text.values {
                    let spelled = match part {
                        // A lazy part: `${-> x}` is called each time.
                        Value::Closure(closure) => {
                            let part = if closure.parameters() == 0 { self.call(part, &[])? } else { part.clone() };
                            Some(self.text(&part)?.into())
                        }
                        part => self.spelled(part, depth + 1)?,
                    };
                    changed |= spelled.is_some();
                    values.push(spelled.unwrap_or_else(|| part.clone()));
                }
                changed.then(|| Value::GString(Arc::new(GString::new(text.strings.clone(), values))))
            }
            Value::List(list) => {
                let items = self.spelled_items(&list.items(), depth)?;
                items.map(Value::list)
            }
            Value::Set(set) => {
                let items = self.spelled_items(&set.items(), depth)?;
                items.map(Value::list)
            }
            Value::Array(array) => {
                let items = self.spelled_items(&array.items(), depth)?;
                items.map(|items| Value::Array(Arc::new(Array::new(&array.element, items))))
            }
            Value::Map(map) => {
                let (mut entries, mut changed) = (Vec::new(), false);
                for (key, item) in map.entries() {
                    let (own_key, own) = (self.spelled(&key, depth + 1)?, self.spelled(&item, depth + 1)?);
                    changed |= own_key.is_some() || own.is_some();
                    entries.push((own_key.unwrap_or(key), own.unwrap_or(item)));
                }
                changed.then(|| Value::map(entries))
            }
            _ => None,
        })
    }

    fn spelled_items(&mut self, items: &[Value], depth: u32) -> Result<Option<Vec<Value>>, Thrown> {
        let plain = |item: &Value| {
            !matches!(
                item,
                Value::Object(_) | Value::GString(_) | Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Map(_)
            )
        };
        if items.iter().all(plain) {
            return Ok(None);
        }
        let (mut spelled, mut changed) = (Vec::with_capacity(items.len()), false);
        for item in items {
            let own = self.spelled(item, depth + 1)?;
            changed |= own.is_some();
            spelled.push(own.unwrap_or_else(|| item.clone()));
        }
        Ok(changed.then_some(spelled))
    }

    /// Calls a closure, or the one method of an object that stands in for one, or the method `call` of anything else.
    pub fn call(&mut self, callable: &Value, arguments: &[Value]) -> Outcome {
        match callable {
            Value::Closure(closure) => closure.call(self, arguments),
            Value::Object(object) => {
                if let Some(instance) = object.downcast::<Instance>()
                    && let Some(name) = crate::script::core::functional_method(instance, arguments.len())
                {
                    return self.call_method(callable, &name, arguments);
                }
                self.call_method(callable, "call", arguments)
            }
            other => self.call_method(other, "call", arguments),
        }
    }

    /// `receiver.name(arguments)`.
    pub fn call_method(&mut self, receiver: &Value, name: &str, arguments: &[Value]) -> Outcome {
        if !self.categories.is_empty()
            && let Some(outcome) = self.category_method(receiver, name, arguments)
        {
            return outcome;
        }
        match receiver {
            Value::Null | Value::Void => return self.null_method(name, arguments),
            Value::Object(object) => {
                if let Some(instance) = object.downcast::<Instance>() {
                    return crate::script::core::instance_call(self, receiver, instance, name, arguments);
                }
                if let Some(outcome) = crate::script::core::call_names(self, &**object, name, arguments) {
                    return outcome;
                }
                if let ClassRef::Host(_) = object.class() {
                    return self.host_method(receiver, &**object, name, arguments);
                }
            }
            _ => {}
        }
        self.class_method(receiver, name, arguments)
    }

    /// A method of JMeter's object, or one that every object has.
    fn host_method(&mut self, receiver: &Value, object: &dyn Object, name: &str, arguments: &[Value]) -> Outcome {
        let plain = plain_arguments(self, arguments)?;
        let outcome = self.host.call_method(object, name, plain.as_deref().unwrap_or(arguments));
        match outcome {
            Ok(Value::Void) if self.dialect == Dialect::Groovy => Ok(Value::Null),
            Err(thrown) if thrown.is_missing_method(name) => {
                let row = library::find_method(&library::object::OBJECT, name, arguments.len(), self.origin());
                match row.map(|row| (row.run)(self, receiver, arguments)) {
                    Some(Ok(value)) => Ok(value),
                    Some(Err(Fault::Thrown(thrown))) => Err(thrown),
                    Some(Err(Fault::Mismatch)) | None => Err(thrown),
                }
            }
            outcome => outcome,
        }
    }

    /// A method of the class that the library has for the value.
    pub(crate) fn class_method(&mut self, receiver: &Value, name: &str, arguments: &[Value]) -> Outcome {
        let class = library::class_of(receiver);
        let definition = library::definition(&class);
        if let Some(method) = library::find_method(definition, name, arguments.len(), self.origin()) {
            let answer = self.deeper(|machine| match (method.run)(machine, receiver, arguments) {
                Ok(value) => Ok(Some(value)),
                Err(Fault::Thrown(thrown)) => Err(thrown),
                Err(Fault::Mismatch) => Ok(None),
            })?;
            if let Some(value) = answer {
                return self.done(receiver, value);
            }
        }
        match receiver {
            // The methods that a class declares are asked of the class.
            Value::Class(of) if !matches!(of, ClassRef::Array(_)) && has_static(of, name, arguments.len()) => {
                return self.call_static(of, name, arguments);
            }
            Value::Closure(_) if library::functional::is_abstract_method(name) => {
                return self.call(receiver, arguments);
            }
            Value::Map(map) if self.dialect == Dialect::Groovy => {
                if let Some(held @ Value::Closure(_)) = map.get(&Value::from(name)) {
                    return self.call(&held, arguments);
                }
            }
            Value::Object(object) => {
                if let Some(outcome) = self.deeper(|machine| object.invoke(machine, name, arguments).transpose())? {
                    return Ok(outcome);
                }
            }
            _ => {}
        }
        Err(unknown_method(&class.name(), name, arguments))
    }

    /// What can be called on null: Groovy's `NullObject`.
    fn null_method(&mut self, name: &str, arguments: &[Value]) -> Outcome {
        if self.dialect == Dialect::Groovy {
            match (name, arguments) {
                ("toString" | "inspect", []) => return Ok("null".into()),
                ("equals" | "is", [other]) => return Ok(other.is_null().into()),
                ("asBoolean", []) => return Ok(false.into()),
                ("getClass", []) => return Ok(Value::Class(ClassRef::Library(&library::object::NULL))),
                ("iterator", []) => return self.call_method(&Value::list(Vec::new()), "iterator", &[]),
                ("each", [_]) => return Ok(Value::Null),
                ("collect", [_]) => return Ok(Value::list(Vec::new())),
                ("find" | "inject", [_]) => return Ok(Value::Null),
                ("findAll", [_]) => return Ok(Value::list(Vec::new())),
                ("any", [_]) => return Ok(false.into()),
                ("every", [_]) => return Ok(true.into()),
                ("with", [Value::Closure(closure)]) => {
                    let closure = closure.with_delegate(Value::Null, crate::script::value::Resolve::DelegateFirst);
                    return self.call(&closure, &[Value::Null]);
                }
                _ => {}
            }
        }
        let message = format!("Cannot invoke method {name}() on null object");
        Err(Thrown::new(exceptions::NULL_POINTER, message))
    }

    /// The method of a category in use; `None` when none has it.
    pub(crate) fn category_method(&mut self, receiver: &Value, name: &str, arguments: &[Value]) -> Option<Outcome> {
        let mut all = Vec::with_capacity(arguments.len() + 1);
        all.push(receiver.clone());
        all.extend_from_slice(arguments);
        for category in self.categories.clone().iter().rev() {
            match category {
                ClassRef::Script(class) => {
                    if let Some(outcome) = crate::script::core::static_method(self, class, name, &all) {
                        return Some(outcome);
                    }
                }
                ClassRef::Library(class) => {
                    let Some(method) = class.find_static(name, all.len()) else { continue };
                    match (method.run)(self, &Value::Class(category.clone()), &all) {
                        Ok(value) => return Some(Ok(value)),
                        Err(Fault::Thrown(thrown)) => return Some(Err(thrown)),
                        Err(Fault::Mismatch) => {}
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether the value has a method of this name for so many arguments.
    pub fn has_method(&self, receiver: &Value, name: &str, arguments: usize) -> bool {
        let class = library::class_of(receiver);
        if let ClassRef::Script(class) = &class
            && class.has_method(name, arguments)
        {
            return true;
        }
        matches!(class, ClassRef::Host(_))
            || matches!(receiver, Value::Object(object) if object.is_dynamic())
            || library::find_method(library::definition(&class), name, arguments, self.origin()).is_some()
    }

    /// Whether the library or the script, not the host, gives the value a method of this name.
    pub(crate) fn has_own_method(&self, receiver: &Value, name: &str, arguments: usize) -> bool {
        !matches!(library::class_of(receiver), ClassRef::Host(_)) && self.has_method(receiver, name, arguments)
    }

    /// Whether the value's own class has such a method, not just `Object`.
    pub(crate) fn has_particular_method(&self, receiver: &Value, name: &str, arguments: usize) -> bool {
        let class = library::class_of(receiver);
        if let ClassRef::Script(class) = &class
            && class.has_method(name, arguments)
        {
            return true;
        }
        let find = |class| library::find_method(class, name, arguments, self.origin());
        match (find(library::definition(&class)), find(&library::object::OBJECT)) {
            (Some(own), Some(general)) => !std::ptr::eq(own, general),
            (own, _) => own.is_some(),
        }
    }

    fn origin(&self) -> Origin {
        match self.dialect {
            Dialect::Java => Origin::Java,
            Dialect::Groovy => Origin::Groovy,
        }
    }

    /// `receiver.name` by Groovy's rules: an entry of a map, a property of each item of a list, a getter.
    pub fn get_property(&mut self, receiver: &Value, name: &str) -> Outcome {
        crate::script::core::get_property(self, receiver, name)
    }

    /// `receiver.name = value` by Groovy's rules.
    pub fn set_property(&mut self, receiver: &Value, name: &str, value: Value) -> Result<(), Thrown> {
        crate::script::core::set_property(self, receiver, name, value)
    }

    /// The text of `value.toString()`: a range alone prints with its dots, unlike one in a string.
    pub(crate) fn text_of(&mut self, value: &Value) -> Result<String, Thrown> {
        match value {
            Value::Range(range) => Ok(range.to_text()),
            Value::Array(_) => Ok(java_text(value)),
            other => self.text(other),
        }
    }

    /// `receiver.name`, by way of a getter; maps and classes are the caller's to treat before.
    pub fn get_bean_property(&mut self, receiver: &Value, name: &str) -> Outcome {
        if receiver.is_null() {
            let message = format!("Cannot get property '{name}' on null object");
            return Err(Thrown::new(exceptions::NULL_POINTER, message));
        }
        let class = library::class_of(receiver);
        if let (Value::Object(object), ClassRef::Host(_)) = (receiver, &class) {
            return self.host.get_property(&**object, name);
        }
        if let Value::Object(object) = receiver
            && let Some(outcome) = object.property(self, name)
        {
            return outcome;
        }
        let capital = capitalized(name);
        if !self.categories.is_empty()
            && let Some(outcome) = self.category_method(receiver, &format!("get{capital}"), &[])
        {
            return outcome;
        }
        for getter in [format!("get{capital}"), format!("is{capital}")] {
            if self.has_method(receiver, &getter, 0) {
                return self.call_method(receiver, &getter, &[]);
            }
        }
        match (receiver, name) {
            (Value::Array(array), "length") => Ok(Value::Int(array.len() as i32)),
            _ => Err(unknown_property(&class.name(), name)),
        }
    }

    /// `new class(arguments)`.
    pub fn construct(&mut self, class: &ClassRef, arguments: &[Value]) -> Outcome {
        match class {
            ClassRef::Host(name) => {
                let plain = plain_arguments(self, arguments)?;
                self.host.construct(name, plain.as_deref().unwrap_or(arguments))
            }
            ClassRef::Exception(name) => library::throwable::construct(name, arguments),
            ClassRef::Array(_) => Err(no_constructor(class, arguments)),
            ClassRef::Script(script) => {
                let scope = self.scope.clone();
                crate::script::core::construct(self, script, &scope, arguments)
            }
            ClassRef::Library(definition) => match definition.make(self, arguments) {
                Ok(value) => self.done(arguments.first().unwrap_or(&Value::Null), value),
                Err(Fault::Thrown(thrown)) => Err(thrown),
                Err(Fault::Mismatch) => Err(no_constructor(class, arguments)),
            },
        }
    }

    /// `class.name(arguments)`; also a method of `java.lang.Class` itself.
    pub fn call_static(&mut self, class: &ClassRef, name: &str, arguments: &[Value]) -> Outcome {
        if let ClassRef::Host(class_name) = class {
            let plain = plain_arguments(self, arguments)?;
            let outcome = self.host.call_static(class_name, name, plain.as_deref().unwrap_or(arguments));
            return match outcome {
                // A method of `java.lang.Class`.
                Err(thrown) if thrown.is_missing_method(name) => {
                    match library::find_method(&library::language::CLASS, name, arguments.len(), self.origin()) {
                        Some(_) => self.class_method(&Value::Class(class.clone()), name, arguments),
                        None => Err(thrown),
                    }
                }
                outcome => outcome,
            };
        }
        if let ClassRef::Script(script) = class
            && let Some(outcome) = crate::script::core::static_method(self, script, name, arguments)
        {
            return outcome;
        }
        let method = library::definition(class).find_static(name, arguments.len());
        let Some(method) = method else {
            let outcome = self.call_method(&Value::Class(class.clone()), name, arguments);
            return match outcome {
                Err(thrown) if self.dialect == Dialect::Groovy && thrown.is_missing_method(name) => {
                    Err(unknown_method(&format!("static {}", class.name()), name, arguments))
                }
                outcome => outcome,
            };
        };
        match (method.run)(self, &Value::Class(class.clone()), arguments) {
            Ok(value) => self.done(arguments.first().unwrap_or(&Value::Null), value),
            Err(Fault::Thrown(thrown)) => Err(thrown),
            Err(Fault::Mismatch) if self.dialect == Dialect::Groovy => {
                Err(unknown_method(&format!("static {}", class.name()), name, arguments))
            }
            Err(Fault::Mismatch) => Err(unknown_method(&class.name(), name, arguments)),
        }
    }

    /// `class.name`, a constant; `None` when the class has none of that name.
    pub fn get_static(&mut self, class: &ClassRef, name: &str) -> Result<Option<Value>, Thrown> {
        if let ClassRef::Host(class_name) = class {
            return self.host.get_static(class_name, name).map(Some);
        }
        Ok(library::definition(class).find_constant(name))
    }

    /// The class of a full name, or of a simple name of the packages that every script sees.
    pub fn find_class(&self, name: &str) -> Option<ClassRef> {
        library::find_class(name).or_else(|| self.host.has_class(name).then(|| ClassRef::Host(name.into())))
    }
}

fn no_constructor(class: &ClassRef, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(library::simple_class_name).collect();
    let message = format!("Could not find matching constructor for: {}({})", class.name(), types.join(", "));
    Thrown::new("groovy.lang.GroovyRuntimeException", message)
}

/// Bytes of a text, or about as many as the items of a collection take.
fn extent(value: &Value) -> usize {
    let items = match value {
        Value::String(text) => return text.len(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Set(set) => set.len(),
        Value::Array(array) => array.len(),
        _ => return 0,
    };
    items * size_of::<Value>()
}

fn has_static(class: &ClassRef, name: &str, arguments: usize) -> bool {
    matches!(class, ClassRef::Library(class) if class.find_static(name, arguments).is_some())
}

/// The arguments with interpolated strings as plain ones, `None` when there are none to change.
fn plain_arguments(machine: &mut Machine<'_>, arguments: &[Value]) -> Result<Option<Vec<Value>>, Thrown> {
    if !arguments.iter().any(|argument| matches!(argument, Value::GString(_))) {
        return Ok(None);
    }
    let mut plain = Vec::with_capacity(arguments.len());
    for argument in arguments {
        plain.push(match argument {
            Value::GString(_) => machine.text(argument)?.into(),
            other => other.clone(),
        });
    }
    Ok(Some(plain))
}

/// `name` with its first letter upper-cased, as in the name of a getter.
pub fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
