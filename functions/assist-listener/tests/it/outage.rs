//! SQS, Postgres and the stream come and go, whatever the stream speaks.

use std::time::{Duration, Instant};

use aws_double::Fault;
use cxone_simulator::{Fault as Refusal, FaultPlan, FaultRule, StreamTrouble};

use crate::world::{DIALECTS, Dialect, QUICK, World, sentences};

const ROUNDS: usize = 5;
/// So long something is gone: half of a lease.
const GONE: Duration = Duration::from_millis(700);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sqs_does_not_take_is_sent_again_in_its_order() {
    for dialect in DIALECTS {
        sqs_fails(dialect).await;
    }
}

async fn sqs_fails(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "what_sqs_does_not_take", QUICK).await else {
        return;
    };
    for (rate, fault) in [
        (0.1, Fault::Status(500)),
        (0.3, Fault::EntryFails(0)),
        (0.3, Fault::ExecuteThenLose),
    ] {
        world.double.fail_rate("SendMessageBatch", fault, rate, 7);
        let listening = world.listen(Duration::from_mins(2)).await;
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
    for dialect in DIALECTS {
        database_goes(dialect).await;
    }
}

async fn database_goes(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "while_the_database_is_gone", QUICK).await else {
        return;
    };
    // The notification socket's utterances count when they are complete.
    let rest = match dialect {
        Dialect::Frames => "And",
        Dialect::Notices => "",
    };
    let listening = world.listen(Duration::from_mins(2)).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Before.");
    world.is_told_once(["i-1".to_owned()]).await;
    for round in 0..ROUNDS {
        world.proxy.down();
        stream.speak("i-1", 0, &format!("While {round} it is gone. {rest}"));
        let new = format!("new-{round}");
        stream.say(&new, 0, "Somebody new.");
        // The notification socket tells whoever comes back of contacts that go on, and of no others.
        if dialect == Dialect::Frames {
            stream.end(&new);
        }
        tokio::time::sleep(GONE).await;
        world.proxy.up();
        world.is_told_once(["i-1".to_owned(), new.clone()]).await;
        stream.end(&new);
    }
    listening.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_while_the_stream_is_gone_is_forwarded_once_it_is_back() {
    for dialect in DIALECTS {
        stream_goes(dialect).await;
    }
}

async fn stream_goes(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "while_the_stream_is_gone", QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_mins(2)).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Before.");
    world.is_told_once(["i-1".to_owned()]).await;
    for round in 0..ROUNDS {
        let refuse = FaultRule::rate(dialect.path(), 1.0, Refusal::status(503));
        let plan = FaultPlan {
            seed: 3,
            rules: vec![refuse],
        };
        world.simulator.set_faults(plan).unwrap();
        stream.set_trouble(StreamTrouble {
            lose_every: Some(1),
            ..StreamTrouble::default()
        });
        stream.speak("i-1", 0, &format!("While {round} it is gone."));
        stream.say(&format!("new-{round}"), 0, "Somebody new.");
        tokio::time::sleep(GONE).await;
        assert_eq!(stream.connections(), 0);
        stream.set_trouble(StreamTrouble::default());
        world.simulator.clear_faults();
        // The stream tells of an interaction when something is said in it, and the notification socket to whoever subscribes.
        world.is_subscribed(2).await;
        stream.speak("i-1", 0, &format!("After {round} it is back."));
        stream.end(&format!("new-{round}"));
        world
            .is_told_once(["i-1".to_owned(), format!("new-{round}")])
            .await;
    }
    assert!(world.opened() > ROUNDS);
    listening.abort();
}

#[tokio::test]
async fn what_was_sent_is_settled_although_that_fails_at_first() {
    let Some(world) = World::start("what_was_sent_is_settled", QUICK).await else {
        return;
    };
    // Counted outside of transactions: what fails is taken back.
    let stumble = "
        CREATE SEQUENCE stumbles;
        CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.unsent IS NULL AND nextval('stumbles') <= 3 THEN
                RAISE EXCEPTION 'not now' USING ERRCODE = '40001';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER stumble BEFORE UPDATE ON stream_offsets FOR EACH ROW EXECUTE FUNCTION stumble()";
    world.rows.batch_execute(stumble).await.unwrap();
    let listening = world.listen(Duration::from_mins(2)).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "One.");
    stream.end("i-1");
    world.is_told_once(["i-1".to_owned()]).await;
    let begun = Instant::now();
    while world.count("stream_offsets WHERE has_words").await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it stays unsent");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.count("stumbles WHERE last_value > 3").await, 1);
    listening.abort();
}

#[tokio::test]
async fn whoever_leaves_while_the_database_fails_is_heard_all_the_same() {
    let Some(world) = World::start("whoever_leaves_while", QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_mins(2)).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Hello.");
    world.is_told_once(["i-1".to_owned()]).await;
    let hold = "BEGIN; LOCK TABLE stream_offsets IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    stream.say("i-2", 0, "Somebody new.");
    let waiting = "
        SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'stream_offsets'::regclass
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let begun = Instant::now();
    let waiting: i32 = loop {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody asks");
        if let Some(row) = world.rows.query(waiting, &[]).await.unwrap().first() {
            break row.get(0);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    // The end tells nothing of what was said, and comes while it is asked how far that was forwarded.
    stream.hang_up("i-2");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let kill = "SELECT pg_terminate_backend($1)";
    world.rows.query(kill, &[&waiting]).await.unwrap();
    world.rows.batch_execute("COMMIT").await.unwrap();
    world.is_told_once(["i-2".to_owned()]).await;
    listening.abort();
}
