//! XPath Extractor and XPath2 Extractor: what an expression finds in the response becomes variables.
//!
//! `Download external DTDs` and `Validate XML` do nothing.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Scope, VariableName};
use crate::elements::xpath::{Decoding, PathExpr, Source, TolerantExpr, Unread, document_of, note, sax_text};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path::{Dialect, Document, Expression, Item, Kind, Reading};

const LOG: &str = "org.apache.jmeter.extractor.XPathExtractor";

pub(super) const XPATH: Definition = Definition {
    tag: "XPathExtractor",
    menu: "XPath Extractor",
    compile: |compile| {
        let tolerant = TolerantExpr::compile(compile, "XPathExtractor");
        let namespaces = compile.flag("XPathExtractor.namespace", false);
        let text = compile.expr("XPathExtractor.xpathQuery");
        let path = PathExpr::compile(compile, text, Expr::default(), Dialect::One);
        Some(extractor(compile, "XPathExtractor", Kindred::One { tolerant, namespaces }, path, -1))
    },
};

pub(super) const XPATH2: Definition = Definition {
    tag: "XPath2Extractor",
    menu: "XPath2 Extractor",
    compile: |compile| {
        let (text, namespaces) =
            (compile.expr("XPathExtractor2.xpathQuery"), compile.expr("XPathExtractor2.namespaces"));
        let path = PathExpr::compile(compile, text, namespaces, Dialect::Two);
        Some(extractor(compile, "XPathExtractor2", Kindred::Two, path, 0))
    },
};

fn extractor(compile: &mut Compile<'_>, prefix: &str, kind: Kindred, path: PathExpr, number: i64) -> Role {
    Role::post_processor(XPath {
        name: compile.name(),
        kind,
        path,
        refname: VariableName::compile(compile, &format!("{prefix}.refname")),
        default: compile.expr(&format!("{prefix}.default")),
        fragment: compile.flag(&format!("{prefix}.fragment"), false),
        number: compile.long(&format!("{prefix}.matchNumber"), number),
        scope: Scope::compile(compile),
    })
}

/// Which of the two it is.
enum Kindred {
    One { tolerant: TolerantExpr, namespaces: BoolExpr },
    Two,
}

struct XPath {
    name: Expr,
    kind: Kindred,
    path: PathExpr,
    refname: VariableName,
    default: Expr,
    fragment: BoolExpr,
    number: LongExpr,
    scope: Scope,
}

type Found = Result<Vec<Option<Text>>, Stop>;

/// Why nothing could be searched.
enum Stop {
    /// What the sample notes; it still passes.
    Note(String),
    /// What the sample notes, and fails for.
    Failure(String),
    Thrown(Thrown),
}

/// What an expression gives on one document.
struct Values {
    values: Vec<Option<Text>>,
    /// Whether it is a node set; of other values the match number says nothing.
    is_set: bool,
}

impl PostProcessor for XPath {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        if user.previous.is_none() {
            return Ok(());
        }
        let target = self.refname.target(user)?;
        let default = self.default.eval(user)?;
        target.set(user, default);
        let before = target.beside("_matchNr").get(user).and_then(|text| text.parse::<i32>().ok());
        let before = before.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        target.set_match_count(user, 0);
        target.numbered(1).remove(user);
        let matches = match self.find(user)? {
            Ok(matches) => matches,
            Err(Stop::Thrown(thrown)) => return Err(thrown),
            Err(Stop::Note(message)) => {
                log::warn!(target: LOG, "Cannot search with XPath: {message}");
                let name = self.name.eval(user)?;
                note(user, name, &message);
                return Ok(());
            }
            Err(Stop::Failure(message)) => {
                let name = self.name.eval(user)?;
                note(user, name, &message);
                if let Some(previous) = user.previous.as_mut() {
                    previous.successful = false;
                }
                return Ok(());
            }
        };
        target.set_match_count(user, matches.len());
        for (index, value) in matches.iter().enumerate() {
            let Some(value) = value else { continue };
            if index == 0 {
                target.set(user, Text::clone(value));
            }
            target.numbered(index + 1).set(user, Text::clone(value));
        }
        target.numbered(matches.len() + 1).remove(user);
        for stale in matches.len() + 2..=before {
            target.numbered(stale).remove(user);
        }
        Ok(())
    }
}

impl XPath {
    fn find(&self, user: &mut VirtualUser) -> Result<Found, Thrown> {
        let number = self.number.eval(user)?;
        let fragment = self.fragment.eval(user)?;
        let source = match &self.kind {
            Kindred::One { tolerant, namespaces } => match tolerant.get(user)? {
                Some(tolerant) => tolerant,
                None if namespaces.eval(user)? => Source::Xml(Reading::Namespaces),
                None => Source::Xml(Reading::Plain),
            },
            Kindred::Two => Source::Xml(Reading::Saxon),
        };
        let (text, path) = self.path.get(user)?;
        let two = matches!(self.kind, Kindred::Two);
        if two && text.is_empty() {
            log::warn!(target: LOG, "Error : the XPath is empty");
            return Ok(Ok(Vec::new()));
        }
        let mut all = Vec::new();
        let mut random = user.random.fork();
        let mut search = |document: &Result<Document, Unread>| -> Result<(), Stop> {
            let document = match document {
                _ if two && path.check().is_err() => {
                    return path.check().map_err(|trouble| Stop::Note(trouble.message().to_owned()));
                }
                Ok(document) => document,
                Err(unread) if two => return Err(Stop::Note(sax_text(unread))),
                Err(Unread::Fault(fault)) => return Err(Stop::Note(fault.message.clone())),
                Err(Unread::Tidy(message)) => return Err(Stop::Failure(message.clone())),
                Err(Unread::Thrown(thrown)) => return Err(Stop::Thrown(thrown.clone())),
            };
            let found = values(&path, document, fragment, two).map_err(Stop::Note)?;
            let single = !two && !found.is_set;
            let found = found.values;
            let wanted = match number {
                _ if single => 0,
                0 if found.is_empty() => return Ok(()),
                0 => random.usize(..found.len()),
                number if number < 0 => {
                    all.extend(found);
                    return Ok(());
                }
                number => usize::try_from(number - 1).unwrap_or(usize::MAX),
            };
            all.extend(found.into_iter().nth(wanted));
            Ok(())
        };
        if let Scope::Variable(variable) = &self.scope {
            match variable.get(user)? {
                Some(text) if text.is_empty() => {}
                Some(text) => {
                    if let Err(stop) = search(&source.read(&text)) {
                        return Ok(Err(stop));
                    }
                }
                None => {
                    let (variable, name) = (variable.text(user)?, self.name.eval(user)?);
                    log::warn!(
                        target: LOG,
                        "No variable '{variable}' found to process by XPathExtractor '{name}', skipping processing"
                    );
                }
            }
        } else if let Some(previous) = &user.previous {
            for sample in self.scope.samples(previous) {
                // The XPath2 Extractor reads the main sample as often as there are samples in scope.
                let sample = if two { previous } else { sample };
                if let Err(stop) = search(&document_of(sample, source, Decoding::Charset)) {
                    return Ok(Err(stop));
                }
            }
        }
        Ok(Ok(all))
    }
}

/// All values of an expression, as the extractors show them.
fn values(path: &Expression, document: &Document, fragment: bool, two: bool) -> Result<Values, String> {
    let value = path.evaluate(document).map_err(|trouble| trouble.message().to_owned())?;
    let shown = |item: &Item| match item {
        Item::Node(node) if two && fragment => Some(Text::from(document.indented_markup(*node))),
        Item::Node(node) if !two && fragment && document.kind(*node) == Kind::Element => {
            Some(Text::from(document.markup(*node)))
        }
        Item::Node(node) if !two => document.extracted_value(*node).map(Text::from),
        item => Some(Text::from(value.text(item, document))),
    };
    Ok(Values { values: value.items.iter().map(shown).collect(), is_set: value.is_node_set() })
}

#[cfg(test)]
mod tests {
    use crate::elements::element_for_tests::{body, element, extract};

    fn check(class: &str, query: &str, number: &str, expected: &str) {
        let prefix = if class == "XPathExtractor" { class } else { "XPathExtractor2" };
        let extractor = element(class)
            .with(&format!("{prefix}.refname"), "h")
            .with(&format!("{prefix}.default"), "d")
            .with(&format!("{prefix}.xpathQuery"), query)
            .with(&format!("{prefix}.matchNumber"), number);
        assert_eq!(extract(&[extractor], &[], body("<r><i>1</i><i>2</i><i><b/></i></r>")), expected);
    }

    #[test]
    fn values_of_both() {
        check("XPathExtractor", "//i", "-1", "h=1 h_1=1 h_2=2 h_matchNr=3");
        check("XPathExtractor", "//i", "2", "h=2 h_1=2 h_matchNr=1");
        check("XPathExtractor", "count(//i)", "9", "h=3 h_1=3 h_matchNr=1");
        check("XPathExtractor", "//i[", "1", "h=d h_matchNr=0");
        check("XPath2Extractor", "//i/string()", "-1", "h=1 h_1=1 h_2=2 h_3= h_matchNr=3");
        check("XPath2Extractor", "//i", "4", "h=d h_matchNr=0");
    }
}
