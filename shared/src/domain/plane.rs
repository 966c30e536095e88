//! Vectors of hundreds of numbers as places in a plane, for people to look at. Pure.
//!
//! The plane is spanned by the two directions in which the vectors differ most (their principal components), which power iteration finds.
//! It is a shadow of the space: what lies close together in the space does so in the plane, but not the other way round.

use super::Embedding;

/// Half of these rounds suffice for most vectors. Where two directions count nearly the same, either will do.
const ROUNDS: usize = 40;
/// What lies no farther out is rounding.
const NOTHING: f32 = 1e-6;

/// A place; both numbers lie between -1 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Along the direction in which most differ.
    pub x: f32,
    /// Along the next one, on the same scale.
    pub y: f32,
}

/// The places of vectors of one space, in their order. Lengths do not matter, as they do not for search.
pub fn lay_out(vectors: &[Embedding]) -> Vec<Place> {
    let mut rows = Rows::centred(vectors);
    let x = rows.take_out_longest();
    let y = rows.take_out_longest();
    let farthest = x
        .iter()
        .chain(&y)
        .fold(0.0, |most: f32, one| most.max(one.abs()));
    // What is all the same lies in the middle.
    let scale = if farthest > NOTHING {
        1.0 / farthest
    } else {
        0.0
    };
    let within = |one: &f32| (one * scale).clamp(-1.0, 1.0);
    let place = |(x, y)| Place {
        x: within(x),
        y: within(y),
    };
    x.iter().zip(&y).map(place).collect()
}

/// Vectors one after the other, about their middle.
struct Rows {
    numbers: Vec<f32>,
    width: usize,
}

impl Rows {
    /// Every vector with the length 1, less the mean of all.
    fn centred(vectors: &[Embedding]) -> Self {
        let width = vectors.first().map_or(1, |one| one.as_slice().len());
        let mut numbers = Vec::with_capacity(vectors.len() * width);
        for vector in vectors {
            let length = length(vector.as_slice());
            numbers.extend(vector.as_slice().iter().map(|number| number / length));
        }
        let mut rows = Self { numbers, width };
        let ones = vec![1.0; vectors.len()];
        let mut mean = rows.sum(&ones);
        let count: f32 = ones.iter().sum();
        multiply(&mut mean, 1.0 / count);
        for row in rows.numbers.chunks_exact_mut(width) {
            add(row, &mean, -1.0);
        }
        rows
    }

    /// How far each row lies along the direction in which they differ most, which none has any more after that.
    fn take_out_longest(&mut self) -> Vec<f32> {
        let direction = self.longest();
        let along = self.along(&direction);
        for (row, along) in self.numbers.chunks_exact_mut(self.width).zip(&along) {
            add(row, &direction, -along);
        }
        along
    }

    /// The direction in which the rows differ most, of length 1; nothing but zeros, where they do not differ.
    fn longest(&self) -> Vec<f32> {
        let [row, axis] = [self.farthest(), self.axis()];
        // A row may lie at right angles to the direction that is looked for: then no round would lead there.
        let spread = |direction: &[f32]| {
            let along = self.along(direction);
            dot(&along, &along)
        };
        let mut direction = if spread(&axis) > spread(&row) {
            axis
        } else {
            row
        };
        for _ in 0..ROUNDS {
            direction = self.sum(&self.along(&direction));
            make_unit(&mut direction);
        }
        // Of the two ends of a direction always the same one is named first, so that a map is not mirrored by the next count.
        let larger = |a: f32, b: &f32| if b.abs() > a.abs() { *b } else { a };
        let sign = direction.iter().fold(0.0, larger).signum();
        multiply(&mut direction, sign);
        direction
    }

    /// Of the numbers that make up a vector the one that differs most.
    fn axis(&self) -> Vec<f32> {
        let mut squares = vec![0.0; self.width];
        for row in self.numbers.chunks_exact(self.width) {
            for (sum, number) in squares.iter_mut().zip(row) {
                *sum += number * number;
            }
        }
        let most = squares.iter().enumerate();
        let most = most.max_by(|(_, a): &(_, &f32), (_, b)| a.total_cmp(b));
        let most = most.map_or(0, |(at, _)| at);
        let mut axis = vec![0.0; self.width];
        axis[most] = 1.0;
        axis
    }

    /// The row that lies farthest out.
    fn farthest(&self) -> Vec<f32> {
        let rows = self.numbers.chunks_exact(self.width);
        let farthest = rows.max_by(|a, b| length(a).total_cmp(&length(b)));
        let mut farthest = farthest.map_or_else(|| vec![0.0; self.width], <[f32]>::to_vec);
        make_unit(&mut farthest);
        farthest
    }

    fn along(&self, direction: &[f32]) -> Vec<f32> {
        let rows = self.numbers.chunks_exact(self.width);
        rows.map(|row| dot(row, direction)).collect()
    }

    /// The sum of the rows, each so many times.
    fn sum(&self, times: &[f32]) -> Vec<f32> {
        let mut sum = vec![0.0; self.width];
        for (row, times) in self.numbers.chunks_exact(self.width).zip(times) {
            add(&mut sum, row, *times);
        }
        sum
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn length(row: &[f32]) -> f32 {
    dot(row, row).sqrt()
}

fn add(to: &mut [f32], row: &[f32], times: f32) {
    for (to, number) in to.iter_mut().zip(row) {
        *to += number * times;
    }
}

fn multiply(row: &mut [f32], times: f32) {
    for number in row {
        *number *= times;
    }
}

/// What has next to no length stays nothing.
fn make_unit(row: &mut [f32]) {
    let length = length(row);
    let scale = if length > f32::MIN_POSITIVE {
        1.0 / length
    } else {
        0.0
    };
    multiply(row, scale);
}

#[cfg(test)]
mod tests;
