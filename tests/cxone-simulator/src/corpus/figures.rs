//! The numbers and names that make one sentence into many. Both languages are given the same ones.

use std::fmt::Write as _;

use super::{dice::Dice, language::Language, material::Both};

/// What stands for the names in braces.
pub(super) struct Figures {
    product: &'static str,
    days: usize,
    hours: usize,
    minutes: usize,
    percent: usize,
    cents: usize,
    version: [usize; 3],
    code: usize,
}

impl Figures {
    pub(super) fn draw(product: &'static str, dice: &mut Dice) -> Self {
        Self {
            product,
            days: 2 + dice.below(58),
            hours: 2 + dice.below(70),
            minutes: 5 + dice.below(55),
            percent: 5 + dice.below(90),
            cents: 195 + 5 * dice.below(800),
            version: [1 + dice.below(9), dice.below(20), dice.below(100)],
            code: 100 + dice.below(900),
        }
    }

    /// Writes a text with its names replaced.
    pub(super) fn fill(&self, text: Both, language: Language, out: &mut String) {
        let mut rest = language.of(text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            out.push_str(before);
            self.write(name, language, out);
            rest = after;
        }
        out.push_str(rest);
    }

    /// Writing to a string does not fail; an unknown name is left as it is, for a test to find.
    fn write(&self, name: &str, language: Language, out: &mut String) {
        let (whole, cents, [major, minor, patch]) =
            (self.cents / 100, self.cents % 100, self.version);
        let _ = match (name, language) {
            ("product", _) => write!(out, "{}", self.product),
            ("days", _) => write!(out, "{}", self.days),
            ("hours", _) => write!(out, "{}", self.hours),
            ("minutes", _) => write!(out, "{}", self.minutes),
            ("percent", _) => write!(out, "{}", self.percent),
            ("amount", Language::English) => write!(out, "${whole}.{cents:02}"),
            ("amount", Language::German) => write!(out, "{whole},{cents:02} €"),
            ("version", _) => write!(out, "{major}.{minor}.{patch}"),
            ("code", _) => write!(out, "E-{}", self.code),
            _ => write!(out, "{{{name}}}"),
        };
    }
}
