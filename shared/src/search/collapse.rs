//! Texts that are nearly the same collapse onto the one that is ranked best.
//!
//! Two texts are nearly the same if they share at least 85 % of their runs of three words (Jaccard). It is computed exactly, and
//! only for texts that have one of their first runs in common: others cannot share enough.

use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation as _;

/// How much of their runs two texts share that are nearly the same, in percent.
const THRESHOLD: usize = 85;

/// A result, and how many others were nearly the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collapsed<T> {
    /// The one that is ranked best.
    pub best: T,
    /// How many further down were nearly the same, as far as was looked.
    pub near_duplicates: u32,
}

impl<T> Collapsed<T> {
    /// A result that nothing was compared with.
    pub fn alone(best: T) -> Self {
        Self {
            best,
            near_duplicates: 0,
        }
    }
}

/// A ranking that is collapsed as it comes, the best first. Each text goes to the best-ranked one that stays and that it nearly equals.
pub struct Collapsing<T> {
    kept: Vec<Collapsed<T>>,
    seen: Seen,
}

impl<T> Default for Collapsing<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            seen: Seen::default(),
        }
    }
}

impl<T> Collapsing<T> {
    /// Takes the next of the ranking.
    pub fn take(&mut self, item: T, text: &str) {
        let runs = self.seen.runs(text);
        let same = self.seen.nearly_equal(&runs);
        if let Some(same) = same.and_then(|place| self.kept.get_mut(place)) {
            same.near_duplicates += 1;
        } else {
            self.seen.keep(runs);
            self.kept.push(Collapsed::alone(item));
        }
    }

    /// Those that stay, of what was taken so far.
    pub fn kept(&self) -> &[Collapsed<T>] {
        &self.kept
    }
}

/// A run of words: their numbers, scrambled so that the order of runs says nothing of how common their words are.
type Run = u64;
/// The bits of a word's number; 200 texts of the longest size have fewer words than that. Any beyond would count as one word.
const WORD_BITS: u32 = 21;

/// The words and the texts so far.
#[derive(Default)]
struct Seen {
    words: FxHashMap<String, Run>,
    /// The runs of each text, in order.
    texts: Vec<Vec<Run>>,
    /// The texts by their first runs.
    by_run: FxHashMap<Run, Vec<usize>>,
}

impl Seen {
    /// The different runs of a text, in order. One of fewer words than a run has is a run itself, one without words has none.
    fn runs(&mut self, text: &str) -> Vec<Run> {
        let text = text.to_lowercase();
        let words: Vec<_> = text.unicode_words().map(|word| self.number(word)).collect();
        let mut runs: Vec<_> = match words[..] {
            [] => Vec::new(),
            [one] => vec![run([one, 0, 0])],
            [one, two] => vec![run([one, two, 0])],
            _ => words
                .windows(3)
                .map(|words| run([words[0], words[1], words[2]]))
                .collect(),
        };
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The number of a word, from 1.
    fn number(&mut self, word: &str) -> Run {
        if let Some(number) = self.words.get(word) {
            return *number;
        }
        let last = (1 << WORD_BITS) - 1;
        let number = Run::try_from(self.words.len() + 1).map_or(last, |next| next.min(last));
        self.words.insert(word.to_owned(), number);
        number
    }

    /// The best-ranked text that shares enough of these runs.
    fn nearly_equal(&self, runs: &[Run]) -> Option<usize> {
        let mut may_be = vec![false; self.texts.len()];
        let first = first_of(runs).iter();
        for place in first.filter_map(|run| self.by_run.get(run)).flatten() {
            may_be[*place] = true;
        }
        let mut places = self.texts.iter().zip(may_be);
        places.position(|(text, may_be)| may_be && are_near(text, runs))
    }

    fn keep(&mut self, runs: Vec<Run>) {
        for run in first_of(&runs) {
            self.by_run.entry(*run).or_default().push(self.texts.len());
        }
        self.texts.push(runs);
    }
}

/// Multiplying by an odd number loses nothing: different words stay different runs.
fn run([first, second, third]: [Run; 3]) -> Run {
    let packed = (first << (2 * WORD_BITS)) | (second << WORD_BITS) | third;
    packed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// So many runs that two texts which are nearly the same have one of them in common: all but those that both may lack, and one more.
fn first_of(runs: &[Run]) -> &[Run] {
    let shared = (runs.len() * THRESHOLD).div_ceil(100);
    &runs[..(runs.len() - shared + 1).min(runs.len())]
}

/// Compares two lists in order, until too many runs were found in one of them only. Which list goes on is computed rather than
/// branched on: no processor guesses it.
fn are_near(one: &[Run], other: &[Run]) -> bool {
    let both = one.len() + other.len();
    let needed = (both * THRESHOLD).div_ceil(100 + THRESHOLD);
    let (mut left, mut right, mut shared) = (0, 0, 0);
    while let (Some(first), Some(second)) = (one.get(left), other.get(right)) {
        shared += usize::from(first == second);
        left += usize::from(first <= second);
        right += usize::from(second <= first);
        if left + right - 2 * shared + 2 * needed > both {
            return false;
        }
    }
    shared >= needed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn kept(texts: &[&str]) -> Vec<(usize, u32)> {
        let mut collapsing = Collapsing::default();
        for (place, text) in texts.iter().enumerate() {
            collapsing.take(place, text);
        }
        let kept = collapsing.kept().iter();
        kept.map(|one| (one.best, one.near_duplicates)).collect()
    }

    #[test]
    fn what_is_nearly_the_same_goes_to_the_best_ranked() {
        let twenty = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty";
        let longer = format!("{twenty} more");
        let changed = twenty.replace("ten ", "other ");
        for (texts, expected) in [
            (
                &["Reset the router.", "reset  THE router!"][..],
                &[(0, 1)][..],
            ),
            (
                &["reset the router", "restart the router"],
                &[(0, 0), (1, 0)],
            ),
            (&[twenty, &longer, &changed], &[(0, 1), (2, 0)]),
            (&["yes", "no", "Yes", "yes yes"], &[(0, 1), (1, 0), (3, 0)]),
            (&["", "", "?!", "?!"], &[(0, 0), (1, 0), (2, 0), (3, 0)]),
            (
                &["東京都庁の場所", "東京都庁の場所。", "大阪府庁の場所"],
                &[(0, 1), (2, 0)],
            ),
            (&["ÉCOLE À PARIS", "école à paris"], &[(0, 1)]),
        ] {
            assert_eq!(kept(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn the_threshold_is_85_percent() {
        let words = |count: u32| {
            let words: Vec<_> = (0..count).map(|number| format!("w{number}")).collect();
            words.join(" ")
        };
        // 17 of 20 runs are shared, then 84 of 99.
        assert_eq!(kept(&[&words(22), &words(19)]), [(0, 1)]);
        assert_eq!(kept(&[&words(101), &words(86)]), [(0, 0), (1, 0)]);
    }

    /// Words are numbered as they come: were the parts of a run to overlap, `a a b` and `a e b` would be one.
    #[test]
    fn runs_of_different_words_are_different() {
        let texts = ["a b c d e", "a a b", "a e b", "a", "a d", "b a", "a b"];
        let alone: Vec<_> = (0..texts.len()).map(|place| (place, 0)).collect();
        assert_eq!(kept(&texts), alone);
    }

    fn runs(text: &str) -> BTreeSet<Vec<&str>> {
        let words: Vec<_> = text.unicode_words().collect();
        words
            .chunks(words.len().clamp(1, 3))
            .next()
            .map_or_else(BTreeSet::new, |first| {
                words.windows(first.len()).map(<[_]>::to_vec).collect()
            })
    }

    fn is_near(one: &str, other: &str) -> bool {
        let (one, other) = (runs(one), runs(other));
        let (shared, all) = (one.intersection(&other).count(), one.union(&other).count());
        shared > 0 && shared * 100 >= all * 85
    }

    proptest! {
        #[test]
        fn it_is_what_comparing_each_with_each_finds(texts in proptest::collection::vec("([ab] ){0,2}([abc] ){0,12}", 0..24)) {
            let mut expected: Vec<(usize, u32)> = Vec::new();
            for (place, text) in texts.iter().enumerate() {
                match expected.iter_mut().find(|(best, _)| is_near(&texts[*best], text)) {
                    Some((_, near)) => *near += 1,
                    None => expected.push((place, 0)),
                }
            }
            prop_assert_eq!(kept(&texts.iter().map(String::as_str).collect::<Vec<_>>()), expected);
        }
    }
}
