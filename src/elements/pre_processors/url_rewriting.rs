//! HTTP URL Re-writing Modifier (`org.apache.jmeter.protocol.http.modifier.URLRewritingModifier`): takes a session id
//! from the last page and sends it on, in the path or as an argument.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::samplers::http::{Argument, draft};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::java::regex::{Options, Pattern, quote_meta};
use crate::java::url_encoding::decode;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};

pub(super) const URL_REWRITING: Definition = Definition {
    tag: "URLRewritingModifier",
    menu: "HTTP URL Re-writing Modifier",
    compile: |compile| {
        compile.shared.reads_previous = true;
        Some(Role::pre_processor(UrlRewriting::new(compile)))
    },
};

struct UrlRewriting {
    name: Expr,
    in_path: BoolExpr,
    without_equals: BoolExpr,
    without_question_mark: BoolExpr,
    /// Whether a page without an id leaves the last one in use.
    cached: BoolExpr,
    /// Whether the id is encoded when it is sent; if not, it is so already.
    encode: BoolExpr,
    last: Slot<Text>,
}

impl UrlRewriting {
    fn new(compile: &mut Compile<'_>) -> Self {
        UrlRewriting {
            name: compile.expr("argument_name"),
            in_path: compile.flag("path_extension", false),
            without_equals: compile.flag("path_extension_no_equals", false),
            without_question_mark: compile.flag("path_extension_no_questionmark", false),
            cached: compile.flag("cache_value", true),
            encode: compile.flag("encode", false),
            last: compile.slot(),
        }
    }
}

impl PreProcessor for UrlRewriting {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let Some(previous) = &user.previous else { return Ok(()) };
        let page = previous.response_text().into_owned();
        if draft(user, sampler).is_none() {
            return Ok(());
        }
        let name = self.name.eval(user)?;
        let in_path = self.in_path.eval(user)?;
        let equals = if self.without_equals.eval(user)? { "" } else { "=" };
        let pattern = if in_path {
            let question_mark = if self.without_question_mark.eval(user)? { "?" } else { "" };
            format!(";{}{equals}([^\"'<>&\\s;{question_mark}]*)", quote_meta(&name))
        } else {
            in_argument(&quote_meta(&name))
        };
        let mut value = Text::from(first_group(&pattern, &page)?);
        if self.cached.eval(user)? {
            let last = user.slot(self.last);
            if value.is_empty() {
                value = Text::clone(last);
            } else {
                *last = Text::clone(&value);
            }
        }
        let encode = self.encode.eval(user)?;
        // The fields leave the user while their expressions are read against it.
        let Some(mut fields) = draft(user, sampler).map(|fields| fields.clone()) else { return Ok(()) };
        if in_path {
            let path = fields.path(user)?;
            let path = without_id(&path, &format!(";{name}"));
            fields.set_path(&format!("{path};{name}{equals}{value}"), user)?;
        } else {
            fields.remove_arguments(&name, user)?;
            let decoded = |text: &str| if encode { Ok(text.to_owned()) } else { decode(text, "UTF-8") };
            let thrown = |error| Thrown::new("java.lang.IllegalArgumentException", format!("{error}"));
            let (name, value) = (decoded(&name).map_err(thrown)?, decoded(&value).map_err(thrown)?);
            fields.arguments.push(Argument::literal(&name, &value, true));
        }
        if let Some(draft) = draft(user, sampler) {
            *draft = fields;
        }
        Ok(())
    }
}

/// An id in a link's query or in a form's field, whose attributes may stand in either order.
fn in_argument(name: &str) -> String {
    let attribute_name = format!("\\s[Nn][Aa][Mm][Ee]\\s*=\\s*[\"']{name}[\"']");
    let attribute_value = "\\s[vV][Aa][Ll][Uu][Ee]\\s*=\\s*[\"']([^\"']*)[\"']";
    format!(
        "[;\\?&]{name}=([^\"'<>&\\s;\\\\]*)|{attribute_name}[^>]*{attribute_value}|{attribute_value}[^>]*{attribute_name}"
    )
}

/// The first group that took part in the first match; empty when there is none.
fn first_group(pattern: &str, page: &str) -> Result<String, Thrown> {
    let options = Options { multi_line: true, ..Options::default() };
    let pattern = Pattern::compile(pattern, options).map_err(|error| {
        Thrown::new("org.apache.oro.text.MalformedCachePatternException", error.cached_text(pattern))
    })?;
    let found = pattern.find_at(page, 0);
    let group = found.and_then(|groups| (1..groups.count()).find_map(|group| groups.get(group)).map(str::to_owned));
    Ok(group.unwrap_or_default())
}

/// A path without the id that it has: what follows it goes too, up to the query.
fn without_id(path: &str, id: &str) -> String {
    match (path.find(id), path.find('?')) {
        (None, _) => path.to_owned(),
        (Some(at), None) => path[..at].to_owned(),
        (Some(at), Some(query)) => format!("{}{}", &path[..at], &path[query..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_links_and_fields() {
        for (page, id) in [
            ("<a href='/x;sid=A1?y'>", "A1?y"),
            ("<a href='/x?y=1&sid=B2&z'>", "B2"),
            ("<input type=hidden NAME = \"sid\" x value='C3'>", "C3"),
            ("<input value='D4' name='sid'>", "D4"),
            ("<p>sid=E5</p>", ""),
        ] {
            assert_eq!(first_group(&in_argument("sid"), page).unwrap(), id, "{page}");
        }
        assert_eq!(without_id("/a;sid=1;b?c", ";sid"), "/a?c");
        assert_eq!(without_id("/a;sid=1", ";sid"), "/a");
    }
}
