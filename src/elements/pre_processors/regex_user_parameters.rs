//! RegEx User Parameters (`org.apache.jmeter.protocol.http.modifier.RegExUserParameters`): what a Regular Expression
//! Extractor found as names and values becomes the values of the request's arguments.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::samplers::http::draft;
use crate::elements::{Compile, Definition, Role};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const REGEX_USER_PARAMETERS: Definition = Definition {
    tag: "RegExUserParameters",
    menu: "RegEx User Parameters",
    compile: |compile| Some(Role::pre_processor(RegexUserParameters::new(compile))),
};

struct RegexUserParameters {
    name: Expr,
    reference: Expr,
    names_group: Expr,
    values_group: Expr,
}

impl RegexUserParameters {
    fn new(compile: &mut Compile<'_>) -> Self {
        RegexUserParameters {
            name: compile.name(),
            reference: compile.expr("RegExUserParameters.regex_ref_name"),
            names_group: compile.expr("RegExUserParameters.param_names_gr_nr"),
            values_group: compile.expr("RegExUserParameters.param_values_gr_nr"),
        }
    }

    /// Names and values that were found; of equal names the last counts.
    fn found(&self, user: &mut VirtualUser) -> Result<Vec<(Text, Text)>, Thrown> {
        let (reference, names) = (self.reference.eval(user)?, self.names_group.eval(user)?);
        let values = self.values_group.eval(user)?;
        let get = |place: i64, group: &str| user.variables.get_text(&format!("{reference}_{place}_g{group}"));
        let Some(count) = user.variables.get_text(&format!("{reference}_matchNr")) else { return Ok(Vec::new()) };
        if get(1, &names).is_none() || get(1, &values).is_none() {
            return Ok(Vec::new());
        }
        let count: i64 = count
            .parse()
            .map_err(|_| Thrown::new("java.lang.NumberFormatException", format!("For input string: \"{count}\"")))?;
        Ok((1..=count).filter_map(|place| Some((get(place, &names)?, get(place, &values)?))).collect())
    }
}

impl PreProcessor for RegexUserParameters {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let Some(mut fields) = draft(user, sampler).map(|fields| fields.clone()) else { return Ok(()) };
        let found = self.found(user)?;
        if found.is_empty() {
            log::info!(target: "org.apache.jmeter.protocol.http.modifier.RegExUserParameters",
                "RegExUserParameters element: {} => Referenced RegExp was not found, no parameter will be changed",
                self.name.eval(user)?);
            return Ok(());
        }
        for argument in &mut fields.arguments {
            let name = argument.name.eval(user)?;
            if let Some((_, value)) = found.iter().rev().find(|(known, _)| *known == name) {
                argument.value = Expr::literal(Text::clone(value));
            }
        }
        if let Some(draft) = draft(user, sampler) {
            *draft = fields;
        }
        Ok(())
    }
}
