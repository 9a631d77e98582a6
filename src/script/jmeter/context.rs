//! `ctx` (`JMeterContext`) and what it leads to.

use super::{JMeter, JMeterObject, done, flag_argument, handle, text_of};
use crate::clock;
use crate::results::LogicalAction;
use crate::script::host::Outcome;
use crate::script::value::Value;
use crate::text::Text;
use crate::virtual_user::{StopLevel, VirtualUser};
use std::sync::atomic::Ordering;

pub(super) fn call(jmeter: &mut JMeter<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match (name, arguments) {
        ("getVariables", []) => handle(JMeterObject::Variables),
        ("getProperties", []) => handle(JMeterObject::Properties),
        ("getPreviousResult", []) => {
            if jmeter.user.previous.is_some() {
                handle(JMeterObject::Previous)
            } else if jmeter.sampled {
                // While assertions and listeners are at work, the sample is out of the user's hands.
                handle(JMeterObject::Result)
            } else {
                Some(Ok(Value::Null))
            }
        }
        ("getCurrentSampler", []) => handle(JMeterObject::Sampler(jmeter.sampler_class())),
        ("getThread", []) => handle(JMeterObject::Thread),
        ("getThreadGroup", []) => handle(JMeterObject::ThreadGroup),
        ("getEngine", []) => handle(JMeterObject::Engine),
        ("getThreadNum", []) => Some(Ok(Value::Int(jmeter.user.thread_number as i32 - 1))),
        ("setTestLogicalAction", [action]) => {
            jmeter.user.logical_action = logical_action(&text_of(action))?;
            done()
        }
        ("setRestartNextLoop" | "setStartNextThreadLoop", [_]) => {
            if flag_argument(arguments, 0)? {
                jmeter.user.logical_action = LogicalAction::StartNextIterationOfThread;
            }
            done()
        }
        ("isSamplingStarted", []) => Some(Ok(Value::Boolean(true))),
        _ => None,
    }
}

/// The constant of `TestLogicalAction` that prints as `name`.
pub(super) fn logical_action(name: &str) -> Option<LogicalAction> {
    Some(match name {
        "CONTINUE" => LogicalAction::Continue,
        "START_NEXT_ITERATION_OF_THREAD" => LogicalAction::StartNextIterationOfThread,
        "START_NEXT_ITERATION_OF_CURRENT_LOOP" => LogicalAction::StartNextIterationOfCurrentLoop,
        "BREAK_CURRENT_LOOP" => LogicalAction::BreakCurrentLoop,
        _ => return None,
    })
}

pub(super) fn call_part(
    user: &mut VirtualUser,
    object: JMeterObject,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    match (object, name, arguments) {
        (JMeterObject::Thread, "getThreadName" | "getName", []) => {
            Some(Ok(Value::String(Text::clone(&user.thread_name))))
        }
        (JMeterObject::Thread, "getThreadNum", []) => Some(Ok(Value::Int(user.thread_number as i32 - 1))),
        (JMeterObject::Thread, "getThreadGroup", []) => handle(JMeterObject::ThreadGroup),
        (JMeterObject::Thread, "stop", []) => {
            user.running = false;
            done()
        }
        (JMeterObject::ThreadGroup, "getName", []) => Some(Ok(Value::String(Text::clone(&user.group.name)))),
        (JMeterObject::ThreadGroup, "getNumThreads", []) => Some(Ok(Value::Int(user.group.users as i32))),
        (JMeterObject::ThreadGroup, "getNumberOfThreads", []) => {
            Some(Ok(Value::Int(user.group.active.load(Ordering::Relaxed) as i32)))
        }
        (JMeterObject::ThreadGroup, "stop" | "tellThreadsToStop", []) => {
            user.group.close_at(clock::now());
            done()
        }
        (JMeterObject::ThreadGroup, "numberOfActiveThreads", []) => {
            Some(Ok(Value::Int(user.group.active.load(Ordering::Relaxed) as i32)))
        }
        (JMeterObject::Engine, "stopTest", []) => {
            user.run.stop.raise(StopLevel::Now);
            done()
        }
        (JMeterObject::Engine, "stopTest", [Value::Boolean(now)]) => {
            user.run.stop.raise(if *now { StopLevel::Now } else { StopLevel::Shutdown });
            done()
        }
        (JMeterObject::Engine, "askThreadsToStop", []) => {
            user.run.stop.ask();
            done()
        }
        (JMeterObject::FileServer, "getBaseDir", []) => Some(Ok(Value::string(user.run.base_dir.to_string_lossy()))),
        (JMeterObject::FileServer, "getScriptName", []) => Some(Ok(Value::String(Text::clone(&user.run.plan_name)))),
        _ => None,
    }
}
