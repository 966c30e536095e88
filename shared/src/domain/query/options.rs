//! What both searches are asked in the same way.

use serde::Serialize;

use serde_json::value::RawValue;

use super::{Cursor, Fusion, QueryText, Weights};
use crate::domain::Score;
use crate::domain::body::{Flaws, Object, value};

/// No answer has more results.
const MOST: u16 = 50;
/// What a limit must be, as those are told who sent another one.
const RULE: &str = "must be a whole number from 1 to 50";

/// How many results one answer has: 1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// What those get who ask for no number.
    pub const DEFAULT: Self = Self(10);

    /// Takes a number from 1 to 50.
    pub fn parse(number: u64) -> Result<Self, &'static str> {
        let limit = u16::try_from(number).ok();
        let limit = limit.filter(|limit| (1..=MOST).contains(limit));
        limit.map(Self).ok_or(RULE)
    }

    /// Reads a number.
    pub(crate) fn read(value: &RawValue) -> Result<Self, Flaws> {
        let number = value::whole(value).ok_or(RULE)?;
        Ok(Self::parse(number)?)
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// How to rank and what to show. It serializes to what decides the ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchOptions {
    /// How many results the answer has at most.
    #[serde(skip)]
    pub limit: Limit,
    /// Where an earlier answer ended.
    #[serde(skip)]
    pub cursor: Option<Cursor>,
    /// How much each leg counts; without, it is the configuration's choice.
    pub weights: Option<Weights>,
    /// How the legs become one score; without, it is the configuration's choice.
    pub fusion: Option<Fusion>,
    /// What scores less is left out.
    pub min_score: Score,
    /// Whether of texts that are nearly the same only the best is shown.
    pub collapse: bool,
    /// Whether to say where the words stand in the text.
    #[serde(skip)]
    pub highlight: bool,
    /// Whether to say how each score came about.
    #[serde(skip)]
    pub explain: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            limit: Limit::DEFAULT,
            cursor: None,
            weights: None,
            fusion: None,
            min_score: Score::ZERO,
            collapse: true,
            highlight: false,
            explain: false,
        }
    }
}

impl SearchOptions {
    pub(super) fn take(object: &mut Object<'_>) -> Self {
        let limit = object.take("limit", Limit::read);
        let score = |one| -> Result<_, Flaws> { Ok(Score::parse(value::number(one)?)?) };
        let usual = Self::default();
        Self {
            limit: limit.unwrap_or(usual.limit),
            cursor: object.take("cursor", |one| value::parsed(one, Cursor::parse)),
            weights: object.take("weights", Weights::read),
            fusion: object.take("fusion", |one| value::parsed(one, Fusion::parse)),
            min_score: object.take("min_score", score).unwrap_or(usual.min_score),
            collapse: object
                .take("collapse", value::flag)
                .unwrap_or(usual.collapse),
            highlight: object
                .take("highlight", value::flag)
                .unwrap_or(usual.highlight),
            explain: object.take("explain", value::flag).unwrap_or(usual.explain),
        }
    }
}

/// What every search must say.
pub(super) fn take_text(object: &mut Object<'_>) -> Option<QueryText> {
    object.require("query", |one| value::parsed(one, QueryText::parse))
}
