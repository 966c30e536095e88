//! The platform freezes an environment between two events. When it thaws, what was connected is not.

use std::time::Duration;

use rustix::process::Signal;
use shared::testing::proof_size;

use crate::world::{AMPLE, DEAD, Queue, World, completed, names};

#[tokio::test]
async fn no_event_after_a_freeze_fails() {
    let Some(world) = World::start("no_event_after_a_freeze_fails").await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let mut all = names("before", 10);
    let mut queue = Queue::of(&all);
    assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
    // A short freeze ends before the process's own clocks tell it to distrust a connection; a long one after.
    for seconds in [1, proof_size(5, 60), proof_size(1, 60)] {
        process.signal(Signal::STOP);
        tokio::time::sleep(Duration::from_secs(seconds as u64)).await;
        for wire in [
            &world.wires.aws,
            &world.wires.database,
            &world.wires.provider,
        ] {
            wire.down();
            wire.up();
        }
        process.signal(Signal::CONT);
        let conversations = names(&format!("{seconds}-{}", all.len()), 10);
        let mut queue = Queue::of(&conversations);
        // It also parks, which takes a connection to SQS.
        queue.send("{}".to_owned());
        let answered = queue.deliver(&mut process, AMPLE).await;
        assert!(
            answered && queue.is_empty(),
            "{seconds} s: {} are left: {}",
            queue.len(),
            process.log()
        );
        all.extend(conversations);
    }
    assert_eq!(world.double.message_count(DEAD), 3);
    assert_eq!(
        world.count("conversation_events").await,
        i64::try_from(all.len()).unwrap()
    );
    let mut queue = Queue::default();
    queue.send(completed("after", "It is still here."));
    assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
}
