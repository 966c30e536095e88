//! The use case: a batch of messages becomes stored, searchable conversations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use shared::batch::{Batch, Message};
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::Prepared;
use shared::db::embedding_claims::{self, Claim, Holder};
use shared::domain::EventKey;
use shared::error::{Error, Kind};
use shared::{fail_point, retry::Backoff};
use tokio::time::Instant;

use crate::app::App;
use crate::arrive::{Arrival, arrive, park};
use crate::prepare::{Draft, prepare};
use crate::render::render;
use crate::store::store;

/// How long copies wait for the one that works, before they go back to the queue.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(8);
/// Between two looks at the work of another.
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(100),
    most: Duration::from_millis(800),
};
/// Kept back from the deadline for storing what was embedded.
const STORING: Duration = Duration::from_secs(3);

/// Works until everything is settled or time is up. What is not settled in `batch` at the end is given again by the queue.
pub(crate) async fn embed(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    until: Instant,
) -> Result<(), Arc<Error>> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let mut waiting = arrive(app, batch, messages, &key).await;
    let (holder, started) = (Holder::generate(), Instant::now());
    let mut looks = 0;
    while !waiting.is_empty() {
        let claimed = claim(app, batch, waiting, holder, until).await?;
        waiting = claimed.busy;
        work(app, batch, messages, claimed.ours, holder, until).await?;
        if waiting.is_empty() || started.elapsed() > WAIT_FOR_OTHERS {
            break;
        }
        LOOK_AGAIN.sleep(looks).await;
        looks += 1;
    }
    Ok(())
}

/// Arrivals by what is to be done with them.
struct Claimed {
    ours: Vec<Arrival>,
    busy: Vec<Arrival>,
}

/// Asks the database once which events are new; the others are settled, or somebody is at them.
async fn claim(
    app: &App,
    batch: &mut Batch,
    arrivals: Vec<Arrival>,
    holder: Holder,
    until: Instant,
) -> Result<Claimed, Arc<Error>> {
    let wanted: Vec<_> = arrivals
        .iter()
        .map(|one| (one.message.event_key.clone(), one.mac))
        .collect();
    // A claim ends shortly after the invocation that made it, whatever becomes of that.
    let span = until.saturating_duration_since(Instant::now()) + Duration::from_secs(5);
    let claims = embedding_claims::claim(&app.database, &wanted, holder, span).await?;
    fail_point::reach("embed.claimed");
    let (mut ours, mut busy) = (Vec::new(), Vec::new());
    for (arrival, claim) in arrivals.into_iter().zip(claims) {
        match claim {
            Claim::Ours => ours.push(arrival),
            Claim::Busy => busy.push(arrival),
            Claim::Done | Claim::Erased => settle(batch, &arrival, &format!("{claim:?}")),
        }
    }
    Ok(Claimed { ours, busy })
}

/// Prepares, embeds and stores what is ours; gives up the claims of what failed.
async fn work(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    ours: Vec<Arrival>,
    holder: Holder,
    until: Instant,
) -> Result<(), Arc<Error>> {
    let keys: Vec<EventKey> = ours
        .iter()
        .map(|one| one.message.event_key.clone())
        .collect();
    let outcome = try_work(app, batch, messages, ours, until).await;
    let (failed, outcome) = match outcome {
        Ok(failed) => (failed, Ok(())),
        Err(error) => (keys, Err(error)),
    };
    if failed.is_empty() {
        return outcome;
    }
    if let Err(error) = embedding_claims::release(&app.database, &failed, holder).await {
        tracing::warn!(
            error = error.chain(),
            "claims were not released; they end by themselves"
        );
    }
    outcome
}

/// The keys of those that failed and are worth another try.
async fn try_work(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    ours: Vec<Arrival>,
    until: Instant,
) -> Result<Vec<EventKey>, Arc<Error>> {
    let mut failed = Vec::new();
    let (mut arrivals, mut drafts) = (Vec::new(), Vec::new());
    for arrival in ours {
        match draft(app, &arrival) {
            Ok(draft) => {
                arrivals.push(arrival);
                drafts.push(draft);
            }
            Err(error) => give_up(app, batch, messages, &arrival, &error, &mut failed).await,
        }
    }
    fail_point::reach("embed.prepared");
    let rendered = render(app, &drafts, until - STORING).await?;
    fail_point::reach("embed.embedded");
    let (mut ready, mut prepared) = (Vec::new(), Vec::new());
    for ((arrival, draft), rendered) in arrivals.into_iter().zip(drafts).zip(rendered) {
        match rendered {
            Ok(renditions) => {
                prepared.push(Prepared {
                    mac: arrival.mac,
                    event: draft.event,
                    renditions,
                });
                ready.push(arrival);
            }
            Err(error) => give_up(app, batch, messages, &arrival, &error, &mut failed).await,
        }
    }
    let outcomes = store(&app.database, prepared).await;
    fail_point::reach("embed.stored");
    for (arrival, outcome) in ready.iter().zip(outcomes) {
        match outcome {
            Ok(stored) => settle(batch, arrival, &format!("{stored:?}")),
            Err(error) => give_up(app, batch, messages, arrival, &error, &mut failed).await,
        }
    }
    Ok(failed)
}

/// What is known of an event before any model is asked. A panic fails this event only.
fn draft(app: &App, arrival: &Arrival) -> Result<Draft, Error> {
    let message = &arrival.message;
    let event = NewEvent {
        key: message.event_key.clone(),
        conversation_id: message.conversation_id.clone(),
        event: message.event.clone(),
        occurred_at: message.timestamp,
        received_at: message.received_at,
        receipt_id: message.receipt_id,
        raw: arrival.payload.clone(),
        raw_masked: false,
        supersedes: true,
        state: TextState::NoText,
    };
    let prepared = catch_unwind(AssertUnwindSafe(|| {
        fail_point::reach(message.conversation_id.as_str());
        prepare(&app.rules, event)
    }));
    prepared.unwrap_or_else(|_| {
        Err(Error::Bug {
            what: "preparing an event panicked",
            source: None,
        })
    })
}

/// The event needs no second try.
fn settle(batch: &mut Batch, arrival: &Arrival, outcome: &str) {
    for position in &arrival.positions {
        batch.settle(*position);
    }
    tracing::info!(
        conversation.id = %arrival.message.conversation_id,
        event.key = arrival.message.event_key.as_str(),
        copies = arrival.positions.len(),
        outcome,
        "settled"
    );
}

/// What can never be stored is parked; everything else is given again by the queue.
async fn give_up(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    arrival: &Arrival,
    error: &Error,
    failed: &mut Vec<EventKey>,
) {
    failed.push(arrival.message.event_key.clone());
    if error.kind() == Kind::Invalid {
        return park(app, batch, &arrival.positions, messages, error).await;
    }
    tracing::error!(
        conversation.id = %arrival.message.conversation_id,
        event.key = arrival.message.event_key.as_str(),
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "not stored; the queue gives it again"
    );
}
