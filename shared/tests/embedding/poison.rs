//! Texts that the provider refuses, and settings that look like such texts.

use super::*;

fn refusing(text: &str) -> Simulated {
    Simulated {
        refused_text: Some(text.to_owned()),
        ..Simulated::default()
    }
}

fn is_refused(outcome: &Result<Embedding, Failure>) -> bool {
    matches!(outcome, Err(Failure::Refused("not_taken")))
}

#[tokio::test]
async fn one_text_in_a_hundred_costs_the_others_nothing() {
    let world = World::with(refusing("forbidden"), |_| {}).await;
    let mut texts = texts(1_000);
    for place in (37..1_000).step_by(100) {
        texts[place].push_str(" forbidden");
    }
    let outcomes = world.embed(&borrowed(&texts)).await;
    for (place, outcome) in outcomes.iter().enumerate() {
        assert_eq!(
            is_refused(outcome),
            place % 100 == 37,
            "{place} {outcome:?}"
        );
        assert_eq!(outcome.is_ok(), place % 100 != 37, "{place} {outcome:?}");
    }
    let requests = world.requests().len();
    println!("1,000 texts, 10 of them refused: {requests} requests instead of 5");
    // Five batches of 200, at most one probe, and for each refused text two requests for each of eight halvings.
    assert!(requests <= 5 + 1 + 10 * 2 * 8, "{requests}");
}

#[tokio::test]
async fn a_text_is_refused_alone_only_once_a_probe_was_embedded() {
    let world = World::with(refusing("forbidden"), |_| {}).await;
    assert!(is_refused(&world.embed_one("forbidden").await));
    let sent: Vec<_> = world.requests().iter().map(inputs).collect();
    assert_eq!(sent, [["forbidden"], ["ok"]]);
    let outcomes = world
        .embed(&["forbidden 1", "forbidden 2", "forbidden 3"])
        .await;
    assert!(outcomes.iter().all(is_refused));
}

#[tokio::test]
async fn a_provider_that_refuses_everything_is_a_setting_to_change() {
    let world = World::start().await;
    for fault in [Fault::status(400), Fault::status(413), Fault::status(422)] {
        world.simulator.clear_requests();
        world.always(fault);
        let texts = texts(100);
        let outcomes = world.embed(&borrowed(&texts)).await;
        assert!(outcomes.iter().all(|it| misconfigured(it).contains(SMALL)));
        assert_eq!(world.requests().len(), 2, "the batch and the probe");
    }
}

#[tokio::test]
async fn what_names_a_setting_is_not_searched_for_in_the_texts() {
    let world = World::start().await;
    let error = |param: Value, code: Value| json!({"error": {"message": "m", "type": "invalid_request_error", "param": param, "code": code}});
    for (status, body, word) in [
        (400, error("dimensions".into(), Value::Null), "dimensions"),
        (400, error("model".into(), Value::Null), "HTTP 400"),
        (
            400,
            error(Value::Null, "model_not_found".into()),
            "model_not_found",
        ),
        (
            404,
            error(Value::Null, "model_not_found".into()),
            "HTTP 404",
        ),
        (404, "<html>".into(), "HTTP 404"),
        (302, "".into(), "HTTP 302"),
    ] {
        world.simulator.clear_requests();
        world.always(says(status, body));
        let outcomes = world.embed(&["a", "b", "c"]).await;
        for outcome in &outcomes {
            let said = misconfigured(outcome);
            assert!(said.contains(word) && said.contains(SMALL), "{said}");
        }
        assert_eq!(world.requests().len(), 1, "{status} {word}");
    }
}

#[tokio::test]
async fn another_dimension_names_both_and_the_model() {
    let world = World::start().await;
    world.always(Fault::WrongDimension { dimension: Some(3) });
    let said = misconfigured(&world.embed(&["a", "b"]).await[1]);
    assert!(
        said.contains(SMALL) && said.contains("64") && said.contains("have 3"),
        "{said}"
    );
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn no_quota_is_one_request_and_the_end_of_the_call() {
    let simulated = Simulated {
        embedding_latency: Duration::from_millis(50),
        ..Simulated::default()
    };
    let tune = |options: &mut Options| {
        options.limits.texts = 1;
        options.parallel = NonZeroUsize::MIN;
    };
    let world = World::with(simulated, tune).await;
    world.always(Fault::Status {
        status: 429,
        retry_after: Some("1".to_owned()),
        code: Some("insufficient_quota".to_owned()),
        body: None,
    });
    for outcome in &world.embed(&["a", "b", "c", "d"]).await {
        assert!(misconfigured(outcome).contains("insufficient_quota"));
    }
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_flawed_or_missing_vector_is_asked_for_again_alone() {
    let world = World::start().await;
    let texts = ["one", "two", "three"];
    let right = expected(&texts).await;
    for (fault, again) in [
        (Fault::NanVector, "one"),
        (Fault::ZeroVector, "one"),
        (Fault::MissingVector, "three"),
    ] {
        for times in 1..=2 {
            world.simulator.clear_requests();
            world.next(times, fault.clone());
            assert_eq!(numbers(&world.embed(&texts).await), right);
            let sent: Vec<_> = world.requests().iter().map(inputs).collect();
            assert_eq!(sent.len() as u64, times + 1);
            assert!(sent[1..].iter().all(|sent| *sent == [again]), "{sent:?}");
        }
    }
}

#[tokio::test]
async fn three_flawed_vectors_refuse_a_text_and_three_missing_ones_only_fail_it() {
    let world = World::start().await;
    for (fault, place) in [(Fault::ZeroVector, 0), (Fault::MissingVector, 1)] {
        world.next(3, fault);
        let outcomes = world.embed(&["one", "two"]).await;
        assert!(outcomes[1 - place].is_ok());
        match &outcomes[place] {
            Err(Failure::Refused("no_usable_vector")) => assert_eq!(place, 0),
            other => assert!(place == 1 && later(other) > Duration::ZERO, "{other:?}"),
        }
    }
    // A provider that never gives a usable vector refuses no text.
    world.always(Fault::ZeroVector);
    misconfigured(&world.embed_one("one").await);
}
