//! The page as a text: what it must have, whatever happened.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shared::db::console::{
    ConversationMap, Count, Dot, EmbeddingHour, Failures, History, Hour, Knowledge, Minute,
    Position, QueueMinute, Run, Waiting,
};
use shared::domain::Place;

use super::*;
use crate::prices::Prices;

const NOW: &str = "2026-01-15T14:32:10Z";

/// Nothing was ever stored or counted.
fn nothing() -> Facts {
    Facts {
        now: NOW.parse().unwrap(),
        is_deployed: true,
        first_hour: "2026-01-14T15:00:00Z".parse().unwrap(),
        history: History {
            counted_until: None,
            minutes: Vec::new(),
            hours: Vec::new(),
            embeddings: Vec::new(),
            queues: Vec::new(),
            positions: Vec::new(),
            orders: Vec::new(),
        },
        map: ConversationMap::default(),
        waiting: Vec::new(),
        transcripts: Vec::new(),
        knowledge: Knowledge {
            fresh_until: None,
            live: 0,
            left_out: 0,
            conflicts: 0,
            broken_links: 0,
            runs: Vec::new(),
        },
        failures: Failures::default(),
        prices: Prices::default(),
    }
}

/// A day on which everything happened.
fn day() -> Facts {
    let mut facts = nothing();
    let now = facts.now;
    let back = |seconds| now - SignedDuration::from_secs(seconds);
    facts.history.counted_until = Some(back(8));
    let minute = |n: i64| Minute {
        at: crate::words::minute_of(back(60 * n)),
        events: 40 + (n * 37) % 90,
        longest_wait_s: 4.5,
    };
    facts.history.minutes = (1..=60).map(minute).collect();
    facts.history.hours = vec![Hour {
        at: facts.first_hour,
        events: 81_234,
        longest_wait_s: 9.0,
    }];
    let hour = |at: Timestamp| EmbeddingHour {
        at,
        model: "text-embedding-3-small".to_owned(),
        batches: 120,
        texts: 12_000,
        refused: 1,
        failed: 0,
        tokens: 2_400_000,
        p50_ms: 240.0,
        p95_ms: 610.0,
    };
    facts.history.embeddings = facts.hours().into_iter().skip(4).map(hour).collect();
    let queue = |n: i64| QueueMinute {
        at: back(60 * n + 10),
        queue: "conversations".to_owned(),
        waiting: (n * 53) % 400,
        dead: i64::from(n < 20) * 2,
    };
    facts.history.queues = (0..60).rev().map(queue).collect();
    let place = |source: &str, position: i16| Position {
        source: source.to_owned(),
        position,
        shown: 900 / i64::from(position),
        used: 310 / i64::from(position * position),
    };
    facts.history.positions = vec![
        place("card", 1),
        place("card", 2),
        place("ranking", 1),
        place("ranking", 2),
        place("ranking", 3),
    ];
    let dot = |n: u8| Dot {
        intent: (!n.is_multiple_of(4)).then(|| format!("intent_{}", n % 4)),
        place: Place {
            x: f32::from(n) / 40.0 - 1.0,
            y: f32::from(n % 7) / 10.0,
        },
    };
    facts.map = ConversationMap {
        drawn_at: Some(back(100)),
        dots: (0..80).map(dot).collect(),
    };
    facts.waiting = vec![Waiting {
        what: "transcripts".to_owned(),
        count: 12,
        oldest: Some(back(90)),
    }];
    facts.transcripts = vec![Count {
        state: "injected".to_owned(),
        count: 1_204,
    }];
    facts.knowledge.fresh_until = Some(back(300));
    facts.knowledge.runs = vec![Run {
        kind: "incremental".to_owned(),
        state: "done".to_owned(),
        requested_at: back(300),
        seconds: Some(3.2),
        added: 2,
        changed: 5,
        removed: 0,
        failed: 0,
    }];
    facts
}

/// What stands behind `before`, up to the next `after`, each time.
fn all<'a>(html: &'a str, before: &str, after: char) -> Vec<&'a str> {
    let pieces = html.split(before).skip(1);
    pieces
        .filter_map(|piece| piece.split(after).next())
        .collect()
}

#[test]
fn every_picture_is_named_and_has_its_table() {
    let html = render(&day());
    let pictures = html.matches("<svg role=\"img\" aria-labelledby=").count();
    assert_eq!(pictures, html.matches("<svg").count());
    assert_eq!(pictures, 7);
    assert_eq!(html.matches("<details>").count(), pictures);
    assert_eq!(
        html.matches("<caption>").count(),
        html.matches("<table").count()
    );
    let ids = all(&html, " id=\"", '"');
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
    for named in all(&html, "aria-labelledby=\"", '"')
        .iter()
        .flat_map(|names| names.split(' '))
    {
        assert!(distinct.contains(&named), "{named}");
    }
}

#[test]
fn an_empty_page_explains_itself_and_says_what_to_do() {
    let html = render(&nothing());
    for text in [
        "Nothing was counted yet",
        "No event was stored in the last hour",
        "The queues were not looked at",
        "No text was embedded",
        "No conversation is on the map",
        "No card was shown",
        "No transcript waits",
        "No run of the sync yet",
        "This page was never counted",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("<svg"));
}

#[test]
fn old_figures_are_told_to_be_old() {
    let mut facts = day();
    let old = "The figures of this page end";
    assert!(!render(&facts).contains(old));
    facts.now += SignedDuration::from_mins(25);
    let html = render(&facts);
    assert!(html.contains(old) && html.contains("The queues were not looked at"));
}

#[test]
fn what_somebody_else_wrote_is_text() {
    let mut facts = day();
    facts.failures.injection_trouble = Some("<b>scope</b> & more".to_owned());
    let html = render(&facts);
    assert!(html.contains("&lt;b&gt;scope&lt;/b&gt; &amp; more"));
}

#[test]
fn a_model_without_a_price_is_named() {
    let mut facts = day();
    facts.history.embeddings[0].model = "own-model".to_owned();
    let html = render(&facts);
    assert!(html.contains("own-model, for which EMBEDDING_PRICES names no price"));
}

/// What the page says to do about dead letters of this queue.
fn about_dead_letters(queue: &str, is_deployed: bool) -> String {
    let mut facts = day();
    facts.is_deployed = is_deployed;
    for minute in &mut facts.history.queues {
        (minute.queue, minute.dead) = (queue.to_owned(), 2);
    }
    let html = render(&facts);
    let what = format!("Dead letters of the queue {queue}: 2</th>");
    let (_, behind) = html.split_once(&what).unwrap();
    let (row, _) = behind.split_once("</tr>").unwrap();
    row.to_owned()
}

#[test]
fn dead_letters_are_retried_or_purged_as_the_run_book_says() {
    for (queue, is_retried) in [
        ("conversations", true),
        ("segments", false),
        ("knowledge", false),
        ("interactions", false),
    ] {
        for (is_deployed, place) in [(true, " --aws"), (false, "")] {
            let row = about_dead_letters(queue, is_deployed);
            let show = format!("<code>cargo local dlq show {queue}{place}</code>");
            assert!(row.contains(&show), "{row}");
            let retry = format!("<code>cargo local dlq retry {queue}{place}</code>");
            assert_eq!(row.contains(&retry), is_retried, "{row}");
            assert_eq!(row.contains("purge them"), !is_retried, "{row}");
        }
    }
}

#[test]
fn whoever_reads_of_a_deployment_is_sent_to_nothing_local() {
    let mut facts = day();
    facts.failures.failed_runs = 1;
    let html = render(&facts);
    assert!(html.contains("GET /knowledge/runs/{id}") && !html.contains("cargo local knowledge"));
    facts.is_deployed = false;
    assert!(render(&facts).contains("<code>cargo local knowledge</code>"));
}

#[test]
fn parts_of_transcripts_are_called_so() {
    let mut facts = day();
    for state in ["refused", "dead", "outcome_unknown"] {
        let (state, count) = (state.to_owned(), 2);
        facts.transcripts.push(Count { state, count });
    }
    let html = render(&facts);
    let counted = html.matches("Parts of transcripts").count();
    assert!(counted >= 6, "{counted}");
    for wrong in [
        ">Transcripts that",
        ">Transcripts of which",
        ">Transcripts by state",
    ] {
        assert!(!html.contains(wrong), "{wrong}");
    }
}
