//! A keeper with its database, and writers that fill segments.

use std::time::Duration;

use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::config::Env;
use shared::db::Database;
use shared::db::conversations::{Kept, store};
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{Fill, prepare_next, roll_over};
use shared::testing::{self, invocation};
use vector_keeper::{App, Config, handle};

use crate::calls::{Stage, event};

pub(crate) const PLENTY: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) app: App,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let stage = Stage::set(test).await?;
        let app = app(&stage).await;
        Some(Self { stage, app })
    }

    /// Another environment of the function.
    pub(crate) async fn another(&self) -> App {
        app(&self.stage).await
    }

    /// One that makes one of two segments.
    pub(crate) async fn merging(&self) -> App {
        let url = ("DATABASE_URL", self.stage.test.url.as_str());
        app_of(&[url, ("MERGE_SEGMENTS", "2")]).await
    }

    /// One that makes no one of several, however many wait.
    pub(crate) async fn patient(&self) -> App {
        let url = ("DATABASE_URL", self.stage.test.url.as_str());
        app_of(&[url, ("MERGE_SEGMENTS", "255")]).await
    }

    /// Does everything that waits.
    pub(crate) async fn keep(&self) -> Value {
        let task = json!({ "task": "keep" });
        invoke(&self.app, task, PLENTY).await.unwrap()
    }

    /// Fills segments of a model with so many rows each, and closes them.
    pub(crate) async fn close(&self, model: ModelId, segments: usize, rows: usize) {
        for segment in 0..segments {
            let batch = (0..rows).map(|number| {
                // Nothing that is closed twice is the same.
                let name = format!(
                    "conv-{}-{segment}-{number}-{}",
                    model.number(),
                    uuid::Uuid::new_v4()
                );
                event(model, &name, "said", 0)
            });
            let batch: Vec<_> = batch.collect();
            let kept = store(&self.stage.database, &batch).await.unwrap();
            next(&self.stage.database, &kept).await;
        }
    }

    /// How many segments are in this state.
    pub(crate) async fn count(&self, state: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM vector_segments WHERE state = '{state}'");
        self.stage.number(&sql).await
    }

    /// How many graphs are whole.
    pub(crate) async fn graphs(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE a.amname = 'hnsw' AND i.indisvalid";
        self.stage.number(sql).await
    }
}

/// Lets the next segment take the place of the one that was written to.
pub(crate) async fn next(database: &Database, kept: &Kept) {
    // However many of the chunks that were counted are another model's.
    let fill = Fill {
        values: 0,
        ..kept.fills[0]
    };
    roll_over(database, &fill).await.unwrap();
    // Whoever is in the way does the same.
    let _ = prepare_next(database, fill.model).await;
}

async fn app(stage: &Stage) -> App {
    app_of(&[("DATABASE_URL", stage.test.url.as_str())]).await
}

async fn app_of(settings: &[(&str, &str)]) -> App {
    let env = Env::from_pairs(settings.iter().copied());
    let nobody = testing::aws_at("http://127.0.0.1:9").await;
    App::new(Config::from_env(&env).unwrap(), &nobody)
        .await
        .unwrap()
}

/// Gives an environment of the function an event as Lambda would.
pub(crate) async fn invoke(app: &App, event: Value, time: Duration) -> Result<Value, Diagnostic> {
    handle(app, invocation(event, time)).await
}
