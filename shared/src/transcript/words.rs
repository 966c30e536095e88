//! Words, by which two states of a transcript are compared: case and punctuation are the recogniser's taste, not the speaker's.

use unicode_segmentation::UnicodeSegmentation as _;

/// The start of FNV-1a, and its factor. Stored states depend on them: they never change.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x0100_0000_01b3;

/// A word, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    /// By which it is known again. A word in some ten thousand has the same one as another: two states are then taken for the same,
    /// of which the first was told.
    pub(super) mark: u16,
}

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<Word> {
    let word = |(start, piece): (usize, &str)| {
        piece.chars().any(says_something).then(|| Word {
            start,
            end: start + piece.len(),
            mark: mark(piece),
        })
    };
    text.split_word_bound_indices().filter_map(word).collect()
}

/// Letters, digits, and little pictures.
pub(super) fn says_something(letter: char) -> bool {
    letter.is_alphanumeric() || u32::from(letter) >= 0x1_f000
}

fn mark(word: &str) -> u16 {
    let letters = word
        .chars()
        .filter(|letter| says_something(*letter))
        .flat_map(char::to_lowercase);
    let hash = letters.fold(START, |hash, letter| {
        (hash ^ u64::from(u32::from(letter))).wrapping_mul(FACTOR)
    });
    let [low, high, ..] = (hash ^ (hash >> 32)).to_le_bytes();
    u16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let slice = |word: &Word| &text[word.start..word.end];
        words(text).iter().map(slice).collect()
    }

    #[test]
    fn words_are_what_is_said() {
        assert_eq!(
            texts("Mr. Smith's 3.5 kg, (really?) — 👍 你好。"),
            ["Mr", "Smith's", "3.5", "kg", "really", "👍", "你", "好"]
        );
        assert!(texts(" … ?! ").is_empty());
    }

    fn marks(text: &str) -> Vec<u16> {
        words(text).iter().map(|word| word.mark).collect()
    }

    #[test]
    fn case_and_punctuation_make_no_other_words() {
        assert_eq!(marks("I want a refund"), marks("i want, a REFUND!"));
        for other in [
            "I want a refunds",
            "want I a refund",
            "I want a",
            "Iwant a refund",
        ] {
            assert_ne!(marks("I want a refund"), marks(other), "{other}");
        }
    }

    #[test]
    fn stored_marks_stay_what_they_are() {
        assert_eq!(marks("Where is my order?"), [38_896, 9_426, 25_108, 9_349]);
    }
}
