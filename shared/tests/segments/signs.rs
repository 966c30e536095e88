//! Large vectors are found by their signs, which stand in a table beside each segment, unless those tell nothing; a graph of before is used as it
//! is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use shared::db::search::{Near, Snapshot};
use shared::db::vector_segments::{
    Sealing, drop_expired, fetch_closed, prepare_next, sample_recall, seal,
};
use shared::domain::Embedding;
use shared::fail_point::{self, Fate};

use crate::calls::{Stage, direction, event};
use crate::keeping::{FATES, lease, merge_all, seal_all, soon};
use crate::stage::{LARGE, everything, gone, texts};

/// So many rows stand in each segment.
const EACH: usize = 60;

/// The tables of signs.
pub(crate) const SIGNS: &str = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname LIKE 'conversation_signs_%' ORDER BY oid";

/// The graphs of segments that all see.
const GRAPHS: &str = "SELECT o.opcname::text
    FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0] JOIN pg_am a ON a.oid = o.opcmethod JOIN pg_inherits h ON h.inhrelid = i.indrelid
    WHERE a.amname = 'hnsw' AND i.indisvalid ORDER BY i.indexrelid";

/// The lease of the dead runs out.
const EXPIRE: &str = "UPDATE segment_keepers SET until = '-infinity'";

/// Each table of signs is that of a segment that all see, and has those of its rows and no others.
pub(crate) async fn assert_signs_are_those_of_rows(stage: &Stage) {
    for signs in stage.lines(SIGNS).await {
        let segment = signs.replace("signs", "embeddings");
        let seen =
            format!("SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('{segment}')");
        assert_eq!(stage.number(&seen).await, 1, "{signs} is of nobody");
        let other = format!(
            "SELECT count(*) FROM {signs} s FULL JOIN {segment} e USING (event_id, chunk, segment)
            WHERE s.signs IS DISTINCT FROM binary_quantize(e.embedding)::bit({LARGE})"
        );
        assert_eq!(stage.number(&other).await, 0, "{signs}");
    }
}

/// Whatever was deleted, its signs went along.
pub(crate) async fn assert_no_signs_are_of_nobody(stage: &Stage, place: &str) {
    for signs in stage.lines(SIGNS).await {
        let segment = signs.replace("signs", "embeddings");
        let nobody = format!(
            "SELECT count(*) FROM {signs} s LEFT JOIN {segment} e USING (event_id, chunk, segment) WHERE e.doc IS NULL"
        );
        assert_eq!(stage.number(&nobody).await, 0, "{place}: {signs}");
    }
}

impl Stage {
    /// A full segment, none of whose numbers is less than this.
    async fn large(&self, rng: &mut Rng, name: &str, least: f32) {
        let batch = (0..EACH).map(|number| {
            let name = format!("{name}-{number}");
            let mut one = event(self.model, &name, &name, i64::try_from(number).unwrap());
            for chunk in one.renditions.iter_mut().flat_map(|one| &mut one.chunks) {
                chunk.embedding = Some(Arc::new(direction(rng, LARGE, least)));
            }
            one
        });
        let batch: Vec<_> = batch.collect();
        let stored = shared::db::conversations::store(&self.database, &batch).await;
        stored.unwrap();
        self.roll_over().await;
        prepare_next(&self.database, self.model).await.unwrap();
    }

    /// What a question finds that goes the way that there is, and what it finds that compares all.
    async fn nearest(&self, question: &Embedding) -> [Vec<Near>; 2] {
        let database = self.test.database().unwrap();
        let mut connection = database.connection().await.unwrap();
        let snapshot = Snapshot::begin(&database, &mut connection).await.unwrap();
        let nearest = async |few| {
            let found = snapshot.nearest(&everything(), few, question, 20).await;
            found.unwrap()
        };
        let found = [nearest(None).await, nearest(Some(&[])).await];
        snapshot.end().await.unwrap();
        found
    }

    /// Of so few rows nearly all are met.
    async fn finds_all(&self, question: &Embedding) {
        let [found, all] = self.nearest(question).await;
        assert_eq!(found.len(), 20);
        assert_eq!(found, all);
    }
}

#[tokio::test]
async fn large_vectors_are_found_by_their_signs_and_where_those_tell_nothing_by_a_graph() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("large_vectors_by_their_signs").await else {
        return;
    };
    let mut rng = Rng::with_seed(3);
    for name in ["first", "second", "third"] {
        stage.large(&mut rng, name, -0.5).await;
    }
    stage.large(&mut rng, "above-zero", 0.1).await;
    let lease = lease(&stage.database, stage.model).await;
    let segments = fetch_closed(&stage.database, stage.model).await.unwrap();
    seal_all(&stage.database, &lease).await;
    let signs = [
        "conversation_signs_1",
        "conversation_signs_2",
        "conversation_signs_3",
    ];
    assert_eq!(stage.lines(SIGNS).await, signs);
    assert_eq!(stage.lines(GRAPHS).await, ["halfvec_cosine_ops"]);
    assert_signs_are_those_of_rows(&stage).await;

    let question = direction(&mut rng, LARGE, -0.5);
    stage.finds_all(&question).await;
    for segment in segments {
        let recall = sample_recall(&stage.database, &lease, segment).await;
        assert!(recall.unwrap().unwrap() > 0.99, "{segment:?}");
    }
    // It does go by the signs: what has none is not met.
    let first = "DELETE FROM conversation_signs_1 s USING conversation_embeddings e
        WHERE e.event_id = s.event_id AND e.text_content < 'first-3'";
    stage.bystander.batch_execute(first).await.unwrap();
    let [found, all] = stage.nearest(&question).await;
    assert!(found.len() == 20 && found != all, "{found:?}");

    // As it was built before there were tables of signs.
    let older = format!(
        "DROP TABLE conversation_signs_1;
        CREATE INDEX conversation_embeddings_1_graph ON conversation_embeddings_1 USING hnsw ((embedding::halfvec({LARGE})) halfvec_cosine_ops);
        DROP TABLE conversation_signs_2;
        CREATE INDEX conversation_embeddings_2_graph ON conversation_embeddings_2
            USING hnsw ((binary_quantize(embedding)::bit({LARGE})) bit_hamming_ops)"
    );
    stage.bystander.batch_execute(&older).await.unwrap();
    stage.finds_all(&question).await;
    merge_all(&stage.database, &lease).await;
    assert_eq!(stage.lines(SIGNS).await.len(), 1);
    assert_eq!(stage.lines(GRAPHS).await, [""; 0]);
    stage.finds_all(&question).await;
    assert_signs_are_those_of_rows(&stage).await;
}

#[tokio::test]
async fn what_goes_takes_its_signs_along() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("what_goes_takes_its_signs").await else {
        return;
    };
    stage.sealed(2, 30).await;
    let count = "SELECT (SELECT count(*) FROM conversation_signs_1) + (SELECT count(*) FROM conversation_signs_2)";
    assert_eq!(stage.number(count).await, 60);
    gone(&stage.database, "s0-3").await.unwrap();
    let later = [event(stage.model, "s1-4", "later", 100)];
    stage.store(&later).await;
    assert_eq!(stage.number(count).await, 58);
    assert_signs_are_those_of_rows(&stage).await;
    // All of both has expired but what came later.
    let end = jiff::Timestamp::from_second(1_768_473_050).unwrap();
    let dropped = drop_expired(&stage.database, end, soon()).await.unwrap();
    assert_eq!((dropped.segments, dropped.rows), (2, 58));
    assert_eq!(stage.lines(SIGNS).await, [""; 0]);
    let left = texts(&stage.database).await;
    assert_eq!(left.into_iter().collect::<Vec<_>>(), ["later"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_or_in_somebodys_way_signs_are_made_later_and_once() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set_large("killed_signs_are_made_later").await else {
        return;
    };
    stage.closed(2, 30).await;
    let keeper = lease(&stage.database, stage.model).await;
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap()[0];
    // Somebody is about to delete from it, and is not done.
    let deletes = "BEGIN; DELETE FROM conversation_embeddings WHERE text_content = 's0-3'";
    stage.bystander.batch_execute(deletes).await.unwrap();
    let sealing = seal(&stage.database, &keeper, closed).await.unwrap();
    assert_eq!(sealing, Sealing::Busy);
    stage.bystander.batch_execute("ROLLBACK").await.unwrap();
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    for (place, made) in [
        ("signs.before_made", 0),
        ("seal.built", 1),
        ("seal.before_commit", 1),
    ] {
        fail_point::set(place, Fate::Unwind);
        let (database, keeper) = (
            stage.test.database().unwrap(),
            lease(&stage.database, stage.model).await,
        );
        let dies = async move { seal(&database, &keeper, closed).await.map(drop) };
        let end = tokio::spawn(dies).await;
        assert!(end.is_err_and(|error| error.is_panic()), "{place}");
        fail_point::clear(place);
        stage.bystander.batch_execute(EXPIRE).await.unwrap();
        assert_eq!(stage.lines(SIGNS).await.len(), made, "{place}");
        assert_eq!(texts(&stage.database).await.len(), 60, "{place}");
    }
    let keeper = lease(&stage.database, stage.model).await;
    seal_all(&stage.database, &keeper).await;
    assert_eq!(stage.lines(SIGNS).await.len(), 2);
    assert_signs_are_those_of_rows(&stage).await;
}

/// A question that began before there were signs learns that there are, and sees none of them.
#[tokio::test]
async fn who_began_before_signs_were_made_finds_everything() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("who_began_before_signs").await else {
        return;
    };
    stage.closed(1, 30).await;
    let database = stage.test.database().unwrap();
    let mut connection = database.connection().await.unwrap();
    let snapshot = Snapshot::begin(&database, &mut connection).await.unwrap();
    let keeper = lease(&stage.database, stage.model).await;
    seal_all(&stage.database, &keeper).await;
    assert_eq!(stage.lines(SIGNS).await.len(), 1);
    let question = direction(&mut Rng::with_seed(5), LARGE, -0.5);
    let found = snapshot.nearest(&everything(), None, &question, 20).await;
    let found = found.unwrap();
    let all = snapshot
        .nearest(&everything(), Some(&[]), &question, 20)
        .await;
    assert_eq!((found.len(), found), (20, all.unwrap()));
    snapshot.end().await.unwrap();
}

/// More rows than are compared: only whoever goes by likeness finds what the question lies beside.
#[tokio::test]
async fn of_many_the_likest_are_compared() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("of_many_the_likest").await else {
        return;
    };
    let names = stage.fill("s", 1_500).await;
    stage.roll_over().await;
    let keeper = lease(&stage.database, stage.model).await;
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
    seal_all(&stage.database, &keeper).await;
    assert_eq!(stage.lines(SIGNS).await.len(), 1);
    let mut rng = Rng::with_seed(8);
    for name in names.iter().step_by(100) {
        let beside = stage.numbers().of(name);
        let beside = beside
            .as_slice()
            .iter()
            .map(|number| number + 0.5 * (rng.f32() - 0.5));
        let beside = Embedding::parse(beside.collect(), LARGE).unwrap();
        let [found, all] = stage.nearest(&beside).await;
        assert_eq!((found.len(), found.first()), (20, all.first()), "{name}");
        assert!(all[0].cosine > 0.8, "{name}: {all:?}");
    }
    // Of its own rows each finds itself, and some of what lies in any direction.
    let recall = sample_recall(&stage.database, &keeper, closed[0]).await;
    let recall = recall.unwrap().unwrap();
    assert!((0.3..1.0).contains(&recall), "{recall}");
}

/// Whoever seals must be let through in the end; until then nobody waits for it for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_many_delete_all_the_time_signs_are_made_in_the_end() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("where_many_delete_all_the_time").await else {
        return;
    };
    stage.closed(1, 30).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut deleting = Vec::new();
    for number in 0..8 {
        let (client, is_over) = (stage.test.bystander().await.unwrap(), is_over.clone());
        deleting.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(25 * number)).await;
            while !is_over.load(Ordering::Relaxed) {
                let delete = "BEGIN; DELETE FROM conversation_embeddings WHERE event_id = -1; SELECT pg_sleep(0.2); COMMIT";
                client.batch_execute(delete).await.unwrap();
            }
        }));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let keeper = lease(&stage.database, stage.model).await;
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap()[0];
    let first = seal(&stage.database, &keeper, closed).await.unwrap();
    let late = "UPDATE vector_segments SET closed_at = closed_at - interval '11 minutes'";
    stage.bystander.batch_execute(late).await.unwrap();
    let then = seal(&stage.database, &keeper, closed).await.unwrap();
    is_over.store(true, Ordering::Relaxed);
    for one in deleting {
        one.await.unwrap();
    }
    assert_eq!((first, then), (Sealing::Busy, Sealing::Sealed));
}

/// What `docs/deploy.md` says to do before an older version is deployed, given as `psql` gives it.
#[tokio::test]
async fn the_way_back_to_a_version_without_signs_is_as_the_page_says() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set_large("the_way_back").await else {
        return;
    };
    stage.sealed(2, 30).await;
    let broken = "CREATE INDEX conversation_embeddings_1_graph ON conversation_embeddings_1 (event_id);
        UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'conversation_embeddings_1_graph'::regclass";
    stage.bystander.batch_execute(broken).await.unwrap();
    let page = include_str!("../../../docs/deploy.md");
    let (_, part) = page.split_once("### Tables of signs").unwrap();
    let (_, part) = part.split_once("```sql\n").unwrap();
    let (setting, rest) = part.split_once("```").unwrap().0.split_once(';').unwrap();
    stage.bystander.batch_execute(setting).await.unwrap();
    for asked in rest.split("\\gexec") {
        for told in stage.lines(asked).await {
            stage.bystander.batch_execute(&told).await.unwrap();
        }
    }
    assert_eq!(stage.lines(SIGNS).await, [""; 0]);
    assert_eq!(stage.lines(GRAPHS).await, ["bit_hamming_ops"; 2]);
    let question = direction(&mut Rng::with_seed(5), LARGE, -0.5);
    stage.finds_all(&question).await;
}
