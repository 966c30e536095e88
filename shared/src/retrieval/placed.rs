//! The candidates in their order, each with its row.

use std::collections::HashMap;

use super::legs::Found;
use crate::db::search::{ConversationRow, KnowledgeRow};
use crate::search::fuse::{Ranked, Ranking, fuse};
use crate::search::words::Doc;

/// A row in its place.
pub(super) struct Placed<'a, R> {
    pub(super) ranked: Ranked<Doc>,
    pub(super) row: &'a R,
}

/// What a ranking and those who show it have to know of a row.
pub(super) trait Row {
    /// Its number.
    fn doc(&self) -> Doc;
    /// How near its vector is to the question's.
    fn cosine(&self) -> Option<f64>;
    /// Its text.
    fn text(&self) -> &str;
    /// The tag of its language.
    fn language(&self) -> &str;
}

/// Ranks the rows of what was found. A document whose row is gone has no place.
pub(super) fn place<'a, R: Row>(
    found: &Found,
    ranking: &Ranking,
    rows: &'a [R],
) -> Vec<Placed<'a, R>> {
    let candidates = rows
        .iter()
        .map(|row| found.candidate(row.doc(), row.cosine()));
    let ranked = fuse(&candidates.collect::<Vec<_>>(), ranking, found.bound());
    let rows: HashMap<Doc, &R> = rows.iter().map(|row| (row.doc(), row)).collect();
    let placed = ranked.into_iter().filter_map(|ranked| {
        let row = *rows.get(&ranked.doc)?;
        Some(Placed { ranked, row })
    });
    placed.collect()
}

impl Row for KnowledgeRow {
    fn doc(&self) -> Doc {
        self.doc
    }

    fn cosine(&self) -> Option<f64> {
        self.cosine
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

    fn cosine(&self) -> Option<f64> {
        self.cosine
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn language(&self) -> &str {
        self.language.as_str()
    }
}
