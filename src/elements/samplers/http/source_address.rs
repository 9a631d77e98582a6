//! The local address to connect from (`HTTPAbstractImpl.getIpSourceAddress`).

use super::fields::Fields;
use crate::virtual_user::{Thrown, VirtualUser};
use std::net::{IpAddr, ToSocketAddrs};

/// The address that the plan names; `None` when it names none. A network device was refused when the plan was compiled.
pub(super) fn read(fields: &Fields, user: &mut VirtualUser) -> Result<Option<IpAddr>, Thrown> {
    let name = fields.ip_source.eval(user)?;
    if name.trim().is_empty() {
        return Ok(None);
    }
    if let Ok(address) = name.parse() {
        return Ok(Some(address));
    }
    let unknown = |reason: &str| Thrown::new("java.net.UnknownHostException", format!("{name}: {reason}"));
    let found = (&*name, 0).to_socket_addrs().map_err(|error| {
        let text = error.to_string();
        unknown(text.rsplit(": ").next().unwrap_or_default())
    })?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    // The JVM prefers IPv4.
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.first().copied().map(Some).ok_or_else(|| unknown("Name or service not known"))
}
