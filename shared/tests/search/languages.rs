//! Of the languages of an article, the best that it has is found.

use std::collections::BTreeSet;

use serde_json::json;
use shared::domain::Locale;

use crate::articles::{Stage, vector};
use crate::stage::{Sample, knowledge, names, store};

fn sample(id: &str, languages: &[&'static str]) -> Sample {
    let text = |locale: &str| format!("tasse {id} {locale}");
    let document = |locale: &&'static str| (*locale, vec![text(locale)]);
    Sample {
        documents: languages.iter().map(document).collect(),
        ..Sample::new(id, &[])
    }
}

/// What is asked for; each article with the languages that it may be found in; the languages that were used.
type Chain = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const CHAINS: [Chain; 4] = [
    (
        "fr-CA",
        &[("all", "fr-CA"), ("english", "en-GB"), ("french", "fr-FR")],
        "fr-CA fr-FR en-GB",
    ),
    (
        "fr",
        &[
            ("all", "fr-CA fr-FR"),
            ("english", "en-GB"),
            ("french", "fr-FR"),
        ],
        "fr-CA fr-FR en-GB",
    ),
    (
        "de-AT",
        &[
            ("all", "en-US"),
            ("english", "de-DE"),
            ("french", "de-DE"),
            ("german", "de-DE"),
        ],
        "de-DE en-US",
    ),
    (
        "ja",
        &[("all", "en-US"), ("english", "en-GB"), ("french", "en-US")],
        "en-GB en-US",
    ),
];

#[tokio::test]
async fn each_article_falls_back_by_itself() {
    let Some(stage) = Stage::set("each_article_falls_back").await else {
        return;
    };
    let samples = [
        sample("all", &["fr-CA", "fr-FR", "en-US"]),
        sample("french", &["fr-FR", "en-US", "de-DE"]),
        sample("english", &["en-GB", "de-DE"]),
        sample("german", &["de-DE"]),
        sample("frisian", &["frr"]),
    ];
    store(&stage.worker().await, stage.model, &samples).await;
    let question = vector("tasse");
    for (language, expected, used) in CHAINS {
        let body =
            json!({ "query": "tasse", "language": language, "limit": 50, "collapse": false });
        let answer = knowledge(&stage.database, &body, Some(&question)).await;
        let answer = answer.unwrap();
        let articles: BTreeSet<_> = expected.iter().map(|(id, _)| *id).collect();
        assert_eq!(
            names(&answer).into_iter().collect::<BTreeSet<_>>(),
            articles
        );
        for one in &answer.results {
            let may = |(id, languages): &&(&str, &str)| {
                *id == one.article_id.as_str() && languages.contains(one.language.as_str())
            };
            assert!(expected.iter().any(|one| may(&one)), "{language}: {one:?}");
        }
        let languages: Vec<_> = answer.languages_used.iter().map(Locale::as_str).collect();
        assert_eq!(languages.join(" "), used, "{language}");
    }
    let all = knowledge(
        &stage.database,
        &json!({ "query": "tasse" }),
        Some(&question),
    )
    .await;
    let all = all.unwrap();
    assert_eq!(
        names(&all).len(),
        5,
        "without a language every one is searched"
    );
    assert!(all.languages_used.is_empty());
}

#[tokio::test]
async fn words_alone_are_read_as_the_language_of_the_text_reads_them() {
    let Some(stage) = Stage::set("words_alone").await else {
        return;
    };
    // These builders count all words as English.
    let samples = [sample("one", &["en-US"]), sample("two", &["en-GB"])];
    store(&stage.worker().await, stage.model, &samples).await;
    for (query, language, count) in [
        ("tasses", "en-GB", 2),
        ("tasses", "ja", 2),
        ("tasse", "fr", 2),
        ("kop", "en", 0),
    ] {
        let body = json!({ "query": query, "language": language, "collapse": false });
        let answer = knowledge(&stage.database, &body, None).await.unwrap();
        assert_eq!(answer.results.len(), count, "{query} {language}");
        assert!(answer.vector_unavailable);
    }
}
