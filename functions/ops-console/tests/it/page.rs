//! The page in Chromium: its figures are those of the tables they come from, and everybody can read it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use shared::testing;

use crate::browser::Browser;
use crate::world::{World, events, link};

type Tables = BTreeMap<String, Vec<Vec<String>>>;

const TABLES: &str = "return Object.fromEntries([...document.querySelectorAll('table')].map(table => [table.caption.textContent,
    [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))]))";

const VIOLATIONS: &str = "const tell = arguments[0]; axe.run({ resultTypes: ['violations'] }).then(found => tell(found.violations.map(one =>
    [one.id, one.nodes.map(node => node.target.join(' ') + ': ' + node.failureSummary)])))";

/// Conversations of eight intents on the map, each intent about a place of its own.
const MAP: &str = "INSERT INTO conversation_map (event_id, model_id, intent, x, y)
    SELECT id, (SELECT id FROM embedding_models WHERE active), CASE intent WHEN 7 THEN NULL ELSE 'intent_' || intent END,
        0.7 * cos(intent * 0.8) + 0.2 * sin(id * 7.0) * cos(id), 0.5 * sin(intent * 0.8) + 0.2 * sin(id * 3.0)
    FROM conversation_events, LATERAL (SELECT 7 - floor(sqrt(id % 64))::int AS intent) i WHERE id <= 1500";

/// Tables of the page: the name and the figure of a row, and where they come from.
const FIGURES: [(&str, usize, usize, &str); 8] = [
    ("Minutes with events (UTC)", 0, 1, "SELECT to_char(date_trunc('minute', stored_at) AT TIME ZONE 'UTC', 'HH24:MI'), count(*)::text
        FROM conversation_events, (SELECT date_trunc('minute', rolled_until) AS until FROM console_progress) p
        WHERE stored_at >= until - interval '1 hour' AND stored_at < until GROUP BY 1"),
    ("Hours with batches (UTC)", 0, 3, "SELECT to_char(date_trunc('hour', at, 'UTC') AT TIME ZONE 'UTC', 'HH24:MI'), sum(texts)::text
        FROM embedding_batches WHERE at < (SELECT rolled_until FROM console_progress)
            AND at >= date_trunc('hour', now(), 'UTC') - interval '23 hours' GROUP BY 1"),
    ("Cards by place", 0, 1, "SELECT position::text, count(*)::text FROM assist_impressions WHERE source = 'card'
        AND shown_at >= date_trunc('hour', now(), 'UTC') - interval '23 hours' GROUP BY 1"),
    ("Ordered snippets by place", 0, 2, "SELECT position::text, count(*) FILTER (WHERE EXISTS (SELECT FROM assist_clicks c
            WHERE c.session_id = i.session_id AND c.snippet_id = i.snippet_id AND c.position = i.position AND action <> 'dismiss'))::text
        FROM assist_impressions i WHERE source = 'ranking' AND state <> 'pending'
        AND shown_at >= date_trunc('hour', now(), 'UTC') - interval '23 hours' GROUP BY position"),
    ("Parts of transcripts by state", 0, 1, "SELECT name, (SELECT count(*) FROM transcripts t WHERE t.state = s.state)::text
        FROM (VALUES ('pending', 'waiting'), ('sending', 'being sent'), ('injected', 'in CXone'), ('refused', 'refused'),
            ('dead', 'given up'), ('outcome_unknown', 'outcome unknown')) AS s (state, name)"),
    ("Conversations on the map by intent", 0, 1, "SELECT coalesce(replace(intent, '_', ' '), 'no intent'), count(*)::text
        FROM conversation_map GROUP BY 1"),
    ("The queues now", 0, 1, "SELECT 'conversations', '3'"),
    ("The queues now", 0, 2, "SELECT 'conversations', '1'"),
];

const PROBLEMS: [&str; 8] = [
    "Dead letters of the queue conversations: 1",
    "Failed runs of the knowledge sync: 1",
    "Articles that contradict CXone's: 1",
    "Broken links in articles: 4",
    "Parts of transcripts that CXone refused: 3",
    "Parts of transcripts that were given up: 1",
    "Orders of snippets that CXone refused: 2",
    "Texts that the model never takes: 3",
];

/// A busy day, counted.
async fn fill(world: &World) {
    for sql in [include_str!("seed.sql"), &events(3_000, 11.0), MAP] {
        world.rows.batch_execute(sql).await.unwrap();
    }
    world.roll_up().await;
}

/// Serves the page as the gateway does; gives the address of its host.
async fn serve(world: Arc<World>) -> String {
    let answer = move |uri: Uri, headers: HeaderMap| {
        let world = Arc::clone(&world);
        async move {
            let accept = headers["accept"].to_str().unwrap();
            let (path, headers) = (uri.to_string(), [("accept", accept)]);
            let response = world.ask("GET", &path, &headers).await;
            let pair = |(name, value): (&&'static str, &String)| {
                let name = axum::http::HeaderName::from_static(name);
                (name, value.parse().unwrap())
            };
            let headers: HeaderMap = response.headers.iter().map(pair).collect();
            let status = axum::http::StatusCode::from_u16(response.status_code).unwrap();
            (status, headers, response.body).into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_are_those_of_the_tables_they_come_from() {
    let test = "the_figures_are_those_of_the_tables";
    let Some(world) = World::start(test).await else {
        return;
    };
    let Some(browser) = Browser::start(test).await else {
        return;
    };
    fill(&world).await;
    let world = Arc::new(world);
    let host = serve(Arc::clone(&world)).await;
    // The page and the statements each ask what hour it is.
    let hour = "SELECT 'hour', date_trunc('hour', now())::text";
    let (tables, stored) = loop {
        let before = world.pairs(hour).await;
        browser.open(&format!("{host}{}", link(600))).await;
        let tables: Tables = serde_json::from_value(browser.run(TABLES).await).unwrap();
        let mut stored = Vec::new();
        for (_, _, _, sql) in FIGURES {
            stored.push(world.pairs(sql).await);
        }
        if world.pairs(hour).await == before {
            break (tables, stored);
        }
    };
    for ((caption, name, figure, _), mut stored) in FIGURES.into_iter().zip(stored) {
        let rows = tables.get(caption);
        let rows = rows.unwrap_or_else(|| panic!("{caption}: {tables:?}"));
        let pair = |row: &Vec<String>| (row[name].clone(), row[figure].replace(',', ""));
        let mut shown: Vec<_> = rows.iter().map(pair).collect();
        shown.sort();
        stored.sort();
        assert_eq!(shown, stored, "{caption}");
        assert!(!shown.is_empty(), "{caption}");
    }
    let problems = tables["Failures by kind, and what to do"].iter();
    let problems: Vec<_> = problems.map(|row| row[0].as_str()).collect();
    for problem in PROBLEMS {
        assert!(problems.contains(&problem), "{problem}: {problems:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_read_it_by_day_and_by_night_on_a_phone_and_on_a_desk() {
    let test = "everybody_can_read_it";
    let Some(world) = World::start(test).await else {
        return;
    };
    let Some(wheels) = testing::setting("PYTHON_WHEELS") else {
        return testing::skip(test, "PYTHON_WHEELS is not set; `cargo local test` sets it");
    };
    let Some(browser) = Browser::start(test).await else {
        return;
    };
    let axe = Path::new(&wheels).join("axe_playwright_python/axe.min.js");
    let axe = std::fs::read_to_string(axe).unwrap();
    let world = Arc::new(world);
    let host = serve(Arc::clone(&world)).await;
    for (state, seconds) in [("refused", -1), ("empty", 600), ("full", 600)] {
        if state == "full" {
            fill(&world).await;
        }
        for (width, scheme) in [
            (1_280, "light"),
            (1_280, "dark"),
            (360, "light"),
            (360, "dark"),
        ] {
            browser.look(width, scheme).await;
            browser.open(&format!("{host}{}", link(seconds))).await;
            check(&browser, &axe, width, &format!("{state}-{width}-{scheme}")).await;
        }
    }
}

/// What is open is no wider than the window, and axe has nothing against it.
async fn check(browser: &Browser, axe: &str, width: u32, looks: &str) {
    keep(looks, &browser.picture().await);
    let open = "document.querySelectorAll('details').forEach(one => one.open = true)";
    browser.run(open).await;
    let wide = browser.run("return document.documentElement.scrollWidth");
    let wide = wide.await.as_u64().unwrap();
    assert!(wide <= u64::from(width), "{looks} scrolls: {wide}");
    browser.run(axe).await;
    let violations = browser.run_until_told(VIOLATIONS).await;
    let violations: Vec<Value> = serde_json::from_value(violations).unwrap();
    assert!(violations.is_empty(), "{looks}: {violations:#?}");
}

/// The pictures, for people, where `CONSOLE_PICTURES` names a folder.
fn keep(name: &str, picture: &str) {
    if let Some(folder) = testing::setting("CONSOLE_PICTURES") {
        let path = Path::new(&folder).join(format!("{name}.png"));
        std::fs::write(path, STANDARD.decode(picture).unwrap()).unwrap();
    }
}
