//! Full segments give way to the next ones, and the keeper is told; without any keeper writers go on.

use shared::queue::SegmentsMessage;

use crate::messages::completed;
use crate::world::{SEGMENTS, World};

/// Full with a few vectors, whatever the model.
const SMALL: (&str, &str) = ("SEGMENT_VALUES", "6000");

async fn states(world: &World) -> Vec<(String, i64)> {
    let sql = "SELECT state, count(*) FROM vector_segments GROUP BY 1 ORDER BY 1";
    world.tally(sql).await.into_iter().collect()
}

fn counted(states: [(&str, i64); 3]) -> Vec<(String, i64)> {
    let owned = states.map(|(state, count)| (state.to_owned(), count));
    owned.into()
}

async fn deliver(world: &World, from: usize, to: usize) {
    for number in from..to {
        let name = format!("conv-{number}");
        let body = completed(&name, &format!("Where is my parcel {number}?"));
        assert!(world.deliver(&[body]).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_full_segment_gives_way_and_the_keeper_is_told_once() {
    let Some(world) = World::start("a_full_segment_gives_way", &[SMALL]).await else {
        return;
    };
    deliver(&world, 0, 3).await;
    assert!(world.double.messages(SEGMENTS).is_empty(), "4,608 numbers");
    deliver(&world, 3, 9).await;
    assert_eq!(
        states(&world).await,
        counted([("closed", 2), ("fresh", 1), ("next", 1)])
    );
    let told = world.double.messages(SEGMENTS);
    let told = told
        .iter()
        .map(|one| SegmentsMessage::from_text(&one.body).unwrap());
    assert_eq!(told.collect::<Vec<_>>(), [SegmentsMessage::new(1); 2]);
    assert_eq!(world.texts().await.len(), 9);
}

#[tokio::test]
async fn without_a_next_segment_and_without_a_queue_writers_go_on() {
    let Some(world) = World::start("without_a_next_segment", &[SMALL]).await else {
        return;
    };
    deliver(&world, 0, 1).await;
    // Nobody can make one while this stands in the way.
    let none = "BEGIN; DELETE FROM vector_segments WHERE state = 'next'; LOCK TABLE conversation_embeddings IN SHARE UPDATE EXCLUSIVE MODE";
    world.rows.batch_execute(none).await.unwrap();
    deliver(&world, 1, 6).await;
    assert_eq!(world.texts().await.len(), 6);
    world.rows.batch_execute("COMMIT").await.unwrap();
    // Which one batch makes, the next one fills.
    deliver(&world, 6, 8).await;
    assert_eq!(
        states(&world).await,
        counted([("closed", 1), ("fresh", 1), ("next", 1)])
    );
    assert_eq!(world.texts().await.len(), 8);

    let nowhere = [
        SMALL,
        ("SEGMENTS_QUEUE_URL", "http://127.0.0.1:9/1/segments"),
    ];
    let app = world.again(&nowhere).await;
    let bodies: Vec<_> = (8..16)
        .map(|number| completed(&format!("conv-{number}"), "Where is it?"))
        .collect();
    let time = std::time::Duration::from_secs(30);
    let failed = crate::drive::deliver(&app, &bodies, time).await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(world.texts().await.len(), 16);
}
