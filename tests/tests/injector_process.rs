//! Transcripts, and processes that die over them: what was taken in is whole or not there, and is injected once; also from a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use end_to_end::canary::{FEW, REFUSALS, Talkative, echo, leaks, told};
use end_to_end::{AMPLE, World, binary, gateway};
use serde_json::{Value, json};
use shared::auth::Scope;
use shared::testing;
use tokio::process::Command;

/// Where the injector dies, and whether CXone has the first part by then.
const PLACES: [(&str, usize); 3] = [
    ("drain.after_claim", 0),
    ("inject.after_post", 1),
    ("settle_transcript.before_commit", 1),
];

/// A tenant of both functions, and a key with which transcripts may be handed in.
async fn start(test: &str) -> Option<(World, String)> {
    let mut world = World::start(test).await?;
    let key = "erasure-key-0123456789abcdef0123";
    world.set_secret("ERASURE_KEY_SECRET_ID", key).await;
    let key = world.set_api_key(&[Scope::TranscriptsWrite]).await;
    Some((world, key))
}

/// How many conversations CXone has of the interaction.
fn made(world: &World) -> usize {
    world.simulator.transcripts().of("i-1").len()
}

/// One line, of which the intake makes two parts.
fn lines() -> Value {
    let message = |place: usize| {
        json!({
            "from": {"id": "agt-1", "type": "agent"}, "to": {"id": "cust-1", "type": "customer"},
            "text": format!("Sentence {place}"), "timestamp": "2026-01-15T10:30:00Z",
        })
    };
    let messages: Vec<_> = (0..600).map(message).collect();
    let transcript = json!({
        "interaction_id": "i-1", "agent_id": "agt-1", "customer_id": "cust-1", "messages": messages, "split": true,
    });
    json!({ "lines": transcript.to_string() })
}

#[tokio::test]
async fn whoever_dies_over_a_transcript_leaves_it_whole_and_once() {
    for (place, there) in PLACES {
        let Some((world, _)) = start("whoever_dies_over").await else {
            return;
        };
        let taking = "store_transcript.before_commit";
        world.die("transcript-intake", taking, &lines()).await;
        assert_eq!(world.count("transcripts").await, 0);
        assert_eq!(world.count("audit_entries").await, 0);
        world.ask("transcript-intake", &lines()).await;
        assert_eq!(world.count("transcripts").await, 2);

        let drain = json!({ "task": "drain" });
        world.die("transcript-injector", place, &drain).await;
        assert_eq!(made(&world), there, "{place}");
        let sending = "transcripts WHERE state = 'sending'";
        assert_eq!(world.count(sending).await, 1, "{place}");
        let report = world.ask("transcript-injector", &drain).await;
        assert_eq!(
            report["injected"], 0,
            "{place}: the lease of the dead stands"
        );
        let later = "UPDATE transcripts SET lease_until = now() WHERE state = 'sending'";
        world.rows.execute(later, &[]).await.unwrap();
        let report = world.ask("transcript-injector", &drain).await;
        assert_eq!(report["injected"], 2, "{place}: {report}");
        assert_eq!(made(&world), 2, "{place}");
        for (table, rows) in [
            ("transcripts WHERE state = 'injected'", 2),
            ("transcript_archive", 2),
            ("audit_entries", 3),
        ] {
            assert_eq!(world.count(table).await, rows, "{place}: {table}");
        }
    }
}

/// `cargo local inject` of this file: how it ended, and what it said.
async fn inject(key: &str, file: &Path, url: &str, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(binary("local").unwrap());
    command.arg("inject").arg(file).args(["--url", url]);
    command.args(["--key-env", "API_KEY"]).args(flags);
    let output = command.env("API_KEY", key).output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn line(number: usize) -> String {
    let [agent, customer] = ["agent", "customer"].map(|side| json!({ "id": "one", "type": side }));
    let message = json!({
        "id": format!("m-{number}"), "from": agent, "to": customer, "text": format!("Sentence {number}"), "timestamp": "2026-01-15T10:30:00Z",
    });
    let interaction = format!("i-{}", number % 7);
    let line = json!({ "interaction_id": interaction, "agent_id": "one", "customer_id": "one", "messages": [message] });
    line.to_string()
}

#[tokio::test]
async fn a_file_goes_through_the_intake_and_into_the_tenant() {
    let Some((world, key)) = start("a_file_goes_through").await else {
        return;
    };
    let intake = world.spawn("transcript-intake", None).await;
    let routes = BTreeMap::from([("/transcripts", intake)]);
    let address = gateway::serve(routes).await.unwrap();
    let url = format!("http://{address}/transcripts");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("past.ndjson");
    let lines: Vec<_> = (0..40).map(line).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let (code, said) = inject(&key, &file, &url, &[]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(world.count("transcripts").await, 40, "{said}");

    // A line that was sent before is the same transcript; one that breaks a rule is named, and the rest is taken.
    let broken = line(40).replace("Z\"", "\"");
    std::fs::write(&file, [lines.join("\n"), broken, line(41)].join("\n")).unwrap();
    let (code, said) = inject(&key, &file, &url, &["--restart"]).await;
    assert_eq!(code, Some(1), "{said}");
    let named = "line 41: 400 /messages/0/timestamp";
    assert!(said.contains(named), "{said}");
    assert_eq!(world.count("transcripts").await, 41, "{said}");

    let report = world
        .ask("transcript-injector", &json!({ "task": "drain" }))
        .await;
    assert_eq!(report["injected"], 41, "{report}");
    for number in 0..7 {
        let made = world.simulator.transcripts().of(&format!("i-{number}"));
        let places = made.iter().map(|one| {
            let sent: Value = serde_json::from_str(&one.body).unwrap();
            let text = sent["messages"][0]["text"].as_str().unwrap();
            text.trim_start_matches("Sentence ")
                .parse::<usize>()
                .unwrap()
        });
        let places: Vec<_> = places.collect();
        let expected: Vec<_> = (0..42).filter(|it| it % 7 == number && *it != 40).collect();
        assert_eq!(places, expected, "i-{number}: in the order of the file");
    }
}

/// A transcript full of what nobody else may read.
fn personal(interaction: &str, words: &str) -> Value {
    let [agent, customer] = ["agent", "customer"].map(|side| json!({ "id": "one", "type": side }));
    let text = format!("{words} My card is 4111 1111 1111 1111, canary.mail@example.org.");
    let message =
        json!({ "from": customer, "to": agent, "text": text, "timestamp": "2026-01-15T10:30:00Z" });
    json!({
        "interaction_id": interaction, "agent_id": "one", "customer_id": "one", "messages": [message],
        "archive_callback_url": "https://hooks.example.com/canary-path?token=canary-token",
    })
}

/// What the intake is sent: what is good, what is not, and what somebody else sends.
fn handed_in(key: &str) -> Vec<String> {
    let (good, mut bad) = (
        personal("i-1", "canary-good"),
        personal("i-1", "canary-bad"),
    );
    bad["messages"][0]["timestamp"] = json!("canary-time");
    bad["canary field"] = json!("canary");
    let cut = good.to_string();
    let bodies = [
        good.to_string(),
        personal("i-row", "canary-row").to_string(),
        bad.to_string(),
        cut[..cut.len() - 9].to_owned(),
        "canary".to_owned(),
    ];
    let post = |key: &str, body: &String| {
        let name = format!("canary-idempotency-{}", body.len());
        let headers = [
            ("x-api-key".to_owned(), key.to_owned()),
            ("idempotency-key".to_owned(), name),
        ];
        testing::http_event("/transcripts", &headers, body).to_string()
    };
    let mut events: Vec<_> = bodies.iter().map(|body| post(key, body)).collect();
    events.push(post("canary.canary-key", &bodies[0]));
    events.push(json!({ "lines": bodies[2..].join("\n") }).to_string());
    events.push(json!({ "task": "other" }).to_string());
    events
}

#[tokio::test]
async fn what_transcripts_and_peers_say_is_in_no_log_and_no_reason() {
    let Some((world, key)) = start("what_transcripts_and_peers_say").await else {
        return;
    };
    // Postgres quotes the row that breaks such a rule.
    let rule = "ALTER TABLE transcripts ADD CHECK (interaction_id <> 'i-row')";
    world.rows.batch_execute(rule).await.unwrap();
    let mut intake = Talkative::spawn(world.command("transcript-intake"))
        .await
        .unwrap();
    for event in handed_in(&key) {
        let answer = intake.function.invoke_within(event, AMPLE).await.unwrap();
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            !said.contains("canary-b") && !said.contains("canary-r"),
            "{said}"
        );
    }
    let mut injector = Talkative::spawn(world.command("transcript-injector"))
        .await
        .unwrap();
    let drain = json!({ "task": "drain" }).to_string();
    for (capability, statuses) in [("transcripts", &REFUSALS[..]), ("tokens", &FEW)] {
        for status in statuses.iter().copied() {
            let lines = json!({ "lines": personal(&format!("i-{capability}-{status}"), "canary").to_string() });
            intake
                .function
                .invoke_within(lines.to_string(), AMPLE)
                .await
                .unwrap();
            world.simulator.revoke_tokens(None);
            echo(&world.simulator, capability, status).unwrap();
            injector
                .function
                .invoke_within(drain.clone(), Duration::from_secs(12))
                .await;
            // Whoever had to wait need not.
            let now = "UPDATE injection_pace SET paused_until = '-infinity'; UPDATE transcripts SET next_try_at = now() WHERE state = 'pending'";
            world.rows.batch_execute(now).await.unwrap();
        }
    }
    world.simulator.clear_faults();
    injector.function.invoke_within(drain, AMPLE).await;
    assert!(
        world.count("transcripts WHERE reason IS NOT NULL").await > 1,
        "hardly a reason"
    );
    let (_, secret) = key.split_once('.').unwrap();
    for (function, says) in [(intake, "admitted"), (injector, "drained")] {
        let log = function.end().await.unwrap();
        assert!(log.contains(says), "it logs at all: {log}");
        assert_eq!(
            leaks(
                &log,
                &[secret, "local-secret", "4111 1111", "hooks.example"]
            ),
            [""; 0]
        );
    }
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
}
