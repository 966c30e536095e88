//! Which languages serve somebody who asks for one.

use serde::Serialize;

use crate::domain::Locale;

/// The languages that are tried, the best first, none twice: `fr-CA`, `fr`, and then the default in the same way.
///
/// A step takes every language that begins with it, part by part: `fr` takes `fr-FR`, and not `frr` (RFC 4647, basic filtering).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageChain(Vec<Locale>);

impl LanguageChain {
    /// The chain from the language that was asked for to the default.
    pub fn of(wanted: &Locale, default: &Locale) -> Self {
        let mut steps: Vec<Locale> = Vec::new();
        for first in [wanted, default] {
            let mut step = Some(first.clone());
            while let Some(language) = step {
                step = language.parent();
                if !steps.contains(&language) {
                    steps.push(language);
                }
            }
        }
        Self(steps)
    }

    /// The steps, the best first.
    pub fn steps(&self) -> &[Locale] {
        &self.0
    }

    /// How good a language is, 0 being the best; `None` if it does not serve.
    pub fn step_of(&self, language: &Locale) -> Option<usize> {
        self.0.iter().position(|step| step.takes(language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(wanted: &str, default: &str) -> LanguageChain {
        LanguageChain::of(
            &Locale::parse(wanted).unwrap(),
            &Locale::parse(default).unwrap(),
        )
    }

    #[test]
    fn what_is_asked_for_comes_first_and_the_default_last() {
        for (wanted, default, steps) in [
            ("fr-CA", "en", "fr-CA fr en"),
            ("fr-CA", "en-US", "fr-CA fr en-US en"),
            ("en-GB", "en-US", "en-GB en en-US"),
            ("en", "en", "en"),
            ("zh-Hant-TW", "en", "zh-Hant-TW zh-Hant zh en"),
            (
                "de-DE-u-co-phonebk",
                "de",
                "de-DE-u-co-phonebk de-DE-u-co de-DE de",
            ),
        ] {
            let chain = chain(wanted, default);
            let found: Vec<_> = chain.steps().iter().map(Locale::as_str).collect();
            assert_eq!(found.join(" "), steps);
        }
    }

    #[test]
    fn a_step_takes_what_begins_with_it_part_by_part() {
        let chain = chain("fr-CA", "en");
        for (language, step) in [
            ("fr-CA", Some(0)),
            ("fr-CA-x-old", Some(0)),
            ("fr", Some(1)),
            ("fr-FR", Some(1)),
            ("frr", None),
            ("en-GB", Some(2)),
            ("de", None),
            ("und", None),
        ] {
            assert_eq!(
                chain.step_of(&Locale::parse(language).unwrap()),
                step,
                "{language}"
            );
        }
    }

    proptest! {
        #[test]
        fn both_ends_serve_and_no_step_stands_twice(
            tags in proptest::array::uniform2("[a-z]{2,3}(-[A-Z]{2})?(-[a-z0-9]{1,8}){0,3}"),
        ) {
            let [wanted, default] = tags.map(|tag| Locale::parse(&tag).unwrap());
            let chain = LanguageChain::of(&wanted, &default);
            prop_assert_eq!(chain.step_of(&wanted), Some(0));
            prop_assert!(chain.step_of(&default).is_some());
            let mut steps = chain.steps().to_vec();
            steps.sort();
            steps.dedup();
            prop_assert_eq!(steps.len(), chain.steps().len());
        }
    }
}
