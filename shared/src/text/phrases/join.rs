//! Heavy words that stand side by side become phrases. A light word stays alone, and has its chance where there are few heavy ones.

use super::choose::Candidate;
use super::words::Word;

/// No phrase has more words.
const MOST_WORDS: usize = 3;
/// A word is heavy that weighs at least so much of what words weigh on average. Measured: from 0.3 to 0.6 makes little difference, above
/// 0.8 phrases fall apart.
const HEAVY: f32 = 0.6;

/// A word with its weight.
type Weighed<'a> = (&'a Word, f32);

/// What may be shown of the text. None lies over punctuation or over a little word; only letters of scripts without blanks may be in
/// several.
pub(super) fn join<'a>(text: &str, words: &'a [Word], weights: &[f32]) -> Vec<Candidate<'a>> {
    let weighed: Vec<Weighed<'a>> = words.iter().zip(weights.iter().copied()).collect();
    let heavy = weights.iter().sum::<f32>() / count(weights.len()) * HEAVY;
    let belongs = |one: &Weighed<'_>, next: &Weighed<'_>| {
        is_tied(text.get(one.0.range.end..next.0.range.start))
            && is_heavy(one.1, heavy) == is_heavy(next.1, heavy)
    };
    let mut phrases = Vec::new();
    for run in weighed.chunk_by(belongs) {
        if is_heavy(run[0].1, heavy) {
            cut(words, run, &mut phrases);
        } else {
            let alone = run.iter().filter(|(_, weight)| *weight > 0.0);
            phrases.extend(alone.map(|word| candidate(words, std::slice::from_ref(word))));
        }
    }
    phrases
}

fn is_heavy(weight: f32, least: f32) -> bool {
    weight > 0.0 && weight >= least
}

#[expect(clippy::cast_precision_loss, reason = "texts have few words")]
fn count(words: usize) -> f32 {
    words as f32
}

/// Whether words with this between them are one expression: blanks, or the one sign that ties `RT-1234`. Nothing is between words that
/// overlap.
pub(super) fn is_tied(between: Option<&str>) -> bool {
    let Some(between) = between else {
        return true;
    };
    let is_blank = |letter: char| letter.is_whitespace() && !is_line_end(letter);
    matches!(between, "-" | "\u{2010}" | "\u{2011}" | "/" | "&") || between.chars().all(is_blank)
}

fn is_line_end(letter: char) -> bool {
    matches!(letter, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Takes the heaviest phrase out of a run of words, and then of what is left on both sides.
fn cut<'a>(words: &'a [Word], run: &[Weighed<'a>], phrases: &mut Vec<Candidate<'a>>) {
    let mut waiting = vec![run];
    while let Some(run) = waiting.pop() {
        let windows = run.windows(run.len().clamp(1, MOST_WORDS)).rev();
        // Of those that weigh the same, the first.
        let Some(heaviest) = windows.max_by(|one, other| sum(one).total_cmp(&sum(other))) else {
            continue;
        };
        let phrase = candidate(words, heaviest);
        let before = run.partition_point(|(word, _)| word.range.end <= phrase.range.start);
        let after = run.partition_point(|(word, _)| word.range.start < phrase.range.end);
        waiting.extend([&run[..before], &run[after..]]);
        phrases.push(phrase);
    }
}

fn sum(words: &[Weighed<'_>]) -> f32 {
    words.iter().map(|(_, weight)| weight).sum()
}

fn candidate<'a>(words: &'a [Word], phrase: &[Weighed<'a>]) -> Candidate<'a> {
    let start = phrase.first().map_or(0, |(word, _)| word.range.start);
    let end = phrase.last().map_or(start, |(word, _)| word.range.end);
    let first = words.partition_point(|word| word.range.start < start);
    // Where letters are made of several signs, more words than those of the phrase lie within it.
    let within = words[first..]
        .iter()
        .take_while(|word| word.range.start < end);
    let within = within.filter(|word| word.range.end <= end);
    Candidate {
        range: start..end,
        terms: within.map(|word| word.term.as_str()).collect(),
        weight: sum(phrase),
    }
}
