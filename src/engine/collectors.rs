//! What the plan and the command line want recorded, as the recorder takes it.

use crate::elements::CollectorSpec;
use crate::elements::listeners::save_config;
use crate::jmx::TestElement;
use crate::plan::Plan;
use crate::properties::Properties;
use crate::results::{
    CollectorConfig, CollectorId, CollectorKind, FileCollector, Filter, SaveConfig, SaveConfigError,
    SummariserCollector, Transactions,
};
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use std::path::PathBuf;
use std::time::Duration;

/// The collectors of `plan`, their file names read once. `user` is a stand-in that sees the start variables.
pub fn collectors(
    plan: &Plan,
    properties: &Properties,
    user: &mut VirtualUser,
) -> Result<Vec<CollectorConfig>, SaveConfigError> {
    let mut defaults = SaveConfig::from_properties(&|name| properties.get(name))?;
    defaults.functional_mode = plan.settings.functional_mode;
    let mut configs = Vec::new();
    for (index, spec) in plan.collectors.iter().enumerate() {
        let id = CollectorId(index as u32);
        match spec {
            CollectorSpec::File { file, element } => {
                let name = file.eval(user).unwrap_or_default();
                if name.is_empty() {
                    continue;
                }
                configs.push(CollectorConfig {
                    id,
                    kind: CollectorKind::File(self::file(plan, name, element, &defaults)?),
                });
            }
            CollectorSpec::Live => configs.push(CollectorConfig { id, kind: CollectorKind::Live }),
            CollectorSpec::Summariser(name) => {
                let name = name.eval(user).unwrap_or_default();
                configs.push(CollectorConfig { id, kind: CollectorKind::Summariser(summariser(name, properties)) });
            }
        }
    }
    Ok(configs)
}

fn file(
    plan: &Plan,
    name: Text,
    element: &TestElement,
    defaults: &SaveConfig,
) -> Result<FileCollector, SaveConfigError> {
    let save = save_config(element, defaults)?;
    let filter = Filter::from_settings(
        element.bool("ResultCollector.error_logging"),
        element.bool("ResultCollector.success_only_logging"),
    );
    // `~/` stands for the plan's folder (jmeter.save.saveservice.base_prefix).
    let path = match name.strip_prefix("~/") {
        Some(rest) => plan.base_dir.join(rest),
        None => PathBuf::from(&*name),
    };
    Ok(FileCollector { name, path, save, filter })
}

fn summariser(name: Text, properties: &Properties) -> SummariserCollector {
    let ignores = properties.bool_or("summariser.ignore_transaction_controller_sample_result", true);
    SummariserCollector {
        name,
        to_console: properties.bool_or("summariser.out", true),
        to_log: properties.bool_or("summariser.log", true),
        interval: Duration::from_secs(u64::try_from(properties.long_or("summariser.interval", 30)).unwrap_or(30)),
        transactions: if ignores { Transactions::Ignored } else { Transactions::Counted },
    }
}
