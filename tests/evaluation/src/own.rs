//! The labelled set of this repository.

/// The articles.
pub const CORPUS: &str = include_str!("../data/corpus.jsonl");
/// Questions that search may be tuned by.
pub const TUNE: &str = include_str!("../data/queries-tune.jsonl");
/// Questions that search is only tested by.
pub const GATE: &str = include_str!("../data/queries-gate.jsonl");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{read_articles, read_questions};

    #[test]
    fn both_halves_ask_different_questions_about_articles_that_there_are() {
        let articles = read_articles(CORPUS).unwrap();
        let is_there = |id| articles.iter().any(|article| article.id == id);
        let [tune, gate] = [TUNE, GATE].map(|half| read_questions(half).unwrap());
        assert_eq!((articles.len(), tune.len(), gate.len()), (240, 80, 80));
        for question in tune.iter().chain(&gate) {
            let judged: Vec<_> = question.relevant.iter().collect();
            assert!(
                judged.iter().all(|(_, grade)| (1..=3).contains(*grade)),
                "{}",
                question.id
            );
            assert!(
                judged.iter().any(|(_, grade)| **grade == 3),
                "{}",
                question.id
            );
            let missing = question.relevant.keys().find(|id| !is_there((*id).clone()));
            assert_eq!(missing, None, "{}", question.id);
        }
        let in_both = tune.iter().find(|one| {
            gate.iter()
                .any(|other| one.id == other.id || one.text == other.text)
        });
        assert_eq!(in_both, None);
    }
}
