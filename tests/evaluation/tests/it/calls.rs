//! Cards come seldom, and are right, in calls that nothing is tuned by.

use evaluation::calls::{Call, Half};
use evaluation::recorded;
use evaluation::supervisor::Supervisor;
use evaluation::utterances::by_utterance;
use shared::assist::{CalmRules, Window};
use shared::domain::Speaker;
use shared::retrieval::PHRASES;
use shared::testing::proof_size;

use crate::world;

/// The goal in calls that nothing is tuned by.
const PRECISION: f64 = 0.8;
/// Silence would be precise too: at least one of so many articles that are wanted is shown. It is one of eleven; `tests/data/calls/README.md`
/// says why not more.
const WANTED_EACH: usize = 12;
/// The calls for tuning have 33 right cards of 34.
const PRECISION_TUNED: f64 = 0.94;
/// Where nobody says who speaks, four of ten are.
const PRECISION_NAMELESS: f64 = 0.35;
/// So many of the others are played where a proof is not to be full: each takes seconds.
const SOME: usize = 20;

#[tokio::test]
async fn most_cards_are_right_and_none_comes_twice() {
    let Some(library) = world::library("most_cards_are_right_and_none_comes_twice").await else {
        return;
    };
    let rules = CalmRules::default();
    let supervisor = Supervisor::new(library, rules.clone()).unwrap();
    let calls = recorded::calls(Half::Gate).unwrap();
    assert_eq!(calls.len(), 80);
    let turns = supervisor.play(&calls).await.unwrap();
    eprintln!("gate, turn by turn: {turns}");
    let spoken: Vec<_> = some(calls).iter().map(by_utterance).collect();
    let spoken = supervisor.play(&spoken).await.unwrap();
    eprintln!("gate, sentence by sentence: {spoken}");
    assert!(turns.precision() >= PRECISION, "{turns}");
    assert!(turns.hits * WANTED_EACH >= turns.wanted, "{turns}");
    for tally in [turns, spoken] {
        assert_eq!(tally.repeats, 0);
        assert!(tally.most_a_minute <= rules.per_minute());
    }
}

#[tokio::test]
async fn the_calls_that_rules_are_tuned_by_say_why_each_card_came() {
    let Some(library) =
        world::library("the_calls_that_rules_are_tuned_by_say_why_each_card_came").await
    else {
        return;
    };
    let supervisor = Supervisor::new(library, CalmRules::default()).unwrap();
    let calls = some(recorded::calls(Half::Tune).unwrap());
    let tune = supervisor.play(&calls).await.unwrap();
    eprintln!("tune: {tune}");
    for card in &tune.explained {
        eprintln!("{card}");
    }
    assert_eq!(tune.explained.len(), tune.cards);
    assert!(tune.precision() >= PRECISION_TUNED, "{tune}");
    assert_eq!(tune.repeats, 0);
    let spoken: Vec<_> = calls.iter().map(by_utterance).collect();
    let nameless = supervisor.without_names().play(&spoken).await.unwrap();
    eprintln!("tune, sentence by sentence, nobody named: {nameless}");
    assert!(nameless.cards > 0, "{nameless}");
    assert!(nameless.precision() >= PRECISION_NAMELESS, "{nameless}");
    assert_eq!(nameless.repeats, 0);
}

/// All of them, or some where a proof is not to be full.
fn some(mut calls: Vec<Call>) -> Vec<Call> {
    calls.truncate(proof_size(SOME, usize::MAX));
    calls
}

#[tokio::test]
async fn an_article_that_answers_the_agent_alone_is_no_card() {
    let Some(library) = world::library("an_article_that_answers_the_agent_alone_is_no_card").await
    else {
        return;
    };
    // By prominence alone: what is called for is another rule.
    let rules = r#"{"beside_before": 0, "prominence": 0.33}"#;
    let supervisor = Supervisor::new(library, rules.parse().unwrap()).unwrap();
    let agent = "Put the new IBAN under Payment, Recurring and mark it as standard.";
    for (customer, shown) in [
        ("Alright. Thanks for not shouting.", None),
        (
            "And can I put my new card there as well, for the recurring payments?",
            Some("pay-change-card"),
        ),
    ] {
        let mut window = Window::default();
        window.hear(Speaker::Agent, None, agent);
        window.hear(Speaker::Customer, None, customer);
        let found = supervisor.look_up(&window, None).await.unwrap();
        let first = found.candidates.first().map(|one| one.article.as_str());
        assert_eq!(first, shown, "{customer}");
        let (best, _) = &found.explained[0];
        assert_eq!(best.as_str(), "pay-change-card", "{customer}");
    }
}

#[tokio::test]
async fn what_the_agent_says_already_is_no_card() {
    let Some(library) = world::library("what_the_agent_says_already_is_no_card").await else {
        return;
    };
    let mut supervisor = Supervisor::new(library, CalmRules::default()).unwrap();
    let mut window = Window::default();
    window.hear(Speaker::Agent, None, "It's in the app, under Wi-Fi, Share.");
    window.hear(
        Speaker::Customer,
        None,
        "Wait. Wi-Fi, Share. Oh! There's a full stop at the end. Who puts a full stop in a password.",
    );
    for (rules, shown) in [
        ("{}", None),
        (r#"{"beside_before": 0}"#, Some("rtr-password")),
    ] {
        supervisor = supervisor.with(rules.parse().unwrap(), PHRASES);
        let found = supervisor.look_up(&window, None).await.unwrap();
        let first = found.candidates.first().map(|one| one.article.as_str());
        assert_eq!(first, shown, "{rules}");
    }
}
