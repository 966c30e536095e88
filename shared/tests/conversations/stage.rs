//! What the tests stand on: a migrated database, a bystander who looks, builders of events.

use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::Arc;

use fastrand::Rng;
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{self, Prepared, Rendition, Stored};
use shared::db::embedded::Reading;
use shared::db::embedding_models::ModelId;
use shared::db::erased_conversations::ConversationMac;
use shared::db::words::Words;
use shared::db::{Database, vector_segments};
use shared::domain::{ConversationId, Embedding, EventKey, EventName, ReceiptId, Space, TextHash};
use shared::testing;
pub(crate) use shared::testing::stage::{DIMENSIONS, erasure_key, space};
use shared::text::schema_map::{MapVersion, SchemaMaps};
use shared::text::terms::Analysis;

/// See [`testing::stage::Stage`]. How many numbers its model's vectors have stands beside.
pub(crate) struct Stage(testing::stage::Stage, Numbers);

impl Deref for Stage {
    type Target = testing::stage::Stage;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Stage {
    pub(crate) async fn set(name: &str) -> Option<Self> {
        Self::set_for(name, Numbers(DIMENSIONS)).await
    }

    /// One whose model's vectors have so many numbers.
    pub(crate) async fn set_for(name: &str, numbers: Numbers) -> Option<Self> {
        let space = Space {
            dimensions: numbers.0,
            ..space("one")
        };
        let stage = testing::stage::Stage::set_for(name, &space).await?;
        Some(Self(stage, numbers))
    }

    /// How many numbers its model's vectors have.
    pub(crate) fn numbers(&self) -> Numbers {
        self.1
    }

    /// Other environments: each has its own connection.
    pub(crate) fn others(&self, count: usize) -> Vec<Database> {
        (0..count).map(|_| self.test.database().unwrap()).collect()
    }

    /// Each event's name and state, in the order of arrival.
    pub(crate) async fn states(&self) -> Vec<String> {
        self.lines("SELECT event, state FROM conversation_events ORDER BY id")
            .await
    }

    /// What search could find.
    pub(crate) async fn texts(&self) -> Vec<String> {
        self.lines(
            "SELECT text_content FROM conversation_embeddings ORDER BY text_content COLLATE \"C\"",
        )
        .await
    }

    /// Each text lies in a direction of its own, if vectors are large.
    pub(crate) async fn store(&self, batch: &[Prepared]) -> Vec<Stored> {
        let batch = batch.iter().cloned();
        let batch: Vec<_> = batch.map(|one| self.numbers().place(one)).collect();
        conversations::store(&self.database, &batch)
            .await
            .unwrap()
            .stored
    }

    /// The number of an event in the database, through the list of those that lack a model that nobody has.
    pub(crate) async fn stored(
        &self,
        prepared: &Prepared,
    ) -> shared::db::conversation_events::EventId {
        let nobody = vector_segments::open(&self.database, &space("nobody"))
            .await
            .unwrap();
        let readings = [reading(prepared.event.event.as_str(), 1)];
        let missing =
            shared::db::embedded::fetch_missing(&self.database, nobody, &readings, None, 1000);
        let mut missing = missing.await.unwrap().into_iter();
        missing
            .find(|stored| stored.event.key == prepared.event.key)
            .unwrap()
            .id
    }
}

pub(crate) fn map(number: usize) -> MapVersion {
    let maps: SchemaMaps = format!(r#"{{"field{number}": "Label"}}"#).parse().unwrap();
    let event = EventName::parse("conversation.updated").unwrap();
    maps.for_event(&event).version().clone()
}

/// Events of this name are read by this map, and take each other's place.
pub(crate) fn reading(event: &str, number: usize) -> Reading {
    Reading {
        event: EventName::parse(event).unwrap(),
        map: map(number),
        supersedes: true,
    }
}

pub(crate) fn id(name: &str) -> ConversationId {
    ConversationId::parse(name).unwrap()
}

/// Its name on a tombstone.
pub(crate) fn mac(conversation: &str) -> ConversationMac {
    erasure_key().mac_of(conversation)
}

/// The hash of this name.
pub(crate) fn key(name: &str) -> EventKey {
    let mut digits = String::new();
    for byte in TextHash::of(name).as_bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    EventKey::try_from(digits).unwrap()
}

pub(crate) fn vector(seed: usize, dimensions: u16) -> Embedding {
    let seed = f32::from(u16::try_from(seed % 1000).unwrap());
    let numbers = (0..dimensions).map(|number| seed + f32::from(number) + 0.5);
    Embedding::parse(numbers.collect(), dimensions).unwrap()
}

/// How many numbers vectors have.
#[derive(Clone, Copy)]
pub(crate) struct Numbers(pub(crate) u16);

impl Numbers {
    /// What is to be stored, with large vectors if they are to be.
    pub(crate) fn place(self, mut prepared: Prepared) -> Prepared {
        let renditions = prepared.renditions.iter_mut();
        for chunk in renditions.flat_map(|one| &mut one.chunks) {
            if self.0 != DIMENSIONS {
                chunk.embedding = Some(Arc::new(self.of(&chunk.text)));
            }
        }
        prepared
    }

    /// The direction in which this text lies.
    pub(crate) fn of(self, text: &str) -> Embedding {
        let add = |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte));
        direction(&mut Rng::with_seed(text.bytes().fold(7, add)), self.0, -0.5)
    }
}

/// A vector in any direction, none of whose numbers is less than this.
pub(crate) fn direction(rng: &mut Rng, dimensions: u16, least: f32) -> Embedding {
    let numbers = (0..dimensions).map(|_| least + rng.f32());
    Embedding::parse(numbers.collect(), dimensions).unwrap()
}

pub(crate) fn chunk(text: &str) -> NewChunk {
    NewChunk {
        text: text.to_owned(),
        hash: TextHash::of(text),
        embedding: Some(Arc::new(vector(text.len(), DIMENSIONS))),
        metadata: r#"{"intent": "complaint", "tags": ["cup", "lid"]}"#.to_owned(),
        words: Words::count(text, Analysis::English),
    }
}

pub(crate) fn rendition(model: ModelId, texts: &[&str]) -> Rendition {
    Rendition {
        model,
        map: map(1),
        chunks: texts.iter().map(|text| chunk(text)).collect(),
        is_finished: true,
    }
}

/// An event of `conversation` whose only chunk is `text`, at this second; it takes the place of earlier ones.
pub(crate) fn event(model: ModelId, conversation: &str, text: &str, second: i64) -> Prepared {
    let at = jiff::Timestamp::from_second(1_768_473_000 + second).unwrap();
    Prepared {
        mac: mac(conversation),
        event: NewEvent {
            key: key(&format!("{conversation} {text} {second}")),
            conversation_id: id(conversation),
            event: EventName::parse(text).unwrap(),
            occurred_at: at,
            received_at: at,
            receipt_id: ReceiptId::generate(),
            raw: format!(r#"{{"conversationId": "{conversation}", "text": "{text}\u0000"}}"#),
            raw_masked: false,
            supersedes: true,
            state: TextState::Searchable,
        },
        renditions: vec![rendition(model, &[text])],
    }
}

/// The same event, as it is where its map finds no words.
pub(crate) fn silent(mut prepared: Prepared) -> Prepared {
    prepared.event.state = TextState::NoText;
    for rendition in &mut prepared.renditions {
        rendition.chunks.clear();
    }
    prepared
}

/// The same event, which neither takes the place of others nor gives way.
pub(crate) fn alone(mut prepared: Prepared) -> Prepared {
    prepared.event.supersedes = false;
    prepared
}
