//! Vectors, and the space that gives their numbers a meaning.

use serde::{Deserialize, Serialize};

/// Who turns text into vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Provider {
    /// A service that speaks `OpenAI`'s protocol: text leaves the account.
    OpenAi,
    /// A model on this processor: text stays.
    Local,
}

impl Provider {
    /// The stable word, as it stands in configuration and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Local => "local",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::OpenAi, Self::Local]
            .into_iter()
            .find(|provider| provider.as_str() == word)
    }
}

/// A model as the database knows it. Vectors of two spaces are never compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Model))]
pub struct Space {
    /// Who computes it.
    pub provider: Provider,
    /// The model's name at its provider.
    pub name: String,
    /// How many numbers a vector has.
    pub dimensions: u16,
}

impl std::fmt::Display for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.provider.as_str(),
            self.name,
            self.dimensions
        )
    }
}

/// A vector that can be compared: as long as its space says, every number finite, not all of them zero.
#[derive(Clone, PartialEq)]
pub struct Embedding(Vec<f32>);

/// Why a vector is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VectorFlaw {
    /// Another dimension than the model's.
    #[error("the model has {expected} dimensions, the vector has {found}")]
    Dimension {
        /// What the space says.
        expected: u16,
        /// What came.
        found: usize,
    },
    /// Not a number, or infinite.
    #[error("a number of the vector is not finite")]
    NotFinite,
    /// The cosine of a zero vector is no number.
    #[error("the vector has no length")]
    Zero,
}

impl Embedding {
    /// Checks the numbers once; whoever holds an embedding need not check again.
    pub fn parse(numbers: Vec<f32>, dimensions: u16) -> Result<Self, VectorFlaw> {
        if numbers.len() != usize::from(dimensions) {
            return Err(VectorFlaw::Dimension {
                expected: dimensions,
                found: numbers.len(),
            });
        }
        // The sum of squares overflows to infinity or is NaN exactly when cosine could not be computed.
        let square: f32 = numbers.iter().map(|number| number * number).sum();
        if !square.is_finite() {
            Err(VectorFlaw::NotFinite)
        } else if square == 0.0 {
            Err(VectorFlaw::Zero)
        } else {
            Ok(Self(numbers))
        }
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The mean direction of some vectors of one space, each counting the same; `None` if they have none.
    pub fn mean(vectors: &[&Self]) -> Option<Self> {
        let mut sum = vec![0.0; vectors.first()?.0.len()];
        for vector in vectors {
            let length = vector
                .0
                .iter()
                .map(|number| number * number)
                .sum::<f32>()
                .sqrt();
            for (sum, number) in sum.iter_mut().zip(&vector.0) {
                *sum += number / length;
            }
        }
        let dimensions = u16::try_from(sum.len()).ok()?;
        Self::parse(sum, dimensions).ok()
    }

    /// The cosine of the angle between two vectors of one space, from -1 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        let dot = |a: &Self, b: &Self| a.0.iter().zip(&b.0).map(|(a, b)| a * b).sum::<f32>();
        (dot(self, other) / (dot(self, self) * dot(other, other)).sqrt()).clamp(-1.0, 1.0)
    }
}

impl std::fmt::Debug for Embedding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Embedding({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vectors_with_a_direction_pass() {
        assert!(Embedding::parse(vec![0.0, 1.0], 2).is_ok());
        for (numbers, flaw) in [
            (vec![0.0, 0.0], VectorFlaw::Zero),
            (vec![f32::NAN, 1.0], VectorFlaw::NotFinite),
            (vec![f32::INFINITY, 1.0], VectorFlaw::NotFinite),
            (vec![f32::MAX, 1.0], VectorFlaw::NotFinite),
            (vec![1e-30, 0.0], VectorFlaw::Zero),
            (
                vec![1.0],
                VectorFlaw::Dimension {
                    expected: 2,
                    found: 1,
                },
            ),
        ] {
            assert_eq!(Embedding::parse(numbers, 2), Err(flaw));
        }
    }

    #[test]
    fn the_mean_lies_between_and_opposites_have_none() {
        let vector = |numbers: [f32; 2]| Embedding::parse(numbers.to_vec(), 2).unwrap();
        let (right, up, left) = (vector([5.0, 0.0]), vector([0.0, 1.0]), vector([-1.0, 0.0]));
        let mean = Embedding::mean(&[&right, &up]).unwrap();
        assert!((mean.cosine(&vector([1.0, 1.0])) - 1.0).abs() < 1e-6);
        assert!(Embedding::mean(&[&right, &left]).is_none() && Embedding::mean(&[]).is_none());
    }

    #[test]
    fn cosine_is_one_for_the_same_direction() {
        let vector = |numbers: [f32; 2]| Embedding::parse(numbers.to_vec(), 2).unwrap();
        let one = vector([3.0, 4.0]);
        assert!((one.cosine(&vector([6.0, 8.0])) - 1.0).abs() < 1e-6);
        assert!(one.cosine(&vector([-4.0, 3.0])).abs() < 1e-6);
    }
}
