//! What JMeter 5.6.2's own files define: the lines of `bin/jmeter.properties` and `bin/system.properties` that are
//! not commented out and bear upon a run without a GUI.
//!
//! Left out: `not_in_menu`, `gui.quick_*`, `remote_hosts`, `cookies`, `jdbc.config.*`, `csvdataset.file.encoding_list`,
//! `view.results.tree.renderers_order`, which only windows and remote runs read, and `beanshell.server.file` and
//! `upgrade_properties`, which name files of JMeter's installation.

/// `bin/jmeter.properties`, sorted by name.
pub(super) const JMETER_PROPERTIES: &[(&str, &str)] = &[
    ("HTTPResponse.parsers", "htmlParser wmlParser cssParser"),
    ("classfinder.functions.contain", ".functions."),
    ("classfinder.functions.notContain", ".gui."),
    ("cssParser.className", "org.apache.jmeter.protocol.http.parser.CssParser"),
    ("cssParser.types", "text/css"),
    ("htmlParser.className", "org.apache.jmeter.protocol.http.parser.LagartoBasedHtmlParser"),
    ("htmlParser.types", "text/html application/xhtml+xml application/xml text/xml"),
    ("jmeter.reportgenerator.apdex_satisfied_threshold", "500"),
    ("jmeter.reportgenerator.apdex_tolerated_threshold", "1500"),
    ("sampleresult.timestamp.start", "true"),
    ("summariser.name", "summary"),
    ("system.properties", "system.properties"),
    ("user.properties", "user.properties"),
    ("wmlParser.className", "org.apache.jmeter.protocol.http.parser.RegexpHTMLParser"),
    ("wmlParser.types", "text/vnd.wap.wml"),
];

/// `bin/system.properties`, which is read unless the working directory has a file of that name.
pub(super) const SYSTEM_PROPERTIES: &[(&str, &str)] = &[("sun.net.http.allowRestrictedHeaders", "true")];

/// `jmeter.version`, which is defined last and so cannot be changed by options.
pub(super) const VERSION: &str = "5.6.2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(JMETER_PROPERTIES.is_sorted());
        assert!(SYSTEM_PROPERTIES.is_sorted());
    }
}
