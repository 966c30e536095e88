//! Whoever reads sees one state, whatever changes places meanwhile.

use shared::db::search::{Reads, Snapshot};
use tokio_postgres::error::SqlState;

use crate::calls::Stage;
use crate::keeping::FATES;
use crate::stage::{BUILD, EXCHANGE, found, texts};

/// Why the table is held before the state is taken.
#[tokio::test]
async fn without_a_lock_a_state_loses_the_rows_of_segments_that_change_places() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("without_a_lock").await else {
        return;
    };
    let all = stage.fill("said", 20).await;
    stage.bystander.batch_execute(BUILD).await.unwrap();
    // Before it was filled the state was taken, by its first statements; only then it looks at the segments.
    let mut connection = stage.database.connection().await.unwrap();
    let snapshot = Snapshot::begin_for(Reads::Articles, &stage.database, &mut connection);
    let snapshot = snapshot.await.unwrap();
    stage.bystander.batch_execute(EXCHANGE).await.unwrap();
    let (docs, _) = found(&snapshot).await;
    assert_eq!(
        docs.len(),
        0,
        "this is the harm: all of the rows are missing"
    );
    snapshot.end().await.unwrap();
    drop(connection);
    assert_eq!(
        texts(&stage.database).await,
        all,
        "who comes later sees them"
    );
}

#[tokio::test]
async fn no_segment_changes_places_while_a_question_is_asked() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("no_segment_changes_places").await else {
        return;
    };
    let all = stage.fill("said", 20).await;
    stage.bystander.batch_execute(BUILD).await.unwrap();
    let mut connection = stage.database.connection().await.unwrap();
    let snapshot = Snapshot::begin(&stage.database, &mut connection)
        .await
        .unwrap();
    let refused = stage.bystander.batch_execute(EXCHANGE).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::LOCK_NOT_AVAILABLE));
    stage.bystander.batch_execute("ROLLBACK").await.unwrap();
    let (docs, texts_found) = found(&snapshot).await;
    assert_eq!((docs.len(), texts_found), (20, all.clone()));
    snapshot.end().await.unwrap();
    drop(connection);
    stage.bystander.batch_execute(EXCHANGE).await.unwrap();
    assert_eq!(texts(&stage.database).await, all);
}
