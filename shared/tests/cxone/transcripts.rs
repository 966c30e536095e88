//! Transcripts: what each answer means, and how what may be there is found.

use cxone_simulator::ChatPace;
use shared::cxone::transcripts::{AfterLostAnswer, Posted, Transcripts};
use shared::domain::InteractionId;

use super::*;

/// A tenant whose chat channel is that of the simulator.
struct Channel {
    simulator: Simulator,
    _double: AwsDouble,
    sdk: aws::SdkConfig,
    transcripts: Transcripts,
}

impl Channel {
    async fn open() -> Self {
        let mut simulated = Simulated::default();
        simulated.transcripts.pace = None;
        let simulator = Simulator::start(simulated).unwrap();
        let double = AwsDouble::start(aws_double::Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let credentials = credentials("local-secret");
        testing::create_secrets(&sdk, &[(SECRET_ID, &credentials)]).await;
        Self {
            transcripts: transcripts(&sdk, simulator.url(), simulator.url(), &json!({})),
            simulator,
            _double: double,
            sdk,
        }
    }

    async fn post(&self, payload: &str) -> Result<Posted, Error> {
        self.transcripts.post(payload.as_bytes(), soon()).await
    }

    fn meet(&self, count: u64, fault: Fault) {
        let rules = vec![FaultRule::next("transcripts", count, fault)];
        let plan = FaultPlan { seed: 0, rules };
        self.simulator.set_faults(plan).unwrap();
    }

    fn tokens_asked_for(&self) -> usize {
        self.simulator.requests("/oauth/token").len()
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

fn transcripts(sdk: &aws::SdkConfig, base: &str, tokens: &str, own: &Value) -> Transcripts {
    let profile = json!({
        "base_url": base,
        "token": {"url": format!("{tokens}/oauth/token")},
        "transcripts": own,
    });
    let env = Env::from_pairs([
        ("CXONE_SECRET_ID", SECRET_ID.to_owned()),
        ("CXONE_PROFILE", profile.to_string()),
    ]);
    let mut read = env.reader();
    let settings = Settings::read(&mut read, &[Capability::Transcripts]).unwrap();
    let pace = Pace {
        attempt: Duration::from_secs(1),
        ..Transcripts::pace()
    };
    settings.transcripts_at(sdk, pace).unwrap()
}

fn payload(interaction: &str, ids: &[&str]) -> String {
    let [agent, customer] = [("agt-1", "agent"), ("cust-1", "customer")]
        .map(|(id, kind)| json!({"id": id, "type": kind}));
    let message = |id: &&str| {
        json!({
            "id": id, "from": customer, "to": agent, "text": "Where is my order?", "timestamp": "2026-01-15T10:30:00Z",
            "type": "text", "format": "plain",
        })
    };
    let messages: Vec<_> = ids.iter().map(message).collect();
    let payload = json!({
        "channel": "webchat", "from": agent, "to": customer, "properties": {"interactionId": interaction},
        "messages": messages,
    });
    payload.to_string()
}

#[tokio::test]
async fn a_transcript_is_sent_byte_for_byte_and_becomes_a_conversation() {
    let channel = Channel::open().await;
    assert_eq!(
        channel.transcripts.after_lost_answer(),
        AfterLostAnswer::SendAgain
    );
    // As nobody would write it.
    let body = payload("i-1", &["m-1"]).replace("\"messages\":", "\"messages\" : ");
    let Ok(Posted::Created(id)) = channel.post(&body).await else {
        panic!("it was not taken");
    };
    let made = channel.simulator.transcripts().of("i-1");
    assert_eq!((made[0].id.as_str(), &made[0].body), (id.as_str(), &body));
    let Ok(Posted::Created(again)) = channel.post(&body).await else {
        panic!("it was not taken again");
    };
    assert_eq!(again, id);
    assert_eq!(channel.tokens_asked_for(), 1);
}

#[tokio::test]
async fn every_answer_is_told_apart() {
    let channel = Channel::open().await;
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("7".to_owned()),
        code: None,
        body: None,
    };
    for (fault, expected) in [
        (Fault::status(400), "Refused { status: 400"),
        (Fault::status(413), "Refused { status: 413"),
        (Fault::status(422), "Refused { status: 422"),
        (busy, "Busy(Some(7s))"),
        (Fault::status(500), "Failed(500, None)"),
        (Fault::status(503), "Failed(503, None)"),
        (Fault::Lost, "Unsure("),
        (Fault::ExecutedThenLost, "Unsure("),
        (Fault::Cut, "Unsure("),
        (Fault::NotJson, "Unsure("),
        (Fault::Slow { ms: 1_500 }, "Unsure("),
    ] {
        channel.meet(1, fault.clone());
        let posted = channel.post(&payload("i-1", &["m-1"])).await.unwrap();
        let said = format!("{posted:?}");
        assert!(said.starts_with(expected), "{fault:?}: {said}");
    }
    // Nobody is left alone for failing.
    channel.simulator.clear_faults();
    let posted = channel.post(&payload("i-1", &["m-1"])).await;
    assert!(matches!(posted, Ok(Posted::Created(_))), "{posted:?}");
    let posted = channel.post(&payload("i-1", &[])).await;
    let Ok(Posted::Refused { status: 400, why }) = posted else {
        panic!("{posted:?}");
    };
    assert_eq!(why.as_deref(), Some("transcript_refused"));
}

#[tokio::test]
async fn whoever_is_not_let_in_asks_for_another_token_once() {
    let channel = Channel::open().await;
    for (fault, said) in [
        (Fault::status(401), "HTTP 401"),
        (Fault::status(403), "conversations:chat:write"),
    ] {
        channel.post(&payload("i-1", &["m-1"])).await.unwrap();
        for (refusals, is_taken) in [(1, true), (2, false)] {
            let before = channel.tokens_asked_for();
            channel.meet(refusals, fault.clone());
            let posted = channel.post(&payload("i-1", &["m-1"])).await;
            assert_eq!(channel.tokens_asked_for(), before + 1, "{fault:?}");
            match posted {
                Ok(Posted::Created(_)) => assert!(is_taken),
                Err(error @ Error::Misconfigured { .. }) => {
                    assert!(!is_taken && error.to_string().contains(said), "{error}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    for status in [302, 404, 405] {
        channel.meet(1, Fault::status(status));
        let posted = channel.post(&payload("i-1", &["m-1"])).await;
        let error = posted.unwrap_err().to_string();
        assert!(error.contains("endpoints.transcripts.base_url"), "{error}");
    }
}

#[tokio::test]
async fn a_page_that_somebody_in_between_made_is_no_word_of_cxone() {
    let channel = Channel::open().await;
    let tokens = channel.simulator.url();
    for status in [200, 400, 403, 409, 422] {
        let page = move |_: &Seen| {
            let status = StatusCode::from_u16(status).unwrap();
            (status, axum::response::Html("<html>Access denied</html>")).into_response()
        };
        let api = Api::start(page).await;
        let behind = transcripts(&channel.sdk, &api.url, tokens, &json!({}));
        let body = payload("i-1", &["m-1"]);
        let posted = behind.post(body.as_bytes(), soon()).await.unwrap();
        match posted {
            Posted::Unsure(_) => assert_eq!(status, 200),
            Posted::Failed(said, None) => assert_eq!(said, status),
            other => panic!("{status}: {other:?}"),
        }
        if status == 200 {
            let interaction = InteractionId::parse("i-1").unwrap();
            let found = behind.look_up(&interaction, body.as_bytes(), soon()).await;
            assert!(matches!(found, Err(Error::Transient { .. })), "{found:?}");
        }
    }
}

#[tokio::test]
async fn what_met_no_connection_was_surely_not_sent() {
    let channel = Channel::open().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let tokens = channel.simulator.url();
    let away = transcripts(&channel.sdk, &address, tokens, &json!({}));
    let posted = away.post(payload("i-1", &["m-1"]).as_bytes(), soon()).await;
    assert!(matches!(posted, Ok(Posted::Unsent(_))), "{posted:?}");
    let away = transcripts(&channel.sdk, tokens, &address, &json!({}));
    let posted = away.post(payload("i-1", &["m-1"]).as_bytes(), soon()).await;
    assert!(matches!(posted, Err(Error::Transient { .. })), "{posted:?}");
}

#[tokio::test]
async fn a_conversation_is_found_by_exactly_its_messages() {
    let channel = Channel::open().await;
    let interaction = InteractionId::parse("i 1&/ü").unwrap();
    let (one, two) = (["m-1", "m-2"], ["m-3"]);
    channel
        .post(&payload(interaction.as_str(), &one))
        .await
        .unwrap();
    channel
        .post(&payload(interaction.as_str(), &two))
        .await
        .unwrap();
    let made = channel.simulator.transcripts().of(interaction.as_str());
    for (ids, place) in [
        (&["m-3"][..], Some(1)),
        (&["m-2", "m-1"], Some(0)),
        (&["m-1"], None),
        (&["m-1", "m-2", "m-3"], None),
    ] {
        let body = payload(interaction.as_str(), ids);
        let found = channel
            .transcripts
            .look_up(&interaction, body.as_bytes(), soon())
            .await
            .unwrap();
        let expected = place.map(|place: usize| made[place].id.as_str());
        assert_eq!(
            found.as_ref().map(shared::domain::ConversationId::as_str),
            expected,
            "{ids:?}"
        );
    }
    let url = channel.simulator.url();
    for (own, said) in [
        (
            json!({"lookup": {"conversations": "found"}}),
            "cannot be read",
        ),
        (json!({"lookup": {"path": "/api/v2/nothing"}}), "HTTP 404"),
    ] {
        let other = transcripts(&channel.sdk, url, url, &own);
        let body = payload(interaction.as_str(), &two);
        let error = other.look_up(&interaction, body.as_bytes(), soon()).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    // A name that the tenant does not use finds nothing.
    let own = json!({"after_lost_answer": "look_up", "lookup": {"message_ids": "ids"}});
    let other = transcripts(&channel.sdk, url, url, &own);
    assert_eq!(other.after_lost_answer(), AfterLostAnswer::LookUp);
    let body = payload(interaction.as_str(), &two);
    let found = other.look_up(&interaction, body.as_bytes(), soon()).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn a_tenant_that_is_asked_too_fast_says_how_long_to_wait() {
    let channel = Channel::open().await;
    let mut simulated = Simulated::default();
    simulated.transcripts.pace = Some(ChatPace {
        burst: 1.0,
        per_minute: 6.0,
    });
    let simulator = Simulator::start(simulated).unwrap();
    let url = simulator.url();
    let slow = transcripts(&channel.sdk, url, url, &json!({}));
    let body = payload("i-1", &["m-1"]);
    slow.post(body.as_bytes(), soon()).await.unwrap();
    let posted = slow.post(body.as_bytes(), soon()).await;
    let Ok(Posted::Busy(Some(wait))) = posted else {
        panic!("{posted:?}");
    };
    assert!((Duration::from_secs(5)..=Duration::from_secs(11)).contains(&wait));
}
