//! What is counted of a sample.

use super::{Intended, SampleResult};
use crate::clock::Timestamp;
use std::time::Duration;

/// How the message of a Transaction Controller's sample begins; a colon and the number of its samples follow.
pub const TRANSACTION: &str = "Number of samples in transaction";

/// The figures of one sample, without those within it. Small, plain values: they go from a worker to the thread of results
/// without anything that both would have to count or free.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// What the schedule of a timer said of its start.
    pub intended: Option<Intended>,
    /// Its length, without waits.
    pub elapsed: Duration,
    /// [`SampleResult::elapsed_millis`]
    pub elapsed_millis: u64,
    /// From its start to the first byte of the answer.
    pub latency: Duration,
    /// From its start to the connection.
    pub connect: Duration,
    /// Bytes received.
    pub bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// How many samples it stands for.
    pub sample_count: u32,
    /// Whether it passed.
    pub successful: bool,
    /// Whether its code is that of an answer: three digits.
    pub is_answer: bool,
    /// Whether a Transaction Controller made it.
    pub is_transaction: bool,
    /// Whether its message says that it is the sum of others.
    pub sum: Sum,
}

/// Whether a sample is the sum of others, by its message (`StatisticsSummaryConsumer`, `Summariser`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sum {
    /// It is one of its own.
    #[default]
    None,
    /// That of a Transaction Controller.
    Transaction,
    /// That of a Transaction Controller without samples.
    EmptyTransaction,
}

impl Sum {
    fn of(message: &str) -> Sum {
        match message.strip_prefix(TRANSACTION).and_then(|rest| rest.strip_prefix(" : ")) {
            None => Sum::None,
            Some(number) if number.starts_with('0') => Sum::EmptyTransaction,
            Some(_) => Sum::Transaction,
        }
    }
}

impl Figures {
    /// Those of `sample`.
    pub fn of(sample: &SampleResult) -> Figures {
        let code = sample.response_code.as_bytes();
        Figures {
            start: sample.start,
            end: sample.end,
            intended: sample.intended,
            elapsed: sample.elapsed,
            elapsed_millis: sample.elapsed_millis(),
            latency: sample.latency,
            connect: sample.connect,
            bytes: sample.bytes_as_long(),
            sent_bytes: sample.sent_bytes,
            sample_count: sample.sample_count,
            successful: sample.successful,
            is_answer: code.len() == 3 && code.iter().all(u8::is_ascii_digit),
            is_transaction: sample.is_transaction,
            sum: Sum::of(&sample.response_message),
        }
    }
}
