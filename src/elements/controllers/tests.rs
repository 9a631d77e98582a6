//! The protocol of the controllers: small trees and the order of their samplers. What is expected was seen in JMeter
//! 5.6.2, where a line does not say otherwise.

use super::walk::Step;
use crate::elements::bench::{Bench, labels};

#[track_caller]
fn check(loops: i32, plan: &str, expected: &str) {
    assert_eq!(labels(loops, plan), expected, "{plan}");
}

#[test]
fn loops_within_loops_start_over() {
    check(
        2,
        "
@LoopController loops=2
  a
  @LoopController loops=2
    b",
        "a b b a b b | a b b a b b",
    );
    check(2, "@LoopController loops=0\n  a\nb", "b | b");
    check(2, "@LoopController loops=x\n  a\nb", "b | b");
    // One that does not continue for ever is dropped once it is done.
    check(2, "@LoopController loops=1 continue_forever=false\n  a\nb", "a b | b");
    check(1, "@LoopController loops=2 name=L\n  a${__jm__L__idx}\nafter${__jm__L__idx}", "a0 a1 after0");
    check(3, "g${__jm__G__idx}", "g0 | g1 | g2");
}

#[test]
fn a_loop_reads_its_count_on_entry() {
    check(2, "n:=2\n@LoopController loops=${n}\n  n:=5\n  a", "a a | a a");
}

#[test]
fn while_looks_at_the_last_sample() {
    let blank = "
@WhileController
  w1
  w2!
z";
    check(2, blank, "w1 w2! z | w1 w2! z");
    check(1, "bad!\n@WhileController condition=LAST\n  w\nz", "bad! z");
    check(
        1,
        "@WhileController condition=LAST\n  w1!\n  w2\n  @IfController condition=true useExpression=true\n    w3!\nz",
        "w1! w2 w3! z",
    );
    check(1, "c:=true\n@WhileController condition=${c}\n  w\n  c:=FALSE\nz", "w z");
    check(1, "@WhileController condition=false\n  w\nz", "z");
}

#[test]
fn if_takes_only_true() {
    let plan = |condition: &str| format!("@IfController condition={condition} useExpression=true\n  a\nb");
    check(1, &plan("TRUE"), "a b");
    check(1, &plan("1"), "b");
    check(1, &plan("${x}"), "b");
    check(2, "x:=true\n@IfController condition=${x} useExpression=true\n  a\n  x:=false\n  b", "a b | a b");
    let every = "
x:=true
@IfController condition=${x} useExpression=true evaluateAll=true
  a
  @GenericController
    x:=false
    b
  c
d";
    check(2, every, "a d | a d");
}

#[test]
fn once_only_runs_in_the_first_pass_of_a_loop() {
    let plan = "
@OnceOnlyController
  oo1
  oo2
@LoopController loops=2
  @OnceOnlyController
    in
  l
x";
    check(2, plan, "oo1 oo2 in l l x | in l l x");
    check(2, "@GenericController\n  @OnceOnlyController\n    o\n  a", "o a | a");
    // A ForEach's passes are numbered so that none is a first one.
    let foreach = "
v_1:=1
v_2:=2
@ForeachController inputVal=v returnVal=x
  @OnceOnlyController
    o
  a${x}";
    check(2, foreach, "o a1 a2 | a1 a2");
}

#[test]
fn foreach_walks_up_to_the_first_gap() {
    let plan = |keys: &str| {
        format!(
            "v_1:=x\nv_2:=y\nv_4:=z\n@ForeachController name=F inputVal=v returnVal=r {keys}\n  ${{r}}${{__jm__F__idx}}\nafter-${{r}}"
        )
    };
    // The list's first value is set once more when the controller has ended.
    check(1, &plan("useSeparator=true"), "x0 y1 after-x");
    check(2, &plan("startIndex=1"), "y1 after-y | y1 after-y");
    check(1, &plan("endIndex=1"), "x0 after-x");
    check(1, &plan("startIndex=3"), "z3 after-z");
    check(1, &plan("startIndex=2"), "after-${r}");
    check(1, &plan("endIndex="), "after-${r}");
    check(1, &plan("useSeparator=false"), "after-${r}");
    check(1, "v1:=x\n@ForeachController inputVal=v returnVal=r useSeparator=false\n  ${r}", "x");
    check(1, "v_1:=a\n@ForeachController inputVal=v returnVal=r\n  ${r}\n  v_2:=b\nz", "a b z");
}

#[test]
fn interleave_takes_one_child_a_pass() {
    let plan =
        |style: u8| format!("@InterleaveControl style={style}\n  i1\n  @GenericController\n    s1\n    s2\n  i3");
    check(5, &plan(0), "i1 | s1 | i3 | i1 | s2");
    check(5, &plan(1), "i1 | s1 s2 | i3 | i1 | s1 s2");
    let with_loop = "@InterleaveControl style=0\n  @LoopController loops=2\n    l1\n    l2\n  i2";
    check(4, with_loop, "l1 | i2 | l1 | i2");
    let once = "@InterleaveControl style=1\n  @LoopController loops=1 continue_forever=false\n    L\n  b\n  c";
    check(4, once, "L b | c | b | c");
}

#[test]
fn interleave_across_users_begins_elsewhere() {
    let bench = Bench::new(3, "@InterleaveControl style=0 accrossThreads=true\n  i1\n  i2\n  i3");
    let all: Vec<String> = (1..=4).map(|number| bench.user(number).live()).collect();
    assert_eq!(all, ["i1 | i2 | i3", "i2 | i3 | i1", "i3 | i1 | i2", "i1 | i2 | i3"]);
}

/// JMeter recurses until its stack is full; ours passes over what gives nothing.
#[test]
fn interleave_passes_over_what_gives_nothing() {
    let never = "\n  @IfController condition=false useExpression=true\n    never";
    for style in [0, 1] {
        check(3, &format!("@InterleaveControl style={style}{never}\n  i2\n  i3\nz"), "i2 z | i3 z | i2 z");
        check(2, &format!("@InterleaveControl style={style}{never}\nz"), "z | z");
    }
    check(2, "@InterleaveControl style=0\nz", "z | z");
    check(2, "@RandomController style=1\n  @LoopController loops=1 continue_forever=false\n    a\nz", "a z | z");
}

#[test]
fn random_controllers_pick_from_all_their_children() {
    let bench = Bench::new(40, "@RandomController style=0\n  a\n  b\n  c");
    let run = bench.user(1).live();
    let samples: Vec<&str> = run.split(" | ").collect();
    assert_eq!(samples.len(), 40);
    for label in ["a", "b", "c"] {
        assert!(samples.contains(&label), "{run}");
    }
    let run = labels(30, "@RandomOrderController\n  a\n  b\n  @GenericController\n    c");
    let orders: std::collections::BTreeSet<&str> = run.split(" | ").collect();
    assert!(orders.len() > 2, "{run}");
    for order in orders {
        let mut sorted: Vec<&str> = order.split(' ').collect();
        sorted.sort_unstable();
        assert_eq!(sorted, ["a", "b", "c"]);
    }
}

#[test]
fn throughput_counts_passes() {
    let plan = |keys: &str| format!("@ThroughputController {keys}\n  t\nn");
    check(4, &plan("style=0 maxThroughput=2"), "t n | t n | n | n");
    check(2, &plan("style=0 maxThroughput=x"), "t n | n");
    check(2, "@ThroughputController\n  t\nn", "t n | n");
    check(6, &plan("style=1 percentThroughput=50"), "n | t n | n | t n | n | t n");
    check(6, &plan("style=1 percentThroughput=33.3"), "n | t n | n | n | t n | n");
    check(2, &plan("style=1 percentThroughput=100"), "t n | t n");
    check(2, &plan("style=1 percentThroughput=0"), "n | n");
    check(1, "@LoopController loops=4\n  @ThroughputController style=1 percentThroughput=25\n    t\n  n", "n n t n n");
}

#[test]
fn throughput_may_count_over_all_users() {
    let bench = Bench::new(3, "@ThroughputController style=0 perThread=false maxThroughput=4\n  t\nn");
    assert_eq!(bench.user(1).live(), "t n | t n | t n");
    assert_eq!(bench.user(2).live(), "t n | n | n");
    let bench = Bench::new(2, "@ThroughputController style=0 perThread=true maxThroughput=1\n  t\nn");
    assert_eq!((bench.user(1).live(), bench.user(2).live()), ("t n | n".into(), "t n | n".into()));
}

#[test]
fn switch_takes_a_position_or_a_name() {
    let plan = |value: &str| {
        format!(
            "s:={value}\n@SwitchController value=${{s}}\n  s0\n  @GenericController name=two\n    s1\n    s1b\n  s2\nz"
        )
    };
    check(1, &plan("1"), "s1 s1b z");
    check(1, &plan("two"), "s1 s1b z");
    check(1, &plan("s2"), "s2 z");
    check(1, &plan("7"), "s0 z");
    check(1, &plan(""), "s0 z");
    check(1, &plan("-1"), "z");
    check(1, &plan("S2"), "z");
    check(1, "@SwitchController value=x\n  a\n  DEFAULT\nz", "DEFAULT z");
    // The child that is done is dropped, and the one behind it is at the same position then.
    let dropped = "
@SwitchController value=1
  a
  @LoopController loops=1 continue_forever=false
    L
  c";
    check(3, dropped, "L c | c | c");
}

#[test]
fn runtime_without_time_is_passed_over() {
    check(2, "@RunTime seconds=0\n  a\nz", "z | z");
    check(2, "@RunTime seconds=x\n  a\nz", "z | z");
}

#[test]
fn flow_control_jumps() {
    check(2, "@LoopController loops=2\n  a\n  next-thread-loop\n  x\ny", "a | a");
    check(2, "@LoopController loops=2\n  a\n  next-loop\n  x\ny", "a a y | a a y");
    check(2, "@LoopController loops=3\n  a\n  break\n  x\ny", "a y | a y");
    check(2, "a\nbreak\nx", "a");
    check(2, "a\nnext-loop\nx", "a | a");
    check(2, "v_1:=1\nv_2:=2\n@ForeachController inputVal=v returnVal=r\n  ${r}\n  break\ny", "1 y | 1 y");
    check(1, "v_1:=1\nv_2:=2\n@ForeachController inputVal=v returnVal=r\n  ${r}\n  next-loop\n  x\ny", "1 2 y");
}

#[test]
fn a_parent_transaction_ends_after_its_children() {
    let plan = "
@TransactionController name=T parent=true
  a
  @TransactionController name=U parent=true
    b
  @IfController condition=false useExpression=true
    never
c";
    check(2, plan, "a b [U] [T] c | a b [U] [T] c");
    check(1, "@TransactionController name=T parent=true\n  @InterleaveControl style=0\n    a\n    b\nc", "a [T] c");
}

#[test]
fn a_million_empty_passes_need_no_stack() {
    check(1, "@LoopController loops=400000\n  @IfController condition=false useExpression=true\n    a\nz", "z");
}

#[tokio::test]
async fn a_critical_section_lets_one_user_in() {
    let plan = "
@LoopController loops=2
  @IfController condition=true useExpression=true evaluateAll=true
    @CriticalSectionController lockName=x
      a
      @CriticalSectionController lockName=x
        b
  c";
    let bench = Bench::new(1, plan);
    let (mut first, mut second) = (bench.user(1), bench.user(2));
    let mut out = String::new();
    let step = first.next_step().unwrap().unwrap();
    first.take(&step, &mut out);
    let Some(Step::Lock(request)) = second.next_step().unwrap() else { panic!("the lock is taken") };
    // The same user may enter again.
    let step = first.next_step().unwrap().unwrap();
    first.take(&step, &mut out);
    let request_again = request.clone();
    tokio::select! {
        biased;
        () = request_again.acquire(&mut second.user) => panic!("the lock is still taken"),
        () = std::future::ready(()) => {}
    }
    let step = first.next_step().unwrap().unwrap();
    first.take(&step, &mut out);
    assert_eq!(out.trim_end(), "a b c");
    request.acquire(&mut second.user).await;
    assert_eq!(second.live(), "a b c a b c");
    assert_eq!(first.live(), "a b c");
}

/// A user that ends gives its locks back, and different names do not wait for each other.
#[test]
fn locks_have_names() {
    let bench = Bench::new(1, "@CriticalSectionController lockName=${n}\n  a");
    let mut first = bench.user(1);
    first.user.variables.put("n", "one");
    assert!(matches!(first.next_step().unwrap(), Some(Step::Sampler(_))));
    let mut second = bench.user(2);
    second.user.variables.put("n", "two");
    assert_eq!(second.live(), "a");
    let mut third = bench.user(3);
    third.user.variables.put("n", "one");
    assert!(matches!(third.next_step().unwrap(), Some(Step::Lock(_))));
    drop(first);
    let mut fourth = bench.user(4);
    fourth.user.variables.put("n", "one");
    assert_eq!(fourth.live(), "a");
}

/// An Interleave above a section that has to wait has not had its child yet.
#[tokio::test]
async fn waiting_changes_nothing_above() {
    let plan = "
@TransactionController name=T parent=true
  @InterleaveControl style=0
    @CriticalSectionController lockName=x
      a
    b";
    let bench = Bench::new(2, plan);
    let mut first = bench.user(1);
    first.next_step().unwrap();
    let mut second = bench.user(2);
    let Some(Step::Lock(request)) = second.next_step().unwrap() else { panic!("the lock is taken") };
    drop(first);
    request.acquire(&mut second.user).await;
    assert_eq!(second.live(), "a [T] | b [T]");
}
