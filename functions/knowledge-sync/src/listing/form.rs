//! How articles are asked for.

use std::str::FromStr;

/// In which form CXone is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Form {
    /// Page by page, by `limit` and `offset`.
    #[default]
    Pages,
    /// For everything since a time, by `If-Modified-Since`.
    Conditional,
}

impl FromStr for Form {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "pages" => Ok(Self::Pages),
            "conditional" => Ok(Self::Conditional),
            _ => Err("must be pages or conditional"),
        }
    }
}
