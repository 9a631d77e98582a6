//! Findings as a page in one file.

use super::finding::Finding;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}\
h2{margin:2em 0 .3em}figure{margin:1em 0}svg{width:100%}svg text{font-size:11px;fill:currentColor}\
rect.accepted{fill:#2a9d5c}rect.rejected{fill:#d1495b}rect.wait{fill:#8884}path.envelope{fill:none;stroke:#3a6ea5;stroke-width:1.5}\
b.accepted{color:#2a9d5c}b.rejected{color:#d1495b}b.envelope{color:#3a6ea5}b.wait{color:#888}\
p.answer{font-size:1.15em}pre{background:#8881;padding:.7em;overflow:auto;white-space:pre-wrap}\
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e6e6e6}}";

/// A page that says what `rotameter limits` says.
pub fn page(title: &str, findings: &[(String, Finding)]) -> String {
    let title = escaped(title);
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Rate limits: {title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\n\
         <h1>Rate limits</h1>\n<p>{title}</p>\n"
    );
    for (resource, finding) in findings {
        text.push_str(&format!(
            "<h2>{}</h2>\n<p>{} requests, {} of them refused, in {:.1} s</p>\n<p class=\"answer\">{}</p>\n",
            escaped(resource),
            finding.samples,
            finding.rejects,
            finding.duration.as_secs_f64(),
            escaped(&finding.answer())
        ));
        if finding.rejects > 0 {
            text.push_str(&finding.timeline.svg());
        }
        let details = finding.details();
        if !details.is_empty() {
            text.push_str(&format!("<pre>{}</pre>\n", escaped(&details.join("\n"))));
        }
    }
    text.push_str("</body></html>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
