//! What a run would change if it began now. It asks CXone and reads the database; it asks no model, takes no lease and writes nothing.

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde::Serialize;
use serde_json::value::RawValue;
use shared::db::knowledge_articles;
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_seen::Census;
use shared::domain::{ArticleId, ArticleState, Change, RunKind};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::listing::Listing;
use crate::page::{self, Prepared, count};
use crate::progress::{Counts, Progress};
use crate::remove::{NAMELESS, why_too_much};
use crate::sync;

/// An answer names no more; the counts have all.
const MOST_NAMED: usize = 1_000;

/// What a run would do.
#[derive(Debug, Serialize)]
pub(crate) struct Foreseen {
    kind: RunKind,
    /// Whether the listing was read to its end. If not, more may change than is said, and nothing is said of what is gone.
    is_whole: bool,
    #[serde(flatten)]
    counts: Counts,
    /// Why what is gone would stay all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<String>,
    changes: Vec<Line>,
}

/// What would happen to an article.
#[derive(Debug, Serialize)]
struct Line {
    article: Option<ArticleId>,
    change: Change,
    detail: Option<Box<RawValue>>,
}

impl From<NewChange> for Line {
    fn from(one: NewChange) -> Self {
        Self {
            article: one.article,
            change: one.change,
            detail: one.detail,
        }
    }
}

/// Looks at everything that a run of this kind would look at.
pub(crate) async fn foresee(app: &App, kind: RunKind, until: Instant) -> Result<Foreseen, Error> {
    let looks_for_gone = kind != RunKind::Incremental;
    let listing = Listing {
        knowledge: &app.knowledge,
        form: app.form,
        limit: app.page_size,
        since: sync::since(app, kind).await?,
        to_the_end: looks_for_gone,
        // It is not tried again, so what it cannot read is told at once.
        is_second_try: true,
        until,
    };
    let mut found = Foreseen {
        kind,
        is_whole: false,
        counts: Counts::default(),
        held: None,
        changes: Vec::new(),
    };
    let (mut named, mut has_nameless) = (BTreeSet::new(), false);
    let mut pages = pin!(listing.pages(&Progress::default()));
    while let Some(listed) = pages.try_next().await? {
        let page = page::foresee(app, listed, kind == RunKind::Full).await?;
        has_nameless |= page.listed.flaws.iter().any(|flaw| flaw.id.is_none());
        named.extend(page.entries.iter().map(|one| one.id.clone()));
        named.extend(page.listed.flaws.iter().filter_map(|flaw| flaw.id.clone()));
        found.add(page);
    }
    if looks_for_gone && found.is_whole {
        found.miss(app, &named, has_nameless).await?;
    }
    Ok(found)
}

impl Foreseen {
    fn add(&mut self, page: Prepared) {
        self.is_whole = page.listed.is_last;
        self.counts.add(&page.counts);
        let room = MOST_NAMED.saturating_sub(self.changes.len());
        let changes = page.changes.into_iter().take(room);
        self.changes.extend(changes.map(Line::from));
    }

    /// What the listing does not name would go, if a second one agrees.
    async fn miss(
        &mut self,
        app: &App,
        named: &BTreeSet<ArticleId>,
        has_nameless: bool,
    ) -> Result<(), Error> {
        let named: Vec<_> = named.iter().cloned().collect();
        let missing = knowledge_articles::fetch_others(&app.database, &named).await?;
        let is_live = |(_, state): &&(ArticleId, ArticleState)| *state == ArticleState::Live;
        let live = missing.iter().filter(is_live).count();
        let census = Census {
            live: knowledge_articles::count_live(&app.database).await?,
            missing: i64::try_from(live).unwrap_or(i64::MAX),
            missing_left_out: i64::try_from(missing.len() - live).unwrap_or(i64::MAX),
        };
        if missing.is_empty() {
            return Ok(());
        }
        self.held = if has_nameless {
            Some(NAMELESS.to_owned())
        } else {
            why_too_much(census, app.rules.most_removed_percent)
        };
        self.counts.gone = count(missing.len());
        let room = MOST_NAMED.saturating_sub(self.changes.len());
        let gone = missing.into_iter().take(room);
        self.changes.extend(gone.map(|(id, _)| Line {
            article: Some(id),
            change: Change::Gone,
            detail: None,
        }));
        Ok(())
    }
}
