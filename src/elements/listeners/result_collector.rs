//! Every listener that can write a file: View Results Tree, Summary Report, Simple Data Writer … Without a window they are
//! one element, and without a file name they do nothing.

use crate::elements::{CollectorSpec, Compile, Definition, Role, Structure};
use crate::java::date_format::{DateFormat, Zone};
use crate::jmx::{PropertyValue, TestElement, XmlElement};
use crate::results::{SaveConfig, SaveConfigError, TimestampFormatter};
use std::sync::Arc;

pub(super) const RESULT_COLLECTOR: Definition = Definition {
    tag: "ResultCollector",
    menu: "View Results Tree, Simple Data Writer and other listeners with a file",
    compile: |compile| Some(collector(compile, compile.element.clone())),
};

/// The graphs of the jpgc plugins: their label filters are about what the window shows, not about the file. The file
/// always has the numbers of users (`kg.apc.jmeter.vizualizers.CorrectedResultCollector`).
pub(super) const CORRECTED_RESULT_COLLECTOR: Definition = Definition {
    tag: "kg.apc.jmeter.vizualizers.CorrectedResultCollector",
    menu: "jp@gc graphs and other listeners with a file",
    compile: |compile| Some(collector(compile, with_thread_counts(compile.element.clone()))),
};

/// The graph that shows several others in one.
pub(super) const COMPOSITE_RESULT_COLLECTOR: Definition = Definition {
    tag: "kg.apc.jmeter.vizualizers.CompositeResultCollector",
    menu: "jp@gc - Composite Timeline Graph",
    compile: RESULT_COLLECTOR.compile,
};

/// A result file that is flushed at the end of the run, as all are here.
pub(super) const FLUSHING_RESULT_COLLECTOR: Definition = Definition {
    tag: "com.blazemeter.jmeter.reporters.FlushingResultCollector",
    menu: "bzm - Flushing Result Collector",
    compile: RESULT_COLLECTOR.compile,
};

fn collector(compile: &mut Compile<'_>, element: TestElement) -> Role {
    let file = compile.expr("filename");
    if file.as_literal().is_some_and(crate::text::Text::is_empty) {
        return Role::inert();
    }
    Role::structure(Structure::Collector(CollectorSpec::File { file, element: Box::new(element) }))
}

/// Sets `saveConfig`'s flag `threadCounts`.
pub(super) fn with_thread_counts(mut element: TestElement) -> TestElement {
    let flags = element.properties.iter_mut().filter(|property| &*property.name == "saveConfig");
    for property in flags {
        let PropertyValue::Object(tags) = &mut property.value else { continue };
        for value in tags.iter_mut().filter(|tag| &*tag.tag == "value") {
            value.children.retain(|flag| &*flag.tag != "threadCounts");
            value.children.push(XmlElement {
                tag: "threadCounts".into(),
                text: "true".into(),
                ..XmlElement::default()
            });
        }
    }
    element
}

/// What a listener's file holds: its own `saveConfig`, or `defaults` where it has none.
pub fn save_config(element: &TestElement, defaults: &SaveConfig) -> Result<SaveConfig, SaveConfigError> {
    let flags = match element.get("saveConfig") {
        Some(PropertyValue::Object(tags)) => tags.iter().find(|tag| &*tag.tag == "value"),
        _ => None,
    };
    match flags {
        Some(value) => {
            SaveConfig::with_flags(defaults, value.children.iter().map(|flag| (flag.tag.as_ref(), flag.text.as_ref())))
        }
        None => Ok(defaults.clone()),
    }
}

/// Formats time stamps by a pattern of `jmeter.save.saveservice.timestamp_format`.
pub fn timestamp_formatter(pattern: &str) -> Option<TimestampFormatter> {
    let format = DateFormat::compile_fast(pattern).ok()?;
    let zone = Zone::local();
    Some(Arc::new(move |moment, out: &mut Vec<u8>| {
        out.extend_from_slice(format.format_to_string(moment, &zone).as_bytes());
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_files_always_have_the_numbers_of_users() {
        let flag = |tag: &str, text: &str| XmlElement { tag: tag.into(), text: text.into(), ..XmlElement::default() };
        let value =
            XmlElement { children: vec![flag("threadCounts", "false"), flag("time", "true")], ..flag("value", "") };
        let element =
            TestElement::default().with("saveConfig", PropertyValue::Object(vec![flag("name", "saveConfig"), value]));
        let changed = with_thread_counts(element);
        let Some(PropertyValue::Object(tags)) = changed.get("saveConfig") else { panic!("{changed:?}") };
        let flags: Vec<(&str, &str)> = tags[1].children.iter().map(|flag| (&*flag.tag, &*flag.text)).collect();
        assert_eq!(flags, [("time", "true"), ("threadCounts", "true")]);
    }
}
