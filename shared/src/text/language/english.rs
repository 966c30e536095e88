//! Plain English, told by its little words alone.
//!
//! whatlang compares a text with 37 languages of one script, which costs more than everything else that is done to most
//! conversations. Where the little words of English come in a steady stream from the first word to the last, its verdict is known
//! beforehand. Nothing is said of other texts: of short ones, of lists, of mixed ones, of other languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

/// Frequent words that hardly stand in a sentence of another language.
const ONLY_ENGLISH: &str = "the and you that it not with this but from they would their what about who which could your them then than been were \
    does because these those where why our us if how any some should please thank again still very after before only just \
    into out she his him when now like other every didn get something anything nothing already while though through without \
    whether both such each few own same since until anyone someone everything everyone another either";

/// Frequent words that one of its relatives has as well.
const ALSO_ENGLISH: &str = "a i an in is of on at by as so my me we for was her has had did do can will all no one new over two way day even want \
    well here there also more most may might make give back good first last time yes know say see think look use need let am \
    off got too never always hello morning thanks s t m ll ve re have to be or are he don up go take year people work must \
    said thing call called under between long little much many put end ask asked tell told went come came keep left right \
    once second took sent send";

/// Of so many words that follow each other …
const RUN: u32 = 12;
/// … at least so many are frequent ones …
const FREQUENT: u32 = 3;
/// … and so many of these only English.
const OWN: u32 = 1;
/// A text of fewer words says too little.
const FEWEST: usize = 2 * RUN as usize;

/// Names have some letters that English has not. Scripts without blanks between the words give themselves away by them.
const STRANGE_LETTERS: usize = 4;

/// The frequent words, and whether they are only English.
static WORDS: LazyLock<HashMap<&str, bool, FxBuildHasher>> = LazyLock::new(|| {
    let list =
        |words: &'static str, own| words.split_ascii_whitespace().map(move |word| (word, own));
    list(ALSO_ENGLISH, false)
        .chain(list(ONLY_ENGLISH, true))
        .collect()
});

/// Whether the text is English throughout, beyond doubt.
pub(super) fn is_plain(text: &str) -> bool {
    let is_strange = |letter: &char| !letter.is_ascii() && letter.is_alphabetic();
    if text.chars().filter(is_strange).count() > STRANGE_LETTERS {
        return false;
    }
    let small = text.to_ascii_lowercase();
    let words = small.split(|c: char| !c.is_alphabetic());
    // A bit for each word, the last one lowest.
    let (mut frequent, mut own) = (0, 0);
    let mut count = 0;
    for word in words.filter(|word| !word.is_empty()) {
        let known = WORDS.get(word);
        frequent = shift(frequent, known.is_some());
        own = shift(own, known == Some(&true));
        count += 1;
        let is_run = count >= RUN as usize;
        if is_run && (frequent.count_ones() < FREQUENT || own.count_ones() < OWN) {
            return false;
        }
    }
    count >= FEWEST
}

/// The bits of the last words, and of this one.
fn shift(bits: u32, bit: bool) -> u32 {
    (bits << 1 | u32::from(bit)) & ((1 << RUN) - 1)
}
