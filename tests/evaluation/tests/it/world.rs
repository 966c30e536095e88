//! The library of this repository's articles, made once for all tests here: they only read it.

use std::path::{Path, PathBuf};

use evaluation::Outcome;
use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use shared::embedding::{Embedder, Local};
use shared::testing::{self, TestDatabase};
use tokio::sync::OnceCell;

/// What the first test that asks has made: a minute's work. It stands as long as the server of the tests.
static MADE: OnceCell<Made> = OnceCell::const_new();

struct Made {
    database: TestDatabase,
    articles: usize,
    passages: usize,
}

/// The library; none where no database or model is given.
pub(crate) async fn library(test: &str) -> Option<Library> {
    let Some(model) = testing::setting("LOCAL_MODEL_DIR").map(PathBuf::from) else {
        let why = "LOCAL_MODEL_DIR is not set; `cargo local test` sets it";
        testing::skip(test, why);
        return None;
    };
    let once = MADE.get_or_try_init(|| async {
        let database = TestDatabase::create(test).await.ok_or(())?;
        Ok::<_, ()>(make(database, &model).await.unwrap())
    });
    let made = once.await.ok()?;
    Some(Library {
        // Each test has connections of its own: they end with it.
        database: made.database.database()?,
        embedder: Embedder::Local(Local::load(&model).unwrap()),
        articles: made.articles,
        passages: made.passages,
    })
}

async fn make(database: TestDatabase, model: &Path) -> Outcome<Made> {
    let corpus = read_articles(own::CORPUS)?;
    let pool = database.database().ok_or("no access")?;
    let library = Library::load(pool, model, &corpus, |_| {}).await?;
    Ok(Made {
        articles: library.articles,
        passages: library.passages,
        database,
    })
}
