//! Short texts with their vectors by `MiniLM`, made once and kept in `target/bench`; and as many rows of them as are wanted.
//!
//! Beyond the texts a row is two of them: both texts, and the vector between theirs, nearer to the first. A vector of 1,536 numbers is
//! four of 384, one after the other, of texts that have nothing to do with one another.

use std::fs;
use std::process::Command;

use shared::testing;

use crate::bench::Outcome;
use crate::{peer, stage};

/// Numbers of a vector, as `MiniLM` makes them.
pub(super) const PART: usize = 384;
/// The first texts are questions, and no rows.
pub(super) const QUESTIONS: usize = 1_000;
/// How much the second of two texts counts.
const SECOND: f32 = 0.5;
/// Large primes: which texts come together follows from the number of the row.
const STEPS: [usize; 2] = [7_919, 104_729];

/// What there is.
pub(super) struct Corpus {
    vectors: Vec<f32>,
    texts: Vec<String>,
}

impl Corpus {
    /// So many texts beside the questions. The first time, their vectors are computed: 100 to 300 a second on two cores.
    pub(super) fn load(texts: usize) -> Outcome<Self> {
        let (folder, count) = (stage::folder()?, texts + QUESTIONS);
        let path = folder.join("segments.f32");
        let wanted = count * PART * size_of::<f32>();
        let size = fs::metadata(&path).map_or(0, |file| file.len());
        if usize::try_from(size)? < wanted {
            compute(count)?;
        }
        let bytes = fs::read(&path)?;
        let (numbers, _) = bytes.get(..wanted).ok_or("too few vectors")?.as_chunks();
        let text = fs::read_to_string(folder.join("segments.txt"))?;
        Ok(Self {
            vectors: numbers.iter().map(|one| f32::from_le_bytes(*one)).collect(),
            texts: text.lines().take(count).map(str::to_owned).collect(),
        })
    }

    /// Texts that are rows.
    pub(super) fn count(&self) -> usize {
        self.texts.len() - QUESTIONS
    }

    fn stored(&self, place: usize) -> &[f32] {
        let at = place * PART;
        self.vectors.get(at..at + PART).unwrap_or_default()
    }

    /// The first of the texts of a row, and the other one, if there is.
    fn places(&self, row: usize) -> (usize, Option<usize>) {
        let (place, turn) = (row % self.count(), row / self.count());
        let other = (place * STEPS[0] + turn * STEPS[1]) % self.count();
        (QUESTIONS + place, (turn > 0).then_some(QUESTIONS + other))
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> String {
        let (first, second) = self.places(row);
        let text = |place: usize| self.texts.get(place).map_or("", String::as_str);
        let second = second.map(|place| format!(" {}", text(place)));
        format!("{}{}", text(first), second.unwrap_or_default())
    }

    fn part(&self, row: usize) -> Vec<f32> {
        let (first, second) = self.places(row);
        let Some(second) = second else {
            return self.stored(first).to_vec();
        };
        let pairs = self.stored(first).iter().zip(self.stored(second));
        normalised(pairs.map(|(one, other)| one + SECOND * other).collect())
    }

    /// The vector of a row.
    pub(super) fn vector(&self, row: usize, dimensions: usize) -> Vec<f32> {
        let parts = dimensions / PART;
        let step = self.count() / parts;
        let all = (0..parts).flat_map(|part| self.part(row + part * step));
        normalised(all.collect())
    }

    /// The vector of a question, which no row has.
    pub(super) fn question(&self, number: usize, dimensions: usize) -> Vec<f32> {
        let parts = dimensions / PART;
        let place = |part: usize| (number + part * QUESTIONS / parts) % QUESTIONS;
        let all = (0..parts).flat_map(|part| self.stored(place(part)).to_vec());
        normalised(all.collect())
    }
}

fn normalised(mut numbers: Vec<f32>) -> Vec<f32> {
    let length = numbers.iter().map(|one| one * one).sum::<f32>().sqrt();
    for one in &mut numbers {
        *one /= length;
    }
    numbers
}

fn compute(count: usize) -> Outcome<()> {
    let python = peer::python()?;
    let model = testing::setting("LOCAL_MODEL_DIR");
    let model = model.ok_or("LOCAL_MODEL_DIR is not set; `cargo local bench` sets it")?;
    eprintln!(
        "{count} texts become vectors, once; what is done stays done if this is broken off ..."
    );
    let status = Command::new(&python.path)
        .env("PYTHONPATH", peer::packages(&python)?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(peer::handlers().join("segment_texts.py"))
        .arg(model)
        .args([stage::root(), &stage::folder()?])
        .arg(count.to_string())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the texts did not become vectors; it says why above".into())
    }
}
