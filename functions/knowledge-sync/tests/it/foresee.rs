//! What a run would change is told before it does, and nothing is written for it.

use std::collections::BTreeMap;

use cxone_simulator::Revision;
use serde_json::{Value, json};

use crate::world::{World, article};

const FORESEE: &str = include_str!("../../../../events/knowledge-sync.foresee.json");
/// What both the foreseen and the real run count.
const COUNTS: [&str; 7] = [
    "listed",
    "unchanged",
    "added",
    "updated",
    "left_out",
    "gone",
    "conflicts",
];

impl World {
    /// The content of every table, as one hash each.
    async fn tables(&self) -> BTreeMap<String, String> {
        let names = "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')";
        let mut tables = BTreeMap::new();
        for row in self.rows.query(names, &[]).await.unwrap() {
            let name: String = row.get(0);
            let content = format!(
                "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {name} t"
            );
            let content = self.rows.query_one(&content, &[]).await.unwrap();
            tables.insert(name, content.get(0));
        }
        tables
    }
}

fn counts(run: &Value) -> Vec<&Value> {
    COUNTS.iter().map(|name| &run[name]).collect()
}

#[tokio::test]
async fn a_run_is_foreseen_as_it_comes_and_nothing_is_written() {
    let Some(world) = World::start("a_run_is_foreseen", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let name = |number: u32| format!("a-{number:03}");
    let articles = (0..50).map(|number| article(&name(number), number, "Words."));
    knowledge.put_all(articles.collect());
    let before = world.tables().await;
    assert!(before.len() > 10, "{before:?}");
    let first = world.send(FORESEE).await.unwrap();
    assert_eq!(
        (&first["added"], &first["is_whole"]),
        (&50.into(), &true.into())
    );
    assert_eq!(
        world.tables().await,
        before,
        "not even on an empty database"
    );

    world.run("sync").await;
    let revision = Revision::of_content("en-US", "<p>Other words.</p>");
    knowledge.edit("a-007", revision).unwrap();
    knowledge.unpublish("a-008").unwrap();
    for gone in ["a-009", "a-041"] {
        knowledge.delete(gone).unwrap();
    }
    knowledge.put_all(vec![
        article("new", 60, "New."),
        article("a-005", 1, "Older."),
    ]);
    let (before, asked) = (world.tables().await, world.asked());
    let foreseen = world.send(FORESEE).await.unwrap();
    assert_eq!(world.tables().await, before, "{foreseen}");
    assert_eq!(world.asked(), asked, "no model was asked");
    let changes = foreseen["changes"].as_array().unwrap().iter();
    let mut told: Vec<_> = changes
        .map(|one| {
            (
                one["article"].as_str().unwrap(),
                one["change"].as_str().unwrap(),
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("a-005", "conflict"),
            ("a-007", "updated"),
            ("a-008", "left_out"),
            ("a-009", "gone"),
            ("a-041", "gone"),
            ("new", "added"),
        ],
        "{foreseen}"
    );
    let run = world.run("reconcile").await;
    assert_ne!(world.tables().await, before, "what a run writes is seen");
    let mut expected = counts(&run).into_iter().cloned().collect::<Vec<_>>();
    // A run that misses something reads the listing twice, and only the second time nothing is new.
    for position in [0, 1] {
        expected[position] = counts(&foreseen)[position].clone();
    }
    expected[6] = counts(&foreseen)[6].clone();
    assert_eq!(
        counts(&foreseen),
        expected.iter().collect::<Vec<_>>(),
        "{run}"
    );
}

#[tokio::test]
async fn what_would_be_held_is_said_and_what_is_new_is_foreseen_alone() {
    let Some(world) = World::start("what_would_be_held", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let name = |number: u32| format!("a-{number:03}");
    let articles = (0..40).map(|number| article(&name(number), number, "Words."));
    knowledge.put_all(articles.collect());
    world.run("sync").await;
    for number in 0..20 {
        knowledge.delete(&name(number)).unwrap();
    }
    let whole = world.send(FORESEE).await.unwrap();
    assert_eq!(whole["gone"], 20, "{whole}");
    assert!(
        whole["held"].as_str().unwrap().contains("20 of 40"),
        "{whole}"
    );
    let new = json!({ "task": "foresee" }).to_string();
    let new = world.send(&new).await.unwrap();
    assert_eq!(
        (&new["kind"], &new["gone"], &new["changes"]),
        (&"incremental".into(), &0.into(), &json!([])),
        "{new}"
    );
    let wrong = json!({ "task": "foresee", "kind": "sometimes" }).to_string();
    assert_eq!(world.send(&wrong).await.unwrap_err().error_type, "invalid");
}
