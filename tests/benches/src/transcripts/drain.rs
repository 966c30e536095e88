//! Two injectors as released drain a backlog at a tenant's pace; and one without any pace, beside the reference's loop.

mod world;

use std::time::{Duration, Instant};

use cxone_simulator::ChatPace;
use serde_json::{Value, json};

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Goal, Row};
use crate::{peer, process};
use world::World;

/// A minute of the tenant's, and of the schedule's, is a second here.
const MINUTE: Duration = Duration::from_secs(1);
const PACE: ChatPace = ChatPace {
    burst: 250.0,
    per_minute: 60.0 * 17.0,
};
/// So many messages in a transcript.
const MESSAGES: usize = 20;
/// More than any drain takes.
const PATIENCE: Duration = Duration::from_mins(14);

/// What stands in the report about this half.
pub(super) fn about(size: Size) -> Outcome<String> {
    Ok(format!(
        "The pace: a tenant that takes 250 at once and then 17 a second; two injectors as released, invoked again when both have ended; counted is \
         from the end of the burst, for {} s or a little more. The cost: processor time of the process for each of {} transcripts of \
         {MESSAGES} messages without any pace, claimed, posted, settled, archived, with their entries of the audit (Postgres' own time is \
         not counted); the peer is the reference's loop (`tests/benches/peers/inject_way.py`: requests {}), which posts dicts that were \
         validated before, and keeps its audit in memory.",
        minutes(size),
        transcripts(size),
        peer::pinned("requests")?,
    ))
}

fn minutes(size: Size) -> u32 {
    size.pick(10, 60, 180)
}

fn transcripts(size: Size) -> usize {
    size.pick(200, 2_000, 10_000)
}

pub(super) async fn rows(size: Size) -> Outcome<Vec<Row>> {
    Ok(vec![pace(size).await?, cost(size).await?])
}

/// How many are injected in a second, and how many the tenant would take.
async fn pace(size: Size) -> Outcome<Row> {
    let world = World::start(Some(PACE)).await?;
    let backlog = 250 + 17 * (minutes(size) + 30);
    world.fill(usize::try_from(backlog)?, MESSAGES).await?;
    let injectors = [world.spawn().await?, world.spawn().await?];
    let minute = async || {
        let begun = Instant::now();
        let event = json!({ "task": "drain" }).to_string();
        let [one, two] = &injectors;
        let answers = tokio::join!(one.invoke(event.clone()), two.invoke(event));
        let is_done = answers.0.zip(answers.1);
        is_done.ok_or("an injector died; see target/bench/transcripts.log")?;
        let at = (Instant::now(), world.made());
        tokio::time::sleep(MINUTE.saturating_sub(begun.elapsed())).await;
        Outcome::Ok(at)
    };
    // The burst of this tenant is less than its minute gives, so an injector stays as long as it may: the first time both, and the burst is over.
    let before = minute().await?;
    let mut after = before;
    while after.0.duration_since(before.0).as_secs() < u64::from(minutes(size)) {
        after = minute().await?;
    }
    if world.hurries() > 0 {
        return Err("the tenant was asked too fast".into());
    }
    let took = after.0.duration_since(before.0).as_secs_f64();
    let rate = f64::from(u32::try_from(after.1 - before.1)?) / took;
    let limit = Figure::per_second(PACE.per_minute / 60.0);
    let row = Row::new(
        "injected at the tenant's pace, two injectors",
        Some(Figure::per_second(rate)),
        None,
        Some(limit),
    );
    world.remove().await?;
    Ok(row.aiming_at(Goal::ShareOfLimit(0.95)))
}

/// What one costs of the processor.
async fn cost(size: Size) -> Outcome<Row> {
    let (world, count) = (World::start(None).await?, transcripts(size));
    let mut injector = world.spawn().await?;
    let id = injector.id().ok_or("the injector is gone")?;
    let event = || json!({ "task": "drain" }).to_string();
    // The first one pays for connections and the token.
    world.fill(1, MESSAGES).await?;
    injector.invoke_within(event(), PATIENCE).await;
    world.fill(count, MESSAGES).await?;
    let before = process::processor_time(id)?;
    let answer = injector.invoke_within(event(), PATIENCE).await;
    let ours = process::processor_time(id)?.saturating_sub(before);
    let answer: Value = serde_json::from_slice(&answer.ok_or("the injector died")?.body)?;
    if answer["injected"] != count {
        return Err(format!("the drain came to {answer}").into());
    }
    let peers = world.run_peer(count, MESSAGES).await?;
    let each = |time: Duration| {
        Some(Figure::time(
            time.div_f64(f64::from(u32::try_from(count).ok()?)),
        ))
    };
    let row = Row::new(
        "processor time of one injection",
        each(ours),
        each(peers),
        None,
    );
    world.remove().await?;
    Ok(row)
}
