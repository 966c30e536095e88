//! Vectors that lie in clusters, as those of texts do: each is near one of some subjects. The same number gives the same vector.

use fastrand::Rng;

/// Numbers of a vector, as `MiniLM` makes them.
pub(super) const DIMENSIONS: usize = 384;

const SUBJECTS: u64 = 400;
/// What a vector has beside its subject.
const OWN: f32 = 0.7;

/// The vector of this row.
pub(super) fn vector(number: usize) -> Vec<f32> {
    let number = u64::try_from(number).unwrap_or_default();
    let centre = noise(&mut Rng::with_seed(number % SUBJECTS));
    let own = noise(&mut Rng::with_seed(SUBJECTS + number));
    let both = centre.iter().zip(&own);
    both.map(|(centre, own)| centre + OWN * own).collect()
}

/// Questions about the same subjects, which no row has.
pub(super) fn questions(count: usize) -> Vec<Vec<f32>> {
    (0..count)
        .map(|number| vector(usize::MAX / 2 - number))
        .collect()
}

fn noise(rng: &mut Rng) -> Vec<f32> {
    (0..DIMENSIONS).map(|_| rng.f32() * 2.0 - 1.0).collect()
}
