//! The map of one event.

use serde_json::value::RawValue;

use super::path::Path;
use super::select::member;
use super::version::MapVersion;
use super::words::{is_there, name, words};
use crate::error::Error;
use crate::text::Turn;

/// Which parts of an event's payload are words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaMap {
    pub(super) fields: Vec<Field>,
    pub(super) turns: Vec<Turns>,
    pub(super) required: Vec<Path>,
    pub(super) supersedes: bool,
    pub(super) version: MapVersion,
}

/// What a payload says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapped {
    /// The words, in the order of the map. Empty where the map finds nothing.
    pub turns: Vec<Turn>,
    /// The required paths that the payload lacks.
    pub missing: Vec<String>,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) path: Path,
    pub(super) label: String,
}

/// A list of turns, each with its words and perhaps its speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turns {
    pub(super) each: Path,
    pub(super) who: Option<Path>,
    pub(super) what: Path,
    pub(super) label: String,
}

impl SchemaMap {
    /// Whether an event of this kind replaces what an earlier event of the same conversation said.
    pub fn supersedes(&self) -> bool {
        self.supersedes
    }

    /// Which map this is.
    pub fn version(&self) -> &MapVersion {
        &self.version
    }

    /// Reads a payload.
    pub fn read(&self, payload: &RawValue) -> Result<Mapped, Error> {
        let unreadable = |_| Error::invalid("", "holds a string that is no Unicode text");
        self.find(payload).map_err(unreadable)
    }

    fn find(&self, payload: &RawValue) -> serde_json::Result<Mapped> {
        let bases = bases(payload)?;
        let mut mapped = Mapped::default();
        for field in &self.fields {
            mapped.turns.extend(first(&bases, |base| field.read(base))?);
        }
        for turns in &self.turns {
            mapped.turns.extend(first(&bases, |base| turns.read(base))?);
        }
        for path in &self.required {
            if first(&bases, |base| path.present(base))?.is_empty() {
                mapped.missing.push(path.to_string());
            }
        }
        Ok(mapped)
    }
}

/// Where paths begin: at `data`, else at the top.
fn bases(payload: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    let is_object = payload.get().starts_with('{');
    let data = if is_object {
        member(payload, "data")?
    } else {
        None
    };
    Ok(data.into_iter().chain([payload]).collect())
}

/// What the first base gives that gives anything.
fn first<'doc, T>(
    bases: &[&'doc RawValue],
    find: impl Fn(&'doc RawValue) -> serde_json::Result<Vec<T>>,
) -> serde_json::Result<Vec<T>> {
    for base in bases {
        let found = find(base)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

impl Path {
    fn words(&self, base: &RawValue) -> serde_json::Result<Vec<String>> {
        let values = self.select(base)?;
        values
            .into_iter()
            .filter_map(|value| words(value).transpose())
            .collect()
    }

    fn present(&self, base: &RawValue) -> serde_json::Result<Vec<()>> {
        let values = self.select(base)?.into_iter();
        let there =
            values.filter_map(|value| is_there(value).map(|is| is.then_some(())).transpose());
        there.collect()
    }
}

impl Field {
    fn read(&self, base: &RawValue) -> serde_json::Result<Vec<Turn>> {
        Ok(labelled(&self.label, self.path.words(base)?))
    }
}

impl Turns {
    fn read(&self, base: &RawValue) -> serde_json::Result<Vec<Turn>> {
        let mut turns = Vec::new();
        for each in self.each.select(base)? {
            let words = self.what.words(each)?;
            if !words.is_empty() {
                turns.extend(labelled(&self.label_of(each)?, words));
            }
        }
        Ok(turns)
    }

    fn label_of(&self, each: &RawValue) -> serde_json::Result<String> {
        let names = self
            .who
            .as_ref()
            .map_or(Ok(Vec::new()), |who| who.words(each))?;
        Ok(names
            .first()
            .map_or_else(|| self.label.clone(), |words| name(words)))
    }
}

fn labelled(label: &str, values: Vec<String>) -> Vec<Turn> {
    let turn = |words| Turn {
        label: label.to_owned(),
        words,
    };
    values.into_iter().map(turn).collect()
}
