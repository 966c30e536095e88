//! Which cards an utterance brings, if any.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use shared::assist::{Card, Decision, decide, is_number, may_speak};
use shared::db::cards::NewCard;
use shared::domain::{Locale, Score};
use shared::error::Error;
use shared::queue::InteractionMessage;
use shared::text::terms::{Analysis, count_terms};
use tokio::time::Instant;

use crate::app::App;
use crate::memory::{Memory, heard};

/// What is looked up waits for a token for so long, once in the life of one. Whoever posts may wait for longer, and says what is wrong.
const PREPARING: Duration = Duration::from_secs(1);

/// Cards, or a word why there is none.
pub(crate) struct Suggestion {
    pub(crate) outcome: Result<Vec<Card>, &'static str>,
    /// The same cards, as they are kept.
    pub(crate) new_cards: Vec<NewCard>,
    /// What the utterance is about.
    pub(crate) terms: BTreeSet<String>,
}

/// Decides about the newest utterance of an interaction. What needs no model comes first.
pub(crate) async fn suggest(
    app: &App,
    memory: &Memory,
    message: &InteractionMessage,
    now: Timestamp,
    until: Instant,
) -> Result<Suggestion, Error> {
    let language = message.language.as_ref().unwrap_or(&app.language);
    let said = heard(app.policy, &message.text);
    let terms = count_terms(&said, Analysis::of(language.as_str())).counts;
    let terms: BTreeSet<String> = terms.into_iter().map(|(term, _)| term.into()).collect();
    let silent = |why, terms| Suggestion {
        outcome: Err(why),
        new_cards: Vec::new(),
        terms,
    };
    if let Some(why) = silence(app, memory, message, language, &terms, now) {
        return Ok(silent(why, terms));
    }
    let (listening, window) = (&app.listening, &memory.window);
    let found = app
        .retriever
        .listen(listening, &app.rules, window, Some(language), until);
    let prepare_until = until.min(Instant::now() + PREPARING);
    let prepared = app.assist.prepare(prepare_until);
    let (found, _) = tokio::join!(found, prepared);
    let found = found?;
    let (has_vector, weigher) = (found.has_vector, found.weigher.as_str());
    let decision = decide(
        &app.rules,
        &memory.calm,
        &memory.utterance(message, &terms),
        &found.candidates,
        message.at,
    );
    let cards = match decision {
        Decision::Silent(why) => return Ok(silent(why.as_str(), terms)),
        Decision::Show(cards) => cards,
    };
    let detail =
        json!({ "sequence": message.sequence, "has_vector": has_vector, "weigher": weigher });
    let keep = |(position, card): (u8, &Card)| NewCard {
        article: card.article.clone(),
        position,
        score: Score::saturating(card.content.score),
        detail: detail.to_string(),
    };
    Ok(Suggestion {
        new_cards: (1..).zip(&cards).map(keep).collect(),
        outcome: Ok(cards),
        terms,
    })
}

/// Why nothing is looked up, if nothing is.
fn silence(
    app: &App,
    memory: &Memory,
    message: &InteractionMessage,
    language: &Locale,
    terms: &BTreeSet<String>,
    now: Timestamp,
) -> Option<&'static str> {
    if message.is_late || now.duration_since(message.at) > app.fresh {
        return Some("stale");
    }
    if is_number(&message.text, language) {
        return Some("number");
    }
    let said = memory.utterance(message, terms);
    let may = may_speak(&app.rules, &memory.calm, &said, message.at);
    may.err().map(shared::assist::Silence::as_str)
}
