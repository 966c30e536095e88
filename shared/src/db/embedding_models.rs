//! The table `embedding_models`: which spaces there are, and which one queries use.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::connect::failed;
use super::transaction::begin;
use super::{Database, knowledge_sync};
use crate::domain::{Provider, Space};
use crate::error::Error;

/// A model's number in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub(super) i16);

impl ModelId {
    /// The number.
    pub fn number(self) -> i16 {
        self.0
    }
}

/// The number of this space, which is new or known. The first space of a database becomes the active one.
pub(super) async fn register(client: &impl GenericClient, space: &Space) -> Result<ModelId, Error> {
    let add = "INSERT INTO embedding_models (provider, name, dimensions, active)
        SELECT $1, $2, $3, NOT EXISTS (SELECT FROM embedding_models WHERE active) ON CONFLICT DO NOTHING";
    let find =
        "SELECT id FROM embedding_models WHERE provider = $1 AND name = $2 AND dimensions = $3";
    let provider = space.provider.as_str();
    let dimensions = i16::try_from(space.dimensions)
        .map_err(|_| Error::misconfigured("a model has at most 32767 dimensions"))?;
    let space: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
        (&provider, Type::TEXT),
        (&space.name, Type::TEXT),
        (&dimensions, Type::INT2),
    ];
    // Twice, because the first of two models that arrive together makes the other's insert do nothing.
    for _ in 0..2 {
        let rows = client.query_typed(find, &space).await.map_err(failed)?;
        if let Some(row) = rows.first() {
            return Ok(ModelId(row.get(0)));
        }
        client.query_typed(add, &space).await.map_err(failed)?;
    }
    let rows = client.query_typed(find, &space).await.map_err(failed)?;
    let id = rows.first().map(|row| ModelId(row.get(0)));
    id.ok_or_else(|| Error::transient("Postgres", "another model became active at the same moment"))
}

/// The space that queries use.
pub async fn fetch_active(database: &Database) -> Result<Option<(ModelId, Space)>, Error> {
    let connection = database.connection().await?;
    active(&**connection).await
}

/// The space that queries use, as this transaction sees it.
pub(super) async fn active(client: &impl GenericClient) -> Result<Option<(ModelId, Space)>, Error> {
    let active = "SELECT id, provider, name, dimensions FROM embedding_models WHERE active";
    let rows = client.query_typed(active, &[]).await.map_err(failed)?;
    rows.first()
        .map(|row| {
            let provider = Provider::parse(row.get(1)).ok_or_else(|| {
                Error::misconfigured(
                    "embedding_models names a provider that this code does not know",
                )
            })?;
            let dimensions: i16 = row.get(3);
            let space = Space {
                provider,
                name: row.get(2),
                dimensions: dimensions.unsigned_abs(),
            };
            Ok((ModelId(row.get(0)), space))
        })
        .transpose()
}

/// Lets queries use this model from now on, in one step. Search in articles finds something else then.
pub async fn activate(database: &Database, model: ModelId) -> Result<(), Error> {
    // Of two that activate at once the second waits here, else it would miss the first one's model and meet the unique index.
    let alone = "LOCK TABLE embedding_models IN SHARE ROW EXCLUSIVE MODE";
    // The partial unique index is checked row by row: the old one goes first.
    let off = "UPDATE embedding_models SET active = false WHERE active AND id <> $1";
    let on = "UPDATE embedding_models SET active = true WHERE id = $1 AND NOT active";
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    transaction.batch_execute(alone).await.map_err(failed)?;
    let mut changed = 0;
    for sql in [off, on] {
        let id = [(&model.0 as _, Type::INT2)];
        let one = transaction.execute_typed(sql, &id).await;
        changed += one.map_err(failed)?;
    }
    if changed > 0 {
        knowledge_sync::next_generation(&transaction).await?;
    }
    transaction.commit().await.map_err(failed)
}
