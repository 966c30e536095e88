//! An erasure leaves nothing of a transcript, whichever of its two names is used.

use shared::db::conversations::erase;
use shared::db::erased_conversations::Removed;
use shared::db::transcripts::{Settled, State, settle};
use shared::domain::{ConversationId, ReceiptId};
use shared::error::Error;

use crate::stage::{Stage, injected, over};
use shared::testing::stage::erasure_key;

async fn remove(stage: &Stage, name: &str) -> Removed {
    let conversation = ConversationId::parse(name).unwrap();
    let receipt = ReceiptId::generate();
    let tombstone = erase(&stage.database, &erasure_key(), &conversation, receipt).await;
    tombstone.unwrap().removed
}

/// Rows of any table that hold one of these words.
async fn remnants(stage: &Stage, words: &[&str]) -> Vec<String> {
    let tables = "SELECT quote_ident(table_name) FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
    let mut found = Vec::new();
    for table in stage.lines(tables).await {
        // Payloads are shown in hexadecimal otherwise.
        let rows = format!("SET bytea_output = 'escape'; SELECT 1; SELECT t::text FROM {table} t");
        let messages = stage.bystander.simple_query(&rows).await.unwrap();
        for message in messages {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message
                && words.iter().any(|word| row.get(0).unwrap().contains(word))
            {
                found.push(format!("{table}: {}", row.get(0).unwrap()));
            }
        }
    }
    found
}

/// CXone tells of a conversation.
async fn arrive(stage: &Stage, conversation: &str) {
    let event = format!(
        "INSERT INTO conversation_events (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked,
            supersedes, state)
        VALUES (sha256('{conversation}'), '{conversation}', 'said', now(), now(), gen_random_uuid(), '{{}}', false, true, 'no_text')"
    );
    stage.run(&event).await;
}

/// How many tombstones there are, and under how many receipts.
async fn tombs(stage: &Stage) -> Vec<String> {
    let tombs = "SELECT count(*) || ' ' || count(DISTINCT receipt_id) FROM erased_conversations";
    stage.lines(tombs).await
}

async fn is_buried(stage: &Stage, name: &str) -> bool {
    let mac = erasure_key().mac_of(name);
    let tomb =
        format!(r"SELECT count(*) FROM erased_conversations WHERE conversation_mac = '\x{mac}'");
    stage.number(&tomb).await == 1
}

#[tokio::test]
async fn nothing_is_left_in_any_table() {
    for name in ["canary-i", "canary-c"] {
        let Some(stage) = Stage::set("nothing_is_left").await else {
            return;
        };
        stage.take("canary-i", 2).await;
        stage.take("stays", 1).await;
        for one in stage.claim(10).await {
            let outcome = match one.interaction.as_str() {
                "stays" => injected("stays"),
                _ => injected("canary-c"),
            };
            stage.settle(&one, &outcome).await;
        }
        // An interaction has the conversations of all of its parts.
        let two = stage.claim_one().await;
        stage.settle(&two, &injected("canary-c")).await;
        stage.run("ANALYZE").await;
        let statistics =
            "SELECT tablename::text, attname::text FROM pg_stats WHERE schemaname = 'public'
            AND pg_stats::text LIKE '%canary%'";
        assert_eq!(stage.lines(statistics).await, [""; 0]);
        assert_eq!(remnants(&stage, &["canary"]).await.len(), 2 + 2 + 2);
        let removed = remove(&stage, name).await;
        assert_eq!(removed.transcripts, 2, "{name}");
        assert_eq!(remnants(&stage, &["canary"]).await, [""; 0], "{name}");
        assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 1);
        assert_eq!(
            stage
                .number("SELECT count(*) FROM transcript_archive")
                .await,
            1
        );
        assert_eq!(stage.number("SELECT count(*) FROM callbacks").await, 1);
        let keys = "SELECT count(*) FROM audit_keys WHERE key IS NOT NULL";
        assert_eq!(
            stage.number(keys).await,
            1,
            "nobody knows whom the entries are about"
        );
        assert!(stage.audit().await.is_sound());
    }
}

#[tokio::test]
async fn a_post_that_is_under_way_writes_nothing_and_nothing_comes_back() {
    let Some(stage) = Stage::set("a_post_that_is_under_way").await else {
        return;
    };
    stage.take("canary-i", 2).await;
    let one = stage.claim_one().await;
    assert_eq!(remove(&stage, "canary-i").await.transcripts, 2);
    // CXone tells of what it made of it before the answer is heard.
    arrive(&stage, "canary-c").await;
    for outcome in [over(State::Dead), injected("canary-c")] {
        assert_eq!(stage.settle(&one, &outcome).await, Settled::Lost);
    }
    assert_eq!(
        tombs(&stage).await,
        ["2 1"],
        "both under the receipt that there is"
    );
    assert!(is_buried(&stage, "canary-c").await);
    let late = stage.try_to_take("canary-i", 1, None, 1).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert_eq!(remnants(&stage, &["canary"]).await, [""; 0]);
    stage.take("canary-j", 1).await;
    let again = stage.claim_one().await;
    stage.settle(&again, &injected("canary-j-c")).await;
    assert_eq!(
        stage.settle(&again, &injected("other")).await,
        Settled::Lost
    );
    assert!(!is_buried(&stage, "other").await, "nothing was erased");
}

/// CXone made conversations of its parts, of which one is another interaction's too. All of them are the same person's.
#[tokio::test]
async fn every_conversation_of_an_interaction_goes_with_it_whichever_name_is_given() {
    for name in ["canary-i", "canary-j", "canary-c1", "canary-c2"] {
        let Some(stage) = Stage::set("every_conversation_of").await else {
            return;
        };
        stage.take("canary-i", 2).await;
        stage.take("canary-j", 1).await;
        stage.take("stays", 1).await;
        for number in 1..=2 {
            for one in stage.claim(10).await {
                let conversation = match one.interaction.as_str() {
                    "canary-i" => format!("canary-c{number}"),
                    "canary-j" => "canary-c2".to_owned(),
                    _ => "stays-c".to_owned(),
                };
                stage.settle(&one, &injected(&conversation)).await;
            }
        }
        for conversation in ["canary-c1", "canary-c2", "stays-c"] {
            arrive(&stage, conversation).await;
        }
        let removed = remove(&stage, name).await;
        let went = (removed.transcripts, removed.conversation_events);
        assert_eq!(went, (3, 2), "{name}");
        assert_eq!(remnants(&stage, &["canary"]).await, [""; 0], "{name}");
        assert_eq!(tombs(&stage).await, ["4 1"], "{name}: one receipt");
        for gone in ["canary-i", "canary-j", "canary-c1", "canary-c2"] {
            assert!(is_buried(&stage, gone).await, "{name}: {gone}");
        }
        let keys = "SELECT count(*) FROM audit_keys WHERE key IS NOT NULL";
        assert_eq!(stage.number(keys).await, 1, "only of what stays");
        let left =
            "SELECT (SELECT count(*) FROM transcripts) + (SELECT count(*) FROM conversation_events)
            + (SELECT count(*) FROM callbacks)";
        assert_eq!(stage.number(left).await, 3, "what stays, stays");
    }
}

/// Where one conversation is made of everything by mistake, nobody erases everything by mistake.
#[tokio::test]
async fn more_names_than_can_be_one_person_are_not_erased() {
    let Some(stage) = Stage::set("more_names_than").await else {
        return;
    };
    let many = "INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, messages, state, conversation_id, ended_at)
        SELECT gen_random_uuid(), 1, 1, 'i-' || n, sha256('s'), sha256('h'), 1, 'injected', 'c', now() FROM generate_series(1, 1000) n";
    stage.run(many).await;
    let name = ConversationId::parse("i-7").unwrap();
    let receipt = ReceiptId::generate();
    let erased = erase(&stage.database, &erasure_key(), &name, receipt).await;
    assert!(matches!(erased, Err(Error::Conflict(_))), "{erased:?}");
    assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 1000);
}

/// Nobody who has the conversation's name needs to know that of the interaction.
#[tokio::test]
async fn the_interactions_of_a_conversation_go_with_it_and_do_not_come_back() {
    let Some(stage) = Stage::set("the_interactions_of_a_conversation").await else {
        return;
    };
    stage
        .try_to_take("canary-i", 2, Some("key"), 1)
        .await
        .unwrap();
    stage.take("canary-i", 1).await;
    stage.take("stays", 1).await;
    for one in stage.claim(10).await {
        let conversation = format!("{}-c", one.interaction);
        stage.settle(&one, &injected(&conversation)).await;
    }
    let live = "INSERT INTO stream_offsets (interaction_id, progress, has_words) VALUES ('canary-i', '{}', false);
        INSERT INTO assist_interactions (interaction_id, sequence, state) VALUES ('canary-i', 1, '{}');
        INSERT INTO assist_clicks (session_id, snippet_id, position, action, known) VALUES ('canary-i', 'kb-1', 1, 'click', true)";
    stage.run(live).await;
    assert_eq!(remove(&stage, "canary-i-c").await.transcripts, 3);
    assert_eq!(remnants(&stage, &["canary"]).await, [""; 0]);
    assert_eq!(stage.claim(10).await.len(), 0, "nothing of it waits");
    for key in [Some("key"), None] {
        let again = stage.try_to_take("canary-i", 2, key, 1).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    }
    remove(&stage, "canary-i").await;
    assert_eq!(tombs(&stage).await, ["2 1"], "both under the first receipt");
    assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 1);
}

/// The erasure has looked which interactions there are, and waits for one of them.
#[tokio::test]
async fn an_interaction_that_becomes_the_conversation_meanwhile_goes_too() {
    let Some(stage) = Stage::set("an_interaction_that_becomes").await else {
        return;
    };
    stage.take("canary-i", 1).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &injected("canary-c")).await;
    stage.take("canary-j", 2).await;
    let late = stage.claim_one().await;
    let lock = |what: &str| {
        format!(
            "SELECT pg_advisory_{what}(('x' || encode(substr(sha256('canary-i'), 1, 8), 'hex'))::bit(64)::bigint)"
        )
    };
    stage.run(&lock("lock")).await;
    let other = stage.test.database().unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";
    let meanwhile = async {
        while stage.number(waiting).await == 0 {
            tokio::task::yield_now().await;
        }
        let settled = settle(&other, &erasure_key(), &late, &injected("canary-c")).await;
        assert_eq!(settled.unwrap(), Settled::Done);
        stage.run(&lock("unlock")).await;
    };
    let (removed, ()) = tokio::join!(remove(&stage, "canary-c"), meanwhile);
    assert_eq!(removed.transcripts, 3);
    assert_eq!(remnants(&stage, &["canary"]).await, [""; 0]);
    let again = stage.try_to_take("canary-j", 1, None, 1).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
}
