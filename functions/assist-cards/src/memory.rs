//! What is remembered of an interaction between two utterances.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::assist::{Calm, Card, Utterance, Window};
use shared::db::cards::Known;
use shared::error::Error;
use shared::queue::InteractionMessage;
use shared::text::pii::{self, Policy};

/// See the module.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    pub(crate) window: Window,
    pub(crate) calm: Calm,
}

/// What may be remembered and looked up of an utterance.
pub(crate) fn heard(policy: Policy, said: &str) -> Cow<'_, str> {
    match policy {
        Policy::Mask => pii::mask(said).text,
        Policy::Tag | Policy::Block => Cow::Borrowed(said),
    }
}

impl Memory {
    /// Reads it. What another version wrote and this one cannot read is forgotten: the window fills again within a minute, and what was
    /// shown stands in the database.
    pub(crate) fn of(known: &Known) -> Self {
        let state = known.state.as_deref().unwrap_or("{}");
        let mut memory: Self = serde_json::from_str(state).unwrap_or_default();
        // What is kept here was written before the post; what became of that, the rows say.
        memory.calm.keep_shown(&known.shown);
        // What is on the screen is no more wanted again than what was sent away.
        for article in known.dismissed.union(&known.shown) {
            memory.calm.dismiss(article.clone());
        }
        memory
    }

    /// Remembers what was said, as far as the policy lets us.
    pub(crate) fn hear(&mut self, policy: Policy, said: &[&InteractionMessage]) {
        for one in said {
            let text = heard(policy, &one.text);
            self.window.hear(one.speaker, one.channel, &text);
        }
    }

    /// Remembers cards that are to be posted.
    pub(crate) fn note(
        &mut self,
        cards: &[Card],
        message: &InteractionMessage,
        terms: &BTreeSet<String>,
    ) {
        let utterance = self.utterance(message, terms);
        self.calm.note(cards, &utterance, message.at);
    }

    /// A message that the window ends with, as the calm rules look at it.
    pub(crate) fn utterance<'a>(
        &self,
        message: &InteractionMessage,
        terms: &'a BTreeSet<String>,
    ) -> Utterance<'a> {
        Utterance {
            speaker: message.speaker,
            // Where no sentence ended, quiet fell.
            is_complete: true,
            words: self.window.words(),
            terms,
        }
    }

    pub(crate) fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::Bug {
            what: "what is remembered does not serialize",
            source: Some(error.into()),
        })
    }
}
