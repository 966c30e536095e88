//! A page of CXone's listing becomes what is to be changed here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_articles::{self, KnownArticle, NewArticle};
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_chunks::{self, NewChunk};
use shared::db::knowledge_conflicts::NewConflict;
use shared::db::knowledge_documents::NewDocument;
use shared::domain::{
    ArticleFlaw, ArticleId, ArticleState, Change, ConflictKind, ConflictPolicy, RemoteArticle,
    TextHash,
};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::compare::{self, Sides, Verdict};
use crate::listing::Listed;
use crate::progress::{Counts, raw};
use crate::render::{Document, Rendered};
use crate::rules::LeftOut;
use crate::vectors::{self, Vectors};

/// What a page brings, and how far the listing was read with it.
pub(crate) struct Prepared {
    pub(crate) listed: Listed,
    pub(crate) articles: BTreeMap<ArticleId, ArticleChange>,
    pub(crate) conflicts: Vec<NewConflict>,
    pub(crate) changes: Vec<NewChange>,
    /// What this page adds to the run's counts.
    pub(crate) counts: Counts,
}

/// An article that is compared.
struct Compared<'a> {
    told: &'a RemoteArticle,
    known: Option<KnownArticle>,
    hash: TextHash,
}

/// Compares, renders and embeds a page. `anew` asks for texts that are made again whatever is known.
pub(crate) async fn prepare(
    app: &App,
    listed: Listed,
    anew: bool,
    until: Instant,
) -> Result<Prepared, Error> {
    let mut prepared = Prepared {
        articles: BTreeMap::new(),
        conflicts: Vec::new(),
        changes: Vec::new(),
        counts: Counts {
            listed: count(listed.articles.len() + listed.flaws.len()),
            ..Counts::default()
        },
        listed,
    };
    let articles = std::mem::take(&mut prepared.listed.articles);
    for flaw in std::mem::take(&mut prepared.listed.flaws) {
        prepared.note_flaw(flaw)?;
    }
    let taken = compare_all(app, &articles, anew, &mut prepared).await?;
    let renderer = app.renderer();
    let mut texts = Vec::with_capacity(taken.len());
    for one in &taken {
        texts.push(renderer.render(one.told));
        // Long articles take a while; in between the end may have come.
        tokio::task::yield_now().await;
    }
    let vectors = vectors::find(app, &texts, until).await?;
    prepared.counts.embedded += count(vectors.asked);
    let before = texts_before(app, &taken).await?;
    for (one, rendered) in taken.into_iter().zip(texts) {
        prepared.counts.missing_locales += count(rendered.missing);
        match vectors.failure(&rendered) {
            Some(error) => prepared.note_failure(&one, &error)?,
            None => prepared.take(app, &one, rendered, &vectors, &before)?,
        }
    }
    prepared.listed.articles = articles;
    Ok(prepared)
}

/// Decides about every article of the page; gives those whose text is to be made.
async fn compare_all<'a>(
    app: &App,
    articles: &'a [RemoteArticle],
    anew: bool,
    prepared: &mut Prepared,
) -> Result<Vec<Compared<'a>>, Error> {
    let ids: Vec<_> = articles.iter().map(|article| article.id.clone()).collect();
    let known = knowledge_articles::fetch_known(&app.database, &ids).await?;
    let rendered_as = app.rendered_as();
    let mut taken: BTreeMap<&ArticleId, Compared<'a>> = BTreeMap::new();
    for (told, known) in articles.iter().zip(known) {
        let hash = compare::hash(told);
        let sides = Sides {
            known: known.as_ref(),
            told,
            hash,
        };
        let verdict = sides.verdict(&app.rules, &rendered_as, anew);
        let one = Compared { told, known, hash };
        if let Verdict::Take(conflict) = verdict {
            if let Some(kind) = conflict {
                prepared.note_conflict(&one, kind, app.rules.conflicts)?;
            }
            taken.insert(&told.id, one);
        } else {
            prepared.settle(app, &one, verdict)?;
        }
    }
    Ok(taken.into_values().collect())
}

/// The hashes of the texts that these articles have now, by article and language.
type Texts = BTreeMap<(ArticleId, String), Vec<TextHash>>;

async fn texts_before(app: &App, taken: &[Compared<'_>]) -> Result<Texts, Error> {
    let is_live = |one: &&Compared<'_>| {
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

impl Prepared {
    /// What needs no text.
    fn settle(&mut self, app: &App, one: &Compared<'_>, verdict: Verdict) -> Result<(), Error> {
        let id = one.told.id.clone();
        match verdict {
            Verdict::Same | Verdict::Take(_) => self.counts.unchanged += 1,
            Verdict::Clear => {
                self.counts.unchanged += 1;
                self.articles.insert(id, ArticleChange::Marked(None));
            }
            Verdict::LeaveOut(why) => self.leave_out(app, one, why)?,
            Verdict::Keep(kind) => {
                if app.rules.conflicts == ConflictPolicy::Flag {
                    let mark = raw(&json!({ "kind": kind, "remote": compare::told(one.told)? }))?;
                    self.articles.insert(id, ArticleChange::Marked(Some(mark)));
                }
                self.note_conflict(one, kind, app.rules.conflicts)?;
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, app: &App, one: &Compared<'_>, why: LeftOut) -> Result<(), Error> {
        self.counts.left_out += 1;
        self.note(one.told, Change::LeftOut, &json!({ "why": why }))?;
        let article = stored(app, one);
        self.articles
            .insert(one.told.id.clone(), ArticleChange::LeftOut(article));
        Ok(())
    }

    /// The text of the article takes the place of what is here.
    fn take(
        &mut self,
        app: &App,
        one: &Compared<'_>,
        rendered: Rendered,
        vectors: &Vectors,
        before: &Texts,
    ) -> Result<(), Error> {
        let id = &one.told.id;
        let is_new = one
            .known
            .as_ref()
            .is_none_or(|known| known.state != ArticleState::Live);
        let change = match (is_new, has_same_texts(id, &rendered, before)) {
            (true, _) => Change::Added,
            (false, true) => Change::Metadata,
            (false, false) => Change::Updated,
        };
        match change {
            Change::Added => self.counts.added += 1,
            Change::Metadata => self.counts.metadata += 1,
            _ => self.counts.updated += 1,
        }
        self.note(
            one.told,
            change,
            &json!({ "documents": rendered.documents.len() }),
        )?;
        let mut documents = BTreeMap::new();
        for (locale, document) in rendered.documents {
            documents.insert(locale, located(document, vectors)?);
        }
        let live = ArticleChange::Live {
            article: stored(app, one),
            links: rendered.links,
            documents,
        };
        self.articles.insert(id.clone(), live);
        Ok(())
    }

    /// Its way here is tried again by the next run.
    fn note_failure(&mut self, one: &Compared<'_>, error: &Arc<Error>) -> Result<(), Error> {
        tracing::warn!(
            article.id = %one.told.id,
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "not embedded; the next run tries again"
        );
        self.counts.failed += 1;
        let detail = json!({ "kind": error.kind().as_str() });
        self.note(one.told, Change::Failed, &detail)
    }

    fn note_flaw(&mut self, flaw: ArticleFlaw) -> Result<(), Error> {
        self.counts.flawed += 1;
        self.changes.push(NewChange {
            article: flaw.id.clone(),
            change: Change::Flawed,
            detail: Some(raw(&json!({ "what": flaw.what }))?),
        });
        self.listed.flaws.push(flaw);
        Ok(())
    }

    fn note_conflict(
        &mut self,
        one: &Compared<'_>,
        kind: ConflictKind,
        policy: ConflictPolicy,
    ) -> Result<(), Error> {
        let Some(known) = &one.known else {
            return Ok(());
        };
        self.counts.conflicts += 1;
        let detail = json!({ "kind": kind, "policy": policy });
        self.note(one.told, Change::Conflict, &detail)?;
        self.conflicts.push(NewConflict {
            article: one.told.id.clone(),
            kind,
            policy,
            local: compare::known(known)?,
            remote: compare::told(one.told)?,
            local_hash: known.content_hash,
            remote_hash: one.hash,
        });
        Ok(())
    }

    fn note(
        &mut self,
        article: &RemoteArticle,
        change: Change,
        detail: &serde_json::Value,
    ) -> Result<(), Error> {
        self.changes.push(NewChange {
            article: Some(article.id.clone()),
            change,
            detail: Some(raw(detail)?),
        });
        Ok(())
    }
}

fn has_same_texts(id: &ArticleId, rendered: &Rendered, before: &Texts) -> bool {
    let languages = before.keys().filter(|(article, _)| article == id).count();
    languages
        == rendered
            .documents
            .values()
            .filter(|one| !one.chunks.is_empty())
            .count()
        && rendered.documents.iter().all(|(locale, document)| {
            let name = (id.clone(), locale.to_string());
            let hashes = document.chunks.iter().map(|chunk| &chunk.hash);
            hashes.eq(before.get(&name).into_iter().flatten())
        })
}

fn located(document: Document, vectors: &Vectors) -> Result<NewDocument, Error> {
    let chunks = document.chunks.into_iter().map(|chunk| NewChunk {
        heading: chunk.heading_path.join(" > "),
        text: chunk.text,
        hash: chunk.hash,
        vectors: vectors.of(chunk.hash),
    });
    Ok(NewDocument {
        title: document.title,
        chunks: chunks.collect(),
        metadata: raw(&document.metadata)?,
    })
}

fn stored(app: &App, one: &Compared<'_>) -> NewArticle {
    let told = one.told;
    NewArticle {
        modified: told.modified,
        version: told.version,
        territory: told.territory.clone(),
        category: told.category.clone(),
        status: told.status.clone(),
        content_hash: one.hash,
        rendered_as: app.rendered_as(),
        conflict: None,
    }
}

pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
