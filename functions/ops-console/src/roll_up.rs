//! The use case: once a minute, what happened is counted; every ten minutes, the map is drawn.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use shared::db::console::{self, QueueDepth, note_queues};
use shared::error::Error;
use shared::queue::depth;
use tokio::time::Instant;

use crate::app::App;
use crate::draw::draw;

/// With less than this left, the next step waits for the next minute.
const STEP_TIME: Duration = Duration::from_secs(15);

/// What a count did.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Everything that was stored before this is counted.
    counted_until: Timestamp,
    /// Steps that were done.
    steps: u32,
    /// Whether nothing is left to count for now.
    finished: bool,
    /// Queues that could be asked.
    queues: usize,
    /// Conversations on the map, if it was drawn.
    drawn: Option<u64>,
}

/// Looks at the queues, and counts until nothing is left or time is up; with time left, draws the map.
pub(crate) async fn roll_up(app: &App, now: Timestamp, until: Instant) -> Result<Report, Error> {
    let depths = look(app).await;
    note_queues(&app.database, now, &depths).await?;
    let mut steps = 0;
    let step = loop {
        let step = console::roll_up(&app.database).await?;
        steps += 1;
        if step.is_last || Instant::now() + STEP_TIME > until {
            break step;
        }
    };
    let report = Report {
        counted_until: step.until,
        steps,
        finished: step.is_last,
        queues: depths.len(),
        drawn: if Instant::now() + STEP_TIME > until {
            None
        } else {
            draw(app).await
        },
    };
    tracing::info!(?report, "counted");
    Ok(report)
}

/// A queue that cannot be asked is left out: the pictures of the others are worth something too.
async fn look(app: &App) -> Vec<QueueDepth> {
    let mut depths = Vec::new();
    for queue in &app.queues {
        match depth(&app.sqs, &queue.url).await {
            Ok(depth) => depths.push(QueueDepth {
                queue: queue.name.to_owned(),
                waiting: depth.waiting,
                dead: depth.dead,
            }),
            Err(error) => {
                let error = error.chain();
                tracing::warn!(queue = queue.name, error, "the queue cannot be asked");
            }
        }
    }
    depths
}
