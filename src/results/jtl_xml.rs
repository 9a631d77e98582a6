//! Samples as XML, byte for byte as JMeter writes them through XStream (`SampleResultConverter`, `HTTPResultConverter`).

use super::jtl_csv::timestamp_of;
use super::save_config::SaveConfig;
use super::unassigned::is_unassigned;
use super::{AssertionResult, DataType, SampleEvent, SampleResult, charset};
use std::io::Write;

/// The tag that ends a result file; where a file goes on, it is cut off first.
pub(super) const END_TAG: &str = "</testResults>";

/// A file shorter than JMeter's declaration and an empty `<testResults>` cannot be gone on with
/// (`ResultCollector.MIN_XML_FILE_LEN`).
pub(super) const SHORTEST_FILE: u64 = (DECLARATION.len() + "<testResults>".len() + END_TAG.len()) as u64;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
const INDENT: &str = "  ";

/// Writes samples as XML.
pub struct XmlFormat {
    config: SaveConfig,
    /// ` name="` of each sample variable.
    variable_attributes: Vec<String>,
}

impl XmlFormat {
    /// A format for `config`.
    pub fn new(config: &SaveConfig) -> XmlFormat {
        let variable_attributes =
            config.sample_variables.iter().map(|name| format!(" {}=\"", xstream_name(name))).collect();
        XmlFormat { config: config.clone(), variable_attributes }
    }

    /// Appends what a new file begins with.
    pub fn write_header(&self, out: &mut Vec<u8>) {
        let pi = &self.config.xml_pi;
        for part in [DECLARATION, "\n", pi, if pi.is_empty() { "" } else { "\n" }, "<testResults version=\"1.2\">\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    /// Appends what a file ends with, whatever its settings.
    pub fn write_footer(out: &mut Vec<u8>) {
        out.push(b'\n');
        out.extend_from_slice(END_TAG.as_bytes());
        out.push(b'\n');
    }

    /// Appends a sample, with its sub-samples inside it if they are wanted.
    pub fn write_event(&self, event: &SampleEvent, out: &mut Vec<u8>) {
        self.write_sample(&event.result, event, 0, out);
        out.push(b'\n');
    }

    fn write_sample(&self, sample: &SampleResult, event: &SampleEvent, depth: usize, out: &mut Vec<u8>) {
        let tag = if sample.http.is_some() { "httpSample" } else { "sample" };
        open_tag(out, depth, tag);
        self.write_attributes(sample, event, out);
        // The tag is closed as an empty one unless something follows it.
        out.push(b'>');
        let empty = out.len();

        let depth_of_children = depth + 1;
        if self.config.assertions {
            for assertion in &sample.assertion_results {
                write_assertion(assertion, depth_of_children, out);
            }
        }
        if self.config.subresults {
            for sub in &sample.sub_results {
                out.push(b'\n');
                self.write_sample(sub, event, depth_of_children, out);
            }
        }
        self.write_texts(sample, depth_of_children, out);

        if out.len() == empty {
            out.truncate(empty - 1);
            out.extend_from_slice(b"/>");
        } else {
            out.push(b'\n');
            indent(out, depth);
            close_tag(out, tag);
        }
    }

    fn write_attributes(&self, sample: &SampleResult, event: &SampleEvent, out: &mut Vec<u8>) {
        let config = &self.config;
        number_attribute(out, config.time, "t", sample.elapsed_millis());
        number_attribute(out, config.idle_time, "it", sample.idle_millis());
        number_attribute(out, config.latency, "lt", sample.latency_millis());
        number_attribute(out, config.connect_time, "ct", sample.connect_millis());
        number_attribute(out, config.timestamp, "ts", timestamp_of(sample, config).millis());

        let encoding = if config.encoding { sample.known_encoding() } else { None };
        for (wanted, name, value) in [
            (config.success, "s", if sample.successful { "true" } else { "false" }),
            (config.label, "lb", &*sample.label),
            (config.code, "rc", &*sample.response_code),
            (config.message, "rm", &*sample.response_message),
            (config.thread_name, "tn", &*sample.thread_name),
            (config.data_type, "dt", sample.data_type.as_str()),
            (config.encoding, "de", encoding.as_deref().unwrap_or("")),
        ] {
            if wanted {
                attribute(out, name, value);
            }
        }

        number_attribute(out, config.bytes, "by", sample.bytes_as_long());
        number_attribute(out, config.sent_bytes, "sby", sample.sent_bytes);
        number_attribute(out, config.sample_count, "sc", sample.sample_count);
        number_attribute(out, config.sample_count, "ec", sample.error_count());
        number_attribute(out, config.thread_counts, "ng", sample.group_threads);
        number_attribute(out, config.thread_counts, "na", sample.all_threads);
        if config.hostname {
            attribute(out, "hn", &config.local_host_name);
        }
        for (index, start) in self.variable_attributes.iter().enumerate() {
            let value = event.variables.get(index).and_then(Option::as_deref);
            out.extend_from_slice(start.as_bytes());
            escape(out, value.unwrap_or(""), Place::Attribute);
            out.push(b'"');
        }
    }

    /// Everything in elements of its own, in JMeter's order.
    fn write_texts(&self, sample: &SampleResult, depth: usize, out: &mut Vec<u8>) {
        let config = &self.config;
        if config.response_headers {
            string_element(out, depth, "responseHeader", &sample.response_headers);
        }
        if config.request_headers {
            string_element(out, depth, "requestHeader", &sample.request_headers);
        }
        let of_failure = config.functional_mode || (config.response_data_on_error && !sample.successful);
        if config.response_data || of_failure {
            self.write_response_data(sample, depth, out);
        }
        if config.file_name {
            string_element(out, depth, "responseFile", &sample.result_file_name);
        }
        if config.sampler_data || of_failure {
            if let Some(http) = &sample.http {
                string_element(out, depth, "cookies", &http.cookies);
                if !http.method.is_empty() {
                    string_element(out, depth, "method", &http.method);
                }
                string_element(out, depth, "queryString", &http.query_string);
                if let Some(location) = &http.redirect_location {
                    string_element(out, depth, "redirectLocation", location);
                }
            } else if let Some(data) = &sample.sampler_data {
                string_element(out, depth, "samplerData", data);
            }
        }
        if config.url {
            match &sample.url {
                Some(url) => plain_element(out, depth, "java.net.URL", url),
                // XStream writes what is not there for HTTP samples, whose converter does not look first.
                None if sample.http.is_some() => {
                    out.push(b'\n');
                    open_tag(out, depth, "null");
                    out.extend_from_slice(b"/>");
                }
                None => {}
            }
        }
    }

    fn write_response_data(&self, sample: &SampleResult, depth: usize, out: &mut Vec<u8>) {
        const TAG: &str = "responseData";
        if sample.data_type != DataType::Text {
            let kind = sample.data_type.as_str();
            return string_element(out, depth, TAG, &format!("Non-TEXT response data, cannot record: ({kind})"));
        }
        let known = sample.known_encoding().filter(|encoding| !encoding.is_empty());
        let encoding = known.as_deref().unwrap_or(&self.config.default_encoding);
        match charset::decode(encoding, &sample.response_data) {
            Some(text) => string_element(out, depth, TAG, &text),
            None => string_element(
                out,
                depth,
                TAG,
                &format!(
                    "Unsupported encoding in response data, cannot record: java.io.UnsupportedEncodingException: {encoding}"
                ),
            ),
        }
    }
}

fn write_assertion(assertion: &AssertionResult, depth: usize, out: &mut Vec<u8>) {
    const TAG: &str = "assertionResult";
    out.push(b'\n');
    open_tag(out, depth, TAG);
    out.push(b'>');
    plain_element(out, depth + 1, "name", &assertion.name);
    plain_element(out, depth + 1, "failure", if assertion.failure { "true" } else { "false" });
    plain_element(out, depth + 1, "error", if assertion.error { "true" } else { "false" });
    if let Some(message) = &assertion.message {
        plain_element(out, depth + 1, "failureMessage", message);
    }
    out.push(b'\n');
    indent(out, depth);
    close_tag(out, TAG);
}

fn indent(out: &mut Vec<u8>, depth: usize) {
    (0..depth).for_each(|_| out.extend_from_slice(INDENT.as_bytes()));
}

fn open_tag(out: &mut Vec<u8>, depth: usize, tag: &str) {
    indent(out, depth);
    out.push(b'<');
    out.extend_from_slice(tag.as_bytes());
}

fn close_tag(out: &mut Vec<u8>, tag: &str) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(tag.as_bytes());
    out.push(b'>');
}

fn attribute_start(out: &mut Vec<u8>, name: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
}

fn attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    attribute_start(out, name);
    escape(out, value, Place::Attribute);
    out.push(b'"');
}

fn number_attribute(out: &mut Vec<u8>, wanted: bool, name: &str, value: impl itoa::Integer) {
    if wanted {
        attribute_start(out, name);
        out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
        out.push(b'"');
    }
}

/// A line with an element; an empty text does not make it an empty-element tag.
fn plain_element(out: &mut Vec<u8>, depth: usize, tag: &str, value: &str) {
    out.push(b'\n');
    open_tag(out, depth, tag);
    out.push(b'>');
    escape(out, value, Place::Text);
    close_tag(out, tag);
}

fn string_element(out: &mut Vec<u8>, depth: usize, tag: &str, value: &str) {
    out.push(b'\n');
    open_tag(out, depth, tag);
    out.extend_from_slice(b" class=\"java.lang.String\">");
    escape(out, value, Place::Text);
    close_tag(out, tag);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Attribute,
    Text,
}

/// Escapes as XStream's `PrettyPrintWriter` does in its "quirks" mode: what XML cannot hold becomes a reference all
/// the same, which no parser takes, and so do controls and characters that Java does not know.
fn escape(out: &mut Vec<u8>, value: &str, place: Place) {
    let mut written = 0;
    for (at, c) in value.char_indices() {
        let entity: &[u8] = match c {
            '&' => b"&amp;",
            '<' => b"&lt;",
            '>' => b"&gt;",
            '"' => b"&quot;",
            '\'' => b"&apos;",
            '\t' | '\n' if place == Place::Text => continue,
            ' '..='~' => continue,
            c if c.is_control() || is_unassigned(c) => b"",
            _ => continue,
        };
        out.extend_from_slice(&value.as_bytes()[written..at]);
        written = at + c.len_utf8();
        if entity.is_empty() {
            // Writing to a vector cannot fail.
            let _ = write!(out, "&#x{:x};", u32::from(c));
        } else {
            out.extend_from_slice(entity);
        }
    }
    out.extend_from_slice(&value.as_bytes()[written..]);
}

/// A name as XStream's `XmlFriendlyNameCoder` spells it: `a_b` is `a__b`, `$` is `_-`, and what no XML name may hold
/// becomes `_.` and four hexadecimal digits for each UTF-16 code unit. Beyond ASCII, where XStream follows the lists of
/// XML 1.0's first edition, letters and digits are taken to be those of Unicode.
fn xstream_name(name: &str) -> String {
    let mut coded = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        let first = at == 0;
        match c {
            '$' => coded.push_str("_-"),
            '_' => coded.push_str("__"),
            'a'..='z' | 'A'..='Z' | ':' => coded.push(c),
            '0'..='9' | '-' | '.' | '·' if !first => coded.push(c),
            '\u{80}'..='\u{FFFF}' if c.is_alphabetic() || (!first && c.is_alphanumeric()) => coded.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| coded.push_str(&format!("_.{unit:04x}"))),
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples_for_tests::{all_flags, awkward_event, no_flags};

    fn written(config: &SaveConfig, event: &SampleEvent) -> String {
        let mut out = Vec::new();
        XmlFormat::new(config).write_event(event, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// Expectations are what JMeter 5.6.2 wrote for the same samples.
    #[test]
    fn everything_of_a_sample() {
        const LABEL: &str =
            "L&#x0;&#x1;&#x9;&#xa;&#xd;&#x7f;&#x85;&#x378;&#xffff;😀&#xfffe;\u{2028}&apos;&quot;&lt;&gt;&amp;";
        const VARIABLES: &str = "a__b=\"1\" x_-y=\"2&quot;&apos;&lt;&gt;&amp;&#x9;&#xa;&#xd;&#x1;&#x85;\" \
                                 _.0031st=\"3\" sp_.0020ace=\"4\" é=\"5\" =\"\" end=\"\"";
        let config = SaveConfig { xml: true, ..all_flags() };
        let expected = format!(
            r#"<sample t="0" it="0" lt="0" ct="0" ts="0" s="true" lb="{LABEL}" rc="200" rm="m" tn="T 1-1" dt="text" de="UTF-8" by="19" sby="0" sc="1" ec="0" ng="0" na="0" hn="vm" {VARIABLES}>
  <assertionResult>
    <name>n&lt;</name>
    <failure>false</failure>
    <error>false</error>
  </assertionResult>
  <assertionResult>
    <name>n2</name>
    <failure>true</failure>
    <error>false</error>
    <failureMessage>bad
&lt;x&gt;</failureMessage>
  </assertionResult>
  <assertionResult>
    <name>n3</name>
    <failure>false</failure>
    <error>true</error>
    <failureMessage></failureMessage>
  </assertionResult>
  <sample t="0" it="0" lt="0" ct="0" ts="0" s="false" lb="{LABEL}-0" rc="" rm="" tn="" dt="text" de="nope" by="1" sby="0" sc="1" ec="1" ng="0" na="0" hn="vm" {VARIABLES}>
    <sample t="0" it="0" lt="0" ct="0" ts="0" s="false" lb="{LABEL}-0-0" rc="" rm="" tn="" dt="bin" de="" by="1" sby="0" sc="1" ec="1" ng="0" na="0" hn="vm" {VARIABLES}>
      <responseHeader class="java.lang.String"></responseHeader>
      <requestHeader class="java.lang.String"></requestHeader>
      <responseData class="java.lang.String">Non-TEXT response data, cannot record: (bin)</responseData>
      <responseFile class="java.lang.String"></responseFile>
    </sample>
    <responseHeader class="java.lang.String"></responseHeader>
    <requestHeader class="java.lang.String"></requestHeader>
    <responseData class="java.lang.String">Unsupported encoding in response data, cannot record: java.io.UnsupportedEncodingException: nope</responseData>
    <responseFile class="java.lang.String"></responseFile>
  </sample>
  <responseHeader class="java.lang.String">H: 1
</responseHeader>
  <requestHeader class="java.lang.String"></requestHeader>
  <responseData class="java.lang.String">a	b
c&#xd;d&#x1;&#x7f;&#x85;é]]&gt;&#xffff;</responseData>
  <responseFile class="java.lang.String"></responseFile>
  <java.net.URL>http://h/p?a=b&amp;c=&apos;d&quot;&lt;&gt;</java.net.URL>
</sample>
"#
        );
        assert_eq!(written(&config, &awkward_event()), expected);
    }

    #[test]
    fn http_has_its_own_elements() {
        let mut event = awkward_event();
        event.result.sub_results.clear();
        event.result.assertion_results.clear();
        event.result.url = None;
        event.result.http = Some(Box::default());
        let config = SaveConfig { sampler_data: true, url: true, xml: true, ..no_flags() };
        let expected = "<httpSample>\n  <cookies class=\"java.lang.String\"></cookies>\n  \
                        <queryString class=\"java.lang.String\"></queryString>\n  <null/>\n</httpSample>\n";
        assert_eq!(written(&config, &event), expected);
    }

    #[test]
    fn nothing_inside_is_an_empty_tag() {
        let mut event = awkward_event();
        assert_eq!(written(&no_flags(), &event), "<sample/>\n");
        event.result.http = Some(Box::default());
        let config = SaveConfig { subresults: true, success: true, ..no_flags() };
        let expected = "<httpSample s=\"true\">\n  <sample s=\"false\">\n    <sample s=\"false\"/>\n  </sample>\n\
                        </httpSample>\n";
        assert_eq!(written(&config, &event), expected);
    }

    #[test]
    fn data_of_failures_only() {
        let mut event = awkward_event();
        event.result.sub_results.clear();
        event.result.sampler_data = Some(crate::text::Text::from("q"));
        let config = SaveConfig { response_data_on_error: true, ..no_flags() };
        assert_eq!(written(&config, &event), "<sample/>\n");
        event.result.successful = false;
        event.result.data_type = DataType::Unset;
        let expected = "<sample>\n  <responseData class=\"java.lang.String\">Non-TEXT response data, cannot record: ()\
                        </responseData>\n  <samplerData class=\"java.lang.String\">q</samplerData>\n</sample>\n";
        assert_eq!(written(&config, &event), expected);
    }

    #[test]
    fn begin_and_end() {
        let mut out = Vec::new();
        let format = XmlFormat::new(&SaveConfig { xml_pi: "<?pi?>".into(), ..no_flags() });
        format.write_header(&mut out);
        XmlFormat::write_footer(&mut out);
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?pi?>\n<testResults version=\"1.2\">\n\n\
                        </testResults>\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("😀", "_.d83d_.de00"),
            ("a\tb", "a_.0009b"),
            ("1 2", "_.0031_.00202"),
            ("a-b.c", "a-b.c"),
            ("", ""),
            ("$_é", "_-__é"),
        ] {
            assert_eq!(xstream_name(name), expected);
        }
    }
}
