//! How right the tags of intents are with the model that is shipped.

use std::path::Path;

use shared::domain::Embedding;
use shared::embedding::local::{DIMENSIONS, MiniLm};
use shared::testing::{self, intents};
use shared::text::intent::Intents;

#[test]
fn prototypes_are_right_more_often_than_words() {
    let Some(folder) = testing::setting("LOCAL_MODEL_DIR") else {
        let what = "LOCAL_MODEL_DIR is not set; `cargo local test` sets it";
        return testing::skip("prototypes_are_right_more_often_than_words", what);
    };
    let model = MiniLm::load(Path::new(&folder)).unwrap();
    let embed =
        |text: &str| Embedding::parse(model.embed(&[text]).unwrap().remove(0), DIMENSIONS).unwrap();
    let (words, prototypes) = intents::measure(&Intents::default(), embed).unwrap();
    assert!(
        prototypes.held_out > words.held_out + 0.1,
        "{prototypes:?} against {words:?}"
    );
    assert!(prototypes.held_out > 0.8, "{prototypes:?}");
}
