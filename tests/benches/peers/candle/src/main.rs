//! all-MiniLM-L6-v2 by candle, the peer of the bench `minilm`: candle-peer FOLDER TEXTS THREADS
//!
//! Loads the weights, says how long that took, embeds all texts once per line of input and says how long that took, and shows the
//! vectors when the input ends. The threads are told to
//! candle by `RAYON_NUM_THREADS`, which it reads itself.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use candle_core::{D, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config, DTYPE};
use tokenizers::Tokenizer;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BATCH: usize = 8;

struct Embedder {
    tokenizer: Tokenizer,
    model: BertModel,
}

impl Embedder {
    fn load(folder: &Path) -> Outcome<Self> {
        let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json"))?;
        tokenizer.with_padding(None).with_truncation(None)?;
        let config: Config = serde_json::from_slice(&std::fs::read(folder.join("config.json"))?)?;
        let weights = std::fs::read(folder.join("model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DTYPE, &Device::Cpu)?;
        let model = BertModel::load(weights, &config)?;
        Ok(Self { tokenizer, model })
    }

    fn embed(&self, texts: &[String]) -> Outcome<Vec<Vec<f32>>> {
        let encode = |text: &String| {
            Ok(self
                .tokenizer
                .encode_fast(text.as_str(), true)?
                .get_ids()
                .to_vec())
        };
        let tokens = texts.iter().map(encode).collect::<Outcome<Vec<_>>>()?;
        let mut places: Vec<usize> = (0..texts.len()).collect();
        places.sort_by_key(|place| tokens[*place].len());
        let mut vectors = vec![Vec::new(); texts.len()];
        for batch in places.chunks(BATCH) {
            let rows: Vec<&[u32]> = batch
                .iter()
                .map(|place| tokens[*place].as_slice())
                .collect();
            for (place, vector) in batch.iter().zip(self.run(&rows)?) {
                vectors[*place] = vector;
            }
        }
        Ok(vectors)
    }

    fn run(&self, rows: &[&[u32]]) -> Outcome<Vec<Vec<f32>>> {
        let width = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let filled = |one: fn(u32) -> u32| -> Vec<u32> {
            let rows = rows.iter();
            rows.flat_map(|row| {
                row.iter()
                    .map(move |id| one(*id))
                    .chain(std::iter::repeat_n(0, width - row.len()))
            })
            .collect()
        };
        let shape = (rows.len(), width);
        let ids = Tensor::from_vec(filled(|id| id), shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(filled(|_| 1), shape, &Device::Cpu)?;
        let hidden = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let kept = mask.to_dtype(DTYPE)?.unsqueeze(1)?;
        let total = kept.matmul(&hidden)?.squeeze(1)?;
        let length = total.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        Ok(total.broadcast_div(&length)?.to_vec2()?)
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, texts, _] = arguments.as_slice() else {
        return Err("candle-peer FOLDER TEXTS THREADS".into());
    };
    let texts: Vec<String> = serde_json::from_slice(&std::fs::read(texts)?)?;
    let started = Instant::now();
    let embedder = Embedder::load(Path::new(folder))?;
    println!("{}", started.elapsed().as_nanos());
    let mut vectors = Vec::new();
    for line in std::io::stdin().lines() {
        line?;
        let started = Instant::now();
        vectors = embedder.embed(&texts)?;
        println!("{}", started.elapsed().as_nanos());
    }
    println!("{}", serde_json::to_string(&vectors)?);
    Ok(())
}
