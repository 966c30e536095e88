//! What is sent, and what is made of the answers.

use super::*;

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts() {
    let world = World::start().await;
    let texts = texts(9);
    let texts = borrowed(&texts);
    let right = expected(&texts).await;
    assert_eq!(numbers(&world.embed(&texts).await), right);
    world.always(Fault::ReorderedVectors);
    assert_eq!(numbers(&world.embed(&texts).await), right);
    assert!(world.embed(&[]).await.is_empty());
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn the_question_is_the_protocols() {
    let world = World::start().await;
    world.embed_one("hello").await.unwrap();
    let full = World::with(Simulated::default(), |options| {
        options.model = Model::named(SMALL, None).unwrap();
    });
    let full = full.await;
    full.embed_one("hello").await.unwrap();
    let (short, full) = (&world.requests()[0], &full.requests()[0]);
    let body = |request: &Recorded| serde_json::from_str::<Value>(&request.body).unwrap();
    let mut question = json!({"model": SMALL, "input": ["hello"], "encoding_format": "base64"});
    assert_eq!(body(full), question);
    question["dimensions"] = 64.into();
    assert_eq!(body(short), question);
    assert_eq!(short.headers["accept"], "application/json");
    assert!(short.headers["authorization"].starts_with("Bearer"));
}

#[tokio::test]
async fn lists_of_numbers_are_read_where_base64_was_asked_for() {
    let world = World::with(Simulated::default(), |options| {
        options.model = Model::named("own-model", Some(2)).unwrap();
    });
    let world = world.await;
    let item = |index, embedding: [f32; 2]| json!({"index": index, "embedding": embedding});
    let body = json!({"data": [item(1, [0.0, 2.5]), item(0, [1.0, -3.0])]});
    world.next(1, says(200, body));
    let outcomes = world.embed(&["a", "b"]).await;
    assert_eq!(numbers(&outcomes), [[1.0, -3.0], [0.0, 2.5]]);
}

#[tokio::test]
async fn an_answer_is_read_only_as_far_as_it_can_be_one() {
    let world = World::with(Simulated::default(), |options| {
        options.model = Model::named("own-model", Some(2)).unwrap();
    });
    let world = world.await;
    for (padding, is_read) in [(1_000, true), (3_000, false)] {
        let vector = json!({"index": 0, "embedding": [1.0, 2.0]});
        world.always(says(
            200,
            json!({"data": [vector], "padding": "x".repeat(padding)}),
        ));
        assert_eq!(world.embed_one("a").await.is_ok(), is_read, "{padding}");
    }
}

#[tokio::test]
async fn a_text_is_sent_once_however_often_it_comes_and_an_empty_one_never() {
    let world = World::start().await;
    let texts = ["one", "two", "one", "", "two", "one"];
    let outcomes = world.embed(&texts).await;
    assert_eq!(inputs(&world.requests()[0]), ["one", "two"]);
    assert_eq!(world.requests().len(), 1);
    let right = expected(&["one", "two"]).await;
    for (text, outcome) in texts.iter().zip(&outcomes) {
        match outcome {
            Ok(embedding) => {
                let place = usize::from(*text == "two");
                assert_eq!(embedding.as_slice(), right[place]);
            }
            Err(failure) => {
                assert!(text.is_empty() && matches!(failure, Failure::Refused("empty")));
            }
        }
    }
}

#[tokio::test]
async fn requests_keep_the_limits_and_hold_every_text_once() {
    let limits = Limits {
        texts: 7,
        tokens: 60,
    };
    let world = World::with(Simulated::default(), |options| options.limits = limits).await;
    let words = |number: usize| format!("number {number} {}", "word ".repeat(number % 30));
    let mut texts: Vec<String> = (0..100).map(words).collect();
    texts.push("long ".repeat(100));
    let outcomes = world.embed(&borrowed(&texts)).await;
    assert_eq!(numbers(&outcomes).len(), texts.len());
    let count = |text: &String| world.embedder.tokens().count(text);
    let mut sent = Vec::new();
    for request in world.requests() {
        let inputs = inputs(&request);
        let tokens: usize = inputs.iter().map(count).sum();
        assert!(inputs.len() <= 7 && (tokens <= 60 || inputs.len() == 1));
        sent.extend(inputs);
    }
    sent.sort();
    texts.sort();
    assert_eq!(sent, texts);
}

#[tokio::test]
async fn requests_are_planned_by_the_counts_that_come_with_the_texts() {
    let world = World::with(Simulated::default(), |options| options.limits.tokens = 10).await;
    let texts = ["a", "b", "c", "d"].map(|text| Counted { text, tokens: 5 });
    let until = Instant::now() + Duration::from_secs(30);
    assert_eq!(
        numbers(&world.embedder.embed(&texts, until).await).len(),
        texts.len()
    );
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn several_requests_are_under_way_but_not_more_than_allowed() {
    let latency = Duration::from_millis(1_500);
    let simulated = Simulated {
        embedding_latency: latency,
        ..Simulated::default()
    };
    let world = World::with(simulated, |options| options.limits.texts = 1).await;
    let texts = texts(8);
    numbers(&world.embed(&borrowed(&texts)).await);
    let mut at: Vec<u64> = world.requests().iter().map(|it| it.at_ms).collect();
    at.sort_unstable();
    let since_first = |place: usize| Duration::from_millis(at[place] - at[0]);
    assert_eq!(at.len(), 8);
    assert!(since_first(3) < latency, "four at once: {at:?}");
    // The clock of the records counts whole milliseconds.
    assert!(
        since_first(4) + Duration::from_millis(1) >= latency,
        "not five: {at:?}"
    );
}
