//! Canaries: what stands for secrets and personal text in tests. They are planted wherever a function reads, and are searched for where
//! they must not be: in log lines, and in the columns that say why something failed.

use std::fs::File;
use std::io::{self, Read as _, Seek as _};

use cxone_simulator::{Fault, FaultPlan, FaultPlanError, FaultRule, Simulator};
use serde_json::json;
use tokio::process::Command;
use tokio_postgres::{Client, Error};

use crate::Function;

/// A canary is a text that has this word.
pub const CANARY: &str = "canary";
/// The word in base64, by the three places where it can begin in a body that is encoded whole.
const ENCODED: [&str; 3] = ["Y2FuYXJ5", "NhbmFye", "jYW5hcn"];
/// What a function tells at its most talkative.
const TRACE: [(&str, &str); 4] = [
    ("LOG_LEVEL", "trace"),
    ("RUST_LOG", "trace"),
    ("AWS_ACCESS_KEY_ID", "canary-access-key"),
    ("AWS_SECRET_ACCESS_KEY", "canary-secret-key"),
];

/// A function that logs all it can, and its log.
pub struct Talkative {
    /// The function.
    pub function: Function,
    log: File,
}

impl Talkative {
    /// Spawns `command` as a function environment.
    pub async fn spawn(mut command: Command) -> io::Result<Self> {
        command.envs(TRACE);
        let log = tempfile::tempfile()?;
        let function = Function::spawn(command, &log).await?;
        Ok(Self { function, log })
    }

    /// Ends the function, and gives what it logged.
    pub async fn end(self) -> io::Result<String> {
        let Self { function, mut log } = self;
        function.kill().await?;
        let mut text = String::new();
        log.rewind()?;
        log.read_to_string(&mut text)?;
        Ok(text)
    }
}

/// What a peer can answer other than what it was asked for.
pub const REFUSALS: [u16; 8] = [400, 401, 403, 409, 422, 429, 500, 200];
/// A few of them, where each takes its time.
pub const FEW: [u16; 3] = [401, 500, 200];

/// From now on this capability of the simulator refuses everything, and its answers repeat what they were asked, as some services do.
pub fn echo(simulator: &Simulator, capability: &str, status: u16) -> Result<(), FaultPlanError> {
    let said = "canary-echo Customer: my card is 4111 1111 1111 1111";
    let error =
        json!({ "message": said, "type": said, "param": said, "code": said, "canary-name": said });
    let fault = Fault::Status {
        status,
        retry_after: None,
        code: None,
        body: Some(
            json!({ "error": error, "error_description": said, "message": said, "detail": said, "title": said }),
        ),
    };
    let rules = vec![FaultRule::rate(capability, 1.0, fault)];
    simulator.set_faults(FaultPlan { seed: 1, rules })
}

/// The lines of a log that hold a canary, or one of the other secrets.
pub fn leaks<'log>(log: &'log str, others: &[&str]) -> Vec<&'log str> {
    let is_leak = |line: &&str| {
        let small = line.to_ascii_lowercase();
        small.contains(CANARY)
            || ENCODED
                .iter()
                .chain(others)
                .any(|secret| line.contains(secret))
    };
    log.lines().filter(is_leak).collect()
}

/// Where a canary stands in a column that says why something failed. Those of what is kept on purpose are not looked at.
pub async fn told(rows: &Client) -> Result<Vec<String>, Error> {
    let columns = "SELECT format('%I.%I', table_name, column_name), format('SELECT count(*) FROM %I WHERE %I::text ILIKE ''%%canary%%''', table_name, column_name)
        FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name ~ '(error|reason|why|problem|trouble|detail|counts|failure|status)'";
    let mut told = Vec::new();
    for column in rows.query(columns, &[]).await? {
        let count: i64 = rows.query_one(column.get::<_, &str>(1), &[]).await?.get(0);
        if count > 0 {
            told.push(format!("{} in {count} rows", column.get::<_, &str>(0)));
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::leaks;

    #[test]
    fn a_canary_is_found_in_any_case_and_in_any_encoded_body() {
        for body in [
            "a canary",
            "ab canary sings",
            "abc canary",
            "Canary",
            "CANARY-key",
        ] {
            assert_eq!(leaks(&format!("ok\n{body}\n"), &[]), [body]);
        }
        for before in ["", "x", "xx", "xxx", "{\"a\":\""] {
            let encoded = STANDARD.encode(format!("{before}canary sings"));
            assert_eq!(leaks(&encoded, &[]).len(), 1, "{before}");
        }
        assert_eq!(leaks("a key", &["key"]), ["a key"]);
        assert!(leaks("nothing at all\nof it", &["key"]).is_empty());
    }
}
