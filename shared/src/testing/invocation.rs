//! A function invoked as Lambda would: what comes in, how much time there is, and what is read of the answer.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Context, LambdaEvent};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::http::Response;

/// The event, for a function that has so much time.
///
/// # Panics
///
/// If the function knows no such event.
pub fn invocation<T: DeserializeOwned>(event: Value, time: Duration) -> LambdaEvent<T> {
    let deadline = (SystemTime::now() + time).duration_since(UNIX_EPOCH);
    let deadline = deadline.unwrap_or_default().as_millis();
    let mut context = Context::default();
    context.deadline = u64::try_from(deadline).unwrap_or(u64::MAX);
    let payload = serde_json::from_value(event);
    let payload = payload.unwrap_or_else(|error| panic!("an event of another function: {error}"));
    LambdaEvent { payload, context }
}

/// What the HTTP API makes of a request. What follows a `?` in the path is the query.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Value {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let headers = headers.iter().map(|(name, value)| (*name, json!(value)));
    let headers: Map<_, _> = headers
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": { "http": { "method": method, "path": path }, "requestId": "request-1" },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// What an answer says.
///
/// # Panics
///
/// If that is no JSON.
pub fn json_of(response: &Response) -> Value {
    let body = &response.body;
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

/// Where an answer says that a rule is broken.
pub fn pointers(response: &Response) -> Vec<String> {
    let body = json_of(response);
    let errors = body["errors"].as_array().into_iter().flatten();
    let pointer = |error: &Value| error["pointer"].as_str().unwrap_or_default().to_owned();
    errors.map(pointer).collect()
}
