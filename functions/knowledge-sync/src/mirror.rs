//! What changed here is copied to Elasticsearch, where that is wanted, as far as the time allows. The copy never holds up the sync: what
//! cannot be written waits, and an alarm says so.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use shared::db::knowledge_mirror::{self, Content, Waiting, Written};
use shared::error::Error;
use shared::fail_point;
use shared::mirror::{Action, Mirror, Outcome};
use tokio::time::Instant;

use crate::app::App;

/// Documents that are written together.
const BATCH: i64 = 50;
/// An invocation spends no more on it: articles come first.
const MOST: Duration = Duration::from_mins(1);
/// With less time than this before the end no further batch is begun.
const BATCH_TIME: Duration = Duration::from_secs(5);
/// What waits for longer is an alarm.
const LATE: SignedDuration = SignedDuration::from_mins(30);

/// What was written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Copied {
    pub(crate) done: usize,
    pub(crate) later: usize,
    pub(crate) set_aside: usize,
}

/// Writes what waits. Its failure is told, and is nobody else's.
pub(crate) async fn copy(app: &App, until: Instant) -> Copied {
    let mut copied = Copied::default();
    let Some(mirror) = &app.mirror else {
        return copied;
    };
    let until = until.min(Instant::now() + MOST);
    if let Err(error) = drain(app, mirror, until, &mut copied).await {
        tracing::warn!(error = error.chain(), "the copy in Elasticsearch waits");
    }
    if let Err(error) = tell(app, copied).await {
        tracing::warn!(error = error.chain(), "nobody knows how far the copy is");
    }
    copied
}

async fn drain(
    app: &App,
    mirror: &Mirror,
    until: Instant,
    copied: &mut Copied,
) -> Result<(), Error> {
    let Some(model) = app.models.first() else {
        return Ok(());
    };
    let id = model.id.get().await?;
    let dimensions = model.embedder.space().dimensions;
    while Instant::now() + BATCH_TIME < until {
        let due = knowledge_mirror::fetch_due(&app.database, id, BATCH).await?;
        if due.is_empty() {
            break;
        }
        let now = Timestamp::now();
        let actions: Vec<_> = due.iter().map(|one| action(one, now)).collect();
        let outcomes = mirror.write(&actions, dimensions, until).await?;
        fail_point::reach("mirror.written");
        let written: Vec<_> = due
            .into_iter()
            .zip(outcomes.into_iter().map(settled))
            .collect();
        for (one, outcome) in &written {
            copied.count(one, outcome);
        }
        knowledge_mirror::settle(&app.database, &written).await?;
    }
    Ok(())
}

fn settled(outcome: Outcome) -> Written {
    match outcome {
        Outcome::Done => Written::Done,
        Outcome::Later => Written::Later,
        Outcome::Refused(why) => Written::SetAside(why),
    }
}

/// One document for each language of an article.
fn action(waiting: &Waiting, now: Timestamp) -> Action {
    Action {
        id: format!("{}:{}", waiting.article, waiting.locale),
        version: waiting.change,
        document: waiting
            .content
            .as_ref()
            .map(|content| document(waiting, content, now)),
    }
}

fn document(waiting: &Waiting, content: &Content, now: Timestamp) -> Value {
    let metadata: Value = serde_json::from_str(content.metadata.get()).unwrap_or_default();
    let broken = metadata.get("broken_links").cloned();
    let mut document = json!({
        "id": waiting.article,
        "title": content.title,
        "body_text": content.body,
        "language": waiting.locale,
        "territory": metadata["territory"],
        "modified_date": metadata["modified"],
        "version": metadata["version"],
        "broken_links": broken.unwrap_or_else(|| json!([])),
        "indexed_at": now,
    });
    // A field of this type takes no null.
    if let Some(embedding) = &content.embedding {
        document["embedding"] = json!(embedding);
    }
    document
}

async fn tell(app: &App, copied: Copied) -> Result<(), Error> {
    let backlog = knowledge_mirror::fetch_backlog(&app.database).await?;
    let age = backlog
        .oldest
        .map(|oldest| Timestamp::now().duration_since(oldest));
    let age_s = age.map_or(0, |age| age.as_secs());
    tracing::info!(
        ?copied,
        mirror.waiting = backlog.waiting,
        mirror.set_aside = backlog.set_aside,
        mirror_age_s = age_s,
        "copied to Elasticsearch"
    );
    if age.is_some_and(|age| age > LATE) {
        tracing::error!(
            alarm = "knowledge_mirror_late",
            mirror_age_s = age_s,
            "the copy in Elasticsearch is late"
        );
    }
    Ok(())
}

impl Copied {
    fn count(&mut self, one: &Waiting, outcome: &Written) {
        match outcome {
            Written::Done => self.done += 1,
            Written::Later => self.later += 1,
            Written::SetAside(why) => {
                self.set_aside += 1;
                tracing::error!(
                    alarm = "knowledge_mirror_refused",
                    article.id = one.article,
                    article.locale = one.locale,
                    why,
                    "Elasticsearch does not take a document; it is set aside until it changes"
                );
            }
        }
    }
}
