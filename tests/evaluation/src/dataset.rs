//! Articles and questions with their judgements, as lines of JSON. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::domain::ArticleId;
use shared::domain::query::QueryText;

use crate::metrics::Judgements;

/// An article of a corpus. Its text is plain; an empty line ends a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Article {
    /// What judgements call it.
    pub id: ArticleId,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
    /// What it says.
    pub text: String,
}

/// A question, and what answers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// What somebody would type.
    pub text: QueryText,
    /// The articles that were judged for it.
    pub relevant: Judgements<ArticleId>,
}

#[derive(Deserialize)]
struct WrittenQuestion {
    id: String,
    text: String,
    relevant: Judgements<ArticleId>,
}

/// Why a file is no dataset.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Flaw {
    line: usize,
    what: String,
}

/// Reads a corpus: `{id, title, text}` on each line.
pub fn read_articles(lines: &str) -> Result<Vec<Article>, Flaw> {
    let mut known = BTreeSet::new();
    read(lines, |article: Article| {
        unique(&mut known, article.id.as_str())?;
        Ok(article)
    })
}

/// Reads questions: `{id, text, relevant: {article: grade}}` on each line.
pub fn read_questions(lines: &str) -> Result<Vec<Question>, Flaw> {
    let mut known = BTreeSet::new();
    read(lines, |WrittenQuestion { id, text, relevant }| {
        unique(&mut known, &id)?;
        let text = QueryText::parse(&text).map_err(|why| format!("the question {id} {why}"))?;
        Ok(Question { id, text, relevant })
    })
}

fn unique(known: &mut BTreeSet<String>, id: &str) -> Result<(), String> {
    if known.insert(id.to_owned()) {
        Ok(())
    } else {
        Err(format!("{id} stands here a second time"))
    }
}

fn read<Line: DeserializeOwned, Item>(
    lines: &str,
    mut take: impl FnMut(Line) -> Result<Item, String>,
) -> Result<Vec<Item>, Flaw> {
    let written = (1..).zip(lines.lines());
    let written = written.filter(|(_, text)| !text.trim().is_empty());
    let item = |(line, text): (usize, &str)| {
        let flaw = |what| Flaw { line, what };
        let read = serde_json::from_str(text).map_err(|error| flaw(error.to_string()))?;
        take(read).map_err(flaw)
    };
    written.map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corpus_is_a_line_per_article() {
        let lines = "{\"id\": \"a\", \"title\": \"A\", \"text\": \"one\"}\n\n{\"id\": \"b\", \"text\": \"two\", \"more\": 1}\n";
        let articles = read_articles(lines).unwrap();
        let told: Vec<_> = articles
            .iter()
            .map(|one| (one.id.as_str(), one.title.as_str(), one.text.as_str()))
            .collect();
        assert_eq!(told, [("a", "A", "one"), ("b", "", "two")]);
    }

    #[test]
    fn a_flaw_names_its_line() {
        let article = r#"{"id": "a", "title": "A", "text": "one"}"#;
        let question = r#"{"id": "q", "text": "why?", "relevant": {"a": 2}}"#;
        let twice = |line: &str| format!("{line}\n\n{line}");
        let corpus = |text: &str| read_articles(text).map(drop).unwrap_err().to_string();
        let questions = |text: &str| read_questions(text).map(drop).unwrap_err().to_string();
        for (told, begins) in [
            (
                corpus(&twice(article)),
                "line 3: a stands here a second time",
            ),
            (corpus("{"), "line 1: EOF"),
            (
                corpus(r#"{"id": "", "title": "", "text": ""}"#),
                "line 1: must be 1 to 255",
            ),
            (
                questions(&twice(question)),
                "line 3: q stands here a second time",
            ),
            (
                questions(&question.replace("why?", " ")),
                "line 1: the question q must",
            ),
            (
                questions(&question.replace('2', "-1")),
                "line 1: invalid value",
            ),
        ] {
            assert!(told.starts_with(begins), "{told}");
        }
        assert_eq!(read_questions(question).unwrap()[0].text.as_str(), "why?");
    }
}
