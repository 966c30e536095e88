//! The embedding provider: vectors, limits, errors.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;

/// The vectors of an answer, in index order.
async fn vectors(simulator: &Simulator, body: &Value) -> Vec<Vec<f32>> {
    let answer = json_of(embed(simulator, body).await, 200).await;
    let data = answer["data"].as_array().unwrap();
    data.iter()
        .map(|item| serde_json::from_value(item["embedding"].clone()).unwrap())
        .collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn vectors_follow_from_the_text_and_are_closer_the_more_words_are_shared() {
    let simulator = start();
    let texts = [
        "reset my voicemail password",
        "how to reset a voicemail password",
        "invoices arrive quarterly",
    ];
    let first = vectors(&simulator, &json!({"model": SMALL, "input": texts})).await;
    let alone = vectors(&start(), &json!({"model": SMALL, "input": texts[1]})).await;
    assert_eq!(alone, [first[1].clone()]);
    assert!((cosine(&first[0], &first[0]) - 1.0).abs() < 1e-4);
    assert!(cosine(&first[0], &first[1]) > cosine(&first[0], &first[2]) + 0.3);
}

#[tokio::test]
async fn base64_holds_the_same_floats() {
    let simulator = start();
    let mut body = question();
    let floats = vectors(&simulator, &body).await;
    body["encoding_format"] = "base64".into();
    let answer = json_of(embed(&simulator, &body).await, 200).await;
    for (index, floats) in floats.iter().enumerate() {
        let bytes = STANDARD
            .decode(answer["data"][index]["embedding"].as_str().unwrap())
            .unwrap();
        let decoded: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
            .collect();
        assert_eq!(&decoded, floats);
    }
    assert_eq!(
        answer["usage"],
        json!({"prompt_tokens": 5, "total_tokens": 5})
    );
}

#[tokio::test]
async fn the_model_sets_the_dimension() {
    let simulator = start();
    for (model, asked, dimension) in [
        (SMALL, None, 1_536),
        ("text-embedding-ada-002", None, 1_536),
        ("text-embedding-3-large", None, 3_072),
        ("all-MiniLM-L6-v2", None, 384),
        ("text-embedding-3-large", Some(256), 256),
    ] {
        let body = json!({"model": model, "input": "text", "dimensions": asked});
        let vectors = vectors(&simulator, &body).await;
        assert_eq!(vectors[0].len(), dimension, "{model}");
        assert!((cosine(&vectors[0], &vectors[0]) - 1.0).abs() < 1e-4);
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_refused_in_its_shape() {
    let simulator = start();
    let long = "x".repeat(4 * 8_192);
    for (body, status, code) in [
        (
            json!({"model": "gpt", "input": "a"}),
            404,
            json!("model_not_found"),
        ),
        (json!({"model": SMALL, "input": []}), 400, Value::Null),
        (
            json!({"model": SMALL, "input": ["a", ""]}),
            400,
            Value::Null,
        ),
        (
            json!({"model": SMALL, "input": vec!["a"; 2_049]}),
            400,
            Value::Null,
        ),
        (
            json!({"model": SMALL, "input": format!("{long}x")}),
            400,
            Value::Null,
        ),
        (
            json!({"model": SMALL, "input": vec![long.clone(); 37]}),
            400,
            Value::Null,
        ),
        (
            json!({"model": "all-MiniLM-L6-v2", "input": "a", "dimensions": 8}),
            400,
            Value::Null,
        ),
        (
            json!({"model": SMALL, "input": "a", "dimensions": 1_537}),
            400,
            Value::Null,
        ),
        (
            json!({"model": SMALL, "input": "a", "encoding_format": "hex"}),
            400,
            Value::Null,
        ),
        (json!({"input": "a"}), 400, Value::Null),
    ] {
        let answer = json_of(embed(&simulator, &body).await, status).await;
        let error = &answer["error"];
        assert_eq!(
            (&error["code"], &error["type"]),
            (&code, &json!("invalid_request_error"))
        );
        assert!(error["message"].is_string());
    }
}

#[tokio::test]
async fn the_limits_themselves_are_allowed() {
    let simulator = start();
    let many = json!({"model": "all-MiniLM-L6-v2", "input": vec!["a"; 2_048], "encoding_format": "base64"});
    let long = json!({"model": "all-MiniLM-L6-v2", "input": "x ".repeat(2 * 8_192)});
    let whole = json!({"model": "all-MiniLM-L6-v2", "input": vec!["x".repeat(30_000); 40]});
    for body in [many, long, whole] {
        assert_eq!(embed(&simulator, &body).await.status(), 200);
    }
}

#[tokio::test]
async fn only_known_keys_pass() {
    let simulator = start();
    let url = format!("{}/v1/embeddings", simulator.url());
    let ask = async |key: &str| {
        Client::new()
            .post(&url)
            .bearer_auth(key)
            .json(&question())
            .send()
            .await
            .unwrap()
    };
    let refused = json_of(ask("sk-other").await, 401).await;
    assert_eq!(refused["error"]["code"], "invalid_api_key");
    control(
        &simulator,
        "PUT",
        "settings",
        r#"{"embedding_keys":["sk-other"]}"#,
    )
    .await;
    assert_eq!(ask("sk-other").await.status(), 200);
}

#[tokio::test]
async fn a_refused_text_refuses_its_whole_request() {
    let simulator = start();
    control(
        &simulator,
        "PUT",
        "settings",
        r#"{"refused_text":"another"}"#,
    )
    .await;
    assert_eq!(embed(&simulator, &question()).await.status(), 400);
    let alone = json!({"model": SMALL, "input": "one text"});
    assert_eq!(embed(&simulator, &alone).await.status(), 200);
    control(&simulator, "PUT", "settings", r#"{"refused_text":""}"#).await;
    assert_eq!(embed(&simulator, &question()).await.status(), 200);
}

#[tokio::test]
async fn vectors_can_be_spoilt() {
    let simulator = start();
    let good = vectors(&simulator, &question()).await;
    always(
        &simulator,
        "embeddings",
        Fault::WrongDimension { dimension: None },
    );
    assert_eq!(vectors(&simulator, &question()).await[1].len(), 1_535);
    always(
        &simulator,
        "embeddings",
        Fault::WrongDimension { dimension: Some(3) },
    );
    assert_eq!(vectors(&simulator, &question()).await[0].len(), 3);
    always(&simulator, "embeddings", Fault::ZeroVector);
    let zero = vectors(&simulator, &question()).await;
    assert!(zero[0].iter().all(|it| *it == 0.0) && zero[1] == good[1]);
    always(&simulator, "embeddings", Fault::MissingVector);
    assert_eq!(vectors(&simulator, &question()).await, [good[0].clone()]);
    always(&simulator, "embeddings", Fault::ReorderedVectors);
    let reordered = json_of(embed(&simulator, &question()).await, 200).await;
    assert_eq!(
        (
            &reordered["data"][0]["index"],
            &reordered["data"][1]["index"]
        ),
        (&json!(1), &json!(0))
    );
    always(&simulator, "embeddings", Fault::NanVector);
    let mut body = question();
    let nan = json_of(embed(&simulator, &body).await, 200).await;
    assert!(nan["data"][0]["embedding"][0].is_null());
    body["encoding_format"] = "base64".into();
    let nan = json_of(embed(&simulator, &body).await, 200).await;
    let bytes = STANDARD
        .decode(nan["data"][0]["embedding"].as_str().unwrap())
        .unwrap();
    assert!(f32::from_le_bytes(bytes[..4].try_into().unwrap()).is_nan());
}
