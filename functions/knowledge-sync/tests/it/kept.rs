//! Where our side of an article stays, search finds it for ever, with the words and the models of today.

use crate::world::{World, article};

/// As if the words had been counted otherwise, and by other models.
const BEFORE: &str = "UPDATE knowledge_chunks SET words = 0, analysis = NULL, words_version = NULL;
    UPDATE knowledge_articles SET rendered_as = 'before'; TRUNCATE word_blocks, word_postings; DELETE FROM knowledge_vectors";

#[tokio::test]
async fn an_article_in_conflict_is_made_anew_with_its_own_text() {
    for policy in ["skip", "flag"] {
        let Some(world) =
            World::start("an_article_in_conflict", &[("KNOWLEDGE_CONFLICTS", policy)]).await
        else {
            return;
        };
        let knowledge = world.simulator.knowledge();
        knowledge.put(article("cups", 1, "Two cups."));
        world.run("sync").await;
        knowledge.tamper("cups").unwrap();
        world.run("reconcile").await;
        let ours = world.contents().await;
        assert!(
            format!("{ours:?}").contains("Two cups"),
            "{policy}: {ours:?}"
        );
        world.rows.batch_execute(BEFORE).await.unwrap();

        let run = world.run("reconcile").await;
        assert_eq!(
            (&run["state"], &run["conflicts"]),
            (&"done".into(), &1.into()),
            "{policy}: {run}"
        );
        assert_eq!(world.contents().await, ours, "{policy}");
        let lost = "knowledge_chunks c WHERE words = 0 OR analysis IS NULL
            OR NOT EXISTS (SELECT FROM knowledge_vectors v WHERE v.chunk_id = c.id)";
        assert_eq!(
            world.count(lost).await,
            0,
            "{policy}: search does not find it"
        );
        assert_eq!(world.count("word_blocks").await, 1, "{policy}");
        let marked = "knowledge_documents WHERE metadata ? 'conflict'";
        let is_marked = world.count(marked).await == 1;
        assert_eq!(is_marked, policy == "flag", "{policy}");
        world.simulator.clear_requests();
        world.run("reconcile").await;
        assert_eq!(world.asked(), 0, "{policy}: once is enough");
        let again = "knowledge_articles WHERE rendered_as = 'before'";
        assert_eq!(world.count(again).await, 0, "{policy}");
    }
}

#[tokio::test]
async fn an_article_that_was_kept_is_rendered_when_both_sides_agree_again() {
    let Some(world) = World::start("an_article_that_was_kept", &[]).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    let cups = || article("cups", 1, "Two cups.");
    knowledge.put(cups());
    world.run("sync").await;
    knowledge.tamper("cups").unwrap();
    world.run("reconcile").await;
    // As if the pieces were cut otherwise today.
    let before = "UPDATE knowledge_articles SET rendered_as = 'before';
        UPDATE knowledge_chunks SET text_content = 'as it was cut before', content_hash = sha256('as it was cut before')";
    world.rows.batch_execute(before).await.unwrap();
    world.run("reconcile").await;
    let kept = world.contents().await;
    assert!(
        format!("{kept:?}").contains("as it was cut before"),
        "{kept:?}"
    );
    knowledge.put(cups());
    world.run("reconcile").await;
    let now = world.contents().await;
    assert!(format!("{now:?}").contains("Two cups"), "{now:?}");
}
