//! A sync with its tenant, its database and its provider.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Article, Locale, Settings, Simulator, Status};
use knowledge_sync::{App, Config, handle};
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::config::Env;
use shared::net_guard::Rules;
use shared::testing::{self, CXONE_CLIENT, TestDatabase, create_secrets, invocation};
use tokio_postgres::Client;

const PLENTY: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) simulator: Arc<Simulator>,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) app: App,
    _double: AwsDouble,
}

/// What search would read: article, language, title, and the texts in order.
pub(crate) type Contents = BTreeSet<(String, String, String, Vec<String>)>;

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, overrides: &[(&str, &str)]) -> Option<Self> {
        let simulator = Simulator::start(Settings::default()).unwrap();
        Self::beside(Arc::new(simulator), test, overrides).await
    }

    /// Another sync of the same tenant, with an empty database.
    pub(crate) async fn beside(
        simulator: Arc<Simulator>,
        test: &str,
        overrides: &[(&str, &str)],
    ) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [
            ("cxone", CXONE_CLIENT),
            ("embedding-key", "sk-local"),
            ("other-key", "sk-other"),
            ("elasticsearch", r#"{"api_key":"local-key"}"#),
        ];
        create_secrets(&sdk, &secrets).await;
        let profile = testing::profile(simulator.url());
        let mut settings = BTreeMap::from([
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("EMBEDDING_BASE_URL", simulator.url().to_owned()),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
            ("KNOWLEDGE_PAGE", "20".to_owned()),
            ("KNOWLEDGE_CHECK_LINKS", "false".to_owned()),
        ]);
        settings.extend(
            overrides
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let config = Config::from_env(&Env::from_pairs(settings)).unwrap();
        Some(Self {
            app: App::new(config, &sdk).await.unwrap(),
            rows: database.bystander().await.unwrap(),
            simulator,
            _double: double,
        })
    }

    /// Invokes the function with a task.
    pub(crate) async fn invoke(&self, task: &str, time: Duration) -> Result<Value, Diagnostic> {
        let event = json!({ "task": task }).to_string();
        self.handle(&event, time).await
    }

    /// Invokes the function with an event as AWS sends it.
    pub(crate) async fn send(&self, event: &str) -> Result<Value, Diagnostic> {
        self.handle(event, PLENTY).await
    }

    async fn handle(&self, event: &str, time: Duration) -> Result<Value, Diagnostic> {
        let event = serde_json::from_str(event).unwrap();
        handle(&self.app, invocation(event, time)).await
    }

    /// The same, which checks links, also those that lead to the simulator.
    pub(crate) fn checking_links(mut self) -> Self {
        let here = Rules {
            ports: vec![self.simulator.address().port()],
            inside: vec![self.simulator.address().ip()],
        };
        self.app = self.app.calling(here).unwrap();
        self
    }

    /// The same, whose workers are sooner taken for dead.
    pub(crate) fn holding(mut self, lease: Duration) -> Self {
        self.app = self.app.holding(lease);
        self
    }

    /// One run to its end; answers what it did. What passes is waited for, as the schedule does.
    pub(crate) async fn run(&self, task: &str) -> Value {
        for _ in 0..40 {
            match self.invoke(task, PLENTY).await {
                Ok(report) if report["is_busy"] == true => self.wait_for_the_lease().await,
                Ok(report) => {
                    let run = report["runs"].as_array().unwrap().last().unwrap();
                    if run["state"] != "running" {
                        return run.clone();
                    }
                }
                Err(error) => assert_eq!(error.error_type, "transient", "{error:?}"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("it does not become well again");
    }

    /// Who was ended by its deadline still holds the lease; as if a minute and a half had passed.
    async fn wait_for_the_lease(&self) {
        let end = "UPDATE knowledge_sync SET lease_until = '-infinity'";
        self.rows.execute(end, &[]).await.unwrap();
    }

    /// What search would read.
    pub(crate) async fn contents(&self) -> Contents {
        let sql = "SELECT d.article_id, d.locale, d.title,
                array_remove(array_agg(c.text_content ORDER BY c.chunk), NULL)
            FROM knowledge_documents d LEFT JOIN knowledge_chunks c ON c.document_id = d.id
            GROUP BY d.id, d.article_id, d.locale, d.title";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        let content = |row: &tokio_postgres::Row| (row.get(0), row.get(1), row.get(2), row.get(3));
        rows.iter().map(content).collect()
    }

    /// The names of the articles that search finds.
    pub(crate) async fn live(&self) -> BTreeSet<String> {
        let sql = "SELECT DISTINCT article_id FROM knowledge_documents";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// One number from the database.
    pub(crate) async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }

    /// How often the provider was asked.
    pub(crate) fn asked(&self) -> usize {
        self.simulator.requests("/v1/embeddings").len()
    }

    /// How often articles were asked for.
    pub(crate) fn listed(&self) -> usize {
        self.simulator.requests("/api/v2/knowledge/articles").len()
    }
}

/// An article in English, changed at this second.
pub(crate) fn article(name: &str, second: u32, words: &str) -> Article {
    let body = Locale {
        title: format!("About {name}"),
        content: format!("<h1>About {name}</h1><p>{words}</p>"),
    };
    Article {
        uuid: name.to_owned(),
        locales: BTreeMap::from([("en-US".to_owned(), body)]),
        modified_date: "2026-01-15T10:00:00Z".parse::<jiff::Timestamp>().unwrap()
            + jiff::SignedDuration::from_secs(second.into()),
        version: 1,
        territory: "US".to_owned(),
        category_uuid: "c-1".to_owned(),
        status: Status::Published,
    }
}
