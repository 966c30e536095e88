//! The answer: one vector per input, in order, unless a fault says otherwise.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;

use super::{
    question::{Encoding, Question},
    vector,
};
use crate::fault::Fault;

/// `OpenAI`'s list of embeddings.
#[derive(Serialize)]
pub(super) struct Answer {
    object: &'static str,
    data: Vec<Item>,
    model: String,
    usage: Usage,
}

#[derive(Serialize)]
struct Item {
    object: &'static str,
    index: usize,
    embedding: Written,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Float(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct Usage {
    prompt_tokens: usize,
    total_tokens: usize,
}

/// Embeds every input and then does what the fault, if it is one of vectors, wants done.
pub(super) fn answer(question: &Question, fault: Option<&Fault>) -> Answer {
    let embed = |text: &String| vector::of_text(text, question.full, question.dimensions);
    let mut vectors: Vec<Vec<f32>> = question.inputs.iter().map(embed).collect();
    spoil_vectors(&mut vectors, fault);
    let mut data: Vec<Item> = vectors
        .into_iter()
        .enumerate()
        .map(|(index, vector)| Item {
            object: "embedding",
            index,
            embedding: write(vector, question.encoding),
        })
        .collect();
    if fault == Some(&Fault::ReorderedVectors) {
        data.reverse();
    }
    Answer {
        object: "list",
        data,
        model: question.model.clone(),
        usage: Usage {
            prompt_tokens: question.tokens,
            total_tokens: question.tokens,
        },
    }
}

fn spoil_vectors(vectors: &mut Vec<Vec<f32>>, fault: Option<&Fault>) {
    match fault {
        Some(Fault::WrongDimension { dimension }) => {
            for vector in vectors {
                vector.resize(dimension.unwrap_or(vector.len() - 1), 0.0);
            }
        }
        Some(Fault::NanVector) => vectors[0][0] = f32::NAN,
        Some(Fault::ZeroVector) => vectors[0].fill(0.0),
        Some(Fault::MissingVector) => {
            vectors.pop();
        }
        _ => {}
    }
}

fn write(vector: Vec<f32>, encoding: Encoding) -> Written {
    match encoding {
        Encoding::Float => Written::Float(vector),
        Encoding::Base64 => {
            let bytes: Vec<u8> = vector.into_iter().flat_map(f32::to_le_bytes).collect();
            Written::Base64(STANDARD.encode(bytes))
        }
    }
}
