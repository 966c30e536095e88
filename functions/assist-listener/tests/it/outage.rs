//! SQS and Postgres come and go.

use std::time::Duration;

use aws_double::Fault;

use crate::world::{QUICK, World, sentences};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sqs_does_not_take_is_sent_again_in_its_order() {
    let Some(world) = World::start("what_sqs_does_not_take", QUICK).await else {
        return;
    };
    for (rate, fault) in [
        (0.1, Fault::Status(500)),
        (0.3, Fault::EntryFails(0)),
        (0.3, Fault::ExecuteThenLose),
    ] {
        world.double.fail_rate("SendMessageBatch", fault, rate, 7);
        let listening = world.listen(Duration::from_secs(120)).await;
        let name = |number| format!("{rate}-{number}-{}", world.forwarded().len());
        let names: Vec<_> = (0..8).map(name).collect();
        for sentence in 0..12 {
            for (number, name) in names.iter().enumerate() {
                world
                    .simulator
                    .stream()
                    .speak(name, 0, &sentences(number, 12)[sentence]);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        world.is_told_once(names).await;
        listening.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_gone_everything_is_kept() {
    let Some(world) = World::start("while_the_database_is_gone", QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_secs(120)).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Before.");
    world.is_told_once(["i-1".to_owned()]).await;
    for round in 0..5 {
        world.proxy.down();
        stream.speak("i-1", 0, &format!("While {round} it is gone. And"));
        stream.say(&format!("new-{round}"), 0, "Somebody new.");
        stream.end(&format!("new-{round}"));
        tokio::time::sleep(Duration::from_millis(700)).await;
        world.proxy.up();
        world
            .is_told_once(["i-1".to_owned(), format!("new-{round}")])
            .await;
    }
    listening.abort();
}
