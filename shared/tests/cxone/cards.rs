//! Cards: what is sent, and what each answer and each fault says about them.

use shared::assist::{Candidate, Card};
use shared::cxone::assist::{Assist, Posted};
use shared::domain::{ArticleId, InteractionId, Locale, Score};

use super::*;

const PATH: &str = "/api/v2/interactions/";
const SOON: Duration = Duration::from_secs(20);

/// An answer in time, or none.
fn pace() -> Pace {
    Pace {
        attempt: Duration::from_secs(2),
        tries: 1,
        ..quick()
    }
}

fn card(article: &str) -> Card {
    let candidate = Candidate {
        article: ArticleId::parse(article).unwrap(),
        locale: Locale::parse("en").unwrap(),
        title: format!("About {article}"),
        passage: "Five banking days.".to_owned(),
        score: Score::saturating(0.75),
    };
    Card::new(1, &candidate)
}

fn assist(world: &World, base: &str, profile: &Value, pace: Pace) -> Assist {
    let settings = settings(&world.simulator, base, profile);
    settings.assist_at(&world.sdk, pace).unwrap()
}

/// The assist interface of the simulator.
async fn simulated() -> (World, Assist) {
    let world = World::start(|_| status(500)).await;
    let assist = assist(&world, world.simulator.url(), &json!({}), pace());
    (world, assist)
}

/// One that answers in this way.
async fn answering(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> (World, Assist) {
    let world = World::start(answer).await;
    let assist = assist(&world, &world.api.url, &json!({}), pace());
    (world, assist)
}

async fn post_within(assist: &Assist, name: &str, time: Duration) -> Result<Posted, Error> {
    let interaction = InteractionId::parse(name).unwrap();
    let cards = [card("refund")];
    let until = Instant::now() + time;
    assist.post_cards(&interaction, &cards, until).await
}

async fn post(assist: &Assist) -> Result<Posted, Error> {
    post_within(assist, "i-1", SOON).await
}

/// The word for what became of cards.
fn word(outcome: &Result<Posted, Error>) -> String {
    match outcome {
        Ok(Posted::Shown) => "shown".to_owned(),
        Ok(Posted::Ended(status)) => format!("ended {}", status.as_u16()),
        Ok(Posted::Refused(status)) => format!("refused {}", status.as_u16()),
        Ok(Posted::Unsure(_)) => "unsure".to_owned(),
        Err(error) => error.kind().as_str().to_owned(),
    }
}

#[tokio::test]
async fn the_payload_is_that_of_the_contract() {
    let (world, assist) = simulated().await;
    let interaction = InteractionId::parse("i-1").unwrap();
    let cards = [card("refund"), card("voucher")];
    let posted = assist.post_cards(&interaction, &cards, Instant::now() + SOON);
    assert_eq!(word(&posted.await), "shown");
    let sent = world.simulator.requests(PATH).remove(0);
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    let message = |article: &str| {
        let body = format!("**About {article}**\nFive banking days.");
        json!({ "type": "card", "content": { "title": "KB Result 1", "body": body, "score": 0.75 } })
    };
    let messages = [message("refund"), message("voucher")];
    assert_eq!(body, json!({ "messages": messages }));
    assert_eq!(sent.path, "/api/v2/interactions/i-1/assist");
    assert_eq!(sent.headers["content-type"], "application/json");
    assert_eq!(world.simulator.assist().cards("i-1").len(), 2);
}

#[tokio::test]
async fn a_tenant_may_call_everything_something_else() {
    let world = World::start(|_| status(500)).await;
    let names = json!({ "messages": "items", "type": "kind", "card": "note", "content": "shows", "title": "head", "body": "text", "score": "fit" });
    let profile = json!({ "assist": { "path": "/v9/{interaction}/cards", "names": names } });
    let assist = assist(&world, world.simulator.url(), &profile, pace());
    post(&assist).await.unwrap();
    let sent = world.simulator.requests("/v9/").remove(0);
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(sent.path, "/v9/i-1/cards");
    assert_eq!(body["items"][0]["kind"], "note");
    assert_eq!(body["items"][0]["shows"]["head"], "KB Result 1");
    assert_eq!(body["items"][0]["shows"]["fit"], 0.75);
}

#[tokio::test]
async fn an_interaction_is_one_step_of_the_path_whatever_it_is_called() {
    let (world, assist) = simulated().await;
    let name = "a/b?c#d ü%2F..";
    let outcome = post_within(&assist, name, SOON).await;
    assert_eq!(word(&outcome), "shown");
    assert_eq!(world.simulator.assist().cards(name).len(), 1);
    for name in [".", ".."] {
        let outcome = post_within(&assist, name, SOON).await;
        assert!(matches!(outcome, Err(Error::NotFound)), "{outcome:?}");
    }
    assert_eq!(world.simulator.requests(PATH).len(), 1);
}

#[tokio::test]
async fn each_answer_says_what_became_of_the_cards() {
    let answers = [
        (200, "shown"),
        (201, "shown"),
        (204, "shown"),
        (404, "ended 404"),
        (409, "ended 409"),
        (410, "ended 410"),
        (400, "refused 400"),
        (405, "refused 405"),
        (413, "refused 413"),
        (422, "refused 422"),
        (403, "misconfigured"),
        (301, "misconfigured"),
        (307, "misconfigured"),
        (408, "unsure"),
        (501, "unsure"),
        (504, "unsure"),
    ];
    for (code, expected) in answers {
        let (world, assist) = answering(move |_| status(code)).await;
        let outcome = post(&assist).await;
        assert_eq!(word(&outcome), expected, "{code}");
        assert_eq!(world.api.seen().len(), 1, "{code}");
    }
    for (code, words) in [(403, "assist:write"), (301, "endpoints.assist.base_url")] {
        let (_world, assist) = answering(move |_| status(code)).await;
        let told = misconfigured(post(&assist).await);
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn what_was_answered_and_not_taken_is_tried_until_it_is() {
    for code in [429, 500, 502, 503] {
        let answer = move |seen: &Seen| status(if seen.nth < 2 { code } else { 200 });
        let (world, assist) = answering(answer).await;
        assert_eq!(word(&post(&assist).await), "shown", "{code}");
        assert_eq!(world.api.seen().len(), 3, "{code}");
    }
}

fn busy(code: u16, retry_after: &'static str) -> impl Fn(&Seen) -> Response {
    move |seen| match seen.nth {
        0 => {
            let code = StatusCode::from_u16(code).unwrap();
            (code, [("retry-after", retry_after)]).into_response()
        }
        _ => status(200),
    }
}

#[tokio::test]
async fn a_wait_is_kept_and_one_that_does_not_fit_ends_it() {
    for code in [429, 503] {
        let (world, assist) = answering(busy(code, "1")).await;
        assert_eq!(word(&post(&assist).await), "shown");
        let waited = world.api.pauses()[0];
        assert!(waited >= Duration::from_millis(990), "{waited:?}");
        let (world, assist) = answering(busy(code, "21")).await;
        let started = Instant::now();
        assert_eq!(word(&post(&assist).await), format!("refused {code}"));
        assert!(started.elapsed() < Duration::from_secs(15));
        assert_eq!(world.api.seen().len(), 1);
    }
    let (world, assist) = answering(|_| status(503)).await;
    let time = Duration::from_millis(1_500);
    let started = Instant::now();
    let outcome = post_within(&assist, "i-1", time).await;
    assert_eq!(word(&outcome), "refused 503");
    assert!(started.elapsed() < time, "{:?}", started.elapsed());
    assert!(world.api.seen().len() > 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let (world, assist) = simulated().await;
    world.meet(FaultRule::next("assist", 1, Fault::status(401)));
    assert_eq!(word(&post(&assist).await), "shown");
    assert_eq!(world.token_requests().len(), 2);
    world.meet(FaultRule::rate("assist", 1.0, Fault::status(401)));
    let told = misconfigured(post(&assist).await);
    assert!(told.contains("401"), "{told}");
    assert_eq!(world.simulator.assist().cards("i-1").len(), 1);
}

/// A page for people, as a proxy makes one.
fn page(code: u16) -> Response {
    let code = StatusCode::from_u16(code).unwrap();
    (code, Html("<!doctype html><title>Maintenance</title>")).into_response()
}

#[tokio::test]
async fn a_page_ends_no_interaction() {
    for (code, expected) in [
        (200, "unsure"),
        (404, "refused 404"),
        (409, "refused 409"),
        (410, "refused 410"),
    ] {
        let (world, assist) = answering(move |_| page(code)).await;
        assert_eq!(word(&post(&assist).await), expected, "{code}");
        assert_eq!(world.api.seen().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn who_is_told_to_wait_not_at_all_pauses_all_the_same() {
    for told in ["0", "Thu, 15 Jan 2015 10:30:05 GMT"] {
        let answer = move |_: &Seen| {
            let headers = [("retry-after", told)];
            (StatusCode::TOO_MANY_REQUESTS, headers).into_response()
        };
        let (world, assist) = answering(answer).await;
        let time = Duration::from_millis(1_500);
        assert_eq!(
            word(&post_within(&assist, "i-1", time).await),
            "refused 429"
        );
        assert!(world.api.seen().len() < 10, "{}", world.api.seen().len());
    }
}

#[tokio::test]
async fn what_may_have_been_taken_is_not_sent_again() {
    let executed = |fault| FaultRule {
        execute: Some(true),
        ..FaultRule::rate("assist", 1.0, fault)
    };
    let usual = |fault| FaultRule::rate("assist", 1.0, fault);
    let slow = Fault::Slow { ms: 20_000 };
    let drip = Fault::Drip { every_ms: 1_000 };
    let bomb = Fault::GzipBomb { bytes: 256 << 20 };
    let huge = Fault::Huge { bytes: 1 << 20 };
    for (rule, expected, cards) in [
        (usual(Fault::ExecutedThenLost), "unsure", 1),
        (usual(Fault::Lost), "unsure", 0),
        (usual(Fault::Cut), "unsure", 1),
        (usual(slow), "unsure", 1),
        (usual(drip), "unsure", 1),
        (executed(bomb), "unsure", 1),
        (executed(huge), "unsure", 1),
        (executed(Fault::NotJson), "unsure", 1),
        (usual(Fault::NotJson), "unsure", 0),
    ] {
        let (world, assist) = simulated().await;
        let kind = rule.fault.kind();
        // A connection that is open already is the one that may die unnoticed.
        assert_eq!(word(&post_within(&assist, "i-0", SOON).await), "shown");
        world.meet(rule);
        assert_eq!(word(&post(&assist).await), expected, "{kind}");
        let asked = world.simulator.requests(&format!("{PATH}i-1/"));
        assert_eq!(asked.len(), 1, "{kind}");
        let there = world.simulator.assist().cards("i-1").len();
        assert_eq!(there, cards, "{kind}");
    }
}

#[tokio::test]
async fn what_was_not_sent_is_no_doubt() {
    let world = World::start(|_| status(500)).await;
    let pace = Pace {
        breaker: Rule {
            failures: 2,
            first: Duration::from_secs(30),
            most: Duration::from_secs(30),
        },
        ..pace()
    };
    // Nobody listens there.
    let nowhere = assist(&world, "http://127.0.0.1:1", &json!({}), pace);
    for _ in 0..4 {
        // From the third time on, nobody even knocks.
        later(post(&nowhere).await);
    }
    let base = world.simulator.url();
    let assist = assist(&world, base, &json!({}), pace);
    world.meet(FaultRule::rate("assist", 1.0, Fault::Lost));
    for _ in 0..2 {
        assert_eq!(word(&post(&assist).await), "unsure");
    }
    later(post(&assist).await);
    assert_eq!(world.simulator.requests(PATH).len(), 2);
    // Nor without the time for it.
    let other = settings(&world.simulator, base, &json!({}));
    let hurried = other.assist_at(&world.sdk, pace).unwrap();
    world.simulator.clear_faults();
    hurried.prepare(Instant::now() + SOON).await.unwrap();
    later(post_within(&hurried, "i-1", pace.margin / 2).await);
    assert_eq!(world.simulator.requests(PATH).len(), 2);
    // And without a token there is nothing to send.
    world.meet(FaultRule::rate("tokens", 1.0, Fault::status(503)));
    let other = settings(&world.simulator, base, &json!({}));
    let other = other.assist_at(&world.sdk, pace).unwrap();
    later(post_within(&other, "i-2", Duration::from_secs(2)).await);
    assert_eq!(world.simulator.requests(PATH).len(), 2);
}
