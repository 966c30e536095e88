//! Where an answer ended, as a text that the next question hands back.
//!
//! The text is opaque, and not authenticated: it grants nothing that the question itself does not ask for. Whoever forges one reads
//! another part of the results that are theirs to read anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::domain::{Locale, Score};
use crate::error::Error;

/// All pages of a question together have no more results.
pub const MOST_RESULTS: usize = 200;
/// Cursors of another version are refused.
const VERSION: u8 = 4;
/// What those are told whose cursor is none.
const RULE: &str = "must be the next_cursor of an answer";

/// What a question ranks by and filters by, hashed: a cursor of another question means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryDigest([u8; 16]);

impl QueryDigest {
    /// The digest of a question. The two kinds have different fields, so their digests differ too.
    pub(super) fn of(question: &impl Serialize) -> Self {
        // Our own structs serialize; if one day one does not, its cursors fit each other, and that is all.
        let text = serde_json::to_string(question).unwrap_or_default();
        let hash = Sha256::digest(text);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        Self(bytes)
    }
}

/// How far the pages have come: a place in a ranking that others may join meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// How many results were given; fewer than [`MOST_RESULTS`].
    pub given: u16,
    /// The score of the last one.
    pub score: Score,
    /// The number of the last one.
    pub doc: i64,
}

/// What a ranking stands on, beside the question: on another one, a place in it means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The generation of what is searched.
    pub generation: i64,
    /// Whether the question had a vector. Without one words count alone, and scores are others.
    pub has_vector: bool,
    /// The language that was chosen out of several.
    pub language: Chosen,
}

/// A language that was chosen for a question, hashed; none, if there was nothing to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chosen([u8; 8]);

impl Chosen {
    /// What stands in cursors for a language.
    pub fn of(language: Option<&Locale>) -> Self {
        let digest = |language: &Locale| {
            let hash = Sha256::digest(language.as_str());
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&hash[..8]);
            Self(bytes)
        };
        language.map(digest).unwrap_or_default()
    }
}

/// A place in the results of one question, on one basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    basis: Basis,
    question: QueryDigest,
    position: Position,
}

impl Cursor {
    /// A place in the results of a question.
    pub fn new(basis: Basis, question: QueryDigest, position: Position) -> Self {
        Self {
            basis,
            question,
            position,
        }
    }

    /// The text for the next question: letters, digits, `-` and `_`.
    pub fn to_text(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.basis.generation.to_be_bytes());
        bytes.push(self.basis.has_vector.into());
        bytes.extend(self.basis.language.0);
        bytes.extend(self.question.0);
        let Position { given, score, doc } = self.position;
        bytes.extend(given.to_be_bytes());
        bytes.extend(score.get().to_be_bytes());
        bytes.extend(doc.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads the text back.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| RULE)?;
        read(&bytes).ok_or(RULE)
    }

    /// Where to go on, if this question was asked and nothing has changed since.
    pub fn resume(&self, basis: Basis, question: QueryDigest) -> Result<Position, Error> {
        if self.question != question {
            return Err(Error::invalid("/cursor", "belongs to another question"));
        }
        if self.basis != basis {
            let what = "what is searched, whether by vectors, or in which language, has changed since that page; ask again without a cursor";
            return Err(Error::Conflict(what.to_owned()));
        }
        Ok(self.position)
    }
}

fn read(bytes: &[u8]) -> Option<Cursor> {
    let (version, rest) = bytes.split_first_chunk::<1>()?;
    let (generation, rest) = rest.split_first_chunk()?;
    let ([has_vector], rest) = rest.split_first_chunk::<1>()?;
    let (language, rest) = rest.split_first_chunk()?;
    let (question, rest) = rest.split_first_chunk()?;
    let (given, rest) = rest.split_first_chunk()?;
    let (score, rest) = rest.split_first_chunk()?;
    let position = Position {
        given: u16::from_be_bytes(*given),
        score: Score::parse(f64::from_be_bytes(*score)).ok()?,
        doc: i64::from_be_bytes(rest.try_into().ok()?),
    };
    let basis = Basis {
        generation: i64::from_be_bytes(*generation),
        has_vector: *has_vector == 1,
        language: Chosen(*language),
    };
    let is_sound = version == &[VERSION]
        && *has_vector <= 1
        && (1..MOST_RESULTS).contains(&usize::from(position.given));
    is_sound.then(|| Cursor::new(basis, QueryDigest(*question), position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use proptest::prelude::*;

    fn after(given: u16) -> Position {
        Position {
            given,
            score: Score::ONE,
            doc: 7,
        }
    }

    fn basis(generation: i64, has_vector: bool) -> Basis {
        Basis {
            generation,
            has_vector,
            language: Chosen([9; 8]),
        }
    }

    fn cursor(generation: i64, question: [u8; 16], position: Position) -> Cursor {
        Cursor::new(basis(generation, true), QueryDigest(question), position)
    }

    #[test]
    fn it_goes_on_only_with_the_same_question_on_the_same_basis() {
        let position = after(10);
        let cursor = cursor(7, [1; 16], position);
        let same = basis(7, true);
        assert_eq!(cursor.resume(same, QueryDigest([1; 16])).unwrap(), position);
        let other = cursor.resume(same, QueryDigest([2; 16])).unwrap_err();
        assert_eq!(
            (other.kind(), other.violations()[0].pointer.as_str()),
            (Kind::Invalid, "/cursor")
        );
        let english = Locale::parse("en").unwrap();
        let languages = [None, Some(&english)].map(|language| Basis {
            language: Chosen::of(language),
            ..same
        });
        for changed in [basis(8, true), basis(7, false)]
            .into_iter()
            .chain(languages)
        {
            let stale = cursor.resume(changed, QueryDigest([1; 16])).unwrap_err();
            assert_eq!(stale.kind(), Kind::Conflict);
        }
    }

    #[test]
    fn what_no_answer_gave_is_refused() {
        let good = cursor(7, [1; 16], after(10)).to_text();
        assert!(Cursor::parse(&good).is_ok());
        let of = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let bytes = URL_SAFE_NO_PAD.decode(&good).unwrap();
        let with = |place: usize, byte: u8| {
            let mut bytes = bytes.clone();
            bytes[place] = byte;
            of(&bytes)
        };
        for text in [
            String::new(),
            "%".to_owned(),
            format!("{good}="),
            format!("{good}A"),
            good[..good.len() - 2].to_owned(),
            with(0, 1),
            with(9, 2),
            with(35, 0),
            with(34, 1),
            cursor(7, [1; 16], after(200)).to_text(),
            of(&[&bytes[..36], &f64::NAN.to_be_bytes(), &[0; 8]].concat()),
            of(&[&bytes[..36], &2.0_f64.to_be_bytes(), &[0; 8]].concat()),
            of(&bytes[..36]),
            of(&[bytes.as_slice(), &[0]].concat()),
        ] {
            assert!(Cursor::parse(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_comes_back_as_it_was(
            generation: i64, has_vector: bool, language: [u8; 8], question: [u8; 16], given in 1_u16..200, score in 0.0..=1.0_f64, doc: i64,
        ) {
            let score = Score::parse(score).unwrap();
            let position = Position { given, score, doc };
            let basis = Basis { language: Chosen(language), ..basis(generation, has_vector) };
            let cursor = Cursor::new(basis, QueryDigest(question), position);
            let text = cursor.to_text();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(Cursor::parse(&text), Ok(cursor));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Cursor::parse(&text);
            if let Ok(cursor) = Cursor::parse(&URL_SAFE_NO_PAD.encode(&bytes)) {
                prop_assert!(usize::from(cursor.position.given) < MOST_RESULTS);
            }
        }
    }
}
