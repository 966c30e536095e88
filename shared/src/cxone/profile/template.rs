//! Addresses with gaps, such as `https://{instance}.cxonecloud.com`.

use serde::Deserialize;

/// Text in which `{name}` stands for a value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::cxone) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Gap(String),
}

impl Template {
    /// The names of its gaps.
    pub(in crate::cxone) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Gap(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with its gaps filled, or the name of one that has no value.
    pub(in crate::cxone) fn fill(
        &self,
        value: impl Fn(&str) -> Option<String>,
    ) -> Result<String, String> {
        let filled = |piece: &Piece| match piece {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Gap(name) => value(name).ok_or_else(|| name.clone()),
        };
        self.0.iter().map(filled).collect()
    }
}

impl TryFrom<String> for Template {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const RULE: &str = "has a brace that is no {name}";
        let mut pieces = Vec::new();
        for (place, part) in text.split('{').enumerate() {
            let plain = if place == 0 {
                part
            } else {
                let (name, plain) = part.split_once('}').ok_or(RULE)?;
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if name.is_empty() || !name.bytes().all(is_name) {
                    return Err(RULE);
                }
                pieces.push(Piece::Gap(name.to_owned()));
                plain
            };
            if plain.contains('}') {
                return Err(RULE);
            }
            pieces.push(Piece::Text(plain.to_owned()));
        }
        Ok(Self(pieces))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_bad_braces_refused() {
        let template = Template::try_from("https://{env}.api-{area}.x{env}".to_owned()).unwrap();
        let value = |name: &str| (name != "area").then(|| format!("<{name}>"));
        assert_eq!(template.fill(value), Err("area".to_owned()));
        let filled = template.fill(|name| Some(name.to_uppercase())).unwrap();
        assert_eq!(filled, "https://ENV.api-AREA.xENV");
        assert_eq!(template.names().collect::<Vec<_>>(), ["env", "area", "env"]);
        for bad in ["{", "}", "a{b", "a}b", "{}", "{a b}", "{a{b}}", "{a}}"] {
            assert!(Template::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        let plain = Template::try_from("https://x".to_owned()).unwrap();
        assert_eq!(plain.fill(|_| None).unwrap(), "https://x");
    }
}
