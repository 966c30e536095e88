//! To come. The names are those of the real room, so that tests of the database need no change when it comes.

use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::domain::{EventName, hex};

#[derive(Debug, Clone, PartialEq, Eq)]
/// The version of a map.
pub struct MapVersion(String);
impl MapVersion {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The map of every event.
pub struct SchemaMaps(SchemaMap);
/// The map of one event.
pub struct SchemaMap(MapVersion);

impl FromStr for SchemaMaps {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let version = hex(&Sha256::digest(text)[..8]);
        Ok(Self(SchemaMap(MapVersion(version))))
    }
}

impl SchemaMaps {
    /// The map for this event.
    pub fn for_event(&self, _: &EventName) -> &SchemaMap {
        &self.0
    }
}

impl SchemaMap {
    /// Which map this is.
    pub fn version(&self) -> &MapVersion {
        &self.0
    }
}
