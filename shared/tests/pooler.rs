//! The database through PgBouncer in transaction mode, one server connection for everyone: what leaves state behind breaks here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use shared::db::migrate::{MIGRATIONS, Migration, migrate};
use shared::testing::{self, TestDatabase};
use tokio::time::Instant;

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
    let server = test.address().await.unwrap();
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
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
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
