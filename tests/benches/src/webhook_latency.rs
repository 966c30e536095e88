//! How long callers wait for a warm webhook under steady load: 200 requests a second on one function instance.

use std::sync::Arc;
use std::time::{Duration, Instant};

use end_to_end::Function;
use hdrhistogram::Histogram;
use jiff::Timestamp;
use serde_json::json;
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;
use shared::testing;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::load::{Arrivals, Latencies, offer};
use crate::report::{Goal, Report, Row};
use crate::requests;
use crate::stage::{QUEUE, Side, Stage, post};

const BODY_BYTES: usize = 20_000;
const PER_SECOND: f64 = 200.0;
/// A peer that cannot keep up is offered this share of what it can do at most.
const SUSTAINABLE: f64 = 0.8;
const BLOCK: Duration = Duration::from_millis(2_500);
const DISTINCT: usize = 100;

/// One side, warm.
struct Contender {
    function: Arc<Function>,
    /// Requests a second, one after the other.
    capacity: f64,
    offered: f64,
    latencies: Latencies,
}

/// Offers the load to each side in turn.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let stage = Stage::set().await?;
    let blocks = size.pick(2, 12, 24);
    let mut ours = Contender::warm(&stage, Side::Ours).await?;
    let mut peer = Contender::warm(&stage, Side::Peer).await?;
    let mut limit = Latencies::new()?;
    for _ in 0..blocks {
        ours.serve(&stage).await?;
        peer.serve(&stage).await?;
        limit.add(bare_posts(&stage).await?)?;
    }
    Ok(report(blocks, &ours, &peer, &limit))
}

impl Contender {
    async fn warm(stage: &Stage, side: Side) -> Outcome<Self> {
        let function = Arc::new(stage.spawn(side).await?);
        let capacity = one_after_the_other(&function).await?;
        purge(stage).await?;
        Ok(Self {
            function,
            capacity,
            offered: PER_SECOND.min(capacity * SUSTAINABLE),
            latencies: Latencies::new()?,
        })
    }

    async fn serve(&mut self, stage: &Stage) -> Outcome<()> {
        let events = (0..DISTINCT).map(|number| requests::signed(number, BODY_BYTES));
        let events = events.collect::<Outcome<Vec<_>>>()?;
        let arrivals = Arrivals {
            per_second: self.offered,
            time: BLOCK,
        };
        let function = Arc::clone(&self.function);
        let block = offer(arrivals, move |number| {
            let event = events[number % DISTINCT].clone();
            let function = Arc::clone(&function);
            async move { invoke(&function, event).await }
        });
        self.latencies.add(block.await?)?;
        let kept = stage.double.message_count(QUEUE);
        if kept != arrivals.count() {
            let acknowledged = arrivals.count();
            return Err(format!("{acknowledged} were acknowledged, {kept} are kept").into());
        }
        purge(stage).await
    }
}

async fn invoke(function: &Function, event: String) -> Outcome<Instant> {
    let answer = function.invoke(event).await;
    let answer =
        answer.ok_or("the function did not answer in 10 s; see target/bench/functions.log")?;
    requests::receipt(&answer)?;
    Ok(answer.at)
}

/// The rate of a caller who waits for each answer; the first hundred warm up.
async fn one_after_the_other(function: &Function) -> Outcome<f64> {
    let event = requests::signed(0, BODY_BYTES)?;
    for _ in 0..100 {
        invoke(function, event.clone()).await?;
    }
    let started = Instant::now();
    let mut count = 0_u32;
    while started.elapsed() < Duration::from_secs(1) {
        invoke(function, event.clone()).await?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// The same message, posted without the work, by a client that keeps its connections.
async fn bare_posts(stage: &Stage) -> Outcome<Histogram<u64>> {
    let body = testing::conversation(0, BODY_BYTES);
    let event = DataActionEvent::parse(body.as_bytes())?;
    let message = ConversationMessage::pack(event, body.as_bytes(), Timestamp::now())?.to_text()?;
    let attribute = json!({ "DataType": "String", "StringValue": "request-1" });
    let send = json!({
        "QueueUrl": stage.queue_url,
        "MessageBody": message,
        "MessageAttributes": { "correlation_id": attribute },
    })
    .to_string();
    let (client, endpoint) = (stage.client.clone(), stage.double.endpoint());
    let arrivals = Arrivals {
        per_second: PER_SECOND,
        time: BLOCK,
    };
    let block = offer(arrivals, move |_| {
        let (client, endpoint, send) = (client.clone(), endpoint.clone(), send.clone());
        async move {
            post(&client, &endpoint, "AmazonSQS.SendMessage", send).await?;
            Ok(Instant::now())
        }
    });
    let latencies = block.await?;
    purge(stage).await?;
    Ok(latencies)
}

async fn purge(stage: &Stage) -> Outcome<()> {
    let queue = json!({ "QueueUrl": stage.queue_url });
    let request = queue.to_string();
    let endpoint = stage.double.endpoint();
    post(&stage.client, &endpoint, "AmazonSQS.PurgeQueue", request).await?;
    Ok(())
}

fn report(blocks: u32, ours: &Contender, peer: &Contender, limit: &Latencies) -> Report {
    let row = |what: &str, share: f64| {
        let figure = |latencies: &Latencies| {
            let (all, blocks) = latencies.quantile(share);
            Some(Figure::time(all).within(&blocks))
        };
        let (ours, peer) = (figure(&ours.latencies), figure(&peer.latencies));
        Row::new(what, ours, peer, figure(limit))
    };
    let rate = |per_second: f64| Some(Figure::per_second(per_second));
    let (can_ours, can_peer) = (rate(ours.capacity), rate(peer.capacity));
    Report {
        about: format!(
            "One warm function process answers {PER_SECOND} signed requests a second of {BODY_BYTES} bytes, evenly spaced, each with 202 after SQS has \
             named the message over TLS. Latency from the moment the request was due, not from when it was sent, to the arrival \
             of the answer at the host of the runtime API; {blocks} interleaved blocks of {} s each. The peer is the same job in \
             Python (`tests/benches/peers/webhook.py`). The limit is the same message posted to the double by a bare HTTP client.",
            BLOCK.as_secs_f64()
        ),
        rows: vec![
            row("p50", 0.5),
            row("p90", 0.9),
            row("p99", 0.99).aiming_at(Goal::AtMost(20.0)),
            row("max", 1.0),
            Row::new(
                "offered",
                rate(ours.offered),
                rate(peer.offered),
                rate(PER_SECOND),
            ),
            Row::new("one after the other", can_ours, can_peer, None),
        ],
        notes: notes(peer),
    }
}

fn notes(peer: &Contender) -> Vec<String> {
    let right = "Every answer was a 202, and after every block the queue held as many messages as were acknowledged.";
    let mut notes = vec![right.to_owned()];
    if peer.offered < PER_SECOND {
        notes.push(format!(
            "The peer can answer {:.0} a second, one after the other. At {PER_SECOND} its queue would have no room to drain, so it was \
             offered {SUSTAINABLE} of what it can do: its latencies are those of a lighter load than ours.",
            peer.capacity
        ));
    }
    notes
}
