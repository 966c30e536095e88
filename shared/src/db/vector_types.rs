//! The types `vector` and `vector[]`: an extension's types have other numbers in every database.

use std::sync::{Arc, PoisonError, RwLock};

use tokio_postgres::Client;
use tokio_postgres::types::{Kind, Type};

use crate::error::Error;

/// What the newest connection said of its database. There is one connection at a time.
#[derive(Clone, Default)]
pub(super) struct VectorTypes(Arc<RwLock<Option<Type>>>);

impl VectorTypes {
    /// Looks the types up, once per connection. Before the first migration there are none.
    pub(super) async fn learn(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
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

    /// The type of an array of vectors.
    pub(super) fn array(&self) -> Result<Type, Error> {
        let array = self.0.read().unwrap_or_else(PoisonError::into_inner);
        array.clone().ok_or_else(|| {
            Error::misconfigured("the database has no type vector: run schema-migrator first")
        })
    }
}
