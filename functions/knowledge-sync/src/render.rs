//! An article becomes documents in pieces, before anybody knows where the pieces lie. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use shared::domain::{Locale, LocalizedBody, RemoteArticle};
use shared::text::article::{ArticleChunk, chunk_article};
use shared::text::chunk::{Limits, Tokens};
use shared::text::html;
use shared::text::terms::Analysis;
use url::Url;

use crate::rules::Rules;

/// Changes whenever the same article is rendered differently by this code.
const VERSION: u32 = 1;

/// An article as search will find it.
#[derive(Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) documents: BTreeMap<Locale, Document>,
    pub(crate) links: BTreeSet<String>,
    /// Configured languages that it does not have.
    pub(crate) missing: usize,
}

/// An article in one language.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) title: String,
    /// A JSON object.
    pub(crate) metadata: serde_json::Value,
    pub(crate) chunks: Vec<ArticleChunk>,
}

/// How articles are rendered.
pub(crate) struct Renderer<'a> {
    pub(crate) rules: &'a Rules,
    /// What relative links are relative to.
    pub(crate) base: Option<&'a Url>,
    pub(crate) limits: Limits,
    pub(crate) tokens: &'a dyn Tokens,
}

impl Renderer<'_> {
    /// The article in every language that is for search.
    pub(crate) fn render(&self, article: &RemoteArticle) -> Rendered {
        let chosen = self.rules.choose(&article.locales);
        let mut rendered = Rendered {
            missing: chosen.missing,
            ..Rendered::default()
        };
        for (locale, body) in chosen.bodies {
            let page = html::read(&body.html, self.base);
            rendered.links.extend(page.links.iter().map(Url::to_string));
            let document = Document {
                title: body.title.trim().to_owned(),
                metadata: metadata(article, locale, body),
                chunks: chunk_article(&body.title, &page.sections, self.limits, self.tokens),
            };
            rendered.documents.insert(locale.clone(), document);
        }
        rendered
    }

    /// What decides, beside the article, how it is rendered: under another word it is rendered anew.
    /// The models stand last: `shared::db::knowledge_vectors::count_lacking` looks for one among them.
    pub(crate) fn rendered_as(&self, models: &[String]) -> String {
        let base = self.base.map_or("", Url::as_str);
        format!(
            "{VERSION};{};{};{:?};{base};{}",
            Analysis::VERSION,
            self.rules.version(),
            self.limits,
            models.join(",")
        )
    }
}

/// What search filters by and shows, flat.
fn metadata(article: &RemoteArticle, locale: &Locale, body: &LocalizedBody) -> serde_json::Value {
    json!({
        "source": "cxone_knowledge",
        "article_id": article.id,
        "title": body.title.trim(),
        "language": locale,
        "territory": article.territory,
        "category": article.category,
        "status": article.status,
        "version": article.version,
        "modified": article.modified,
    })
}
