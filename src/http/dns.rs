//! Names to addresses: literal addresses at once, static hosts as the plan gives them, everything else by the system's
//! resolver on a thread that may block, or by the servers that the plan names.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::failure::{Fault, NULL_POINTER, UNKNOWN_HOST};
use super::name_servers::{NameServers, Unfound};
use crate::clock::{self, Timestamp};
use crate::text::Text;

/// How long the JVM keeps an address, and how long it remembers that there is none.
const KEPT: Duration = Duration::from_secs(30);
const KEPT_UNKNOWN: Duration = Duration::from_secs(10);

/// Resolves names and remembers them.
#[derive(Debug, Default)]
pub struct Resolver {
    hosts: Vec<StaticHost>,
    /// Whether names are remembered until [`Resolver::clear`], as a DNS Cache Manager does, or as long as the JVM does.
    for_good: bool,
    known: Mutex<HashMap<Text, Known>>,
    /// Whom to ask instead of the system.
    servers: Option<Box<NameServers>>,
}

/// A name whose addresses the plan gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticHost {
    /// The name. In another case it is known as well, but has no addresses: JMeter looks it up by two rules.
    pub name: Text,
    /// Addresses, or names that are resolved in turn.
    pub addresses: Vec<Text>,
}

#[derive(Debug, Clone)]
struct Known {
    until: Option<Timestamp>,
    answer: Result<Arc<[Address]>, Fault>,
}

/// A `java.net.InetAddress`: an address and the name it was found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    name: Option<Text>,
    pub ip: IpAddr,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.name.as_deref().unwrap_or_default())?;
        match self.ip {
            IpAddr::V4(ip) => write!(f, "{ip}"),
            IpAddr::V6(ip) => {
                let [first, rest @ ..] = ip.segments();
                write!(f, "{first:x}")?;
                rest.iter().try_for_each(|segment| write!(f, ":{segment:x}"))
            }
        }
    }
}

impl Resolver {
    /// The resolver of a DNS Cache Manager: static hosts, and a memory of its own that lasts until it is cleared.
    pub fn caching(hosts: Vec<StaticHost>) -> Self {
        Self { hosts, for_good: true, ..Self::default() }
    }

    /// The same, of which these servers are asked for everything else, addresses that are written as such included. A
    /// server is an address, perhaps with a port, or a name that the system knows.
    #[must_use]
    pub fn asking(mut self, servers: Vec<Text>) -> Self {
        self.servers = (!servers.is_empty()).then(|| Box::new(NameServers::new(servers)));
        self
    }

    /// Forgets what was resolved. What the JVM itself remembers, that there is no such host, stays.
    pub fn clear(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, known| known.until.is_some());
    }

    pub(super) async fn resolve(&self, host: &Text) -> Result<Arc<[Address]>, Fault> {
        if self.servers.is_none()
            && let Some(ip) = literal(host)
        {
            return Ok(Arc::new([Address { name: None, ip }]));
        }
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(host)
            && known.until.is_none_or(|until| clock::now() < until)
        {
            // The JVM remembers that there is none, though not why.
            return known.answer.clone().map_err(|_| Fault::new(UNKNOWN_HOST, host.to_string()));
        }
        let answer = match self.hosts.iter().find(|known| known.name.eq_ignore_ascii_case(host)) {
            None => match &self.servers {
                Some(servers) => ask(servers, host).await,
                None => look_up(host).await,
            },
            Some(_) => {
                let mut addresses = Vec::new();
                let exact = self.hosts.iter().find(|known| known.name == *host);
                for name in exact.iter().flat_map(|known| &known.addresses) {
                    if let Some(servers) = &self.servers
                        && let Ok(found) = ask(servers, name).await
                    {
                        addresses.extend_from_slice(&found);
                        continue;
                    }
                    match literal(name) {
                        // `InetAddress.getByName("")`
                        None if name.is_empty() => addresses
                            .push(Address { name: Some("localhost".into()), ip: IpAddr::V4(Ipv4Addr::LOCALHOST) }),
                        Some(ip) => addresses.push(Address { name: None, ip }),
                        None => addresses.extend_from_slice(&look_up(name).await.unwrap_or_default()),
                    }
                }
                Ok(addresses.into())
            }
        };
        let until = match &answer {
            // A DNS Cache Manager keeps answers only.
            Ok(_) if self.for_good => None,
            Err(_) if self.servers.is_some() => return answer,
            Ok(_) => Some(clock::now() + KEPT),
            Err(_) => Some(clock::now() + KEPT_UNKNOWN),
        };
        let known = Known { until, answer: answer.clone() };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(host.clone(), known);
        answer
    }
}

/// An address that is written as such, IPv6 with or without brackets.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(bare) => bare.split('%').next()?.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// Asks servers; in JMeter's words when they do not know.
async fn ask(servers: &NameServers, host: &Text) -> Result<Arc<[Address]>, Fault> {
    let found = servers.look_up(host).await.map_err(|unfound| match unfound {
        Unfound::Servers => Fault::new(
            UNKNOWN_HOST,
            format!("Could not resolve host:{host}, failed to initialize resolver or no resolver found"),
        ),
        Unfound::Name => Fault::new(NULL_POINTER, "Cannot read the array length because \"addresses\" is null"),
        Unfound::Address => Fault::new(UNKNOWN_HOST, format!("Failed to resolve host name: {host}")),
    })?;
    Ok(found.into_iter().map(|(name, ip)| Address { name: Some(name), ip: IpAddr::V4(ip) }).collect())
}

pub(super) async fn look_up(host: &Text) -> Result<Arc<[Address]>, Fault> {
    let name = host.clone();
    let found =
        tokio::task::spawn_blocking(move || (&*name, 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>)).await;
    match found {
        Ok(Ok(found)) if !found.is_empty() => {
            let mut addresses: Vec<Address> = Vec::with_capacity(found.len());
            for address in found {
                let address = Address { name: Some(host.clone()), ip: address.ip() };
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            // The JVM prefers IPv4.
            addresses.sort_by_key(|address| address.ip.is_ipv6());
            Ok(addresses.into())
        }
        Ok(Err(error)) => {
            let text = error.to_string();
            let reason = text.split_once(": ").map_or(&*text, |(_, reason)| reason);
            Err(Fault::new(UNKNOWN_HOST, format!("{host}: {reason}")))
        }
        Ok(Ok(_)) | Err(_) => Err(Fault::new(UNKNOWN_HOST, host.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_java_writes_them() {
        let show =
            |name: Option<&str>, ip: &str| Address { name: name.map(Text::from), ip: ip.parse().unwrap() }.to_string();
        assert_eq!(show(None, "127.0.0.1"), "/127.0.0.1");
        assert_eq!(show(Some("localhost"), "::1"), "localhost/0:0:0:0:0:0:0:1");
        assert_eq!(literal("[::1]"), Some("::1".parse().unwrap()));
        assert_eq!(literal("localhost"), None);
    }

    #[tokio::test]
    async fn static_hosts_and_unknown_names() {
        let hosts =
            vec![StaticHost { name: "Shop.invalid".into(), addresses: vec!["127.0.0.1".into(), "127.0.0.2".into()] }];
        let resolver = Resolver::caching(hosts);
        let found = resolver.resolve(&"Shop.invalid".into()).await.unwrap();
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["/127.0.0.1", "/127.0.0.2"]);
        assert!(resolver.resolve(&"shop.invalid".into()).await.unwrap().is_empty());
        let fault = resolver.resolve(&"no-such-host.invalid".into()).await.unwrap_err();
        assert_eq!(fault.class, "java.net.UnknownHostException");
        assert!(fault.message.unwrap().starts_with("no-such-host.invalid"));
    }
}
