//! Reads the vectors of an answer. Pure.
//!
//! Vectors come as base64 of little-endian `f32`s, which is asked for, or as lists of numbers, which many servers send all the
//! same. Their `index` says which text each belongs to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{Embedding, VectorFlaw};

/// Why a text has no vector although the provider answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// None came, or two did, or none that can be read.
    Missing,
    /// One came that cannot be compared.
    Flawed,
}

/// Why nothing of an answer can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("the answer is no list of embeddings: {0}")]
    NotAnAnswer(#[from] serde_json::Error),
    #[error("the answer has a vector for text {index} of {texts}")]
    UnknownText { index: usize, texts: usize },
    #[error("the vectors have {found} dimensions, not {expected}")]
    Dimension { expected: u16, found: usize },
}

#[derive(Deserialize)]
struct Answer<'body> {
    #[serde(borrow)]
    data: Vec<Item<'body>>,
}

#[derive(Deserialize)]
struct Item<'body> {
    index: usize,
    #[serde(borrow)]
    embedding: &'body RawValue,
}

/// One outcome per text, in the order of the texts. An index beyond them makes all others doubtful.
pub(super) fn read(
    body: &[u8],
    texts: usize,
    dimensions: u16,
) -> Result<Vec<Result<Embedding, Gap>>, Unusable> {
    let answer: Answer = serde_json::from_slice(body)?;
    let mut outcomes: Vec<_> = (0..texts).map(|_| None).collect();
    for item in answer.data {
        let index = item.index;
        let unknown = Unusable::UnknownText { index, texts };
        let place = outcomes.get_mut(index).ok_or(unknown)?;
        let is_repeated = place.is_some();
        let vector = vector(item.embedding, dimensions)?;
        *place = Some(if is_repeated {
            Err(Gap::Missing)
        } else {
            vector
        });
    }
    let missing = |outcome: Option<_>| outcome.unwrap_or(Err(Gap::Missing));
    Ok(outcomes.into_iter().map(missing).collect())
}

fn vector(written: &RawValue, dimensions: u16) -> Result<Result<Embedding, Gap>, Unusable> {
    let Some(numbers) = numbers(written.get()) else {
        return Ok(Err(Gap::Missing));
    };
    match Embedding::parse(numbers, dimensions) {
        Ok(embedding) => Ok(Ok(embedding)),
        Err(VectorFlaw::Dimension { expected, found }) => {
            Err(Unusable::Dimension { expected, found })
        }
        Err(VectorFlaw::NotFinite | VectorFlaw::Zero) => Ok(Err(Gap::Flawed)),
    }
}

/// JSON knows no NaN, so servers write `null`.
fn numbers(written: &str) -> Option<Vec<f32>> {
    if !written.starts_with('"') {
        let numbers: Vec<Option<f32>> = serde_json::from_str(written).ok()?;
        let number = |number: Option<f32>| number.unwrap_or(f32::NAN);
        return Some(numbers.into_iter().map(number).collect());
    }
    let text: String = serde_json::from_str(written).ok()?;
    let bytes = STANDARD.decode(text).ok()?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    rest.is_empty()
        .then(|| numbers.iter().copied().map(f32::from_le_bytes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base64(numbers: &[f32]) -> String {
        let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        format!("\"{}\"", STANDARD.encode(bytes))
    }

    fn answer(items: &[(usize, &str)]) -> String {
        let item = |(index, vector): &(usize, &str)| {
            format!(r#"{{"object":"embedding","index":{index},"embedding":{vector}}}"#)
        };
        let items: Vec<_> = items.iter().map(item).collect();
        format!(
            r#"{{"object":"list","data":[{}],"usage":{{}}}}"#,
            items.join(",")
        )
    }

    fn read_numbers(items: &[(usize, &str)], texts: usize) -> Vec<Result<Vec<f32>, Gap>> {
        let outcomes = read(answer(items).as_bytes(), texts, 2).unwrap();
        let numbers = |outcome: Result<Embedding, Gap>| outcome.map(|it| it.as_slice().to_vec());
        outcomes.into_iter().map(numbers).collect()
    }

    #[test]
    fn both_encodings_and_any_order_are_read() {
        let written = base64(&[3.0, 4.0]);
        let read = read_numbers(&[(1, "[1, 2.5]"), (0, &written)], 2);
        assert_eq!(read, [Ok(vec![3.0, 4.0]), Ok(vec![1.0, 2.5])]);
    }

    #[test]
    fn what_is_missing_repeated_or_spoilt_concerns_its_text_alone() {
        let (nan, odd) = (base64(&[f32::NAN, 1.0]), "\"AAAA\"");
        for (spoilt, gap) in [
            (vec![], Gap::Missing),
            (vec![(1, "[1,2]"), (1, "[1,2]")], Gap::Missing),
            (vec![(1, "[1,2]"), (1, "[1,2]"), (1, "[1,2]")], Gap::Missing),
            (vec![(1, odd)], Gap::Missing),
            (vec![(1, "\"?\"")], Gap::Missing),
            (vec![(1, "{}")], Gap::Missing),
            (vec![(1, "[null,1]")], Gap::Flawed),
            (vec![(1, "[0,0]")], Gap::Flawed),
            (vec![(1, nan.as_str())], Gap::Flawed),
        ] {
            let items = [vec![(0, "[3,4]")], spoilt, vec![(2, "[5,6]")]].concat();
            let expected = [Ok(vec![3.0, 4.0]), Err(gap), Ok(vec![5.0, 6.0])];
            assert_eq!(read_numbers(&items, 3), expected, "{items:?}");
        }
    }

    #[test]
    fn an_answer_to_other_texts_or_of_another_model_is_not_used() {
        let unusable = |body: &str| read(body.as_bytes(), 1, 2).unwrap_err();
        let shifted = unusable(&answer(&[(1, "[1,2]")]));
        assert!(matches!(
            shifted,
            Unusable::UnknownText { index: 1, texts: 1 }
        ));
        let longer = unusable(&answer(&[(0, "[1,2,3]")]));
        let sizes = matches!(
            longer,
            Unusable::Dimension {
                expected: 2,
                found: 3
            }
        );
        assert!(sizes, "{longer}");
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"data":[{"embedding":[1,2]}]}"#,
        ] {
            assert!(matches!(unusable(body), Unusable::NotAnAnswer(_)), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_there_is_one_outcome_per_text(
            body in "[\\[\\]{}:,\"a0 .e-]{0,60}",
            indexes in proptest::collection::vec(0_usize..6, 0..8),
        ) {
            let _ = read(body.as_bytes(), 2, 2);
            let items: Vec<_> = indexes.iter().map(|index| (*index, "[1,2]")).collect();
            let outcomes = read(answer(&items).as_bytes(), 6, 2).unwrap();
            for (index, outcome) in outcomes.iter().enumerate() {
                let times = indexes.iter().filter(|it| **it == index).count();
                prop_assert_eq!(outcome.is_ok(), times == 1);
            }
        }
    }
}
