//! The last words that became terms: texts are made of the same few thousand, and stemming is most of the work.

use std::cell::RefCell;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;

use super::Analysis;

/// How many words a thread remembers: a few hundred kilobytes. A word takes the place of another one that falls on the same.
const WORDS: usize = 4096;
/// Longer ones are seldom words.
const MOST_BYTES: usize = 32;

struct Known {
    analysis: Analysis,
    word: Box<str>,
    term: Option<Box<str>>,
}

thread_local! {
    static KNOWN: RefCell<Vec<Option<Known>>> = const { RefCell::new(Vec::new()) };
}

/// The term of a word, which `find` finds if it is not known.
pub(super) fn remember(
    analysis: Analysis,
    word: &str,
    find: impl FnOnce() -> Option<Box<str>>,
) -> Option<Box<str>> {
    if word.len() > MOST_BYTES {
        return find();
    }
    KNOWN.with_borrow_mut(|words| {
        words.resize_with(WORDS, || None);
        let hash = FxBuildHasher.hash_one(word);
        let place = usize::try_from(hash % WORDS as u64).unwrap_or_default();
        match &words[place] {
            Some(known) if known.analysis == analysis && &*known.word == word => known.term.clone(),
            _ => {
                let term = find();
                words[place] = Some(Known {
                    analysis,
                    word: word.into(),
                    term: term.clone(),
                });
                term
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many words take each other's places, and a word its own in another analysis.
    #[test]
    fn no_word_is_taken_for_another() {
        for number in 0..5 * WORDS {
            let word = number.to_string();
            for analysis in [Analysis::English, Analysis::German] {
                let term = || Some(format!("{word} {}", analysis.name()).into());
                assert_eq!(remember(analysis, &word, term), term());
            }
        }
    }

    #[test]
    fn what_is_known_is_not_sought() {
        for term in [Some(Box::from("parcel")), None] {
            let word = format!("{term:?}");
            let find = || remember(Analysis::English, &word, || term.clone());
            assert_eq!(find(), term);
            let known = remember(Analysis::English, &word, || panic!("{word} is known"));
            assert_eq!(known, term);
        }
    }
}
