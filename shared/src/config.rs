//! Configuration is a value: the environment is read once, and every missing or bad variable is reported at once, by name.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use jiff::SignedDuration;

/// A hundred years. Who wants to keep things for longer sets no retention.
const MOST_DAYS: u32 = 36_500;
/// Lambda sets it; no person does.
const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

/// The environment as it was at the start.
#[derive(Clone, Default)]
pub struct Env {
    pairs: BTreeMap<String, String>,
}

/// Every variable that is missing or cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment cannot be used: {}", .problems.join("; "))]
pub struct ConfigError {
    /// One sentence per variable, naming it; never its value.
    pub problems: Vec<String>,
}

impl Env {
    /// The environment of this process. Only `main` calls this.
    pub fn from_process() -> Self {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            pairs: std::env::vars_os().filter_map(readable).collect(),
        }
    }

    /// An environment made of pairs, for tests.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            pairs: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// Whether this process is a Lambda function.
    pub fn is_lambda(&self) -> bool {
        self.pairs.contains_key("AWS_LAMBDA_RUNTIME_API")
    }

    /// What this function is called where it is deployed.
    pub fn function_name(&self) -> Option<&str> {
        self.get(FUNCTION_NAME)
    }

    /// Starts reading a configuration.
    pub fn reader(&self) -> Reader<'_> {
        Reader {
            env: self,
            problems: Vec::new(),
        }
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Reads variables and remembers what was wrong with each.
pub struct Reader<'env> {
    env: &'env Env,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// A variable that must be there.
    pub fn required<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        if self.env.get(name).is_none() {
            self.problem(name, "is not set");
        }
        self.optional(name)
    }

    /// A variable that may be there; a bad value is a problem all the same.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        match self.env.get(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(name, error);
                None
            }
        }
    }

    /// A variable with a default.
    pub fn or<T: FromStr<Err: Display>>(&mut self, name: &'static str, default: T) -> T {
        self.optional(name).unwrap_or(default)
    }

    /// A variable that holds a document, or `@` and the path of a file that holds it.
    pub fn document<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        let Some(path) = self.env.get(name)?.strip_prefix('@') else {
            return self.optional(name);
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem(name, format!("names a file that cannot be read: {error}"));
                return None;
            }
        };
        let document = text.parse().map_err(|error| self.problem(name, error));
        document.ok()
    }

    /// Whether a variable is there, good or bad.
    pub fn is_set(&self, name: &str) -> bool {
        self.env.get(name).is_some()
    }

    /// Notes a problem that only the whole shows.
    pub fn problem(&mut self, name: &str, what: impl Display) {
        self.problems.push(format!("{name} {what}"));
    }

    /// The configuration, or every problem. `build` gives `None` only where something required is missing.
    pub fn build<C>(self, build: impl FnOnce() -> Option<C>) -> Result<C, ConfigError> {
        match build() {
            Some(config) if self.problems.is_empty() => Ok(config),
            _ => Err(ConfigError {
                problems: self.problems,
            }),
        }
    }
}

/// How long rows are kept; none for ever. Not for nothing: a slip of the pen must not remove everything, nor reach back beyond all time.
pub fn read_retention(read: &mut Reader<'_>) -> Option<SignedDuration> {
    let days: u32 = read.optional("RETENTION_DAYS")?;
    if !(1..=MOST_DAYS).contains(&days) {
        let what = format!("must be 1 to {MOST_DAYS}; empty keeps everything");
        read.problem("RETENTION_DAYS", what);
    }
    Some(SignedDuration::from_hours(24 * i64::from(days)))
}

/// How long keys are kept before they are read again.
pub fn read_keys_ttl(read: &mut Reader<'_>) -> SignedDuration {
    let seconds: u32 = read.or("KEYS_TTL_SECONDS", 300);
    SignedDuration::from_secs(seconds.into())
}

/// How many posts of transcripts the tenant takes in any hour. With less than one, nothing would ever be posted.
pub fn read_transcripts_per_hour(read: &mut Reader<'_>) -> f64 {
    let per_hour: f64 = read.or("TRANSCRIPTS_PER_HOUR", 1_020.0);
    if !(per_hour.is_finite() && per_hour >= 1.0) {
        read.problem("TRANSCRIPTS_PER_HOUR", "must be 1 or more");
    }
    per_hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named_at_once() {
        let env = Env::from_pairs([("TTL", "soon"), ("EMPTY", "")]);
        let mut read = env.reader();
        let ttl = read.or("TTL", 300_u64);
        let empty: Option<String> = read.required("EMPTY");
        let missing: Option<String> = read.required("MISSING");
        let error = read.build(|| Some((ttl, empty?, missing?))).unwrap_err();
        assert_eq!(
            error.problems,
            [
                "TTL invalid digit found in string",
                "EMPTY is not set",
                "MISSING is not set"
            ]
        );
    }

    #[test]
    fn defaults_hold_where_nothing_is_set() {
        let env = Env::default();
        let mut read = env.reader();
        let ttl = read.or("TTL", 300_u64);
        assert_eq!(read.build(|| Some(ttl)), Ok(300));
    }
}
