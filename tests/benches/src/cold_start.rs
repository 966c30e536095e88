//! How long the first caller waits: from before the function is spawned to its first answer.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Goal, Report, Row};
use crate::requests;
use crate::stage::{Side, Stage};

const BODY_BYTES: usize = 2_000;
const WARM_UPS: usize = 2;

/// All first starts of one side.
#[derive(Default)]
struct Starts {
    total: Vec<Duration>,
    init: Vec<Duration>,
    first_call: Vec<Duration>,
}

/// Starts each side in turn, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let stage = Stage::set().await?;
    let rounds = size.pick(15, 25, 60);
    let [mut ours, mut peer, mut bare] = std::array::from_fn(|_| Starts::default());
    let mut processes = Vec::new();
    for round in 0..WARM_UPS + rounds {
        if round == WARM_UPS {
            [ours, peer, bare] = std::array::from_fn(|_| Starts::default());
            processes.clear();
        }
        start(&stage, Side::Ours, round, &mut ours).await?;
        start(&stage, Side::Peer, round, &mut peer).await?;
        start(&stage, Side::Bare, round, &mut bare).await?;
        processes.push(empty_process().await?);
    }
    Ok(report(&stage, rounds, &[ours, peer, bare], &processes))
}

async fn start(stage: &Stage, side: Side, number: usize, starts: &mut Starts) -> Outcome<()> {
    let event = requests::signed(number, BODY_BYTES)?;
    let function = stage.spawn(side).await?;
    let answer = function.invoke(event).await;
    let answer =
        answer.ok_or("the function did not answer in 10 s; see target/bench/functions.log")?;
    if side != Side::Bare {
        let receipt = requests::receipt(&answer)?;
        requests::check_newest(stage, &receipt, number, BODY_BYTES)?;
    }
    let spawned = function.spawned_at();
    let asked = function.first_asked_at().unwrap_or(spawned);
    function.kill().await?;
    starts.total.push(answer.at.duration_since(spawned));
    starts.init.push(asked.duration_since(spawned));
    starts.first_call.push(answer.at.duration_since(asked));
    Ok(())
}

/// The least that any start can take.
async fn empty_process() -> Outcome<Duration> {
    let started = Instant::now();
    let status = Command::new("true").stdout(Stdio::null()).status().await?;
    if status.success() {
        Ok(started.elapsed())
    } else {
        Err("`true` was false".into())
    }
}

fn report(stage: &Stage, rounds: usize, sides: &[Starts; 3], processes: &[Duration]) -> Report {
    let row = |what: &str, part: fn(&Starts) -> &[Duration]| {
        let [ours, peer, bare] = sides.each_ref().map(|side| Figure::median(part(side)));
        Row::new(what, ours, peer, bare)
    };
    let process = Figure::median(processes);
    Report {
        about: format!(
            "A webhook's process is spawned, reads its keys from Secrets Manager, and answers a signed request of {BODY_BYTES} \
             bytes with 202 after SQS has named the message; both sides over TLS, with a trust store of {} authorities. Time \
             from just before the spawn to the arrival of the answer at the host of the runtime API; medians of {rounds} \
             interleaved rounds. The peer is the same job in Python (`tests/benches/peers/webhook.py`, awslambdaric and boto3, \
             bytecode cached). The limit is a function on the same runtime crate that only answers.",
            stage.authorities
        ),
        rows: vec![
            row("spawn to first answer", |side| &side.total).aiming_at(Goal::TimesPeer(15.0)),
            row("of it, init: until it asks for an event", |side| {
                &side.init
            }),
            row("of it, the first call", |side| &side.first_call),
            Row::new("spawn of an empty process, to its end", None, None, process),
        ],
        notes: vec![
            "Ours opens the connection to SQS before it asks for events, and pays for that with a call of GetQueueAttributes; \
             the peer opens it in the first call."
                .to_owned(),
            "Every answer was a 202, and every message was read back from the queue and compared with its receipt.".to_owned(),
        ],
    }
}
