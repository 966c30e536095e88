//! To come.
#[derive(Debug, Clone, PartialEq, Eq)]
/// The version of a map.
pub struct MapVersion(String);
impl MapVersion {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
