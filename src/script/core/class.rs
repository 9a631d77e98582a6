//! Classes that a script declares, and their objects.

use super::node::{Function, Kind, Unit};
use super::tree::{ClassDeclaration, ClassKind};
use crate::script::host::{Outcome, Scope};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use crate::text::Text;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A variable that closures share with the function that made them.
pub(crate) type Cell = Arc<Mutex<Value>>;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A field or property.
#[derive(Debug)]
pub(crate) struct FieldInfo {
    pub(crate) name: Text,
    pub(crate) kind: Kind,
    pub(crate) is_static: bool,
    pub(crate) is_final: bool,
    /// Whether it has a getter and a setter.
    pub(crate) property: bool,
}

/// What annotations give a class.
#[derive(Debug, Default, Clone)]
pub(crate) struct Generated {
    /// `toString`; whether with the names of the fields.
    pub(crate) to_string: Option<bool>,
    /// `equals` and `hashCode` by the fields.
    pub(crate) equality: bool,
    /// A constructor of all fields in order.
    pub(crate) tuple: bool,
}

/// A class of a script.
#[derive(Debug)]
pub(crate) struct ClassInfo {
    pub(crate) name: Text,
    pub(crate) kind: ClassKind,
    pub(crate) is_abstract: bool,
    pub(crate) parent: Option<Kind>,
    pub(crate) interfaces: Vec<Kind>,
    pub(crate) fields: Vec<FieldInfo>,
    pub(crate) methods: Vec<Arc<Function>>,
    pub(crate) constructors: Vec<Arc<Function>>,
    /// Gives the fields of an object their first values.
    pub(crate) initial: Option<Arc<Function>>,
    /// Gives the static fields theirs.
    pub(crate) initial_static: Option<Arc<Function>>,
    /// Constants of an enum.
    pub(crate) constants: Vec<Text>,
    /// Whether its methods see the variables of the function it stands in.
    pub(crate) captures_locals: bool,
    pub(crate) generated: Generated,
}

impl ClassInfo {
    /// The class of the script itself.
    pub(crate) fn script(name: Text) -> Self {
        Self {
            name,
            kind: ClassKind::Class,
            is_abstract: false,
            parent: None,
            interfaces: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            constructors: Vec::new(),
            initial: None,
            initial_static: None,
            constants: Vec::new(),
            captures_locals: false,
            generated: Generated::default(),
        }
    }

    /// A declared class, its members still to come.
    pub(crate) fn declared(name: Text, declaration: &ClassDeclaration) -> Self {
        let mut generated = Generated::default();
        for annotation in &declaration.annotations {
            let with_names = annotation.members.iter().any(|(name, value)| {
                &**name == "includeNames"
                    && matches!(&*value.kind, super::tree::ExpressionKind::Literal(Value::Boolean(true)))
            });
            match annotation.name.rsplit('.').next().unwrap_or_default() {
                "ToString" => generated.to_string = Some(with_names),
                "EqualsAndHashCode" => generated.equality = true,
                "TupleConstructor" => generated.tuple = true,
                "Canonical" | "Immutable" => {
                    generated =
                        Generated { to_string: generated.to_string.or(Some(false)), equality: true, tuple: true };
                }
                _ => {}
            }
        }
        let is_abstract = declaration.modifiers.is_abstract || declaration.kind == ClassKind::Interface;
        Self { kind: declaration.kind, is_abstract, generated, ..Self::script(name) }
    }

    pub(crate) fn is_interface(&self) -> bool {
        self.kind == ClassKind::Interface
    }
}

/// A class of a script, as a value names it.
#[derive(Clone)]
pub struct ScriptClass {
    pub(crate) unit: Arc<Unit>,
    pub(crate) index: usize,
}

impl std::fmt::Debug for ScriptClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.info().name)
    }
}

impl PartialEq for ScriptClass {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.unit, &other.unit) && self.index == other.index
    }
}

impl ScriptClass {
    pub(crate) fn info(&self) -> &ClassInfo {
        &self.unit.classes[self.index]
    }

    /// Its full name.
    pub fn name(&self) -> Text {
        self.info().name.clone()
    }

    /// Whether it is an interface.
    pub fn is_interface(&self) -> bool {
        self.info().is_interface()
    }

    /// Whether it has methods of its own without a body.
    pub(crate) fn is_abstract(&self) -> bool {
        self.info().methods.iter().any(|method| method.body.is_none())
    }

    fn of(&self, kind: &Kind) -> Option<ClassRef> {
        match kind {
            Kind::Own(index) => Some(ClassRef::Script(Self { unit: self.unit.clone(), index: *index })),
            Kind::Class(class) => Some(class.clone()),
            _ => None,
        }
    }

    /// The class that it extends.
    pub(crate) fn parent(&self) -> Option<ClassRef> {
        self.info().parent.as_ref().and_then(|kind| self.of(kind))
    }

    /// What it implements.
    pub(crate) fn interfaces(&self) -> Vec<ClassRef> {
        self.info().interfaces.iter().filter_map(|kind| self.of(kind)).collect()
    }

    /// The class of the script among its ancestors, and itself, nearest first; interfaces and traits after classes.
    pub(crate) fn lineage(&self) -> Vec<ScriptClass> {
        let mut line = Vec::new();
        let mut next = vec![self.clone()];
        while let Some(class) = next.pop() {
            if line.len() > 64 || line.contains(&class) {
                continue;
            }
            for interface in class.interfaces() {
                if let ClassRef::Script(interface) = interface {
                    next.insert(0, interface);
                }
            }
            if let Some(ClassRef::Script(parent)) = class.parent() {
                next.push(parent);
            }
            line.push(class);
        }
        line
    }

    /// The class outside the script that it descends from.
    pub(crate) fn outside_parent(&self) -> Option<ClassRef> {
        let mut class = self.clone();
        for _ in 0..64 {
            match class.parent()? {
                ClassRef::Script(parent) => class = parent,
                other => return Some(other),
            }
        }
        None
    }

    /// Whether it is `other` or a descendant of it, by name.
    pub fn extends(&self, other: &ClassRef) -> bool {
        self.lineage().iter().any(|class| {
            matches!(other, ClassRef::Script(other) if class == other)
                || class.interfaces().iter().chain(&class.parent()).any(|parent| match (parent, other) {
                    (ClassRef::Library(parent), ClassRef::Library(other)) => parent.extends(other),
                    (ClassRef::Exception(parent), _) => {
                        crate::script::library::throwable::is_instance(parent, &other.name())
                    }
                    _ => parent == other,
                })
        })
    }

    /// Whether it declares a method of this name for so many arguments.
    pub(crate) fn has_method(&self, name: &str, arguments: usize) -> bool {
        self.lineage().iter().any(|class| {
            class.info().methods.iter().any(|method| {
                let most = if method.parameters.last().is_some_and(|last| last.variable) {
                    usize::MAX
                } else {
                    method.parameters.len()
                };
                *method.name == *name && (method.least()..=most).contains(&arguments)
            })
        })
    }

    /// The field of a name, with the place of the class that has it.
    pub(crate) fn field(&self, name: &str) -> Option<(usize, &FieldInfo)> {
        let find = |index: usize| {
            self.unit.classes[index].fields.iter().find(|field| *field.name == *name).map(|field| (index, field))
        };
        find(self.index).or_else(|| self.lineage().iter().skip(1).find_map(|class| find(class.index)))
    }
}

/// The methods of a name, class by class, nearest first, with the places of their classes.
pub(crate) fn methods<'a>(line: &'a [ScriptClass], name: &str) -> Vec<Vec<(usize, &'a Arc<Function>)>> {
    line.iter()
        .map(|class| {
            let methods = class.info().methods.iter();
            methods.filter(|method| *method.name == *name).map(|method| (class.index, method)).collect::<Vec<_>>()
        })
        .filter(|methods| !methods.is_empty())
        .collect()
}

/// An object of a script's class, or the script itself.
#[derive(Debug)]
pub struct Instance {
    pub(crate) class: ScriptClass,
    pub(crate) fields: Mutex<HashMap<Text, Value>>,
    /// What an anonymous class shares with the function it stands in, by function.
    pub(crate) captured: Vec<(Arc<Function>, Vec<Cell>)>,
    /// The names of BeanShell that an anonymous class sees.
    pub(crate) names: Option<Arc<super::names::Namespace>>,
    /// The binding of its script.
    pub(crate) scope: Scope,
    /// The object in whose method an anonymous class stands.
    pub(crate) outer: Value,
    /// The object of the class outside the script that it extends.
    pub(crate) base: Mutex<Value>,
}

/// Field under which an object keeps the closure, or the map of closures, that does the work of its abstract methods.
const WORKER: &str = "\u{1}worker";

/// `closure as Interface`, `[name: closure] as Interface`.
pub(crate) fn stand_in(class: &ScriptClass, worker: Value, scope: &Scope) -> Value {
    Value::object(Instance {
        class: class.clone(),
        fields: Mutex::new(HashMap::from([(WORKER.into(), worker)])),
        captured: Vec::new(),
        names: None,
        scope: scope.clone(),
        outer: Value::Null,
        base: Mutex::new(Value::Null),
    })
}

/// Calls an abstract method of an object that a closure or map stands in for; `None` when none does, or when its class
/// has no such method.
pub(crate) fn call_worker(
    machine: &mut Machine<'_>,
    instance: &Instance,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    let worker = instance.get(WORKER)?;
    if !instance.class.has_method(name, arguments.len()) {
        return None;
    }
    let worker = match &worker {
        Value::Map(map) => match map.get_named(name) {
            Some(closure) => closure,
            None => return Some(Err(Thrown::with_cause(exceptions::UNSUPPORTED, None, Value::Null))),
        },
        _ => worker,
    };
    Some(machine.call(&worker, arguments))
}

impl Drop for Instance {
    fn drop(&mut self) {
        let fields = std::mem::take(self.fields.get_mut().unwrap_or_else(PoisonError::into_inner));
        crate::script::value::bury(fields.into_values());
    }
}

impl Instance {
    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        lock(&self.fields).get(name).cloned()
    }

    pub(crate) fn set(&self, name: &str, value: Value) {
        let mut fields = lock(&self.fields);
        match fields.get_mut(name) {
            Some(slot) => *slot = value,
            None => _ = fields.insert(name.into(), value),
        }
    }

    /// The name of an enum's constant.
    pub(crate) fn constant(&self) -> Option<(Text, i32)> {
        match (self.get("$name"), self.get("$ordinal")) {
            (Some(Value::String(name)), Some(Value::Int(ordinal))) => Some((name, ordinal)),
            _ => None,
        }
    }

    /// Whether it stands for the script itself.
    pub(crate) fn is_script(&self) -> bool {
        self.class.index == 0
    }

    /// Names and values of the fields in the order of their declaration, ancestors' last.
    pub(crate) fn values(&self) -> Vec<(Text, Value)> {
        let fields = self.class.info().fields.iter().filter(|field| !field.is_static && field.property);
        fields.map(|field| (field.name.clone(), self.get(&field.name).unwrap_or_default())).collect()
    }
}

impl Object for Instance {
    fn class(&self) -> ClassRef {
        ClassRef::Script(self.class.clone())
    }

    fn to_text(&self) -> String {
        if let Some((name, _)) = self.constant() {
            return name.to_string();
        }
        if let Value::Throwable(exception) = &*lock(&self.base) {
            return match &exception.message {
                Some(message) => format!("{}: {message}", self.class.name()),
                None => self.class.name().to_string(),
            };
        }
        if let Some(names) = self.class.info().generated.to_string {
            let parts: Vec<String> = self
                .values()
                .iter()
                .map(|(name, value)| {
                    let text = crate::script::value::groovy_text(value);
                    if names { format!("{name}:{text}") } else { text }
                })
                .collect();
            return format!("{}({})", self.class.name(), parts.join(", "));
        }
        format!("{}@{:x}", self.class.name(), (std::ptr::from_ref(self).addr() >> 4) & 0x7fff_ffff)
    }

    fn equals(&self, other: &Value) -> bool {
        let Value::Object(other) = other else { return false };
        let Some(other) = other.downcast::<Instance>() else { return false };
        self.class.info().generated.equality
            && self.class == other.class
            && self.values().iter().zip(other.values()).all(|(a, b)| crate::script::value::equals(&a.1, &b.1))
    }

    fn hash_code(&self) -> Option<i32> {
        self.class.info().generated.equality.then(|| {
            let hash =
                |hash: i32, value: &Value| hash.wrapping_mul(31).wrapping_add(crate::script::value::hash_code(value));
            self.values().iter().fold(7, |sum, (_, value)| hash(sum, value))
        })
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let Value::Object(other) = other else { return None };
        let (_, left) = self.constant()?;
        let (_, right) = other.downcast::<Instance>()?.constant()?;
        Some(left.cmp(&right))
    }
}
