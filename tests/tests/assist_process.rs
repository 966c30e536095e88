//! A recorded call from the stream to the agent's screen: the listener, the queue and the cards' function as processes, with the local
//! model and Postgres. Both processes are killed on the way, and the cards are those that a supervisor without any of this would show.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "assist_process/world.rs"]
mod world;

use evaluation::calls::{Call, Speaker, read_call};
use evaluation::utterances::by_utterance;

use world::World;

/// It goes through four matters.
const CALL: &str = include_str!("../data/calls/05-lost-phone.json");
const INTERACTION: &str = "i-lost-phone";

/// The number of the channel, and the word for who speaks there.
fn channel(speaker: Speaker) -> (usize, &'static str) {
    match speaker {
        Speaker::Customer => (0, "customer"),
        Speaker::Agent => (1, "agent"),
    }
}

/// How many utterances each turn has.
fn counts(call: &Call, spoken: &Call) -> Vec<usize> {
    let mut left = spoken.turns.iter().peekable();
    let count = |until: u64| std::iter::from_fn(|| left.next_if(|one| one.at_ms <= until)).count();
    call.turns
        .iter()
        .map(|turn| turn.at_ms)
        .map(count)
        .collect()
}

#[tokio::test]
async fn the_cards_of_a_call_arrive_once_although_everybody_is_killed() {
    let name = "the_cards_of_a_call_arrive_once";
    let Some((mut world, supervisor)) = World::start(name).await else {
        return;
    };
    let call = read_call(CALL).unwrap();
    let spoken = by_utterance(&call);
    let expected = supervisor.cards(&spoken).await.unwrap();
    assert!(expected.len() > 1, "hardly a card: {expected:?}");
    for speaker in [Speaker::Customer, Speaker::Agent] {
        let (number, name) = channel(speaker);
        world.simulator.stream().name(INTERACTION, number, name);
    }
    let middle = call.turns.len() / 2;
    let mut heard = 0;
    for (number, (turn, count)) in call.turns.iter().zip(counts(&call, &spoken)).enumerate() {
        let (channel, _) = channel(turn.speaker);
        world
            .simulator
            .stream()
            .say(INTERACTION, channel, &turn.text);
        if number == middle {
            // Whether or not it forwarded some of it, the other one goes on.
            world.kill_the_listener().await;
        }
        for utterance in &spoken.turns[heard..heard + count] {
            let message = world.next_message().await;
            assert_eq!(message.text, utterance.text);
            let brings_a_card = expected.iter().any(|(place, _)| *place == heard);
            let is_first = expected.first().is_some_and(|(place, _)| *place == heard);
            if is_first {
                world.kill_the_cards_over(&message).await;
            }
            world.hear(&message).await;
            if brings_a_card {
                // A queue gives a message twice now and then.
                world.hear(&message).await;
            }
            world.settle(message).await;
            heard += 1;
        }
    }
    assert_eq!(heard, spoken.turns.len());
    let expected: Vec<_> = expected.into_iter().map(|(_, article)| article).collect();
    assert_eq!(world.screen(INTERACTION), expected);
    let states = world.states(INTERACTION).await;
    assert_eq!(states, vec!["shown"; expected.len()]);
    println!(
        "{heard} utterances, {} cards, as the supervisor says",
        expected.len()
    );
}
