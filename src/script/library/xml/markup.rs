//! `groovy.xml.MarkupBuilder` and `StreamingMarkupBuilder`: the calls within a closure become elements.

use super::super::{Class, Fault, Method, arguments, java, object, takes};
use crate::script::budget;
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{Callable, ClassRef, Object, Resolve, Thrown, Value, exceptions};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// `groovy.xml.MarkupBuilder`.
pub static MARKUP_BUILDER: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        // Without a writer it prints.
        let target = args.first().cloned().unwrap_or_else(super::super::io::console);
        Ok(Value::object(Builder(Arc::new(Markup::new(Layout::Indented, target)))))
    }),
    methods: METHODS,
    ..Class::named("groovy.xml.MarkupBuilder", &[&object::OBJECT])
};

/// `groovy.xml.StreamingMarkupBuilder`.
pub static STREAMING_MARKUP_BUILDER: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(Value::object(Streaming))),
    methods: &[
        java("bind", 1, 1, |machine, _, args| {
            let markup = Arc::new(Markup::new(Layout::Plain, Value::Null));
            let bound = bound(&args[0], &markup)?;
            machine.call(&bound, &[])?;
            let text = markup.state().text.clone();
            Ok(Value::object(Bound(text)))
        }),
        java("bindNode", 1, 1, |machine, this, args| Ok(machine.call_method(this, "bind", args)?)),
        java("setEncoding", 1, 1, |_, _, _| Ok(Value::Null)),
        java("setUseDoubleQuotes", 1, 1, |_, _, _| Ok(Value::Null)),
    ],
    ..Class::named("groovy.xml.StreamingMarkupBuilder", &[&object::OBJECT])
};

/// What `bind` gives: text that is written when it is asked for.
static BOUND: Class = Class {
    methods: &[
        java("toString", 0, 0, |_, this, _| Ok(arguments::object::<Bound>(this)?.0.as_str().into())),
        java("writeTo", 1, 1, |machine, this, args| {
            let text = Value::from(arguments::object::<Bound>(this)?.0.as_str());
            machine.call_method(&args[0], "write", &[text])?;
            Ok(args[0].clone())
        }),
    ],
    ..Class::named("groovy.lang.Writable", &[&object::OBJECT])
};

#[derive(Debug)]
struct Streaming;

impl Object for Streaming {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&STREAMING_MARKUP_BUILDER)
    }
}

#[derive(Debug)]
struct Bound(String);

impl Object for Bound {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&BOUND)
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

/// How elements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Each on a line of its own, two blanks further in than what is around it; an empty one as `<a />`.
    Indented,
    /// One behind the other, an empty one as `<a/>`.
    Plain,
}

/// An element that is being written.
#[derive(Debug)]
struct State {
    text: String,
    depth: usize,
    /// Whether the element around has its `>` yet.
    open: bool,
    /// Whether an element ended last.
    closed: bool,
    double_quotes: bool,
}

#[derive(Debug)]
struct Markup {
    layout: Layout,
    target: Value,
    state: Mutex<State>,
}

/// Elements within elements.
const DEEPEST: usize = 512;

impl State {
    /// Closes the start tag around with a `>`, so that content can follow.
    fn begin_content(&mut self) {
        if std::mem::take(&mut self.open) {
            self.text.push('>');
        }
    }
}

impl Markup {
    fn new(layout: Layout, target: Value) -> Self {
        let state = State { text: String::new(), depth: 0, open: false, closed: false, double_quotes: false };
        Self { layout, target, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what has come together to the builder's writer.
    fn flush(&self, machine: &mut Machine<'_>) -> Result<(), Thrown> {
        if self.target.is_null() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.state().text);
        machine.call_method(&self.target, "write", &[text.into()]).map(|_| ())
    }

    /// Begins a line, where elements stand on lines of their own.
    fn line(&self, state: &mut State) {
        if self.layout == Layout::Indented && (state.depth > 0 || state.closed) {
            state.text.push('\n');
            state.text.push_str(&"  ".repeat(state.depth));
        }
    }

    /// An element with its attributes, text and content.
    fn element(self: &Arc<Self>, machine: &mut Machine<'_>, name: &str, args: &[Value]) -> Outcome {
        let (mut attributes, mut content, mut closure) = (Vec::new(), None, None);
        for argument in args {
            match argument {
                Value::Map(map) => attributes = map.entries(),
                Value::Closure(_) => closure = Some(argument),
                other => content = Some(other),
            }
        }
        let mut start = format!("<{name}");
        let quote = if self.state().double_quotes { '"' } else { '\'' };
        for (name, value) in attributes {
            let (name, value) = (machine.text(&name)?, machine.text(&value)?);
            start.push_str(&format!(" {name}={quote}{}{quote}", escaped(&value, Some(quote))));
        }
        {
            let mut state = self.state();
            budget::text(state.text.len())?;
            if state.depth >= DEEPEST {
                return Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null));
            }
            state.begin_content();
            self.line(&mut state);
            state.text.push_str(&start);
            state.open = true;
            state.closed = false;
            state.depth += 1;
        }
        if let Some(content) = content.filter(|content| !content.is_null()) {
            let text = machine.text(content)?;
            let mut state = self.state();
            state.begin_content();
            state.text.push_str(&escaped(&text, None));
        }
        if let Some(closure) = closure {
            let bound = bound(closure, self).map_err(|_| Thrown::nothing())?;
            machine.call(&bound, &[])?;
        }
        {
            let mut state = self.state();
            state.depth -= 1;
            if std::mem::take(&mut state.open) {
                state.text.push_str(if self.layout == Layout::Indented { " />" } else { "/>" });
            } else {
                if state.closed {
                    self.line(&mut state);
                }
                state.text.push_str(&format!("</{name}>"));
            }
            state.closed = true;
        }
        let depth = self.state().depth;
        if depth == 0 {
            self.flush(machine)?;
        }
        Ok(Value::Null)
    }
}

/// A closure whose calls go to a builder.
fn bound(closure: &Value, markup: &Arc<Markup>) -> Result<Value, Fault> {
    let Value::Closure(callable) = closure else { return Err(Fault::Mismatch) };
    let builder = Value::object(Builder(markup.clone()));
    Ok(Callable::with_delegate(&**callable, builder, Resolve::OwnerFirst))
}

fn escaped(text: &str, quote: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' if quote == Some('\'') => out.push_str("&apos;"),
            '"' if quote == Some('"') => out.push_str("&quot;"),
            '\n' if quote.is_some() => out.push_str("&#10;"),
            '\r' if quote.is_some() => out.push_str("&#13;"),
            '\t' if quote.is_some() => out.push_str("&#09;"),
            c => out.push(c),
        }
    }
    out
}

/// A builder, as its closures and its script see it.
#[derive(Debug)]
struct Builder(Arc<Markup>);

impl Object for Builder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MARKUP_BUILDER)
    }

    fn property(&self, _: &mut Machine<'_>, name: &str) -> Option<Outcome> {
        (name == "mkp").then(|| Ok(Value::object(Helper(self.0.clone()))))
    }

    fn is_dynamic(&self) -> bool {
        true
    }

    fn invoke(&self, machine: &mut Machine<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
        Some(self.0.element(machine, name, arguments))
    }
}

/// `mkp`, within a builder's closure: what is no element.
#[derive(Debug)]
struct Helper(Arc<Markup>);

impl Object for Helper {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&HELPER)
    }
}

static HELPER: Class =
    Class { methods: HELPER_METHODS, ..Class::named("groovy.xml.MarkupBuilderHelper", &[&object::OBJECT]) };

/// Writes a text within the element at hand.
fn put(machine: &mut Machine<'_>, this: &Value, text: &str, on_a_line: bool) -> Result<Value, Fault> {
    let markup = &arguments::object::<Helper>(this)?.0;
    let depth = {
        let mut state = markup.state();
        state.begin_content();
        if on_a_line {
            markup.line(&mut state);
            state.closed = true;
        }
        state.text.push_str(text);
        state.depth
    };
    if depth == 0 {
        markup.flush(machine)?;
    }
    Ok(Value::Null)
}

static HELPER_METHODS: &[Method] = &[
    java("comment", 1, 1, |machine, this, args| {
        let text = format!("<!-- {} -->", machine.text(&args[0])?);
        put(machine, this, &text, true)
    }),
    java("xmlDeclaration", 0, 1, |machine, this, args| {
        let mut text = "<?xml".to_owned();
        match args.first() {
            Some(Value::Map(map)) => {
                for (name, value) in map.entries() {
                    text.push_str(&format!(" {}='{}'", machine.text(&name)?, machine.text(&value)?));
                }
            }
            _ => text.push_str(" version=\"1.0\""),
        }
        text.push_str("?>");
        if args.is_empty() {
            text.push('\n');
        }
        put(machine, this, &text, !args.is_empty())
    }),
    java("yield", 1, 2, |machine, this, args| {
        let text = escaped(&machine.text(&args[0])?, None);
        put(machine, this, &text, false)
    }),
    java("yieldUnescaped", 1, 1, |machine, this, args| {
        let text = machine.text(&args[0])?;
        put(machine, this, &text, false)
    }),
];

static METHODS: &[Method] = &[java("setDoubleQuotes", 1, 1, |_, this, args| {
    arguments::object::<Builder>(this)?.0.state().double_quotes = arguments::flag(args, 0)?;
    Ok(Value::Null)
})];
