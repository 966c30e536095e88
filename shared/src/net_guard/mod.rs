//! What may be called from an address that someone else wrote: the links of articles, callbacks.
//!
//! - **The address**: `http` or `https`, an allowed port, no credentials, no name that is ours by convention.
//! - **Where it leads**: every address that the name resolves to must lie in the public internet ([`is_public`]); addresses written as
//!   numbers are held to the same, in every notation.
//! - **Pinned**: the check stands inside the resolver of the connection, so what was checked is what is connected to. A name that
//!   resolves differently a moment later is checked again.
//! - **Redirects** are never followed by the client; [`Way`] follows them one by one, checks each and ends after five.
//!
//! No proxy is used, because it would resolve names on its own. Nothing is decompressed, and no body is read here.

mod address;
mod failure;
mod lookup;
mod refusal;
mod way;

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use url::{Host, Url};

use crate::error::Error;

pub use address::is_public;
pub use failure::Failure;
pub use lookup::{Lookup, SystemLookup};
pub use refusal::Refusal;
pub use way::{Step, Way};

use lookup::GuardedLookup;

/// A server that does not accept a connection in this time is not there.
const CONNECT: Duration = Duration::from_secs(5);

/// Endings of names that never leave a network, and `localhost`.
const OUR_NAMES: [&str; 6] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "home.arpa",
    "lan",
];

/// What is allowed.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The ports that may be called.
    pub ports: Vec<u16>,
    /// Addresses that may be called although they are not public: those of the local stack and of tests. None in production.
    pub inside: Vec<IpAddr>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            ports: vec![80, 443],
            inside: Vec::new(),
        }
    }
}

impl Rules {
    /// Whether a connection to this address is allowed.
    pub fn permit(&self, address: IpAddr) -> bool {
        is_public(address) || self.inside.contains(&address)
    }

    /// Whether this may be called, as far as the writing tells. What its name resolves to is checked when it is called.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        let port = url.port_or_known_default();
        if !port.is_some_and(|port| self.ports.contains(&port)) {
            return Err(Refusal::Port);
        }
        let is_permitted = match url.host() {
            Some(Host::Ipv4(address)) => self.permit(address.into()),
            Some(Host::Ipv6(address)) => self.permit(address.into()),
            Some(Host::Domain(name)) => !is_ours(name),
            None => false,
        };
        is_permitted.then_some(()).ok_or(Refusal::Inside)
    }
}

fn is_ours(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |ending: &&str| {
        name.strip_suffix(*ending)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.is_empty() || OUR_NAMES.iter().any(|ending| ends(&ending))
}

/// A client for addresses that someone else wrote.
#[derive(Debug, Clone)]
pub struct Outside {
    http: Client,
    rules: Arc<Rules>,
}

impl Outside {
    /// Opens no connection yet. `agent` is what servers are told about who asks.
    pub fn new(rules: Rules, lookup: Arc<dyn Lookup>, agent: &str) -> Result<Self, Error> {
        let rules = Arc::new(rules);
        let resolver = GuardedLookup::new(lookup, Arc::clone(&rules));
        let http = Client::builder()
            .user_agent(agent)
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0);
        let http = http.build().map_err(|error| Error::Bug {
            what: "an HTTP client cannot be built",
            source: Some(error.into()),
        })?;
        Ok(Self { http, rules })
    }

    /// A request to an address that may be called. Redirects are not followed. [`Failure`] reads the error of sending it.
    pub fn request(&self, method: Method, url: &Url) -> Result<RequestBuilder, Refusal> {
        self.rules.check(url)?;
        Ok(self.http.request(method, url.clone()))
    }
}
