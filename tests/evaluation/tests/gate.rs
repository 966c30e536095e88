//! What lands must rank well by the questions that nothing is tuned by: both legs together better than each of them alone.

use std::path::Path;

use evaluation::dataset::{read_articles, read_questions};
use evaluation::library::Library;
use evaluation::own;
use evaluation::systems::{System, measure};
use shared::testing::{self, TestDatabase};

#[tokio::test]
async fn both_legs_together_rank_better_than_each_alone() {
    let name = "both_legs_together_rank_better_than_each_alone";
    let Some(model) = testing::setting("LOCAL_MODEL_DIR") else {
        testing::skip(
            name,
            "LOCAL_MODEL_DIR is not set; `cargo local test` sets it",
        );
        return;
    };
    let Some(test) = TestDatabase::create(name).await else {
        return;
    };
    let corpus = read_articles(own::CORPUS).unwrap();
    let questions = read_questions(own::GATE).unwrap();
    let library = Library::load(test.database().unwrap(), Path::new(&model), &corpus, |_| {});
    let report = measure(&library.await.unwrap(), &questions).await.unwrap();
    assert_eq!(
        (report.articles, report.questions, report.without_answer),
        (240, 80, 0)
    );
    let ndcg = |system| report.scores(system).ndcg;
    for leg in [System::Vector, System::Bm25] {
        assert!(ndcg(System::Weighted) > ndcg(leg), "{report}");
        // A leg that finds next to nothing is broken, and no yardstick.
        assert!(ndcg(leg) > 0.5, "{report}");
    }
}
