//! Both answers of the knowledge interface, `{articles: […]}` and the shorter `{items: […]}`, read article by article.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::fields::ArticleFields;
use super::value::{field, instant, text, version, word};
use super::{ArticleFlaw, LocalizedBody, RemoteArticle};
use crate::domain::{ArticleId, Locale, TextHash};
use crate::error::Error;
use crate::json::{self, Fields};

/// What stands where a byte was no text.
const REPLACED: char = char::REPLACEMENT_CHARACTER;

/// What holds for articles that do not say it themselves, as those of the shorter answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// The language of an article that has no `locales`.
    pub locale: Locale,
    /// When an article was changed that does not say; without it, such an article is flawed.
    pub modified: Option<Timestamp>,
}

/// What an answer holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Articles {
    /// Those that could be read, in order.
    pub articles: Vec<RemoteArticle>,
    /// The others, in order.
    pub flaws: Vec<ArticleFlaw>,
}

impl Articles {
    /// How many entries the answer had.
    pub fn entries(&self) -> usize {
        self.articles.len() + self.flaws.len()
    }
}

/// Why nothing of an answer can be used.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// No JSON, or too deep.
    #[error("the answer {0}")]
    NotJson(String),
    /// JSON of another shape.
    #[error("the answer is no object with a list {0}")]
    NoList(String),
}

/// Reads an answer. An article that cannot be read costs the others nothing.
pub fn read_articles(
    body: &[u8],
    fields: &ArticleFields,
    unsaid: &Unsaid,
) -> Result<Articles, Unreadable> {
    let text = String::from_utf8_lossy(body);
    let is_spoilt = matches!(text, Cow::Owned(_));
    let document = json::parse(text.as_bytes()).map_err(|error| not_json(&error))?;
    let mut read = Articles::default();
    for (place, entry) in list(document, &fields.lists)?.into_iter().enumerate() {
        let outcome = if is_spoilt && entry.get().contains(REPLACED) {
            Err((None, "must be UTF-8".to_owned()))
        } else {
            article(entry, fields, unsaid)
        };
        match outcome {
            Ok(article) => read.articles.push(article),
            Err((id, what)) => read.flaws.push(ArticleFlaw {
                place,
                id,
                entry: TextHash::of(entry.get()),
                what,
            }),
        }
    }
    Ok(read)
}

fn not_json(error: &Error) -> Unreadable {
    let detail = error.violations().first().map(|it| it.detail.clone());
    Unreadable::NotJson(detail.unwrap_or_default())
}

fn list<'doc>(
    document: &'doc RawValue,
    names: &[String],
) -> Result<Vec<&'doc RawValue>, Unreadable> {
    let fields = json::fields(document).unwrap_or_default();
    let list = names.iter().find_map(|name| field(&fields, name));
    let entries = list.and_then(|list| serde_json::from_str(list.get()).ok());
    entries.ok_or_else(|| Unreadable::NoList(names.join(" or ")))
}

/// One article, or its id as far as it can be told and what is wrong.
fn article(
    entry: &RawValue,
    names: &ArticleFields,
    unsaid: &Unsaid,
) -> Result<RemoteArticle, (Option<ArticleId>, String)> {
    let fields = json::fields(entry).ok_or((None, "must be an object".to_owned()))?;
    let id = id(&fields, names).map_err(|what| (None, what))?;
    let rest = || {
        let modified = instant(&fields, &names.modified)?.or(unsaid.modified);
        Ok(RemoteArticle {
            id: id.clone(),
            locales: locales(&fields, names, unsaid)?,
            modified: modified.ok_or_else(|| format!("{} is required", names.modified))?,
            version: version(&fields, &names.version)?,
            territory: word(&fields, &names.territory)?,
            category: word(&fields, &names.category)?,
            status: word(&fields, &names.status)?,
        })
    };
    rest().map_err(|what| (Some(id.clone()), what))
}

fn id(fields: &Fields<'_>, names: &ArticleFields) -> Result<ArticleId, String> {
    let name = names.id.iter().find(|name| field(fields, name).is_some());
    let name = name.ok_or_else(|| format!("{} is required", names.id.join(" or ")))?;
    let text = field(fields, name).and_then(json::text);
    let text = text.ok_or_else(|| format!("{name} must be text"))?;
    ArticleId::parse(text).map_err(|rule| format!("{name} {rule}"))
}

/// The bodies by language. A language without a body is left out.
fn locales(
    fields: &Fields<'_>,
    names: &ArticleFields,
    unsaid: &Unsaid,
) -> Result<BTreeMap<Locale, LocalizedBody>, String> {
    let Some(written) = field(fields, &names.locales) else {
        let body = body(fields, names)?;
        return Ok(BTreeMap::from([(unsaid.locale.clone(), body)]));
    };
    let what = &names.locales;
    let by_tag = json::fields(written).ok_or_else(|| format!("{what} must be an object"))?;
    let mut bodies = BTreeMap::new();
    for (tag, _) in by_tag.iter().filter(|(_, value)| value.get() != "null") {
        let locale = Locale::parse(tag).map_err(|rule| format!("a name in {what} {rule}"))?;
        let written = field(&by_tag, tag).and_then(json::fields);
        let written = written.ok_or_else(|| format!("{what}/{locale} must be an object"))?;
        let body = body(&written, names).map_err(|wrong| format!("{what}/{locale}/{wrong}"))?;
        if bodies.insert(locale.clone(), body).is_some() {
            return Err(format!("{what} has {locale} twice"));
        }
    }
    Ok(bodies)
}

fn body(fields: &Fields<'_>, names: &ArticleFields) -> Result<LocalizedBody, String> {
    Ok(LocalizedBody {
        title: text(fields, &names.title)?.unwrap_or_default(),
        html: text(fields, &names.content)?.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
