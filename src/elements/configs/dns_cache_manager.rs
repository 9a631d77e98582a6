//! DNS Cache Manager (`org.apache.jmeter.protocol.http.control.DNSCacheManager`): static hosts, DNS servers of its own,
//! and addresses that each user looks up once.

use crate::elements::roles::{Config, IterationListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::http::{Resolver, StaticHost};
use crate::jmx::PropertyValue;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::any::Any;
use std::sync::Arc;

pub(super) const DNS_CACHE_MANAGER: Definition = Definition {
    tag: "DNSCacheManager",
    menu: "DNS Cache Manager",
    compile: |compile| {
        let manager = Arc::new(DnsCacheManager::new(compile));
        Some(Role { config: Some(manager.clone()), test_iteration: Some(manager), ..Role::default() })
    },
};

/// Names to addresses, for each user.
pub struct DnsCacheManager {
    hosts: Vec<(Expr, Expr)>,
    /// Whom to ask instead of the system; none for the system.
    servers: Vec<Expr>,
    clear_each_iteration: BoolExpr,
    resolver: Slot<Option<Arc<Resolver>>>,
}

impl DnsCacheManager {
    fn new(compile: &mut Compile<'_>) -> Self {
        let element = compile.element;
        let mut servers = Vec::new();
        if element.bool("DNSCacheManager.isCustomResolver") {
            let named = element.collection("DNSCacheManager.servers");
            servers.extend(named.iter().map(|server| compile.parse(&server.value.text())));
        }
        let mut hosts = Vec::new();
        for entry in element.collection("DNSCacheManager.hosts") {
            let PropertyValue::Element(host) = &entry.value else { continue };
            hosts.push((compile.expr_in(host, "StaticHost.Name"), compile.expr_in(host, "StaticHost.Address")));
        }
        DnsCacheManager {
            hosts,
            servers,
            clear_each_iteration: compile.flag("DNSCacheManager.clearEachIteration", false),
            resolver: compile.slot(),
        }
    }

    /// The user's resolver. Static hosts are read when it is made.
    pub fn resolver(&self, user: &mut VirtualUser) -> Result<Arc<Resolver>, Thrown> {
        if let Some(resolver) = user.slot(self.resolver) {
            return Ok(Arc::clone(resolver));
        }
        let mut hosts = Vec::with_capacity(self.hosts.len());
        for (name, addresses) in &self.hosts {
            let addresses = addresses.eval(user)?;
            hosts.push(StaticHost {
                name: name.eval(user)?,
                addresses: addresses.split(',').map(|address| Text::from(address.trim())).collect(),
            });
        }
        let servers = self.servers.iter().map(|server| server.eval(user)).collect::<Result<_, _>>()?;
        let resolver = Arc::new(Resolver::caching(hosts).asking(servers));
        *user.slot(self.resolver) = Some(Arc::clone(&resolver));
        Ok(resolver)
    }
}

impl Config for DnsCacheManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl IterationListener for DnsCacheManager {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if self.clear_each_iteration.eval(user)?
            && let Some(resolver) = user.slot(self.resolver)
        {
            resolver.clear();
        }
        Ok(())
    }
}
