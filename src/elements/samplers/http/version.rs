//! Which HTTP a sampler speaks: what `http.version` says, or the "Client Behavior" of the BlazeMeter HTTP plugin's
//! sampler (`HTTP2ClientProfileConfig`, `HTTP2JettyClient.selectHttpClient`).

use crate::elements::{Compile, Severity};
use crate::http::Version;
use crate::text::Text;

const HTTP_VERSION: &str = "http.version";
/// The sampler's own properties, and the oldest of the prefixes that the plugin's JMeter properties may have.
const SAMPLER: &str = "HTTP2Sampler.";
/// The prefixes of the plugin's JMeter properties, the one that counts first first.
const PREFIXES: [&str; 3] = ["blazemeter.http.", SAMPLER, "httpJettyClient."];

/// What the run's property says; HTTP/1.1 without it.
pub(super) fn of_run(compile: &mut Compile<'_>) -> Version {
    let name = compile.shared.properties.text_or(HTTP_VERSION, "1.1");
    Version::named(&name).unwrap_or_else(|| {
        once(compile, Severity::Error, format!("{HTTP_VERSION}={name} is unknown: there are 1.1, 2 and auto"));
        Version::Http11
    })
}

/// What a sampler of the plugin says.
pub(super) fn of_plugin(compile: &mut Compile<'_>) -> Version {
    let upgrades = flag(compile, "http1_upgrade", "h2cUpgradeEnabled", false);
    let profile = compile.element.text("HTTP2Sampler.profile").trim().to_lowercase();
    let is_legacy = match &*profile {
        // Plans from before there were profiles.
        "" => upgrades && compile.element.property("HTTP2Sampler.profile").is_none(),
        profile => profile == "legacy",
    };
    let asks = |name: &str, default: bool| flag(compile, name, name, default);
    let (http1, http2, alpn) =
        (asks("enableHttp1", true), asks("enableHttp2", !is_legacy), asks("alpnEnabled", !is_legacy));
    let prior_knowledge = asks("http2PriorKnowledge", false);
    // By default the plugin speaks HTTP/3 to servers that offer it; only who asks for it is told that we do not.
    if asks("enableHttp3", false) {
        if !http1 && !http2 {
            compile.problem(Severity::Unsupported, "HTTP/3 is not spoken, and the sampler allows nothing else");
        } else {
            once(compile, Severity::Warning, "HTTP/3 is not spoken: HTTP/2 or HTTP/1.1 is, as allowed".to_owned());
        }
    }
    if upgrades && http1 && http2 && !prior_knowledge {
        let words = "an HTTP/1.1 connection is not upgraded to HTTP/2: cleartext requests go over HTTP/1.1, or over \
                     HTTP/2 with prior knowledge";
        once(compile, Severity::Warning, words.to_owned());
    }
    match (http2, http1) {
        (false, _) => Version::Http11,
        (true, false) => Version::Http2,
        (true, true) if !alpn && !prior_knowledge => Version::Http11,
        (true, true) if prior_knowledge => Version::AutoPriorKnowledge,
        (true, true) => Version::Auto,
    }
}

/// A flag of the sampler, else of the plugin's JMeter properties.
fn flag(compile: &Compile<'_>, own: &str, property: &str, default: bool) -> bool {
    let own = compile.element.get(&format!("{SAMPLER}{own}")).map(|value| Text::from(value.text()));
    let is_true = |text: Text| text.trim().eq_ignore_ascii_case("true");
    let of_run = || PREFIXES.iter().find_map(|prefix| compile.shared.properties.get(&format!("{prefix}{property}")));
    own.or_else(of_run).map_or(default, is_true)
}

/// Says once what holds for all samplers alike.
pub(super) fn once(compile: &mut Compile<'_>, severity: Severity, message: String) {
    if !compile.shared.diagnostics.iter().any(|known| known.message == message) {
        compile.problem(severity, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::Shared;
    use crate::elements::element_for_tests::element;
    use crate::properties::{Properties, SystemProperties};
    use crate::virtual_user::{Names, SlotAllocator};
    use std::path::PathBuf;

    /// What a sampler with these properties speaks in a run with those, and what is said of it.
    fn asked(
        ask: fn(&mut Compile<'_>) -> Version,
        own: &[(&str, &str)],
        run: &[(&str, &str)],
    ) -> (Version, Vec<(Severity, String)>) {
        let properties = Properties::new(SystemProperties::default());
        for (name, value) in run {
            properties.set(*name, *value);
        }
        let mut sampler = element("com.blazemeter.jmeter.http2.sampler.HTTP2Sampler");
        for (name, value) in own {
            sampler = sampler.with(&format!("{SAMPLER}{name}"), *value);
        }
        let mut shared = Shared {
            names: Names::default(),
            slots: SlotAllocator::default(),
            diagnostics: Vec::new(),
            properties,
            base_dir: PathBuf::new(),
            functional_mode: false,
            tree_error: None,
            waits: false,
            sampler_properties: None,
            reads_previous: false,
        };
        let mut compile = Compile { element: &sampler, configs: &[], shared: &mut shared, path: "" };
        // What is said once, is said once.
        let version = ask(&mut compile);
        assert_eq!(ask(&mut compile), version);
        (version, shared.diagnostics.into_iter().map(|said| (said.severity, said.message)).collect())
    }

    #[test]
    fn of_the_run() {
        let of = |name| asked(of_run, &[], &[("http.version", name)]);
        assert_eq!(asked(of_run, &[], &[]), (Version::Http11, vec![]));
        assert_eq!(of("1.1"), (Version::Http11, vec![]));
        assert_eq!(of("2"), (Version::Http2, vec![]));
        assert_eq!(of("auto"), (Version::Auto, vec![]));
        let words = "http.version=3 is unknown: there are 1.1, 2 and auto".to_owned();
        assert_eq!(of("3"), (Version::Http11, vec![(Severity::Error, words)]));
    }

    #[test]
    fn of_the_sampler() {
        let told = |own: &[(&str, &str)], run: &[(&str, &str)]| {
            let (version, said) = asked(of_plugin, own, run);
            assert_eq!(said, []);
            version
        };
        assert_eq!(told(&[], &[]), Version::Auto);
        assert_eq!(told(&[("profile", "Legacy")], &[]), Version::Http11);
        assert_eq!(told(&[("enableHttp2", "false")], &[]), Version::Http11);
        assert_eq!(told(&[("enableHttp1", "false")], &[]), Version::Http2);
        assert_eq!(told(&[("alpnEnabled", "false")], &[]), Version::Http11);
        assert_eq!(told(&[("http2PriorKnowledge", "true")], &[]), Version::AutoPriorKnowledge);
        assert_eq!(
            told(&[("http2PriorKnowledge", "true"), ("alpnEnabled", "false")], &[]),
            Version::AutoPriorKnowledge
        );
        // A profile says what its flags do not.
        assert_eq!(
            told(&[("profile", "legacy"), ("enableHttp2", "TRUE"), ("alpnEnabled", "true")], &[]),
            Version::Auto
        );
        // The run speaks where the sampler is silent; of its prefixes the newest counts.
        assert_eq!(told(&[], &[("blazemeter.http.enableHttp2", "false")]), Version::Http11);
        assert_eq!(told(&[("enableHttp2", "true")], &[("blazemeter.http.enableHttp2", "false")]), Version::Auto);
        let both = [("httpJettyClient.enableHttp1", "false"), ("HTTP2Sampler.enableHttp1", "true")];
        assert_eq!(told(&[], &both[..1]), Version::Http2);
        assert_eq!(told(&[], &both), Version::Auto);
        // The property that the run has for HTTP Requests is none of the plugin's.
        assert_eq!(told(&[], &[("http.version", "2")]), Version::Auto);
    }

    #[test]
    fn what_is_not_spoken_is_said() {
        let (version, said) = asked(of_plugin, &[("enableHttp3", "true")], &[]);
        assert_eq!((version, said.len(), said[0].0), (Version::Auto, 1, Severity::Warning));
        let alone = [("enableHttp3", "true"), ("enableHttp2", "false"), ("enableHttp1", "false")];
        let (_, said) = asked(of_plugin, &alone, &[]);
        assert_eq!(said[0].0, Severity::Unsupported);
        // A plan of the time before profiles that asks for the upgrade is of the old ways.
        let (version, said) = asked(of_plugin, &[("http1_upgrade", "true")], &[]);
        assert_eq!((version, said), (Version::Http11, vec![]));
        let (version, said) = asked(of_plugin, &[("http1_upgrade", "true"), ("profile", "browser")], &[]);
        assert_eq!((version, said.len()), (Version::Auto, 1));
        assert!(said[0].1.contains("not upgraded"), "{}", said[0].1);
    }
}
