//! Compares CXone's side of an article with ours. Pure.

use serde_json::json;
use serde_json::value::RawValue;
use shared::db::knowledge_articles::KnownArticle;
use shared::domain::{
    ArticleState, ConflictKind, ConflictPolicy, LocalizedBody, RemoteArticle, TextHash,
};
use shared::error::Error;

use crate::progress::raw;
use crate::rules::{LeftOut, Rules};

/// What is to be done with an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing.
    Same,
    /// Its text is made anew, and takes the place of what is here. A conflict was decided in CXone's favour.
    Take(Option<ConflictKind>),
    /// It is known, and not for search.
    LeaveOut(LeftOut),
    /// Ours stays.
    Keep(ConflictKind),
    /// Ours stays, and is no longer in conflict.
    Clear,
}

/// Both sides of an article.
pub(crate) struct Sides<'a> {
    pub(crate) known: Option<&'a KnownArticle>,
    pub(crate) told: &'a RemoteArticle,
    pub(crate) hash: TextHash,
}

/// The hash of everything that CXone says of an article.
pub(crate) fn hash(article: &RemoteArticle) -> TextHash {
    let body = |(locale, body): (_, &LocalizedBody)| json!([locale, body.title, body.html]);
    let bodies: Vec<_> = article.locales.iter().map(body).collect();
    let said = json!([
        bodies,
        article.modified,
        article.version,
        article.territory,
        article.category,
        article.status,
    ]);
    TextHash::of(&said.to_string())
}

impl Sides<'_> {
    /// What is to be done. `rendered_as` are the settings of today; `anew` asks for texts that are made again whatever is known.
    pub(crate) fn verdict(&self, rules: &Rules, rendered_as: &str, anew: bool) -> Verdict {
        let is_same = |known: &KnownArticle| known.content_hash == self.hash;
        if let Some(why) = rules.leaves_out(self.told) {
            // What is unpublished goes at once, whatever else is odd about it.
            let is_out = |known: &KnownArticle| known.state == ArticleState::LeftOut;
            return match self.known {
                Some(known) if is_out(known) && is_same(known) => Verdict::Same,
                _ => Verdict::LeaveOut(why),
            };
        }
        let Some(known) = self.known.filter(|known| known.state == ArticleState::Live) else {
            return Verdict::Take(None);
        };
        if is_same(known) {
            return match (anew || known.rendered_as != rendered_as, &known.conflict) {
                (true, _) => Verdict::Take(None),
                (false, Some(_)) => Verdict::Clear,
                (false, None) => Verdict::Same,
            };
        }
        match (self.conflict(known), rules.conflicts) {
            (None, _) => Verdict::Take(None),
            (conflict, ConflictPolicy::TakeRemote) => Verdict::Take(conflict),
            (Some(conflict), ConflictPolicy::Skip | ConflictPolicy::Flag) => {
                Verdict::Keep(conflict)
            }
        }
    }

    /// How two sides that differ contradict each other, if they do. Times are instants, whatever their offsets were.
    fn conflict(&self, known: &KnownArticle) -> Option<ConflictKind> {
        if known.version > self.told.version && self.told.version.is_some() {
            return Some(ConflictKind::VersionBack);
        }
        if self.told.modified < known.modified {
            return Some(ConflictKind::Older);
        }
        // Two edits within a second have two versions.
        let is_newer = self.told.version > known.version;
        (self.told.modified == known.modified && !is_newer).then_some(ConflictKind::SameDate)
    }
}

/// CXone's side, as it stands in the record of a conflict.
pub(crate) fn told(article: &RemoteArticle) -> Result<Box<RawValue>, Error> {
    let titles: Vec<_> = article
        .locales
        .iter()
        .map(|(locale, body)| json!({ "locale": locale, "title": body.title }))
        .collect();
    let side = json!({
        "modified": article.modified,
        "version": article.version,
        "status": article.status,
        "territory": article.territory,
        "documents": titles,
    });
    raw(&side)
}

/// Our side of it.
pub(crate) fn known(article: &KnownArticle) -> Result<Box<RawValue>, Error> {
    let side = json!({ "modified": article.modified, "version": article.version });
    raw(&side)
}
