//! Of the languages of an article, the best that it has is found.

use serde_json::json;

use crate::articles::{Stage, vector};
use crate::stage::{Sample, knowledge, names, store};

fn sample(id: &str, documents: &[(&'static str, &str)]) -> Sample {
    let document = |(locale, text): &(&'static str, &str)| (*locale, vec![(*text).to_owned()]);
    Sample {
        documents: documents.iter().map(document).collect(),
        ..Sample::new(id, &[])
    }
}

#[tokio::test]
async fn each_article_falls_back_by_itself() {
    let Some(stage) = Stage::set("each_article_falls_back").await else {
        return;
    };
    let samples = [
        sample(
            "all",
            &[
                ("fr-CA", "tasse québécoise"),
                ("fr-FR", "tasse française"),
                ("en-US", "tasse cup"),
            ],
        ),
        sample(
            "french",
            &[
                ("fr-FR", "tasse bleue"),
                ("en-US", "tasse blue cup"),
                ("de-DE", "tasse blau"),
            ],
        ),
        sample(
            "english",
            &[("en-GB", "tasse mug"), ("de-DE", "tasse becher")],
        ),
        sample("german", &[("de-DE", "tasse kaffee")]),
        sample("frisian", &[("frr", "tasse kop")]),
    ];
    store(&stage.worker().await, stage.model, &samples).await;
    let question = vector("tasse");
    for (language, expected, used) in [
        (
            "fr-CA",
            &[("all", "fr-CA"), ("english", "en-GB"), ("french", "fr-FR")][..],
            "fr-CA fr-FR en-GB",
        ),
        (
            "fr",
            &[
                ("all", "fr-CA"),
                ("all", "fr-FR"),
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
    ] {
        for vector in [Some(&question), None] {
            let body =
                json!({ "query": "tasse", "language": language, "limit": 50, "collapse": false });
            let answer = knowledge(&stage.database, &body, vector).await.unwrap();
            let mut found: Vec<_> = answer
                .results
                .iter()
                .map(|one| (one.article_id.as_str(), one.language.as_str()))
                .collect();
            found.sort_unstable();
            let languages: Vec<_> = answer
                .languages_used
                .iter()
                .map(|one| one.as_str())
                .collect();
            let expected: Vec<_> = expected.to_vec();
            // An article stands there once, with the best passage of all its languages that serve alike.
            let once: Vec<_> = expected
                .iter()
                .filter(|(id, _)| expected.iter().filter(|(other, _)| other == id).count() == 1)
                .collect();
            for one in once {
                assert!(found.contains(one), "{language} {one:?} {found:?}");
            }
            let ids = |all: &[(&str, &str)]| {
                all.iter()
                    .map(|(id, _)| (*id).to_owned())
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(ids(&found), ids(&expected), "{language}");
            assert!(
                found.iter().all(|one| expected.contains(one)),
                "{language} {found:?}"
            );
            assert_eq!(languages.join(" "), used, "{language}");
            assert_eq!(answer.vector_unavailable, vector.is_none());
        }
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
