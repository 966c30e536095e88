//! Chunks that were deleted and still stand in a block.

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::lock::lock;
use super::rewrite::{Chosen, rewrite};
use super::{CONVERSATIONS, Home, WordSpace};
use crate::db::connect::failed;
use crate::db::stored;
use crate::error::Error;

/// A statement that names those dead which another deletes and which stand in a block. The rows of `gone` have the columns
/// `space, doc, analysis, words_version, words, event_id`. Two that name the same ones, because a segment goes whole, do so in one order.
pub(in crate::db) fn name_dead(gone: &str) -> String {
    format!(
        "INSERT INTO word_dead (space, doc, analysis, version, length, event_id)
        SELECT space, doc, analysis, words_version, words, event_id FROM {gone} WHERE words > 0
        ORDER BY space, doc ON CONFLICT DO NOTHING"
    )
}

/// Names all dead whose rows stand in a segment, which goes whole; `false` if some of them went meanwhile, and then nothing of this may be
/// committed. Otherwise they stand until the transaction ends.
///
/// Who deletes names dead too, and whoever comes second waits for the first. So nobody deletes what was named here. But who came first may
/// be gone, and the dead with it from all blocks: named anew it would be dead for ever.
pub(in crate::db) async fn name_all_dead(
    transaction: &Transaction<'_>,
    segment: &str,
) -> Result<bool, Error> {
    let name = format!(
        "WITH gone AS (SELECT '{CONVERSATIONS}' || model_id AS space, doc, analysis, words_version, words, event_id FROM {segment}),
            named AS ({})
        SELECT count(*) FROM gone",
        name_dead("gone")
    );
    let named = transaction.query_typed_one(&name, &[]).await;
    let named: i64 = named.map_err(failed)?.get(0);
    // A statement of its own: it sees what was committed while the others were waited for.
    let stand = format!("SELECT count(*) FROM {segment}");
    let standing = transaction.query_typed_one(&stand, &[]).await;
    let standing: i64 = standing.map_err(failed)?.get(0);
    Ok(standing == named)
}

/// Drops the words of all conversations whose events are gone, so that nothing is left of them in any block. Who folds is waited for.
pub(in crate::db) async fn forget_gone(transaction: &Transaction<'_>) -> Result<(), Error> {
    // One by one: the planner would else read all events for a few hundred dead.
    let gone = "SELECT d.space, d.doc FROM word_dead d
        LEFT JOIN LATERAL (SELECT true AS stands FROM conversation_events WHERE id = d.event_id LIMIT 1) e ON true
        WHERE d.event_id IS NOT NULL AND e.stands IS NULL ORDER BY d.space";
    let rows = transaction.query_typed(gone, &[]).await.map_err(failed)?;
    let docs = rows
        .iter()
        .map(|row| Ok((stored::word(row, 0, WordSpace::parse)?, row.get(1))));
    let docs: Vec<(WordSpace, i64)> = docs.collect::<Result<_, Error>>()?;
    for same in docs.chunk_by(|one, other| one.0 == other.0) {
        let Some((space, _)) = same.first() else {
            continue;
        };
        lock(transaction, *space).await?;
        let docs: Vec<_> = same.iter().map(|(_, doc)| *doc).collect();
        for chosen in fetch_around(transaction, *space, &docs).await? {
            rewrite(transaction, &chosen).await?;
        }
    }
    Ok(())
}

/// The blocks of a space that may hold one of these documents, which are dead.
async fn fetch_around(
    transaction: &Transaction<'_>,
    space: WordSpace,
    docs: &[i64],
) -> Result<Vec<Chosen>, Error> {
    let around = "SELECT b.id, b.segment, b.analysis, b.version, b.first_doc, b.last_doc FROM word_blocks b
        WHERE b.space = $1 AND EXISTS (
            SELECT FROM word_dead d WHERE d.space = b.space AND d.analysis = b.analysis AND d.version = b.version
                AND d.doc = ANY($2) AND d.doc BETWEEN b.first_doc AND b.last_doc)
        ORDER BY b.id";
    let space_name = space.name();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&space_name, Type::TEXT), (&docs, Type::INT8_ARRAY)];
    let rows = transaction.query_typed(around, &values).await;
    let chosen = |row: &Row| Chosen {
        home: Home {
            space,
            segment: row.get(1),
            analysis: row.get(2),
            version: row.get(3),
        },
        blocks: vec![row.get(0)],
        first: row.get(4),
        last: row.get(5),
    };
    Ok(rows.map_err(failed)?.iter().map(chosen).collect())
}
