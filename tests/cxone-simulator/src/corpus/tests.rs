//! What the corpus promises.

use std::{collections::HashSet, time::Instant};

use super::*;
use crate::corpus::theme::THEMES;

/// No article is longer, in any language.
const MOST_BYTES: usize = 40 << 10;

fn contents(articles: &[Article]) -> Vec<&str> {
    let locales = articles.iter().flat_map(|it| it.locales.values());
    locales.map(|it| it.content.as_str()).collect()
}

fn share(articles: &[Article], wanted: impl Fn(&Article) -> bool) -> usize {
    articles.iter().filter(|it| wanted(it)).count() * 100 / articles.len()
}

/// How many texts of a hundred hold one of these.
fn holding(articles: &[Article], marks: &[&str]) -> usize {
    let contents = contents(articles);
    let found = contents
        .iter()
        .filter(|html| marks.iter().any(|mark| html.contains(mark)));
    found.count() * 100 / contents.len()
}

#[test]
fn a_corpus_follows_from_its_seed_and_a_smaller_one_is_its_start() {
    let all = corpus(1, 60);
    assert_eq!(all[..40], corpus(1, 40));
    let other = corpus(2, 60);
    let [ours, theirs] = [1, 2].map(|seed| Theme::of(seed, 0).title(Language::English));
    assert_ne!(ours, theirs);
    let uuids: HashSet<_> = all.iter().chain(&other).map(|it| &it.uuid).collect();
    assert_eq!(uuids.len(), 120);
    assert!(
        contents(&all)
            .iter()
            .all(|html| !contents(&other).contains(html))
    );
}

#[test]
fn articles_differ_in_title_and_text() {
    let articles = corpus(3, 3_000);
    for language in ["en-US", "de-DE"] {
        let locales: Vec<_> = articles
            .iter()
            .filter_map(|it| it.locales.get(language))
            .collect();
        let titles: HashSet<_> = locales.iter().map(|it| &it.title).collect();
        let texts: HashSet<_> = locales.iter().map(|it| &it.content).collect();
        assert_eq!((titles.len(), texts.len()), (locales.len(), locales.len()));
    }
}

#[test]
fn an_article_does_not_repeat_itself() {
    for html in contents(&corpus(10, 1_000)) {
        let paragraphs: Vec<_> = html
            .lines()
            .filter(|line| {
                let questions = ["<h2>Frequent", "<h2>Häufige"];
                line.starts_with("<p>") && line.len() > 60
                    || questions.iter().any(|start| line.starts_with(start))
            })
            .collect();
        let different: HashSet<_> = paragraphs.iter().collect();
        assert_eq!(different.len(), paragraphs.len(), "{html}");
    }
}

#[test]
fn every_theme_comes_once_before_one_comes_again() {
    let titles = (0..THEMES).map(|nth| Theme::of(9, nth).title(Language::German));
    let different: HashSet<_> = titles.collect();
    assert_eq!(different.len(), 23_040);
}

#[test]
fn no_name_in_braces_is_left_and_none_is_misspelled() {
    let names = [
        "product", "days", "hours", "minutes", "percent", "amount", "version", "code",
    ];
    let texts = TOPICS.iter().flat_map(|topic| {
        let subjects = topic.subjects.iter().flat_map(|it| {
            let one = [it.title, it.symptom, it.remedy];
            it.facts.into_iter().chain(it.steps).chain(one)
        });
        subjects.chain(topic.remarks)
    });
    for [english, german] in texts {
        let used = |text: &'static str| -> HashSet<&str> {
            text.split('{')
                .skip(1)
                .filter_map(|it| it.split('}').next())
                .collect()
        };
        assert_eq!(used(english), used(german), "{english}");
        assert!(
            used(english).iter().all(|it| names.contains(it)),
            "{english}"
        );
    }
    let left = names.map(|name| format!("{{{name}}}"));
    let left: Vec<_> = left.iter().map(String::as_str).chain(["{text}"]).collect();
    let articles = corpus(4, 300);
    for html in contents(&articles) {
        assert!(left.iter().all(|name| !html.contains(name)), "{html}");
    }
}

#[test]
fn sizes_reach_from_a_note_to_a_handbook() {
    let articles = corpus(5, 300);
    let mut sizes: Vec<_> = contents(&articles).iter().map(|it| it.len()).collect();
    sizes.sort_unstable();
    let (least, most) = (sizes[0], sizes[sizes.len() - 1]);
    assert!((300..500).contains(&least), "{least}");
    assert!((25_000..=MOST_BYTES).contains(&most), "{most}");
    let middle = sizes[sizes.len() / 2];
    assert!((1_500..4_000).contains(&middle), "{middle}");
    let largest = corpus(6, 3_000);
    let largest = contents(&largest).into_iter().map(str::len).max();
    assert!(
        (35_000..=MOST_BYTES).contains(&largest.unwrap()),
        "{largest:?}"
    );
}

#[test]
fn every_kind_of_article_is_there() {
    let articles = corpus(7, 300);
    let lacking = |tag: &'static str| share(&articles, |it| !it.locales.contains_key(tag));
    assert!((8..17).contains(&lacking("de-DE")) && (4..13).contains(&lacking("en-US")));
    for (status, least, most) in [
        (Status::Published, 80, 95),
        (Status::Draft, 3, 12),
        (Status::Archived, 2, 10),
    ] {
        let share = share(&articles, |it| it.status == status);
        assert!((least..most).contains(&share), "{share} percent {status:?}");
    }
    for territory in TERRITORIES {
        assert!(
            share(&articles, |it| it.territory == territory) >= 8,
            "{territory}"
        );
    }
    assert!(categories().len() >= 12);
    for (uuid, name) in categories() {
        assert!(
            share(&articles, |it| it.category_uuid == uuid) >= 5,
            "{name}"
        );
    }
    let dates: HashSet<_> = articles.iter().map(|it| it.modified_date).collect();
    assert!((200..290).contains(&dates.len()), "{} dates", dates.len());
}

#[test]
fn html_is_as_varied_as_authors_are() {
    let articles = corpus(8, 300);
    for (what, least, marks) in [
        ("lists in lists", 20, &["\n    <ul>\n"][..]),
        ("tables", 20, &["<table"]),
        ("code", 15, &["<pre>"]),
        ("relative links", 15, &["href=\"/kb/", "href=\"../"]),
        ("absolute links", 15, &["href=\"https://"]),
        ("pictures", 10, &["<figure>"]),
        (
            "broken HTML",
            4,
            &[
                "</b></i>",
                "</div></td>",
                "<ul><li>",
                "<a href=\"/kb/start>",
                "</h5>",
            ],
        ),
        ("scripts and styles", 2, &["<script", "<style"]),
        ("active content", 2, &["onload=", "onclick=", "javascript:"]),
        ("tracking", 5, &["metrics.example.net"]),
        ("pasted", 3, &["MsoNormal", "&#8211;", "&#x200B;"]),
        ("entities", 8, &["&uuml;", "&#36;"]),
    ] {
        let share = holding(&articles, marks);
        assert!((least..90).contains(&share), "{what}: {share} percent");
    }
}

#[test]
fn the_corpus_of_a_bench_is_made_quickly() {
    let start = Instant::now();
    let articles = corpus(0, 2_000);
    let taken = start.elapsed();
    let bytes: usize = contents(&articles).iter().map(|it| it.len()).sum();
    // A tenth of a bench. A debug build takes ten times as long as a release build, and a busy machine as long again.
    assert!(taken.as_secs() < 60, "{taken:?} for {bytes} bytes");
}
