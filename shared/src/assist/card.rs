//! What CXone shows.

use serde::Serialize;

use super::clean::{clean, cut};
use crate::domain::{ArticleId, Locale, Score};

/// How many characters of the passage a card has, the sign that there is more included.
const PASSAGE: usize = 200;
/// How many characters of the article's title.
const TITLE: usize = 120;

/// A passage that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The article that it is of.
    pub article: ArticleId,
    /// The language that the article is in.
    pub locale: Locale,
    /// The article's title.
    pub title: String,
    /// Its words, which may be read as markup by accident or by malice.
    pub passage: String,
    /// How well it fits what was said.
    pub score: Score,
}

/// A card as `POST /api/v2/interactions/{interaction_id}/assist` takes it, and the article that it shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "card")]
pub struct Card {
    /// Not sent.
    #[serde(skip)]
    pub article: ArticleId,
    /// What is shown.
    pub content: Content,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Content {
    /// `KB Result` and its place among the cards of one post, from 1.
    pub title: String,
    /// The article's title in bold, and on the next line the beginning of the passage. Nothing else of it acts or formats.
    pub body: String,
    /// How well it fits, with four decimals.
    pub score: f64,
}

impl Card {
    /// The card of a candidate that stands in this place of a post.
    pub fn new(place: usize, candidate: &Candidate) -> Self {
        let title = cut(&clean(&candidate.title), TITLE);
        let passage = cut(&clean(&candidate.passage), PASSAGE);
        let body = if title.is_empty() {
            passage
        } else {
            format!("**{title}**\n{passage}")
        };
        Self {
            article: candidate.article.clone(),
            content: Content {
                title: format!("KB Result {place}"),
                body: body.trim_end().to_owned(),
                score: (candidate.score.get() * 10_000.0).round() / 10_000.0,
            },
        }
    }
}
