//! TLS: rustls, trusting every certificate unless told otherwise, as JMeter does; and its failures in JSSE's words.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::failure::{Fault, SSL, SSL_HANDSHAKE};

/// How many sessions a user remembers: one or two for each server.
const SESSIONS: usize = 16;

/// How TLS is spoken; made once, shared by all users.
#[derive(Debug)]
pub struct TlsSettings {
    config: Result<Arc<ClientConfig>, String>,
    /// Whether names are checked, so that the server's name must be known even where it is not sent.
    verifies: bool,
}

/// A client's certificate chain and its key.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a chain and a key from PEM text; both may be in one text.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> io::Result<Self> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(io::Error::other)?;
        Ok(Self { chain, key })
    }

    /// From DER: the chain, the client's own certificate first, and a PKCS#8, PKCS#1 or SEC1 key.
    pub fn from_der(chain: Vec<Vec<u8>>, key: Vec<u8>) -> io::Result<Self> {
        let key = PrivateKeyDer::try_from(key).map_err(io::Error::other)?;
        Ok(Self { chain: chain.into_iter().map(CertificateDer::from).collect(), key })
    }
}

impl Default for TlsSettings {
    /// Trusts every certificate.
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl TlsSettings {
    /// Settings that trust every certificate, or only what the certificates in the PEM text `roots` vouch for; with a
    /// client certificate if `identity` is given. What is wrong with them is told when a connection is made.
    pub fn new(roots: Option<&[u8]>, identity: Option<Identity>) -> Self {
        Self { verifies: roots.is_some(), config: config(roots, identity).map(Arc::new) }
    }

    /// A configuration for one user: sessions are resumed by the user who began them only.
    pub(super) fn for_user(&self) -> Result<Arc<ClientConfig>, Fault> {
        let mut config = match &self.config {
            Ok(config) => ClientConfig::clone(config),
            Err(flaw) => return Err(Fault::new(SSL, flaw.clone())),
        };
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Arc::new(config))
    }

    /// The name to send and to check. JSSE sends no name without a dot; the peer's address stands for it then.
    pub(super) fn server_name(&self, host: &str, peer: std::net::IpAddr) -> ServerName<'static> {
        let sent = self.verifies || (host.contains('.') && !host.ends_with('.'));
        let name = sent.then(|| ServerName::try_from(host.to_owned()).ok()).flatten();
        name.unwrap_or_else(|| ServerName::IpAddress(peer.into()))
    }
}

fn config(roots: Option<&[u8]>, identity: Option<Identity>) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verifier: Arc<dyn ServerCertVerifier> = match roots {
        None => Arc::new(TrustAll(Arc::clone(&provider))),
        Some(pem) => {
            let mut store = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| error.to_string())?;
                store.add(certificate).map_err(|error| error.to_string())?;
            }
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
                .build()
                .map_err(|error| error.to_string())?
        }
    };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(Identity { chain, key }) => {
            builder.with_client_auth_cert(chain, key).map_err(|error| error.to_string())?
        }
    };
    config.alpn_protocols = Vec::new();
    Ok(config)
}

/// Trusts every certificate, though not a peer that does not hold its key.
#[derive(Debug)]
struct TrustAll(Arc<CryptoProvider>);

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
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
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
            for c in camel.chars() {
                if c.is_ascii_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.push(c.to_ascii_lowercase());
            }
            Fault::new(SSL_HANDSHAKE, format!("Received fatal alert: {snake}"))
        }
        rustls::Error::InvalidMessage(_) => Fault::new(SSL, "Unsupported or unrecognized SSL message"),
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. },
        ) => Fault::new("javax.net.ssl.SSLPeerUnverifiedException", error.to_string()),
        rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => Fault::new(
            SSL_HANDSHAKE,
            "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: \
             unable to find valid certification path to requested target",
        ),
        _ => Fault::new(SSL_HANDSHAKE, error.to_string()),
    }
}
