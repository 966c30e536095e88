//! A provider that is down is left alone, and found again.

use super::*;

#[tokio::test]
async fn an_outage_costs_hardly_more_requests_than_a_good_day() {
    for fault in [Fault::status(503), Fault::Lost, Fault::NotJson] {
        let rule = Rule {
            failures: 5,
            first: Duration::from_millis(20),
            most: Duration::from_millis(100),
        };
        let world = World::with(Simulated::default(), |it| it.pace.breaker = rule).await;
        world.embed_one("one").await.unwrap();
        world.simulator.clear_requests();
        world.always(fault.clone());
        for _ in 0..200 {
            assert!(later(&world.embed_one("one").await) <= Duration::from_secs(5));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let requests = world.requests().len();
        println!("200 calls in an outage ({fault:?}): {requests} requests");
        assert!(requests <= 220, "{requests}");
        world.simulator.clear_faults();
        tokio::time::sleep(rule.most).await;
        world.embed_one("one").await.unwrap();
        world.embed_one("two").await.unwrap();
    }
}

#[tokio::test]
async fn while_it_is_left_alone_nothing_is_sent_and_the_caller_is_told_for_how_long() {
    let rule = Pace::default().breaker;
    let world = World::with(Simulated::default(), |it| it.pace.breaker = rule).await;
    world.always(Fault::status(500));
    for _ in 0..100 {
        let wait = later(&world.embed_one("one").await);
        assert!(wait <= rule.first, "{wait:?}");
    }
    assert_eq!(world.requests().len(), 5);
    world.simulator.clear_faults();
    let wait = later(&world.embed_one("one").await);
    assert!(wait > rule.first / 3, "{wait:?}");
}
