//! `__regexFunction(pattern, template, match, between, default, variable, input)`: what a Perl 5 pattern finds in the previous
//! sample's response, or in the variable named last.
//!
//! The match is a number from 1, `ALL` (joined by the text between), `RAND`, or a fraction of the number of matches. The
//! variable gets the result, `variable_g0` … the groups and `variable_matchNr` the count. JMeter's other pattern engine
//! (`jmeter.regex.engine`) is not there.

use super::{Definition, Function, not_a_number, take};
use crate::expr::Expr;
use crate::java::number::{parse_double, parse_int};
use crate::java::regex::{Groups, Options, Pattern};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const REGEX_FUNCTION: Definition = Definition {
    name: "__regexFunction",
    arguments: (2, Some(7)),
    compile: |arguments, scope| {
        scope.reads_previous = true;
        let [pattern, template, which, between, default, name, input] = take(arguments);
        let pattern = pattern.unwrap_or_default();
        let fixed_pattern = pattern.as_literal().and_then(|literal| compile(literal).ok());
        let template = template.unwrap_or_default();
        let fixed_template = template.as_literal().and_then(|literal| Template::parse(literal).ok()).map(Arc::new);
        Ok(Box::new(Call {
            pattern,
            fixed_pattern,
            last_pattern: scope.slots.slot(),
            template,
            fixed_template,
            which,
            between,
            default,
            name,
            input,
        }))
    },
    summary: "What a regular expression finds in the previous response or in a variable",
};

const TARGET: &str = "org.apache.jmeter.functions.RegexFunction";

struct Call {
    pattern: Expr,
    fixed_pattern: Option<Arc<Pattern>>,
    /// The computed pattern that the user compiled last.
    last_pattern: Slot<Option<Arc<Pattern>>>,
    template: Expr,
    fixed_template: Option<Arc<Template>>,
    which: Option<Expr>,
    between: Option<Expr>,
    default: Option<Expr>,
    name: Option<Expr>,
    input: Option<Expr>,
}

/// `$1$` is the text of group 1.
#[derive(Debug, PartialEq, Eq)]
struct Template(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Template {
    fn parse(text: &str) -> Result<Self, Thrown> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let behind = &rest[at + 1..];
            let digits = behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len());
            plain.push_str(&rest[..at]);
            if digits == 0 || !behind[digits..].starts_with('$') {
                plain.push('$');
                rest = behind;
                continue;
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            let group = parse_int(&behind[..digits]).map_err(not_a_number)?;
            pieces.push(Piece::Group(group.unsigned_abs() as usize));
            rest = &behind[digits + 1..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Template(pieces))
    }

    fn fill(&self, found: &Groups<'_>, out: &mut String) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Group(group) => out.push_str(found.get(*group).unwrap_or("null")),
            }
        }
    }
}

fn compile(pattern: &str) -> Result<Arc<Pattern>, String> {
    match Pattern::compile(pattern, Options::default()) {
        Ok(pattern) => Ok(Arc::new(pattern)),
        Err(error) => Err(error.cached_text(pattern)),
    }
}

impl Call {
    /// The pattern, or none if it does not compile.
    fn pattern(&self, user: &mut VirtualUser) -> Result<Option<Arc<Pattern>>, Thrown> {
        if let Some(pattern) = &self.fixed_pattern {
            return Ok(Some(Arc::clone(pattern)));
        }
        let source = self.pattern.eval(user)?;
        let last = user.slot(self.last_pattern);
        if let Some(pattern) = last.as_ref().filter(|pattern| pattern.source() == &*source) {
            return Ok(Some(Arc::clone(pattern)));
        }
        match compile(&source) {
            Ok(pattern) => {
                *last = Some(Arc::clone(&pattern));
                Ok(Some(pattern))
            }
            Err(text) => {
                log::error!(target: TARGET, "Malformed cache pattern:{source} {text}");
                Ok(None)
            }
        }
    }

    fn template(&self, user: &mut VirtualUser) -> Result<Arc<Template>, Thrown> {
        match &self.fixed_template {
            Some(template) => Ok(Arc::clone(template)),
            None => Ok(Arc::new(Template::parse(&self.template.eval(user)?)?)),
        }
    }
}

/// Which match is wanted.
enum Which {
    All,
    /// Its index.
    One(i64),
}

impl Which {
    /// `None` for a match that is not there and has a default.
    fn of(text: &str, count: usize, random: &mut fastrand::Rng) -> Result<Option<Self>, Thrown> {
        match text {
            "ALL" => return Ok(Some(Which::All)),
            "RAND" => return Ok(Some(Which::One(random.usize(..count) as i64))),
            _ => {}
        }
        let index = match parse_int(if text.is_empty() { "1" } else { text }) {
            Ok(number) => {
                let index = i64::from(number.wrapping_sub(1));
                if index >= count as i64 {
                    return Ok(None);
                }
                index
            }
            Err(_) => {
                let ratio = parse_double(text).map_err(not_a_number)? as f32;
                i64::from((f64::from(count as f32 * ratio) + 0.5) as i32) - 1
            }
        };
        if (0..count as i64).contains(&index) {
            return Ok(Some(Which::One(index)));
        }
        let message = format!("Index {index} out of bounds for length {count}");
        Err(Thrown::new("java.lang.IndexOutOfBoundsException", message))
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let template = self.template(user)?;
        let mut read = |argument: &Option<Expr>| match argument {
            Some(argument) => argument.eval(user),
            None => Ok(Text::default()),
        };
        let (which, between, default) = (read(&self.which)?, read(&self.between)?, read(&self.default)?);
        let (name, input) = (read(&self.name)?, read(&self.input)?);
        if !name.is_empty() {
            user.variables.put(&name, Text::clone(&default));
        }
        let text = if input.is_empty() {
            user.previous.as_ref().map(|previous| Text::from(previous.response_text()))
        } else {
            user.variables.get_text(&input)
        };
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(default) };

        let pattern = self.pattern(user)?;
        let found: Vec<Groups<'_>> = pattern.iter().flat_map(|pattern| pattern.find_iter(&text)).collect();
        if !name.is_empty() {
            user.variables.put(&format!("{name}_matchNr"), itoa::Buffer::new().format(found.len()));
        }
        if pattern.is_none() {
            // InvalidVariableException: the value that holds the call goes on without it.
            return Ok(Text::default());
        }
        if found.is_empty() {
            return Ok(default);
        }
        let wanted = match Which::of(&which, found.len(), &mut user.random)? {
            None => return Ok(default),
            Some(Which::All) => &found[..],
            Some(Which::One(index)) => std::slice::from_ref(&found[index as usize]),
        };
        let mut result = String::new();
        for (index, groups) in wanted.iter().enumerate() {
            if index > 0 {
                result.push_str(&between);
            }
            let start = result.len();
            template.fill(groups, &mut result);
            keep(user, &name, groups, &result[start..]);
        }
        Ok(Text::from(result))
    }
}

/// Sets the variables of a match. Without a name the groups are `_g0` …
fn keep(user: &mut VirtualUser, name: &str, found: &Groups<'_>, result: &str) {
    for group in 0..found.count() {
        let variable = format!("{name}_g{group}");
        match found.get(group) {
            Some(text) => user.variables.put(&variable, text),
            None => _ = user.variables.remove(&variable),
        }
    }
    if !name.is_empty() {
        user.variables.put(name, result);
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, Template};
    use crate::functions::testing::Bench;

    #[test]
    fn templates() {
        let pieces = |text| Template::parse(text).unwrap().0;
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(pieces("$1$-$2$x"), [Piece::Group(1), text("-"), Piece::Group(2), text("x")]);
        assert_eq!(pieces("a$1$$0$"), [text("a"), Piece::Group(1), Piece::Group(0)]);
        assert_eq!(pieces("$1 $$2$3$"), [text("$1 $"), Piece::Group(2), text("3$")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn matches_of_the_previous_response() {
        Bench::default().response("k=a1 k=b2 k=c3").variable("in", "x9").variable("p", "k=(.)").check(&[
            ("${__regexFunction(k=(.)(.),$2$$1$)}", "1a"),
            (
                "${__regexFunction(k=(.)(.),$1$:$2$,2,,,r)}|${r} ${r_g} ${r_g0} ${r_g1} ${r_matchNr}",
                "b:2|b:2 ${r_g} k=b2 b 3",
            ),
            ("${__regexFunction(${p},$1$,ALL,-,,all)}|${all} ${all_matchNr} ${all_g1}", "a-b-c|c 3 c"),
            ("${__regexFunction(${p},$1$,0.5)}", "b"),
            ("${__regexFunction(${p},$1$,1.0)}", "c"),
            ("${__regexFunction(${p},$1$,4,,no,d)}|${d} ${d_matchNr}", "no|no 3"),
            ("${__regexFunction(z,$1$,,,no,e)}|${e} ${e_matchNr}", "no|no 0"),
            ("${__regexFunction(k=(.)|(q),$2$$5$)}|${_g1}${_g2}", "nullnull|a${_g2}"),
            ("${__regexFunction(k=(c),$1$,RAND)}", "c"),
            ("${__regexFunction((.)9,$1$,1,,no,,in)}", "x"),
            ("${__regexFunction((.)9,$1$,1,,no,,absent)}", "no"),
            ("[${__regexFunction([,$1$,1,,no,bad)}]|${bad} ${bad_matchNr}", "[]|no 0"),
            (
                "${__regexFunction(k,$1$,0)}",
                "!java.lang.IndexOutOfBoundsException: Index -1 out of bounds for length 3",
            ),
            (
                "${__regexFunction(k,$1$,2.0)}",
                "!java.lang.IndexOutOfBoundsException: Index 5 out of bounds for length 3",
            ),
            ("${__regexFunction(k,$1$,x)}", "!java.lang.NumberFormatException: For input string: \"x\""),
            (
                "${__regexFunction(k,$9999999999$)}",
                "!java.lang.NumberFormatException: For input string: \"9999999999\"",
            ),
        ]);
    }

    #[test]
    fn without_a_response_there_is_the_default() {
        Bench::default().check(&[("${__regexFunction(k,$1$,1,,no,v)}|${v}", "no|no")]);
    }
}
