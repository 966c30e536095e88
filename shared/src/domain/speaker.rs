//! Who speaks in an interaction.

use serde::{Deserialize, Serialize};

/// A side of an interaction. The stream of `v2` does not say which one speaks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Who called or wrote.
    Customer,
    /// Who answers for the company.
    Agent,
    /// Nobody said who.
    #[default]
    Unknown,
}
