//! Every way to a token, and what a token is worth.

use std::time::Duration;

use super::*;

const V2_PATHS: [&str; 3] = ["/oauth/token", "/as/token.oauth2", "/api/v2/oauth/token"];

async fn check(simulator: &Simulator, token: &str, scope: &str) -> u16 {
    let url = format!("{}/_control/tokens/check?scope={scope}", simulator.url());
    let response = Client::new()
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    response.status().as_u16()
}

#[tokio::test]
async fn every_v2_path_answers_the_scopes_that_were_asked_for() {
    let simulator = start();
    for path in V2_PATHS {
        let form = [&V2[..], &[("scope", "knowledge:read assist:write")]].concat();
        let answer = json_of(post_form(&simulator, path, &form).await, 200).await;
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["expires_in"], 3600);
        assert_eq!(answer["scope"], "assist:write knowledge:read");
        let token = answer["access_token"].as_str().unwrap();
        assert_eq!(check(&simulator, token, "knowledge:read").await, 200);
        assert_eq!(check(&simulator, token, "conversations:read").await, 403);
    }
}

#[tokio::test]
async fn v2_refuses_in_the_words_of_oauth() {
    let simulator = start();
    let narrow = r#"{"clients":[{"id":"narrow","secret":"s","scopes":["knowledge:read"]}]}"#;
    assert_eq!(
        control(&simulator, "PUT", "settings", narrow)
            .await
            .status(),
        204
    );
    let narrow = ("client_id", "narrow");
    for (form, status, error) in [
        (
            vec![V2[0], V2[1], ("client_secret", "wrong")],
            401,
            "invalid_client",
        ),
        (
            vec![V2[0], ("client_id", "who"), V2[2]],
            401,
            "invalid_client",
        ),
        (vec![V2[0]], 401, "invalid_client"),
        (
            vec![("grant_type", "password"), V2[1], V2[2]],
            400,
            "unsupported_grant_type",
        ),
        (vec![V2[1], V2[2]], 400, "unsupported_grant_type"),
        (
            vec![
                V2[0],
                narrow,
                ("client_secret", "s"),
                ("scope", "knowledge:read assist:write"),
            ],
            403,
            "invalid_scope",
        ),
        (
            vec![V2[0], V2[1], V2[2], ("scope", "no:such")],
            403,
            "invalid_scope",
        ),
    ] {
        let answer = json_of(post_form(&simulator, "/oauth/token", &form).await, status).await;
        assert_eq!(answer["error"], error, "{form:?}");
    }
}

#[tokio::test]
async fn the_password_style_wants_basic_credentials_and_an_encoded_form() {
    let simulator = start();
    let url = format!("{}/auth/token", simulator.url());
    let ask = async |secret: &str, body: &str| {
        let request = Client::new()
            .post(&url)
            .basic_auth("local-client", Some(secret));
        request
            .header("accept", "application/json")
            .body(body.to_owned())
            .send()
            .await
            .unwrap()
    };
    let good = "grant_type=password&username=local-access-key&password=local-access-secret%3D%3D";
    let answer = json_of(ask("local-secret", good).await, 200).await;
    assert_eq!(
        check(
            &simulator,
            answer["access_token"].as_str().unwrap(),
            "knowledge:read"
        )
        .await,
        200
    );
    assert_eq!(ask("wrong", good).await.status(), 401);
    assert_eq!(
        ask("local-secret", &good.replace("%3D", "")).await.status(),
        401
    );
    assert_eq!(
        ask("local-secret", &good.replace("%3D", "="))
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn the_access_key_style_is_json() {
    let simulator = start();
    let url = format!("{}/authentication/v1/token/access-key", simulator.url());
    let ask = async |body: Value| {
        let request = Client::new()
            .post(&url)
            .json(&body)
            .header("accept", "application/json");
        request.send().await.unwrap()
    };
    let good =
        json!({"accessKeyId": "local-access-key", "accessKeySecret": "local-access-secret=="});
    let answer = json_of(ask(good).await, 200).await;
    assert_eq!(
        check(
            &simulator,
            answer["access_token"].as_str().unwrap(),
            "assist:write"
        )
        .await,
        200
    );
    let bad = json!({"accessKeyId": "local-access-key", "accessKeySecret": "local-access-secret"});
    assert_eq!(
        json_of(ask(bad).await, 401).await["error"],
        "invalid_client"
    );
    assert_eq!(ask(json!([1])).await.status(), 400);
}

#[tokio::test]
async fn discovery_points_at_the_simulator() {
    let simulator = start();
    let ask = async |query: &str| {
        let url = format!("{}/.well-known/cxone-configuration{query}", simulator.url());
        let request = Client::new()
            .get(url)
            .header("accept", "application/json; q=1, text/html");
        request.send().await.unwrap()
    };
    let answer = json_of(ask("?tenantId=t").await, 200).await;
    assert_eq!(answer["api_endpoint"], simulator.url());
    assert!(answer["area"].is_string() && answer["cluster"].is_string());
    assert_eq!(
        format!("http://{}", answer["domain"].as_str().unwrap()),
        simulator.url()
    );
    assert_eq!(ask("").await.status(), 400);
}

#[tokio::test]
async fn without_the_accept_header_the_answer_is_a_web_page() {
    let simulator = start();
    let url = |path: &str| format!("{}{path}", simulator.url());
    let client = Client::new();
    let mut requests: Vec<_> = V2_PATHS
        .iter()
        .map(|path| client.post(url(path)).form(&V2))
        .collect();
    requests.push(client.get(url("/.well-known/cxone-configuration?tenantId=t")));
    for request in requests {
        let response = request.send().await.unwrap();
        assert_eq!(
            response.headers()["content-type"],
            "text/html; charset=utf-8"
        );
        assert!(response.json::<Value>().await.is_err());
    }
    assert!(simulator.requests("").iter().all(|it| !it.executed));
}

#[tokio::test]
async fn tokens_expire_and_are_revoked() {
    let simulator = start();
    let lasting = token(&simulator, "knowledge:read").await;
    control(&simulator, "PUT", "settings", r#"{"token_lifetime_s":3}"#).await;
    let brief = token(&simulator, "knowledge:read").await;
    assert_eq!(check(&simulator, &brief, "knowledge:read").await, 200);
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    assert_eq!(check(&simulator, &brief, "knowledge:read").await, 401);
    assert_eq!(check(&simulator, &lasting, "knowledge:read").await, 200);
    assert_eq!(simulator.revoke_tokens(Some("somebody-else")), 0);
    let revoked = json_of(control(&simulator, "POST", "tokens/revoke", "").await, 200).await;
    assert!(revoked["revoked"].as_u64() >= Some(1));
    assert_eq!(check(&simulator, &lasting, "knowledge:read").await, 401);
    assert_eq!(check(&simulator, "made-up", "knowledge:read").await, 401);
}
