//! JSON of samples and JSONPaths of properties, parsed once for all the elements that ask for them in a row.

use crate::java::decimal_format::DecimalFormat;
use crate::json_path::{InvalidPath, Json, JsonPath};
use crate::results::SampleResult;
use crate::text::Text;
use ahash::AHashMap;
use bytes::Bytes;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// A document, or json-path's message.
pub(super) type Document = Rc<Result<Json, String>>;

/// Paths that a worker keeps.
const KEPT: usize = 400;

/// The response that was parsed last, and what it held.
struct Last {
    data: Bytes,
    encoding: Option<Text>,
    document: Document,
}

thread_local! {
    /// Post-processors and assertions of a sample run one after another on its worker, so one place is enough.
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    static PATHS: RefCell<AHashMap<Text, Arc<Result<JsonPath, InvalidPath>>>> = RefCell::default();
}

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    Json::parse(text).map_err(|error| error.wrapped_text())
}

/// The response's document.
pub(super) fn of(sample: &SampleResult) -> Document {
    let is_same = |last: &Last| {
        // While the data are kept here, nothing else can come to lie in their place.
        last.data.as_ptr() == sample.response_data.as_ptr()
            && last.data.len() == sample.response_data.len()
            && last.encoding == sample.data_encoding
    };
    LAST.with_borrow_mut(|last| {
        if let Some(last) = last.as_ref().filter(|last| is_same(last)) {
            return Rc::clone(&last.document);
        }
        let document = Rc::new(parse(&sample.response_text()));
        *last = Some(Last {
            data: sample.response_data.clone(),
            encoding: sample.data_encoding.clone(),
            document: Rc::clone(&document),
        });
        document
    })
}

/// `java.text.DecimalFormat.DOUBLE_FRACTION_DIGITS`
const MOST_FRACTION_DIGITS: usize = 340;

/// How assertions show numbers with a fraction.
static DOUBLES: LazyLock<Option<DecimalFormat>> = LazyLock::new(|| {
    let format = DecimalFormat::compile("#.#").ok()?;
    Some(format.with_fraction_digits(1, MOST_FRACTION_DIGITS))
});

/// A value as JMeter's JSON Assertion and the plugin jpgc-json show it (`objectToString`).
pub(super) fn shown(value: &Json) -> Cow<'_, str> {
    match (value, &*DOUBLES) {
        (Json::String(text), _) => Cow::Borrowed(text),
        (Json::Null, _) => Cow::Borrowed("null"),
        (Json::Double(number), Some(format)) => Cow::Owned(format.format_double(*number)),
        (value, _) => Cow::Owned(value.to_variable().unwrap_or_default()),
    }
}

/// The path of a text that is not the same always.
pub(super) fn path(text: &Text) -> Arc<Result<JsonPath, InvalidPath>> {
    PATHS.with_borrow_mut(|paths| {
        if let Some(path) = paths.get(text) {
            return Arc::clone(path);
        }
        if paths.len() >= KEPT {
            paths.clear();
        }
        let path = Arc::new(JsonPath::compile(text));
        paths.insert(Text::clone(text), Arc::clone(&path));
        path
    })
}
