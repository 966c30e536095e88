//! The services of AWS, and the webhook, as far as the doctor asks them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{STACK, World};

type Shared = State<Arc<World>>;

pub(super) fn routes(world: Arc<World>) -> Router {
    Router::new()
        .route("/", post(form))
        .route("/2015-03-31/functions/{name}", get(function))
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .route("/2015-03-31/event-source-mappings", get(mappings))
        .route("/schedules", get(schedules))
        .route("/webhooks/data-action", post(webhook))
        .route("/webhooks/data-action/health", get(health))
        .with_state(world)
}

impl World {
    fn state(&self) -> Value {
        self.state.lock().unwrap().clone()
    }

    /// Whether a request that was signed for this service is refused.
    fn refuses(&self, headers: &HeaderMap) -> bool {
        let signed = headers["authorization"].to_str().unwrap();
        let denied = self.state()["denied"].as_str().unwrap().to_owned();
        assert!(signed.contains("/eu-central-1/"), "{signed}");
        !denied.is_empty() && signed.contains(&format!("/{denied}/aws4_request"))
    }
}

fn denied() -> Response {
    let words = json!({"Message": "User: arn:x is not authorized to perform: this"});
    (StatusCode::FORBIDDEN, words.to_string()).into_response()
}

fn xml(name: &str, value: &Value) -> String {
    let inner = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| xml(name, value))
            .collect(),
        Value::Array(items) => items.iter().map(|item| xml("member", item)).collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;"),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

async fn form(State(world): Shared, headers: HeaderMap, body: String) -> Response {
    if world.refuses(&headers) {
        let error = json!({"Error": {"Code": "AccessDenied", "Message": "no"}});
        return (StatusCode::FORBIDDEN, xml("ErrorResponse", &error)).into_response();
    }
    let form = reqwest::Url::parse(&format!("http://form/?{body}")).unwrap();
    let field = |name: &str| {
        let mut pairs = form.query_pairs();
        let found = pairs.find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let (action, state) = (field("Action"), world.state());
    let result = match action.as_str() {
        "DescribeStacks" if field("StackName") == STACK => describe(&state["stack"]),
        "DescribeStacks" => {
            let words = format!("Stack with id {} does not exist", field("StackName"));
            let error = json!({"Error": {"Code": "ValidationError", "Message": words}});
            return (StatusCode::BAD_REQUEST, xml("ErrorResponse", &error)).into_response();
        }
        "ListSubscriptionsByTopic" => {
            assert_eq!(
                field("TopicArn"),
                state["stack"]["parameters"]["AlarmTopicArn"]
            );
            let told = state["subscriptions"].as_array().unwrap().iter();
            let told: Value = told.map(|arn| json!({"SubscriptionArn": arn})).collect();
            json!({"Subscriptions": told})
        }
        "DescribeAlarms" => json!({"MetricAlarms": state["alarms"]}),
        "GetMetricStatistics" if field("Namespace") == "AWS/ApiGateway" => {
            let about = (1..5).map(|at| field(&format!("Dimensions.member.{at}.Value")));
            let about: Vec<_> = about.collect();
            assert_eq!(about[1..], ["$default", "POST", "/webhooks/data-action"]);
            let sum = &state["route"][field("MetricName")];
            let hour = |at: u32| json!({"Timestamp": format!("2026-01-01T0{at}:00:00Z"), "Sum": format!("{sum}.0")});
            json!({"Datapoints": [hour(1), hour(0)]})
        }
        "GetMetricStatistics" => {
            let age = &state["ages"][field("Dimensions.member.1.Value")];
            let points = age.as_u64().map(|age| {
                let old = json!({"Timestamp": "2026-01-01T00:00:00Z", "Maximum": "1.0"});
                json!([old, {"Timestamp": "2026-01-01T00:01:00Z", "Maximum": format!("{age}.0")}])
            });
            json!({"Datapoints": points.unwrap_or_default()})
        }
        other => panic!("nobody should ask for {other}"),
    };
    let answer = json!({ format!("{action}Result"): result });
    xml(&format!("{action}Response"), &answer).into_response()
}

fn describe(stack: &Value) -> Value {
    let list = |members: &Value, key: &str, value: &str| {
        let members = members.as_object().unwrap().iter();
        let members = members.filter(|(_, text)| !text.is_null());
        members
            .map(|(name, text)| json!({key: name, value: text}))
            .collect::<Value>()
    };
    json!({"Stacks": [{
        "StackStatus": stack["status"],
        "Parameters": list(&stack["parameters"], "ParameterKey", "ParameterValue"),
        "Outputs": list(&stack["outputs"], "OutputKey", "OutputValue"),
    }]})
}

async fn function(State(world): Shared, Path(name): Path<String>, headers: HeaderMap) -> Response {
    if world.refuses(&headers) {
        return denied();
    }
    let name = name.strip_prefix(STACK).unwrap().trim_start_matches('-');
    match &world.state()["functions"][name] {
        Value::Null => StatusCode::NOT_FOUND.into_response(),
        found => found.to_string().into_response(),
    }
}

async fn mappings(State(world): Shared, Query(query): Query<Value>) -> String {
    let name = query["FunctionName"].as_str().unwrap();
    let name = name.strip_prefix(STACK).unwrap().trim_start_matches('-');
    let found = &world.state()["mappings"][name];
    let found = [found].into_iter().filter(|found| found.is_object());
    json!({"EventSourceMappings": found.collect::<Vec<_>>()}).to_string()
}

/// A page for each, so that pages are turned.
async fn schedules(
    State(world): Shared,
    headers: HeaderMap,
    Query(query): Query<Value>,
) -> Response {
    if world.refuses(&headers) {
        return denied();
    }
    let state = world.state();
    let all: Vec<_> = state["schedules"]
        .as_object()
        .unwrap()
        .values()
        .filter(|one| one.is_object())
        .collect();
    let page: usize = query["NextToken"].as_str().map_or(0, |token| {
        token.trim_start_matches("page=").parse().unwrap()
    });
    let next = (page + 1 < all.len()).then(|| format!("page={}", page + 1));
    let shown: Vec<_> = all.into_iter().skip(page).take(1).collect();
    json!({"Schedules": shown, "NextToken": next})
        .to_string()
        .into_response()
}

async fn invoke(State(world): Shared, Path(name): Path<String>, body: String) -> Response {
    let task: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (name.as_str(), &task),
        ("memory-schema-migrator", &json!({"task": "check"})),
        "nothing else may be done"
    );
    let answer = &world.state()["check"];
    if answer["errorType"].is_string() {
        return ([("x-amz-function-error", "Unhandled")], answer.to_string()).into_response();
    }
    answer.to_string().into_response()
}

async fn webhook(State(world): Shared, headers: HeaderMap, body: Bytes) -> StatusCode {
    world.posted.lock().unwrap().push(body.to_vec());
    let who = if headers.contains_key("webhook-signature") {
        "holder"
    } else {
        "stranger"
    };
    let code = world.state()["webhook"][who].as_u64().unwrap();
    StatusCode::from_u16(u16::try_from(code).unwrap()).unwrap()
}

async fn health(State(world): Shared) -> Response {
    let webhook = &world.state()["webhook"];
    let ahead = SignedDuration::from_secs(webhook["ahead_s"].as_i64().unwrap());
    let date = (Timestamp::now() - ahead)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let code = u16::try_from(webhook["health"].as_u64().unwrap()).unwrap();
    let keys = if code == 200 { "ok" } else { "unavailable" };
    let said = json!({"status": keys, "keys": keys, "queue": "ok"}).to_string();
    (StatusCode::from_u16(code).unwrap(), [("date", date)], said).into_response()
}
