//! What was measured: samples, result files, statistics.

mod sample_result;

pub use sample_result::{
    AfterSample, AssertionResult, CollectorId, DataType, HttpDetails, LogicalAction, SampleEvent, SampleResult,
};
