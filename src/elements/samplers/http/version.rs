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
