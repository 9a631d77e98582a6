//! `java.lang.Class`.

use super::{Class, Fault, Method, arguments, java, object};
use crate::script::value::{ClassRef, Thrown, Value};

/// `java.lang.Class`.
pub static CLASS: Class =
    Class { methods: METHODS, statics: STATICS, ..Class::named("java.lang.Class", &[&object::OBJECT]) };

static STATICS: &[Method] = &[java("forName", 1, 3, |machine, _, args| {
    let name = arguments::text(args, 0)?;
    // A simple name is none to it.
    let found = machine.find_class(&name).filter(|class| class.name() == *name);
    let missing = || Fault::Thrown(Thrown::new("java.lang.ClassNotFoundException", &name));
    found.map(Value::Class).ok_or_else(missing)
})];

/// A class object of a primitive type: `int`, `boolean`, `void`.
const fn primitive(name: &'static str) -> Class {
    Class { methods: METHODS, ..Class::named(name, &[]) }
}

/// The class objects of primitive types.
static PRIMITIVES: [Class; 9] = [
    primitive("boolean"),
    primitive("byte"),
    primitive("char"),
    primitive("double"),
    primitive("float"),
    primitive("int"),
    primitive("long"),
    primitive("short"),
    primitive("void"),
];

/// The class object of the primitive type of this name.
pub(crate) fn primitive_class(name: &str) -> Option<ClassRef> {
    PRIMITIVES.iter().find(|class| class.name == name).map(ClassRef::Library)
}

/// Whether it is the class object of a primitive type.
pub(crate) fn is_primitive(class: &ClassRef) -> bool {
    matches!(class, ClassRef::Library(class) if PRIMITIVES.iter().any(|known| std::ptr::eq(known, *class)))
}

static METHODS: &[Method] = &[
    java("newInstance", 0, 0, |machine, this, _| Ok(machine.construct(of(this)?, &[])?)),
    java("getName", 0, 0, |_, this, _| Ok(of(this)?.name().into())),
    java("getTypeName", 0, 0, |_, this, _| Ok(of(this)?.name().into())),
    java("isInterface", 0, 0, |_, this, _| Ok(of(this)?.is_interface().into())),
    java("isArray", 0, 0, |_, this, _| Ok(matches!(of(this)?, ClassRef::Array(_)).into())),
    java("isPrimitive", 0, 0, |_, this, _| Ok(is_primitive(of(this)?).into())),
    java("getSimpleName", 0, 0, |_, this, _| Ok(of(this)?.simple_name().into())),
];

fn of(this: &Value) -> Result<&ClassRef, Fault> {
    match this {
        Value::Class(class) => Ok(class),
        _ => Err(Fault::Mismatch),
    }
}
