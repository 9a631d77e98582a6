//! Plans that the benchmarks read, compile and run.

use rotameter::elements::CollectorSpec;
use rotameter::engine;
use rotameter::jmx::{self, TestTree};
use rotameter::plan::{self, Plan, Unsupported};
use rotameter::properties::{Properties, PropertiesBuilder};
use rotameter::results::{CollectorConfig, ExistingFiles, Needs, Options, Results, Unopenable, UserCounts};
use rotameter::virtual_user::{Booleans, Fifos, Group, RetryTotals, Run, Stop, VirtualUser};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Properties as a run without any files has them.
pub static PROPERTIES: LazyLock<Properties> =
    LazyLock::new(|| PropertiesBuilder::default().build().expect("the defaults are sound").0);

/// A plan of 4 MB: five groups of 172 requests, each with its own arguments, headers, extractors and assertion.
pub static LARGE: LazyLock<String> = LazyLock::new(|| {
    let groups: String = (0..5)
        .map(|group| (0..172).map(|request| http_request(&format!("{group}-{request}"))).collect::<String>())
        .map(|requests| thread_group(1, &requests))
        .collect();
    test_plan(&groups)
});

fn string(name: &str, value: &str) -> String {
    format!("<stringProp name=\"{name}\">{value}</stringProp>\n")
}

/// An element of class `class` with its properties and what stands below it.
pub fn element(class: &str, name: &str, properties: &str, below: &str) -> String {
    format!(
        "<{class} guiclass=\"{class}Gui\" testclass=\"{class}\" testname=\"{name}\" enabled=\"true\">\n\
         {properties}</{class}>\n<hashTree>\n{below}</hashTree>\n"
    )
}

/// A whole plan around thread groups.
pub fn test_plan(groups: &str) -> String {
    let plan = element("TestPlan", "plan", "", groups);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.2\">\n\
         <hashTree>\n{plan}</hashTree>\n</jmeterTestPlan>\n"
    )
}

/// One user that passes `loops` times through `below`; -1 is for ever.
pub fn thread_group(loops: i32, below: &str) -> String {
    let properties = format!(
        "<elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\">\n{}\
         <boolProp name=\"LoopController.continue_forever\">false</boolProp>\n</elementProp>\n{}{}",
        string("LoopController.loops", &loops.to_string()),
        string("ThreadGroup.num_threads", "1"),
        string("ThreadGroup.ramp_time", "0"),
    );
    element("ThreadGroup", "users", &properties, below)
}

/// A sampler that makes its sample up and takes no time.
pub fn null_sampler(name: &str) -> String {
    let properties = format!(
        "<boolProp name=\"WAITING\">false</boolProp>\n<boolProp name=\"SUCCESFULL\">true</boolProp>\n{}{}{}",
        string("RESPONSE_CODE", "200"),
        string("RESPONSE_MESSAGE", "OK"),
        string("RESPONSE_TIME", "5"),
    );
    element("kg.apc.jmeter.samplers.DummySampler", name, &properties, "")
}

fn http_request(number: &str) -> String {
    let mut arguments = String::new();
    for field in 0..4 {
        let _ = write!(
            arguments,
            "<elementProp name=\"field{field}\" elementType=\"HTTPArgument\">\n\
             <boolProp name=\"HTTPArgument.always_encode\">true</boolProp>\n{}{}\
             <boolProp name=\"HTTPArgument.use_equals\">true</boolProp>\n{}</elementProp>\n",
            string("Argument.value", &format!("value ${{token_{number}}} ${{__threadNum}} {field}")),
            string("Argument.metadata", "="),
            string("Argument.name", &format!("field{field}")),
        );
    }
    let mut properties = format!(
        "<elementProp name=\"HTTPsampler.Arguments\" elementType=\"Arguments\" guiclass=\"HTTPArgumentsPanel\" \
         testclass=\"Arguments\" testname=\"User Defined Variables\">\n\
         <collectionProp name=\"Arguments.arguments\">\n{arguments}</collectionProp>\n</elementProp>\n"
    );
    let path = format!("/api/v1/orders/{number}/items?page=${{page}}");
    for (name, value) in [
        ("domain", "127.0.0.1"),
        ("port", "8080"),
        ("protocol", "http"),
        ("contentEncoding", "UTF-8"),
        ("path", &path),
        ("method", "POST"),
        ("embedded_url_re", ""),
        ("connect_timeout", ""),
        ("response_timeout", ""),
    ] {
        properties += &string(&format!("HTTPSampler.{name}"), value);
    }
    for (name, value) in
        [("follow_redirects", true), ("auto_redirects", false), ("use_keepalive", true), ("DO_MULTIPART_POST", false)]
    {
        let _ = writeln!(properties, "<boolProp name=\"HTTPSampler.{name}\">{value}</boolProp>");
    }
    let header = |name: &str, value: &str| {
        let properties = string("Header.name", name) + &string("Header.value", value);
        format!("<elementProp name=\"\" elementType=\"Header\">\n{properties}</elementProp>\n")
    };
    let headers = header("Accept", "application/json")
        + &header("Authorization", &format!("Bearer ${{token_{number}}}"))
        + &header("X-Request-Id", "${__UUID}");
    let headers = format!("<collectionProp name=\"HeaderManager.headers\">\n{headers}</collectionProp>\n");
    let fields = |class: &str, fields: &[(&str, &str)]| -> String {
        fields.iter().map(|(name, value)| string(&format!("{class}.{name}"), value)).collect()
    };
    let regex = fields(
        "RegexExtractor",
        &[
            ("useHeaders", "false"),
            ("refname", &format!("token_{number}")),
            ("regex", &format!("\"token-{number}\"\\s*:\\s*\"([^\"]+)\"")),
            ("template", "$1$"),
            ("default", "none"),
            ("match_number", "1"),
        ],
    );
    let json = fields(
        "JSONPostProcessor",
        &[
            ("referenceNames", "page"),
            ("jsonPathExprs", "$.items[0].page"),
            ("match_numbers", "1"),
            ("defaultValues", "1"),
        ],
    );
    let assertion = format!(
        "<collectionProp name=\"Asserion.test_strings\">\n{}</collectionProp>\n{}{}\
         <intProp name=\"Assertion.test_type\">2</intProp>\n",
        string("49586", &format!("order {number} \\w+ accepted")),
        string("Assertion.custom_message", ""),
        string("Assertion.test_field", "Assertion.response_data"),
    );
    let below = element("HeaderManager", "headers", &headers, "")
        + &element("RegexExtractor", "token", &regex, "")
        + &element("JSONPostProcessor", "page", &json, "")
        + &element("ResponseAssertion", "says ok", &assertion, "");
    element("HTTPSamplerProxy", &format!("request {number}"), &properties, &below)
}

/// The tree of a plan's file.
pub fn read(plan: &str) -> Arc<TestTree> {
    Arc::new(jmx::read(plan.as_bytes()).expect("the plan is well-formed"))
}

/// How plans are compiled here.
pub fn options(collectors: Vec<CollectorSpec>) -> plan::Options {
    plan::Options {
        file: PathBuf::from("plan.jmx"),
        properties: PROPERTIES.clone(),
        unsupported: Unsupported::Stop,
        collectors,
        sample_variables: Vec::new(),
    }
}

/// A plan that can run.
pub fn compile(plan: &str, collectors: Vec<CollectorSpec>) -> Arc<Plan> {
    let compilation = plan::compile(&read(plan), options(collectors));
    Arc::new(compilation.plan.unwrap_or_else(|| panic!("{:?}", compilation.diagnostics)))
}

fn new_run(plan: &Plan, needs: Needs) -> Run {
    Run {
        names: Arc::clone(&plan.names),
        properties: PROPERTIES.clone(),
        plan_name: plan.file_name.clone(),
        base_dir: plan.base_dir.clone(),
        counts: rotameter::virtual_user::UserCounts::default(),
        stop: Stop::default(),
        test_start: rotameter::clock::now(),
        start_values: Vec::new(),
        slots: plan.slots,
        needs,
        script_sandbox: false,
        new_user_closes_connections: true,
        timer_factor: None,
        sample_variables: Vec::new(),
        retries: RetryTotals::default(),
        texts: Booleans::default(),
        fifos: Fifos::default(),
    }
}

/// A user of `plan` outside any run.
pub fn user(plan: &Plan) -> VirtualUser {
    let run = Arc::new(new_run(plan, Needs::default()));
    let stop = run.stop.signal();
    VirtualUser::new(run, Arc::new(Group { name: "users".into(), number: 1, users: 1, ..Group::default() }), stop, 1)
}

struct Quiet;

impl engine::Observer for Quiet {
    fn group_failed(&self, message: &str) {
        panic!("{message}");
    }
}

/// Runs `plan` to its end on one worker, result files and all.
pub fn run(plan: &Arc<Plan>) {
    let configs = engine::collectors(plan, &PROPERTIES, &mut user(plan)).expect("the save configuration is sound");
    let needs = configs.iter().map(CollectorConfig::needs).fold(Needs::default(), Needs::union);
    let options = Options {
        existing: ExistingFiles::Delete,
        unopenable: Unopenable::Refuse,
        workers: 1,
        format_timestamp: Box::new(engine::timestamp_formatter),
        users: Arc::new(UserCounts::default),
        console: Box::new(|_| {}),
        trouble: Box::new(|line| panic!("{line}")),
        observe: Box::new(|_| {}),
        needs,
    };
    let results = Results::open(&configs, options).expect("the result file opens");
    let run = Arc::new(new_run(plan, needs));
    engine::prepare(plan, &run).expect("nothing has to be made ready");
    let settings = engine::Settings { workers: 1, results: &results, stop_wait: Duration::from_secs(5) };
    engine::run(plan, &run, &settings, &Quiet).expect("workers start");
    results.finish();
}
