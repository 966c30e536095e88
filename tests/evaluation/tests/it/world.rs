//! The library of this repository's articles, made anew for a test.

use std::path::Path;

use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use shared::testing::{self, TestDatabase};

/// The library, and the database that it is gone with; none where no database or model is given.
pub(crate) async fn library(test: &str) -> Option<(TestDatabase, Library)> {
    let Some(model) = testing::setting("LOCAL_MODEL_DIR") else {
        let why = "LOCAL_MODEL_DIR is not set; `cargo local test` sets it";
        testing::skip(test, why);
        return None;
    };
    let database = TestDatabase::create(test).await?;
    let corpus = read_articles(own::CORPUS).unwrap();
    let pool = database.database().unwrap();
    let library = Library::load(pool, Path::new(&model), &corpus, |_| {});
    Some((database, library.await.unwrap()))
}
