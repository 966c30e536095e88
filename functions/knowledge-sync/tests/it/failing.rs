//! A run that cannot be gone on with fails, so that others begin, and whoever watches learns of it.

use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule};

use crate::world::{World, article};

const TIME: Duration = Duration::from_mins(1);
const WAKE: &str = include_str!("../../../../events/knowledge-sync.json");

impl World {
    /// A run that stands here.
    async fn stands(&self, checkpoint: &str) {
        let run =
            "INSERT INTO knowledge_runs (id, kind, accept_removals, state, started_at, checkpoint)
            VALUES (gen_random_uuid(), 'full', false, 'running', now(), $1::text::json)";
        self.rows.execute(run, &[&checkpoint]).await.unwrap();
    }

    /// How the runs are, in the order in which they were asked for.
    async fn states(&self) -> Vec<String> {
        let states = "SELECT state FROM knowledge_runs ORDER BY requested_at";
        let rows = self.rows.query(states, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What a scheduled invocation fails with.
    async fn failure(&self) -> String {
        let failed = self.invoke("sync", TIME).await;
        failed.unwrap_err().error_type
    }
}

#[tokio::test]
async fn a_run_whose_checkpoint_cannot_be_read_fails_and_lets_others_begin() {
    let Some(world) = World::start("a_run_whose_checkpoint", &[]).await else {
        return;
    };
    world.stands(r#"{"walk": 7}"#).await;
    assert_eq!(world.failure().await, "bug", "nobody would be told");
    assert_eq!(world.states().await, ["failed", "done"]);
    let next = world.invoke("sync", TIME).await.unwrap();
    assert_eq!(next["runs"][0]["state"], "done", "{next}");
}

#[tokio::test]
async fn a_run_that_fails_is_told_of_also_where_a_message_woke_for_it() {
    let Some(world) = World::start("a_message_that_woke", &[]).await else {
        return;
    };
    world.stands(r#"{"walk": 7}"#).await;
    let failed = world.send(WAKE).await.unwrap_err();
    assert_eq!(failed.error_type, "bug", "nobody would be told");
    assert_eq!(world.states().await, ["failed"]);
    // The message comes again, and rings no second time.
    let again = world.send(WAKE).await.unwrap();
    assert_eq!(again["runs"], serde_json::json!([]), "{again}");
}

#[tokio::test]
async fn a_listing_that_never_stands_still_fails_its_run_after_five_invocations() {
    let Some(world) = World::start("a_listing_that_never_stands", &[]).await else {
        return;
    };
    // Two hundred pages back, it is still far from the beginning.
    let far = r#"{"walk": {"offset": 1000000, "before": [], "back": 0}, "pass": 0, "is_listed": false, "has_nameless": false}"#;
    world.stands(far).await;
    for _ in 0..4 {
        assert_eq!(world.failure().await, "transient");
        assert_eq!(world.states().await, ["running", "queued"]);
    }
    assert_eq!(world.failure().await, "transient");
    assert_eq!(world.states().await, ["failed", "done"]);
}

/// A run that has just begun.
const FRESH: &str = r#"{"walk": {"offset": 0, "before": [], "back": 0}, "pass": 0, "is_listed": false, "has_nameless": false}"#;

/// The same, after so many invocations that brought it no further.
fn after(fruitless: u32) -> String {
    FRESH.replacen('{', &format!(r#"{{"fruitless": {fruitless}, "#), 1)
}

impl World {
    async fn let_five_minutes_pass(&self) {
        let pass = "UPDATE knowledge_runs SET checkpoint = (checkpoint::jsonb - 'counted_at')::json WHERE checkpoint IS NOT NULL";
        self.rows.execute(pass, &[]).await.unwrap();
    }

    /// While the run that stands is at work, Postgres does not take this article for now.
    async fn refuse(&self, article: &str) {
        let refuse = format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.id = '{article}' AND EXISTS (SELECT FROM knowledge_runs WHERE state = 'running' AND kind = 'full') THEN
                    RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
                RETURN NEW; END $$;
            CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON knowledge_articles FOR EACH ROW EXECUTE FUNCTION refuse()"
        );
        self.rows.batch_execute(&refuse).await.unwrap();
    }
}

#[tokio::test]
async fn a_run_that_twelve_invocations_bring_no_further_fails_and_lets_others_begin() {
    let Some(world) = World::start("a_run_that_twelve", &[]).await else {
        return;
    };
    let articles = (0..30).map(|number| article(&format!("a-{number:03}"), number, "Words."));
    world.simulator.knowledge().put_all(articles.collect());
    world.stands(FRESH).await;
    world.refuse("a-000").await;
    for _ in 0..11 {
        assert_eq!(world.failure().await, "transient");
        world.let_five_minutes_pass().await;
    }
    // The twelfth stores the first page, and comes no further than the second: it is counted anew.
    world.refuse("a-025").await;
    for _ in 0..12 {
        assert_eq!(world.failure().await, "transient");
        assert_eq!(world.states().await, ["running", "queued"]);
        world.let_five_minutes_pass().await;
    }
    assert_eq!(world.failure().await, "transient");
    assert_eq!(world.states().await, ["failed", "done"]);
    assert_eq!(world.live().await.len(), 30);
}

#[tokio::test]
async fn a_run_is_not_given_up_sooner_because_somebody_wakes_often() {
    let Some(world) = World::start("a_run_is_not_given_up_sooner", &[]).await else {
        return;
    };
    world
        .simulator
        .knowledge()
        .put(article("a-000", 1, "Words."));
    world.stands(&after(10)).await;
    world.refuse("a-000").await;
    for _ in 0..3 {
        assert_eq!(world.failure().await, "transient");
        assert_eq!(world.states().await, ["running", "queued"]);
    }
    world.let_five_minutes_pass().await;
    assert_eq!(world.failure().await, "transient");
    assert_eq!(world.states().await, ["failed", "done"]);
}

#[tokio::test]
async fn an_outage_of_an_hour_ends_no_run_and_one_of_a_day_does() {
    let Some(world) = World::start("an_outage_of_an_hour", &[]).await else {
        return;
    };
    world.stands(&after(11)).await;
    let away = FaultRule::rate("knowledge", 1.0, Fault::status(503));
    let plan = FaultPlan {
        seed: 1,
        rules: vec![away],
    };
    world.simulator.set_faults(plan).unwrap();
    for _ in 0..2 {
        assert_eq!(world.failure().await, "transient");
        assert_eq!(world.states().await, ["running", "queued"]);
        world.let_five_minutes_pass().await;
    }
    let a_day = "UPDATE knowledge_runs SET checkpoint = (checkpoint::jsonb || '{\"outages\": 287}')::json WHERE checkpoint IS NOT NULL";
    world.rows.execute(a_day, &[]).await.unwrap();
    assert_eq!(world.failure().await, "transient");
    assert_eq!(world.states().await[0], "failed");
}

#[tokio::test]
async fn a_run_over_which_twelve_invocations_died_fails() {
    let Some(world) = World::start("a_run_over_which_twelve_died", &[]).await else {
        return;
    };
    world.stands(&after(12)).await;
    assert_eq!(world.failure().await, "misconfigured");
    assert_eq!(world.states().await, ["failed", "done"]);
    assert_eq!(world.listed(), 1, "only the other run asked for articles");
}
