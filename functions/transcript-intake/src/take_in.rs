//! The use case: a transcript is taken in, whole, or everything is told that is wrong with it.

use jiff::Timestamp;
use serde::Serialize;
use shared::db::transcripts::{NewPart, NewTranscript, note, store};
use shared::domain::{CallbackUrl, InteractionId, TranscriptId};
use shared::error::Error;
use shared::injection::{Draft, Intake, Repairs};
use shared::json;

use crate::app::App;
use crate::audit;

/// A transcript that was taken in. A repeat gets the same.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TranscriptAccepted))]
pub(crate) struct Accepted {
    id: TranscriptId,
    interaction_id: InteractionId,
    /// In how many parts it is sent, one after the other.
    parts: usize,
    /// How many messages they have together.
    messages: usize,
    /// What was repaired, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<Repairs>,
}

impl Accepted {
    /// By which it can be asked for.
    pub(crate) fn id(&self) -> TranscriptId {
        self.id
    }
}

/// Takes a transcript in, unless one was under the same key. What breaks rules stands in the audit before its sender is told, if it says of
/// which interaction it is: of what could be anybody's, or nothing at all, the log tells.
pub(crate) async fn take_in(app: &App, key: &str, body: &[u8]) -> Result<Accepted, Error> {
    let draft = Draft::read(body)?;
    match (check(app, &draft), draft.interaction_id()) {
        (Ok(intake), _) => keep(app, key, body, intake).await,
        (Err(error), Some(interaction)) => Err(noted(app, &interaction, error).await),
        (Err(error), None) => Err(error),
    }
}

/// The rules of a transcript, and that whoever wants to be told may be called: everything that is wrong at once.
fn check(app: &App, draft: &Draft) -> Result<Intake, Error> {
    let url = draft.archive_callback_url();
    let guarded = url.is_none_or(|url| app.rules.check(url.as_url()).is_ok());
    if guarded {
        return draft.check();
    }
    let closed = Error::invalid("/archive_callback_url", "must lead to a public server");
    Err(match (draft.check(), closed) {
        (Err(Error::Invalid(mut all)), Error::Invalid(further)) => {
            all.extend(further);
            all.sort();
            Error::Invalid(all)
        }
        (_, closed) => closed,
    })
}

async fn keep(app: &App, key: &str, body: &[u8], intake: Intake) -> Result<Accepted, Error> {
    let parts = intake.parts.iter().map(|part| NewPart {
        payload: &part.payload,
        messages: part.messages,
    });
    let parts: Vec<_> = parts.collect();
    let callback_url = intake.archive_callback_url.as_ref();
    let transcript = NewTranscript {
        interaction: &intake.interaction_id,
        idempotency_key: Some(key),
        request_hash: json::digest(body)?,
        archive_callback_url: callback_url.map(CallbackUrl::as_str),
        parts: &parts,
        audit: audit::accepted(&intake),
    };
    let erasure_key = app.erasure_key.get(Timestamp::now()).await?;
    let stored = store(&app.database, &erasure_key, &transcript).await?;
    let messages = parts.iter().map(|part| part.messages).sum();
    let is_repeat = stored.is_repeat;
    tracing::info!(transcript.id = %stored.id, parts = parts.len(), messages, is_repeat, "taken in");
    Ok(Accepted {
        id: stored.id,
        interaction_id: intake.interaction_id.clone(),
        parts: stored.parts,
        messages,
        repairs: intake.repairs,
    })
}

/// The same error, once it stands in the audit. Else, why it does not.
async fn noted(app: &App, interaction: &InteractionId, error: Error) -> Error {
    let content = audit::validation_failed(&error);
    let noted = async {
        let key = app.erasure_key.get(Timestamp::now()).await?;
        note(&app.database, &key, interaction.as_str(), content).await
    };
    noted.await.err().unwrap_or(error)
}
