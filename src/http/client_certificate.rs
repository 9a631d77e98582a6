//! Certificates by which clients show who they are: all users share them, each user shows one of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::failure::{Fault, SSL};
use crate::text::Text;

/// Keys and certificates that users show in turn, or by name (`JmeterKeyStore`).
#[derive(Debug, Default)]
pub struct ClientKeys {
    keys: Vec<(Text, Arc<CertifiedKey>)>,
    next: AtomicUsize,
}

impl ClientKeys {
    /// Adds a key, PKCS #8, and its certificates, the key's own first, all as DER. The error says what is wrong.
    pub fn add(&mut self, alias: Text, chain: Vec<Vec<u8>>, key: Vec<u8>) -> Result<(), String> {
        let key = PrivateKeyDer::try_from(key)?;
        let key = any_supported_type(&key).map_err(|error| error.to_string())?;
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        self.keys.push((alias, Arc::new(CertifiedKey::new(chain, key))));
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none: servers that ask are told so.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn named(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        self.keys.iter().find(|(alias, _)| **alias == *name).map(|(_, key)| key)
    }

    fn in_turn(&self) -> Option<&Arc<CertifiedKey>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed).checked_rem(self.keys.len())?;
        self.keys.get(turn).map(|(_, key)| key)
    }
}

/// The certificate that a user shows when a server asks for one.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// What there is to choose from.
    pub keys: Arc<ClientKeys>,
    /// Which it is.
    pub choice: Choice,
}

/// Which certificate is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// The next one at each handshake.
    InTurn,
    /// The one of this name.
    Alias(Text),
    /// The one that a variable names; this one has no value.
    NoVariable(Text),
}

/// Shows a user's certificate. It lives as long as the user's TLS sessions, so that rustls resumes them.
#[derive(Debug)]
pub(super) struct UserKeys {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    certificate: Certificate,
    /// Why the last handshake showed none.
    fault: Option<Fault>,
}

impl UserKeys {
    pub fn new(certificate: Certificate) -> Self {
        Self { state: Mutex::new(State { certificate, fault: None }) }
    }

    /// Shows another certificate from now on.
    pub fn set_choice(&self, choice: Choice) {
        self.state().certificate.choice = choice;
    }

    /// Why the handshake that has just ended showed no certificate.
    pub fn take_fault(&self) -> Option<Fault> {
        self.state().fault.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesClientCert for UserKeys {
    /// Issuers do not count, as they do not with JMeter.
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let State { certificate: Certificate { keys, choice }, fault } = &mut *self.state();
        let found = match &*choice {
            Choice::InTurn => return keys.in_turn().cloned(),
            Choice::Alias(alias) => keys.named(alias).ok_or_else(|| format!("No PrivateKey found for alias:'{alias}'")),
            Choice::NoVariable(name) => {
                log::error!(target: "org.apache.jmeter.util.keystore.JmeterKeyStore", "No var called '{name}' found");
                Err(format!("No var called '{name}' found"))
            }
        };
        found.cloned().map_err(|words| *fault = Some(Fault::new(SSL, words))).ok()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
