//! Questions, of any side: how long they take, and how much of what lies nearest they find.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::corpus::{Corpus, QUESTIONS};
use crate::bench::Outcome;

/// Between two questions while others write.
const PAUSE: Duration = Duration::from_millis(200);
/// Of so many answers one is checked by looking at every row.
const CHECKED: usize = 4;

/// What a question came to.
pub(super) struct Answer {
    pub(super) time: Duration,
    pub(super) found: Vec<String>,
    /// What does lie nearest, in the same state of the table, if that was asked for.
    pub(super) nearest: Option<Vec<String>>,
}

/// Who answers.
pub(super) trait Answers {
    /// The nearest; all rows are looked at too, if it is to be checked.
    async fn ask(&mut self, question: &[f32], is_checked: bool) -> Outcome<Answer>;
}

/// What all questions came to.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) times: Vec<Duration>,
    hits: usize,
    checked: usize,
}

impl Asked {
    /// The share of what lies nearest that was found.
    pub(super) fn recall(&self) -> f64 {
        let share = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        share(self.hits) / share(self.checked.max(1))
    }

    /// What so many of a hundred took at most.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
    }

    fn add(&mut self, answer: Answer) {
        self.times.push(answer.time);
        self.check(answer);
    }

    fn check(&mut self, answer: Answer) {
        let nearest = answer.nearest.unwrap_or_default();
        self.checked += nearest.len();
        let is_found = |one: &&String| answer.found.contains(one);
        self.hits += nearest.iter().filter(is_found).count();
    }
}

/// Asks now and then until it is over.
pub(super) async fn beside(
    side: &mut impl Answers,
    corpus: &Corpus,
    dimensions: usize,
    over: &AtomicBool,
) -> Outcome<Asked> {
    let mut asked = Asked::default();
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        let question = corpus.question(number % QUESTIONS, dimensions);
        asked.add(side.ask(&question, number % CHECKED == 0).await?);
        number += 1;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(asked)
}

/// Asks so many, one after the other. The first ones warm up. What is checked is asked again afterwards: looking at every row would drive the
/// graphs out of the server's memory.
pub(super) async fn at_rest(
    side: &mut impl Answers,
    corpus: &Corpus,
    dimensions: usize,
    count: usize,
) -> Outcome<Asked> {
    let count = count.min(QUESTIONS);
    let mut asked = Asked::default();
    for number in 0..count {
        let question = corpus.question(number, dimensions);
        let answer = side.ask(&question, false).await?;
        if number >= count / 10 {
            asked.add(answer);
        }
    }
    for number in (0..count).step_by(CHECKED) {
        let question = corpus.question(number, dimensions);
        asked.check(side.ask(&question, true).await?);
    }
    Ok(asked)
}
