//! The knowledge base of the simulator, as a sync would read it.

use std::collections::BTreeSet;

use cxone_simulator::Revision;
use shared::cxone::knowledge::Changes;

use super::*;

/// A world whose interface is the simulator's own, with so many articles.
async fn with_articles(count: usize) -> (World, Knowledge) {
    let world = World::start(|_| status(500)).await;
    world.simulator.knowledge().seed(7, count);
    let settings = settings(&world.simulator, world.simulator.url(), &json!({}));
    let knowledge = settings.knowledge_at(&world.sdk, quick()).unwrap();
    (world, knowledge)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// All pages.
async fn read_all(knowledge: &Knowledge, mut query: ListArticles) -> Vec<ArticlePage> {
    let mut pages = Vec::new();
    loop {
        let page = knowledge.list(&query, soon()).await.unwrap();
        let is_last = page.is_last;
        pages.push(page);
        if is_last {
            return pages;
        }
        query.offset += u64::from(query.limit.get());
    }
}

fn ids(pages: &[ArticlePage]) -> BTreeSet<String> {
    let articles = pages.iter().flat_map(|page| &page.articles);
    articles.map(|article| article.id.to_string()).collect()
}

#[tokio::test]
async fn every_article_is_read_under_faults_and_revoked_tokens() {
    let (world, knowledge) = with_articles(250).await;
    let there: BTreeSet<_> = world
        .simulator
        .knowledge()
        .list()
        .iter()
        .map(|it| it.uuid.clone())
        .collect();
    let faults = [
        Fault::status(429),
        Fault::status(500),
        Fault::status(401),
        Fault::Lost,
        Fault::ExecutedThenLost,
        Fault::Cut,
        Fault::NotJson,
    ];
    let rule = |fault| FaultRule::rate("/api/v2/knowledge", 0.03, fault);
    let rules = faults.into_iter().map(rule).collect();
    world
        .simulator
        .set_faults(FaultPlan { seed: 1, rules })
        .unwrap();
    for limit in [100, 7] {
        world.simulator.revoke_tokens(None);
        let limit = NonZeroU32::new(limit).unwrap();
        let pages = read_all(&knowledge, ListArticles { limit, ..all() }).await;
        let flaws: Vec<_> = pages.iter().flat_map(|page| &page.flaws).collect();
        assert!(flaws.is_empty(), "{flaws:?}");
        assert!(pages.iter().all(|page| page.server_time.is_some()));
        assert_eq!(ids(&pages), there);
    }
    let asked = world.simulator.requests("/api/v2/knowledge");
    let struck = asked.iter().filter(|it| it.fault.is_some()).count();
    println!("{} requests, {struck} struck", asked.len());
    assert!(struck > 3);
}

#[tokio::test]
async fn only_what_was_edited_since_is_read() {
    let (world, knowledge) = with_articles(50).await;
    let hand = world.simulator.knowledge();
    let uuid = hand.list()[10].uuid.clone();
    let since = jiff::Timestamp::now() - SignedDuration::from_secs(1);
    hand.edit(&uuid, Revision::default()).unwrap();
    let query = ListArticles {
        modified_since: Some(since),
        ..all()
    };
    assert_eq!(
        ids(&read_all(&knowledge, query).await),
        BTreeSet::from([uuid])
    );
    let changes = knowledge.changes(None, soon()).await.unwrap();
    let Changes::Some {
        last_modified: Some(last),
        articles,
        is_whole: true,
        ..
    } = changes
    else {
        panic!("{changes:?}")
    };
    assert!(!articles.is_empty());
    let again = knowledge.changes(Some(last), soon()).await.unwrap();
    assert_eq!(again, Changes::None);
}
