//! Languages of articles.

use serde::{Deserialize, Serialize};

/// What a tag must look like, as those are told who wrote another one.
const RULE: &str = "must be a BCP 47 language tag such as en-US";
/// No tag in use is longer.
const MOST: usize = 35;

/// A BCP 47 language tag in its usual case, such as `en-US` or `zh-Hant-TW`: one language, one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Locale(String);

impl Locale {
    /// Takes a well-formed tag in any case; `_` is read as `-`.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = text.split(['-', '_']);
        let language = parts.next().unwrap_or_default();
        let is_language = (2..=8).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_language || text.len() > MOST {
            return Err(RULE);
        }
        let mut tag = language.to_ascii_lowercase();
        let mut is_extension = false;
        for part in parts {
            let is_part = (1..=8).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !is_part {
                return Err(RULE);
            }
            is_extension |= part.len() == 1;
            tag.push('-');
            tag.push_str(&cased(part, is_extension));
        }
        Ok(Self(tag))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its language alone, such as `en`.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The language without its last part, as `zh-Hant` of `zh-Hant-TW`; a language alone has none. No tag ends in the letter that
    /// begins an extension (RFC 4647, lookup).
    pub fn parent(&self) -> Option<Self> {
        let (rest, _) = self.0.rsplit_once('-')?;
        let tag = match rest.rsplit_once('-') {
            Some((tag, letter)) if letter.len() == 1 => tag,
            _ => rest,
        };
        Some(Self(tag.to_owned()))
    }

    /// Whether the other language is this one, or a kind of it: `fr` takes `fr-CA` (RFC 4647, basic filtering).
    pub fn takes(&self, other: &Self) -> bool {
        let rest = other.0.strip_prefix(&self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

/// Scripts are `Hant`, regions `US`, everything else is small, and so is all that an extension says.
fn cased(part: &str, is_extension: bool) -> String {
    let small = part.to_ascii_lowercase();
    let is_word = !is_extension && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    match part.len() {
        2 if is_word => part.to_ascii_uppercase(),
        4 if is_word => small[..1].to_ascii_uppercase() + &small[1..],
        _ => small,
    }
}

impl TryFrom<String> for Locale {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for Locale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl From<Locale> for String {
    fn from(locale: Locale) -> Self {
        locale.0
    }
}

impl std::fmt::Display for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_language_has_one_spelling() {
        for (written, tag) in [
            ("en-US", "en-US"),
            ("EN_us", "en-US"),
            ("en", "en"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("de-CH-1996", "de-CH-1996"),
            ("sl-ROZAJ", "sl-rozaj"),
            ("de-DE-U-CO-PHONEBK", "de-DE-u-co-phonebk"),
            ("haw-US", "haw-US"),
        ] {
            assert_eq!(Locale::parse(written).unwrap().as_str(), tag);
        }
        assert_eq!(Locale::parse("PT-br").unwrap().language(), "pt");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in [
            "",
            "e",
            "-US",
            "en-",
            "en--US",
            "en US",
            "12",
            "englishlanguage",
            "en-toolongpart",
            "ü-DE",
            "en-ÜS",
            "en-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q",
        ] {
            assert!(Locale::parse(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Locale>("\"no tag\"").is_err());
    }

    proptest! {
        #[test]
        fn a_tag_is_its_own_spelling(text in "[a-zA-Z]{2,8}([-_][a-zA-Z0-9]{1,8}){0,3}") {
            if let Ok(locale) = Locale::parse(&text) {
                prop_assert_eq!(Locale::parse(locale.as_str()).unwrap(), locale);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = Locale::parse(&text);
        }
    }
}
