//! PgBouncer before this Postgres, in transaction mode: no statement finds the session in which the last one was.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::{NOBODY, Postgres, USER, place};
use crate::failure::{Failure, OrFail as _};
use crate::stack::ports::is_listening;
use crate::stack::service::Service;

/// Connections to the server that all clients of one database share: fewer than there are clients, so that they really do.
const SHARED: u8 = 3;
const ADVICE: &str =
    "install pgbouncer (`apt-get install pgbouncer`), or leave --pooler out of the command";

impl Postgres {
    /// Starts it on this port, and waits until it listens.
    pub async fn start_pooler(&self, port: u16) -> Result<Service, Failure> {
        let (settings, names) = (
            self.home.join("pgbouncer.ini"),
            self.home.join("pgbouncer.users"),
        );
        let texts = [
            (&names, format!("\"{USER}\" \"{}\"\n", self.password)),
            (&settings, self.settings(port, &names.to_string_lossy())),
        ];
        for (path, text) in texts {
            place::write_private(path, &text)?;
            if self.as_nobody {
                chown(path, Some(NOBODY), Some(NOBODY)).or_fail("no pooler", ADVICE)?;
            }
        }
        let mut command = Command::new("pgbouncer");
        command.arg(&settings).current_dir("/");
        if self.as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut service = Service::start("pgbouncer", command, &self.stack, Signal::TERM)?;
        for _ in 0..100 {
            service.check()?;
            if is_listening(port) {
                return Ok(service);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let failure = service.failure("did not listen within 5 s");
        service.stop(Duration::from_secs(1)).await;
        Err(failure)
    }

    /// Any database, and any user whom Postgres knows: tests make both. A server that is gone is asked again at once.
    fn settings(&self, port: u16, names: &str) -> String {
        format!(
            "[databases]
* = host=127.0.0.1 port={}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {names}
auth_user = {USER}
auth_query = SELECT usename, passwd FROM pg_shadow WHERE usename = $1
pool_mode = transaction
default_pool_size = {SHARED}
max_db_connections = {SHARED}
max_client_conn = 1000
ignore_startup_parameters = extra_float_digits
server_login_retry = 0.1
server_idle_timeout = 5
log_connections = 0
log_disconnections = 0
",
            self.port
        )
    }
}
