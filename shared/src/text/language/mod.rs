//! Which language a text is in, where that is beyond doubt.

mod english;
mod tag;
#[cfg(test)]
mod tests;

use std::fmt;

use tag::bcp_47;
use whatlang::Lang;

/// How many letters there must be. A script that only one language uses is proof for whatlang however short the text: it makes
/// Greek of a single Ω, and Chinese of a name in Japanese.
const FEWEST_LETTERS: usize = 12;
/// The beginning says enough; to read megabytes costs time.
const MOST_BYTES: usize = 512;
/// BCP 47 for a language that nobody determined.
const UNDETERMINED: &str = "und";

/// A language that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language(Lang);

impl Language {
    /// Its BCP 47 tag, such as `en`.
    pub fn as_str(self) -> &'static str {
        bcp_47(self.0)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The language of the text; `None` where the text is too short or too mixed to be sure.
pub fn detect(text: &str) -> Option<Language> {
    let text = &text[..text.floor_char_boundary(MOST_BYTES)];
    let letters = text
        .chars()
        .filter(|letter| letter.is_alphabetic())
        .take(FEWEST_LETTERS);
    if letters.count() < FEWEST_LETTERS {
        return None;
    }
    if english::is_plain(text) {
        return Some(Language(Lang::Eng));
    }
    let verdict = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    Some(Language(verdict.lang()))
}

/// The tag to store: that of the language, or `und`.
pub fn code(language: Option<Language>) -> &'static str {
    language.map_or(UNDETERMINED, Language::as_str)
}
