//! `MiniLM` on this processor: no text leaves the account.
//!
//! The model is a folder with `model.onnx` and `tokenizer.json`, made by `cargo local model`. Calls block for as long as the
//! processor works (about 20 ms for 128 tokens on one core), so async code wraps them in `spawn_blocking`.

mod attention;
mod batches;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use tokenizers::{Encoding, Tokenizer};

use crate::domain::{Provider, Space};
use crate::error::{Error, Source};
use crate::text::chunk::Tokens;
use attention::LAYERS;
pub use attention::Reading;

/// The model's name, as its vectors carry it.
pub const NAME: &str = "all-MiniLM-L6-v2";
/// How many numbers a vector has.
pub const DIMENSIONS: u16 = 384;
/// The longest text, the two marks around it included: what the model was trained on.
pub const MAX_TOKENS: usize = 256;

const FAILED: &str = "the local model could not be run";
const REFUSED: &str = "the tokenizer refused a text";

/// The model, ready to run; its vectors have length 1.
pub struct MiniLm {
    tokenizer: Tokenizer,
    model: Model,
    ids: NodeId,
    mask: NodeId,
    sentence: NodeId,
    /// The vector, and the attention of each layer.
    all: [NodeId; 1 + LAYERS],
    threads: Arc<ThreadPool>,
}

impl MiniLm {
    /// Reads the model from this folder; it will use every core that this process may use.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let tokenizer = tokenizer(&file(dir, "tokenizer.json")?)?;
        let path = file(dir, "model.onnx")?;
        let model = ModelOptions::with_all_ops().load_file(&path);
        let model = model.map_err(|error| unusable(&path, error))?;
        let node = |name: &str| model.node_id(name).map_err(|error| unusable(&path, error));
        Ok(Self {
            ids: node("input_ids")?,
            mask: node("attention_mask")?,
            sentence: node("sentence_embedding")?,
            all: attention::outputs(node)?,
            threads: threads(available_parallelism().map_or(1, usize::from)),
            tokenizer,
            model,
        })
    }

    /// The same model on so many threads.
    #[must_use]
    pub fn with_threads(self, count: usize) -> Self {
        Self {
            threads: threads(count),
            ..self
        }
    }

    /// The space of its vectors.
    pub fn space() -> Space {
        Space {
            provider: Provider::Local,
            name: NAME.to_owned(),
            dimensions: DIMENSIONS,
        }
    }

    /// One vector per text, in the order of the texts. Nothing is cut off: a text of more than [`MAX_TOKENS`] is refused by its
    /// place.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, Error> {
        let texts = texts.iter().enumerate();
        let tokens = texts.map(|(place, text)| self.tokens(place, text));
        let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
        let mut vectors = vec![Vec::new(); tokens.len()];
        for batch in batches::plan(&tokens) {
            let numbers = self.run(&batch, &tokens)?;
            for (place, vector) in batch.iter().zip(numbers.chunks(usize::from(DIMENSIONS))) {
                vectors[*place] = vector.to_vec();
            }
        }
        Ok(vectors)
    }

    /// The text as the model reads it.
    fn tokens(&self, place: usize, text: &str) -> Result<Vec<i32>, Error> {
        let encoding = self.tokenizer.encode_fast(text, true);
        let encoding = encoding.map_err(|error| bug(REFUSED, error))?;
        fitting(&encoding, &format!("/{place}"))
    }

    /// The vectors of these texts, one after the other.
    fn run(&self, batch: &[usize], tokens: &[Vec<i32>]) -> Result<Vec<f32>, Error> {
        let [vectors] = self.compute(batch, tokens, [self.sentence])?;
        let vectors = vectors.into_shape_vec::<f32, 2>();
        let (_, numbers) = vectors.map_err(|error| bug(FAILED, error))?;
        Ok(numbers)
    }

    /// What the model makes of these texts. What is not asked for is not kept.
    fn compute<const COUNT: usize>(
        &self,
        batch: &[usize],
        tokens: &[Vec<i32>],
        outputs: [NodeId; COUNT],
    ) -> Result<[Value; COUNT], Error> {
        let (ids, mask) = batches::fill(batch, tokens);
        let shape = [batch.len(), ids.len() / batch.len()];
        let value = |numbers| Value::from_shape(shape, numbers);
        let ids = value(ids).map_err(|error| bug(FAILED, error))?;
        let mask = value(mask).map_err(|error| bug(FAILED, error))?;
        let inputs = vec![(self.ids, ids.into()), (self.mask, mask.into())];
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let values = self.model.run_n(inputs, outputs, Some(options));
        values.map_err(|error| bug(FAILED, error))
    }
}

impl Tokens for MiniLm {
    /// With the marks before and after the text: an empty text counts two.
    fn count(&self, text: &str) -> usize {
        // A text that the tokenizer refuses counts as many as it could have at most.
        let encoding = self.tokenizer.encode_fast(text, true);
        encoding.map_or(text.len() + 2, |encoding| encoding.len())
    }
}

impl std::fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MiniLm").finish_non_exhaustive()
    }
}

/// The file as it comes cuts off at 128 tokens and fills up to 128.
fn tokenizer(path: &Path) -> Result<Tokenizer, Error> {
    let unusable = |error| unusable(path, error);
    let mut tokenizer = Tokenizer::from_file(path).map_err(unusable)?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(unusable)?;
    Ok(tokenizer)
}

/// The tokens of a text that is not too long.
fn fitting(encoding: &Encoding, pointer: &str) -> Result<Vec<i32>, Error> {
    let ids = encoding.get_ids();
    if ids.len() > MAX_TOKENS {
        let detail = format!("at most {MAX_TOKENS} tokens; it has {}", ids.len());
        return Err(Error::invalid(pointer, detail));
    }
    // The vocabulary has 30,522 entries.
    Ok(ids.iter().map(|id| id.cast_signed()).collect())
}

fn threads(count: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPool::with_num_threads(count.max(1)))
}

fn file(dir: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = dir.join(name);
    if path.is_file() {
        return Ok(path);
    }
    let dir = dir.display();
    Err(Error::misconfigured(format!(
        "LOCAL_MODEL_DIR names {dir}, where there is no {name}; `cargo local model --out FOLDER` makes such a folder"
    )))
}

fn unusable(path: &Path, source: impl Into<Source>) -> Error {
    let path = path.display();
    Error::Misconfigured {
        what: format!(
            "{path} cannot be used; make LOCAL_MODEL_DIR anew with `cargo local model --out FOLDER`"
        ),
        source: Some(source.into()),
    }
}

fn bug(what: &'static str, source: impl Into<Source>) -> Error {
    Error::Bug {
        what,
        source: Some(source.into()),
    }
}
