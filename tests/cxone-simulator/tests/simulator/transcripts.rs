//! Transcripts: the channel's rules, repeats, look-up and pace.

use cxone_simulator::{ChatPace, SettingsUpdate, TranscriptSettings, TranscriptUpdate};

use super::*;

const SCOPES: &str = "conversations:chat:write conversations:read";
const PATH: &str = "/api/v2/conversations/channels/chat";

fn body(interaction: &str, count: usize) -> Value {
    let [agent, customer] = [
        json!({"id": "agt_456", "type": "agent"}),
        json!({"id": "cust_789", "type": "customer"}),
    ];
    let message = |place: usize| {
        json!({
            "id": format!("msg_{place}"), "from": customer, "to": agent, "text": "Where is my order?",
            "timestamp": "2024-06-15T09:00:00Z", "type": "text", "format": "plain",
        })
    };
    json!({
        "channel": "webchat", "from": agent, "to": customer, "properties": {"interactionId": interaction},
        "messages": (0..count).map(message).collect::<Vec<_>>(),
    })
}

async fn post(simulator: &Simulator, token: &str, body: &Value) -> Option<Response> {
    let request = Client::new().post(format!("{}{PATH}", simulator.url()));
    request.bearer_auth(token).json(body).send().await.ok()
}

async fn status(simulator: &Simulator, token: &str, body: &Value) -> u16 {
    let answer = post(simulator, token, body).await;
    answer.map_or(0, |answer| answer.status().as_u16())
}

async fn inject(simulator: &Simulator, token: &str, body: &Value) -> String {
    let answer = post(simulator, token, body).await.unwrap();
    let answer = json_of(answer, 201).await;
    answer["conversationId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_same_messages_are_the_same_conversation() {
    let simulator = start();
    let token = token(&simulator, SCOPES).await;
    let first = inject(&simulator, &token, &body("i-1", 2)).await;
    assert_eq!(inject(&simulator, &token, &body("i-1", 2)).await, first);
    assert_ne!(inject(&simulator, &token, &body("i-2", 2)).await, first);
    let mut other = body("i-1", 2);
    other["messages"][0]["text"] = json!("Something else");
    assert_eq!(status(&simulator, &token, &other).await, 400);
    other["messages"][0]["id"] = json!("msg_7");
    assert_eq!(
        status(&simulator, &token, &other).await,
        400,
        "one is known"
    );
    other["messages"][1]["id"] = json!("msg_8");
    let second = inject(&simulator, &token, &other).await;
    let hand = simulator.transcripts();
    let made: Vec<_> = hand.of("i-1").into_iter().map(|it| it.id).collect();
    assert_eq!(made, [first, second]);
    assert_eq!((hand.conversations().len(), hand.repeats()), (3, 1));
    assert_eq!(hand.of("i-1")[0].body, body("i-1", 2).to_string());
}

#[tokio::test]
async fn a_tenant_without_idempotence_makes_it_twice() {
    let simulator = start();
    let token = token(&simulator, SCOPES).await;
    let transcripts = TranscriptUpdate {
        is_idempotent: Some(false),
        ..TranscriptUpdate::default()
    };
    simulator.update(SettingsUpdate {
        transcripts,
        ..SettingsUpdate::default()
    });
    let first = inject(&simulator, &token, &body("i-1", 1)).await;
    let second = inject(&simulator, &token, &body("i-1", 1)).await;
    assert_ne!(first, second);
    let request = Client::new().get(format!("{}{PATH}?interactionId=i-1", simulator.url()));
    let found = request.bearer_auth(&token).send().await.unwrap();
    let found = json_of(found, 200).await;
    let of = |id: String| json!({"conversationId": id, "messageIds": ["msg_0"]});
    assert_eq!(found, json!({"conversations": [of(first), of(second)]}));
}

#[tokio::test]
async fn the_channel_has_rules() {
    let simulator = start();
    let token = token(&simulator, SCOPES).await;
    let but = |pointer: &str, value: Value| {
        let mut body = body("i-1", 2);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut numbered = body("i-2", 1);
    numbered["properties"]["part"] = json!(1);
    let halved = numbered.clone();
    numbered["properties"]["parts"] = json!(1);
    let mut unknown = body("i-1", 1);
    unknown["colour"] = json!("red");
    for (body, expected) in [
        (body("i-3", 500), 201),
        (body("i-4", 501), 400),
        (body("i-4", 0), 400),
        (numbered, 201),
        (halved, 400),
        (unknown, 400),
        (but("/channel", json!("email")), 400),
        (but("/from/type", json!("customer")), 400),
        (but("/properties/interactionId", json!("")), 400),
        (but("/messages/1/id", json!("msg_0")), 400),
        (but("/messages/1/text", json!("")), 400),
        (but("/messages/1/text", json!("a\0b")), 400),
        (but("/messages/1/to/id", json!("cust_789")), 400),
        (
            but("/messages/1/timestamp", json!("2024-06-15T08:59:59Z")),
            400,
        ),
        (
            but("/messages/1/timestamp", json!("2024-06-15T09:00:00")),
            400,
        ),
        (but("/messages/1/text", json!("x".repeat(1 << 20))), 400),
        (but("/messages/1/text", json!("x".repeat(1 << 19))), 201),
    ] {
        let text = body.to_string();
        let shown = &text[..text.len().min(400)];
        assert_eq!(status(&simulator, &token, &body).await, expected, "{shown}");
    }
    assert_eq!(simulator.transcripts().conversations().len(), 3);
}

#[tokio::test]
async fn who_is_too_fast_is_told_when_to_come_back() {
    let pace = Some(ChatPace {
        burst: 3.0,
        per_minute: 1.0,
    });
    let simulator = Simulator::start(Settings {
        transcripts: TranscriptSettings {
            pace,
            ..TranscriptSettings::default()
        },
        ..Settings::default()
    });
    let simulator = simulator.unwrap();
    let token = token(&simulator, SCOPES).await;
    for place in 0..3 {
        inject(&simulator, &token, &body(&format!("i-{place}"), 1)).await;
    }
    let late = post(&simulator, &token, &body("i-9", 1)).await.unwrap();
    assert_eq!(late.status(), 429);
    let wait: u64 = late.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((50..=60).contains(&wait), "{wait}");
    assert_eq!(simulator.transcripts().hurries(), 1);
    let transcripts = TranscriptUpdate {
        per_minute: Some(0.0),
        ..TranscriptUpdate::default()
    };
    simulator.update(SettingsUpdate {
        transcripts,
        ..SettingsUpdate::default()
    });
    inject(&simulator, &token, &body("i-9", 1)).await;
}

#[tokio::test]
async fn each_route_wants_its_scope_and_faults_strike() {
    let simulator = start();
    let reader = token(&simulator, "conversations:read").await;
    let writer = token(&simulator, "conversations:chat:write").await;
    assert_eq!(status(&simulator, &reader, &body("i-1", 1)).await, 403);
    let look = Client::new().get(format!("{}{PATH}?interactionId=i-1", simulator.url()));
    assert_eq!(
        look.bearer_auth(&writer).send().await.unwrap().status(),
        403
    );
    always(&simulator, "transcripts", Fault::ExecutedThenLost);
    assert_eq!(status(&simulator, &writer, &body("i-1", 1)).await, 0);
    assert_eq!(simulator.transcripts().of("i-1").len(), 1);
    let told = control(&simulator, "GET", "transcripts", "").await;
    let told = json_of(told, 200).await;
    assert_eq!((&told["repeats"], &told["hurries"]), (&json!(0), &json!(0)));
    assert_eq!(told["conversations"][0]["interaction"], "i-1");
}
