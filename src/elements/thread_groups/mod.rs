//! Thread groups: how many users, when they start, how long they run.

mod arrivals;
mod concurrency;
mod dynamic;
mod open_model;
mod plain;
mod ramp;
mod stepping;
mod ultimate;

use super::Definition;

/// Thread groups, sorted by tag.
pub static THREAD_GROUPS: &[Definition] = &[
    open_model::OPEN_MODEL,
    plain::TEAR_DOWN,
    plain::SET_UP,
    plain::MAIN,
    arrivals::ARRIVALS,
    arrivals::FREE_FORM,
    concurrency::CONCURRENCY,
    stepping::STEPPING,
    ultimate::ULTIMATE,
];

#[cfg(test)]
mod tests {
    use super::super::roles::Demand;

    /// `number start-end` of each user, in milliseconds.
    pub(super) fn shown(demands: impl Iterator<Item = Demand>) -> Vec<String> {
        let show = |demand| match demand {
            Demand::User { number, at, end: Some(end) } => {
                format!("{number} {}-{}", at.as_millis(), end.as_millis())
            }
            other => panic!("{other:?}"),
        };
        demands.map(show).collect()
    }
}
