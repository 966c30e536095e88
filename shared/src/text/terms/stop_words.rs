//! The little words that stand in every text and say nothing of it. Those of NLTK; some languages have none there.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::Analysis;
use super::pieces::split;
use super::spelling::spell;

type Words = FxHashSet<Box<str>>;

static LISTS: [OnceLock<Words>; Analysis::ALL.len()] =
    [const { OnceLock::new() }; Analysis::ALL.len()];

/// The little words of a language, spelled as texts are; read once.
pub(super) fn stop_words(analysis: Analysis) -> &'static Words {
    LISTS[analysis as usize].get_or_init(|| read(analysis))
}

fn read(analysis: Analysis) -> Words {
    let mut languages = analysis.languages().iter();
    let list = languages.find_map(stop_words::lookup).unwrap_or_default();
    let mut words = Words::default();
    for entry in list {
        let spelled = spell(entry, analysis);
        let mut pieces = Vec::new();
        split(&spelled, |range, _| pieces.push(range));
        // What consists of two words never comes as one.
        if let [word] = &pieces[..] {
            words.insert(spelled[word.clone()].into());
        }
    }
    words
}
