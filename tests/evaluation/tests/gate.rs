//! What lands must rank well by the questions that nothing is tuned by: both legs together better than each of them alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use shared::embedding::{Embedder, Local};
use shared::testing::{self, TestDatabase};

#[tokio::test(flavor = "multi_thread")]
async fn both_legs_together_rank_better_than_each_alone() {
    let name = "both_legs_together_rank_better_than_each_alone";
    let Some(folder) = testing::setting("LOCAL_MODEL_DIR") else {
        testing::skip(name, "LOCAL_MODEL_DIR is not set; `cargo local test` sets it");
        return;
    };
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let embedder = Embedder::Local(Local::load(Path::new(&folder)).unwrap());
    let corpus = read_articles(own::CORPUS).unwrap();
    let since = std::time::Instant::now();
    let library = Library::load(test.database().unwrap(), embedder, &corpus, |done| println!("{done:?} {:?}", since.elapsed()));
    let library = library.await.unwrap();
    assert_eq!(library.articles, corpus.len());
}
