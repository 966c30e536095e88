//! The use case: hear everything, and forward it while the lease is ours.

use serde::Serialize;
use shared::db::stream::{self, Taken};
use shared::deadline::earlier;
use shared::error::{Error, Kind};
use tokio::time::{Instant, sleep, sleep_until};

use crate::app::App;
use crate::ears::{Counts, Ears};
use crate::forward::{Forwarder, Round};

/// What an invocation did.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Whether there was something to do: another listener may do without us.
    pub is_needed: bool,
    /// What came of the stream.
    #[serde(flatten)]
    pub counts: Counts,
    /// Utterances that were forwarded.
    pub forwarded: u64,
}

/// Listens until then, or for ever.
pub(crate) async fn listen(app: &App, until: Option<Instant>) -> Result<Report, Error> {
    if until.is_some() && !is_needed(app).await? {
        return Ok(Report::default());
    }
    let ears = Ears::default();
    let mut forwarder = Forwarder::new(app, &ears);
    let outcome = tokio::select! {
        error = app.stream.listen(|news| ears.take(news)) => Err(error),
        outcome = work(app, &mut forwarder, until) => outcome,
    };
    // Whatever it was, the next one need not wait for it.
    forwarder.leave().await;
    let report = Report {
        is_needed: outcome?,
        counts: ears.counts(),
        forwarded: forwarder.tally.forwarded,
    };
    tracing::info!(?report, "listened");
    Ok(report)
}

/// Whether nobody forwards, or whoever does will leave soon and nobody stands by.
async fn is_needed(app: &App) -> Result<bool, Error> {
    let standing = stream::look(&app.database).await?;
    let is_late = |stays_for| stays_for <= app.rhythm.early && !standing.has_successor;
    Ok(standing.stays_for.is_none_or(is_late))
}

/// Stands by and forwards in turns; says whether it was needed.
async fn work(
    app: &App,
    forwarder: &mut Forwarder<'_>,
    until: Option<Instant>,
) -> Result<bool, Error> {
    let rhythm = app.rhythm;
    let end = until.map(|until| earlier(until, rhythm.spare));
    let mut failures = 0;
    while end.is_none_or(|end| Instant::now() < end) {
        if until.is_some() && forwarder.ears.is_deaf_for(rhythm.deaf) {
            tracing::warn!("nothing can be heard; whoever comes next may hear");
            return Ok(true);
        }
        if forwarder.is_in_the_way() {
            tracing::warn!("nothing can be heard; whoever stands by hears");
            forwarder.make_way().await;
        }
        let step = async {
            if forwarder.has_lease() {
                forwarder.round().await
            } else {
                stand_by(app, forwarder, until).await
            }
        };
        match step.await {
            Ok(Round::Done { has_successor }) => {
                failures = 0;
                let leaves = until.map(|until| earlier(until, rhythm.leaving));
                if has_successor && leaves.is_some_and(|leaves| leaves <= Instant::now()) {
                    return Ok(true);
                }
                wait(forwarder, end).await;
            }
            Ok(Round::NotOurs) => sleep(rhythm.asking).await,
            Ok(Round::NotNeeded) => return Ok(false),
            Err(error) => {
                settle(forwarder, error)?;
                failures += 1;
                sleep(rhythm.asking.min(rhythm.renewal / 4) * failures.min(4)).await;
            }
        }
    }
    Ok(true)
}

async fn wait(forwarder: &Forwarder<'_>, end: Option<Instant>) {
    let next = forwarder.next_round();
    tokio::select! {
        () = forwarder.ears.wait() => {}
        () = sleep_until(end.map_or(next, |end| end.min(next))) => {}
    }
}

/// Asks for the lease, once everything can be heard.
async fn stand_by(
    app: &App,
    forwarder: &mut Forwarder<'_>,
    until: Option<Instant>,
) -> Result<Round, Error> {
    if !forwarder.ears.is_open() {
        return Ok(Round::NotOurs);
    }
    let rhythm = app.rhythm;
    let stays = until.map(|until| until.saturating_duration_since(Instant::now() + rhythm.leaving));
    let asked = Instant::now();
    match stream::take(&app.database, rhythm.lease, stays).await? {
        Taken::Ours(lease) => {
            tracing::info!("forwards from now on");
            forwarder.begin(lease, asked);
            forwarder.round().await
        }
        // Somebody came at the same moment.
        Taken::Busy {
            stay_for: Some(stay_for),
        } if until.is_some() && stay_for > rhythm.early => Ok(Round::NotNeeded),
        Taken::Busy { .. } => Ok(Round::NotOurs),
    }
}

/// What passes is tried again; a lost lease is somebody else's.
fn settle(forwarder: &mut Forwarder<'_>, error: Error) -> Result<(), Error> {
    match error.kind() {
        Kind::Conflict => forwarder.lose(),
        Kind::Transient => {}
        _ => return Err(error),
    }
    tracing::warn!(
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "forwarding failed for now"
    );
    Ok(())
}
