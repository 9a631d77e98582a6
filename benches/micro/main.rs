//! What the parts of a run cost, each by itself: `cargo bench --bench micro`. For comparing two builds on one machine; what must not
//! get slower is counted in instructions by `tests/instructions.rs`.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "these are benchmarks")]

mod plans;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

mod plan {
    use super::{Bencher, BytesCount, black_box, plans};

    #[divan::bench]
    fn read_4_mb(bencher: Bencher) {
        let plan = plans::LARGE.as_bytes();
        bencher.counter(BytesCount::of_slice(plan)).bench(|| rotameter::jmx::read(black_box(plan)));
    }

    #[divan::bench]
    fn compile_4_mb(bencher: Bencher) {
        let tree = plans::read(&plans::LARGE);
        bencher
            .counter(BytesCount::of_str(plans::LARGE.as_str()))
            .with_inputs(|| plans::options(Vec::new()))
            .bench_values(|options| rotameter::plan::compile(black_box(&tree), options));
    }
}

mod expressions {
    use super::{Bencher, black_box, plans};
    use rotameter::expr::{Expr, NameSource, Scope};
    use rotameter::virtual_user::{Names, SlotAllocator};

    const TEXTS: [&str; 6] = [
        "no reference",
        "${order}",
        "/orders/${order}/items/${item}",
        "${__threadNum}",
        "${__Random(1,100)}",
        "${__time(yyyy-MM-dd)}",
    ];

    fn parsed(text: &str, names: &mut Names, slots: &mut SlotAllocator) -> Expr {
        let mut scope = Scope::new(NameSource::Compile(names), slots, &plans::PROPERTIES);
        Expr::parse(text, &mut scope).expect("the references are sound")
    }

    #[divan::bench(args = TEXTS)]
    fn parse(bencher: Bencher, text: &str) {
        let (mut names, mut slots) = (Names::default(), SlotAllocator::default());
        bencher.bench_local(|| parsed(black_box(text), &mut names, &mut slots));
    }

    #[divan::bench(args = TEXTS)]
    fn evaluate(bencher: Bencher, text: &str) {
        let mut plan = plans::compile(&plans::test_plan(&plans::thread_group(1, "")), Vec::new());
        let plan = std::sync::Arc::get_mut(&mut plan).expect("nobody else holds the plan");
        let (mut names, mut slots) = (Names::default(), SlotAllocator::default());
        let expr = parsed(text, &mut names, &mut slots);
        plan.names = names.into();
        plan.slots = slots.count();
        let mut user = plans::user(plan);
        user.variables.put("order", "4711");
        user.variables.put("item", "12");
        bencher.bench_local(|| black_box(&expr).eval(&mut user));
    }
}

mod controllers {
    use super::{Bencher, ItemsCount, plans};
    use rotameter::elements::controllers::{ControllerTree, Walk};

    /// Steps of one user of a group that goes on for ever.
    fn steps(bencher: Bencher, below: &str) {
        let plan = plans::compile(&plans::test_plan(&plans::thread_group(-1, below)), Vec::new());
        let tree = &plan.groups[0].tree;
        let mut user = plans::user(&plan);
        let mut states = tree.new_states();
        user.set_last_sample_ok(true);
        Walk { tree, states: &mut states, user: &mut user, last: None, spins: 0 }.initialize(ControllerTree::ROOT);
        bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
            let mut walk = Walk { tree, states: &mut states, user: &mut user, last: None, spins: 0 };
            let step = walk.next(ControllerTree::ROOT).expect("nothing is thrown");
            assert!(step.is_some(), "the group has ended");
            step
        });
    }

    fn ten_samplers() -> String {
        (0..10).map(|number| plans::null_sampler(&number.to_string())).collect()
    }

    #[divan::bench]
    fn samplers_only(bencher: Bencher) {
        steps(bencher, &ten_samplers());
    }

    #[divan::bench]
    fn loop_if_transaction(bencher: Bencher) {
        let transaction = plans::element("TransactionController", "t", "", &ten_samplers());
        let condition = "<stringProp name=\"IfController.condition\">true</stringProp>\n\
            <boolProp name=\"IfController.useExpression\">true</boolProp>\n";
        let r#if = plans::element("IfController", "i", condition, &transaction);
        let loops = "<stringProp name=\"LoopController.loops\">3</stringProp>\n";
        steps(bencher, &plans::element("LoopController", "l", loops, &r#if));
    }
}

/// Runs of one user, from the first worker to the last row: a null sampler, so that all that is measured is ours.
mod samples {
    use super::{Bencher, ItemsCount, plans};
    use rotameter::elements::CollectorSpec;
    use rotameter::expr::Expr;
    use rotameter::jmx::TestElement;

    const SAMPLES: u32 = 20_000;

    fn run(bencher: Bencher, collectors: Vec<CollectorSpec>) {
        let group = plans::thread_group(SAMPLES as i32, &plans::null_sampler("null"));
        let plan = plans::compile(&plans::test_plan(&group), collectors);
        bencher.counter(ItemsCount::new(SAMPLES)).bench_local(|| plans::run(&plan));
    }

    #[divan::bench(sample_count = 20)]
    fn unheard(bencher: Bencher) {
        run(bencher, Vec::new());
    }

    #[divan::bench(sample_count = 20)]
    fn to_a_csv_file(bencher: Bencher) {
        let folder = tempfile::tempdir().expect("a folder for the result file");
        let file = folder.path().join("results.jtl").to_string_lossy().into_owned();
        let element = Box::new(TestElement::new("ResultCollector", "SimpleDataWriter", "file"));
        run(bencher, vec![CollectorSpec::File { file: Expr::literal(file), element }]);
    }
}

mod results {
    use super::{Bencher, ItemsCount, black_box};
    use rotameter::clock::Timestamp;
    use rotameter::results::jtl_csv::CsvFormat;
    use rotameter::results::{DataType, SampleEvent, SampleResult, SaveConfig, Statistics};
    use std::time::Duration;

    /// The `number`th sample of a run in which response times spread over three decades.
    fn sample(number: i64) -> SampleResult {
        let start = 1_795_493_309_994 + number;
        let mut sample = SampleResult::started("GET /orders".into(), Timestamp::from_millis(start));
        sample.finish(Timestamp::from_millis(start + 1 + number * number % 1000));
        sample.response_code = "200".into();
        sample.response_message = "OK".into();
        sample.thread_name = "users 1-1".into();
        sample.data_type = DataType::Text;
        sample.latency = Duration::from_millis(1);
        sample.headers_size = 109;
        sample.body_size = 138;
        sample.bytes = 247;
        sample.sent_bytes = 122;
        sample.group_threads = 50;
        sample.all_threads = 50;
        sample.url = Some("http://127.0.0.1:8080/orders?page=1".into());
        sample
    }

    const ROWS: u32 = 1000;

    fn event(number: u32) -> SampleEvent {
        SampleEvent {
            result: Box::new(sample(number.into())),
            heard: Timestamp::from_millis(0),
            collectors: [].into(),
            variables: Box::default(),
        }
    }

    #[divan::bench]
    fn csv_rows(bencher: Bencher) {
        let config = SaveConfig::from_properties(&|_| None).expect("the defaults are sound");
        let format = CsvFormat::new(&config, None);
        let events: Vec<SampleEvent> = (0..ROWS).map(event).collect();
        let mut out = Vec::new();
        bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
            out.clear();
            for event in &events {
                format.write_event(black_box(event), &mut out);
            }
            out.len()
        });
    }

    #[divan::bench]
    fn statistics(bencher: Bencher) {
        let samples: Vec<SampleResult> = (0..ROWS).map(|number| sample(number.into())).collect();
        let mut statistics = Statistics::default();
        bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
            for sample in &samples {
                statistics.record(black_box(sample));
            }
        });
    }
}
