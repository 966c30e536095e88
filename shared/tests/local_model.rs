//! The local model against the vectors of sentence-transformers and the attention as the formulas of the paper give it, which were made
//! once and stand in `tests/data`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use proptest::prelude::*;
use rten::{Model, Value};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared::domain::{Embedding, lay_out};
use shared::embedding::local::{DIMENSIONS, MAX_TOKENS, MiniLm};
use shared::embedding::{Embedder, Failure, Local};
use shared::fail_point::{self, Fate};
use shared::testing::intents::Labelled;
use shared::text::Turn;
use shared::text::chunk::{Limits, Tokens as _, chunk};
use shared::text::intent::Intents;
use shared::text::phrases::{KeyPhrases, Weigher};
use shared::text::terms::Analysis;
use shared::{Kind, testing};
use tokio::time::Instant;

const GOLDEN: &str = include_str!("../../tests/data/minilm.golden.json");
/// Everybody's vectors come from the same numbers.
const MODEL_SHA256: &str = "24e150633aa0a408e8e2cc9c6b5a0878b6f348a5c035ba5353c0976fcab5f8f2";
const LAYERS: usize = 6;

#[derive(Deserialize)]
struct Golden {
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<i32>,
    vector: String,
    attention: String,
}

impl Text {
    fn vector(&self) -> Vec<f32> {
        numbers(&self.vector)
    }
}

fn numbers(text: &str) -> Vec<f32> {
    let bytes = BASE64_STANDARD.decode(text).unwrap();
    let numbers = bytes.chunks_exact(4);
    numbers
        .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
        .collect()
}

fn golden() -> Vec<Text> {
    serde_json::from_str::<Golden>(GOLDEN).unwrap().texts
}

/// The folder of the model, unless this runs without one.
fn folder(test: &str) -> Option<PathBuf> {
    let folder = testing::setting("LOCAL_MODEL_DIR");
    if folder.is_none() {
        testing::skip(test, "LOCAL_MODEL_DIR");
    }
    folder.map(PathBuf::from)
}

fn model(test: &str) -> Option<MiniLm> {
    folder(test).map(|folder| MiniLm::load(&folder).unwrap())
}

/// How far the directions of two vectors are from being the same.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    1.0 - dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn vectors_are_those_of_sentence_transformers() {
    let Some(model) = model("vectors_are_those_of_sentence_transformers") else {
        return;
    };
    let golden = golden();
    let texts: Vec<_> = golden.iter().map(|one| one.text.as_str()).collect();
    let vectors = model.embed(&texts).unwrap();
    let mut worst = 0.0_f64;
    for (one, vector) in golden.iter().zip(&vectors) {
        assert_eq!(vector.len(), usize::from(DIMENSIONS));
        let length: f32 = vector.iter().map(|number| number * number).sum();
        assert!((length - 1.0).abs() < 1e-5, "{:?}: {length}", one.text);
        let distance = distance(vector, &one.vector());
        assert!(distance <= 1e-4, "{:?}: {distance}", one.text);
        worst = worst.max(distance);
    }
    println!("the worst of {} cosines is 1 - {worst:.1e}", vectors.len());
}

#[test]
fn tokens_are_those_of_sentence_transformers() {
    let Some(model) = model("tokens_are_those_of_sentence_transformers") else {
        return;
    };
    for one in golden() {
        assert_eq!(model.count(&one.text), one.ids.len(), "{:?}", one.text);
    }
}

#[test]
fn a_text_that_is_too_long_is_refused_by_its_place() {
    let Some(model) = model("a_text_that_is_too_long_is_refused_by_its_place") else {
        return;
    };
    let fits = "word ".repeat(MAX_TOKENS - 2);
    let longer = format!("{fits}word");
    assert_eq!(model.count(&fits), MAX_TOKENS);
    let error = model.embed(&["short", &fits, &longer]).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert_eq!(error.violations()[0].pointer, "/2");
    assert_eq!(model.embed(&[]).unwrap(), Vec::<Vec<f32>>::new());
}

#[test]
fn company_changes_no_vector() {
    let Some(model) = model("company_changes_no_vector") else {
        return;
    };
    let model = model.with_threads(1);
    let golden = golden();
    let alone = golden.iter().map(|one| model.embed(&[&one.text]).unwrap());
    let alone = alone.collect::<Vec<_>>().concat();
    let places = prop::collection::vec(0..golden.len(), 1..20);
    let config = ProptestConfig {
        cases: testing::proof_size(12, 200).try_into().unwrap(),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(places in places)| {
        let texts: Vec<_> = places.iter().map(|place| golden[*place].text.as_str()).collect();
        let vectors = model.embed(&texts).unwrap();
        for (place, vector) in places.iter().zip(&vectors) {
            let distance = distance(vector, &alone[*place]);
            prop_assert!(distance <= 1e-5, "{:?}: {distance}", golden[*place].text);
        }
    });
}

#[test]
fn every_layer_shows_its_attention() {
    let Some(folder) = folder("every_layer_shows_its_attention") else {
        return;
    };
    let model = Model::load_file(folder.join("model.onnx")).unwrap();
    let node = |name: &str| model.node_id(name).unwrap();
    let value = |numbers: [i32; 8]| Value::from_shape([2, 4], numbers.to_vec()).unwrap();
    let ids = value([101, 7592, 2088, 102, 101, 7592, 102, 0]);
    let mask = value([1, 1, 1, 1, 1, 1, 1, 0]);
    let inputs = vec![
        (node("input_ids"), ids.into()),
        (node("attention_mask"), mask.into()),
    ];
    let names: [String; LAYERS] = std::array::from_fn(|layer| format!("attention.{layer}"));
    let outputs = names.each_ref().map(|name| node(name));
    for attention in model.run_n(inputs, outputs, None).unwrap() {
        let (shape, numbers) = attention.into_shape_vec::<f32, 4>().unwrap();
        assert_eq!(shape, [2, 12, 4, 4]);
        for row in numbers.chunks_exact(4) {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{row:?}");
        }
        let second = &numbers[numbers.len() / 2..];
        assert!(second.chunks_exact(4).all(|row| row[3] == 0.0));
    }
}

#[test]
fn what_the_model_heeds_is_what_the_formulas_say() {
    let Some(model) = model("what_the_model_heeds_is_what_the_formulas_say") else {
        return;
    };
    let mut worst = 0.0_f32;
    for one in golden() {
        let reading = model.read(&one.text).unwrap();
        assert!(
            distance(&reading.vector, &one.vector()) <= 1e-4,
            "{:?}",
            one.text
        );
        let expected = numbers(&one.attention);
        assert_eq!(reading.heeded.len(), expected.len(), "{:?}", one.text);
        assert_eq!(expected.len(), one.ids.len() - 2);
        for (heeded, expected) in reading.heeded.iter().zip(expected) {
            let off = (heeded.weight - expected).abs() / expected;
            assert!(off <= 1e-3, "{:?} {heeded:?}: {expected}", one.text);
            worst = worst.max(off);
        }
    }
    println!("the worst weight is off by {worst:.1e} of itself");
}

#[test]
fn what_is_heeded_are_pieces_of_words_in_their_order() {
    let Some(model) = model("what_is_heeded_are_pieces_of_words_in_their_order") else {
        return;
    };
    let text = "Größe: refund of the chargeback, 👍 ok";
    let heeded = model.read(text).unwrap().heeded;
    let pieces: Vec<_> = heeded
        .iter()
        .map(|piece| &text[piece.range.clone()])
        .collect();
    let expected = [
        "Gr", "ö", "ße", ":", "ref", "und", "of", "the", "charge", "back", ",", "👍", "ok",
    ];
    assert_eq!(pieces, expected);
    let blank = model.read("  ").unwrap();
    assert!(blank.heeded.is_empty() && blank.vector.len() == usize::from(DIMENSIONS));
    let error = model.read(&"word ".repeat(MAX_TOKENS)).unwrap_err();
    assert_eq!((error.kind(), error.violations().len()), (Kind::Invalid, 1));
    let found = KeyPhrases::find(text, &heeded, Analysis::English, 5);
    assert_eq!(found.by, Weigher::Attention);
}

#[test]
fn the_model_is_the_same_to_the_byte() {
    let Some(folder) = folder("the_model_is_the_same_to_the_byte") else {
        return;
    };
    let digest = Sha256::digest(std::fs::read(folder.join("model.onnx")).unwrap());
    let digest = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert_eq!(digest, MODEL_SHA256);
}

#[test]
fn a_folder_without_a_model_says_what_to_do() {
    let error = MiniLm::load(Path::new("/nowhere")).unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured);
    let text = error.to_string();
    for word in ["LOCAL_MODEL_DIR", "/nowhere", "cargo local model"] {
        assert!(text.contains(word), "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.onnx", "tokenizer.json"] {
        std::fs::write(folder.path().join(name), "{}").unwrap();
    }
    let error = MiniLm::load(folder.path()).unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured, "{error}");
}

#[test]
fn prototypes_tell_intents_better_than_keywords() {
    let Some(model) = model("prototypes_tell_intents_better_than_keywords") else {
        return;
    };
    let embed = |text: &str| {
        let vector = model.embed(&[text]).unwrap().remove(0);
        Embedding::parse(vector, DIMENSIONS).unwrap()
    };
    let (keywords, prototypes) = testing::intents::measure(&Intents::default(), embed).unwrap();
    assert!(
        prototypes.blind > keywords.blind && prototypes.blind >= 0.8,
        "{prototypes:?}"
    );
    assert!(prototypes.held_out > keywords.held_out, "{prototypes:?}");
}

/// The share of the five nearest of each place that are about the same.
fn like_neighbours(places: &[(f32, f32)], lines: &[Labelled]) -> f64 {
    let apart = |a: usize, b: usize| {
        let (a, b) = (places[a], places[b]);
        (a.0 - b.0).hypot(a.1 - b.1)
    };
    let mut like = 0;
    for one in 0..places.len() {
        let mut others: Vec<_> = (0..places.len()).filter(|other| *other != one).collect();
        others.sort_by(|a, b| apart(one, *a).total_cmp(&apart(one, *b)));
        let is_like = |other: &&usize| lines[**other].category == lines[one].category;
        like += others[..5].iter().filter(is_like).count();
    }
    let share = |number: usize| f64::from(u32::try_from(number).unwrap());
    share(like) / share(places.len() * 5)
}

#[test]
fn the_map_keeps_intents_together_better_than_chance_directions() {
    let Some(model) = model("the_map_keeps_intents_together") else {
        return;
    };
    let lines = testing::intents::labelled().unwrap();
    let embed = |line: &Labelled| {
        let vector = model.embed(&[&line.text]).unwrap().remove(0);
        Embedding::parse(vector, DIMENSIONS).unwrap()
    };
    let vectors: Vec<_> = lines.iter().map(embed).collect();
    let places = lay_out(&vectors).into_iter();
    let places: Vec<_> = places.map(|place| (place.x, place.y)).collect();
    let map = like_neighbours(&places, &lines);
    let mut random = fastrand::Rng::with_seed(3);
    let mut by_chance = Vec::new();
    for _ in 0..20 {
        let mut direction =
            || -> Vec<f32> { (0..DIMENSIONS).map(|_| random.f32() - 0.5).collect() };
        let (x, y) = (direction(), direction());
        let along = |vector: &Embedding, direction: &[f32]| -> f32 {
            let pairs = vector.as_slice().iter().zip(direction);
            pairs.map(|(a, b)| a * b).sum()
        };
        let places: Vec<_> = vectors
            .iter()
            .map(|one| (along(one, &x), along(one, &y)))
            .collect();
        by_chance.push(like_neighbours(&places, &lines));
    }
    let chance = by_chance.iter().sum::<f64>() / 20.0;
    let best = by_chance.iter().copied().fold(0.0, f64::max);
    println!(
        "of the five nearest are about the same: on the map {map:.3}, in random directions {chance:.3} ({best:.3} at best)"
    );
    assert!(map > best && map > 0.6, "{map} {chance} {best}");
}

/// What breaks the model in one text is no fault of those that are embedded beside it.
#[tokio::test]
async fn a_text_that_breaks_the_model_fails_alone() {
    let Some(folder) = folder("a_text_that_breaks_the_model_fails_alone") else {
        return;
    };
    let embedder = Embedder::Local(Local::load(&folder).unwrap());
    let bad = "This text breaks the model.";
    let mut texts: Vec<String> = (0..16).map(|n| format!("Parcel number {n}.")).collect();
    bad.clone_into(&mut texts[7]);
    fail_point::set(bad, Fate::Unwind);
    let counted: Vec<_> = texts.iter().map(|text| embedder.counted(text)).collect();
    let until = Instant::now() + Duration::from_mins(1);
    let outcomes = embedder.embed(&counted, until).await;
    let failed: Vec<_> = (0..16).filter(|n| outcomes[*n].is_err()).collect();
    assert_eq!(failed, [7]);
    let Err(Failure::Failed(error)) = &outcomes[7] else {
        panic!("refused");
    };
    assert_eq!(error.kind(), Kind::Bug);
    fail_point::clear(bad);
    let again = embedder.embed(&counted, until).await;
    for (first, again) in outcomes
        .iter()
        .zip(&again)
        .filter(|(first, _)| first.is_ok())
    {
        let [first, again] = [first, again].map(|one| one.as_ref().unwrap().as_slice());
        assert!(distance(first, again) < 1e-5);
    }
    assert!(again.iter().all(Result::is_ok));
}

/// A word without end is one unknown token, and blanks are none.
#[test]
fn a_chunk_has_an_end_also_where_the_tokenizer_sees_little() {
    let Some(model) = model("a_chunk_has_an_end") else {
        return;
    };
    let limits = Limits::within(MAX_TOKENS, 400, 40).unwrap();
    for words in [
        "a".repeat(4 << 20),
        format!("a{}b", " ".repeat(1 << 18)),
        "\u{1f9ff}".repeat(1 << 16),
    ] {
        let turns = [Turn {
            label: "Customer".to_owned(),
            words,
        }];
        let chunks = chunk(&turns, limits, &model);
        let longest = chunks.iter().map(|chunk| chunk.text.len()).max().unwrap();
        assert!(longest <= 16 << 10, "{longest}");
        assert!(chunks.iter().all(|chunk| chunk.tokens <= MAX_TOKENS));
    }
}
