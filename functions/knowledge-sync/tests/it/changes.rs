//! What changes at CXone is here after the next run, and nothing else is done.

use cxone_simulator::{Drift, KnowledgeEdit, KnowledgeUpdate, Revision, SettingsUpdate};

use crate::world::{World, article};

#[tokio::test]
async fn articles_come_change_and_go_from_search() {
    let Some(world) = World::start("articles_come_change", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put_all(vec![
        article("cups", 1, "Two cups."),
        article("plates", 2, "Four plates."),
    ]);
    let run = world.run("sync").await;
    assert_eq!(
        (&run["state"], &run["added"]),
        (&"done".into(), &2.into()),
        "{run}"
    );
    let asked = world.asked();
    assert!(asked > 0);

    knowledge
        .edit("cups", Revision::of_content("en-US", "<p>Three cups.</p>"))
        .unwrap();
    let run = world.run("sync").await;
    assert_eq!(
        (&run["updated"], &run["added"]),
        (&1.into(), &0.into()),
        "{run}"
    );
    let contents = world.contents().await;
    let texts: Vec<_> = contents.iter().flat_map(|(.., texts)| texts).collect();
    assert!(
        texts.iter().any(|text| text.contains("Three cups")),
        "{texts:?}"
    );
    assert!(
        !texts.iter().any(|text| text.contains("Two cups")),
        "{texts:?}"
    );

    knowledge.unpublish("plates").unwrap();
    let run = world.run("sync").await;
    assert_eq!(run["left_out"], 1, "{run}");
    assert_eq!(world.live().await, ["cups".to_owned()].into());
}

#[tokio::test]
async fn an_idle_run_asks_for_what_is_new_and_whether_that_is_all_and_embeds_nothing() {
    let Some(world) = World::start("an_idle_run", &[]).await else {
        return;
    };
    world.simulator.knowledge().seed(7, 60);
    world.run("sync").await;
    world.simulator.clear_requests();
    let generation = "SELECT generation FROM knowledge_sync";
    let before: i64 = world.rows.query_one(generation, &[]).await.unwrap().get(0);
    let run = world.run("sync").await;
    let after: i64 = world.rows.query_one(generation, &[]).await.unwrap().get(0);
    assert_eq!((world.listed(), world.asked()), (2, 0), "{run}");
    assert_eq!(before, after, "search would drop its caches for nothing");
}

#[tokio::test]
async fn a_tenant_that_gives_fewer_articles_than_it_is_asked_for_loses_none() {
    let Some(world) = World::start("a_tenant_that_gives_fewer", &[]).await else {
        return;
    };
    world.simulator.update(SettingsUpdate {
        knowledge: KnowledgeUpdate {
            page_limit: Some(7),
            ..KnowledgeUpdate::default()
        },
        ..SettingsUpdate::default()
    });
    let articles = (0..30).map(|number| article(&format!("a-{number:03}"), number, "Words."));
    world.simulator.knowledge().put_all(articles.collect());
    let run = world.run("sync").await;
    assert_eq!(
        (&run["state"], &run["added"]),
        (&"done".into(), &30.into()),
        "{run}"
    );
}

#[tokio::test]
async fn a_metadata_edit_costs_no_embedding() {
    let Some(world) = World::start("a_metadata_edit", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.put(article("cups", 1, "Two cups."));
    world.run("sync").await;
    world.simulator.clear_requests();
    knowledge.move_to_category("cups", "c-2").unwrap();
    let run = world.run("sync").await;
    assert_eq!((&run["metadata"], world.asked()), (&1.into(), 0), "{run}");
    let category = "knowledge_documents WHERE metadata->>'category' = 'c-2'";
    assert_eq!(world.count(category).await, 1);
}

#[tokio::test]
async fn what_moves_between_two_pages_is_neither_missed_nor_doubled() {
    let Some(world) = World::start("what_moves", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let name = |number: u32| format!("a-{number:03}");
    let articles = (0..90).map(|number| article(&name(number), number, "Words."));
    knowledge.put_all(articles.collect());
    // Fifteen articles of the first page go while the second one is asked for: everything behind moves up by fifteen.
    let edits = (0..15).map(|number| KnowledgeEdit::Delete { uuid: name(number) });
    let edited = KnowledgeEdit::Edit {
        uuid: name(17),
        revision: Revision::of_content("en-US", "<p>Other words.</p>"),
    };
    let edits = edits.chain([edited]).collect();
    knowledge.set_drift(vec![Drift {
        after_page: 1,
        edits,
    }]);
    let run = world.run("sync").await;
    assert_eq!(run["state"], "done", "{run}");
    // The deleted ones stay until the next reconcile; none of the others may lack.
    let live = world.live().await;
    for number in 15..90 {
        assert!(live.contains(&name(number)), "{number} is missing");
    }
    let contents = world.contents().await;
    let edited = contents.iter().find(|(id, ..)| *id == name(17)).unwrap();
    assert!(edited.3.concat().contains("Other words"), "{edited:?}");
    assert_eq!(contents.len(), live.len());
}

#[tokio::test]
async fn conflicts_are_recorded_once_and_decided_by_the_policy() {
    for (policy, wins) in [
        ("skip", "ours"),
        ("take-remote", "theirs"),
        ("flag", "ours"),
    ] {
        let Some(world) = World::start("conflicts", &[("KNOWLEDGE_CONFLICTS", policy)]).await
        else {
            return;
        };
        let knowledge = world.simulator.knowledge();
        knowledge.put(article("cups", 1, "Two cups."));
        world.run("sync").await;
        knowledge.tamper("cups").unwrap();
        world.run("reconcile").await;
        world.run("reconcile").await;
        assert_eq!(world.count("knowledge_conflicts").await, 1, "{policy}");
        let contents = world.contents().await;
        let (.., texts) = contents.first().unwrap();
        let found = if texts.concat().contains("without a trace") {
            "theirs"
        } else {
            "ours"
        };
        assert_eq!(found, wins, "{policy}: {texts:?}");
        let flagged = world
            .count("knowledge_documents WHERE metadata ? 'conflict'")
            .await;
        assert_eq!(flagged, i64::from(policy == "flag"));
    }
}

#[tokio::test]
async fn articles_from_before_get_their_words_and_no_model_is_asked() {
    let Some(world) = World::start("articles_from_before", &[]).await else {
        return;
    };
    world.simulator.knowledge().seed(7, 30);
    world.run("sync").await;
    let before = "UPDATE knowledge_chunks SET words = 0, analysis = NULL, words_version = NULL;
        UPDATE knowledge_articles SET rendered_as = 'before'; TRUNCATE word_blocks, word_postings";
    world.rows.batch_execute(before).await.unwrap();
    let chunks = world.count("knowledge_chunks").await;
    world.simulator.clear_requests();
    let run = world.run("reconcile").await;
    assert_eq!((&run["state"], world.asked()), (&"done".into(), 0), "{run}");
    let with = "knowledge_chunks WHERE words > 0 AND analysis IS NOT NULL";
    assert_eq!(world.count(with).await, chunks);
    let without =
        "knowledge_chunks c WHERE NOT EXISTS (SELECT FROM knowledge_vectors WHERE chunk_id = c.id)";
    assert_eq!(world.count(without).await, 0);
    let wrong = "knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id WHERE d.locale LIKE 'en%' AND c.analysis <> 'english'";
    assert_eq!(world.count(wrong).await, 0);
    let blocks = "SELECT sum(chunks)::int8 FROM word_blocks";
    let stand: i64 = world.rows.query_one(blocks, &[]).await.unwrap().get(0);
    assert_eq!(stand, chunks);
}
