//! Forwarding, while the lease is ours: what was heard becomes utterances, which are stored, sent, and then settled.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use shared::db::stream::{self, Lease, Offset};
use shared::domain::InteractionId;
use shared::error::Error;
use shared::fail_point;
use shared::queue::InteractionMessage;
use shared::transcript::Utterance;
use shared::transcript::frame::Heard;
use tokio::time::Instant;

use crate::app::App;
use crate::ears::Ears;
use crate::report::Tally;
use crate::send::send;
use crate::settle::Stored;

/// So often old things are cleared away.
const TIDYING: Duration = Duration::from_mins(1);
/// Interactions that are forgotten at once. What is left is forgotten the next time, here or by conversation-embedder.
const MOST: i64 = 10_000;

/// What came of a round.
pub(crate) enum Round {
    /// Everything that was heard is on its way.
    Done {
        /// Whether somebody stands by.
        has_successor: bool,
    },
    /// Somebody else forwards.
    NotOurs,
    /// Somebody else forwards, and will for long.
    NotNeeded,
}

/// Whoever forwards.
pub(crate) struct Forwarder<'a> {
    app: &'a App,
    pub(crate) ears: &'a Ears,
    lease: Option<Lease>,
    has_successor: bool,
    /// When that was asked, and the lease renewed. Writing renews it too, and does not say who stands by.
    asked: Instant,
    /// Whether it is not known yet what whoever came before left.
    is_new: bool,
    known: HashMap<InteractionId, Offset>,
    stored: Stored,
    over: Vec<Arc<Heard>>,
    tidied: Instant,
    pub(crate) tally: Tally,
}

impl<'a> Forwarder<'a> {
    pub(crate) fn new(app: &'a App, ears: &'a Ears) -> Self {
        Self {
            app,
            ears,
            lease: None,
            has_successor: false,
            asked: Instant::now(),
            is_new: true,
            known: HashMap::new(),
            stored: Stored::default(),
            over: Vec::new(),
            tidied: Instant::now(),
            tally: Tally::default(),
        }
    }

    pub(crate) fn has_lease(&self) -> bool {
        self.lease.is_some()
    }

    /// Begins to forward, under a lease that was asked for then.
    pub(crate) fn begin(&mut self, lease: Lease, asked: Instant) {
        self.lease = Some(lease);
        self.has_successor = false;
        self.asked = asked;
        self.is_new = true;
    }

    /// Goes on where whoever came before left off.
    async fn take_over(&mut self) -> Result<(), Error> {
        let open = stream::fetch_open(&self.app.database).await?;
        self.known = open.into_iter().collect();
        self.ears.refresh();
        self.is_new = false;
        Ok(())
    }

    /// Whether somebody stands by, which only those do who hear, while nothing was heard here for longer than the dead would be waited for.
    pub(crate) fn is_in_the_way(&self) -> bool {
        self.has_successor && self.ears.is_deaf_for(self.app.rhythm.lease)
    }

    /// Leaves, and may come back.
    pub(crate) async fn make_way(&mut self) {
        self.leave().await;
        self.lose();
    }

    /// Another one forwards now. What was heard is kept, and told anew should the lease come back.
    pub(crate) fn lose(&mut self) {
        self.lease = None;
        self.has_successor = false;
        self.known.clear();
        self.stored.clear();
        self.over.clear();
    }

    /// Forwards what was heard.
    pub(crate) async fn round(&mut self) -> Result<Round, Error> {
        let Some(lease) = self.lease else {
            return Ok(Round::NotOurs);
        };
        let is_due = self.asked.elapsed() >= self.app.rhythm.renewal;
        if is_due {
            let asked = Instant::now();
            self.has_successor = stream::renew(&self.app.database, &lease).await?;
            self.asked = asked;
        }
        if self.is_new {
            self.take_over().await?;
        }
        self.hear().await?;
        self.pause(Timestamp::now());
        self.forward(&lease).await?;
        self.forget_over();
        // Who speaks goes first, but not for ever.
        if is_due || !self.ears.has_fresh() {
            self.settle(&lease).await?;
        }
        if self.tidied.elapsed() >= TIDYING {
            self.tidy().await?;
        }
        Ok(Round::Done {
            has_successor: self.has_successor,
        })
    }

    /// When there is something to do even if nothing is heard.
    pub(crate) fn next_round(&self) -> Instant {
        let now = Instant::now();
        if self.unsent().next().is_some() {
            return now;
        }
        let renewal = self.asked + self.app.rhythm.renewal;
        let waiting = self
            .known
            .values()
            .filter_map(|one| one.interaction.waiting_since());
        let Some(since) = waiting.min() else {
            return renewal;
        };
        let quiet = self.app.rhythm.quiet - Timestamp::now().duration_since(since);
        renewal.min(now + Duration::try_from(quiet).unwrap_or_default())
    }

    /// Gives up the lease, if it is ours. What waits for the end of its sentence is left to whoever comes.
    pub(crate) async fn leave(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        let left = async {
            self.store(&lease, Offset::has_words).await?;
            self.settle(&lease).await?;
            stream::release(&self.app.database, lease).await
        };
        if let Err(error) = left.await {
            tracing::warn!(
                error = error.chain(),
                "the lease was not given up; it ends by itself"
            );
        }
    }

    async fn hear(&mut self) -> Result<(), Error> {
        self.look_up().await?;
        for (heard, at) in self.ears.fresh(|id| self.known.contains_key(id)) {
            let one = self.known.entry(heard.id.clone()).or_default();
            let mut said = one.interaction.hear(&heard.lines, at);
            if heard.has_ended {
                said.extend(one.interaction.end(at));
            }
            self.tally.count(&said);
            put(one, &heard.id, said);
            if heard.has_ended {
                self.over.push(heard);
            }
        }
        Ok(())
    }

    /// Learns how far interactions were forwarded that were not known so far. What is new of them is not read before: should this fail, or take
    /// long, nothing of it is lost to the frames that follow.
    async fn look_up(&mut self) -> Result<(), Error> {
        let mut unknown = self.ears.fresh_ids();
        unknown.retain(|id| !self.known.contains_key(id));
        if unknown.is_empty() {
            return Ok(());
        }
        let found = stream::fetch(&self.app.database, &unknown).await?;
        let new = unknown.into_iter().map(|id| (id, Offset::default()));
        self.known.extend(new);
        for (id, mut one) in found {
            self.stored.correct(&id, &mut one);
            self.known.insert(id, one);
        }
        Ok(())
    }

    fn pause(&mut self, now: Timestamp) {
        for (id, one) in &mut self.known {
            let said = one.interaction.pause(self.app.rhythm.quiet, now);
            self.tally.count(&said);
            put(one, id, said);
        }
    }

    /// First it is stored what will be sent; then it is sent; then it is settled. Whoever goes on after any of these sends just the
    /// same.
    async fn forward(&mut self, lease: &Lease) -> Result<(), Error> {
        let unsent: Vec<_> = self.unsent().cloned().collect();
        if unsent.is_empty() {
            return Ok(());
        }
        self.stored.add(unsent);
        let begun = Instant::now();
        self.store(lease, |one| !one.unsent.is_empty()).await?;
        fail_point::reach("forward.stored");
        let until = begun + self.app.rhythm.lease / 2;
        let sent = send(&self.app.sender, &mut self.known, until).await;
        self.tally.forwarded += sent.messages;
        fail_point::reach("forward.sent");
        let Some(failure) = sent.failure else {
            return Ok(());
        };
        self.settle(lease).await?;
        Err(failure)
    }

    /// Settles what is sent. What fails is tried again in the next round.
    async fn settle(&mut self, lease: &Lease) -> Result<(), Error> {
        let settled = self.stored.settle(&self.app.database, lease, &self.known);
        settled.await
    }

    /// Forgets interactions that are over, once everything of them is sent.
    fn forget_over(&mut self) {
        let (known, ears) = (&mut self.known, self.ears);
        self.over.retain(|over| {
            let one = known.get(&over.id);
            let waits = one.is_some_and(|one| !one.unsent.is_empty());
            if !waits {
                known.remove(&over.id);
                ears.forget(over);
            }
            waits
        });
    }

    fn unsent(&self) -> impl Iterator<Item = &InteractionId> {
        let unsent = self.known.iter().filter(|(_, one)| !one.unsent.is_empty());
        unsent.map(|(id, _)| id)
    }

    /// Stores these, and forgets those of them that were erased: nothing of them is sent.
    async fn store(&mut self, lease: &Lease, which: impl Fn(&Offset) -> bool) -> Result<(), Error> {
        let key = self.app.erasure_key.get(Timestamp::now()).await?;
        let offsets = self.known.iter().filter(|(_, one)| which(one));
        let erased = stream::store(&self.app.database, &key, lease, offsets).await?;
        for id in &erased {
            self.known.remove(id);
        }
        Ok(())
    }

    async fn tidy(&mut self) -> Result<(), Error> {
        self.tidied = Instant::now();
        self.ears.tidy(Timestamp::now());
        let ears = self.ears;
        self.known
            .retain(|id, one| ears.knows(id) || one.has_words());
        let expired = stream::expire(&self.app.database, stream::REMEMBERED, MOST).await?;
        self.tally.tell(self.ears, self.known.len(), expired);
        Ok(())
    }
}

fn put(one: &mut Offset, id: &InteractionId, said: Vec<Utterance>) {
    let message = |said| InteractionMessage::new(id.clone(), said);
    one.unsent.extend(said.into_iter().map(message));
}
