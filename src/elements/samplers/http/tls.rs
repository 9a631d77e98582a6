//! What properties ask of TLS (`JsseSSLManager`, `LazyLayeredConnectionSocketFactory`), as far as it is there.

use crate::elements::configs::read_store;
use crate::elements::{Compile, Severity};
use crate::http::{TlsDemands, TlsSettings, TlsVersion, Trust, certificates_of_pem, has_cipher_suite};
use crate::keystore::KeyStore;
use crate::properties::Properties;
use std::path::Path;

/// The settings of the run, and what is to be said about them.
pub(super) fn settings(properties: &Properties) -> (TlsSettings, Vec<(Severity, String)>) {
    let mut problems = Vec::new();
    let mut demands = TlsDemands::default();
    let names = |property: &str| -> Option<Vec<String>> {
        let names = properties.text_or(property, "");
        let names: Vec<String> = names.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (!names.is_empty()).then_some(names)
    };
    let protocol = properties.text_or("https.default.protocol", "TLS");
    demands.versions = match &*protocol {
        "TLS" | "SSL" | "Default" | "TLSv1.3" => None,
        "TLSv1.2" => Some(vec![TlsVersion::V1_2]),
        // Java 17 has no more of these than their names.
        "SSLv3" | "TLSv1" | "TLSv1.1" => Some(Vec::new()),
        other => {
            problems.push((Severity::Warning, format!("https.default.protocol={other} is unknown, TLS is used")));
            None
        }
    };
    if let Some(asked) = names("https.socket.protocols") {
        let version = |name: &String| match name.as_str() {
            "TLSv1.3" => Some(TlsVersion::V1_3),
            "TLSv1.2" => Some(TlsVersion::V1_2),
            _ => None,
        };
        demands.versions = Some(asked.iter().filter_map(version).collect());
    }
    if demands.versions.as_ref().is_some_and(Vec::is_empty) {
        let words = "https.default.protocol or https.socket.protocols ask for what neither Java 17 nor Rotameter \
                     speaks: no TLS connection can be made; there are TLSv1.2 and TLSv1.3";
        problems.push((Severity::Warning, words.to_owned()));
    }
    demands.cipher_suites = names("https.cipherSuites").or_else(|| names("https.socket.ciphers"));
    if let Some(asked) = &demands.cipher_suites {
        let missing: Vec<&str> = asked.iter().map(String::as_str).filter(|name| !has_cipher_suite(name)).collect();
        if missing.len() == asked.len() {
            let words =
                format!("https.cipherSuites: none of {} is there: no TLS connection can be made", missing.join(", "));
            problems.push((Severity::Unsupported, words));
        } else if !missing.is_empty() {
            problems.push((Severity::Warning, format!("https.cipherSuites: left out {}", missing.join(", "))));
        }
    }
    demands.shares_sessions = properties.bool_or("https.sessioncontext.shared", false);
    match trust(properties) {
        Ok(trust) => demands.trust = trust,
        Err(flaw) => problems.push((Severity::Error, flaw)),
    }
    (TlsSettings::new(demands), problems)
}

/// Whom to trust: everybody, as JMeter does, unless `tls_verify` says otherwise. Then it is the authorities of a file, of
/// Java's trust store, or of the system.
fn trust(properties: &Properties) -> Result<Trust, String> {
    if &*properties.text_or("tls_verify", "off") != "on" {
        return Ok(Trust::All);
    }
    let system = |name: &str| properties.system().get(name);
    let own = properties.text_or("tls_verify.ca_file", "");
    let found = if !own.is_empty() {
        let told = |why: &dyn std::fmt::Display| format!("tls_verify.ca_file={own}: {why}");
        let pem = read_store(Path::new(&*own)).map_err(|error| told(&error))?;
        certificates_of_pem(&pem).map_err(|error| told(&error))?
    } else if let Some(file) = system("javax.net.ssl.trustStore").filter(|file| !file.is_empty()) {
        let told = |why: &dyn std::fmt::Display| format!("javax.net.ssl.trustStore={file}: {why}");
        let bytes = read_store(Path::new(&*file)).map_err(|error| told(&error))?;
        let password = system("javax.net.ssl.trustStorePassword");
        KeyStore::read_trusted(&bytes, password.as_deref()).map_err(|error| told(&error))?.trusted
    } else {
        rustls_native_certs::load_native_certs().certs.iter().map(|certificate| certificate.to_vec()).collect()
    };
    if found.is_empty() {
        return Err("tls_verify: there is no authority to trust; --tls-verify=FILE names some, as PEM".to_owned());
    }
    Ok(Trust::Roots(found))
}

/// Notes what is to be said.
pub(super) fn tell(compile: &mut Compile<'_>, problems: Vec<(Severity, String)>) {
    for (severity, words) in problems {
        compile.problem(severity, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::SystemProperties;

    fn told(pairs: &[(&str, &str)]) -> Vec<String> {
        let properties = Properties::new(SystemProperties::default());
        for (name, value) in pairs {
            properties.set(*name, *value);
        }
        settings(&properties).1.into_iter().map(|(severity, words)| format!("{severity:?}: {words}")).collect()
    }

    #[test]
    fn what_cannot_be_is_said() {
        assert_eq!(told(&[]), Vec::<String>::new());
        assert_eq!(told(&[("https.socket.protocols", "TLSv1 TLSv1.2")]), Vec::<String>::new());
        assert!(told(&[("https.default.protocol", "SSLv3")])[0].contains("no TLS connection can be made"));
        assert!(told(&[("https.default.protocol", "SSLv3"), ("https.socket.protocols", "TLSv1.3")]).is_empty());
        assert_eq!(
            told(&[("https.cipherSuites", "TLS_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA")]),
            ["Warning: https.cipherSuites: left out TLS_RSA_WITH_AES_128_CBC_SHA"]
        );
        assert!(told(&[("https.cipherSuites", "TLS_RSA_WITH_AES_128_CBC_SHA")])[0].starts_with("Unsupported: "));
        assert_eq!(
            told(&[("tls_verify", "on"), ("tls_verify.ca_file", "/no/such/file")]),
            ["Error: tls_verify.ca_file=/no/such/file: No such file or directory (os error 2)"]
        );
    }
}
