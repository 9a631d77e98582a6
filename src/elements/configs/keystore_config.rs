//! Keystore Configuration (`org.apache.jmeter.config.KeystoreConfig`): which keys of the run's key store
//! (`javax.net.ssl.keyStore`) users show to servers that ask for a certificate, and how each finds its own.
//!
//! JMeter hangs when the numbers make no sense or leave no key; here that is an error before the run.

use crate::elements::roles::TestListener;
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::Expr;
use crate::http::{Certificate, Choice, ClientKeys};
use crate::java::number::parse_int;
use crate::keystore::{KeyEntry, KeyStore, LARGEST};
use crate::properties::Properties;
use crate::text::Text;
use crate::virtual_user::{Group, Run, StopLevel, Thrown, VirtualUser};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub(super) const KEYSTORE_CONFIG: Definition = Definition {
    tag: "KeystoreConfig",
    menu: "Keystore Configuration",
    compile: |compile| {
        let config = KeystoreConfig::new(compile);
        Some(Role { test: Some(Arc::new(config)), ..Role::default() })
    },
};

const TARGET: &str = "org.apache.jmeter.config.KeystoreConfig";
const MANAGER: &str = "org.apache.jmeter.util.SSLManager";

/// The run's client certificates.
pub struct ClientCertificates {
    entries: Vec<KeyEntry>,
    password: Text,
    chosen: OnceLock<Chosen>,
}

/// What a Keystore Configuration makes of them.
struct Chosen {
    keys: Arc<ClientKeys>,
    /// The variable that names a user's key; users take turns where it is empty.
    variable: Text,
}

impl ClientCertificates {
    /// Those of the run; `None` when no key store is named or it cannot be used, which is a warning then: as in JMeter
    /// the run goes on without certificates.
    pub fn of_run(compile: &mut Compile<'_>) -> Option<Arc<Self>> {
        struct OfRun(Option<Arc<ClientCertificates>>);
        let properties = compile.shared.properties.clone();
        let mut flaw = None;
        let of_run = compile.common(|_| {
            OfRun(match Self::read(&properties) {
                Ok(certificates) => certificates.map(Arc::new),
                Err(words) => {
                    flaw = Some(words);
                    None
                }
            })
        });
        if let Some(flaw) = flaw {
            compile.problem(Severity::Warning, format!("no client certificate is shown: {flaw}"));
        }
        of_run.0.clone()
    }

    fn read(properties: &Properties) -> Result<Option<Self>, String> {
        let system = |name: &str| properties.system().get(name);
        let Some(file) = system("javax.net.ssl.keyStore").filter(|file| !file.is_empty()) else { return Ok(None) };
        let password = system("javax.net.ssl.keyStorePassword")
            .ok_or_else(|| "javax.net.ssl.keyStorePassword is not set".to_owned())?;
        let in_file = |why: &dyn std::fmt::Display| format!("javax.net.ssl.keyStore={file}: {why}");
        let bytes = read_store(Path::new(&*file)).map_err(|error| in_file(&error))?;
        let store = KeyStore::read(&bytes, &password).map_err(|error| in_file(&error))?;
        if store.keys.is_empty() {
            return Err(in_file(&"it holds no private key"));
        }
        Ok(Some(Self { entries: store.keys, password, chosen: OnceLock::new() }))
    }

    /// What `user` shows. Without a Keystore Configuration that is the store's first key.
    pub fn for_user(&self, user: &VirtualUser) -> Certificate {
        let chosen = self.chosen.get_or_init(|| {
            let keys = self.keys(0, 0).unwrap_or_else(|flaw| {
                log::error!(target: MANAGER, "{flaw}");
                ClientKeys::default()
            });
            Chosen { keys: Arc::new(keys), variable: Text::default() }
        });
        let choice = if chosen.variable.is_empty() {
            Choice::InTurn
        } else {
            match user.variables.get_text(&chosen.variable).filter(|alias| !alias.is_empty()) {
                Some(alias) => Choice::Alias(alias),
                None => Choice::NoVariable(Text::clone(&chosen.variable)),
            }
        };
        Certificate { keys: Arc::clone(&chosen.keys), choice }
    }

    /// The keys from one place to another; -1 is the last.
    fn keys(&self, from: i32, to: i32) -> Result<ClientKeys, String> {
        if from < 0 || (to != -1 && to < from) {
            return Err(format!("Invalid index(es). Start={from}, end={to}"));
        }
        let mut keys = ClientKeys::default();
        let in_range =
            |place: usize| i32::try_from(place).is_ok_and(|place| place >= from && (to == -1 || place <= to));
        for (_, entry) in self.entries.iter().enumerate().filter(|(place, _)| in_range(*place)) {
            let alias = Text::clone(&entry.alias);
            let flaw = |why: &dyn std::fmt::Display| format!("key {alias} of the key store: {why}");
            let key = entry.open(&self.password).map_err(|error| flaw(&error))?;
            keys.add(Text::clone(&alias), entry.chain.clone(), key).map_err(|error| flaw(&error))?;
        }
        if keys.is_empty() { Err("No key(s) found".to_owned()) } else { Ok(keys) }
    }
}

/// A store's bytes, as far as a store may be large.
pub fn read_store(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Keystore Configuration.
struct KeystoreConfig {
    certificates: Option<Arc<ClientCertificates>>,
    preload: Expr,
    start: Expr,
    end: Expr,
    variable: Expr,
    reuses_context: bool,
    default_start: i32,
    default_end: i32,
}

impl KeystoreConfig {
    fn new(compile: &mut Compile<'_>) -> Self {
        let properties = compile.shared.properties.clone();
        let reuse = properties.text_or("https.use.cached.ssl.context", "");
        let config = KeystoreConfig {
            certificates: ClientCertificates::of_run(compile),
            preload: compile.expr("preload"),
            start: compile.expr("startIndex"),
            end: compile.expr("endIndex"),
            variable: compile.expr("clientCertAliasVarName"),
            reuses_context: matches!(&*reuse, "" | "true"),
            default_start: properties.int_or("https.keyStoreStartIndex", 0),
            default_end: properties.int_or("https.keyStoreEndIndex", -1),
        };
        if properties.system().get("javax.net.ssl.keyStore").is_none_or(|file| file.is_empty()) {
            let advice = "no key store is named: set the system properties javax.net.ssl.keyStore and \
                          javax.net.ssl.keyStorePassword";
            compile.problem(Severity::Warning, advice);
        }
        if let (Some(start), Some(end)) = (config.start.as_literal(), config.end.as_literal())
            && let Some(certificates) = &config.certificates
            && let Err(flaw) = config.choose(certificates, start, end)
        {
            compile.problem(Severity::Error, flaw);
        }
        config
    }

    /// The keys that these numbers choose.
    fn choose(&self, certificates: &ClientCertificates, start: &str, end: &str) -> Result<ClientKeys, String> {
        let (start, end) = self.range(start, end);
        if end != -1 && start > end {
            return Err("Keystore Config error : Alias start index must be lower than Alias end index".to_owned());
        }
        certificates.keys(start, end)
    }

    fn range(&self, start: &str, end: &str) -> (i32, i32) {
        let read = |text: &str, name: &str, default: i32| match parse_int(text) {
            Ok(number) => number,
            Err(_) if text.is_empty() => default,
            Err(_) => {
                log::warn!(target: TARGET, "Failed parsing {name}: {text}, will default to: {default}");
                default
            }
        };
        (read(start, "startIndex", self.default_start), read(end, "endIndex", self.default_end))
    }

    fn configure(&self, run: &Arc<Run>) -> Result<(), Thrown> {
        if self.reuses_context {
            log::warn!(target: TARGET,
                "https.use.cached.ssl.context property must be set to false to ensure Multiple Certificates are used");
        }
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        let mut read = |expr: &Expr| expr.eval(&mut user);
        let (preload, variable) = (read(&self.preload)?, read(&self.variable)?);
        let (start, end) = (read(&self.start)?, read(&self.end)?);
        let (from, to) = self.range(&start, &end);
        log::info!(target: TARGET,
            "Configuring Keystore with (preload: '{preload}', startIndex: {from}, endIndex: {to}, \
             clientCertAliasVarName: '{variable}')");
        let Some(certificates) = &self.certificates else { return Ok(()) };
        let keys = self
            .choose(certificates, &start, &end)
            .map_err(|flaw| Thrown::new("org.apache.jorphan.util.JMeterStopTestException", flaw))?;
        log::info!(target: MANAGER, "Total of {} aliases loaded OK from keystore", keys.len());
        // Of several configurations the first one counts.
        let _ = certificates.chosen.set(Chosen { keys: Arc::new(keys), variable });
        Ok(())
    }
}

impl TestListener for KeystoreConfig {
    fn test_started(&self, run: &Arc<Run>) {
        if let Err(thrown) = self.configure(run) {
            log::error!(target: TARGET, "Stopping the test: {thrown}");
            run.stop.raise(StopLevel::Now);
        }
    }
}
