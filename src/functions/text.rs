//! `__strLen`, `__substring`, `__strReplace` and `__strReplaceRegex` of the plugin jpgc-functions. They count as Java does, in UTF-16 units.

use super::{Definition, Function, Store, not_a_number, take, text_of_units, trim};
use crate::expr::Expr;
use crate::java::number::parse_int;
use crate::script::library::pattern;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const STR_LEN: Definition = Definition {
    name: "__strLen",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        Ok(Box::new(Length { text: text.unwrap_or_default(), store: Store::even_empty(store, scope) }))
    },
    summary: "The length of a text (plugin jpgc-functions)",
};

pub(super) const SUBSTRING: Definition = Definition {
    name: "__substring",
    arguments: (3, None),
    compile: |arguments, scope| {
        let [text, begin, end, store] = take(arguments);
        Ok(Box::new(Substring {
            text: text.unwrap_or_default(),
            begin: begin.unwrap_or_default(),
            end: end.unwrap_or_default(),
            store: Store::exact(store, scope),
        }))
    },
    summary: "A part of a text, by its first index and the one after its last (plugin jpgc-functions)",
};

pub(super) const STR_REPLACE: Definition = Definition {
    name: "__strReplace",
    arguments: (3, None),
    compile: |arguments, scope| {
        let [text, search, replacement, store] = take(arguments);
        Ok(Box::new(Replace {
            text: text.unwrap_or_default(),
            search: search.unwrap_or_default(),
            replacement: replacement.unwrap_or_default(),
            store: Store::exact(store, scope),
        }))
    },
    summary: "A text with all occurrences of another replaced (plugin jpgc-functions)",
};

pub(super) const STR_REPLACE_REGEX: Definition = Definition {
    name: "__strReplaceRegex",
    arguments: (3, None),
    compile: |arguments, scope| {
        let [text, pattern, replacement, store] = take(arguments);
        Ok(Box::new(ReplaceRegex {
            text: text.unwrap_or_default(),
            pattern: pattern.unwrap_or_default(),
            replacement: replacement.unwrap_or_default(),
            store: Store::exact(store, scope),
        }))
    },
    summary: "A text with all matches of a Java pattern replaced (plugin jpgc-functions)",
};

struct Length {
    text: Expr,
    store: Store,
}

impl Function for Length {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let length = Text::from(itoa::Buffer::new().format(text.encode_utf16().count()));
        self.store.put(user, &length)?;
        Ok(length)
    }
}

struct Substring {
    text: Expr,
    begin: Expr,
    end: Expr,
    store: Store,
}

impl Function for Substring {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let begin = parse_int(trim(&self.begin.eval(user)?)).map_err(not_a_number)?;
        let end = parse_int(trim(&self.end.eval(user)?)).map_err(not_a_number)?;
        let part = substring(&text, begin, end)?;
        self.store.put(user, &part)?;
        Ok(part)
    }
}

fn substring(text: &str, begin: i32, end: i32) -> Result<Text, Thrown> {
    let part = |length: usize| {
        let range = usize::try_from(begin).ok()?..usize::try_from(end).ok()?;
        (range.start <= range.end && range.end <= length).then_some(range)
    };
    let out_of_bounds = |length: usize| {
        let message = format!("begin {begin}, end {end}, length {length}");
        Thrown::new("java.lang.StringIndexOutOfBoundsException", message)
    };
    if text.is_ascii() {
        return match part(text.len()) {
            Some(range) => Ok(Text::from(&text[range])),
            None => Err(out_of_bounds(text.len())),
        };
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    match part(units.len()) {
        Some(range) => Ok(Text::from(text_of_units(&units[range]))),
        None => Err(out_of_bounds(units.len())),
    }
}

struct Replace {
    text: Expr,
    search: Expr,
    replacement: Expr,
    store: Store,
}

impl Function for Replace {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (text, search) = (self.text.eval(user)?, self.search.eval(user)?);
        let text = Text::from(text.replace(&*search, &self.replacement.eval(user)?));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

struct ReplaceRegex {
    text: Expr,
    pattern: Expr,
    replacement: Expr,
    store: Store,
}

impl Function for ReplaceRegex {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let (text, pattern) = (self.text.eval(user)?, self.pattern.eval(user)?);
        let replacement = self.replacement.eval(user)?;
        let text = pattern::cached(&pattern)
            .and_then(|pattern| pattern.replace_all(&mut || Ok(()), &text, &replacement))
            .map_err(|thrown| Thrown::new(thrown.class(), thrown.message().unwrap_or_default()))?;
        let text = Text::from(text);
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn lengths_and_parts() {
        Bench::default().variable("e", "aé😀b").check(&[
            ("${__strLen(${e}, n )}|${n}", "5|5"),
            ("${__strLen(abc)}", "3"),
            ("${__substring(string, 2 ,5,v)}|${v}", "rin|rin"),
            ("${__substring(${e},1,4)}", "é😀"),
            ("${__substring(abc,3,3)}", ""),
            ("${__substring(abc,0,9)}", "!java.lang.StringIndexOutOfBoundsException: begin 0, end 9, length 3"),
            ("${__substring(abc,-1,2)}", "!java.lang.StringIndexOutOfBoundsException: begin -1, end 2, length 3"),
            ("${__substring(abc,2,1)}", "!java.lang.StringIndexOutOfBoundsException: begin 2, end 1, length 3"),
            ("${__substring(abc,x,1)}", "!java.lang.NumberFormatException: For input string: \"x\""),
            ("${__strReplace(a.b.c,.,-,v)}|${v}", "a-b-c|a-b-c"),
            ("${__strReplace(ab,,-)}", "-a-b-"),
            ("${__strReplaceRegex(a1b22,[0-9]+,<$0>,v)}|${v}", "a<1>b<22>|a<1>b<22>"),
            ("${__strReplaceRegex(key=value,(\\w+)=(\\w+),$2=$1)}", "value=key"),
            ("${__strReplaceRegex(a.b,.,\\\\$)}", "$$$"),
            ("${__strReplaceRegex(a,a,$1)}", "!java.lang.IndexOutOfBoundsException: No group 1"),
        ]);
    }
}
