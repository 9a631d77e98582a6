//! Elements and users for tests.

use super::{Compile, Role, Shared, find};
use crate::clock::Timestamp;
use crate::jmx::TestElement;
use crate::properties::{Properties, SystemProperties};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Group, Names, Run, SlotAllocator, Thrown, VirtualUser};
use bytes::Bytes;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn properties() -> Properties {
    Properties::new(SystemProperties::of_this_machine(Path::new("")))
}

/// An element of a class, named `E`.
pub(crate) fn element(class: &str) -> TestElement {
    TestElement::new(class, "", "E")
}

/// A passed sample with a body.
pub(crate) fn body(text: &str) -> SampleResult {
    let data = Bytes::copy_from_slice(text.as_bytes());
    SampleResult { response_data: data, ..SampleResult::started(Text::from("S"), Timestamp::default()) }
}

/// A compiled element and a user to run it.
pub(crate) fn compiled(element: &TestElement) -> (Role, VirtualUser) {
    let (mut roles, user) = all_compiled(std::slice::from_ref(element));
    (roles.remove(0), user)
}

/// Several elements of one plan and a user to run them.
pub(crate) fn all_compiled(elements: &[TestElement]) -> (Vec<Role>, VirtualUser) {
    let mut shared = Shared {
        names: Names::default(),
        slots: SlotAllocator::default(),
        diagnostics: Vec::new(),
        properties: properties(),
        base_dir: PathBuf::new(),
        functional_mode: false,
        tree_error: None,
        waits: false,
        reads_previous: false,
        sampler_properties: None,
    };
    let compile = |element: &TestElement| {
        let mut compile = Compile { element, configs: &[], shared: &mut shared, path: "" };
        let definition = find(&element.class).unwrap_or_else(|| panic!("no element {}", element.class));
        (definition.compile)(&mut compile).unwrap_or_else(|| panic!("{} was not compiled", element.class))
    };
    let roles = elements.iter().map(compile).collect();
    assert_eq!(shared.diagnostics, []);
    let run = Run {
        names: Arc::new(shared.names),
        properties: properties(),
        plan_name: Text::default(),
        base_dir: PathBuf::new(),
        counts: crate::virtual_user::UserCounts::default(),
        stop: crate::virtual_user::Stop::default(),
        test_start: Timestamp::default(),
        start_values: Vec::new(),
        slots: shared.slots.count(),
        needs: crate::results::Needs::default(),
        new_user_closes_connections: true,
        script_sandbox: false,
        timer_factor: None,
        sample_variables: Vec::new(),
        retries: crate::virtual_user::RetryTotals::default(),
        texts: crate::virtual_user::Booleans::default(),
        fifos: crate::virtual_user::Fifos::default(),
    };
    let run = Arc::new(run);
    let stop = run.stop.signal();
    (roles, VirtualUser::new(run, Arc::new(Group::default()), stop, 1))
}

/// What an assertion says of a sample.
pub(crate) fn try_check(
    element: TestElement,
    variables: &[(&str, &str)],
    result: &mut SampleResult,
) -> Result<AssertionResult, Thrown> {
    let (role, mut user) = compiled(&element);
    for (name, value) in variables {
        user.variables.put(name, *value);
    }
    role.assertion.unwrap().check(&mut user, result)
}

/// What an assertion that throws nothing says of a sample.
pub(crate) fn check(element: TestElement, variables: &[(&str, &str)], result: &mut SampleResult) -> AssertionResult {
    try_check(element, variables, result).unwrap()
}

/// A sampler that takes no sample.
struct Nothing(crate::expr::Expr);

impl super::roles::Sampler for Nothing {
    fn name(&self) -> &crate::expr::Expr {
        &self.0
    }

    fn sample<'a>(&'a self, _: &'a mut VirtualUser) -> super::roles::Sampling<'a> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Runs post-processors one after another on a sample; says what variables there are then, sorted, `name=value` joined by
/// blanks.
pub(crate) fn extract(elements: &[TestElement], variables: &[(&str, &str)], result: SampleResult) -> String {
    let (roles, mut user) = all_compiled(elements);
    for (name, value) in variables {
        user.variables.put(name, *value);
    }
    user.previous = Some(Box::new(result));
    for role in roles {
        if let Err(thrown) = role.post_processor.unwrap().process(&mut user, &Nothing(crate::expr::Expr::literal("S")))
        {
            return thrown.to_string();
        }
    }
    shown(&user)
}

/// A user's variables, sorted, `name=value` joined by blanks.
pub(crate) fn shown(user: &VirtualUser) -> String {
    let all = user.variables.sorted().into_iter().map(|(name, value)| format!("{name}={}", value.text()));
    all.collect::<Vec<_>>().join(" ")
}
