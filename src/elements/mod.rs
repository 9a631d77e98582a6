//! Test elements, one file each, in JMeter's own families. A file holds the element's property keys, its compilation and
//! its behaviour; a family's table names it. Adding an element is a file, a `mod` line and a table row.

pub mod assertions;
#[cfg(test)]
#[allow(missing_docs, clippy::panic, clippy::unwrap_used, clippy::expect_used)]
pub mod bench;
mod compile;
pub mod configs;
pub mod controllers;
mod css;
mod debug_data;
mod diagnostic;
mod dummy_sample;
#[cfg(test)]
pub(crate) mod element_for_tests;
mod field;
mod jmes_path;
pub mod listeners;
mod notify;
pub mod package;
mod parsed_json;
pub mod parsers;
mod pattern;
pub mod post_processors;
pub mod pre_processors;
mod role;
pub mod roles;
pub mod sampler_properties;
pub mod samplers;
mod scope_text;
mod scripting;
mod set_variables;
mod short_time;
pub mod thread_groups;
pub mod timers;
mod variable_name;
mod xpath;

pub use compile::{Compile, ScopedConfig, Shared};
pub use diagnostic::{Diagnostic, Severity};
pub use notify::{notify, record, tell};
pub use package::Assertions;
pub use role::{CollectorSpec, Phase, Role, Structure, ThreadGroupRole};
pub use variable_name::VariableName;

/// One row of a family's table.
pub struct Definition {
    /// The element's tag in a plan: JMeter's alias of its class, or the full name of a plugin's class.
    pub tag: &'static str,
    /// Its name in JMeter's menus.
    pub menu: &'static str,
    /// Turns the element into what it is to a run; `None` after a diagnostic.
    pub compile: fn(&mut Compile<'_>) -> Option<Role>,
}

/// A family with its table, as `rotameter elements` lists them.
pub const FAMILIES: &[(&str, &[Definition])] = &[
    ("Thread groups", thread_groups::THREAD_GROUPS),
    ("Logic controllers", controllers::CONTROLLERS),
    ("Samplers", samplers::SAMPLERS),
    ("Config elements", configs::CONFIGS),
    ("Timers", timers::TIMERS),
    ("Pre-processors", pre_processors::PRE_PROCESSORS),
    ("Post-processors", post_processors::POST_PROCESSORS),
    ("Assertions", assertions::ASSERTIONS),
    ("Listeners", listeners::LISTENERS),
];

/// The definition of a tag: an alias, an old alias, or a full class name.
pub fn find(tag: &str) -> Option<&'static Definition> {
    let name = match tag.strip_prefix("org.apache.jmeter.") {
        Some(class) => class.rsplit('.').next().unwrap_or(class),
        None => tag,
    };
    let name = RENAMED.iter().find(|(old, _)| *old == name).map_or(name, |(_, new)| new);
    FAMILIES.iter().find_map(|(_, table)| {
        table.binary_search_by(|definition| definition.tag.cmp(name)).ok().map(|index| &table[index])
    })
}

/// Why an element is not there and what to do instead, where there is something to say.
pub fn advice(tag: &str) -> Option<&'static str> {
    ADVICE.iter().find(|(of, _)| *of == tag).map(|(_, advice)| *advice)
}

const ADVICE: &[(&str, &str)] = &[(
    "kg.apc.jmeter.config.redis.RedisDataSet",
    "no Redis server is asked for data: put them into a file for a CSV Data Set Config",
)];

/// Old names and class names that are not the alias (saveservice.properties, upgrade.properties).
const RENAMED: &[(&str, &str)] = &[
    ("Assertion", "ResponseAssertion"),
    ("HTTPSampler", "HTTPSamplerProxy"),
    ("HTTPSampler2", "HTTPSamplerProxy"),
    ("HTTPSamplerFull", "HTTPSamplerProxy"),
    ("RuntimeController", "RunTime"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_sorted() {
        for (family, table) in FAMILIES {
            assert!(table.windows(2).all(|pair| pair[0].tag < pair[1].tag), "{family} is not sorted by tag");
        }
    }
}
