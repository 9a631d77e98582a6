//! JSON Path Extractor of the plugin jpgc-json (`jsonutils`), which JMeter's own came after; converters of other tools
//! still write it.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scope_text::{Target, VariableName};
use crate::elements::{Definition, Role, Severity, parsed_json};
use crate::expr::Expr;
use crate::json_path::Json;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::rc::Rc;

const PATH: &str = "JSONPATH";
const VARIABLE: &str = "VAR";
const DEFAULT: &str = "DEFAULT";
const SUBJECT: &str = "SUBJECT";
const SOURCE: &str = "VARIABLE";
const INPUT_FORMAT: &str = "INPUT_FORMAT";

pub(super) const PLUGIN_JSON_PATH: Definition = Definition {
    tag: "com.atlantbh.jmeter.plugins.jsonutils.jsonpathextractor.JSONPathExtractor",
    menu: "jp@gc - JSON Path Extractor",
    compile: |compile| {
        if &*compile.element.text(INPUT_FORMAT) == "YAML" {
            compile.problem(Severity::Unsupported, "YAML is not read here");
            return None;
        }
        Some(Role::post_processor(PluginJsonPath {
            path: compile.expr(PATH),
            variable: VariableName::compile(compile, VARIABLE),
            default: compile.expr(DEFAULT),
            subject: compile.expr(SUBJECT),
            source: VariableName::compile(compile, SOURCE),
        }))
    },
};

struct PluginJsonPath {
    path: Expr,
    variable: VariableName,
    default: Expr,
    /// `VAR`, or else the response.
    subject: Expr,
    source: VariableName,
}

impl PostProcessor for PluginJsonPath {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let document = if &*self.subject.eval(user)? == "VAR" {
            self.source.get(user)?.filter(|text| !text.is_empty()).map(|text| Rc::new(parsed_json::parse(&text)))
        } else {
            user.previous.as_deref().filter(|sample| !sample.response_data.is_empty()).map(parsed_json::of)
        };
        let path = parsed_json::path(&self.path.eval(user)?);
        let found = match (document.as_deref(), &*path) {
            (Some(Ok(document)), Ok(path)) => path.read(document).ok(),
            _ => None,
        };
        let target = self.variable.target(user)?;
        match found.as_deref() {
            Some(Json::Array(items)) if !items.is_empty() => {
                let values: Vec<Text> = items.iter().map(|item| Text::from(parsed_json::shown(item))).collect();
                if let Some(all) = found.as_deref() {
                    target.set(user, parsed_json::shown(all).as_ref());
                }
                target.set_match_count(user, values.len());
                remove_numbered(&target, user);
                for (index, value) in values.into_iter().enumerate() {
                    target.numbered(index + 1).set(user, value);
                }
            }
            Some(Json::Array(_)) | None => {
                let default = self.default.eval(user)?;
                target.set(user, default);
                target.set_match_count(user, 0);
                remove_numbered(&target, user);
            }
            Some(value) => target.set(user, parsed_json::shown(value).as_ref()),
        }
        Ok(())
    }
}

/// Removes `NAME_1`, `NAME_2` … up to the first that is not there.
fn remove_numbered(target: &Target, user: &mut VirtualUser) {
    for number in 1.. {
        let numbered = target.numbered(number);
        if numbered.get(user).is_none() {
            return;
        }
        numbered.remove(user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, element, extract};

    const DATA: &str = r#"{"a": [1, "x", null, 0.50, {"k": "v/w"}], "o": {"z": 1, "b": [2]}, "e": [], "n": null,
        "s": "text", "d": 1e3}"#;

    fn check(path: &str, subject: &str, variables: &[(&str, &str)], expected: &str) {
        let extractor = element(PLUGIN_JSON_PATH.tag)
            .with(PATH, path)
            .with(VARIABLE, "v")
            .with(DEFAULT, "none")
            .with(SUBJECT, subject)
            .with(SOURCE, "json");
        assert_eq!(extract(&[extractor], variables, body(DATA)), expected, "{path}");
    }

    #[test]
    fn values_become_variables() {
        check("$.s", "BODY", &[], "v=text");
        check("$.d", "", &[], "v=1000.0");
        check("$.n", "", &[], "v=null");
        check("$.o", "", &[], r#"v={"z":1,"b":[2]}"#);
        check(
            "$.a",
            "",
            &[("v_1", "old"), ("v_7", "kept")],
            r#"v=[1,"x",null,0.5,{"k":"v\/w"}] v_1=1 v_2=x v_3=null v_4=0.5 v_5={"k":"v\/w"} v_7=kept v_matchNr=5"#,
        );
        for none in ["$.gone", "$.e", "$[", "$.a[?(@.x)]"] {
            check(none, "", &[("v_1", "old"), ("v_2", "old")], "v=none v_matchNr=0");
        }
    }

    #[test]
    fn a_variable_may_be_the_source() {
        check("$.x", "VAR", &[("json", r#"{"x": 5}"#)], r#"json={"x": 5} v=5"#);
        check("$.x", "VAR", &[], "v=none v_matchNr=0");
        check("$.x", "VAR", &[("json", "")], "json= v=none v_matchNr=0");
    }
}
