//! Nothing inside is ever connected to.

mod addresses;
mod inside;
mod outside;
pub(crate) mod server;

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Found, Lookup};

/// Answers with what a rule says about the name and how often was asked.
pub(crate) struct Names<F> {
    asked: AtomicUsize,
    rule: F,
}

impl<F: Fn(&str, usize) -> &'static [&'static str] + Send + Sync> Names<F> {
    pub(crate) fn new(rule: F) -> Self {
        Self {
            asked: AtomicUsize::new(0),
            rule,
        }
    }
}

impl<F: Fn(&str, usize) -> &'static [&'static str] + Send + Sync> Lookup for Names<F> {
    fn addresses(&self, name: &str) -> Found {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let found = (self.rule)(name, asked);
        Box::pin(async move {
            if found.is_empty() {
                return Err(io::Error::other("lookup: Name or service not known"));
            }
            let parsed = found
                .iter()
                .map(|address| address.parse::<IpAddr>().map_err(io::Error::other));
            parsed.collect()
        })
    }
}
