//! Finds what a path names, without a tree: what is not on the way is skipped, and every level is read once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::path::{Path, Step};

impl Path {
    /// Every value that stands there, in the order of the document.
    pub(super) fn select<'doc>(
        &self,
        document: &'doc RawValue,
    ) -> serde_json::Result<Vec<&'doc RawValue>> {
        let mut found = vec![document];
        for step in self.steps() {
            let mut inside = Vec::new();
            for value in found {
                step.follow(value, &mut inside)?;
            }
            found = inside;
        }
        Ok(found)
    }
}

impl Step {
    fn follow<'doc>(
        &self,
        value: &'doc RawValue,
        found: &mut Vec<&'doc RawValue>,
    ) -> serde_json::Result<()> {
        match (self, value.get().as_bytes().first()) {
            (Self::Name(name), Some(b'{')) => found.extend(member(value, name)?),
            (Self::Index(index), Some(b'[')) => found.extend(items(value)?.get(*index)),
            (Self::Each, Some(b'[')) => found.extend(items(value)?),
            _ => {}
        }
        Ok(())
    }
}

fn items(array: &RawValue) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_str(array.get())
}

/// The object's member of this name. Of a name that stands twice, the last counts.
pub(super) fn member<'doc>(
    object: &'doc RawValue,
    name: &str,
) -> serde_json::Result<Option<&'doc RawValue>> {
    Member(name).deserialize(&mut serde_json::Deserializer::from_str(object.get()))
}

struct Member<'name>(&'name str);

/// A name that is copied only where it holds escapes.
#[derive(Deserialize)]
struct Name<'doc>(#[serde(borrow)] Cow<'doc, str>);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(Name(name)) = map.next_key()? {
            if name == self.0 {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}
