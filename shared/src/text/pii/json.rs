//! A JSON document without the personal data in its strings. It is rewritten as it is read, without a tree.

mod context;

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::value::RawValue;

use self::context::find_under;
use super::mask::replace;
use super::{Finding, Kind, mask};
use crate::error::Error;
use crate::json;
use crate::text::plain::plain;

/// What the product needs to know a document by; at its top level these stay as they are.
const KEPT: [&str; 3] = ["conversationId", "event", "timestamp"];

/// Masks every string and every key. A key gives meaning to its value, so that `{"ssn": "078051120"}` is understood, and so does
/// the key around it. A number that is personal data becomes the token, as a string. The rest stays byte for byte.
///
/// Two keys that are personal data of one kind become the same key.
pub fn mask_json(document: &str) -> Result<String, Error> {
    mask_json_with(document, &[])
}

/// Masks the same, and wherever they stand the values that only the whole conversation showed to be personal: digits in one
/// field that a question in another one asked for.
pub fn mask_json_with(document: &str, known: &[(&str, Kind)]) -> Result<String, Error> {
    let document = json::parse(document.as_bytes())?;
    let mut rewrite = Rewrite::new(document, Known::new(known)?);
    while rewrite.step()? {}
    Ok(rewrite.out)
}

/// Values to be masked wherever they stand, found in one pass however many they are.
struct Known {
    values: AhoCorasick,
    tokens: Vec<&'static str>,
}

impl Known {
    fn new(known: &[(&str, Kind)]) -> Result<Self, Error> {
        let values = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(known.iter().map(|(value, _)| value));
        let too_many = |_| Error::invalid("", "holds more personal data than can be masked");
        Ok(Self {
            values: values.map_err(too_many)?,
            tokens: known.iter().map(|(_, kind)| kind.token()).collect(),
        })
    }

    fn mask<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        if self.values.is_match(text.as_ref()) {
            Cow::Owned(self.values.replace_all(&text, &self.tokens))
        } else {
            text
        }
    }
}

/// An open object or array.
struct Level {
    is_object: bool,
    /// The key that is being read or was read last; in an array, that of the array.
    key: String,
    /// The next string is a key.
    awaits_key: bool,
}

struct Rewrite<'doc> {
    known: Known,
    rest: &'doc str,
    out: String,
    levels: Vec<Level>,
}

impl<'doc> Rewrite<'doc> {
    fn new(document: &'doc RawValue, known: Known) -> Self {
        Self {
            known,
            rest: document.get(),
            out: String::with_capacity(document.get().len()),
            levels: Vec::new(),
        }
    }

    /// Takes one token of the document over; says whether there was one. The document is valid, so its first byte tells it.
    fn step(&mut self) -> Result<bool, Error> {
        let Some(first) = self.rest.bytes().next() else {
            return Ok(false);
        };
        match first {
            b'"' => {
                let literal = self.cut(string_length(self.rest));
                self.write_string(literal)?;
            }
            b'-' | b'0'..=b'9' => {
                let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
                let length = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
                let number = self.cut(length);
                self.write_number(number);
            }
            _ => {
                self.turn(first);
                let mark = self.cut(1);
                self.out.push_str(mark);
            }
        }
        Ok(true)
    }

    fn cut(&mut self, length: usize) -> &'doc str {
        let (head, rest) = self.rest.split_at(length);
        self.rest = rest;
        head
    }

    /// Brackets open and close levels; a comma awaits the next key.
    fn turn(&mut self, mark: u8) {
        match mark {
            b'{' | b'[' => {
                let is_object = mark == b'{';
                let key = self
                    .levels
                    .last()
                    .map_or_else(String::new, |level| level.key.clone());
                self.levels.push(Level {
                    is_object,
                    key,
                    awaits_key: is_object,
                });
            }
            b'}' | b']' => drop(self.levels.pop()),
            b',' => {
                if let Some(level) = self.levels.last_mut() {
                    level.awaits_key = level.is_object;
                }
            }
            _ => {}
        }
    }

    fn write_string(&mut self, literal: &str) -> Result<(), Error> {
        let unreadable = |_| Error::invalid("", "holds a string that is no Unicode text");
        // Letter by letter as the words of the conversation, in which the known values were found.
        let text = plain(serde_json::from_str(literal).map_err(unreadable)?);
        let masked = if self.awaits_key() {
            let masked = mask(&text).text;
            if let Some(level) = self.levels.last_mut() {
                level.key = masked.clone().into_owned();
                level.awaits_key = false;
            }
            masked
        } else if self.is_kept() {
            Cow::Borrowed(text.as_str())
        } else {
            self.known
                .mask(replace(&text, &self.find_in_context(&text)))
        };
        match masked {
            Cow::Borrowed(_) => self.out.push_str(literal),
            Cow::Owned(masked) => self.out.push_str(&json_string(&masked)?),
        }
        Ok(())
    }

    /// Only a number that is personal data as a whole is replaced: a part of a number means nothing.
    fn write_number(&mut self, number: &str) {
        let findings = if self.is_kept() {
            Vec::new()
        } else {
            self.find_in_context(number)
        };
        match &findings[..] {
            [one] if one.range == (0..number.len()) => {
                self.out.push('"');
                self.out.push_str(one.kind.token());
                self.out.push('"');
            }
            _ if self.is_kept() => self.out.push_str(number),
            _ => match self.known.mask(Cow::Borrowed(number)) {
                Cow::Borrowed(number) => self.out.push_str(number),
                Cow::Owned(masked) => {
                    self.out.push('"');
                    self.out.push_str(&masked);
                    self.out.push('"');
                }
            },
        }
    }

    fn awaits_key(&self) -> bool {
        self.levels.last().is_some_and(|level| level.awaits_key)
    }

    /// What is found in a value below its keys.
    fn find_in_context(&self, text: &str) -> Vec<Finding> {
        find_under(self.levels.iter().map(|level| level.key.as_str()), text)
    }

    fn is_kept(&self) -> bool {
        matches!(&self.levels[..], [top] if top.is_object && KEPT.contains(&top.key.as_str()))
    }
}

fn json_string(text: &str) -> Result<String, Error> {
    serde_json::to_string(text).map_err(|source| Error::Bug {
        what: "a text could not be written as JSON",
        source: Some(source.into()),
    })
}

/// How long the string literal is with which `text` begins, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}
