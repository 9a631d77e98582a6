//! Listeners whose work lies outside of a run: they upload or draw what it measured, or ask for
//! figures in a way that is not known here. The run is the same without
//! them, so they are left out with a warning.

use crate::elements::{Compile, Definition, Role, Severity};

pub(super) const LOADOSOPHIA: Definition = Definition {
    tag: "kg.apc.jmeter.reporters.LoadosophiaUploader",
    menu: "jp@gc - BlazeMeter Sense Uploader (left out with a warning)",
    compile: |compile| left_out(compile, NO_UPLOAD),
};

pub(super) const BLAZE_METER: Definition = Definition {
    tag: "kg.apc.jmeter.reporters.bzm.BlazeMeterUploader",
    menu: "bzm - BlazeMeter Uploader (left out with a warning)",
    compile: |compile| left_out(compile, NO_UPLOAD),
};

pub(super) const GRAPHS_GENERATOR: Definition = Definition {
    tag: "kg.apc.jmeter.listener.GraphsGeneratorListener",
    menu: "jp@gc - Graphs Generator (left out with a warning)",
    compile: |compile| left_out(compile, "no graphs are drawn: other tools draw them from a result file"),
};

pub(super) const JMX_MON: Definition = Definition {
    tag: "kg.apc.jmeter.jmxmon.JMXMonCollector",
    menu: "jp@gc - JMXMon Samples Collector (left out with a warning)",
    compile: |compile| left_out(compile, "JMX is not spoken here: its figures are not there"),
};

pub(super) const DB_MON: Definition = Definition {
    tag: "kg.apc.jmeter.dbmon.DbMonCollector",
    menu: "jp@gc - DbMon Samples Collector (left out with a warning)",
    compile: |compile| left_out(compile, "databases are not asked here: its figures are not there"),
};

const NO_UPLOAD: &str = "results are not uploaded: name a result file and upload that";

fn left_out(compile: &mut Compile<'_>, why: &str) -> Option<Role> {
    compile.problem(Severity::Warning, why);
    Some(Role::inert())
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::{compile, shared};
    use crate::elements::{Severity, bench};

    #[test]
    fn each_is_a_warning() {
        for tag in [
            "kg.apc.jmeter.dbmon.DbMonCollector",
            "kg.apc.jmeter.jmxmon.JMXMonCollector",
            "kg.apc.jmeter.listener.GraphsGeneratorListener",
            "kg.apc.jmeter.reporters.LoadosophiaUploader",
            "kg.apc.jmeter.reporters.bzm.BlazeMeterUploader",
        ] {
            let mut shared = shared();
            let role = compile(&bench::element(tag), &mut shared);
            assert!(role.listener.is_none(), "{tag}");
            assert_eq!(shared.diagnostics.len(), 1, "{tag}");
            assert_eq!(shared.diagnostics[0].severity, Severity::Warning);
        }
    }
}
