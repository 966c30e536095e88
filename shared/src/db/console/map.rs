//! The table `conversation_map`: where recent conversations lie in a plane, in which those of like meaning are neighbours.
//!
//! A row goes with its event in one transaction, by its foreign key. Whoever draws the map holds the events first, as those do who remove
//! them: nobody waits in a circle, and what went while the map was worked out is not drawn.

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_events::EventId;
use crate::db::embedding_models::ModelId;
use crate::db::transaction::begin;
use crate::domain::{Embedding, Place};
use crate::error::Error;

/// So many conversations are seen one by one; more would be a blot.
const MOST_CONVERSATIONS: i64 = 1_500;
/// So many numbers of vectors are read, so that long vectors take no more memory and time than short ones.
const MOST_NUMBERS: i64 = 2_000_000;

/// A conversation that is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The last of its events.
    pub event: EventId,
    /// What it is about.
    pub intent: Option<String>,
}

/// Recent conversations with their vectors, both in one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Whose vectors they are.
    pub model: ModelId,
    /// The conversations.
    pub conversations: Vec<Drawn>,
    /// Where each lies in the space: the mean of its pieces.
    pub vectors: Vec<Embedding>,
}

/// A conversation on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// What it is about.
    pub intent: Option<String>,
    /// Where it lies.
    pub place: Place,
}

/// The map of the model that search uses.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConversationMap {
    /// When it was drawn; none, if it is empty.
    pub drawn_at: Option<Timestamp>,
    /// The conversations.
    pub dots: Vec<Dot>,
}

/// The model that search uses, unless its map is a young one.
const DUE: &str = "SELECT a.id, a.dimensions FROM embedding_models a WHERE a.active AND NOT EXISTS (
        SELECT FROM conversation_map m WHERE m.model_id = a.id AND m.drawn_at > now() - interval '10 minutes')";

const SAMPLE: &str = "
    WITH recent AS (SELECT id, conversation_id, stored_at FROM conversation_events WHERE state = 'searchable'
            ORDER BY stored_at DESC LIMIT $2),
        latest AS (SELECT DISTINCT ON (conversation_id) id FROM recent ORDER BY conversation_id, stored_at DESC, id DESC)
    SELECT latest.id, said.intent, said.place
    FROM latest CROSS JOIN LATERAL (
        SELECT min(semantic_metadata->>'intent_category') AS intent, avg(embedding)::real[] AS place
        FROM conversation_embeddings WHERE event_id = latest.id AND model_id = $1 HAVING count(embedding) > 0) said
    ORDER BY latest.id";

const ALONE: &str = "SELECT FROM console_progress FOR UPDATE";
const HOLD: &str =
    "SELECT id FROM conversation_events WHERE id = ANY($1) ORDER BY id FOR KEY SHARE";
const CLEAR: &str = "DELETE FROM conversation_map";
const DRAW: &str = "INSERT INTO conversation_map (event_id, model_id, intent, x, y)
    SELECT e.id, $2, d.intent, d.x, d.y FROM unnest($1::int8[], $3::text[], $4::float4[], $5::float4[]) AS d (id, intent, x, y)
        JOIN conversation_events e ON e.id = d.id";

const MAP: &str = "SELECT m.intent, m.x, m.y, m.drawn_at FROM conversation_map m JOIN embedding_models a ON a.id = m.model_id AND a.active
    ORDER BY m.event_id";

/// The conversations of a map that is to be drawn now; nothing, if the one that stands will do.
pub async fn fetch_sample(database: &Database) -> Result<Option<Sample>, Error> {
    let connection = database.connection().await?;
    let due = connection.query_typed(DUE, &[]).await.map_err(failed)?;
    let Some((model, dimensions)) = due.first().map(|row| (row.get(0), row.get::<_, i16>(1)))
    else {
        return Ok(None);
    };
    let most = (MOST_NUMBERS / i64::from(dimensions.max(1))).min(MOST_CONVERSATIONS);
    let question: [(&(dyn ToSql + Sync), Type); 2] = [(&model, Type::INT2), (&most, Type::INT8)];
    let rows = connection.query_typed(SAMPLE, &question).await;
    let mut sample = Sample {
        model: ModelId(model),
        conversations: Vec::new(),
        vectors: Vec::new(),
    };
    for row in rows.map_err(failed)? {
        // The mean of opposites is no direction: such a conversation lies nowhere.
        if let Ok(vector) = Embedding::parse(row.get(2), dimensions.unsigned_abs()) {
            let (event, intent) = (EventId(row.get(0)), row.get(1));
            sample.conversations.push(Drawn { event, intent });
            sample.vectors.push(vector);
        }
    }
    Ok(Some(sample))
}

/// Puts these places of a sample onto the map, instead of all that stand there; says how many conversations are on it. Those that are gone
/// meanwhile are not.
pub async fn draw_map(
    database: &Database,
    sample: &Sample,
    places: &[Place],
) -> Result<u64, Error> {
    let conversations = &sample.conversations;
    let events: Vec<_> = conversations.iter().map(|one| one.event.0).collect();
    let intents: Vec<_> = conversations.iter().map(|one| &one.intent).collect();
    let x: Vec<_> = places.iter().map(|place| place.x).collect();
    let y: Vec<_> = places.iter().map(|place| place.y).collect();
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&events, Type::INT8_ARRAY),
        (&sample.model.0, Type::INT2),
        (&intents, Type::TEXT_ARRAY),
        (&x, Type::FLOAT4_ARRAY),
        (&y, Type::FLOAT4_ARRAY),
    ];
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    for (sql, values) in [
        (ALONE, &values[..0]),
        (HOLD, &values[..1]),
        (CLEAR, &values[..0]),
    ] {
        let done = transaction.query_typed(sql, values).await;
        done.map_err(failed)?;
    }
    let drawn = transaction.execute_typed(DRAW, &values).await;
    let drawn = drawn.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(drawn)
}

/// The map of the model that search uses now.
pub async fn fetch_map(database: &Database) -> Result<ConversationMap, Error> {
    let connection = database.connection().await?;
    let rows = connection.query_typed(MAP, &[]).await.map_err(failed)?;
    let dots = rows.iter().map(|row| Dot {
        intent: row.get(0),
        place: Place {
            x: row.get(1),
            y: row.get(2),
        },
    });
    Ok(ConversationMap {
        drawn_at: rows.first().map(|row| row.get(3)),
        dots: dots.collect(),
    })
}
