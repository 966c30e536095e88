//! One spelling for what is written in many ways: NFKC, small letters, one apostrophe, nothing invisible.

use std::ops::Range;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_segmentation::UnicodeSegmentation;

use super::Analysis;

/// The text in this spelling.
pub(super) fn spell(text: &str, analysis: Analysis) -> String {
    let mut speller = Speller::new(text, analysis);
    speller.add_text(text);
    speller.spelled
}

/// The text in this spelling, and where its parts come from.
pub(super) fn spell_with_places(text: &str, analysis: Analysis) -> (String, Places) {
    let mut speller = Speller::new(text, analysis);
    speller.places = Some(Vec::new());
    speller.add_text(text);
    let starts = speller.places.unwrap_or_default();
    let end = text.len();
    (speller.spelled, Places { starts, end })
}

/// From which part of the original each part of a spelled text comes.
pub(super) struct Places {
    /// Where a part starts in the spelled text, and in the original.
    starts: Vec<(usize, usize)>,
    /// How long the original is.
    end: usize,
}

impl Places {
    /// The part of the original that these bytes of the spelled text come from.
    pub(super) fn original(&self, spelled: Range<usize>) -> Range<usize> {
        let after = |byte| self.starts.partition_point(|(start, _)| *start <= byte);
        let first = self.starts[..after(spelled.start)].last();
        let beyond = self.starts.get(after(spelled.end.saturating_sub(1)));
        first.map_or(0, |(_, start)| *start)..beyond.map_or(self.end, |(_, start)| *start)
    }
}

struct Speller {
    spelled: String,
    /// Only written down for whoever asks for it.
    places: Option<Vec<(usize, usize)>>,
    is_turkish: bool,
}

impl Speller {
    fn new(text: &str, analysis: Analysis) -> Self {
        Self {
            spelled: String::with_capacity(text.len()),
            places: None,
            is_turkish: analysis == Analysis::Turkish,
        }
    }

    /// Most letters of most texts are ASCII, about which there is nothing to look up.
    fn add_text(&mut self, text: &str) {
        let mut start = 0;
        while start < text.len() {
            let bytes = &text.as_bytes()[start..];
            let ascii = bytes.iter().position(|byte| !byte.is_ascii());
            // What follows may be an accent of the last letter.
            let plain = start + ascii.map_or(bytes.len(), |length| length.saturating_sub(1));
            let other = bytes.iter().skip(ascii.unwrap_or(bytes.len()));
            let other = other.take_while(|byte| !byte.is_ascii()).count();
            let end = start + ascii.unwrap_or(bytes.len()) + other;
            self.add_ascii(start, &text[start..plain]);
            self.add_other(plain, &text[plain..end]);
            start = end;
        }
    }

    fn add_ascii(&mut self, start: usize, ascii: &str) {
        if self.places.is_some() || self.is_turkish {
            for (place, letter) in ascii.char_indices() {
                self.begin(start + place);
                self.add_letter(letter);
            }
        } else {
            let from = self.spelled.len();
            self.spelled.push_str(ascii);
            self.spelled[from..].make_ascii_lowercase();
        }
    }

    fn add_other(&mut self, start: usize, other: &str) {
        if is_nfkc_quick(other.chars()) == IsNormalized::Yes {
            for (place, letter) in other.char_indices() {
                self.begin(start + place);
                self.add_letter(letter);
            }
            return;
        }
        for (place, cluster) in other.grapheme_indices(true) {
            self.begin(start + place);
            for letter in cluster.nfkc() {
                self.add_letter(letter);
            }
        }
    }

    fn begin(&mut self, original: usize) {
        if let Some(places) = &mut self.places {
            places.push((self.spelled.len(), original));
        }
    }

    fn add_letter(&mut self, letter: char) {
        match letter {
            'I' if self.is_turkish => self.spelled.push('ı'),
            'İ' => self.spelled.push('i'),
            'Σ' | 'ς' => self.spelled.push('σ'),
            '\u{2bc}' | '\u{2018}' | '\u{2019}' | '\u{201b}' => self.spelled.push('\''),
            invisible if is_invisible(invisible) => {}
            _ => self.spelled.extend(letter.to_lowercase()),
        }
    }
}

/// Soft hyphens, joiners, marks of direction and variants of glyphs: within words, and no part of them.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}
