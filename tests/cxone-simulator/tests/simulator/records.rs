//! What is remembered of a request, and what is not.

use cxone_simulator::Recorded;

use super::*;

async fn read(simulator: &Simulator, query: &str) -> (Vec<Recorded>, u64) {
    let answer = json_of(
        control(simulator, "GET", &format!("requests{query}"), "").await,
        200,
    )
    .await;
    let requests = serde_json::from_value(answer["requests"].clone()).unwrap();
    (requests, answer["last_id"].as_u64().unwrap())
}

#[tokio::test]
async fn a_record_says_what_came_and_what_became_of_it() {
    let simulator = start();
    let url = format!("{}/v1/embeddings?trace=1&password=hidden", simulator.url());
    let request = Client::new()
        .post(url)
        .header("x-cxone-client-version", "3")
        .bearer_auth("sk-local");
    request.json(&question()).send().await.unwrap();
    let (records, _) = read(&simulator, "?path=/v1/embeddings").await;
    let record = &records[0];
    assert_eq!(
        (record.method.as_str(), record.path.as_str()),
        ("POST", "/v1/embeddings")
    );
    assert_eq!(record.query.as_deref(), Some("trace=1&password=***"));
    assert_eq!(record.headers["x-cxone-client-version"], "3");
    assert_eq!(
        serde_json::from_str::<Value>(&record.body).unwrap(),
        question()
    );
    assert_eq!(
        (record.status, record.executed, &record.fault),
        (Some(200), true, &None)
    );
    assert_eq!(records, simulator.requests("/v1/embeddings"));
}

#[tokio::test]
async fn a_refused_request_is_recorded_as_not_executed() {
    let simulator = start();
    embed(&simulator, &json!({"model": SMALL, "input": ""})).await;
    Client::new()
        .get(format!("{}/nowhere", simulator.url()))
        .send()
        .await
        .unwrap();
    let huge = "x".repeat((16 << 20) + 1);
    let _ = Client::new()
        .post(format!("{}/nowhere", simulator.url()))
        .body(huge)
        .send()
        .await;
    let outcomes: Vec<_> = simulator
        .requests("")
        .iter()
        .map(|it| (it.status, it.executed))
        .collect();
    assert_eq!(
        outcomes,
        [(Some(400), false), (Some(404), false), (Some(413), false)]
    );
}

#[tokio::test]
async fn no_secret_is_remembered() {
    let simulator = start();
    let token = token(&simulator, "knowledge:read").await;
    embed(&simulator, &question()).await;
    let client = Client::new();
    let url = |path: &str| format!("{}{path}", simulator.url());
    let access_key =
        json!({"accessKeyId": "local-access-key", "accessKeySecret": "local-access-secret=="});
    let form = [
        ("grant_type", "password"),
        ("username", "local-access-key"),
        ("password", "local-access-secret=="),
    ];
    for request in [
        client
            .post(url("/auth/token"))
            .basic_auth("local-client", Some("local-secret"))
            .form(&form),
        client
            .post(url("/authentication/v1/token/access-key"))
            .json(&access_key),
        client.get(url("/anywhere")).bearer_auth(&token),
        client
            .get(url("/anywhere"))
            .bearer_auth(&token)
            .header("x-api-key", "sk-local"),
    ] {
        request.send().await.unwrap();
    }
    let records = control(&simulator, "GET", "requests", "")
        .await
        .text()
        .await
        .unwrap();
    // The last one is the Basic credential in base64.
    for secret in [
        "local-secret",
        "access-secret",
        "sk-local",
        &token,
        "bG9jYWwtY2xpZW50",
    ] {
        assert!(!records.contains(secret), "{secret}");
    }
    let calls = simulator.requests("/anywhere");
    assert_eq!(
        calls[0].headers["authorization"],
        calls[1].headers["authorization"]
    );
    assert!(calls[0].headers["authorization"].starts_with("Bearer #"));
}

#[tokio::test]
async fn records_are_read_on_from_an_id_and_forgotten_on_demand() {
    let simulator = start();
    for path in ["/a", "/b", "/a"] {
        Client::new()
            .get(format!("{}{path}", simulator.url()))
            .send()
            .await
            .unwrap();
    }
    let (all, last) = read(&simulator, "").await;
    assert_eq!((all.len(), last), (3, 3));
    let (later, _) = read(&simulator, "?path=/a&since=1").await;
    assert_eq!(later, [all[2].clone()]);
    control(&simulator, "DELETE", "requests", "").await;
    assert_eq!(read(&simulator, "").await, (vec![], 3));
}

#[tokio::test]
async fn control_is_neither_recorded_nor_struck() {
    let simulator = start();
    always(&simulator, "/", Fault::ExecutedThenLost);
    assert_eq!(control(&simulator, "GET", "health", "").await.status(), 200);
    assert!(simulator.requests("").is_empty());
    assert_eq!(
        control(&simulator, "PUT", "settings", r#"{"no_such":1}"#)
            .await
            .status(),
        400
    );
    assert_eq!(control(&simulator, "POST", "reset", "").await.status(), 204);
    assert_eq!(embed(&simulator, &question()).await.status(), 200);
}
