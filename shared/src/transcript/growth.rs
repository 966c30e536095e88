//! What of a transcript is new. The stream sends the whole text again and again, and the recogniser changes words of it meanwhile.
//!
//! Remembered is what was forwarded, piece by piece, as numbers. A transcript is walked along these pieces. Where it leaves them, it
//! says something new, until it meets one of them again: so a sentence that changed is forwarded again, and those after it are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::sentences;
use super::words::{Word, says_something, words};

/// So many pieces ahead are looked at for the one where a transcript goes on.
const AHEAD: usize = 64;
/// So many pieces that a transcript no longer has are remembered at one place, should it come back to them.
const KEPT: usize = 32;
/// So many words ahead it is looked for where a transcript meets what is known again.
const NEAR: usize = 200;
/// So many words in a row are no coincidence.
pub(super) const MANY: usize = 3;

/// Something that was forwarded, as the marks of its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Piece {
    marks: Vec<u16>,
    /// Whether the transcript has something else in its place.
    is_gone: bool,
}

/// What a channel said, as far as it was forwarded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Said {
    pieces: Vec<Piece>,
    /// Where the next piece belongs.
    next: usize,
}

/// What is new in a transcript.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Growth<'text> {
    /// Sentences that are complete.
    pub(super) sentences: Vec<&'text str>,
    /// What follows them.
    pub(super) rest: &'text str,
}

impl Said {
    /// Finds what is new, and remembers the complete sentences of it as forwarded.
    pub(super) fn grow<'text>(&mut self, text: &'text str) -> Growth<'text> {
        let words = words(text);
        let mut new = Growth {
            sentences: Vec::new(),
            rest: "",
        };
        let mut at = 0;
        self.next = 0;
        // Where what is new begins, behind what is known.
        let mut from_here = 0;
        while at < words.len() {
            let left = &words[at..];
            if !self.goes_on(left) && self.is_earlier(text, left) {
                return new;
            }
            if let Some(known) = self.known(text, left) {
                at += known;
                from_here = self.next;
                continue;
            }
            let mut near = (at + 1..words.len()).take(NEAR);
            let meets = near.find_map(|at| Some((at, self.meets(&words[at..])?)));
            if let Some((_, place)) = meets {
                self.give_up(place);
            }
            let from = end_of(text, &words, at);
            let until = meets.map_or(text.len(), |(at, _)| end_of(text, &words, at));
            // Marks alone say nothing; they belong to what follows.
            let with_words = |end| Some(end).zip(count(left, from + end));
            let mut ends = sentences::ends(&text[from..until], meets.is_some());
            let Some((end, count)) = ends.find_map(with_words) else {
                new.rest = text[from..].trim();
                break;
            };
            new.sentences.push(text[from..from + end].trim());
            self.remember(&left[..count]);
            at += count;
        }
        if from_here < self.next || !new.rest.is_empty() {
            self.give_up_rest(from_here);
        }
        new
    }

    /// Remembers as forwarded what the last growth left as its rest.
    pub(super) fn remember_rest(&mut self, rest: &str) {
        self.remember(&words(rest));
    }

    /// Whether nothing was forwarded ever.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The marks of what the transcript has and was forwarded.
    pub(super) fn marks(&self) -> impl Iterator<Item = u16> {
        let here = self.pieces.iter().filter(|piece| !piece.is_gone);
        here.flat_map(|piece| &piece.marks).copied()
    }

    fn remember(&mut self, words: &[Word]) {
        self.pieces.insert(self.next, Piece::of(words));
        self.next += 1;
    }

    /// How many words of the beginning are the next piece, or one after it: then those between are what the transcript has no more.
    fn known(&mut self, text: &str, words: &[Word]) -> Option<usize> {
        let next = self.nexts();
        let found = self.ahead().find(|(place, piece)| {
            piece.begins(words) && (next.contains(place) || piece.is_sure(text, words))
        });
        let (place, piece) = found?;
        let count = piece.marks.len();
        self.give_up(place);
        if let Some(piece) = self.pieces.get_mut(self.next) {
            piece.is_gone = false;
        }
        self.next += 1;
        Some(count)
    }

    /// Where the next piece stands: the one that the transcript had here first, and the one that it had last.
    fn nexts(&self) -> [usize; 2] {
        let ahead = self.pieces.iter().skip(self.next);
        let gone = ahead.take_while(|piece| piece.is_gone).count();
        [self.next, self.next + gone]
    }

    /// Whether the next piece begins here.
    fn goes_on(&self, words: &[Word]) -> bool {
        let begins = |place: usize| self.pieces.get(place).is_some_and(|one| one.begins(words));
        self.nexts().into_iter().any(begins)
    }

    /// The place of the piece that begins here, beyond all doubt.
    fn meets(&self, words: &[Word]) -> Option<usize> {
        let found = self
            .ahead()
            .find(|(_, piece)| piece.marks.len() >= MANY && piece.begins(words));
        found.map(|(place, _)| place)
    }

    fn ahead(&self) -> impl Iterator<Item = (usize, &Piece)> {
        let pieces = self.pieces.iter().enumerate();
        pieces.skip(self.next).take(AHEAD)
    }

    /// Whether what is known goes on just like this, and further: then this is an earlier state of the transcript.
    fn is_earlier(&self, text: &str, words: &[Word]) -> bool {
        let known = self.pieces.iter().skip(self.next);
        let known = known.filter(|piece| !piece.is_gone);
        let mut known = known.flat_map(|piece| &piece.marks).copied();
        let last = words.len().saturating_sub(1);
        let is_same = words[..last]
            .iter()
            .all(|word| known.next() == Some(word.mark));
        // The last word may be the beginning of one.
        let follows = known.next();
        let is_whole = text.ends_with(|letter| !says_something(letter));
        is_same && follows.is_some_and(|mark| !is_whole || mark == words[last].mark)
    }

    /// The transcript has something else in the place of all that follows. That is put in front of what came instead, which begins at this
    /// place: behind it, it would be taken for what is said later.
    fn give_up_rest(&mut self, place: usize) {
        let mut gone = self.pieces.split_off(self.next);
        gone.drain(..gone.len().saturating_sub(KEPT));
        for piece in &mut gone {
            piece.is_gone = true;
        }
        self.next += gone.len();
        self.pieces.splice(place..place, gone);
    }

    /// The transcript has something else in the place of the pieces before this one, which then is the next.
    fn give_up(&mut self, place: usize) {
        let too_many = place.saturating_sub(self.next + KEPT);
        self.pieces.drain(self.next..self.next + too_many);
        let next = place - too_many;
        for piece in &mut self.pieces[self.next..next] {
            piece.is_gone = true;
        }
        self.next = next;
    }
}

impl Piece {
    fn of(words: &[Word]) -> Self {
        Self {
            marks: words.iter().map(|word| word.mark).collect(),
            is_gone: false,
        }
    }

    fn begins(&self, words: &[Word]) -> bool {
        let own = words.get(..self.marks.len());
        own.is_some_and(|own| {
            own.iter()
                .map(|word| word.mark)
                .eq(self.marks.iter().copied())
        })
    }

    /// A few words may be the beginning of something else, unless a sentence ends with them.
    fn is_sure(&self, text: &str, words: &[Word]) -> bool {
        let last = self.marks.len().checked_sub(1);
        let last = last.and_then(|last| words.get(last));
        let after = last.and_then(|last| text[last.end..].chars().next());
        let is_end = after.is_none_or(|mark| ".!?…。！？".contains(mark));
        self.marks.len() >= MANY || is_end
    }
}

/// How many of the words stand before this place, if any does.
fn count(words: &[Word], end: usize) -> Option<usize> {
    let count = words.partition_point(|word| word.end <= end);
    (count > 0).then_some(count)
}

/// Where that which precedes the word at `next` ends: with the marks that follow its last word.
fn end_of(text: &str, words: &[Word], next: usize) -> usize {
    let Some(last) = next.checked_sub(1).and_then(|last| words.get(last)) else {
        return 0;
    };
    let until = words.get(next).map_or(text.len(), |word| word.start);
    let between = &text[last.end..until];
    let is_other = |letter: char| letter.is_whitespace() || "([{“‘«¿¡「『（".contains(letter);
    last.end + between.find(is_other).unwrap_or(between.len())
}

/// Its stored form: the marks, after a `-` if it is gone.
impl From<Piece> for String {
    fn from(piece: Piece) -> Self {
        let bytes: Vec<u8> = piece
            .marks
            .iter()
            .flat_map(|mark| mark.to_le_bytes())
            .collect();
        let sign = if piece.is_gone { "-" } else { "" };
        format!("{sign}{}", BASE64.encode(bytes))
    }
}

impl TryFrom<String> for Piece {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let marks = text.strip_prefix('-');
        let bytes = BASE64.decode(marks.unwrap_or(&text));
        let bytes = bytes.map_err(|_| "is no base64")?;
        let (pairs, []) = bytes.as_chunks::<2>() else {
            return Err("holds half a mark");
        };
        Ok(Self {
            marks: pairs.iter().copied().map(u16::from_le_bytes).collect(),
            is_gone: marks.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is new in each of the transcripts, and what is left of it.
    fn grow(said: &mut Said, transcripts: &[&str]) -> Vec<String> {
        let growth = |text: &&str| {
            let growth = said.grow(text);
            format!("{}/{}", growth.sentences.join("|"), growth.rest)
        };
        transcripts.iter().map(growth).collect()
    }

    #[test]
    fn only_what_is_new_is_told() {
        let mut said = Said::default();
        let told = grow(
            &mut said,
            &[
                "Hello",
                "Hello there.",
                "Hello there.",
                "Hello there. I am",
                "Hello there",
                "Hello there. I am Jo! So",
            ],
        );
        assert_eq!(
            told,
            ["/Hello", "Hello there./", "/", "/I am", "/", "I am Jo!/So"]
        );
    }

    #[test]
    fn what_was_said_twice_is_told_twice() {
        let mut said = Said::default();
        let told = grow(&mut said, &["Yes.", "Yes. Yes.", "Yes. Yes. Yes."]);
        assert_eq!(told, ["Yes./", "Yes./", "Yes./"]);
    }

    #[test]
    fn a_sentence_that_changed_is_told_again_and_its_neighbours_are_not() {
        let mut said = Said::default();
        let told = grow(
            &mut said,
            &[
                "My order is late. I want it now. Where is it? It",
                "My order is late. I want to know. Where is it? It was",
                "My order is late. I want it now. Where is it? It was a gift.",
                "My order is late. Where is it? It was a gift.",
                "Hello. My order is late. Where is it? It was a gift.",
            ],
        );
        assert_eq!(
            told,
            [
                "My order is late.|I want it now.|Where is it?/It",
                "I want to know./It was",
                "It was a gift./",
                "/",
                "Hello./"
            ]
        );
    }

    #[test]
    fn case_and_marks_change_nothing() {
        let mut said = Said::default();
        said.grow("i want a refund");
        said.remember_rest("i want a refund");
        let told = grow(
            &mut said,
            &[
                "I want a refund.",
                "I want a refund!? Today",
                "I want a refund today",
            ],
        );
        assert_eq!(told, ["/", "/Today", "/today"]);
    }

    #[test]
    fn without_any_marks_only_the_words_around_the_change_are_told_again() {
        let mut said = Said::default();
        for text in ["a b c", "a b c d e f", "a b c d e f g h i"] {
            let rest = said.grow(text).rest.to_owned();
            said.remember_rest(&rest);
        }
        let told = grow(&mut said, &["a b x d e f g h i", "a b x d e f g h i j"]);
        assert_eq!(told, ["a b x/", "/j"]);
    }

    #[test]
    fn an_earlier_state_says_nothing_new() {
        let whole = "We sell cups. small ones. And large ones. That is all we have.";
        let mut said = Said::default();
        said.grow(whole);
        for (end, _) in whole.char_indices() {
            assert_eq!(
                grow(&mut said, &[&whole[..end], whole]),
                ["/", "/"],
                "{end}"
            );
        }
        let told = grow(
            &mut said,
            &["We sell cups. small ones. And pans, which are much larger."],
        );
        assert_eq!(told, ["And pans, which are much larger./"]);
    }

    #[test]
    fn what_the_recogniser_took_back_may_be_said_later() {
        for (transcripts, expected) in [
            (
                [
                    "Yes.",
                    "Yet another problem.",
                    "Yet another problem. Yes.",
                    "Yet another problem. Yes. Yes.",
                ],
                ["Yes./", "Yet another problem./", "Yes./", "Yes./"],
            ),
            (
                [
                    "Hm. So it is late. Why?",
                    "Hm. So it is paid. Why?",
                    "Hm. So it is paid. Why? So it is late.",
                    "Hm. So it is late. Why? So it is late. Hm.",
                ],
                [
                    "Hm.|So it is late.|Why?/",
                    "So it is paid./",
                    "So it is late./",
                    "Hm./",
                ],
            ),
        ] {
            let told = grow(&mut Said::default(), &transcripts);
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_few_words_in_the_place_of_others_are_told_once() {
        let mut said = Said::default();
        for text in ["eye", "i am"] {
            let rest = said.grow(text).rest.to_owned();
            said.remember_rest(&rest);
        }
        assert_eq!(grow(&mut said, &["i am here", "i am"]), ["/here", "/"]);
    }

    #[test]
    fn a_word_that_grows_is_another_word() {
        let mut said = Said::default();
        said.grow("I would li");
        said.remember_rest("I would li");
        assert_eq!(
            grow(&mut said, &["I would like it."]),
            ["I would like it./"]
        );
    }

    #[test]
    fn a_sentence_that_flickers_is_remembered_in_all_its_forms_and_they_are_bounded() {
        let mut said = Said::default();
        for number in 0..500 {
            let text = format!("It costs about {number} cups now. That is a lot of cups.");
            let told = said.grow(&text);
            assert_eq!(
                told.sentences.len(),
                1 + usize::from(number == 0),
                "{number}"
            );
        }
        assert!(said.pieces.len() < 100, "{}", said.pieces.len());
    }
}
