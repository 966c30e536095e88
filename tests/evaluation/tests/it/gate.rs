//! What lands must rank well by the questions that nothing is tuned by: both legs together better than each of them alone.

use evaluation::dataset::read_questions;
use evaluation::own;
use evaluation::systems::{System, measure};

use crate::world;

#[tokio::test]
async fn both_legs_together_rank_better_than_each_alone() {
    let Some(library) = world::library("both_legs_together_rank_better_than_each_alone").await
    else {
        return;
    };
    let questions = read_questions(own::GATE).unwrap();
    let report = measure(&library, &questions).await.unwrap();
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
