//! What the collectors of a sample read of it, so that the rest is not kept until it is written.

use super::charset::META_SEARCHED;
use super::sample_result::{HttpDetails, SampleResult};
use super::save_config::SaveConfig;
use crate::text::{self, Text};
use bytes::Bytes;

/// What some collectors read of a sample, beside its name, code, times and sizes. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Response bodies.
    pub response_data: When,
    /// What was sent.
    pub sampler_data: When,
    /// Response heads.
    pub response_headers: bool,
    /// Request heads.
    pub request_headers: bool,
    /// The response's charset.
    pub encoding: bool,
    /// What assertions said.
    pub assertions: bool,
    /// Sub-samples.
    pub sub_results: bool,
    /// Whether it is one of HTTP.
    pub kind: bool,
    /// Of failed samples what was sent and what came back, so many bytes of a body at most; `None` where nobody shows it.
    pub failures: Option<usize>,
    /// All of every sample, not only its row and its figures.
    pub every_sample: bool,
}

/// Of which samples something is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Of none.
    #[default]
    Never,
    /// Of failed ones.
    OnFailure,
    /// Of all.
    Always,
}

impl When {
    fn applies_to(self, sample: &SampleResult) -> bool {
        match self {
            When::Never => false,
            When::OnFailure => !sample.successful,
            When::Always => true,
        }
    }
}

impl Needs {
    /// What a result file with these settings reads.
    pub fn of_file(save: &SaveConfig) -> Needs {
        if !save.xml {
            return Needs {
                encoding: save.encoding,
                assertions: save.assertion_results_failure_message,
                sub_results: save.subresults,
                // The charset of HTML stands in its body.
                kind: save.encoding,
                ..Needs::default()
            };
        }
        let data = |wanted: bool| match (wanted || save.functional_mode, save.response_data_on_error) {
            (true, _) => When::Always,
            (false, true) => When::OnFailure,
            (false, false) => When::Never,
        };
        Needs {
            response_data: data(save.response_data),
            sampler_data: data(save.sampler_data),
            response_headers: save.response_headers,
            request_headers: save.request_headers,
            encoding: save.encoding,
            assertions: save.assertions,
            sub_results: save.subresults,
            kind: true,
            failures: None,
            every_sample: false,
        }
    }

    /// What a page or a table of failures reads; of the exchanges themselves, `failures`.
    pub fn of_failures(failures: Option<usize>) -> Needs {
        Needs { assertions: true, sub_results: true, failures, ..Needs::default() }
    }

    /// What either reads.
    #[must_use]
    pub fn union(self, other: Needs) -> Needs {
        Needs {
            response_data: self.response_data.max(other.response_data),
            sampler_data: self.sampler_data.max(other.sampler_data),
            response_headers: self.response_headers || other.response_headers,
            request_headers: self.request_headers || other.request_headers,
            encoding: self.encoding || other.encoding,
            assertions: self.assertions || other.assertions,
            sub_results: self.sub_results || other.sub_results,
            kind: self.kind || other.kind,
            failures: self.failures.max(other.failures),
            every_sample: self.every_sample || other.every_sample,
        }
    }

    /// How many bytes of a body are to be kept where nobody but result files looks at it; `None` for all.
    pub fn beginning_of_body(&self) -> Option<u64> {
        match self.response_data {
            When::Never => {
                // Any sample may turn out to have failed.
                let shown = self.failures.unwrap_or(0);
                Some((if self.encoding { shown.max(META_SEARCHED) } else { shown }) as u64)
            }
            // Whether a sample has failed is known when its body is gone.
            When::OnFailure | When::Always => None,
        }
    }

    /// What will be read of a sample. Everything that is read is as it was, sizes too; what is not is never taken hold
    /// of, for each text that is given up again on another thread makes both wait.
    pub fn part_of(&self, sample: &SampleResult) -> SampleResult {
        let shown = self.failures.filter(|_| !sample.successful);
        let keeps_data =
            self.response_data.applies_to(sample) || sample.response_data.len() <= shown.unwrap_or_default();
        let keeps_charset = self.encoding || shown.is_some() || keeps_data && !sample.response_data.is_empty();
        let is_shown = shown.is_some();
        let keeps_sent = is_shown || self.sampler_data.applies_to(sample);
        // What a refusal says of the limit is held against the limit when the run has ended.
        let keeps_head = self.response_headers || is_shown || matches!(&*sample.response_code, "429" | "503");
        SampleResult {
            label: Text::clone(&sample.label),
            response_code: Text::clone(&sample.response_code),
            response_message: Text::clone(&sample.response_message),
            successful: sample.successful,
            thread_name: Text::clone(&sample.thread_name),
            data_type: sample.data_type.clone(),
            start: sample.start,
            end: sample.end,
            intended: sample.intended,
            elapsed: sample.elapsed,
            latency: sample.latency,
            connect: sample.connect,
            idle: sample.idle,
            bytes: sample.bytes,
            sent_bytes: sample.sent_bytes,
            headers_size: sample.headers_size,
            // What follows from the body must outlive it.
            body_size: if keeps_data { sample.body_size } else { sample.body_size_as_long() },
            group_threads: sample.group_threads,
            all_threads: sample.all_threads,
            url: sample.url.clone(),
            data_encoding: match keeps_charset {
                true if !keeps_data => sample.known_encoding().map(Into::into),
                true => sample.data_encoding.clone(),
                false => None,
            },
            content_type: if keeps_charset { Text::clone(&sample.content_type) } else { text::empty() },
            response_data: match shown {
                _ if keeps_data => sample.response_data.clone(),
                // A slice would keep all of it.
                Some(most) => Bytes::copy_from_slice(&sample.response_data[..most]),
                None => Bytes::new(),
            },
            response_headers: if keeps_head { Text::clone(&sample.response_headers) } else { text::empty() },
            request_headers: if self.request_headers || is_shown {
                Text::clone(&sample.request_headers)
            } else {
                text::empty()
            },
            sampler_data: if keeps_sent { sample.sampler_data.clone() } else { None },
            http: match &sample.http {
                Some(http) if keeps_sent => Some(http.clone()),
                Some(http) if self.kind => {
                    Some(Box::new(HttpDetails { method: Text::clone(&http.method), ..HttpDetails::default() }))
                }
                _ => None,
            },
            sub_results: if self.sub_results {
                sample.sub_results.iter().map(|sub| self.part_of(sub)).collect()
            } else {
                Vec::new()
            },
            assertion_results: if self.assertions { sample.assertion_results.clone() } else { Vec::new() },
            result_file_name: Text::clone(&sample.result_file_name),
            sample_count: sample.sample_count,
            is_transaction: sample.is_transaction,
            ignore: sample.ignore,
            action: sample.action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::SampleEvent;
    use crate::results::jtl_csv::CsvFormat;
    use crate::results::jtl_xml::XmlFormat;
    use crate::results::samples_for_tests::{all_flags, awkward_event, default_flags};

    #[test]
    fn defaults_read_no_data() {
        let needs = Needs::of_file(&default_flags());
        assert_eq!(needs, Needs { assertions: true, sub_results: true, ..Needs::default() });
        let xml = SaveConfig { xml: true, response_data_on_error: true, ..default_flags() };
        let needs = Needs::of_file(&xml).union(needs);
        assert_eq!((needs.response_data, needs.sampler_data), (When::OnFailure, When::OnFailure));
    }

    #[test]
    fn of_failures_the_beginning_is_left() {
        let needs = Needs::of_failures(Some(3)).union(Needs::of_file(&default_flags()));
        assert_eq!(needs.beginning_of_body(), Some(3));
        for (successful, left) in [(false, &b"abc"[..]), (true, b"")] {
            let mut sample = awkward_event().result;
            sample.successful = successful;
            sample.response_data = Bytes::from_static(b"abcdef");
            sample.request_headers = "Host: h\n".into();
            let sample = needs.part_of(&sample);
            assert_eq!((&*sample.response_data, sample.body_size), (left, 6));
            assert_eq!(sample.request_headers.is_empty(), successful);
        }
    }

    #[test]
    fn what_is_taken_out_was_not_written() {
        for config in [
            default_flags(),
            all_flags(),
            SaveConfig { xml: true, ..all_flags() },
            SaveConfig { xml: true, response_data: false, sampler_data: false, ..all_flags() },
            SaveConfig { xml: true, ..default_flags() },
        ] {
            let written = |event: &_| {
                let mut out = Vec::new();
                if config.xml {
                    XmlFormat::new(&config).write_event(event, &mut out);
                } else {
                    CsvFormat::new(&config, None).write_event(event, &mut out);
                }
                String::from_utf8(out).unwrap()
            };
            let mut event = awkward_event();
            event.result.http = Some(Box::default());
            event.result.content_type = "text/html".into();
            event.result.data_encoding = None;
            event.result.response_data =
                Bytes::from_static(b"<meta http-equiv=\"content-type\" content=\"text/html; charset=UTF-8\">");
            let before = written(&event);
            for shown in [None, Some(10)] {
                let needs = Needs::of_failures(shown).union(Needs::of_file(&config));
                let part = needs.part_of(&event.result);
                assert_eq!(written(&SampleEvent { result: Box::new(part), ..event.clone() }), before);
            }
            *event.result = Needs::of_file(&config).part_of(&event.result);
            assert_eq!(written(&event), before);
        }
    }
}
