//! The texts of the candidates, as far as they are needed.

use std::collections::HashMap;

use crate::db::search::{ConversationRow, KnowledgeRow};
use crate::error::Error;
use crate::search::words::Doc;

/// What those who collapse and show have to know of a row.
pub(super) trait Row {
    /// Its number.
    fn doc(&self) -> Doc;
    /// Its text.
    fn text(&self) -> &str;
    /// The tag of its language.
    fn language(&self) -> &str;
}

/// The rows that were read so far.
pub(super) struct Rows<R, F> {
    rows: HashMap<Doc, R>,
    reader: F,
}

impl<R, F> Rows<R, F> {
    pub(super) fn get(&self, doc: Doc) -> Option<&R> {
        self.rows.get(&doc)
    }

    pub(super) fn take(&mut self, doc: Doc) -> Option<R> {
        self.rows.remove(&doc)
    }
}

impl<R: Row, F: AsyncFn(&[Doc]) -> Result<Vec<R>, Error>> Rows<R, F> {
    pub(super) fn new(reader: F) -> Self {
        Self {
            rows: HashMap::new(),
            reader,
        }
    }

    /// Reads those that were not read yet.
    pub(super) async fn read(&mut self, docs: &[Doc]) -> Result<(), Error> {
        let docs = docs.iter().filter(|doc| !self.rows.contains_key(doc));
        let docs: Vec<Doc> = docs.copied().collect();
        if !docs.is_empty() {
            let rows = (self.reader)(&docs).await?;
            self.rows
                .extend(rows.into_iter().map(|row| (row.doc(), row)));
        }
        Ok(())
    }
}

impl Row for KnowledgeRow {
    fn doc(&self) -> Doc {
        self.doc
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn language(&self) -> &str {
        self.locale.as_str()
    }
}

impl Row for ConversationRow {
    fn doc(&self) -> Doc {
        self.doc
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn language(&self) -> &str {
        self.language.as_str()
    }
}
