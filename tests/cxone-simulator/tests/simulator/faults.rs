//! Faults that answer, and when faults strike.

use std::{io, time::Instant};

use flate2::read::GzDecoder;

use super::*;

async fn put_faults(simulator: &Simulator, plan: &Value) -> u16 {
    control(simulator, "PUT", "faults", &plan.to_string())
        .await
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_status_comes_with_its_headers_and_its_body() {
    let simulator = start();
    let date = "Wed, 21 Oct 2026 07:28:00 GMT";
    for (fault, retry_after, body) in [
        (
            json!({"status": 429, "retry_after": "2"}),
            Some("2"),
            "rate_limit_exceeded",
        ),
        (
            json!({"status": 429, "retry_after": date}),
            Some(date),
            "rate_limit_exceeded",
        ),
        (
            json!({"status": 429, "code": "insufficient_quota"}),
            None,
            r#""type":"insufficient_quota"#,
        ),
        (json!({"status": 401}), None, r#""error":{"#),
        (json!({"status": 403, "body": ""}), None, ""),
        (
            json!({"status": 409, "body": {"state": "locked"}}),
            None,
            r#"{"state":"locked"}"#,
        ),
        (
            json!({"status": 503, "body": "<h1>down</h1>"}),
            None,
            "<h1>down</h1>",
        ),
    ] {
        let mut described = fault.clone();
        described["kind"] = "status".into();
        let plan = json!({"rules": [{"path": "/v1/embeddings", "next": 1, "fault": described}]});
        assert_eq!(put_faults(&simulator, &plan).await, 204);
        let response = embed(&simulator, &question()).await;
        assert_eq!(response.status().as_u16(), fault["status"]);
        assert_eq!(
            response
                .headers()
                .get("retry-after")
                .map(|it| it.to_str().unwrap()),
            retry_after
        );
        let text = response.text().await.unwrap();
        assert!(
            text.contains(body) && body.is_empty() == text.is_empty(),
            "{text}"
        );
        assert_eq!(
            embed(&simulator, &question()).await.status(),
            200,
            "only the next request is struck"
        );
    }
    assert!(
        simulator
            .requests("/v1")
            .iter()
            .all(|it| it.executed == (it.status == Some(200)))
    );
}

#[tokio::test]
async fn other_paths_have_the_oauth_error_shape_and_other_methods_are_spared() {
    let simulator = start();
    let fault = json!({"kind": "status", "status": 500});
    let plan = json!({"rules": [{"path": "tokens", "method": "post", "rate": 1, "fault": fault}]});
    assert_eq!(put_faults(&simulator, &plan).await, 204);
    let answer = json_of(post_form(&simulator, "/as/token.oauth2", &V2).await, 500).await;
    assert_eq!(answer["error"], "server_error");
    let get = Client::new().get(format!("{}/as/token.oauth2", simulator.url()));
    assert_eq!(get.send().await.unwrap().status(), 405);
    assert_eq!(embed(&simulator, &question()).await.status(), 200);
    assert_eq!(
        control(&simulator, "DELETE", "faults", "").await.status(),
        204
    );
    assert_eq!(
        post_form(&simulator, "/oauth/token", &V2).await.status(),
        200
    );
}

#[tokio::test]
async fn an_error_can_follow_the_work() {
    let simulator = start();
    let mut rule = FaultRule::next("/v1/embeddings", 1, Fault::status(502));
    rule.execute = Some(true);
    simulator
        .set_faults(FaultPlan {
            seed: 0,
            rules: vec![rule],
        })
        .unwrap();
    assert_eq!(embed(&simulator, &question()).await.status(), 502);
    let record = &simulator.requests("/v1")[0];
    assert_eq!((record.executed, record.status), (true, Some(502)));
}

#[tokio::test]
async fn slow_is_slow_and_latency_is_for_all() {
    let simulator = start();
    let timed = async || {
        let start = Instant::now();
        assert_eq!(embed(&simulator, &question()).await.status(), 200);
        start.elapsed().as_millis()
    };
    always(&simulator, "embeddings", Fault::Slow { ms: 300 });
    assert!(timed().await >= 300);
    simulator.clear_faults();
    control(
        &simulator,
        "PUT",
        "settings",
        r#"{"embedding_latency_ms":300}"#,
    )
    .await;
    assert!(timed().await >= 300);
    control(&simulator, "POST", "reset", "").await;
    // A busy machine may be slow by itself, but not each time.
    let mut fastest = u128::MAX;
    for _ in 0..20 {
        fastest = fastest.min(timed().await);
    }
    assert!(fastest < 300, "{fastest} ms");
}

#[tokio::test]
async fn bodies_can_be_bombs_giants_and_pages() {
    let simulator = start();
    always(&simulator, "/v1", Fault::GzipBomb { bytes: 32 << 20 });
    let response = embed(&simulator, &question()).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.bytes().await.unwrap();
    let unpacked = io::copy(&mut GzDecoder::new(&packed[..]), &mut io::sink()).unwrap();
    assert!(
        unpacked == 32 << 20 && packed.len() < 100_000,
        "{} to {unpacked}",
        packed.len()
    );
    always(&simulator, "/v1", Fault::Huge { bytes: 3 << 20 });
    let huge = embed(&simulator, &question()).await.text().await.unwrap();
    assert!(huge.len() == 3 << 20 && serde_json::from_str::<Value>(&huge).is_ok());
    always(&simulator, "/v1", Fault::NotJson);
    let page = embed(&simulator, &question()).await;
    assert_eq!(page.status(), 200);
    assert!(page.json::<Value>().await.is_err());
    assert!(simulator.requests("/v1").iter().all(|it| !it.executed));
}

/// Which of 40 requests were struck, and by what.
async fn struck(seed: u64) -> Vec<Option<(usize, u16)>> {
    let simulator = start();
    let rules = vec![
        FaultRule::rate("/nowhere", 0.2, Fault::status(500)),
        FaultRule::rate("/nowhere", 0.3, Fault::status(429)),
    ];
    simulator.set_faults(FaultPlan { seed, rules }).unwrap();
    for _ in 0..40 {
        Client::new()
            .get(format!("{}/nowhere", simulator.url()))
            .send()
            .await
            .unwrap();
    }
    let records = simulator.requests("/nowhere").into_iter();
    records
        .map(|it| it.fault.map(|hit| (hit.rule, it.status.unwrap())))
        .collect()
}

#[tokio::test]
async fn a_seed_replays_its_faults() {
    let first = struck(7).await;
    assert_eq!(first, struck(7).await);
    assert_ne!(first, struck(8).await);
    let expected = (0..40).map(|nth| {
        let by = |rule, rate| cxone_simulator::draw(7, rule, nth) < rate;
        by(0, 0.2)
            .then_some((0, 500))
            .or(by(1, 0.3).then_some((1, 429)))
    });
    assert_eq!(first, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused_and_changes_nothing() {
    let simulator = start();
    always(&simulator, "/v1", Fault::status(500));
    let cut = json!({"kind": "cut"});
    for rule in [
        json!({"path": "/v1", "fault": cut}),
        json!({"path": "/v1", "rate": 0.5, "next": 1, "fault": cut}),
        json!({"path": "/v1", "rate": 1.5, "fault": cut}),
        json!({"path": "no-such-capability", "next": 1, "fault": cut}),
        json!({"path": "/v1", "next": 1, "fault": {"kind": "no_such_kind"}}),
        json!({"path": "/v1", "next": 1, "fault": {"kind": "status", "status": 42}}),
        json!({"path": "/v1", "next": 1, "fault": {"kind": "status", "status": 429, "retry_after": "a\nb"}}),
        json!({"path": "/v1", "next": 1, "fault": {"kind": "status", "status": 429, "retry-after": "1"}}),
    ] {
        assert_eq!(
            put_faults(&simulator, &json!({"rules": [rule]})).await,
            400,
            "{rule}"
        );
    }
    assert_eq!(embed(&simulator, &question()).await.status(), 500);
}
