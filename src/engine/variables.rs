//! The variables that every user starts with: the plan's own and every User Defined Variables element, evaluated once
//! before the run (`org.apache.jmeter.engine.PreCompiler`).

use crate::java::date_format::local_date;
use crate::plan::Plan;
use crate::text::Text;
use crate::virtual_user::{Thrown, Value, VarId, Variables, VirtualUser, well_known};
use std::sync::Arc;

/// A function in a variable's value threw before the run began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartError(pub Thrown);

/// Evaluates the tables of `plan`, in order, with `user` as the stand-in that JMeter's engine thread is.
///
/// The plan's own table sees no variables (a reference in it stays as it is written); later tables see it and each
/// other, but never their own entries. What functions in them store (`${__time(,now)}`) stays. Of equal names within a
/// table the first counts, over all tables the last.
pub fn start_values(plan: &Plan, user: &mut VirtualUser) -> Result<Vec<(VarId, Value)>, StartError> {
    let names = Arc::clone(&plan.names);
    let mut all = Variables::new(Arc::clone(&names));
    for table in &plan.variables {
        user.variables = if table.is_test_plan { Variables::new(Arc::clone(&names)) } else { all.clone() };
        let mut values: Vec<(&Text, Text)> = Vec::new();
        for (name, value) in &table.entries {
            if !values.iter().any(|(seen, _)| *seen == name) {
                values.push((name, value.eval(user).map_err(StartError)?));
            }
        }
        if !table.is_test_plan {
            all.clone_from(&user.variables);
        }
        for (name, value) in values {
            all.put(name, value);
        }
    }
    let started = user.run.test_start;
    all.set(well_known::START_MS, started.millis().to_string());
    all.set(well_known::TESTSTART_MS, started.millis().to_string());
    all.set(well_known::START_YMD, local_date(started, "yyyyMMdd"));
    all.set(well_known::START_HMS, local_date(started, "HHmmss"));
    user.variables = all.clone();
    Ok(all.sorted().into_iter().filter_map(|(name, value)| names.find(&name).map(|id| (id, value))).collect())
}
