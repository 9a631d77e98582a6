//! The panels of the page: one file of script in `page/panels` and one row here for each.

use super::page::Content;
use super::{compare, failures, page, plan_tree};
use serde_json::Value;

/// A section of the page.
pub(super) struct Panel {
    /// What its script calls itself.
    pub name: &'static str,
    /// Calls `panel({ … })` (`page/script/panel.js`).
    pub script: &'static str,
    /// What only this panel needs to know; its script finds it in `D.panels` under the panel's name. `Null` where what
    /// all panels share is enough.
    pub data: fn(&Content) -> Value,
}

/// For panels that need no data of their own.
fn shared(_: &Content) -> Value {
    Value::Null
}

fn compared(content: &Content) -> Value {
    content.against.map_or(Value::Null, |against| compare::json(against.comparison))
}

fn plan(content: &Content) -> Value {
    content.plan.map_or(Value::Null, plan_tree::rows)
}

fn failed(content: &Content) -> Value {
    content.failures.map_or(Value::Null, failures::json)
}

/// All panels, in the order in which they stand on the page.
pub(super) static PANELS: &[Panel] = &[
    Panel { name: "cards", script: include_str!("page/panels/cards.js"), data: shared },
    Panel { name: "compare", script: include_str!("page/panels/compare.js"), data: compared },
    Panel { name: "limits", script: include_str!("page/panels/limits.js"), data: page::allowed },
    Panel { name: "statistics-panel", script: include_str!("page/panels/statistics.js"), data: shared },
    Panel { name: "plan", script: include_str!("page/panels/plan.js"), data: plan },
    Panel { name: "over-time", script: include_str!("page/panels/over_time.js"), data: shared },
    Panel { name: "response-times", script: include_str!("page/panels/response_times.js"), data: shared },
    Panel { name: "errors-panel", script: include_str!("page/panels/errors.js"), data: shared },
    Panel { name: "failures", script: include_str!("page/panels/failures.js"), data: failed },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_is_one_panel_of_its_name() {
        for panel in PANELS {
            assert_eq!(panel.script.matches("\npanel({").count(), 1, "{}", panel.name);
            assert!(panel.script.contains(&format!("  name: \"{}\",\n", panel.name)), "{}", panel.name);
        }
    }
}
