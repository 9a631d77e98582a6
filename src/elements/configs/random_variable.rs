//! Random Variable: a whole number by chance, at each pass of the controller that holds it. With a seed the numbers are
//! those of `java.util.Random`.

use super::at_start::AtStart;
use super::number_format::NumberFormat;
use crate::elements::roles::{IterationListener, ThreadListener};
use crate::elements::{Compile, Definition, Role, VariableName};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::java::number::parse_long;
use crate::java::random::Random;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const RANDOM_VARIABLE: Definition = Definition {
    tag: "RandomVariableConfig",
    menu: "Random Variable",
    compile: |compile| {
        let element = Arc::new(RandomVariable::new(compile));
        Some(Role { iteration: Some(element.clone()), thread: Some(element), ..Role::default() })
    },
};

const TARGET: &str = "org.apache.jmeter.config.RandomVariableConfig";

/// The properties. JMeter takes those that are absent as empty: the least number is 0 then, not the 1 of its window.
struct RandomVariable {
    element_name: Expr,
    name: VariableName,
    format: NumberFormat,
    minimum: LongExpr,
    maximum: LongExpr,
    seed: Expr,
    per_user: BoolExpr,
    settings: AtStart<Settings>,
    own: Slot<Option<Source>>,
    all: Mutex<Option<Source>>,
}

/// The properties as a user read them.
struct Settings {
    minimum: i64,
    maximum: i64,
    seed: Text,
    per_user: bool,
}

struct Source {
    random: Random,
    minimum: i64,
    /// How many numbers there are; none when the properties make no sense.
    range: Option<i32>,
}

impl Source {
    fn new(settings: &Settings, element_name: &str) -> Self {
        let (minimum, maximum) = (settings.minimum, settings.maximum);
        let range = if minimum > maximum {
            log::error!(target: TARGET, "maximum({maximum}) must be >= minimum({minimum})");
            None
        } else {
            let count = maximum.checked_sub(minimum).and_then(|range| range.checked_add(1));
            let range = count.and_then(|count| i32::try_from(count).ok());
            Some(range.unwrap_or_else(|| {
                log::warn!(target: TARGET, "maximum({maximum}) - minimum({minimum}) must be <= {}", i32::MAX);
                i32::MAX
            }))
        };
        let seed = parse_long(&settings.seed).ok();
        if seed.is_none() && !settings.seed.is_empty() {
            log::warn!(target: TARGET, "Cannot parse random seed: '{}' in element {element_name}", settings.seed);
        }
        Source { random: seed.map_or_else(Random::unseeded, Random::new), minimum, range }
    }

    fn next(&mut self) -> Option<i64> {
        let range = self.range?;
        Some(self.minimum.wrapping_add(i64::from(self.random.next_int_bound(range))))
    }
}

impl RandomVariable {
    fn new(compile: &mut Compile<'_>) -> Self {
        let minimum = compile.long("minimumValue", 0);
        let maximum = compile.long("maximumValue", 0);
        let seed = compile.expr("randomSeed");
        let per_user = compile.flag("perThread", false);
        let fixed = |number: &LongExpr| matches!(number, LongExpr::Fixed(_));
        let constant =
            fixed(&minimum) && fixed(&maximum) && seed.as_literal().is_some() && matches!(per_user, BoolExpr::Fixed(_));
        RandomVariable {
            element_name: compile.name(),
            name: compile.variable_name("variableName"),
            format: NumberFormat::new(compile, "outputFormat"),
            minimum,
            maximum,
            seed,
            per_user,
            settings: AtStart::new(compile, constant),
            own: compile.slot(),
            all: Mutex::new(None),
        }
    }

    fn read_settings(&self, user: &mut VirtualUser) -> Result<Settings, Thrown> {
        Ok(Settings {
            minimum: self.minimum.eval(user)?,
            maximum: self.maximum.eval(user)?,
            seed: self.seed.eval(user)?,
            per_user: self.per_user.eval(user)?,
        })
    }
}

impl IterationListener for RandomVariable {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let settings = self.settings.get(user, |user| self.read_settings(user))?;
        let element_name = self.element_name.eval(user)?;
        let make = || Source::new(&settings, &element_name);
        let number = if settings.per_user {
            user.slot(self.own).get_or_insert_with(make).next()
        } else {
            self.all.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(make).next()
        };
        let Some(number) = number else { return Ok(()) };
        let text = self.format.text(user, number, TARGET)?;
        self.name.set(user, text)
    }
}

impl ThreadListener for RandomVariable {
    fn thread_started(&self, user: &mut VirtualUser) {
        self.settings.start(user, |user| self.read_settings(user));
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::{Bench, labels};

    /// What is expected here was seen in JMeter 5.6.2.
    #[test]
    fn a_seed_gives_javas_numbers() {
        let plan = |keys: &str| format!("@RandomVariableConfig .variableName=r {keys}\n${{r}}");
        let seeded = plan(".minimumValue=1 .maximumValue=10 .randomSeed=5 .outputFormat=V00");
        assert_eq!(labels(3, &seeded), "V08 | V03 | V05");
        assert_eq!(labels(2, &plan(".maximumValue=0")), "0 | 0");
        assert_eq!(labels(1, &plan(".minimumValue=2 .maximumValue=1")), "${r}");
        assert_eq!(labels(1, &plan(".minimumValue=7 .maximumValue=7 .randomSeed=x")), "7");
    }

    #[test]
    fn each_user_may_have_its_own_numbers() {
        let plan = |per_thread: bool| {
            let keys = ".variableName=r .minimumValue=1 .maximumValue=10 .randomSeed=5";
            format!("@RandomVariableConfig {keys} .perThread={per_thread}\n${{r}}")
        };
        let bench = Bench::new(2, &plan(true));
        assert_eq!((bench.user(1).live(), bench.user(2).live()), ("8 | 3".into(), "8 | 3".into()));
        let bench = Bench::new(2, &plan(false));
        assert_eq!((bench.user(1).live(), bench.user(2).live().split(' ').next()), ("8 | 3".into(), Some("5")));
    }
}
