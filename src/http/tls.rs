//! TLS: rustls, trusting every certificate unless told otherwise, as JMeter does; and its failures in JSSE's words.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, SupportedCipherSuite,
    SupportedProtocolVersion,
};

use super::client_certificate::{Certificate, UserKeys};
use super::failure::{Fault, SSL, SSL_HANDSHAKE};
use super::options::Version;

/// How many sessions a user remembers: one or two for each server.
const SESSIONS: usize = 16;
/// How many sessions all users together remember (`https.sessioncontext.shared`).
const SHARED_SESSIONS: usize = 1024;

/// What is asked of TLS. The default is JMeter's.
#[derive(Debug, Default)]
pub struct TlsDemands {
    /// Whom to trust.
    pub trust: Trust,
    /// The protocol versions to offer; all if there are none named.
    pub versions: Option<Vec<TlsVersion>>,
    /// The cipher suites to offer, by their standard names; all that there are if none are named. Those that are not
    /// there ([`has_cipher_suite`]) are left out.
    pub cipher_suites: Option<Vec<String>>,
    /// Whether all users resume each other's sessions; otherwise each begins with none.
    pub shares_sessions: bool,
}

/// Which servers' certificates are trusted.
#[derive(Debug, Default)]
pub enum Trust {
    /// All, as JMeter does.
    #[default]
    All,
    /// Those that certificates given as DER vouch for.
    Roots(Vec<Vec<u8>>),
}

/// The certificates in a PEM text, as DER.
pub fn certificates_of_pem(pem: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    CertificateDer::pem_slice_iter(pem)
        .map(|certificate| certificate.map(|der| der.to_vec()).map_err(io::Error::other))
        .collect()
}

/// A version of TLS that can be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2
    V1_2,
    /// TLS 1.3
    V1_3,
}

/// Whether a cipher suite can be offered, by its standard name.
pub fn has_cipher_suite(name: &str) -> bool {
    ring::ALL_CIPHER_SUITES.iter().any(|suite| is_called(suite, name))
}

fn is_called(suite: &SupportedCipherSuite, name: &str) -> bool {
    let known = suite.suite();
    let known = known.as_str().unwrap_or_default();
    known == name || known.strip_prefix("TLS13_").is_some_and(|rest| name.strip_prefix("TLS_") == Some(rest))
}

/// How TLS is spoken; made once, shared by all users.
#[derive(Debug)]
pub struct TlsSettings {
    config: Result<Arc<ClientConfig>, Fault>,
    /// Whether names are checked, so that the server's name must be known even where it is not sent.
    verifies: bool,
    /// The sessions, where all users share them.
    sessions: Option<Resumption>,
}

impl Default for TlsSettings {
    /// Trusts every certificate.
    fn default() -> Self {
        Self::new(TlsDemands::default())
    }
}

/// How one user speaks TLS.
#[derive(Debug, Clone)]
pub(super) struct UserTls {
    pub config: Arc<ClientConfig>,
    /// Where the client's certificate comes from when a server asks for one.
    pub keys: Option<Arc<UserKeys>>,
}

impl TlsSettings {
    /// Settings for these demands. What is wrong with them is told when a connection is made.
    pub fn new(demands: TlsDemands) -> Self {
        Self {
            verifies: !matches!(demands.trust, Trust::All),
            sessions: demands.shares_sessions.then(|| Resumption::in_memory_sessions(SHARED_SESSIONS)),
            config: config(demands).map(Arc::new),
        }
    }

    /// A configuration for one user: sessions are resumed by the user who began them, unless all share them.
    pub(super) fn for_user(&self, certificate: Option<Certificate>, version: Version) -> Result<UserTls, Fault> {
        let mut config = self.config.as_deref().map_err(Clone::clone)?.clone();
        config.alpn_protocols = version.offered().iter().map(|name| name.to_vec()).collect();
        config.resumption = self.sessions.clone().unwrap_or_else(|| Resumption::in_memory_sessions(SESSIONS));
        let keys = certificate.map(|certificate| Arc::new(UserKeys::new(certificate)));
        if let Some(keys) = &keys {
            config.client_auth_cert_resolver = Arc::clone(keys) as Arc<_>;
        }
        Ok(UserTls { config: Arc::new(config), keys })
    }

    /// The name to send and to check. JSSE sends no name without a dot; the peer's address stands for it then.
    pub(super) fn server_name(&self, host: &str, peer: std::net::IpAddr) -> ServerName<'static> {
        let sent = self.verifies || (host.contains('.') && !host.ends_with('.'));
        let name = sent.then(|| ServerName::try_from(host.to_owned()).ok()).flatten();
        name.unwrap_or_else(|| ServerName::IpAddress(peer.into()))
    }
}

fn config(demands: TlsDemands) -> Result<ClientConfig, Fault> {
    let flaw = |error: &dyn Error| Fault::new(SSL, error.to_string());
    let mut provider = ring::default_provider();
    if let Some(names) = &demands.cipher_suites {
        provider.cipher_suites.retain(|suite| names.iter().any(|name| is_called(suite, name)));
    }
    let versions: Vec<&SupportedProtocolVersion> = rustls::ALL_VERSIONS
        .iter()
        .copied()
        .filter(|version| {
            let own = if **version == rustls::version::TLS13 { TlsVersion::V1_3 } else { TlsVersion::V1_2 };
            demands.versions.as_ref().is_none_or(|asked| asked.contains(&own))
                && provider.cipher_suites.iter().any(|suite| suite.version() == *version)
        })
        .collect();
    if versions.is_empty() {
        let words = "No appropriate protocol (protocol is disabled or cipher suites are inappropriate)";
        return Err(Fault::new(SSL_HANDSHAKE, words));
    }
    let provider = Arc::new(provider);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions)
        .map_err(|error| flaw(&error))?;
    let verifier: Arc<dyn ServerCertVerifier> = match demands.trust {
        Trust::All => Arc::new(TrustAll),
        Trust::Roots(roots) => {
            let mut store = RootCertStore::empty();
            // Stores of real systems hold certificates that cannot be used here; those vouch for nobody.
            store.add_parsable_certificates(roots.into_iter().map(CertificateDer::from));
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
                .build()
                .map_err(|error| flaw(&error))?
        }
    };
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Trusts every certificate. That the peer holds the certificate's key is not checked, since any other certificate
/// would do as well: servers with certificates of old make, which rustls does not read, can be tested like others.
#[derive(Debug)]
struct TrustAll;

impl ServerCertVerifier for TrustAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    /// What Java 17 offers.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        use SignatureScheme as S;
        vec![
            S::ECDSA_NISTP256_SHA256,
            S::ECDSA_NISTP384_SHA384,
            S::ECDSA_NISTP521_SHA512,
            S::ED25519,
            S::ED448,
            S::RSA_PSS_SHA256,
            S::RSA_PSS_SHA384,
            S::RSA_PSS_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
            S::ECDSA_SHA1_Legacy,
            S::RSA_PKCS1_SHA1,
        ]
    }
}

/// The failure that an error stands for, if TLS is at its root.
pub(super) fn fault_of(error: &(dyn Error + 'static)) -> Option<Fault> {
    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(words(tls));
        }
        // An io::Error shows the source of its contents, not the contents.
        source = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn words(error: &rustls::Error) -> Fault {
    match error {
        rustls::Error::AlertReceived(alert) => {
            let camel = format!("{alert:?}");
            let mut snake = String::new();
            let mut after_small = false;
            for c in camel.chars() {
                if c.is_ascii_uppercase() && after_small {
                    snake.push('_');
                }
                after_small = c.is_ascii_lowercase();
                snake.push(c.to_ascii_lowercase());
            }
            Fault::new(class_of_alert(*alert), format!("Received fatal alert: {snake}"))
        }
        rustls::Error::InvalidMessage(_) => Fault::new(SSL, "Unsupported or unrecognized SSL message"),
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. },
        ) => Fault::new("javax.net.ssl.SSLPeerUnverifiedException", error.to_string()),
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::Expired | rustls::CertificateError::ExpiredContext { .. },
        ) => Fault::new(
            SSL_HANDSHAKE,
            "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed: \
             the certificate has expired",
        ),
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => Fault::new(
            SSL_HANDSHAKE,
            "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: \
             unable to find valid certification path to requested target",
        ),
        _ => Fault::new(SSL_HANDSHAKE, error.to_string()),
    }
}

/// Which exception an alert becomes (`sun.security.ssl.Alert.createSSLException`).
fn class_of_alert(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    match alert {
        A::UnexpectedMessage => "javax.net.ssl.SSLProtocolException",
        A::BadRecordMac
        | A::DecryptionFailed
        | A::RecordOverflow
        | A::DecompressionFailure
        | A::InternalError
        | A::InappropriateFallback
        | A::UserCanceled => SSL,
        _ => SSL_HANDSHAKE,
    }
}
