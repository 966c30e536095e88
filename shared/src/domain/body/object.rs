//! A JSON object, read field by field, that remembers everything that is wrong with it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json;
use crate::validation::Violation;

/// Who breaks more rules reads the first ones: an answer has to stay small.
const MOST_FLAWS: usize = 50;
/// A longer name is not repeated in an answer.
const MOST_NAME: usize = 40;

/// What is wrong with a value. Pointers begin at the value itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Flaws(Vec<Violation>);

impl From<&'static str> for Flaws {
    fn from(detail: &'static str) -> Self {
        Self(vec![Violation::new("", detail)])
    }
}

impl Flaws {
    /// Adds what is wrong with the part that `place` leads to.
    pub(crate) fn add(&mut self, place: &str, flaws: impl Into<Self>) {
        let inner = flaws.into().0.into_iter();
        self.0.extend(inner.map(|flaw| Violation {
            pointer: format!("{place}{}", flaw.pointer),
            detail: flaw.detail,
        }));
    }

    /// What was read; else what is wrong with it is added.
    pub(crate) fn sift<T>(&mut self, place: &str, read: Result<T, impl Into<Self>>) -> Option<T> {
        read.map_err(|flaws| self.add(place, flaws)).ok()
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, if nothing is wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl From<Flaws> for Error {
    fn from(flaws: Flaws) -> Self {
        let mut violations = flaws.0;
        violations.sort();
        violations.truncate(MOST_FLAWS);
        Self::Invalid(violations)
    }
}

/// The fields that nobody has taken yet, and what is wrong with those that were.
pub(crate) struct Object<'doc> {
    fields: BTreeMap<String, &'doc RawValue>,
    flaws: Flaws,
}

impl<'doc> Object<'doc> {
    /// The body of a request, if it has no more bytes than `limit`.
    pub(crate) fn of_body(body: &'doc [u8], limit: usize) -> Result<Self, Error> {
        if body.len() > limit {
            return Err(Error::TooLarge {
                compressed: false,
                limit,
            });
        }
        Ok(Self::read(json::parse(body)?)?)
    }

    /// An object inside another.
    pub(crate) fn read(value: &'doc RawValue) -> Result<Self, Flaws> {
        let is_object = value.get().starts_with('{');
        let pairs = is_object.then(|| serde_json::from_str(value.get()).ok());
        let Some(Pairs(pairs)) = pairs.flatten() else {
            return Err("must be a JSON object".into());
        };
        let mut object = Self {
            fields: BTreeMap::new(),
            flaws: Flaws::default(),
        };
        for (name, value) in pairs {
            let Some(name) = json::text(name) else {
                object.flaws.add("", "holds a name that is no Unicode text");
                continue;
            };
            let place = place_of(&name);
            if object.fields.insert(name, value).is_some() {
                object.flaws.add(&place, "stands there more than once");
            }
        }
        Ok(object)
    }

    /// Takes a field, which may be missing.
    pub(crate) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'doc RawValue) -> Result<T, Flaws>,
    ) -> Option<T> {
        let value = self.fields.remove(name)?;
        if value.get() == "null" {
            return None;
        }
        read(value)
            .map_err(|flaws| self.flaws.add(&place_of(name), flaws))
            .ok()
    }

    /// Takes a field that must be there.
    pub(crate) fn require<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&'doc RawValue) -> Result<T, Flaws>,
    ) -> Option<T> {
        let is_there = self
            .fields
            .get(name)
            .is_some_and(|value| value.get() != "null");
        if !is_there {
            self.note(name, "is required");
        }
        self.take(name, read)
    }

    /// Says that a rule is broken at a field.
    pub(crate) fn note(&mut self, name: &str, detail: &'static str) {
        self.add(&place_of(name), detail);
    }

    /// Adds what is wrong with the part that `place` leads to.
    pub(crate) fn add(&mut self, place: &str, flaws: impl Into<Flaws>) {
        self.flaws.add(place, flaws);
    }

    /// The fields that are left, whatever their names.
    pub(crate) fn rest(&mut self) -> BTreeMap<String, &'doc RawValue> {
        std::mem::take(&mut self.fields)
    }

    /// `value`, if nothing was wrong. What is left is unknown.
    pub(crate) fn end<T>(mut self, value: Option<T>) -> Result<T, Flaws> {
        for name in self.rest().into_keys() {
            self.note(&name, "is no field of this object");
        }
        match value {
            Some(value) if self.flaws.0.is_empty() => Ok(value),
            _ => Err(self.flaws),
        }
    }
}

/// The pointer to a field. Names are the caller's: only a plain one is repeated, else it is the object's.
pub(crate) fn place_of(name: &str) -> String {
    let is_plain = (1..=MOST_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if is_plain {
        format!("/{name}")
    } else {
        String::new()
    }
}

/// All pairs of an object, those of one name too, as they were written.
struct Pairs<'doc>(Vec<(&'doc RawValue, &'doc RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EveryPair)
    }
}

struct EveryPair;

impl<'de> Visitor<'de> for EveryPair {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
