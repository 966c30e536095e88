//! What a person says of a deployment: its address, and the name of the variable that holds a key. The key is never an argument,
//! which others could read.

use shared::config::Env;

use crate::failure::{Failure, OrFail as _};

/// Conversations do not travel in the clear.
pub(super) fn check(url: &str, advice: &str) -> Result<(), Failure> {
    let parsed = reqwest::Url::parse(url).or_fail("--url is no URL", advice)?;
    let is_here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(Failure::new("--url does not begin with https://", advice)),
    }
}

/// A key out of the environment.
pub(super) fn read_variable(name: &str, what: &str) -> Result<String, Failure> {
    let environment = Env::from_process();
    let key = environment.get(name).map(|key| key.trim().to_owned());
    key.ok_or_else(|| {
        Failure::new(
            format!("the environment variable {name} is not set"),
            format!("set it to {what}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_leave_this_machine_only_encrypted() {
        for (url, is_fine) in [
            ("https://example.org/webhooks/data-action", true),
            ("http://127.0.0.1:9000/webhooks/data-action", true),
            ("http://localhost:9000/webhooks/data-action", true),
            ("http://[::1]:9000/webhooks/data-action", true),
            ("http://example.org/webhooks/data-action", false),
            ("http://localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("webhooks/data-action", false),
        ] {
            assert_eq!(check(url, "").is_ok(), is_fine, "{url}");
        }
    }
}
