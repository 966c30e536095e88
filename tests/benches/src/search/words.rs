//! Invented words, each with a place in the space of vectors.

use fastrand::Rng;

use super::DIMENSIONS;

/// Words that say nothing, which every text is full of.
pub(super) const LITTLE: [&str; 40] = [
    "the", "of", "and", "to", "a", "in", "is", "you", "that", "it", "for", "on", "with", "as",
    "are", "this", "be", "at", "or", "have", "from", "by", "not", "but", "what", "all", "were",
    "when", "we", "there", "can", "an", "your", "which", "their", "if", "do", "will", "how",
    "about",
];
const SYLLABLES: [&str; 32] = [
    "ba", "cor", "del", "fi", "gra", "hu", "jen", "ka", "lo", "mar", "ne", "ost", "pra", "qui",
    "ren", "su", "tol", "ul", "vin", "wa", "xe", "yor", "zan", "bri", "cha", "dro", "fle", "glo",
    "kli", "mus", "pel", "tri",
];
/// How many words there are that say something. Some are frequent, most are rare.
pub(super) const COUNT: usize = 20_000;
/// How far the most frequent word is from being everywhere: it stands in about a third of the passages.
const FLATNESS: f64 = 10.0;

/// The word of this number, unlike every other.
pub(super) fn word(number: usize) -> String {
    let base = SYLLABLES.len();
    let syllables = [number / base / base, number / base % base, number % base];
    syllables.map(|at| SYLLABLES[at % base]).concat()
}

/// A number of a word, by Zipf's law: the second is half as frequent as the first, but for the flatness.
pub(super) fn draw(draw: &mut Rng, count: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand words")]
    let spread = ((FLATNESS + count as f64) / FLATNESS).powf(draw.f64());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "less than `count`, and not negative"
    )]
    let number = (FLATNESS * spread - FLATNESS) as usize;
    number.min(count - 1)
}

/// Adds a word to the place of a text.
pub(super) fn add(place: &mut [f32], number: usize, weight: f32) {
    let mut own = Rng::with_seed(number as u64);
    for part in place.iter_mut() {
        *part += weight * (own.f32() - 0.5);
    }
}

/// Nowhere.
pub(super) fn nowhere() -> Vec<f32> {
    vec![0.0; usize::from(DIMENSIONS)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_differ_and_few_of_them_are_frequent() {
        let words: HashSet<_> = (0..COUNT).map(word).collect();
        assert_eq!(words.len(), COUNT);
        let mut rng = Rng::with_seed(7);
        let numbers: Vec<_> = (0..100_000).map(|_| draw(&mut rng, COUNT)).collect();
        assert!(numbers.iter().all(|number| *number < COUNT));
        let first = numbers.iter().filter(|number| **number == 0).count();
        assert!((800..2_000).contains(&first), "{first}");
        let rare = numbers.iter().filter(|number| **number > COUNT / 2).count();
        assert!((5_000..15_000).contains(&rare), "{rare}");
    }
}
