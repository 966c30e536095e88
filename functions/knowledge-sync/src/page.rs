//! A page of CXone's listing becomes what is to be changed here.

mod kept;
mod rows;
mod settle;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_articles::{self, KnownArticle};
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_chunks;
use shared::db::knowledge_conflicts::NewConflict;
use shared::domain::{ArticleId, ArticleState, RemoteArticle, TextHash};
use shared::error::Error;
use tokio::time::Instant;

use self::kept::kept_as;
use crate::app::App;
use crate::compare::{self, Sides, Verdict};
use crate::listing::{Listed, told};
use crate::progress::Counts;
use crate::render::Rendered;
use crate::vectors;
use crate::walk::Told;

/// What a page brings, and how far the listing was read with it.
pub(crate) struct Prepared {
    /// Without its articles: their texts are let go as soon as they are rendered.
    pub(crate) listed: Listed,
    /// The articles that it named.
    pub(crate) entries: Vec<Told>,
    pub(crate) articles: BTreeMap<ArticleId, ArticleChange>,
    pub(crate) conflicts: Vec<NewConflict>,
    pub(crate) changes: Vec<NewChange>,
    /// What this page adds to the run's counts.
    pub(crate) counts: Counts,
}

/// An article that is compared.
struct Compared {
    told: RemoteArticle,
    known: Option<KnownArticle>,
    hash: TextHash,
}

impl Compared {
    /// Whether this mark of a conflict stands already.
    fn has_mark(&self, mark: &RawValue) -> bool {
        let known = self
            .known
            .as_ref()
            .and_then(|known| known.conflict.as_ref());
        known.is_some_and(|known| known.get() == mark.get())
    }
}

/// A page that was decided about.
struct Weighed {
    prepared: Prepared,
    /// The articles whose text is made,
    taken: Vec<Compared>,
    /// the text of each,
    texts: Vec<Rendered>,
    /// and what they have now.
    before: Texts,
    /// Articles whose text stays, and is to be found as the settings of today have it.
    kept: Vec<(ArticleId, Rendered)>,
}

/// Compares, renders and embeds a page. `anew` asks for texts that are made again whatever is known.
pub(crate) async fn prepare(
    app: &App,
    listed: Listed,
    anew: bool,
    until: Instant,
) -> Result<Prepared, Error> {
    let weighed = weigh(app, listed, anew).await?;
    let (mut prepared, before) = (weighed.prepared, weighed.before);
    let kept = weighed.kept.iter().map(|(_, text)| text);
    let texts: Vec<_> = weighed.texts.iter().chain(kept).collect();
    let vectors = vectors::find(app, &texts, until).await?;
    prepared.counts.embedded += count(vectors.asked);
    for (one, rendered) in weighed.taken.into_iter().zip(weighed.texts) {
        match vectors.failure(&rendered) {
            Some(error) => prepared.note_failure(&one, &error)?,
            None => prepared.take(app, &one, rendered, &vectors, &before)?,
        }
        // Their words are counted by the way; who waits for the database must not look dead for it.
        tokio::task::yield_now().await;
    }
    for (article, text) in weighed.kept {
        prepared.renew(app, article, text, &vectors)?;
    }
    Ok(prepared)
}

/// What [`prepare`] would come to, without asking a model, and without anything that could be stored.
pub(crate) async fn foresee(app: &App, listed: Listed, anew: bool) -> Result<Prepared, Error> {
    let mut weighed = weigh(app, listed, anew).await?;
    for (one, rendered) in weighed.taken.iter().zip(&weighed.texts) {
        let prepared = &mut weighed.prepared;
        prepared.note_taken(one, rendered, &weighed.before)?;
    }
    Ok(weighed.prepared)
}

/// Decides about every article of a page, and renders those whose text is to be made.
async fn weigh(app: &App, listed: Listed, anew: bool) -> Result<Weighed, Error> {
    let mut prepared = Prepared {
        articles: BTreeMap::new(),
        conflicts: Vec::new(),
        changes: Vec::new(),
        counts: Counts {
            listed: count(listed.articles.len() + listed.flaws.len()),
            ..Counts::default()
        },
        entries: listed.articles.iter().map(told).collect(),
        listed,
    };
    let articles = std::mem::take(&mut prepared.listed.articles);
    for flaw in std::mem::take(&mut prepared.listed.flaws) {
        prepared.note_flaw(flaw)?;
    }
    let (mut taken, kept) = compare_all(app, articles, anew, &mut prepared).await?;
    let kept = kept::fetch(app, &kept).await?;
    let before = texts_before(app, &taken).await?;
    let renderer = app.renderer();
    let mut texts = Vec::with_capacity(taken.len());
    for one in &mut taken {
        let text = renderer.render(&one.told);
        one.told.locales.clear();
        prepared.counts.missing_locales += count(text.missing);
        texts.push(text);
        // Long articles take a while; in between the end may have come.
        tokio::task::yield_now().await;
    }
    Ok(Weighed {
        prepared,
        taken,
        texts,
        before,
        kept,
    })
}

/// Decides about every article of the page; gives those whose text is to be made, and the names of those that keep theirs, made otherwise
/// than today.
async fn compare_all(
    app: &App,
    articles: Vec<RemoteArticle>,
    anew: bool,
    prepared: &mut Prepared,
) -> Result<(Vec<Compared>, Vec<ArticleId>), Error> {
    let ids: Vec<_> = articles.iter().map(|article| article.id.clone()).collect();
    let known = knowledge_articles::fetch_known(&app.database, &ids).await?;
    let rendered_as = app.rendered_as();
    let mut taken: BTreeMap<ArticleId, Compared> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for (told, known) in articles.into_iter().zip(known) {
        let hash = compare::hash(&told);
        let sides = Sides {
            known: known.as_ref(),
            told: &told,
            hash,
        };
        let verdict = sides.verdict(&app.rules, &rendered_as, anew);
        let one = Compared { told, known, hash };
        if let Verdict::Take(conflict) = verdict {
            if let Some(kind) = conflict {
                prepared.note_conflict(&one, kind, app.rules.conflicts)?;
            }
            taken.insert(one.told.id.clone(), one);
        } else {
            let known = one.known.as_ref();
            let as_today = [&rendered_as, &kept_as(&rendered_as)];
            let is_otherwise = known.is_some_and(|known| !as_today.contains(&&known.rendered_as));
            if matches!(verdict, Verdict::Keep(_)) && is_otherwise {
                kept.insert(one.told.id.clone());
            }
            prepared.settle(app, &one, verdict)?;
        }
    }
    Ok((taken.into_values().collect(), kept.into_iter().collect()))
}

/// The hashes of the texts that these articles have now, by article and language.
type Texts = BTreeMap<(ArticleId, String), Vec<TextHash>>;

async fn texts_before(app: &App, taken: &[Compared]) -> Result<Texts, Error> {
    let is_live = |one: &&Compared| {
        let known = one.known.as_ref();
        known.is_some_and(|known| known.state == ArticleState::Live)
    };
    let live = taken.iter().filter(is_live);
    let ids: Vec<_> = live.map(|one| one.told.id.clone()).collect();
    let mut texts = Texts::new();
    if ids.is_empty() {
        return Ok(texts);
    }
    for chunk in knowledge_chunks::fetch(&app.database, &ids).await? {
        let name = (chunk.article, chunk.locale);
        texts.entry(name).or_default().push(chunk.hash);
    }
    Ok(texts)
}

pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
