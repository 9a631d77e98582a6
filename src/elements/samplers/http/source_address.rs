//! The local address to connect from (`HTTPAbstractImpl.getIpSourceAddress`).

use super::fields::Fields;
use crate::virtual_user::{Thrown, VirtualUser};
use std::net::{IpAddr, ToSocketAddrs};

/// What an address is looked for by (`HTTPSamplerBase.SourceType`), and Java's name for its kind.
const TYPES: [(Source, &str); 4] = [
    (Source::Name, ""),
    (Source::Device(|_| true), "InetAddress"),
    (Source::Device(IpAddr::is_ipv4), "Inet4Address"),
    (Source::Device(IpAddr::is_ipv6), "Inet6Address"),
];

#[derive(Clone, Copy)]
enum Source {
    /// An address or the name of a host.
    Name,
    /// A network device, of whose addresses those count that are of the right kind.
    Device(fn(&IpAddr) -> bool),
}

/// The address that the plan names; `None` when it names none.
pub(super) fn read(fields: &Fields, user: &mut VirtualUser) -> Result<Option<IpAddr>, Thrown> {
    let name = fields.ip_source.eval(user)?;
    if name.trim().is_empty() {
        return Ok(None);
    }
    let number = fields.ip_source_type.eval(user)? as i32;
    let known = usize::try_from(number).ok().and_then(|number| TYPES.get(number));
    let (source, kind) = known.ok_or_else(|| {
        let message = format!("Index {number} out of bounds for length {}", TYPES.len());
        Thrown::new("java.lang.ArrayIndexOutOfBoundsException", message)
    })?;
    match source {
        Source::Name => of_host(&name).map(Some),
        Source::Device(is_wanted) => of_device(&name, *is_wanted, kind).map(Some),
    }
}

/// The address of a host, or the one that is written.
pub(super) fn of_host(name: &str) -> Result<IpAddr, Thrown> {
    if let Ok(address) = name.parse() {
        return Ok(address);
    }
    let found = (name, 0).to_socket_addrs().map_err(|error| {
        let text = error.to_string();
        unknown(format!("{name}: {}", text.rsplit(": ").next().unwrap_or_default()))
    })?;
    let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    // The JVM prefers IPv4.
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.first().copied().ok_or_else(|| unknown(format!("{name}: Name or service not known")))
}

/// Java lists the addresses of a device from the last to the first, those of IPv6 before the others.
fn of_device(name: &str, is_wanted: fn(&IpAddr) -> bool, kind: &str) -> Result<IpAddr, Thrown> {
    let devices = if_addrs::get_if_addrs().map_err(|error| unknown(error.to_string()))?;
    let mut own = devices.iter().filter(|device| device.name == name).map(if_addrs::Interface::ip).peekable();
    if own.peek().is_none() {
        return Err(unknown(format!("Cannot find interface {name}")));
    }
    let wanted: Vec<IpAddr> = own.filter(is_wanted).collect();
    let found = wanted.iter().rfind(|address| address.is_ipv6()).or(wanted.last());
    found.copied().ok_or_else(|| unknown(format!("Interface {name} does not have address of type {kind}")))
}

fn unknown(message: String) -> Thrown {
    Thrown::new("java.net.UnknownHostException", message)
}
