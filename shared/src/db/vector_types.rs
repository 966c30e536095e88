//! The types `vector` and `vector[]`: an extension's types have other numbers in every database.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::{BufMut as _, BytesMut};
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};
use tokio_postgres::{GenericClient, Row};

use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use crate::domain::{Embedding, TextHash};
use crate::error::Error;

/// What the newest connection said of its database. There is one connection at a time.
#[derive(Clone, Default)]
pub(super) struct VectorTypes(Arc<RwLock<Option<Type>>>);

impl VectorTypes {
    /// Looks the types up, once per connection. Before the first migration there are none.
    pub(super) async fn learn(
        &self,
        client: &impl GenericClient,
    ) -> Result<(), tokio_postgres::Error> {
        let lookup = "SELECT t.oid, t.typarray, n.nspname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE t.oid = to_regtype('vector')";
        let rows = client.query_typed(lookup, &[]).await?;
        let array = rows.first().map(|row| {
            let (one, many, schema): (_, _, String) = (row.get(0), row.get(1), row.get(2));
            let one = Type::new("vector".to_owned(), one, Kind::Simple, schema.clone());
            Type::new("_vector".to_owned(), many, Kind::Array(one), schema)
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = array;
        Ok(())
    }

    /// The type of a vector.
    pub(super) async fn one(&self, client: &impl GenericClient) -> Result<Type, Error> {
        let array = self.array(client).await?;
        match array.kind() {
            Kind::Array(one) => Ok(one.clone()),
            _ => Ok(array),
        }
    }

    /// The type of an array of vectors. A connection that is older than the migration looks again.
    pub(super) async fn array(&self, client: &impl GenericClient) -> Result<Type, Error> {
        if let Some(array) = self.known() {
            return Ok(array);
        }
        self.learn(client).await.map_err(failed)?;
        self.known().ok_or_else(|| {
            Error::misconfigured("the database has no type vector: run schema-migrator first")
        })
    }

    fn known(&self) -> Option<Type> {
        let array = self.0.read().unwrap_or_else(PoisonError::into_inner);
        array.clone()
    }
}

/// A vector as a statement takes it: a batch of them is large, so they are written from where they are.
#[derive(Debug)]
pub(super) struct Written<'a>(pub(super) &'a Embedding);

impl ToSql for Written<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let numbers = self.0.as_slice();
        out.put_u16(u16::try_from(numbers.len())?);
        out.put_u16(0);
        let start = out.len();
        out.resize(start + size_of_val(numbers), 0);
        let (places, _) = out[start..].as_chunks_mut();
        for (place, number) in places.iter_mut().zip(numbers) {
            *place = number.to_be_bytes();
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        ty.name() == "vector"
    }

    to_sql_checked!();
}

/// What `sql` finds of these texts, by their place in the question: of the model `$1`, by the hashes `$2`.
pub(super) async fn fetch_vectors(
    database: &Database,
    sql: &str,
    model: ModelId,
    texts: &[TextHash],
    dimensions: u16,
) -> Result<Vec<Option<Embedding>>, Error> {
    let hashes: Vec<_> = texts.iter().map(TextHash::as_bytes).collect();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&model.0, Type::INT2), (&hashes, Type::BYTEA_ARRAY)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(sql, &values).await;
    let vector = |row: &Row| read_vector(row, dimensions);
    Ok(rows.map_err(failed)?.iter().map(vector).collect())
}

/// The vector in a row's only column, which is a `real[]`: for a type that it does not know, the driver would prepare a statement
/// by name, and a pooler may lose that. A vector of another dimension is none.
fn read_vector(row: &Row, dimensions: u16) -> Option<Embedding> {
    let numbers: Option<Vec<f32>> = row.get(0);
    Embedding::parse(numbers?, dimensions).ok()
}
