//! Any body of a request: what the gateway hands over, transcripts, rankings, clicks and both kinds of questions. Each body is shown to
//! all of them, as they read the same JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::SessionId;
use shared::domain::query::{ConversationQuery, KnowledgeQuery};
use shared::http::HttpEvent;
use shared::injection::{Draft, Intake};
use shared::ranking::{Click, RankingRequest};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = serde_json::from_slice::<HttpEvent>(bytes) {
        let _ = event.into_request();
    }
    if let Ok(draft) = Draft::read(bytes) {
        let _ = (draft.interaction_id(), draft.archive_callback_url());
    }
    let _ = Intake::parse(bytes);
    let session = SessionId::parse("s-1").expect("it is an id");
    let _ = RankingRequest::parse(&session, bytes);
    let _ = Click::parse(&session, bytes);
    let _ = KnowledgeQuery::parse(bytes);
    let _ = ConversationQuery::parse(bytes);
});
