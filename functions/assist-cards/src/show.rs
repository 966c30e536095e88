//! Cards that are kept as pending are posted, and what became of them is kept.

use std::time::Duration;

use shared::assist::Card;
use shared::cxone::assist::Posted;
use shared::db::cards::{self, Fate};
use shared::domain::InteractionId;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// So long it is tried to post cards, a try that is not answered at all among it: others of the batch wait for them, and who asked reads no
/// card that comes later.
const POSTING: Duration = Duration::from_secs(6);

/// Posts those that are pending, all at once; gives the word for what came of it. Their utterance is done either way.
pub(crate) async fn show(
    app: &App,
    interaction: &InteractionId,
    mut posted: Vec<Card>,
    pending: &[String],
    until: Instant,
) -> &'static str {
    posted.retain(|card| pending.iter().any(|one| one == card.article.as_str()));
    if posted.is_empty() {
        return "known";
    }
    let until = until.min(Instant::now() + POSTING);
    let answer = app.assist.post_cards(interaction, &posted, until).await;
    let (word, fate) = match answer {
        Ok(Posted::Shown) => ("shown", Some(Fate::Shown)),
        Ok(Posted::Ended(status)) => {
            // Of all interactions, it is said of a path that is none of CXone's.
            tracing::warn!(interaction.id = %interaction, status = status.as_u16(), "CXone does not know an interaction");
            ("ended", None)
        }
        Ok(Posted::Refused(status)) => {
            tracing::warn!(interaction.id = %interaction, status = status.as_u16(), "CXone did not take cards");
            ("refused", Some(Fate::Withdrawn))
        }
        Ok(Posted::Unsure(error)) => {
            complain(interaction, &error, "whether cards are shown is not known");
            ("unsure", Some(Fate::Unknown))
        }
        Err(error) => {
            complain(interaction, &error, "cards could not be posted");
            ("not_posted", Some(Fate::Withdrawn))
        }
    };
    let database = app.database();
    let settled = match fate {
        Some(fate) => cards::settle(database, interaction, pending, fate).await,
        None => cards::end(database, interaction, pending).await,
    };
    if let Err(error) = settled {
        complain(interaction, &error, "what became of cards is not kept");
    }
    word
}

fn complain(interaction: &InteractionId, error: &Error, what: &'static str) {
    tracing::error!(
        interaction.id = %interaction,
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "{what}"
    );
}
