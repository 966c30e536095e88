//! The doctor of a deployment: one that is well is said to be, and each part that breaks is found, with what it means and what to do.

use aws_sdk_secretsmanager::Client as Secrets;
use aws_sdk_sqs::Client as Queues;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde_json::{Value, json};
use shared::domain::DataActionEvent;
use shared::testing::aws_at;

use crate::deployment::{Deployment, STACK, findings};
use crate::world::run;

/// What stands where instead, and what is found then. A variable of a function stands behind >. What stands together breaks together.
const BROKEN: &str = r#"
/stack/status = "UPDATE_ROLLBACK_FAILED" -> fail stack: UPDATE_ROLLBACK_FAILED
/stack/outputs/SearchUrl = null -> fail stack: does not tell SearchUrl
/stack/parameters/AlarmTopicArn = "" -> warn stack: tell nobody
/functions/search = null -> fail functions: search is not there
/functions/knowledge-refresh/Configuration/State = "Failed" -> fail functions: knowledge-refresh is Failed
/functions/transcript-intake/Configuration/State = "Pending" -> warn functions: transcript-intake is being made
/functions/transcript-injector/Configuration/LastUpdateStatus = "Failed" -> fail functions: last change of transcript-injector
/functions/assist-cards/Configuration/LastUpdateStatus = "InProgress" -> warn functions: assist-cards is being changed
/functions/snippet-ranker > API_KEYS_SECRET_ID = "" -> fail functions: snippet-ranker has no API_KEYS_SECRET_ID
/functions/assist-listener > DATABASE_SECRET_ID = "" -> fail functions: assist-listener has no DATABASE_SECRET_ID
/functions/ops-console > SEGMENTS_QUEUE_URL = "https://sqs/1/other" -> warn functions: names the queue other
/functions/schema-migrator/Concurrency = {"ReservedConcurrentExecutions": 0} -> fail functions: schema-migrator is switched off
/functions/conversation-embedder/Configuration/Timeout = 100 -> warn queues: may take 100 s
/mappings/conversation-embedder = null -> fail clocks: no queue feeds conversation-embedder
/schedules/conversation-embedder-Expire = null -> fail clocks: Expire of conversation-embedder is not there
/schedules/ops-console-RollUp/State = "DISABLED" -> fail clocks: RollUp of ops-console is switched off
/alarms/0/StateValue = "ALARM" -> fail alarms: docs/runbooks.md#dead-letters
/alarms/1/StateValue = "ALARM" -> fail alarms: database-capacity rings
/check/schema/version = 3 -> fail database: version 3
/webhook/health = 503 -> fail webhook: does not reach its keys
/webhook/stranger = 202 -> fail webhook: answered 202, and not 401
/webhook/holder = 401 -> fail webhook: standard-webhooks
/route/4xx = 3 -> fail webhook: 6 of 40 webhooks were refused since yesterday
/webhook/ahead_s = 90 -> warn webhook: ahead of the webhook's
/functions/knowledge-sync > CXONE_PROFILE = "{" -> fail CXone: is not JSON
/functions/conversation-embedder > EMBEDDING_DIMENSIONS = "many" -> fail embedding: EMBEDDING_DIMENSIONS

/stack/status = "UPDATE_IN_PROGRESS" -> warn stack: UPDATE_IN_PROGRESS
/stack/parameters/AssistListening = "false" -> warn stack: agents see no cards
/functions/conversation-embedder/Configuration/Timeout = 500 -> fail queues: may take 500 s
/mappings/conversation-embedder/State = "Disabled" -> fail clocks: is Disabled
/subscriptions = [] -> warn alarms: nobody is subscribed
/alarms/2/StateValue = "ALARM" -> ok alarms: none rings
/check/schema/is_pgvector_sound = false -> fail database: can corrupt
/check/segments = {"closed": 4, "oldest_s": 9000} -> warn database: 4 full segments
/webhook/holder = 503 -> fail webhook: answered 503, where 400
/route/4xx = 2 -> warn webhook: what it sent is lost here
/webhook/ahead_s = -1000 -> fail webhook: behind the webhook's
/functions/knowledge-sync > CXONE_PROFILE = "@/var/task/tenant.json" -> warn CXone: inside the functions
/functions/conversation-embedder > EMBEDDING_PROVIDER = "local" -> fail embedding: its layer is missing
/denied = "scheduler" -> warn clocks: ask for the right scheduler:ListSchedules

/stack/parameters/CxoneProfile = "{}" -> warn stack: nobody says who speaks
/subscriptions/0 = "PendingConfirmation" -> warn alarms: nobody has confirmed
/mappings/conversation-embedder/LastProcessingResult = "PROBLEM: no rights" -> fail clocks: PROBLEM: no rights
/stack/outputs/WebhookUrl = "http://127.0.0.1:1/webhooks/data-action" -> fail webhook: cannot be reached
/check = {"to": 17} -> warn database: does not know this question
/functions/conversation-embedder > EMBEDDING_MODEL = "no-such-model" -> fail embedding: no-such-model
/denied = "monitoring" -> warn alarms: ask for the right cloudwatch:DescribeAlarms

/denied = "sns" -> warn alarms: ask for the right sns:ListSubscriptionsByTopic

/denied = "monitoring" -> warn webhook: ask for the right cloudwatch:GetMetricStatistics

/check = {"errorType": "transient", "errorMessage": "Postgres: no route"} -> fail database: no route
/denied = "lambda" -> warn functions: ask for the right lambda:GetFunction

/stack/parameters/DatabaseSecretArn = "" -> warn stack: DatabaseSecretArn is empty

/functions/knowledge-sync > CXONE_PROFILE = "{}" -> fail CXone: assist: CXONE_PROFILE does not say where it is

/stack/parameters/AssistListening = "false" -> warn CXone: assist: CXONE_PROFILE does not say where it is
/functions/knowledge-sync > CXONE_PROFILE = "{}" -> warn CXone: ranking: CXONE_PROFILE does not say where it is

/denied = "cloudformation" -> fail stack: ask for the right cloudformation:DescribeStacks
"#;

/// What is in a secret instead, and what is found then.
const SPOILT: &str = r#"
webhook-keys = {"standard-webhooks": []} -> fail secrets: WEBHOOK_KEYS_SECRET_ID is as the deploy made it
api-keys = hush-hush-hush -> fail secrets: API_KEYS_SECRET_ID cannot be used
embedding-key = {"api_key": ""} -> fail secrets: EMBEDDING_KEY_SECRET_ID is as the deploy made it
cxone-credentials = {"client_id": "", "client_secret": ""} -> fail secrets: CXONE_SECRET_ID is as the deploy made it
erasure-key = hush-hush-hush -> fail secrets: ERASURE_KEY_SECRET_ID cannot be used
callback-keys = {"keys": []} -> warn secrets: callbacks wait
console-link-key = hush-hush-hush -> fail secrets: CONSOLE_LINK_KEY_SECRET_ID cannot be used
audit-anchors = hush-hush-hush -> fail secrets: AUDIT_ANCHOR_SECRET_ID cannot be used
database = {"password": "hush-hush-hush"} -> fail secrets: DATABASE_SECRET_ID cannot be used

webhook-keys = hush-hush-hush -> fail secrets: WEBHOOK_KEYS_SECRET_ID cannot be used
api-keys = {"keys": []} -> warn secrets: no live API key
embedding-key = hush-hush-hush -> fail embedding: check the key
cxone-credentials = {"client_id": "local-client", "client_secret": "hush-hush-hush"} -> fail CXone: credentials

webhook-keys = {"standard-webhooks": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "hush-hush-hush"]} -> warn secrets: key 1 of the scheme
api-keys = {"keys": [{"id": "old", "sha256": "00", "scopes": [], "expires": "2020-01-01T00:00:00Z"}]} -> warn secrets: the API key old has ended
"#;

/// What breaks together: where, what stands there instead, and what is found then.
fn groups(table: &'static str) -> Vec<Vec<(&'static str, &'static str, Wanted)>> {
    let row = |row: &'static str| {
        let (place, rest) = row.split_once(" = ").unwrap();
        let (instead, found) = rest.rsplit_once(" -> ").unwrap();
        let (kind, words) = found.split_once(": ").unwrap();
        let (verdict, about) = kind.split_once(' ').unwrap();
        (place, instead, (verdict, about, words))
    };
    let groups = table.trim().split("\n\n");
    groups
        .map(|group| group.lines().map(row).collect())
        .collect()
}

/// What is found then: the verdict, about what, and words of it.
type Wanted = (&'static str, &'static str, &'static str);

#[tokio::test]
async fn a_deployment_that_is_well_is_said_to_be() {
    let deployment = Deployment::start().await;
    let said = deployment.examine(&["--json"]).await;
    let found = findings(&said);
    let is_well = |one: &Value| one["verdict"] == "ok";
    assert!(found.iter().all(is_well), "{said:?}");
    for about in [
        "stack",
        "functions",
        "queues",
        "clocks",
        "secrets",
        "alarms",
        "webhook",
        "database",
        "embedding",
        "CXone",
    ] {
        assert!(
            found.iter().any(|one| one["about"] == about),
            "{about}: {said:?}"
        );
    }
    let posted = deployment.world.posted.lock().unwrap();
    assert_eq!(posted.len(), 2, "as nobody, and with the key");
    assert!(
        posted
            .iter()
            .all(|body| DataActionEvent::parse(body).is_err()),
        "a conversation was made up"
    );
    assert!(deployment.template.queues.iter().all(|queue| {
        deployment
            .double
            .message_count(&format!("{STACK}-{}", queue.name))
            == 0
    }));
}

#[tokio::test]
async fn people_are_told_the_same() {
    let deployment = Deployment::start().await;
    deployment.world.state.lock().unwrap()["functions"]["search"]["Configuration"]["State"] =
        json!("Failed");
    let said = deployment.examine(&[]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    for words in [
        "ok    stack       memory is UPDATE_COMPLETE",
        "fail  functions   search is Failed",
        "means: it cannot run",
        "do:    mend",
    ] {
        assert!(said.out.contains(words), "{words}: {said:?}");
    }
}

#[tokio::test]
async fn wrong_arguments_and_a_missing_stack_are_told() {
    for wrong in [
        &["doctor", "--profile", "x"][..],
        &["doctor", "--region", "x"],
        &["doctor", "--stack", "x"],
        &["doctor", "--aws", "--port-base", "42000"],
    ] {
        assert_eq!(run(wrong, &[]).await.code, Some(2), "{wrong:?}");
    }
    let deployment = Deployment::start().await;
    let said = deployment.examine_stack("elsewhere", &["--json"]).await;
    let found = findings(&said);
    assert!(
        found.len() == 1
            && found[0]["what"]
                .as_str()
                .unwrap()
                .contains("no stack elsewhere"),
        "{said:?}"
    );
}

/// Each of these is found; what is not is named.
fn expect<'a>(found: &[Value], all: impl IntoIterator<Item = (&'a str, Wanted)>) {
    let is_found = |(verdict, about, words): Wanted| {
        found.iter().any(|one| {
            let text = format!("{} {} {}", one["what"], one["means"], one["next"]);
            one["verdict"] == verdict && one["about"] == about && text.contains(words)
        })
    };
    let missing = all.into_iter().filter(|(_, wanted)| !is_found(*wanted));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "{missing:#?} of {found:#?}");
}

#[tokio::test]
async fn each_part_that_breaks_is_found() {
    let deployment = Deployment::start().await;
    let well = deployment.world.state.lock().unwrap().clone();
    for group in groups(BROKEN) {
        let mut state = well.clone();
        for (place, instead, _) in &group {
            let place = place.replace(" > ", "/Configuration/Environment/Variables/");
            let found = state.pointer_mut(&place);
            let found = found.unwrap_or_else(|| panic!("there is no {place}"));
            *found = serde_json::from_str(instead).unwrap();
        }
        *deployment.world.state.lock().unwrap() = state;
        let found = findings(&deployment.examine(&["--json"]).await);
        expect(
            &found,
            group.iter().map(|(place, _, wanted)| (*place, *wanted)),
        );
    }
}

#[tokio::test]
async fn each_secret_that_is_of_no_use_is_found() {
    let deployment = Deployment::start().await;
    let sdk = aws_at(&deployment.double.endpoint()).await;
    let client = Secrets::new(&sdk);
    let put = async |name: &str, text: &str| {
        let request = client
            .put_secret_value()
            .secret_id(format!("{STACK}/{name}"));
        request.secret_string(text).send().await.unwrap();
    };
    for group in groups(SPOILT) {
        for (name, text, _) in &group {
            put(name, text).await;
        }
        let said = deployment.examine(&["--json"]).await;
        assert!(!format!("{said:?}").contains("hush-hush"), "{said:?}");
        let found = findings(&said);
        expect(
            &found,
            group.iter().map(|(name, _, wanted)| (*name, *wanted)),
        );
    }
    let request = client
        .delete_secret()
        .secret_id(format!("{STACK}/erasure-key"));
    request
        .force_delete_without_recovery(true)
        .send()
        .await
        .unwrap();
    let said = deployment.examine(&["--json"]).await;
    expect(
        &findings(&said),
        [(
            "deleted",
            ("fail", "secrets", "ERASURE_KEY_SECRET_ID is not there"),
        )],
    );
}

#[tokio::test]
async fn what_lies_in_queues_is_found_and_stays_there() {
    let deployment = Deployment::start().await;
    let sdk = aws_at(&deployment.double.endpoint()).await;
    let client = Queues::new(&sdk);
    for name in ["conversations", "conversations-dlq", "knowledge"] {
        let url = queue_url(&client, name).await;
        let request = client.send_message().queue_url(url);
        request.message_body("hush-hush-hush").send().await.unwrap();
    }
    deployment.world.state.lock().unwrap()["ages"] = json!({"memory-conversations": 1_200, "memory-conversations-dlq": 10_800, "memory-knowledge": 7_300});
    let said = deployment.examine(&["--json"]).await;
    assert!(!format!("{said:?}").contains("hush-hush"), "{said:?}");
    let found = findings(&said);
    expect(
        &found,
        [(
            "dead",
            (
                "fail",
                "queues",
                "1 dead letters lie in memory-conversations-dlq, the oldest for 3 h",
            ),
        )],
    );
    expect(
        &found,
        [(
            "kept",
            ("fail", "queues", "14 days after they were first sent"),
        )],
    );
    expect(
        &found,
        [(
            "old",
            (
                "fail",
                "queues",
                "1 messages wait in memory-conversations, the oldest for 20 min",
            ),
        )],
    );
    assert_eq!(
        deployment.double.messages("memory-conversations-dlq")[0].receive_count,
        0,
        "it was received"
    );
    expect(
        &found,
        [(
            "long",
            (
                "fail",
                "queues",
                "1 messages wait in memory-knowledge, the oldest for 2 h",
            ),
        )],
    );
    // It failed once, and is hidden for an hour and a half.
    deployment.world.state.lock().unwrap()["ages"] =
        json!({"memory-conversations": 60, "memory-knowledge": 6_000});
    let found = findings(&deployment.examine(&["--json"]).await);
    assert!(
        !found
            .iter()
            .any(|one| one["what"].as_str().unwrap().contains("messages wait")),
        "{found:?}"
    );
}

async fn queue_url(client: &Queues, name: &str) -> String {
    let request = client.get_queue_url().queue_name(format!("{STACK}-{name}"));
    request.send().await.unwrap().queue_url.unwrap()
}

#[tokio::test]
async fn a_queue_that_is_not_as_the_template_has_it_is_found() {
    let deployment = Deployment::start().await;
    let client = Queues::new(&aws_at(&deployment.double.endpoint()).await);
    let url = async |name: &str| queue_url(&client, name).await;
    let set = client
        .set_queue_attributes()
        .queue_url(url("conversations").await);
    set.attributes(Name::VisibilityTimeout, "30")
        .send()
        .await
        .unwrap();
    let delete = client.delete_queue().queue_url(url("segments").await);
    delete.send().await.unwrap();
    let redrive = client
        .set_queue_attributes()
        .queue_url(url("knowledge").await);
    let policy = json!({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:memory-segments-dlq", "maxReceiveCount": 3});
    redrive
        .attributes(Name::RedrivePolicy, policy.to_string())
        .send()
        .await
        .unwrap();
    let found = findings(&deployment.examine(&["--json"]).await);
    expect(
        &found,
        [(
            "visibility",
            (
                "fail",
                "queues",
                "memory-conversations hides a message for 30 s",
            ),
        )],
    );
    expect(
        &found,
        [(
            "deleted",
            ("fail", "queues", "memory-segments is not there"),
        )],
    );
    expect(
        &found,
        [(
            "redrive",
            (
                "fail",
                "queues",
                "memory-knowledge does not give its dead letters",
            ),
        )],
    );
}
