//! Where the user is: `__samplerName`, `__threadGroupName`, `__threadNum`, `__TestPlanName`, and `__iterationNum` of the
//! plugin jpgc-functions.

use super::{Definition, Function, Store, take};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const SAMPLER_NAME: Definition = Definition {
    name: "__samplerName",
    arguments: (0, Some(1)),
    compile: |arguments, scope| {
        let [store] = take(arguments);
        Ok(Box::new(SamplerName(Store::new(store, scope))))
    },
    summary: "The name of the sampler at work",
};

pub(super) const THREAD_GROUP_NAME: Definition = Definition {
    name: "__threadGroupName",
    arguments: (0, Some(0)),
    compile: |_, _| Ok(Box::new(Get(|user| Text::clone(&user.group.name)))),
    summary: "The name of the thread group",
};

pub(super) const THREAD_NUM: Definition = Definition {
    name: "__threadNum",
    arguments: (0, Some(0)),
    // JMeter cuts it off the thread's name, which is another one before the test has begun.
    compile: |_, _| Ok(Box::new(Get(|user| Text::from(user.thread_name.rsplit('-').next().unwrap_or_default())))),
    summary: "The number of the user in its thread group, from 1",
};

pub(super) const TEST_PLAN_NAME: Definition = Definition {
    name: "__TestPlanName",
    arguments: (0, Some(0)),
    compile: |_, _| Ok(Box::new(Get(|user| Text::clone(&user.run.plan_name)))),
    summary: "The plan's file name",
};

pub(super) const ITERATION_NUM: Definition = Definition {
    name: "__iterationNum",
    arguments: (0, None),
    compile: |_, _| Ok(Box::new(Get(|user| Text::from(itoa::Buffer::new().format(user.iteration))))),
    summary: "The number of the thread group's iteration, from 1 (plugin jpgc-functions)",
};

struct SamplerName(Store);

impl Function for SamplerName {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = Text::clone(&user.sampler_name);
        self.0.put(user, &name)?;
        Ok(name)
    }
}

struct Get(fn(&VirtualUser) -> Text);

impl Function for Get {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        Ok((self.0)(user))
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn the_user_knows_where_it_is() {
        check(&[
            ("${__samplerName}", "A sampler"),
            ("${__samplerName( n )}|${n}", "A sampler|A sampler"),
            ("${__threadGroupName}", "Some-Group"),
            ("${__threadNum()}", "1"),
            ("${__TestPlanName}", "plan.jmx"),
            ("${__iterationNum}", "0"),
        ]);
    }
}
