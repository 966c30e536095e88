use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::links::{LinkChecker, Settings, Unknown, Verdict};
use crate::net_guard::tests::Names;
use crate::net_guard::tests::server::{Answer, Server, redirect, status};
use crate::net_guard::{Failure, Refusal, Rules};

const FAST: Settings = Settings {
    interval: Duration::ZERO,
    parallel: NonZeroUsize::new(4).unwrap(),
    patience: Duration::from_secs(10),
};

fn checker(port: u16, settings: Settings) -> LinkChecker {
    let rules = Rules {
        ports: vec![port],
        inside: vec![[127, 0, 0, 1].into()],
    };
    let names = Names::new(|name, _| match name {
        "a.example" | "b.example" => &["127.0.0.1"],
        _ => &[],
    });
    LinkChecker::new(rules, Arc::new(names), settings).unwrap()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn link(server: &Server, path: &str) -> Url {
    Url::parse(&format!("http://127.0.0.1:{}/{path}", server.port())).unwrap()
}

/// A path `200-404` answers `HEAD` with the first and `GET` with the second.
fn by_path(line: &str) -> Answer {
    let (method, path) = line.split_once(" /").unwrap_or_default();
    let (head, get) = path.split_once('-').unwrap_or_default();
    let answer = if method == "HEAD" { head } else { get };
    match answer {
        "silent" => Answer::Silence,
        "broken" => Answer::Says("what?\r\n\r\n".to_owned()),
        "slow" => Answer::Says("HTTP/1.1 200 OK\r\nx: ".to_owned() + &"y".repeat(600_000)),
        "endless" => Answer::Says("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nand so on".to_owned()),
        "bomb" => Answer::Says("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 99999999999\r\n\r\n\u{1f}".to_owned()),
        status => self::status(status.parse().unwrap()),
    }
}

#[tokio::test]
async fn head_decides_where_it_can_and_get_where_it_cannot() {
    let unknown = |status| Verdict::Unknown(Unknown::Status(status));
    let failed = |failure| Verdict::Unknown(Unknown::Failure(failure));
    for (path, expected, requests) in [
        ("200-500", Verdict::Fine, 1),
        ("204-500", Verdict::Fine, 1),
        ("405-200", Verdict::Fine, 2),
        ("501-200", Verdict::Fine, 2),
        ("403-200", Verdict::Fine, 2),
        ("404-200", Verdict::Fine, 2),
        ("400-200", Verdict::Fine, 2),
        ("500-200", Verdict::Fine, 2),
        ("broken-200", Verdict::Fine, 2),
        ("405-endless", Verdict::Fine, 2),
        ("405-bomb", Verdict::Fine, 2),
        ("404-404", Verdict::Broken(Some(404)), 2),
        ("405-410", Verdict::Broken(Some(410)), 2),
        ("403-403", unknown(403), 2),
        ("401-401", unknown(401), 2),
        ("405-405", unknown(405), 2),
        ("404-429", unknown(429), 2),
        ("404-500", unknown(500), 2),
        ("429-404", unknown(429), 1),
        ("503-404", unknown(503), 1),
        ("304-304", unknown(304), 2),
        ("silent-404", failed(Failure::TimedOut), 1),
        ("404-silent", failed(Failure::TimedOut), 2),
        ("broken-broken", failed(Failure::Broken), 2),
        ("slow-slow", failed(Failure::Broken), 2),
    ] {
        let server = Server::at("127.0.0.1", by_path).await;
        // Silence takes all the patience there is.
        let mut settings = FAST;
        if path.contains("silent") {
            settings.patience = Duration::from_secs(2);
        }
        let verdict = checker(server.port(), settings)
            .check(&link(&server, path), soon())
            .await;
        assert_eq!(
            (verdict, server.requests().len()),
            (expected, requests),
            "{path}"
        );
    }
}

#[tokio::test]
async fn redirects_are_followed_to_their_end_and_not_inside() {
    let server = Server::at("127.0.0.1", |line| match line {
        "HEAD /moved" => redirect("/here"),
        "HEAD /here" | "GET /nowhere" => status(200),
        "HEAD /away" | "GET /away" => redirect("/gone"),
        "HEAD /login" => redirect("http://10.0.0.1/"),
        "HEAD /nowhere" => status(302),
        "HEAD /loop" => redirect("/loop"),
        _ => status(404),
    })
    .await;
    let checker = checker(server.port(), FAST);
    let refused = |refusal| Verdict::Unknown(Unknown::Failure(Failure::Refused(refusal)));
    for (path, expected) in [
        ("moved", Verdict::Fine),
        ("away", Verdict::Broken(Some(404))),
        ("login", refused(Refusal::Port)),
        ("nowhere", Verdict::Fine),
        ("loop", refused(Refusal::Redirects)),
    ] {
        assert_eq!(
            checker.check(&link(&server, path), soon()).await,
            expected,
            "{path}"
        );
    }
    assert_eq!(
        server.lines()[..5],
        [
            "HEAD /moved",
            "HEAD /here",
            "HEAD /away",
            "HEAD /gone",
            "GET /away"
        ]
    );
}

#[tokio::test]
async fn what_is_not_reached_is_unknown_and_a_name_that_nobody_knows_is_broken() {
    let checker = checker(1, FAST);
    let failed = |failure| Verdict::Unknown(Unknown::Failure(failure));
    for (url, expected) in [
        ("http://127.0.0.1:1/", failed(Failure::NotConnected)),
        ("http://nowhere.example:1/", Verdict::Broken(None)),
        (
            "http://10.0.0.1:1/",
            failed(Failure::Refused(Refusal::Inside)),
        ),
        (
            "http://a.example:2/",
            failed(Failure::Refused(Refusal::Port)),
        ),
        (
            "ftp://a.example:1/",
            failed(Failure::Refused(Refusal::Scheme)),
        ),
    ] {
        assert_eq!(
            checker.check(&Url::parse(url).unwrap(), soon()).await,
            expected,
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_run_that_ends_learns_nothing_and_does_not_wait() {
    let server = Server::at("127.0.0.1", |_| Answer::Silence).await;
    let settings = Settings {
        patience: Duration::from_mins(1),
        ..FAST
    };
    let begun = Instant::now();
    let until = begun + Duration::from_millis(200);
    let verdict = checker(server.port(), settings)
        .check(&link(&server, "x"), until)
        .await;
    assert_eq!(verdict, Verdict::Unknown(Unknown::NoTime));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_host_is_asked_at_its_pace_and_others_need_not_wait() {
    let server = Server::at("127.0.0.1", |_| status(200)).await;
    let settings = Settings {
        interval: Duration::from_millis(500),
        ..FAST
    };
    let checker = Arc::new(checker(server.port(), settings));
    let checks: Vec<_> = (0..8)
        .map(|number| {
            let host = ["a", "b"][number % 2];
            let url =
                Url::parse(&format!("http://{host}.example:{}/{host}", server.port())).unwrap();
            let checker = Arc::clone(&checker);
            tokio::spawn(async move { checker.check(&url, soon()).await })
        })
        .collect();
    let begun = Instant::now();
    for check in checks {
        assert_eq!(check.await.unwrap(), Verdict::Fine);
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    for host in ["HEAD /a", "HEAD /b"] {
        let times: Vec<_> = server
            .requests()
            .into_iter()
            .filter(|(line, _)| line == host)
            .map(|(_, at)| at)
            .collect();
        assert_eq!(times.len(), 4);
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
        let total: Duration = gaps.sum();
        // The first one may come late.
        assert!(total >= Duration::from_millis(700), "{host}: {total:?}");
    }
}

#[tokio::test]
async fn no_more_requests_than_allowed_are_under_way() {
    let server = Server::at("127.0.0.1", |_| Answer::Silence).await;
    let rules = Rules {
        ports: vec![server.port()],
        inside: vec![[127, 0, 0, 1].into()],
    };
    let settings = Settings {
        parallel: NonZeroUsize::new(3).unwrap(),
        patience: Duration::from_mins(1),
        ..FAST
    };
    let anywhere = Arc::new(Names::new(|_, _| &["127.0.0.1"]));
    let checker = Arc::new(LinkChecker::new(rules, anywhere, settings).unwrap());
    let mut checks = tokio::task::JoinSet::new();
    for number in 0..10 {
        let url = format!("http://host{number}.example:{}/", server.port());
        let checker = Arc::clone(&checker);
        checks.spawn(async move { checker.check(&Url::parse(&url).unwrap(), soon()).await });
    }
    while server.requests().len() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A fourth one would come now.
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(server.requests().len(), 3);
}
