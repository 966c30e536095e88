//! What key phrases are worth for a search: the tuning half, each question between sentences that callers and agents say all day, as it
//! comes in a call. Prints how well words alone and both legs rank by all that was said, by the phrases of the model's attention, and by
//! those that were found without a model; what lands must not rank by phrases worse than by everything.

use std::fmt::Write as _;

use evaluation::Outcome;
use evaluation::dataset::{Question, read_questions};
use evaluation::library::Library;
use evaluation::metrics::Scores;
use evaluation::own;
use evaluation::systems::{System, ask, embed, usual_settings};
use shared::domain::query::QueryText;
use shared::text::phrases::{KeyPhrases, USUAL};
use shared::text::terms::Analysis;
use tokio::time::{Duration, Instant};

use crate::world;

/// What says nothing of why somebody calls.
const SMALL_TALK: [&str; 10] = [
    "Hi there, thanks for taking my call, I have been in the queue for quite a while now.",
    "Sure, no problem at all, let me just find the paper with the details, one second please.",
    "Yes, that is right, I have been with you for about three years and never had any trouble before.",
    "My name is Dana Whitlock, and the address is still the same as it always was.",
    "So, well, this is what happened, I will try to explain it as best as I can.",
    "Honestly I am a bit annoyed, my husband told me to call somebody last week already.",
    "Okay, I understand, let me have a look at that for you, just give me a moment.",
    "Is there anything else that I can check for you while we are waiting for the system?",
    "Um, yes, I mean, I looked at the website first, but I could not really find what I needed.",
    "Good morning, you are speaking with Priya, how may I help you today?",
];

/// The question with small talk around it, by turns as the last and as the second of four sentences.
fn spoken(nth: usize, question: &Question) -> String {
    let talk = |step: usize| SMALL_TALK[(nth * 7 + step * 3) % SMALL_TALK.len()];
    let question = question.text.as_str();
    if nth.is_multiple_of(2) {
        format!("{} {} {} {question}.", talk(0), talk(1), talk(2))
    } else {
        format!("{} {question}. {} {}", talk(0), talk(1), talk(2))
    }
}

/// By words alone and by both legs, for one way to choose the words.
#[derive(Debug, Default)]
struct Ranks {
    words: Vec<Scores>,
    both: Vec<Scores>,
    /// Where the vector is of the question alone, and not of all that was said.
    near: Vec<Scores>,
}

impl Ranks {
    fn ndcg(&self) -> [f64; 3] {
        [&self.words, &self.both, &self.near].map(|scores| Scores::mean(scores).ndcg)
    }
}

/// Ranks by all words, by attention and by statistics.
async fn measure(
    library: &Library,
    questions: &[Question],
    texts: &[String],
) -> Outcome<[Ranks; 3]> {
    let settings = usual_settings()?;
    let mut ranks: [Ranks; 3] = Default::default();
    let alone = embed(library, questions).await?;
    for ((question, alone), text) in questions.iter().zip(&alone).zip(texts) {
        let until = Instant::now() + Duration::from_mins(1);
        let read = library.embedder.read(text, until).await;
        let read = read.map_err(|why| format!("{}: {why:?}", question.id))?;
        let by = |heeded: &[_]| KeyPhrases::find(text, heeded, Analysis::English, USUAL).to_query();
        let words = [text.clone(), by(&read.heeded), by(&[])];
        for (ranks, words) in ranks.iter_mut().zip(words) {
            let asked = Question {
                text: QueryText::parse(&words)?,
                ..question.clone()
            };
            for (system, vector, scores) in [
                (System::Bm25, &read.embedding, &mut ranks.words),
                (System::Weighted, &read.embedding, &mut ranks.both),
                (System::Weighted, alone, &mut ranks.near),
            ] {
                let query = system.query(&asked)?;
                let found = ask(&library.database, &settings, &query, vector).await?;
                scores.extend(Scores::of(&found, &question.relevant));
            }
        }
    }
    Ok(ranks)
}

#[tokio::test]
async fn phrases_rank_better_than_all_that_was_said() {
    let Some(library) = world::library("phrases_rank_better_than_all_that_was_said").await else {
        return;
    };
    let questions = read_questions(own::TUNE).unwrap();
    let alone: Vec<_> = questions
        .iter()
        .map(|one| one.text.as_str().to_owned())
        .collect();
    let spoken: Vec<_> = (0..)
        .zip(&questions)
        .map(|(nth, one)| spoken(nth, one))
        .collect();
    let mut told = String::from("nDCG@10            words   both   vector of the question alone\n");
    let mut table = Vec::new();
    for (how, texts) in [("alone", &alone), ("spoken", &spoken)] {
        let ranks = measure(&library, &questions, texts).await.unwrap();
        for (by, ranks) in ["all words", "attention", "statistics"]
            .into_iter()
            .zip(&ranks)
        {
            let [words, both, near] = ranks.ndcg();
            writeln!(told, "{how:<6} {by:<11} {words:.4} {both:.4} {near:.4}").unwrap();
            table.push((words, both));
        }
    }
    println!("{told}");
    let [alone_all, alone_attention, _, all, attention, _] = table[..] else {
        panic!("{told}");
    };
    // One author judged, so that a difference below 0.02 says little.
    assert!(
        attention.0 > all.0 + 0.02 && attention.1 > all.1 + 0.02,
        "{told}"
    );
    assert!(
        alone_attention.0 > alone_all.0 - 0.02 && alone_attention.1 > alone_all.1 - 0.02,
        "{told}"
    );
}
