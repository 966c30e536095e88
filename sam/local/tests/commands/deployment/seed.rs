//! What a deployment has that is well: everything that the template promises, and secrets that can be used.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use jiff::{SignedDuration, Timestamp};
use local::template::{Function, Template, Trigger, Variable};
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::testing::aws_at;

use super::{Deployment, STACK};

const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
/// How the double names the account; the region is that of whoever asks.
pub(super) const ACCOUNT: &str = "123456789012";

/// The template as it was deployed, and what the account says of it.
pub(super) fn state(address: &str, simulator: &str) -> (Template, Value) {
    let token = json!({ "url": format!("{simulator}/as/token.oauth2") });
    let stream = json!({ "fields": { "speakers": ["agent", "customer"] } });
    let profile = json!({ "base_url": simulator, "token": token, "stream": stream }).to_string();
    let parameters = [
        ("DatabaseSecretArn", "memory/database"),
        (
            "AlarmTopicArn",
            "arn:aws:sns:eu-central-1:123456789012:alarms",
        ),
        ("CxoneProfile", &profile),
        ("EmbeddingBaseUrl", simulator),
        ("AssistListening", "true"),
    ];
    let parameters: BTreeMap<_, _> = parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let template = Template::load_deployed(TEMPLATE.as_ref(), &parameters).unwrap();
    let outputs = template
        .outputs
        .iter()
        .map(|name| (name.clone(), json!("told")));
    let mut outputs: serde_json::Map<_, _> = outputs.collect();
    outputs["WebhookUrl"] = json!(format!("{address}/webhooks/data-action"));
    let functions = template.functions.iter();
    let functions = functions.map(|one| (one.name.clone(), function(one)));
    let triggers = template.functions.iter().flat_map(|one| &one.triggers);
    let (mut mappings, mut schedules) = (json!({}), json!({}));
    for trigger in triggers {
        match trigger {
            Trigger::Queue(one) => {
                mappings[&one.function] = json!({"State": "Enabled", "EventSourceArn": queue_arn(&one.queue), "LastProcessingResult": "OK"});
            }
            Trigger::Schedule(one) => {
                let target = format!(
                    "arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{STACK}-{}",
                    one.function
                );
                schedules[format!("{}-{}", one.function, one.name)] = json!({"Name": format!("SomeFunction{}", one.name), "State": "ENABLED", "Target": {"Arn": target}});
            }
            Trigger::Http { .. } => {}
        }
    }
    let alarms = [
        "conversations-dlq-depth",
        "database-capacity",
        "of-another-stack",
    ];
    let newest = shared::db::migrate::MIGRATIONS.len();
    let schema = json!({"version": newest, "newest": newest, "pgvector": "0.8.4", "is_pgvector_sound": true});
    let state = json!({
        "stack": {"status": "UPDATE_COMPLETE", "parameters": parameters, "outputs": outputs},
        "functions": functions.collect::<serde_json::Map<_, _>>(),
        "mappings": mappings,
        "schedules": schedules,
        "alarms": alarms.map(|name| json!({"AlarmName": format!("{STACK}-{name}"), "StateValue": "OK", "StateReason": "3 datapoints",
            "AlarmDescription": "It waits. docs/runbooks.md#dead-letters"})),
        "ages": {},
        "route": {"4xx": 1, "Count": 20}, // In each of two hours.
        "subscriptions": ["arn:aws:sns:eu-central-1:123456789012:alarms:1"],
        "denied": "",
        "check": {"schema": schema, "segments": {"closed": 0, "oldest_s": 0}},
        "webhook": {"health": 200, "stranger": 401, "holder": 400, "ahead_s": 0},
    });
    (template, state)
}

fn function(one: &Function) -> Value {
    let value = |variable: &Variable| match variable {
        Variable::Queue(name) => format!("https://sqs/{ACCOUNT}/{STACK}-{name}"),
        Variable::Secret(name) => format!("{STACK}/{name}"),
        Variable::Text(text) => text.clone(),
    };
    let variables = one.variables.iter();
    let variables: BTreeMap<_, _> = variables.map(|(name, one)| (name, value(one))).collect();
    let configuration = json!({"State": "Active", "LastUpdateStatus": "Successful", "Timeout": one.timeout.as_secs(),
        "Environment": {"Variables": variables}});
    json!({"Configuration": configuration, "Concurrency": null})
}

fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:eu-central-1:{ACCOUNT}:{STACK}-{name}")
}

/// Every secret that a function names, by the last part of its name; its text is never to be printed, unless it is `{}`.
fn secrets() -> Vec<(&'static str, String)> {
    let mut keys = ApiKeys::default();
    let end = Timestamp::now() + SignedDuration::from_hours(90 * 24);
    keys.issue("crm", [7; 32], vec![Scope::SearchRead], end)
        .unwrap();
    let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let long = "a-text-of-many-bytes-that-nobody-may-see".repeat(2);
    let database = json!({"host": "db.example", "username": "memory", "password": "a-password-nobody-sees", "dbname": "memory"});
    vec![
        (
            "webhook-keys",
            json!({"standard-webhooks": [signing]}).to_string(),
        ),
        ("api-keys", json!(keys).to_string()),
        ("embedding-key", r#"{"api_key": "sk-local"}"#.to_owned()),
        (
            "cxone-credentials",
            r#"{"client_id": "local-client", "client_secret": "local-secret"}"#.to_owned(),
        ),
        ("erasure-key", long.clone()),
        ("callback-keys", json!({"keys": [signing]}).to_string()),
        ("console-link-key", long),
        ("audit-anchors", "{}".to_owned()),
        ("database", database.to_string()),
    ]
}

/// Makes the queues and the secrets; says what no output may have in it.
pub(super) async fn fill(deployment: &Deployment) -> Vec<String> {
    let sdk = aws_at(&deployment.double.endpoint()).await;
    let client = aws_sdk_secretsmanager::Client::new(&sdk);
    for (name, text) in secrets() {
        let request = client.create_secret().name(format!("{STACK}/{name}"));
        request.secret_string(text).send().await.unwrap();
    }
    let client = aws_sdk_sqs::Client::new(&sdk);
    for queue in &deployment.template.queues {
        let name = format!("{STACK}-{}", queue.name);
        let mut request = client.create_queue().queue_name(name);
        for (key, value) in &queue.attributes {
            request = request.attributes(Name::from(key.as_str()), value);
        }
        if let Some((dead, count)) = &queue.dead_letters {
            let arn = format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{STACK}-{dead}");
            let policy = json!({"deadLetterTargetArn": arn, "maxReceiveCount": count});
            request = request.attributes(Name::RedrivePolicy, policy.to_string());
        }
        request.send().await.unwrap();
    }
    let keys: ApiKeys = serde_json::from_str(&secrets()[1].1).unwrap();
    let digest = keys.keys[0].sha256.clone();
    [
        "whsec_MfKQ",
        "sk-local",
        "local-secret",
        "a-text-of-many",
        "a-password-nobody",
        &digest,
    ]
    .map(str::to_owned)
    .to_vec()
}
