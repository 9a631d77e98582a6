//! Whether a script may look at what a server answered, judged by the words in its text.

/// Parts of all names by which a script comes to a result, or to code that is not in its text.
const WORDS: [&str; 13] = [
    "prev",
    "ctx",
    "data",
    "result",
    "context",
    "event",
    "eval",
    "source",
    "shell",
    "binding",
    "property(",
    "variable(",
    "class",
];

/// Whether a script of this text may read a sample's result. True where in doubt: a body that was let go cannot be had
/// again.
pub fn may_read_results(script: &str) -> bool {
    let script = script.to_lowercase();
    WORDS.iter().any(|word| script.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_name_no_result_read_none() {
        for script in [
            "vars.put('x', props.get('y')); log.info(sampler.getName())",
            "\"${status}\" == \"200\"",
            "new Random().nextInt(10)",
        ] {
            assert!(!may_read_results(script), "{script}");
        }
        for script in [
            "prev.getResponseCode()",
            "ctx.previousResult.responseDataAsString",
            "org.apache.jmeter.threads.JMeterContextService.getContext()",
            "SampleResult.setSuccessful(false)",
            "sampleEvent.getResult()",
            "new String(data)",
            "evaluate('pr' + 'ev')",
            "this.getProperty('pr' + 'ev')",
            "source(\"lib.bsh\")",
        ] {
            assert!(may_read_results(script), "{script}");
        }
    }
}
