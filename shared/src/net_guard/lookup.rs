//! Names become addresses, and only permitted ones reach a connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Refusal, Rules};

/// The addresses of a name, once they are known.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Finds the addresses of a name.
pub trait Lookup: Send + Sync {
    /// Asks anew each time.
    fn addresses(&self, name: &str) -> Found;
}

/// Asks the system.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: &str) -> Found {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Lets only names through whose addresses are all permitted. One that leads inside as well as outside is refused.
pub(super) struct GuardedLookup {
    lookup: Arc<dyn Lookup>,
    rules: Arc<Rules>,
}

impl GuardedLookup {
    pub(super) fn new(lookup: Arc<dyn Lookup>, rules: Arc<Rules>) -> Self {
        Self { lookup, rules }
    }
}

impl Resolve for GuardedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, rules) = (
            self.lookup.addresses(name.as_str()),
            Arc::clone(&self.rules),
        );
        Box::pin(async move {
            let addresses = found.await?;
            if !addresses.iter().all(|address| rules.permit(*address)) {
                return Err(Refusal::Inside.into());
            }
            // The port of the URL takes the place of zero.
            let addresses = addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
