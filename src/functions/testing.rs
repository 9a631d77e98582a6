//! Users to call functions for.

use crate::clock::Timestamp;
use crate::expr::{Expr, NameSource, ParseError, Scope};
use crate::properties::{Properties, SystemProperties};
use crate::results::{Needs, SampleResult};
use crate::text::Text;
use crate::virtual_user::{
    Booleans, Fifos, Group, Names, RetryTotals, Run, SlotAllocator, Stop, Thrown, UserCounts, VirtualUser,
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
        let system = SystemProperties::default();
        system.set("user.language", "en");
        system.set("user.country", "US");
        Bench { variables: Vec::new(), properties: Properties::new(system), base_dir: PathBuf::new(), response: None }
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
        self.try_users(count, |scope| texts.iter().map(|text| Expr::parse(text, scope)).collect()).unwrap()
    }

    fn try_users<T>(
        self,
        count: u32,
        compile: impl FnOnce(&mut Scope<'_>) -> Result<T, ParseError>,
    ) -> Result<(Vec<VirtualUser>, T), ParseError> {
        let (mut names, mut slots) = (Names::default(), SlotAllocator::default());
        let compiled = compile(&mut Scope::new(NameSource::Compile(&mut names), &mut slots, &self.properties))?;
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
            script_sandbox: false,
            timer_factor: None,
            sample_variables: Vec::new(),
            retries: RetryTotals::default(),
            texts: Booleans::default(),
            fifos: Fifos::default(),
        });
        let group = Arc::new(Group { name: Text::from("Some-Group"), number: 1, ..Group::default() });
        let users = (1..=count)
            .map(|number| {
                let mut user = VirtualUser::new(Arc::clone(&run), Arc::clone(&group), run.stop.signal(), number);
                user.sampler_name = Text::from("A sampler");
                user.previous = self.response.as_ref().map(|text| {
                    Box::new(SampleResult {
                        response_data: Bytes::from(text.clone().into_bytes()),
                        ..SampleResult::default()
                    })
                });
                user
            })
            .collect();
        Ok((users, compiled))
    }

    /// What `CompoundVariable` makes of a text, or `!class: message`, or `!compile: message`.
    pub(crate) fn evaluate(self, text: &str) -> String {
        match self.try_users(1, |scope| Expr::parse_argument(text, scope)) {
            Ok((mut users, expr)) => show(expr.eval(&mut users[0])),
            Err(error) => refused(&error),
        }
    }

    /// The same for texts in order, all by one user.
    pub(crate) fn evaluate_all(self, texts: &[&str]) -> Vec<String> {
        let (mut users, compiled) = self
            .try_users(1, |scope| Ok(texts.iter().map(|text| Expr::parse_argument(text, scope)).collect::<Vec<_>>()))
            .unwrap();
        let evaluate = |expr: Result<Expr, ParseError>| match expr {
            Ok(expr) => show(expr.eval(&mut users[0])),
            Err(error) => refused(&error),
        };
        compiled.into_iter().map(evaluate).collect()
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

/// What JMeter refuses in words of its own, or what Java throws where the text is compiled.
fn refused(error: &ParseError) -> String {
    if error.message.starts_with("java.") { format!("!{error}") } else { format!("!compile: {error}") }
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
