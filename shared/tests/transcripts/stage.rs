//! What the tests stand on: a migrated database, a bystander who looks, builders of transcripts.

use std::ops::Deref;
use std::time::Duration;

use serde_json::json;
use shared::audit::Report;
use shared::db::transcripts::{
    Claimed, Claims, NewPart, NewTranscript, Outcome, Settled, State, Stored, Transcript, claim,
    fetch, settle, store,
};
use shared::domain::{ConversationId, InteractionId, TranscriptId};
use shared::error::Error;
use shared::injection::Pace;
use shared::testing;
use shared::testing::stage::erasure_key;

/// So fast that it never matters.
pub(crate) const FAST: Pace = Pace {
    burst: 10_000.0,
    per_minute: 60_000.0,
    per_hour: 1_000_000.0,
};
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// See [`testing::stage::Stage`].
pub(crate) struct Stage(testing::stage::Stage);

impl Deref for Stage {
    type Target = testing::stage::Stage;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Stage {
    pub(crate) async fn set(name: &str) -> Option<Self> {
        testing::stage::Stage::set(name).await.map(Self)
    }

    /// Takes in a transcript of this interaction, with so many parts.
    pub(crate) async fn take(&self, interaction: &str, parts: usize) -> TranscriptId {
        let taken = self.try_to_take(interaction, parts, None, 1).await;
        taken.unwrap().id
    }

    pub(crate) async fn try_to_take(
        &self,
        name: &str,
        parts: usize,
        idempotency_key: Option<&str>,
        body: u8,
    ) -> Result<Stored, Error> {
        let payloads: Vec<_> = (1..=parts)
            .map(|part| format!(r#"{{"canary": "{name}-{part}"}}"#))
            .collect();
        let new = |payload| NewPart {
            payload,
            messages: 3,
        };
        let parts: Vec<_> = payloads.iter().map(|it| new(it.as_bytes())).collect();
        let transcript = NewTranscript {
            interaction: &interaction(name),
            idempotency_key,
            request_hash: [body; 32],
            archive_callback_url: Some("https://archive.example.com/told"),
            parts: &parts,
            audit: json!({"status": "accepted"}),
        };
        store(&self.database, &erasure_key(), &transcript).await
    }

    pub(crate) async fn claim(&self, most: i64) -> Vec<Claimed> {
        self.claim_at(FAST, most).await
    }

    pub(crate) async fn claim_at(&self, pace: Pace, most: i64) -> Vec<Claimed> {
        self.claims(pace, most).await.claimed
    }

    pub(crate) async fn claims(&self, pace: Pace, most: i64) -> Claims {
        claim(&self.database, pace, most, LEASE).await.unwrap()
    }

    /// Claims the one that is due.
    pub(crate) async fn claim_one(&self) -> Claimed {
        let mut claimed = self.claim(10).await;
        assert_eq!(claimed.len(), 1);
        claimed.remove(0)
    }

    pub(crate) async fn settle(&self, claimed: &Claimed, outcome: &Outcome) -> Settled {
        settle(&self.database, &erasure_key(), claimed, outcome)
            .await
            .unwrap()
    }

    pub(crate) async fn fetch(&self, id: TranscriptId) -> Transcript {
        self.fetch_at(FAST.per_hour, id).await
    }

    /// The same of a tenant that takes so many in any hour.
    pub(crate) async fn fetch_at(&self, per_hour: f64, id: TranscriptId) -> Transcript {
        let found = fetch(&self.database, per_hour, id).await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn audit(&self) -> Report {
        shared::db::audit::verify(&self.database, None)
            .await
            .unwrap()
    }

    /// What the audit says, in no particular order.
    pub(crate) async fn said(&self) -> Vec<String> {
        self.lines("SELECT content FROM audit_entries ORDER BY at, content")
            .await
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.bystander.batch_execute(sql).await.unwrap();
    }
}

pub(crate) fn interaction(name: &str) -> InteractionId {
    InteractionId::parse(name).unwrap()
}

/// Whose turn it was: interaction and part.
pub(crate) fn names(claimed: &[Claimed]) -> Vec<String> {
    let name = |one: &Claimed| format!("{} {}", one.interaction, one.part);
    claimed.iter().map(name).collect()
}

pub(crate) fn injected(conversation: &str) -> Outcome {
    Outcome::Injected {
        conversation: ConversationId::parse(conversation).unwrap(),
        status: Some(201),
        latency: Some(Duration::from_millis(120)),
    }
}

pub(crate) fn again(wait_s: u64) -> Outcome {
    Outcome::Again {
        wait: Duration::from_secs(wait_s),
        status: Some(503),
        reason: "HTTP 503".to_owned(),
        is_in_doubt: true,
        counts: true,
    }
}

pub(crate) fn over(state: State) -> Outcome {
    Outcome::Over {
        state,
        status: Some(400),
        reason: "HTTP 400".to_owned(),
        is_in_doubt: false,
    }
}
