//! Any words of a request that are no body: cursors, query strings, paths, API keys, links, traces, idempotency keys, addresses to call
//! back. What is understood reads the same when it is written again, and nobody's key opens anything.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use shared::auth::link::LinkSignature;
use shared::auth::{ApiKeys, Scope};
use shared::domain::query::Cursor;
use shared::domain::{CallbackUrl, ConversationId};
use shared::http::{Headers, Query, idempotency_key, path_segment};
use shared::telemetry::TraceHeader;

fuzz_target!(|text: &str| {
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(Cursor::parse(&cursor.to_text()), Ok(cursor));
    }
    if let Ok(url) = CallbackUrl::parse(text) {
        assert_eq!(CallbackUrl::parse(url.as_str()).as_ref(), Ok(&url));
        assert!(["http", "https"].contains(&url.as_url().scheme()));
    }
    if let Some(trace) = TraceHeader::parse(text) {
        assert_eq!(trace.as_str(), text);
        let _ = trace.root();
    }
    let _ = path_segment(text, "/path/id", ConversationId::parse);
    let _ = text.parse::<LinkSignature>();
    read_query(text);
    let headers = [
        ("idempotency-key", text),
        ("x-api-key", text),
        ("authorization", text),
    ];
    let headers = Headers::from_pairs(headers);
    let _ = idempotency_key(&headers);
    assert!(
        keys()
            .authorize(&headers, Scope::OpsRead, Timestamp::UNIX_EPOCH)
            .is_err()
    );
});

fn read_query(text: &str) {
    let mut query = Query::read(text);
    let _ = query.take::<Timestamp>("from", "must be an instant");
    let _ = query.take::<String>("window", "must be a span");
    let _ = query.take::<bool>("full_sync", "must be true or false");
    let _ = query.end();
}

fn keys() -> ApiKeys {
    let mut keys = ApiKeys::default();
    keys.issue("full", [7; 32], Scope::ALL.to_vec(), Timestamp::MAX)
        .expect("it is a name");
    keys
}
