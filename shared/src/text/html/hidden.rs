//! Which elements their own attributes hide.

use super::links::{Attributes, attribute};

/// Whether the author has hidden the element, by attribute or by style.
pub(super) fn is_hidden(attributes: &Attributes) -> bool {
    if attribute(attributes, "hidden").is_some() {
        return true;
    }
    let style = attribute(attributes, "style").unwrap_or_default();
    let style: String = style
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let style = style.to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}
