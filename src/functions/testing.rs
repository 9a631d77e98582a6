//! Users to call functions for.

use crate::clock::Timestamp;
use crate::expr::{Expr, NameSource, Scope};
use crate::properties::{Properties, SystemProperties};
use crate::results::{Needs, SampleResult};
use crate::text::Text;
use crate::virtual_user::{
    Booleans, Group, Names, RetryTotals, Run, SlotAllocator, Stop, Thrown, UserCounts, VirtualUser,
};
use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;

/// A run that is about to be made.
pub(crate) struct Bench {
    variables: Vec<(String, String)>,
    pub(crate) properties: Properties,
    pub(crate) base_dir: PathBuf,
    response: Option<String>,
}

impl Default for Bench {
    fn default() -> Self {
        Bench {
            variables: Vec::new(),
            properties: Properties::new(SystemProperties::default()),
            base_dir: PathBuf::new(),
            response: None,
        }
    }
}

impl Bench {
    /// Users have this variable from the start.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The run has this property.
    pub(crate) fn property(self, name: &str, value: &str) -> Self {
        self.properties.set(name, value);
        self
    }

    /// The previous sample's response.
    pub(crate) fn response(mut self, text: &str) -> Self {
        self.response = Some(text.to_owned());
        self
    }

    /// Users `Some-Group 1-1` to `1-count` and the compiled `texts`.
    pub(crate) fn users(self, count: u32, texts: &[&str]) -> (Vec<VirtualUser>, Vec<Expr>) {
        let (mut names, mut slots) = (Names::default(), SlotAllocator::default());
        let mut scope = Scope::new(NameSource::Compile(&mut names), &mut slots, &self.properties);
        let exprs = texts.iter().map(|text| Expr::parse(text, &mut scope).unwrap()).collect();
        let start_values = self.variables.iter().map(|(n, v)| (names.intern(n), v.as_str().into())).collect();
        let names = Arc::new(names);
        let run = Arc::new(Run {
            names,
            properties: self.properties,
            plan_name: Text::from("plan.jmx"),
            base_dir: self.base_dir,
            counts: UserCounts::default(),
            stop: Stop::default(),
            test_start: Timestamp::from_millis(0),
            start_values,
            slots: slots.count(),
            needs: Needs::default(),
            new_user_closes_connections: false,
            timer_factor: None,
            sample_variables: Vec::new(),
            retries: RetryTotals::default(),
            texts: Booleans::default(),
        });
        let group = Arc::new(Group { name: Text::from("Some-Group"), number: 1, ..Group::default() });
        let users = (1..=count)
            .map(|number| {
                let mut user = VirtualUser::new(Arc::clone(&run), Arc::clone(&group), run.stop.signal(), number);
                user.sampler_name = Text::from("A sampler");
                user.previous = self.response.as_ref().map(|text| SampleResult {
                    response_data: Bytes::from(text.clone().into_bytes()),
                    ..SampleResult::default()
                });
                user
            })
            .collect();
        (users, exprs)
    }

    /// One user.
    pub(crate) fn user(self, texts: &[&str]) -> (VirtualUser, Vec<Expr>) {
        let (mut users, exprs) = self.users(1, texts);
        (users.remove(0), exprs)
    }

    /// Evaluates texts in order, for one user; what is thrown is written `!class: message`.
    pub(crate) fn check(self, rows: &[(&str, &str)]) {
        let texts: Vec<&str> = rows.iter().map(|(text, _)| *text).collect();
        let (mut user, exprs) = self.user(&texts);
        for ((text, expected), expr) in rows.iter().zip(&exprs) {
            assert_eq!(show(expr.eval(&mut user)), *expected, "{text}");
        }
    }
}

/// What a text gives, or `!class: message`.
pub(crate) fn show(result: Result<Text, Thrown>) -> String {
    match result {
        Ok(text) => text.to_string(),
        Err(thrown) => format!("!{thrown}"),
    }
}

/// [`Bench::check`] without anything prepared.
pub(crate) fn check(rows: &[(&str, &str)]) {
    Bench::default().check(rows);
}
