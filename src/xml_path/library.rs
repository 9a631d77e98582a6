//! What the functions do.

use super::decimal::Decimal;
use super::document::ROOT;
use super::evaluate::{Evaluated, Evaluator, Focus, calculated, compare_atoms, ordered, untyped_as_text};
use super::functions::Function;
use super::tree::{Arithmetic, Comparison, Expr};
use super::value::{Item, Wrong, double, wrong};
use crate::java::regex::{Options, Pattern, quote_meta};
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Evaluated {
        let text = |text: String| Ok(vec![Item::Text(text)]);
        let boolean = |yes: bool| Ok(vec![Item::Boolean(yes)]);
        match function {
            Function::Last => Ok(vec![self.whole(focus.size)]),
            Function::Position => Ok(vec![self.whole(focus.position)]),
            Function::True => boolean(true),
            Function::False => boolean(false),
            Function::Root => Ok(vec![Item::Node(ROOT)]),
            // No document has a DTD that says which attributes are identifiers.
            Function::Id => Ok(Vec::new()),
            Function::Count => {
                let count = if self.one() {
                    self.nodes(&arguments[0], focus)?.len()
                } else {
                    self.eval(&arguments[0], focus)?.len()
                };
                Ok(vec![self.whole(count)])
            }
            Function::LocalName | Function::NamespaceUri | Function::Name => {
                text(self.name_of(function, arguments, focus)?)
            }
            Function::Text => text(self.text_or_context(function, arguments, focus)?),
            Function::Concat => {
                let mut all = String::new();
                for argument in arguments {
                    all.push_str(&self.text(argument, focus)?);
                }
                text(all)
            }
            Function::StringLength => {
                let text = self.text_or_context(function, arguments, focus)?;
                let length = if self.one() { text.encode_utf16().count() } else { text.chars().count() };
                Ok(vec![self.whole(length)])
            }
            Function::NormalizeSpace => {
                let value = self.text_or_context(function, arguments, focus)?;
                let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
                text(words.join(" "))
            }
            Function::Boolean | Function::Not => {
                let value = self.eval(&arguments[0], focus)?;
                boolean(self.is_true(&value)? == (function == Function::Boolean))
            }
            Function::Lang => {
                let wanted = self.text(&arguments[0], focus)?;
                boolean(self.is_in_language(focus, &wanted))
            }
            Function::Number => {
                let items =
                    if arguments.is_empty() { vec![focus.item.clone()] } else { self.eval(&arguments[0], focus)? };
                Ok(vec![Item::Double(self.number_of(&items))])
            }
            Function::Floor | Function::Ceiling | Function::Round | Function::Abs | Function::RoundTo => {
                self.rounded(function, arguments, focus)
            }
            Function::Sum | Function::Average | Function::Greatest | Function::Least => {
                let items = self.eval(&arguments[0], focus)?;
                self.summary(function, items)
            }
            Function::StartsWith
            | Function::Contains
            | Function::EndsWith
            | Function::SubstringBefore
            | Function::SubstringAfter => {
                let (value, part) = (self.text(&arguments[0], focus)?, self.text(&arguments[1], focus)?);
                match function {
                    Function::StartsWith => boolean(value.starts_with(&part)),
                    Function::Contains => boolean(value.contains(&part)),
                    Function::EndsWith => boolean(value.ends_with(&part)),
                    Function::SubstringBefore => {
                        text(value.split_once(&part).map_or("", |(before, _)| before).to_owned())
                    }
                    _ => text(value.split_once(&part).map_or("", |(_, after)| after).to_owned()),
                }
            }
            Function::Substring => self.substring(arguments, focus),
            Function::Translate => {
                let value = self.text(&arguments[0], focus)?;
                let (from, to) = (self.text(&arguments[1], focus)?, self.text(&arguments[2], focus)?);
                let to: Vec<char> = to.chars().collect();
                let changed =
                    |c| from.chars().position(|other| other == c).map_or(Some(c), |place| to.get(place).copied());
                text(value.chars().filter_map(changed).collect())
            }
            Function::LowerCase => text(self.text(&arguments[0], focus)?.to_lowercase()),
            Function::UpperCase => text(self.text(&arguments[0], focus)?.to_uppercase()),
            Function::Matches | Function::Replace | Function::Tokenize => self.by_pattern(function, arguments, focus),
            _ => self.on_sequence(function, arguments, focus),
        }
    }

    fn whole(&self, number: usize) -> Item {
        if self.one() { Item::Double(number as f64) } else { Item::Whole(number as i128) }
    }

    fn text(&mut self, expr: &Expr, focus: Focus<'_>) -> Result<String, Wrong> {
        if self.one() {
            let value = self.eval(expr, focus)?;
            return Ok(self.text_of(&value));
        }
        let value = self.single(expr, focus)?;
        Ok(self.text_of(value.as_slice()))
    }

    fn text_or_context(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Result<String, Wrong> {
        let Some(argument) = arguments.first() else { return Ok(focus.item.text(self.document, self.dialect)) };
        let value = self.eval(argument, focus)?;
        if !self.one() && value.len() > 1 {
            let name = match function {
                Function::StringLength => "string-length",
                Function::NormalizeSpace => "normalize-space",
                _ => "string",
            };
            return wrong(format!(
                "A sequence of more than one item is not allowed as the first argument of fn:{name}() {}",
                self.shown(&value)
            ));
        }
        Ok(self.text_of(&value))
    }

    fn name_of(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Result<String, Wrong> {
        let node = match (arguments.first(), focus.item) {
            (Some(argument), _) => self.nodes(argument, focus)?.first().copied(),
            (None, Item::Node(node)) => Some(*node),
            (None, _) => return wrong("The required item type of the context item is node()"),
        };
        let Some(node) = node else { return Ok(String::new()) };
        Ok(match function {
            Function::LocalName => self.document.local_name(node).to_owned(),
            Function::NamespaceUri => self.document.node(node).uri.as_deref().unwrap_or_default().to_owned(),
            _ => self.document.name(node).to_owned(),
        })
    }

    fn is_in_language(&self, focus: Focus<'_>, wanted: &str) -> bool {
        let Item::Node(node) = focus.item else { return false };
        let mut at = Some(*node);
        while let Some(node) = at {
            if let Some(lang) =
                self.document.attributes(node).find(|attribute| self.document.name(*attribute) == "xml:lang")
            {
                let lang = self.document.string_value(lang).to_lowercase();
                let rest = lang.strip_prefix(&*wanted.to_lowercase());
                return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
            }
            at = self.document.parent(node);
        }
        false
    }

    fn rounded(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Evaluated {
        let value = if self.one() {
            let value = self.eval(&arguments[0], focus)?;
            Item::Double(self.number_of(&value))
        } else {
            match self.single(&arguments[0], focus)? {
                Some(Item::Untyped(text)) => Item::Double(double(&text)?),
                Some(number) if number.is_number() => number,
                Some(other) => {
                    return wrong(format!(
                        "The required item type is numeric; the supplied value has item type {}",
                        other.type_name()
                    ));
                }
                None => return Ok(Vec::new()),
            }
        };
        let digits = match arguments.get(1) {
            Some(argument) => {
                let value = self.eval(argument, focus)?;
                self.number_of(&value).clamp(-30.0, 30.0) as i32
            }
            None => 0,
        };
        let half = || Decimal::parse("0.5");
        Ok(vec![match (function, value) {
            (Function::Abs, Item::Whole(number)) => Item::Whole(number.saturating_abs()),
            (Function::Abs, Item::Double(number)) => Item::Double(number.abs()),
            (Function::Abs, Item::Decimal(number)) if number.order(Decimal::whole(0)) == Ordering::Less => {
                Item::Decimal(Decimal::whole(0).subtract(number).unwrap_or(number))
            }
            (Function::Floor, Item::Decimal(number)) => Item::Decimal(Decimal::whole(number.floor())),
            (Function::Ceiling, Item::Decimal(number)) => {
                let floor = Decimal::whole(number.floor());
                let up = i128::from(floor != number);
                Item::Decimal(Decimal::whole(number.floor().saturating_add(up)))
            }
            (Function::Round, Item::Decimal(number)) => {
                let moved = half().and_then(|half| number.add(half)).unwrap_or(number);
                Item::Decimal(Decimal::whole(moved.floor()))
            }
            (Function::RoundTo, Item::Decimal(number)) => {
                let power = 10_i128.pow(digits.unsigned_abs().min(18));
                let unit = Decimal::whole(power);
                let scaled = if digits < 0 { number.divide(unit) } else { number.multiply(unit) };
                let whole = scaled.zip(half()).and_then(|(scaled, half)| scaled.add(half)).map(Decimal::floor);
                let back = whole
                    .map(Decimal::whole)
                    .and_then(|whole| if digits < 0 { whole.multiply(unit) } else { whole.divide(unit) });
                Item::Decimal(back.unwrap_or(number))
            }
            (Function::Floor, Item::Double(number)) => Item::Double(number.floor()),
            (Function::Ceiling, Item::Double(number)) => Item::Double(number.ceil()),
            (Function::Round, Item::Double(number)) => Item::Double((number + 0.5).floor()),
            (Function::RoundTo, Item::Double(number)) => {
                let unit = 10_f64.powi(digits);
                Item::Double((number * unit + 0.5).floor() / unit)
            }
            (_, other) => other,
        }])
    }

    fn summary(&mut self, function: Function, items: Vec<Item>) -> Evaluated {
        if self.one() {
            let mut sum = 0.0;
            for item in &items {
                if !matches!(item, Item::Node(_)) {
                    let kind = if matches!(item, Item::Double(_)) { "#NUMBER" } else { "#STRING" };
                    return wrong(format!("Can not convert {kind} to a NodeList!"));
                }
                sum += item.number(self.document, self.dialect);
            }
            return Ok(vec![Item::Double(sum)]);
        }
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(match item.atomized(self.document) {
                Item::Untyped(text) => Item::Double(double(&text)?),
                other => other,
            });
        }
        let count = values.len();
        let mut values = values.into_iter();
        let Some(mut best) = values.next() else {
            return Ok(if function == Function::Sum { vec![Item::Whole(0)] } else { Vec::new() });
        };
        for value in values {
            best = match function {
                Function::Sum | Function::Average => calculated(Arithmetic::Add, best, value)?,
                _ => {
                    let comparison = if function == Function::Least { Comparison::Less } else { Comparison::Greater };
                    let is_nan = |item: &Item| matches!(item, Item::Double(number) if number.is_nan());
                    if is_nan(&value) || compare_atoms(comparison, &value, &best)? { value } else { best }
                }
            };
        }
        if function == Function::Average {
            best = calculated(Arithmetic::Divide, best, Item::Whole(count as i128))?;
        }
        Ok(vec![best])
    }

    fn substring(&mut self, arguments: &[Expr], focus: Focus<'_>) -> Evaluated {
        let value = self.text(&arguments[0], focus)?;
        let mut number = |argument: &Expr| {
            let value = self.eval(argument, focus)?;
            Ok((self.number_of(&value) + 0.5).floor())
        };
        let start: f64 = number(&arguments[1])?;
        let end = match arguments.get(2) {
            Some(argument) => start + number(argument)?,
            None => f64::INFINITY,
        };
        let within = |place: usize| {
            let place = (place + 1) as f64;
            place >= start && place < end
        };
        let part = value.chars().enumerate().filter(|(place, _)| within(*place)).map(|(_, c)| c).collect();
        Ok(vec![Item::Text(part)])
    }

    fn by_pattern(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Evaluated {
        let value = self.text(&arguments[0], focus)?;
        if function == Function::Tokenize && arguments.len() == 1 {
            let words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
            return Ok(words.map(|word| Item::Text(word.to_owned())).collect());
        }
        let pattern = self.text(&arguments[1], focus)?;
        let flags = match arguments.get(if function == Function::Replace { 3 } else { 2 }) {
            Some(flags) => self.text(flags, focus)?,
            None => String::new(),
        };
        let pattern = compiled(&pattern, &flags)?;
        if function == Function::Matches {
            return Ok(vec![Item::Boolean(pattern.contains(&value))]);
        }
        if pattern.contains("") {
            let name = if function == Function::Replace { "replace" } else { "tokenize" };
            return wrong(format!(
                "The regular expression in {name}() must not be one that matches a zero-length string"
            ));
        }
        let mut rest = 0;
        if function == Function::Tokenize {
            if value.is_empty() {
                return Ok(Vec::new());
            }
            let mut parts = Vec::new();
            for groups in pattern.find_iter(&value) {
                parts.push(Item::Text(value[rest..groups.start()].to_owned()));
                rest = groups.end();
            }
            parts.push(Item::Text(value[rest..].to_owned()));
            return Ok(parts);
        }
        let replacement = self.text(&arguments[2], focus)?;
        let mut out = String::new();
        for groups in pattern.find_iter(&value) {
            out.push_str(&value[rest..groups.start()]);
            rest = groups.end();
            if flags.contains('q') {
                out.push_str(&replacement);
                continue;
            }
            let mut chars = replacement.chars().peekable();
            while let Some(c) = chars.next() {
                match (c, chars.peek()) {
                    ('\\', Some('\\' | '$')) => out.extend(chars.next()),
                    ('\\', _) => return wrong("Invalid escape sequence in replacement string"),
                    ('$', Some(digit)) if digit.is_ascii_digit() => {
                        let mut group = digit.to_digit(10).unwrap_or(0) as usize;
                        chars.next();
                        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                            if group * 10 + digit as usize > pattern.groups() {
                                break;
                            }
                            group = group * 10 + digit as usize;
                            chars.next();
                        }
                        out.push_str(groups.get(group).unwrap_or_default());
                    }
                    ('$', _) => {
                        return wrong("Invalid replacement string in replace(): $ sign must be followed by digit 0-9");
                    }
                    (c, _) => out.push(c),
                }
            }
        }
        out.push_str(&value[rest..]);
        Ok(vec![Item::Text(out)])
    }

    fn on_sequence(&mut self, function: Function, arguments: &[Expr], focus: Focus<'_>) -> Evaluated {
        let mut items = match arguments.first() {
            Some(argument) => self.eval(argument, focus)?,
            None => vec![focus.item.clone()],
        };
        let atomized = |items: Vec<Item>, document| items.into_iter().map(|item| item.atomized(document)).collect();
        match function {
            Function::Exists => Ok(vec![Item::Boolean(!items.is_empty())]),
            Function::Empty => Ok(vec![Item::Boolean(items.is_empty())]),
            Function::Data => Ok(atomized(items, self.document)),
            Function::Head => {
                items.truncate(1);
                Ok(items)
            }
            Function::Tail => Ok(items.into_iter().skip(1).collect()),
            Function::Reverse => {
                items.reverse();
                Ok(items)
            }
            Function::DistinctValues => {
                let mut kept: Vec<Item> = Vec::new();
                let values: Vec<Item> = atomized(items, self.document);
                for value in values {
                    if !kept.iter().any(|other| ordered(other, &value) == Ok(Some(Ordering::Equal))) {
                        kept.push(value);
                    }
                }
                Ok(kept)
            }
            Function::IndexOf => {
                let Some(wanted) = self.single(&arguments[1], focus)?.map(untyped_as_text) else {
                    return Ok(Vec::new());
                };
                let values: Vec<Item> = atomized(items, self.document);
                let found =
                    values.iter().enumerate().filter(|(_, item)| ordered(item, &wanted) == Ok(Some(Ordering::Equal)));
                Ok(found.map(|(place, _)| Item::Whole(place as i128 + 1)).collect())
            }
            Function::InsertBefore => {
                let place = self.place(&arguments[1], focus)?;
                let inserted = self.eval(&arguments[2], focus)?;
                let place = (place.max(1.0) as usize - 1).min(items.len());
                items.splice(place..place, inserted);
                Ok(items)
            }
            Function::Remove => {
                let place = self.place(&arguments[1], focus)?;
                let kept = items.into_iter().enumerate().filter(|(index, _)| (index + 1) as f64 != place);
                Ok(kept.map(|(_, item)| item).collect())
            }
            Function::Subsequence => {
                let start = (self.place(&arguments[1], focus)? + 0.5).floor();
                let end = match arguments.get(2) {
                    Some(length) => start + (self.place(length, focus)? + 0.5).floor(),
                    None => f64::INFINITY,
                };
                let within = |index: usize| ((index + 1) as f64) >= start && ((index + 1) as f64) < end;
                Ok(items.into_iter().enumerate().filter(|(index, _)| within(*index)).map(|(_, item)| item).collect())
            }
            Function::StringJoin => {
                let joint = match arguments.get(1) {
                    Some(joint) => self.text(joint, focus)?,
                    None => String::new(),
                };
                let texts: Vec<String> = items.iter().map(|item| item.text(self.document, self.dialect)).collect();
                Ok(vec![Item::Text(texts.join(&joint))])
            }
            Function::ExactlyOne if items.len() != 1 => {
                wrong("exactly-one() called with a sequence of zero or several items")
            }
            Function::OneOrMore if items.is_empty() => {
                wrong("An empty sequence is not allowed as the first argument of fn:one-or-more()")
            }
            Function::ZeroOrOne if items.len() > 1 => {
                wrong("A sequence of more than one item is not allowed as the first argument of fn:zero-or-one()")
            }
            _ => Ok(items),
        }
    }

    fn place(&mut self, argument: &Expr, focus: Focus<'_>) -> Result<f64, Wrong> {
        let value = self.eval(argument, focus)?;
        Ok(self.number_of(&value))
    }
}

/// A pattern with XPath's flags. It is JMeter's own kind of pattern, which plans' patterns do not tell from Saxon's.
fn compiled(pattern: &str, flags: &str) -> Result<Pattern, Wrong> {
    if let Some(flag) = flags.chars().find(|c| !"smixq".contains(*c)) {
        return wrong(format!("Unrecognized flag '{flag}' in regular expression"));
    }
    let options = Options {
        case_insensitive: flags.contains('i'),
        single_line: flags.contains('s'),
        multi_line: flags.contains('m'),
    };
    let pattern = match (flags.contains('q'), flags.contains('x')) {
        (true, _) => quote_meta(pattern),
        (_, true) => pattern.chars().filter(|c| !c.is_ascii_whitespace()).collect(),
        _ => pattern.to_owned(),
    };
    Pattern::compile(&pattern, options).or_else(|error| wrong(format!("Syntax error in regular expression: {error}")))
}
