//! What is known of the models by their names.

use crate::domain::{Provider, Space};

/// A model at a provider, with the size of vector that is wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// The model's name at its provider.
    pub name: String,
    /// How many numbers a vector has.
    pub dimensions: u16,
    /// Whether the provider has to be told, because the model could give longer vectors.
    pub is_shortened: bool,
    /// How many tokens of a text it reads.
    pub max_tokens: usize,
}

/// Name, dimensions, whether it can be shortened, tokens.
type Known = (&'static str, u16, bool, usize);

/// `MiniLM` reads 256 tokens of its own kind; by the estimate that counts here, a quarter is kept spare.
const KNOWN: [Known; 4] = [
    ("text-embedding-3-small", 1_536, true, 8_191),
    ("text-embedding-3-large", 3_072, true, 8_191),
    ("text-embedding-ada-002", 1_536, false, 8_191),
    ("all-MiniLM-L6-v2", 384, false, 192),
];

/// The longest vector that the database keeps.
const MOST_DIMENSIONS: u16 = 16_000;

/// A model that is not known is taken to read 512 tokens, as most do at least, of which a quarter is kept spare.
const UNKNOWN_MAX_TOKENS: usize = 384;

impl Model {
    /// The model of this name. What is wrong is said of the dimensions.
    pub fn named(name: &str, dimensions: Option<u16>) -> Result<Self, String> {
        let known = KNOWN.iter().find(|known| known.0 == name);
        let Some((_, full, can_be_shortened, max_tokens)) = known.copied() else {
            let unset = || format!("must be set for the model {name}, which is not known here");
            let dimensions = dimensions.ok_or_else(unset)?;
            if !(1..=MOST_DIMENSIONS).contains(&dimensions) {
                return Err(format!(
                    "must be 1 to {MOST_DIMENSIONS} for the model {name}"
                ));
            }
            return Ok(Self {
                name: name.to_owned(),
                dimensions,
                is_shortened: false,
                max_tokens: UNKNOWN_MAX_TOKENS,
            });
        };
        let dimensions = dimensions.unwrap_or(full);
        match dimensions {
            _ if dimensions == full => {}
            _ if !can_be_shortened => return Err(format!("must be {full} for the model {name}")),
            _ if (1..full).contains(&dimensions) => {}
            _ => return Err(format!("must be 1 to {full} for the model {name}")),
        }
        Ok(Self {
            name: name.to_owned(),
            dimensions,
            is_shortened: dimensions < full,
            max_tokens,
        })
    }

    /// The space of its vectors.
    pub fn space(&self) -> Space {
        Space {
            provider: Provider::OpenAi,
            name: self.name.clone(),
            dimensions: self.dimensions,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_follow_from_the_name_and_can_be_asked_for_where_the_model_allows() {
        for (name, asked, outcome) in [
            ("text-embedding-3-small", None, Ok((1_536, false))),
            ("text-embedding-3-small", Some(1_536), Ok((1_536, false))),
            ("text-embedding-3-large", Some(256), Ok((256, true))),
            ("text-embedding-3-large", None, Ok((3_072, false))),
            ("all-MiniLM-L6-v2", Some(384), Ok((384, false))),
            ("own-model", Some(7), Ok((7, false))),
            ("text-embedding-3-small", Some(1_537), Err("1 to 1536")),
            ("text-embedding-3-small", Some(0), Err("1 to 1536")),
            ("text-embedding-ada-002", Some(512), Err("be 1536")),
            ("own-model", Some(16_000), Ok((16_000, false))),
            ("own-model", None, Err("must be set")),
            ("own-model", Some(0), Err("1 to 16000")),
            ("own-model", Some(16_001), Err("1 to 16000")),
        ] {
            let model = Model::named(name, asked);
            match (model, outcome) {
                (Ok(model), Ok(expected)) => {
                    assert_eq!((model.dimensions, model.is_shortened), expected, "{name}");
                }
                (Err(problem), Err(expected)) => assert!(problem.contains(expected), "{problem}"),
                (model, _) => panic!("{name} {asked:?}: {model:?}"),
            }
        }
    }
}
