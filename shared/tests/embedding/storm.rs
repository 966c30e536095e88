//! One request in five fails, in every way at once: in the end every text has its own right vector.

use super::*;

fn storm() -> Vec<FaultRule> {
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("0".to_owned()),
        code: None,
        body: None,
    };
    let faults = [
        busy,
        Fault::status(500),
        Fault::status(503),
        Fault::status(429),
        Fault::Lost,
        Fault::ExecutedThenLost,
        Fault::Cut,
        Fault::NotJson,
        Fault::Slow { ms: 100 },
        Fault::Drip { every_ms: 100 },
        Fault::WrongDimension { dimension: None },
        Fault::NanVector,
        Fault::ZeroVector,
        Fault::MissingVector,
        Fault::ReorderedVectors,
    ];
    let rule = |fault| FaultRule::rate("embeddings", 0.015, fault);
    faults.into_iter().map(rule).collect()
}

#[tokio::test]
async fn every_text_gets_its_own_right_vector() {
    let texts = texts(200);
    let texts = borrowed(&texts);
    let right = expected(&texts).await;
    let (mut calls, mut requests, mut struck) = (0, 0, 0);
    let seeds = testing::proof_size(10, 200);
    for seed in 0..seeds {
        let tune = |options: &mut Options| {
            options.limits.texts = 10;
            options.pace.attempt = Duration::from_millis(500);
        };
        let world = World::with(Simulated::default(), tune).await;
        world.faults(seed as u64, storm());
        let mut open: Vec<usize> = (0..texts.len()).collect();
        for round in 0.. {
            assert!(
                round < 10,
                "seed {seed}: {} texts are still open",
                open.len()
            );
            let asked: Vec<&str> = open.iter().map(|place| texts[*place]).collect();
            let outcomes = world.embed(&asked).await;
            calls += 1;
            let mut failed = Vec::new();
            for (place, outcome) in open.into_iter().zip(outcomes) {
                match outcome {
                    Ok(embedding) => assert_eq!(embedding.as_slice(), right[place], "seed {seed}"),
                    Err(Failure::Refused("not_taken")) => panic!("seed {seed}: a good text"),
                    Err(_) => failed.push(place),
                }
            }
            open = failed;
            if open.is_empty() {
                break;
            }
        }
        requests += world.requests().len();
        struck += world
            .requests()
            .iter()
            .filter(|it| it.fault.is_some())
            .count();
    }
    println!("{seeds} storms: {calls} calls, {requests} requests, {struck} of them struck");
    assert!(struck * 10 > requests, "a storm");
}
