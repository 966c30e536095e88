//! Addresses with their gaps filled, by the profile's values and by what CXone says about the tenant.

use std::collections::BTreeMap;

use reqwest::{StatusCode, Url};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::answer::{Answer, fetch};
use super::ask::ask;
use super::profile::{Discovery, Profile, Template};
use crate::error::Error;
use crate::json;
use crate::outbound::{Peer, Setback, address};

/// As errors name it.
pub(super) const WHAT: &str = "CXone's discovery";

/// A tenant's configuration is small.
const MOST_BYTES: usize = 64 << 10;

/// Where a tenant has its interfaces. What was discovered is kept.
pub(super) struct Addresses {
    http: reqwest::Client,
    peer: Peer,
    values: BTreeMap<String, String>,
    discovery: Discovery,
    found: OnceCell<BTreeMap<String, String>>,
}

impl Addresses {
    pub(super) fn new(profile: &Profile, http: reqwest::Client, peer: Peer) -> Self {
        Self {
            http,
            peer,
            values: profile.values().clone(),
            discovery: profile.discovery.clone(),
            found: OnceCell::new(),
        }
    }

    /// The address; asks CXone for it where the profile leaves a gap.
    pub(super) async fn of(&self, template: &Template, until: Instant) -> Result<Url, Error> {
        let known = |name: &str| self.values.get(name).cloned();
        let text = if let Ok(text) = template.fill(known) {
            text
        } else {
            let found = self.found.get_or_try_init(|| self.discover(until)).await?;
            let known = |name: &str| known(name).or_else(|| found.get(name).cloned());
            template.fill(known).map_err(|gap| {
                Error::misconfigured(format!(
                    "CXone's discovery does not say {gap}; set values.{gap} in CXONE_PROFILE"
                ))
            })?
        };
        address::parse(&text).map_err(|rule| {
            Error::misconfigured(format!(
                "an address of CXONE_PROFILE or of CXone's discovery {rule}"
            ))
        })
    }

    async fn discover(&self, until: Instant) -> Result<BTreeMap<String, String>, Error> {
        let tenant = self.discovery.tenant_id.as_deref().unwrap_or_default();
        let mut url = address::parse(&self.discovery.url).map_err(Error::misconfigured)?;
        url.query_pairs_mut()
            .append_pair(&self.discovery.parameter, tenant);
        let exchange = || async {
            let answer = fetch(self.http.get(url.clone()), MOST_BYTES).await?;
            self.read(&answer)
        };
        ask(&self.peer, until, exchange).await
    }

    fn read(&self, answer: &Answer) -> Result<BTreeMap<String, String>, Setback> {
        if answer.status != StatusCode::OK {
            return Err(Setback::Halt(Error::misconfigured(format!(
                "CXone's discovery does not know the tenant (HTTP {}); check discovery.tenant_id in CXONE_PROFILE",
                answer.status.as_u16()
            ))));
        }
        let body = answer.body.as_deref().unwrap_or_default();
        let document = json::parse(body).ok();
        let fields = document.and_then(json::fields);
        let fields = fields.ok_or_else(|| Setback::unwell("the answer is no JSON object"))?;
        let named = |name: &String| Some((name.clone(), json::text(fields.get(name)?)?));
        Ok(self.discovery.answers.iter().filter_map(named).collect())
    }
}
