//! The connection is lost at every frame, in every way: nothing is lost with it, and nothing doubled.

use std::time::Duration;

use cxone_simulator::StreamTrouble;

use crate::world::{DIALECTS, Dialect, QUICK, World, sentences};

#[tokio::test]
async fn a_drop_at_any_frame_loses_and_doubles_nothing() {
    for dialect in DIALECTS {
        drop_at_every_frame(dialect).await;
    }
}

async fn drop_at_every_frame(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "a_drop_at_any_frame", QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_mins(2)).await;
    let stream = world.simulator.stream();
    let words = sentences(0, 4).join(" ").split(' ').count();
    let mut names = Vec::new();
    for at in 1..=u64::try_from(words).unwrap() {
        for (way, trouble) in ways(at).into_iter().enumerate() {
            let name = format!("i-{at}-{way}");
            stream.set_trouble(trouble);
            for word in sentences(names.len(), 4).join(" ").split(' ') {
                stream.say(&name, 0, word);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            names.push(name);
        }
    }
    stream.set_trouble(StreamTrouble::default());
    world.is_subscribed(names.len()).await;
    // The last frame of some went with a connection; the stream ends every interaction with one that holds everything, and the notification
    // socket told it again to whoever subscribed again.
    for name in &names {
        stream.end(name);
    }
    println!(
        "{dialect:?}: {} interactions of {words} frames",
        names.len()
    );
    world.is_told_once(names).await;
    let lost = world.opened();
    println!("{lost} connections");
    assert!(lost > words);
    listening.abort();
}

/// All ways in which the connection can end at this frame.
fn ways(at: u64) -> [StreamTrouble; 4] {
    let trouble = StreamTrouble::default;
    [
        StreamTrouble {
            lose_every: Some(at),
            ..trouble()
        },
        StreamTrouble {
            drop_every: Some(at),
            ..trouble()
        },
        StreamTrouble {
            drop_every: Some(at),
            close_code: Some(1_011),
            ..trouble()
        },
        StreamTrouble {
            drop_every: Some(at),
            junk_every: Some(1),
            double_every: Some(2),
            huge_every: Some(7),
            ..trouble()
        },
    ]
}
