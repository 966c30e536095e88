//! Reading back what was stored. It kept every rule when it was written; what does not is somebody else's doing.

use serde_json::value::RawValue;
use tokio_postgres::Row;

use crate::domain::{ArticleId, TextHash};
use crate::error::Error;

/// A value that nobody of us wrote.
pub(super) fn strange(row: &Row, at: usize) -> Error {
    let name = row
        .columns()
        .get(at)
        .map_or("unknown", tokio_postgres::Column::name);
    Error::misconfigured(format!("a stored {name} breaks the rules of its column"))
}

/// One of a choice of words.
pub(super) fn word<T>(row: &Row, at: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    parse(row.get(at)).ok_or_else(|| strange(row, at))
}

/// The name of an article.
pub(super) fn article(row: &Row, at: usize) -> Result<ArticleId, Error> {
    ArticleId::parse(row.get::<_, String>(at)).map_err(|_| strange(row, at))
}

/// A hash.
pub(super) fn hash(row: &Row, at: usize) -> Result<TextHash, Error> {
    let bytes: Result<[u8; 32], _> = row.get::<_, &[u8]>(at).try_into();
    bytes.map(TextHash::from).map_err(|_| strange(row, at))
}

/// A JSON document that was selected as text, if there is one.
pub(super) fn document(row: &Row, at: usize) -> Result<Option<Box<RawValue>>, Error> {
    let text: Option<String> = row.get(at);
    text.map(RawValue::from_string)
        .transpose()
        .map_err(|_| strange(row, at))
}
