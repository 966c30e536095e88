//! The order of snippets: what is sent, and what each answer and each fault says about it.

use shared::cxone::ranking::{Posted, Ranking};
use shared::domain::SessionId;

use super::*;

const PREFIX: &str = "/api/v2/agentassist/sessions/";
const SOON: Duration = Duration::from_secs(20);

fn pace() -> Pace {
    Pace {
        attempt: Duration::from_secs(2),
        tries: 1,
        ..quick()
    }
}

fn ranking(world: &World, base: &str) -> Ranking {
    let settings = settings(&world.simulator, base, &json!({}));
    settings.ranking_at(&world.sdk, pace()).unwrap()
}

async fn simulated() -> (World, Ranking) {
    let world = World::start(|_| status(500)).await;
    let ranking = ranking(&world, world.simulator.url());
    (world, ranking)
}

async fn answering(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> (World, Ranking) {
    let world = World::start(answer).await;
    let ranking = ranking(&world, &world.api.url);
    (world, ranking)
}

fn session(name: &str) -> SessionId {
    SessionId::parse(name).unwrap()
}

async fn post(ranking: &Ranking, name: &str) -> Result<Posted, Error> {
    let snippets = json!([{ "snippet_id": "a", "relevance_score": 0.5 }]);
    let order = json!({ "session_id": name, "max_result_window": 10, "snippets": snippets });
    let until = Instant::now() + SOON;
    ranking
        .post(&session(name), &order.to_string(), until)
        .await
}

/// The word for what one try came to.
fn word(outcome: &Result<Posted, Error>) -> String {
    match outcome {
        Ok(Posted::Done) => "done".to_owned(),
        Ok(Posted::Locked) => "locked".to_owned(),
        Ok(Posted::Busy(wait)) => format!("busy {wait:?}"),
        Ok(Posted::Stumbled) => "stumbled".to_owned(),
        Ok(Posted::Refused { status, .. }) => format!("refused {status}"),
        Ok(Posted::Unsure(_)) => "unsure".to_owned(),
        Err(error) => error.kind().as_str().to_owned(),
    }
}

#[tokio::test]
async fn an_order_arrives_as_it_is_with_the_client_version() {
    let (world, ranking) = simulated().await;
    let name = "a/b?c#d ü%2F..";
    assert_eq!(word(&post(&ranking, name).await), "done");
    let shown = world.simulator.ranking().shown(name).unwrap();
    assert_eq!(shown["snippets"][0]["snippet_id"], "a");
    let sent = world.simulator.requests(PREFIX).remove(0);
    assert_eq!(sent.headers["x-cxone-client-version"], "1.0.0");
    for name in [".", ".."] {
        let outcome = post(&ranking, name).await;
        assert!(matches!(outcome, Err(Error::NotFound)), "{outcome:?}");
        let until = Instant::now() + SOON;
        let locked = ranking.is_locked(&session(name), until).await;
        assert!(matches!(locked, Err(Error::NotFound)), "{locked:?}");
    }
    assert_eq!(world.simulator.requests(PREFIX).len(), 1);
}

#[tokio::test]
async fn each_answer_is_one_try_and_says_what_it_came_to() {
    for (code, expected) in [
        (200, "done"),
        (204, "done"),
        (409, "locked"),
        (429, "busy None"),
        (500, "stumbled"),
        (400, "refused 400"),
        (404, "refused 404"),
        (422, "refused 422"),
        (403, "misconfigured"),
        (302, "misconfigured"),
        (408, "unsure"),
        (502, "unsure"),
        (503, "unsure"),
    ] {
        let (world, ranking) = answering(move |_| status(code)).await;
        assert_eq!(word(&post(&ranking, "s-1").await), expected, "{code}");
        assert_eq!(world.api.seen().len(), 1, "{code}");
    }
    for (code, words) in [
        (403, "agentassist:snippet:write"),
        (302, "endpoints.ranking"),
    ] {
        let (_world, ranking) = answering(move |_| status(code)).await;
        let told = misconfigured(post(&ranking, "s-1").await);
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn a_wait_is_told_and_so_is_the_word_of_a_refusal() {
    let (_world, ranking) = answering(|_| {
        let code = StatusCode::TOO_MANY_REQUESTS;
        (code, [("retry-after", "7")]).into_response()
    })
    .await;
    assert_eq!(word(&post(&ranking, "s-1").await), "busy Some(7s)");
    for (body, expected) in [
        (
            json!({ "error": "ranking_refused", "detail": "because" }),
            Some("ranking_refused"),
        ),
        (json!({ "code": "E-1.2", "error": "no" }), Some("E-1.2")),
        (
            json!({ "code": "Jane Roe", "error": "bad_name" }),
            Some("bad_name"),
        ),
        (json!({ "error": "x".repeat(64) }), Some(&*"x".repeat(64))),
        (json!({ "error": "x".repeat(65) }), None),
        (
            json!({ "error": "Jane Roe is no snippet", "message": "Jane" }),
            None,
        ),
        (json!({ "error": "" }), None),
        (json!({ "error": "4111111111111111" }), None),
        (json!({ "error": { "message": "Jane Roe" } }), None),
        (json!({ "error": 5 }), None),
        (json!(["error"]), None),
    ] {
        let told = body.clone();
        let (_world, ranking) = answering(move |_| {
            (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(told.clone())).into_response()
        })
        .await;
        match post(&ranking, "s-1").await {
            Ok(Posted::Refused { status: 422, why }) => {
                assert_eq!(why.as_deref(), expected, "{body}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_a_doubt_and_one_that_is_too_long_is_none() {
    let executed = |fault| FaultRule {
        execute: Some(true),
        ..FaultRule::rate("ranking", 1.0, fault)
    };
    let usual = |fault| FaultRule::rate("ranking", 1.0, fault);
    for (rule, expected, orders) in [
        (usual(Fault::ExecutedThenLost), "unsure", 1),
        (usual(Fault::Lost), "unsure", 0),
        (usual(Fault::Cut), "unsure", 1),
        (usual(Fault::Slow { ms: 20_000 }), "unsure", 1),
        (usual(Fault::Drip { every_ms: 1_000 }), "unsure", 1),
        (executed(Fault::GzipBomb { bytes: 2 << 30 }), "unsure", 1),
        (executed(Fault::Huge { bytes: 2 << 20 }), "unsure", 1),
        (executed(Fault::NotJson), "unsure", 1),
        (usual(Fault::NotJson), "unsure", 0),
    ] {
        let (world, ranking) = simulated().await;
        let kind = rule.fault.kind();
        assert_eq!(word(&post(&ranking, "s-0").await), "done");
        world.meet(rule);
        assert_eq!(word(&post(&ranking, "s-1").await), expected, "{kind}");
        let asked = world.simulator.requests(&format!("{PREFIX}s-1/"));
        assert_eq!(asked.len(), 1, "{kind}");
        let there = world.simulator.ranking().orders("s-1").len();
        assert_eq!(there, orders, "{kind}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let (world, ranking) = simulated().await;
    world.meet(FaultRule::next("ranking", 1, Fault::status(401)));
    assert_eq!(word(&post(&ranking, "s-1").await), "done");
    assert_eq!(world.token_requests().len(), 2);
    world.meet(FaultRule::rate("ranking", 1.0, Fault::status(401)));
    misconfigured(post(&ranking, "s-1").await);
    assert_eq!(world.simulator.ranking().orders("s-1").len(), 1);
}

#[tokio::test]
async fn a_session_says_whether_it_is_locked() {
    let (world, ranking) = simulated().await;
    let soon = || Instant::now() + SOON;
    for is_locked in [false, true, false] {
        let hand = world.simulator.ranking();
        if is_locked {
            hand.lock("s-1");
            assert_eq!(word(&post(&ranking, "s-1").await), "locked");
        } else {
            hand.unlock("s-1");
        }
        let told = ranking.is_locked(&session("s-1"), soon()).await;
        assert_eq!(told.unwrap(), is_locked);
    }
    // What cannot be read says nothing of a lock, and an order is tried.
    for body in [json!({}), json!({ "state": 1 }), json!([])] {
        let told = body.clone();
        let (_world, ranking) = answering(move |_| says(&told)).await;
        let locked = ranking.is_locked(&session("s-1"), soon()).await;
        assert!(!locked.unwrap(), "{body}");
    }
    let (_world, ranking) = answering(|_| status(404)).await;
    let told = misconfigured(ranking.is_locked(&session("s-1"), soon()).await);
    assert!(told.contains("ranking.session_path"), "{told}");
    let (_world, ranking) = answering(|_| status(503)).await;
    later(ranking.is_locked(&session("s-1"), soon()).await);
}
