//! Vectors that follow from the text alone, closer the more words two texts share.
//!
//! Every word, and every trigram of it, adds a few signed coordinates that its hash picks: a random projection of the bag of words.
//! There is no meaning in them: synonyms are strangers.

use crate::fault::mix;

const COORDINATES_OF_WORD: u64 = 24;
const WEIGHT_OF_WORD: f64 = 1.0;
const WEIGHT_OF_TRIGRAM: f64 = 0.5;

/// The unit vector of a text. A shortened vector is the start of the full one, brought back to length one.
pub(super) fn of_text(text: &str, full: usize, dimensions: usize) -> Vec<f32> {
    let mut sum = vec![0.0_f64; full];
    for word in words(text) {
        add(&mut sum, &word, WEIGHT_OF_WORD);
        let letters: Vec<char> = format!("^{word}$").chars().collect();
        for trigram in letters.windows(3) {
            add(
                &mut sum,
                &trigram.iter().collect::<String>(),
                WEIGHT_OF_TRIGRAM,
            );
        }
    }
    sum.truncate(dimensions);
    normalised(&sum)
}

/// Lower-case words; a text without any is one word.
fn words(text: &str) -> Vec<String> {
    let words: Vec<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        vec![text.to_owned()]
    } else {
        words
    }
}

fn add(sum: &mut [f64], feature: &str, weight: f64) {
    let seed = feature.bytes().fold(feature.len() as u64, |hash, byte| {
        mix(hash ^ u64::from(byte))
    });
    let size = sum.len() as u64;
    for turn in 0..COORDINATES_OF_WORD {
        let drawn = mix(seed ^ mix(turn));
        let sign = if drawn >> 63 == 0 { weight } else { -weight };
        // The remainder is below the length of a slice.
        let place = usize::try_from(drawn % size).unwrap_or(0);
        sum[place] += sign;
    }
}

/// A sum of zeros, which has no direction, becomes the first axis.
fn normalised(sum: &[f64]) -> Vec<f32> {
    let length = sum.iter().map(|it| it * it).sum::<f64>().sqrt();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an embedding has the precision of f32"
    )]
    let mut vector: Vec<f32> = sum.iter().map(|it| (it / length) as f32).collect();
    if length == 0.0 {
        vector.fill(0.0);
        vector[0] = 1.0;
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(a: &str, b: &str) -> f32 {
        let [a, b] = [a, b].map(|text| of_text(text, 384, 384));
        a.iter().zip(&b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn shared_words_and_shared_stems_bring_texts_closer() {
        let text = "How do I reset my voicemail password?";
        assert!((cosine(text, text) - 1.0).abs() < 1e-5);
        let same = cosine(text, "reset the voicemail password");
        let stem = cosine(text, "resetting passwords");
        let other = cosine(text, "Quarterly tax forms are due");
        assert!(
            same > 0.5 && same > stem + 0.1 && stem > other + 0.1,
            "{same} {stem} {other}"
        );
    }

    #[test]
    fn every_vector_has_length_one_also_without_words_and_when_shortened() {
        for (text, dimensions) in [
            ("a b c", 384),
            ("?!", 384),
            (" ", 384),
            ("alpha", 1),
            ("alpha beta", 7),
        ] {
            let vector = of_text(text, 384, dimensions);
            let length: f32 = vector.iter().map(|it| it * it).sum();
            assert_eq!(vector.len(), dimensions);
            assert!((length - 1.0).abs() < 1e-5, "{text:?} has length {length}");
        }
    }
}
