//! Stored events are made into vectors anew.

use shared::db::conversation_events::{EventId, TextState, fetch_before_last};
use shared::db::conversations::{self, Prepared, Stored, store_again};
use shared::db::embedded::{
    Chosen, Progress, Waiting, count_missing, count_progress, fetch_missing, fetch_progress,
    let_wait,
};
use shared::db::vector_segments;
use shared::domain::ReceiptId;

use crate::stage::{Stage, alone, erasure_key, event, id, map, reading, rendition, silent, space};

/// The same event as another map reads it.
fn remapped(prepared: &Prepared, number: usize, texts: &[&str]) -> Prepared {
    let mut other = prepared.clone();
    let model = prepared.renditions[0].model;
    other.renditions = vec![rendition(model, texts)];
    other.renditions[0].map = map(number);
    other.event.state = if texts.is_empty() {
        TextState::NoText
    } else {
        TextState::Searchable
    };
    other
}

async fn again(stage: &Stage, batch: &[(EventId, Prepared)]) -> Vec<Stored> {
    store_again(&stage.database, batch).await.unwrap().stored
}

async fn by_model(stage: &Stage) -> Vec<String> {
    let sql = "SELECT m.name, c.text_content FROM conversation_embeddings c JOIN embedding_models m ON m.id = c.model_id
        ORDER BY m.name, c.text_content";
    stage.lines(sql).await
}

#[tokio::test]
async fn another_model_stands_beside_and_another_map_takes_the_place() {
    let Some(stage) = Stage::set("another_model").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let first = event(stage.model, "conv-1", "old", 0);
    stage.store(std::slice::from_ref(&first)).await;
    let at = stage.stored(&first).await;
    let mut beside = first.clone();
    beside.renditions = vec![rendition(two, &["old"])];
    assert_eq!(again(&stage, &[(at, beside.clone())]).await, [Stored::New]);
    assert_eq!(by_model(&stage).await, ["one old", "two old"]);
    let created =
        "SELECT string_agg(created_at::text, ' ' ORDER BY segment) FROM conversation_embeddings";
    let before = stage.lines(created).await;
    assert_eq!(again(&stage, &[(at, beside)]).await, [Stored::Duplicate]);
    assert_eq!(
        stage.lines(created).await,
        before,
        "nothing is written twice"
    );

    let other_map = remapped(&first, 2, &["new", "and more"]);
    assert_eq!(again(&stage, &[(at, other_map)]).await, [Stored::New]);
    assert_eq!(
        by_model(&stage).await,
        ["one and more", "one new", "two old"]
    );
    assert_eq!(
        again(&stage, &[(at, first)]).await,
        [Stored::New],
        "the first map comes back"
    );
    assert_eq!(by_model(&stage).await, ["one old", "two old"]);
}

#[tokio::test]
async fn what_is_not_finished_waits_and_never_outdoes_what_is() {
    let Some(stage) = Stage::set("what_is_not_finished").await else {
        return;
    };
    let unfinished = |texts: &[&str]| {
        let mut one = event(stage.model, "conv-1", "long", 0);
        one.renditions = vec![rendition(stage.model, texts)];
        one.renditions[0].is_finished = false;
        one
    };
    let left = async || {
        let readings = [reading("long", 1)];
        let progress = fetch_progress(&stage.database, stage.model, &readings).await;
        progress.unwrap().left
    };
    let first = unfinished(&["some"]);
    stage.store(std::slice::from_ref(&first)).await;
    let at = stage.stored(&first).await;
    assert_eq!(
        (stage.texts().await, left().await),
        (vec!["some".to_owned()], 1)
    );
    // It comes further with every run, under the same map.
    let further = unfinished(&["some", "more"]);
    assert_eq!(again(&stage, &[(at, further.clone())]).await, [Stored::New]);
    assert_eq!(
        (stage.texts().await, left().await),
        (vec!["more".to_owned(), "some".to_owned()], 1)
    );
    let mut whole = further.clone();
    whole.renditions = vec![rendition(stage.model, &["all"])];
    assert_eq!(again(&stage, &[(at, whole)]).await, [Stored::New]);
    assert_eq!(
        (stage.texts().await, left().await),
        (vec!["all".to_owned()], 0)
    );
    // A run that was slower comes too late.
    assert_eq!(again(&stage, &[(at, further)]).await, [Stored::Duplicate]);
    assert_eq!(
        (stage.texts().await, left().await),
        (vec!["all".to_owned()], 0)
    );
}

#[tokio::test]
async fn what_went_or_gave_way_meanwhile_is_left_alone() {
    let Some(stage) = Stage::set("what_went").await else {
        return;
    };
    let one = event(stage.model, "conv-1", "one", 0);
    let two = event(stage.model, "conv-2", "two", 0);
    let three = event(stage.model, "conv-3", "three", 0);
    stage
        .store(&[one.clone(), two.clone(), three.clone()])
        .await;
    let ids = [
        stage.stored(&one).await,
        stage.stored(&two).await,
        stage.stored(&three).await,
    ];
    conversations::erase(
        &stage.database,
        &erasure_key(),
        &id("conv-1"),
        ReceiptId::generate(),
    )
    .await
    .unwrap();
    stage
        .store(&[event(stage.model, "conv-2", "later", 1)])
        .await;
    let batch = [one, two, three].map(|one| remapped(&one, 2, &["new"]));
    let batch: Vec<_> = ids.into_iter().zip(batch).collect();
    assert_eq!(
        again(&stage, &batch).await,
        [Stored::Erased, Stored::Erased, Stored::New]
    );
    assert_eq!(stage.texts().await, ["later", "new"]);
    assert_eq!(
        stage.states().await,
        ["two superseded", "three searchable", "later searchable"]
    );
}

#[tokio::test]
async fn text_comes_and_goes_with_the_map_for_every_model() {
    let Some(stage) = Stage::set("text_comes_and_goes").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let mut first = event(stage.model, "conv-1", "words", 0);
    first.renditions.push(rendition(two, &["words"]));
    stage.store(std::slice::from_ref(&first)).await;
    let at = stage.stored(&first).await;
    assert_eq!(
        again(&stage, &[(at, remapped(&first, 2, &[]))]).await,
        [Stored::New]
    );
    assert_eq!(
        (by_model(&stage).await, stage.states().await),
        (vec![], vec!["words no_text".to_owned()])
    );
    assert_eq!(
        again(&stage, &[(at, remapped(&first, 3, &["found"]))]).await,
        [Stored::New]
    );
    assert_eq!(by_model(&stage).await, ["one found"]);
    assert_eq!(stage.states().await, ["words searchable"]);
}

#[tokio::test]
async fn an_event_that_gained_its_text_too_late_does_not_appear() {
    let Some(stage) = Stage::set("gained_too_late").await else {
        return;
    };
    let mute = silent(event(stage.model, "conv-1", "early", 0));
    stage
        .store(&[mute.clone(), event(stage.model, "conv-1", "late", 1)])
        .await;
    let at = stage.stored(&mute).await;
    assert_eq!(
        again(&stage, &[(at, remapped(&mute, 2, &["early"]))]).await,
        [Stored::New]
    );
    assert_eq!(stage.texts().await, ["late"]);
    assert_eq!(
        stage.states().await,
        ["early superseded", "late searchable"]
    );
}

#[tokio::test]
async fn an_event_that_gained_its_text_takes_the_place_of_an_earlier_one_in_the_same_batch() {
    let Some(stage) = Stage::set("gained_in_the_same_batch").await else {
        return;
    };
    let early = event(stage.model, "conv-1", "early", 0);
    let mute = silent(event(stage.model, "conv-1", "late", 1));
    stage.store(&[early.clone(), mute.clone()]).await;
    let ids = (stage.stored(&early).await, stage.stored(&mute).await);
    // The early one is done already: nothing but the later one's text takes its place.
    let batch = [(ids.0, early), (ids.1, remapped(&mute, 2, &["late"]))];
    assert_eq!(
        again(&stage, &batch).await,
        [Stored::Duplicate, Stored::New]
    );
    assert_eq!(stage.texts().await, ["late"]);
    assert_eq!(
        stage.states().await,
        ["early superseded", "late searchable"]
    );
}

#[tokio::test]
async fn what_gave_way_comes_back_when_the_later_one_loses_its_text() {
    let Some(stage) = Stage::set("what_gave_way_comes_back").await else {
        return;
    };
    let (first, early) = (
        event(stage.model, "conv-1", "said", 0),
        event(stage.model, "conv-1", "said", 1),
    );
    let late = event(stage.model, "conv-1", "later", 2);
    stage.store(&[first, early.clone(), late.clone()]).await;
    let at = stage.stored(&late).await;
    assert_eq!(
        again(&stage, &[(at, remapped(&late, 2, &[]))]).await,
        [Stored::New]
    );
    assert_eq!(
        stage.states().await,
        ["said superseded", "said searchable", "later no_text"]
    );
    // Its map is what it was; it is missing all the same, and made anew.
    let readings = [reading("said", 1), reading("later", 2)];
    let missing = fetch_missing(&stage.database, stage.model, &readings, None, 9);
    let missing = missing.await.unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(missing[0].event.key, early.event.key);
    assert_eq!(
        again(&stage, &[(missing[0].id, early)]).await,
        [Stored::New]
    );
    assert_eq!(stage.texts().await, ["said"]);
}

#[tokio::test]
async fn what_supersedes_no_more_stands_again_of_every_model_and_back() {
    let Some(stage) = Stage::set("what_supersedes_no_more").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let both = |text: &str, second| {
        let mut one = event(stage.model, "conv-1", text, second);
        one.renditions.push(rendition(two, &[text]));
        one
    };
    let events = [both("note", 0), both("note", 1), both("whole", 2)];
    stage.store(&events).await;
    // The event that they gave way to is read as before.
    for (number, supersedes, standing) in [(2, false, 3_u8), (1, true, 1), (2, false, 3)] {
        for model in [stage.model, two] {
            let mut notes = reading("note", number);
            notes.supersedes = supersedes;
            let readings = [notes, reading("whole", 1)];
            let missing = fetch_missing(&stage.database, model, &readings, None, 9);
            for stored in missing.await.unwrap() {
                let mut other = events[0].clone();
                other.event = stored.event;
                other.event.supersedes = supersedes;
                other.renditions = vec![rendition(model, &["note"])];
                other.renditions[0].map = map(number);
                again(&stage, &[(stored.id, other)]).await;
            }
            let progress = fetch_progress(&stage.database, model, &readings).await;
            assert_eq!(progress.unwrap().left, 0, "{readings:?}");
        }
        let texts = stage.texts().await;
        assert_eq!(texts.len(), usize::from(standing) * 2, "{texts:?}");
        let searchable = "SELECT count(*) FROM conversation_events WHERE state = 'searchable'";
        assert_eq!(stage.number(searchable).await, i64::from(standing));
    }
}

#[tokio::test]
async fn what_is_missing_is_listed_page_by_page_and_counted() {
    let Some(stage) = Stage::set("what_is_missing").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let mut batch: Vec<_> = (0..5)
        .map(|number| event(stage.model, &format!("conv-{number}"), "said", number))
        .collect();
    batch.push(event(stage.model, "conv-0", "said", 100));
    batch.push(alone(event(stage.model, "conv-1", "of another kind", 0)));
    stage.store(&batch).await;
    let maps = [reading("said", 1)];
    assert_eq!(
        fetch_progress(&stage.database, stage.model, &maps)
            .await
            .unwrap(),
        Progress { done: 5, left: 0 }
    );
    assert_eq!(
        fetch_progress(&stage.database, two, &maps).await.unwrap(),
        Progress { done: 0, left: 5 }
    );
    let other = [reading("said", 2)];
    assert_eq!(
        fetch_progress(&stage.database, stage.model, &other)
            .await
            .unwrap(),
        Progress { done: 0, left: 5 }
    );
    let mut after = None;
    let mut listed = Vec::new();
    loop {
        let page = fetch_missing(&stage.database, two, &maps, after, 2)
            .await
            .unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        listed.extend(page);
    }
    let found: Vec<_> = listed
        .iter()
        .map(|stored| stored.event.conversation_id.as_str())
        .collect();
    assert_eq!(
        found,
        ["conv-1", "conv-2", "conv-3", "conv-4", "conv-0"],
        "the superseded one is not among them"
    );
    let (given, read) = (&batch[5].event, &listed[4].event);
    assert_eq!(
        (&given.key, &given.raw, given.receipt_id),
        (&read.key, &read.raw, read.receipt_id)
    );
    assert_eq!(
        (given.occurred_at, given.received_at),
        (read.occurred_at, read.received_at)
    );
    assert_eq!(
        (&given.event, given.raw_masked, given.supersedes),
        (&read.event, read.raw_masked, read.supersedes)
    );
}

#[tokio::test]
async fn a_page_of_large_payloads_is_short() {
    let Some(stage) = Stage::set("a_page_of_large_payloads").await else {
        return;
    };
    for (number, megabytes) in [12, 12, 12, 40, 0, 0].into_iter().enumerate() {
        let conversation = format!("conv-{number}");
        let mut large = event(stage.model, &conversation, "said", 0);
        large.event.raw = format!("\"{}\"", "x".repeat(megabytes << 20));
        stage.store(&[large]).await;
    }
    let readings = [reading("said", 2)];
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = fetch_missing(&stage.database, stage.model, &readings, after, 4);
        let page = page.await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        pages.push(page.len());
    }
    assert_eq!(
        pages,
        [3, 1, 2],
        "a page ends with the payload that fills it"
    );
}

#[tokio::test]
async fn a_count_that_takes_too_long_is_no_count() {
    let Some(stage) = Stage::set("a_count_that_takes_too_long").await else {
        return;
    };
    stage.store(&[event(stage.model, "conv", "said", 0)]).await;
    let maps = [reading("said", 1)];
    let count = async |ms: u64| {
        let time = std::time::Duration::from_millis(ms);
        let counted = count_progress(&stage.database, stage.model, &maps, time).await;
        counted.unwrap()
    };
    let hold = "BEGIN; LOCK TABLE embedded IN ACCESS EXCLUSIVE MODE";
    stage.bystander.batch_execute(hold).await.unwrap();
    assert_eq!(count(50).await, None);
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    assert_eq!(count(5_000).await, Some(Progress { done: 1, left: 0 }));
}

#[tokio::test]
async fn events_are_let_wait_step_by_step() {
    let Some(stage) = Stage::set("let_wait_step_by_step").await else {
        return;
    };
    let batch: Vec<_> = (0..5)
        .map(|number| event(stage.model, &format!("conv-{number}"), "said", number))
        .collect();
    stage.store(&batch).await;
    // The second one has no marks: it waits already.
    let unmarked = "DELETE FROM embedded WHERE event_id = (SELECT id FROM conversation_events ORDER BY id OFFSET 1 LIMIT 1)";
    stage.bystander.batch_execute(unmarked).await.unwrap();
    assert_eq!(missing(&stage, None, 9).await, Some(1));
    let fifth = jiff::Timestamp::from_second(1_768_473_004).unwrap();
    let before = Chosen {
        to: Some(fifth),
        ..Chosen::default()
    };
    assert_eq!(steps(&stage, &before).await, [2, 1, 0]);
    let waiting =
        "SELECT e.conversation_id FROM embedded d JOIN conversation_events e ON e.id = d.event_id
        WHERE d.words_version = 0 ORDER BY 1";
    assert_eq!(stage.lines(waiting).await, ["conv-0", "conv-2", "conv-3"]);
    assert_eq!(missing(&stage, None, 9).await, Some(4));
    let fewer = missing(&stage, None, 2).await;
    assert_eq!(fewer, Some(2), "no more are looked for");
    // Those that came last, by their numbers: all, and none.
    for (numbers, expected) in [(1_000, 4), (0, 0)] {
        let before = fetch_before_last(&stage.database, numbers).await.unwrap();
        assert_eq!(missing(&stage, Some(before), 9).await, Some(expected));
    }
    // A step without any of them is not the end.
    let from = Chosen {
        from: Some(fifth),
        ..Chosen::default()
    };
    assert_eq!(steps(&stage, &from).await, [0, 1, 0]);
    let of_one = Chosen {
        conversation: Some(id("conv-3")),
        ..Chosen::default()
    };
    assert_eq!(steps(&stage, &of_one).await, [1, 0]);
    let of_one_later = Chosen {
        from: Some(fifth),
        ..of_one
    };
    assert_eq!(steps(&stage, &of_one_later).await, [0, 0]);
}

/// How many events lack the model, of so many that are looked for.
async fn missing(stage: &Stage, after: Option<EventId>, most: i64) -> Option<i64> {
    let readings = [reading("said", 1)];
    let time = std::time::Duration::from_secs(9);
    let (database, model) = (&stage.database, stage.model);
    let missing = count_missing(database, model, &readings, after, most, time).await;
    missing.unwrap()
}

/// How many events wait after each step of three.
async fn steps(stage: &Stage, chosen: &Chosen) -> Vec<u64> {
    let (mut after, mut steps) = (None, Vec::new());
    loop {
        let step = let_wait(&stage.database, chosen, after, 3).await;
        let Waiting { events, last } = step.unwrap();
        steps.push(events);
        after = last;
        if after.is_none() {
            return steps;
        }
    }
}
