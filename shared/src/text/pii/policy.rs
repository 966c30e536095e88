//! What becomes of personal data, as the deployment decides.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is done with a conversation that holds personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It is stored as it is, tagged with the kinds found.
    #[default]
    Tag,
    /// It is stored without the values.
    Mask,
    /// It is stored as it is, tagged, and no service outside the account sees it; only words find it, unless the model is here.
    Block,
}

impl Policy {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Mask => "mask",
            Self::Block => "block",
        }
    }
}

impl FromStr for Policy {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Tag, Self::Mask, Self::Block]
            .into_iter()
            .find(|policy| policy.as_str() == text)
            .ok_or("must be tag, mask or block")
    }
}
