//! Two hours of calls, compressed: listeners come, go and are killed, connections are lost, SQS fails at times.

use std::time::{Duration, Instant};

use aws_double::Fault;
use cxone_simulator::StreamTrouble;
use shared::testing::proof_size;

use crate::world::{DIALECTS, Dialect, QUICK, World, sentences};

/// Sentences of a call of five minutes.
const SENTENCES: usize = 100;
/// Long enough for any machine.
const LIFE: Duration = Duration::from_secs(30);
/// Calls after each other in two hours.
const CALLS: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hours_of_calls_are_forwarded_once() {
    let [frames, notices] = DIALECTS.map(two_hours);
    tokio::join!(frames, notices);
}

async fn two_hours(dialect: Dialect) {
    let mut rhythm = QUICK;
    rhythm.leaving = Duration::from_millis(29_500);
    let Some(world) = World::speaking(dialect, "two_hours_of_calls", rhythm).await else {
        return;
    };
    let agents = proof_size(1, 12);
    world
        .double
        .fail_rate("SendMessageBatch", Fault::ExecuteThenLose, 0.02, 5);
    let stream = world.simulator.stream();
    stream.set_trouble(StreamTrouble {
        lose_every: Some(1_499),
        double_every: Some(97),
        junk_every: Some(211),
        ..StreamTrouble::default()
    });
    let begun = Instant::now();
    let names: Vec<Vec<String>> = (0..CALLS)
        .map(|call| {
            (0..agents)
                .map(|agent| format!("call-{call}-{agent}"))
                .collect()
        })
        .collect();
    let speaking = async {
        for (call, names) in names.iter().enumerate() {
            let said: Vec<_> = (0..agents)
                .map(|agent| sentences(call * agents + agent, SENTENCES))
                .collect();
            for sentence in 0..SENTENCES {
                for (name, said) in names.iter().zip(&said) {
                    world
                        .simulator
                        .stream()
                        .speak(name, sentence % 2, &said[sentence]);
                }
                tokio::time::sleep(Duration::from_millis(4)).await;
            }
            if dialect == Dialect::Notices {
                // This socket tells whoever comes late of contacts that go on, and of no others.
                world.is_told_once(names.clone()).await;
            }
            for name in names {
                stream.end(name);
            }
        }
    };
    let (mut handovers, mut kills) = (0, 0);
    let following = async {
        let mut current = world.listen(LIFE).await;
        loop {
            tokio::time::sleep(Duration::from_millis(700)).await;
            let mut next = world.listen(LIFE).await;
            if (handovers + kills) % 3 == 2 {
                current.abort();
                // Until its lease is over, nobody can follow.
                tokio::time::sleep(world.rhythm.lease * 2).await;
                kills += 1;
                current = next;
                continue;
            }
            handovers += 1;
            // On a slow machine the lease may have been lost to the other one before.
            current = tokio::select! {
                left = &mut current => left.unwrap().map(|_| next).unwrap(),
                left = &mut next => left.unwrap().map(|_| current).unwrap(),
            };
        }
    };
    tokio::select! {
        () = speaking => {}
        () = following => {}
    }
    let spoken = begun.elapsed();
    assert!(handovers > 0, "{spoken:?}");
    stream.set_trouble(StreamTrouble::default());
    let last = world.listen(Duration::from_mins(2)).await;
    for name in names.iter().flatten() {
        stream.end(name);
    }
    world.is_told_once(names.into_iter().flatten()).await;
    let forwarded = world.forwarded().len();
    println!(
        "{dialect:?}: {forwarded} utterances of {} calls in {spoken:?}; {handovers} hand-overs, {kills} kills: 0 lost, 0 double",
        CALLS * agents
    );
    last.abort();
}
