//! `__changeCase(text, UPPER|LOWER|CAPITALIZE, variable)`, and `__lowercase`, `__uppercase` and `__caseFormat` of the plugin
//! jpgc-functions.

use super::{Definition, Function, Store, take};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const CHANGE_CASE: Definition = Definition {
    name: "__changeCase",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [text, mode, store] = take(arguments);
        let store = Store::new(store, scope);
        Ok(Box::new(Change { text: text.unwrap_or_default(), mode, to: change_case, store }))
    },
    summary: "A text in upper case, in lower case or with a capital letter",
};

pub(super) const LOWERCASE: Definition = Definition {
    name: "__lowercase",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        let store = Store::even_empty(store, scope);
        Ok(Box::new(Change { text: text.unwrap_or_default(), mode: None, to: |text, _| text.to_lowercase(), store }))
    },
    summary: "A text in lower case (plugin jpgc-functions)",
};

pub(super) const UPPERCASE: Definition = Definition {
    name: "__uppercase",
    arguments: (1, None),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        let store = Store::even_empty(store, scope);
        Ok(Box::new(Change { text: text.unwrap_or_default(), mode: None, to: |text, _| text.to_uppercase(), store }))
    },
    summary: "A text in upper case (plugin jpgc-functions)",
};

pub(super) const CASE_FORMAT: Definition = Definition {
    name: "__caseFormat",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [text, mode, store] = take(arguments);
        let store = Store::new(store, scope);
        Ok(Box::new(Change { text: text.unwrap_or_default(), mode, to: case_format, store }))
    },
    summary: "A text in camel case, snake case, kebab case … (plugin jpgc-functions)",
};

struct Change {
    text: Expr,
    mode: Option<Expr>,
    to: fn(&str, &str) -> String,
    store: Store,
}

impl Function for Change {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let mode = match &self.mode {
            Some(mode) => mode.eval(user)?,
            None => Text::default(),
        };
        let text = Text::from((self.to)(&text, &mode));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

fn change_case(text: &str, mode: &str) -> String {
    let is = |name: &str| mode.eq_ignore_ascii_case(name);
    if mode.is_empty() || is("UPPER") {
        text.to_uppercase()
    } else if is("LOWER") {
        text.to_lowercase()
    } else if is("CAPITALIZE") {
        capitalize(text)
    } else {
        log::error!(
            target: "org.apache.jmeter.functions.ChangeCase",
            "Unknown mode {mode}, returning {text} unchanged"
        );
        text.to_owned()
    }
}

/// `StringUtils.capitalize(text)`: the first character in title case.
fn capitalize(text: &str) -> String {
    let mut rest = text.chars();
    match rest.next() {
        Some(first) => {
            let mut result = String::with_capacity(text.len());
            result.push(title_case(first));
            result.push_str(rest.as_str());
            result
        }
        None => String::new(),
    }
}

/// `Character.toTitleCase(c)`: the upper-case letter if it is a single one, but for the letters that have a third case.
fn title_case(c: char) -> char {
    match c {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian sets no capitals at the start of words.
        'ა'..='ჿ' => c,
        // Greek letters with an iota below.
        'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ' => char::from_u32(c as u32 + 8).unwrap_or(c),
        'ᾳ' | 'ῃ' | 'ῳ' => char::from_u32(c as u32 + 9).unwrap_or(c),
        _ => {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(single), None) => single,
                _ => c,
            }
        }
    }
}

fn case_format(text: &str, mode: &str) -> String {
    let upper = mode.to_uppercase();
    match if mode.is_empty() { "LOWER_CAMEL_CASE" } else { &upper } {
        "LOWER_CAMEL_CASE" => camel_case(text, str::to_owned),
        "UPPER_CAMEL_CASE" => camel_case(text, capitalize),
        "SNAKE_CASE" | "LOWER_UNDERSCORE" => words(text).join("_").to_lowercase(),
        "KEBAB_CASE" | "LISP_CASE" | "SPINAL_CASE" | "LOWER_HYPHEN" => words(text).join("-").to_lowercase(),
        "TRAIN_CASE" => words(text).join("-").to_uppercase(),
        "UPPER_UNDERSCORE" => words(text).join("_").to_uppercase(),
        _ => {
            log::error!(
                target: "kg.apc.jmeter.functions.CaseFormat",
                "Unknown mode {mode}, returning {text} unchanged"
            );
            text.to_owned()
        }
    }
}

fn camel_case(text: &str, first: fn(&str) -> String) -> String {
    let words = words(text).into_iter().map(str::to_lowercase);
    words.enumerate().map(|(index, word)| if index == 0 { first(&word) } else { capitalize(&word) }).collect()
}

/// The text split at each run of blanks, hyphens and underscores (`Pattern.split` of `[\s\-_]+`): a leading run leaves an
/// empty word before it, a trailing one none.
fn words(text: &str) -> Vec<&str> {
    let is_gap = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '-' | '_');
    let mut words: Vec<&str> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
    if text.starts_with(is_gap) && !words.is_empty() {
        words.insert(0, "");
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, check};

    /// As JMeter 5.6.2 answers.
    #[test]
    fn change_case() {
        check(&[
            ("${__changeCase(straße)}", "STRASSE"),
            ("${__changeCase(aB,)}", "AB"),
            ("${__changeCase(ΑΣ,lower)}", "ας"),
            ("${__changeCase(hello World,Capitalize)}", "Hello World"),
            ("${__changeCase(ßa,CAPITALIZE)}", "ßa"),
            ("${__changeCase(ǆa,CAPITALIZE)}", "ǅa"),
            ("${__changeCase(ŉx,CAPITALIZE)}", "ŉx"),
            ("${__changeCase(ᾳx,CAPITALIZE)}", "ᾼx"),
            ("${__changeCase(აx,CAPITALIZE)}", "აx"),
            ("${__changeCase(,CAPITALIZE)}", ""),
            ("${__changeCase(ab,nope)}", "ab"),
            ("${__changeCase(a,UPPER, v )}|${v}", "A|A"),
        ]);
    }

    #[test]
    fn functions_of_the_plugin() {
        Bench::default().variable("x", "Some Text").check(&[
            ("${__lowercase(${x}, l )}|${l}", "some text|some text"),
            ("${__uppercase(${x})}", "SOME TEXT"),
            ("${__caseFormat(a word-with_some  more)}", "aWordWithSomeMore"),
            ("${__caseFormat(a word,UPPER_CAMEL_CASE)}", "AWord"),
            ("${__caseFormat(a Word-x,snake_case, v )}|${v}", "a_word_x|a_word_x"),
            ("${__caseFormat(a Word_x,KEBAB_CASE)}", "a-word-x"),
            ("${__caseFormat(a Word_x,TRAIN_CASE)}", "A-WORD-X"),
            ("${__caseFormat(_a b_,UPPER_UNDERSCORE)}", "_A_B"),
            ("${__caseFormat(a b,nope)}", "a b"),
        ]);
    }
}
