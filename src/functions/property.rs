//! `__P(name, default)`, `__property(name, variable, default)` and `__setProperty(name, value, true)`: JMeter's properties,
//! which all users share and which may change at any time.

use super::{Definition, Function, Store, take};
use crate::expr::{Expr, java_bool};
use crate::properties::Value;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const P: Definition = Definition {
    name: "__P",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [name, default] = take(arguments);
        let default = default.unwrap_or_else(|| Expr::literal("1"));
        Ok(Box::new(Get { name: name.unwrap_or_default(), default: Some(default), store: Store::exact(None, scope) }))
    },
    summary: "A JMeter property (`-Jname=value`), or the default, or 1",
};

pub(super) const PROPERTY: Definition = Definition {
    name: "__property",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [name, store, default] = take(arguments);
        Ok(Box::new(Get { name: name.unwrap_or_default(), default, store: Store::exact(store, scope) }))
    },
    summary: "A JMeter property, or the default, or its name",
};

pub(super) const SET_PROPERTY: Definition = Definition {
    name: "__setProperty",
    arguments: (2, Some(3)),
    compile: |arguments, _| {
        let [name, value, old_wanted] = take(arguments);
        Ok(Box::new(Set { name: name.unwrap_or_default(), value: value.unwrap_or_default(), old_wanted }))
    },
    summary: "Sets a JMeter property for the whole run",
};

struct Get {
    name: Expr,
    default: Option<Expr>,
    store: Store,
}

impl Function for Get {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = self.name.eval(user)?;
        // The default is evaluated even if it is not used: it may count or draw.
        let default = match &self.default {
            Some(default) => default.eval(user)?,
            None => Text::clone(&name),
        };
        let text = user.run.properties.text_or(&name, &default);
        self.store.put(user, &text)?;
        Ok(text)
    }
}

struct Set {
    name: Expr,
    value: Expr,
    old_wanted: Option<Expr>,
}

impl Function for Set {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (name, value) = (self.name.eval(user)?, self.value.eval(user)?);
        let old_wanted = match &self.old_wanted {
            Some(wanted) => java_bool(&wanted.eval(user)?),
            None => false,
        };
        let old = user.run.properties.set(name, value);
        if !old_wanted {
            return Ok(Text::default());
        }
        match old {
            None => Ok(Text::from("null")),
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Object(_)) => {
                let message = "a property that a script has set is no java.lang.String";
                Err(Thrown::new("java.lang.ClassCastException", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn properties_are_read_and_set() {
        let bench = Bench::default().property("p", " x ").property("empty", "");
        bench.properties.system().set("s", "system");
        bench.check(&[
            ("${__P(p)}|${__P(p,y)}|${__P(empty,y)}|${__P(s)}", "x|x||system"),
            ("${__P(none)}|${__P(none,)}|${__P(none, a b )}", "1||a b"),
            ("${__P( p )}", "1"),
            ("${__property(p,v)}|${v}", "x|x"),
            ("${__property( none )}", "none"),
            ("${__property(none, w ,d)}|${w}|${ w }", "d|${w}|d"),
            ("${__property(none,,)}", ""),
            ("${__setProperty(q, 1 )}|${__P(q)}|${__setProperty(q,2,TRUE)}|${__P(q)}", "|1| 1 |2"),
            ("${__setProperty(fresh,v,true)}|${__setProperty(fresh,w,no)}", "null|"),
            // A system property shows through, but is not what was set before.
            ("${__setProperty(s,mine,true)}|${__P(s)}", "null|mine"),
        ]);
    }
}
