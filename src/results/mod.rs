//! What was measured: samples, result files, statistics.

mod sample_result;

pub use sample_result::{
    AfterSample, AssertionResult, CollectorId, DataType, HttpDetails, LogicalAction, SampleEvent, SampleResult,
};
#[derive(Clone)]
pub struct BatchSender;
pub struct Closed(pub Vec<SampleEvent>);
impl BatchSender {
    pub async fn send(&self, _: Vec<SampleEvent>) -> Result<(), Closed> {
        Ok(())
    }
}
