//! JMeter's reference syntax (`org.apache.jmeter.engine.util.FunctionParser`), quirks included: commas split arguments
//! even inside parentheses, names are taken verbatim, an unclosed reference loses its `${`.

use super::{Expr, Part};
use crate::functions;
use crate::java::number;
use crate::text::Text;
use crate::virtual_user::{Names, SlotAllocator, VarRef};
use std::fmt;

/// What parsing needs to know and to fill: names and places of the plan that is being compiled.
pub struct Scope<'a> {
    /// Numbers of variable names.
    pub names: NameSource<'a>,
    /// Places for per-user state of functions.
    pub slots: &'a mut SlotAllocator,
    /// JMeter properties as they are before the run; some functions read settings once.
    pub properties: &'a crate::properties::Properties,
    /// Nesting of calls within calls.
    pub depth: u32,
    /// Functions that are named but not supported; the compiler turns them into diagnostics.
    pub unsupported: Vec<UnsupportedFunction>,
    /// Whether a function was met that may hold up its thread.
    pub waits: bool,
    /// Whether a function was met that may read the body of the user's last sample.
    pub reads_previous: bool,
}

/// Where variable names get their numbers.
pub enum NameSource<'a> {
    /// While the plan is compiled: a new name gets a new number.
    Compile(&'a mut Names),
    /// At run time: names that the plan does not mention stay names.
    Run(&'a Names),
}

/// A call of a function that exists in JMeter but not here, or of one whose script cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsupportedFunction {
    /// `__name`
    pub name: String,
    /// Why it cannot run.
    pub reason: String,
}

impl<'a> Scope<'a> {
    /// A scope at the outermost level.
    pub fn new(
        names: NameSource<'a>,
        slots: &'a mut SlotAllocator,
        properties: &'a crate::properties::Properties,
    ) -> Self {
        Scope { names, slots, properties, depth: 0, unsupported: Vec::new(), waits: false, reads_previous: false }
    }

    /// The number of a variable name.
    pub fn name(&mut self, name: &str) -> VarRef {
        match &mut self.names {
            NameSource::Compile(names) => VarRef::Numbered(names.intern(name)),
            NameSource::Run(names) => {
                names.find(name).map_or_else(|| VarRef::Named(Text::from(name)), VarRef::Numbered)
            }
        }
    }
}

/// A reference that JMeter refuses to compile (`InvalidVariableException`): it ends the run before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// JMeter's text.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

/// Calls within calls beyond this are refused; no plan comes near it, and the parser recurses once a level.
const MAX_DEPTH: u32 = 100;

struct Reader<'t> {
    chars: std::str::Chars<'t>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        self.chars.next()
    }
}

pub(super) fn compile(text: &str, scope: &mut Scope<'_>) -> Result<Vec<Part>, ParseError> {
    let mut reader = Reader { chars: text.chars() };
    let mut parts = Vec::new();
    let mut buffer = String::new();
    let mut previous = ' ';
    while let Some(current) = reader.next() {
        if current == '\\' {
            // A backslash at the very end escapes itself, as Java's reader leaves it in the buffer.
            let escaped = reader.next().unwrap_or('\\');
            if !matches!(escaped, '$' | ',' | '\\') {
                buffer.push('\\');
            }
            previous = ' ';
            buffer.push(escaped);
        } else if current == '{' && previous == '$' {
            buffer.pop();
            flush(&mut buffer, &mut parts);
            parts.push(reference(&mut reader, text, scope)?);
            previous = ' ';
        } else {
            buffer.push(current);
            previous = current;
        }
    }
    flush(&mut buffer, &mut parts);
    Ok(parts)
}

fn flush(buffer: &mut String, parts: &mut Vec<Part>) {
    if !buffer.is_empty() {
        parts.push(Part::Text(Text::from(buffer.as_str())));
        buffer.clear();
    }
}

/// Reads what follows `${` up to its `}` (`makeFunction`).
fn reference(reader: &mut Reader<'_>, whole: &str, scope: &mut Scope<'_>) -> Result<Part, ParseError> {
    let mut buffer = String::new();
    let mut previous = ' ';
    while let Some(current) = reader.next() {
        match current {
            '\\' => {
                previous = ' ';
                buffer.push(reader.next().unwrap_or('\\'));
            }
            '(' if previous != ' ' => match functions::find(number::trim(&buffer)) {
                Some(definition) => {
                    let arguments = arguments(reader, scope)?;
                    let call = call(definition, arguments, scope)?;
                    // Blanks are allowed before the closing brace (`Character.isSpaceChar`), not even line ends.
                    let after = reader.chars.by_ref().find(|c| !c.is_whitespace() || c.is_control());
                    if after != Some('}') {
                        let start: String = whole.chars().take(100).collect();
                        let message = format!("Expected }} after {buffer} function call in {start}");
                        return Err(ParseError { message });
                    }
                    return Ok(call);
                }
                None => buffer.push(current),
            },
            '}' => {
                if let Some(definition) = functions::find(&buffer) {
                    return call(definition, Vec::new(), scope);
                }
                // With arguments a name may have blanks before it, without them it may not.
                let name = match buffer.split_once('(') {
                    Some((name, _)) => number::trim(name),
                    None => &buffer,
                };
                if functions::exists_in_jmeter(name) {
                    let (name, reason) = (name.to_owned(), "is not supported".to_owned());
                    scope.unsupported.push(UnsupportedFunction { name, reason });
                }
                let raw = Text::from(format!("${{{buffer}}}"));
                return Ok(Part::Variable { name: scope.name(&buffer), raw });
            }
            _ => {
                buffer.push(current);
                previous = current;
            }
        }
    }
    log::warn!(target: "org.apache.jmeter.engine.util.FunctionParser", "Probably an invalid function string: {buffer}");
    Ok(Part::Text(Text::from(buffer)))
}

fn call(
    definition: &'static functions::Definition,
    arguments: Vec<Expr>,
    scope: &mut Scope<'_>,
) -> Result<Part, ParseError> {
    let (min, max) = definition.arguments;
    let count = arguments.len();
    if count < min || max.is_some_and(|max| count > max) {
        return Err(ParseError { message: definition.wrong_count(count) });
    }
    (definition.compile)(arguments, scope).map(Part::Call)
}

/// Reads arguments up to the closing parenthesis (`parseParams`). Commas outside nested references split.
fn arguments(reader: &mut Reader<'_>, scope: &mut Scope<'_>) -> Result<Vec<Expr>, ParseError> {
    if scope.depth >= MAX_DEPTH {
        return Err(ParseError { message: format!("more than {MAX_DEPTH} function calls within each other") });
    }
    scope.depth += 1;
    let result = split_arguments(reader, scope);
    scope.depth -= 1;
    result
}

fn split_arguments(reader: &mut Reader<'_>, scope: &mut Scope<'_>) -> Result<Vec<Expr>, ParseError> {
    let mut result = Vec::new();
    let mut buffer = String::new();
    let mut previous = ' ';
    let (mut references, mut parentheses) = (0_u32, 0_u32);
    while let Some(current) = reader.next() {
        match current {
            '\\' => {
                buffer.push(current);
                previous = ' ';
                buffer.push(reader.next().unwrap_or('\\'));
                continue;
            }
            ',' if references == 0 => {
                result.push(Expr::parse_argument(&buffer, scope)?);
                buffer.clear();
                continue;
            }
            ')' if references == 0 && parentheses == 0 => {
                if buffer.is_empty() && result.is_empty() {
                    return Ok(result);
                }
                result.push(Expr::parse_argument(&buffer, scope)?);
                return Ok(result);
            }
            '{' if previous == '$' => references += 1,
            '}' if references > 0 => references -= 1,
            ')' if references == 0 && parentheses > 0 => parentheses -= 1,
            '(' if references == 0 => parentheses += 1,
            _ => {}
        }
        buffer.push(current);
        previous = current;
    }
    log::warn!(target: "org.apache.jmeter.engine.util.FunctionParser", "Probably an invalid function string: {buffer}");
    result.push(Expr::parse_argument(&buffer, scope)?);
    Ok(result)
}
