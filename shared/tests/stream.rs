//! The stream of interactions against the simulator's: whatever happens to the connection, it is open again, and what came is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_double::AwsDouble;
use cxone_simulator::{
    Fault, FaultPlan, FaultRule, Settings as Simulated, Simulator, StreamTrouble,
};
use serde_json::json;
use shared::config::Env;
use shared::cxone::Settings;
use shared::cxone::profile::Capability;
use shared::cxone::stream::{InteractionStream, News, Pulse};
use shared::error::Error;
use shared::retry::Backoff;
use shared::{aws, testing};
use tokio::task::JoinHandle;

const PATH: &str = "/api/v2/interactions/events";
const QUICK: Pulse = Pulse {
    connect: Duration::from_secs(5),
    ping: Duration::from_secs(20),
    pong: Duration::from_secs(10),
    backoff: Backoff {
        first: Duration::from_millis(5),
        most: Duration::from_millis(20),
    },
};

/// Somebody who listens, and what was told.
struct World {
    simulator: Simulator,
    told: Arc<Mutex<Vec<String>>>,
    listening: JoinHandle<Error>,
    _double: AwsDouble,
}

impl World {
    async fn start(pulse: Pulse) -> Self {
        let world = Self::facing(pulse, vec![]).await;
        world.wait("open").await;
        world
    }

    async fn facing(pulse: Pulse, rules: Vec<FaultRule>) -> Self {
        let simulator = Simulator::start(Simulated::default()).unwrap();
        simulator.set_faults(FaultPlan { seed: 3, rules }).unwrap();
        let double = AwsDouble::start(aws_double::Options::default()).unwrap();
        let stream = stream(&simulator, &double, pulse).await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&told);
        let tell = move |news| note.lock().unwrap().push(said(news));
        let listening = tokio::spawn(async move { stream.listen(tell).await });
        Self {
            simulator,
            told,
            listening,
            _double: double,
        }
    }

    fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    fn count(&self, what: &str) -> usize {
        self.told().iter().filter(|it| it.starts_with(what)).count()
    }

    /// Waits until something is told once more than so far.
    async fn wait(&self, what: &str) {
        self.wait_for(what, 1).await;
    }

    async fn wait_for(&self, what: &str, times: usize) {
        let begun = Instant::now();
        while self.count(what) < times {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{what}: {:?}",
                self.told()
            );
            assert!(!self.listening.is_finished(), "{:?}", self.told());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn stream(simulator: &Simulator, double: &AwsDouble, pulse: Pulse) -> InteractionStream {
    let sdk = testing::aws_at(&double.endpoint()).await;
    let secret = aws::secrets_client(&sdk).create_secret().name("cxone");
    let text = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
    secret.secret_string(text).send().await.unwrap();
    let url = simulator.url();
    let profile = json!({"base_url": url, "token": {"url": format!("{url}/as/token.oauth2")}});
    let pairs = [
        ("CXONE_SECRET_ID", "cxone"),
        ("CXONE_PROFILE", &profile.to_string()),
    ];
    let env = Env::from_pairs(pairs);
    let mut read = env.reader();
    let settings = Settings::read(&mut read, &[Capability::Assist]).unwrap();
    settings.stream(&sdk, pulse).unwrap()
}

fn said(news: News) -> String {
    match news {
        News::Open => "open".to_owned(),
        News::Heard(heard) => {
            let texts: Vec<_> = heard
                .lines
                .iter()
                .map(|line| &line.transcript[..])
                .collect();
            format!(
                "{}{}: {}",
                heard.id,
                if heard.has_ended { "!" } else { "" },
                texts.join("|")
            )
        }
        News::Flawed(flaw) => format!("flaw {flaw}"),
        News::Lost(why) => format!("lost: {why}"),
    }
}

#[tokio::test]
async fn what_is_said_is_told_with_a_token_and_without_a_repeat() {
    let world = World::start(QUICK).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Hello.");
    stream.say("i-1", 1, "Hi.");
    stream.speak("i-2", 0, "It broke");
    stream.end("i-1");
    world.wait("i-1!").await;
    let told = world.told();
    assert_eq!(
        told,
        [
            "open",
            "i-1: Hello.",
            "i-1: Hello.|Hi.",
            "i-2: It",
            "i-2: It broke",
            "i-1!: Hello.|Hi."
        ]
    );
    let asked = &world.simulator.requests(PATH)[0];
    assert!(asked.headers["authorization"].starts_with("Bearer #"));
}

#[tokio::test]
async fn whichever_frame_the_connection_ends_at_it_is_open_again() {
    for close_code in [None, Some(1_000), Some(1_001), Some(1_011), Some(4_401)] {
        let world = World::start(QUICK).await;
        let stream = world.simulator.stream();
        stream.set_trouble(StreamTrouble {
            drop_every: Some(1),
            close_code,
            ..StreamTrouble::default()
        });
        for round in 1..=12 {
            stream.say("i-1", 0, &format!("{round}."));
            world.wait_for("i-1", round).await;
            world.wait_for("open", round + 1).await;
        }
        let last = world
            .told()
            .into_iter()
            .rev()
            .find(|it| it.starts_with("i-1"))
            .unwrap();
        assert_eq!(last, "i-1: 1. 2. 3. 4. 5. 6. 7. 8. 9. 10. 11. 12.");
        let tokens = world.simulator.requests("/as/token.oauth2").len();
        assert_eq!(
            tokens,
            if close_code.is_some() { 13 } else { 1 },
            "whoever is closed gets a new token"
        );
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_and_what_passes_is_waited_for() {
    let refusal = |status| FaultRule::next(PATH, 1, Fault::status(status));
    let mut rules = Vec::from([401, 503, 429].map(refusal));
    rules.push(FaultRule::next(PATH, 5, Fault::Lost));
    let world = World::facing(QUICK, rules).await;
    world.wait("open").await;
    // The simulator takes its seat a moment after it has answered.
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Hello.");
    world.wait("i-1").await;
    assert_eq!(stream.connections(), 1);
    assert!(world.simulator.requests("/as/token.oauth2").len() >= 2);
    assert!(world.count("lost") >= 2, "{:?}", world.told());
}

#[tokio::test]
async fn what_a_person_has_to_change_ends_it_and_says_so() {
    for (status, says) in [
        (403, "interactions:read"),
        (404, "stream.path"),
        (200, "HTTP 200"),
        (401, "HTTP 401"),
    ] {
        let rule = FaultRule::next(PATH, 2, Fault::status(status));
        let world = World::facing(QUICK, vec![rule]).await;
        let error = tokio::time::timeout(Duration::from_secs(10), world.listening)
            .await
            .unwrap()
            .unwrap();
        let said = error.to_string();
        assert!(
            matches!(error, Error::Misconfigured { .. }) && said.contains(says),
            "{status}: {said}"
        );
    }
}

#[tokio::test]
async fn silence_is_noticed_and_answers_to_pings_are_life() {
    let pulse = Pulse {
        ping: Duration::from_millis(60),
        pong: Duration::from_secs(2),
        ..QUICK
    };
    let world = World::start(pulse).await;
    // Longer than a ping waits for its answer.
    tokio::time::sleep(Duration::from_millis(2_600)).await;
    assert_eq!(world.told(), ["open"], "forty pings were answered");
    let trouble = StreamTrouble {
        is_silent: true,
        ..StreamTrouble::default()
    };
    world.simulator.stream().set_trouble(trouble);
    world.wait("lost: no answer to a ping").await;
    world
        .simulator
        .stream()
        .set_trouble(StreamTrouble::default());
    world.wait_for("open", 2).await;
    world.simulator.stream().say("i-1", 0, "Hello.");
    world.wait("i-1").await;
}

#[tokio::test]
async fn frames_that_cannot_be_read_are_counted_and_end_nothing() {
    let world = World::start(QUICK).await;
    let stream = world.simulator.stream();
    stream.set_trouble(StreamTrouble {
        junk_every: Some(1),
        huge_every: Some(2),
        double_every: Some(1),
        ..StreamTrouble::default()
    });
    for number in 0..10 {
        stream.say("i-1", 0, &number.to_string());
    }
    world.wait_for("i-1", 20).await;
    assert_eq!(
        (
            world.count("flaw is no JSON"),
            world.count("flaw is larger")
        ),
        (20, 5)
    );
    assert_eq!((world.count("open"), world.count("lost")), (1, 0));
}

#[tokio::test]
async fn a_frame_beyond_everything_costs_the_connection_only() {
    let world = World::start(QUICK).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, &"x".repeat(2_200_000));
    world.wait("flaw is larger").await;
    stream.say("i-2", 0, "Hello.");
    world.wait("i-2: Hello.").await;
    assert_eq!((world.count("open"), world.count("lost")), (1, 0));
    stream.say("i-1", 0, &"x".repeat(15_000_000));
    world.wait_for("open", 2).await;
    stream.say("i-2", 0, "Are you there?");
    world.wait("i-2: Hello. Are you there?").await;
    // Whoever rings because of such frames goes on to.
    assert_eq!((world.count("flaw is larger"), world.count("i-1")), (2, 0));
}
