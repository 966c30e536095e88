//! When cards come, and when they don't.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;

use crate::assist::{Calm, CalmRules, Candidate, Card, Decision, Silence, Utterance, decide};
use crate::domain::{ArticleId, Locale, Score, Speaker};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn id(name: &str) -> ArticleId {
    ArticleId::parse(name).unwrap()
}

fn candidate(article: &str, score: f64) -> Candidate {
    Candidate {
        article: id(article),
        locale: Locale::parse("en").unwrap(),
        title: article.to_owned(),
        passage: "text".to_owned(),
        score: Score::saturating(score),
    }
}

fn terms(words: &str) -> BTreeSet<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// What comes of each step of a call: who speaks, of what, at which second, and what a search finds.
struct Call {
    rules: CalmRules,
    calm: Calm,
}

impl Call {
    /// What is said here are the words that count.
    fn with(rules: &str) -> Self {
        let mut rules: serde_json::Value = serde_json::from_str(rules).unwrap();
        let words = rules.as_object_mut().unwrap().entry("turn_words");
        words.or_insert(0.into());
        Self {
            rules: rules.to_string().parse().unwrap(),
            calm: Calm::default(),
        }
    }

    fn hear(
        &mut self,
        second: i64,
        said: &str,
        found: &[(&str, f64)],
    ) -> Result<Vec<String>, Silence> {
        self.hear_from(Speaker::Customer, true, second, said, found)
    }

    /// What was decided, noted as if it had been posted, and stored and read again as between two calls of a function.
    fn hear_from(
        &mut self,
        speaker: Speaker,
        is_complete: bool,
        second: i64,
        said: &str,
        found: &[(&str, f64)],
    ) -> Result<Vec<String>, Silence> {
        let terms = terms(said);
        let utterance = Utterance {
            speaker,
            is_complete,
            words: said.split_whitespace().count(),
            terms: &terms,
        };
        let found: Vec<_> = found
            .iter()
            .map(|(article, score)| candidate(article, *score))
            .collect();
        let decision = decide(&self.rules, &self.calm, &utterance, &found, at(second));
        let result = match decision {
            Decision::Show(cards) => {
                self.calm.note(&cards, &utterance, at(second));
                Ok(cards.iter().map(|card| card.article.to_string()).collect())
            }
            Decision::Silent(silence) => Err(silence),
        };
        let stored = serde_json::to_string(&self.calm).unwrap();
        self.calm = serde_json::from_str(&stored).unwrap();
        result
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what a call gives"
)]
fn names(articles: &[&str]) -> Result<Vec<String>, Silence> {
    Ok(articles
        .iter()
        .map(|article| (*article).to_owned())
        .collect())
}

#[test]
fn only_the_side_that_is_listened_to_and_whole_utterances_call() {
    let mut call = Call::with(r#"{"trigger": "customer"}"#);
    let found = [("refund", 0.9)];
    assert_eq!(
        call.hear_from(Speaker::Agent, true, 0, "refund late", &found),
        Err(Silence::Speaker)
    );
    assert_eq!(
        call.hear_from(Speaker::Customer, false, 2, "refund late", &found),
        Err(Silence::Incomplete)
    );
    assert_eq!(call.hear(3, "refund late", &found), names(&["refund"]));
    let mut call = Call::with(r#"{"trigger": "both"}"#);
    assert_eq!(
        call.hear_from(Speaker::Unknown, true, 0, "refund late", &found),
        names(&["refund"])
    );
}

#[test]
fn a_card_that_was_taken_back_leaves_no_quiet_and_may_come_again() {
    let mut call = Call::with(r#"{"cooldown_seconds": 30, "cards_per_minute": 2}"#);
    let refund = [("refund", 0.9)];
    assert_eq!(
        call.hear(0, "router", &[("router", 0.9)]),
        names(&["router"])
    );
    assert_eq!(call.hear(31, "refund late", &refund), names(&["refund"]));
    call.calm
        .keep_shown(&BTreeSet::from([id("router"), id("refund")]));
    assert_eq!(
        call.hear(33, "refund late", &refund),
        Err(Silence::Cooldown)
    );
    call.calm.keep_shown(&BTreeSet::from([id("router")]));
    assert_eq!(call.hear(34, "refund late", &refund), names(&["refund"]));
    assert!(call.calm.has_shown(&id("router")));
}

#[test]
fn what_was_answered_stays_answered_where_no_card_was_taken_back() {
    let mut call = Call::with(r#"{"cooldown_seconds": 10}"#);
    let refund = [("refund", 0.9)];
    assert_eq!(call.hear(0, "refund late", &refund), names(&["refund"]));
    call.calm.keep_shown(&BTreeSet::from([id("refund")]));
    assert_eq!(
        call.hear(90, "refund late", &refund),
        Err(Silence::NothingNew)
    );
}

#[test]
fn a_turn_that_says_hardly_anything_yet_calls_for_nothing() {
    let mut call = Call::with(r#"{"turn_words": 3}"#);
    let found = [("refund", 0.9)];
    assert_eq!(call.hear(0, "refund late", &found), Err(Silence::TooShort));
    assert_eq!(
        call.hear(2, "refund late again", &found),
        names(&["refund"])
    );
}

#[test]
fn cards_are_followed_by_quiet() {
    let mut call = Call::with(r#"{"cooldown_seconds": 10}"#);
    assert_eq!(
        call.hear(0, "refund late", &[("refund", 0.9)]),
        names(&["refund"])
    );
    assert_eq!(
        call.hear(9, "router dead", &[("router", 0.9)]),
        Err(Silence::Cooldown)
    );
    assert_eq!(
        call.hear(10, "router dead", &[("router", 0.9)]),
        names(&["router"])
    );
    // A clock that goes behind makes no noise.
    assert_eq!(
        call.hear(-50, "lamp broken", &[("lamp", 0.9)]),
        Err(Silence::Cooldown)
    );
}

#[test]
fn only_what_adds_something_is_answered() {
    let mut call = Call::with(r#"{"cooldown_seconds": 0, "new_terms": 2}"#);
    assert_eq!(
        call.hear(0, "refund late", &[("refund", 0.9)]),
        names(&["refund"])
    );
    assert_eq!(
        call.hear(20, "refund late really", &[("other", 0.9)]),
        Err(Silence::NothingNew)
    );
    // What was said while cards rested still counts as new afterwards.
    assert_eq!(
        call.hear(40, "refund late really router", &[("other", 0.9)]),
        names(&["other"])
    );
    assert_eq!(
        call.hear(60, "", &[("third", 0.9)]),
        Err(Silence::NothingNew)
    );
}

#[test]
fn an_article_comes_once_and_a_dismissed_one_never() {
    let mut call = Call::with(r#"{"cooldown_seconds": 0}"#);
    let found = [("one", 0.9), ("two", 0.89), ("one", 0.88)];
    call.calm.dismiss(id("two"));
    assert_eq!(call.hear(0, "a b", &found), names(&["one"]));
    assert_eq!(call.hear(5, "c d", &found), Err(Silence::Known));
    assert!(call.calm.has_shown(&id("one")) && call.calm.has_dismissed(&id("two")));
    // The answer is on the screen: what comes far behind it is no second one.
    assert_eq!(
        call.hear(9, "e f", &[("one", 0.9), ("far", 0.5)]),
        Err(Silence::Known)
    );
}

#[test]
fn what_is_not_good_is_not_shown() {
    let mut call = Call::with(r#"{"floor": 0.4, "floors": {"en": 0.6}, "beside_best": 0.8}"#);
    assert_eq!(call.hear(0, "a b", &[]), Err(Silence::NothingFound));
    assert_eq!(
        call.hear(0, "a b", &[("poor", 0.59)]),
        Err(Silence::BelowFloor)
    );
    assert_eq!(
        call.hear(0, "a b", &[("fair", 0.6), ("good", 0.9), ("next", 0.73)]),
        names(&["good", "next"])
    );
}

#[test]
fn there_are_few_cards_in_a_post_and_in_a_minute() {
    let found = |prefix: &str| -> Vec<(String, f64)> {
        (0..5)
            .map(|number| (format!("{prefix}{number}"), 0.9))
            .collect()
    };
    let mut call =
        Call::with(r#"{"cooldown_seconds": 0, "cards_per_post": 3, "cards_per_minute": 4}"#);
    let mut hear = |second, said: &str, prefix: &str| {
        let found = found(prefix);
        let found: Vec<_> = found
            .iter()
            .map(|(name, score)| (name.as_str(), *score))
            .collect();
        call.hear(second, said, &found)
    };
    assert_eq!(hear(0, "a b", "a"), names(&["a0", "a1", "a2"]));
    assert_eq!(hear(1, "c d", "b"), names(&["b0"]));
    assert_eq!(hear(59, "e f", "c"), Err(Silence::Enough));
    assert_eq!(hear(60, "e f", "c"), names(&["c0", "c1", "c2"]));
    assert_eq!(hear(61, "g h", "d"), names(&["d0"]));
}

#[test]
fn every_silence_has_its_word() {
    let all = [
        Silence::Incomplete,
        Silence::Speaker,
        Silence::TooShort,
        Silence::Cooldown,
        Silence::Enough,
        Silence::NothingNew,
        Silence::NothingFound,
        Silence::BelowFloor,
        Silence::Known,
    ];
    let words: BTreeSet<_> = all.iter().map(|silence| silence.as_str()).collect();
    assert_eq!(words.len(), all.len());
}

/// An utterance with what was found for it: seconds after the one before, terms, and articles with their scores.
type Heard = (u8, Vec<u8>, Vec<(u8, f64)>, bool, u8);

fn call() -> impl Strategy<Value = Vec<Heard>> {
    use proptest::collection::vec;
    vec(
        (
            0_u8..40,
            vec(0_u8..12, 0..6),
            vec((0_u8..9, 0.0..1.0_f64), 0..7),
            prop::bool::weighted(0.9),
            0_u8..3,
        ),
        0..40,
    )
}

proptest! {
    #[test]
    fn the_rules_hold_in_every_call(
        call in call(), cooldown in 0_u16..30, per_post in 1_usize..4, per_minute in 1_usize..6, new_terms in 0_usize..3, floor in 0.0..1.0_f64,
        beside_best in 0.0..1.0_f64, dismissed in 0_u8..9, trigger in 0_usize..3, turn_words in 0_usize..4,
    ) {
        let trigger = ["customer", "agent", "both"][trigger];
        let rules: CalmRules = serde_json::json!({"trigger": trigger, "cooldown_seconds": cooldown, "cards_per_post": per_post,
            "cards_per_minute": per_minute, "new_terms": new_terms, "turn_words": turn_words, "floor": floor, "beside_best": beside_best}).to_string().parse().unwrap();
        let mut calm = Calm::default();
        calm.dismiss(id(&dismissed.to_string()));
        let (mut second, mut shown, mut posts, mut acted_on) = (0, Vec::<(i64, ArticleId)>::new(), Vec::<i64>::new(), BTreeSet::new());
        for (pause, said, found, is_complete, speaker) in call {
            second += i64::from(pause);
            let speaker = [Speaker::Customer, Speaker::Agent, Speaker::Unknown][usize::from(speaker)];
            let terms: BTreeSet<_> = said.iter().map(u8::to_string).collect();
            let utterance = Utterance { speaker, is_complete, words: said.len(), terms: &terms };
            let found: Vec<_> = found.iter().map(|(article, score)| candidate(&article.to_string(), *score)).collect();
            let decision = decide(&rules, &calm, &utterance, &found, at(second));
            prop_assert_eq!(&decision, &decide(&rules, &calm, &utterance, &found, at(second)));
            let Decision::Show(cards) = decision else { continue };
            check(&cards, &found, floor, beside_best)?;
            prop_assert!(is_complete && (1..=per_post).contains(&cards.len()));
            prop_assert!(said.len() >= turn_words);
            prop_assert!(trigger != "agent" || speaker == Speaker::Agent);
            prop_assert!(trigger != "customer" || speaker != Speaker::Agent);
            prop_assert!(posts.last().is_none_or(|last| second - last >= i64::from(cooldown)));
            prop_assert!(terms.difference(&acted_on).count() >= new_terms);
            prop_assert!(cards.iter().all(|card| card.article != id(&dismissed.to_string())));
            calm.note(&cards, &utterance, at(second));
            shown.extend(cards.into_iter().map(|card| (second, card.article)));
            posts.push(second);
            acted_on = terms;
            prop_assert!(shown.iter().filter(|(at, _)| second - at < 60).count() <= per_minute);
        }
        let articles: BTreeSet<_> = shown.iter().map(|(_, article)| article).collect();
        prop_assert_eq!(articles.len(), shown.len());
    }

    /// Nothing that could be shown is held back for no reason.
    #[test]
    fn what_nothing_speaks_against_is_shown(found in proptest::collection::vec((0_u8..9, 0.5..1.0_f64), 1..7)) {
        let found: Vec<_> = found.iter().map(|(article, score)| candidate(&article.to_string(), *score)).collect();
        let terms = terms("refund late");
        let utterance = Utterance { speaker: Speaker::Customer, is_complete: true, words: 8, terms: &terms };
        let best = found.iter().max_by_key(|one| one.score).unwrap();
        match decide(&CalmRules::default(), &Calm::default(), &utterance, &found, at(0)) {
            Decision::Show(cards) => {
                let score = |card: &Card| found.iter().filter(|one| one.article == card.article).map(|one| one.score).max();
                prop_assert_eq!(score(&cards[0]), Some(best.score));
                prop_assert!(cards.windows(2).all(|pair| score(&pair[0]) >= score(&pair[1])));
            }
            Decision::Silent(silence) => prop_assert!(false, "{silence:?}"),
        }
    }
}

/// Every card is of what was found, fits well enough, and bears its place.
fn check(
    cards: &[Card],
    found: &[Candidate],
    floor: f64,
    beside_best: f64,
) -> Result<(), TestCaseError> {
    let mut best = BTreeMap::new();
    for one in found {
        let known = best.entry(&one.article).or_insert(one.score);
        *known = one.score.max(*known);
    }
    let top = best.values().max().copied().unwrap_or_default().get();
    for (place, card) in (1..).zip(cards) {
        let score = best[&card.article].get();
        prop_assert!(score >= floor && score >= top * beside_best);
        prop_assert_eq!(&card.content.title, &format!("KB Result {place}"));
        prop_assert!((card.content.score - score).abs() < 1e-4);
    }
    Ok(())
}

#[test]
fn a_state_of_an_earlier_version_is_read() {
    assert_eq!(serde_json::from_str::<Calm>("{}").unwrap(), Calm::default());
    assert!(!Calm::default().has_shown(&id("one")));
}
