//! A tenant with so many published articles, on loopback.

use std::time::Duration;

use cxone_simulator::{Article, Settings, Simulator, Status, corpus::corpus};

use crate::bench::Outcome;

/// The seed of the articles.
const SEED: u64 = 42;
/// The language that both sides index: the reference's takes one.
pub(super) const LANGUAGE: &str = "en-US";
/// Where articles are listed.
const LISTING: &str = "/api/v2/knowledge/articles";

/// See the module.
pub(super) struct Tenant {
    pub(super) simulator: Simulator,
    pub(super) articles: usize,
}

impl Tenant {
    /// Every side indexes all of its articles: none is a draft, none lacks the language.
    pub(super) fn start(articles: usize) -> Outcome<Self> {
        let simulator = Simulator::start(Settings {
            token_lifetime: Duration::from_hours(24),
            ..Settings::default()
        })?;
        let is_indexed = |article: &Article| {
            article.status == Status::Published && article.locales.contains_key(LANGUAGE)
        };
        // Four in five are.
        let indexed = corpus(SEED, articles * 2).into_iter().filter(is_indexed);
        simulator
            .knowledge()
            .put_all(indexed.take(articles).collect());
        let found = simulator.knowledge().list().len();
        if found != articles {
            return Err(format!("the tenant has {found} articles, not {articles}").into());
        }
        Ok(Self {
            simulator,
            articles,
        })
    }

    /// How often articles were asked for since the records were cleared.
    pub(super) fn listings(&self) -> usize {
        self.simulator.requests(LISTING).len()
    }
}
