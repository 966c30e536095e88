//! The oracle itself: once everything was found as it should be, one thing after the other is spoilt, and whoever looks after it has to say
//! just that. A check that sees nothing would make every storm look harmless.

use std::future::Future;
use std::sync::Arc;

use tokio_postgres::Client;

use crate::transcripts::Transcript;
use crate::world::World;
use crate::{articles, calls, conversations, rest, transcripts};

/// What is done to the rows, how that is undone, and what has to be said of it meanwhile.
struct Flaw {
    spoil: String,
    mend: String,
    complaint: String,
}

/// Spoils one thing after the other. What was told until now of whom it is done to is printed, as for any failure.
pub(crate) async fn sees_what_is_spoilt(world: &Arc<World>) {
    let rows = world.rows().await;
    // Rows that are held together may be torn apart, and entries of the audit may be changed.
    let unguarded = "SET session_replication_role = replica";
    rows.batch_execute(unguarded).await.unwrap();
    sees_conversations(world, &rows).await;
    sees_transcripts(world).await;
    sees_calls(world, &rows).await;
    sees_articles(world, &rows).await;
    sees_the_audit(world, &rows).await;
    println!("whatever was spoilt was seen");
}

async fn sees_conversations(world: &Arc<World>, rows: &Client) {
    let [kept, erased] = world.sent.kept_and_erased();
    let (one, other, gone) = (&kept[0], &kept[1], &erased[0]);
    let event = |what: &str, to: &str, from: &str| {
        format!(
            "UPDATE conversation_{what} SET conversation_id = '{to}' WHERE conversation_id = '{from}'"
        )
    };
    let flaws = [
        Flaw {
            spoil: event("events", "conv-0", one),
            mend: event("events", one, "conv-0"),
            complaint: format!("{one}: events and vectors: None"),
        },
        Flaw {
            spoil: event("embeddings", "conv-0", one),
            mend: event("embeddings", one, "conv-0"),
            complaint: format!("{one}: events and vectors: Some((1, 0))"),
        },
        Flaw {
            spoil: again(one, other),
            mend: format!(
                "DELETE FROM conversation_events WHERE conversation_id = '{one}' AND event = '{other}'"
            ),
            complaint: format!("{one}: events and vectors: Some((2, 2))"),
        },
        Flaw {
            spoil: again("conv-0", one),
            mend: "DELETE FROM conversation_events WHERE conversation_id = 'conv-0'".to_owned(),
            complaint: r#"nobody sent ["conv-0"]"#.to_owned(),
        },
        Flaw {
            spoil: format!("CREATE TABLE remnant AS SELECT 'of {gone} this is left' AS words"),
            mend: "DROP TABLE remnant".to_owned(),
            complaint: format!("{gone}: it was erased, and remnant names it"),
        },
        Flaw {
            spoil: format!(
                "UPDATE conversation_embeddings SET event_id = -event_id WHERE conversation_id = '{one}'"
            ),
            mend: format!(
                "UPDATE conversation_embeddings SET event_id = -event_id WHERE conversation_id = '{one}'"
            ),
            complaint: "texts without their event".to_owned(),
        },
    ];
    let check = |world: Arc<World>| async move { conversations::check(&world).await };
    sees_all(world, rows, &flaws, check).await;
}

/// The event of `from` once more, as one of `to`.
fn again(to: &str, from: &str) -> String {
    format!(
        "INSERT INTO conversation_events
            (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked, supersedes, state)
        SELECT sha256(event_key), '{to}', '{from}', occurred_at, received_at, receipt_id, raw_event, raw_masked, supersedes, state
        FROM conversation_events WHERE conversation_id = '{from}'"
    )
}

async fn sees_transcripts(world: &Arc<World>) {
    let taken = world.taken.all();
    let is_twice = |transcripts: &&Vec<Transcript>| {
        let taken = transcripts.iter().filter(|it| it.is_acknowledged);
        taken.count() > 1
    };
    let of_several = taken.iter().find(|(_, transcripts)| is_twice(transcripts));
    let (interaction, transcripts) = of_several.unwrap();
    let lost = |taken: &mut Vec<Transcript>| {
        taken.push(Transcript {
            message: "msg-0".to_owned(),
            is_acknowledged: true,
        });
    };
    let swapped = |taken: &mut Vec<Transcript>| {
        taken.retain(|it| it.is_acknowledged);
        taken.reverse();
    };
    let doubled = |taken: &mut Vec<Transcript>| {
        let place = taken.iter().position(|it| it.is_acknowledged).unwrap();
        taken.remove(place);
    };
    let ways: [fn(&mut Vec<Transcript>); 3] = [lost, swapped, doubled];
    for spoil in ways {
        world.taken.change(interaction, spoil);
        let said = complaint(
            world,
            |world| async move { transcripts::check(&world).await },
        )
        .await;
        assert!(
            said.contains(&format!("{interaction}: CXone has")),
            "{said}"
        );
        world
            .taken
            .change(interaction, |taken| taken.clone_from(transcripts));
    }
}

async fn sees_calls(world: &Arc<World>, rows: &Client) {
    let shown = "SELECT session_id, count(*) FROM assist_impressions WHERE source = 'card' AND state = 'shown' GROUP BY 1 LIMIT 1";
    let shown = rows.query_one(shown, &[]).await.unwrap();
    let (id, cards): (String, i64) = (shown.get(0), shown.get(1));
    let cards_of = |to: &str, from: &str| {
        format!(
            "UPDATE assist_impressions SET session_id = '{to}' WHERE session_id = '{from}' AND source = 'card'"
        )
    };
    let flaws = [
        Flaw {
            spoil: cards_of("call-none", &id),
            mend: cards_of(&id, "call-none"),
            complaint: " on the screen, 0 shown".to_owned(),
        },
        Flaw {
            spoil: format!(
                "INSERT INTO assist_impressions (session_id, snippet_id, position, source)
                SELECT '{id}', 'one more ' || n, n, 'card' FROM generate_series(1, 50) n"
            ),
            mend: format!(
                "DELETE FROM assist_impressions WHERE session_id = '{id}' AND snippet_id LIKE 'one more %'"
            ),
            complaint: format!(" on the screen, {} shown", cards + 50),
        },
    ];
    let check = |world: Arc<World>| async move { calls::check(&world).await };
    sees_all(world, rows, &flaws, check).await;
    calls::say_to_nobody(world);
    let said = complaint(world, check).await;
    assert!(said.contains("\nsaid: "), "{said}");
}

async fn sees_articles(world: &Arc<World>, rows: &Client) {
    let first = "document_id = (SELECT min(id) FROM knowledge_documents)";
    let flaws = [
        Flaw {
            spoil: format!("UPDATE knowledge_chunks SET text_content = text_content || ' and more' WHERE {first}"),
            mend: format!("UPDATE knowledge_chunks SET text_content = left(text_content, -9) WHERE {first}"),
            complaint: ": articles: [".to_owned(),
        },
        Flaw {
            spoil: "UPDATE knowledge_documents SET title = '' WHERE id = (SELECT min(id) FROM knowledge_documents)".to_owned(),
            mend: String::new(),
            complaint: "; kept is ".to_owned(),
        },
    ];
    let check = |world: Arc<World>| async move { articles::check(&world).await };
    sees_all(world, rows, &flaws, check).await;
}

async fn sees_the_audit(world: &Arc<World>, rows: &Client) {
    let entry = "(shard, position) = (SELECT shard, position FROM audit_entries LIMIT 1)";
    let flaws = [Flaw {
        spoil: format!("UPDATE audit_entries SET content = content || ' ' WHERE {entry}"),
        mend: String::new(),
        complaint: "Chain".to_owned(),
    }];
    let check = |world: Arc<World>| async move { rest::check_the_audit(&world).await };
    sees_all(world, rows, &flaws, check).await;
}

/// Each of these is seen.
async fn sees_all<F: Future<Output = ()> + Send + 'static>(
    world: &Arc<World>,
    rows: &Client,
    flaws: &[Flaw],
    check: impl Fn(Arc<World>) -> F,
) {
    for flaw in flaws {
        let spoilt = rows.execute(&flaw.spoil, &[]).await.unwrap();
        assert!(
            spoilt > 0 || flaw.spoil.starts_with("CREATE"),
            "{}",
            flaw.spoil
        );
        let said = complaint(world, &check).await;
        let (wanted, spoil) = (&flaw.complaint, &flaw.spoil);
        assert!(
            said.contains(wanted),
            "{spoil}\nis not {wanted:?}, but\n{said}"
        );
        rows.batch_execute(&flaw.mend).await.unwrap();
    }
}

/// What this check complains of.
async fn complaint<F: Future<Output = ()> + Send + 'static>(
    world: &Arc<World>,
    check: impl Fn(Arc<World>) -> F,
) -> String {
    let checked = tokio::spawn(check(Arc::clone(world))).await;
    let Err(refused) = checked else {
        panic!("the oracle sees nothing");
    };
    let said = refused.into_panic().downcast::<String>();
    said.map_or_else(|_| "something that is no text".to_owned(), |said| *said)
}
