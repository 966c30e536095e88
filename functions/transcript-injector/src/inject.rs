//! One part is posted once, unless it is found to be there already.

use std::time::Duration;

use shared::cxone::transcripts::AfterLostAnswer;
use shared::db::transcripts::{Claimed, Outcome, State};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::judge::{Effect, MOST_TRIES, Try, is_turned_away};

/// A post and what precedes it take no longer: less than a lease.
pub(crate) const PATIENCE: Duration = Duration::from_secs(35);

/// What came of it, and what follows for everybody.
pub(crate) async fn inject(app: &App, claimed: &Claimed, until: Instant) -> (Outcome, Effect) {
    let until = until.min(Instant::now() + PATIENCE);
    let mut this = Try {
        number: claimed.attempts,
        is_in_doubt: claimed.is_in_doubt,
        is_alone: !claimed.is_troubled && claimed.reason.as_deref().is_some_and(is_turned_away),
        after_lost_answer: app.transcripts.after_lost_answer(),
        took: Duration::ZERO,
        random: fastrand::f64(),
    };
    if let Some(end) = exhausted(claimed) {
        return (end, Effect::None);
    }
    if claimed.is_in_doubt {
        match this.after_lost_answer {
            AfterLostAnswer::SendAgain => {}
            AfterLostAnswer::Hold => {
                let end = this.lost(None, "whoever posted it was never heard of again");
                return (end, Effect::None);
            }
            AfterLostAnswer::LookUp => match look_up(app, claimed, until).await {
                Ok(Some(found)) => return (found, Effect::Welcome),
                Ok(None) => this.is_in_doubt = false,
                Err(error) => return this.unsent(error),
            },
        }
    }
    let since = Instant::now();
    let posted = app.transcripts.post(&claimed.payload, until).await;
    this.took = since.elapsed();
    shared::fail_point::reach("inject.after_post");
    this.judge(posted)
}

/// Every time that it was claimed, whoever claimed it died over it.
fn exhausted(claimed: &Claimed) -> Option<Outcome> {
    (claimed.attempts > MOST_TRIES).then(|| Outcome::Over {
        state: State::Dead,
        status: None,
        reason: "what came of the last try was never known".to_owned(),
        is_in_doubt: true,
    })
}

async fn look_up(app: &App, claimed: &Claimed, until: Instant) -> Result<Option<Outcome>, Error> {
    let found = app
        .transcripts
        .look_up(&claimed.interaction, &claimed.payload, until)
        .await?;
    Ok(found.map(|conversation| Outcome::Injected {
        conversation,
        status: None,
        latency: None,
    }))
}
