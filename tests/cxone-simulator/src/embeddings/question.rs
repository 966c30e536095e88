//! A request for embeddings, checked against the limits of the public service.

use serde::Deserialize;

use super::error::ProviderError;

const MOST_INPUTS: usize = 2_048;
const MOST_TOKENS_OF_INPUT: usize = 8_192;
const MOST_TOKENS_OF_REQUEST: usize = 300_000;

/// A request within all limits.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) model: String,
    pub(super) inputs: Vec<String>,
    pub(super) encoding: Encoding,
    /// The dimension of the model.
    pub(super) full: usize,
    /// The dimension asked for, at most the model's.
    pub(super) dimensions: usize,
    pub(super) tokens: usize,
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    /// A list of JSON numbers.
    #[default]
    Float,
    /// Base64 of little-endian `f32`s.
    Base64,
}

#[derive(Deserialize)]
struct Raw {
    model: String,
    input: Input,
    #[serde(default)]
    encoding_format: Encoding,
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    One(String),
    Many(Vec<String>),
}

impl Question {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ProviderError> {
        let raw: Raw = serde_json::from_slice(body).map_err(|error| {
            ProviderError::invalid(format!("We could not parse your request: {error}"), None)
        })?;
        let (full, dimensions) = dimensions(&raw.model, raw.dimensions)?;
        let inputs = match raw.input {
            Input::One(text) => vec![text],
            Input::Many(texts) => texts,
        };
        let tokens = count_tokens(&inputs)?;
        Ok(Self {
            model: raw.model,
            inputs,
            encoding: raw.encoding_format,
            full,
            dimensions,
            tokens,
        })
    }
}

/// The model's dimension, and the one to answer with, which may be smaller where the model can be shortened.
fn dimensions(model: &str, asked: Option<usize>) -> Result<(usize, usize), ProviderError> {
    let (full, can_be_shortened) = match model {
        "text-embedding-3-small" => (1_536, true),
        "text-embedding-3-large" => (3_072, true),
        "text-embedding-ada-002" => (1_536, false),
        "all-MiniLM-L6-v2" => (384, false),
        _ => return Err(ProviderError::unknown_model(model)),
    };
    match asked {
        None => Ok((full, full)),
        Some(_) if !can_be_shortened => Err(ProviderError::invalid(
            "This model does not support specifying dimensions.",
            Some("dimensions"),
        )),
        Some(asked) if (1..=full).contains(&asked) => Ok((full, asked)),
        Some(_) => Err(ProviderError::invalid(
            format!("dimensions must be between 1 and {full}."),
            Some("dimensions"),
        )),
    }
}

fn count_tokens(inputs: &[String]) -> Result<usize, ProviderError> {
    let refuse = |message: String| Err(ProviderError::invalid(message, Some("input")));
    if inputs.is_empty() || inputs.iter().any(String::is_empty) {
        return refuse("input cannot be empty.".to_owned());
    }
    if inputs.len() > MOST_INPUTS {
        return refuse(format!(
            "at most {MOST_INPUTS} inputs, not {}.",
            inputs.len()
        ));
    }
    let tokens: Vec<usize> = inputs.iter().map(|text| approximate_tokens(text)).collect();
    if let Some(most) = tokens
        .iter()
        .max()
        .filter(|most| **most > MOST_TOKENS_OF_INPUT)
    {
        return refuse(format!(
            "This model's maximum context length is {MOST_TOKENS_OF_INPUT} tokens, however you requested {most} tokens."
        ));
    }
    let total: usize = tokens.iter().sum();
    if total > MOST_TOKENS_OF_REQUEST {
        return refuse(format!(
            "at most {MOST_TOKENS_OF_REQUEST} tokens per request, not {total}."
        ));
    }
    Ok(total)
}

/// Four characters to a token, as the provider's own rule of thumb has it.
fn approximate_tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}
