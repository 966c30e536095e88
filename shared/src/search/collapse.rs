//! Texts that are nearly the same collapse onto the one that is ranked best.
//!
//! Two texts are nearly the same if they share at least 85 % of their runs of three words (Jaccard). It is computed exactly; a run
//! that only one text has costs one look-up, so that a ranking of different texts costs little more than reading it.

use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation as _;

/// How much of their runs two texts share that are nearly the same, in percent.
const THRESHOLD: u64 = 85;
/// How many words a run has.
const RUN: usize = 3;

/// A result, and how many others were nearly the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collapsed<T> {
    /// The one that is ranked best.
    pub best: T,
    /// How many further down were nearly the same, and are not shown.
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

/// Collapses a ranking. Each text goes to the best-ranked one that stays and that it nearly equals.
pub fn collapse<T>(
    ranked: impl IntoIterator<Item = T>,
    text: impl Fn(&T) -> &str,
) -> Vec<Collapsed<T>> {
    let (mut kept, mut seen) = (Vec::<Collapsed<T>>::new(), Seen::default());
    for item in ranked {
        let runs = seen.runs(text(&item));
        let same = seen.nearly_equal(&runs);
        if let Some(same) = same.and_then(|place| kept.get_mut(place)) {
            same.near_duplicates += 1;
        } else {
            seen.keep(&runs);
            kept.push(Collapsed {
                best: item,
                near_duplicates: 0,
            });
        }
    }
    kept
}

/// A run of words by number.
type Run = [u32; RUN];

/// The words, the runs and the texts so far.
#[derive(Default)]
struct Seen {
    words: FxHashMap<String, u32>,
    /// The texts that have a run.
    texts: FxHashMap<Run, Vec<usize>>,
    /// How many different runs each text has.
    sizes: Vec<u32>,
}

impl Seen {
    /// The different runs of a text. One of fewer words than a run has is a run itself, one without words has none.
    fn runs(&mut self, text: &str) -> Vec<Run> {
        let words: Vec<_> = text.unicode_words().map(|word| self.number(word)).collect();
        let mut runs: Vec<Run> = match words[..] {
            [] => Vec::new(),
            [one] => vec![[one, 0, 0]],
            [one, two] => vec![[one, two, 0]],
            _ => words
                .windows(RUN)
                .map(|run| [run[0], run[1], run[2]])
                .collect(),
        };
        runs.sort_unstable();
        runs.dedup();
        runs
    }

    /// The number of a word in any case, from 1.
    fn number(&mut self, word: &str) -> u32 {
        let new = small(self.words.len() + 1);
        *self.words.entry(word.to_lowercase()).or_insert(new)
    }

    /// The best-ranked text that shares enough of these runs.
    fn nearly_equal(&self, runs: &[Run]) -> Option<usize> {
        let mut shared = vec![0; self.sizes.len()];
        for text in runs.iter().filter_map(|run| self.texts.get(run)).flatten() {
            shared[*text] += 1;
        }
        let is_near = |(place, shared): (usize, u32)| {
            let all = self.sizes[place] + small(runs.len()) - shared;
            shared > 0 && u64::from(shared) * 100 >= u64::from(all) * THRESHOLD
        };
        (0..).zip(shared).position(is_near)
    }

    fn keep(&mut self, runs: &[Run]) {
        for run in runs {
            self.texts.entry(*run).or_default().push(self.sizes.len());
        }
        self.sizes.push(small(runs.len()));
    }
}

/// Counts of what fits into memory many times over.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn kept(texts: &[&str]) -> Vec<(usize, u32)> {
        let ranked: Vec<_> = texts.iter().copied().enumerate().collect();
        let collapsed = collapse(ranked, |(_, text)| text);
        collapsed
            .iter()
            .map(|one| (one.best.0, one.near_duplicates))
            .collect()
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

    fn runs(text: &str) -> BTreeSet<Vec<&str>> {
        let words: Vec<_> = text.unicode_words().collect();
        words
            .chunks(words.len().clamp(1, RUN))
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
