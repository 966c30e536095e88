//! Random work against a plain set: whoever searches finds the same, always.
//!
//! One writes, gives way, erases, expires and makes anew; one closes, seals and merges, and is killed again and again; one reads all the
//! while. Of what the reader finds nothing may be missing that stood before it began and stands still, nothing may be there twice, and
//! nothing that nobody wrote.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use jiff::Timestamp;
use shared::db::conversations::{Prepared, expire, store, store_again};
use shared::db::embedded::fetch_missing;
use shared::db::vector_segments::{
    discard, drain, drop_expired, fetch_closed, merge, prepare_next, seal_beside, take_lease,
};
use shared::db::words::{WordSpace, purge_conversations};
use shared::db::{Database, embedding_models::ModelId};
use shared::fail_point::{self, Fate};
use shared::testing::proof_size;
use tokio::time::Duration;

use crate::brute_force::assert_right;
use crate::calls::{Numbers, Stage, event, map, reading};
use crate::keeping::{FATES, ROLL_OVER, RULES, lease, merge_all, seal_together, soon};
use crate::kills::assert_tidy;
use crate::stage::{gone, read, texts};

const KEEPER_DIES_AT: [&str; 15] = [
    "next.before_commit",
    "signs.before_made",
    "seal.built",
    "seal.before_commit",
    "merge.before_begun",
    "merge.begun",
    "merge.drained",
    "merge.made",
    "merge.before_built",
    "merge.built",
    "merge.before_exchanged",
    "merge.exchanged",
    "merge.before_discarded",
    "nowhere",
    "nowhere",
];
const WRITER_DIES_AT: [&str; 8] = [
    "store.before_commit",
    "store_again.before_commit",
    "erase.before_commit",
    "expire.before_commit",
    "merge.before_exchanged",
    "nowhere",
    "nowhere",
    "nowhere",
];

/// What should be found, and what is just changing.
#[derive(Default)]
struct Truth {
    standing: BTreeSet<String>,
    /// Every change since the beginning: what it adds, what it removes.
    changes: Vec<(BTreeSet<String>, BTreeSet<String>)>,
    /// Whether the last change is under way.
    is_changing: bool,
}

type Shared = Arc<Mutex<Truth>>;

/// Somebody who writes, one change after the other.
struct Writer {
    rng: Rng,
    database: Database,
    model: ModelId,
    numbers: Numbers,
    truth: Shared,
    /// Conversation, text and second of what stands.
    rows: Vec<(String, String, i64)>,
    clock: i64,
    written: usize,
}

impl Writer {
    async fn change(&mut self) {
        let before = self.rows.clone();
        match self.rng.u8(0..10) {
            0..=4 => self.add().await,
            5 | 6 if !self.rows.is_empty() => self.supersede().await,
            7 if !self.rows.is_empty() => self.erase().await,
            8 if !self.rows.is_empty() => self.make_anew().await,
            9 => self.expire().await,
            _ => self.rows = before,
        }
    }

    /// Lets the work happen, or die; the rows are those after it, if it happens.
    async fn commit<T: Send + 'static>(
        &mut self,
        rows: Vec<(String, String, i64)>,
        work: impl Future<Output = Result<T, shared::Error>> + Send + 'static,
    ) {
        let texts = |rows: &[(String, String, i64)]| {
            rows.iter()
                .map(|row| row.1.clone())
                .collect::<BTreeSet<_>>()
        };
        let (old, new) = (texts(&self.rows), texts(&rows));
        {
            let mut truth = self.truth.lock().unwrap();
            let change = (&new - &old, &old - &new);
            truth.changes.push(change);
            truth.is_changing = true;
        }
        let place = WRITER_DIES_AT[self.rng.usize(..WRITER_DIES_AT.len())];
        fail_point::set(place, Fate::Unwind);
        let outcome = tokio::spawn(work).await;
        fail_point::clear(place);
        let mut truth = self.truth.lock().unwrap();
        truth.is_changing = false;
        match outcome {
            Ok(done) => {
                done.unwrap_or_else(|error| panic!("{}", error.chain()));
                truth.standing = new;
                self.rows = rows;
            }
            Err(died) => assert!(died.is_panic()),
        }
    }

    fn draft(&mut self, conversation: &str) -> (Prepared, (String, String, i64)) {
        self.clock += 1;
        self.written += 1;
        let text = format!("text {}", self.written);
        let row = (conversation.to_owned(), text.clone(), self.clock);
        let draft = event(self.model, conversation, &text, self.clock);
        (self.numbers.place(draft), row)
    }

    async fn add(&mut self) {
        let mut rows = self.rows.clone();
        let batch: Vec<_> = (0..self.rng.usize(1..12))
            .map(|_| {
                let name = format!("conv {}", self.written);
                let (draft, row) = self.draft(&name);
                rows.push(row);
                draft
            })
            .collect();
        let database = self.database.clone();
        self.commit(rows, async move { store(&database, &batch).await })
            .await;
    }

    async fn supersede(&mut self) {
        let mut rows = self.rows.clone();
        let at = self.rng.usize(..rows.len());
        let (draft, row) = self.draft(&rows[at].0.clone());
        rows[at] = row;
        let database = self.database.clone();
        self.commit(rows, async move { store(&database, &[draft]).await })
            .await;
    }

    async fn erase(&mut self) {
        let mut rows = self.rows.clone();
        let (name, ..) = rows.swap_remove(self.rng.usize(..rows.len()));
        let database = self.database.clone();
        self.commit(rows, async move { gone(&database, &name).await })
            .await;
    }

    /// The same text goes from where it is, and comes into the fresh segment.
    async fn make_anew(&mut self) {
        let rows = self.rows.clone();
        let (name, text, second) = rows[self.rng.usize(..rows.len())].clone();
        let version = self.rng.usize(2..1_000_000);
        let (database, model, numbers) = (self.database.clone(), self.model, self.numbers);
        let work = async move {
            let readings = [reading(&text, version)];
            let missing = fetch_missing(&database, model, &readings, None, 9).await?;
            let again = missing.into_iter().map(|stored| {
                let mut one = event(model, &name, &text, second);
                one.event = stored.event;
                one.renditions[0].map = map(version);
                (stored.id, numbers.place(one))
            });
            store_again(&database, &again.collect::<Vec<_>>()).await
        };
        self.commit(rows, work).await;
    }

    /// All that is older than a few: whole segments, and what is left of it event by event.
    async fn expire(&mut self) {
        let before = self.clock - self.rng.i64(5..120);
        let rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.2 >= before)
            .cloned()
            .collect();
        let at = Timestamp::from_second(1_768_473_000 + before).unwrap();
        let database = self.database.clone();
        // In two steps, of which the first may happen alone: both are the same change for who reads. It happens in the end.
        let work = async move {
            let dropped = tokio::spawn({
                let database = database.clone();
                async move { drop_expired(&database, at, soon()).await }
            });
            // It may have died.
            drop(dropped.await);
            loop {
                let again = database.clone();
                let step = tokio::spawn(async move { expire(&again, at, 1_000).await });
                match step.await {
                    Ok(done) => return done,
                    Err(died) => {
                        assert!(died.is_panic());
                        fail_point::clear("expire.before_commit");
                    }
                }
            }
        };
        self.commit(rows, work).await;
    }
}

/// Whoever keeps the segments, and is killed now and then; says how often several became one when they were sealed.
async fn keep(
    database: Database,
    bystander: tokio_postgres::Client,
    model: ModelId,
    mut rng: Rng,
    is_over: Arc<AtomicBool>,
) -> usize {
    let mut together = 0;
    while !is_over.load(Ordering::Relaxed) {
        if rng.u8(0..4) > 0 {
            bystander.batch_execute(ROLL_OVER).await.unwrap();
        }
        let place = KEEPER_DIES_AT[rng.usize(..KEEPER_DIES_AT.len())];
        fail_point::set(place, Fate::Unwind);
        let again = database.clone();
        // While it seals nothing, a backlog grows that becomes one; otherwise each may be sealed alone, beside.
        let (is_lazy, is_beside, fan) = (rng.u8(0..3) > 0, rng.u8(0..3) == 0, rng.usize(2..7));
        let turn = tokio::spawn(async move {
            prepare_next(&again, model).await?;
            let Some(lease) = take_lease(&again, model, Duration::from_secs(30)).await? else {
                return Ok(0);
            };
            if is_lazy {
                return discard(&again, &lease).await.map(|_| 0);
            }
            if is_beside {
                drain(&again, soon()).await?;
                for segment in fetch_closed(&again, model).await? {
                    seal_beside(&again, &lease, &[segment], &RULES, soon()).await?;
                }
            }
            let several = seal_together(&again, &lease, fan).await?;
            discard(&again, &lease).await?;
            merge(&again, &lease, &RULES, soon()).await?;
            Ok(several)
        });
        // Another way to be killed: at any moment, and the server goes on with what it was told last.
        let turn = if rng.u8(0..4) == 0 {
            let patience = Duration::from_millis(rng.u64(1..60));
            let abort = turn.abort_handle();
            tokio::spawn(async move {
                tokio::time::sleep(patience).await;
                abort.abort();
            });
            turn.await
        } else {
            turn.await
        };
        fail_point::clear(place);
        match turn {
            Ok(Err(error)) => {
                assert_eq!(error.kind(), shared::Kind::Transient, "{}", error.chain());
            }
            Ok(Ok(several)) => together += several,
            Err(_) => {}
        }
        // Its lease runs out.
        let expire = "UPDATE segment_keepers SET until = '-infinity'";
        bystander.batch_execute(expire).await.unwrap();
    }
    together
}

/// Reads all the while; says how often.
async fn watch(database: Database, truth: Shared, is_over: Arc<AtomicBool>) -> usize {
    let mut reads = 0;
    while !is_over.load(Ordering::Relaxed) {
        let (standing, from) = {
            let truth = truth.lock().unwrap();
            let known = truth.changes.len() - usize::from(truth.is_changing);
            (truth.standing.clone(), known)
        };
        let (docs, found) = read(&database).await;
        assert_eq!(
            docs.len(),
            found.len(),
            "a row is there twice, or without its text"
        );
        let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
        for (more, less) in &truth.lock().unwrap().changes[from..] {
            added.extend(more.iter().cloned());
            removed.extend(less.iter().cloned());
        }
        let missing: Vec<_> = (&standing - &found).difference(&removed).cloned().collect();
        assert_eq!(
            missing,
            Vec::<String>::new(),
            "it stands, and was not found"
        );
        let strange: Vec<_> = (&found - &standing).difference(&added).cloned().collect();
        assert_eq!(
            strange,
            Vec::<String>::new(),
            "it was found, and does not stand"
        );
        reads += 1;
    }
    reads
}

async fn play(seed: u64, stage: &Stage) -> (usize, usize) {
    let rng = Rng::with_seed(seed);
    let (truth, is_over) = (Shared::default(), Arc::new(AtomicBool::new(false)));
    let mut writer = Writer {
        rng: Rng::with_seed(seed + 1_000_000),
        database: stage.database.clone(),
        model: stage.model,
        numbers: stage.numbers(),
        truth: truth.clone(),
        rows: Vec::new(),
        clock: 200,
        written: 0,
    };
    let others = stage.others(2);
    let client = stage.test.bystander().await.unwrap();
    let keeper = tokio::spawn(keep(
        others[0].clone(),
        client,
        stage.model,
        rng,
        is_over.clone(),
    ));
    let reader = tokio::spawn(watch(others[1].clone(), truth.clone(), is_over.clone()));
    for _ in 0..40 {
        writer.change().await;
    }
    is_over.store(true, Ordering::Relaxed);
    let together = keeper.await.unwrap();
    let reads = reader.await.unwrap();
    // In the end, all is done.
    let keeper = lease(&stage.database, stage.model).await;
    let together = together + seal_together(&stage.database, &keeper, 4).await.unwrap();
    merge_all(&stage.database, &keeper).await;
    let standing = truth.lock().unwrap().standing.clone();
    assert_eq!(texts(&stage.database).await, standing, "seed {seed}");
    assert_tidy(stage).await;
    let rows = "SELECT doc, analysis, text_content FROM conversation_embeddings WHERE model_id = 1";
    let space = WordSpace::Conversations(stage.model);
    let found = assert_right(&stage.database, space, rows, "text").await;
    assert_eq!(found, standing.len(), "by words, seed {seed}");
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    assert_eq!(
        stage.number("SELECT count(*) FROM word_dead").await,
        0,
        "seed {seed}"
    );
    (reads, together)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_searches_finds_what_a_plain_set_would() {
    let _alone = FATES.write().await;
    play_all(proof_size(16, 400), async || {
        Stage::set("whoever_searches").await
    })
    .await;
}

/// The same where vectors are large, whose signs stand in tables of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_searches_large_vectors_finds_what_a_plain_set_would() {
    let _alone = FATES.write().await;
    play_all(proof_size(6, 100), async || {
        Stage::set_large("whoever_searches_large").await
    })
    .await;
}

#[expect(
    clippy::print_stdout,
    reason = "whoever repeats a failure needs the seed"
)]
async fn play_all(seeds: usize, set: impl AsyncFn() -> Option<Stage>) {
    let (mut reads, mut together, mut merges) = (0, 0, 0);
    for seed in 0..u64::try_from(seeds).unwrap() {
        let Some(stage) = set().await else {
            return;
        };
        println!("seed {seed}");
        let played = play(seed, &stage).await;
        reads += played.0;
        together += played.1;
        merges += stage
            .number("SELECT count(*) FROM vector_segments WHERE tier > 0")
            .await;
    }
    println!(
        "{seeds} seeds, {reads} reads, {together} backlogs became one, {merges} merged segments in the end"
    );
    assert!(reads > seeds, "somebody read all the while");
    // How often is a matter of luck and of the machine; that it happens is not.
    assert!(together > 0 || seeds < 16, "backlogs became one");
    assert!(merges > 0, "something was merged");
}
