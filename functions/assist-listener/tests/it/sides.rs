//! Who speaks, as the first tenants have it: nobody says so, or the profile names channels by their places, or who speaks first.

use std::time::Duration;

use serde_json::{Value, json};
use shared::domain::Speaker::{self, Agent, Customer, Unknown};

use crate::world::{Dialect, QUICK, World};

/// No word is said in both channels.
const SAID: [(usize, &str); 4] = [
    (0, "Good day."),
    (1, "My oven broke."),
    (0, "Which model?"),
    (1, "That large thing."),
];

#[tokio::test]
async fn where_nobody_says_who_speaks_the_channel_is_told() {
    let expected = [Unknown; 4];
    are_told("sides_nobody", json!({}), expected).await;
}

#[tokio::test]
async fn whoever_is_named_by_place_is_named_once_all_are_there() {
    let stream = json!({ "fields": { "speakers": ["agent", "customer"] } });
    let expected = [Unknown, Customer, Agent, Customer];
    are_told("sides_by_place", stream, expected).await;
}

#[tokio::test]
async fn where_agents_speak_first_who_speaks_first_is_the_agent() {
    let stream = json!({ "fields": { "first_speaker": "agent" } });
    let expected = [Agent, Customer, Agent, Customer];
    are_told("sides_by_order", stream, expected).await;
}

async fn are_told(test: &str, stream: Value, speakers: [Speaker; 4]) {
    let Some(world) = World::with(Dialect::Frames, stream, test, QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_mins(2)).await;
    for (channel, text) in SAID {
        world.simulator.stream().say("i-1", channel, text);
        world.is_told_once(["i-1".to_owned()]).await;
    }
    let told = world.forwarded().into_iter();
    let told: Vec<_> = told
        .map(|one| (one.channel, one.speaker, one.text))
        .collect();
    let expected = SAID.into_iter().zip(speakers);
    let expected: Vec<_> = expected
        .map(|((channel, text), speaker)| (u8::try_from(channel).ok(), speaker, text.to_owned()))
        .collect();
    assert_eq!(told, expected);
    listening.abort();
}
