//! What of the knowledge base is for search, in which languages, and what happens to conflicts. Pure.

mod lists;

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Serialize;
use shared::config::Reader;
use shared::domain::{ConflictPolicy, Locale, LocalizedBody, RemoteArticle};

use lists::{List, Names};

/// Articles in these states stay out, unless the tenant says otherwise. An article without a state is published.
const LEFT_OUT: &str = "draft,unpublished,archived,deleted,expired";

/// The tenant's choice.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) locales: Vec<Locale>,
    /// Empty means all.
    pub(crate) territories: Names,
    pub(crate) left_out: Names,
    pub(crate) conflicts: ConflictPolicy,
    /// More than this share of the live articles is never removed unasked.
    pub(crate) most_removed_percent: u8,
}

/// Why an article is not for search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeftOut {
    Status,
    Territory,
}

/// An article's languages that are for search, and how many are not there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen<'a> {
    pub(crate) bodies: Vec<(&'a Locale, &'a LocalizedBody)>,
    pub(crate) missing: usize,
}

impl Rules {
    pub(crate) fn read(read: &mut Reader<'_>) -> Self {
        let locales: List<Locale> = read.or("KNOWLEDGE_LOCALES", List(Vec::new()));
        let most_removed_percent = read.or("KNOWLEDGE_MOST_REMOVED_PERCENT", 20);
        if most_removed_percent > 100 {
            read.problem("KNOWLEDGE_MOST_REMOVED_PERCENT", "is more than 100");
        }
        Self {
            locales: locales.0,
            territories: read.or("KNOWLEDGE_TERRITORIES", Names::default()),
            left_out: read.or("KNOWLEDGE_LEFT_OUT", Names::listed(LEFT_OUT)),
            conflicts: read.or("KNOWLEDGE_CONFLICTS", Word(ConflictPolicy::Skip)).0,
            most_removed_percent,
        }
    }

    /// Why the article is not for search, if it is not.
    pub(crate) fn leaves_out(&self, article: &RemoteArticle) -> Option<LeftOut> {
        let is_in = |names: &Names, word: &Option<String>| {
            word.as_ref().is_some_and(|word| names.contain(word))
        };
        if is_in(&self.left_out, &article.status) {
            return Some(LeftOut::Status);
        }
        // What names no territory is for all of them.
        let is_elsewhere = article.territory.is_some() && !self.territories.is_empty();
        (is_elsewhere && !is_in(&self.territories, &article.territory))
            .then_some(LeftOut::Territory)
    }

    /// The bodies in the languages that were asked for; without any, all.
    pub(crate) fn choose<'a>(&self, locales: &'a BTreeMap<Locale, LocalizedBody>) -> Chosen<'a> {
        if self.locales.is_empty() {
            return Chosen {
                bodies: locales.iter().collect(),
                missing: 0,
            };
        }
        let mut bodies = BTreeMap::new();
        let mut missing = 0;
        for wanted in &self.locales {
            let found: Vec<_> = locales
                .iter()
                .filter(|(locale, _)| self.is_for(wanted, locale))
                .collect();
            missing += usize::from(found.is_empty());
            bodies.extend(found);
        }
        Chosen {
            bodies: bodies.into_iter().collect(),
            missing,
        }
    }

    /// `de` stands for every German that is not asked for by its own name.
    fn is_for(&self, wanted: &Locale, locale: &Locale) -> bool {
        let is_part = || {
            let rest = locale.as_str().strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.starts_with('-'))
        };
        wanted == locale || (is_part() && !self.locales.contains(locale))
    }

    /// Changes whenever the same article would be stored differently.
    pub(crate) fn version(&self) -> String {
        let locales: Vec<_> = self.locales.iter().map(Locale::as_str).collect();
        locales.join(",")
    }
}

/// The word of a policy.
struct Word(ConflictPolicy);

impl FromStr for Word {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let policy = ConflictPolicy::parse(text);
        policy.map(Self).ok_or("must be skip, take-remote or flag")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::config::Env;
    use shared::domain::ArticleId;

    fn rules(pairs: &[(&str, &str)]) -> Rules {
        let env = Env::from_pairs(pairs.iter().copied());
        let mut read = env.reader();
        let rules = Rules::read(&mut read);
        read.build(|| Some(rules)).unwrap()
    }

    fn locale(tag: &str) -> Locale {
        Locale::parse(tag).unwrap()
    }

    fn article(status: Option<&str>, territory: Option<&str>) -> RemoteArticle {
        RemoteArticle {
            id: ArticleId::parse("a-1").unwrap(),
            locales: BTreeMap::new(),
            modified: "2026-01-15T10:30:00Z".parse().unwrap(),
            version: None,
            territory: territory.map(str::to_owned),
            category: None,
            status: status.map(str::to_owned),
        }
    }

    #[test]
    fn status_and_territory_decide_without_regard_to_case() {
        let emea = &[("KNOWLEDGE_TERRITORIES", "EMEA, us ")][..];
        let open = &[("KNOWLEDGE_LEFT_OUT", "Retired")][..];
        for (settings, status, territory, expected) in [
            (&[][..], None, None, None),
            (&[], Some("published"), Some("EMEA"), None),
            (&[], Some("Draft"), None, Some(LeftOut::Status)),
            (&[], Some("ARCHIVED"), None, Some(LeftOut::Status)),
            (emea, Some("published"), Some("emea"), None),
            (emea, Some("published"), Some("US"), None),
            (
                emea,
                Some("published"),
                Some("APAC"),
                Some(LeftOut::Territory),
            ),
            (emea, Some("published"), None, None),
            (emea, Some("draft"), Some("APAC"), Some(LeftOut::Status)),
            (open, Some("draft"), None, None),
            (open, Some("retired"), None, Some(LeftOut::Status)),
        ] {
            let found = rules(settings).leaves_out(&article(status, territory));
            assert_eq!(found, expected, "{settings:?} {status:?} {territory:?}");
        }
    }

    #[test]
    fn every_configured_language_is_chosen_and_missing_ones_are_counted() {
        let tags = ["de-AT", "de-DE", "en-US", "fr-FR"];
        let bodies: BTreeMap<_, _> = tags
            .into_iter()
            .map(|tag| (locale(tag), LocalizedBody::default()))
            .collect();
        for (wanted, chosen, missing) in [
            ("", &tags[..], 0),
            ("en-us", &["en-US"], 0),
            ("en-US,de", &["de-AT", "de-DE", "en-US"], 0),
            ("de,de-DE", &["de-AT", "de-DE"], 0),
            ("ja-JP,en-US", &["en-US"], 1),
            ("ja-JP,it", &[], 2),
        ] {
            let rules = rules(&[("KNOWLEDGE_LOCALES", wanted)]);
            let found = rules.choose(&bodies);
            let names: Vec<_> = found.bodies.iter().map(|(tag, _)| tag.as_str()).collect();
            assert_eq!((&names[..], found.missing), (chosen, missing), "{wanted}");
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        let env = Env::from_pairs([
            ("KNOWLEDGE_LOCALES", "en US"),
            ("KNOWLEDGE_CONFLICTS", "ask"),
            ("KNOWLEDGE_MOST_REMOVED_PERCENT", "101"),
        ]);
        let mut read = env.reader();
        let _ = Rules::read(&mut read);
        let error = read.build(|| Some(())).unwrap_err();
        assert_eq!(error.problems.len(), 3, "{error}");
    }
}
