//! Personal data in what people say and write: where it stands, of which kind it is, and the text without it.
//!
//! Found are payment cards, US social security numbers, IBANs, e-mail addresses, telephone numbers and dates of birth. A
//! checksum or a typical form is enough where it is rare by chance; elsewhere a word nearby must say what the digits are.
//! Every scanner is linear in the text, whatever the text is. A finding says where, never what: values are in no tag and no log.
//!
//! Digits, letters and signs of full width count as those of ASCII, digits of other scripts as their values, and characters that
//! nobody sees as nothing.
//!
//! Each text is looked at by itself: a card whose digits are spread over two segments is found only in the joined text.

mod birth;
mod card;
mod context;
mod digits;
mod email;
mod fold;
mod iban;
mod json;
mod mask;
mod page;
mod phone;
mod policy;
mod ssn;
mod words;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use json::{mask_json, mask_json_with};
pub use mask::{Masked, mask};
pub use policy::Policy;

use fold::{Way, fold, unfold};
use page::Page;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A payment card's number.
    Card,
    /// A US social security number.
    Ssn,
    /// An international bank account number.
    Iban,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// When somebody was born.
    DateOfBirth,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Card,
        Self::Ssn,
        Self::Iban,
        Self::Email,
        Self::Phone,
        Self::DateOfBirth,
    ];

    /// The stable word, as it stands in tags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Ssn => "ssn",
            Self::Iban => "iban",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::DateOfBirth => "date_of_birth",
        }
    }

    /// What stands in the place of a value.
    pub fn token(self) -> &'static str {
        match self {
            Self::Card => "[CARD]",
            Self::Ssn => "[SSN]",
            Self::Iban => "[IBAN]",
            Self::Email => "[EMAIL]",
            Self::Phone => "[PHONE]",
            Self::DateOfBirth => "[DATE_OF_BIRTH]",
        }
    }
}

/// Personal data of one kind, at one place. It does not hold the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes of the text.
    pub range: Range<usize>,
}

/// What finds the values of one kind.
type Scan = fn(&Page) -> Vec<Range<usize>>;

/// What proves itself by a checksum or a form comes before what only a word nearby makes likely.
const SCANS: [(Kind, Scan); 6] = [
    (Kind::Email, email::scan),
    (Kind::Iban, iban::scan),
    (Kind::Card, card::scan),
    (Kind::Ssn, ssn::scan),
    (Kind::DateOfBirth, birth::scan),
    (Kind::Phone, phone::scan),
];

/// A value that was found no longer hides the one beside it, so a text is looked at again without it. A second look finds almost
/// everything; the limit keeps the work linear.
const LOOKS: usize = 8;

/// All personal data in `text`, in its order, none overlapping another.
pub fn find(text: &str) -> Vec<Finding> {
    let mut findings = look(text);
    for _ in 1..LOOKS {
        if findings.is_empty() {
            break;
        }
        let more = look(&mask::replace(text, &findings));
        if more.is_empty() {
            break;
        }
        findings = merge(findings, more);
    }
    findings
}

/// What one look at the text finds, as it is meant.
fn look(text: &str) -> Vec<Finding> {
    let look_by = |way| fold(text, way).map(|meant| unfold(text, way, scan(&meant)));
    match look_by(Way::Whole) {
        None => scan(text),
        Some(findings) if findings.is_empty() => look_by(Way::Digits).unwrap_or_default(),
        Some(findings) => findings,
    }
}

/// What stands in the text as it is written.
fn scan(text: &str) -> Vec<Finding> {
    let mut page = Page::read(text);
    for (kind, scan) in SCANS {
        for range in scan(&page) {
            page.take(kind, range);
        }
    }
    page.into_findings()
}

/// `more` was found in the text in which tokens stand for `known`; the result says where both stand in the text itself.
fn merge(known: Vec<Finding>, more: Vec<Finding>) -> Vec<Finding> {
    let mut merged = Vec::with_capacity(known.len() + more.len());
    let mut known = known.into_iter().peekable();
    let (mut removed, mut added) = (0, 0);
    for finding in more {
        while let Some(next) = known.peek()
            && next.range.start + added - removed < finding.range.start
        {
            removed += next.range.len();
            added += next.kind.token().len();
            merged.extend(known.next());
        }
        merged.push(Finding {
            range: finding.range.start + removed - added..finding.range.end + removed - added,
            ..finding
        });
    }
    merged.extend(known);
    merged
}

/// Which kinds there are among the findings.
pub fn kinds(findings: &[Finding]) -> BTreeSet<Kind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[cfg(test)]
mod tests;
