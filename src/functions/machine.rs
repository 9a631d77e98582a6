//! `__machineName(variable)` and `__machineIP(variable)`.

use super::{Definition, Function, Store, take};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::LazyLock;

pub(super) const MACHINE_NAME: Definition = Definition {
    name: "__machineName",
    arguments: (0, Some(1)),
    compile: |arguments, scope| {
        let [store] = take(arguments);
        Ok(Box::new(Call { of: |machine| &machine.name, store: Store::new(store, scope) }))
    },
    summary: "This machine's host name",
};

pub(super) const MACHINE_IP: Definition = Definition {
    name: "__machineIP",
    arguments: (0, Some(1)),
    compile: |arguments, scope| {
        let [store] = take(arguments);
        Ok(Box::new(Call { of: |machine| &machine.address, store: Store::new(store, scope) }))
    },
    summary: "This machine's IP address",
};

struct Call {
    of: fn(&Machine) -> &Text,
    store: Store,
}

/// `InetAddress.getLocalHost()`
struct Machine {
    name: Text,
    address: Text,
}

/// Looked up once.
static MACHINE: LazyLock<Machine> = LazyLock::new(|| {
    let name = crate::results::local_host_name();
    let addresses: Vec<IpAddr> =
        (name.as_ref(), 0).to_socket_addrs().into_iter().flatten().map(|socket| socket.ip()).collect();
    let address = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    Machine { address: Text::from(address.map_or_else(|| "127.0.0.1".to_owned(), IpAddr::to_string)), name }
});

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = Text::clone((self.of)(&MACHINE));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn the_machine_has_a_name_and_an_address() {
        let (mut user, exprs) = Bench::default().user(&["${__machineName( n )}", "${n}", "${__machineIP}"]);
        let texts: Vec<_> = exprs.iter().map(|expr| expr.eval(&mut user).unwrap()).collect();
        assert!(!texts[0].is_empty() && texts[0] == texts[1]);
        assert!(texts[2].parse::<std::net::IpAddr>().is_ok());
    }
}
