//! The text with a token in the place of each value.

use std::borrow::Cow;

use super::{Finding, find};

/// A text without personal data, and what was taken out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked<'t> {
    /// The text with a token such as `[CARD]` in the place of each value; borrowed if there was none.
    pub text: Cow<'t, str>,
    /// What was found, by its place in the text as it came.
    pub findings: Vec<Finding>,
}

/// Masks `text`. Masking twice is masking once.
pub fn mask(text: &str) -> Masked<'_> {
    let findings = find(text);
    Masked {
        text: replace(text, &findings),
        findings,
    }
}

/// Puts the tokens in. The findings are those of `text`.
pub(super) fn replace<'t>(text: &'t str, findings: &[Finding]) -> Cow<'t, str> {
    if findings.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for finding in findings {
        masked.push_str(&text[copied..finding.range.start]);
        masked.push_str(finding.kind.token());
        copied = finding.range.end;
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}
