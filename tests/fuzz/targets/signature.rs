//! Any headers of a webhook over any body: nobody is let in. The first lines are the headers, the rest is the body.
#![no_main]

use std::sync::LazyLock;

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use shared::auth::scheme::Schemes;
use shared::auth::{Keyring, Unverified};
use shared::http::Headers;

const NAMES: [&str; 6] = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-nexus-timestamp",
    "x-nexus-signature-256",
    "authorization",
];
const SCHEMES: &str = r#"["standard-webhooks", "cxone-expert", "bearer", "basic"]"#;
const KEYS: &str = r#"{"standard-webhooks": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "cxone-expert": ["expert-key-expert-key"],
    "bearer": ["bearer-key-bearer-key"], "basic": ["studio:integration-secret"]}"#;

/// Read once: what is asked is what the headers do.
static KEYRING: LazyLock<Keyring> = LazyLock::new(|| {
    let schemes: Schemes = SCHEMES.parse().expect("they are known");
    Keyring::parse(&schemes, &SecretString::from(KEYS)).expect("they are good")
});

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(NAMES.len() + 1, '\n');
    let headers = Headers::from_pairs(NAMES.into_iter().zip(&mut lines));
    let body = lines.next().unwrap_or_default().as_bytes().to_vec();
    let now = Timestamp::from_second(1_768_473_000).expect("it is an instant");
    assert!(
        Unverified::new(headers, body)
            .verify(&KEYRING, now)
            .is_err()
    );
});
