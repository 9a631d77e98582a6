//! A user that has run a script keeps single kilobytes of it: the compiled script is shared by all users.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::process::{Command, Stdio};

/// Users at once.
const USERS: u64 = 2000;

/// The most kilobytes that the program had while so many users, each with `elements` behind it, waited at a timer.
fn peak(elements: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let plan = format!(
        r#"<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="Plan"/><hashTree>
<ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g"><elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{USERS}</stringProp></ThreadGroup><hashTree>{elements}
<DebugSampler guiclass="G" testclass="DebugSampler" testname="d"/><hashTree>
<ConstantTimer guiclass="G" testclass="ConstantTimer" testname="t"><stringProp name="ConstantTimer.delay">3000</stringProp></ConstantTimer><hashTree/>
</hashTree></hashTree></hashTree></hashTree></jmeterTestPlan>"#
    );
    std::fs::write(folder.path().join("plan.jmx"), plan).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.csv", "-j", "run.log"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        most = line.split_whitespace().next().map_or(most, |kilobytes| kilobytes.parse().unwrap());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let rows = std::fs::read_to_string(folder.path().join("results.csv")).unwrap();
    assert!(!rows.contains(",false,"), "{rows}");
    most
}

#[test]
fn a_script_costs_each_user_single_kilobytes() {
    const GROOVY: &str = r#"<JSR223Sampler guiclass="G" testclass="JSR223Sampler" testname="s"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="cacheKey">true</stringProp><stringProp name="script">import groovy.json.JsonSlurper
def json = new JsonSlurper().parseText('{"user":{"id":42,"name":"Ann Lee"},"items":[{"n":2},{"n":1}]}')
def total = 0
for (i in 1..20) { total += i * json.items.size() }
vars.put('user', json.user.name.toUpperCase() + '-' + total)</stringProp></JSR223Sampler><hashTree/>"#;
    const BEAN_SHELL: &str = r#"<BeanShellSampler guiclass="G" testclass="BeanShellSampler" testname="s"><stringProp name="BeanShellSampler.query">
String name = "Ann Lee"; int total = 0; f(int n) { return n * 2; }
for (int i = 1; i &lt;= 20; i++) { total += f(i); } vars.put("user", name + "-" + total);</stringProp></BeanShellSampler><hashTree/>"#;
    let without = peak("");
    for (name, script) in [("Groovy", GROOVY), ("BeanShell", BEAN_SHELL)] {
        let more = peak(script).saturating_sub(without);
        assert!(more < USERS * 10, "{name}: {more} KB more for {USERS} users");
    }
}
