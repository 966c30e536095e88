//! A batch of utterances: those of each interaction in their order, interactions side by side.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;
use shared::batch::Message;
use shared::db::cards::{self, Kept, Progress};
use shared::deadline::in_time;
use shared::domain::InteractionId;
use shared::error::Error;
use shared::queue::InteractionMessage;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::app::App;
use crate::memory::Memory;
use crate::show::show;
use crate::suggest::{Suggestion, suggest};

/// Utterances of one interaction, each with its place in the batch.
type Said = Vec<(usize, InteractionMessage)>;

/// Hears all of it; gives the places of the messages that need not come again.
pub(crate) async fn hear(app: &App, messages: &[Message], until: Instant) -> Vec<usize> {
    let mut settled = Vec::new();
    let mut said = BTreeMap::<InteractionId, Said>::new();
    for (place, message) in messages.iter().enumerate() {
        let _inside = message.span().entered();
        if let Some(one) = message.read(InteractionMessage::from_text) {
            let interaction = one.interaction_id.clone();
            said.entry(interaction).or_default().push((place, one));
        } else {
            settled.push(place);
        }
    }
    let heard = said.iter().map(|(interaction, said)| {
        // Lines about several utterances have the ids of the one that was sent last.
        let last = said.last().and_then(|(place, _)| messages.get(*place));
        let span = last.map_or_else(Span::current, Message::span);
        hear_in_time(app, interaction, said, until).instrument(span)
    });
    let heard = join_all(heard).await;
    let done = heard.into_iter().zip(said.values()).filter(|(is, _)| *is);
    settled.extend(done.flat_map(|(_, said)| said.iter().map(|(place, _)| *place)));
    settled
}

/// Whether the utterances had their effect. One that had none holds up those after it, so all of them come again.
async fn hear_in_time(app: &App, interaction: &InteractionId, said: &Said, until: Instant) -> bool {
    // Boxed, because a future this large is copied about otherwise.
    let outcome = in_time(until, Box::pin(hear_one(app, interaction, said, until))).await;
    if let Err(error) = &outcome {
        tracing::error!(
            interaction.id = %interaction,
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "utterances were not heard"
        );
    }
    outcome.is_ok()
}

async fn hear_one(
    app: &App,
    interaction: &InteractionId,
    said: &Said,
    until: Instant,
) -> Result<(), Error> {
    let since = Instant::now();
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let known = cards::load(app.database(), &key, interaction).await?;
    let new = said.iter().map(|(_, one)| one);
    let new: Vec<_> = new.filter(|one| sequence(one) > known.sequence).collect();
    let Some(last) = new.last().filter(|_| !known.is_over) else {
        return Ok(());
    };
    // Whoever speaks last in a batch may not be the one who asks.
    let trigger = app.rules.trigger();
    let asked = new.iter().rposition(|one| trigger.takes(one.speaker));
    let (heard, rest) = new.split_at(asked.map_or(new.len(), |place| place + 1));
    let asked = heard.last().unwrap_or(last);
    let mut memory = Memory::of(&known);
    memory.hear(app.policy, heard);
    let suggestion = suggest(app, &memory, asked, Timestamp::now(), until).await?;
    let Suggestion {
        outcome,
        new_cards,
        terms,
    } = suggestion;
    if let Ok(posted) = &outcome {
        memory.note(posted, asked, &terms);
    }
    memory.hear(app.policy, rest);
    let state = memory.to_json()?;
    let progress = Progress {
        from: known.sequence,
        sequence: sequence(last),
        state: &state,
    };
    let kept = cards::keep(app.database(), &key, interaction, &progress, &new_cards).await?;
    shared::fail_point::reach("assist_cards.before_post");
    let told = match (kept, outcome) {
        (Kept::Overtaken, _) => "overtaken",
        (Kept::Erased, _) => "erased",
        (Kept::Pending(_), Err(silence)) => silence,
        (Kept::Pending(pending), Ok(posted)) => {
            show(app, interaction, posted, &pending, until).await
        }
    };
    tracing::info!(
        interaction.id = %interaction,
        interaction.sequence = last.sequence,
        utterances = new.len(),
        repeats = said.len() - new.len(),
        cards = new_cards.len(),
        outcome = told,
        duration_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        "heard"
    );
    Ok(())
}

fn sequence(message: &InteractionMessage) -> i64 {
    i64::try_from(message.sequence).unwrap_or(i64::MAX)
}
