//! Transcripts, as the intake takes them in.

use serde_json::json;
use shared::db::transcripts::{NewPart, NewTranscript, store};
use shared::domain::{ErasureKey, InteractionId, TranscriptId};
use tokio_postgres::types::ToSql;

use crate::world::{ERASURE_KEY, World};

const CALLBACK: &str = "https://archive.example.com/told";

/// A part of a transcript, as it waits.
pub(crate) struct Part {
    /// A name for the transcript.
    pub(crate) transcript: String,
    /// Which part, from 1.
    pub(crate) place: i16,
    /// Of how many.
    pub(crate) of: i16,
    pub(crate) interaction: String,
    /// What is posted.
    pub(crate) body: String,
}

impl World {
    /// Takes in a transcript of this interaction, one part for each of these counts of messages.
    pub(crate) async fn take(&self, interaction: &str, parts: &[usize]) -> TranscriptId {
        let first: i64 = self.value("SELECT count(*) FROM transcripts").await;
        let payloads: Vec<_> = (first..)
            .zip(parts)
            .map(|(unique, count)| payload(interaction, unique, *count))
            .collect();
        let new = |(payload, count): (&String, &usize)| (payload.clone(), *count);
        let texts: Vec<_> = payloads.iter().zip(parts).map(new).collect();
        let parts: Vec<_> = texts
            .iter()
            .map(|(payload, messages)| NewPart {
                payload: payload.as_bytes(),
                messages: *messages,
            })
            .collect();
        let transcript = NewTranscript {
            interaction: &InteractionId::parse(interaction).unwrap(),
            idempotency_key: None,
            request_hash: [0; 32],
            archive_callback_url: Some(CALLBACK),
            parts: &parts,
            audit: json!({"status": "accepted"}),
        };
        let stored = store(&self.access, &erasure_key(), &transcript).await;
        stored.unwrap().id
    }

    /// Takes in many parts at once, in this order.
    pub(crate) async fn insert(&self, parts: &[Part]) {
        let insert = "
            INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, payload, messages, archive_callback_url)
            SELECT md5(t)::uuid, n, parts, i, mac, mac, convert_to(body, 'UTF8'), 1, $7
            FROM unnest($1::text[], $2::int2[], $3::int2[], $4::text[], $5::bytea[], $6::text[])
                WITH ORDINALITY AS part (t, n, parts, i, mac, body, place) ORDER BY place";
        let texts = |of: fn(&Part) -> &str| parts.iter().map(of).collect::<Vec<_>>();
        let key = erasure_key();
        let macs = parts.iter().map(|part| key.mac_of(&part.interaction));
        let macs: Vec<_> = macs.map(|mac| mac.as_bytes().to_vec()).collect();
        let places: Vec<_> = parts.iter().map(|part| part.place).collect();
        let counts: Vec<_> = parts.iter().map(|part| part.of).collect();
        let transcripts = texts(|part| &part.transcript);
        let (interactions, bodies) = (texts(|part| &part.interaction), texts(|part| &part.body));
        let values: [&(dyn ToSql + Sync); 7] = [
            &transcripts,
            &places,
            &counts,
            &interactions,
            &macs,
            &bodies,
            &CALLBACK,
        ];
        self.rows.execute(insert, &values).await.unwrap();
    }
}

fn erasure_key() -> ErasureKey {
    ErasureKey::parse(&ERASURE_KEY.into()).unwrap()
}

/// As the intake writes it.
pub(crate) fn payload(interaction: &str, unique: i64, count: usize) -> String {
    let [agent, customer] = [("agt-1", "agent"), ("cust-1", "customer")]
        .map(|(id, kind)| json!({"id": id, "type": kind}));
    let message = |place: usize| {
        json!({
            "id": format!("msg_{unique}_{place}"), "from": customer, "to": agent, "text": "Where is my order? \u{1f4e6}",
            "timestamp": "2026-01-15T10:30:00Z", "type": "text", "format": "plain",
        })
    };
    let messages: Vec<_> = (0..count).map(message).collect();
    let payload = json!({
        "channel": "webchat", "from": agent, "to": customer, "properties": {"interactionId": interaction},
        "messages": messages,
    });
    payload.to_string()
}
