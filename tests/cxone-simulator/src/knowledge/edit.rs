//! What can happen to an article. The same values come over HTTP, from Rust, and as drift between two pages.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::article::{Article, Status};

/// One change of the knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum KnowledgeEdit {
    /// The article as it is given, date and version included; replaces one of the same uuid.
    Put {
        /// The article.
        article: Article,
    },
    /// An author saves it: a version more, the date of now.
    Edit {
        /// Which article.
        uuid: String,
        /// What is different in it.
        #[serde(default)]
        revision: Revision,
    },
    /// Back to draft: a version more, the date of now.
    Unpublish {
        /// Which article.
        uuid: String,
    },
    /// Gone without a trace: no list names it again, and all articles after it move up.
    Delete {
        /// Which article.
        uuid: String,
    },
    /// To another territory, another category, or both: a version more, the date of now.
    Move {
        /// Which article.
        uuid: String,
        /// The new territory; the old one when absent.
        #[serde(default)]
        territory: Option<String>,
        /// The new category; the old one when absent.
        #[serde(default)]
        category_uuid: Option<String>,
    },
    /// A backup is put back: a version less, the date a day earlier, the same text.
    Rewind {
        /// Which article.
        uuid: String,
    },
    /// Other text in every language under the same version and date: only a full comparison finds it.
    Tamper {
        /// Which article.
        uuid: String,
    },
}

/// What an author changes in one language; what is absent stays. Without a locale nothing changes but version and date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revision {
    /// The language; one that the article lacks is added.
    pub locale: Option<String>,
    /// The new title.
    pub title: Option<String>,
    /// The new HTML.
    pub content: Option<String>,
}

impl Revision {
    /// New HTML in one language.
    pub fn of_content(locale: &str, content: &str) -> Self {
        Self {
            locale: Some(locale.to_owned()),
            title: None,
            content: Some(content.to_owned()),
        }
    }
}

impl KnowledgeEdit {
    pub(super) fn uuid(&self) -> &str {
        match self {
            Self::Put { article } => &article.uuid,
            Self::Edit { uuid, .. }
            | Self::Unpublish { uuid }
            | Self::Delete { uuid }
            | Self::Move { uuid, .. }
            | Self::Rewind { uuid }
            | Self::Tamper { uuid } => uuid,
        }
    }

    /// The article after the edit, none when it is deleted; `stamp` is the date that a change gets.
    pub(super) fn apply(&self, mut article: Article, stamp: Timestamp) -> Option<Article> {
        match self {
            Self::Put { article } => return Some(article.clone()),
            Self::Delete { .. } => return None,
            Self::Rewind { .. } => {
                let earlier = article
                    .modified_date
                    .checked_sub(SignedDuration::from_hours(24));
                article.modified_date = earlier.unwrap_or(Timestamp::MIN);
                article.version = article.version.saturating_sub(1);
                return Some(article);
            }
            Self::Tamper { .. } => {
                for locale in article.locales.values_mut() {
                    locale.content.push_str("\n<p>Changed without a trace.</p>");
                }
                return Some(article);
            }
            Self::Edit { revision, .. } => revise(&mut article, revision),
            Self::Unpublish { .. } => article.status = Status::Draft,
            Self::Move {
                territory,
                category_uuid,
                ..
            } => {
                replace(&mut article.territory, territory.as_ref());
                replace(&mut article.category_uuid, category_uuid.as_ref());
            }
        }
        article.version += 1;
        article.modified_date = stamp;
        Some(article)
    }
}

fn revise(article: &mut Article, revision: &Revision) {
    let Some(language) = &revision.locale else {
        return;
    };
    let locale = article.locales.entry(language.clone()).or_default();
    replace(&mut locale.title, revision.title.as_ref());
    replace(&mut locale.content, revision.content.as_ref());
}

fn replace(text: &mut String, by: Option<&String>) {
    if let Some(by) = by {
        text.clone_from(by);
    }
}
