//! An order is posted, or waited for while somebody else posts for its session.

use std::time::Duration;

use shared::db::ranking::{Ended, Lease, Order, Turn, turn};
use shared::error::Error;

use crate::app::App;
use crate::post::post;
use crate::rank::Clock;
use crate::settle::{Outcome, conflict, settle};

/// Between two looks whether it is our turn.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 25..=100;

/// Posts an order, or waits until it was posted; says how it ended. What was overtaken is a conflict; what could not be confirmed in time
/// is to be sent again.
pub(crate) async fn drive(
    app: &App,
    order: &Order,
    mut lease: Option<Lease>,
    clock: Clock,
) -> Result<Ended, Error> {
    loop {
        let lease = match lease.take() {
            Some(lease) => lease,
            None => match wait(app, order, clock).await? {
                Waited::Ours(lease) => lease,
                Waited::Over(ended) => return Ok(ended),
            },
        };
        if let Some(ended) = post(app, order, lease, clock).await? {
            return Ok(ended);
        }
    }
}

enum Waited {
    Ours(Lease),
    Over(Ended),
}

async fn wait(app: &App, order: &Order, clock: Clock) -> Result<Waited, Error> {
    loop {
        match turn(&app.database, &order.session, order.version).await? {
            Turn::Ours(lease) => return Ok(Waited::Ours(lease)),
            Turn::Over(ended) => return Ok(Waited::Over(ended)),
            Turn::Gone => return Err(conflict("the session was erased")),
            Turn::Superseded(newest) => {
                settle(app, order, None, &Outcome::Superseded(newest), clock.started).await?;
                return Err(Outcome::Superseded(newest).into_error());
            }
            Turn::Busy => {}
        }
        let pause = Duration::from_millis(fastrand::u64(PAUSE_MS));
        if !clock.allows(pause) {
            return Err(Error::Transient {
                what: "the order's turn",
                retry_after: Duration::from_secs(1),
                source: "somebody else posts for the session".into(),
            });
        }
        tokio::time::sleep(pause).await;
    }
}
