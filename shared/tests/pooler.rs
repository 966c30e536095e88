//! The database through PgBouncer in transaction mode, one server connection for everyone: what leaves state behind breaks here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "conversations/stage.rs"]
mod stage;

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "knowledge/stage.rs"]
mod articles;
#[path = "pooler/knowledge.rs"]
mod knowledge;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use shared::db::conversation_embeddings::fetch_known;
use shared::db::conversations::{Stored, erase, expire, store, store_again};
use shared::db::embedded::fetch_missing;
use shared::db::embedding_claims::{self, Claim, Holder, claim};
use shared::db::embedding_models::{activate, fetch_active};
use shared::db::knowledge_sync::fetch_generation;
use shared::db::migrate::{MIGRATIONS, Migration, migrate};
use shared::db::vector_segments::{
    Fill, Sealing, drain, fetch_closed, prepare_next, release, roll_over, seal, take_lease,
};
use shared::db::words::{WordSpace, Words, fetch_counts, fetch_words, purge_conversations, tend};
use shared::db::{Database, intent_examples, vector_segments};
use shared::domain::{ReceiptId, TextHash};
use shared::testing::{self, TestDatabase};
use shared::text::terms::Analysis;
use tokio::time::Instant;

use crate::stage::{DIMENSIONS, erasure_key, event, id, map, reading, space, vector};

/// A running PgBouncer; dropping it ends it.
struct Pooler {
    address: SocketAddr,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Pooler {
    /// Starts one before the server of `test`, or skips the test where there is none.
    async fn start(name: &str, test: &TestDatabase) -> Option<Self> {
        let is_there = Command::new("pgbouncer")
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        if !is_there.is_ok_and(|status| status.success()) {
            testing::skip(name, "pgbouncer is not installed");
            return None;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("pgbouncer.ini");
        std::fs::write(&settings, settings_for(test, free).await).unwrap();
        let mut command = Command::new("pgbouncer");
        // As root it wants to be told who else to be, and then reads its settings as that user.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "nobody"]);
            std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
                .unwrap();
        }
        let child = command
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self {
            address: free,
            child,
            _folder: folder,
        };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(free).await.is_ok() {
                return Some(pooler);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("pgbouncer does not listen");
    }
}

async fn settings_for(test: &TestDatabase, listen: SocketAddr) -> String {
    let server = test.server_address().await.unwrap();
    let user = test
        .url
        .split("://")
        .nth(1)
        .unwrap()
        .rsplit_once('@')
        .unwrap()
        .0;
    let login = match user.split_once(':') {
        Some((user, password)) => format!("user={user} password={password}"),
        None => format!("user={user}"),
    };
    let name = test.url.rsplit('/').next().unwrap();
    format!(
        "[databases]\n{name} = host={} port={} dbname={name} {login}\n\
         [pgbouncer]\nlisten_addr = {}\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\ndefault_pool_size = 1\nignore_startup_parameters = extra_float_digits\n",
        server.ip(),
        server.port(),
        listen.ip(),
        listen.port()
    )
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_migrators_share_one_server_connection() {
    const STEPS: &[Migration] = &[
        Migration {
            version: 1,
            name: "table",
            sql: "CREATE TABLE steps (name text)",
        },
        Migration {
            version: 2,
            name: "row",
            sql: "INSERT INTO steps VALUES ('row'); SELECT pg_sleep(0.1)",
        },
    ];
    let name = "five_migrators_share_one_server_connection";
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let Some(pooler) = Pooler::start(name, &test).await else {
        return;
    };
    let runs: Vec<_> = (0..5)
        .map(|_| {
            let database = test.database_through(pooler.address).unwrap();
            tokio::spawn(async move { migrate(&database, STEPS, soon()).await.unwrap() })
        })
        .collect();
    let mut applied = 0;
    for run in runs {
        applied += run.await.unwrap().applied.len();
    }
    assert_eq!(applied, 2);
    let left: i64 = test
        .bystander()
        .await
        .unwrap()
        .query_one(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
                WHERE locktype = 'advisory' AND datname = current_database()",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 0, "no lock outlives its transaction");
}

#[tokio::test]
async fn our_own_schema_comes_up_where_sessions_are_shared() {
    let name = "our_own_schema_comes_up";
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let Some(pooler) = Pooler::start(name, &test).await else {
        return;
    };
    let database = test.database_through(pooler.address).unwrap();
    let report = migrate(&database, MIGRATIONS, soon()).await.unwrap();
    assert_eq!(usize::try_from(report.to).unwrap(), MIGRATIONS.len());
    // A setting of one client's session is seen by the other: so the pooler really stands between.
    let other = test.database_through(pooler.address).unwrap();
    let (one, two) = (
        database.connection().await.unwrap(),
        other.connection().await.unwrap(),
    );
    one.batch_execute("SET statement_timeout = '4711s'")
        .await
        .unwrap();
    let seen = two.simple_query("SHOW statement_timeout").await.unwrap();
    assert!(format!("{seen:?}").contains("4711s"), "{seen:?}");
}

#[tokio::test]
async fn conversations_work_where_sessions_are_shared() {
    let name = "conversations_work_where_sessions_are_shared";
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let Some(pooler) = Pooler::start(name, &test).await else {
        return;
    };
    // Two environments take turns on one server connection: what one leaves behind, the other meets.
    let databases = [0, 1].map(|_| test.database_through(pooler.address).unwrap());
    migrate(&databases[0], MIGRATIONS, soon()).await.unwrap();
    for (turn, database) in databases.iter().enumerate() {
        let model = vector_segments::open(database, &space("one"))
            .await
            .unwrap();
        activate(database, model).await.unwrap();
        assert!(fetch_active(database).await.unwrap().is_some());
        let name = format!("conv-{turn}");
        let one = event(model, &name, "words", 0);
        let wanted = [(one.event.key.clone(), one.mac)];
        let holder = Holder::generate();
        let claimed = claim(database, &wanted, holder, Duration::from_secs(9))
            .await
            .unwrap();
        assert_eq!(claimed, [Claim::Ours]);
        assert_eq!(
            store(database, std::slice::from_ref(&one))
                .await
                .unwrap()
                .stored,
            [Stored::New]
        );
        embedding_claims::release(database, std::slice::from_ref(&one.event.key), holder)
            .await
            .unwrap();
        let known = [TextHash::of("words")];
        let found = fetch_known(database, model, &known, DIMENSIONS)
            .await
            .unwrap();
        assert_eq!(found, [Some(vector("words".len(), DIMENSIONS))]);
        let example = vector(turn, DIMENSIONS);
        let hash = [TextHash::of(&name)];
        intent_examples::keep(database, model, &[(hash[0], &example)])
            .await
            .unwrap();
        let kept = intent_examples::fetch(database, model, &hash, DIMENSIONS)
            .await
            .unwrap();
        assert_eq!(kept, [Some(example)]);
        let readings = [reading(one.event.event.as_str(), 2)];
        let missing = fetch_missing(database, model, &readings, None, 9)
            .await
            .unwrap();
        let mut again = one;
        again.renditions[0].map = map(2);
        let again = store_again(database, &[(missing[0].id, again)])
            .await
            .unwrap();
        assert_eq!(again.stored, [Stored::New]);
        roll_and_seal(database, again.fills[0]).await;
        assert!(purge_conversations(database, soon()).await.unwrap());
        let words = WordSpace::Conversations(model);
        tend(database, words, soon()).await.unwrap();
        let mut connection = database.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let question = [Words::count("words", Analysis::English)];
        let counts = fetch_counts(&*transaction, words).await.unwrap();
        let hits = fetch_words(&*transaction, &counts, &question)
            .await
            .unwrap();
        assert_eq!(hits[0].statistics.documents, 1);
        assert_eq!(hits[0].terms[0].buckets.len(), 1);
        transaction.commit().await.unwrap();
        drop(connection);
        let removed = erase(database, &erasure_key(), &id(&name), ReceiptId::generate())
            .await
            .unwrap()
            .removed;
        assert_eq!(
            (removed.conversation_events, removed.conversation_embeddings),
            (1, 1)
        );
        expire(database, jiff::Timestamp::now(), 9).await.unwrap();
    }
    assert_nothing_is_prepared(&databases[0]).await;
}

/// A full segment gives way to the next one, and gets its graph.
async fn roll_and_seal(database: &Database, full: Fill) {
    assert!(roll_over(database, &full).await.unwrap());
    assert!(prepare_next(database, full.model).await.unwrap());
    let lease = take_lease(database, full.model, Duration::from_mins(1)).await;
    let lease = lease.unwrap().unwrap();
    let closed = fetch_closed(database, full.model).await.unwrap();
    assert_eq!(closed, [full.segment]);
    assert!(drain(database, soon()).await.unwrap());
    let sealed = seal(database, &lease, full.segment).await.unwrap();
    assert_eq!(sealed, Sealing::Sealed);
    release(database, lease).await.unwrap();
}

/// With more server connections than one, a named statement would be lost.
async fn assert_nothing_is_prepared(database: &Database) {
    let left = "SELECT count(*) FROM pg_prepared_statements";
    let connection = database.connection().await.unwrap();
    let left = connection.query_typed_one(left, &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn the_knowledge_base_works_where_sessions_are_shared() {
    let name = "the_knowledge_base_works_where_sessions_are_shared";
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let Some(pooler) = Pooler::start(name, &test).await else {
        return;
    };
    let databases = [0, 1].map(|_| test.database_through(pooler.address).unwrap());
    migrate(&databases[0], MIGRATIONS, soon()).await.unwrap();
    for (turn, database) in databases.iter().enumerate() {
        knowledge::sync(database, turn).await;
    }
    assert_eq!(fetch_generation(&databases[0]).await.unwrap(), 6);
    assert_nothing_is_prepared(&databases[0]).await;
}
