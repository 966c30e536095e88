//! Invented articles and questions, with vectors that follow from their words: texts about the same subject lie near each other. The same
//! number gives the same text.

use std::collections::BTreeMap;
use std::iter::repeat_n;

use evaluation::clerk::LANGUAGE;
use fastrand::Rng;
use shared::db::words::Words;
use shared::domain::query::QueryText;
use shared::domain::{ArticleId, Embedding};
use shared::text::terms::Analysis;

use super::stage::{Article, Asked, Passage};
use super::words::{COUNT, LITTLE, add, draw, nowhere, word};
use super::{Counts, DIMENSIONS};
use crate::bench::Outcome;

/// Passages of an article.
const PASSAGES: usize = 5;
/// What articles are about.
const SUBJECTS: usize = 400;
/// Words that belong to a subject.
const OWN_WORDS: usize = 60;
/// A passage, and a question.
const PASSAGE: Kind = Kind {
    words: [40, 25, 25],
    subject: 4.0,
};
const QUESTION: Kind = Kind {
    words: [4, 3, 2],
    subject: 1.5,
};
/// What a word of the subject says beside any other.
const WEIGHTS: [f32; 2] = [1.0, 0.5];

/// What a text consists of.
struct Kind {
    /// How many words: little ones, those of its subject, any.
    words: [usize; 3],
    /// How much its vector follows its subject, whatever the words. A model knows that two texts are about the same thing that share no
    /// word.
    subject: f32,
}

/// So many passages as articles.
pub(super) fn articles(passages: usize) -> impl Iterator<Item = Outcome<Article>> {
    (0..passages.div_ceil(PASSAGES)).map(article)
}

fn article(number: usize) -> Outcome<Article> {
    let mut rng = Rng::with_seed(number as u64);
    let passage = |_| -> Outcome<Passage> {
        let (text, vector) = text(&mut rng, number % SUBJECTS, &PASSAGE)?;
        Ok(Passage {
            words: Words::count(&text, Analysis::of(LANGUAGE)),
            text,
            vector,
        })
    };
    Ok(Article {
        id: ArticleId::parse(format!("article-{number}"))?,
        title: word(number % COUNT),
        passages: (0..PASSAGES).map(passage).collect::<Outcome<_>>()?,
    })
}

/// Questions, each about a subject of some articles.
pub(super) fn questions(counts: Counts) -> Outcome<Vec<Asked>> {
    let mut rng = Rng::with_seed(u64::MAX);
    let subjects = counts.passages.div_ceil(PASSAGES).min(SUBJECTS);
    let question = |number: usize| {
        let (text, vector) = text(&mut rng, number % subjects, &QUESTION)?;
        Ok(Asked {
            text: QueryText::parse(&text)?,
            vector,
            relevant: BTreeMap::new(),
        })
    };
    (0..counts.questions).map(question).collect()
}

fn text(rng: &mut Rng, subject: usize, kind: &Kind) -> Outcome<(String, Embedding)> {
    let [little, own, any] = kind.words;
    let (mut words, mut place) = (Vec::with_capacity(little + own + any), nowhere());
    add(&mut place, COUNT + subject, kind.subject);
    words.extend((0..little).map(|_| LITTLE[rng.usize(..LITTLE.len())].to_owned()));
    for is_own in repeat_n(true, own).chain(repeat_n(false, any)) {
        let number = if is_own {
            // Subjects share words with others.
            (subject * OWN_WORDS / 2 + draw(rng, OWN_WORDS)) % COUNT
        } else {
            draw(rng, COUNT)
        };
        add(&mut place, number, WEIGHTS[usize::from(!is_own)]);
        words.push(word(number));
    }
    rng.shuffle(&mut words);
    let vector = Embedding::parse(place, DIMENSIONS)?;
    Ok((words.join(" "), vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(one: &Embedding, other: &Embedding) -> f32 {
        let dot = |a: &Embedding, b: &Embedding| -> f32 {
            a.as_slice()
                .iter()
                .zip(b.as_slice())
                .map(|(a, b)| a * b)
                .sum()
        };
        dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
    }

    #[test]
    fn a_question_lies_near_the_articles_of_its_subject() {
        let counts = Counts {
            passages: 500,
            questions: 10,
            rounds: 1,
        };
        let articles: Vec<Article> = articles(counts.passages).collect::<Outcome<_>>().unwrap();
        assert_eq!(
            articles.iter().map(|one| one.passages.len()).sum::<usize>(),
            500
        );
        for (number, question) in questions(counts).unwrap().iter().enumerate() {
            let near = |article: &Article| cosine(&article.passages[0].vector, &question.vector);
            let of_others = articles.iter().skip(number + 20).take(50).map(near);
            let mean = of_others.sum::<f32>() / 50.0;
            assert!(near(&articles[number]) > mean + 0.1, "{number}");
        }
        let again = article(7).unwrap();
        assert_eq!(again.passages[3].text, articles[7].passages[3].text);
    }
}
