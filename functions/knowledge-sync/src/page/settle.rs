//! What is decided about an article becomes what is changed, counted and told of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_conflicts::NewConflict;
use shared::domain::{
    ArticleFlaw, ArticleState, Change, ConflictKind, ConflictPolicy, RemoteArticle, hex,
};
use shared::error::Error;
use shared::text::terms::Analysis;

use super::rows::{has_same_texts, located, stored};
use super::{Compared, Prepared, Texts};
use crate::app::App;
use crate::compare::{self, Verdict};
use crate::progress::raw;
use crate::render::Rendered;
use crate::rules::LeftOut;
use crate::vectors::Vectors;

impl Prepared {
    /// What needs no text.
    pub(super) fn settle(
        &mut self,
        app: &App,
        one: &Compared,
        verdict: Verdict,
    ) -> Result<(), Error> {
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
                    let mark = raw(&json!({ "kind": kind, "remote": compare::told(&one.told)? }))?;
                    if !one.has_mark(&mark) {
                        self.articles.insert(id, ArticleChange::Marked(Some(mark)));
                    }
                }
                self.note_conflict(one, kind, app.rules.conflicts)?;
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, app: &App, one: &Compared, why: LeftOut) -> Result<(), Error> {
        self.counts.left_out += 1;
        self.note(&one.told, Change::LeftOut, &json!({ "why": why }))?;
        let article = stored(app, one);
        self.articles
            .insert(one.told.id.clone(), ArticleChange::LeftOut(article));
        Ok(())
    }

    /// The text of the article takes the place of what is here.
    pub(super) fn take(
        &mut self,
        app: &App,
        one: &Compared,
        rendered: Rendered,
        vectors: &Vectors,
        before: &Texts,
    ) -> Result<(), Error> {
        self.note_taken(one, &rendered, before)?;
        let article = NewArticle {
            rendered_as: app.rendered_by(vectors.answered(app, &rendered)),
            ..stored(app, one)
        };
        let mut documents = BTreeMap::new();
        for (locale, document) in rendered.documents {
            let located = located(document, Analysis::of(locale.as_str()), vectors)?;
            documents.insert(locale, located);
        }
        let live = ArticleChange::Live {
            article,
            links: rendered.links,
            documents,
        };
        self.articles.insert(one.told.id.clone(), live);
        Ok(())
    }

    /// What it means for the article that this text takes the place of what is here.
    pub(super) fn note_taken(
        &mut self,
        one: &Compared,
        rendered: &Rendered,
        before: &Texts,
    ) -> Result<(), Error> {
        let known = one.known.as_ref();
        let is_new = known.is_none_or(|known| known.state != ArticleState::Live);
        let change = match (is_new, has_same_texts(&one.told.id, rendered, before)) {
            (true, _) => Change::Added,
            (false, true) => Change::Metadata,
            (false, false) => Change::Updated,
        };
        match change {
            Change::Added => self.counts.added += 1,
            Change::Metadata => self.counts.metadata += 1,
            _ => self.counts.updated += 1,
        }
        let detail = json!({ "documents": rendered.documents.len() });
        self.note(&one.told, change, &detail)
    }

    /// Its way here is tried again by the next run.
    pub(super) fn note_failure(&mut self, one: &Compared, error: &Arc<Error>) -> Result<(), Error> {
        tracing::warn!(
            article.id = %one.told.id,
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "not embedded; the next run tries again"
        );
        self.counts.failed += 1;
        let detail = json!({ "kind": error.kind().as_str() });
        self.note(&one.told, Change::Failed, &detail)
    }

    pub(super) fn note_flaw(&mut self, flaw: ArticleFlaw) -> Result<(), Error> {
        self.counts.flawed += 1;
        // One without a name is told from others by what it is.
        let detail = match &flaw.id {
            Some(_) => json!({ "what": flaw.what }),
            None => json!({ "what": flaw.what, "entry": hex(flaw.entry.as_bytes()) }),
        };
        self.changes.push(NewChange {
            article: flaw.id.clone(),
            change: Change::Flawed,
            detail: Some(raw(&detail)?),
        });
        self.listed.flaws.push(flaw);
        Ok(())
    }

    pub(super) fn note_conflict(
        &mut self,
        one: &Compared,
        kind: ConflictKind,
        policy: ConflictPolicy,
    ) -> Result<(), Error> {
        let Some(known) = &one.known else {
            return Ok(());
        };
        self.counts.conflicts += 1;
        let detail = json!({ "kind": kind, "policy": policy });
        self.note(&one.told, Change::Conflict, &detail)?;
        self.conflicts.push(NewConflict {
            article: one.told.id.clone(),
            kind,
            policy,
            local: compare::known(known)?,
            remote: compare::told(&one.told)?,
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
