//! Links that are due are checked, as far as the time allows. What is found stands in the metadata of the articles, and never keeps
//! one from being indexed.

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use shared::db::knowledge_links::{self, Check, DueLink};
use shared::db::knowledge_sync::Lease;
use shared::domain::LinkState;
use shared::error::Error;
use shared::links::{LinkChecker, Unknown, Verdict, is_broken, judge, rest};
use tokio::time::Instant;
use url::Url;

use crate::app::App;

/// Links that are asked for together.
const BATCH: i64 = 64;
/// How many of them are under way; the checker keeps the pace.
const IN_FLIGHT: usize = 16;
/// An invocation spends no more on links: articles come first.
const MOST: Duration = Duration::from_mins(1);
/// With less time than this before the end no further batch is begun.
const BATCH_TIME: Duration = Duration::from_secs(15);

/// What was found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) fine: usize,
    pub(crate) unknown: usize,
    /// With those that have not been broken three times in a row yet.
    pub(crate) broken: usize,
}

/// Checks what is due.
pub(crate) async fn check(app: &App, lease: &Lease, until: Instant) -> Result<Tally, Error> {
    let until = until.min(Instant::now() + MOST);
    let mut tally = Tally::default();
    let Some(checker) = &app.links else {
        return Ok(tally);
    };
    while Instant::now() + BATCH_TIME < until {
        let due = knowledge_links::fetch_due(&app.database, Timestamp::now(), BATCH).await?;
        if due.is_empty() {
            break;
        }
        let found: Vec<(Check, Verdict)> = stream::iter(&due)
            .map(async |link| check_one(checker, link, until).await)
            .buffer_unordered(IN_FLIGHT)
            .collect()
            .await;
        for (_, verdict) in &found {
            tally.count(*verdict);
        }
        let checks: Vec<_> = found.into_iter().map(|(check, _)| check).collect();
        knowledge_links::store_checks(&app.database, lease, &checks, app.mirror.is_some()).await?;
    }
    Ok(tally)
}

async fn check_one(checker: &LinkChecker, link: &DueLink, until: Instant) -> (Check, Verdict) {
    let verdict = match Url::parse(&link.url) {
        Ok(url) => checker.check(&url, until).await,
        // It was an address when it was stored.
        Err(_) => Verdict::Broken(None),
    };
    (checked(link, verdict, Timestamp::now()), verdict)
}

/// What is known of the link from now on.
fn checked(link: &DueLink, verdict: Verdict, now: Timestamp) -> Check {
    let strikes = judge(u8::try_from(link.strikes).unwrap_or_default(), verdict);
    let state = match verdict {
        _ if is_broken(strikes) => LinkState::Broken,
        Verdict::Fine => LinkState::Fine,
        Verdict::Broken(_) | Verdict::Unknown(_) => LinkState::Unknown,
    };
    let (status, why) = match verdict {
        Verdict::Fine => (None, None),
        Verdict::Broken(Some(status)) | Verdict::Unknown(Unknown::Status(status)) => {
            (Some(status), None)
        }
        Verdict::Broken(None) => (None, Some("the host does not exist".to_owned())),
        Verdict::Unknown(unknown) => (None, Some(unknown.to_string())),
    };
    Check {
        hash: link.hash,
        state,
        status: status.and_then(|status| i16::try_from(status).ok()),
        why,
        strikes: i16::from(strikes),
        checked_at: now,
        next_check_at: now.saturating_add(rest(strikes, verdict)).unwrap_or(now),
    }
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Fine => &mut self.fine,
            Verdict::Broken(_) => &mut self.broken,
            Verdict::Unknown(_) => &mut self.unknown,
        } += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::TextHash;

    #[test]
    fn three_strikes_make_a_link_broken_and_one_success_makes_it_fine() {
        let now: Timestamp = "2026-01-15T10:30:00Z".parse().unwrap();
        let mut link = DueLink {
            hash: TextHash::of("x"),
            url: "https://example.com/".to_owned(),
            state: LinkState::Unchecked,
            strikes: 0,
        };
        let busy = Verdict::Unknown(Unknown::Status(429));
        for (verdict, state, strikes) in [
            (Verdict::Broken(Some(404)), LinkState::Unknown, 1),
            (busy, LinkState::Unknown, 1),
            (Verdict::Broken(None), LinkState::Unknown, 2),
            (Verdict::Broken(Some(410)), LinkState::Broken, 3),
            (busy, LinkState::Broken, 3),
            (Verdict::Fine, LinkState::Fine, 0),
        ] {
            let check = checked(&link, verdict, now);
            assert_eq!(
                (check.state, check.strikes),
                (state, strikes),
                "{verdict:?}"
            );
            link.strikes = check.strikes;
        }
    }
}
