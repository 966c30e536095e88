//! The use case: a batch of messages becomes stored, searchable conversations.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use shared::batch::{Batch, Message};
use shared::db::conversations::Stored;
use shared::db::embedding_claims::{self, Claim, Holder};
use shared::deadline::earlier;
use shared::domain::EventKey;
use shared::error::Error;
use shared::{fail_point, retry::Backoff};
use tokio::time::{Instant, timeout_at};

use crate::app::{App, STORING};
use crate::arrive::{Arrival, about, arrive};
use crate::time::Time;
use crate::words;

/// How long copies wait for the one that works, before they go back to the queue.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(8);
/// Between two looks at the work of another.
const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(100),
    most: Duration::from_millis(800),
};
/// Kept back from the end, so that what was claimed and not done is given up, and another try need not wait.
const RELEASING: Duration = Duration::from_millis(500);
/// With less than this left nothing is claimed: it could hardly be given up in time.
const LEAST: Duration = Duration::from_secs(1);
/// So long after the end a claim ends by itself, if it could not be given up.
const CLAIM_OUTLASTS: Duration = Duration::from_secs(5);

/// One invocation's work on its messages.
pub(crate) struct Work<'a> {
    pub(crate) app: &'a App,
    pub(crate) messages: &'a [Message],
    /// What is not settled at the end is given again by the queue.
    pub(crate) batch: &'a mut Batch,
    /// When nothing more may be under way.
    pub(crate) stop: Instant,
    /// For the models.
    pub(crate) time: Time,
    holder: Holder,
    /// Events that we may hold a claim on and have not stored.
    open: HashSet<EventKey>,
}

/// Why an event needs no second try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    New,
    Done,
    /// Its conversation is named in no log either.
    Erased,
}

impl From<Stored> for Settled {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::New => Self::New,
            Stored::Duplicate => Self::Done,
            Stored::Erased => Self::Erased,
        }
    }
}

/// Works until everything is settled or time is up, and then lets others have what is left.
pub(crate) async fn embed(
    app: &App,
    batch: &mut Batch,
    messages: &[Message],
    until: Instant,
) -> Result<(), Arc<Error>> {
    let stop = earlier(until, RELEASING);
    let mut work = Work {
        app,
        messages,
        batch,
        stop,
        time: Time::until(earlier(stop, STORING)),
        holder: Holder::generate(),
        open: HashSet::new(),
    };
    let outcome = timeout_at(work.stop, Box::pin(work.run())).await;
    work.release().await;
    if let Ok(Ok(())) = outcome {
        words::tend(app, work.stop).await;
    }
    outcome.unwrap_or_else(|late| Err(Arc::new(Error::transient("the work", late))))
}

impl Work<'_> {
    async fn run(&mut self) -> Result<(), Arc<Error>> {
        let key = self.app.erasure_key.get(Timestamp::now()).await?;
        let mut waiting = arrive(self.app, self.batch, self.messages, &key).await;
        let (started, mut looks) = (Instant::now(), 0);
        while !waiting.is_empty() {
            if Instant::now() + LEAST > self.stop {
                let cause = "too little time is left";
                return Err(Arc::new(Error::transient("the work", cause)));
            }
            // Before our own work, which may take longer: what others were at is looked at once more after it.
            let is_last_look = started.elapsed() > WAIT_FOR_OTHERS;
            let (ours, busy) = self.claim(waiting).await?;
            if !ours.is_empty() {
                self.work(ours).await?;
            }
            waiting = busy;
            if is_last_look {
                break;
            }
            if !waiting.is_empty() {
                LOOK_AGAIN.sleep(looks).await;
                looks += 1;
            }
        }
        for arrival in waiting {
            self.about(&arrival).in_scope(|| {
                tracing::info!(
                    conversation.id = %arrival.message.conversation_id,
                    event.key = arrival.message.event_key.as_str(),
                    "another invocation is at it; the queue gives it again"
                );
            });
        }
        Ok(())
    }

    /// Asks the database once which events are new; the others are settled, or, given back second, somebody is at them.
    async fn claim(
        &mut self,
        arrivals: Vec<Arrival>,
    ) -> Result<(Vec<Arrival>, Vec<Arrival>), Arc<Error>> {
        let key = |one: &Arrival| one.message.event_key.clone();
        let wanted: Vec<_> = arrivals.iter().map(|one| (key(one), one.mac)).collect();
        // Before the database is asked: it may do as it is told, and its answer get lost.
        self.open.extend(arrivals.iter().map(key));
        let span = self.stop.saturating_duration_since(Instant::now()) + CLAIM_OUTLASTS;
        let claims =
            embedding_claims::claim(&self.app.database, &wanted, self.holder, span).await?;
        fail_point::reach("embed.claimed");
        let (mut ours, mut busy) = (Vec::new(), Vec::new());
        for (arrival, claim) in arrivals.into_iter().zip(claims) {
            match claim {
                Claim::Ours => ours.push(arrival),
                Claim::Busy => busy.push(arrival),
                Claim::Done => self.settle(&arrival, Settled::Done),
                Claim::Erased => self.settle(&arrival, Settled::Erased),
            }
        }
        Ok((ours, busy))
    }

    /// The event needs no second try. Its claim, if it is ours, ends by itself: whoever looked just before meets it.
    pub(crate) fn settle(&mut self, arrival: &Arrival, outcome: Settled) {
        self.open.remove(&arrival.message.event_key);
        for position in &arrival.positions {
            self.batch.settle(*position);
        }
        let named = (outcome != Settled::Erased).then(|| arrival.message.conversation_id.as_str());
        let age = arrival.message.received_at.duration_until(Timestamp::now());
        self.about(arrival).in_scope(|| {
            tracing::info!(
                conversation.id = named,
                event.key = arrival.message.event_key.as_str(),
                copies = arrival.positions.len(),
                ?outcome,
                settled_events = 1,
                event_age_ms = age.as_millis_f64(),
                "settled"
            );
        });
    }

    /// What lines about an event have in common: the ids under which the webhook took it in.
    pub(crate) fn about(&self, arrival: &Arrival) -> tracing::Span {
        let message = arrival.positions.first();
        about(
            message.and_then(|place| self.messages.get(*place)),
            &arrival.message,
        )
    }

    async fn release(&self) {
        if self.open.is_empty() {
            return;
        }
        let keys: Vec<_> = self.open.iter().cloned().collect();
        if let Err(error) = embedding_claims::release(&self.app.database, &keys, self.holder).await
        {
            tracing::warn!(
                error = error.chain(),
                "claims were not released; they end by themselves"
            );
        }
    }
}
