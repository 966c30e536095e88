//! What is ours is prepared, embedded and stored; what fails, fails alone.

use std::iter::Peekable;
use std::sync::Arc;
use std::vec::IntoIter;

use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{self, Prepared};
use shared::error::{Error, Kind};
use shared::fail_point;

use crate::app::App;
use crate::arrive::{Arrival, SLICE, park};
use crate::embed::Work;
use crate::isolate::isolate;
use crate::prepare::{Draft, prepare};
use crate::render::render;
use crate::segments::Fills;
use crate::store::in_halves;

impl Work<'_> {
    /// Everything that one look at the queue's messages makes ours, slice by slice.
    pub(crate) async fn work(&mut self, ours: Vec<Arrival>) -> Result<(), Arc<Error>> {
        let mut waiting = ours.into_iter().peekable();
        while waiting.peek().is_some() {
            let (arrivals, drafts) = self.draft(&mut waiting).await;
            fail_point::reach("embed.prepared");
            if !drafts.is_empty() {
                self.finish(arrivals, drafts).await?;
            }
        }
        Ok(())
    }

    /// Prepares what waits, until its payloads are so large that they are worked off first.
    async fn draft(
        &mut self,
        waiting: &mut Peekable<IntoIter<Arrival>>,
    ) -> (Vec<Arrival>, Vec<Draft>) {
        let (mut arrivals, mut drafts, mut bytes) = (Vec::new(), Vec::new(), 0);
        while bytes < SLICE
            && let Some(mut arrival) = waiting.next()
        {
            match draft(self.app, &mut arrival) {
                Ok(draft) => {
                    bytes += draft.event.raw.len();
                    arrivals.push(arrival);
                    drafts.push(draft);
                }
                Err(error) => self.give_up(&arrival, &error).await,
            }
            // Long texts take a while; in between the end may have come.
            tokio::task::yield_now().await;
        }
        (arrivals, drafts)
    }

    async fn finish(
        &mut self,
        arrivals: Vec<Arrival>,
        drafts: Vec<Draft>,
    ) -> Result<(), Arc<Error>> {
        let rendered = render(self.app, &drafts, self.time).await?;
        fail_point::reach("embed.embedded");
        let (mut ready, mut prepared) = (Vec::new(), Vec::new());
        for ((arrival, draft), rendered) in arrivals.into_iter().zip(drafts).zip(rendered) {
            match rendered {
                Ok(renditions) => {
                    let one = Prepared {
                        mac: arrival.mac,
                        event: draft.event,
                        renditions,
                    };
                    if !one.is_finished() {
                        self.tell_of_rest(&arrival);
                    }
                    prepared.push(one);
                    ready.push(arrival);
                }
                Err(error) => self.give_up(&arrival, &error).await,
            }
        }
        self.store(&ready, &prepared).await;
        Ok(())
    }

    async fn store(&mut self, arrivals: &[Arrival], prepared: &[Prepared]) {
        let fills = Fills::default();
        let store = async |part: &[Prepared]| {
            let kept = conversations::store(&self.app.database, part).await?;
            Ok(fills.note(kept))
        };
        let outcomes = in_halves(prepared, store).await;
        fail_point::reach("embed.stored");
        for (arrival, outcome) in arrivals.iter().zip(outcomes) {
            match outcome {
                Ok(stored) => self.settle(arrival, stored.into()),
                Err(error) => self.give_up(arrival, &error).await,
            }
        }
        fills.roll_over(self.app, self.stop).await;
    }

    fn tell_of_rest(&self, arrival: &Arrival) {
        self.about(arrival).in_scope(|| {
            tracing::warn!(
                conversation.id = %arrival.message.conversation_id,
                event.key = arrival.message.event_key.as_str(),
                "too long for a run, so words find the rest; reembed goes on with it"
            );
        });
    }

    /// What can never be stored is parked; everything else is given again by the queue.
    async fn give_up(&mut self, arrival: &Arrival, error: &Error) {
        if error.kind() == Kind::Invalid {
            return park(
                self.app,
                self.batch,
                &arrival.positions,
                self.messages,
                error,
            )
            .await;
        }
        self.about(arrival).in_scope(|| {
            tracing::error!(
                conversation.id = %arrival.message.conversation_id,
                event.key = arrival.message.event_key.as_str(),
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "not stored; the queue gives it again"
            );
        });
    }
}

/// What is known of an event before any model is asked.
fn draft(app: &App, arrival: &mut Arrival) -> Result<Draft, Error> {
    let raw = arrival.take_payload()?;
    let message = &arrival.message;
    let event = NewEvent {
        key: message.event_key.clone(),
        conversation_id: message.conversation_id.clone(),
        event: message.event.clone(),
        occurred_at: message.timestamp,
        received_at: message.received_at,
        receipt_id: message.receipt_id,
        raw,
        raw_masked: false,
        supersedes: true,
        state: TextState::NoText,
    };
    isolate("preparing an event", || {
        fail_point::reach(message.conversation_id.as_str());
        prepare(&app.rules, event)
    })
}
