//! What is on the class path of JMeter 5.6.2 under Java 17: a class of these packages is there for a plan's scripts,
//! whether or not this library has it.

/// Packages with all below them, sorted: Java's own, and those of the jars in JMeter's `lib` and `lib/ext`.
const PACKAGES: &[&str] = &[
    "bsh",
    "com.fasterxml.jackson",
    "com.github.benmanes.caffeine",
    "com.helger.commons",
    "com.helger.css",
    "com.jayway.jsonpath",
    "com.mongodb",
    "com.sun.activation",
    "com.sun.mail",
    "com.thoughtworks.xstream",
    "freemarker",
    "groovy",
    "io.burt.jmespath",
    "java",
    "javax.accessibility",
    "javax.activation",
    "javax.annotation.processing",
    "javax.crypto",
    "javax.imageio",
    "javax.jms",
    "javax.lang.model",
    "javax.mail",
    "javax.management",
    "javax.naming",
    "javax.net",
    "javax.print",
    "javax.rmi",
    "javax.script",
    "javax.security",
    "javax.sound",
    "javax.sql",
    "javax.swing",
    "javax.tools",
    "javax.transaction.xa",
    "javax.xml.catalog",
    "javax.xml.crypto",
    "javax.xml.datatype",
    "javax.xml.namespace",
    "javax.xml.parsers",
    "javax.xml.stream",
    "javax.xml.transform",
    "javax.xml.validation",
    "javax.xml.xpath",
    "jodd",
    "junit",
    "kotlin",
    "net.minidev.asm",
    "net.minidev.json",
    "net.sf.saxon",
    "org.apache.bsf",
    "org.apache.commons.cli",
    "org.apache.commons.codec",
    "org.apache.commons.collections",
    "org.apache.commons.collections4",
    "org.apache.commons.dbcp2",
    "org.apache.commons.io",
    "org.apache.commons.jexl2",
    "org.apache.commons.jexl3",
    "org.apache.commons.lang3",
    "org.apache.commons.logging",
    "org.apache.commons.math3",
    "org.apache.commons.net",
    "org.apache.commons.pool2",
    "org.apache.commons.text",
    "org.apache.groovy",
    "org.apache.hc",
    "org.apache.http",
    "org.apache.jmeter",
    "org.apache.jorphan",
    "org.apache.log4j",
    "org.apache.logging",
    "org.apache.oro",
    "org.apache.tika",
    "org.apache.xalan",
    "org.apache.xerces",
    "org.apache.xml",
    "org.apache.xpath",
    "org.bson",
    "org.codehaus.groovy",
    "org.hamcrest",
    "org.jsoup",
    "org.junit",
    "org.mozilla.javascript",
    "org.neo4j.driver",
    "org.slf4j",
    "org.w3c.dom",
    "org.w3c.tidy",
    "org.xbill.DNS",
    "org.xml.sax",
    "org.xmlpull.v1",
];

/// Whether JMeter has the class of this full name, as far as its package tells. What ends in a small letter's word is a
/// package itself.
pub fn has(class: &str) -> bool {
    let Some((package, name)) = class.rsplit_once('.') else { return false };
    let within = |known: &str| package.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    name.starts_with(char::is_uppercase) && PACKAGES.iter().any(|known| within(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_told_by_their_packages() {
        for class in ["java.util.zip.CRC32", "org.apache.commons.net.imap.IMAPClient", "org.apache.http.HttpEntity"] {
            assert!(has(class), "{class}");
        }
        // Jars that JMeter does not bring, what Java 17 no longer has, and packages.
        for class in
            ["org.apache.commons.lang.StringUtils", "javax.xml.bind.DatatypeConverter", "java.io", "javanese.X"]
        {
            assert!(!has(class), "{class}");
        }
        assert!(PACKAGES.is_sorted());
    }
}
