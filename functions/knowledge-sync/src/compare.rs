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
    /// Ours stays; only how search finds it is made anew, where that is of other settings.
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

/// The hash of everything that CXone says of an article. One that says no version may say no date either, and then has that of the
/// answer it came in, which is another every time.
pub(crate) fn hash(article: &RemoteArticle) -> TextHash {
    let body = |(locale, body): (_, &LocalizedBody)| json!([locale, body.title, body.html]);
    let bodies: Vec<_> = article.locales.iter().map(body).collect();
    let said = json!([
        bodies,
        article.version.map(|version| (version, article.modified)),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use shared::config::Env;
    use shared::domain::ArticleId;

    const TODAY: &str = "as today";

    fn rules(policy: &str) -> Rules {
        let env = Env::from_pairs([("KNOWLEDGE_CONFLICTS", policy)]);
        Rules::read(&mut env.reader())
    }

    /// CXone's side: changed at this minute, of this version, with this status.
    fn told(minute: u8, version: u64, status: &str) -> RemoteArticle {
        RemoteArticle {
            id: ArticleId::parse("a-1").unwrap(),
            locales: BTreeMap::new(),
            modified: format!("2026-01-15T10:{minute:02}:00Z").parse().unwrap(),
            version: Some(version),
            territory: None,
            category: None,
            status: Some(status.to_owned()),
        }
    }

    /// Ours, as it was stored of that.
    fn stored(article: &RemoteArticle, state: ArticleState) -> KnownArticle {
        KnownArticle {
            state,
            modified: article.modified,
            version: article.version,
            content_hash: hash(article),
            rendered_as: TODAY.to_owned(),
            conflict: None,
        }
    }

    fn verdict(known: &KnownArticle, told: &RemoteArticle, policy: &str, anew: bool) -> Verdict {
        let sides = Sides {
            known: Some(known),
            told,
            hash: hash(told),
        };
        sides.verdict(&rules(policy), TODAY, anew)
    }

    #[test]
    fn an_edit_is_taken_and_a_contradiction_goes_by_the_policy() {
        let ours = stored(&told(30, 5, "published"), ArticleState::Live);
        for (theirs, conflict) in [
            (told(31, 6, "published"), None),
            (told(31, 5, "published"), None),
            (told(30, 6, "published"), None),
            (told(29, 5, "published"), Some(ConflictKind::Older)),
            (told(30, 5, "approved"), Some(ConflictKind::SameDate)),
            (told(31, 4, "published"), Some(ConflictKind::VersionBack)),
            (told(29, 4, "published"), Some(ConflictKind::VersionBack)),
        ] {
            let kept = conflict.map_or(Verdict::Take(None), Verdict::Keep);
            for (policy, expected) in [
                ("skip", kept),
                ("flag", kept),
                ("take-remote", Verdict::Take(conflict)),
            ] {
                let found = verdict(&ours, &theirs, policy, false);
                assert_eq!(found, expected, "{policy}: {theirs:?}");
            }
        }
    }

    #[test]
    fn what_stood_still_is_left_alone_unless_it_is_to_be_rendered_anew() {
        let theirs = told(30, 5, "published");
        let mut ours = stored(&theirs, ArticleState::Live);
        assert_eq!(verdict(&ours, &theirs, "skip", false), Verdict::Same);
        assert_eq!(verdict(&ours, &theirs, "skip", true), Verdict::Take(None));
        ours.conflict = Some(raw(&"a mark").unwrap());
        assert_eq!(verdict(&ours, &theirs, "flag", false), Verdict::Clear);
        ours.rendered_as = "as yesterday".to_owned();
        assert_eq!(verdict(&ours, &theirs, "skip", false), Verdict::Take(None));
    }

    #[test]
    fn what_is_unpublished_goes_even_without_a_new_date_and_comes_back() {
        let (published, draft) = (told(30, 5, "published"), told(30, 5, "draft"));
        let live = stored(&published, ArticleState::Live);
        let out = Verdict::LeaveOut(LeftOut::Status);
        assert_eq!(verdict(&live, &draft, "skip", false), out);
        let left_out = stored(&draft, ArticleState::LeftOut);
        assert_eq!(verdict(&left_out, &draft, "skip", false), Verdict::Same);
        assert_eq!(
            verdict(&left_out, &published, "skip", false),
            Verdict::Take(None)
        );
        let gone = stored(&published, ArticleState::Gone);
        assert_eq!(
            verdict(&gone, &told(20, 1, "published"), "skip", false),
            Verdict::Take(None)
        );
    }
}
