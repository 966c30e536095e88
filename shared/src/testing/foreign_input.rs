//! Everything that reads what others wrote, under input that is nearly right: a good example with a few of its bytes changed, taken away
//! or doubled. Nothing panics. `PROPTEST_CASES` says how many tries each reader gets.
//!
//! Parsers with rules of their own have properties of their own beside them; `tests/fuzz/README.md` lists both.

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{proof_size, setting};
use crate::auth::link::LinkSignature;
use crate::auth::{ApiKeys, Scope};
use crate::domain::query::{ConversationQuery, Cursor, KnowledgeQuery};
use crate::domain::{CallbackUrl, ConversationId, DataActionEvent, SessionId};
use crate::http::{Headers, HttpEvent, Query, idempotency_key, path_segment};
use crate::injection::{Draft, Intake};
use crate::queue::{ConversationMessage, InteractionMessage, KnowledgeMessage, SegmentsMessage};
use crate::ranking::{Click, RankingRequest};
use crate::retry::retry_after;
use crate::telemetry::TraceHeader;
use crate::transcript::dialect::{Dialect, Listener};
use crate::transcript::frame::{self, FrameFields};
use crate::transcript::notice::NoticeFields;

/// A reader, a good example of what it reads, and whether it takes what it is given.
type Reader = (&'static str, &'static str, fn(&[u8]) -> bool);

const KEY: &str = "full.Z3Jhc3MgZ3Jvd3MgYnkgaW5jaGVz";
const FRAME: &str = r#"{"type":"interaction","data":{"id":"i-1","state":"active","channels":[{"transcript":"Hello. My oven"}]}}"#;
const TRANSCRIPT: &str = r#"{"interaction_id":"i-1","agent_id":"one","customer_id":"two","split":true,"messages":[
    {"id":"m-1","from":{"id":"one","type":"agent"},"to":{"id":"two","type":"customer"},"text":"Hello","timestamp":"2026-01-15T10:30:00Z"}]}"#;
const ORDER: &str = r#"{"session_id":"s-1","max_result_window":5,"callback_url":"https://hooks.example/done","expected_version":2,
    "snippets":[{"snippet_id":"kb-1","relevance_score":0.5,"boost_factor":1.5,"metadata":{"territory":"EMEA","age":"3"}}]}"#;
const QUESTION: &str = r#"{"query":"a \"full refund\"","limit":5,"territories":["EMEA"],"language":"de-AT","highlight":true,"explain":true,
    "weights":{"vector":0.6,"lexical":0.4},"modified_from":"2026-01-15T10:30:00Z","metadata":{"a":"b","n":1.5}}"#;

const READERS: [Reader; 22] = [
    (
        "conversation message",
        include_str!("../../../events/queue.conversations.v1.json"),
        |bytes| {
            text(bytes).is_some_and(|text| {
                ConversationMessage::from_text(text).is_ok_and(|message| message.body().is_ok())
            })
        },
    ),
    (
        "interaction message",
        include_str!("../../../events/queue.interactions.v1.json"),
        |bytes| text(bytes).is_some_and(|text| InteractionMessage::from_text(text).is_ok()),
    ),
    (
        "segments message",
        include_str!("../../../events/queue.segments.v1.json"),
        |bytes| text(bytes).is_some_and(|text| SegmentsMessage::from_text(text).is_ok()),
    ),
    (
        "knowledge message",
        include_str!("../../../events/queue.knowledge.v1.json"),
        |bytes| text(bytes).is_some_and(|text| KnowledgeMessage::from_text(text).is_ok()),
    ),
    (
        "gateway event",
        include_str!("../../../events/data-action-webhook.base64.json"),
        |bytes| {
            serde_json::from_slice::<HttpEvent>(bytes)
                .is_ok_and(|event| event.into_request().is_ok())
        },
    ),
    (
        "webhook payload",
        r#"{"event":"conversation.completed","timestamp":"2026-01-15T10:30:00Z","conversationId":"c-1","data":{"a":[1,"b"]}}"#,
        |bytes| DataActionEvent::parse(bytes).is_ok(),
    ),
    (
        "query string",
        "window=24h&from=2026-01-15T10%3A30%3A00Z&full_sync=true",
        |bytes| {
            text(bytes).is_some_and(|text| {
                let mut query = Query::read(text);
                query.take::<Timestamp>("from", "must be an instant");
                query.take::<String>("window", "must be a span");
                query.take::<bool>("full_sync", "must be true or false");
                query.end().is_ok()
            })
        },
    ),
    ("path segment", "conv%2F1%20a%C3%BC", |bytes| {
        text(bytes)
            .is_some_and(|text| path_segment(text, "/path/id", ConversationId::parse).is_ok())
    }),
    ("API key", KEY, |bytes| {
        is_admitted("x-api-key", text(bytes).map(str::to_owned))
    }),
    ("bearer token", KEY, |bytes| {
        is_admitted(
            "authorization",
            text(bytes).map(|text| format!("Bearer {text}")),
        )
    }),
    (
        "idempotency key",
        "8e03978e-40d5-43dd-bc93-6894a57f9324",
        |bytes| {
            let headers = text(bytes).map(|text| Headers::from_pairs([("idempotency-key", text)]));
            headers.is_some_and(|headers| idempotency_key(&headers).is_ok())
        },
    ),
    (
        "link signature",
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        |bytes| text(bytes).is_some_and(|text| text.parse::<LinkSignature>().is_ok()),
    ),
    (
        "trace header",
        "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
        |bytes| {
            text(bytes).is_some_and(|text| {
                TraceHeader::parse(text).is_some_and(|trace| trace.root().is_some())
            })
        },
    ),
    (
        "callback address",
        "https://user.example:8443/done?x=%20#y",
        |bytes| text(bytes).is_some_and(|text| CallbackUrl::parse(text).is_ok()),
    ),
    ("ranking request", ORDER, |bytes| {
        is_for_session(|session| RankingRequest::parse(session, bytes).is_ok())
    }),
    (
        "click",
        r#"{"snippet_id":"kb-1","rank_position":1,"action":"copy","at":"2026-01-15T10:30:00Z"}"#,
        |bytes| is_for_session(|session| Click::parse(session, bytes).is_ok()),
    ),
    ("knowledge question", QUESTION, |bytes| {
        KnowledgeQuery::parse(bytes).is_ok()
    }),
    (
        "conversation question",
        r#"{"query":"refund","limit":5,"from":"2026-01-15T10:30:00Z","intents":["complaint"]}"#,
        |bytes| ConversationQuery::parse(bytes).is_ok(),
    ),
    (
        "cursor",
        "BAAAAAAAAAAHAQABAgMEBQYHAAECAwQFBgcICQoLDA0ODwAUP-AAAAAAAAAAAAAAAAASZw",
        |bytes| text(bytes).is_some_and(|text| Cursor::parse(text).is_ok()),
    ),
    ("transcript", TRANSCRIPT, |bytes| {
        let draft =
            Draft::read(bytes).map(|draft| (draft.interaction_id(), draft.archive_callback_url()));
        Intake::parse(bytes).is_ok() && draft.is_ok()
    }),
    ("stream frame", FRAME, |bytes| {
        let mut listener = Listener::new(
            Dialect::default(),
            &FrameFields::default(),
            &NoticeFields::default(),
        );
        listener.read(bytes).is_ok() && frame::read(bytes, &FrameFields::default()).is_ok()
    }),
    ("Retry-After", "Thu, 15 Jan 2026 10:30:05 GMT", |bytes| {
        text(bytes).is_some_and(|text| retry_after(text, Timestamp::UNIX_EPOCH).is_some())
    }),
];

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn is_for_session(parse: impl Fn(&SessionId) -> bool) -> bool {
    SessionId::parse("s-1".to_owned()).is_ok_and(|session| parse(&session))
}

fn is_admitted(name: &str, value: Option<String>) -> bool {
    let mut keys = ApiKeys::default();
    let issued = keys.issue("full", [7; 32], Scope::ALL.to_vec(), Timestamp::MAX);
    let headers = value.map(|value| Headers::from_pairs([(name, value)]));
    let admit = |headers| keys.authorize(&headers, Scope::OpsRead, Timestamp::UNIX_EPOCH);
    // Nobody has this key: whatever is made of the example is refused.
    assert!(issued.is_ok() && headers.map(admit).is_none_or(|caller| caller.is_err()));
    false
}

/// What happens at one place of the example.
#[derive(Debug, Clone)]
enum Edit {
    Put(u8),
    Insert(Vec<u8>),
    Cut(usize),
    Double(usize),
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, Edit)>> {
    let odd = prop::sample::select(b"\"\\{}[]:,.%&=;-+0 9eE\n\0\x7f\xc3\xff/".to_vec());
    let piece = prop::sample::select(vec![
        "null",
        "\\u0000",
        "\\ud800",
        "1e999",
        "-0",
        "99999999999999999999",
        "[[",
        "{\"\":",
        "\u{202e}",
        "%zz",
        "\r\n",
    ]);
    let edit = prop_oneof![
        prop_oneof![any::<u8>(), odd].prop_map(Edit::Put),
        piece.prop_map(|piece| Edit::Insert(piece.as_bytes().to_vec())),
        (1_usize..30).prop_map(Edit::Cut),
        (1_usize..200).prop_map(Edit::Double),
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), edit), 0..6)
}

fn edited(example: &str, edits: Vec<(prop::sample::Index, Edit)>) -> Vec<u8> {
    let mut bytes = example.as_bytes().to_vec();
    for (index, edit) in edits {
        let at = index.index(bytes.len() + 1);
        let end = |count: usize| (at + count).min(bytes.len());
        match edit {
            Edit::Put(byte) if at < bytes.len() => bytes[at] = byte,
            Edit::Put(byte) => bytes.push(byte),
            Edit::Insert(piece) => drop(bytes.splice(at..at, piece)),
            Edit::Cut(count) => drop(bytes.drain(at..end(count))),
            Edit::Double(count) => {
                let piece = bytes[at..end(count)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn nothing_that_reads_foreign_input_panics() {
    let cases = setting("PROPTEST_CASES").and_then(|cases| cases.parse().ok());
    let cases = cases.unwrap_or_else(|| u32::try_from(proof_size(1_000, 100_000)).unwrap());
    for (name, example, takes) in READERS {
        let config = ProptestConfig {
            cases,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let taken = std::cell::Cell::new(0_u32);
        let outcome = TestRunner::new(config).run(&edits(), |edits| {
            let input = edited(example, edits);
            taken.set(taken.get() + u32::from(takes(&input)));
            Ok(())
        });
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
        println!("{name}: {} of {cases} taken", taken.get());
        // Else the example is no good one, and little was tried behind the first check.
        let enough = is_foreign(name) || taken.get() * 50 > cases;
        assert!(
            enough && taken.get() < cases,
            "{name}: {} taken",
            taken.get()
        );
    }
}

/// Keys are good in their form, and nobody's.
fn is_foreign(name: &str) -> bool {
    ["API key", "bearer token"].contains(&name)
}

/// The examples are good ones.
#[test]
fn every_example_is_read() {
    for (name, example, takes) in READERS {
        assert_eq!(takes(example.as_bytes()), !is_foreign(name), "{name}");
    }
}
