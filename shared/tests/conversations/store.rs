//! One batch, one transaction: every row as it was given, or none.

use shared::Kind;
use shared::db::conversations::{self, Prepared, Stored};

use crate::stage::{DIMENSIONS, Stage, event, key, rendition, vector};

/// What is wrong, and how it comes about.
type Spoil<'a> = (&'a str, Kind, &'a dyn Fn(&mut Prepared));

#[tokio::test]
async fn every_column_is_as_it_was_given() {
    let Some(stage) = Stage::set("every_column").await else {
        return;
    };
    let mut given = event(stage.model, "conv-1", "first words", 0);
    given.event.raw_masked = true;
    given.event.received_at = "2026-02-03T04:05:06.789012Z".parse().unwrap();
    given.renditions = vec![rendition(stage.model, &["first words", "second"])];
    given.renditions[0].chunks[1].embedding = None;
    assert_eq!(
        stage.store(std::slice::from_ref(&given)).await,
        [Stored::New]
    );

    let row = "SELECT encode(event_key, 'hex'), source_system, conversation_id, event, occurred_at = '2026-01-15T10:30:00Z',
        received_at = '2026-02-03T04:05:06.789012Z', receipt_id::text, raw_event::text, raw_masked, supersedes, state
        FROM conversation_events";
    let row = stage.bystander.query_typed_one(row, &[]).await.unwrap();
    let text = |at| row.get::<_, String>(at);
    assert_eq!(text(0), given.event.key.as_str());
    assert_eq!(
        [text(1), text(2), text(3)],
        ["nice_cxone", "conv-1", "first words"]
    );
    assert!(
        row.get::<_, bool>(4) && row.get::<_, bool>(5),
        "both instants"
    );
    assert_eq!(text(6), given.event.receipt_id.to_string());
    assert_eq!(text(7), given.event.raw, "to the byte");
    assert!(row.get::<_, bool>(8) && row.get::<_, bool>(9));
    assert_eq!(text(10), "searchable");

    let chunks = "SELECT chunk::text, text_content, encode(content_hash, 'hex'), embedding::text, semantic_metadata::text,
        c.source_system, c.conversation_id, (c.occurred_at = '2026-01-15T10:30:00Z')::text, (event_id = e.id)::text,
        (segment = s.id AND c.model_id = s.model_id)::text
        FROM conversation_embeddings c, conversation_events e, vector_segments s
        WHERE s.state = 'fresh' ORDER BY chunk";
    let tags = r#"{"tags": ["cup", "lid"], "intent": "complaint"}"#;
    let rest = format!("{tags} nice_cxone conv-1 true true true");
    assert_eq!(
        stage.lines(chunks).await,
        [
            format!(
                "0 first words {} [11.5,12.5,13.5,14.5] {rest}",
                key("first words").as_str()
            ),
            format!("1 second {} - {rest}", key("second").as_str()),
        ]
    );
    let marks = "SELECT map_version, chunks::text, without_vector::text FROM embedded";
    let map = crate::stage::map(1);
    assert_eq!(stage.lines(marks).await, [format!("{} 2 1", map.as_str())]);
}

#[tokio::test]
async fn a_repeat_changes_nothing_in_the_same_batch_or_later() {
    let Some(stage) = Stage::set("a_repeat_changes_nothing").await else {
        return;
    };
    let one = event(stage.model, "conv-1", "one", 0);
    let mut changed = one.clone();
    changed.renditions[0].chunks[0].text = "something else".to_owned();
    let batch = [
        one.clone(),
        changed.clone(),
        event(stage.model, "conv-2", "two", 0),
    ];
    assert_eq!(
        stage.store(&batch).await,
        [Stored::New, Stored::Duplicate, Stored::New]
    );
    assert_eq!(stage.store(&[changed, one]).await, [Stored::Duplicate; 2]);
    assert_eq!(stage.texts().await, ["one", "two"]);
    assert_eq!(stage.states().await, ["one searchable", "two searchable"]);
}

#[tokio::test]
async fn an_empty_batch_is_nothing() {
    let Some(stage) = Stage::set("an_empty_batch").await else {
        return;
    };
    assert_eq!(stage.store(&[]).await, []);
}

#[tokio::test]
async fn one_bad_row_stores_nothing_and_a_good_batch_still_works() {
    let Some(stage) = Stage::set("one_bad_row").await else {
        return;
    };
    let spoils: [Spoil<'_>; 5] = [
        ("NUL in text", Kind::Invalid, &|one| {
            one.renditions[0].chunks[0].text.push('\0');
        }),
        ("NUL in tags", Kind::Invalid, &|one| {
            one.renditions[0].chunks[0].metadata = r#"{"a": "\u0000"}"#.to_owned();
        }),
        ("tags that are no JSON", Kind::Invalid, &|one| {
            one.renditions[0].chunks[0].metadata = "{".to_owned();
        }),
        ("raw that is no JSON", Kind::Invalid, &|one| {
            one.event.raw = "{".to_owned();
        }),
        ("another dimension", Kind::Bug, &|one| {
            one.renditions[0].chunks[0].embedding = Some(vector(1, DIMENSIONS + 1).into());
        }),
    ];
    let good = [
        event(stage.model, "conv-1", "one", 0),
        event(stage.model, "conv-2", "two", 0),
    ];
    for (what, kind, spoil) in spoils {
        let mut batch = good.clone();
        spoil(&mut batch[1]);
        let error = conversations::store(&stage.database, &batch)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{what}: {}", error.chain());
        let left = "SELECT (SELECT count(*) FROM conversation_events) + (SELECT count(*) FROM conversation_embeddings)
            + (SELECT count(*) FROM embedded)";
        assert_eq!(stage.number(left).await, 0, "{what}");
    }
    assert_eq!(stage.store(&good).await, [Stored::New; 2]);
    assert_eq!(stage.texts().await, ["one", "two"]);
}
