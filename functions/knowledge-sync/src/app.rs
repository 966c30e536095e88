//! What this function needs, built once before the first event.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use shared::aws;
use shared::config::{ConfigError, Env};
use shared::cxone;
use shared::cxone::knowledge::Knowledge;
use shared::cxone::profile::Capability;
use shared::db::{self, Database, KnownModel};
use shared::embedding::{self, ChunkSettings, Cl100k, Embedder};
use shared::error::Error;
use shared::links::{self, LinkChecker};
use shared::mirror::{self, Mirror};
use shared::net_guard::{self, SystemLookup};
use shared::text::chunk::{Limits, Tokens};
use url::Url;

use crate::listing::Form;
use crate::render::Renderer;
use crate::rules::Rules;
use crate::sync;

/// Parts of a page, and others that are made ready meanwhile, use one connection in turn. None waits longer for a page that is stored.
const TURN: Duration = Duration::from_secs(30);

/// The settings, all of them sound.
#[derive(Clone)]
pub struct Config {
    database: db::Settings,
    embedding: embedding::Settings,
    cxone: cxone::Settings,
    rules: Rules,
    base: Option<Url>,
    checks_links: bool,
    form: Form,
    page_size: NonZeroU32,
    overlap_seconds: u32,
    mirror: Option<mirror::Settings>,
    chunks: ChunkSettings,
}

/// Exactly the dependencies of this function.
pub struct App {
    pub(crate) database: Database,
    pub(crate) knowledge: Knowledge,
    /// Every one of them gets every text. The one that search uses counts.
    pub(crate) models: Vec<Model>,
    pub(crate) rules: Rules,
    /// Where the function cannot reach the internet, links are left alone.
    pub(crate) links: Option<LinkChecker>,
    pub(crate) form: Form,
    pub(crate) page_size: NonZeroU32,
    pub(crate) overlap_seconds: u32,
    /// A copy in Elasticsearch, if that is wanted.
    pub(crate) mirror: Option<Mirror>,
    /// Whoever has not been heard of for so long is taken for dead.
    pub(crate) lease: Duration,
    base: Option<Url>,
    limits: Limits,
}

/// A model, and what the database knows of it.
pub(crate) struct Model {
    pub(crate) embedder: Embedder,
    /// Its number in the database.
    pub(crate) id: KnownModel,
}

impl Config {
    /// Reads the settings, or says everything that is wrong with them.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let mut read = env.reader();
        let database = db::Settings::read(&mut read);
        let embedding = embedding::Settings::read(&mut read);
        let cxone = cxone::Settings::read(&mut read, &[Capability::Knowledge]);
        let rules = Rules::read(&mut read);
        let base = read.optional("KNOWLEDGE_BASE_URL");
        let checks_links = read.or("KNOWLEDGE_CHECK_LINKS", true);
        let form = read.or("KNOWLEDGE_FORM", Form::default());
        let hundred = NonZeroU32::MIN.saturating_add(99);
        let page_size = read.or("KNOWLEDGE_PAGE", hundred);
        if page_size.get() < 2 {
            read.problem("KNOWLEDGE_PAGE", "must be at least 2");
        }
        let overlap_seconds = read.or("KNOWLEDGE_OVERLAP_SECONDS", 300);
        let mirror = mirror::Settings::read(&mut read);
        let chunks = ChunkSettings::read(&mut read);
        read.build(|| {
            Some(Self {
                database: database?,
                embedding: embedding?,
                cxone: cxone?,
                rules,
                base,
                checks_links,
                form,
                page_size,
                overlap_seconds,
                mirror,
                chunks,
            })
        })
    }
}

impl App {
    /// Reads the environment, the secrets and the models before the first event.
    pub async fn from_env(env: &Env) -> Result<Self, Error> {
        let sdk = aws::config().await;
        Box::pin(Self::new(Config::from_env(env)?, &sdk)).await
    }

    /// Builds the function against any AWS endpoint.
    pub async fn new(config: Config, sdk: &aws::SdkConfig) -> Result<Self, Error> {
        let embedders = config.embedding.build(sdk)?;
        let database = config.database.open(sdk).await?.waiting(TURN);
        let models: Vec<_> = embedders
            .into_iter()
            .map(|embedder| Model::new(embedder, &database))
            .collect();
        let longest = models.iter().map(|model| model.embedder.max_tokens());
        let most = longest.min().unwrap_or(usize::MAX);
        let limits = config.chunks.within(most)?;
        let links = config
            .checks_links
            .then(|| checker(net_guard::Rules::default()));
        let mirror = config.mirror.map(|settings| settings.open(sdk));
        Ok(Self {
            database,
            knowledge: config.cxone.knowledge(sdk)?,
            models,
            rules: config.rules,
            links: links.transpose()?,
            form: config.form,
            page_size: config.page_size,
            overlap_seconds: config.overlap_seconds,
            mirror: mirror.transpose()?,
            lease: sync::LEASE,
            base: config.base,
            limits,
        })
    }

    /// The same, which may call links that these rules allow: for tests and for the local stack.
    pub fn calling(self, rules: net_guard::Rules) -> Result<Self, Error> {
        Ok(Self {
            links: Some(checker(rules)?),
            ..self
        })
    }

    /// The same, which is sooner taken for dead: for tests.
    #[must_use]
    pub fn holding(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// How articles are rendered.
    pub(crate) fn renderer(&self) -> Renderer<'_> {
        Renderer {
            rules: &self.rules,
            base: self.base.as_ref(),
            limits: self.limits,
            tokens: self,
        }
    }

    /// What decides, beside the article, how it is stored.
    pub(crate) fn rendered_as(&self) -> String {
        self.rendered_by(self.models.iter())
    }

    /// The same, of an article that only these models have answered for: until the others have, it is rendered anew.
    pub(crate) fn rendered_by<'a>(&self, models: impl Iterator<Item = &'a Model>) -> String {
        let models: Vec<_> = models
            .map(|model| model.embedder.space().to_string())
            .collect();
        self.renderer().rendered_as(&models)
    }
}

fn checker(rules: net_guard::Rules) -> Result<LinkChecker, Error> {
    LinkChecker::new(rules, Arc::new(SystemLookup), links::Settings::default())
}

/// The models share their pieces: a piece counts as what the strictest of them makes of it.
impl Tokens for App {
    fn count(&self, text: &str) -> usize {
        let counts = self
            .models
            .iter()
            .map(|model| model.embedder.tokens().count(text));
        counts.max().unwrap_or_else(|| Cl100k.count(text))
    }
}

impl Model {
    fn new(embedder: Embedder, database: &Database) -> Self {
        Self {
            id: KnownModel::new(embedder.space(), database),
            embedder,
        }
    }
}
