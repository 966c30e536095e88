//! What a single value says.

use serde_json::value::RawValue;

use crate::text::plain::plain;

/// A speaker's name is a label that every chunk repeats; one that is longer than this many letters is no name.
const LONGEST_NAME: usize = 80;

/// The words of a string, number or boolean, without blanks around them; `None` where nothing is said.
pub(super) fn words(value: &RawValue) -> serde_json::Result<Option<String>> {
    match value.get().as_bytes().first() {
        Some(b'"') => {
            let words = plain(serde_json::from_str(value.get())?);
            Ok(Some(words.trim())
                .filter(|words| !words.is_empty())
                .map(str::to_owned))
        }
        Some(b'{' | b'[' | b'n') | None => Ok(None),
        Some(_) => Ok(Some(value.get().to_owned())),
    }
}

/// Whether there is anything: neither `null` nor a blank string.
pub(super) fn is_there(value: &RawValue) -> serde_json::Result<bool> {
    match value.get().as_bytes().first() {
        Some(b'"') => Ok(words(value)?.is_some()),
        first => Ok(first != Some(&b'n')),
    }
}

/// A name on one line.
pub(super) fn name(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .take(LONGEST_NAME)
        .collect::<String>()
        .trim_end()
        .to_owned()
}
