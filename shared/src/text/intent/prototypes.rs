//! Examples stand for their categories: a text belongs where the examples lie that it is most like.

use super::{Intent, IntentCategory};
use crate::domain::{Embedding, VectorFlaw};

/// The middle of each category's examples, in the space of one model.
///
/// Measured against the nearest examples one by one, the middle is as right or better, and costs one cosine per category.
#[derive(Debug, Clone, PartialEq)]
pub struct Prototypes {
    default: IntentCategory,
    threshold: f32,
    centroids: Vec<(IntentCategory, Embedding)>,
}

impl Prototypes {
    /// Takes labelled vectors of one space. Refused are vectors of two lengths, and examples that cancel each other out.
    pub fn new(
        default: IntentCategory,
        threshold: f32,
        examples: &[(IntentCategory, Embedding)],
    ) -> Result<Self, VectorFlaw> {
        let mut groups: Vec<(&IntentCategory, Vec<&Embedding>)> = Vec::new();
        for (category, example) in examples {
            match groups.iter_mut().find(|(known, _)| *known == category) {
                Some((_, group)) => group.push(example),
                None => groups.push((category, vec![example])),
            }
        }
        let dimensions = examples.first().map_or(0, |(_, example)| length(example));
        let build = |(category, group): (&IntentCategory, Vec<&Embedding>)| {
            Ok((category.clone(), centroid(&group, dimensions)?))
        };
        Ok(Self {
            default,
            threshold,
            centroids: groups.into_iter().map(build).collect::<Result<_, _>>()?,
        })
    }

    /// The nearest category, or the default if none is as near as the threshold. `vector` is of the examples' space.
    pub fn classify(&self, vector: &Embedding) -> Intent {
        let near = |(category, centroid)| (category, vector.cosine(centroid));
        let nearest = self
            .centroids
            .iter()
            .map(|(category, centroid)| near((category, centroid)))
            .max_by(|(_, one), (_, other)| one.total_cmp(other));
        let category = nearest
            .filter(|(_, score)| *score >= self.threshold)
            .map_or(&self.default, |(category, _)| category);
        Intent {
            category: category.clone(),
            score: nearest.map(|(_, score)| score),
        }
    }
}

/// A vector has at most `u16::MAX` numbers, or it could not have been parsed.
fn length(vector: &Embedding) -> u16 {
    u16::try_from(vector.as_slice().len()).unwrap_or(u16::MAX)
}

/// The mean of the directions: a long vector counts no more than a short one.
fn centroid(group: &[&Embedding], dimensions: u16) -> Result<Embedding, VectorFlaw> {
    let mut sum = vec![0.0; usize::from(dimensions)];
    for example in group {
        let numbers = example.as_slice();
        if numbers.len() != sum.len() {
            return Err(VectorFlaw::Dimension {
                expected: dimensions,
                found: numbers.len(),
            });
        }
        let norm = numbers
            .iter()
            .map(|number| number * number)
            .sum::<f32>()
            .sqrt();
        for (sum, number) in sum.iter_mut().zip(numbers) {
            *sum += number / norm;
        }
    }
    Embedding::parse(sum, dimensions)
}
