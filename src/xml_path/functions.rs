//! The table of functions: which dialect has them, with how many arguments.

use super::tree::Dialect;

/// A function that is known by its name.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: &'static str,
    pub function: Function,
    least: usize,
    most: usize,
    /// Xalan's class, for what XPath 1.0 has.
    class: Option<&'static str>,
}

/// Arguments of functions that take any number.
const MANY: usize = usize::MAX;

macro_rules! functions {
    ($($function:ident $name:literal $least:literal $most:tt $class:expr;)*) => {
        /// What a call evaluates.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Function { $($function,)* }
        static TABLE: &[Entry] = &[$(Entry {
            name: $name, function: Function::$function, least: $least, most: $most, class: $class,
        },)*];
    };
}

functions! {
    Last "last" 0 0 Some("FuncLast");
    Position "position" 0 0 Some("FuncPosition");
    Count "count" 1 1 Some("FuncCount");
    Id "id" 1 1 Some("FuncId");
    LocalName "local-name" 0 1 Some("FuncLocalPart");
    NamespaceUri "namespace-uri" 0 1 Some("FuncNamespace");
    Name "name" 0 1 Some("FuncQname");
    Text "string" 0 1 Some("FuncString");
    Concat "concat" 2 MANY Some("FuncConcat");
    StartsWith "starts-with" 2 2 Some("FuncStartsWith");
    Contains "contains" 2 2 Some("FuncContains");
    SubstringBefore "substring-before" 2 2 Some("FuncSubstringBefore");
    SubstringAfter "substring-after" 2 2 Some("FuncSubstringAfter");
    Substring "substring" 2 3 Some("FuncSubstring");
    StringLength "string-length" 0 1 Some("FuncStringLength");
    NormalizeSpace "normalize-space" 0 1 Some("FuncNormalizeSpace");
    Translate "translate" 3 3 Some("FuncTranslate");
    Boolean "boolean" 1 1 Some("FuncBoolean");
    Not "not" 1 1 Some("FuncNot");
    True "true" 0 0 Some("FuncTrue");
    False "false" 0 0 Some("FuncFalse");
    Lang "lang" 1 1 Some("FuncLang");
    Number "number" 0 1 Some("FuncNumber");
    Sum "sum" 1 1 Some("FuncSum");
    Floor "floor" 1 1 Some("FuncFloor");
    Ceiling "ceiling" 1 1 Some("FuncCeiling");
    Round "round" 1 1 Some("FuncRound");
    Abs "abs" 1 1 None;
    Average "avg" 1 1 None;
    Greatest "max" 1 1 None;
    Least "min" 1 1 None;
    Exists "exists" 1 1 None;
    Empty "empty" 1 1 None;
    Data "data" 0 1 None;
    DistinctValues "distinct-values" 1 1 None;
    EndsWith "ends-with" 2 2 None;
    Head "head" 1 1 None;
    Tail "tail" 1 1 None;
    IndexOf "index-of" 2 2 None;
    InsertBefore "insert-before" 3 3 None;
    LowerCase "lower-case" 1 1 None;
    UpperCase "upper-case" 1 1 None;
    Matches "matches" 2 3 None;
    Replace "replace" 3 4 None;
    Tokenize "tokenize" 1 3 None;
    Remove "remove" 2 2 None;
    Reverse "reverse" 1 1 None;
    Root "root" 0 1 None;
    StringJoin "string-join" 1 2 None;
    Subsequence "subsequence" 2 3 None;
    RoundTo "round" 2 2 None;
    ExactlyOne "exactly-one" 1 1 None;
    OneOrMore "one-or-more" 1 1 None;
    ZeroOrOne "zero-or-one" 1 1 None;
}

/// Functions that Saxon has and Rotameter has not.
static ONLY_IN_SAXON: &[&str] = &[
    "adjust-date-to-timezone",
    "adjust-dateTime-to-timezone",
    "adjust-time-to-timezone",
    "analyze-string",
    "apply",
    "available-environment-variables",
    "base-uri",
    "codepoint-equal",
    "codepoints-to-string",
    "collation-key",
    "collection",
    "compare",
    "contains-token",
    "current-date",
    "current-dateTime",
    "current-time",
    "dateTime",
    "day-from-date",
    "day-from-dateTime",
    "days-from-duration",
    "deep-equal",
    "default-collation",
    "default-language",
    "doc",
    "doc-available",
    "document-uri",
    "element-with-id",
    "encode-for-uri",
    "environment-variable",
    "error",
    "escape-html-uri",
    "filter",
    "fold-left",
    "fold-right",
    "for-each",
    "for-each-pair",
    "format-date",
    "format-dateTime",
    "format-integer",
    "format-number",
    "format-time",
    "function-arity",
    "function-lookup",
    "function-name",
    "generate-id",
    "has-children",
    "hours-from-dateTime",
    "hours-from-duration",
    "hours-from-time",
    "idref",
    "implicit-timezone",
    "in-scope-prefixes",
    "innermost",
    "iri-to-uri",
    "json-doc",
    "json-to-xml",
    "local-name-from-QName",
    "minutes-from-dateTime",
    "minutes-from-duration",
    "minutes-from-time",
    "month-from-date",
    "month-from-dateTime",
    "months-from-duration",
    "namespace-uri-for-prefix",
    "namespace-uri-from-QName",
    "nilled",
    "node-name",
    "normalize-unicode",
    "outermost",
    "parse-ietf-date",
    "parse-json",
    "parse-xml",
    "parse-xml-fragment",
    "path",
    "prefix-from-QName",
    "QName",
    "random-number-generator",
    "resolve-QName",
    "resolve-uri",
    "round-half-to-even",
    "seconds-from-dateTime",
    "seconds-from-duration",
    "seconds-from-time",
    "serialize",
    "sort",
    "static-base-uri",
    "string-to-codepoints",
    "timezone-from-date",
    "timezone-from-dateTime",
    "timezone-from-time",
    "trace",
    "transform",
    "unordered",
    "unparsed-text",
    "unparsed-text-available",
    "unparsed-text-lines",
    "uri-collection",
    "xml-to-json",
    "year-from-date",
    "year-from-dateTime",
    "years-from-duration",
];

/// The function of a name.
pub(super) fn named(name: &str, dialect: Dialect) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.name == name && (dialect == Dialect::Two || entry.class.is_some()))
}

/// The one of the name's functions that takes this many arguments; the name's first if none does.
pub(super) fn with_count(first: &'static Entry, count: usize, dialect: Dialect) -> &'static Entry {
    let fits = |entry: &&Entry| entry.name == first.name && entry.wrong_count(count, dialect).is_none();
    TABLE.iter().filter(|_| dialect == Dialect::Two).find(fits).unwrap_or(first)
}

/// Whether only the original has a function of this name.
pub(super) fn is_missing(name: &str) -> bool {
    ONLY_IN_SAXON.contains(&name)
}

impl Entry {
    /// What is said of a call with this many arguments, if that is wrong.
    pub fn wrong_count(&self, count: usize, dialect: Dialect) -> Option<String> {
        if (self.least..=self.most).contains(&count) {
            return None;
        }
        let name = self.name;
        Some(match (dialect, self.class) {
            (Dialect::One, Some(class)) => {
                let allowed = match (self.least, self.most) {
                    (_, MANY) => ">1".to_owned(),
                    (least, most) if least == most => least.to_string(),
                    (least, most) => format!("{least} or {most}"),
                };
                format!("org.apache.xpath.functions.{class} only allows {allowed} arguments")
            }
            _ => {
                let more = if self.most == MANY {
                    " concat() prior to XPath 4.0 requires at least two arguments."
                } else {
                    ""
                };
                format!(
                    "Cannot find a {count}-argument function named Q{{http://www.w3.org/2005/xpath-functions}}{name}().{more} The \
                     namespace URI and local name are recognized, but the number of arguments is wrong"
                )
            }
        })
    }
}
