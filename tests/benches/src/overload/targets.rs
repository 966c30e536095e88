//! Who bears the load: the webhook over the double, and search over the articles of the evaluation.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use end_to_end::{Answer, Function};
use evaluation::dataset::read_questions;
use evaluation::own;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::testing;
use tokio::process::Command;

use super::pool::Pool;
use super::{Course, ENVIRONMENTS};
use crate::assist::stage::Stage as Library;
use crate::bench::Outcome;
use crate::requests;
use crate::stage::{QUEUE, Side, Stage, folder, released};

pub(super) const BODY_BYTES: usize = 20_000;
const DISTINCT: usize = 200;

/// The webhook, or the same job in Python.
pub(super) async fn webhook(stage: &Stage, side: Side) -> Outcome<Arc<Pool>> {
    let mut functions = Vec::new();
    for _ in 0..ENVIRONMENTS {
        functions.push(stage.spawn(side).await?);
    }
    let events = (0..DISTINCT).map(|number| requests::signed(number, BODY_BYTES));
    let check = |answer: &Answer| requests::receipt(answer).map(|_| ());
    Ok(Pool::new(functions, events.collect::<Outcome<_>>()?, check))
}

/// That the queue holds what was answered, and nothing else; it is empty afterwards.
pub(super) async fn all_kept(stage: &Stage, pool: &Pool, course: Course) -> Outcome<Course> {
    let answered = pool.answered.load(Ordering::Relaxed);
    let kept = stage.double.message_count(QUEUE) as u64;
    if answered != kept {
        return Err(format!("{answered} were acknowledged, {kept} are kept").into());
    }
    let queue = json!({ "QueueUrl": stage.queue_url });
    stage.call("AmazonSQS.PurgeQueue", &queue).await?;
    Ok(course)
}

/// Search, and what it looks in.
pub(super) async fn search(stage: &Stage) -> Outcome<(Arc<Pool>, Library)> {
    let library = Library::set().await?;
    let mut keys = ApiKeys::default();
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    let key = keys.issue("bench", [7; 32], vec![Scope::SearchRead], expires)?;
    let secret = json!({ "Name": "api-keys", "SecretString": serde_json::to_string(&keys)?, "ClientRequestToken": "bench-0123456789-0123456789-0124" });
    stage.call("secretsmanager.CreateSecret", &secret).await?;
    let mut functions = Vec::new();
    let (binary, log) = (
        released("search")?,
        File::create(folder()?.join("functions.log"))?,
    );
    for _ in 0..ENVIRONMENTS {
        let mut command = Command::new(&binary);
        stage.aws(command.env_clear()).envs([
            ("DATABASE_URL", library.scratch.url.as_str()),
            ("API_KEYS_SECRET_ID", "api-keys"),
            ("EMBEDDING_PROVIDER", "local"),
        ]);
        command.env("LOCAL_MODEL_DIR", &library.model);
        functions.push(Function::spawn(command, &log).await?);
    }
    let headers = [("x-api-key".to_owned(), key)];
    let questions = read_questions(own::TUNE)?;
    let event = |text: &str| {
        let body = json!({ "query": text }).to_string();
        testing::http_event("/search/knowledge", &headers, &body).to_string()
    };
    let events = questions
        .iter()
        .map(|question| event(question.text.as_str()));
    Ok((Pool::new(functions, events.collect(), found), library))
}

fn found(answer: &Answer) -> Outcome<()> {
    let response: Value = serde_json::from_slice(&answer.body)?;
    if answer.is_ok && response["statusCode"] == 200 {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("search answers: {body}; see target/bench/functions.log").into())
}
