//! Transcripts, and processes that die over them: what was taken in is whole or not there, and is injected once; also from a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "injector_process/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use end_to_end::{binary, gateway};
use serde_json::{Value, json};
use tokio::process::Command;

use world::World;

/// Where the injector dies, and whether CXone has the first part by then.
const PLACES: [(&str, usize); 3] = [
    ("drain.after_claim", 0),
    ("inject.after_post", 1),
    ("settle_transcript.before_commit", 1),
];

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
    for (place, made) in PLACES {
        let Some(world) = World::start("whoever_dies_over").await else {
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
        assert_eq!(world.made(), made, "{place}");
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
        assert_eq!(world.made(), 2, "{place}");
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
async fn inject(world: &World, file: &Path, url: &str, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(binary("local").unwrap());
    command.arg("inject").arg(file).args(["--url", url]);
    command.args(["--key-env", "API_KEY"]).args(flags);
    let output = command.env("API_KEY", &world.key).output().await.unwrap();
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
    let Some(world) = World::start("a_file_goes_through").await else {
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
    let (code, said) = inject(&world, &file, &url, &[]).await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(world.count("transcripts").await, 40, "{said}");

    // A line that was sent before is the same transcript; one that breaks a rule is named, and the rest is taken.
    let broken = line(40).replace("Z\"", "\"");
    std::fs::write(&file, [lines.join("\n"), broken, line(41)].join("\n")).unwrap();
    let (code, said) = inject(&world, &file, &url, &["--restart"]).await;
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
