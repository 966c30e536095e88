//! A random history of edits under faults: when the faults have stopped, two runs make the store equal to CXone.

use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule, KnowledgeEdit, Revision};
use fastrand::Rng;
use shared::testing::proof_size;

use crate::world::{World, article};

/// Ours is not the newer side where nobody edits here: what CXone says, counts.
const SETTINGS: [(&str, &str); 3] = [
    ("KNOWLEDGE_CONFLICTS", "take-remote"),
    ("KNOWLEDGE_MOST_REMOVED_PERCENT", "100"),
    ("KNOWLEDGE_PAGE", "10"),
];

#[tokio::test]
async fn after_the_faults_two_runs_make_the_store_equal() {
    for seed in 0..proof_size(3, 60) as u64 {
        let Some(world) = World::start("model", &SETTINGS).await else {
            return;
        };
        let mut draw = Rng::with_seed(seed);
        let knowledge = world.simulator.knowledge();
        knowledge.seed(seed, 40);
        for step in 0..6_u32 {
            let names: Vec<_> = knowledge
                .list()
                .iter()
                .map(|one| one.uuid.clone())
                .collect();
            let edits: Vec<_> = (0..draw.u32(0..12))
                .map(|number| edit(&mut draw, &names, step * 100 + number))
                .collect();
            for edit in edits {
                // It may have gone a moment ago.
                let _ = knowledge.apply(&[edit]);
            }
            world.simulator.set_faults(faults(&mut draw, seed)).unwrap();
            let task = ["sync", "sync", "reconcile"][draw.usize(..3)];
            let _ = world.invoke(task, Duration::from_secs(14)).await;
        }
        world.simulator.clear_faults();
        settle(&world).await;
        let fresh = World::beside(world.simulator.clone(), "model_fresh", &SETTINGS)
            .await
            .unwrap();
        settle(&fresh).await;
        assert_eq!(
            world.contents().await,
            fresh.contents().await,
            "seed {seed}"
        );
        let vectors = "knowledge_chunks c WHERE NOT EXISTS (SELECT FROM knowledge_vectors v WHERE v.chunk_id = c.id)";
        assert_eq!(world.count(vectors).await, 0, "seed {seed}");
    }
}

/// What was begun ends, and then everything is compared once.
async fn settle(world: &World) {
    for task in ["sync", "reconcile"] {
        let run = world.run(task).await;
        assert_eq!(run["state"], "done", "{run}");
    }
}

fn edit(draw: &mut Rng, names: &[String], number: u32) -> KnowledgeEdit {
    let uuid = names[draw.usize(..names.len())].clone();
    match draw.u8(..8) {
        0 => KnowledgeEdit::Delete { uuid },
        1 => KnowledgeEdit::Unpublish { uuid },
        2 => KnowledgeEdit::Rewind { uuid },
        3 => KnowledgeEdit::Tamper { uuid },
        4 => KnowledgeEdit::Put {
            article: article(&format!("new-{number}"), number, "New words."),
        },
        5 => KnowledgeEdit::Move {
            uuid,
            territory: Some("DE".to_owned()),
            category_uuid: None,
        },
        _ => KnowledgeEdit::Edit {
            uuid,
            revision: Revision::of_content("en-US", &format!("<p>Edit {number}.</p>")),
        },
    }
}

fn faults(draw: &mut Rng, seed: u64) -> FaultPlan {
    let unwell = |status| Fault::Status {
        status,
        retry_after: None,
        code: None,
        body: None,
    };
    let rules = vec![
        FaultRule::rate("knowledge", 0.2, unwell(503)),
        FaultRule::rate("knowledge", 0.1, Fault::ExecutedThenLost),
        FaultRule::rate("knowledge", 0.1, Fault::Cut),
        FaultRule::rate("knowledge", 0.1, Fault::RepeatedArticle),
        FaultRule::rate("/v1/embeddings", 0.2, unwell(500)),
    ];
    FaultPlan {
        seed: seed ^ draw.u64(..),
        rules,
    }
}
