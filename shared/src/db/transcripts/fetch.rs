//! What is known of a transcript, for whoever asks by its name.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::State;
use super::spent::fetch_outlook;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::{strange, word};
use crate::domain::{InteractionId, TranscriptId, words};
use crate::error::Error;
use crate::injection::Outlook;

words!(
    /// How far the archive of an injected part has come.
    Archive {
        /// It is not in the archive yet.
        Waiting = "waiting",
        /// It is in the archive; whoever wants to know is still to be told.
        Telling = "telling",
        /// It is in the archive, and whoever wanted to know was told.
        Archived = "archived",
        /// It is in the archive; whoever wants to know could not be told.
        Untold = "untold",
    }
);

/// A transcript and its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StoredTranscript))]
pub struct Transcript {
    /// Its name.
    pub id: TranscriptId,
    /// Whose it is.
    pub interaction_id: InteractionId,
    /// How far it has come: the state of the part that most needs attention.
    pub state: State,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// Why nothing is posted at this time, if that is so.
    pub pause: Option<Pause>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// Nothing is posted for anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TranscriptPause))]
pub struct Pause {
    /// When it is tried again.
    pub until: Timestamp,
    /// What a person has to change, if anything.
    pub trouble: Option<String>,
}

/// One post.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TranscriptPart))]
pub struct Part {
    /// Which, from 1.
    pub part: i16,
    /// How many messages it holds.
    pub messages: i32,
    /// How far it has come.
    pub state: State,
    /// How often it was tried.
    pub attempts: i32,
    /// What CXone made of it.
    pub conversation_id: Option<String>,
    /// What CXone answered last.
    pub http_status: Option<i16>,
    /// Why it was not injected, or not yet.
    pub reason: Option<String>,
    /// How far the archive has come, once it was injected.
    pub archive: Option<Archive>,
    /// When it is tried next, at the earliest, if it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When it will be injected at the earliest, going by what waits before it and by what the tenant takes at once, a minute and in any hour.
    /// None if something before it is dead.
    pub estimated_at: Option<Timestamp>,
    /// When it was settled.
    pub ended_at: Option<Timestamp>,
}

const FETCH: &str = "
    SELECT t.interaction_id, t.created_at, t.part, t.messages, t.state, t.attempts, t.conversation_id, t.http_status, t.reason,
        CASE WHEN t.state <> 'injected' THEN NULL WHEN NOT t.archived THEN 'waiting' WHEN c.id IS NULL THEN 'archived'
            WHEN c.dead IS NULL THEN 'telling' ELSE 'untold' END,
        CASE WHEN t.state = 'pending' THEN t.next_try_at WHEN t.state = 'sending' THEN t.lease_until END,
        CASE WHEN t.state IN ('pending', 'sending') AND NOT EXISTS (
                SELECT FROM transcripts d WHERE d.interaction_id = t.interaction_id AND d.number < t.number AND d.state = 'dead')
            THEN (SELECT count(*) FROM transcripts w WHERE w.number <= t.number AND w.state IN ('pending', 'sending')) END,
        greatest(t.next_try_at, p.paused_until, clock_timestamp()), t.ended_at, CASE WHEN p.paused_until > clock_timestamp() THEN p.paused_until END, p.trouble
    FROM transcripts t CROSS JOIN injection_pace p
        LEFT JOIN transcript_archive a ON a.id = t.id AND a.part = t.part
        LEFT JOIN callbacks c ON c.id = a.callback_id
    WHERE t.id = $1 ORDER BY t.part";

/// What is known of a transcript, if it is known. `per_hour` is what the tenant takes in any hour; the rest of its pace is known here.
pub async fn fetch(
    database: &Database,
    per_hour: f64,
    id: TranscriptId,
) -> Result<Option<Transcript>, Error> {
    let connection = database.connection().await?;
    let id_value = [(&id.as_uuid() as _, Type::UUID)];
    let rows = connection.query_typed(FETCH, &id_value).await;
    let rows = rows.map_err(failed)?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let outlook = fetch_outlook(&**connection, per_hour).await?;
    let parts = rows.iter().map(|row| part(row, &outlook));
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    let interaction: String = first.get(0);
    let until: Option<Timestamp> = first.get(14);
    Ok(Some(Transcript {
        id,
        interaction_id: InteractionId::parse(interaction).map_err(|_| strange(first, 0))?,
        state: overall(&parts),
        created_at: first.get(1),
        pause: until.map(|until| Pause {
            until,
            trouble: first.get(15),
        }),
        parts,
    }))
}

fn part(row: &Row, outlook: &Outlook) -> Result<Part, Error> {
    let archive: Option<&str> = row.get(9);
    let archive = archive.map(|known| Archive::parse(known).ok_or_else(|| strange(row, 9)));
    Ok(Part {
        part: row.get(2),
        messages: row.get(3),
        state: word(row, 4, State::parse)?,
        attempts: row.get(5),
        conversation_id: row.get(6),
        http_status: row.get(7),
        reason: row.get(8),
        archive: archive.transpose()?,
        next_attempt_at: row.get(10),
        estimated_at: estimate(row, outlook),
        ended_at: row.get(13),
    })
}

/// Nothing is posted before it may be tried, and then it waits for its turn.
fn estimate(row: &Row, outlook: &Outlook) -> Option<Timestamp> {
    let (place, from): (Option<i64>, Timestamp) = (row.get(11), row.get(12));
    let turn = from.checked_add(outlook.wait(place?));
    Some(turn.unwrap_or(Timestamp::MAX))
}

/// The state that most needs attention; without any such, how far those that wait have come.
fn overall(parts: &[Part]) -> State {
    let by_need = [
        State::Refused,
        State::Dead,
        State::OutcomeUnknown,
        State::Sending,
        State::Pending,
    ];
    let is_there = |state: &State| parts.iter().any(|part| part.state == *state);
    by_need
        .into_iter()
        .find(is_there)
        .unwrap_or(State::Injected)
}
